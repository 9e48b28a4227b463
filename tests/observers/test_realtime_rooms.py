"""Rooms in one process: who gets in, who has to leave, what they are told when something went wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.kernel import clock, events, feature, keys
from forum.kernel.errors import Denied
from forum.kernel.events import Event, NotNow, emit
from forum.kernel.feature import Feature, LiveEvent, Watchable
from forum.kernel.rules import Actor
from forum.observers.realtime import service
from forum.observers.realtime.relay import Relay
from forum.observers.realtime.service import Live
from tests.factories import Make


@dataclass
class Playground:
    """A feature whose only purpose is to be watched."""

    stream_id: int
    may: Callable[[Actor], bool] = lambda _actor: True
    broken: bool = False
    asked: list[int | None] = field(default_factory=list)

    def find(self, _tx: Session, actor: Actor, room: str) -> int | None:
        if room != "playground":
            return None
        self.asked.append(actor.user_id)
        if not self.may(actor):
            raise Denied("sign_in", sign_in=True)
        return self.stream_id

    def missed(self, _tx: Session, _actor: Actor, _room: str, since: int) -> tuple[list[dict[str, Any]], bool]:
        return [{"id": "thing", "seq": since + 1}], False

    def live(self, _tx: Session, group: list[Event]) -> list[LiveEvent]:
        if self.broken:
            raise RuntimeError
        name = {"play.closed": "playground"}
        return [
            LiveEvent("playground", {"id": name.get(e.name, "thing"), "in": "playground", "seq": e.seq}) for e in group
        ]


@pytest.fixture
def playground(tx: Session, app: Flask) -> Iterator[Playground]:
    made = Playground(events.new_stream(tx))
    tx.commit()
    before = feature.features()
    told = dict.fromkeys(("play.posted", "play.closed"), made.live)
    feature.register([*before, Feature("play", watchables=(Watchable(made.find, made.missed),), live=told)])
    yield made
    feature.register(before)


@pytest.fixture
def live(app: Flask) -> Live:
    return service.current()


Opens = Callable[..., SocketIOTestClient]


@pytest.fixture
def opens(app: Flask) -> Iterator[Opens]:
    """Opens a socket, as nobody, with a browser's cookies or with a token; all are closed after the test."""
    opened: list[SocketIOTestClient] = []

    def open_socket(client: FlaskClient | None = None, **auth: str) -> SocketIOTestClient:
        made = app.extensions["socketio"].test_client(app, flask_test_client=client, auth=auth or None)
        opened.append(made)
        return made

    yield open_socket
    for page in opened:
        if page.is_connected():
            page.disconnect()


def _watch(page: SocketIOTestClient, **wish: Any) -> Any:
    return page.emit("watch", {"id": "playground", **wish}, callback=True)


def _heard(page: SocketIOTestClient) -> list[tuple[str, int]]:
    return [(message["name"], message["args"][0]["seq"]) for message in page.get_received()]


def _happen(tx: Session, playground: Playground, *names: str) -> list[Event]:
    for name in names:
        emit(tx, name, stream_id=playground.stream_id, seq=events.next_seq(tx, playground.stream_id), subject_id=1)
    tx.commit()
    last = select(Event).order_by(Event.id.desc()).limit(len(names))
    return list(reversed(tx.execute(last).scalars().all()))


def test_a_watcher_hears_what_happens_in_its_room(
    opens: Opens, tx: Session, playground: Playground, live: Live
) -> None:
    page, elsewhere = opens(), opens()
    assert _watch(page) == {"ok": True, "seq": 0, "missed": [], "reload": False}
    live.tell(_happen(tx, playground, "play.posted", "play.posted"))
    assert _heard(page) == [("play.posted", 1), ("play.posted", 2)]
    assert _heard(elsewhere) == []


def test_somebody_who_may_not_hear_is_refused_with_the_reason(
    opens: Opens, tx: Session, playground: Playground, live: Live
) -> None:
    playground.may = lambda actor: not actor.is_nobody
    page = opens()
    assert _watch(page, since_seq=0) == {"ok": False, "reason": "sign_in"}
    live.tell(_happen(tx, playground, "play.posted"))
    assert _heard(page) == []


def test_a_cookie_or_a_token_says_who_watches(
    opens: Opens, client: FlaskClient, make: Make, tx: Session, playground: Playground
) -> None:
    by_cookie, by_token = make.user("หนึ่ง"), make.user("สอง")
    make.sign_in(client, by_cookie)
    token = make.token(by_token)
    tx.commit()
    playground.may = lambda actor: not actor.is_nobody
    assert _watch(opens(client))["ok"]
    assert _watch(opens(token=token))["ok"]
    assert _watch(opens(client, token=token))["ok"], "the token counts"
    assert set(playground.asked) == {by_cookie.id, by_token.id}


def test_a_forged_token_beside_a_good_cookie_is_refused(
    opens: Opens, client: FlaskClient, make: Make, tx: Session, live: Live
) -> None:
    make.sign_in(client, make.user())
    tx.commit()
    assert not opens(client, token="forged").is_connected()
    assert live.rooms.seats == {}


