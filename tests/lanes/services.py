"""Throwaway PostgreSQL and Redis servers for tests, benchmarks and the trial cluster.

Each has a folder and an address of its own, never those of the system's servers, and ends with whoever
started it, even when that one is killed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

READY_SECONDS = 60.0
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")


class ServiceFailed(RuntimeError):
    """A server is not installed or did not start; the message says which and what it printed."""


class Redis(NamedTuple):
    """A running Redis: where it is, and how to take it away and bring it back empty at the same address."""

    url: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of the caller's own, as the URL of its empty database `sala`; the role may make more.

    It answers on a socket in its own folder, so no port can be taken. Thai needs LC_CTYPE C.UTF-8: under C
    pg_trgm finds no trigrams in it.
    """
    owner = _unprivileged_owner()
    with _folder("sala-postgres-", owner) as folder:
        data = folder / "data"
        _run(_as(owner, [_postgres_program("initdb"), "-D", str(data), *_INITDB]), folder)
        command = [_postgres_program("postgres"), "-D", str(data), "-k", str(folder), *_POSTGRES_SETTINGS]
        server = _Server(_as(owner, command, death="INT"), folder, stop_signal=signal.SIGINT)
        server.start(lambda: _accepts(folder / ".s.PGSQL.5432") and _makes_database(folder))
        try:
            yield f"postgresql+psycopg://sala@/sala?host={folder}"
        finally:
            server.stop()


@contextmanager
def redis() -> Iterator[Redis]:
    """A Redis of the caller's own on a free port of this machine; it keeps nothing on disk."""
    program = _program("redis-server")
    with _folder("sala-redis-") as folder:
        port = free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        command += ["--save", "", "--appendonly", "no"]
        server = _Server(_as(None, command, death="TERM"), folder, stop_signal=signal.SIGTERM)

        def start() -> None:
            server.start(lambda: _redis_answers(port))

        start()
        try:
            yield Redis(f"redis://127.0.0.1:{port}/0", server.stop, start)
        finally:
            server.stop()


def free_port() -> int:
    """A port of this machine that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_INITDB = ["-U", "sala", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
_POSTGRES_SETTINGS = [
    *("-c", "listen_addresses="),
    *("-c", "fsync=off"),
    *("-c", "synchronous_commit=off"),
    *("-c", "full_page_writes=off"),
    *("-c", "max_connections=200"),
    *("-c", "timezone=UTC"),
]


class _Server:
    """One child process with its output in a file; can be started again after it was stopped."""

    def __init__(self, command: Sequence[str], folder: Path, stop_signal: signal.Signals) -> None:
        self._command = command
        self._folder = folder
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, ready: Callable[[], bool]) -> None:
        """Start it and wait until it answers; a running one is left as it is."""
        if self._process is not None:
            return
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_c_locale(),
            )
        try:
            self._wait(self._process, ready)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it and wait until it is gone; one that is not running is left as it is."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(self._stop_signal)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait(self, process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                printed = (self._folder / "server.log").read_text(errors="replace")[-2000:]
                raise ServiceFailed(f"{self._command[0]} did not start:\n{printed}")
            time.sleep(0.02)


@contextmanager
def _folder(prefix: str, owner: pwd.struct_passwd | None = None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_owner() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: whom to run it as then, else nobody but the caller."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServiceFailed("PostgreSQL cannot run as root, and there is no user postgres or nobody")


def _as(owner: pwd.struct_passwd | None, command: list[str], death: str | None = None) -> list[str]:
    """The command run as that user, and sent the signal `death` when its parent dies."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return command if owner is None else ["runuser", "-u", owner.pw_name, "--", *command]
    options = (
        [] if owner is None else [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    )
    options += [] if death is None else [f"--pdeathsig={death}"]
    return [setpriv, *options, "--", *command] if options else command


def _c_locale() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, env=_c_locale(), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        raise ServiceFailed(f"{command[0]} failed:\n{done.stderr.decode(errors='replace')[-2000:]}")


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def _makes_database(folder: Path) -> bool:
    command = [_postgres_program("createdb"), "-h", str(folder), "-U", "sala", "sala"]
    return subprocess.run(command, env=_c_locale(), capture_output=True, check=False).returncode == 0


def _redis_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _postgres_program(name: str) -> str:
    """Debian keeps the server's programs off the PATH, in a folder a version; the newest is taken."""
    versions = [found for found in DEBIAN_POSTGRES.glob("*/bin") if (found / name).exists()]
    if versions:
        return str(max(versions, key=lambda found: int(found.parent.name)) / name)
    return _program(name)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ServiceFailed(f"{name} is not installed")
    return found
