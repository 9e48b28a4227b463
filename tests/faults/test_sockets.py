"""The socket as pages meet it: every way to connect, everybody who must not, nothing lost and nothing twice."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import requests
import websocket
from socketio.exceptions import BadNamespaceError

from tests.faults.site import Caller, Site
from tests.faults.watcher import Refused, Watcher

pytestmark = pytest.mark.slow

POSTERS = 50


def _say(here: Site, thread: str, text: str = "สวัสดี", **headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = here.speaker.post(f"/threads/{thread}/comments", {"body": text}, **headers)
    return answer


@pytest.mark.parametrize("ways", [("polling",), ("websocket",), ("polling", "websocket")], ids="+".join)
def test_a_comment_reaches_a_watcher_whichever_way_it_is_connected(
    here: Site, thread: str, ways: tuple[str, ...]
) -> None:
    with Watcher(here.url, ways) as page:
        assert page.watch(thread) == {"ok": True, "seq": 0, "missed": [], "reload": False}
        assert page.transport == ways[-1]
        posted = _say(here, thread)
        assert page.waits_for(lambda: len(page.told) == 2)
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
        _say(here, thread)
        assert other.waits_for(lambda: other.numbers() == [1])
        assert page.watch(thread, 0)["seq"] == 1
        assert page.told == []


def test_what_was_missed_comes_with_the_acknowledgement_in_order(here: Site, thread: str) -> None:
    for n in range(5):
        _say(here, thread, f"ความเห็นที่ {n}")
    with Watcher(here.url) as page:
        answer = page.watch(thread, 2)
        assert (answer["seq"], answer["reload"]) == (5, False)
        assert [c["seq"] for c in answer["missed"]] == [3, 4, 5]
        assert page.watch(thread, 5)["missed"] == []
        assert page.watch(thread, 6)["reload"] is True, "a number from a future that was lost"


def test_more_than_two_hundred_missed_changes_say_reload(here: Site, thread: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: _say(here, thread), range(201)))
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


def test_whoever_floods_the_socket_is_let_go(here: Site) -> None:
    with Watcher(here.url) as page:
        with suppress(BadNamespaceError):  # it may be gone before all is said
            for _ in range(400):
                page.say("watch", {"id": "nothinghere"})
        assert page.ended.wait(10)


def _opens(url: str, way: str, origin: str) -> bool:
    """Whether a page of that origin gets a session, with the headers a browser would send."""
    path = f"/socket.io/?EIO=4&transport={way}"
    if way == "polling":
        return requests.get(url + path, headers={"Origin": origin}, timeout=5).status_code == 200
    try:
        websocket.create_connection(url.replace("http", "ws", 1) + path, origin=origin, timeout=5).close()
    except websocket.WebSocketBadStatusException:
        return False
    return True


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"],
)
@pytest.mark.parametrize("way", ["polling", "websocket"])
def test_a_page_of_another_site_cannot_open_a_socket(here: Site, origin: str, way: str) -> None:
    assert not _opens(here.url, way, origin)


@pytest.mark.parametrize("way", ["polling", "websocket"])
def test_a_page_of_this_site_can_by_any_of_its_local_names(here: Site, way: str) -> None:
    for name in ("127.0.0.1", "localhost"):
        ours = f"http://{name}:{here.ports[0]}"
        assert _opens(ours, way, ours)


@pytest.mark.parametrize("token", ["forged", "", "sala_" + "x" * 43, "ก" * 50, "x" * 5000, 7, ["x"], {"a": 1}])
def test_a_forged_token_is_refused_and_says_why(here: Site, token: Any) -> None:
    with pytest.raises(Refused, match=r"^token$"):
        Watcher(here.url, token=token)


@pytest.mark.parametrize("cookie", ["session=forged", "session=", "session=a.b.c", "session=" + "x" * 3000])
def test_a_forged_cookie_makes_somebody_nobody(here: Site, thread: str, cookie: str) -> None:
    with Watcher(here.url, cookie=cookie) as page:
        assert page.watch(thread)["ok"], "public things are for everybody"


def test_a_token_or_a_cookie_signs_in(here: Site, thread: str) -> None:
    person = here.person("both@example.org")
    with Watcher(here.url, token=person["token"]) as one, Watcher(here.url, cookie=here.cookie(person["email"])) as two:
        assert one.watch(thread)["ok"]
        assert two.watch(thread)["ok"]


SIGN_OUT = """
from sqlalchemy import select
from forum.core.accounts.models import User
from forum.core.accounts.service import sign_ins
user_id = tx.execute(select(User.id).where(User.email == email)).scalar_one()
sign_ins.sign_out_everywhere(tx, user_id)
"""
REVOKE = """
from sqlalchemy import select
from forum.core.accounts.models import ApiToken, User
from forum.kernel import events
row = tx.execute(select(ApiToken).join(User, User.id == ApiToken.user_id).where(User.email == email)).scalar_one()
tx.delete(row)
events.emit(tx, "account.token_revoked", subject_id=row.user_id, token_id=row.id)
"""
MAKE_OFFICER = """
from sqlalchemy import select
from forum.core.accounts.models import User
from forum.core.agencies.models import Membership
from forum.kernel import clock, events
user_id = tx.execute(select(User.id).where(User.email == email)).scalar_one()
rows = tx.execute(select(Membership).where(Membership.user_id == user_id)).scalars().all()
for row in rows:
    tx.delete(row)
