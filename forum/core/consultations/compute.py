"""Where a consultation stands by the clock, what is open in it, and what it still lacks. Plain Python.

Every window is half open: it contains its first moment and not its last. Moments are aware, days Bangkok's.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Protocol, TypeVar

from forum.kernel.dates import days_left, in_bangkok, last_day

SOON_DAYS = 8
UNOPENED = ("draft", "announced")
"""States of a consultation that was not allowed to open yet."""
REQUIRED = (
    "agency",
    "title",
    "summary",
    "body",
    "can_change",
    "decided",
    "decider",
    "contact",
    "answer_by",
    "opens_at",
    "closes_at",
    "offline_route",
    "phases",
    "activities",
)
"""What a consultation must say before it may open: the fields that the contract does not mark as optional."""


class Window(Protocol):
    """A dated part of a consultation, and the keys of the activities open in it."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...

    @property
    def activities(self) -> Sequence[str]: ...


Phase = TypeVar("Phase", bound=Window)


def status(
    state: str,
    opens_at: datetime | None,
    closes_at: datetime | None,
    answer_by: date | None,
    now: datetime,
    received: int = 1,
    waiting: int = 1,
) -> str:
    """One of draft, announced, open, soon, considering, overdue, answered, closed.

    `state` is what people decided (draft, announced, opened, closed early); the rest is the clock's, and of how
    many contributions came in and wait for an answer. The last day an answer may come is `answer_by` itself, so a
    consultation is overdue from the day after, until every contribution is answered.
    """
    if state == "draft" or opens_at is None or closes_at is None:
        return "draft"
    if state == "announced":
        return "announced"
    if state == "closed" or now >= closes_at:
        if not waiting:
            return "answered" if received else "closed"
        return "overdue" if days_overdue(answer_by, now) else "considering"
    if now < opens_at:
        return "announced"
    left = days_left(closes_at, now)
    return "soon" if left is not None and left <= SOON_DAYS else "open"


def is_open(status: str) -> bool:
    """Whether people may take part at this status."""
    return status in ("open", "soon")


def days_overdue(answer_by: date | None, now: datetime) -> int:
    """How many days ago the answer was due; 0 while it is not, and where no day was named."""
    if answer_by is None:
        return 0
    return max(0, (in_bangkok(now).date() - answer_by).days)


def notice_days(first_told: date | None, opens_at: datetime) -> int:
    """Nights from the day it was first announced to the day it opens; 0 when it never was, or not before."""
    return max(0, (in_bangkok(opens_at).date() - first_told).days) if first_told else 0


def running_days(opens_at: datetime, closes_at: datetime) -> int:
    """Days of the calendar on which one may take part, first and last counted."""
    return (last_day(closes_at) - in_bangkok(opens_at).date()).days + 1


def ends_with_day(end: datetime) -> bool:
    """Whether a window's end is the end of a day, so that naming its last day says it all."""
    return in_bangkok(end).time() == time()


def clock_says(opens_at: datetime | None, closes_at: datetime | None, now: datetime) -> str:
    """What the clock alone says of an opened consultation, told to watchers once: announced, open, closed."""
    if opens_at is None or closes_at is None or now < opens_at:
        return "announced"
    return "open" if now < closes_at else "closed"


def phase_state(phase: Window, now: datetime, ended_early: bool = False) -> str:
    """past, now or future; a phase for taking part is past once the consultation was ended early."""
    if now >= phase.ends_at or (ended_early and phase.activities):
        return "past"
    return "now" if now >= phase.starts_at else "future"


def phase_at(phases: Iterable[Phase], now: datetime) -> Phase | None:
    """The phase that contains this moment; where several do, the one that began last."""
    running = [p for p in phases if p.starts_at <= now < p.ends_at]
    return max(running, key=lambda p: p.starts_at) if running else None


def open_keys(status: str, phases: Iterable[Window], now: datetime) -> frozenset[str]:
    """The activities open now: people may take part, and some running phase lists them."""
    if not is_open(status):
        return frozenset()
    return frozenset(key for p in phases if p.starts_at <= now < p.ends_at for key in p.activities)


def opens_next(key: str, phases: Iterable[Window], now: datetime) -> datetime | None:
    """When an activity that is not open now will be, if ever."""
    return min((p.starts_at for p in phases if key in p.activities and p.starts_at > now), default=None)


def open_until(key: str | None, phases: Iterable[Window], closes_at: datetime | None, now: datetime) -> datetime | None:
    """Until when people may speak in an activity: the end of its running window, else of its next, else of its last."""
    ends = sorted(p.ends_at for p in phases if key in p.activities)
    if not ends or closes_at is None:
        return closes_at
    return min(closes_at, next((end for end in ends if end > now), ends[-1]))


def is_over(phases: Iterable[Window], now: datetime) -> bool:
    """Whether no window is left in which people may take part."""
    return all(p.ends_at <= now for p in phases if p.activities)


def overlap(phases: Sequence[Window]) -> tuple[int, int] | None:
    """The first two phases in which the same activity is open at once; which would hold for it nobody could tell."""
    for late in range(len(phases)):
        for early in range(late):
            one, other = phases[early], phases[late]
            if set(one.activities) & set(other.activities) and _at_once(one, other):
                return early, late
    return None


def _at_once(one: Window, other: Window) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def outside(phases: Sequence[Window], opens_at: datetime | None, closes_at: datetime | None) -> list[int]:
    """Places of the phases that would let people take part before it opens or after it closes."""
    if opens_at is None or closes_at is None:
        return []
    return [
        n for n, p in enumerate(phases) if p.activities and not (opens_at <= p.starts_at and p.ends_at <= closes_at)
    ]


def missing_fields(values: Mapping[str, Any]) -> list[str]:
    """The required fields that say nothing yet, in the order of the form."""
    return [name for name in REQUIRED if not _says_something(values.get(name))]


def _says_something(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Mapping):
        return any(_says_something(part) for part in value.values())
    return bool(value)


def drawing(title: str) -> str:
    """Which drawing fits a topic: `canal` where it is about a canal's side, else `sala`, which fits any."""
    return "canal" if "ริมคลอง" in title else "sala"
