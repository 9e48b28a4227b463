"""What is taken away in the middle of things: nothing answered is lost, nothing is told twice, no number is missing."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest
import requests

from tests.faults.site import Caller, Site, site
from tests.faults.watcher import Page, Watcher

pytestmark = pytest.mark.slow

POSTERS = 8
BURST = 40


@pytest.fixture
def fragile() -> Iterator[Site]:
    """A site of the test's own, to be broken."""
    with site() as running:
        yield running


class Posters:
    """People who post one after another until told to stop, and keep what was answered 201."""

    def __init__(self, here: Site, thread: str):
        self.answered: list[dict[str, Any]] = []
        self._here, self._thread = here, thread
        self._enough = threading.Event()
        self._pool = ThreadPoolExecutor(POSTERS)
        self._work = [self._pool.submit(self._post, n) for n in range(POSTERS)]

    def _post(self, who: int) -> None:
        n = 0
        while not self._enough.is_set():
            n += 1
            body = {"body": f"คนที่ {who} ครั้งที่ {n}"}
            # The same key is sent again until it is answered, as the page does.
            while not self._enough.is_set():
                try:
                    answer = self._here.speaker.ask(
                        "POST", f"/threads/{self._thread}/comments", body, Idempotency_Key=f"poster-{who}-number-{n}"
                    )
                except requests.RequestException:
                    continue
                if answer.status_code == 201:
                    self.answered.append(answer.json())
                    break

    def wait_for(self, count: int) -> None:
        """Until so many were answered."""
        until = time.monotonic() + 60
        while len(self.answered) < count:
            assert time.monotonic() < until, f"only {len(self.answered)} were answered"
            assert not any(w.done() and w.exception() for w in self._work)
            self._enough.wait(0.01)

    def end(self) -> list[dict[str, Any]]:
        """What was answered."""
        self._enough.set()
        self._pool.shutdown()
        return self.answered


def _counted(here: Site, thread: str, answered: list[dict[str, Any]], page: Page) -> None:
    """Everything that was answered is there once, numbered without a gap, counted right, and seen by the page."""
    kept = here.everything(thread)
    ids = [c["id"] for c in kept]
    assert len(ids) == len(set(ids))
    assert {c["id"] for c in answered} <= set(ids)
    assert len({c["body"] for c in kept}) == len(kept), "a repeated key made a second comment"
    assert sorted(c["seq"] for c in kept) == list(range(1, len(kept) + 1))
    assert sorted(c["no"] for c in kept) == list(range(1, len(kept) + 1))
    shown = Caller(here.url).get(f"/threads/{thread}")
    assert (shown["comments"], shown["seq"]) == (len(kept), len(kept))
    assert '"corrected": 0' in here.flask("recount")
    assert page.reaches(len(kept)), f"the page has {page.last} of {len(kept)}"
    assert page.seen == {c["seq"]: c["id"] for c in kept}


@pytest.mark.parametrize("way", ["websocket", "polling"])
def test_killing_the_web_process_during_a_burst_loses_nothing(fragile: Site, way: str) -> None:
    thread = fragile.thread()
    with Page(fragile.url, thread, (way,)) as page:
        posters = Posters(fragile, thread)
        posters.wait_for(BURST)
        fragile.kill(fragile.webs[0])
        fragile.start_web()
        posters.wait_for(len(posters.answered) + BURST)
        _counted(fragile, thread, posters.end(), page)


def test_events_committed_but_not_told_when_the_process_died_are_told_after(fragile: Site) -> None:
    thread = fragile.thread()
    fragile.webs[0].stop()
    posted = fragile.python(_POST_WITHOUT_A_SERVER, thread=thread)
    fragile.start_web()
    with Watcher(fragile.url) as page:
        assert page.watch(thread, 0)["missed"][0]["id"] == posted
        fragile.speaker.post(f"/threads/{thread}/comments", {"body": "ต่อ"})
        assert page.waits_for(lambda: 2 in page.numbers())
    assert fragile.python("from forum.kernel.dispatch import waiting_count\nout = waiting_count(tx)") == 0


_POST_WITHOUT_A_SERVER = """
from forum.commons.comments.forms import read_comment
from forum.commons.comments.queries import comment_of, thread_by
from forum.commons.comments.service import post_comment
from forum.core.accounts.queries import signed_in_by
from forum.core.accounts.models import User
from forum.kernel.rules import Actor
from sqlalchemy import select
user = tx.execute(select(User).where(User.email == "citizen@example.org")).scalar_one()
form = read_comment({"body": "ก่อนดับ"}, guest=False, stances=False)
made = post_comment(tx, Actor(user.id, user.name), thread_by(tx, thread), form)
out = comment_of(tx, made.comment_id).public_id
"""


