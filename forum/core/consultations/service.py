"""Writing consultations: made and changed; each public change is told with its reason.

What the public may see takes the next number of the consultation's stream; a draft's changes do not.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from forum.core.agencies import queries as agencies
from forum.core.agencies.models import Agency
from forum.core.agencies.rules import at_desk
from forum.core.consultations import compute, queries, slugs, views
from forum.core.consultations.forms import ActivityPlan, PhasePlan, Plan, read
from forum.core.consultations.models import Activity, Change, Consultation, Phase, SignOff
from forum.core.consultations.plans import columns_of, differences, plan_of
from forum.core.consultations.reading import NAMES, Reading
from forum.core.consultations.rules import RULES
from forum.core.consultations.sign_offs import ask_again
from forum.core.consultations.telling import record, tell
from forum.kernel import clock, events
from forum.kernel.errors import Conflict, Denied, Invalid, NotFound
from forum.kernel.i18n import T, Text
from forum.kernel.rules import Actor, require, why_not


def create(tx: Session, actor: Actor, agency_slug: str, plan: Plan, copied: Collection[str] = ()) -> Consultation:
    """A new draft by an officer, with the fields that were only copied.

    Raises `Denied`, or `Invalid` for no such agency and for a taken slug.
    """
    if actor.is_nobody:
        raise Denied("sign_in", sign_in=True)
    agency = agencies.find(tx, agency_slug)
    if agency is None:
        raise Invalid({"agency": T("ไม่มีหน่วยงานนี้")})
    require(RULES, "consultation.create", actor, agency)
    made = make(tx, agency, plan, created_by=actor.user_id)
    made.copied = sorted(copied)
    return made


def make(tx: Session, agency: Agency, plan: Plan, *, created_by: int | None = None, short: str = "") -> Consultation:
    """A new draft without asking who may; for `create` and for demo data, which brings its `short` code."""
    made = Consultation(
        short=short,
        agency_id=agency.id,
        stream_id=events.new_stream(tx),
        demo=agency.demo,
        created_at=clock.now(),
        created_by=created_by,
        **columns_of(plan),
    )
    slugs.add(tx, made, plan.slug)
    _put_phases(tx, made.id, plan.phases)
    _put_activities(tx, made, plan.activities)
    events.emit(tx, "consultation.made", subject_id=made.id, agency_id=agency.id, by=created_by)
    return made


def find(tx: Session, actor: Actor, slug: str) -> Consultation:
    """The consultation to write to, locked.

    Raises `Denied` for nobody, and for whoever works at another agency's desk: they are told whose it is not, also
    of a draft, as at the desk itself. To everybody else a draft is not there (`NotFound`).
    """
    if actor.is_nobody:
        raise Denied("sign_in", sign_in=True)
    wanted = select(Consultation).where(Consultation.slug == slug).with_for_update()
    row = tx.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        raise NotFound
    if why_not(RULES, "consultation.see", actor, row):
        if at_desk(actor, row) is None:
            raise Denied("not_officer")
        raise NotFound
    return row


def change(
    tx: Session, actor: Actor, row: Consultation, raw: Mapping[str, Any], version: int, reason: str = ""
) -> Consultation:
    """Changes fields of a consultation; once it is opened each is told with the reason.

    Raises `Conflict` with the present state when `version` is stale, `Invalid` with every field at fault.
    """
    require(RULES, "consultation.change", actor, row)
    _check_version(tx, row, version)
    old = plan_of(tx, row)
    new = read(raw, onto=old)
    new = new if new.slug else replace(new, slug=old.slug)
    changed = differences(old, new)
    row.copied = [name for name in row.copied if name not in raw]
    if not changed:
        return row
    if row.state != "draft":
        _check_public_change(row, old, new, changed, reason)
    elif new.slug != old.slug:
        with slugs.taking(tx):
            row.slug = new.slug
    _apply(tx, row, old, new)
    row.version += 1
    if row.state == "draft":
        events.emit(tx, "consultation.drafted", subject_id=row.id, by=actor.user_id, fields=sorted(changed))
    else:
        for name, (before, after) in changed.items():
            record(tx, row, actor, "changed", name, before, after, reason)
        tell(tx, row, fields=sorted(changed))
    ask_again(tx, actor, row)
    tx.flush()
    return row


def read_reason(typed: str) -> str:
    """A reason as it may be kept and shown, or nothing; raises `Invalid`."""
    reading = Reading()
    reason = reading.line("reason", typed, 500)
    if reading.errors:
        raise Invalid(reading.errors)
    return reason


def forget_person(tx: Session, user_id: int) -> None:
    """Takes the name of somebody who deletes their account off what they made and changed for an office."""
    for row in tx.execute(select(Consultation).where(Consultation.created_by == user_id)).scalars():
        row.created_by = None
    for made in tx.execute(select(Change).where(Change.by_id == user_id)).scalars():
        made.by_id = None
    for name in ("asked_by", "decided_by"):
        column = getattr(SignOff, name)
        tx.execute(update(SignOff).where(column == user_id).values({name: None}))
    tx.flush()


def _check_version(tx: Session, row: Consultation, version: int) -> None:
    if version != row.version:
        found = queries.full(tx, queries.brief(tx, row.id))
        raise Conflict(T("มีคนแก้เรื่องนี้ไปก่อนแล้ว"), current=views.as_json(tx, found))


def _check_public_change(row: Consultation, old: Plan, new: Plan, changed: Mapping[str, Any], reason: str) -> None:
    """What may change once people have read it: with a reason, never the past, never to less than needed."""
    now = clock.now()
    errors: dict[str, Text | str] = {name: T("เปิดแล้วเว้นว่างไม่ได้: %(name)s", name=NAMES[name]) for name in new.missing()}
    if not reason.strip() and not _only_tells_more(old, new, changed):
        errors["reason"] = T("บอกเหตุผลที่แก้ ทุกคนจะเห็นเหตุผลนี้")
    if "slug" in changed:
        errors["slug"] = T("เปิดแล้วเปลี่ยนที่อยู่เว็บไม่ได้ ลิงก์ที่ส่งต่อกันไปจะเสีย")
    if "opens_at" in changed and row.state != "announced" and old.opens_at and old.opens_at <= now:
        errors["opens_at"] = T("เปิดไปแล้ว เปลี่ยนวันเปิดไม่ได้")
    if "closes_at" in changed and (problem := _closing_problem(row, old, new)):
        errors["closes_at"] = problem
    for n in compute.outside(new.phases, new.opens_at, new.closes_at):
        if new.phases[n] not in old.phases:
            errors[f"phases.{n}.ends_at"] = T("ช่วงที่ให้ร่วมต้องอยู่ระหว่างวันเปิดกับวันปิด")
    kept = {a.key for a in new.activities}
    if any(a.key not in kept for a in old.activities):
        errors["activities"] = T("เปิดแล้วเอาวิธีร่วมออกไม่ได้ ความเห็นที่ส่งมาจะหาไม่เจอ ให้เลื่อนวันจบช่วงแทน")
    if errors:
        raise Invalid(errors)


def _closing_problem(row: Consultation, old: Plan, new: Plan) -> Text | None:
    """Why the end may not move so: what is over stays over, and an earlier end is an act of two persons."""
    now = clock.now()
    if row.state == "closed" or (row.state == "opened" and old.closes_at and old.closes_at <= now):
        return T("ปิดรับไปแล้ว เปลี่ยนวันปิดไม่ได้")
    if new.closes_at and new.closes_at <= now:
        return T("วันปิดต้องอยู่ข้างหน้า ถ้าจะปิดเดี๋ยวนี้ใช้ปุ่มปิดรับ")
    if row.state == "opened" and new.closes_at and old.closes_at and new.closes_at < old.closes_at:
        return T("เลื่อนวันปิดให้เร็วขึ้นที่นี่ไม่ได้ ใช้ “ปิดก่อนกำหนด” ซึ่งต้องมีคนอนุมัติอีกคน")
    return None


def _only_tells_more(old: Plan, new: Plan, changed: Mapping[str, Any]) -> bool:
    """Whether all that is new is where else it was announced, which nobody has to explain."""
    return set(changed) == {"announcements"} and all(told in new.announcements for told in old.announcements)


def _apply(tx: Session, row: Consultation, old: Plan, new: Plan) -> None:
    for name, value in columns_of(new).items():
        setattr(row, name, value)
    if new.answer_by != old.answer_by:
        row.warned_days = None
    if new.phases != old.phases:
        tx.execute(delete(Phase).where(Phase.consultation_id == row.id))
        _put_phases(tx, row.id, new.phases)
    if new.activities != old.activities:
        _put_activities(tx, row, new.activities)


def _put_phases(tx: Session, consultation_id: int, phases: tuple[PhasePlan, ...]) -> None:
    for position, phase in enumerate(phases):
        tx.add(
            Phase(
                consultation_id=consultation_id,
                position=position,
                title=phase.title,
                starts_at=phase.starts_at,
                ends_at=phase.ends_at,
                activities=list(phase.activities),
            )
        )
    tx.flush()


def _put_activities(tx: Session, row: Consultation, plans: tuple[ActivityPlan, ...]) -> None:
    """Keeps activities by key, so that what was said in them stays theirs."""
    before = {a.key: a for a in queries.activities_of(tx, row.id)}
    for gone in before.keys() - {p.key for p in plans}:
        tx.delete(before[gone])
    for position, plan in enumerate(plans):
        kept = before.get(plan.key)
        if kept is None:
            kept = Activity(consultation_id=row.id, key=plan.key, kind=plan.kind)
            tx.add(kept)
        elif kept.kind != plan.kind:
            raise Invalid({f"activities.{position}.kind": T("เปลี่ยนชนิดของวิธีร่วมเดิมไม่ได้ เพิ่มวิธีร่วมใหม่แทน")})
        kept.position, kept.title, kept.settings = position, plan.title, plan.settings
    tx.flush()
