"""The socket's side of the contract: connect, watch, unwatch."""

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask, request, session
from flask_socketio import SocketIO
from gevent.monkey import is_module_patched
from socketio.exceptions import ConnectionRefusedError as NotLetIn

from forum.kernel import keys
from forum.kernel.db import reading
from forum.kernel.errors import AppError, Denied, NotFound
from forum.observers.realtime import service
from forum.observers.realtime.compute import is_our_origin
from forum.observers.realtime.forms import Wish, read_proof, read_room, read_wish
from forum.observers.realtime.queries import find, look, who
from forum.observers.realtime.rooms import ROOMS_EACH, Rooms, Seat
from forum.observers.realtime.websocket import PlainJson, never_wait, whole_messages

log = logging.getLogger(__name__)

MOST_BYTES = 8 * 1024
PING_EVERY = 25
PING_WAIT = 30
"""Seconds a phone on a slow net has to answer a ping."""

Answer = dict[str, Any]


def attach(app: Flask) -> service.Live:
    """Puts Socket.IO in front of the app under /socket.io, and makes it what the dispatcher tells."""
    config = app.config["SALA"]
    # The stubs know only lists of origins; the library asks a function too.
    origins: Any = partial(_is_our_origin, config.public_url)
    socketio = SocketIO(
        app,
        path="/socket.io",
        async_mode="gevent" if is_module_patched("socket") else "threading",
        async_handlers=False,
        manage_session=False,
        cors_allowed_origins=origins,
        cors_credentials=False,
        json=PlainJson,
        max_http_buffer_size=MOST_BYTES,
        ping_interval=PING_EVERY,
        ping_timeout=PING_WAIT,
        logger=_quiet("sala.socketio"),
        engineio_logger=_quiet("sala.engineio"),
    )
    server: Any = app.extensions["socketio"].server
    never_wait(server.eio)
    whole_messages(server.eio, MOST_BYTES, PING_EVERY + PING_WAIT)
    live = service.Live(Rooms(server), _relay(config.redis_url))
    for name in ("connect", "disconnect", "watch", "unwatch", "*"):
        socketio.on_event(name, _HANDLERS[name](live.rooms))
    app.extensions["live"] = live
    service.use(live)
    return live


def _is_our_origin(public_url: str, origin: str, environ: Mapping[str, Any]) -> bool:
    return is_our_origin(origin, public_url, environ.get("HTTP_HOST", ""))


def _quiet(name: str) -> logging.Logger:
    """A library's logger that keeps what clients send, and the mistakes they make, out of our logs."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.CRITICAL)
    return logger


def _relay(redis_url: str | None) -> Any:
    if redis_url is None:
        return None
    # Only a site of several processes has the library.
    from forum.observers.realtime.relay import Relay

    return Relay(redis_url, f"sala:{keys.keyed('relay', '')[:24]}")


def _connect(rooms: Rooms) -> Callable[..., None]:
    def connect(auth: object) -> None:
        """A socket arrives: signed in by token or cookie, else nobody; a bad token is refused."""
        seat = Seat(request.sid, read_proof(auth, session.get("_user_id")))  # type: ignore[attr-defined]
        rooms.sit(seat)
        try:
            _recognise(seat)
        except Exception as error:
            rooms.stand(seat.sid)
            if isinstance(error, Denied):
                raise NotLetIn(error.reason) from error
            log.exception("a socket could not be let in")
            raise NotLetIn("busy") from error

    return connect


def _recognise(seat: Seat) -> None:
    """Finds whose a seat is. A session that has ended is nobody's; a token that nobody has is refused."""
    if seat.proof is None:
        return
    with reading() as tx:
        known = who(tx, seat.proof)
        if known is not None:
            seat.actor, seat.until = known.actor, known.until
        elif seat.proof.kind == "token":
            raise Denied("token")
        else:
            seat.proof = None


def _disconnect(rooms: Rooms) -> Callable[..., None]:
    def disconnect(*_reason: object) -> None:
        """A socket is gone."""
        rooms.stand(request.sid)  # type: ignore[attr-defined]

    return disconnect


def _watch(rooms: Rooms) -> Callable[..., Answer]:
    def watch(*said: object) -> Answer:
        """`{"id", "since_seq"?}`: tells of the room from now on, and of what was missed."""
        seat = _seat(rooms)
        if seat is None:
            return _refused("flood")
        wish = read_wish(said)
        if wish is None:
            return _refused("invalid")
        if wish.room not in seat.rooms and len(seat.rooms) >= ROOMS_EACH:
            return _refused("too_many")
        return _answered(lambda: _enter(rooms, seat, wish))

    return watch


def _enter(rooms: Rooms, seat: Seat, wish: Wish) -> Answer:
    """Enters before reading the number, so that nothing falls between what was missed and what is told."""
    with reading() as tx:
        _, stream_id = find(tx, seat.actor, wish.room)
    rooms.enter(seat, wish.room, stream_id)
    try:
        with reading() as tx:
            seen = look(tx, seat.actor, wish.room, wish.since)
    except Exception:
        rooms.leave(seat, wish.room)
        raise
    return {"ok": True, "seq": seen.seq, "missed": seen.missed, "reload": seen.reload}


def _unwatch(rooms: Rooms) -> Callable[..., Answer]:
    def unwatch(*said: object) -> Answer:
        """`{"id"}`: tells of the room no more."""
        seat = _seat(rooms)
        if seat is None:
            return _refused("flood")
        room = read_room(said)
        if room is None:
            return _refused("invalid")
        rooms.leave(seat, room)
        return {"ok": True}

    return unwatch


def _anything_else(rooms: Rooms) -> Callable[..., Answer]:
    def anything_else(*_said: object) -> Answer:
        """There are no other messages; whoever sends many of them is let go."""
        return _refused("unknown" if _seat(rooms) else "flood")

    return anything_else


_HANDLERS: dict[str, Callable[[Rooms], Callable[..., Any]]] = {
    "connect": _connect,
    "disconnect": _disconnect,
    "watch": _watch,
    "unwatch": _unwatch,
    "*": _anything_else,
}


def _seat(rooms: Rooms) -> Seat | None:
    """The seat a message came from; None for one that is not, or no longer, to be heard."""
    seat = rooms.seats.get(request.sid)  # type: ignore[attr-defined]
    if seat is not None and not seat.allowance.take(time.monotonic()):
        rooms.drop(seat)
        return None
    return seat


def _answered(act: Callable[[], Answer]) -> Answer:
    try:
        return act()
    except Denied as error:
        return _refused(error.reason)
    except NotFound:
        return _refused("not_found")
    except AppError:
        return _refused("busy")
    except Exception:
        log.exception("a room could not be entered")
        return _refused("busy")


def _refused(reason: str) -> Answer:
    return {"ok": False, "reason": reason}
