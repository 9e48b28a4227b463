"""Forms on paper, and the second look: codes seen once, a tenth compared with its paper."""

import random
import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from forum.commons.comments.entering import enter
from forum.commons.comments.forms import NewComment
from forum.commons.comments.models import Comment, Revision
from forum.commons.comments.queries import thread_by
from forum.core.accounts.models import User
from forum.core.entries import compute, queries, service
from forum.core.entries.models import Entry, Sheet
from forum.core.entries.queries import SecondLook
from forum.core.items.models import Item
from forum.core.items.service import set_state
from forum.kernel import clock
from forum.kernel.errors import Conflict, Denied, NotFound
from tests.admin.entering import Counter
from tests.factories import Make
from tests.security.shown import Shown

CODE = re.compile(r'<p class="code">(สล-[0-9A-Z]{4}-[0-9A-Z]{4})</p>')


@pytest.fixture
def desk(app: Flask, make: Make, tx: Session) -> Counter:
    return Counter(app, make, tx, offline_route="หย่อนกล่องหน้าตลาด", contact={"phone": "0 2000 0011"})


def test_each_form_has_a_number_a_code_and_a_qr_of_its_own_and_says_where_the_answer_is(desk: Counter) -> None:
    page = desk.post("/sheets", {"count": "๓"})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    codes = CODE.findall(page.text)
    assert len(set(codes)) == 3
    assert page.text.count('class="qr"') == 3
    assert len(set(re.findall(r'<path fill="#000" d="([^"]+)"', page.text))) == 3
    for n in (1, 2, 3):
        assert f"ใบเลขที่ {n}" in page.text
    for said in (
        "หย่อนกล่องหน้าตลาด",
        "หน่วยงานต้องตอบภายใน",
        "localhost/r",
        "ไม่ต้องเขียนชื่อ",
        "tel:020000011",
        "สำหรับเจ้าหน้าที่",
    ):
        assert said in page.text, said
    kept = desk.tx.execute(select(Sheet.code_hmac)).scalars().all()
    assert len(kept) == 3
    assert all(len(hmac) == 64 for hmac in kept)
    assert not any(code.replace("-", "")[2:] in str(kept) for code in codes)


def ticked(page: str) -> list[str]:
    """The words beside the boxes above the lines of the first sheet, in their order."""
    top = page.split('class="leaf', 1)[1].split('class="write"', 1)[0]
    return re.findall(r'<span class="tick" aria-hidden="true"></span><bdi>([^<]+)</bdi>', top)


AGREE = ["เห็นด้วย", "ไม่เห็นด้วย", "ยังไม่แน่ใจ"]


def test_a_sheet_has_boxes_for_the_stance_in_the_topics_own_words(desk: Counter) -> None:
    assert ticked(desk.post("/sheets", {"count": "1"}).text) == AGREE
    desk.make.thread(desk.row, stance="agree", title="ราวกันตก")
    assert ticked(desk.post("/sheets", {"count": "1"}).text) == ["ทางเดิน", "ราวกันตก", *AGREE]
    desk.make.thread(desk.row, stance="options", options=["กั้นน้ำ", "แก้มลิง"], title="น้ำท่วม")
    desk.make.thread(desk.row, title="เรื่องอื่น")
    own = ["กั้นน้ำ", "แก้มลิง", "ยังไม่แน่ใจ"]
    beside = ["ทางเดิน", *AGREE, "ราวกันตก", *AGREE, "น้ำท่วม", *own, "เรื่องอื่น"]
    assert ticked(desk.post("/sheets", {"count": "1"}).text) == beside


def test_a_sheet_asks_for_no_tick_that_could_mean_two_things(desk: Counter) -> None:
    for n in range(6):
        desk.make.thread(desk.row, stance="agree", title=f"หัวข้อ {n}")
    assert ticked(desk.post("/sheets", {"count": "1"}).text) == AGREE
    desk.make.thread(desk.row, stance="options", options=["กั้นน้ำ", "แก้มลิง"], title="น้ำท่วม")
    assert ticked(desk.post("/sheets", {"count": "1"}).text) == []


