"""Voices that came another way, from the printed form to the receipt; by the keyboard alone, and without script."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.faults.site import Caller, Site
from tests.journeys.browsers import Reader, Readers, nothing_runs_off_the_side

pytestmark = pytest.mark.browser
TITLE = "น้ำท่วมซ้ำที่ริมคลองบางดอกซ่าน ควรกั้นน้ำหรือทำแก้มลิงก่อน"
ROUTE = "หย่อนใบความเห็นที่ศาลาท่าน้ำวัดลำซ่าน หรือฝากผู้ใหญ่บ้านหมู่ ๔ ทั้งปี่ ปู่ ชี้ กุ้ง เก้าอี้ ผึ้ง ฟื้น ฐานราก ญาติ"
MOST = {
    "title": ("ทางเดินริมคลองน้ำใสที่ชุมชนบางดอกซ่าน " * 9)[:200],
    "summary": ("มีแบบให้เลือกสองแบบ แบบกว้างเดินสวนกันสบายกว่า แต่กินที่ขึ้นเรือ " * 12)[:600],
    "offline_route": ("หย่อนใบความเห็นที่ศาลาท่าน้ำวัดลำซ่าน หรือโทร 0 2000 0011 ทุกวันทำงาน " * 12)[:600],
}
CODE = re.compile(r"สล-([0-9A-Z]{4})-([0-9A-Z]{4})")


def at_the_desk(here: Site, reader: Readers, kind: str = "desktop", **options: bool) -> Reader:
    _token = here.people
    someone = reader(kind, **options)
    someone.sign_in("officer@example.org")
    return someone


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def sheets(someone: Reader, slug: str, count: int, folder: Path) -> list[str]:
    """The words of each page of so many printed forms, without any white space."""
    page = someone.go(f"/desk/{slug}/entries/sheets")
    page.get_by_label("กี่ใบ").fill(str(count))
    page.get_by_role("button", name="ทำใบ").click()
    expect(page.locator(".leaf")).to_have_count(count)
    page.evaluate("document.fonts.ready.then(() => 0)")
    file = folder / "sheets.pdf"
    page.pdf(path=str(file), prefer_css_page_size=True)
    told = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    words = subprocess.run(["pdftotext", "-enc", "UTF-8", file, "-"], capture_output=True, text=True, check=True).stdout
    assert "A4" in told
    pages = words.split("\f")[:-1]
    assert f"Pages:{len(pages)}" in bare(told)
    return [bare(text) for text in pages]


def test_every_form_is_one_sheet_and_its_thai_reads_back(here: Site, reader: Readers, tmp_path: Path) -> None:
    slug = here.consultation(title=TITLE, offline_route=ROUTE)
    here.thread(slug)
    someone = at_the_desk(here, reader)
    pages = sheets(someone, slug, 3, tmp_path)
    assert len(pages) == 3
    for number, words in enumerate(pages, 1):
        said = (TITLE, ROUTE, f"ใบเลขที่ {number}", "ฉีกตามรอยนี้ เก็บไว้กับตัว", "ไม่ต้องเขียนชื่อ", "หน่วยงานต้องตอบภายใน", "/r")
        assert [one for one in said if bare(one) not in words] == []
        assert bare("เข้าสู่ระบบ") not in words
        assert len(CODE.findall(words)) == 1
    assert len({CODE.findall(words)[0] for words in pages}) == 3


def test_a_form_with_the_most_an_office_may_write_is_still_one_sheet_with_room_to_write(
    here: Site, reader: Readers, tmp_path: Path
) -> None:
    slug = here.consultation(**MOST)
    for n in range(6):
        here.officer.post(f"/consultations/{slug}/threads", {"title": (f"หัวข้อที่ {n} " + "ราวกันตกและท่าน้ำร่วม " * 9)[:160]})
    someone = at_the_desk(here, reader)
    pages = sheets(someone, slug, 2, tmp_path)
    assert len(pages) == 2
    for words in pages:
        assert [name for name, said in MOST.items() if bare(said) not in words] == []
        assert CODE.search(words)
        assert bare("โทรถาม") in words, "the stub is whole"
    someone.page.emulate_media(media="print")
    room = someone.page.locator(".lines").first.bounding_box()
    assert room is not None
    assert room["height"] > 150


def test_a_form_with_boxes_beside_six_topics_is_still_one_sheet_with_room_to_write(
    here: Site, reader: Readers, tmp_path: Path
) -> None:
    slug = here.consultation(title=TITLE, summary="มีแบบให้เลือกหลายแบบ " * 12, offline_route=ROUTE)
    for n in range(6):
        own = {"stance": "options", "options": [f"แบบที่กั้นน้ำ {n}", f"แบบแก้มลิง {n}"]} if n % 2 else {"stance": "agree"}
        here.officer.post(f"/consultations/{slug}/threads", {"title": f"หัวข้อที่ {n} ราวกันตกและท่าน้ำร่วมของหมู่บ้าน"} | own)
    someone = at_the_desk(here, reader)
    (words,) = sheets(someone, slug, 1, tmp_path)
    for n in range(6):
        assert bare(f"แบบที่กั้นน้ำ {n}" if n % 2 else f"หัวข้อที่ {n}") in words
    assert words.count(bare("คุณเลือก")) == 6
    assert bare("โทรถาม") in words, "the stub is whole"
    someone.page.emulate_media(media="print")
    room = someone.page.locator(".lines").first.bounding_box()
    assert room is not None
    assert room["height"] > 150


def test_ten_papers_and_two_calls_are_keyed_by_the_keyboard_alone(here: Site, reader: Readers) -> None:
    slug = here.consultation()
    thread = here.thread(slug)
    page = at_the_desk(here, reader).go(f"/desk/{slug}/entries/grid")
    today = (datetime.now(UTC) + timedelta(hours=7)).date()
    page.get_by_label("วันที่ได้รับ เช่น").focus()
    page.keyboard.type(f"{today.day}/{today.month}/{today.year + 543}")
    for n in range(10):
        page.keyboard.press("Tab")  # how it came, left as it is for all
        page.keyboard.press("Tab")  # the day, too
        page.keyboard.press("Tab")
        page.keyboard.type(str(n + 1))
        page.keyboard.press("Tab")
        page.keyboard.type(f"ใบที่ {n + 1} ขอราวจับ")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("เก็บแล้ว 10 แถว")).to_be_visible()
    assert len(CODE.findall(page.content())) == 10
    for n in range(2):
        enter_a_call(page if n else someone_at(page, f"/desk/{slug}/entries/new"), f"สายที่ {n + 1}")
    numbers = Caller(here.url).get(f"/consultations/{slug}")["numbers"]["channels"]
    assert {name: count["received"] for name, count in numbers.items()} == {"paper": 10, "phone": 2}
    assert [c["no"] for c in here.everything(thread)] == list(range(1, 13))


def someone_at(page: Page, path: str) -> Page:
    page.goto(re.sub(r"^(https?://[^/]+).*", r"\1", page.url) + path)
    return page


def enter_a_call(page: Page, words: str) -> None:
    """Fills in the form for one voice, whose day and channel stand there from the last one on."""
    if not page.get_by_label("โทรศัพท์").is_checked():
        today = (datetime.now(UTC) + timedelta(hours=7)).date()
        page.get_by_label("โทรศัพท์").check()
        page.locator("#f-received").fill(str(today.day))
        page.locator("select[name='received.month']").select_option(str(today.month))
        page.locator("input[name='received.year']").fill(str(today.year + 543))
    page.locator("#f-body").fill(words)
    page.get_by_role("button", name="เก็บ แล้วพิมพ์ใบถัดไป").click()
    expect(page.get_by_text("เก็บแล้ว พิมพ์ใบถัดไป").first).to_be_visible()


def test_without_script_on_a_phone_a_call_is_entered_and_its_code_opens_it(here: Site, reader: Readers) -> None:
    slug = here.consultation()
    here.thread(slug)
    someone = at_the_desk(here, reader, "phone", script=False)
    page = someone.go(f"/desk/{slug}/entries/new")
    enter_a_call(page, "ขอไฟส่องทาง")
    found = CODE.search(page.content())
    assert found
    nothing_runs_off_the_side(page)
    caller = reader("phone", script=False).go(f"/r/{''.join(found.groups())}")
    expect(caller.get_by_text("ขอไฟส่องทาง", exact=True)).to_be_visible()
    expect(caller.get_by_text("จากโทรศัพท์", exact=True)).to_be_visible()


def test_a_stub_says_that_it_waits_and_then_shows_what_was_keyed(here: Site, reader: Readers, tmp_path: Path) -> None:
    slug = here.consultation()
    here.thread(slug)
    officer = at_the_desk(here, reader)
    (words,) = sheets(officer, slug, 1, tmp_path)
    code = "".join(CODE.findall(words)[0])
    giver = reader("phone")
    expect(giver.go(f"/r/{code}").get_by_role("heading", name="ใบนี้ยังไม่ได้พิมพ์เข้าระบบ")).to_be_visible()
    page = officer.go(f"/desk/{slug}/entries/new")
    page.locator("#f-sheet").fill("1")
    enter_a_call(page, "เขียนมาในใบ")
    assert not CODE.search(page.content())
    expect(giver.go(f"/r/{code}").get_by_text("เขียนมาในใบ")).to_be_visible()