def test_whoever_may_no_longer_hear_leaves_before_the_news_is_told(
    opens: Opens, client: FlaskClient, make: Make, tx: Session, playground: Playground, live: Live
) -> None:
    make.sign_in(client, make.user())
    tx.commit()
    member, nobody = opens(client), opens()
    assert _watch(member)["ok"]
    assert _watch(nobody)["ok"]
    playground.may = lambda actor: not actor.is_nobody
    live.tell(_happen(tx, playground, "play.closed", "play.posted"))
    assert _heard(member) == [("play.closed", 1), ("play.posted", 2)]
    assert _heard(nobody) == []


def test_a_change_that_lets_nobody_less_in_is_heard_by_all(
    opens: Opens, tx: Session, playground: Playground, live: Live
) -> None:
    page = opens()
    _watch(page)
    live.tell(_happen(tx, playground, "play.closed"))
    assert _heard(page) == [("play.closed", 1)]


def test_only_the_sockets_of_the_person_who_signed_out_are_ended(
    opens: Opens, client: FlaskClient, make: Make, tx: Session, live: Live, playground: Playground
) -> None:
    leaving, staying = make.user("ไป"), make.user("อยู่")
    make.sign_in(client, leaving)
    token = make.token(staying)
    tx.commit()
    gone, kept, nobody = opens(client), opens(token=token), opens()
    tx.execute(leaving.__table__.metadata.tables["sign_in"].delete())
    emit(tx, "account.signed_out", subject_id=leaving.id)
    tx.commit()
    live.tell(tx.execute(select(Event)).scalars().all())
    assert [page.is_connected() for page in (gone, kept, nobody)] == [False, True, True]
    assert len(live.rooms.seats) == 2


def test_a_sign_in_that_ends_by_the_clock_ends_its_sockets_at_the_next_turn(
    opens: Opens, client: FlaskClient, make: Make, tx: Session, live: Live, playground: Playground
) -> None:
    person = make.user()
    make.sign_in(client, person)
    token = make.token(person)
    tx.commit()
    by_cookie, by_token, nobody = opens(client), opens(token=token), opens()
    _watch(by_cookie)
    live.turn()
    assert by_cookie.is_connected(), "its day is not over"
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1), tick=False):
        live.turn()
    assert [page.is_connected() for page in (by_cookie, by_token, nobody)] == [False, True, True]
    assert len(live.rooms.seats) == 2
    assert live.rooms.streams == {}


def test_an_account_event_that_ends_nothing_ends_no_socket(opens: Opens, make: Make, tx: Session, live: Live) -> None:
    person = make.user()
    token = make.token(person)
    emit(tx, "account.name_changed", subject_id=person.id)
    tx.commit()
    page = opens(token=token)
    live.tell(tx.execute(select(Event)).scalars().all())
    assert page.is_connected()


def test_when_something_cannot_be_told_the_room_learns_its_number_instead(
    opens: Opens, tx: Session, playground: Playground, live: Live
) -> None:
    page = opens()
    _watch(page)
    playground.broken = True
    with pytest.raises(RuntimeError):
        live.tell(_happen(tx, playground, "play.posted"))
    assert live._wake.is_set(), "the telling of numbers does not wait for its turn"
    live.tell_numbers()
    assert page.get_received()[0]["args"][0] | {"at": ""} == {
        "id": "playground",
        "in": "playground",
        "seq": 1,
        "at": "",
    }
    assert _watch(page, since_seq=0)["missed"] == [{"id": "thing", "seq": 1}]


def test_nobody_is_told_numbers_of_rooms_nobody_is_in(opens: Opens, playground: Playground, live: Live) -> None:
    page = opens()
    _watch(page)
    page.emit("unwatch", {"id": "playground"}, callback=True)
    assert live.rooms.streams == {}
    _watch(page)
    page.disconnect()
    assert live.rooms.streams == {}
    assert live.rooms.seats == {}
    live.tell_numbers()


def test_while_redis_is_away_those_here_hear_once_and_the_delivery_waits(
    opens: Opens, tx: Session, playground: Playground, live: Live
) -> None:
    nobody_listens_there = Relay("redis://127.0.0.1:1/0", keys.keyed("relay", "test"))
    here = Live(live.rooms, nobody_listens_there)
    page = opens()
    _watch(page)
    first = _happen(tx, playground, "play.posted")
    for _ in range(3):
        with pytest.raises(NotNow):
            here.tell(first)
    with pytest.raises(NotNow):
        here.tell([*first, *_happen(tx, playground, "play.posted")])
    assert _heard(page) == [("play.posted", 1), ("play.posted", 2)]


def test_what_another_process_says_is_said_here(opens: Opens, playground: Playground, live: Live) -> None:
    page = opens()
    _watch(page)
    live.hear({"people": [], "audience": False, "say": [["play.posted", "playground", {"id": "x", "seq": 1}]]})
    assert _heard(page) == [("play.posted", 1)]
