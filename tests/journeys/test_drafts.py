"""What is being typed is never lost: not by a reload, a sign-in, a killed LINE or another tab."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.faults.site import Caller, Site
from tests.journeys.browsers import Reader, Readers, comment, is_shown, until

pytestmark = pytest.mark.browser
KEPT = re.compile(r"^เก็บที่พิมพ์ไว้แล้ว \d\d\.\d\d น\. ยังไม่ได้ส่ง$")
PASSWORD = "น้ำขึ้นให้รีบตัก"


def types(someone: Reader, thread: str, body: str) -> Page:
    """Types into the composer and waits until it is kept."""
    page = someone.go(f"/t/{thread}")
    page.locator("#write summary").click()
    page.fill("#f-body", body)
    expect(page.locator("#write [data-saved-line]")).to_have_text(KEPT, timeout=2_000)
    return page


def is_back(page: Page, body: str) -> None:
    """The composer is open with what was typed, and says since when."""
    expect(page.locator("#f-body")).to_have_value(body)
    expect(page.locator("#write [data-saved-line]")).to_have_text(KEPT)
    is_shown(page.locator("#f-body"))


def account(here: Site, name: str) -> str:
    """The address of a new account."""
    address = f"{abs(hash(name))}@example.org"
    here.python(
        """
        from forum.core.accounts.service import create_confirmed_user
        create_confirmed_user(tx, address, name, password)
        """,
        address=address,
        name=name,
        password=PASSWORD,
    )
    return address


def sign_in(page: Page, address: str) -> None:
    """Signs in on the form."""
    page.fill("#f-email", address)
    page.fill("#f-password", PASSWORD)
    page.get_by_role("button", name="เข้าสู่ระบบ", exact=True).click()


def test_words_come_back_after_a_reload_and_can_be_discarded(reader: Readers, thread: str) -> None:
    page = types(reader("phone", slow=False), thread, "ยังคิดไม่จบ")
    page.fill("#f-name", "ลุงคิด")
    page.reload()
    is_back(page, "ยังคิดไม่จบ")
    expect(page.locator("#f-name")).to_have_value("ลุงคิด")
    page.get_by_role("button", name="ลบที่พิมพ์ไว้").click()
    page.reload()
    expect(page.locator("#f-body")).to_have_value("")
    expect(page.locator("#write")).not_to_have_attribute("open", "")


def test_words_come_back_after_line_was_killed(reader: Readers, thread: str) -> None:
    first = reader("phone", slow=False)
    types(first, thread, "กำลังจะถึงตอนสำคัญ")
    kept = first.context.storage_state()
    first.context.close()
    page = reader("phone", slow=False, storage_state=kept).go(f"/t/{thread}")
    is_back(page, "กำลังจะถึงตอนสำคัญ")


def test_words_typed_before_signing_in_are_there_afterwards(here: Site, reader: Readers, thread: str) -> None:
    address = account(here, "คนเข้าทีหลัง")
    page = types(reader(), thread, "พิมพ์ก่อนเข้า")
    page.get_by_role("link", name="มีบัญชีแล้วใช่ไหม เข้าสู่ระบบ").click()
    sign_in(page, address)
    page.wait_for_url(f"**/t/{thread}")
    is_back(page, "พิมพ์ก่อนเข้า")


def test_words_of_who_is_signed_in_are_on_the_next_device(here: Site, reader: Readers, thread: str) -> None:
    address = account(here, "คนสองเครื่อง")
    one, two = reader(), reader("phone", slow=False)
    one.sign_in(address)
    two.sign_in(address)
    page = types(one, thread, "เริ่มที่บ้าน")
    with page.expect_response(lambda answer: "/drafts/" in answer.url and answer.request.method == "PUT"):
        page.evaluate("dispatchEvent(new Event('pagehide'))")
    is_back(two.go(f"/t/{thread}"), "เริ่มที่บ้าน")


def test_another_persons_words_are_not_shown_on_a_shared_device(here: Site, reader: Readers, thread: str) -> None:
    someone = reader()
    someone.sign_in(account(here, "คนแรกของเครื่อง"))
    page = types(someone, thread, "เรื่องของฉันคนเดียว")
    someone.context.clear_cookies()
    page.reload()
    expect(page.locator("#f-body")).to_have_value("")
    someone.sign_in(account(here, "คนที่สองของเครื่อง"))
    page.reload()
    expect(page.locator("#f-body")).to_have_value("")


def test_signed_out_in_another_tab_the_words_stay_and_go_out_after_signing_in(
    here: Site, reader: Readers, thread: str
) -> None:
    address = account(here, "คนหลายหน้าต่าง")
    someone = reader()
    someone.sign_in(address)
    page = types(someone, thread, "พิมพ์ค้างไว้ที่หน้าต่างแรก")
    other = someone.tab()
    other.goto(f"{here.url}/")
    other.locator("header.site details.menu.wide", has_text="บัญชีของฉัน").locator("summary").click()
    other.get_by_role("button", name="ออกจากระบบ").locator("visible=true").click()
    other.wait_for_load_state()

    page.check("#f-consent")
    page.get_by_role("button", name="ส่งความเห็น").click()
    is_shown(page.get_by_text("ออกจากระบบไปแล้วจากหน้าอื่น"))
    expect(page.locator("#f-body")).to_have_value("พิมพ์ค้างไว้ที่หน้าต่างแรก")
    assert len(here.everything(thread)) == 3

    page.get_by_role("link", name="เข้าสู่ระบบอีกครั้ง").click()
    sign_in(page, address)
    page.wait_for_url(f"**/t/{thread}")
    is_back(page, "พิมพ์ค้างไว้ที่หน้าต่างแรก")
    page.check("#f-consent")
    page.get_by_role("button", name="ส่งความเห็น").click()
    is_shown(comment(page, "พิมพ์ค้างไว้ที่หน้าต่างแรก"))
    assert here.everything(thread)[-1]["author"]["name"] == "คนหลายหน้าต่าง"


def test_a_reply_half_written_is_offered_again_and_kept_apart_from_a_new_comment(
    here: Site, reader: Readers, thread: str
) -> None:
    page = types(reader(), thread, "ความเห็นใหม่")
    comment(page, "ท่าเดิม").get_by_role("link", name="ตอบ").click()
    expect(page.locator("#f-body")).to_have_value("")
    page.fill("#f-body", "คำตอบครึ่งเดียว")
    expect(page.locator("#write [data-saved-line]")).to_have_text(KEPT)
    page.get_by_role("link", name="ไม่ตอบใคร เขียนความเห็นใหม่").click()
    is_back(page, "ความเห็นใหม่")
    page.get_by_role("button", name="ลบที่พิมพ์ไว้").click()
    page.reload()
    page.get_by_role("link", name="มีคำตอบที่พิมพ์ค้างไว้ เปิดเขียนต่อ").click()
    is_back(page, "คำตอบครึ่งเดียว")


def test_what_was_sent_is_not_kept(here: Site, reader: Readers, thread: str) -> None:
    page = types(reader(), thread, "ส่งแล้วจบ")
    page.fill("#f-name", "คนจบ")
    page.check("#f-consent")
    page.get_by_role("button", name="ส่งความเห็น").click()
    is_shown(page.locator(".receipt"))
    page.reload()
    expect(page.locator("#f-body")).to_have_value("")
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_where_nothing_can_be_kept_the_page_says_so(reader: Readers, thread: str) -> None:
    someone = reader()
    someone.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    page = someone.go(f"/t/{thread}")
    page.locator("#write summary").click()
    expect(page.locator("#write [data-saved-line]")).to_have_text("เครื่องนี้เก็บที่พิมพ์ไว้ไม่ได้ ส่งก่อนปิดหน้านี้")


def test_an_edit_half_done_comes_back(here: Site, reader: Readers, thread: str) -> None:
    someone = reader()
    address = account(here, "คนแก้ช้า")
    someone.sign_in(address)
    token = here.python(
        """
        from sqlalchemy import select
        from forum.core.accounts.models import User
        from forum.core.accounts.service import make_token
        out = make_token(tx, tx.execute(select(User.id).where(User.email == address)).scalar_one(), "t")[1]
        """,
        address=address,
    )
    made = Caller(here.url, token).post(f"/threads/{thread}/comments", {"body": "ฉบับแรก"})
    page = someone.go(f"/comments/{made['id']}/edit")
    page.fill("#f-body", "ฉบับสอง ยังไม่เสร็จ")
    expect(page.locator("[data-saved-line]")).to_have_text(KEPT)
    page.reload()
    expect(page.locator("#f-body")).to_have_value("ฉบับสอง ยังไม่เสร็จ")
    expect(page.locator("[data-saved-line]")).to_have_text(KEPT)
    page.get_by_role("button", name="บันทึกที่แก้").click()
    is_shown(comment(page, "ฉบับสอง"))
    page.goto(f"{here.url}/comments/{made['id']}/edit")
    until(lambda: page.locator("[data-saved-line]").inner_text() == "")
