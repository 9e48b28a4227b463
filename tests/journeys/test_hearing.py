"""An officer runs a hearing, from invitation to lateness: by mouse, finger or keys, or without script."""

from __future__ import annotations

import io
import itertools
import re
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import expect

from forum.kernel import clock, dates
from tests.faults.site import Caller, Site
from tests.journeys.browsers import Readers, is_shown
from tests.journeys.hands import Hands

pytestmark = pytest.mark.browser
numbers = itertools.count(1)
WAYS = [
    pytest.param(("office", True, False), id="mouse"),
    pytest.param(("phone", True, False), id="finger"),
    pytest.param(("office", True, True), id="keyboard", marks=pytest.mark.long),
    pytest.param(("phone", False, False), id="no script"),
]
SAME = "ขอไฟทางเดินให้สว่างกว่านี้"


class Town:
    """An agency of its own with an owner, somebody who is invited, and hands for each."""

    def __init__(self, here: Site, reader: Readers, kind: str, script: bool, keys: bool):
        n = next(numbers)
        self.here, self.slug = here, f"town-{n}"
        here.flask("agency", "create", self.slug, "--name-th", f"เทศบาลตำบลคลองยาว {n}", "--name-en", f"Town {n}")
        self.first, self.second = f"first-{n}@example.org", f"second-{n}@example.org"
        here.person(self.first, "--name", f"หัวหน้า {n}", "--agency", self.slug, "--role", "owner")
        self.token = here.person(self.second, "--name", f"คนใหม่ {n}")["token"]
        self.kind, self.script, self.keys, self.reader = kind, script, keys, reader

    def hands(self, who: str) -> Hands:
        """A browser of their own, signed in."""
        someone = self.reader(self.kind, script=self.script, slow=False)
        someone.sign_in(who)
        return Hands(someone, self.keys)

    def call(self) -> Caller:
        """The invited owner as a program."""
        return Caller(self.here.url, self.token)


@pytest.fixture
def town(request: Any, here: Site, reader: Readers) -> Town:
    kind, script, keys = request.param
    return Town(here, reader, kind, script, keys)


def invited(town: Town) -> tuple[Hands, Hands]:
    """The first owner prints a code, the second comes in by it."""
    first, second = town.hands(town.first), town.hands(town.second)
    first.go(f"/desk/agency/{town.slug}/members/invite")
    first.pick("role", "owner")
    first.pick("way", "code")
    first.button("ทำคำเชิญ")
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", first.page.inner_text("main"))
    assert code
    second.go("/join")
    second.write("code", code[0].lower())
    second.button("ดูคำเชิญ")
    second.press(second.page.locator('main form[method="post"] button[type="submit"]').last)
    return first, second


def day(days: int) -> Any:
    """A day from today, in Bangkok."""
    return dates.in_bangkok(clock.now()).date() + timedelta(days=days)


def set_up(town: Town, second: Hands) -> str:
    """Fills in the tasks out of order, some on another machine; gives the address of the consultation."""
    second.go("/desk/new")
    second.write("title", "ทางเดินริมคลอง|ควรกว้างแค่ไหน")
    second.pick("start", "")
    second.button("ตั้งเรื่อง")
    slug = second.page.url.rpartition("/")[2]
    assert re.fullmatch(r"[a-z0-9-]{5,60}", slug)
    is_shown(second.page.get_by_text(re.compile(r"ขาดอีก \d+ ข้อจึงเปิดได้")))

    task(second, slug, "contact", **{"contact.office": "กองช่าง", "contact.phone": "๐ ๒๐๐๐ ๐๐๑๑"})
    dated(second, slug, opens=20, closes=60, answer=90)
    other = town.hands(town.second)
    other.go(f"/desk/{slug}/setup/contact")
    expect(other.page.locator('[name="contact.office"]')).to_have_value("กองช่าง")
    task(other, slug, "scope", can_change="ความกว้าง\nราวกันตก", decided="จะสร้างแน่นอน")
    task(other, slug, "story", summary="เลือกความกว้างของทางเดิน", body="ทางเดินยาว 1.8 กิโลเมตร")
    task(other, slug, "offline", offline_route="โทร 0 2000 0011 หรือหย่อนใบความเห็นที่ศาลาท่าน้ำ")
    task(second, slug, "decision", decider="นายกเทศมนตรี")
    second.go(f"/desk/{slug}/setup/ways")
    second.write("activities.0.title", "คุยเรื่องความกว้าง")
    second.button("เก็บ")
    second.go(f"/desk/{slug}/setup/privacy")
    text = second.page.input_value('[name="privacy_notice"]')
    second.write("privacy_notice", re.sub(r"\[ใส่[^\]]*\]", "กองช่าง", text))
    second.tick(second.page.locator('[name="confirmed"]'))
    second.button("เก็บ")
    topic(second, slug)
    return slug


