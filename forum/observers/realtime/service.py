"""Telling: what happened goes to the rooms here and in other processes, and to nobody who may not hear it."""

import logging
import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from forum.kernel import clock
from forum.kernel.db import reading
from forum.kernel.errors import AppError
from forum.kernel.events import Event, NotNow
from forum.kernel.rules import Actor
from forum.observers.realtime.compute import Proof
from forum.observers.realtime.queries import find, numbers, who
from forum.observers.realtime.rooms import Rooms, Seat
from forum.observers.realtime.sayings import Saying, people_in, sayings

if TYPE_CHECKING:
    from forum.observers.realtime.relay import Message, Relay

log = logging.getLogger(__name__)

TELL_EVERY = 30.0
_TELL_EVERY_WITHOUT_REDIS = 3.0


class Live:
    """What one web process tells its rooms and the other processes."""

    def __init__(self, rooms: Rooms, relay: "Relay | None" = None):
        self.rooms = rooms
        self.relay = relay
        self._told_here: set[tuple[str, str, Any, int]] = set()
        self._wake = threading.Event()
        self._was_deaf = False

    def tell(self, changes: Sequence[Event]) -> None:
        """Tells of a batch of events; raises `NotNow` while the other processes cannot be reached."""
        try:
            said = self._sayings(changes)
        except Exception:
            # Whoever watches learns from the number that something is missing, and asks for it.
            self.tell_soon()
            raise
        people = people_in(changes)
        self.hear(_message(people, [s for s in said if s.key not in self._told_here]))
        if self.relay is not None and (people or said):
            self._pass_on(self.relay, _message(people, said), said)

    def _sayings(self, changes: Sequence[Event]) -> list[Saying]:
        if self.relay is None:
            watched = {None, *self.rooms.streams.values()}
            changes = [e for e in changes if e.stream_id in watched]
        if not changes:
            return []
        with reading() as tx:
            return sayings(tx, changes)

    def _pass_on(self, relay: "Relay", message: "Message", said: list[Saying]) -> None:
        try:
            relay.publish(message)
        except NotNow:
            self._told_here |= {s.key for s in said}
            raise
        self._told_here.clear()

    def hear(self, message: "Message") -> None:
        """Does here what a message says: first who may still hear, then what there is to hear."""
        if message["people"]:
            self._ask_who(self.rooms.seats_of(message["people"]))
        if message["audience"]:
            self._ask_audience()
        for name, room, payload in message["say"]:
            self.rooms.say(name, room, payload)

    def _ask_who(self, seats: Sequence[Seat]) -> None:
        for seat in seats:
            if seat.proof is not None and not _is_still(seat, seat.proof):
                self.rooms.drop(seat)

    def _ask_audience(self) -> None:
        for room in list(self.rooms.streams):
            by_actor: dict[Actor, list[Seat]] = defaultdict(list)
            for seat in self.rooms.seats_in(room):
                by_actor[seat.actor].append(seat)
            for seat in [s for actor, seats in by_actor.items() if not _may_hear(actor, room) for s in seats]:
                self.rooms.leave(seat, room)

    def listen(self) -> None:
        """Hears the other processes for as long as this one lives."""
        if self.relay is not None:
            self.relay.listen(self.hear, self._turned)

    def _turned(self) -> None:
        self._was_deaf = True
        self.tell_soon()

    def keep_telling(self) -> None:
        """Tells every room the present number of its stream, every 30 s and after every outage."""
        while True:
            deaf = self.relay is not None and not self.relay.is_listening
            self._wake.wait(_TELL_EVERY_WITHOUT_REDIS if deaf else TELL_EVERY)
            self._wake.clear()
            try:
                self.turn(deaf)
            except Exception:
                log.exception("the rooms could not be told their numbers")

    def turn(self, deaf: bool = False) -> None:
        """What is done now and then: ended sign-ins are let go, and every room is told its number."""
        for seat in self.rooms.seats_over(clock.now()):
            self.rooms.drop(seat)
        if deaf or self._was_deaf:
            # Nobody told this process of sign-outs and closed rooms meanwhile.
            self._was_deaf = False
            self._ask_who(list(self.rooms.seats.values()))
            self._ask_audience()
        self.tell_numbers()

    def tell_soon(self) -> None:
        """The rooms are told their numbers now instead of at the next turn."""
        self._wake.set()

    def tell_numbers(self) -> None:
        """Tells the rooms of this process the present number of their stream."""
        streams = dict(self.rooms.streams)
        if not streams:
            return
        with reading() as tx:
            now = numbers(tx, streams.values())
        at = clock.iso(clock.now())
        for room, stream_id in streams.items():
            self.rooms.say("seq", room, {"id": room, "in": room, "seq": now[stream_id], "at": at})


def _message(people: list[int], said: list[Saying]) -> "Message":
    return {
        "people": people,
        "audience": any(s.is_about_room for s in said),
        "say": [[s.name, s.room, s.payload] for s in said],
    }


def _is_still(seat: Seat, proof: Proof) -> bool:
    """Whether a seat's proof holds, and stands for the same roles; no, when that cannot be found out."""
    try:
        with reading() as tx:
            now = who(tx, proof)
    except Exception:
        log.exception("a socket is ended because its owner cannot be asked for")
        return False
    return now is not None and (seat.is_arriving or now.actor.roles == seat.actor.roles)


def _may_hear(actor: Actor, room: str) -> bool:
    try:
        with reading() as tx:
            find(tx, actor, room)
    except AppError:
        return False
    return True


_lives: list[Live] = []


def use(live: Live) -> None:
    """Makes this the telling of the process; done once by the app."""
    _lives[:] = [live]


def current() -> Live:
    """The telling of this process; there is none before the app attached the sockets."""
    return _lives[0]


def tell(changes: Sequence[Event]) -> None:
    """Tells of a batch of events; the observer that the dispatcher calls."""
    current().tell(changes)


def sockets() -> float:
    """How many sockets are open in this process."""
    return float(len(current().rooms.seats))
