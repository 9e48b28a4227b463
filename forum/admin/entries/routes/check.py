"""The second look: what was drawn of what others keyed, each compared with its paper."""

from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from forum.admin.desk import for_officers
from forum.admin.entries.queries import colleagues
from forum.admin.entries.routes.blueprint import Desk, desk_of, done, page, pages
from forum.commons.comments import service as comments
from forum.commons.comments.forms import read_edit
from forum.commons.comments.queries import comment_by, thread_of
from forum.commons.comments.readings import CommentView, stance_words
from forum.core.entries import queries, service
from forum.core.entries.forms import MOST_NOTE
from forum.kernel import text, web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Conflict, Invalid, NotFound
from forum.kernel.i18n import T

_BOXES = ("found", "body", "note", "version")


@pages.get("/check")
@for_officers
def check(slug: str) -> Response:
    """What waits for a second look, and what was found so far."""
    with reading() as tx:
        desk = desk_of(tx, slug)
        mine = web.actor().user_id
        context: dict[str, Any] = {
            "waiting": queries.drawn(tx, desk.row.id),
            "look": queries.second_look(tx, desk.row.id),
            "lacking": queries.lacking(tx, desk.row.id, mine),
            "own": queries.own_papers(tx, desk.row.id, mine),
            "colleagues": colleagues(tx, desk.row.agency_id, mine),
            "mine": mine,
        }
    return page("entries/check.html", desk, **context)


@pages.post("/check")
@for_officers
def draw(slug: str) -> Response:
    """Draws what is looked at again."""
    with transaction() as tx:
        desk = desk_of(tx, slug)
        drawn = service.draw(tx, web.actor(), desk.row)
    here = f"/desk/{slug}/entries/check"
    return done(here, T("สุ่มมา %(n)s ใบ", n=drawn) if drawn else T("สุ่มครบหนึ่งในสิบของที่มีใบแล้ว ยังไม่ต้องสุ่มเพิ่ม"))


@pages.get("/check/<public_id>")
@for_officers
def look(slug: str, public_id: str) -> Response:
    """One entry beside which to lay its paper."""
    return _look_page(slug, public_id, {}, {})


@pages.post("/check/<public_id>")
@for_officers
def judge(slug: str, public_id: str) -> Response:
    """Keeps whether it is what the paper says, and what was put right."""
    typed = {name: request.form.get(name, "") for name in _BOXES}
    try:
        with transaction() as tx:
            web.once(tx, (slug, public_id, typed), lambda: _judge(tx, slug, public_id, typed))
    except Invalid as error:
        return _look_page(slug, public_id, typed, error.errors, 422)
    except Conflict as error:
        return _look_page(slug, public_id, typed, {"": error.message}, 409)
    return done(f"/desk/{slug}/entries/check", T("บันทึกผลตรวจแล้ว"))


def _judge(tx: Session, slug: str, public_id: str, typed: dict[str, str]) -> str:
    desk, comment = _found(tx, slug, public_id)
    edit = read_edit({"body": typed["body"], "version": typed["version"]})
    differs = edit.body != comment.body
    note = _note(typed["note"], typed["found"], differs)
    if differs:
        comments.mend_entry(tx, web.actor(), comment, edit.body, edit.version)
    service.judge(tx, web.actor(), desk.row, comment.id, matches=typed["found"] == "same", note=note)
    return public_id


def _note(typed: str, found: str, differs: bool) -> str:
    """What the checker notes; raises `Invalid` where what was found and what was done do not go together."""
    note = text.one_line(typed)
    if found not in ("same", "other"):
        raise Invalid({"found": T("เลือกว่าตรงหรือไม่ตรง")})
    if found == "same" and differs:
        raise Invalid({"found": T("แก้ข้อความแล้ว ให้เลือก “ไม่ตรงกับใบ”")})
    if found == "other" and not differs and not note:
        raise Invalid({"note": T("แก้ข้อความให้ตรงใบ หรือบอกว่าไม่ตรงตรงไหน")})
    if len(note) > MOST_NOTE:
        raise Invalid({"note": T("ต้องไม่เกิน %(n)s ตัวอักษร", n=MOST_NOTE)})
    return note


def _found(tx: Session, slug: str, public_id: str) -> tuple[Desk, CommentView]:
    """The entry, drawn before, that this reader may look at; raises `NotFound` or `Denied`."""
    desk = desk_of(tx, slug)
    comment = comment_by(tx, public_id)
    entry = service.require_look(tx, web.actor(), desk.row.agency_id, comment.id)
    if entry.consultation_id != desk.row.id:
        raise NotFound
    return desk, comment


def _look_page(slug: str, public_id: str, typed: dict[str, str], errors: Any, status: int = 200) -> Response:
    with reading() as tx:
        desk, comment = _found(tx, slug, public_id)
        entry = service.require_look(tx, web.actor(), desk.row.agency_id, comment.id)
        topic = thread_of(tx, comment.thread_id)
    shown = {"body": comment.body, "version": str(comment.version), "found": "", "note": ""} | typed
    words = stance_words(topic.stance, topic.options)
    told = {"comment": comment, "entry": entry, "topic": topic, "words": words}
    return page("entries/look.html", desk, status, typed=shown, errors=errors, **told)
