"""Writing official answers: drafted, agreed to by a second member, published for many contributions at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from forum.core.answers import queries
from forum.core.answers.compute import timing
from forum.core.answers.forms import NewAnswer, NewStep
from forum.core.answers.models import Answer, Answered, Progress
from forum.core.answers.queries import AnswerView
from forum.core.answers.rules import RULES
from forum.core.consultations import tallies
from forum.core.consultations.models import Consultation
from forum.core.consultations.tallies import SEEN
from forum.core.consultations.telling import Approval
from forum.core.items.models import Item
from forum.core.items.service import make_item, set_state
from forum.kernel import clock, dates, events
from forum.kernel.errors import Conflict, Invalid, NotFound
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, require, why_not

MOST = 5000
"""How many contributions one answer may be attached to in one go."""
SECOND_MEMBER = "second_member"
_AT_ONCE = 500
"""How many ids one statement names."""


def may_write(actor: Actor, consultation: Consultation) -> None:
    """Raises `Denied` for whoever does not answer for this office."""
    require(RULES, "answer.write", actor, consultation)


def writes(actor: Actor, consultation: Consultation) -> bool:
    """Whether the actor answers for this office."""
    return why_not(RULES, "answer.write", actor, consultation) is None


def draft(
    tx: Session, actor: Actor, consultation: Consultation, item_ids: Sequence[int], form: NewAnswer
) -> AnswerView:
    """A new answer for these contributions; nobody but the office sees it.

    Raises `Invalid` where nothing is chosen, `Conflict` for what is not shown or is being answered already.
    """
    require(RULES, "answer.write", actor, consultation)
    ids = _checked(tx, consultation.id, item_ids)
    item = make_item(
        tx,
        "answer",
        consultation_id=consultation.id,
        author_id=actor.user_id,
        agency_id=consultation.agency_id,
        voice="agency",
        state="draft",
    )
    said = {"disposition": form.disposition, "reason": form.reason, "reason_html": form.html}
    tx.add(Answer(item_id=item.id, consultation_id=consultation.id, items=len(ids), **said))
    tx.flush()
    tx.execute(insert(Answered), [{"answer_id": item.id, "item_id": i, "state": "waiting"} for i in ids])
    return queries.answers_by_ids(tx, [item.id])[item.id]


def change(tx: Session, actor: Actor, answer: AnswerView, form: NewAnswer, version: int) -> AnswerView:
    """Another text for an answer that is not published; whoever was asked to agree to it is not any more."""
    row = _held(tx, actor, answer)
    if row.version != version:
        raise Conflict(T("มีคนแก้คำตอบนี้ไปก่อนแล้ว"), current={"version": row.version})
    row.disposition, row.reason, row.reason_html = form.disposition, form.reason, form.html
    row.stage, row.asked_by, row.version = "draft", None, row.version + 1
    tx.flush()
    return queries.answers_by_ids(tx, [row.item_id])[row.item_id]


def ask(tx: Session, actor: Actor, answer: AnswerView) -> AnswerView:
    """Asks a second member to agree."""
    row = _held(tx, actor, answer)
    row.stage, row.asked_by, row.note = "waiting", actor.user_id, ""
    tx.flush()
    return queries.answers_by_ids(tx, [row.item_id])[row.item_id]


def drop(tx: Session, actor: Actor, answer: AnswerView) -> None:
    """Gives up an answer that is not published; its contributions wait for another."""
    row = _held(tx, actor, answer)
    # Its item stays a draft, which nobody ever saw: the public is told of nothing.
    row.stage = "dropped"
    tx.execute(delete(Answered).where(Answered.answer_id == row.item_id))
    tx.flush()


def approve(tx: Session, actor: Actor, answer: AnswerView, version: int | None = None, note: str = "") -> AnswerView:
    """A second member agrees to the answer as they read it, and it is published.

    Raises `Conflict` when nobody asked, or when it is not the version they read any more.
    """
    row = _asked(tx, actor, answer, version)
    row.note = note
    return _publish(tx, actor, row, None)


def give_back(tx: Session, actor: Actor, answer: AnswerView, note: str, version: int | None = None) -> None:
    """A second member sends it back, saying why; only the office sees it."""
    row = _asked(tx, actor, answer, version)
    row.stage, row.decided_by, row.note = "returned", actor.user_id, note
    tx.flush()


def _asked(tx: Session, actor: Actor, answer: AnswerView, version: int | None) -> Answer:
    """The locked row of an answer that waits for somebody other than who asked, as it stands now."""
    require(RULES, "answer.write", actor, answer)
    row = _locked(tx, answer)
    if row.stage != "waiting":
        raise Conflict(T("ตอนนี้ไม่มีอะไรรออนุมัติ"))
    require(RULES, "answer.approve", actor, queries.answers_by_ids(tx, [row.item_id])[row.item_id])
    if version is not None and row.version != version:
        raise Conflict(T("มีคนแก้คำตอบนี้ไปก่อนแล้ว อ่านอีกครั้งก่อนอนุมัติ"), current={"version": row.version})
    return row


def publish(tx: Session, actor: Actor, answer: AnswerView, approval: Approval) -> AnswerView:
    """Publishes an answer on the paper by which the office agreed."""
    return _publish(tx, actor, _held(tx, actor, answer), approval)


def answer_one(
    tx: Session, actor: Actor, item: Item, form: NewAnswer, approval: Approval | None
) -> tuple[AnswerView, str | None]:
    """What a program asks for one item: a draft in place of its pending one, published on a memo or asked for.

    Returns the answer and what it still needs.
    """
    consultation = tx.get_one(Consultation, item.consultation_id)
    require(RULES, "answer.write", actor, consultation)
    before = queries.pending(tx, item.id)
    if before is not None and before.items > 1:
        raise Conflict(T("ข้อนี้อยู่ในคำตอบที่ตอบหลายข้อพร้อมกันและยังไม่เผยแพร่ แก้ที่คำตอบนั้นแทน"))
    if before is not None:
        found = change(tx, actor, before, form, before.version)
    else:
        found = draft(tx, actor, consultation, [item.id], form)
    if approval is not None:
        return publish(tx, actor, found, approval), None
    return ask(tx, actor, found), SECOND_MEMBER


def _checked(tx: Session, consultation_id: int, item_ids: Sequence[int]) -> list[int]:
    """The contributions an answer may be for, locked; each once."""
    if not item_ids:
        raise Invalid({"items": T("เลือกความเห็นที่จะตอบก่อน")})
    ids = sorted(set(item_ids))
    if len(ids) > MOST:
        raise Invalid({"items": T("ตอบพร้อมกันได้ครั้งละไม่เกิน %(n)s ข้อ", n=f"{MOST:,}")})
    wanted = select(Item.id, Item.state, Item.answered).where(Item.id.in_(ids), Item.consultation_id == consultation_id)
    found = {row.id: row for row in tx.execute(wanted.order_by(Item.id).with_for_update())}
    if len(found) < len(ids) or any(row.answered == "" for row in found.values()):
        raise NotFound
    if any(row.state not in SEEN for row in found.values()):
        raise Conflict(T("มีข้อที่ไม่แสดงแล้ว ตอบเฉพาะข้อที่ยังแสดงอยู่"))
    if queries.taken(tx, ids):
        raise Conflict(T("มีข้อที่อยู่ในคำตอบอื่นที่ยังไม่เผยแพร่ ดูที่คำตอบรออนุมัติ"))
    return ids


def _held(tx: Session, actor: Actor, answer: AnswerView) -> Answer:
    """The answer's row for somebody who may write it; a published one is not changed but followed by another."""
    require(RULES, "answer.write", actor, answer)
    row = _locked(tx, answer)
    if row.stage in ("published", "dropped"):
        raise Conflict(T("คำตอบนี้เผยแพร่ไปแล้ว ถ้าจะเปลี่ยนให้ตอบใหม่ คำตอบเดิมจะยังอ่านได้"))
    return row


