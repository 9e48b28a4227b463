"""The web process: gevent's pywsgi, its dispatcher, and an end that loses nothing in hand."""

import gc
import logging
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import gevent
from flask import Flask
from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer
from werkzeug.wsgi import ClosingIterator

from forum.kernel import db, events, logs
from forum.kernel.dispatch import Dispatcher
from forum.observers.realtime import service as realtime

log = logging.getLogger(__name__)
_DRAIN_SECONDS = 10.0
_CONNECTIONS = 5000
_GARBAGE = 50_000  # objects made and not yet freed, before cycles are looked for


class InFlight:
    """Counts requests in hand, so that the end can wait for them, and writes the access log.

    Sockets are neither waited for nor logged again at each poll.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]], proxies: int = 0):
        self.app = app
        self.proxies = proxies
        self.count = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """One request; it is in hand until its last byte is sent."""
        if environ.get("PATH_INFO", "").startswith("/socket.io"):
            return self._socket(environ, start_response)
        status = "500"

        def started(line: str, *rest: Any) -> Any:
            nonlocal status
            status = line
            return start_response(line, *rest)

        def ended() -> None:
            self.count -= 1
            self._log(environ, int(status[:3]))

        self.count += 1
        try:
            return ClosingIterator(self.app(environ, started), ended)
        except BaseException:
            ended()
            raise

    def _log(self, environ: dict[str, Any], status: int) -> None:
        caller = address(environ, self.proxies)
        logs.access(caller, environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""), status)

    def _socket(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if "sid=" not in environ.get("QUERY_STRING", ""):
            self._log(environ, 101 if "HTTP_UPGRADE" in environ else 200)
        if "HTTP_UPGRADE" in environ and "upgrade" not in environ.get("HTTP_CONNECTION", "").lower():
            # Half an upgrade, as a proxy without the header makes it; the library answers it with no HTTP at all.
            start_response("400 BAD REQUEST", [("Content-Type", "text/plain")])
            return [b"Connection: upgrade is missing"]
        try:
            return self.app(environ, start_response)
        except (ValueError, TypeError, LookupError, OSError) as error:
            # What a client sent could not be read, or the client is gone; its text stays out of the log.
            log.info("a socket ended by %s", type(error).__name__)
            return []


class Server(WSGIServer):
    """gevent's server. It sends headers and body apart, and TCP would hold a small body back for 40 ms."""

    def handle(self, sock: Any, address: Any) -> None:
        """One connection."""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().handle(sock, address)


class TooSlow(TimeoutError, ValueError):
    """A request that does not arrive: a broken line before it begins, a client's mistake once it has."""


class Handler(WSGIHandler):
    """One connection; what cannot be read as HTTP is answered 400 and its text is kept nowhere.

    Whoever lets a request's line or its headers be waited for longer than `patience` is let go: each connection
    holds one of the places that there are. Answers, polls and WebSockets take as long as they take.
    """

    patience = 60.0

    def read_requestline(self) -> str:
        """The first line; a connection that stays silent is closed."""
        with gevent.Timeout(self.patience, TooSlow):
            return str(super().read_requestline())

    def read_request(self, raw_requestline: str) -> Any:
        """The headers, however slowly they drip in, all within the time."""
        with gevent.Timeout(self.patience, TooSlow):
            return super().read_request(raw_requestline)

    def handle_one_response(self) -> None:
        """One request. After a WebSocket the connection is spent: its last frames are no request."""
        super().handle_one_response()
        if self.environ and "HTTP_UPGRADE" in self.environ:
            self.close_connection = True

    def log_error(self, _message: str, *_args: Any) -> None:
        """A request that cannot be read."""
        log.info("a request could not be read")


def address(environ: dict[str, Any], proxies: int) -> str:
    """Where a request came from: as the first of our own proxies saw it, else the connection's other end."""
    passed = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    return passed[-proxies] if proxies and len(passed) >= proxies else str(environ.get("REMOTE_ADDR", ""))


def serve(app: Flask) -> None:
    """Serves until SIGTERM or SIGINT on HOST and PORT."""
    _check_patched()
    _allow_many_connections()
    config = app.config["SALA"]
    host, port = config.host, config.port
    logs.configure(config.log_level)
    folder = config.data_dir / "log"
    # Several processes in one file would lose lines when a new day begins.
    logs.open_access_log(folder if db.current().sqlite else folder / str(port))
    in_flight = InFlight(app.wsgi_app, config.proxies)
    app.wsgi_app = in_flight  # type: ignore[method-assign]
    pool = Pool(_CONNECTIONS)
    server = Server((host, port), app, log=None, error_log=log, spawn=pool, handler_class=Handler)
    try:
        server.start()
    except OSError as error:
        raise SystemExit(f"cannot listen on {host}:{port}: {error.strerror}") from error
    work = Work()
    _end_on_signal(lambda: _drain(server, in_flight, work))
    _collect_rarely()
    log.info("serving on http://%s:%s", host, port)
    server.serve_forever()
    db.current().engine.dispose()
    logging.shutdown()
    # All is sent and kept; taking the interpreter down politely takes longer than the whole drain.
    os._exit(0)


class Work:
    """What runs in the web process beside requests: the dispatcher, and telling the rooms."""

    def __init__(self) -> None:
        self._dispatcher = Dispatcher("web", idle=0.5 if db.current().sqlite else 0.1)
        events.on_commit_nudge(self._dispatcher.nudge)
        live = realtime.current()
        self._delivering = gevent.spawn(self._dispatcher.run)
        self._others = [gevent.spawn(live.listen), gevent.spawn(live.keep_telling)]

    def end(self) -> None:
        """Lets the batch in hand end, then all else."""
        self._dispatcher.stop()
        self._delivering.join(timeout=2)
        gevent.killall([*self._others, self._delivering], block=False)


def _end_on_signal(drain: Callable[[], None]) -> None:
    begun: list[object] = []

    def begin() -> None:
        if not begun:
            begun.append(gevent.spawn(drain))

    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, begin)


def _drain(server: WSGIServer, in_flight: InFlight, work: Work) -> None:
    """Takes no new work, tells the sockets, finishes what is in hand, ends."""
    server.stop_accepting()
    realtime.current().rooms.close_all()
    until = time.monotonic() + _DRAIN_SECONDS
    while in_flight.count and time.monotonic() < until:
        gevent.sleep(0.02)
    work.end()
    server.stop(timeout=0.3)


def _allow_many_connections() -> None:
    """Each open page is a connection; the usual 1024 files are too few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * _CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, 2 * _CONNECTIONS)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _collect_rarely() -> None:
    """What was made while starting stays; looking through it again and again took a fifth of a page's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE)


def _check_patched() -> None:
    """Imported before the patch, psycopg would block every greenlet, without a warning."""
    waiting = sys.modules.get("psycopg.waiting")
    if waiting is not None and getattr(waiting.wait, "__name__", "") == "wait_c":
        raise SystemExit("psycopg was imported before gevent's patch")
