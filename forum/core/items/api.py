"""The spine for programs."""

from typing import Any

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from forum.core.items.models import Item
from forum.core.items.queries import item_by
from forum.core.items.receipts import find_by_receipt
from forum.kernel import api, feature
from forum.kernel.api import describe
from forum.kernel.db import reading
from forum.kernel.errors import Gone
from forum.kernel.i18n import T

endpoints = Blueprint("items_api", __name__, url_prefix="/api/v1")


@endpoints.get("/items/<public_id>")
@describe("Any item in its present public state", returns=dict[str, Any], errors=(404,))
def item(public_id: str) -> Response:
    """One item."""
    with reading() as tx:
        found = item_by(tx, public_id)
        kind = feature.item_kind(found.kind)
        shown = _public(tx, found)
        return api.answer({"kind": found.kind, "path": kind.path(tx, found.id), **shown})


@endpoints.get("/receipts/<code>")
@describe("What became of what a guest sent", returns=dict[str, Any], errors=(404, 429))
def receipt(code: str) -> Response:
    """The item of a receipt code."""
    with reading() as tx:
        found = find_by_receipt(tx, code)
        return api.answer({"kind": found.kind, "item": _public(tx, found)})


def _public(tx: Session, item: Item) -> dict[str, Any]:
    shown = feature.item_kind(item.kind).public(tx, [item.id])
    if item.id not in shown:
        raise Gone(T("รายการนี้ไม่แสดงแล้ว"))
    return shown[item.id]
