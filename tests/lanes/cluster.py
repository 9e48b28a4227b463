"""The scale-out stack on this machine: PostgreSQL, Redis, nginx, several web processes and a worker.

`python -m tests.lanes.cluster` shows it on PORT until Ctrl-C; everything it stored is thrown away then.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lanes.gateway import answers, gateway
from tests.lanes.process import Server, ServiceFailed, free_port, own_folder, run_as
from tests.lanes.services import Redis, postgres, redis

ROOT = Path(__file__).resolve().parents[2]
WEB_PROCESSES = 2


@dataclass(frozen=True)
class Cluster:
    """A running site of several processes, and what a fault test may take away from it."""

    url: str
    environment: Mapping[str, str]  # for `flask …` commands on this site
    ports: tuple[int, ...]  # where the web processes answer, past nginx
    webs: tuple[Server, ...]
    worker: Server
    redis: Redis
    nginx: Server


@contextmanager
def cluster(port: int = 0, settings: Mapping[str, str] | None = None, demo: bool = False) -> Iterator[Cluster]:
    """A cluster with an empty database (or the demo data) behind nginx on that port, or on a free one."""
    port = port or free_port()
    with ExitStack() as parts:
        folder = parts.enter_context(own_folder("sala-site-"))
        kept = parts.enter_context(redis())
        environment = _environment(port, folder, parts.enter_context(postgres()), kept.url, settings or {})
        flask(environment, "db", "upgrade")
        if demo:
            print(flask(environment, "demo", "load"), end="", flush=True)
        ports = tuple(free_port() for _ in range(WEB_PROCESSES))
        worker = _started(parts, folder, environment, "worker", ["-m", "flask", "worker"], 0)
        webs = tuple(_started(parts, folder, environment, f"web-{web}", ["wsgi.py"], web) for web in ports)
        front = parts.enter_context(gateway(port, ports))
        yield Cluster(f"http://127.0.0.1:{port}", environment, ports, webs, worker, kept, front)


def flask(environment: Mapping[str, str], *arguments: str) -> str:
    """What a `flask …` command on this site printed; raises when it refused."""
    command = [sys.executable, "-m", "flask", *arguments]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServiceFailed(f"flask {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def main() -> int:
    """Show the cluster until Ctrl-C, or until one of its processes ends by itself."""
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    demo = os.environ.get("DEMO", "1") != "0"
    try:
        with cluster(int(os.environ.get("PORT", "8000")), demo=demo) as site:
            print(f"Sala on PostgreSQL, Redis, nginx and {len(site.webs)} web processes: {site.url}", flush=True)
            print("Ctrl-C stops it and throws its data away.", flush=True)
            return _watch(site, ending)
    except ServiceFailed as failure:
        print(failure, file=sys.stderr)
        return 1


def _watch(site: Cluster, ending: threading.Event) -> int:
    parts = {"nginx": site.nginx, "worker": site.worker} | {
        f"web process {number + 1}": web for number, web in enumerate(site.webs)
    }
    while not ending.wait(0.5):
        for name, part in parts.items():
            if not part.alive:
                print(f"{name} ended by itself:\n{part.printed()}", file=sys.stderr)
                return 1
    return 0


def _environment(
    port: int, folder: Path, database_url: str, redis_url: str, settings: Mapping[str, str]
) -> dict[str, str]:
    ours = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(folder / "data"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PROXIES": "1",
        "HOST": "127.0.0.1",
    }
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | ours | dict(settings)


def _started(
    parts: ExitStack, folder: Path, environment: Mapping[str, str], name: str, arguments: list[str], port: int
) -> Server:
    command = run_as(None, [sys.executable, *arguments], death="TERM")
    environment = {**environment, "PORT": str(port)} if port else environment
    server = Server(command, folder, environment=environment, name=name, cwd=ROOT)
    parts.callback(server.stop)
    # The worker listens nowhere; it says when it works.
    server.start(lambda: answers(port, "/healthz") if port else '"working"' in server.printed())
    return server


if __name__ == "__main__":
    sys.exit(main())
