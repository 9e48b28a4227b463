"""What clients send over the socket, read without trust: anything else than a clean wish is None."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forum.observers.realtime.compute import Proof

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_HIGHEST = 2**31 - 1
_SECRET_MOST = 200


@dataclass(frozen=True)
class Wish:
    """A room somebody wants to watch, and the last number they have, if any."""

    room: str
    since: int | None


def read_room(said: tuple[object, ...]) -> str | None:
    """The room named in `{"id": …}`."""
    room = _fields(said).get("id")
    return room if isinstance(room, str) and _ID.fullmatch(room) else None


def _fields(said: tuple[object, ...]) -> Mapping[object, Any]:
    return said[0] if len(said) == 1 and isinstance(said[0], Mapping) else {}


def read_wish(said: tuple[object, ...]) -> Wish | None:
    """The wish in `{"id": …, "since_seq": n?}`."""
    room = read_room(said)
    if room is None:
        return None
    since = _fields(said).get("since_seq")
    if since is None:
        return Wish(room, None)
    good = isinstance(since, int) and not isinstance(since, bool) and 0 <= since <= _HIGHEST
    return Wish(room, since) if good else None


def read_proof(auth: object, cookie: object) -> Proof | None:
    """The token in `auth: {token}`, which counts before any cookie, else the session's secret, else nothing.

    A token that cannot be one is read as an empty token, which nobody has.
    """
    if isinstance(auth, Mapping) and auth.get("token") is not None:
        token = auth["token"]
        return Proof("token", token if isinstance(token, str) and len(token) <= _SECRET_MOST else "")
    if isinstance(cookie, str) and 0 < len(cookie) <= _SECRET_MOST:
        return Proof("cookie", cookie)
    return None
