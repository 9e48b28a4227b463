"""Everything again with JavaScript off: links and forms alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.faults.site import Site
from tests.journeys.browsers import Readers, comment, is_shown, nothing_runs_off_the_side
from tests.journeys.places import places
from tests.journeys.test_guest import CODE, SIZES_OF_TEXT, look_up
from tests.journeys.test_reading import wrong

pytestmark = pytest.mark.browser


def fill_in(page: Page, body: str) -> None:
    """Opens the composer and fills it in as a guest."""
    page.locator("#write summary").click()
    page.fill("#f-body", body)
    page.fill("#f-name", "ลุงไม่มีสคริปต์")
    page.check("#f-consent")


@pytest.mark.parametrize(("kind", "text"), SIZES_OF_TEXT)
def test_a_guest_speaks_edits_finds_the_reply_and_withdraws(
    kind: str, text: int, here: Site, reader: Readers, thread: str
) -> None:
    guest = reader(kind, script=False, text=text)
    page = guest.go(f"/t/{thread}")
    guest.touch(page.locator("#write summary"))
    page.fill("#f-body", "น้ำขังหน้าบ้าน")
    page.fill("#f-name", "ลุงไม่มีสคริปต์")
    guest.touch(page.locator("label", has=page.locator("#f-consent")))
    guest.touch(page.get_by_role("button", name="ส่งความเห็น"))
    expect(page.locator(".receipt .code")).to_be_in_viewport()
    assert guest.taps <= 4
    page.reload()
    expect(page.locator(".receipt .code")).to_be_in_viewport()
    assert f"/t/{thread}" in page.url
    code = page.locator(".receipt .code").inner_text()
    assert CODE.fullmatch(code)
    nothing_runs_off_the_side(page)

    said = here.everything(thread)[-1]
    here.officer.post(f"/threads/{thread}/comments", {"body": "จะวางท่อใหม่", "parent": said["id"]})
    look_up(page, here, code)
    is_shown(comment(page, "จะวางท่อใหม่"))
    page.get_by_role("link", name="แก้ข้อความ").click()
    page.fill("#f-body", "น้ำขังหน้าบ้านทุกหน้าฝน")
    page.get_by_role("button", name="บันทึกที่แก้").click()
    is_shown(comment(page, "น้ำขังหน้าบ้านทุกหน้าฝน"))
    page.locator("summary", has_text="ลบความเห็นนี้").click()
    page.get_by_role("button", name="ลบเลย").click()
    is_shown(page.get_by_text("ลบแล้ว เหลือไว้แต่เลขลำดับ"))
    assert here.everything(thread)[-2]["body"] is None


def test_a_mistake_comes_back_with_everything_that_was_typed(reader: Readers, thread: str) -> None:
    page = reader("phone", script=False).go(f"/t/{thread}")
    fill_in(page, "ก" * 10_001)
    page.get_by_role("button", name="ส่งความเห็น").click()
    is_shown(page.locator("#f-body-err"))
    assert page.title().startswith("มีข้อผิดพลาด:")
    assert len(page.input_value("#f-body")) == 10_001
    expect(page.locator("#f-name")).to_have_value("ลุงไม่มีสคริปต์")
    expect(page.locator("#f-consent")).to_be_checked()


def test_the_same_form_sent_twice_is_one_comment(here: Site, reader: Readers, thread: str) -> None:
    someone = reader(script=False)
    page = someone.go(f"/t/{thread}")
    fill_in(page, "กดสองครั้ง")
    page.get_by_role("button", name="ส่งความเห็น").dblclick()
    is_shown(page.locator(".receipt"))
    assert [c["body"] for c in here.everything(thread)].count("กดสองครั้ง") == 1


def test_no_control_is_shown_that_only_script_would_serve(reader: Readers, thread: str) -> None:
    page = reader(script=False).go(f"/t/{thread}")
    page.locator("#write summary").click()
    for what in (".js-only", "[data-copy]", "[data-share]", "[data-discard]", "[data-retry]", ".stickybar"):
        assert page.locator(what).locator("visible=true").count() == 0, what


def test_menus_language_and_theme_work(reader: Readers) -> None:
    page = reader("phone", script=False).go("/")
    page.locator("details.menu.thin summary").click()
    page.get_by_role("button", name="พื้นมืด").locator("visible=true").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("header.site a.tool[hreflang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("kind", ["phone", pytest.param("desktop", marks=pytest.mark.long)])
def test_every_page_stands_without_script_and_has_no_dead_control(kind: str, here: Site, reader: Readers) -> None:
    page = reader(kind, slow=False, script=False).page
    found = wrong(page, places(here), here.url, reader, "heading", "dead", "wide", "broken")
    assert not found, "\n".join(found)
