"""Somebody without an account, on an old phone inside LINE, speaks without fear and finds the answer again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.faults.site import Site
from tests.journeys.browsers import Reader, Readers, comment, is_shown, nothing_runs_off_the_side, until

pytestmark = pytest.mark.browser
SIZES_OF_TEXT = [("phone", 100), ("desktop", 100), ("phone", 200), pytest.param("desktop", 200, marks=pytest.mark.long)]
POSTED = re.compile(r"/api/v1/threads/\w+/comments$")
CODE = re.compile(r"สล-[0-9A-Z]{4}-[0-9A-Z]{4}")


def speak(guest: Reader, body: str, name: str = "ป้าริมคลอง") -> str:
    """Says something as a guest; gives the receipt's code."""
    page = guest.page
    guest.touch(page.locator("#write summary"))
    expect(page.locator("#f-body")).to_be_focused()
    page.keyboard.insert_text(body)
    guest.touch(page.locator("#f-name"))
    page.keyboard.insert_text(name)
    guest.touch(page.locator("label", has=page.locator("#f-consent")))
    guest.touch(page.get_by_role("button", name="ส่งความเห็น"))
    is_shown(page.locator(".receipt"))
    return page.locator(".receipt .code").inner_text()


def look_up(page: Page, site: Site, code: str) -> None:
    """Types a receipt's code where one does."""
    page.goto(f"{site.url}/r")
    page.fill("#f-code", code)
    page.get_by_role("button", name="เปิดดู").click()


@pytest.mark.parametrize(("kind", "text"), SIZES_OF_TEXT)
def test_a_guest_reads_speaks_in_four_taps_and_finds_the_reply_by_receipt(
    kind: str, text: int, here: Site, reader: Readers, thread: str
) -> None:
    guest = reader(kind, text=text)
    page = guest.go(f"/t/{thread}")
    first = page.locator("article.c").first
    is_shown(first)
    if text == 100:  # twice as large, what stands above the first comment alone fills the screen
        assert first.bounding_box()["y"] < 700  # type: ignore[index]
    nothing_runs_off_the_side(page)
    address = page.url

    code = speak(guest, "ตลาดเช้าคนแน่น เดินสวนกันลำบาก")

    assert guest.taps == 4
    assert page.url == address
    assert CODE.fullmatch(code)
    is_shown(comment(page, "ตลาดเช้าคนแน่น"))
    nothing_runs_off_the_side(page)
    said = here.everything(thread)[-1]
    assert (said["author"]["kind"], said["author"]["name"]) == ("guest", "ป้าริมคลอง")

    here.officer.post(f"/threads/{thread}/comments", {"body": "จะไปดูหน้างานวันศุกร์", "parent": said["id"]})
    look_up(page, here, code)
    is_shown(comment(page, "จะไปดูหน้างานวันศุกร์"))
    nothing_runs_off_the_side(page)

    page.locator("summary", has_text="ลบความเห็นนี้").click()
    page.get_by_role("button", name="ลบเลย").click()
    is_shown(page.get_by_text("ลบแล้ว เหลือไว้แต่เลขลำดับ"))
    assert here.everything(thread)[-2]["state"] == "withdrawn"
    assert "ตลาดเช้าคนแน่น" not in page.content()


def test_a_guest_takes_back_at_once_what_was_just_sent(here: Site, reader: Readers, thread: str) -> None:
    guest = reader("phone")
    page = guest.go(f"/t/{thread}")
    speak(guest, "พิมพ์ผิดที่")
    guest.touch(page.get_by_role("button", name="เปลี่ยนใจ ลบเลย"))
    is_shown(page.get_by_text("ลบแล้ว เหลือไว้แต่เลขลำดับ"))
    assert here.everything(thread)[-1]["body"] is None


def test_the_receipt_can_be_copied(reader: Readers, thread: str) -> None:
    guest = reader("desktop", permissions=["clipboard-read", "clipboard-write"])
    guest.go(f"/t/{thread}")
    code = speak(guest, "ขอเก็บรหัสไว้")
    guest.page.get_by_role("button", name="คัดลอกรหัส").click()
    is_shown(guest.page.get_by_role("button", name="คัดลอกแล้ว"))
    assert guest.page.evaluate("navigator.clipboard.readText()") == code