@pytest.mark.parametrize("titles", [(), ("ก", "ข")])
def test_a_sheet_of_topics_without_stances_has_no_boxes_for_them(
    app: Flask, make: Make, tx: Session, titles: tuple[str, ...]
) -> None:
    desk = Counter(app, make, tx, titles=())
    for title in titles:
        make.thread(desk.row, title=title)
    assert ticked(desk.post("/sheets", {"count": "1"}).text) == list(titles)


def test_loading_the_page_again_shows_no_code_and_makes_no_sheet(desk: Counter) -> None:
    token = desk.token(desk.client, f"{desk.path}/sheets")
    sent = {"csrf_token": token, "count": "2"}
    assert CODE.search(desk.client.post(f"{desk.path}/sheets", data=sent).text)
    again = desk.client.post(f"{desk.path}/sheets", data=sent)
    assert again.status_code == 303
    told = desk.client.get(again.headers["Location"]).text
    assert "รหัสแสดงครั้งเดียว" in told
    assert not CODE.search(told)
    assert queries.sheets(desk.tx, desk.row.id).all == 2


def test_numbers_go_on_after_those_printed_and_those_keyed_by_hand(desk: Counter) -> None:
    desk.post("/new", desk.one(sheet="40"))
    desk.post("/new", desk.one(sheet="ก-99"))
    assert "ใบเลขที่ 41" in desk.post("/sheets", {"count": "1"}).text
    assert "ใบเลขที่ 42" in desk.post("/sheets", {"count": "1"}).text


@pytest.mark.parametrize("count", ["", "0", "-1", "101", "1.5", "x", "9" * 40])
def test_an_odd_number_of_sheets_is_refused(desk: Counter, count: str) -> None:
    answer = desk.post("/sheets", {"count": count})
    assert answer.status_code == 422
    assert Shown(answer.text).mistakes["count"] == "ทำได้ครั้งละ 1 ถึง 100 ใบ"
    assert queries.sheets(desk.tx, desk.row.id).all == 0


@pytest.mark.parametrize(("state", "status"), [("draft", 403), ("announced", 200), ("opened", 200), ("closed", 403)])
def test_forms_are_made_from_the_announcement_to_the_close(
    app: Flask, make: Make, tx: Session, state: str, status: int
) -> None:
    desk = Counter(app, make, tx, state=state)
    assert desk.client.get(f"{desk.path}/sheets").status_code == status
    token = desk.token(desk.client, "/desk/new")
    assert desk.client.post(f"{desk.path}/sheets", data={"csrf_token": token, "count": "1"}).status_code == status
    assert queries.sheets(tx, desk.row.id).all == (1 if status == 200 else 0)


def test_the_desk_counts_sheets_that_have_not_come_back(desk: Counter) -> None:
    desk.post("/sheets", {"count": "5"})
    desk.post(
        "/grid", desk.grid({"body": "ก", "sheet": "2"}, {"body": "ข", "sheet": "๔"}, {"body": "ค", "sheet": "77"})
    )
    assert queries.sheets(desk.tx, desk.row.id) == queries.Printed(5, 3)
    shown = desk.client.get(desk.path).text
    assert "ทำไปแล้ว 5 ใบ" in shown
    assert "ยังไม่ได้พิมพ์เข้าระบบ 3 ใบ" in shown


def test_a_code_that_was_never_printed_is_not_found(desk: Counter, app: Flask) -> None:
    desk.post("/sheets", {"count": "1"})
    reader = app.test_client()
    assert reader.get("/r/AAAAAAAA").status_code == 404
    token = desk.token(reader, "/r")
    assert reader.post("/r", data={"csrf_token": token, "code": "สล-AAAA-AAAA"}).status_code == 422


# the second look


def keyed(desk: Counter, n: int, by: User | None = None, channel: str = "paper", sheet: str = "") -> list[str]:
    """So many entries by one officer; their public ids in order."""
    actor = desk.make.actor(by or desk.member())
    forms = [
        NewComment(f"ใบ {i}", f"<p>ใบ {i}</p>", channel=channel, sheet=f"{sheet}{i}" if sheet else None)
        for i in range(n)
    ]
    return [posted.public_id for posted in enter(desk.tx, actor, thread_by(desk.tx, desk.threads[0]), forms)]


