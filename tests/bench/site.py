"""A site of a benchmark's own: a folder, a database, and servers that are real processes."""

import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from forum.app import FEATURES
from forum.kernel import db, events, feature, keys
from forum.kernel.throttle import DEFAULTS
from tests.databases import empty, migrate
from tests.lanes.process import Server, free_port, own_folder, run_as

ROOT = Path(__file__).resolve().parents[2]
SECRET = "benchmarks-know-no-secret-worth-keeping"


@dataclass
class Site:
    """A migrated database and the folder beside it; `serve` starts programs on them."""

    folder: Path
    database_url: str

    @contextmanager
    def serve(self, *program: str, ready: str = "/readyz", **settings: str) -> Iterator["Running"]:
        """A program of the repository as a process of its own, on a free port, until the block ends."""
        port = free_port()
        server = Server(
            run_as(None, [sys.executable, *program], death="TERM"), self.folder,
            environment=self.environment(port) | settings, name=f"server-{port}", cwd=ROOT,
        )  # fmt: skip
        running = Running(f"http://127.0.0.1:{port}", server, 0.0)
        began = time.monotonic()
        server.start(lambda: running.answers(ready))
        running.seconds_to_ready = time.monotonic() - began
        try:
            yield running
        finally:
            server.stop()

    def environment(self, port: int) -> dict[str, str]:
        """The settings a server of this site starts with: no limits, its own keys."""
        limits = {f"LIMIT_{name.upper()}": "off" for name in DEFAULTS}
        return limits | {
            "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(self.folder), "DATABASE_URL": self.database_url, "SECRET_KEY": SECRET,
            "PORT": str(port), "PAGE_CACHE_SECONDS": "0",
        }  # fmt: skip


@dataclass
class Running:
    """One server: where it answers, its process, and how long it took to."""

    address: str
    server: Server
    seconds_to_ready: float

    def answers(self, path: str) -> bool:
        """Whether it answers 200 at a path; 404 counts too, for programs without a page for this."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=5):
                return True
        except urllib.error.HTTPError as error:
            return error.code == 404
        except OSError:
            return False

    def processor_seconds(self) -> float:
        """How long the process has kept a processor busy."""
        spent = psutil.Process(self.server.pid).cpu_times()
        return float(spent.user + spent.system)

    def megabytes(self) -> float:
        """Memory that the process and its children hold."""
        process = psutil.Process(self.server.pid)
        held = [p.memory_info().rss for p in (process, *process.children(recursive=True))]
        return sum(held) / 2**20


@contextmanager
def new_site(database_url: str | None = None) -> Iterator[Site]:
    """An empty, migrated site: SQLite in its folder, else the named database, emptied, if its name says test."""
    with own_folder("sala-bench-") as folder:
        url = database_url or os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'sala.db'}"
        opened = db.connect(url)
        keys.load(folder, SECRET)
        feature.register(FEATURES)
        for observer in (o for f in FEATURES for o in f.observers):
            events.observe(observer)
        if not opened.sqlite:
            try:
                empty(opened)
            except ValueError as real:
                raise SystemExit(str(real)) from real
        migrate(opened)
        yield Site(folder, url)
        opened.engine.dispose()


def kind_of(site: Site) -> str:
    """`sqlite` or `postgresql`, for names of figures."""
    return "sqlite" if site.database_url.startswith("sqlite") else "postgresql"
