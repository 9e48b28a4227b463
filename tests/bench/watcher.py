"""A watcher that costs next to nothing: a bare WebSocket that notes when bytes came, and reads them afterwards.

For processes patched by gevent; hundreds of them fit into one without getting in the way of what they measure.
"""

import json
import os
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import gevent
from gevent import socket

_PING = b"\x81\x012"


@dataclass
class Said:
    """One event as a watcher got it."""

    at: float
    name: str
    payload: dict[str, Any]


@dataclass
class Watcher:
    """One socket on a server, and everything that came through it with the moment it came.

    With `listener`, what came is handed to it at once and not kept.
    """

    address: str
    listener: Callable[[float, str], None] | None = None
    chunks: list[tuple[float, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Connects as Socket.IO does over a WebSocket alone, as nobody."""
        self._is_seated = False
        where = urlsplit(self.address)
        self._socket = socket.create_connection((where.hostname, where.port))
        self._socket.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
            b"Host: " + where.netloc.encode() + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2FsYSBiZW5jaG1hcmtzIQ==\r\n\r\n"
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            came = self._socket.recv(4096)
            if not came:
                raise ConnectionError(answer)
            answer += came
        head, _, rest = answer.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head)
        self.chunks.append((time.perf_counter(), rest))
        self._reading = gevent.spawn(self._read)
        self._send("40")
        self._wait_for("40")

    def watch(self, number: int, room: str, since: int | None = None) -> dict[str, Any]:
        """Enters a room; `number` tells this question from others. Returns the answer."""
        wish = {"id": room} | ({} if since is None else {"since_seq": since})
        self._send(f"42{number}" + json.dumps(["watch", wish]))
        answer: dict[str, Any] = json.loads(self._wait_for(f"43{number}[")[len(f"43{number}") :])[0]
        return answer

    def close(self) -> None:
        """Goes away."""
        self._reading.kill()
        self._socket.close()

    def forget(self) -> None:
        """What came until now is not told by `heard`."""
        self.chunks.clear()

    def heard(self) -> list[Said]:
        """Every event that came, in its order."""
        events = ((at, json.loads(said[2:])) for at, said in self._messages() if said.startswith("42"))
        return [Said(at, name, payload) for at, (name, payload) in events]

    def _read(self) -> None:
        while came := self._socket.recv(65536):
            self.chunks.append((time.perf_counter(), came))
            if self.listener is not None and self._is_seated:
                self._hand_on(self.listener)
            # Engine.IO's ping; the sequence cannot be part of a text, which holds no control characters.
            if _PING in came:
                self._send("3")

    def listen(self) -> None:
        """From now on the listener gets what comes, and first what came already."""
        self._is_seated = True
        if self.listener is not None:
            self._hand_on(self.listener)

    def _hand_on(self, listener: Callable[[float, str], None]) -> None:
        held = b"".join(came for _at, came in self.chunks)
        at = self.chunks[-1][0] if self.chunks else 0.0
        self.chunks.clear()
        while (frame := _frame(held)) is not None:
            kind, text, held = frame
            if kind == 1:
                listener(at, text.decode())
        if held:
            self.chunks.append((at, held))

    def _send(self, said: str) -> None:
        data, mask = said.encode(), os.urandom(4)
        length = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0xFE]) + struct.pack(">H", len(data))
        masked = bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))
        self._socket.sendall(b"\x81" + length + mask + masked)

    def _wait_for(self, beginning: str) -> str:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for _at, said in self._messages():
                if said.startswith(beginning):
                    return said
            gevent.sleep(0.005)
        raise TimeoutError(beginning)

    def _messages(self) -> Iterator[tuple[float, str]]:
        """The texts of whole frames, each with the moment its last byte came."""
        held = b""
        for at, came in self.chunks:
            held += came
            while (frame := _frame(held)) is not None:
                kind, text, held = frame
                if kind == 1:
                    yield at, text.decode()


def _frame(held: bytes) -> tuple[int, bytes, bytes] | None:
    """The first frame of what a server sent: kind, content, what follows; None when it is not all there."""
    if len(held) < 2:
        return None
    length, start = held[1], 2
    if length >= 126:
        size = 2 if length == 126 else 8
        start += size
        if len(held) < start:
            return None
        length = int.from_bytes(held[2:start], "big")
    if len(held) < start + length:
        return None
    return held[0] & 0x0F, held[start : start + length], held[start + length :]
