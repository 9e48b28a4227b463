"""A citizen signs up by a code, comments, replies, reacts and edits: with script, and without."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import Page, expect

from tests.faults.site import Site
from tests.journeys.browsers import Reader, Readers, code_sent_to, comment, is_shown, nothing_runs_off_the_side

pytestmark = pytest.mark.browser
numbers = itertools.count(1)
KINDS = [("phone", True), ("desktop", True), ("phone", False), ("desktop", False)]
LARGE = [pytest.param(*kind, 200, marks=pytest.mark.long) for kind in KINDS]


def sign_up(someone: Reader, back_to: str) -> str:
    """Makes an account and comes back to where one was; gives the pen name."""
    n = next(numbers)
    name, address = f"คนท่าเรือ {n}", f"pier{n}@example.org"
    page = someone.go(f"/login?next={back_to}")
    page.get_by_role("link", name="สมัครด้วยอีเมล").click()
    page.fill("#f-name", name)
    page.fill("#f-email", address)
    page.fill("#f-password", "นั่งเรือไปทำงานทุกวัน")
    nothing_runs_off_the_side(page)
    page.get_by_role("button", name="ส่งรหัสยืนยันไปที่อีเมล").click()
    page.fill("#f-code", code_sent_to(someone.site, address))
    nothing_runs_off_the_side(page)
    page.get_by_role("button", name="ยืนยันและเข้าสู่ระบบ").click()
    page.wait_for_url(f"**{back_to}")
    return name


def speak(page: Page, body: str) -> None:
    """Says something as who is signed in."""
    page.locator("#write summary").click()
    page.fill("#f-body", body)
    consent = page.locator("#f-consent")
    if consent.count():
        consent.check()
    page.get_by_role("button", name="ส่งความเห็น").click()
    is_shown(comment(page, body))


@pytest.mark.parametrize(("kind", "script", "text"), [(*kind, 100) for kind in KINDS] + LARGE)
def test_a_citizen_signs_up_by_code_comments_replies_reacts_and_edits(
    kind: str, script: bool, text: int, here: Site, reader: Readers, thread: str
) -> None:
    citizen = reader(kind, script=script, text=text)
    page = citizen.page
    name = sign_up(citizen, f"/t/{thread}")

    speak(page, "เรือเมล์ต้องจอดได้เหมือนเดิม")
    said = here.everything(thread)[-1]
    assert said["author"] == {"name": name, "kind": "member", "erased": False}

    comment(page, "เรือเมล์").get_by_role("button", name="มีประโยชน์").click()
    expect(comment(page, "เรือเมล์").get_by_role("button", name="มีประโยชน์")).to_have_attribute("aria-pressed", "true")
    assert here.everything(thread)[-1]["useful"] == 1
    comment(page, "เรือเมล์").get_by_role("button", name="มีประโยชน์").click()
    expect(comment(page, "เรือเมล์").get_by_role("button", name="มีประโยชน์")).to_have_attribute("aria-pressed", "false")

    citizen.go(f"/t/{thread}?sort=oldest")
    comment(page, "ท่าเดิมยังใช้ทุกวัน").get_by_role("link", name="ตอบ").click()
    page.fill("#f-body", "บ้านเราก็ใช้ทุกเช้า")
    page.get_by_role("button", name="ส่งความเห็น").click()
    is_shown(comment(page, "บ้านเราก็ใช้ทุกเช้า"))
    reply = here.everything(thread)[-1]
    assert reply["parent"] == next(c["id"] for c in here.everything(thread) if c["body"] == "ท่าเดิมยังใช้ทุกวัน")

    mine = comment(page, "บ้านเราก็ใช้ทุกเช้า")
    mine.locator("details.menu > summary").click()
    mine.get_by_role("link", name="แก้ความเห็นของฉัน").click()
    page.fill("#f-body", "บ้านเราก็ใช้ทุกเช้า และเย็น")
    page.fill("#f-reason", "เพิ่มเวลา")
    nothing_runs_off_the_side(page)
    page.get_by_role("button", name="บันทึกที่แก้").click()
    is_shown(comment(page, "บ้านเราก็ใช้ทุกเช้า และเย็น"))
    nothing_runs_off_the_side(page)
    comment(page, "และเย็น").get_by_role("link", name="แก้แล้ว").click()
    is_shown(page.get_by_text("เพิ่มเวลา"))


def test_consent_is_asked_once_and_stored_before_the_first_comment(here: Site, reader: Readers, thread: str) -> None:
    citizen = reader()
    name = sign_up(citizen, f"/t/{thread}")
    speak(citizen.page, "ข้อแรกของฉัน")
    assert citizen.page.locator("#f-consent").count() == 0
    citizen.page.reload()
    assert citizen.page.locator("#f-consent").count() == 0
    stored = here.python(
        """
        from sqlalchemy import select
        from forum.core.accounts.models import Consent, User
        found = select(Consent.purpose).join(User, User.id == Consent.user_id).where(User.name == name)
        out = sorted(tx.execute(found).scalars())
        """,
        name=name,
    )
    assert stored == ["public_posting"]


def test_who_is_not_signed_in_is_sent_to_sign_in_by_a_reaction(reader: Readers, thread: str) -> None:
    page = reader("phone").go(f"/t/{thread}")
    page.locator("article.c").first.get_by_role("button", name="มีประโยชน์").tap()
    page.wait_for_url("**/login?next=**")


def test_a_comment_taken_back_leaves_only_its_number(here: Site, reader: Readers, thread: str) -> None:
    citizen = reader("phone")
    here.person("taker@example.org", "--name", "คนเปลี่ยนใจ")
    citizen.sign_in("taker@example.org")
    page = citizen.go(f"/t/{thread}")
    speak(page, "ไม่เอาแล้ว")
    page.get_by_role("button", name="เปลี่ยนใจ ลบเลย").tap()
    is_shown(page.get_by_text("ลบแล้ว เหลือไว้แต่เลขลำดับ"))
    assert page.get_by_text("ไม่เอาแล้ว").count() == 0
    assert here.everything(thread)[-1]["author"] is None
