"""The report from the desk to the printer: asked for, waited for, published, printed, and its Thai reads back."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.faults.site import Caller, Site
from tests.journeys.browsers import Reader, Readers, is_shown, nothing_runs_off_the_side
from tests.journeys.test_axe import findings

pytestmark = pytest.mark.browser
OFFICER = "officer@example.org"
SAID = (
    "น้ำท่วมซ้ำที่หน้าปั๊มน้ำมัน กำหนดวันซ่อมให้ชัดด้วย",
    "ที่ปรึกษาบอกว่าท่าน้ำต้องยกสูง 1.2 เมตร ทั้งปี่ ปู่ ชี้ กุ้ง เก้าอี้ ผึ้ง ฟื้น ฐานราก ญาติ ฎีกา ปฏิบัติ",
    "ซ้ำแล้วซ้ำเล่า น้ำขังทุกปี",
)
HIDDEN = "ถ้อยคำที่ถูกลบไปแล้วทั้งหมด"
REASON = "จะซ่อมหน้าปั๊มน้ำมันภายใน 30 วัน ส่วนท่าน้ำให้ที่ปรึกษากำหนดระดับก่อน"
PAPER = {"memo_no": "ทพ 0411/12", "memo_date": "2026-01-05"}


@pytest.fixture
def slug(here: Site) -> str:
    """A hearing in which three people spoke and one took it back; one is answered."""
    made = here.consultation(title="น้ำท่วมซ้ำที่ริมคลองบางดอกซ่าน ควรทำอย่างไร")
    thread = here.thread(made)
    ids = [here.speaker.post(f"/threads/{thread}/comments", {"body": body})["id"] for body in (*SAID, HIDDEN)]
    assert here.speaker.ask("DELETE", f"/comments/{ids[-1]}").ok
    decision = {"disposition": "partly", "reason": REASON, "approval": PAPER}
    assert here.officer.ask("PUT", f"/items/{ids[0]}/disposition", decision).ok
    return made


def published(someone: Reader, slug: str) -> Page:
    """The public page of a report that an officer asked for, waited for and published."""
    someone.sign_in(OFFICER)
    page = someone.go(f"/desk/{slug}/reports")
    someone.touch(page.get_by_role("button", name="ขอสรุปผล", exact=True))
    publish(someone, page)
    page.wait_for_load_state()
    return someone.go(f"/c/{slug}/report")


def publish(someone: Reader, page: Page) -> None:
    """Waits until the report is made, reads that it stays once it is published, ticks and publishes."""
    ready = page.get_by_role("link", name="เผยแพร่ให้ทุกคนอ่าน")
    expect(ready).to_be_visible(timeout=30_000)
    someone.touch(ready)
    page.wait_for_url("**/publish")
    someone.touch(page.get_by_role("checkbox"))
    someone.touch(page.get_by_role("button", name="เผยแพร่ให้ทุกคนอ่าน"))
    is_shown(page.get_by_text("เผยแพร่แล้ว", exact=True))


def printed(page: Page, folder: Path) -> tuple[int, str, str]:
    """How many pages a browser prints, and the words on them: as they stand, and without any white space."""
    file = folder / "report.pdf"
    page.evaluate("document.fonts.ready.then(() => 0)")
    page.pdf(path=str(file), prefer_css_page_size=True)
    told = subprocess.run(["pdfinfo", file], capture_output=True, text=True, check=True).stdout
    words = subprocess.run(["pdftotext", "-enc", "UTF-8", file, "-"], capture_output=True, text=True, check=True).stdout
    assert "A4" in told
    return int(re.search(r"Pages:\s+(\d+)", told)[1]), words, bare(words)  # type: ignore[index]


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def counts(page: Page) -> dict[str, list[int]]:
    """The numbers of the table that a page shows, by channel."""
    rows: dict[str, list[str]] = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('tr[data-channel]')].map(r => "
        "[r.dataset.channel, [...r.querySelectorAll('td')].map(c => c.textContent)]))"
    )
    return {name: [int(n.replace(",", "")) for n in cells] for name, cells in rows.items()}


def test_an_officer_asks_waits_publishes_and_everybody_reads_the_same_numbers(
    here: Site, reader: Readers, slug: str
) -> None:
    shown = counts(published(reader(), slug))
    said: dict[str, Any] = Caller(here.url).get(f"/consultations/{slug}")["numbers"]
    order = ("received", "shown", "redacted", "hidden", "withdrawn", "answered", "answered_late", "unanswered")
    assert shown["all"] == [said[name] for name in order] == [4, 3, 0, 0, 1, 1, 0, 2]
    assert shown["web"] == [said["channels"]["web"][name] for name in order]
    guest = reader("phone", slow=False)
    page = guest.go(f"/c/{slug}")
    guest.touch(page.get_by_role("link", name="อ่านสรุปผล"))
    page.wait_for_url("**/report")
    assert counts(page) == shown
    nothing_runs_off_the_side(page)
    guest.touch(page.get_by_role("link", name="หน้าสำหรับพิมพ์", exact=True))
    page.wait_for_url("**/print")
    document = counts(page)
    assert {name: document[name] for name in shown} == shown
    nothing_runs_off_the_side(page)


def test_the_report_prints_on_a4_and_its_thai_reads_back(reader: Readers, slug: str, tmp_path: Path) -> None:
    someone = reader()
    published(someone, slug)
    pages, words, run_together = printed(someone.go(f"/c/{slug}/report/1/print"), tmp_path)
    assert pages > 1
    for said in (*SAID, REASON, "น้ำท่วมซ้ำที่ริมคลองบางดอกซ่าน", "ไม่ใช่คำรับรองว่าถูกกฎหมาย", "ทพ 0411/12"):
        assert bare(said) in run_together, said
    assert HIDDEN not in run_together
    assert "นก ริมคลอง" not in words
    assert bare("เข้าสู่ระบบ") not in run_together
    assert f"1/{pages}" in run_together
    assert run_together.endswith(f"{pages}/{pages}")


def test_with_thai_numerals_no_other_stands_on_the_paper(reader: Readers, slug: str, tmp_path: Path) -> None:
    someone = reader()
    published(someone, slug)
    page = someone.go(f"/c/{slug}/report/1/print")
    someone.touch(page.get_by_role("link", name="ใช้เลขไทย"))
    page.wait_for_url("**/print?digits=thai")
    pages, words, run_together = printed(page, tmp_path)
    thai = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
    for said in (*SAID, REASON, "ทพ 0411/12"):
        assert bare(said).translate(thai) in run_together, said
    assert run_together.endswith(f"{pages}/{pages}".translate(thai))
    assert re.findall("[0-9]+", words) == []


def test_without_script_one_asks_looks_again_and_publishes(reader: Readers, slug: str) -> None:
    someone = reader("phone", script=False, slow=False)
    someone.sign_in(OFFICER)
    page = someone.go(f"/desk/{slug}/reports")
    someone.touch(page.get_by_role("button", name="ขอสรุปผล", exact=True))
    # The page loads itself again; so does whoever cannot wait, by the link in it.
    publish(someone, page)
    nothing_runs_off_the_side(page)


def test_by_keyboard_alone_one_asks_and_publishes(reader: Readers, slug: str) -> None:
    someone = reader()
    someone.sign_in(OFFICER)
    page = someone.go(f"/desk/{slug}/reports")
    by_keyboard(page, page.get_by_role("button", name="ขอสรุปผล", exact=True))
    by_keyboard(page, page.get_by_role("link", name="เผยแพร่ให้ทุกคนอ่าน ฉบับที่ 1", exact=True))
    page.wait_for_url("**/publish")
    by_keyboard(page, page.get_by_role("checkbox"), "Space")
    by_keyboard(page, page.get_by_role("button", name="เผยแพร่ให้ทุกคนอ่าน", exact=True))
    is_shown(page.get_by_text("เผยแพร่แล้ว", exact=True))


def by_keyboard(page: Page, wanted: Locator, key: str = "Enter") -> None:
    """Goes to something by the Tab key alone, and presses a key there."""
    expect(wanted).to_be_visible(timeout=30_000)
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press(key)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_a_reports_pages(reader: Readers, here: Site, slug: str, theme: str) -> None:
    wide, small = reader(reduced_motion="reduce"), reader("narrow", reduced_motion="reduce")
    published(wide, slug)
    small.sign_in(OFFICER)
    page = wide.go(f"/desk/{slug}/reports")
    wide.touch(page.get_by_role("button", name="ขอสรุปผล", exact=True))
    expect(page.get_by_role("link", name="เผยแพร่ให้ทุกคนอ่าน")).to_be_visible(timeout=30_000)
    page.wait_for_load_state()
    desk, report = f"/desk/{slug}/reports", f"/c/{slug}/report"
    found = []
    for someone in (wide, small):
        someone.context.add_cookies([{"name": "theme", "value": theme, "url": here.url}])
        for path in (desk, f"{desk}/2/publish", report, f"{report}/1/print", f"/c/{slug}"):
            page = someone.go(path)
            nothing_runs_off_the_side(page)
            found += [f"{path}: {what}" for what in findings(page)]
    assert found == []