def test_killing_the_worker_stops_no_page_and_loses_no_letter(fragile: Site) -> None:
    thread = fragile.thread()
    assert fragile.worker is not None
    with Page(fragile.url, thread) as page:
        posters = Posters(fragile, thread)
        posters.wait_for(BURST // 2)
        fragile.kill(fragile.worker)
        posters.wait_for(len(posters.answered) + BURST // 2)
        _counted(fragile, thread, posters.end(), page)


def test_a_post_in_hand_at_sigterm_is_answered_and_kept(fragile: Site) -> None:
    """Its body is still on its way when the signal comes; idle connections stand open beside it."""
    thread = fragile.thread()
    token = fragile.speaker.token
    idle = [requests.Session() for _ in range(5)]
    for session in idle:
        session.get(f"{fragile.url}/healthz", timeout=5)
    arrived, go_on = threading.Event(), threading.Event()

    def slowly() -> Iterator[bytes]:
        yield '{"body": "ยัง'.encode()
        arrived.set()
        go_on.wait(10)
        yield 'ส่งไม่จบ"}'.encode()

    with Watcher(fragile.url) as page, ThreadPoolExecutor(1) as pool:
        assert page.watch(thread)["ok"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        address = f"{fragile.url}/api/v1/threads/{thread}/comments"
        post = pool.submit(lambda: requests.post(address, data=slowly(), headers=headers, timeout=30))
        assert arrived.wait(5)
        began = time.monotonic()
        os.kill(fragile.webs[0].pid, signal.SIGTERM)
        assert page.ended.wait(5), "watchers are told at once, so that they look for another process"
        assert fragile.webs[0].alive
        go_on.set()
        assert post.result().status_code == 201
        until = time.monotonic() + 5
        while fragile.webs[0].alive and time.monotonic() < until:
            threading.Event().wait(0.02)
        assert not fragile.webs[0].alive
        assert time.monotonic() - began < 8
    for session in idle:
        session.close()
    fragile.webs[0].stop()
    fragile.start_web()
    assert [c["body"] for c in fragile.everything(thread)] == ["ยังส่งไม่จบ"]


def test_an_idle_site_with_open_pages_stops_within_three_seconds(fragile: Site) -> None:
    thread = fragile.thread()
    pages = [Watcher(fragile.url, (way,)) for way in ("websocket", "polling") for _ in range(5)]
    assert all(page.watch(thread)["ok"] for page in pages)
    began = time.monotonic()
    fragile.webs[0].stop()
    assert time.monotonic() - began < 3
    for page in pages:
        assert page.ended.wait(5)
        page.close()
    assert "Traceback" not in fragile.webs[0].printed()
    assert fragile.worker is not None
    began = time.monotonic()
    fragile.worker.stop()
    assert time.monotonic() - began < 3


@pytest.fixture
def under_one_parent(fragile: Site) -> Iterator[subprocess.Popen[str]]:
    """`flask up` on a site whose own processes were stopped."""
    fragile.webs[0].stop()
    assert fragile.worker is not None
    fragile.worker.stop()
    parent = subprocess.Popen(
        [sys.executable, "-m", "flask", "up"],
        env=fragile.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield parent
    parent.kill()
    parent.communicate()


def _children(parent: int) -> dict[str, psutil.Process]:
    found = psutil.Process(parent).children()
    return {"worker" if "worker" in p.cmdline() else "web": p for p in found}


def test_one_parent_starts_both_says_so_in_one_line_and_ends_both(
    fragile: Site, under_one_parent: subprocess.Popen[str]
) -> None:
    assert under_one_parent.stdout is not None
    assert under_one_parent.stdout.readline().strip() == f"Sala is ready: {fragile.url}"
    children = _children(under_one_parent.pid)
    assert set(children) == {"web", "worker"}
    assert children["worker"].nice() > children["web"].nice()
    under_one_parent.send_signal(signal.SIGTERM)
    out, _ = under_one_parent.communicate(timeout=15)
    assert (under_one_parent.returncode, out) == (0, "")
    assert not any(child.is_running() for child in children.values())


def test_a_child_that_dies_is_started_again(fragile: Site, under_one_parent: subprocess.Popen[str]) -> None:
    assert under_one_parent.stdout is not None
    assert under_one_parent.stderr is not None
    under_one_parent.stdout.readline()
    before = _children(under_one_parent.pid)
    before["web"].kill()
    line = next(line for line in under_one_parent.stderr if "started again" in line)
    assert line == "web ended (-9) and is started again\n"
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            requests.get(f"{fragile.url}/healthz", timeout=1)
            break
        except requests.RequestException:
            continue
    after = _children(under_one_parent.pid)
    assert after["web"].pid != before["web"].pid
    assert after["worker"].pid == before["worker"].pid


def test_children_end_when_their_parent_is_killed(under_one_parent: subprocess.Popen[str]) -> None:
    assert under_one_parent.stdout is not None
    under_one_parent.stdout.readline()
    children = list(_children(under_one_parent.pid).values())
    under_one_parent.kill()
    _, alive = psutil.wait_procs(children, timeout=8)
    assert alive == []


def test_a_site_that_cannot_start_says_so_and_ends(fragile: Site) -> None:
    """Its port is taken by the site that runs."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "up"],
        env=fragile.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"PORT: {fragile.ports[0]} is taken by another program\n"
