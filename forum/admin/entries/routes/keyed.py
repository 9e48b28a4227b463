"""All that was keyed, and putting right what was keyed wrongly; the earlier text stays open to all."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from forum.admin.desk import for_officers
from forum.admin.entries.compute import tells_a_number
from forum.admin.entries.forms import NUMBER_TOLD
from forum.admin.entries.queries import keyed
from forum.admin.entries.routes.blueprint import Desk, desk_of, done, page, pages
from forum.commons.comments import service as comments
from forum.commons.comments.forms import read_edit
from forum.commons.comments.queries import comment_by, thread_of
from forum.commons.comments.readings import CommentView, stance_words
from forum.core.entries import service
from forum.kernel import web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Conflict, Invalid, NotFound
from forum.kernel.i18n import T

_BOXES = ("body", "version", "sure")


@pages.get("/keyed")
@for_officers
def all_keyed(slug: str) -> Response:
    """All that was keyed, the latest first; one sheet's by its number."""
    wanted = request.args.get("sheet", "").strip()
    with reading() as tx:
        desk = desk_of(tx, slug)
        found = keyed(tx, desk.row.id, request.args.get("after"), service.sheet_number(wanted))
    return page("entries/keyed.html", desk, page=found, wanted=wanted, is_first="after" not in request.args)


@pages.get("/keyed/<public_id>")
@for_officers
def mistyped(slug: str, public_id: str) -> Response:
    """One entry, to be put right."""
    return _mend_page(slug, public_id, {}, {})


@pages.post("/keyed/<public_id>")
@for_officers
def mend(slug: str, public_id: str) -> Response:
    """Puts a text right as it was written or said."""
    typed = {name: request.form.get(name, "") for name in _BOXES}
    try:
        with transaction() as tx:
            web.once(tx, (slug, public_id, typed), lambda: _mend(tx, slug, public_id, typed))
    except Invalid as error:
        return _mend_page(slug, public_id, typed, error.errors, 422)
    except Conflict as error:
        return _mend_page(slug, public_id, typed, {"": error.message}, 409)
    return done(f"/desk/{slug}/entries/keyed", T("แก้แล้ว ทุกคนอ่านข้อความเดิมได้"))


def _mend(tx: Session, slug: str, public_id: str, typed: Mapping[str, str]) -> str:
    desk, comment = _found(tx, slug, public_id)
    edit = read_edit({"body": typed["body"], "version": typed["version"]})
    if edit.body == comment.body:
        raise Invalid({"body": T("ยังไม่ได้แก้อะไร")})
    if not typed["sure"] and tells_a_number(edit.body):
        raise Invalid({"sure": NUMBER_TOLD})
    service.lock(tx, desk.row.id)
    comments.mend_typing(tx, web.actor(), comment, edit)
    return public_id


def _found(tx: Session, slug: str, public_id: str) -> tuple[Desk, CommentView]:
    """The entry that this reader may put right; raises `NotFound` or `Denied`."""
    desk = desk_of(tx, slug)
    comment = comment_by(tx, public_id)
    if service.require_mend(tx, web.actor(), desk.row.agency_id, comment.id).consultation_id != desk.row.id:
        raise NotFound
    return desk, comment


def _mend_page(slug: str, public_id: str, typed: Mapping[str, str], errors: Any, status: int = 200) -> Response:
    with reading() as tx:
        desk, comment = _found(tx, slug, public_id)
        entry = service.require_mend(tx, web.actor(), desk.row.agency_id, comment.id)
        topic = thread_of(tx, comment.thread_id)
    shown = {"body": comment.body, "version": str(comment.version), "sure": ""} | dict(typed)
    words = stance_words(topic.stance, topic.options)
    told = {"comment": comment, "entry": entry, "topic": topic, "words": words}
    return page("entries/mend.html", desk, status, typed=shown, errors=errors, **told)
