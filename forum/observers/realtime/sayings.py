"""From events to what is said in which room, in the order of each room's numbers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from forum.kernel import feature
from forum.kernel.events import Event

PEOPLE = ("account.", "member.")
"""Events of these families make a person's sockets prove themselves again; `subject_id` is the person."""


@dataclass(frozen=True)
class Saying:
    """One message to one room; a numbered one is a change, any other a present total."""

    name: str
    room: str
    payload: dict[str, Any]
    numbered: bool

    @property
    def key(self) -> tuple[str, str, Any, int]:
        """What makes it the same message when it is told again."""
        return self.name, self.room, self.payload.get("id"), self.payload["seq"]

    @property
    def is_about_room(self) -> bool:
        """Whether the watched thing itself changed, and with it perhaps who may see it."""
        return self.numbered and self.payload.get("id") == self.room


def live_names() -> tuple[str, ...]:
    """The names of all events that are of interest here: what some feature tells live, and people's."""
    return (*(f"{family}*" for family in PEOPLE), *(name for f in feature.features() for name in f.live))


def people_in(changes: Iterable[Event]) -> list[int]:
    """The people whose sign-ins, tokens or roles these events may have changed."""
    return sorted({e.subject_id for e in changes if e.subject_id is not None and e.name.startswith(PEOPLE)})


def sayings(tx: Session, changes: Sequence[Event]) -> list[Saying]:
    """What is said of these events; of one thing's totals only the last, which holds the others."""
    makers = {name: make for f in feature.features() for name, make in f.live.items()}
    groups: dict[str, list[Event]] = defaultdict(list)
    for change in _latest(changes):
        if change.name in makers:
            groups[change.name].append(change)
    out = [
        Saying(name, live.room, live.payload, group[0].seq is not None)
        for name, group in groups.items()
        for live in makers[name](tx, group)
    ]
    return sorted(out, key=lambda s: (s.payload["seq"], not s.numbered))


def _latest(changes: Sequence[Event]) -> list[Event]:
    last = {(e.name, e.subject_id): e.id for e in changes if e.seq is None}
    return [e for e in changes if e.seq is not None or last[e.name, e.subject_id] == e.id]
