"""Pages of the acts: announcing, opening, agreeing to what a colleague asked for, closing before the time."""

from collections.abc import Callable
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from forum.admin.desk import for_officers, held, mine, pages, reason, said
from forum.admin.setup.boxes import Errors, approval_of, memo_typed
from forum.admin.setup.queries import asked_of, stands_of
from forum.admin.setup.tasks import Stand, lacking
from forum.core.consultations import notice, openings, queries
from forum.core.consultations.models import Consultation
from forum.core.consultations.rules import RULES, asked_by_another
from forum.core.consultations.service import read_reason
from forum.core.consultations.telling import Approval
from forum.kernel import clock, web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Conflict, Denied, Invalid
from forum.kernel.i18n import T, Text
from forum.kernel.rules import require, why_not


@pages.get("/<slug>/open")
@for_officers
def open_page(slug: str) -> Response:
    """What is complete, what is short, and the two ways on: announce first, or ask to open."""
    return _open_page(slug, {}, 200)


def _open_page(slug: str, errors: Errors, status: int) -> Response:
    with reading() as tx:
        row = mine(tx, slug)
        require(RULES, "consultation.open", web.actor(), row)
        return web.page(
            "desk/open.html",
            status,
            c=queries.brief(tx, row.id),
            row=row,
            lacks=_lacks(tx, row),
            short=openings.short_of(row),
            days=notice.days(),
            begins_later=row.opens_at is not None and row.opens_at > clock.now(),
            asked=(asked := asked_of(tx, row)),
            errors=errors,
            **_typed(asked.reason if asked and asked.act == "open" else row.short_reason),
        )


def _typed(before: str = "") -> dict[str, Any]:
    """The reason and the approval as they were typed, to be shown again; the reason as it was given before."""
    typed_memo = memo_typed(request.form)
    by = request.form.get("by", "memo" if typed_memo["memo_no"] else "member")
    return {"memo": typed_memo, "by": by, "reason": request.form.get("reason", before)}


@pages.post("/<slug>/open")
@for_officers
def open_now(slug: str) -> Response:
    """Announces it and asks for the opening, or opens it: by a memo, by what a colleague agreed to, else asks one."""
    announces = request.form.get("how") == "announce"
    try:
        waits = _act(slug, openings.announce if announces else openings.open_consultation)
    except (Invalid, Conflict) as error:
        return _open_page(slug, _told(error), error.status)
    if announces:
        return said(web.see_other(f"/desk/{slug}"), T("ประกาศแล้ว ทุกคนอ่านได้ ยังออกความเห็นไม่ได้"))
    words = T("ขออนุมัติแล้ว จะเปิดเมื่อเพื่อนร่วมหน่วยงานอีกคนอนุมัติ") if waits else T("เปิดแล้ว รับความเห็นตามวันที่ตั้งไว้")
    return said(web.see_other(f"/desk/{slug}"), words)


def _act(slug: str, act: Callable[..., Consultation]) -> str | None:
    """Does what was asked for; says what it still waits for, if anything."""
    approval, why = _approval(), reason()
    with transaction() as tx:
        row = held(tx, slug)
        if act is not openings.close_consultation:
            _check_tasks(tx, row)
        return openings.waits_for(tx, act(tx, web.actor(), row, reason=why, approval=approval))


def _approval() -> Approval | None:
    """The memo, unless a colleague is to agree; whoever says there is one must name it."""
    by = request.form.get("by", "")
    approval = approval_of(request.form)
    if by not in ("", "member", "memo"):
        raise Invalid({"by": T("เลือกว่าใครอนุมัติ")})
    if by == "memo" and approval is None:
        raise Invalid({"memo_no": T("ใส่เลขที่และวันที่ของหนังสืออนุมัติ")})
    if by == "member" and approval is not None:
        raise Invalid({"by": T("ใส่เลขที่หนังสือแล้ว เลือก “มีหนังสืออนุมัติแล้ว” หรือลบเลขที่และวันที่ออก")})
    return approval