def first(ids: Sequence[int], n: int) -> list[int]:
    return list(ids)[:n]


@pytest.mark.parametrize(("entries", "drawn"), [(0, 0), (1, 1), (9, 1), (10, 1), (11, 2), (100, 10), (101, 11)])
def test_a_tenth_is_drawn_rounded_up(entries: int, drawn: int) -> None:
    assert compute.to_look_at(entries) == drawn


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(0, 0, "0"), (0, 7, "0"), (1, 3, "33.3"), (1, 2, "50"), (7, 7, "100")]
)
def test_a_share_is_told_with_one_digit_at_most(part: int, whole: int, shown: str) -> None:
    assert compute.percent(part, whole) == shown


def test_a_tenth_of_what_others_keyed_is_drawn_and_topped_up_as_more_come(desk: Counter) -> None:
    colleague = desk.member()
    mine = set(keyed(desk, 30, desk.officer))
    keyed(desk, 15, colleague)
    actor = desk.make.actor(desk.officer)
    assert service.draw(desk.tx, actor, desk.row) == 2
    assert service.draw(desk.tx, actor, desk.row) == 0
    keyed(desk, 6, colleague)
    assert service.draw(desk.tx, actor, desk.row) == 1
    drawn = queries.drawn(desk.tx, desk.row.id)
    assert len(drawn) == 3
    assert not mine & {e.public_id for e in drawn}
    assert service.draw(desk.tx, desk.make.actor(colleague), desk.row) == 3, "a tenth of mine, for the colleague"


@pytest.mark.parametrize("channel", ["phone", "hall"])
def test_a_call_without_a_sheet_is_never_drawn_as_there_is_nothing_to_compare_it_with(
    desk: Counter, channel: str
) -> None:
    keyed(desk, 30, channel=channel)
    assert queries.lacking(desk.tx, desk.row.id, desk.officer.id) == 0
    page = desk.client.get(f"{desk.path}/check").text
    assert "ยังไม่มีใบให้เทียบ" in page
    assert "สุ่มใบมาตรวจ" not in page
    assert service.draw(desk.tx, desk.make.actor(desk.officer), desk.row) == 0
    with_paper = {*keyed(desk, 3, channel="letter"), *keyed(desk, 8, channel=channel, sheet="ส"), *keyed(desk, 9)}
    assert service.draw(desk.tx, desk.make.actor(desk.officer), desk.row) == 2
    assert {e.public_id for e in queries.drawn(desk.tx, desk.row.id)} < with_paper
    assert queries.second_look(desk.tx, desk.row.id) == SecondLook(50, 20, 2, 0, 0)


def test_a_call_that_was_drawn_before_waits_for_nobody(desk: Counter) -> None:
    keyed(desk, 3, channel="phone")
    desk.tx.execute(update(Entry).values(sampled=True))
    assert queries.drawn(desk.tx, desk.row.id) == []
    keyed(desk, 1)
    assert queries.lacking(desk.tx, desk.row.id, desk.officer.id) == 1


def test_what_is_drawn_is_left_to_chance(desk: Counter) -> None:
    keyed(desk, 20)
    seen = set()
    for seed in range(30):
        desk.tx.execute(update(Entry).values(sampled=False))
        service.draw(desk.tx, desk.make.actor(desk.officer), desk.row, random.Random(seed).sample)
        seen |= {e.public_id for e in queries.drawn(desk.tx, desk.row.id)}
    assert len(seen) > 10
    assert isinstance(service._draws, random.SystemRandom)


