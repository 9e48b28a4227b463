"""Throwaway PostgreSQL and Redis servers for tests, benchmarks and the trial cluster.

Each has a folder and an address of its own, never those of the system's servers, and ends with whoever
started it, even when that one is killed.
"""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.lanes.process import (
    Server,
    ServiceFailed,
    find_program,
    free_port,
    own_folder,
    plain_environment,
    run_as,
    unprivileged_owner,
)

DEBIAN_POSTGRES = Path("/usr/lib/postgresql")


class Redis(NamedTuple):
    """A running Redis: where it is, and how to take it away and bring it back empty at the same address."""

    url: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of the caller's own, as the URL of its empty database `sala_test`; the role may make more.

    It answers on a socket in its own folder, so no port can be taken. Thai needs LC_CTYPE C.UTF-8: under C
    pg_trgm finds no trigrams in it.
    """
    owner = unprivileged_owner()
    with own_folder("sala-postgres-", owner) as folder:
        data = folder / "data"
        _run(run_as(owner, [_postgres_program("initdb"), "-D", str(data), *_INITDB]), folder)
        command = [_postgres_program("postgres"), "-D", str(data), "-k", str(folder), *_POSTGRES_SETTINGS]
        server = Server(run_as(owner, command, death="INT"), folder, stop_signal=signal.SIGINT)
        server.start(lambda: _accepts(folder / ".s.PGSQL.5432") and _makes_database(folder))
        try:
            yield f"postgresql+psycopg://sala@/sala_test?host={folder}"
        finally:
            server.stop()


@contextmanager
def redis() -> Iterator[Redis]:
    """A Redis of the caller's own on a free port of this machine; it keeps nothing on disk."""
    program = find_program("redis-server")
    with own_folder("sala-redis-") as folder:
        port = free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        command += ["--save", "", "--appendonly", "no"]
        server = Server(run_as(None, command, death="TERM"), folder, stop_signal=signal.SIGTERM)

        def start() -> None:
            server.start(lambda: _redis_answers(port))

        start()
        try:
            yield Redis(f"redis://127.0.0.1:{port}/0", server.stop, start)
        finally:
            server.stop()


_INITDB = ["-U", "sala", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
_POSTGRES_SETTINGS = [
    *("-c", "listen_addresses="),
    *("-c", "fsync=off"),
    *("-c", "synchronous_commit=off"),
    *("-c", "full_page_writes=off"),
    *("-c", "max_connections=200"),
    *("-c", "timezone=UTC"),
]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=plain_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise ServiceFailed(f"{command[0]} failed:\n{done.stderr.decode(errors='replace')[-2000:]}")


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def _makes_database(folder: Path) -> bool:
    command = [_postgres_program("createdb"), "-h", str(folder), "-U", "sala", "sala_test"]
    return subprocess.run(command, env=plain_environment(), capture_output=True, check=False).returncode == 0


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
    return find_program(name)