def _locked(tx: Session, answer: AnswerView) -> Answer:
    wanted = select(Answer).where(Answer.item_id == answer.id).with_for_update()
    return tx.execute(wanted.execution_options(populate_existing=True)).scalar_one()


def _publish(tx: Session, actor: Actor, row: Answer, approval: Approval | None) -> AnswerView:
    """Makes an answer hold for all its contributions that are still shown; emits `answer.posted`."""
    if row.stage in ("published", "dropped"):
        raise Conflict(T("คำตอบนี้เผยแพร่ไปแล้ว"))
    set_state(tx, row.item_id, "public")
    row.items = _take_over(tx, row.item_id)
    if not row.items:
        raise Conflict(T("ข้อที่เลือกไว้ไม่แสดงแล้วทุกข้อ จึงเผยแพร่คำตอบนี้ไม่ได้"))
    row.stage, row.published_at, row.decided_by = "published", clock.now(), actor.user_id
    row.memo = approval.as_json() if approval else None
    _count_answered(tx, row)
    tx.flush()
    return queries.answers_by_ids(tx, [row.item_id])[row.item_id]


def _take_over(tx: Session, answer_id: int) -> int:
    """Puts an answer in the place of those that held before, for what is still shown; returns how many it answers."""
    mine = select(Answered.item_id).where(Answered.answer_id == answer_id)
    # Held until the end: nobody hides one of them between being counted and being answered.
    held = tx.execute(select(Item.id, Item.state).where(Item.id.in_(mine)).order_by(Item.id).with_for_update()).all()
    unseen = [row.id for row in held if row.state not in SEEN]
    for at in range(0, len(unseen), _AT_ONCE):
        gone = Answered.item_id.in_(unseen[at : at + _AT_ONCE])
        tx.execute(delete(Answered).where(Answered.answer_id == answer_id, gone))
    before = select(Answered.answer_id, func.count()).where(Answered.item_id.in_(mine), Answered.state == "current")
    for earlier, n in tx.execute(before.group_by(Answered.answer_id)).all():
        tx.execute(update(Answer).where(Answer.item_id == earlier).values(items=Answer.items - n))
    tx.execute(update(Answered).where(Answered.item_id.in_(mine), Answered.state == "current").values(state="past"))
    tx.execute(update(Answered).where(Answered.answer_id == answer_id).values(state="current"))
    return len(held) - len(unseen)


