"""Everybody who must not: forged, foreign, signed out, too fast, too large, or not even a message."""

import json
from contextlib import suppress
from typing import Any

import pytest
import requests
import websocket
from socketio.exceptions import BadNamespaceError

from tests.faults.site import Site
from tests.faults.test_sockets import say
from tests.faults.watcher import Refused, Watcher

pytestmark = pytest.mark.slow


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
        say(here, thread)
        assert signed_out.numbers() == []
        assert by_token.watch(thread)["ok"], "a token is no session"
        assert nobody.watch(thread)["ok"]
        assert not by_token.ended.is_set()
        assert not nobody.ended.is_set()
    # The cookie is still in somebody's browser, or in somebody else's hands: it opens nothing any more.
    with Watcher(here.url, (way,), cookie=cookie) as later:
        assert later.watch(thread)["ok"]


@pytest.mark.parametrize("way", ["polling", "websocket"])
def test_a_cookie_whose_session_has_ended_gives_nothing_of_its_owners(here: Site, way: str) -> None:
    draft = here.officer.post("/consultations", {"agency": "works", "title": "ยังร่างอยู่"})["slug"]
    email = f"owner-{way}@example.org"
    here.person(email, "--agency", "works", "--role", "officer")
    cookie = here.cookie(email)
    with Watcher(here.url, (way,), cookie=cookie) as owner, Watcher(here.url, (way,)) as nobody:
        assert owner.watch(draft)["ok"], "a draft is for its own officers"
        assert nobody.watch(draft) == {"ok": False, "reason": "not_found"}
    here.python(SIGN_OUT, email=email)
    with Watcher(here.url, (way,), cookie=cookie) as thief:
        assert thief.watch(draft) == {"ok": False, "reason": "not_found"}


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
        say(here, thread)
        assert page.waits_for(lambda: page.numbers() == [1])
    assert "Traceback" not in here.webs[0].printed()
    assert "placeholder" not in here.webs[0].printed()


def test_half_an_upgrade_is_answered_as_a_mistake(here: Site) -> None:
    answer = requests.get(
        f"{here.url}/socket.io/?EIO=4&transport=websocket",
        headers={"Upgrade": "websocket", "Connection": "close"},
        timeout=5,
    )
    assert answer.status_code == 400
    assert "Traceback" not in here.webs[0].printed()


def test_a_phone_that_offers_to_unpack_messages_is_sent_them_plain(here: Site) -> None:
    socket = websocket.create_connection(
        here.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket",
        header=["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"],
        timeout=5,
    )
    assert "sec-websocket-extensions" not in socket.getheaders()
    assert socket.recv().startswith("0{")
    socket.close()


def test_a_message_larger_than_any_of_ours_ends_the_socket_before_it_is_read(here: Site) -> None:
    with Watcher(here.url) as page:
        page.say("watch", {"id": "x" * 100_000})
        assert page.ended.wait(10)
