"""Pages kept for a second for readers who are not signed in hold nothing of any one of them."""

import re
import time
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

import config as settings
from forum.app import create_app
from forum.commons.comments import service
from forum.commons.comments.forms import read_comment
from forum.commons.comments.queries import thread_by
from forum.core.accounts.service import keep_text
from forum.kernel import csrf, db, shell
from forum.kernel.rules import NOBODY
from tests.factories import Make


@pytest.fixture
def keeping(config: settings.Config, lent: db.Database) -> Flask:
    """The app with its page cache on."""
    return create_app(replace(config, page_cache_seconds=2), lent)


@pytest.fixture
def thread(make: Make) -> str:
    return make.thread()


def kept(app: Flask) -> dict[Any, shell.Kept]:
    pages: dict[Any, shell.Kept] = app.extensions["page_cache"]._pages
    return pages


def text_of(page: str) -> str:
    """A page without what differs from answer to answer."""
    page = re.sub(r'name="csrf_token" value="[^"]+"', "", page)
    return re.sub(r'nonce="[^"]+"', "", page)


def test_a_public_page_is_kept_for_the_next_reader(keeping: Flask, thread: str) -> None:
    first = keeping.test_client().get(f"/t/{thread}").text
    assert len(kept(keeping)) == 1
    assert text_of(keeping.test_client().get(f"/t/{thread}").text) == text_of(first)


def test_each_reader_gets_a_form_token_that_works(keeping: Flask, thread: str) -> None:
    seen = set()
    for _ in range(3):
        client = keeping.test_client()
        tokens = set(re.findall(r'name="csrf_token" value="([^"]+)"', client.get(f"/t/{thread}").text))
        assert tokens
        assert all(csrf.check("", token) for token in tokens)
        assert not tokens & seen
        seen |= tokens


def test_no_mark_is_left_in_a_page(keeping: Flask, thread: str) -> None:
    for _ in range(2):
        assert "@@" not in keeping.test_client().get(f"/t/{thread}").text


def test_nobody_can_write_a_mark(keeping: Flask, thread: str, make: Make) -> None:
    body = "@@nonce@@ @@csrf@@ [ไปที่นี่](https://example.org/@@csrf@@)"
    service.post_comment(make.tx, make.actor(make.user()), thread_by(make.tx, thread), said(body))
    for _ in range(2):
        page = keeping.test_client().get(f"/t/{thread}").text
        assert "@@nonce@@ @@csrf@@" in page


@pytest.mark.parametrize("cookie", ["session", "remember_token", "note"])
def test_a_reader_with_something_of_their_own_is_not_served_a_kept_page(
    keeping: Flask, thread: str, cookie: str
) -> None:
    keeping.test_client().get(f"/t/{thread}")
    kept(keeping).clear()
    client = keeping.test_client()
    client.set_cookie(cookie, "x")
    client.get(f"/t/{thread}")
    assert kept(keeping) == {}


def test_what_the_signed_in_see_is_not_kept(keeping: Flask, thread: str, make: Make) -> None:
    client = keeping.test_client()
    make.sign_in(client, make.user("นกขมิ้น"))
    assert "นกขมิ้น" in client.get(f"/t/{thread}").text
    assert "นกขมิ้น" not in keeping.test_client().get(f"/t/{thread}").text
    assert "นกขมิ้น" not in str(kept(keeping))


def test_a_kept_page_is_not_shown_to_the_signed_in(keeping: Flask, thread: str, make: Make) -> None:
    keeping.test_client().get(f"/t/{thread}")
    client = keeping.test_client()
    make.sign_in(client, make.user("นกขมิ้น"))
    assert "นกขมิ้น" in client.get(f"/t/{thread}").text


def test_a_note_and_its_receipt_are_seen_by_their_owner_alone(keeping: Flask, thread: str) -> None:
    owner = keeping.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', owner.get(f"/t/{thread}").text)
    assert token
    form = {"csrf_token": token[1], "body": "ขอทางลาด", "name": "ป้า", "consent": "1"}
    answer = owner.post(f"/t/{thread}/comments", data=form)
    location = answer.headers["Location"].partition("#")[0]
    mine = owner.get(location).text
    code = re.search(r"สล-[0-9A-Z]{4}-[0-9A-Z]{4}", mine)
    assert code
    for path in (location, f"/t/{thread}"):
        assert code[0] not in keeping.test_client().get(path).text
    assert code[0] in owner.get(location).text, "a reload finds it again"
    assert code[0] not in str(kept(keeping))


