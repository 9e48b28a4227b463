"""Hands events to their observers after commit: in order, at least once, a bad one set aside.

One process at a time delivers to the observers of one place (a lock decides who), so that the
deliveries of one stream go out one after another in `seq` order. Deliveries wait in the database;
nothing is lost when a process dies between telling and marking, it is only told again.
"""

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from threading import Event as Flag
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exc, func, literal_column, select, text, update
from sqlalchemy.orm import Session

from forum.kernel import clock, events
from forum.kernel.db import current, reading, rows, transaction
from forum.kernel.events import Delivery, Event, NotNow, Observer

log = logging.getLogger(__name__)

BATCH = 200
_KEEP_DONE = timedelta(days=7)
_BACK_OFF = (1, 5, 30, 120, 600, 3600)
_REST = 0.5
"""Seconds an observer that can take nothing is left in peace."""
_LEAD_AGAIN = 1.0
"""Seconds between two tries to lead, so that a dead leader is replaced soon."""
_LEADER_KEYS = {"web": 0x5A1A01, "worker": 0x5A1A02}


# Built once. The state is part of the text, so that a plan made for any observer may use the index of what waits.
_DUE = (
    select(Event)
    .join(Delivery, Delivery.event_id == Event.id)
    .where(
        Delivery.observer == bindparam("observer"),
        Delivery.state == literal_column("'waiting'"),
        Delivery.next_at <= bindparam("now"),
    )
    .order_by(Delivery.event_id)
    .limit(BATCH)
)
_deliveries: Any = Delivery.__table__
_DONE = (
    update(_deliveries)
    .where(_deliveries.c.observer == bindparam("whose"), _deliveries.c.event_id.in_(bindparam("ids", expanding=True)))
    .values(state="done", error=None)
)


class Dispatcher:
    """Runs the observers of one place, `web` or `worker`, in the process that leads there."""

    def __init__(self, where: str, idle: float):
        self.where = where
        self.idle = idle
        self._flag = Flag()
        self._stopping = False
        self._leader: Connection | None = None
        self._lead_again_at = 0.0
        self._rests_until: dict[str, float] = {}

    def nudge(self) -> None:
        """Something may be waiting: look now instead of after `idle` seconds."""
        self._flag.set()

    def stop(self) -> None:
        """Ends `run` after the batch in hand."""
        self._stopping = True
        self._flag.set()

    def run(self) -> None:
        """Delivers until stopped; survives a database that is away or busy for a while."""
        while not self._stopping:
            self._flag.wait(self.idle)
            self._flag.clear()
            try:
                while self.lead() and self.turn() and not self._is_stopping():
                    pass
            except Exception:
                log.warning("dispatcher waits for the database", exc_info=True)
                self.resign()
        self.resign()

    def _is_stopping(self) -> bool:
        return self._stopping

    def turn(self) -> int:
        """Delivers one batch to each observer of this place; how many deliveries it handled."""
        return sum(self._deliver(observer) for observer in events.observers(self.where))

    def _deliver(self, observer: Observer) -> int:
        if time.monotonic() < self._rests_until.get(observer.name, 0.0):
            return 0
        try:
            return deliver(observer)
        except NotNow:
            self._rests_until[observer.name] = time.monotonic() + _REST
            return 0

    def lead(self) -> bool:
        """Whether this process is the one that delivers; PostgreSQL decides by an advisory lock."""
        if current().sqlite:
            return True
        if self._leader is not None:
            self._leader.execute(text("SELECT 1"))
            return True
        if time.monotonic() < self._lead_again_at:
            return False
        self._leader = self._candidate()
        self._lead_again_at = time.monotonic() + _LEAD_AGAIN
        return self._leader is not None

    def _candidate(self) -> Connection | None:
        connection = current().engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            key = {"key": _LEADER_KEYS[self.where]}
            if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar():
                return connection
        except BaseException:
            connection.invalidate()
            raise
        connection.close()
        return None

    def resign(self) -> None:
        """Lets another process lead."""
        if self._leader is not None:
            with suppress(exc.SQLAlchemyError):
                self._leader.invalidate()
                self._leader.close()
            self._leader = None


def deliver(observer: Observer) -> int:
    """One batch of what waits for an observer; returns its size. Raises `NotNow` when the observer does."""
    with reading() as tx:
        waiting = _waiting(tx, observer.name)
        tx.expunge_all()
    if not waiting:
        return 0
    try:
        observer.handle(waiting)
    except NotNow:
        raise
    except Exception:
        log.exception("a batch for %s failed; delivering one by one", observer.name)
        _deliver_singly(observer, waiting)
    else:
        _mark_done(observer.name, [e.id for e in waiting])
    return len(waiting)


def _waiting(tx: Session, observer: str) -> Sequence[Event]:
    return tx.execute(_DUE, {"observer": observer, "now": clock.now()}).scalars().all()


def _deliver_singly(observer: Observer, waiting: Sequence[Event]) -> None:
    for event in waiting:
        try:
            observer.handle([event])
        except NotNow:
            raise
        except Exception as error:
            log.exception("event %s set aside for %s", event.id, observer.name)
            _set_aside(observer.name, event.id, error)
        else:
            _mark_done(observer.name, [event.id])


def _mark_done(observer: str, event_ids: list[int]) -> None:
    with transaction() as tx:
        rows(tx, _DONE, {"whose": observer, "ids": event_ids})


def _set_aside(observer: str, event_id: int, error: Exception) -> None:
    with transaction() as tx:
        delivery = tx.get_one(Delivery, (event_id, observer))
        wait = _BACK_OFF[min(delivery.attempts, len(_BACK_OFF) - 1)]
        delivery.attempts += 1
        delivery.next_at = clock.now() + timedelta(seconds=wait)
        # The kind of error only: its text may carry what people wrote.
        delivery.error = type(error).__name__


def forget_delivered() -> int:
    """Deletes deliveries done more than a week ago; the events stay. Returns how many."""
    old = select(Event.id).where(Event.at < clock.now() - _KEEP_DONE)
    with transaction() as tx:
        gone: Any = tx.execute(delete(Delivery).where(Delivery.state == "done", Delivery.event_id.in_(old)))
    return int(gone.rowcount)


def waiting_count(tx: Session) -> int:
    """How many deliveries wait, for /metrics and /readyz."""
    counted = select(func.count()).select_from(Delivery).where(Delivery.state == "waiting")
    return tx.execute(counted).scalar_one()