def test_a_mistake_is_said_beside_its_field_and_nothing_typed_is_lost(here: Site, reader: Readers, thread: str) -> None:
    guest = reader("phone")
    page = guest.go(f"/t/{thread}")
    page.locator("#write summary").tap()
    page.fill("#f-body", "ก" * 10_001)
    page.fill("#f-name", "ย" * 50)
    page.locator("label", has=page.locator("#f-consent")).tap()
    page.get_by_role("button", name="ส่งความเห็น").tap()

    summary = page.locator("form[data-composer] .errsum")
    expect(summary).to_be_focused()
    expect(summary.locator("a")).to_have_count(2)
    is_shown(page.locator("#f-body-err"))
    expect(page.locator("#f-name")).to_have_attribute("aria-invalid", "true")
    assert page.title().startswith("มีข้อผิดพลาด:")
    assert len(page.input_value("#f-body")) == 10_001
    assert len(here.everything(thread)) == 3

    page.fill("#f-body", "สั้นลงแล้ว")
    page.fill("#f-name", "ลุงสั้น")
    page.get_by_role("button", name="ส่งความเห็น").tap()
    is_shown(page.locator(".receipt"))
    assert page.locator(".errsum, .err").count() == 0
    assert not page.title().startswith("มีข้อผิดพลาด:")


def test_who_was_typing_when_it_closed_is_told_so_and_may_copy_the_text(
    here: Site, reader: Readers, thread: str
) -> None:
    guest = reader("phone")
    page = guest.go(f"/t/{thread}")
    page.locator("#write summary").tap()
    page.fill("#f-body", "พิมพ์ช้าไปหน่อย")
    page.fill("#f-name", "ลุงช้า")
    page.locator("label", has=page.locator("#f-consent")).tap()
    slug = here.speaker.get(f"/threads/{thread}")["consultation"]
    paper = {"memo_no": "มท 0000/2", "memo_date": "2026-01-06"}
    here.officer.post(f"/consultations/{slug}/close", {"reason": "ปิดก่อนกำหนด", "approval": paper})

    page.get_by_role("button", name="ส่งความเห็น").tap()

    is_shown(page.get_by_text("ปิดรับ").first)
    is_shown(page.get_by_role("button", name="คัดลอกข้อความ"))
    expect(page.locator("#f-kept")).to_have_value("พิมพ์ช้าไปหน่อย")
    assert len(here.everything(thread)) == 3


def test_the_comment_stands_there_before_the_answer_comes_and_a_failure_keeps_its_text(
    here: Site, reader: Readers, thread: str
) -> None:
    guest = reader("desktop")
    page = guest.go(f"/t/{thread}")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(POSTED, hold)
    page.locator("#write summary").click()
    page.fill("#f-body", "เห็นก่อนคำตอบ")
    page.fill("#f-name", "คนรอ")
    page.check("#f-consent")
    page.get_by_role("button", name="ส่งความเห็น").click()
    pending = page.locator("article.c.pending", has_text="เห็นก่อนคำตอบ")
    is_shown(pending)
    expect(pending).to_contain_text("กำลังส่ง")
    expect(pending).to_contain_text("คนรอ")
    until(lambda: page.wait_for_timeout(50) or held)
    assert len(here.everything(thread)) == 3

    held.pop().abort()
    expect(pending).to_have_count(0)
    expect(page.locator("form[data-composer] .errsum")).to_be_focused()
    expect(page.locator("#f-body")).to_have_value("เห็นก่อนคำตอบ")
    again = page.get_by_role("button", name="ลองใหม่")
    is_shown(again)

    again.click()
    is_shown(pending)
    until(lambda: page.wait_for_timeout(50) or held)
    held.pop().continue_()
    is_shown(page.locator(".receipt"))
    is_shown(comment(page, "เห็นก่อนคำตอบ"))
    expect(pending).to_have_count(0)
    assert [c["body"] for c in here.everything(thread)].count("เห็นก่อนคำตอบ") == 1


def test_while_the_net_is_away_the_words_stay_and_are_sent_once_it_is_back(
    here: Site, reader: Readers, thread: str
) -> None:
    guest = reader("desktop")
    page = guest.go(f"/t/{thread}")
    page.locator("#write summary").click()
    page.fill("#f-body", "ส่งตอนไม่มีสัญญาณ")
    page.fill("#f-name", "คนบนเรือ")
    page.check("#f-consent")
    guest.context.set_offline(True)
    is_shown(page.locator("[data-offline]"))
    page.get_by_role("button", name="ส่งความเห็น").click()
    expect(page.locator("form[data-composer] .errsum")).to_be_focused()
    expect(page.locator("#f-body")).to_have_value("ส่งตอนไม่มีสัญญาณ")

    guest.context.set_offline(False)
    expect(page.locator("[data-offline]")).to_be_hidden()
    page.get_by_role("button", name="ลองใหม่").click()

    is_shown(page.locator(".receipt"))
    assert [c["body"] for c in here.everything(thread)].count("ส่งตอนไม่มีสัญญาณ") == 1
