"""Live without a server: what is read from clients, what is said of events, when a delivery waits."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.kernel import clock, events, feature
from forum.kernel.dispatch import Dispatcher, deliver
from forum.kernel.events import Delivery, Event, NotNow, Observer, emit
from forum.kernel.feature import Feature, LiveEvent
from forum.observers.realtime.compute import BURST, Allowance, is_our_origin
from forum.observers.realtime.forms import read_proof, read_room, read_wish
from forum.observers.realtime.sayings import people_in, sayings

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=3))
def test_whatever_a_client_says_is_a_clean_wish_or_none(said: list[Any]) -> None:
    wish = read_wish(tuple(said))
    assert wish is None or (wish.room.isascii() and (wish.since is None or wish.since >= 0))
    assert read_room(tuple(said)) is None or wish is None or read_room(tuple(said)) == wish.room


@pytest.mark.parametrize(
    "said",
    [
        (),
        (None,),
        ("abc",),
        ([],),
        ({},),
        ({"id": None},),
        ({"id": 5},),
        ({"id": ""},),
        ({"id": "a" * 101},),
        ({"id": "A"},),
        ({"id": "ก"},),
        ({"id": "a b"},),
        ({"id": "a\n"},),
        ({"id": ["a"]},),
        ({"id": "w:abc"},),
        ({"id": "abc", "since_seq": -1},),
        ({"id": "abc", "since_seq": True},),
        ({"id": "abc", "since_seq": "3"},),
        ({"id": "abc", "since_seq": 1.5},),
        ({"id": "abc", "since_seq": 2**31},),
        ({"id": "abc"}, {"id": "abc"}),
    ],
)
def test_a_wish_that_is_not_clean_is_no_wish(said: tuple[Any, ...]) -> None:
    assert read_wish(said) is None


def test_a_wish_names_a_room_and_may_name_a_number() -> None:
    wish = read_wish(({"id": "canal-walk", "since_seq": 0},))
    assert wish is not None
    assert (wish.room, wish.since) == ("canal-walk", 0)
    assert read_wish(({"id": "abc"},)) is not None


@given(JSON, JSON)
def test_a_proof_is_read_without_trust(auth: Any, cookie: Any) -> None:
    proof = read_proof(auth, cookie)
    assert proof is None or len(proof.secret) <= 200


def test_a_token_counts_before_a_cookie_even_when_it_cannot_be_one() -> None:
    assert read_proof({"token": 5}, "secret") == read_proof({"token": ""}, None)
    assert read_proof({"token": None}, "secret") == read_proof(None, "secret")
    assert "hidden" not in repr(read_proof({"token": "hidden"}, None))


@pytest.mark.parametrize(
    ("origin", "public", "host", "ours"),
    [
        ("https://sala.example", "https://sala.example", "sala.example", True),
        ("http://sala.example", "https://sala.example", "sala.example", False),
        ("https://sala.example:8443", "https://sala.example", "sala.example", False),
        ("https://sala.example.evil.com", "https://sala.example", "sala.example", False),
        ("https://evil.com", "https://sala.example", "evil.com", False),
        ("null", "https://sala.example", "sala.example", False),
        ("", "https://sala.example", "sala.example", False),
        ("http://localhost:8000", "http://127.0.0.1:8000", "localhost:8000", True),
        ("http://localhost:9999", "http://127.0.0.1:8000", "localhost:8000", False),
        ("http://localhost:8000", "https://sala.example", "localhost:8000", False),
        ("http://evil.com", "http://127.0.0.1:8000", "evil.com", False),
    ],
)
def test_only_pages_of_this_site_may_open_a_socket(origin: str, public: str, host: str, ours: bool) -> None:
    assert is_our_origin(origin, public, host) is ours


def test_a_socket_may_say_much_at_once_but_not_for_long() -> None:
    allowance = Allowance(0.0)
    assert all(allowance.take(0.0) for _ in range(int(BURST)))
    assert not allowance.take(0.0)
    assert allowance.take(1.0)
    assert sum(allowance.take(1.0) for _ in range(100)) < 10


@pytest.fixture
def changes(tx: Session, playground: list[str]) -> Callable[[], list[Event]]:
    def read() -> list[Event]:
        return list(tx.execute(select(Event).order_by(Event.id)).scalars())

    return read


@pytest.fixture
def playground(tx: Session) -> Iterator[list[str]]:
    """A feature whose only purpose is to be watched: its events tell their subject's present state."""
    asked: list[str] = []

    def tell(_tx: Session, group: list[Event]) -> list[LiveEvent]:
        asked.append(f"{group[0].name} {len(group)}")
        return [_told(e) for e in group]

    before = feature.features()
    names = dict.fromkeys(("play.posted", "play.edited", "play.counts"), tell)
    feature.register([*before, Feature(name="play", live=names)])
    yield asked
    feature.register(before)


def _told(event: Event) -> LiveEvent:
    seq = event.seq if event.seq is not None else event.data["now"]
    return LiveEvent("room", {"id": f"thing-{event.subject_id}", "in": "room", "seq": seq})


def test_what_is_said_comes_in_the_order_of_the_numbers_whatever_it_is(
    tx: Session, changes: Callable[[], list[Event]], playground: list[str]
) -> None:
    stream = events.new_stream(tx)
    for n, name in enumerate(("posted", "edited", "posted", "posted", "edited"), 1):
        emit(tx, f"play.{name}", stream_id=stream, seq=n, subject_id=n)
    said = sayings(tx, changes())
    assert [s.payload["seq"] for s in said] == [1, 2, 3, 4, 5]
    assert playground == ["play.posted 3", "play.edited 2"]


