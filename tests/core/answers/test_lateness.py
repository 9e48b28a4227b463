"""Late answers are seen by everybody until the last is given, officers are told ahead, and the home page counts."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.core.answers import reminders, service
from forum.core.answers.compute import warning_due
from forum.core.answers.forms import read_step
from forum.core.answers.ledger import ledger
from forum.core.answers.manifest import FEATURE
from forum.core.consultations import service as consultations
from forum.core.consultations.models import Change, Consultation
from forum.core.items.service import set_state
from forum.kernel import clock, dates, i18n
from forum.kernel.errors import Invalid
from forum.kernel.mail import Mail
from tests.core.answers.conftest import Office
from tests.counting import Count, statements  # noqa: F401


def on_day(office: Office, days: int, hour: int = 3) -> Any:
    """The clock so many days after the day that was promised."""
    assert office.consultation.answer_by is not None
    day = office.consultation.answer_by + timedelta(days=days)
    return time_machine.travel(datetime.combine(day, time(hour), UTC), tick=False)


def close(office: Office) -> None:
    now = clock.now()
    office.consultation.closes_at = now + timedelta(hours=1)
    office.consultation.answer_by = now.date() + timedelta(days=30)
    office.tx.flush()


def letters(office: Office) -> list[int | None]:
    FEATURE.tick()  # type: ignore[misc]
    office.tx.expire_all()
    queued = select(Mail.user_id).where(Mail.kind == "answers_due").order_by(Mail.id)
    return list(office.tx.execute(queued).scalars())


def seen(client: FlaskClient, path: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(path).text).split())


def test_lateness_is_on_page_agency_and_home_from_the_day_after_until_the_last_answer(
    office: Office, client: FlaskClient
) -> None:
    items = [office.hear("ก"), office.hear("ข")]
    close(office)
    doors = (f"/c/{office.consultation.slug}", f"/a/{office.agency.slug}", "/", "/?list=considering")
    with on_day(office, 0, 16):  # 23.00 in Bangkok: the promised day itself
        assert not any("เลยกำหนดตอบ" in seen(client, door) for door in doors)
        assert all("หน่วยงานกำลังพิจารณา" in seen(client, door) for door in doors)
    with on_day(office, 2):
        assert all("เลยกำหนดตอบ 2 วัน" in seen(client, door) for door in doors)
        office.answer(items[0])
        assert all("เลยกำหนดตอบ 2 วัน" in seen(client, door) for door in doors)
        assert "ตอบแล้ว 1 จาก 2 ข้อ ตอบหลังกำหนด 1 ข้อ" in seen(client, doors[0])
        office.answer(items[1])
        assert not any("เลยกำหนดตอบ" in seen(client, door) for door in doors)
        assert all("ตอบครบแล้ว" in seen(client, door) for door in (doors[1], "/", "/?list=answered"))
        assert "หน่วยงานตอบครบทุกข้อแล้ว" in seen(client, doors[0])


def test_what_is_withdrawn_makes_nobody_late(office: Office, client: FlaskClient) -> None:
    item = office.hear()
    close(office)
    set_state(office.tx, item, "withdrawn")
    with on_day(office, 5):
        assert "เลยกำหนดตอบ" not in seen(client, f"/c/{office.consultation.slug}")


def test_a_consultations_page_counts_answers_and_ways_as_the_api_does(office: Office, client: FlaskClient) -> None:
    office.answer(office.hear("ก"), office.hear("ข"))
    office.hear("ค")
    page = seen(client, f"/c/{office.consultation.slug}")
    assert "ตอบแล้ว 2 จาก 3 ข้อ" in page
    assert "ทางเว็บ 3" in page
    told = client.get(f"/api/v1/consultations/{office.consultation.slug}").json["numbers"]
    assert (told["answered"], told["unanswered"], told["channels"]["web"]["received"]) == (2, 1, 3)


def test_a_later_day_needs_a_reason_that_everybody_reads(office: Office, client: FlaskClient) -> None:
    office.hear()
    row = office.consultation
    row.body = "เรื่อง"
    assert row.answer_by is not None
    later = {"answer_by": row.answer_by + timedelta(days=10)}
    with pytest.raises(Invalid) as told:
        consultations.change(office.tx, office.a, row, later, row.version)
    assert "reason" in told.value.errors
    row.warned_days = 3
    consultations.change(office.tx, office.a, row, later, row.version, "รอผลวัดระดับน้ำ")
    assert row.warned_days is None
    (change,) = office.tx.execute(select(Change).where(Change.field == "answer_by")).scalars()
    assert change.reason == "รอผลวัดระดับน้ำ"
    assert "รอผลวัดระดับน้ำ" in seen(client, f"/c/{row.slug}")


@pytest.mark.parametrize(
    ("left", "warned", "said"),
    [
        *((9, None, None), (8, None, None), (7, None, 7), (6, 7, None), (6, None, 7), (3, 7, 3), (2, 3, None)),
        *((1, 3, 1), (1, None, 1), (0, 3, 1), (0, 1, None), (-1, None, None), (-1, 1, None)),
    ],
)
def test_reminders_are_due_seven_three_and_one_days_ahead_and_once(
    left: int, warned: int | None, said: int | None
) -> None:
    today = date(2026, 12, 31)
    assert warning_due(today + timedelta(days=left), today, warned) == said


def test_each_officer_is_written_to_once_for_each_reminder(office: Office) -> None:
    office.hear()
    moderator = office.make.member(office.agency, "moderator")
    unconfirmed = office.make.user("ยังไม่ยืนยัน")
    unconfirmed.confirmed_at = None
    office.make.member(office.agency, "officer", unconfirmed)
    office.make.member(office.agency, "owner", office.writer)  # two roles are still one person
    both = [office.writer.id, office.second.id]
    counts = []
    for days in (-8, -7, -7, -5, -3, -3, -2, -1, -1, 0, 1):
        with on_day(office, days):
            counts.append(len(letters(office)))
    assert counts == [0, 2, 2, 2, 4, 4, 4, 6, 6, 6, 6]
    assert letters(office) == both * 3
    assert moderator.id not in both


def test_nobody_is_reminded_of_what_is_answered_and_a_letter_on_its_way_is_dropped(office: Office) -> None:
    item = office.hear()
    with on_day(office, -7):
        assert len(letters(office)) == 2
        about = {"consultation": office.consultation.id}
        told = reminders.letter(office.tx, office.writer.id, about)
        assert told is not None
        assert told.to == office.writer.email
        assert "เหลือ 7 วันต้องตอบให้ครบ ยังไม่ได้ตอบ 1 ข้อ" in told.subject
        assert f"/desk/{office.consultation.slug}/answers" in told.text
        with i18n.speaking("en"):
            assert "7 days left" in reminders.letter(office.tx, office.writer.id, about).subject  # type: ignore[union-attr]
        assert reminders.letter(office.tx, office.stranger.id, about) is None
        office.answer(item)
        assert reminders.letter(office.tx, office.writer.id, about) is None
    with on_day(office, -3):
        assert len(letters(office)) == 2


def test_a_reminder_says_who_asks_what_how_many_wait_until_when_and_then_where_to_answer(office: Office) -> None:
    office.hear("ก")
    office.answer(office.hear("ข"))
    with on_day(office, -7):
        told = reminders.letter(office.tx, office.writer.id, {"consultation": office.consultation.id})
    assert told is not None
    row = office.consultation
    assert row.answer_by is not None
    order = (
        office.agency.name_th, row.title, "มี 1 ข้อที่รอคำตอบ", f"ภายใน {dates.date_text(row.answer_by)}",
        f"/desk/{row.slug}/answers", "เลยกำหนดตอบกี่วัน", "ถ้าต้องเลื่อนวันตอบ",
    )  # fmt: skip
    places = [told.text.index(said) for said in order]
    assert places == sorted(places)


def test_an_agencys_page_says_how_many_of_the_unanswered_are_not_due_yet(office: Office, client: FlaskClient) -> None:
    office.hear("ก"), office.hear("ข")
    late = office.make.consultation(office.agency)
    there, office.thread = office.thread, office.make.thread(late)
    office.hear("ค")
    set_state(office.tx, office.hear("ลบแล้ว"), "withdrawn")
    office.thread = there
    page = f"/a/{office.agency.slug}"
    assert "ยังไม่ได้ตอบ 3 ข้อ ยังไม่ถึงกำหนดทุกข้อ" in seen(client, page)
    assert office.consultation.answer_by is not None
    late.answer_by = office.consultation.answer_by - timedelta(days=3)
    office.tx.flush()
    with on_day(office, -3, 16):  # 23.00 in Bangkok: the promised day of one of them
        assert "ยังไม่ได้ตอบ 3 ข้อ ยังไม่ถึงกำหนดทุกข้อ" in seen(client, page)
    with on_day(office, -2):
        assert "ยังไม่ได้ตอบ 3 ข้อ ยังไม่ถึงกำหนด 2 ข้อ" in seen(client, page)
    with on_day(office, 1):
        assert "ยังไม่ได้ตอบ 3 ข้อ" in seen(client, page)
        assert "ยังไม่ถึงกำหนด" not in seen(client, page)


@pytest.mark.parametrize(("state", "n"), [("draft", 0), ("announced", 0), ("opened", 2), ("closed", 2)])
def test_officers_of_what_is_open_or_closed_are_reminded(office: Office, state: str, n: int) -> None:
    office.hear()
    office.consultation.state = state
    office.tx.flush()
    with on_day(office, -3):
        assert len(letters(office)) == n


def test_the_desk_says_how_many_days_are_left(office: Office, desk: FlaskClient) -> None:
    office.hear()
    where = f"/desk/{office.consultation.slug}/answers"
    told = {8: None, 7: "เหลือ 7 วันต้องตอบให้ครบ", 0: "วันนี้เป็นวันสุดท้ายที่ต้องตอบ", -2: "เลยกำหนดตอบ 2 วัน"}
    close(office)
    for left, words in told.items():
        with on_day(office, -left):
            office.make.sign_in(desk, office.writer)
            for path in ("/desk", where, f"{where}/given"):
                page = seen(desk, path)
                assert "โต๊ะเจ้าหน้าที่" in page or "ตอบความเห็น" in page
                if words:
                    assert words in page, (left, path)
                else:
                    assert "ต้องตอบให้ครบ" not in page


def test_the_home_page_counts_what_offices_answered_and_is_silent_before(office: Office, client: FlaskClient) -> None:
    one, two, three, _four = (office.hear(f"ข้อ {n}") for n in range(4))
    office.draft(three)
    assert "คุณพูด แล้วเกิดอะไรขึ้น" not in client.get("/").text
    office.answer(one, two, disposition="not_accepted")
    office.answer(one, disposition="partly")
    told = ledger(office.tx)
    assert told is not None
    assert (told.accepted, told.partly, told.not_accepted, told.noted, told.waiting) == (0, 1, 1, 0, 2)
    page = seen(client, "/")
    assert "คุณพูด แล้วเกิดอะไรขึ้น" in page
    assert "รับไว้ 0 รับบางส่วน 1 ไม่รับ มีเหตุผล 1 บันทึกไว้ 0 ยังรอคำตอบ 2" in page
    assert "style=" not in client.get("/").text


def test_home_takes_as_many_statements_with_fifty_answers_as_with_one(
    office: Office,
    client: FlaskClient,
    statements: Count,  # noqa: F811
) -> None:
    office.answer(office.hear())
    with statements() as few:
        client.get("/")
    for n in range(20):
        office.answer(office.hear(f"ข้อ {n}"))
    with statements() as many:
        client.get("/")
    assert len(few) == len(many) <= 13


def test_progress_moves_no_number(office: Office) -> None:
    item = office.hear()
    service.tell_progress(office.tx, office.a, office.consultation, [item], read_step({"progress": "done"}))
    assert ledger(office.tx) is None
    assert office.tx.get_one(Consultation, office.consultation.id).warned_days is None
