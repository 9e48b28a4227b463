"""All that was keyed for others, and putting right what was keyed wrongly: seen by all, never instead of a check."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from forum.commons.comments.forms import NewComment
from forum.commons.comments.models import Comment, Revision
from forum.commons.comments.queries import thread_by
from forum.commons.comments.service import post_comment
from forum.core.entries import service
from forum.core.entries.models import Entry
from forum.core.items.models import Item
from forum.core.items.service import set_state
from forum.kernel import clock
from forum.kernel.events import Event
from tests.admin.entering import Counter
from tests.admin.test_sheets import keyed
from tests.factories import Make
from tests.security.shown import Shown


@pytest.fixture
def desk(app: Flask, make: Make, tx: Session) -> Counter:
    return Counter(app, make, tx)


def mended(body: str, **typed: str) -> dict[str, str]:
    return {"body": body, "version": "1", **typed}


def test_all_that_was_keyed_is_listed_the_latest_first_page_by_page(desk: Counter) -> None:
    ids = keyed(desk, 60, desk.officer, channel="phone")
    first = desk.client.get(f"{desk.path}/keyed").text
    listed = [public_id for public_id in reversed(ids) if f"/keyed/{public_id}" in first]
    assert listed == ids[:9:-1]
    places = [first.index(f"/keyed/{public_id}") for public_id in listed]
    assert places == sorted(places)
    following = [path for path in first.split('"') if "after=" in path]
    second = desk.client.get(following[0].replace("&amp;", "&")).text
    assert [public_id for public_id in ids if f"/keyed/{public_id}" in second] == ids[:10]
    assert "ใบ 59" in first
    assert desk.client.get(f"{desk.path}/keyed?after=x").status_code == 422


def test_a_sheet_is_found_by_its_number_however_it_is_written(desk: Counter) -> None:
    for n in (7, 8):
        desk.post("/new", desk.one(sheet=str(n), body=f"จากใบ {n}"))
    for typed in ("7", "๗", " 007 ", "ใบที่ 7"):
        found = desk.client.get(f"{desk.path}/keyed", query_string={"sheet": typed}).text
        assert "จากใบ 7" in found
        assert "จากใบ 8" not in found
    assert "ไม่พบใบเลขที่นี้" in desk.client.get(f"{desk.path}/keyed?sheet=99").text


@pytest.mark.parametrize("channel", ["paper", "phone", "hall", "letter"])
def test_what_was_keyed_wrongly_is_put_right_also_by_who_keyed_it_and_everybody_sees_that(
    desk: Counter, app: Flask, channel: str
) -> None:
    desk.officer.name = "สมศรีผู้พิมพ์"
    (public_id,) = keyed(desk, 1, desk.officer, channel=channel)
    assert "ใบ 0" in desk.client.get(f"{desk.path}/keyed/{public_id}").text
    answer = desk.post(f"/keyed/{public_id}", mended("ที่เขียนไว้จริง"))
    assert answer.status_code == 303
    assert "ทุกคนอ่านข้อความเดิมได้" in desk.client.get(answer.headers["Location"]).text
    reader = app.test_client()
    told = reader.get(f"/api/v1/comments/{public_id}").json
    assert (told["body"], told["version"], told["channel"]) == ("ที่เขียนไว้จริง", 2, channel)
    assert told["author"]["name"] is None
    history = reader.get(f"/comments/{public_id}/history").text
    assert "ใบ 0" in history
    assert "เจ้าหน้าที่พิมพ์ผิด แก้ตามต้นฉบับ" in history
    assert "สมศรีผู้พิมพ์" not in history + reader.get(f"/t/{desk.threads[0]}").text
    assert desk.tx.execute(select(Event.name).order_by(Event.id.desc()).limit(1)).scalar_one() == "comment.edited"


def test_what_is_drawn_is_put_right_by_nobody_but_who_compares_it(desk: Counter) -> None:
    (public_id,) = keyed(desk, 1, desk.officer)
    colleague = desk.member()
    service.draw(desk.tx, desk.make.actor(colleague), desk.row)
    listed = desk.client.get(f"{desk.path}/keyed").text
    assert f"/keyed/{public_id}" not in listed
    assert "รอตรวจ" in listed
    for client in (desk.client, desk.browser(colleague)):
        page = client.get(f"{desk.path}/keyed/{public_id}")
        assert page.status_code == 403
        assert "ใบนี้สุ่มมารอตรวจ" in page.text
        sent = desk.post(f"/keyed/{public_id}", mended("แก้ก่อนใครเห็น"), client=client, at="/new")
        assert sent.status_code == 403
    assert desk.tx.execute(select(Comment.version)).scalar_one() == 1
    entry = desk.tx.execute(select(Entry)).scalar_one()
    service.judge(desk.tx, desk.make.actor(colleague), desk.row, entry.item_id, matches=False, note="อ่านผิด")
    assert desk.post(f"/keyed/{public_id}", mended("ตามใบ")).status_code == 303
    assert desk.tx.execute(select(Entry.matches)).scalar_one() is False, "what the look found stays"


def test_a_call_that_was_drawn_before_can_be_put_right(desk: Counter) -> None:
    (public_id,) = keyed(desk, 1, desk.officer, channel="phone")
    desk.tx.execute(update(Entry).values(sampled=True))
    assert desk.post(f"/keyed/{public_id}", mended("ที่พูดไว้")).status_code == 303


@pytest.mark.parametrize(
    ("typed", "box"),
    [
        (mended("ใบ 0"), "body"),
        (mended(" "), "body"),
        (mended("ก" * 10_001), "body"),
        (mended("แก้", version="x"), "version"),
        (mended("โทร 0812345678"), "sure"),
    ],
)
def test_a_correction_that_will_not_do_is_named_and_changes_nothing(
    desk: Counter, typed: dict[str, str], box: str
) -> None:
    (public_id,) = keyed(desk, 1, desk.officer)
    answer = desk.post(f"/keyed/{public_id}", typed)
    assert answer.status_code == 422
    assert set(Shown(answer.text).mistakes) == {box}
    assert desk.tx.execute(select(Revision)).all() == []


def test_a_number_that_is_nobodys_may_be_kept_in_a_correction(desk: Counter) -> None:
    (public_id,) = keyed(desk, 1, desk.officer)
    assert desk.post(f"/keyed/{public_id}", mended("โทร 0812345678", sure="1")).status_code == 303


def test_of_two_corrections_at_once_the_later_is_told(desk: Counter) -> None:
    (public_id,) = keyed(desk, 1, desk.officer)
    assert desk.post(f"/keyed/{public_id}", mended("หนึ่ง")).status_code == 303
    late = desk.post(f"/keyed/{public_id}", mended("สอง"))
    assert late.status_code == 409
    assert "สอง" in late.text
    assert desk.tx.execute(select(Comment.body)).scalar_one() == "หนึ่ง"


def test_a_correction_sent_twice_is_made_once(desk: Counter) -> None:
    (public_id,) = keyed(desk, 1, desk.officer)
    token = desk.token(desk.client, f"{desk.path}/keyed/{public_id}")
    for _ in range(2):
        sent = mended("ที่พูดไว้") | {"csrf_token": token}
        assert desk.client.post(f"{desk.path}/keyed/{public_id}", data=sent).status_code == 303
    assert len(desk.tx.execute(select(Revision)).all()) == 1


def test_a_correction_is_made_after_the_close_too(desk: Counter) -> None:
    (public_id,) = keyed(desk, 1, desk.officer)
    desk.row.closes_at, desk.row.state = clock.now() - timedelta(minutes=1), "closed"
    desk.tx.flush()
    assert desk.post(f"/keyed/{public_id}", mended("ตามใบ")).status_code == 303


@pytest.mark.parametrize("state", ["withdrawn", "hidden", "redacted"])
def test_what_is_not_shown_is_neither_read_in_the_list_nor_put_right(desk: Counter, state: str) -> None:
    (public_id,) = keyed(desk, 1, desk.officer)
    set_state(desk.tx, desk.tx.execute(select(Item.id).where(Item.public_id == public_id)).scalar_one(), state)
    listed = desk.client.get(f"{desk.path}/keyed").text
    assert "ใบ 0" not in listed
    assert "ไม่แสดงแล้ว" in listed
    answer = desk.post(f"/keyed/{public_id}", mended("กลับมา"), at="/new")
    assert answer.status_code == 409
    assert "ใบ 0" not in answer.text


def test_what_nobody_keyed_or_another_office_keyed_is_not_theirs_to_change(desk: Counter, make: Make) -> None:
    (mine,) = keyed(desk, 1, desk.officer)
    said = NewComment("ของฉันเอง", "<p>ของฉันเอง</p>")
    written = post_comment(desk.tx, make.actor(make.user()), thread_by(desk.tx, desk.threads[0]), said)
    for public_id in (written.public_id, desk.threads[0], "nobody2345"):
        assert desk.client.get(f"{desk.path}/keyed/{public_id}").status_code == 404
        assert desk.post(f"/keyed/{public_id}", mended("แก้"), at="/new").status_code == 404
    other = Counter(desk.app, make, desk.tx)
    assert other.client.get(f"{other.path}/keyed/{mine}").status_code in (403, 404)
    assert other.post(f"/keyed/{mine}", mended("แก้"), at="/new").status_code in (403, 404)
    assert mine not in other.client.get(f"{other.path}/keyed").text
    second = make.consultation(desk.agency)
    make.thread(second)
    assert desk.client.get(f"/desk/{second.slug}/entries/keyed/{mine}").status_code == 404
    assert set(desk.tx.execute(select(Comment.version)).scalars()) == {1}


def test_members_without_the_desk_citizens_and_nobody_read_no_list_of_what_was_keyed(desk: Counter, make: Make) -> None:
    (public_id,) = keyed(desk, 1, desk.officer)
    for client in (desk.browser(desk.member("moderator")), desk.browser(make.user())):
        for page in ("/keyed", f"/keyed/{public_id}"):
            assert client.get(desk.path + page).status_code == 403
    assert desk.app.test_client().get(f"{desk.path}/keyed").status_code == 303
