"""Announced, approved, opened, closed: the acts of an office, each with its reason and a second person or a memo."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from forum.core.consultations import compute, sign_offs
from forum.core.consultations.models import Consultation, Phase, SignOff
from forum.core.consultations.notice import too_short
from forum.core.consultations.plans import plan_of
from forum.core.consultations.reading import NAMES
from forum.core.consultations.rules import RULES, asked_by_another
from forum.core.consultations.telling import Approval, SecondMember, clock_says, record, tell
from forum.kernel import clock, dates
from forum.kernel.errors import Conflict, Denied, Invalid
from forum.kernel.i18n import T, Text
from forum.kernel.rules import NOBODY, Actor, require

HERE = T("เว็บนี้")
SECOND_MEMBER = "second_member"
"""What an act waits for when no memo was named."""


def announce(
    tx: Session, actor: Actor, row: Consultation, *, reason: str = "", approval: Approval | None = None
) -> Consultation:
    """Shows a draft to everybody with its start date; nobody may take part yet. Asks for the opening at once.

    Raises `Invalid` naming each missing field, and on `reason` when notice or running time is short.
    """
    require(RULES, "consultation.announce", actor, row)
    errors = _not_ready(tx, row)
    if not errors and row.opens_at and row.opens_at <= clock.now():
        errors["opens_at"] = T("ประกาศล่วงหน้าต้องมีวันเปิดอยู่ข้างหน้า ถ้าจะเปิดวันนี้ ข้ามไปขอเปิดได้เลย")
    _check_short(row, reason, errors)
    row.announcements = [*row.announcements, _told_here()]
    row.state, row.announced_at, row.short_reason = "announced", clock.now(), reason.strip()
    row.version += 1
    record(tx, row, actor, "announced", "state", "draft", "announced", reason, approval)
    tell(tx, row, old="draft", new="announced")
    asked = sign_offs.ask(tx, actor, row, "open", wanted=False, reason=reason)
    if approval:
        sign_offs.decide(actor, asked, "approved")
        asked.memo = approval.as_json()
    tx.flush()
    return row


def open_consultation(
    tx: Session, actor: Actor, row: Consultation, *, reason: str = "", approval: Approval | None = None
) -> Consultation:
    """Opens it to the public, now or when its time comes; without a memo a second member must have agreed.

    Where nobody has, it is asked for and `waits_for` says so. Raises `Invalid` naming each missing field.
    """
    require(RULES, "consultation.open", actor, row)
    reason = reason.strip() or row.short_reason
    _check_short(row, reason, _not_ready(tx, row))
    agreed = approval or _agreed(tx, row)
    if agreed is None:
        sign_offs.ask(tx, actor, row, "open", wanted=True, reason=reason)
        return row
    return _open(tx, actor, row, reason, agreed)


def close_consultation(
    tx: Session, actor: Actor, row: Consultation, *, reason: str = "", approval: Approval | None = None
) -> Consultation:
    """Closes it; before its time this needs a reason and a memo or a second member, and the end moves to now."""
    require(RULES, "consultation.close", actor, row)
    if _is_early(row):
        if not reason.strip():
            raise Invalid({"reason": T("บอกเหตุผลที่ปิดก่อนกำหนด ทุกคนจะเห็นเหตุผลนี้")})
        if approval is None:
            sign_offs.ask(tx, actor, row, "close", wanted=True, reason=reason)
            return row
    return _close(tx, actor, row, reason, approval)


def approve(tx: Session, actor: Actor, row: Consultation, note: str = "") -> Consultation:
    """A second member agrees to what another asked for; an act that was wanted at once happens now."""
    asked = _asked(tx, actor, row)
    if asked.act == "open":
        _check_short(row, asked.reason or row.short_reason, _not_ready(tx, row))
    sign_offs.decide(actor, asked, "approved", note)
    tx.flush()
    if not asked.wanted:
        return row
    by = SecondMember(_today())
    if asked.act == "open":
        return _open(tx, actor, row, asked.reason or row.short_reason, by)
    return _close(tx, actor, row, asked.reason, by)


def give_back(tx: Session, actor: Actor, row: Consultation, note: str) -> Consultation:
    """A second member sends back what another asked for, saying why; only the office sees it."""
    asked = _asked(tx, actor, row)
    if not note.strip():
        raise Invalid({"note": T("บอกเพื่อนร่วมงานว่าต้องแก้อะไร")})
    sign_offs.decide(actor, asked, "returned", note)
    tx.flush()
    return row


def waits_for(tx: Session, row: Consultation) -> str | None:
    """What an act that was asked for still needs, or None."""
    asked = sign_offs.live(tx, row.id)
    return SECOND_MEMBER if asked is not None and asked.state == "waiting" and asked.wanted else None


def first_told(row: Consultation) -> date | None:
    """The day on which it was first announced anywhere."""
    days = [told["date"] for told in row.announcements if told.get("date")]
    return date.fromisoformat(min(days)) if days else None


def tell_clock(tx: Session, consultation_id: int) -> bool:
    """Tells watchers, once, that the clock opened or closed a consultation; whether there was news."""
    wanted = select(Consultation).where(Consultation.id == consultation_id).with_for_update()
    row = tx.execute(wanted.execution_options(populate_existing=True)).scalar_one()
    if row.state != "opened" or row.status_told == clock_says(row):
        return False
    tell(tx, row, clock=True)
    tx.flush()
    return True


def open_when_due(tx: Session, consultation_id: int) -> bool:
    """Opens what was announced and agreed to when its day has come, as everybody was told; whether it did."""
    wanted = select(Consultation).where(Consultation.id == consultation_id).with_for_update()
    row = tx.execute(wanted.execution_options(populate_existing=True)).scalar_one()
    agreed = _agreed(tx, row)
    due = row.state == "announced" and row.opens_at is not None and row.opens_at <= clock.now()
    if not due or agreed is None or _not_ready(tx, row):
        return False
    _open(tx, NOBODY, row, row.short_reason, agreed)
    return True


def _not_ready(tx: Session, row: Consultation) -> dict[str, Text | str]:
    plan = plan_of(tx, row)
    errors: dict[str, Text | str] = {name: T("ยังขาด: %(name)s", name=NAMES[name]) for name in plan.missing()}
    if row.closes_at and row.closes_at <= clock.now():
        errors.setdefault("closes_at", T("วันปิดผ่านไปแล้ว เลือกวันใหม่ก่อนเปิด"))
    if row.answer_by and row.closes_at and row.answer_by < dates.last_day(row.closes_at):
        errors.setdefault("answer_by", T("วันที่ต้องตอบต้องไม่ก่อนวันปิด"))
    if plan.phases and "closes_at" not in errors and compute.is_over(plan.phases, clock.now()):
        errors["phases"] = T("ทุกช่วงที่ให้ร่วมผ่านไปแล้ว แก้วันของช่วงก่อนเปิด")
    for n in compute.outside(plan.phases, row.opens_at, row.closes_at):
        errors[f"phases.{n}"] = T("ช่วง “%(title)s” ให้ร่วมก่อนวันเปิดหรือหลังวันปิด", title=plan.phases[n].title)
    return errors


def short_of(row: Consultation) -> list[Text]:
    """What is shorter than it should be when it opens now or when its time comes."""
    if row.opens_at is None or row.closes_at is None:
        return []
    told = first_told(row) or (_today() if row.opens_at > clock.now() else None)
    return too_short(told, max(row.opens_at, clock.now()), row.closes_at, row.law_kind)


def _check_short(row: Consultation, reason: str, errors: dict[str, Text | str]) -> None:
    if errors:
        raise Invalid(errors)
    short = short_of(row)
    if short and not reason.strip():
        why = " ".join(str(part) for part in short)
        raise Invalid({"reason": T("%(why)s บอกเหตุผล ทุกคนจะเห็นเหตุผลนี้", why=why)})


def _agreed(tx: Session, row: Consultation) -> Approval | SecondMember | None:
    """What was agreed to for this very version."""
    asked = sign_offs.live(tx, row.id, "open")
    if asked is None or asked.state != "approved" or asked.version != row.version or asked.decided_at is None:
        return None
    if asked.memo:
        return Approval(asked.memo["memo_no"], date.fromisoformat(asked.memo["memo_date"]))
    return SecondMember(dates.in_bangkok(asked.decided_at).date())


def _asked(tx: Session, actor: Actor, row: Consultation) -> SignOff:
    require(RULES, "consultation.approve", actor, row)
    asked = sign_offs.live(tx, row.id)
    if asked is None or asked.state != "waiting":
        raise Conflict(T("ตอนนี้ไม่มีอะไรรออนุมัติ"))
    reason = asked_by_another(actor, asked.asked_by)
    if reason:
        raise Denied(reason)
    if asked.version != row.version:
        raise Conflict(T("มีคนแก้เรื่องนี้หลังขออนุมัติ ต้องขอใหม่"))
    return asked


def _open(tx: Session, actor: Actor, row: Consultation, reason: str, agreed: Approval | SecondMember) -> Consultation:
    now, old = clock.now(), row.state
    if short_of(row):
        row.short_reason = reason
    if old == "draft":
        row.announcements = [*row.announcements, _told_here()]
    if row.opens_at and _is_later_than_said(row.opens_at):
        _begin_now(tx, actor, row, now)
    row.state = "opened"
    row.version += 1
    record(tx, row, actor, "opened", "state", old, "opened", reason, agreed)
    tell(tx, row, old=old, new="opened")
    _use(tx, row)
    return row


_LATER = T("เปิดจริงหลังวันที่ตั้งไว้")
_AT_ONCE = timedelta(minutes=5)
"""What opens within this time of its hour opened as it said."""


def _begin_now(tx: Session, actor: Actor, row: Consultation, now: datetime) -> None:
    """The hour at which it really opened, for the windows that began with it too; another day is told apart."""
    assert row.opens_at is not None
    if dates.in_bangkok(row.opens_at).date() < _today():
        record(tx, row, actor, "changed", "opens_at", clock.iso(row.opens_at), clock.iso(now), _LATER.message)
    begins = (Phase.consultation_id == row.id, Phase.starts_at == row.opens_at, Phase.ends_at > now)
    tx.execute(update(Phase).where(*begins).values(starts_at=now))
    row.opens_at = now


def _is_later_than_said(opens_at: datetime) -> bool:
    """Whether the day it was to open is past, or the hour where one was named."""
    day, late = dates.in_bangkok(opens_at).date(), opens_at + _AT_ONCE < clock.now()
    return day < _today() or (day == _today() and late and not compute.ends_with_day(opens_at))


def _close(
    tx: Session, actor: Actor, row: Consultation, reason: str, agreed: Approval | SecondMember | None
) -> Consultation:
    before = _iso(row)
    if _is_early(row):
        row.closes_at = clock.now()
    row.state = "closed"
    row.version += 1
    record(tx, row, actor, "closed", "closes_at", before, _iso(row), reason, agreed)
    tell(tx, row, old="opened", new="closed")
    _use(tx, row)
    return row


def _use(tx: Session, row: Consultation) -> None:
    asked = sign_offs.live(tx, row.id)
    if asked is not None:
        asked.state = "used" if asked.state == "approved" else "void"
    tx.flush()


def _is_early(row: Consultation) -> bool:
    return row.closes_at is None or clock.now() < row.closes_at


def _iso(row: Consultation) -> str | None:
    return clock.iso(row.closes_at) if row.closes_at else None


def _told_here() -> dict[str, Any]:
    """The announcement that showing the page is."""
    return {"channel": HERE.message, "date": _today().isoformat(), "ref": "", "reach": ""}


def _today() -> date:
    return dates.in_bangkok(clock.now()).date()
