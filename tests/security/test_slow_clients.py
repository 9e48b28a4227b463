"""A connection that keeps the server waiting is let go; one that waits for the server is not."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import gevent
import pytest
from gevent import socket
from gevent.pool import Pool

from forum.server import Handler, Server

PATIENCE = 0.3
ANSWERS_AFTER = 3 * PATIENCE
AT_MOST = 10 * PATIENCE
Connect = Callable[[], Any]


class Hasty(Handler):
    """The site's handler with less time."""

    patience = PATIENCE


def takes_its_time(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers late, as a long poll does, and goes on answering, as a WebSocket does."""
    gevent.sleep(ANSWERS_AFTER)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "6")])
    for part in (b"one", b"two"):
        yield part
        gevent.sleep(ANSWERS_AFTER / 2)


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Opens connections to a server of the site's kind."""
    log = logging.getLogger("test")
    server = Server(("127.0.0.1", 0), takes_its_time, log=None, error_log=log, spawn=Pool(9), handler_class=Hasty)
    server.start()
    lines: list[Any] = []

    def open_one() -> Any:
        lines.append(socket.create_connection(("127.0.0.1", server.server_port), timeout=AT_MOST))
        return lines[-1]

    yield open_one
    for line in lines:
        line.close()
    server.stop(timeout=0.1)


def everything(line: Any) -> bytes:
    """All that comes until the other end closes."""
    came = b""
    with suppress(ConnectionResetError):
        while part := line.recv(4096):
            came += part
    return came


def test_the_site_waits_a_minute() -> None:
    assert Handler.patience == 60


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_whoever_begins_a_request_and_falls_silent_is_let_go(connect: Connect, begun: bytes) -> None:
    line = connect()
    line.sendall(begun)
    began = time.monotonic()
    answer = everything(line)
    assert PATIENCE / 2 < time.monotonic() - began < AT_MOST
    assert b"200 OK" not in answer


def test_headers_that_drip_in_win_no_time(connect: Connect) -> None:
    line = connect()
    line.sendall(b"GET / HTTP/1.1\r\n")

    def drip() -> None:
        with suppress(OSError):
            for n in range(1000):
                line.sendall(b"X-%d: y\r\n" % n)
                gevent.sleep(PATIENCE / 10)

    dripping = gevent.spawn(drip)
    assert b"200 OK" not in everything(line)
    dripping.join(AT_MOST)
    assert dripping.ready(), "nobody hears it any more"


@pytest.mark.slow
def test_a_late_answer_and_a_long_one_come_whole_and_the_connection_stays(connect: Connect) -> None:
    line = connect()
    for _ in range(2):
        line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        came = b""
        while not came.endswith(b"onetwo"):
            part = line.recv(4096)
            assert part, came
            came += part
        assert came.startswith(b"HTTP/1.1 200 OK")
    assert everything(line) == b"", "kept for the next request, and then let go"