def test_the_checker_says_it_is_the_same_and_the_rate_is_shown(desk: Counter) -> None:
    keyed(desk, 12)
    assert "สุ่มใบมาตรวจ" in desk.client.get(f"{desk.path}/check").text
    assert desk.post("/check", {}).status_code == 303
    one, two = (e.public_id for e in queries.drawn(desk.tx, desk.row.id))
    body = desk.tx.execute(
        select(Comment.body).join(Item, Item.id == Comment.item_id).where(Item.public_id == one)
    ).scalar_one()
    same = {"body": body, "version": "1", "found": "same"}
    assert desk.post(f"/check/{one}", same).status_code == 303
    assert queries.second_look(desk.tx, desk.row.id) == SecondLook(12, 12, 2, 1, 0)
    other = {"body": "ที่จริงเขียนว่าอย่างนี้", "version": "1", "found": "other", "note": "อ่านลายมือผิด"}
    assert desk.post(f"/check/{two}", other).status_code == 303
    look = queries.second_look(desk.tx, desk.row.id)
    assert (look, look.percent) == (SecondLook(12, 12, 2, 2, 1), "50")
    assert "(50%)" in desk.client.get(f"{desk.path}/check").text
    assert "(50%)" in desk.client.get(desk.path).text


def test_a_correction_is_open_to_all_and_keeps_the_earlier_text(desk: Counter, app: Flask) -> None:
    (public_id,) = keyed(desk, 1)
    desk.post("/check", {})
    desk.post(f"/check/{public_id}", {"body": "ตามใบ", "version": "1", "found": "other", "note": "ความลับของเรา"})
    reader = app.test_client()
    told = reader.get(f"/api/v1/comments/{public_id}").json
    assert (told["body"], told["version"], told["channel"]) == ("ตามใบ", 2, "paper")
    assert told["author"]["name"] is None
    history = reader.get(f"/comments/{public_id}/history").text
    assert "ใบ 0" in history
    assert "แก้ให้ตรงใบ" in history
    assert "ความลับของเรา" not in history + reader.get(f"/t/{desk.threads[0]}").text
    (revision,) = desk.tx.execute(select(Revision)).scalars()
    assert revision.reason == "แก้ให้ตรงใบ"


def test_a_correction_is_made_after_the_close_too(app: Flask, make: Make, tx: Session) -> None:
    desk = Counter(app, make, tx)
    (public_id,) = keyed(desk, 1)
    desk.post("/check", {})
    desk.row.closes_at, desk.row.state = clock.now() - timedelta(minutes=1), "closed"
    tx.flush()
    sent = {"body": "ตามใบ", "version": "1", "found": "other"}
    assert desk.post(f"/check/{public_id}", sent).status_code == 303


@pytest.mark.parametrize(
    ("typed", "box"),
    [
        ({"found": ""}, "found"),
        ({"found": "x"}, "found"),
        ({"found": "same", "body": "แก้แล้ว"}, "found"),
        ({"found": "other"}, "note"),
        ({"found": "other", "note": "ก" * 301}, "note"),
        ({"found": "other", "body": " "}, "body"),
        ({"found": "other", "body": "แก้", "version": "x"}, "version"),
    ],
)
def test_what_does_not_go_together_is_named(desk: Counter, typed: dict[str, str], box: str) -> None:
    (public_id,) = keyed(desk, 1)
    desk.post("/check", {})
    answer = desk.post(f"/check/{public_id}", {"body": "ใบ 0", "version": "1"} | typed)
    assert answer.status_code == 422
    assert set(Shown(answer.text).mistakes) == {box}
    assert queries.second_look(desk.tx, desk.row.id).checked == 0


def test_nobody_checks_what_they_keyed(desk: Counter) -> None:
    (public_id,) = keyed(desk, 1, desk.officer)
    colleague = desk.make.actor(desk.member())
    service.draw(desk.tx, colleague, desk.row)
    page = desk.client.get(f"{desk.path}/check").text
    assert "ตรวจใบที่ตัวเองพิมพ์ไม่ได้" in page
    assert f"/check/{public_id}" not in page
    assert desk.client.get(f"{desk.path}/check/{public_id}").status_code == 403
    token = desk.token(desk.client, f"{desk.path}/new")
    sent = {"csrf_token": token, "body": "ใหม่", "version": "1", "found": "other"}
    assert desk.client.post(f"{desk.path}/check/{public_id}", data=sent).status_code == 403
    entry = desk.tx.execute(select(Entry)).scalar_one()
    with pytest.raises(Denied):
        service.judge(desk.tx, desk.make.actor(desk.officer), desk.row, entry.item_id, matches=True, note="")