def test_of_many_totals_of_one_thing_only_the_last_is_said_and_after_the_changes(
    tx: Session, changes: Callable[[], list[Event]], playground: list[str]
) -> None:
    stream = events.new_stream(tx)
    for n in (1, 2, 3):
        emit(tx, "play.posted", stream_id=stream, seq=n, subject_id=n)
        emit(tx, "play.counts", stream_id=stream, subject_id=77, now=n)
    emit(tx, "play.counts", stream_id=stream, subject_id=78, now=3)
    said = sayings(tx, changes())
    assert [(s.payload["id"], s.payload["seq"]) for s in said] == [
        ("thing-1", 1),
        ("thing-2", 2),
        ("thing-3", 3),
        ("thing-77", 3),
        ("thing-78", 3),
    ]


def test_events_that_no_feature_tells_are_passed_over(tx: Session, changes: Callable[[], list[Event]]) -> None:
    emit(tx, "nobody.cares", subject_id=1)
    assert sayings(tx, changes()) == []


def test_a_change_of_the_watched_thing_itself_may_change_who_may_hear(
    tx: Session, changes: Callable[[], list[Event]]
) -> None:
    stream = events.new_stream(tx)
    emit(tx, "play.posted", stream_id=stream, seq=1, subject_id=1)
    said = sayings(tx, changes())[0]
    assert not said.is_about_room
    said.payload["id"] = "room"
    assert said.is_about_room


def test_people_are_asked_again_after_events_about_them_only(tx: Session, playground: list[str]) -> None:
    emit(tx, "account.signed_out", subject_id=5)
    emit(tx, "member.removed", subject_id=7)
    emit(tx, "comment.posted", subject_id=9)
    emit(tx, "account.unknown")
    found = tx.execute(select(Event).order_by(Event.id)).scalars().all()
    assert people_in(found) == [5, 7]


class Ear:
    """An observer that does as it is told."""

    def __init__(self) -> None:
        self.heard: list[list[int]] = []
        self.mood: Callable[[Event], Exception | None] = lambda _event: None

    def handle(self, changes: Sequence[Event]) -> None:
        for change in changes:
            if error := self.mood(change):
                raise error
        self.heard.append([e.id for e in changes])


@pytest.fixture
def ear(lent: object) -> Iterator[Ear]:
    made = Ear()
    before = list(events._observers)
    events._observers[:] = [Observer("ear", "web", ("play.*",), made.handle)]
    yield made
    events._observers[:] = before


def _states(tx: Session) -> dict[int, tuple[str, int, str | None]]:
    tx.expire_all()
    rows = tx.execute(select(Delivery).where(Delivery.observer == "ear")).scalars()
    return {row.event_id: (row.state, row.attempts, row.error) for row in rows}


def test_a_bad_event_is_set_aside_with_the_kind_of_its_error_and_blocks_nobody(tx: Session, ear: Ear) -> None:
    ids = [emit(tx, "play.posted", subject_id=n) for n in (1, 2, 3)]
    tx.commit()
    ear.mood = lambda e: ValueError("somebody's words") if e.subject_id == 2 else None
    observer = events.observers("web")[0]
    assert deliver(observer) == 3
    assert ear.heard == [[ids[0]], [ids[2]]]
    states = _states(tx)
    assert states[ids[0]][0] == states[ids[2]][0] == "done"
    assert states[ids[1]] == ("waiting", 1, "ValueError")
    assert deliver(observer) == 0


def test_a_bad_event_is_tried_again_when_its_time_has_come(
    tx: Session, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id = emit(tx, "play.posted", subject_id=1)
    tx.commit()
    ear.mood = lambda _event: ValueError()
    observer = events.observers("web")[0]
    deliver(observer)
    ear.mood = lambda _event: None
    row = tx.get_one(Delivery, (event_id, "ear"))
    later = row.next_at
    assert later > clock.now()
    row.next_at = clock.now()
    tx.commit()
    assert deliver(observer) == 1
    assert _states(tx)[event_id] == ("done", 1, None)


def test_an_observer_that_can_take_nothing_now_keeps_everything_in_order(tx: Session, ear: Ear) -> None:
    ids = [emit(tx, "play.posted", subject_id=n) for n in (1, 2, 3)]
    tx.commit()
    ear.mood = lambda _event: NotNow()
    dispatcher = Dispatcher("web", idle=0.01)
    assert dispatcher.turn() == 0
    assert set(_states(tx).values()) == {("waiting", 0, None)}
    ear.mood = lambda _event: None
    assert dispatcher.turn() == 0, "it is left in peace for a moment"
    assert Dispatcher("web", idle=0.01).turn() == 3
    assert ear.heard == [ids]


def test_an_event_is_told_again_when_the_process_dies_between_telling_and_marking(tx: Session, ear: Ear) -> None:
    event_id = emit(tx, "play.posted", subject_id=1)
    tx.commit()

    class Died(BaseException):
        pass

    def dies(changes: Sequence[Event]) -> None:
        ear.handle(changes)
        raise Died

    with pytest.raises(Died):
        deliver(Observer("ear", "web", ("play.*",), dies))
    assert deliver(events.observers("web")[0]) == 1
    assert ear.heard == [[event_id], [event_id]]


def test_what_nobody_wants_leaves_no_delivery(tx: Session, ear: Ear) -> None:
    emit(tx, "other.posted", subject_id=1)
    assert _states(tx) == {}


def test_nothing_is_delivered_of_a_transaction_that_was_rolled_back(tx: Session, ear: Ear) -> None:
    emit(tx, "play.posted", subject_id=1)
    tx.rollback()
    assert deliver(events.observers("web")[0]) == 0
    assert ear.heard == []
