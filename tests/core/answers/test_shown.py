"""Where people see what an office says of what they said: at the item, by receipt, live, in JSON and in history."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from flask.testing import FlaskClient

from forum.commons.comments import views
from forum.commons.comments.service import NewThread, make_thread
from forum.core.answers import service
from forum.core.answers.beside import LONG
from forum.core.answers.forms import read_step
from forum.core.answers.manifest import FEATURE
from forum.core.items.models import Item
from forum.core.items.service import give_receipt, set_state
from forum.kernel.events import Event
from tests.core.answers.conftest import REASON, Office
from tests.counting import Count, statements  # noqa: F401


def tell(office: Office, item: int, progress: str, reason: str = "") -> None:
    form = read_step({"progress": progress, "reason": reason})
    service.tell_progress(office.tx, office.a, office.consultation, [item], form)


def answer_in(page: str) -> str:
    """What a reader hears of the first official answer of a page."""
    found = re.search(r'<section class="answer.*?</section>', page, re.S)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_an_answer_stands_under_what_it_answers_with_its_office_word_reason_and_day(
    office: Office, client: FlaskClient
) -> None:
    with time_machine.travel(datetime(2026, 11, 22, 3, tzinfo=UTC), tick=False):
        item = office.hear()
        office.answer(item, disposition="partly")
        page = client.get(f"/t/{office.thread}").text
    seen = answer_in(page)
    for word in ("สำนักช่างท่าพร้าว", "คำตอบทางการ", "22 พ.ย. 2569", "ผลต่อข้อเสนอ รับบางส่วน", REASON):
        assert word in seen
    assert page.index("ขอทางลาด") < page.index('<section class="answer') < page.index('value="useful"')


@pytest.mark.parametrize(
    ("disposition", "word"),
    [("accepted", "รับไว้"), ("partly", "รับบางส่วน"), ("not_accepted", "ไม่รับ"), ("noted", "บันทึกไว้")],
)
def test_each_disposition_has_its_word_in_both_languages(
    office: Office, client: FlaskClient, disposition: str, word: str
) -> None:
    office.answer(office.hear(), disposition=disposition)
    assert f"<b>{word}</b>" in client.get(f"/t/{office.thread}").text
    english = client.get(f"/t/{office.thread}?lang=en").text
    found = re.search(r'class="verdict.*?<b>(.*?)</b>', english)
    assert found is not None
    assert found[1].isascii()


def test_a_thread_somebody_started_is_answered_under_its_question(office: Office, client: FlaskClient) -> None:
    started = make_thread(
        office.tx, NewThread("ไฟทางเดินมืด", "มืดมาก", "<p>มืดมาก</p>"), consultation_id=office.consultation.id,
        agency_id=office.agency.id, activity_id=None, author_id=office.make.user().id, voice="member",
    )  # fmt: skip
    office.answer(started.id)
    tell(office, started.id, "done")
    seen = answer_in(client.get(f"/t/{started.public_id}").text)
    assert REASON in seen
    assert "ทำแล้ว" in seen
    assert client.get(f"/api/v1/threads/{started.public_id}").json["disposition"] == "accepted"
    assert [e.name for e in office.work()] == ["thread.answered", "thread.answered"]


def test_progress_is_shown_with_its_reason_also_before_an_answer(office: Office, client: FlaskClient) -> None:
    item = office.hear()
    tell(office, item, "received")
    tell(office, item, "not_done", "ถูกตัดงบ <b>ปีนี้</b>")
    seen = answer_in(client.get(f"/t/{office.thread}").text)
    assert "ถึงไหนแล้ว ไม่ได้ทำ" in seen
    assert "ถูกตัดงบ &lt;b&gt;ปีนี้&lt;/b&gt;" in seen
    assert "คำตอบทางการ" not in seen


def test_a_long_answer_folds_and_a_short_one_does_not(office: Office, client: FlaskClient) -> None:
    office.answer(office.hear(), reason="สั้น")
    assert "อ่านเหตุผลทั้งหมด" not in client.get(f"/t/{office.thread}").text
    office.answer(office.hear(), reason="ยาว " * (LONG // 2))
    assert "อ่านเหตุผลทั้งหมด" in client.get(f"/t/{office.thread}").text


def test_no_script_comes_through_an_answer(office: Office, client: FlaskClient) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1))"
    item = office.hear()
    office.answer(item, reason=hostile)
    tell(office, item, "planned", hostile)
    for path in (f"/t/{office.thread}", f"/answers/{office.public(item)}"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "javascript:" not in re.sub(r"[^<>]*(?=<)", "", page)


def test_the_answer_goes_with_what_is_hidden_and_stays_with_what_has_a_part_covered(
    office: Office, client: FlaskClient
) -> None:
    item = office.hear()
    office.answer(item)
    set_state(office.tx, item, "redacted")
    assert REASON in client.get(f"/t/{office.thread}?c={office.public(item)}").text
    set_state(office.tx, item, "hidden")
    assert REASON not in client.get(f"/t/{office.thread}?c={office.public(item)}").text
    assert client.get(f"/answers/{office.public(item)}").status_code == 410


def test_the_earlier_answer_is_read_on_a_page_of_its_own(office: Office, client: FlaskClient) -> None:
    item = office.hear()
    office.answer(item, disposition="not_accepted", reason="ยังไม่มีงบ")
    assert "เคยตอบไว้" not in client.get(f"/t/{office.thread}").text
    office.answer(item, reason="ได้งบแล้ว")
    page = client.get(f"/t/{office.thread}").text
    assert "ยังไม่มีงบ" not in page
    assert f'href="/answers/{office.public(item)}"' in page
    told = client.get(f"/answers/{office.public(item)}").text
    assert told.index("ได้งบแล้ว") < told.index("มีคำตอบใหม่แทนแล้ว") < told.index("ยังไม่มีงบ")
    assert "กช 9/2569" in told
    assert client.get(f"/answers/{office.thread}").status_code == 404
    assert client.get("/answers/nobody").status_code == 404


def test_who_holds_the_receipt_reads_the_day_of_the_answer_then_the_answer(office: Office, client: FlaskClient) -> None:
    item = office.hear()
    code = give_receipt(office.tx, item).replace("-", "").removeprefix("สล")
    office.consultation.answer_by = date(2027, 1, 15)
    office.tx.flush()
    before = client.get(f"/r/{code}").text
    assert "หน่วยงานต้องตอบภายใน" in before
    assert "15 ม.ค. 2570" in before
    office.answer(item)
    tell(office, item, "inspecting")
    after = client.get(f"/r/{code}").text
    assert REASON in answer_in(after)
    assert "กำลังไปดู" in after
    assert "หน่วยงานต้องตอบภายใน" not in after
    told = client.get(f"/api/v1/receipts/{code}").json["item"]
    assert (told["disposition"], told["progress"]) == ("accepted", "inspecting")


def test_a_receipt_never_calls_what_others_said_an_answer(office: Office, client: FlaskClient) -> None:
    item = office.hear("ขอทางลาด")
    code = give_receipt(office.tx, item).replace("-", "").removeprefix("สล")
    office.hear("เห็นด้วย", parent=office.public(item))
    page = " ".join(re.sub(r"<[^>]+>", " ", client.get(f"/r/{code}").text).split())
    assert "มีคนอื่นคุยต่อ 1 ข้อ" in page
    for misread in ("มีคนตอบ", "คำตอบที่ได้รับ", "หน่วยงานตอบเมื่อ"):
        assert misread not in page
    office.answer(item)
    assert "หน่วยงานตอบเมื่อ" in client.get(f"/r/{code}").text


def test_the_json_of_a_comment_tells_its_answer_or_nothing(office: Office, client: FlaskClient) -> None:
    item = office.hear()
    path = f"/api/v1/comments/{office.public(item)}"
    empty = client.get(path).json
    assert [empty[k] for k in ("disposition", "progress", "answer", "step")] == [None] * 4
    answer = office.answer(item)
    tell(office, item, "planned", "งบปี 2570")
    told = client.get(path).json
    assert (told["disposition"], told["progress"]) == ("accepted", "planned")
    assert (told["answer"]["id"], told["answer"]["reason"]) == (answer.public_id, REASON)
    assert told["step"]["reason"] == "งบปี 2570"


def test_who_watches_is_told_the_answer_with_the_next_number(office: Office, client: FlaskClient) -> None:
    item = office.hear()
    office.answer(item)
    (event,) = office.work()
    (out,) = views.live_comments(office.tx, [event])
    assert (out.room, out.payload["seq"], out.payload["disposition"]) == (office.thread, 2, "accepted")
    missed = client.get(f"/api/v1/threads/{office.thread}/comments?since_seq=1").json
    assert [c["disposition"] for c in missed["items"]] == ["accepted"]
    drawn = client.get(f"/t/{office.thread}/new?since=1").text
    assert REASON in drawn


def test_who_watches_the_consultation_is_told_of_a_published_answer(office: Office) -> None:
    answer = office.answer(office.hear())
    happened = office.tx.query(Event).filter_by(name="answer.posted").one()
    (out,) = FEATURE.live["answer.posted"](office.tx, [happened])
    assert (out.room, out.payload["id"], out.payload["seq"]) == (
        office.consultation.slug, answer.public_id, happened.seq,
    )  # fmt: skip


@pytest.mark.parametrize("lang", ["th", "en"])
def test_a_page_of_answers_takes_one_statement_more_than_one_without(
    office: Office,
    client: FlaskClient,
    statements: Count,  # noqa: F811
    lang: str,
) -> None:
    items = [office.hear(f"ข้อ {n}") for n in range(15)]
    where = f"/t/{office.thread}?lang={lang}"
    with statements() as without:
        client.get(where)
    for item in items:
        office.answer(item, disposition="noted")
        office.answer(item)
        tell(office, item, "done", "เสร็จ")
    with statements() as answered:
        page = client.get(where).text
    assert page.count('class="answer') == 15
    assert len(answered) == len(without) + 1 <= 8
    with statements() as one:
        client.get(f"/answers/{office.public(items[0])}")
    assert len(one) <= 9


def test_a_piece_of_the_page_is_drawn_anew_when_the_answer_changes(office: Office, client: FlaskClient) -> None:
    item = office.hear()
    seen: list[str] = []
    for reason in ("คำตอบแรก", "คำตอบที่สอง"):
        office.answer(item, reason=reason)
        seen.append(client.get(f"/t/{office.thread}").text)
    assert "คำตอบแรก" in seen[0]
    assert "คำตอบแรก" not in seen[1]
    assert "คำตอบที่สอง" in seen[1]


def test_an_item_of_its_own_is_no_contribution(office: Office) -> None:
    answer = office.answer(office.hear())
    assert office.tx.get_one(Item, answer.id).answered == ""
