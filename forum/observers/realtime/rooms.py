"""The sockets of this process: who sits in which room, and how something is said to a room.

Rooms are this process's own; what is said in other processes' rooms goes through the relay.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from forum.kernel.rules import NOBODY, Actor
from forum.observers.realtime.compute import Allowance, Proof

ROOMS_EACH = 50
SLICE = 0.04
"""Seconds of telling after which others get their turn: long enough that posts do not outrun their telling."""


@dataclass
class Seat:
    """One socket: what it showed at connect, whose it was found to be and until when, and the rooms it watches."""

    sid: str
    proof: Proof | None
    actor: Actor = NOBODY
    until: datetime | None = None
    rooms: set[str] = field(default_factory=set)
    allowance: Allowance = field(default_factory=lambda: Allowance(time.monotonic()))

    @property
    def is_arriving(self) -> bool:
        """Whether it is not yet known whose proof this is."""
        return self.proof is not None and self.actor.is_nobody


class Rooms:
    """Seats and rooms of one process."""

    def __init__(self, server: Any):
        self._server = server
        self.seats: dict[str, Seat] = {}
        self.streams: dict[str, int] = {}
        self._sitting: dict[str, int] = {}
        self._way_made = 0.0

    def sit(self, seat: Seat) -> None:
        """A socket arrives; before it is known whose it is, so that no sign-out is overlooked."""
        self.seats[seat.sid] = seat

    def stand(self, sid: str) -> None:
        """A socket is gone."""
        seat = self.seats.pop(sid, None)
        for room in list(seat.rooms) if seat else []:
            self._count_out(seat, room)

    def enter(self, seat: Seat, room: str, stream_id: int) -> None:
        """The seat hears what is said in the room from now on."""
        self.streams[room] = stream_id
        if room not in seat.rooms:
            self._server.enter_room(seat.sid, f"w:{room}")
            seat.rooms.add(room)
            self._sitting[room] = self._sitting.get(room, 0) + 1

    def leave(self, seat: Seat, room: str) -> None:
        """The seat hears nothing of the room any more."""
        if room in seat.rooms:
            self._server.leave_room(seat.sid, f"w:{room}")
            self._count_out(seat, room)

    def _count_out(self, seat: Seat | None, room: str) -> None:
        if seat is not None:
            seat.rooms.discard(room)
        self._sitting[room] -= 1
        if self._sitting[room] == 0:
            del self._sitting[room]
            self.streams.pop(room, None)

    def say(self, name: str, room: str, payload: dict[str, Any]) -> None:
        """Tells everybody who sits in the room here; makes way for others after a while of telling."""
        if room not in self._sitting:
            return
        self._server.emit(name, payload, to=f"w:{room}")
        if time.monotonic() - self._way_made > SLICE:
            self._server.sleep(0)
            self._way_made = time.monotonic()

    def seats_of(self, user_ids: Iterable[int]) -> list[Seat]:
        """The seats of these people, and those of whom it is not known yet whose they are."""
        asked = set(user_ids)
        return [s for s in self.seats.values() if s.is_arriving or s.actor.user_id in asked]

    def seats_over(self, now: datetime) -> list[Seat]:
        """The seats whose sign-in has ended by the clock."""
        return [s for s in self.seats.values() if s.until is not None and s.until <= now]

    def seats_in(self, room: str) -> Iterator[Seat]:
        """Who sits in a room."""
        return (s for s in list(self.seats.values()) if room in s.rooms)

    def drop(self, seat: Seat) -> None:
        """Ends a socket at once; its page may come back as whoever it is then."""
        server = self._server
        eio_sid = server.manager.eio_sid_from_sid(seat.sid, "/")
        socket = server.eio.sockets.get(eio_sid)
        self.stand(seat.sid)
        if socket is None:
            server.disconnect(seat.sid)
        else:
            socket.close(wait=False)

    def close_all(self) -> None:
        """Ends every socket without waiting, before the process ends."""
        for socket in list(self._server.eio.sockets.values()):
            socket.close(wait=False)
