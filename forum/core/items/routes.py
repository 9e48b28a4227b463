"""Pages of the spine: any item for ever, and what became of what a guest sent."""

from typing import Any

from flask import Blueprint, Response, redirect, request

from forum.core.items.queries import item_by
from forum.core.items.receipts import Awaited, find_by_receipt
from forum.kernel import feature, ids, web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import NotFound
from forum.kernel.i18n import T

pages = Blueprint("items", __name__)


@pages.get("/i/<public_id>")
def item(public_id: str) -> Any:
    """Goes to the page that shows an item."""
    with reading() as tx:
        found = item_by(tx, public_id)
        path = feature.item_kind(found.kind).path(tx, found.id)
    return redirect(path, 302)


@pages.get("/r")
def receipts() -> Response:
    """Where a receipt code is typed in."""
    return web.page("items/receipts.html", typed="", error=None)


@pages.post("/r")
def look_up() -> Response:
    """Takes a typed code; wrong ones are all answered alike."""
    web.check_form(request)
    typed = request.form.get("code", "")[:40]
    if not typed.strip():
        return web.page("items/receipts.html", 422, typed="", error=T("พิมพ์รหัสใบรับก่อน"))
    try:
        with reading() as tx:
            find_by_receipt(tx, typed)
    except Awaited:
        pass
    except NotFound:
        error = T("ไม่พบรหัสนี้ ลองดูอีกครั้งว่าตรงกับที่จดไว้ รหัสมี 8 ตัว เช่น สล-4821-77KD")
        return web.page("items/receipts.html", 422, typed=typed, error=error)
    symbols = ids.read_receipt(typed) or ""
    return web.see_other(f"/r/{symbols}")


@pages.get("/r/<code>")
def receipt(code: str) -> Response:
    """What became of what a guest sent."""
    with reading() as tx:
        try:
            found = find_by_receipt(tx, code)
            tell = feature.item_kind(found.kind).receipt
            assert tell is not None
            template, context = tell(tx, found.id)
        except Awaited as waiting:
            template, context = waiting.template, waiting.context
    return web.page(template, code=ids.receipt_text(ids.read_receipt(code) or ""), **context)


@pages.post("/r/<code>/withdraw")
def withdraw(code: str) -> Response:
    """A guest takes back what they sent."""
    web.check_form(request)
    with transaction() as tx:
        found = find_by_receipt(tx, code)
        take_back = feature.item_kind(found.kind).withdraw
        assert take_back is not None
        take_back(tx, web.actor(), found.id, True)
    return web.note(web.see_other(f"/r/{ids.read_receipt(code)}"), "withdrawn")
