"""Without a net, a page that cannot be opened says so in our words, and what was typed is still there."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browsers import Readers, is_shown

pytestmark = pytest.mark.browser


def test_without_a_net_our_own_page_says_what_is_kept_and_leads_back(reader: Readers, thread: str) -> None:
    someone = reader("phone", slow=False, service_workers="allow")
    page = someone.go(f"/t/{thread}")
    page.locator("#write summary").click()
    page.fill("#f-body", "รถไฟฟ้าผ่านอุโมงค์")
    page.evaluate("navigator.serviceWorker.ready")
    someone.context.set_offline(True)
    page.goto(f"{someone.site.url}/t/{thread}?sort=oldest")
    is_shown(page.get_by_role("heading", name="ตอนนี้ไม่มีสัญญาณ"))
    is_shown(page.get_by_text("ถ้าพิมพ์ค้างไว้ ข้อความยังอยู่ในเครื่องนี้"))
    someone.context.set_offline(False)
    page.get_by_role("link", name="ลองใหม่").click()
    expect(page).to_have_url(f"{someone.site.url}/t/{thread}?sort=oldest")
    expect(page.locator("#f-body")).to_have_value("รถไฟฟ้าผ่านอุโมงค์")


def test_nothing_of_a_reader_is_kept_for_later(reader: Readers, thread: str) -> None:
    someone = reader("phone", slow=False, service_workers="allow")
    page = someone.go(f"/t/{thread}")
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    kept = page.evaluate(
        "caches.keys().then((all) => Promise.all(all.map((n) => caches.open(n).then((c) => c.keys()))))"
        ".then((all) => all.flat().map((asked) => new URL(asked.url).pathname))"
    )
    looks = ["/static/…/css/fonts.css", "/static/…/css/tokens.css", "/static/…/css/components.css"]
    assert [re.sub("^/static/[^/]+/", "/static/…/", path) for path in kept] == ["/offline", *looks]


def test_the_page_without_a_net_keeps_its_looks_when_the_browser_has_forgotten_all_else(
    reader: Readers, thread: str
) -> None:
    someone = reader("phone", slow=False, service_workers="allow")
    page = someone.go(f"/t/{thread}")
    page.evaluate("navigator.serviceWorker.ready")
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    someone.context.set_offline(True)
    page.goto(f"{someone.site.url}/t/{thread}?sort=oldest")
    is_shown(page.get_by_role("heading", name="ตอนนี้ไม่มีสัญญาณ"))
    rules = page.evaluate("[...document.styleSheets].map((sheet) => sheet.cssRules.length)")
    assert len(rules) == 3
    assert min(rules) > 3