def test_receipt_pages_are_not_kept(keeping: Flask, thread: str, make: Make) -> None:
    guest = read_comment({"body": "ก", "name": "ป้า", "consent": True}, guest=True, stances=False)
    posted = service.post_comment(make.tx, NOBODY, thread_by(make.tx, thread), guest)
    assert keeping.test_client().get(f"/r/{posted.receipt}").status_code == 200
    assert kept(keeping) == {}


def test_what_was_typed_before_signing_in_is_shown_once_and_not_kept(keeping: Flask, thread: str, tx: Session) -> None:
    key = keep_text(tx, f"/t/{thread}", {"body": "ร่างลับของฉัน"})
    path = f"/t/{thread}?kept={key}"
    assert "ร่างลับของฉัน" in keeping.test_client().get(path).text
    assert "ร่างลับของฉัน" not in keeping.test_client().get(path).text
    assert "ร่างลับของฉัน" not in keeping.test_client().get(f"/t/{thread}").text
    assert kept(keeping).keys().isdisjoint([path])


def test_languages_and_themes_are_kept_apart(keeping: Flask, thread: str) -> None:
    seen = {}
    for lang in ("th", "en"):
        for theme in ("", "dark", "light"):
            client = keeping.test_client()
            client.set_cookie("lang", lang)
            client.set_cookie("theme", theme or "none")
            for _ in range(2):
                page = client.get(f"/t/{thread}").text
                assert f'<html lang="{lang}"' in page
                assert (f'data-theme="{theme}"' in page) == bool(theme)
            seen[lang, theme] = text_of(page)
    assert len(set(seen.values())) == 6


def test_a_language_asked_for_is_remembered_by_each_reader_who_asks(keeping: Flask, thread: str) -> None:
    for _ in range(2):
        answer = keeping.test_client().get(f"/t/{thread}?lang=en")
        assert "lang=en" in answer.headers["Set-Cookie"]


def test_a_page_that_sets_a_cookie_is_not_kept(keeping: Flask) -> None:
    client = keeping.test_client()
    client.set_cookie("note", "x")
    client.get("/")
    assert kept(keeping) == {}


def test_pages_that_are_not_there_and_writes_are_not_kept(keeping: Flask, thread: str) -> None:
    client = keeping.test_client()
    client.get("/t/none")
    client.post(f"/t/{thread}/comments", data={})
    client.head(f"/t/{thread}")
    client.get("/api/v1/consultations")
    client.get("/r")
    client.get("/login")
    assert kept(keeping) == {}


def test_kept_pages_are_not_kept_by_caches_in_between(keeping: Flask, thread: str) -> None:
    for _ in range(2):
        answer = keeping.test_client().get(f"/t/{thread}")
        assert "no-cache" in answer.headers["Cache-Control"]
        assert "private" in answer.headers["Cache-Control"]
        assert "Cookie" in answer.headers["Vary"]


def test_the_policy_fits_a_kept_page_as_well(keeping: Flask, thread: str) -> None:
    for _ in range(2):
        answer = keeping.test_client().get(f"/t/{thread}")
        assert set(re.findall(r'nonce="([^"]+)"', answer.text)) <= set(
            re.findall(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        )


def said(body: str) -> Any:
    return read_comment({"body": body}, guest=False, stances=False)


def test_the_text_of_a_withdrawn_comment_is_gone_within_two_seconds(
    keeping: Flask, thread: str, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(shell.time, "monotonic", lambda: now)
    actor = make.actor(make.user())
    posted = service.post_comment(make.tx, actor, thread_by(make.tx, thread), said("ข้อความที่จะหาย"))
    path = f"/t/{thread}"
    assert "ข้อความที่จะหาย" in keeping.test_client().get(path).text
    service.withdraw_comment(make.tx, actor, posted.comment_id)
    make.tx.flush()
    now += 1.99
    assert "ข้อความที่จะหาย" not in keeping.test_client().get(path).text
    assert "ข้อความที่จะหาย" not in keeping.test_client().get(f"/api/v1{path.replace('/t/', '/threads/')}/comments").text


def test_a_page_that_took_long_to_make_is_not_kept_the_longer_for_it(
    keeping: Flask, thread: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(1000))
    monkeypatch.setattr(shell.time, "monotonic", lambda: next(ticks) * 0.6)
    keeping.test_client().get(f"/t/{thread}")
    until = next(iter(kept(keeping).values())).until
    assert until <= 0.6 + 1.5


def test_no_more_pages_are_kept_than_there_is_room_for(keeping: Flask, thread: str) -> None:
    cache = keeping.extensions["page_cache"]
    for n in range(1200):
        cache.put((f"/?{n}", "th", ""), "x", {}, time.monotonic())
    assert len(kept(keeping)) <= 500
