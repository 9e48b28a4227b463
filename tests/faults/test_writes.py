"""What would hold up every page at once: a driver that blocks, a yield inside a write, a worker that is busy."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
import requests

from tests.faults.site import ROOT, Caller, Site, outside, site
from tests.faults.watcher import Watcher

pytestmark = pytest.mark.slow

IDLE_TRIES = 15
BUSY_SECONDS = 5.0


def _run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=outside() | environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_psycopg_imported_before_the_patch_stops_the_start() -> None:
    done = _run(
        "import psycopg\nfrom gevent import monkey\nmonkey.patch_all()\n"
        "from forum.server import _check_patched\n_check_patched()"
    )
    assert done.returncode == 1
    assert done.stderr.strip() == "psycopg was imported before gevent's patch"


def test_everything_the_site_imports_after_the_patch_waits_without_blocking(tmp_path: Path) -> None:
    done = _run(
        "from gevent import monkey\nmonkey.patch_all()\n"
        "import forum.app, forum.server, psycopg.waiting\n"
        "forum.server._check_patched()\nprint(psycopg.waiting.wait.__name__)",
        DATA_DIR=str(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() != "wait_c"


def test_the_entry_module_patches_before_it_imports_anything_else() -> None:
    imports = [line.strip() for line in (ROOT / "wsgi.py").read_text().splitlines() if "import " in line]
    lines = [line for line in imports if line.startswith(("import ", "from "))]
    assert lines[0] == "from gevent import monkey"


NO_YIELD = """
from gevent import monkey
monkey.patch_all()
import greenlet, gevent, json, sys, traceback
from wsgi import app
from forum.kernel import db

open_writes, switched = {}, []

def traced(event, args):
    left = args[0]
    if event == "switch" and left in open_writes and open_writes[left]:
        switched.append("".join(traceback.format_stack(left.gr_frame, limit=12)) if left.gr_frame else "?")

real = db.Database.transaction
from contextlib import contextmanager

@contextmanager
def watched(self):
    me = greenlet.getcurrent()
    with real(self) as tx:
        open_writes[me] = True
        try:
            yield tx
        finally:
            tx.flush()
            open_writes[me] = False

db.Database.transaction = watched
greenlet.settrace(traced)
from forum.server import Work
work = Work()
token, thread, officer, slug, mistake = sys.argv[1:]
address = app.config["SALA"].public_url

def ask(method, path, who=token, **body):
    client = app.test_client()
    headers = {"Authorization": f"Bearer {who}"}
    answer = client.open(f"/api/v1{path}", method=method, json=body or None, headers=headers, base_url=address)
    assert answer.status_code < 300, (path, answer.status_code, answer.text[:300])
    return answer.json if answer.data else None

def talk(n):
    made = ask("POST", f"/threads/{thread}/comments", body=f"**ความเห็น** ที่ {n}")
    ask("PATCH", f"/comments/{made['id']}", body="แก้แล้ว", version=made["version"], reason="สะกดผิด")
    ask("PUT", f"/items/{made['id']}/reactions/useful", who=officer)
    ask("POST", f"/threads/{thread}/comments", body="ตอบ", parent=made["id"])
    ask("DELETE", f"/comments/{made['id']}")

talkers = [gevent.spawn(talk, n) for n in range(12)]
gevent.joinall(talkers, raise_error=True)
ask("POST", f"/consultations/{slug}/threads", who=officer, title="อีกเรื่องหนึ่ง")
if mistake:
    with db.transaction() as tx:
        gevent.sleep(0.01)
gevent.sleep(0.3)
work.end()
greenlet.settrace(None)
print(json.dumps({"switched": switched, "writes": len(open_writes)}))
"""


@pytest.mark.parametrize("mistake", ["", "a sleep inside a write"])
def test_no_other_greenlet_runs_while_a_write_is_open(mistake: str) -> None:
    """Whoever waits for the write lock then would stop the whole process for as long as the write is asleep.

    The second time a mistake is made on purpose, to know that it would be seen.
    """
    with site(worker=False, embedded=True) as here:
        slug = here.consultation()
        thread = here.thread(slug)
        here.webs[0].stop()
        command = [sys.executable, "-c", NO_YIELD, here.people["citizen"], thread, here.people["officer"], slug]
        done = subprocess.run(
            [*command, mistake],
            cwd=ROOT,
            env=here.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["writes"] > 12
    assert bool(told["switched"]) is bool(mistake), told["switched"][:1]


BUSY_WORKER = """
import sys, time
from forum.kernel import feature
from forum.kernel.feature import Feature
from wsgi import app
from forum.worker import work

def burn():
    until = time.monotonic() + 1000
    while time.monotonic() < until:
        sum(range(1000))

feature.register([*feature.features(), Feature(name="busy", tick=burn)])
import os
os.nice(10)
work(app)
"""


@pytest.fixture
def quiet() -> Iterator[Site]:
    with site(worker=False) as running:
        yield running


def _times(here: Site, page: Watcher, thread: str, tries: int, seconds: float) -> tuple[float, float]:
    """The median time of a page and of a comment's way from one person's POST to another's screen."""
    pages, comments = [], []
    until = time.monotonic() + seconds
    while len(pages) < tries or time.monotonic() < until:
        began = time.monotonic()
        assert requests.get(f"{here.url}/t/{thread}", timeout=30).status_code == 200
        pages.append(time.monotonic() - began)
        before = len(page.numbers())
        began = time.monotonic()
        Caller(here.url, here.speaker.token).post(f"/threads/{thread}/comments", {"body": "สวัสดี"})
        assert page.waits_for(lambda n=before: len(page.numbers()) > n)
        comments.append(time.monotonic() - began)
    return median(pages), median(comments)


def test_a_busy_worker_leaves_pages_and_live_comments_their_speed(quiet: Site) -> None:
    thread = quiet.thread()
    with Watcher(quiet.url) as page:
        assert page.watch(thread)["ok"]
        _times(quiet, page, thread, 3, 0)
        idle = _times(quiet, page, thread, IDLE_TRIES, 0)
        busy = subprocess.Popen(
            [sys.executable, "-c", BUSY_WORKER], cwd=ROOT, env=quiet.environment, stderr=subprocess.PIPE, text=True
        )
        try:
            assert busy.stderr is not None
            assert "working" in busy.stderr.readline()
            loaded = _times(quiet, page, thread, IDLE_TRIES, BUSY_SECONDS)
            assert busy.poll() is None
        finally:
            busy.kill()
            busy.communicate()
    assert loaded[0] < 10 * idle[0], (loaded, idle)
    assert loaded[1] < 10 * idle[1], (loaded, idle)
