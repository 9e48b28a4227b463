"""Two web processes on PostgreSQL and a real Redis: they behave as one, and go on when Redis is gone."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import median
from typing import Any

import pytest
import requests
from redis import Redis

from tests.faults.site import Caller, Site, two_processes
from tests.faults.test_hostile_sockets import SIGN_OUT
from tests.faults.watcher import Page, Watcher

pytestmark = [pytest.mark.slow, pytest.mark.redis]


@pytest.fixture(scope="module")
def stack() -> Iterator[tuple[Site, Any]]:
    """A site of two web processes behind nginx; tests leave it running as they found it."""
    with two_processes() as running:
        yield running


@pytest.fixture
def here(stack: tuple[Site, Any]) -> Site:
    return stack[0]


@pytest.fixture
def thread(here: Site) -> str:
    return here.thread()


def _each(here: Site) -> list[str]:
    """The web processes, past nginx."""
    return [f"http://127.0.0.1:{port}" for port in here.ports]


def _post(here: Site, thread: str, text: str = "สวัสดี", url: str | None = None) -> dict[str, Any]:
    caller = Caller(url or here.url, here.speaker.token)
    answer: dict[str, Any] = caller.post(f"/threads/{thread}/comments", {"body": text})
    return answer


@pytest.mark.parametrize("way", ["websocket", "polling"])
def test_a_watcher_behind_nginx_hears_whichever_process_it_is_on(here: Site, thread: str, way: str) -> None:
    with ExitStack() as stack:
        pages = [stack.enter_context(Watcher(here.url, (way,))) for _ in range(6)]
        assert all(page.watch(thread)["ok"] for page in pages)
        _post(here, thread)
        assert all(page.waits_for(lambda p=page: p.numbers() == [1]) for page in pages)


def test_a_post_to_the_process_that_does_not_lead_arrives_soon_on_both(here: Site, thread: str) -> None:
    with Watcher(_each(here)[0]) as one, Watcher(_each(here)[1]) as two:
        assert one.watch(thread)["ok"]
        assert two.watch(thread)["ok"]
        took: dict[str, list[float]] = {}
        for seq, url in enumerate(_each(here) * 5, 1):
            _post(here, thread, url=url)
            answered = time.monotonic()
            for watcher in (one, two):
                assert watcher.waits_for(lambda w=watcher, n=seq: n in w.numbers())
                told = next(at for name, said, at in watcher.told if name == "comment.posted" and said["seq"] == seq)
                took.setdefault(url, []).append(told - answered)
        assert all(median(times) < 0.3 for times in took.values()), took


def test_fifty_people_posting_to_both_processes_are_told_in_order_on_both(here: Site, thread: str) -> None:
    total = 150
    with Watcher(_each(here)[0]) as one, Watcher(_each(here)[1]) as two:
        assert one.watch(thread)["ok"]
        assert two.watch(thread)["ok"]
        with ThreadPoolExecutor(50) as people:
            urls = _each(here) * (total // 2)
            posted = list(people.map(lambda n: _post(here, thread, f"ที่ {n}", urls[n]), range(total)))
        assert sorted(c["seq"] for c in posted) == list(range(1, total + 1))
        for watcher in (one, two):
            assert watcher.waits_for(lambda w=watcher: len(w.numbers()) >= total, 40)
            assert watcher.numbers() == list(range(1, total + 1))


def test_signing_out_drops_the_sockets_of_both_processes(here: Site) -> None:
    here.person("out@example.org")
    cookie = here.cookie("out@example.org")
    with Watcher(_each(here)[0], cookie=cookie) as one, Watcher(_each(here)[1], cookie=cookie) as two:
        here.python(SIGN_OUT, email="out@example.org")
        assert one.ended.wait(5)
        assert two.ended.wait(5)


@pytest.mark.parametrize("seconds", [4, pytest.param(20, marks=pytest.mark.long)])
def test_redis_gone_while_people_post_and_both_sides_have_everything_when_it_is_back(
    stack: tuple[Site, Any], thread: str, seconds: float
) -> None:
    here, services = stack
    with Page(_each(here)[0], thread) as one, Page(_each(here)[1], thread, ("polling",)) as two:
        _post(here, thread)
        assert one.reaches(1)
        assert two.reaches(1)
        services.redis.stop()
        gone_until = time.monotonic() + seconds
        count, slowest = 1, 0.0
        try:
            while time.monotonic() < gone_until:
                began = time.monotonic()
                _post(here, thread, f"ระหว่างนี้ {count}", _each(here)[count % 2])
                slowest = max(slowest, time.monotonic() - began)
                count += 1
                time.sleep(0.2)  # people post now and then; nothing is waited for here
        finally:
            services.redis.start()
        assert slowest < 3, "posting goes on"
        # Nobody posts any more: what both sides lack now comes of itself.
        assert one.reaches(count, 15), f"{one.last} of {count}"
        assert two.reaches(count, 15), f"{two.last} of {count}"
        _post(here, thread, "ต่อ")
        assert one.reaches(count + 1)
        assert two.reaches(count + 1)
        everything = {c["seq"]: c["id"] for c in here.everything(thread)}
        assert one.seen == two.seen == everything
    waiting = here.python("from forum.kernel.dispatch import waiting_count\nout = waiting_count(tx)")
    assert waiting == 0


def test_a_redis_that_hangs_holds_up_nobody(stack: tuple[Site, Any], thread: str) -> None:
    here, services = stack
    with Page(_each(here)[0], thread) as one, Page(_each(here)[1], thread) as two:
        with Redis.from_url(services.redis.url) as admin:
            admin.execute_command("CLIENT", "PAUSE", "5000", "ALL")
        began = time.monotonic()
        for n in range(1, 7):
            _post(here, thread, url=_each(here)[n % 2])
        assert time.monotonic() - began < 4
        assert one.reaches(6)
        assert two.reaches(6)


def test_signing_out_while_redis_is_gone_still_drops_the_sockets_of_both(stack: tuple[Site, Any]) -> None:
    here, services = stack
    here.person("alone@example.org")
    cookie = here.cookie("alone@example.org")
    with Watcher(_each(here)[0], cookie=cookie) as one, Watcher(_each(here)[1], cookie=cookie) as two:
        services.redis.stop()
        try:
            here.python(SIGN_OUT, email="alone@example.org")
            assert one.ended.wait(10)
            assert two.ended.wait(10)
        finally:
            services.redis.start()


def test_killing_the_process_that_leads_hands_its_work_to_the_other(stack: tuple[Site, Any], thread: str) -> None:
    here, _ = stack
    with Page(_each(here)[0], thread) as one, Page(_each(here)[1], thread) as two:
        count = 0
        for number in (0, 1):  # whichever leads, it is killed once
            here.kill(here.webs[number])
            for _ in range(5):
                _post(here, thread, url=_each(here)[1 - number])
                count += 1
            assert (two if number == 0 else one).reaches(count), "the other one leads now"
            here.start_web(number)
            assert one.reaches(count)
            assert two.reaches(count)
        assert one.seen == two.seen == {c["seq"]: c["id"] for c in here.everything(thread)}


@pytest.mark.long
def test_each_of_two_processes_tells_its_room_the_number_every_half_minute(here: Site, thread: str) -> None:
    _post(here, thread)
    with ExitStack() as stack:
        pages = [stack.enter_context(Watcher(url)) for url in _each(here)]
        assert all(page.watch(thread)["ok"] for page in pages)
        for page in pages:
            assert page.waits_for(lambda p=page: len(p.heard("seq")) >= 2, 75)
            assert {(told["id"], told["in"], told["seq"]) for told in page.heard("seq")} == {(thread, thread, 1)}
            first, second = [at for name, _, at in page.told if name == "seq"][:2]
            assert 20 < second - first < 40


def test_pages_open_on_both_processes_while_redis_is_gone(stack: tuple[Site, Any], thread: str) -> None:
    here, services = stack
    said = _post(here, thread, "ก่อนหาย")
    here.person("reads@example.org", "--name", "คนอ่านต่อ")
    cookie = here.cookie("reads@example.org")
    slug = Caller(here.url).get(f"/threads/{thread}")["consultation"]
    own = {f"/t/{thread}": "ก่อนหาย", f"/t/{thread}?c={said['id']}": "ก่อนหาย", "/account": "คนอ่านต่อ"}
    everyone = own | {"/": "<h1", f"/c/{slug}": "<h1", "/login": "<h1", "/signup": "<h1", "/r": "<h1"}
    del everyone["/account"]
    services.redis.stop()
    try:
        for url in [here.url, *_each(here)]:
            for path, words in everyone.items():
                _opens(url + path, words, {})
            for path, words in own.items():
                _opens(url + path, words, {"Cookie": cookie})
            made = _post(here, thread, "ระหว่างนี้", url if url != here.url else None)
            _opens(f"{url}/t/{thread}?c={made['id']}", "ระหว่างนี้", {})
    finally:
        services.redis.start()


def _opens(url: str, words: str, headers: dict[str, str]) -> None:
    began = time.monotonic()
    answer = requests.get(url, headers=headers, timeout=10)
    assert (answer.status_code, words in answer.text) == (200, True), (url, answer.status_code, answer.text[:300])
    assert time.monotonic() - began < 3, url


LOCKS = """
from sqlalchemy import text
out = tx.execute(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).scalar()
"""


def test_of_two_processes_one_leads(here: Site) -> None:
    assert here.python(LOCKS) == 2, "one for the web processes, one for the worker"
