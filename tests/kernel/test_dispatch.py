"""The dispatcher: one leads, streams in order, a bad event waits longer each time and holds nobody up."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from forum.kernel import clock, db, events
from forum.kernel.dispatch import Dispatcher, deliver, forget_delivered, waiting_count
from forum.kernel.events import Delivery, Event, Observer, emit


class Ear:
    """Hears, and fails on what it is told to fail on."""

    def __init__(self) -> None:
        self.heard: list[tuple[int | None, int | None]] = []
        self.bad: set[int] = set()

    def handle(self, told: Sequence[Event]) -> None:
        if self.bad & {e.subject_id for e in told}:
            raise ValueError("somebody's words")
        self.heard += [(e.stream_id, e.seq) for e in told]


@pytest.fixture
def ear(tx: Session) -> Iterator[Ear]:
    made = Ear()
    before = list(events._observers)
    events._observers[:] = [Observer("ear", "web", ("play.*",), made.handle)]
    yield made
    events._observers[:] = before


def observer() -> Observer:
    return events.observers("web")[0]


def test_each_stream_is_told_in_the_order_of_its_numbers(tx: Session, ear: Ear) -> None:
    streams = [events.new_stream(tx) for _ in range(3)]
    for n in range(250):
        stream = streams[n * n % 3]
        emit(tx, "play.posted", stream_id=stream, seq=events.next_seq(tx, stream), subject_id=n)
    tx.commit()
    while deliver(observer()):
        pass
    assert len(ear.heard) == 250
    for stream in streams:
        told = [seq for of, seq in ear.heard if of == stream]
        assert told == list(range(1, len(told) + 1))


def test_there_is_one_delivery_for_each_observer_that_wants_an_event(tx: Session, ear: Ear) -> None:
    events.observe(Observer("second", "worker", ("play.posted",), ear.handle))
    events.observe(Observer("third", "worker", ("work.*",), ear.handle))
    emit(tx, "play.posted", subject_id=1)
    emit(tx, "play.edited", subject_id=1)
    emit(tx, "nobody.cares", subject_id=1)
    found = tx.execute(select(Delivery.observer, Event.name).join(Event, Event.id == Delivery.event_id)).all()
    assert sorted(map(tuple, found)) == [("ear", "play.edited"), ("ear", "play.posted"), ("second", "play.posted")]
    assert waiting_count(tx) == 3


def test_a_bad_event_waits_longer_each_time_and_others_go_on(tx: Session, ear: Ear) -> None:
    ear.bad = {13}
    event_id = emit(tx, "play.posted", subject_id=13)
    tx.commit()
    waited = []
    with time_machine.travel(clock.now(), tick=False) as travel:
        for n in range(8):
            emit(tx, "play.posted", stream_id=None, subject_id=100 + n)
            tx.commit()
            deliver(observer())
            tx.expire_all()
            row = tx.get_one(Delivery, (event_id, "ear"))
            waited.append(int((row.next_at - clock.now()).total_seconds()))
            assert (row.state, row.attempts, row.error) == ("waiting", n + 1, "ValueError")
            travel.move_to(row.next_at)
        ear.bad = set()
        deliver(observer())
    tx.expire_all()
    assert waited == [1, 5, 30, 120, 600, 3600, 3600, 3600]
    assert tx.get_one(Delivery, (event_id, "ear")).state == "done"
    assert len(ear.heard) == 9


def test_what_was_delivered_is_forgotten_after_a_week_and_the_event_stays(tx: Session, ear: Ear) -> None:
    with time_machine.travel(clock.now() - timedelta(days=8), tick=False):
        old = emit(tx, "play.posted", subject_id=1)
    new = emit(tx, "play.posted", subject_id=2)
    tx.commit()
    deliver(observer())
    assert forget_delivered() == 1
    tx.expire_all()
    assert tx.execute(select(Delivery.event_id)).scalars().all() == [new]
    assert tx.get(Event, old) is not None


@pytest.fixture
def postgres(database: db.Database) -> db.Database:
    if database.sqlite:
        pytest.skip("on SQLite a site has one web process, so nobody else could lead")
    db.use(database)
    return database


def test_one_process_leads_and_another_takes_over_when_it_resigns(postgres: db.Database) -> None:
    first, second = Dispatcher("web", 0.01), Dispatcher("web", 0.01)
    assert first.lead()
    assert not second.lead()
    assert first.lead(), "and it goes on leading"
    assert Dispatcher("worker", 0.01).lead(), "the worker's observers are led apart"
    first.resign()
    third = Dispatcher("web", 0.01)
    assert third.lead()
    third.resign()


def test_another_leads_when_the_leaders_connection_dies(postgres: db.Database) -> None:
    first = Dispatcher("web", 0.01)
    assert first.lead()
    assert first._leader is not None
    pid = first._leader.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with postgres.engine.connect() as connection:
        assert connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid}).scalar()
    second = Dispatcher("web", 0.01)
    assert second.lead()
    with pytest.raises(Exception, match=r"terminat|closed|consuming"):
        first.lead()
    first.resign()
    assert not first.lead()
    second.resign()


@pytest.fixture(autouse=True)
def nothing_left(tx: Session) -> None:
    """Deliveries of other tests are taken back with them; none may be there at the start."""
    tx.execute(delete(Delivery))