events.emit(tx, "member.removed", subject_id=user_id, agency_id=None, role="auditor")
"""


@pytest.mark.parametrize("way", ["polling", "websocket"])
def test_signing_out_drops_the_sockets_at_once_and_nobody_elses(here: Site, thread: str, way: str) -> None:
    email = f"out-{way}@example.org"
    person = here.person(email)
    cookie = here.cookie(email)
    with (
        Watcher(here.url, (way,), cookie=cookie) as signed_out,
        Watcher(here.url, (way,), token=person["token"]) as by_token,
        Watcher(here.url, (way,)) as nobody,
    ):
        assert signed_out.watch(thread)["ok"]
        here.python(SIGN_OUT, email=email)
        assert signed_out.ended.wait(5)
        _say(here, thread)
        assert signed_out.told == []
        assert by_token.watch(thread)["ok"], "a token is no session"
        assert nobody.watch(thread)["ok"]
        assert not by_token.ended.is_set()
        assert not nobody.ended.is_set()
    # The cookie is still in somebody's browser, or in somebody else's hands: it opens nothing any more.
    with Watcher(here.url, (way,), cookie=cookie) as later:
        assert later.watch(thread)["ok"]


def test_revoking_a_token_drops_its_socket_and_refuses_the_next(here: Site) -> None:
    person = here.person("revoked@example.org")
    with Watcher(here.url, token=person["token"]) as page:
        here.python(REVOKE, email="revoked@example.org")
        assert page.ended.wait(5)
    with pytest.raises(Refused, match=r"^token$"):
        Watcher(here.url, token=person["token"])


def test_losing_a_role_drops_the_sockets(here: Site) -> None:
    person = here.person("auditor@example.org", "--role", "auditor")
    with Watcher(here.url, token=person["token"]) as page:
        here.python(MAKE_OFFICER, email="auditor@example.org")
        assert page.ended.wait(5)


def test_fifty_people_posting_at_once_are_told_in_order_without_a_gap(here: Site, thread: str) -> None:
    with Watcher(here.url) as page, Watcher(here.url, ("polling",)) as phone:
        assert page.watch(thread)["ok"]
        assert phone.watch(thread)["ok"]
        with ThreadPoolExecutor(POSTERS) as people:
            posted = list(people.map(lambda n: _say(here, thread, f"ความเห็นที่ {n}"), range(4 * POSTERS)))
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
        _say(here, thread, "อีกความเห็น")
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
        list(pool.map(lambda _: _say(here, thread, text), range(120)))
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


GARBAGE = [
    *("", "4", "5", "6", "9", "40{", "42", "42[", "42[]", "42{}", "42[5]", '42["watch"', "45999999-[]"),
    *("40/admin,", "41", "43[]", "44", "4" * 5000, "x", "\x00", "ก", '42["connect"]', '42["disconnect"]'),
    *('42999["watch",{"id":{"a":1}}]', '451-["watch",{"_placeholder":true,"num":0}]'),
]


def test_garbage_on_the_socket_harms_nobody_and_leaves_no_trace_in_the_log(here: Site, thread: str) -> None:
    address = here.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    for words in GARBAGE:
        for opening in ("40", None):
            rude = websocket.create_connection(address, timeout=5)
            rude.recv()
            if opening:
                rude.send(opening)
                rude.recv()
            rude.send(words)
            rude.send_binary(words.encode())
            rude.close()
    for body in (b"", b"4", b"\xff\xfe", b"4" * 20_000, b"\x1e" * 100, b"d=4"):
        requests.post(f"{here.url}/socket.io/?EIO=4&transport=polling&sid=nobody", data=body, timeout=5)
        session = requests.get(f"{here.url}/socket.io/?EIO=4&transport=polling", timeout=5).text
        sid = json.loads(session[1:])["sid"]
        requests.post(f"{here.url}/socket.io/?EIO=4&transport=polling&sid={sid}", data=body, timeout=5)
    with Watcher(here.url) as page:
        assert page.watch(thread)["ok"]
        _say(here, thread)
        assert page.waits_for(lambda: page.numbers() == [1])
    assert "Traceback" not in here.webs[0].printed()
    assert "placeholder" not in here.webs[0].printed()


@pytest.mark.long
def test_every_half_minute_a_room_is_told_its_number(here: Site, thread: str) -> None:
    _say(here, thread)
    with Watcher(here.url) as page:
        assert page.watch(thread)["ok"]
        assert page.waits_for(lambda: page.heard("seq") != [], 40)
        told = page.heard("seq")[0]
        assert (told["id"], told["in"], told["seq"]) == (thread, thread, 1)


def test_half_an_upgrade_is_answered_as_a_mistake(here: Site) -> None:
    answer = requests.get(
        f"{here.url}/socket.io/?EIO=4&transport=websocket",
        headers={"Upgrade": "websocket", "Connection": "close"},
        timeout=5,
    )
    assert answer.status_code == 400
    assert "Traceback" not in here.webs[0].printed()


def test_a_message_larger_than_any_of_ours_ends_the_socket_before_it_is_read(here: Site) -> None:
    with Watcher(here.url) as page:
        page.say("watch", {"id": "x" * 100_000})
        assert page.ended.wait(10)
