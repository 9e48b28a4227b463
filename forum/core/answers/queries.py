"""Reading official answers: what holds for an item now, what held before, and what a desk still has to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, or_, select, union_all
from sqlalchemy.orm import Session

from forum.core.agencies.models import Agency
from forum.core.agencies.queries import name_of
from forum.core.answers.compute import LONG
from forum.core.answers.models import Answer, Answered, Progress
from forum.core.consultations.models import Consultation
from forum.core.consultations.tallies import SEEN
from forum.core.items.models import Item
from forum.kernel import feature, text
from forum.kernel.errors import NotFound
from forum.kernel.feature import Contribution
from forum.kernel.paging import Page, cursor, read_cursor
from forum.kernel.rules import Actor

PAGE = 50
_TOLD = ("id", "text", "place", "stance")


@dataclass(frozen=True)
class AnswerView:
    """An official answer as it may be shown; `stage` other than published is for its own office alone."""

    id: int
    public_id: str
    consultation_id: int
    agency_id: int
    disposition: str
    reason: str
    html: str
    stage: str
    items: int
    asked_by: int | None
    note: str
    memo: dict[str, Any] | None
    published_at: datetime | None
    version: int
    office_th: str
    office_en: str
    state: str = "current"

    @property
    def memo_day(self) -> date | None:
        """The day of the paper by which the office agreed."""
        return date.fromisoformat(self.memo["memo_date"]) if self.memo else None

    @property
    def is_long(self) -> bool:
        """Whether it is folded where it stands beside others."""
        return len(self.reason) > LONG

    @property
    def office(self) -> str:
        """Who answers, in the reader's language."""
        return name_of(self.office_th, self.office_en)


_ANSWER: Any = (
    select(
        Answer.item_id,
        Item.public_id,
        Answer.consultation_id,
        Consultation.agency_id,
        Answer.disposition,
        Answer.reason,
        Answer.reason_html,
        Answer.stage,
        Answer.items,
        Answer.asked_by,
        Answer.note,
        Answer.memo,
        Answer.published_at,
        Answer.version,
        Agency.name_th,
        Agency.name_en,
    )
    .join(Item, Item.id == Answer.item_id)
    .join(Consultation, Consultation.id == Answer.consultation_id)
    .join(Agency, Agency.id == Consultation.agency_id)
)


def answer_by(tx: Session, public_id: str) -> AnswerView:
    """The answer with this public id, whatever its stage; raises `NotFound`."""
    row = tx.execute(_ANSWER.where(Item.public_id == public_id)).first()
    if row is None:
        raise NotFound
    return AnswerView(*row)


def answers_by_ids(tx: Session, answer_ids: Sequence[int]) -> dict[int, AnswerView]:
    """Answers by inner id, in one statement."""
    return {row[0]: AnswerView(*row) for row in tx.execute(_ANSWER.where(Answer.item_id.in_(answer_ids)))}


def history(tx: Session, item_id: int) -> list[AnswerView]:
    """Every answer that was published for an item, the present one first."""
    of_item = _ANSWER.add_columns(Answered.state).join(Answered, Answered.answer_id == Answer.item_id)
    shown = of_item.where(Answered.item_id == item_id, Answered.state.in_(("current", "past")))
    return [AnswerView(*row) for row in tx.execute(shown.order_by(Answer.published_at.desc(), Answer.item_id.desc()))]


def pending(tx: Session, item_id: int) -> AnswerView | None:
    """The answer that is written for an item and not published yet."""
    of_item = _ANSWER.join(Answered, Answered.answer_id == Answer.item_id)
    row = tx.execute(of_item.where(Answered.item_id == item_id, Answered.state == "waiting")).first()
    return AnswerView(*row) if row else None


def steps(tx: Session, item_id: int) -> Sequence[Progress]:
    """How far it came, step by step, the latest first."""
    wanted = select(Progress).where(Progress.item_id == item_id).order_by(Progress.id.desc())
    return tx.execute(wanted).scalars().all()


def in_stage(tx: Session, consultation_id: int, *stages: str) -> list[AnswerView]:
    """A consultation's answers at these stages, the latest first."""
    wanted = _ANSWER.where(Answer.consultation_id == consultation_id, Answer.stage.in_(stages))
    return [AnswerView(*row) for row in tx.execute(wanted.order_by(Answer.item_id.desc()).limit(PAGE))]


@dataclass(frozen=True)
class Wanted:
    """Which contributions a desk looks for; an empty field asks for nothing.

    `answered` is `no` (nothing published), `yes` or empty for both; `place` is the inner id of where it was said
    (a topic), `same` that of one whose very words the others say too; `free` leaves out what stands in an answer
    that is not published, `upto` what came after an item.
    """

    answered: str = "no"
    channel: str = ""
    kind: str = ""
    words: str = ""
    place: int | None = None
    stance: str = ""
    same: int | None = None
    free: bool = False
    upto: int | None = None


