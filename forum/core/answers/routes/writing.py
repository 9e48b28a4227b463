"""Writing an answer or a step for what was chosen: with what was typed still there after any mistake."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from forum.core.agencies.desk import for_officers
from forum.core.answers import finding, service
from forum.core.answers.forms import Errors, NewStep, read_answer, read_memo, read_step
from forum.core.answers.queries import AnswerView
from forum.core.answers.routes.desk import SHOWN, chosen, desk, our_answer, ours, page_of, said
from forum.core.consultations.models import Consultation
from forum.kernel import web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Conflict, Invalid
from forum.kernel.i18n import T

ACTS = ("ask", "keep", "memo")
BOXES = ("disposition", "reason", "progress", "memo_no", "memo_date.day", "memo_date.month", "memo_date.year")
_DONE = {
    "ask": T("ขออนุมัติแล้ว รอเพื่อนร่วมหน่วยงานอีกคน ยังไม่มีใครข้างนอกเห็น"),
    "keep": T("เก็บไว้แล้ว ยังไม่มีใครข้างนอกเห็น"),
    "memo": T("เผยแพร่แล้ว คนที่เสนอมาอ่านได้ทุกคน"),
}
_CHOOSE = {"new": T("เลือกความเห็นที่จะตอบก่อน"), "progress": T("เลือกความเห็นก่อน")}


@desk.get("/<slug>/answers/new")
@for_officers
def new(slug: str) -> Response:
    """The form for an answer to what was chosen."""
    return _page("new", slug, {}, {}, 200)


@desk.post("/<slug>/answers/new")
@for_officers
def make(slug: str) -> Response:
    """Keeps an answer, asks for it to be agreed to, or publishes it on a memo."""
    typed, act = _typed(), _act()
    try:
        form = read_answer(typed)
        approval = read_memo(typed) if act == "memo" else None
        step = read_step({"progress": typed["progress"]}) if typed["progress"] not in ("", "not_done") else None
        with transaction() as tx:
            shown = ours(tx, slug)
            place = tx.get_one(Consultation, shown.id)

            def write() -> str:
                these = chosen(tx, shown).still()
                answer = service.draft(tx, web.actor(), place, these.ids, form)
                _follow(tx, answer, act, approval)
                _step(tx, place, these.ids, step)
                return answer.public_id

            made = web.once(tx, (slug, act, typed, _choice()), write)
    except (Invalid, Conflict) as error:
        return _page("new", slug, typed, errors_of(error), error.status)
    return said(web.see_other(f"/desk/{slug}/answers/{made}"), _DONE[act])


def _follow(tx: Session, answer: AnswerView, act: str, approval: Any) -> None:
    if act == "memo":
        service.publish(tx, web.actor(), answer, approval)
    elif act == "ask":
        service.ask(tx, web.actor(), answer)


def _step(tx: Session, place: Consultation, ids: Any, step: NewStep | None) -> None:
    if step is not None:
        service.tell_progress(tx, web.actor(), place, ids, step)


def _page(template: str, slug: str, typed: Mapping[str, str], errors: Errors, status: int) -> Response:
    """A form about what was chosen, `new` or `progress`; where nothing was, back to where it is chosen."""
    with reading() as tx:
        shown = ours(tx, slug)
        these = chosen(tx, shown)
        if not these.ids and not errors:
            return said(web.see_other(f"/desk/{slug}/answers"), _CHOOSE[template])
        told = finding.shown_of(tx, these.ids[:SHOWN])
        held = finding.standing(tx, these.ids) if template == "new" else None
        return page_of(template, status, shown, chosen=these, told=told, held=held, typed=typed, errors=errors)


@desk.get("/<slug>/answers/progress")
@for_officers
def progress(slug: str) -> Response:
    """The form that tells how far it is."""
    return _page("progress", slug, {}, {}, 200)


@desk.post("/<slug>/answers/progress")
@for_officers
def tell(slug: str) -> Response:
    """Tells how far it is; everybody sees it at once."""
    typed = {box: request.form.get(box, "") for box in ("progress", "reason")}
    try:
        form = read_step(typed)
        with transaction() as tx:
            shown = ours(tx, slug)
            place = tx.get_one(Consultation, shown.id)

            def write() -> str:
                these = chosen(tx, shown).still()
                return str(service.tell_progress(tx, web.actor(), place, these.ids, form).items)

            n = web.once(tx, (slug, typed, _choice()), write)
    except (Invalid, Conflict) as error:
        return _page("progress", slug, typed, errors_of(error), error.status)
    return said(web.see_other(f"/desk/{slug}/answers"), T("บอกความคืบหน้าของ %(n)s ข้อแล้ว ทุกคนเห็นแล้ว", n=n))


@desk.post("/<slug>/answers/<public_id>")
@for_officers
def change(slug: str, public_id: str) -> Response:
    """Another text for an answer that is not published; then keeps it, asks for it or publishes it."""
    typed, act = _typed(), _act()
    try:
        form = read_answer(typed)
        approval = read_memo(typed) if act == "memo" else None
        with transaction() as tx:
            _shown, answer = our_answer(tx, slug, public_id)
            changed = service.change(tx, web.actor(), answer, form, version())
            _follow(tx, changed, act, approval)
    except (Invalid, Conflict) as error:
        return answer_page(slug, public_id, typed, errors_of(error), error.status)
    return said(web.see_other(f"/desk/{slug}/answers/{public_id}"), _DONE[act])


def answer_page(slug: str, public_id: str, typed: dict[str, str], errors: Errors, status: int) -> Response:
    """One answer, with what may be done with it now."""
    with reading() as tx:
        shown, answer = our_answer(tx, slug, public_id)
        ids = finding.answered_by(tx, answer.id)
        told = finding.shown_of(tx, ids[:SHOWN])
        held = None if answer.stage == "published" else finding.standing(tx, ids)
        kept = {"disposition": answer.disposition, "reason": answer.reason}
        return page_of("answer", status, shown, answer=answer, told=told, held=held, typed=kept | typed, errors=errors)


def _typed() -> dict[str, str]:
    return {box: request.form.get(box, "") for box in BOXES}


def _choice() -> list[tuple[str, list[str]]]:
    """What the form chose, as it was sent: the same form again chooses the same, whatever happened to it since."""
    return sorted((name, sent) for name, sent in request.form.lists() if name not in (*BOXES, "csrf_token"))


def _act() -> str:
    asked = request.form.get("act", "")
    return asked if asked in ACTS else "keep"


def version() -> int:
    """The version a form was made of; raises `Invalid`."""
    sent = request.form.get("version", "")
    if not (sent.isascii() and sent.isdigit() and len(sent) < 10):
        raise Invalid({"": T("ต้องบอกว่าแก้จากรุ่นไหน โหลดหน้าใหม่แล้วลองอีกครั้ง")})
    return int(sent)


def errors_of(error: Invalid | Conflict) -> Errors:
    """What a page says went wrong, by box."""
    return dict(error.errors) if isinstance(error, Invalid) else {"": error.message}
