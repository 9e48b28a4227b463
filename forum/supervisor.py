"""One parent for the web process and the worker: starts both, starts again what dies, ends both together."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
_READY_SECONDS = 60.0
_END_SECONDS = 20.0
_STEADY_SECONDS = 60.0
_LONGEST_PAUSE = 30.0
_WORKER_NICE = 10
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process of the site, and how often it died in a row."""

    name: str
    command: Sequence[str]
    nice: int = 0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    again_at: float = 0.0
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def start(self) -> None:
        """Starts it; it ends when this process does, however that comes about."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own programs
            self.command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            preexec_fn=_end_with_parent(os.getpid(), self.nice),  # noqa: PLW1509 - before any thread is started
        )

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def tend(self) -> None:
        """Starts it again when it died, later each time it dies soon."""
        now = time.monotonic()
        if self.is_running:
            return
        if self.process is not None:
            _say(f"{self.name} ended ({self.process.returncode}) and is started again")
            self.deaths = 0 if now - self.started > _STEADY_SECONDS else self.deaths + 1
            self.again_at = now + min(_LONGEST_PAUSE, 0.5 * 2**self.deaths)
            self.process = None
        if now >= self.again_at:
            self.start()

    def signal(self, number: int) -> None:
        """Passes a signal on."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)


def up(host: str, port: int) -> None:
    """Serves the site on `host` and `port` until SIGTERM or SIGINT; `SystemExit` when it could not be started."""
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    asked = _asked(host)
    if _is_taken(asked, port):
        _say(f"PORT: {port} is taken by another program")
        raise SystemExit(1)
    children = [
        Child("web", [sys.executable, "wsgi.py"]),
        Child("worker", [sys.executable, "-m", "flask", "worker"], nice=_WORKER_NICE),
    ]
    for child in children:
        child.start()
    try:
        if not _watch(children, ending, asked, port):
            raise SystemExit(1)
    finally:
        _end(children)


def _watch(children: Sequence[Child], ending: threading.Event, host: str, port: int) -> bool:
    until = time.monotonic() + _READY_SECONDS
    while not ending.wait(0.05):
        if dead := [c.name for c in children if not c.is_running]:
            _say(f"{dead[0]} ended before the site was ready; its own words are above")
            return False
        if is_ready(host, port):
            click.echo(f"Sala is ready: http://{host}:{port}")
            break
        if time.monotonic() > until:
            _say("the site is not ready after a minute; see above")
            return False
    while not ending.wait(0.2):
        for child in children:
            child.tend()
    return True


def _say(line: str) -> None:
    click.echo(line, err=True)


def _asked(host: str) -> str:
    """Where the web process is asked; one that listens everywhere is asked here."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - asked, not bound


def _is_taken(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def is_ready(host: str, port: int) -> bool:
    """Whether the web process says that it can serve."""
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _end(children: Sequence[Child]) -> None:
    """Asks all to end and waits until they have; only one that does not within 20 s is ended by force."""
    for child in children:
        child.signal(signal.SIGTERM)
    until = time.monotonic() + _END_SECONDS
    for child in children:
        if child.process is None:
            continue
        try:
            child.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            _say(f"{child.name} does not end; it is ended by force")
            child.signal(signal.SIGKILL)
            child.process.wait()


def _end_with_parent(parent: int, nice: int) -> Callable[[], None]:
    """For the child, before it becomes its program: SIGTERM when the parent dies, and its priority."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare() -> None:
        if hasattr(libc, "prctl"):
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
        if nice:
            os.nice(nice)

    return prepare
