"""What happened: one append-only table that is at once outbox and audit trail.

An event holds ids and old/new states, never text or personal data. A numbered event takes the next
number of its stream in the same transaction, so numbers have no gap and commit in order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatch
from typing import Any

from sqlalchemy import ForeignKey, Index, bindparam, insert, select, text, update
from sqlalchemy import event as hooks
from sqlalchemy.orm import Mapped, Session, mapped_column

from forum.kernel import clock
from forum.kernel.db import Model, rows


class Stream(Model):
    """A counter that every public change of one thread, map, survey or consultation takes its number from."""

    __tablename__ = "stream"
    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(default=0)


class Event(Model):
    """One thing that happened; never updated."""

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    at: Mapped[datetime]
    stream_id: Mapped[int | None] = mapped_column(ForeignKey("stream.id"))
    seq: Mapped[int | None]
    subject_id: Mapped[int | None]
    data: Mapped[dict[str, Any]]

    __table_args__ = (Index("ix_event_stream_id_seq", "stream_id", "seq"),)


class Delivery(Model):
    """One event on its way to one observer: the outbox."""

    __tablename__ = "delivery"
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), primary_key=True)
    observer: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    error: Mapped[str | None]

    __table_args__ = (
        Index(
            "ix_delivery_waiting",
            "observer",
            "event_id",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
    )


class NotNow(Exception):
    """An observer can take nothing at present, which is no event's fault: all wait on, in their order."""


@dataclass(frozen=True)
class Observer:
    """Somebody who is told of events: `handle` gets them in order, at least once each.

    `wants` are patterns of names, or a function that gives them when they depend on the other features.
    `handle` raises `NotNow` to be told the same again a little later; any other error sets an event aside.
    """

    name: str
    where: str
    wants: tuple[str, ...] | Callable[[], tuple[str, ...]]
    handle: Callable[[Sequence[Event]], None]

    def hears(self, name: str) -> bool:
        """Whether events of this name are delivered to it."""
        wants = self.wants if isinstance(self.wants, tuple) else self.wants()
        return any(fnmatch(name, pattern) for pattern in wants)


_observers: list[Observer] = []
_nudges: list[Callable[[], None]] = []


def observe(observer: Observer) -> None:
    """Adds an observer; done by the app from the features' manifests, before the first event."""
    _observers[:] = [o for o in _observers if o.name != observer.name] + [observer]


def observers(where: str) -> list[Observer]:
    """The observers that run in the `web` or the `worker` process."""
    return [o for o in _observers if o.where == where]


def on_commit_nudge(nudge: Callable[[], None]) -> None:
    """`nudge` is called after each commit that emitted something, to save the dispatcher's wait."""
    _nudges[:] = [nudge]


# Built once: every change goes through these, and building a statement takes longer than running it.
_streams: Any = Stream.__table__
_NEXT = (
    update(_streams)
    .where(_streams.c.id == bindparam("stream"))
    .values(seq=_streams.c.seq + 1)
    .returning(_streams.c.seq)
)
_events: Any = Event.__table__
_HAPPENED = insert(_events).returning(_events.c.id)
_deliveries: Any = Delivery.__table__
_WAITING = insert(_deliveries)


def new_stream(tx: Session) -> int:
    """A counter standing at 0; its own making takes no number."""
    stream = Stream(seq=0)
    tx.add(stream)
    tx.flush()
    return stream.id


def next_seq(tx: Session, stream_id: int) -> int:
    """The stream's next number; holds the stream until the transaction ends."""
    return int(rows(tx, _NEXT, {"stream": stream_id}).scalar_one())


def next_seqs(tx: Session, stream_id: int, n: int) -> range:
    """The stream's next `n` numbers; holds the stream until the transaction ends."""
    moved = update(_streams).where(_streams.c.id == stream_id).values(seq=_streams.c.seq + n).returning(_streams.c.seq)
    last = int(tx.execute(moved).scalar_one())
    return range(last - n + 1, last + 1)


def current_seq(tx: Session, stream_id: int) -> int:
    """The number of the stream's latest change."""
    return tx.execute(select(Stream.seq).where(Stream.id == stream_id)).scalar_one()


def emit(
    tx: Session,
    name: str,
    *,
    stream_id: int | None = None,
    seq: int | None = None,
    subject_id: int | None = None,
    **data: Any,
) -> int:
    """Writes the event and a delivery for everyone who wants it; returns the event's id."""
    now = clock.now()
    happened = {"name": name, "at": now, "stream_id": stream_id, "seq": seq, "subject_id": subject_id, "data": data}
    event_id = int(rows(tx, _HAPPENED, happened).scalar_one())
    _deliver(tx, name, [event_id], now)
    return event_id


def emit_each(tx: Session, name: str, *, stream_id: int, numbered: Sequence[tuple[int, int]]) -> None:
    """The same event for many at once, each as (its number in the stream, its subject), in this order."""
    now = clock.now()
    happened = [
        {"name": name, "at": now, "stream_id": stream_id, "seq": seq, "subject_id": subject, "data": {}}
        for seq, subject in numbered
    ]
    written = insert(_events).returning(_events.c.id, sort_by_parameter_order=True)
    _deliver(tx, name, list(tx.execute(written, happened).scalars()), now)


def _deliver(tx: Session, name: str, event_ids: Sequence[int], now: datetime) -> None:
    waiting = [
        {"event_id": event_id, "observer": o.name, "state": "waiting", "attempts": 0, "next_at": now}
        for event_id in event_ids
        for o in _observers
        if o.hears(name)
    ]
    if waiting:
        # The driver sends a list of one in a longer way than the one alone.
        rows(tx, _WAITING, waiting if len(waiting) > 1 else waiting[0])
        _nudge_after_commit(tx)


def _nudge_after_commit(tx: Session) -> None:
    if not tx.info.get("nudging"):
        tx.info["nudging"] = True
        hooks.listen(tx, "after_commit", lambda _session: nudge(), once=True)


def nudge() -> None:
    """Tells the dispatcher of this process that something may be waiting."""
    for call in _nudges:
        call()
