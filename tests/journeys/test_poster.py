"""The poster as a printer gets it: one sheet whose Thai reads back as it was written."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.faults.site import Site
from tests.journeys.browsers import Readers, nothing_runs_off_the_side

pytestmark = pytest.mark.browser
TITLE = "น้ำท่วมซ้ำที่ริมคลองบางดอกซ่าน ควรกั้นน้ำหรือทำแก้มลิงก่อน"
ROUTE = "หย่อนใบความเห็นที่ศาลาท่าน้ำวัดลำซ่าน หรือฝากผู้ใหญ่บ้านหมู่ ๔ ทั้งปี่ ปู่ ชี้ กุ้ง เก้าอี้ ผึ้ง ฟื้น ฐานราก ญาติ"
MOST = {
    "title": ("ทางเดินริมคลองน้ำใสที่ชุมชนบางดอกซ่าน " * 9)[:200],
    "offline_route": ("หย่อนใบความเห็นที่ศาลาท่าน้ำวัดลำซ่าน หรือโทร 0 2000 0011 ทุกวันทำงาน " * 12)[:600],
}


def printed(reader: Readers, path: str, folder: Path, **options: bool) -> tuple[int, str]:
    """How many pages a browser prints, and the words on them without any white space."""
    someone, file = reader(**options), folder / "poster.pdf"
    someone.go(path).evaluate("document.fonts.ready.then(() => 0)")
    someone.page.pdf(path=str(file), prefer_css_page_size=True)
    told = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    words = subprocess.run(["pdftotext", "-enc", "UTF-8", file, "-"], capture_output=True, text=True, check=True).stdout
    assert "A4" in told
    return int(re.search(r"Pages:\s+(\d+)", told)[1]), bare(words)  # type: ignore[index]


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_a_poster_is_one_sheet_and_its_thai_reads_back(here: Site, reader: Readers, tmp_path: Path) -> None:
    slug = here.consultation(title=TITLE, offline_route=ROUTE)
    pages, words = printed(reader, f"/c/{slug}/poster", tmp_path)
    assert pages == 1
    for said in (TITLE, ROUTE, "อ่านและออกความเห็นได้โดยไม่ต้องสมัคร", "หน่วยงานตอบภายใน", "0 2000 0001", "/k/"):
        assert bare(said) in words, said
    assert "ข้อความสำหรับส่งใน" not in words
    assert bare("เข้าสู่ระบบ") not in words


def test_a_poster_with_the_most_an_office_may_write_is_still_one_sheet(
    here: Site, reader: Readers, tmp_path: Path
) -> None:
    slug = here.consultation(**MOST)
    pages, words = printed(reader, f"/c/{slug}/poster", tmp_path)
    assert pages == 1
    assert bare(MOST["title"]) in words
    assert words.endswith(bare(MOST["offline_route"]))


def test_without_script_a_poster_says_how_to_print_and_shows_the_text(here: Site, reader: Readers) -> None:
    page = reader("phone", script=False).go("/c/khlong-walk/poster")
    expect(page.get_by_text("สั่งพิมพ์จากเมนูของเบราว์เซอร์")).to_be_visible()
    expect(page.get_by_role("button", name="พิมพ์")).to_have_count(0)
    expect(page.get_by_label("กดค้างที่ข้อความ")).to_have_value(re.compile("ถามความเห็น"))


def test_with_script_one_tap_prints_and_one_copies(here: Site, reader: Readers) -> None:
    someone = reader("phone")
    page = someone.go("/c/khlong-walk/poster")
    page.evaluate("window.print = () => { document.title = 'printing' }")
    someone.touch(page.get_by_role("button", name="พิมพ์"))
    expect(page).to_have_title("printing")
    someone.touch(page.get_by_role("button", name="คัดลอก"))
    expect(page.get_by_role("button", name="คัดลอกแล้ว")).to_be_visible()
    nothing_runs_off_the_side(page)