def which(consultation_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    """The conditions on `Item` that these contributions meet."""
    where: list[ColumnElement[bool]] = [Item.consultation_id == consultation_id, Item.state.in_(SEEN)]
    if wanted.answered == "no":
        where.append(Item.answered == "no")
    elif wanted.answered == "yes":
        where.append(Item.answered.in_(("on_time", "late")))
    else:
        where.append(Item.answered != "")
    if wanted.channel:
        where.append(Item.channel == wanted.channel)
    if wanted.kind:
        where.append(Item.kind == wanted.kind)
    if wanted.free:
        where.append(Item.id.not_in(select(Answered.item_id).where(Answered.state == "waiting")))
    if wanted.upto is not None:
        where.append(Item.id <= wanted.upto)
    if wanted.words or wanted.stance or wanted.place is not None or wanted.same is not None:
        said = texts(consultation_id)
        where.append(Item.id.in_(select(said.c.id).where(*_telling(consultation_id, wanted, said))))
    return where


def _telling(consultation_id: int, wanted: Wanted, said: Subquery) -> list[ColumnElement[bool]]:
    """The conditions on what they say, and where."""
    where: list[ColumnElement[bool]] = []
    if words := text.one_line(wanted.words):
        where.append(said.c.text.icontains(words, autoescape=True))
    if wanted.place is not None:
        where.append(said.c.place == wanted.place)
    if wanted.stance:
        where.append(said.c.stance == wanted.stance)
    if wanted.same is not None:
        like = texts(consultation_id)
        where.append(
            folded(said.c.text) == select(folded(like.c.text)).where(like.c.id == wanted.same).scalar_subquery()
        )
    return where


def texts(consultation_id: int, among: Any = None) -> Subquery:
    """What the contributions of a consultation say and where, as (id, text, place, stance): of all, or of some ids."""
    found = []
    for kind in feature.item_kinds():
        if kind.texts is not None:
            columns = list(kind.texts().subquery().c)
            told = select(*(column.label(name) for column, name in zip(columns, _TOLD, strict=True)))
            if among is None:
                told = told.join(Item, Item.id == columns[0]).where(Item.consultation_id == consultation_id)
            else:
                told = told.where(columns[0].in_(select(among.c.id)))
            found.append(told)
    return union_all(*found).subquery()


def folded(column: Any) -> Any:
    """A text without what makes no difference to what it says: spaces around it, and the case of letters."""
    return func.lower(func.trim(column, " \n\t"))


def contributions(
    tx: Session, consultation_id: int, wanted: Wanted, after: str | None = None, limit: int = PAGE
) -> Page[tuple[Item, Contribution]]:
    """A page of contributions in the order they came, oldest first, in two statements and one a kind."""
    found = select(Item).where(*which(consultation_id, wanted)).order_by(Item.id)
    if after is not None:
        found = found.where(Item.id > read_cursor(after, (int,))[0])
    rows = list(tx.execute(found.limit(limit + 1)).scalars())
    shown = rows[:limit]
    told = told_of(tx, shown)
    return Page([(item, told[item.id]) for item in shown], cursor(shown[-1].id) if len(rows) > limit else None)


def told_of(tx: Session, items: Sequence[Item]) -> dict[int, Contribution]:
    """What these items say, one call a kind."""
    told: dict[int, Contribution] = {}
    for kind in {item.kind for item in items}:
        ask = feature.item_kind(kind).contributions
        if ask is not None:
            told.update(ask(tx, [item.id for item in items if item.kind == kind]))
    return told


def count(tx: Session, consultation_id: int, wanted: Wanted) -> int:
    """How many contributions these are."""
    return tx.execute(select(func.count()).select_from(Item).where(*which(consultation_id, wanted))).scalar_one()


def ids_of(tx: Session, consultation_id: int, wanted: Wanted, most: int) -> list[int]:
    """Their inner ids, in the order they came, no more than this."""
    found = select(Item.id).where(*which(consultation_id, wanted)).order_by(Item.id).limit(most)
    return list(tx.execute(found).scalars())


def waiting_for(tx: Session, actor: Actor, agency_ids: Sequence[int], limit: int = 20) -> Sequence[Any]:
    """Where others in these agencies ask this actor to agree to answers: slug, title and how many answers."""
    wanted = (
        select(Consultation.slug, Consultation.title, func.count().label("n"))
        .join(Answer, Answer.consultation_id == Consultation.id)
        .where(Answer.stage == "waiting", Consultation.agency_id.in_(agency_ids))
        .where(Answer.asked_by.is_distinct_from(actor.user_id))
        .group_by(Consultation.id)
    )
    return tx.execute(wanted.order_by(Consultation.id).limit(limit)).all()


def taken(tx: Session, item_ids: Sequence[int]) -> set[int]:
    """Those of the items for which an answer is being written already."""
    wanted = select(Answered.item_id).where(Answered.item_id.in_(item_ids), Answered.state == "waiting")
    return set(tx.execute(wanted).scalars())


def of_person(tx: Session, user_id: int) -> dict[str, Any]:
    """What somebody did with answers for an office, for their own export."""
    mine = or_(Answer.asked_by == user_id, Answer.decided_by == user_id)
    answers = tx.execute(select(Item.public_id).join(Answer, Answer.item_id == Item.id).where(mine).order_by(Item.id))
    told = tx.execute(
        select(Item.public_id, Progress.state, Progress.at)
        .join(Progress, Progress.item_id == Item.id)
        .where(Progress.by_id == user_id)
        .order_by(Progress.id)
    )
    return {
        "answers": list(answers.scalars()),
        "progress": [{"item": r.public_id, "progress": r.state, "at": r.at.isoformat()} for r in told],
    }
