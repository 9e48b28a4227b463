"""All that one feature folder says to the rest, and the register in which the app keeps it.

Exactly two calls go upward from core/items into features: `state_changed` and `warnings`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from forum.kernel.events import Event, Observer
from forum.kernel.i18n import Text
from forum.kernel.letters import Letter
from forum.kernel.rules import Actor, Rules

if TYPE_CHECKING:
    from flask import Blueprint


@dataclass(frozen=True)
class Contribution:
    """What somebody contributed, for whoever must answer it; text, HTML and name are empty when it is not shown.

    `place` names where it was said (a topic, a question), `place_id` that place's public id.
    """

    id: int
    public_id: str
    kind: str
    state: str
    channel: str
    text: str
    html: str
    name: str
    stance: str
    place: str
    place_id: str
    at: datetime
    received_on: date | None = None


@dataclass(frozen=True)
class ItemKind:
    """What one kind of item asks of its own feature, and where it is seen.

    `stream_of(tx, item_id)` is the stream its changes are numbered in. `state_changed(tx, item_id, old, new, seq)`
    keeps the feature's counters in the same transaction; it may refuse nothing. `path(tx, item_id)` is the page
    that shows the item, `public(tx, item_ids)` its present public state by id, `receipt(tx, item_id)` the template
    and context that tell a guest what became of it, where guests may send such an item. `withdraw(tx, actor,
    item_id, by_receipt)` is how its author takes it back; it may refuse.

    Where people contribute such items, the office that asks owes an answer to each: `contributions(tx, item_ids)`
    tells what each says, by id, `texts()` is the statement of (item id, text, item id of the place, stance) by which
    they are looked for, and `touched(tx, item_ids, verb)` numbers a public change that was made beside the items
    and tells who watches.
    """

    stream_of: Callable[[Session, int], int]
    state_changed: Callable[[Session, int, str, str, int], None]
    path: Callable[[Session, int], str]
    public: Callable[[Session, list[int]], dict[int, dict[str, Any]]]
    receipt: Callable[[Session, int], tuple[str, dict[str, Any]]] | None = None
    withdraw: Callable[[Session, Actor, int, bool], None] | None = None
    contributions: Callable[[Session, list[int]], dict[int, Contribution]] | None = None
    texts: Callable[[], Any] | None = None
    touched: Callable[[Session, list[int], str], None] | None = None


@dataclass(frozen=True)
class Watchable:
    """A stream that may be watched live under a public id (or slug).

    `find(tx, actor, public_id)` gives its stream id, or None when this kind has no such id; raises `Denied`.
    `missed(tx, actor, public_id, since)` gives the present state of everything after a number, and whether to reload.
    """

    find: Callable[[Session, Actor, str], int | None]
    missed: Callable[[Session, Actor, str, int], tuple[list[dict[str, Any]], bool]]


@dataclass(frozen=True)
class LiveEvent:
    """One event as it goes out to a room: the room's public id, and the payload with its present public state."""

    room: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Method:
    """A participation method: its name, and the actions an open phase with such an activity allows.

    `needs_topics` says that whoever has no account speaks only under a topic that the office prepared.
    """

    kind: str
    label: Text
    actions: tuple[str, ...]
    path: Callable[[Session, Any], str]
    summary: Callable[[Session, list[int]], Mapping[int, Mapping[str, Any]]]
    needs_topics: bool = False


@dataclass(frozen=True)
class Duty:
    """What the worker does again and again, on a thread of its own: one that takes long holds up nothing else.

    `every` is the rest in seconds between two times; what is cut off when the worker ends must bear to be begun anew.
    """

    do: Callable[[], object]
    every: float


@dataclass(frozen=True)
class Feature:
    """The manifest of one feature folder.

    `awaited(tx, hmac)` is the template and context for whoever holds a receipt code, known by its HMAC, under which
    nothing was sent yet; None for a code that was never given.
    """

    name: str
    blueprints: tuple["Blueprint", ...] = ()
    rules: Rules = field(default_factory=dict)
    items: Mapping[str, ItemKind] = field(default_factory=dict)
    methods: tuple[Method, ...] = ()
    watchables: tuple[Watchable, ...] = ()
    live: Mapping[str, Callable[[Session, list[Event]], list[LiveEvent]]] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    mails: Mapping[str, Callable[[Session, int | None, dict[str, Any]], Letter | None]] = field(default_factory=dict)
    observers: tuple[Observer, ...] = ()
    personal_data: Callable[[Session, int], dict[str, Any]] | None = None
    erase: Callable[[Session, int, bool], None] | None = None
    warnings: Callable[[str], list[Text]] | None = None
    awaited: Callable[[Session, str], tuple[str, dict[str, Any]] | None] | None = None
    recount: Callable[[Session], int] | None = None
    tick: Callable[[], None] | None = None
    duties: tuple[Duty, ...] = ()
    figures: Mapping[str, Callable[[], float]] = field(default_factory=dict)
    demo: Callable[[Session, Any], None] | None = None
    schemas: Mapping[str, Any] = field(default_factory=dict)


_features: dict[str, Feature] = {}


def register(features: Iterable[Feature]) -> None:
    """Keeps the features of this site; called once by the app."""
    _features.clear()
    _features.update((f.name, f) for f in features)


def features() -> tuple[Feature, ...]:
    """Every feature of this site, in the order the app names them."""
    return tuple(_features.values())


def item_kind(kind: str) -> ItemKind:
    """What the feature that owns this kind of item said of it; an unknown kind is a KeyError."""
    return next(f.items[kind] for f in _features.values() if kind in f.items)


def item_kinds() -> tuple[ItemKind, ...]:
    """Every kind of item of this site."""
    return tuple(kind for f in _features.values() for kind in f.items.values())


def method(kind: str) -> Method | None:
    """The participation method of this kind, if one is built."""
    return next((m for f in _features.values() for m in f.methods if m.kind == kind), None)


def methods() -> tuple[Method, ...]:
    """Every participation method of this site."""
    return tuple(m for f in _features.values() for m in f.methods)


def figures() -> dict[str, Callable[[], float]]:
    """What features count about how this process runs, by name."""
    return {name: ask for f in _features.values() for name, ask in f.figures.items()}


def awaited(tx: Session, hmac: str) -> tuple[str, dict[str, Any]] | None:
    """What is told to the holder of a receipt code under which nothing was sent yet, if it was given at all."""
    return next((told for f in _features.values() if f.awaited and (told := f.awaited(tx, hmac))), None)


def warnings(text: str) -> list[Text]:
    """What features would tell an author before posting this text."""
    return [w for f in _features.values() if f.warnings for w in f.warnings(text)]