def _check_tasks(tx: Session, row: Consultation) -> None:
    """The desk asks for a little more than a program may leave out; each task that is short is named."""
    require(RULES, "consultation.open", web.actor(), row)
    lacks = _lacks(tx, row)
    if lacks:
        raise Invalid(
            {stand.task.key: T("ยังขาด: %(name)s", name=_named(stand.task.title, stand.lacks)) for stand in lacks}
        )


def _lacks(tx: Session, row: Consultation) -> list[Stand]:
    return lacking(stands_of(tx, row))


def _named(title: Text, lacks: Any) -> Text:
    return T("%(title)s (%(lacks)s)", title=title, lacks=" · ".join(str(lack) for lack in lacks))


def _told(error: Invalid | Conflict) -> Errors:
    return dict(error.errors) if isinstance(error, Invalid) else {"": error.message}


@pages.get("/<slug>/approve")
@for_officers
def approve_page(slug: str) -> Response:
    """What a colleague asks for, to agree to or to send back."""
    return _approve_page(slug, {}, 200)


def _approve_page(slug: str, errors: Errors, status: int) -> Response:
    with reading() as tx:
        row = mine(tx, slug)
        asked = asked_of(tx, row)
        why = why_not(RULES, "consultation.approve", web.actor(), row)
        if asked is not None and asked.state == "waiting":
            why = why or asked_by_another(web.actor(), asked.by_id)
        return web.page(
            "desk/approve.html",
            status,
            c=queries.brief(tx, row.id),
            row=row,
            asked=asked,
            short=openings.short_of(row),
            why_not_approve=web.reason_text(why) if why else "",
            helps=web.help_text(why) if why else "",
            errors=errors,
            note=request.form.get("note", ""),
        )


@pages.post("/<slug>/approve")
@for_officers
def approve(slug: str) -> Response:
    """Agrees to what a colleague asked for; what waited for it happens."""
    return _decide(slug, openings.approve, T("อนุมัติแล้ว"))


@pages.post("/<slug>/refuse")
@for_officers
def give_back(slug: str) -> Response:
    """Sends back what a colleague asked for, saying what to change."""
    note = request.form.get("note", "")
    return _decide(slug, lambda tx, actor, row: openings.give_back(tx, actor, row, _note(note)), T("ส่งกลับให้แก้แล้ว"))


def _note(typed: str) -> str:
    """A note to a colleague, checked as a reason is."""
    try:
        return read_reason(typed)
    except Invalid as error:
        raise Invalid({"note": error.errors["reason"]}) from error


def _decide(slug: str, decide: Callable[..., Consultation], words: T) -> Response:
    try:
        with transaction() as tx:
            decide(tx, web.actor(), held(tx, slug))
    except (Invalid, Conflict) as error:
        return _approve_page(slug, _told(error), error.status)
    except Denied as error:
        if error.reason != "own_approval":
            raise
        return _approve_page(slug, {"": web.reason_text(error.reason)}, error.status)
    return said(web.see_other(f"/desk/{slug}"), words)


@pages.get("/<slug>/close")
@for_officers
def close(slug: str) -> Response:
    """Asks for the reason and who agrees before closing."""
    return _close_page(slug, {}, 200)


@pages.post("/<slug>/close")
@for_officers
def close_now(slug: str) -> Response:
    """Closes a consultation, or asks a colleague to agree to it."""
    try:
        waits = _act(slug, openings.close_consultation)
    except (Invalid, Conflict) as error:
        return _close_page(slug, _told(error), error.status)
    words = T("ขออนุมัติแล้ว จะปิดเมื่อเพื่อนร่วมหน่วยงานอีกคนอนุมัติ") if waits else T("ปิดรับแล้ว")
    return said(web.see_other(f"/desk/{slug}"), words)


def _close_page(slug: str, errors: Errors, status: int) -> Response:
    with reading() as tx:
        row = mine(tx, slug)
        require(RULES, "consultation.close", web.actor(), row)
        shown = queries.brief(tx, row.id)
        asked = asked_of(tx, row)
    return web.page("desk/close.html", status, c=shown, asked=asked, errors=errors, **_typed())