def test_who_keyed_all_is_told_who_can_look_and_led_back(desk: Counter) -> None:
    keyed(desk, 3, desk.officer)
    keyed(desk, 2, desk.officer, channel="phone")
    colleague = desk.member("owner")
    desk.member("moderator")
    page = desk.client.get(f"{desk.path}/check").text
    assert "3 ใบ รอเพื่อนร่วมงานตรวจ" in page
    assert str(colleague.name) in page.split("คนที่ตรวจได้")[1]
    assert page.split("คนที่ตรวจได้")[1].count("<bdi>") == 1
    assert f'href="{desk.path}"' in page.split("<main")[1]
    assert "สุ่มใบมาตรวจ" in desk.browser(colleague).get(f"{desk.path}/check").text


def test_an_office_of_one_is_told_that_another_is_needed(desk: Counter) -> None:
    keyed(desk, 3, desk.officer)
    page = desk.client.get(f"{desk.path}/check").text
    assert "ต้องมีอีกคนจึงตรวจทานได้" in page
    assert "สุ่มใบมาตรวจ" not in page
    desk.member()
    assert "ต้องมีอีกคนจึงตรวจทานได้" not in desk.client.get(f"{desk.path}/check").text


def test_what_was_not_drawn_is_looked_at_by_nobody(desk: Counter, make: Make) -> None:
    ids = keyed(desk, 10)
    service.draw(desk.tx, desk.make.actor(desk.officer), desk.row, first)
    assert desk.client.get(f"{desk.path}/check/{ids[0]}").status_code == 200
    for public_id in (*ids[1:3], "nobody2345", desk.threads[0]):
        assert desk.client.get(f"{desk.path}/check/{public_id}").status_code == 404
    other = Counter(desk.app, make, desk.tx)
    there = other.client.get(f"{other.path}/check/{ids[0]}")
    assert there.status_code in (403, 404)


def test_an_entry_is_judged_once(desk: Counter) -> None:
    (public_id,) = keyed(desk, 1)
    desk.post("/check", {})
    entry = desk.tx.execute(select(Entry)).scalar_one()
    service.judge(desk.tx, desk.make.actor(desk.member()), desk.row, entry.item_id, matches=True, note="")
    late = desk.post(f"/check/{public_id}", {"body": "ใบ 0", "version": "1", "found": "other", "note": "ช้า"}, at="/new")
    assert late.status_code == 409
    assert "มีคนตรวจใบนี้ไปแล้ว" in late.text
    assert desk.tx.execute(select(Comment.version)).scalar_one() == 1
    with pytest.raises(Conflict):
        service.judge(desk.tx, desk.make.actor(desk.officer), desk.row, entry.item_id, matches=False, note="x")


def test_what_its_giver_took_back_is_neither_drawn_nor_mended(desk: Counter) -> None:
    first_id, *_rest = keyed(desk, 2)
    service.draw(desk.tx, desk.make.actor(desk.officer), desk.row, first)
    entry = desk.tx.execute(select(Entry).order_by(Entry.item_id)).scalars().first()
    assert entry is not None
    set_state(desk.tx, entry.item_id, "withdrawn")
    assert queries.drawn(desk.tx, desk.row.id) == []
    answer = desk.post(f"/check/{first_id}", {"body": "ใหม่", "version": "1", "found": "other"}, at="/new")
    assert answer.status_code == 409
    assert queries.lacking(desk.tx, desk.row.id, desk.officer.id) == 1, "another takes its place"


def test_an_account_that_goes_leaves_entries_without_its_name(desk: Counter) -> None:
    keyed(desk, 1, desk.officer)
    service.forget_person(desk.tx, desk.officer.id)
    assert desk.tx.execute(select(Entry.entered_by)).scalar_one() is None
    assert queries.lacking(desk.tx, desk.row.id, desk.officer.id) == 1
    with pytest.raises(NotFound):
        service.require_look(desk.tx, desk.make.actor(desk.officer), desk.agency.id, 0)
