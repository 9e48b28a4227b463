"""One voice entered for somebody who came another way: whose it is, what is asked of it, what everybody sees."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.commons.comments.models import Comment
from forum.core.entries import queries, service
from forum.core.entries.models import Entry
from forum.core.items.models import Item
from forum.kernel import clock, dates, throttle
from tests.admin.entering import Counter
from tests.factories import Make
from tests.security.shown import Shown
from tests.security.test_payloads import dangers


@pytest.fixture
def desk(app: Flask, make: Make, tx: Session) -> Counter:
    return Counter(app, make, tx)


def days_ago(n: int, name: str = "received") -> dict[str, str]:
    day = dates.in_bangkok(clock.now()).date() - timedelta(days=n)
    return {f"{name}.day": str(day.day), f"{name}.month": str(day.month), f"{name}.year": str(day.year)}


def code_on(page: str) -> str | None:
    found = re.search(r'<div class="code num">(สล-[^<]+)</div>', page)
    return found[1] if found else None


def test_an_officer_keeps_one_voice_and_the_form_stands_ready_for_the_next(desk: Counter) -> None:
    kept = desk.post("/new", desk.one(channel="hall", sheet="๑๒", **days_ago(2)))
    assert kept.status_code == 303
    following = desk.client.get(kept.headers["Location"])
    assert "เก็บแล้ว พิมพ์ใบถัดไป" in following.text
    code = code_on(following.text)
    assert code is not None
    (form,) = [boxes for path, boxes in Shown(following.text).forms.items() if path == f"{desk.path}/new"]
    assert form["channel"] == ["hall"]
    assert form["received.day"] == [days_ago(2)["received.day"]]
    assert (form["body"], form["sheet"]) == ([""], [""])
    assert code_on(desk.client.get(kept.headers["Location"]).text) is None, "the code is shown once"
    entry = desk.tx.execute(select(Entry)).scalar_one()
    assert (entry.sheet, entry.entered_by) == ("12", desk.officer.id)
    assert desk.app.test_client().get(f"/r/{code}").status_code == 200


def test_everybody_sees_how_it_came_and_nobody_by_whose_name(desk: Counter, app: Flask) -> None:
    desk.post("/new", desk.one(channel="phone", body="@เจ้าหน้าที่ ขอราวจับ"))
    item = desk.tx.execute(select(Item).where(Item.kind == "comment")).scalar_one()
    assert (item.voice, item.author_id, item.agency_id) == ("paper", None, None)
    reader = app.test_client()
    page = reader.get(f"/t/{desk.threads[0]}").text
    assert "จากโทรศัพท์" in page
    assert 'class="c official"' not in page
    told = reader.get(f"/api/v1/comments/{item.public_id}").json
    assert told["author"] == {"name": None, "kind": "paper", "erased": False}
    assert (told["channel"], told["official"]) == ("phone", False)
    for path in ("/feed.atom", f"/c/{desk.row.slug}/feed.atom", f"/api/v1/items/{item.public_id}"):
        answer = reader.get(path)
        assert desk.officer.name not in answer.text.replace("@เจ้าหน้าที่", ""), path


def test_the_thread_offers_no_second_way_to_enter_for_others(desk: Counter, app: Flask) -> None:
    page = desk.client.get(f"/t/{desk.threads[0]}").text
    assert 'name="channel"' not in page
    assert 'name="sheet"' not in page


@pytest.mark.parametrize(
    ("values", "box", "words"),
    [
        ({"channel": ""}, "channel", "เลือกช่องทาง"),
        ({"channel": "web"}, "channel", "ไม่รู้จักช่องทาง"),
        ({"channel": "fax"}, "channel", "ไม่รู้จักช่องทาง"),
        (days_ago(-1), "received", "ต้องไม่เกินวันนี้"),
        (days_ago(6), "received", "ต้องไม่ก่อนวันเปิด"),
        ({"received.day": "31", "received.month": "2"}, "received", "ไม่มีวันนี้ในปฏิทิน"),
        ({"received.year": "69"}, "received", "ปีต้องเป็นเลข 4 หลัก"),
        ({"received.year": "3112"}, "received", "ปีต้องเป็นเลข 4 หลัก"),
        ({"received.year": "2469"}, "received", "ต้องไม่ก่อนวันเปิด"),
        ({"received.day": "", "received.month": "", "received.year": ""}, "received", "บอกวันที่ได้รับ"),
        ({"topic": "nowhere"}, "topic", "ไม่มีหัวข้อ"),
        ({"stance": "x"}, "stance", "เลือกได้เฉพาะที่มีในหัวข้อนี้"),
        ({"body": " "}, "body", "ยังไม่มีข้อความ พิมพ์ก่อนส่ง"),
        ({"body": "ก" * 10_001}, "body", "ยาวเกินไป"),
        ({"sheet": "9" * 61}, "sheet", "ต้องไม่เกิน 60 ตัวอักษร"),
    ],
)
def test_what_will_not_do_is_named_and_nothing_is_kept(
    desk: Counter, values: dict[str, str], box: str, words: str
) -> None:
    answer = desk.post("/new", desk.one(**values))
    assert answer.status_code == 422
    mistakes = Shown(answer.text).mistakes
    assert words in mistakes[box], mistakes
    assert desk.comments() == 0


@pytest.mark.parametrize("page", ["/new", "/grid"])
def test_where_there_is_no_topic_the_officer_is_led_to_where_one_is_set_up(
    app: Flask, make: Make, tx: Session, page: str
) -> None:
    desk = Counter(app, make, tx, titles=())
    shown = desk.client.get(desk.path + page).text
    to = f"/desk/{desk.row.slug}/setup/topics"
    assert f'href="{to}"' in shown
    assert "#h-file" not in shown
    assert "ตั้งหัวข้อ" in desk.client.get(to).text


def test_what_may_be_chosen_is_said_in_the_topics_own_words(app: Flask, make: Make, tx: Session) -> None:
    desk = Counter(app, make, tx)
    assert "ความเห็นต่อหัวข้อ" in desk.client.get(f"{desk.path}/new").text
    make.thread(desk.row, title="แบบ", stance="options", options=["กั้นน้ำ", "แก้มลิง"])
    for page in ("/new", "/grid"):
        shown = desk.client.get(desk.path + page).text
        assert "เห็นด้วย / กั้นน้ำ" in shown
        assert "ไม่เห็นด้วย / แก้มลิง" in shown
        assert ">ยังไม่แน่ใจ<" in shown


@pytest.mark.parametrize(
    "told", ["โทร 081-234 5678", "โทร ๐๘๑๒๓๔๕๖๗๘", "เลข 1 2345 67890 12 3", "a@example.org", "+66 81 234 5678"]
)
def test_what_looks_like_a_number_is_asked_about_once_and_may_be_passed(desk: Counter, told: str) -> None:
    asked = desk.post("/new", desk.one(body=told))
    assert asked.status_code == 422
    assert "sure" in Shown(asked.text).mistakes
    assert desk.comments() == 0
    assert desk.post("/new", desk.one(body=told, sure="1")).status_code == 303
    assert desk.comments() == 1


@pytest.mark.parametrize("plain", ["กว้าง 2.4 เมตร ยาว 1,200 เมตร", "ปี 2569 ถึง 2570", "แผง 12 และ 081"])
def test_other_numbers_are_nobodys(desk: Counter, plain: str) -> None:
    assert desk.post("/new", desk.one(body=plain)).status_code == 303


def test_what_was_received_before_the_close_is_entered_after_it(app: Flask, make: Make, tx: Session) -> None:
    desk = Counter(app, make, tx, closes_at=clock.now() - timedelta(days=2), state="closed")
    late = desk.post("/new", desk.one(**days_ago(1)))
    assert "ต้องไม่หลังวันปิดรับ" in Shown(late.text).mistakes["received"]
    assert desk.post("/new", desk.one(**days_ago(3))).status_code == 303
    assert desk.comments() == 1


@pytest.mark.parametrize("state", ["draft", "announced"])
def test_nothing_is_entered_before_the_opening(app: Flask, make: Make, tx: Session, state: str) -> None:
    coming = {"opens_at": clock.now() + timedelta(days=1)} if state == "announced" else {}
    desk = Counter(app, make, tx, state=state, **coming)
    for page in ("/new", "/grid", "/sample.csv"):
        assert desk.client.get(desk.path + page).status_code == 403, page
    token = desk.token(desk.client, "/desk/new")
    for page, typed in (("/new", desk.one()), ("/grid", desk.grid({"body": "ก"}))):
        assert desk.client.post(desk.path + page, data=typed | {"csrf_token": token}).status_code == 403
    assert desk.comments() == 0
    bearer = {"Authorization": f"Bearer {make.token(desk.officer)}"}
    sent = {"body": "ก", "channel": "paper"}
    answer = app.test_client().post(f"/api/v1/threads/{desk.threads[0]}/comments", json=sent, headers=bearer)
    assert answer.status_code == (404 if state == "draft" else 403)


def test_a_form_sent_twice_keeps_one_and_the_second_answer_brings_a_code(desk: Counter) -> None:
    token = desk.token(desk.client, f"{desk.path}/new")
    typed = desk.one() | {"csrf_token": token}
    first, second = (desk.client.post(f"{desk.path}/new", data=typed) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert desk.comments() == 1
    code = code_on(desk.client.get(second.headers["Location"]).text)
    assert desk.app.test_client().get(f"/r/{code}").status_code == 200


def test_a_sheet_is_keyed_once_however_its_number_is_written(desk: Counter) -> None:
    assert desk.post("/new", desk.one(sheet="7")).status_code == 303
    for again in ("7", "๗", "007", " 7 "):
        answer = desk.post("/new", desk.one(sheet=again, body=f"อีกใบ {again}"))
        assert answer.status_code == 409
        assert "ใบเลขที่ 7 มีคนพิมพ์เข้าระบบแล้ว" in Shown(answer.text).mistakes["sheet"]
    assert desk.comments() == 1


def test_a_printed_sheet_keeps_the_code_of_its_stub_also_when_it_is_sent_twice(desk: Counter, app: Flask) -> None:
    actor = desk.make.actor(desk.officer)
    ((number, code),) = service.print_sheets(desk.tx, actor, desk.row, 1)
    waiting = app.test_client().get(f"/r/{code}")
    assert waiting.status_code == 200
    assert "ใบนี้ยังไม่ได้พิมพ์เข้าระบบ" in waiting.text
    token = desk.token(desk.client, f"{desk.path}/new")
    typed = desk.one(sheet=str(number), body="จากใบที่ฉีก") | {"csrf_token": token}
    for _ in range(2):
        kept = desk.client.post(f"{desk.path}/new", data=typed)
        following = desk.client.get(kept.headers["Location"]).text
        assert code_on(following) is None
        assert "รหัสใบรับอยู่บนส่วนที่ฉีกไว้กับใบแล้ว" in following
    there = app.test_client().get(f"/r/{code}")
    assert "จากใบที่ฉีก" in there.text
    assert desk.comments() == 1


def test_looking_up_a_stub_that_waits_is_no_guess(desk: Counter, app: Flask) -> None:
    ((_number, code),) = service.print_sheets(desk.tx, desk.make.actor(desk.officer), desk.row, 1)
    throttle.configure({"receipts": "2/hour"})
    reader = app.test_client()
    token = desk.token(reader, "/r")
    for _ in range(5):
        assert reader.get(f"/r/{code}").status_code == 200
        assert reader.post("/r", data={"csrf_token": token, "code": code}).status_code == 303
    assert reader.get("/api/v1/receipts/" + code).status_code == 404
    for expected in (404, 404, 429):
        assert reader.get("/r/AAAAAAAA").status_code == expected


def test_entries_are_held_to_no_speakers_limit(desk: Counter, app: Flask) -> None:
    throttle.configure({"posts": "2/minute"})
    for n in range(5):
        assert desk.post("/new", desk.one(body=f"ใบ {n}")).status_code == 303
    bearer = {"Authorization": f"Bearer {desk.make.token(desk.officer)}"}
    path = f"/api/v1/threads/{desk.threads[0]}/comments"
    for n in range(4):
        sent = {"body": f"สาย {n}", "channel": "phone", "sheet": f"p{n}"}
        made = app.test_client().post(path, json=sent, headers=bearer)
        assert made.status_code == 201
        assert made.json["receipt"]
    as_office = [app.test_client().post(path, json={"body": str(n)}, headers=bearer).status_code for n in range(3)]
    assert as_office[-1] == 429


@pytest.mark.parametrize("sent", [{"received_on": "2020-01-01"}, {"received_on": "2999-01-01"}])
def test_the_api_holds_the_day_to_the_same_window(desk: Counter, app: Flask, sent: dict[str, str]) -> None:
    bearer = {"Authorization": f"Bearer {desk.make.token(desk.officer)}"}
    body: dict[str, Any] = {"body": "ก", "channel": "paper"} | sent
    answer = app.test_client().post(f"/api/v1/threads/{desk.threads[0]}/comments", json=body, headers=bearer)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"received_on"}


PAGES = ("", "/new", "/grid", "/sheets", "/check", "/sample.csv", "/sample.xlsx")


@pytest.mark.parametrize("page", PAGES)
def test_people_of_another_office_and_citizens_see_nothing_of_it(desk: Counter, make: Make, page: str) -> None:
    elsewhere = desk.browser(make.member(make.agency(), "owner"))
    moderator = desk.browser(desk.member("moderator"))
    citizen = desk.browser(make.user())
    for client in (elsewhere, moderator, citizen):
        assert client.get(desk.path + page).status_code == 403
    assert desk.app.test_client().get(desk.path + page).status_code == 303


@pytest.mark.parametrize("page", ["/new", "/grid", "/sheets", "/check"])
def test_people_of_another_office_write_nothing(desk: Counter, make: Make, page: str) -> None:
    elsewhere = desk.browser(make.member(make.agency(), "owner"))
    token = desk.token(elsewhere, "/desk/new")
    typed = desk.one() | desk.grid({"body": "ก"}) | {"count": "3", "csrf_token": token}
    assert elsewhere.post(desk.path + page, data=typed).status_code == 403
    assert desk.comments() == 0
    assert queries.sheets(desk.tx, desk.row.id).all == 0


def test_the_numbers_by_channel_are_those_of_the_api(desk: Counter) -> None:
    for channel, n in (("paper", 3), ("phone", 2), ("hall", 1), ("letter", 1)):
        for _ in range(n):
            desk.post("/new", desk.one(channel=channel, body=f"{channel} {_}"))
    desk.post("/grid", desk.grid(*({"body": f"ใบ {n}"} for n in range(4)), channel="letter"))
    told = desk.numbers()
    assert {name: count["received"] for name, count in told["channels"].items()} == {
        "paper": 3,
        "phone": 2,
        "hall": 1,
        "letter": 5,
    }
    assert told["received"] == 11
    page = desk.client.get(desk.path).text
    rows = dict(re.findall(r'<tr><th scope="row">([^<]+)</th><td class="num">(\d+)</td>', page))
    assert rows == {"เว็บ": "0", "ใบกระดาษ": "3", "โทรศัพท์": "2", "เวทีประชุม": "1", "จดหมาย": "5"}


def test_the_overview_lists_the_latest_and_who_typed_today_for_the_office_alone(desk: Counter, app: Flask) -> None:
    empty = desk.client.get(desk.path).text
    assert "ยังไม่มีใครพิมพ์เข้ามา" in empty
    desk.post("/new", desk.one(sheet="41"))
    shown = desk.client.get(desk.path).text
    assert "วันนี้ใครพิมพ์ไปเท่าไร" in shown
    assert ">41<" in shown
    for public in (f"/c/{desk.row.slug}", f"/t/{desk.threads[0]}", f"/api/v1/consultations/{desk.row.slug}"):
        assert "entered" not in app.test_client().get(public).text


SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def test_script_in_every_box_is_text(desk: Counter) -> None:
    refused = desk.post("/new", dict.fromkeys(desk.one(), SCRIPT) | {"sure": SCRIPT})
    assert refused.status_code == 422
    kept = desk.post("/new", desk.one(body=SCRIPT, sheet=SCRIPT))
    pages = [refused.text, desk.client.get(kept.headers["Location"]).text, desk.client.get(desk.path).text]
    pages += [desk.client.get(f"/t/{desk.threads[0]}").text]
    grid = desk.post(
        "/grid",
        {
            f"{at}.{n}": SCRIPT
            for at in ("rows.0", "all")
            for n in ("channel", "on", "sheet", "topic", "body", "stance")
        },
    )
    assert grid.status_code == 422
    for page in [*pages, grid.text]:
        assert dangers(page) == []
    assert desk.tx.execute(select(Comment.body)).scalar_one() == SCRIPT
