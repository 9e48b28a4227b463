"""WebSockets that keep messages whole: the library sends a slow phone part of one and forgets the rest."""

from threading import Lock
from typing import Any

from engineio.async_drivers import gevent as driver


class Whole:
    """A socket whose `send` sends everything, one message after another."""

    def __init__(self, sock: Any, seconds: float):
        self._sock = sock
        self._turn = Lock()
        sock.settimeout(seconds)

    def send(self, data: bytes) -> int:
        """Sends all of it, waiting for a slow reader; raises OSError when the reader is gone."""
        with self._turn:
            self._sock.sendall(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:
        """All else is the socket's own."""
        return getattr(self._sock, name)


def whole_messages(eio: Any, most_bytes: int, seconds: float) -> None:
    """Makes a server's WebSockets send whole messages, refuse those over a size, and end after a silence."""
    if eio.async_mode != "gevent":
        return

    class WholeWebSocket(driver.WebSocketWSGI):  # type: ignore[misc]
        """One WebSocket."""

        def __init__(self, handler: Any, server: Any):
            super().__init__(handler, server)
            self.server_args["max_message_size"] = most_bytes

        def send(self, message: Any) -> Any:
            if not isinstance(self.ws.sock, Whole):
                self.ws.sock = Whole(self.ws.sock, seconds)
            return super().send(message)

    eio._async = {**eio._async, "websocket": WholeWebSocket}
