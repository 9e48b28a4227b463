"""The socket as pages meet it: every way to connect, everybody who must not, nothing lost and nothing twice."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import websocket

from tests.faults.site import Caller, Site
from tests.faults.watcher import Watcher

pytestmark = pytest.mark.slow

POSTERS = 50


def say(here: Site, thread: str, text: str = "สวัสดี", **headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = here.speaker.post(f"/threads/{thread}/comments", {"body": text}, **headers)
    return answer


@pytest.mark.parametrize("ways", [("polling",), ("websocket",), ("polling", "websocket")], ids="+".join)
def test_a_comment_reaches_a_watcher_whichever_way_it_is_connected(
    here: Site, thread: str, ways: tuple[str, ...]
) -> None:
    with Watcher(here.url, ways) as page:
        assert page.watch(thread) == {"ok": True, "seq": 0, "missed": [], "reload": False}
        assert page.transport == ways[-1]
        posted = say(here, thread)
        assert page.waits_for(lambda: page.heard("comment.posted") != [] and page.heard("thread.counts") != [])
        told = page.heard("comment.posted")[0]
        assert (told["id"], told["in"], told["seq"], told["body"]) == (posted["id"], thread, 1, "สวัสดี")
        assert told["at"].endswith("Z")
        assert page.heard("thread.counts")[0] | {"at": ""} == {
            "id": thread, "in": thread, "seq": 1, "at": "", "comments": 1,
            "spread": page.heard("thread.counts")[0]["spread"],
        }  # fmt: skip


def test_nothing_more_is_told_after_unwatch(here: Site, thread: str) -> None:
    with Watcher(here.url) as page, Watcher(here.url) as other:
        assert page.watch(thread)["ok"]
        assert other.watch(thread)["ok"]
        assert page.call("unwatch", {"id": thread}) == {"ok": True}
        say(here, thread)
        assert other.waits_for(lambda: other.numbers() == [1])
        assert page.watch(thread, 0)["seq"] == 1
        assert page.numbers() == []


def test_what_was_missed_comes_with_the_acknowledgement_in_order(here: Site, thread: str) -> None:
    for n in range(5):
        say(here, thread, f"ความเห็นที่ {n}")
    with Watcher(here.url) as page:
        answer = page.watch(thread, 2)
        assert (answer["seq"], answer["reload"]) == (5, False)
        assert [c["seq"] for c in answer["missed"]] == [3, 4, 5]
        assert page.watch(thread, 5)["missed"] == []
        assert page.watch(thread, 6)["reload"] is True, "a number from a future that was lost"


def test_more_than_two_hundred_missed_changes_say_reload(here: Site, thread: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: say(here, thread), range(201)))
    with Watcher(here.url) as page:
        assert page.watch(thread, 0)["reload"] is True
        caught_up = page.watch(thread, 1)
        assert caught_up["reload"] is False
        assert [c["seq"] for c in caught_up["missed"]] == list(range(2, 202))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"id": "nothinghere"}, "not_found"),
        ({"id": "../etc"}, "invalid"),
        ({"id": 5}, "invalid"),
        ("text", "invalid"),
        ([1, 2], "invalid"),
        (None, "invalid"),
        ({"id": "abc", "since_seq": "x"}, "invalid"),
    ],
)
def test_a_room_that_cannot_be_watched_is_refused_with_its_reason(here: Site, said: Any, reason: str) -> None:
    with Watcher(here.url) as page:
        assert page.call("watch", said) == {"ok": False, "reason": reason}


def test_a_message_that_does_not_exist_is_refused(here: Site) -> None:
    with Watcher(here.url) as page:
        assert page.call("become_admin", {"id": 1}) == {"ok": False, "reason": "unknown"}


def test_one_socket_watches_fifty_rooms_and_no_more(here: Site) -> None:
    slug = here.consultation()
    rooms = [here.thread(slug) for _ in range(50)]
    with Watcher(here.url) as page:
        assert all(page.watch(room)["ok"] for room in rooms)
        assert page.watch(slug) == {"ok": False, "reason": "too_many"}
        assert page.watch(rooms[0])["ok"], "a room it is in already"
        assert page.call("unwatch", {"id": rooms[0]})["ok"]
        assert page.watch(slug)["ok"]


def test_fifty_people_posting_at_once_are_told_in_order_without_a_gap(here: Site, thread: str) -> None:
    with Watcher(here.url) as page, Watcher(here.url, ("polling",)) as phone:
        assert page.watch(thread)["ok"]
        assert phone.watch(thread)["ok"]
        with ThreadPoolExecutor(POSTERS) as people:
            posted = list(people.map(lambda n: say(here, thread, f"ความเห็นที่ {n}"), range(4 * POSTERS)))
        everything = list(range(1, 4 * POSTERS + 1))
        assert sorted(c["seq"] for c in posted) == everything
        for watcher in (page, phone):
            assert watcher.waits_for(lambda w=watcher: len(w.numbers()) >= len(everything)), len(watcher.numbers())
            assert watcher.numbers() == everything
    assert Caller(here.url).get(f"/threads/{thread}")["comments"] == len(everything)


def test_the_same_post_five_times_at_once_is_one_comment(here: Site, thread: str) -> None:
    together = threading.Barrier(5)

    def post(_n: int) -> requests.Response:
        together.wait()
        body = {"body": "ส่งครั้งเดียว"}
        return here.speaker.ask("POST", f"/threads/{thread}/comments", body, Idempotency_Key="same-key-for-all-five")

    with Watcher(here.url) as page:
        page.watch(thread)
        with ThreadPoolExecutor(5) as pool:
            answers = list(pool.map(post, range(5)))
        assert [a.status_code for a in answers] == [201] * 5
        assert len({a.json()["id"] for a in answers}) == 1
        say(here, thread, "อีกความเห็น")
        assert page.waits_for(lambda: 2 in page.numbers())
        assert page.numbers() == [1, 2]
    assert len(here.everything(thread)) == 2


def test_a_phone_that_reads_slowly_gets_every_message_whole(here: Site, thread: str) -> None:
    """More than the net takes at once is on its way to it; each message must still arrive as it was sent."""
    text = "ก" * 10_000
    slow = websocket.create_connection(
        here.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket",
        timeout=30,
        sockopt=((socket.SOL_SOCKET, socket.SO_RCVBUF, 4096),),
    )
    slow.recv()
    slow.send("40")
    slow.recv()
    slow.send(f'420["watch",{json.dumps({"id": thread})}]')
    assert '"ok":true' in slow.recv()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: say(here, thread, text), range(120)))
    told = []
    until = time.monotonic() + 25
    while len(told) < 120 and time.monotonic() < until:
        packet = slow.recv()
        assert "\\u0e" not in packet, "Thai letters go out as they are"
        if packet == "2":
            slow.send("3")
        elif packet.startswith('42["comment.posted"'):
            told.append(json.loads(packet[2:])[1])
    slow.close()
    assert [c["seq"] for c in told] == list(range(1, 121))
    assert {c["body"] for c in told} == {text}


@pytest.mark.long
def test_every_half_minute_a_room_is_told_its_number(here: Site, thread: str) -> None:
    say(here, thread)
    with Watcher(here.url) as page:
        assert page.watch(thread)["ok"]
        assert page.waits_for(lambda: page.heard("seq") != [], 40)
        told = page.heard("seq")[0]
        assert (told["id"], told["in"], told["seq"]) == (thread, thread, 1)