def _count_answered(tx: Session, row: Answer) -> None:
    """Moves what is answered for the first time to where it counts, and points every item to its answer."""
    answer_by = tx.execute(select(Consultation.answer_by).where(Consultation.id == row.consultation_id)).scalar_one()
    when = timing(answer_by, dates.in_bangkok(clock.now()).date())
    mine = select(Answered.item_id).where(Answered.answer_id == row.item_id)
    key = (Item.kind, Item.channel, Item.state)
    first = select(*key, func.count()).where(Item.id.in_(mine), Item.answered == "no").group_by(*key)
    changes: dict[tallies.Where, int] = {}
    for kind, channel, state, n in tx.execute(first).all():
        changes |= {(kind, channel, state, "no"): -n, (kind, channel, state, when): n}
    tallies.count(tx, row.consultation_id, changes)
    plain: dict[str, Any] = {"synchronize_session": False}
    pointed = update(Item).where(Item.id.in_(mine)).values(answer_id=row.item_id)
    tx.execute(
        update(Item).where(Item.id.in_(mine), Item.answered == "no").values(answered=when), execution_options=plain
    )
    tx.execute(pointed, execution_options=plain)
    tx.expire_all()


@dataclass(frozen=True)
class Told:
    """How many contributions were told how far it is."""

    items: int


def tell_progress(
    tx: Session, actor: Actor, consultation: Consultation, item_ids: Sequence[int], form: NewStep
) -> Told:
    """A further step for each of these contributions, kept beside the earlier ones; emits `progress.told`."""
    require(RULES, "progress.tell", actor, consultation)
    ids = _shown(tx, consultation.id, item_ids)
    at, by = clock.now(), actor.user_id
    row = select(Item.id, literal(form.state), literal(form.reason), literal(at, Progress.at.type), literal(by))
    names = ["item_id", "state", "reason", "at", "by_id"]
    tx.execute(insert(Progress).from_select(names, row.where(Item.id.in_(ids)).order_by(Item.id)))
    moved = update(Item).where(Item.id.in_(ids)).values(progress=form.state)
    tx.execute(moved, execution_options={"synchronize_session": False})
    tx.expire_all()
    events.emit(tx, "progress.told", subject_id=consultation.id, items=ids, state=form.state, by=by)
    return Told(len(ids))


def _shown(tx: Session, consultation_id: int, item_ids: Sequence[int]) -> list[int]:
    ids = sorted(set(item_ids))
    if not ids:
        raise Invalid({"items": T("เลือกความเห็นก่อน")})
    if len(ids) > MOST:
        raise Invalid({"items": T("ตอบพร้อมกันได้ครั้งละไม่เกิน %(n)s ข้อ", n=f"{MOST:,}")})
    wanted = select(Item.id, Item.state).where(
        Item.id.in_(ids), Item.consultation_id == consultation_id, Item.answered != ""
    )
    found = tx.execute(wanted.order_by(Item.id).with_for_update()).all()
    if len(found) < len(ids):
        raise NotFound
    if any(row.state not in SEEN for row in found):
        raise Conflict(T("มีข้อที่ไม่แสดงแล้ว ตอบเฉพาะข้อที่ยังแสดงอยู่"))
    return ids


def forget_person(tx: Session, user_id: int) -> None:
    """Takes the name of somebody who deletes their account off what they did for an office."""
    for column in (Answer.asked_by, Answer.decided_by):
        tx.execute(update(Answer).where(column == user_id).values({column.key: None}))
    tx.execute(update(Progress).where(Progress.by_id == user_id).values(by_id=None))
