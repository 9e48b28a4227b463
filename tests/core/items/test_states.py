"""The one door to what is seen: every way from state to state, and what of it shows where."""

from itertools import pairwise, product
from typing import Any

import pytest
from sqlalchemy import exc, select, update

from forum.commons.comments import service
from forum.commons.comments.forms import read_comment
from forum.commons.comments.models import Thread
from forum.commons.comments.queries import changed_since, thread_by
from forum.commons.comments.recount import recount
from forum.core.items.compute import may_become, verb
from forum.core.items.models import Item
from forum.core.items.service import set_state
from forum.kernel import events
from forum.kernel.errors import Conflict
from forum.kernel.events import Event
from tests.factories import Make

STATES = ("draft", "public", "withdrawn", "hidden", "redacted", "removed", "erased")
FIRST = ("public", "hidden", "redacted", "removed", "withdrawn", "erased")


@pytest.fixture
def thread(make: Make) -> Any:
    return thread_by(make.tx, make.thread(stance="agree"))


def say(make: Make, thread: Any, body: str = "ลับเฉพาะ", **more: Any) -> Any:
    form = read_comment({"body": body, "stance": "for", **more}, guest=False, stances=True)
    return service.post_comment(make.tx, make.actor(make.user()), thread_by(make.tx, thread.public_id), form)


def shown(make: Make, thread: Any) -> int:
    return make.tx.execute(select(Thread.comments).where(Thread.item_id == thread.id)).scalar_one()


@pytest.mark.parametrize(("old", "new"), list(product(FIRST, STATES)))
def test_counters_are_right_after_every_pair_of_states(make: Make, thread: Any, old: str, new: str) -> None:
    first, other = say(make, thread), say(make, thread, "อีกคน")
    if old != "public":
        set_state(make.tx, first.comment_id, old)
    seq = events.current_seq(make.tx, thread.stream_id)
    if may_become(old, new):
        set_state(make.tx, first.comment_id, new)
        assert events.current_seq(make.tx, thread.stream_id) == seq + 1
    else:
        with pytest.raises(Conflict):
            set_state(make.tx, first.comment_id, new)
        new = old
    make.tx.flush()
    assert make.tx.get_one(Item, first.comment_id).state == new
    assert make.tx.get_one(Item, other.comment_id).state == "public"
    assert shown(make, thread) == (2 if new == "public" else 1)
    assert recount(make.tx) == 0


def test_every_change_is_one_numbered_event_with_both_states(make: Make, thread: Any) -> None:
    posted = say(make, thread)
    way = ("public", "hidden", "redacted", "removed", "public", "withdrawn", "erased")
    for state in way[1:]:
        set_state(make.tx, posted.comment_id, state)
    found = select(Event).where(Event.subject_id == posted.comment_id, Event.seq > 1).order_by(Event.seq)
    told = make.tx.execute(found).scalars().all()
    assert [(e.data["old"], e.data["new"]) for e in told] == list(pairwise(way))
    assert [e.seq for e in told] == list(range(2, 8))
    assert [e.name for e in told] == [f"comment.{verb(*pair)}" for pair in pairwise(way)]
    assert "ลับเฉพาะ" not in str([e.data for e in told])


@pytest.mark.parametrize("state", FIRST[1:])
def test_what_is_not_shown_is_in_no_page_feed_or_answer(client: Any, make: Make, thread: Any, state: str) -> None:
    posted = say(make, thread)
    reply = say(make, thread, "ตอบข้อแรก", parent=posted.public_id)
    say(make, thread, "ตอบคำตอบ", parent=reply.public_id)
    set_state(make.tx, posted.comment_id, state)
    set_state(make.tx, reply.comment_id, state)
    api = f"/api/v1/threads/{thread.public_id}"
    doors = [
        f"/t/{thread.public_id}",
        f"/t/{thread.public_id}?sort=oldest",
        f"/t/{thread.public_id}?reply={posted.public_id}",
        f"/t/{thread.public_id}?c={posted.public_id}",
        f"/t/{thread.public_id}/new?since=0",
        f"/comments/{posted.public_id}/history",
        f"/c/{thread.slug}",
        f"/c/{thread.slug}/feed.atom",
        "/feed.atom",
        f"{api}/comments",
        f"{api}/comments?since_seq=0",
        f"/api/v1/comments/{posted.public_id}",
        f"/api/v1/items/{posted.public_id}",
    ]
    for door in doors:
        answer = client.get(door)
        assert answer.status_code in (200, 410), door
        assert "ลับเฉพาะ" not in answer.text, door
        assert "ตอบข้อแรก" not in answer.text, door
    (told,) = [c for c in changed_since(make.tx, thread.id, 0, 9) if c.public_id == posted.public_id]
    assert (told.state, told.body, told.name, told.stance) == (state, "", None, None)


@pytest.mark.parametrize("state", FIRST[1:])
def test_the_address_of_what_is_gone_is_gone_and_says_so(client: Any, make: Make, thread: Any, state: str) -> None:
    posted = say(make, thread)
    path = f"/i/{posted.public_id}"
    before = client.get(path, follow_redirects=True)
    assert (before.status_code, "ลับเฉพาะ" in before.text) == (200, True)
    set_state(make.tx, posted.comment_id, state)
    gone = client.get(path, follow_redirects=True)
    assert gone.status_code == 410
    why = "ผู้เขียนเปลี่ยนใจ ไม่ส่งแล้ว" if state in ("withdrawn", "erased") else "ความเห็นนี้ไม่แสดงแล้ว"
    assert why in gone.text
    assert f'id="c-{posted.public_id}"' in gone.text, "its place is still there"
    set_state(make.tx, thread.id, "hidden")
    assert client.get(path, follow_redirects=True).status_code == 410
    assert client.get(f"/i/{thread.public_id}", follow_redirects=True).status_code == 410


def test_any_item_is_found_by_its_id_for_ever_and_an_unknown_one_is_not(client: Any, make: Make, thread: Any) -> None:
    posted = say(make, thread)
    assert client.get(f"/i/{thread.public_id}").headers["Location"] == f"/t/{thread.public_id}"
    assert f"#c-{posted.public_id}" in client.get(f"/i/{posted.public_id}").headers["Location"]
    for public_id in ("2222222222", "x", "ก", "1", str(thread.id), "a" * 300):
        assert client.get(f"/i/{public_id}").status_code == 404
        assert client.get(f"/api/v1/items/{public_id}").status_code == 404


def test_a_state_that_is_none_is_refused_by_the_database(make: Make, thread: Any) -> None:
    with pytest.raises(exc.IntegrityError):
        make.tx.execute(update(Item).where(Item.id == thread.id).values(state="invented"))


def test_no_answer_names_an_inner_number(client: Any, make: Make, thread: Any) -> None:
    posted = say(make, thread)
    for path in (f"/api/v1/threads/{thread.public_id}", f"/api/v1/items/{posted.public_id}"):
        told = client.get(path).json
        assert isinstance(told["id"], str)
        assert {name for name in told if name.endswith("_id")} == set()
