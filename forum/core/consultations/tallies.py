"""How many voices a consultation heard: the one place that counts, for pages, programs and reports alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, ScalarSelect, case, cast, delete, func, insert, select, text
from sqlalchemy.orm import Session

from forum.core.consultations.models import Consultation, Tally
from forum.kernel.db import rows

CHANNELS = ("web", "paper", "phone", "hall", "letter")
SEEN = ("public", "redacted")
"""States in which a contribution still waits for its answer: whole, or with a part covered."""

_ADD = text(
    "INSERT INTO tally (consultation_id, kind, channel, state, answered, n) "
    "VALUES (:consultation_id, :kind, :channel, :state, :answered, :n) "
    "ON CONFLICT (consultation_id, kind, channel, state, answered) DO UPDATE SET n = tally.n + :n"
)


@dataclass
class Count:
    """Contributions by where they stand; `answered` holds those answered late too."""

    received: int = 0
    shown: int = 0
    redacted: int = 0
    hidden: int = 0
    withdrawn: int = 0
    answered: int = 0
    answered_late: int = 0
    unanswered: int = 0

    def add(self, state: str, answered: str, n: int) -> None:
        """Counts `n` contributions that stand so."""
        self.received += n
        self._place(state, n)
        if answered != "no":
            self.answered += n
            self.answered_late += n if answered == "late" else 0
        elif state in SEEN:
            self.unanswered += n

    def _place(self, state: str, n: int) -> None:
        place = _PLACES[state]
        setattr(self, place, getattr(self, place) + n)


_PLACES = {
    "public": "shown",
    "redacted": "redacted",
    "hidden": "hidden",
    "removed": "hidden",
    "withdrawn": "withdrawn",
    "erased": "withdrawn",
}


def place_of(state: str) -> str:
    """Where a contribution in this state is counted: shown, redacted, hidden or withdrawn."""
    return _PLACES[state]


@dataclass
class Numbers:
    """All that a consultation heard, and the same by the way it came."""

    whole: Count = field(default_factory=Count)
    channels: dict[str, Count] = field(default_factory=dict)

    @property
    def offline(self) -> int:
        """How many did not come over the web."""
        return sum(count.received for channel, count in self.channels.items() if channel != "web")


Where = tuple[str, str, str, str]
"""Where contributions stand: kind, channel, state, answered."""


def count(tx: Session, consultation_id: int, changes: Mapping[Where, int]) -> None:
    """Adds to how many stand where, or takes from it; always in the same order, so that no two wait for each other."""
    for where in sorted(changes):
        kind, channel, state, answered = where
        key = {"kind": kind, "channel": channel, "state": state, "answered": answered}
        rows(tx, _ADD, {**key, "consultation_id": consultation_id, "n": changes[where]})


def numbers_of(tx: Session, consultation_id: int) -> Numbers:
    """The numbers of one consultation."""
    wanted = select(Tally.channel, Tally.state, Tally.answered, Tally.n)
    return _summed(tx.execute(wanted.where(Tally.consultation_id == consultation_id)))


def numbers_of_agency(tx: Session, agency_id: int, today: date) -> tuple[Numbers, int]:
    """The numbers of all that an agency has asked, and how many of the unanswered have their day still to come."""
    in_time = case((Consultation.answer_by >= today, Tally.n), else_=0)
    wanted = select(Tally.channel, Tally.state, Tally.answered, func.sum(Tally.n), func.sum(in_time))
    asked = wanted.join(Consultation, Consultation.id == Tally.consultation_id)
    mine = asked.where(Consultation.agency_id == agency_id)
    found = tx.execute(mine.group_by(Tally.channel, Tally.state, Tally.answered)).all()
    not_due = sum(int(row[4]) for row in found if row.answered == "no" and row.state in SEEN)
    return _summed(row[:4] for row in found), not_due


def _summed(found: Iterable[Any]) -> Numbers:
    numbers = Numbers()
    for channel, state, answered, n in found:
        numbers.whole.add(state, answered, int(n))
        numbers.channels.setdefault(channel, Count()).add(state, answered, int(n))
    numbers.channels = {c: numbers.channels[c] for c in CHANNELS if c in numbers.channels}
    return numbers


def received() -> ScalarSelect[int]:
    """In a statement over consultations: how many contributions came in."""
    return _total()


def waiting() -> ScalarSelect[int]:
    """In a statement over consultations: how many contributions wait for an answer."""
    return _total(Tally.answered == "no", Tally.state.in_(SEEN))


def _total(*where: ColumnElement[bool]) -> ScalarSelect[int]:
    # PostgreSQL adds integers up to a decimal, of which no sentence can tell one from many.
    n = cast(func.coalesce(func.sum(Tally.n), 0), Integer)
    summed = select(n).where(Tally.consultation_id == Consultation.id, *where)
    return summed.correlate(Consultation).scalar_subquery()


def as_counted(numbers: Numbers) -> dict[str, Any]:
    """The numbers as JSON has them."""
    return vars(numbers.whole) | {"channels": {name: vars(count) for name, count in numbers.channels.items()}}


def put_right(tx: Session, right: Mapping[tuple[int, str, str, str, str], int]) -> int:
    """Makes the table hold exactly these counts; returns how many were wrong."""
    names = ("consultation_id", "kind", "channel", "state", "answered")
    kept = {tuple(getattr(t, name) for name in names): t.n for t in tx.execute(select(Tally)).scalars()}
    wrong = sum(right.get(key, 0) != kept.get(key, 0) for key in {*right, *kept})
    if wrong:
        tx.execute(delete(Tally))
        tx.expire_all()
        if right:
            tx.execute(insert(Tally), [dict(zip(names, key, strict=True), n=n) for key, n in right.items()])
    return wrong