def task(hands: Hands, slug: str, key: str, **typed: str) -> None:
    hands.go(f"/desk/{slug}/setup/{key}")
    for name, text in typed.items():
        hands.write(name, text)
    hands.button("เก็บ")
    hands.page.wait_for_url(f"**/desk/{slug}")


def dated(hands: Hands, slug: str, *, opens: int, closes: int, answer: int) -> None:
    hands.go(f"/desk/{slug}/setup/dates")
    for name, days in (("opens_at", opens), ("closes_at", closes), ("answer_by", answer)):
        hands.date(name, day(days))
    hands.button("เก็บ")
    hands.page.wait_for_url(f"**/desk/{slug}")


def topic(hands: Hands, slug: str) -> None:
    """A first topic, so that guests may speak at once."""
    hands.go(f"/desk/{slug}/setup/topics")
    hands.link("ตั้งหัวข้อ")
    hands.write("title", "เดินตรงไหนแล้วลำบาก")
    hands.press(hands.page.locator('main form button[type="submit"].primary'))


def announced_and_opened(first: Hands, second: Hands, slug: str) -> None:
    """Announced by one, agreed to by the other, opened; nobody agrees to their own."""
    second.go(f"/desk/{slug}/open")
    second.pick("by", "member")
    second.button("ประกาศตอนนี้")
    public = second.go(f"/c/{slug}")
    is_shown(public.get_by_text("ประกาศแล้ว ยังไม่เปิดรับ").first)
    second.go(f"/desk/{slug}/approve")
    assert second.page.get_by_role("button", name="อนุมัติ", exact=True).get_attribute("aria-disabled") == "true"
    first.go("/desk")
    first.press(first.page.locator("main a", has_text="ทางเดินริมคลอง").first)
    first.go(f"/desk/{slug}/approve")
    first.button("อนุมัติ")
    second.go(f"/desk/{slug}/open")
    second.button("เปิดรับความเห็น")


def its_day_comes(town: Town, slug: str, days: int) -> None:
    """So many days pass: everything dated lies so much earlier."""
    town.here.python(
        """
        from datetime import timedelta
        from sqlalchemy import select
        from forum.core.consultations.models import Consultation, Phase
        row = tx.execute(select(Consultation).where(Consultation.slug == slug)).scalar_one()
        step = timedelta(days=days)
        row.opens_at, row.closes_at, row.answer_by = row.opens_at - step, row.closes_at - step, row.answer_by - step
        for phase in tx.execute(select(Phase).where(Phase.consultation_id == row.id)).scalars():
            phase.starts_at, phase.ends_at = phase.starts_at - step, phase.ends_at - step
        out = 1
        """,
        slug=slug,
        days=days,
    )


def heard(town: Town, slug: str) -> str:
    """Eighteen guests speak, most of them the same words; gives the topic."""
    thread: str = town.call().get(f"/consultations/{slug}/threads")["items"][0]["id"]
    guest = Caller(town.here.url)
    said = [SAME] * 8 + [f"เรื่องที่ {n} ขอให้ดูทางลาดด้วย" for n in range(10)]
    for n, body in enumerate(said):
        guest.post(f"/threads/{thread}/comments", {"body": body, "name": f"คนริมคลอง {n}", "consent": True})
    return thread


def numbers_of(town: Town, slug: str) -> dict[str, Any]:
    """What the API counts."""
    counted: dict[str, Any] = town.call().get(f"/consultations/{slug}")["numbers"]
    return counted


def answer_these(first: Hands, second: Hands, slug: str, disposition: str, reason: str) -> None:
    """What was chosen gets one answer, asked for by the second and agreed to by the first."""
    second.pick("disposition", disposition)
    second.write("reason", reason)
    second.button("ขออนุมัติ")
    waiting = second.page.url
    first.go("/desk/" + waiting.partition("/desk/")[2])
    first.button("อนุมัติและเผยแพร่")


