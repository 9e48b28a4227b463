"""Announced, agreed to, sent back, opened, changed and closed: by two persons or a memo, on plain pages."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.agencies.models import Agency
from forum.core.consultations.models import Change
from forum.kernel import clock, dates
from tests.admin.desk import Officer, day
from tests.factories import Make

MEMO = {"by": "memo", "memo_no": "ทพ 0411", **day("memo_date", -3)}


@pytest.fixture
def ready(officer: Officer, office: Agency, make: Make) -> Officer:
    """An officer with a complete draft, as `fill` makes one task by task."""
    today = dates.in_bangkok(clock.now()).date()
    row = make.consultation(
        office,
        state="draft",
        title="ทางเดินริมคลอง กว้างแค่ไหน",
        title_phrases=["ทางเดินริมคลอง", "กว้างแค่ไหน"],
        body="แบบ ก หรือ ข",
        privacy_notice="เก็บแค่ข้อความ 1 ปีแล้วลบ",
        opens_at=dates.start_of_day(today + timedelta(days=20)),
        closes_at=dates.end_of_day(today + timedelta(days=49)),
        answer_by=today + timedelta(days=80),
    )
    make.thread(row)
    officer.slug = row.slug
    return officer


@pytest.fixture
def other(colleague: Officer, ready: Officer) -> Officer:
    """A colleague, at the same consultation."""
    colleague.slug = ready.slug
    return colleague


@pytest.fixture
def citizen(app: Flask, ready: Officer) -> Any:
    """The public page, as somebody reads it who is not signed in."""
    return lambda: app.test_client().get(f"/c/{ready.slug}")


def task_by_task(office: Agency, officer: Officer, colleague: Officer) -> None:
    """Another draft for both, this one filled in at the desk."""
    officer.begin(office.slug)
    officer.fill(opens=20, runs=30)
    colleague.slug = officer.slug


def act(officer: Officer, what: str, typed: dict[str, Any], at: str = "open") -> Any:
    if what == "announce":
        what, typed = "open", typed | {"how": "announce"}
    return officer.send(what, typed, at=f"/desk/{officer.slug}/{at}")


def kinds(tx: Session) -> list[str]:
    return list(tx.execute(select(Change.kind).order_by(Change.id)).scalars())


def test_a_hearing_is_announced_agreed_to_by_a_colleague_and_opened(
    ready: Officer, other: Officer, citizen: Any, office: Agency, tx: Session
) -> None:
    task_by_task(office, ready, other)
    assert citizen().status_code == 404
    page = ready.get("open")
    assert "ใส่ครบแล้ว" in page
    assert "เหตุผลที่เวลาสั้น" not in page, "nothing is short, so nobody is asked why"
    assert act(ready, "announce", {"by": "member"}).status_code == 303
    shown = citizen().text
    assert "ประกาศแล้ว ยังไม่เปิดรับ" in shown
    assert "ออกความเห็นได้ตั้งแต่" in shown
    assert "ระหว่างนี้อ่าน" in shown
    assert "เก็บแค่ข้อความ 1 ปีแล้วลบ" in shown
    assert "รออนุมัติให้เปิด" in ready.get()
    assert act(other, "approve", {}, "approve").status_code == 303
    assert ready.row().state == "announced", "agreed to, and opened by whoever asked"
    assert "อนุมัติแล้ว" in ready.get()
    assert act(ready, "open", {}).status_code == 303
    assert ready.row().state == "opened"
    assert kinds(tx) == ["announced", "opened"]
    shown = citizen().text
    assert "ครบตามที่ศาลากำหนด ไม่ใช่คำรับรองว่าถูกกฎหมาย" in shown
    assert "สมาชิกคนที่สองของหน่วยงานอนุมัติ" in shown
    assert "พี่สมศรี" not in shown, "who it was is known to the office alone"
    assert "จะเปิดเองเมื่อ" in ready.get()


def test_or_the_memo_is_named_and_everybody_reads_its_number_and_day(ready: Officer, citizen: Any) -> None:
    assert act(ready, "open", MEMO).status_code == 303
    assert ready.row().state == "opened"
    shown = citizen().text
    assert "ทพ 0411" in shown
    assert "ลงวันที่" in shown


def test_what_waits_for_a_colleague_opens_as_soon_as_they_agree(ready: Officer, other: Officer) -> None:
    assert act(ready, "open", {"by": "member"}).status_code == 303
    assert ready.row().state == "draft"
    assert act(other, "approve", {}, "approve").status_code == 303
    assert ready.row().state == "opened"


def test_nobody_agrees_to_what_they_asked_for(ready: Officer) -> None:
    act(ready, "open", {"by": "member"})
    page = ready.get("approve")
    assert 'aria-disabled="true"' in page
    assert "อนุมัติสิ่งที่ตัวเองขอไม่ได้" in page
    assert f'action="/desk/{ready.slug}/approve"' not in page
    for what in ("approve", "refuse"):
        answer = act(ready, what, {"note": "ลอง"}, "approve")
        assert answer.status_code == 403
        assert "อนุมัติสิ่งที่ตัวเองขอไม่ได้" in answer.text
    assert ready.row().state == "draft"


def test_a_colleague_sends_it_back_with_a_note_that_the_office_alone_reads(
    ready: Officer, other: Officer, citizen: Any
) -> None:
    act(ready, "announce", {"by": "member"})
    refused = act(other, "refuse", {"note": " "}, "approve")
    assert refused.status_code == 422
    assert 'href="#f-note"' in refused.text
    assert act(other, "refuse", {"note": "เบอร์ผิด <b>แก้ก่อน</b>"}, "approve").status_code == 303
    page = ready.get()
    assert "ถูกส่งกลับให้แก้" in page
    assert "เบอร์ผิด &lt;b&gt;แก้ก่อน" in page
    assert "ถูกส่งกลับให้แก้ อ่านว่าเพราะอะไร" in ready.get("/desk")
    assert "เบอร์ผิด" not in citizen().text
    assert act(other, "approve", {}, "approve").status_code == 409
    assert act(ready, "open", {"by": "member"}).status_code == 303
    assert "รออนุมัติให้เปิด" in ready.get()


@pytest.mark.parametrize("note", ["ก" * 501, "ก" + "\u0e48" * 9])
def test_a_note_is_held_to_what_can_be_kept(ready: Officer, other: Officer, note: str) -> None:
    act(ready, "open", {"by": "member"})
    answer = act(other, "refuse", {"note": note}, "approve")
    assert answer.status_code == 422
    assert 'href="#f-note"' in answer.text


def test_a_change_after_agreement_asks_again(ready: Officer, other: Officer) -> None:
    act(ready, "announce", {"by": "member"})
    act(other, "approve", {}, "approve")
    assert ready.send("setup/offline", {"offline_route": "โทรมาใหม่", "reason": "เบอร์เปลี่ยน"}).status_code == 303
    assert "รออนุมัติให้เปิด" in ready.get()
    assert act(ready, "open", {"by": "member"}).status_code == 303
    assert ready.row().state == "announced", "what a colleague agreed to was another text"


@pytest.mark.parametrize("key", ["story", "scope", "decision", "dates", "offline", "contact", "privacy"])
@pytest.mark.parametrize("what", ["announce", "open"])
def test_opening_with_a_part_missing_names_it_and_leads_to_it(
    officer: Officer, office: Agency, key: str, what: str
) -> None:
    officer.begin(office.slug)
    officer.fill(
        only=tuple(
            k for k in ("story", "scope", "decision", "ways", "dates", "contact", "offline", "privacy") if k != key
        )
    )
    answer = act(officer, what, MEMO)
    assert answer.status_code == 422
    assert f'href="#f-{key}"' in answer.text
    assert f'id="f-{key}"' in answer.text
    assert f'href="/desk/{officer.slug}/setup/{key}"' in answer.text
    assert officer.row().state == "draft"


def test_short_notice_and_a_short_run_ask_why_and_everybody_reads_it(
    officer: Officer, office: Agency, app: Flask
) -> None:
    officer.begin(office.slug)
    officer.fill(opens=3, runs=9)
    page = officer.get("open")
    assert "ประกาศก่อนเปิด 3 วัน น้อยกว่า 15 วัน" in page
    assert "เปิดรับ 9 วัน น้อยกว่า 15 วัน" in page
    refused = act(officer, "announce", MEMO)
    assert refused.status_code == 422
    assert 'href="#f-reason"' in refused.text
    assert 'id="f-reason"' in refused.text
    assert act(officer, "announce", MEMO | {"reason": "น้ำมาก่อนฤดู"}).status_code == 303
    shown = app.test_client().get(f"/c/{officer.slug}").text
    assert "เวลาสั้นกว่าปกติ เพราะ" in shown
    assert "น้ำมาก่อนฤดู" in shown


@pytest.mark.parametrize(("kind", "asked"), [("primary", True), ("other", False)])
def test_an_act_of_parliament_is_asked_to_run_longer(officer: Officer, office: Agency, kind: str, asked: bool) -> None:
    officer.begin(office.slug)
    officer.fill(opens=20, runs=20)
    officer.send("setup/law", {"law_kind": kind, "legal_basis": "ร่าง พ.ร.บ.", "law_url": ""})
    assert ("น้อยกว่า 30 วัน" in officer.get("open")) is asked


def test_days_of_a_holiday_count(officer: Officer, office: Agency, make: Make) -> None:
    with time_machine.travel(datetime(2027, 4, 9, 17, 30, tzinfo=UTC), tick=False):
        make.sign_in(officer.client, make.member(office))
        officer.begin(office.slug)
        typed = {"opens_at.day": "25", "opens_at.month": "4", "opens_at.year": "2570"}
        officer.fill()
        closes = {"closes_at.day": "9", "closes_at.month": "5", "closes_at.year": "2570", **day("answer_by", 90)}
        officer.send("setup/dates", typed | closes)
        assert "เวลาสั้นกว่าที่ควร" not in officer.get("open"), (
            "10 to 25 April are fifteen nights, 25 April to 9 May fifteen days"
        )
        officer.send("setup/dates", typed | {"opens_at.day": "24"} | closes | {"closes_at.day": "7"})
        page = officer.get("open")
        assert "ประกาศก่อนเปิด 14 วัน" in page
        assert "เปิดรับ 14 วัน" in page


def test_announcing_what_has_begun_is_refused_with_the_way_on(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    officer.fill(opens=0, runs=30)
    assert "ประกาศตอนนี้" not in officer.get("open")
    answer = act(officer, "announce", MEMO | {"reason": "เร่ง"})
    assert answer.status_code == 422
    assert 'href="#f-opens_at"' in answer.text
    assert 'id="f-opens_at"' in answer.text


def test_a_closing_day_that_is_past_opens_nothing(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    officer.fill(opens=-30, runs=20)
    assert "วันปิดผ่านไปแล้ว" in officer.get()
    answer = act(officer, "open", MEMO | {"reason": "เร่ง"})
    assert answer.status_code == 422
    assert 'href="#f-dates"' in answer.text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("memo_date", {"by": "memo", "memo_no": "1"}),
        ("memo_no", {"by": "memo", **day("memo_date", -1)}),
        ("memo_no", {"by": "memo"}),
        ("memo_date", {"memo_no": "1", "memo_date.day": "40", "memo_date.month": "1", "memo_date.year": "2569"}),
        ("memo_no", {"memo_no": "ก" * 101, **day("memo_date", -1)}),
        ("memo_no", {"memo_no": "ก" + "\u0e48" * 9, **day("memo_date", -1)}),
        ("by", {"by": "somebody"}),
        ("by", {"by": "member", "memo_no": "1", **day("memo_date", -1)}),
        ("reason", {"by": "member", "reason": "ก" * 501}),
    ],
)
@pytest.mark.parametrize("what", ["announce", "open"])
def test_half_an_approval_opens_nothing(ready: Officer, field: str, typed: dict[str, str], what: str) -> None:
    answer = act(ready, what, typed)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert f'id="f-{field}"' in answer.text
    assert ready.row().state == "draft"


def test_closing_early_asks_why_and_for_a_second_person_or_a_memo(
    officer: Officer, colleague: Officer, make: Make, office: Agency, app: Flask
) -> None:
    row = make.consultation(office, body="เรื่อง")
    officer.slug = colleague.slug = row.slug
    assert "ปิดก่อนกำหนด" in officer.get()
    refused = act(officer, "close", {"by": "member"}, "close")
    assert refused.status_code == 422
    assert 'href="#f-reason"' in refused.text
    assert act(officer, "close", {"by": "member", "reason": "น้ำท่วมทาง"}, "close").status_code == 303
    assert officer.row().state == "opened"
    assert "รออนุมัติให้ปิดก่อนกำหนด" in officer.get()
    assert "ปิดก่อนกำหนด “" in colleague.get("/desk")
    assert "น้ำท่วมทาง" in colleague.get("approve")
    assert act(colleague, "approve", {}, "approve").status_code == 303
    assert officer.row().state == "closed"
    shown = app.test_client().get(f"/c/{row.slug}").text
    assert "น้ำท่วมทาง" in shown
    assert officer.client.get(f"/desk/{row.slug}/close").status_code == 403


def test_a_memo_closes_at_once(officer: Officer, make: Make, office: Agency) -> None:
    officer.slug = make.consultation(office, body="เรื่อง").slug
    assert act(officer, "close", MEMO | {"reason": "พอแล้ว"}, "close").status_code == 303
    assert officer.row().state == "closed"


def test_what_was_never_opened_cannot_be_closed(ready: Officer) -> None:
    assert ready.client.get(f"/desk/{ready.slug}/close").status_code == 403
    assert act(ready, "close", MEMO | {"reason": "พอแล้ว"}).status_code == 403
    assert "เรื่องนี้ยังไม่ถึงวันเปิด" not in ready.get(), "nobody is offered it"


def test_what_is_open_cannot_be_opened_again(officer: Officer, make: Make, office: Agency) -> None:
    officer.slug = make.consultation(office, body="เรื่อง").slug
    assert officer.client.get(f"/desk/{officer.slug}/open").status_code == 403
    for what in ("announce", "open"):
        assert act(officer, what, MEMO).status_code == 403
    assert act(officer, "approve", {}, "approve").status_code == 409


def test_a_script_in_a_reason_a_note_or_a_memo_stays_words(ready: Officer, other: Officer, citizen: Any) -> None:
    evil = '"><script>alert(1)</script>'
    for what in ("announce", "open"):
        assert "<script>alert" not in act(ready, what, {"by": evil, "memo_no": evil, "reason": evil}).text
    act(ready, "announce", MEMO | {"memo_no": evil, "reason": evil})
    for page in (citizen().text, ready.get(), ready.get("open"), other.get("approve"), other.get("/desk")):
        assert "<script>alert" not in page
    assert re.search("&lt;script&gt;", citizen().text)


def test_it_opens_by_itself_when_its_day_comes(ready: Officer, citizen: Any, make: Make, office: Agency) -> None:
    act(ready, "open", MEMO)
    assert "ประกาศแล้ว ยังไม่เปิดรับ" in citizen().text
    with time_machine.travel(clock.now() + timedelta(days=21), tick=False):
        assert "เปิดรับความเห็น" in citizen().text
        assert "ประกาศแล้ว ยังไม่เปิดรับ" not in citizen().text


VOID = "คำขออนุมัติเดิมใช้ไม่ได้แล้ว เพราะข้อความเปลี่ยน"


def test_a_change_that_undoes_a_request_says_so_and_the_list_goes_on_saying_it(ready: Officer, other: Officer) -> None:
    act(ready, "open", {"by": "member"})
    assert VOID not in ready.get()
    assert "ใส่ครบแล้ว รอเพื่อนร่วมหน่วยงานอนุมัติ" in ready.get()
    assert ready.send("setup/offline", {"offline_route": "โทรมาใหม่"}).status_code == 303
    assert ready.get().count(f"{VOID} ต้องขอใหม่") == 2, "at once, and on the list"
    assert ready.get().count(f"{VOID} ต้องขอใหม่") == 1, "the list goes on saying it"
    assert act(other, "approve", {}, "approve").status_code == 409
    act(ready, "open", {"by": "member"})
    ready.get()
    assert VOID not in ready.get()


def test_a_change_that_undoes_an_approval_of_what_is_announced_says_who_is_asked_now(
    ready: Officer, other: Officer
) -> None:
    act(ready, "announce", {"by": "member"})
    act(other, "approve", {}, "approve")
    ready.send("setup/offline", {"offline_route": "โทรมาใหม่", "reason": "เบอร์เปลี่ยน"})
    assert f"{VOID} ระบบขอใหม่ให้แล้ว" in ready.get()
    assert "รออนุมัติให้เปิด" in ready.get()


def test_a_reason_given_before_need_not_be_typed_again(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    officer.fill(opens=3, runs=30)
    assert act(officer, "open", {"by": "member", "reason": "ต้องทันงบประมาณ"}).status_code == 303
    officer.send("setup/offline", {"offline_route": "โทรมาได้ทุกวัน"})
    page = officer.get("open")
    assert VOID in page
    assert "ต้องทันงบประมาณ" in re.findall(r'<(?:input|textarea)[^>]*name="reason"[^>]*>', page)[0]


def test_keeping_what_stands_there_undoes_nothing_and_says_nothing_of_it(
    ready: Officer, other: Officer, office: Agency
) -> None:
    task_by_task(office, ready, other)
    act(ready, "open", {"by": "member"})
    ready.get()
    assert ready.send("setup/offline", {"offline_route": "โทรมาได้"}).status_code == 303
    assert VOID not in ready.get()
    assert act(other, "approve", {}, "approve").status_code == 303
    assert ready.row().state == "opened"


def test_what_was_opened_by_a_memo_meanwhile_has_no_request_to_renew(ready: Officer) -> None:
    act(ready, "open", {"by": "member"})
    act(ready, "open", MEMO)
    assert ready.row().state == "opened"
    ready.get()
    ready.send("setup/offline", {"offline_route": "โทรมาใหม่", "reason": "เบอร์เปลี่ยน"})
    assert VOID not in ready.get()


@pytest.mark.parametrize("what", ["announce", "open"])
def test_what_has_nowhere_to_speak_is_not_opened_at_the_desk(officer: Officer, office: Agency, what: str) -> None:
    officer.begin(office.slug)
    officer.fill()
    (shown,) = re.findall(r'action="(/desk/[^"]+/topics/[^"]+/drop)"', officer.get("setup/topics"))
    officer.send(shown, {}, at=f"/desk/{officer.slug}/setup/topics")
    assert "ขาดอีก 1 ข้อจึงเปิดได้" in officer.get()
    refused = act(officer, what, {"by": "member"})
    assert refused.status_code == 422
    assert f'/desk/{officer.slug}/setup/topics"' in refused.text
    assert "ยังไม่มีหัวข้อ" in refused.text
    assert officer.row().state == "draft"
    officer.topic()
    assert act(officer, what, {"by": "member"}).status_code == 303
