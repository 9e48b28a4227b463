"""Who reads sees others arrive, without a half-written word or the line under the eyes being touched."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.faults.site import Caller, Site
from tests.journeys.browsers import Reader, Readers, comment, is_shown, until

pytestmark = pytest.mark.browser
HALF = "กำลังพิมพ์อยู่ครึ่งประโย"


@pytest.fixture
def full(here: Site, thread: str) -> str:
    """A thread too long for one screen."""
    for n in range(14):
        here.speaker.post(f"/threads/{thread}/comments", {"body": f"เรื่องที่ {n} ริมคลอง\n\nเดินทุกเช้า"})
    return thread


def reads_and_types(someone: Reader, thread: str) -> Page:
    """Opens the thread by time, writes half a sentence, scrolls on; is connected."""
    with someone.page.expect_websocket() as opened:
        page = someone.go(f"/t/{thread}?sort=newest")
    opened.value.wait_for_event("framereceived", lambda frame: '"ok":true' in str(frame))
    page.locator("#write summary").click()
    page.fill("#f-body", HALF)
    comment(page, "เรื่องที่ 6 ").evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    return page


def line(page: Page) -> float:
    """How far from the top of the screen the line being read stands."""
    where: float = comment(page, "เรื่องที่ 6 ").evaluate("e => e.getBoundingClientRect().top")
    return where


@pytest.mark.parametrize("kind", ["phone", "desktop"])
def test_a_second_browser_sees_each_arrive_and_its_half_written_words_are_untouched(
    kind: str, here: Site, reader: Readers, full: str
) -> None:
    other = Caller(here.url, here.person(f"other-{kind}@example.org", "--name", f"ยายแก้ว {kind}")["token"])
    page = reads_and_types(reader(kind), full)
    before = line(page)

    made = other.post(f"/threads/{full}/comments", {"body": "มาใหม่หนึ่ง"})
    bar = page.locator("[data-live] a")
    expect(bar).to_have_text("มีความเห็นใหม่ 1 รายการ แตะเพื่อดู")
    reply_to = next(c["id"] for c in here.everything(full) if "เรื่องที่ 6" in c["body"])
    other.post(f"/threads/{full}/comments", {"body": "ตอบเรื่องที่หก", "parent": reply_to})
    expect(bar).to_have_text("มีความเห็นใหม่ 2 รายการ แตะเพื่อดู")
    assert line(page) == pytest.approx(before, abs=1)
    assert comment(page, "มาใหม่หนึ่ง").count() == 0

    bar.click()
    is_shown(comment(page, "มาใหม่หนึ่ง"))
    expect(page.locator("article.c.new")).to_have_count(2)
    expect(page.locator("#list > li").first).to_contain_text("มาใหม่หนึ่ง")
    expect(page.locator(f"#c-{reply_to} + .replies")).to_contain_text("ตอบเรื่องที่หก")
    assert page.input_value("#f-body") == HALF

    page.get_by_role("link", name="กลับไปอ่านต่อที่เดิม").click()
    page.wait_for_function("y => Math.abs(scrollY - y) >= 0 && document.activeElement.tabIndex === -1", arg=0)
    before = line(page)
    edited = {"body": "แก้คำผิด", "version": made["version"]}
    other.ask("PATCH", f"/comments/{made['id']}", edited)
    link = page.locator(f"#c-{made['id']} [data-fresh]")
    expect(link).to_have_text("แก้แล้ว แตะเพื่ออ่านข้อความใหม่")
    expect(page.locator(f"#c-{made['id']}")).to_contain_text("มาใหม่หนึ่ง")
    link.click()
    is_shown(comment(page, "แก้คำผิด"))

    other.ask("DELETE", f"/comments/{made['id']}")
    expect(page.locator(f"#c-{made['id']}.stub")).to_contain_text("ผู้เขียนลบความเห็นนี้แล้ว")
    assert "แก้คำผิด" not in page.content()
    assert page.input_value("#f-body") == HALF


def test_what_is_taken_back_before_it_was_looked_at_is_not_counted(here: Site, reader: Readers, full: str) -> None:
    page = reads_and_types(reader(), full)
    made = here.speaker.post(f"/threads/{full}/comments", {"body": "เปลี่ยนใจ"})
    is_shown(page.locator("[data-live] a"))
    here.speaker.ask("DELETE", f"/comments/{made['id']}")
    expect(page.locator("[data-live] a")).to_have_count(0)


def test_what_is_hidden_while_it_is_read_is_gone_at_once(here: Site, reader: Readers, full: str) -> None:
    page = reads_and_types(reader(), full)
    item = next(c["id"] for c in here.everything(full) if "เรื่องที่ 6" in c["body"])
    here.python(
        """
        from sqlalchemy import select
        from forum.core.items.models import Item
        from forum.core.items.service import set_state
        set_state(tx, tx.execute(select(Item.id).where(Item.public_id == item)).scalar_one(), "hidden")
        """,
        item=item,
    )
    expect(page.locator(f"#c-{item}.stub")).to_contain_text("ความเห็นนี้ไม่แสดงแล้ว")
    assert "เรื่องที่ 6 " not in page.content()
    assert page.input_value("#f-body") == HALF


def test_the_line_being_read_stays_when_something_above_is_taken_back(here: Site, reader: Readers, full: str) -> None:
    made = here.speaker.post(f"/threads/{full}/comments", {"body": "ยาวมาก " * 300})
    page = reads_and_types(reader("phone", slow=False), full)
    before = line(page)
    here.speaker.ask("DELETE", f"/comments/{made['id']}")
    expect(page.locator(f"#c-{made['id']}.stub")).to_have_count(1)
    assert line(page) == pytest.approx(before, abs=2)


def test_ones_own_comment_is_not_announced_as_new(here: Site, reader: Readers, full: str) -> None:
    page = reads_and_types(reader(), full)
    page.fill("#f-name", "ตาแม้น")
    page.check("#f-consent")
    page.get_by_role("button", name="ส่งความเห็น").click()
    is_shown(page.locator(".receipt"))
    here.speaker.post(f"/threads/{full}/comments", {"body": "ของคนอื่น"})
    expect(page.locator("[data-live] a")).to_have_text("มีความเห็นใหม่ 1 รายการ แตะเพื่อดู")
    assert comment(page, HALF).count() == 1


def test_totals_of_reactions_come_without_changing_a_buttons_size(here: Site, reader: Readers, full: str) -> None:
    page = reads_and_types(reader(), full)
    button = comment(page, "เรื่องที่ 6 ").get_by_role("button", name="มีประโยชน์")
    width = button.bounding_box()["width"]  # type: ignore[index]
    item = next(c["id"] for c in here.everything(full) if "เรื่องที่ 6" in c["body"])
    here.speaker.ask("PUT", f"/items/{item}/reactions/useful")
    expect(button.locator(".num")).to_have_text("1", timeout=15_000)
    assert button.bounding_box()["width"] == pytest.approx(width, abs=0.5)  # type: ignore[index]


def test_with_sockets_blocked_the_page_learns_of_news_by_asking(here: Site, reader: Readers, full: str) -> None:
    someone = reader()
    someone.context.route(re.compile("/socket.io/"), lambda route: route.abort())
    someone.page.add_init_script("delete window.WebSocket")
    page = someone.go(f"/t/{full}")
    here.speaker.post(f"/threads/{full}/comments", {"body": "ไม่ต้องมีซ็อกเก็ต"})
    expect(page.locator("[data-live] a")).to_have_text(re.compile("มีความเห็นใหม่ 1 รายการ"), timeout=40_000)


BLOCKED = {
    "refused": "extends WebSocket { constructor(url) { super(url.replace('/socket.io/', '/nothing-here/')) } }",
    "throws": "{ constructor() { throw new DOMException('no', 'SecurityError') } }",
    "silent": "extends EventTarget { send() {} close() {} }",
}


@pytest.mark.parametrize(
    "how", ["refused", pytest.param("throws", marks=pytest.mark.long), pytest.param("silent", marks=pytest.mark.long)]
)
def test_where_only_websocket_is_blocked_a_new_comment_arrives_live_by_polling(
    how: str, here: Site, reader: Readers, full: str
) -> None:
    someone = reader()
    someone.page.add_init_script(f"window.WebSocket = class {BLOCKED[how]}")
    asked: list[str] = []
    someone.page.on("request", lambda request: asked.append(request.url))
    polls = "/socket.io/?EIO=4&transport=polling"
    with someone.page.expect_request(
        lambda sent: polls in sent.url and '"watch"' in (sent.post_data or ""), timeout=40_000
    ):
        page = someone.go(f"/t/{full}?sort=newest")
    asked.clear()
    here.speaker.post(f"/threads/{full}/comments", {"body": "มาทางอ้อม"})
    expect(page.locator("[data-live] a")).to_have_text("มีความเห็นใหม่ 1 รายการ แตะเพื่อดู", timeout=10_000)
    assert not [url for url in asked if "since_seq" in url], "it was told, it did not ask"
    page.locator("[data-live] a").click()
    is_shown(comment(page, "มาทางอ้อม"))
    assert all("WebSocket connection to" in wrong for wrong in someone.wrong)
    someone.wrong.clear()


def test_who_saves_data_gets_no_socket_script(reader: Readers, full: str) -> None:
    someone = reader()
    someone.page.add_init_script(
        "Object.defineProperty(navigator, 'connection', {value: {saveData: true}, configurable: true})"
    )
    asked: list[str] = []
    someone.page.on("request", lambda request: asked.append(request.url))
    page = someone.go(f"/t/{full}")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "socket.io" in url]


def test_a_page_that_slept_asks_for_what_it_missed(here: Site, reader: Readers, full: str) -> None:
    someone = reader()
    page = reads_and_types(someone, full)
    someone.context.set_offline(True)
    for n in range(3):
        here.speaker.post(f"/threads/{full}/comments", {"body": f"ตอนหลับ {n}"})
    someone.context.set_offline(False)
    expect(page.locator("[data-live] a")).to_have_text("มีความเห็นใหม่ 3 รายการ แตะเพื่อดู", timeout=20_000)
    page.locator("[data-live] a").click()
    until(lambda: page.locator("article.c.new").count() == 3)
    assert page.input_value("#f-body") == HALF
