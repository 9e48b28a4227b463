"""A page that watches as the contract asks: it keeps its last number, asks for what it missed, drops repeats."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import engineio
import socketio
from engineio.payload import Payload
from socketio.exceptions import ConnectionError as Failed

# The library's client takes 16 messages of one poll and dies of the next; browsers take all.
Payload.max_decode_packets = 10_000


class Refused(Exception):
    """The socket was not let in; says why."""


class _Engine(engineio.Client):
    def _trigger_event(self, event: str, *args: Any, **options: Any) -> Any:
        """Hands messages on one after another; the library starts a thread for each."""
        return super()._trigger_event(event, *args, **(options | {"run_async": False}))


class _Client(socketio.Client):
    def _engineio_client_class(self) -> Any:
        return _Engine


class Watcher:
    """One socket: everything it was told, in order, with the moment it came."""

    def __init__(
        self,
        url: str,
        transports: tuple[str, ...] = ("websocket",),
        token: Any = None,
        cookie: str | None = None,
        reconnects: bool = False,
    ):
        self.told: list[tuple[str, dict[str, Any], float]] = []
        self.ended = threading.Event()
        self._news = threading.Condition()
        self._refusal = ""
        self._open: list[Any] = []
        self._client = _Client(reconnection=reconnects, reconnection_delay=0.1, reconnection_delay_max=0.3)
        self._client.on("*", self._take)
        self._client.on("connect_error", self._note_refusal)
        self._client.on("disconnect", lambda *_: self.ended.set())
        headers = {"Cookie": cookie} if cookie else {}
        auth = {"token": token} if token is not None else None
        try:
            self._client.connect(url, headers=headers, auth=auth, transports=list(transports), wait_timeout=10)
            self._note_open()
        except Failed as error:
            self._note_open()
            self.close()
            raise Refused(self._refusal or str(error)) from error

    def _note_open(self) -> None:
        ws = self._client.eio.ws
        self._open = [left for left in (self._client.eio.http, ws.sock if ws else None) if left is not None]

    def _note_refusal(self, said: Any = None) -> None:
        self._refusal = said.get("message", "") if isinstance(said, dict) else str(said)

    def _take(self, name: str, payload: dict[str, Any]) -> None:
        with self._news:
            self.told.append((name, payload, time.monotonic()))
            self._news.notify_all()

    @property
    def transport(self) -> str:
        """How it is connected now."""
        return str(self._client.transport())

    def call(self, name: str, *said: Any) -> Any:
        """Says something and gives the acknowledgement."""
        return self._client.call(name, said[0] if said else None, timeout=15)

    def say(self, name: str, said: Any, then: Callable[..., None] | None = None) -> None:
        """Says something without waiting for the answer, which goes to `then`."""
        self._client.emit(name, said, callback=then)

    def watch(self, room: str, since: int | None = None) -> dict[str, Any]:
        """Watches a room; the acknowledgement."""
        answer: dict[str, Any] = self.call("watch", _wish(room, since))
        return answer

    def waits_for(self, holds: Callable[[], bool], seconds: float = 20.0) -> bool:
        """Waits until it holds, looking anew at each message; whether it did."""
        with self._news:
            return self._news.wait_for(holds, seconds)

    def heard(self, name: str) -> list[dict[str, Any]]:
        """The payloads of one kind of message, in the order they came."""
        return [payload for n, payload, _ in list(self.told) if n == name]

    def numbers(self, kind: str = "comment.") -> list[int]:
        """The numbers of the changes it was told, in the order they came."""
        return [payload["seq"] for n, payload, _ in list(self.told) if n.startswith(kind)]

    def close(self) -> None:
        """Goes away."""
        self._client.disconnect()
        # The library leaves these open when the server ended the session.
        for left in self._open:
            left.close()

    def __enter__(self) -> Watcher:
        """For `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Goes away."""
        self.close()


def _wish(room: str, since: int | None) -> dict[str, Any]:
    return {"id": room} if since is None else {"id": room, "since_seq": since}


class Page:
    """A watcher that comes back: after each connection and each `seq` ahead of it, it asks for what it missed.

    `seen` is what a reader of the page would have: number → comment id, nothing twice.
    """

    def __init__(self, url: str, room: str, transports: tuple[str, ...] = ("websocket",), **options: Any):
        self.room = room
        self.seen: dict[int, str] = {}
        self.last = 0
        self.catches = 0
        self._held: dict[int, str] = {}
        self._news = threading.Condition()
        self.watcher = Watcher(url, transports, reconnects=True, **options)
        self.watcher._client.on("*", self._take)
        self.watcher._client.on("connect", self._catch_up)
        self._catch_up()

    def _take(self, name: str, payload: dict[str, Any]) -> None:
        behind = payload["seq"] > self.last
        if name.startswith("comment.") and behind:
            self._keep(payload["seq"], payload["id"])
        elif name == "seq" and behind:
            self._catch_up()

    def _keep(self, seq: int, comment: str) -> None:
        self._held[seq] = comment
        with self._news:
            while self.last + 1 in self._held:
                self.last += 1
                self.seen[self.last] = self._held.pop(self.last)
            self._news.notify_all()

    def _catch_up(self) -> None:
        self.catches += 1
        with suppress(Failed, socketio.exceptions.BadNamespaceError):
            self.watcher.say("watch", {"id": self.room, "since_seq": self.last}, self._caught)

    def _caught(self, answer: dict[str, Any]) -> None:
        for comment in answer.get("missed", ()):
            if comment["seq"] > self.last:
                self._keep(comment["seq"], comment["id"])

    def reaches(self, seq: int, seconds: float = 20.0) -> bool:
        """Waits until the reader has everything up to this number; whether that came."""
        with self._news:
            return self._news.wait_for(lambda: self.last >= seq, seconds)

    def __enter__(self) -> Page:
        """For `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Goes away."""
        self.watcher.close()