def keyed(second: Hands, slug: str) -> None:
    """Ten papers and two calls, in one grid."""
    yesterday = day(-1)
    on = f"{yesterday.day}/{yesterday.month}/{yesterday.year + 543}"
    page = second.go(f"/desk/{slug}/entries/grid")
    second.button("เพิ่มอีก 10 แถว")
    second.select("all.channel", "paper", "ใบกระดาษ")
    second.write("all.on", on)
    for n in range(12):
        if n >= 10:
            second.select(f"rows.{n}.channel", "phone", "โทรศัพท์")
        else:
            second.write(f"rows.{n}.sheet", f"๑{n:02}")
        second.write(f"rows.{n}.body", SAME)
    second.button("เก็บทั้งหมด")
    is_shown(page.get_by_text("สล-").first)


def answered(first: Hands, second: Hands, slug: str) -> None:
    """Twenty with one answer, nine singly; one is left."""
    page = second.go(f"/desk/{slug}/answers")
    is_shown(page.get_by_text("ยังไม่ได้ตอบ 30 ข้อ จาก 30"))
    second.link("เหมือนกัน 20 ข้อ")
    answer_these(first, second, slug, "accepted", "จะติดไฟเพิ่ม 40 ดวงก่อนปีใหม่")
    for n in range(9):
        second.go(f"/desk/{slug}/answers")
        second.tick(page.locator('input[name="item"]').first)
        second.button("ตอบข้อที่เลือก")
        answer_these(first, second, slug, "partly", f"ทางลาดจุดที่ {n + 1} ทำได้ในงบปีนี้")
    second.go(f"/desk/{slug}/answers")
    is_shown(page.get_by_text("ยังไม่ได้ตอบ 1 ข้อ จาก 30"))


def late(hands: Hands, town: Town, slug: str, words: str, there: bool) -> None:
    """Whether everybody is told so, on the page, at the agency and at home."""
    for path in (f"/c/{slug}", f"/a/{town.slug}", "/?list=considering"):
        told = hands.go(path).locator("main").inner_text()
        assert (words in told) == there, path


def report_of(town: Town, second: Hands, slug: str) -> dict[str, int]:
    """The numbers in the workbook of a new report."""
    second.go(f"/desk/{slug}/reports")
    second.button("ขอสรุปผล")
    for _ in range(60):
        second.go(f"/desk/{slug}/reports")
        if second.page.get_by_role("link", name="อ่านและดาวน์โหลด").count():
            break
        second.page.wait_for_timeout(500)
    second.link("อ่านและดาวน์โหลด")
    where = second.page.url
    raw = second.reader.context.request.get(f"{where}/files/report.xlsx")
    assert raw.ok
    rows = openpyxl.load_workbook(io.BytesIO(raw.body())).worksheets[1].iter_rows(values_only=True)
    heads, *counted = [[str(cell) for cell in row] for row in rows]
    return {f"{row[0]} {head}": int(cell) for row in counted for head, cell in zip(heads[1:], row[1:], strict=False)}


@pytest.mark.parametrize("town", WAYS, indirect=True)
def test_a_hearing_from_the_invitation_to_the_last_answer(town: Town) -> None:
    first, second = invited(town)
    slug = set_up(town, second)
    announced_and_opened(first, second, slug)
    its_day_comes(town, slug, 21)
    is_shown(second.go(f"/c/{slug}").get_by_text("เปิดรับความเห็น").first)
    heard(town, slug)
    keyed(second, slug)
    counted = numbers_of(town, slug)
    came = {name: count["received"] for name, count in counted["channels"].items()}
    assert (counted["received"], came) == (30, {"web": 18, "paper": 10, "phone": 2})
    answered(first, second, slug)
    assert numbers_of(town, slug)["unanswered"] == 1

    its_day_comes(town, slug, 72)
    late(second, town, slug, "เลยกำหนดตอบ 3 วัน", True)
    page = second.go(f"/desk/{slug}/answers")
    second.tick(page.locator('input[name="item"]').first)
    second.button("ตอบข้อที่เลือก")
    answer_these(first, second, slug, "not_accepted", "งบปีนี้ไม่พอ จะเสนอใหม่ปีหน้า")
    late(second, town, slug, "เลยกำหนดตอบ", False)
    counted = numbers_of(town, slug)
    assert (counted["answered"], counted["answered_late"], counted["unanswered"]) == (30, 1, 0)
    assert "30 จาก 30" in second.go(f"/c/{slug}").locator("main").inner_text()
    told = report_of(town, second, slug)
    assert sorted(told.values())[-1] == 30
