"""Every contribution of a consultation as a report tells it, some hundreds at a time, without whose it was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.core.answers.models import Answer, Answered
from forum.core.answers.queries import told_of
from forum.core.consultations.tallies import SEEN, place_of
from forum.core.items.models import Item
from forum.kernel import dates
from forum.kernel.feature import Contribution

AT_ONCE = 500


@dataclass(frozen=True)
class Said:
    """One contribution; words, topic and stance are empty where it is not shown. It never says who spoke."""

    no: int
    channel: str
    kind: str
    state: str
    on: date
    topic: str
    stance: str
    text: str
    html: str
    answered: str
    answer: "Given | None"
    progress: str
    replaced_on: date | None
    """When its answer took the place of an earlier one."""


@dataclass(frozen=True)
class Given:
    """An official answer that holds now; `no` counts those of this report. One that is not shown says nothing.

    `earlier` are the answers in whose place it came, of which `items` says for how many contributions.
    """

    no: int
    disposition: str
    text: str
    html: str
    on: date | None
    memo_no: str
    """The paper by which the office agreed; empty where a second member did."""
    earlier: "tuple[Given, ...]" = ()
    items: int = 0


@dataclass(frozen=True)
class Listed:
    """What is known of every contribution before any is read: a few numbers each, in the order they came."""

    ids: Sequence[int]
    answered: Sequence[int]
    """Those that are shown and answered, the answers one after another."""
    unanswered: Sequence[int]
    unseen: Sequence[int]
    numbers: dict[int, int]
    """Which number in the report a contribution has, by inner id."""
    answers: dict[int, int]
    """The same of official answers."""
    earlier: dict[int, list[tuple[int, int]]]
    """By answer, those in whose place it came, and for how many contributions each."""


def listed(tx: Session, consultation_id: int) -> Listed:
    """A consultation's contributions by number, and the numbers of the answers that hold for them."""
    wanted = select(Item.id, Item.state, Item.answered, Item.answer_id)
    wanted = wanted.where(Item.consultation_id == consultation_id, Item.answered != "", Item.state != "draft")
    rows = tx.execute(wanted.order_by(Item.id)).all()
    shown = [row for row in rows if row.state in SEEN]
    answers = {row.answer_id for row in shown if row.answer_id}
    return Listed(
        ids=[row.id for row in rows],
        answered=[row.id for row in sorted(shown, key=lambda r: (r.answer_id or 0, r.id)) if row.answered != "no"],
        unanswered=[row.id for row in shown if row.answered == "no"],
        unseen=[row.id for row in rows if row.state not in SEEN],
        numbers={row.id: no for no, row in enumerate(rows, 1)},
        answers={answer_id: no for no, answer_id in enumerate(sorted(answers), 1)},
        earlier=_earlier(tx, consultation_id),
    )


def _earlier(tx: Session, consultation_id: int) -> dict[int, list[tuple[int, int]]]:
    """Which answers gave way to which, for what is shown."""
    wanted: Any = select(Item.answer_id, Answered.answer_id, func.count()).join(Answered, Answered.item_id == Item.id)
    wanted = wanted.where(Item.consultation_id == consultation_id, Item.state.in_(SEEN), Answered.state == "past")
    found: dict[int, list[tuple[int, int]]] = {}
    for now, before, n in tx.execute(wanted.group_by(Item.answer_id, Answered.answer_id).order_by(Answered.answer_id)):
        found.setdefault(now, []).append((before, n))
    return found


def said(tx: Session, found: Listed, ids: Sequence[int]) -> Iterator[Said]:
    """These contributions in this order; no more than some hundreds are in memory at once."""
    for part in _parts(ids):
        items = {item.id: item for item in tx.execute(select(Item).where(Item.id.in_(part))).scalars()}
        told = told_of(tx, list(items.values()))
        shown = _shown_places(tx, {c.place_id for c in told.values()})
        given = _given(tx, found, {item.answer_id for item in items.values() if item.answer_id})
        anew = _answered_anew(tx, part)
        for i in part:
            one = _said(items[i], told.get(i), found.numbers[i], shown, given)
            yield replace(one, replaced_on=one.answer.on) if one.answer and i in anew else one
        tx.expunge_all()


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(ids), AT_ONCE):
        yield ids[at : at + AT_ONCE]


def _answered_anew(tx: Session, ids: Sequence[int]) -> set[int]:
    """Those of the contributions that were answered otherwise before."""
    wanted = select(Answered.item_id).where(Answered.item_id.in_(ids), Answered.state == "past")
    return set(tx.execute(wanted).scalars())


def _given(tx: Session, found: Listed, answer_ids: set[int]) -> dict[int, Given]:
    """These answers, each with those in whose place it came."""
    before = {earlier for i in answer_ids for earlier, _n in found.earlier.get(i, ())}
    told = _answers(tx, found, answer_ids | before)
    return {
        i: replace(told[i], earlier=tuple(replace(told[e], items=n) for e, n in found.earlier.get(i, ())))
        for i in answer_ids
    }


def _answers(tx: Session, found: Listed, answer_ids: set[int]) -> dict[int, Given]:
    wanted = select(Answer, Item.state).join(Item, Item.id == Answer.item_id).where(Answer.item_id.in_(answer_ids))
    return {
        answer.item_id: Given(
            no=found.answers.get(answer.item_id, 0),
            disposition=answer.disposition,
            text=answer.reason if state == "public" else "",
            html=answer.reason_html if state == "public" else "",
            on=dates.in_bangkok(answer.published_at).date() if answer.published_at else None,
            memo_no=(answer.memo or {}).get("memo_no", ""),
        )
        for answer, state in tx.execute(wanted)
    }


def _shown_places(tx: Session, public_ids: set[str]) -> set[str]:
    """Those of the topics that are shown: a hidden one's title is not told by what was said in it."""
    wanted = select(Item.public_id).where(Item.public_id.in_(public_ids), Item.state.in_(SEEN))
    return set(tx.execute(wanted).scalars())


def _said(item: Item, told: Contribution | None, no: int, places: set[str], given: dict[int, Given]) -> Said:
    shown = told if told is not None and item.state in SEEN else None
    received = told.received_on if told else None
    return Said(
        no=no,
        channel=item.channel,
        kind=item.kind,
        state=place_of(item.state),
        on=received or dates.in_bangkok(item.created_at).date(),
        topic=shown.place if shown and shown.place_id in places else "",
        stance=shown.stance if shown else "",
        text=shown.text if shown else "",
        html=shown.html if shown else "",
        answered=item.answered,
        answer=given.get(item.answer_id) if shown and item.answer_id else None,
        progress=item.progress if shown else "",
        replaced_on=None,
    )
