"""WebSockets that keep messages whole: the library sends a slow phone part of one and forgets the rest."""

from functools import lru_cache
from threading import Lock
from typing import Any

import msgspec
from engineio.async_drivers import gevent as driver
from wsproto.frame_protocol import FrameProtocol


class PlainJson:
    """JSON with Thai letters as they are: three bytes each, where the library writes six."""

    @staticmethod
    def dumps(said: Any, **_options: Any) -> str:
        """As text."""
        return msgspec.json.encode(said).decode()

    @staticmethod
    def loads(text: str | bytes) -> Any:
        """From text; raises ValueError."""
        return msgspec.json.decode(text)


class Whole:
    """A socket whose `send` sends everything, one message after another."""

    def __init__(self, sock: Any, seconds: float):
        self._sock = sock
        self._turn = Lock()
        sock.settimeout(seconds)

    def send(self, data: bytes) -> int:
        """Sends all of it, waiting for a slow reader; raises OSError when the reader is gone."""
        with self._turn:
            # Nearly always all of it goes at once, and asks the system for nothing else.
            sent = int(self._sock.send(data))
            if sent < len(data):
                self._sock.sendall(memoryview(data)[sent:])
        return len(data)

    def __getattr__(self, name: str) -> Any:
        """All else is the socket's own."""
        return getattr(self._sock, name)


@lru_cache(maxsize=8)
def _frame(message: str) -> bytes:
    """A text message as a server sends it, the same for every reader: unmasked and not compressed."""
    return bytes(FrameProtocol(client=False, extensions=[]).send_data(message))


def whole_messages(eio: Any, most_bytes: int, seconds: float) -> None:
    """Makes a server's WebSockets send whole messages, refuse those over a size, and end after a silence."""
    if eio.async_mode != "gevent":
        return

    class WholeWebSocket(driver.WebSocketWSGI):  # type: ignore[misc]
        """One WebSocket."""

        def __init__(self, handler: Any, server: Any):
            super().__init__(handler, server)
            self.server_args["max_message_size"] = most_bytes

        def __call__(self, environ: Any, start_response: Any) -> Any:
            """The upgrade. Compressed for each phone apart, a comment costs a crowd more than its few bytes save."""
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            return super().__call__(environ, start_response)

        def send(self, message: Any) -> Any:
            """Sends one message; what a whole room is told is framed once."""
            if not isinstance(self.ws.sock, Whole):
                self.ws.sock = Whole(self.ws.sock, seconds)
            if not self.ws.connected or not isinstance(message, str):
                return super().send(message)
            return self.ws.sock.send(_frame(message))

    eio._async = {**eio._async, "websocket": WholeWebSocket}


def never_wait(eio: Any) -> None:
    """Makes the server end a session at once; the library waits for a reader who may never come."""

    def disconnect(sid: str | None = None) -> None:
        """Ends one session, or all."""
        for socket in [eio.sockets[sid]] if sid in eio.sockets else [] if sid else list(eio.sockets.values()):
            socket.close(wait=False)

    eio.disconnect = disconnect
