"""What a desk looks for among contributions: same words, numbers of a filter, and what was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.core.answers.models import Answer, Answered
from forum.core.answers.queries import AnswerView, Wanted, answers_by_ids, count, folded, texts, told_of, which
from forum.core.consultations.models import Tally
from forum.core.consultations.tallies import SEEN
from forum.core.items.models import Item
from forum.kernel.errors import NotFound
from forum.kernel.feature import Contribution

LOOKED_AT = 250
"""Among how many contributions a desk's list looks for same words, so that it costs the same however many there are."""
_GROUPS = 5
_STANDING = 5
PENDING = ("draft", "waiting", "returned")


@dataclass(frozen=True)
class Alike:
    """Contributions that say the same, by one of them; `n` counts those among the ones looked at."""

    item: Item
    told: Contribution
    n: int


def alike(tx: Session, consultation_id: int) -> list[Alike]:
    """The largest groups of same words among the first unanswered contributions that no answer is written for."""
    first = (
        select(Item.id).where(*which(consultation_id, Wanted(free=True))).order_by(Item.id).limit(LOOKED_AT).subquery()
    )
    said = texts(consultation_id, first)
    grouped = select(func.min(said.c.id).label("id"), func.count().label("n")).group_by(folded(said.c.text))
    groups = grouped.having(func.count() > 1).order_by(func.count().desc(), func.min(said.c.id)).limit(_GROUPS)
    found = {row.id: row.n for row in tx.execute(groups)}
    items = {item.id: item for item in tx.execute(select(Item).where(Item.id.in_(found))).scalars()} if found else {}
    told = told_of(tx, list(items.values()))
    return [Alike(items[i], told[i], n) for i, n in found.items()]


def counted(tx: Session, consultation_id: int, wanted: Wanted) -> int:
    """How many contributions these are; without words to look for, from the tallies and what is being written."""
    if wanted.words or wanted.stance or not (wanted.place is wanted.same is wanted.upto is None):
        return count(tx, consultation_id, wanted)
    answered = {"no": ("no",), "yes": ("on_time", "late")}.get(wanted.answered, ("no", "on_time", "late"))
    kept = select(func.coalesce(func.sum(Tally.n), 0)).where(
        Tally.consultation_id == consultation_id, Tally.state.in_(SEEN), Tally.answered.in_(answered)
    )
    for column, value in ((Tally.channel, wanted.channel), (Tally.kind, wanted.kind)):
        kept = kept.where(column == value) if value else kept
    whole = int(tx.execute(kept).scalar_one())
    return whole - (_being_written(tx, consultation_id, wanted) if wanted.free else 0)


def _being_written(tx: Session, consultation_id: int, wanted: Wanted) -> int:
    """How many of these stand in answers that are not published."""
    unfree = which(consultation_id, replace(wanted, free=False))
    pending = select(Answer.item_id).where(Answer.consultation_id == consultation_id, Answer.stage.in_(PENDING))
    found = select(func.count()).select_from(Answered).join(Item, Item.id == Answered.item_id)
    return tx.execute(found.where(Answered.answer_id.in_(pending), *unfree)).scalar_one()


def by_stage(tx: Session, consultation_id: int) -> dict[str, int]:
    """How many answers of a consultation stand at each stage."""
    counts = select(Answer.stage, func.count()).where(Answer.consultation_id == consultation_id)
    return {row[0]: row[1] for row in tx.execute(counts.group_by(Answer.stage))}


def items_by(tx: Session, consultation_id: int, public_ids: Sequence[str]) -> list[int]:
    """The inner ids of things in this consultation; raises `NotFound` when one is not there."""
    wanted = select(Item.id).where(Item.consultation_id == consultation_id, Item.public_id.in_(public_ids))
    found = list(tx.execute(wanted.order_by(Item.id)).scalars())
    if len(found) < len(set(public_ids)):
        raise NotFound
    return found


def answered_by(tx: Session, answer_id: int) -> list[int]:
    """The inner ids of the contributions an answer is for, in the order they came."""
    mine = select(Answered.item_id).where(Answered.answer_id == answer_id, Answered.state != "past")
    return list(tx.execute(mine.order_by(Answered.item_id)).scalars())


@dataclass(frozen=True)
class Standing:
    """Answers that hold now for some contributions; another answer to these takes their place.

    `n` is how many of the contributions have one, `answers` the first of these answers, `more` how many others.
    """

    n: int
    answers: Sequence[AnswerView]
    more: int


def standing(tx: Session, item_ids: Sequence[int]) -> Standing:
    """What holds now for these contributions, the answer that is for most of them first."""
    held = select(Item.answer_id, func.count().label("n")).where(Item.id.in_(item_ids), Item.answer_id.is_not(None))
    found = tx.execute(held.group_by(Item.answer_id).order_by(func.count().desc(), Item.answer_id)).all()
    first = [row.answer_id for row in found[:_STANDING]]
    told = answers_by_ids(tx, first) if first else {}
    return Standing(sum(row.n for row in found), [told[i] for i in first], len(found) - len(first))


def shown_of(tx: Session, item_ids: Sequence[int]) -> list[tuple[Item, Contribution]]:
    """These contributions and what they say, in the order they came."""
    items = list(tx.execute(select(Item).where(Item.id.in_(item_ids)).order_by(Item.id)).scalars())
    told = told_of(tx, items)
    return [(item, told[item.id]) for item in items]
