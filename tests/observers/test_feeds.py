"""Feeds tell what is shown, and nothing else."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from forum.commons.comments import service
from forum.commons.comments.forms import read_comment
from forum.commons.comments.queries import thread_by
from forum.core.items.service import set_state
from tests.factories import Make

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def thread(make: Make) -> Any:
    return thread_by(make.tx, make.thread())


def say(make: Make, thread: Any, body: str) -> Any:
    form = read_comment({"body": body}, guest=False, stances=False)
    return service.post_comment(make.tx, make.actor(make.user()), thread, form)


def texts(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    return " ".join(ET.fromstring(answer.data).itertext())


def test_a_consultations_feed_tells_its_threads_and_comments(client: Any, make: Make, thread: Any) -> None:
    say(make, thread, "ทางแคบ **มาก**")
    told = texts(client, f"/c/{thread.slug}/feed.atom")
    assert "<strong>มาก</strong>" in told
    assert thread.title in told


@pytest.mark.parametrize("state", ["withdrawn", "hidden", "redacted", "removed", "erased"])
def test_what_is_not_shown_is_not_told(client: Any, make: Make, thread: Any, state: str) -> None:
    posted = say(make, thread, "จะไม่แสดง")
    set_state(make.tx, posted.comment_id, state)
    assert "จะไม่แสดง" not in texts(client, f"/c/{thread.slug}/feed.atom")


def test_comments_of_a_hidden_thread_are_not_told(client: Any, make: Make, thread: Any) -> None:
    say(make, thread, "อยู่ในหัวข้อที่ถูกซ่อน")
    set_state(make.tx, thread.id, "hidden")
    assert "อยู่ในหัวข้อที่ถูกซ่อน" not in texts(client, f"/c/{thread.slug}/feed.atom")
    assert thread.title not in texts(client, "/feed.atom")


def test_a_draft_has_no_feed_and_is_in_none(client: Any, make: Make) -> None:
    draft = make.consultation(state="draft", title="ร่างที่ยังไม่เปิด")
    assert client.get(f"/c/{draft.slug}/feed.atom").status_code == 404
    assert "ร่างที่ยังไม่เปิด" not in texts(client, "/feed.atom")


@pytest.mark.parametrize("body", ["]]><script>alert(1)</script>", "\ufffe\uffff ก", "\u202eกลับหลัง", "a\x0bb"])
def test_hostile_text_leaves_the_feed_well_formed(client: Any, make: Make, thread: Any, body: str) -> None:
    say(make, thread, body)
    told = texts(client, f"/c/{thread.slug}/feed.atom")
    assert "<script" not in told
