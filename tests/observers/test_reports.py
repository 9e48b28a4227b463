"""A report as its office asks for it and as it is made: what it holds, what it never holds, and who may read it."""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.commons.comments import service as comments
from forum.commons.comments.forms import NewComment
from forum.commons.comments.queries import thread_by
from forum.core.agencies.models import Agency
from forum.core.answers import service as answers
from forum.core.answers.forms import NewAnswer
from forum.core.answers.models import Answered
from forum.core.consultations import openings
from forum.core.consultations.models import Change, Consultation
from forum.core.consultations.service import change as change_consultation
from forum.core.consultations.tallies import Count, as_counted, numbers_of
from forum.core.consultations.telling import Approval
from forum.core.entries.models import Entry
from forum.core.items.models import Item
from forum.core.items.queries import item_by
from forum.core.items.service import set_state
from forum.kernel import clock, dates, html
from forum.kernel.errors import Denied
from forum.observers.reports import files, making, queries, service
from forum.observers.reports.compute import thai_numerals
from forum.observers.reports.models import Report
from forum.observers.reports.words import COUNTED, VARIABLES
from tests.factories import Make
from tests.house.test_tongues import unmarked

MEMO = Approval("ทพ 0411/12", date(2026, 10, 1))
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
SECRET = "ความลับของบ้านเลขที่เก้าสิบเก้า"
GIVER = "ป้าสมศรีริมคลองซอยสาม"


@dataclass
class Hearing:
    """A hearing in which people spoke, with the officers who hold it."""

    make: Make
    tx: Session
    row: Consultation
    thread: str
    officer: Any
    second: Any

    def say(self, body: str, **more: Any) -> Item:
        """Somebody says something; as nobody else is named, a guest."""
        paper = more.get("channel", "web") != "web"
        actor = self.officer if paper else more.pop("actor", None) or self.make.actor(self.make.user(GIVER))
        posted = comments.post_comment(
            self.tx, actor, thread_by(self.tx, self.thread), NewComment(body, html.render(body), **more)
        )
        return item_by(self.tx, posted.public_id)

    def answer(self, reason: str, *items: Item, disposition: str = "partly") -> None:
        """The office answers these, on a memo."""
        form = NewAnswer(disposition, reason, html.render(reason))
        drafted = answers.draft(self.tx, self.officer, self.row, [item.id for item in items], form)
        answers.publish(self.tx, self.officer, drafted, MEMO)

    def report(self, folder: Path) -> "Made":
        """Asks for a report and makes it."""
        no = service.ask(self.tx, self.officer, self.row)
        assert making.make_next()
        self.tx.expire_all()
        return Made(folder, queries.report_no(self.tx, self.row.id, no))


@dataclass
class Made:
    """A report that was made."""

    folder: Path
    view: Any

    def read(self, name: str) -> str:
        return (self.folder / self.view.public_id / name).read_text(encoding="utf-8")

    @property
    def everything(self) -> dict[str, str]:
        """What each file says; of the workbook, every cell."""
        said = {name: self.read(name) for name in files.TYPES if name != "report.xlsx"}
        cells = [
            str(c) for sheet in self.book for row in sheet.iter_rows(values_only=True) for c in row if c is not None
        ]
        return said | {"report.xlsx": "\n".join(cells)}

    @property
    def book(self) -> Any:
        return openpyxl.load_workbook(self.folder / self.view.public_id / "report.xlsx")

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.read("contributions.csv").removeprefix("\ufeff"))))


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """Where this test's reports are kept."""
    before = files._kept["folder"]
    files.keep_in(tmp_path)
    yield tmp_path
    files.keep_in(before)


@pytest.fixture
def hearing(make: Make, tx: Session, app: Flask) -> Hearing:
    """An open hearing with one topic."""
    agency = make.agency()
    row = make.consultation(agency, body="เรามีสองแบบ", body_html="<p>เรามีสองแบบ</p>", legal_basis="มาตรา 77")
    officer, second = (make.actor(make.member(agency)) for _ in range(2))
    return Hearing(make, tx, row, make.thread(row, stance="agree"), officer, second)


EARLIER = clock.now().date() - timedelta(days=2)


def lively(hearing: Hearing) -> dict[str, Item]:
    """Every kind of contribution: answered in time, unanswered, hidden, withdrawn, from paper."""
    said = {
        "one": hearing.say("ขอทางลาดที่ท่าน้ำวัดลำซ่าน", stance="for"),
        "two": hearing.say("ขอทางลาดด้วย"),
        "open": hearing.say("น้ำท่วมซ้ำที่ปั๊มน้ำมัน กำหนดวันซ่อมด้วย ตามที่ปรึกษาบอก"),
        "hidden": hearing.say(SECRET + " ถูกซ่อน"),
        "gone": hearing.say(SECRET + " ถูกลบ"),
        "paper": hearing.say("เขียนจากใบ", channel="paper", received_on=EARLIER, sheet="7"),
        "phone": hearing.say("โทรมาบอก", channel="phone"),
    }
    hearing.answer("ทำทางลาดให้ปีหน้า", said["one"], said["two"])
    hearing.answer("จะไปดู", said["paper"], disposition="accepted")
    set_state(hearing.tx, said["gone"].id, "withdrawn")
    hide(hearing.tx, said["hidden"])
    return said


def hide(tx: Session, item: Item) -> None:
    set_state(tx, item.id, "hidden")


def counted(count: Count) -> list[int]:
    return [getattr(count, name) for name in COUNTED]


def numbers_in(page: str) -> dict[str, list[int]]:
    """The numbers of a page's table, by channel."""
    rows = re.findall(r'<tr data-channel="(\w+)">(.*?)</tr>', page, re.S)
    return {name: [int(n.replace(",", "")) for n in re.findall(r"<td>([\d,]+)</td>", row)] for name, row in rows}


def test_a_report_is_made_of_every_file_and_each_is_what_its_sha_says(hearing: Hearing, folder: Path) -> None:
    lively(hearing)
    made = hearing.report(folder)
    assert made.view.state == "made"
    assert [f["name"] for f in made.view.files] == list(files.TYPES)
    for file in made.view.files:
        data = (folder / made.view.public_id / file["name"]).read_bytes()
        assert (file["size"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert made.view.digest == made.view.files[-1]["sha256"]
    listed = dict(reversed(line.split("  ")) for line in made.read("SHA256SUMS").splitlines())
    assert listed == {f["name"]: f["sha256"] for f in made.view.files if f["name"] != "SHA256SUMS"}


def test_the_numbers_agree_on_page_document_workbook_csv_and_api(
    hearing: Hearing, folder: Path, client: FlaskClient, make: Make
) -> None:
    said = lively(hearing)
    for step in range(4):
        made = hearing.report(folder)
        truth = numbers_of(hearing.tx, hearing.row.id)
        right = {name: counted(count) for name, count in truth.channels.items()} | {"all": counted(truth.whole)}
        document = numbers_in(made.read("report.html"))
        assert {name: document[name] for name in right} == right
        assert all(not any(document[name]) for name in document.keys() - right.keys())
        sheet = [list(row) for row in made.book["ตัวเลข"].iter_rows(min_row=2, values_only=True)]
        assert sheet[-1][1:] == right["all"]
        assert [row[1:] for row in sheet[:-1] if any(row[1:])] == [v for k, v in right.items() if k != "all"]
        assert from_rows(made.rows) == right
        service.publish(hearing.tx, hearing.officer, made.view)
        assert numbers_in(client.get(f"/c/{hearing.row.slug}/report").text) == right
        assert client.get(f"/api/v1/consultations/{hearing.row.slug}").json["numbers"] == as_counted(truth)
        # What happens then is in the next one.
        if step == 0:
            hide(hearing.tx, said["open"])
        elif step == 1:
            hearing.answer("ทำแล้ว", hearing.say("ขอไฟ"), disposition="noted")
        elif step == 2:
            set_state(hearing.tx, said["two"].id, "withdrawn")
            hearing.say("จากเวที", channel="hall")


def from_rows(rows: list[dict[str, str]]) -> dict[str, list[int]]:
    """The numbers that anybody gets who counts the rows of the CSV."""
    found: dict[str, Count] = {}
    for row in rows:
        for name in (row["channel"], "all"):
            count = found.setdefault(name, Count())
            count.received += 1
            setattr(count, row["state"], getattr(count, row["state"]) + 1)
            count.answered += row["answered"] != "no"
            count.answered_late += row["answered"] == "late"
            count.unanswered += row["answered"] == "no" and row["state"] in ("shown", "redacted")
    order = ("web", "paper", "phone", "hall", "letter", "all")
    return {name: counted(found[name]) for name in order if name in found}


def test_what_is_hidden_or_withdrawn_is_in_no_file_and_no_giver_is_named(hearing: Hearing, folder: Path) -> None:
    said = lively(hearing)
    made = hearing.report(folder)
    for name, text in made.everything.items():
        assert SECRET not in text, name
        assert GIVER not in text, name
        assert "made-" not in text, name
        assert not any(item.public_id in text for item in said.values()), name
    raw = b"".join(path.read_bytes() for path in (folder / made.view.public_id).iterdir() if path.suffix != ".xlsx")
    assert SECRET.encode() not in raw


def test_a_hidden_topics_title_is_not_told_by_what_was_said_in_it(hearing: Hearing, folder: Path) -> None:
    title = "หัวข้อที่มีคำหยาบมาก"
    hearing.thread = hearing.make.thread(hearing.row, title=title)
    hearing.say("ข้อนี้ยังอยู่")
    hide(hearing.tx, item_by(hearing.tx, hearing.thread))
    made = hearing.report(folder)
    assert "ข้อนี้ยังอยู่" in made.read("report.html")
    assert not [name for name, text in made.everything.items() if title in text]


def test_every_contribution_stands_with_its_answer_and_the_unanswered_apart(hearing: Hearing, folder: Path) -> None:
    lively(hearing)
    document = hearing.report(folder).read("report.html")
    answered, rest = document.split("11. ข้อเสนอที่ยังไม่ตอบ")
    unanswered, unseen = rest.split("12. ข้อเสนอที่ไม่พิมพ์ข้อความ")
    ramp = answered.index("ทำทางลาดให้ปีหน้า")
    assert ramp < answered.index("ขอทางลาดที่ท่าน้ำวัดลำซ่าน") < answered.index("ขอทางลาดด้วย") < answered.index("จะไปดู")
    assert answered.count("ทำทางลาดให้ปีหน้า") == 1, "one answer for two is printed once"
    assert "รับบางส่วน" in answered
    assert [w in unanswered for w in ("น้ำท่วมซ้ำที่ปั๊มน้ำมัน", "โทรมาบอก", "ขอทางลาด")] == [True, True, False]
    assert unseen.count('class="unseen"') == 2
    assert "ผู้เสนอลบเอง" in unseen


def test_an_answer_that_replaced_another_says_so_with_the_earlier_one_and_moves_no_number(
    hearing: Hearing, folder: Path
) -> None:
    said = lively(hearing)
    before = hearing.report(folder)
    hearing.answer("ปีนี้ทำได้แล้ว", said["one"], disposition="accepted")
    made = hearing.report(folder)
    document = made.read("report.html")
    told = document[document.index("ปีนี้ทำได้แล้ว") : document.index("ขอทางลาดที่ท่าน้ำวัดลำซ่าน")]
    today = dates.date_text(dates.in_bangkok(clock.now()).date())
    for words in ("คำตอบนี้แทนคำตอบเดิมเมื่อ", today, "คำตอบเดิมของ 1 ข้อ · รับบางส่วน", "ทำทางลาดให้ปีหน้า"):
        assert words in told
    assert document.count('class="before"') == 1
    rows = {row["words"]: row["replaced_on"] for row in made.rows}
    assert rows["ขอทางลาดที่ท่าน้ำวัดลำซ่าน"] == dates.in_bangkok(clock.now()).date().isoformat()
    assert [v for k, v in rows.items() if k != "ขอทางลาดที่ท่าน้ำวัดลำซ่าน" and v] == []
    assert numbers_in(document) == numbers_in(before.read("report.html"))
    assert from_rows(made.rows) == from_rows(before.rows)
    assert "replaced_on,แทนคำตอบเดิมเมื่อ" in made.read("codebook.csv")


def test_where_nothing_was_answered_anew_nothing_is_said_to_be_replaced(hearing: Hearing, folder: Path) -> None:
    lively(hearing)
    made = hearing.report(folder)
    assert "แทนคำตอบเดิม" not in made.read("report.html")
    assert {row["replaced_on"] for row in made.rows} == {""}


def test_an_earlier_answer_that_is_not_shown_or_of_something_hidden_is_not_told(hearing: Hearing, folder: Path) -> None:
    one, two = hearing.say("ข้อแรก"), hearing.say("ข้อสอง")
    hearing.answer("คำตอบที่พลาดไป", one)
    (wrong,) = hearing.tx.execute(select(Answered.answer_id)).scalars()
    hearing.answer("คำตอบแรกของข้อที่ซ่อน", two)
    hearing.answer("คำตอบใหม่", one, two)
    set_state(hearing.tx, wrong, "hidden")
    hide(hearing.tx, two)
    made = hearing.report(folder)
    assert "คำตอบเดิมนี้ไม่แสดงแล้ว" in made.read("report.html")
    for name, text in made.everything.items():
        assert "คำตอบที่พลาดไป" not in text, name
        assert "คำตอบแรกของข้อที่ซ่อน" not in text, name
    assert [row["replaced_on"] != "" for row in made.rows] == [True, False]


TOLD = (
    *("มาตรา 77", "ระเบียบ", "ป้ายหน้าตลาด", "1 พ.ย. 2569", "ทพ 9/2569", "300 คน", "น้ำจะท่วมเดือนหน้า", "พูดคุย"),
    *("โทรมาบอกได้", "น้ำท่วมทางมา", "ทพ 0411/12", "ครบแล้ว", "ผู้อำนวยการ", "เรามีสองแบบ", "ร้อยละ 100"),
)


def test_a_report_dates_an_opening_by_its_own_hour_and_the_agreement_by_its_day(hearing: Hearing, folder: Path) -> None:
    opens = hearing.row.opens_at
    early = Change(
        consultation_id=hearing.row.id, at=opens - timedelta(days=9), kind="opened", field="state", reason=""
    )
    hearing.tx.add(early)
    hearing.tx.flush()
    told = re.findall(r"<li>(.+?)</li>", hearing.report(folder).read("report.html"))
    said = [" ".join(re.sub(r"<[^>]+>", "", line).split()) for line in told]
    agreed = f"{dates.datetime_text(opens - timedelta(days=9))} ตกลงให้เปิดตามวันที่ประกาศ"
    opened = f"{dates.datetime_text(opens)} เปิดรับความเห็น"
    assert said.index(agreed) < said.index(opened)


def test_the_document_tells_the_law_the_notices_the_method_and_every_change(hearing: Hearing, folder: Path) -> None:
    hearing.row.announcements = [{"date": "2026-11-01", "channel": "ป้ายหน้าตลาด", "ref": "ทพ 9/2569", "reach": "300 คน"}]
    hearing.row.short_reason, hearing.row.law_kind = "น้ำจะท่วมเดือนหน้า", "other"
    hearing.tx.flush()
    later = {"closes_at": (clock.now() + timedelta(days=40)).isoformat()}
    change_consultation(hearing.tx, hearing.officer, hearing.row, later, hearing.row.version, "น้ำท่วมทางมา")
    openings.close_consultation(hearing.tx, hearing.officer, hearing.row, reason="ครบแล้ว", approval=MEMO)
    keyed = {"consultation_id": hearing.row.id, "entered_at": clock.now(), "sampled": True, "matches": False}
    hearing.tx.add(Entry(item_id=item_by(hearing.tx, hearing.thread).id, **keyed))
    hearing.tx.flush()
    document = hearing.report(folder).read("report.html")
    for told in TOLD:
        assert told in document, told
    assert "ครบตามที่ศาลากำหนด ไม่ใช่คำรับรองว่าถูกกฎหมาย" in document
    assert "ระหว่างเปิดรับ" not in document


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("", "หน่วยงานไม่ได้ระบุว่าเป็นการรับฟังตามกฎหมาย"),
        ("other", "กฎ ระเบียบ ข้อบัญญัติ หรือโครงการที่กฎหมายให้รับฟัง"),
        ("primary", "ร่างพระราชบัญญัติ"),
    ],
)
def test_a_report_calls_a_project_no_law(hearing: Hearing, folder: Path, kind: str, said: str) -> None:
    hearing.row.law_kind = kind
    hearing.tx.flush()
    made = hearing.report(folder)
    told = dict(made.book["สรุป"].iter_rows(min_row=2, max_col=2, values_only=True))
    assert told["เรื่องที่ถามเป็น"] == said
    assert f"<dt>เรื่องที่ถามเป็น</dt><dd>{said}</dd>" in made.read("report.html")
    assert not [name for name, text in made.everything.items() if "กฎหมายลำดับรอง" in text]


def test_a_law_chosen_otherwise_is_told_in_words(hearing: Hearing, folder: Path) -> None:
    changed = {"law_kind": "other"}
    change_consultation(hearing.tx, hearing.officer, hearing.row, changed, hearing.row.version, "เลือกผิด")
    document = hearing.report(folder).read("report.html")
    assert "<p>กฎ ระเบียบ ข้อบัญญัติ หรือโครงการที่กฎหมายให้รับฟัง</p>" in document
    assert "<p>other</p>" not in document


def test_a_report_asked_for_while_people_still_speak_says_so(hearing: Hearing, folder: Path) -> None:
    made = hearing.report(folder)
    assert made.view.summary["interim"] is True
    assert "จัดทำระหว่างเปิดรับความเห็น" in made.read("report.html")


def test_script_in_every_field_stays_text(make: Make, tx: Session, folder: Path) -> None:
    agency = make.agency(name_th=f"กอง {SCRIPT}")
    row = make.consultation(
        agency, title=f"เรื่อง {SCRIPT}", summary=SCRIPT, can_change=[SCRIPT], decided=[SCRIPT], decider=SCRIPT,
        legal_basis=SCRIPT, law_url=f"https://x.example/{SCRIPT}", area=SCRIPT, effect=SCRIPT,
        offline_route=SCRIPT, short_reason=SCRIPT, contact={"office": SCRIPT}, documents=[{"title": SCRIPT, "url": f"https://x.example/{SCRIPT}"}],
        announcements=[{"date": "2026-11-01", "channel": SCRIPT, "ref": SCRIPT, "reach": SCRIPT}],
    )  # fmt: skip
    officer = make.actor(make.member(agency))
    tx.add(
        Change(
            consultation_id=row.id,
            at=clock.now(),
            kind="changed",
            field="title",
            before=SCRIPT,
            after="x",
            reason=SCRIPT,
        )
    )
    hearing = Hearing(make, tx, row, make.thread(row, title=SCRIPT), officer, officer)
    hearing.answer(SCRIPT, hearing.say(SCRIPT))
    hearing.say(SCRIPT)
    made = hearing.report(folder)
    for name in ("report.html", "report-thai.html"):
        said = made.read(name)
        assert said.count("&lt;script&gt;") > 20
        assert re.findall(r"<(?:script|img|style|iframe|svg)\b|<[^>]*\son\w+=|javascript:", said) == []
        assert re.findall(r"<[^>]*\sstyle=", said) == []


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_nothing_in_a_table_runs_as_a_formula(hearing: Hearing, folder: Path, start: str) -> None:
    hearing.say(f"{start}|' /C calc'!A0")
    made = hearing.report(folder)
    assert not re.findall(r'(?:^|,)"?[=+@\t]', made.read("contributions.csv"), re.M)
    assert not [c for sheet in made.book for row in sheet.iter_rows() for c in row if c.data_type == "f"]


def test_the_workbook_has_its_five_sheets_and_the_codebook_every_column(hearing: Hearing, folder: Path) -> None:
    lively(hearing)
    made = hearing.report(folder)
    assert made.book.sheetnames == ["สรุป", "ตัวเลข", "ข้อเสนอและคำตอบ", "การเปลี่ยนแปลง", "คำอธิบายหัวตาราง"]
    told = {row.split(",")[0] for row in made.read("codebook.csv").splitlines()[1:]}
    assert {name for name, _label, _note in VARIABLES} <= told
    for row in made.rows:
        for name in ("channel", "state", "answered", "disposition"):
            assert not row[name] or f"{name}," in made.read("codebook.csv")
            assert not row[name] or f",{row[name]}," in made.read("codebook.csv")
    sheet = made.book["ข้อเสนอและคำตอบ"]
    assert [c.value for c in sheet[1]] == [label for _name, label, _note in VARIABLES]
    assert sheet.max_row == 1 + len(made.rows)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("<p>12 ข้อ</p>", "<p>๑๒ ข้อ</p>"),
        ('<a href="https://a.example/12?x=3">ข้อ 4</a>', '<a href="https://a.example/12?x=3">ข้อ ๔</a>'),
        ("<p title='a>1'>2</p>", "<p title='a>1'>๒</p>"),
        ("it&#39;s 5", "it&#39;s ๕"),
        ("ดู https://a.example/1?b=2 ข้อ 3", "ดู https://a.example/1?b=2 ข้อ ๓"),
        ("ฝุ่น PM2.5 เกิน 37.5", "ฝุ่น PM2.5 เกิน ๓๗.๕"),
        ('<time datetime="2026-11-30">30 พ.ย. 2569</time>', '<time datetime="2026-11-30">๓๐ พ.ย. ๒๕๖๙</time>'),
        ("นก1@a.example", "นก1@a.example"),
    ],
)
def test_thai_numerals_stand_in_what_is_read_and_nowhere_else(given: str, wanted: str) -> None:
    assert thai_numerals(given) == wanted


def test_the_document_with_thai_numerals_differs_in_nothing_but_numerals(hearing: Hearing, folder: Path) -> None:
    lively(hearing)
    made = hearing.report(folder)
    plain, thai = made.read("report.html"), made.read("report-thai.html")
    fold = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
    said = thai.translate(fold).replace('class="report thai"', 'class="report arabic"')
    said = re.sub(r"<p>ฉบับนี้ใช้เลขไทย.*?</p>\n", "", said)
    assert said == plain
    read = re.sub(r"<[^>]*>|&#?\w+;", "", thai)
    assert not [w for w in re.findall(r"[!-~]*[0-9][!-~]*", read) if not re.search("[A-Za-z]", w)]


def test_two_asked_for_at_once_are_one_and_one_asked_for_meanwhile_comes_after(hearing: Hearing, folder: Path) -> None:
    first = service.ask(hearing.tx, hearing.officer, hearing.row)
    assert service.ask(hearing.tx, hearing.second, hearing.row) == first
    service.start(hearing.tx, queries.report_no(hearing.tx, hearing.row.id, first).id)
    assert service.ask(hearing.tx, hearing.second, hearing.row) == first + 1
    order = []
    while making.make_next():
        order.append([r.no for r in queries.reports_of(hearing.tx, hearing.row.id, "made")])
    assert order == [[1], [2, 1]]


def test_what_a_killed_worker_left_is_taken_away_and_its_report_made_anew(hearing: Hearing, folder: Path) -> None:
    no = service.ask(hearing.tx, hearing.officer, hearing.row)
    view = queries.report_no(hearing.tx, hearing.row.id, no)
    service.start(hearing.tx, view.id)
    service.step(hearing.tx, view.id, 3, 9)
    for left in (f"{view.public_id}.part", view.public_id, "another.part"):
        (folder / left).mkdir()
        (folder / left / "report.html").write_text("half")
    assert making.make_next()
    assert [p.name for p in folder.iterdir() if p.is_dir()] == [view.public_id]
    made = Made(folder, queries.report_no(hearing.tx, hearing.row.id, no))
    assert made.view.state == "made"
    assert "half" not in made.read("report.html")


def test_while_one_worker_makes_reports_another_lets_it(hearing: Hearing, folder: Path) -> None:
    service.ask(hearing.tx, hearing.officer, hearing.row)
    with files.alone() as mine:
        assert mine
        assert not making.make_next()
    assert making.make_next()


def test_a_report_that_cannot_be_made_says_so_and_leaves_nothing(hearing: Hearing, folder: Path) -> None:
    no = service.ask(hearing.tx, hearing.officer, hearing.row)
    view = queries.report_no(hearing.tx, hearing.row.id, no)
    hearing.row.announcements = [{"date": "no day", "channel": "ป้าย"}]
    hearing.tx.flush()
    assert making.make_next()
    hearing.tx.expire_all()
    assert queries.report_no(hearing.tx, hearing.row.id, no).state == "failed"
    assert not [p for p in folder.iterdir() if p.is_dir()]
    assert service.ask(hearing.tx, hearing.officer, hearing.row) == view.no + 1


def test_a_draft_and_what_has_not_begun_have_nothing_to_report(make: Make, tx: Session) -> None:
    agency = make.agency()
    officer = make.actor(make.member(agency))
    for values in ({"state": "draft"}, {"state": "announced"}, {"opens_at": clock.now() + timedelta(days=1)}):
        row = make.consultation(agency, **values)
        with pytest.raises(Denied) as refused:
            service.ask(tx, officer, row)
        assert refused.value.reason == "not_begun"


# Who may


def browser(app: Flask, make: Make, user: Any) -> FlaskClient:
    client = app.test_client()
    make.sign_in(client, user)
    return client


def status(client: FlaskClient, path: str) -> int:
    """What is answered; a file that is sent is closed again."""
    with client.get(path) as answer:
        return answer.status_code


@pytest.fixture
def form_token() -> Callable[[FlaskClient], str]:
    """The token of a form as this client's pages carry it."""

    def find(client: FlaskClient) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/r").text)
        assert found
        return found[1]

    return find


PRIVATE = ("", "/print", "/print?digits=thai", "/files/report.xlsx", "/files/report.html", "/files/SHA256SUMS")


@pytest.mark.parametrize("path", PRIVATE)
def test_before_it_is_published_only_the_office_reads_it(
    hearing: Hearing, folder: Path, app: Flask, client: FlaskClient, make: Make, path: str
) -> None:
    hearing.report(folder)
    here = f"/c/{hearing.row.slug}/report/1{path}"
    office = hearing.tx.get_one(Agency, hearing.row.agency_id)
    assert status(client, here) == 401
    assert status(browser(app, make, make.user()), here) == 403
    assert status(browser(app, make, make.member(make.agency())), here) == 403
    assert status(browser(app, make, make.member(office, "moderator")), here) == 403
    assert status(browser(app, make, make.member(office)), here) == 200


@pytest.mark.parametrize("path", PRIVATE)
def test_once_published_everybody_reads_it(hearing: Hearing, folder: Path, client: FlaskClient, path: str) -> None:
    service.publish(hearing.tx, hearing.officer, hearing.report(folder).view)
    assert status(client, f"/c/{hearing.row.slug}/report/1{path}") == 200


def test_another_agencys_officer_neither_sees_asks_nor_publishes(
    hearing: Hearing, folder: Path, app: Flask, make: Make, form_token: Any
) -> None:
    made = hearing.report(folder)
    other = browser(app, make, make.member(make.agency()))
    desk = f"/desk/{hearing.row.slug}/reports"
    token = {"csrf_token": form_token(other)}
    assert other.get(desk).status_code == 403
    assert other.post(desk, data=token).status_code == 403
    assert other.post(f"{desk}/1/publish", data=token | {"sure": "1"}).status_code == 403
    assert queries.report_no(hearing.tx, hearing.row.id, 1).state == made.view.state == "made"


def test_what_is_not_made_is_neither_read_nor_published(hearing: Hearing, folder: Path) -> None:
    service.ask(hearing.tx, hearing.officer, hearing.row)
    view = queries.report_no(hearing.tx, hearing.row.id, 1)
    with pytest.raises(Denied) as refused:
        service.publish(hearing.tx, hearing.officer, view)
    assert refused.value.reason == "not_made"


def test_a_file_is_sent_as_what_it_is_and_a_name_that_is_none_is_not_found(
    hearing: Hearing, folder: Path, client: FlaskClient
) -> None:
    made = hearing.report(folder)
    service.publish(hearing.tx, hearing.officer, made.view)
    here = f"/c/{hearing.row.slug}/report/1/files"
    for file in made.view.files:
        with client.get(f"{here}/{file['name']}") as answer:
            assert answer.mimetype == files.TYPES[file["name"]]
            assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
            assert hashlib.sha256(answer.data).hexdigest() == file["sha256"]
        with client.get(f"{here}/{file['name']}", headers={"If-None-Match": answer.headers["ETag"]}) as again:
            assert again.status_code == 304
    for name in ("lock", "..", "%2e%2e", "report.htm", "../lock", "report.html.part"):
        assert status(client, f"{here}/{name}") == 404
    for no in ("0", "2", "99999999999999999999"):
        assert client.get(f"/c/{hearing.row.slug}/report/{no}").status_code == 404


def test_the_page_to_print_is_the_file_inside_the_sites_own_frame(
    hearing: Hearing, folder: Path, client: FlaskClient
) -> None:
    lively(hearing)
    made = hearing.report(folder)
    service.publish(hearing.tx, hearing.officer, made.view)
    for digits, name in (("", "report.html"), ("?digits=thai", "report-thai.html")):
        page = client.get(f"/c/{hearing.row.slug}/report/1/print{digits}").text
        body = made.read(name).split("<body>\n")[1].removesuffix("</body>\n</html>\n")
        assert body in page
        assert page.count("<body>") == page.count("</body>") == page.count("<h1") == 1
        assert "@@" not in page


def test_earlier_versions_stay_with_their_dates_and_sha(hearing: Hearing, folder: Path, client: FlaskClient) -> None:
    first = hearing.report(folder)
    service.publish(hearing.tx, hearing.officer, first.view)
    hearing.say("มาทีหลัง")
    second = hearing.report(folder)
    service.publish(hearing.tx, hearing.officer, second.view)
    here = f"/c/{hearing.row.slug}/report"
    page = client.get(here).text
    assert page.index(second.view.digest) < page.index(first.view.digest)
    assert f"{here}/1" in page
    assert "มีฉบับใหม่กว่านี้" in client.get(f"{here}/1").text
    with client.get(f"{here}/1/files/SHA256SUMS") as answer:
        assert hashlib.sha256(answer.data).hexdigest() == first.view.digest
    at = queries.report_no(hearing.tx, hearing.row.id, 1).published_at
    service.publish(hearing.tx, hearing.second, queries.report_no(hearing.tx, hearing.row.id, 1))
    assert queries.report_no(hearing.tx, hearing.row.id, 1).published_at == at


def test_on_an_english_page_what_is_in_thai_is_marked(hearing: Hearing, folder: Path, client: FlaskClient) -> None:
    lively(hearing)
    service.publish(hearing.tx, hearing.officer, hearing.report(folder).view)
    for path in ("/report", "/report/1/print"):
        page = client.get(f"/c/{hearing.row.slug}{path}?lang=en").text
        assert '<html lang="en"' in page
        assert unmarked(page) == []


def test_an_english_page_says_that_the_document_is_in_thai(hearing: Hearing, folder: Path, client: FlaskClient) -> None:
    service.publish(hearing.tx, hearing.officer, hearing.report(folder).view)
    here = f"/c/{hearing.row.slug}/report"
    page, printed = (client.get(f"{here}{path}?lang=en").text for path in ("", "/1/print"))
    assert "The document and the tables are in Thai" in page
    links = re.findall(r'<a [^>]*href="[^"]*/report/1/(?:print|files)[^>]*>', page)
    assert len(links) == 2 + len(files.TYPES)
    assert all('hreflang="th"' in link for link in links)
    assert "This document is in Thai" in printed
    assert '<article class="report arabic" lang="th">' in printed
    assert "เป็นภาษาไทย" not in client.get(f"{here}?lang=th").text


def test_a_consultations_page_leads_to_its_report_once_it_is_published(
    hearing: Hearing, folder: Path, client: FlaskClient
) -> None:
    here = f"/c/{hearing.row.slug}"
    made = hearing.report(folder)
    assert f'href="{here}/report"' not in client.get(here).text
    assert client.get(f"{here}/report").status_code == 404
    service.publish(hearing.tx, hearing.officer, made.view)
    assert f'href="{here}/report"' in client.get(here).text


def test_the_desk_shows_how_far_it_is_and_loads_again_without_script(
    hearing: Hearing, folder: Path, app: Flask, make: Make, form_token: Any
) -> None:
    client = browser(app, make, make.member(hearing.tx.get_one(Agency, hearing.row.agency_id)))
    desk = f"/desk/{hearing.row.slug}/reports"
    assert client.post(desk, data={"csrf_token": form_token(client)}).status_code == 303
    assert "รอทำ" in client.get(desk).text
    view = queries.report_no(hearing.tx, hearing.row.id, 1)
    service.start(hearing.tx, view.id)
    service.step(hearing.tx, view.id, 30, 120)
    hearing.tx.flush()
    page = client.get(desk).text
    assert '<progress id="p-1" max="100" value="25">' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert making.make_next()
    page = client.get(desk).text
    assert "data-making" not in page
    assert "refresh" not in page
    assert f'href="{desk}/1/publish"' in page
    assert client.post(f"{desk}/1/publish", data={"csrf_token": form_token(client), "sure": "1"}).status_code == 303
    assert "เผยแพร่แล้ว" in client.get(desk).text


@pytest.mark.parametrize("sure", [{}, {"sure": ""}, {"sure": "0"}, {"sure": "on"}, {"sure": ["", "1"]}])
def test_without_the_tick_nothing_is_published(
    hearing: Hearing, folder: Path, app: Flask, make: Make, form_token: Any, sure: dict[str, Any]
) -> None:
    hearing.report(folder)
    client = browser(app, make, make.member(hearing.tx.get_one(Agency, hearing.row.agency_id)))
    here = f"/desk/{hearing.row.slug}/reports/1/publish"
    refused = client.post(here, data={"csrf_token": form_token(client)} | sure)
    assert refused.status_code == 422
    assert 'href="#f-sure"' in refused.text
    assert queries.report_no(hearing.tx, hearing.row.id, 1).state == "made"
    assert app.test_client().get(f"/c/{hearing.row.slug}/report").status_code == 404


def test_before_publishing_one_reads_that_it_stays(hearing: Hearing, folder: Path, app: Flask, make: Make) -> None:
    office = hearing.tx.get_one(Agency, hearing.row.agency_id)
    client = browser(app, make, make.member(office))
    here = f"/desk/{hearing.row.slug}/reports/1/publish"
    assert client.get(here).status_code == 404
    made = hearing.report(folder)
    page = client.get(here).text
    for said in ("ทุกคนอ่านและดาวน์โหลดได้ทันที", "แก้หรือเอาออกไม่ได้", "ขอฉบับใหม่แล้วเผยแพร่ได้"):
        assert said in page
    assert queries.report_no(hearing.tx, hearing.row.id, 1).state == "made", "asking publishes nothing"
    assert app.test_client().get(here).status_code == 303, "nobody signs in first"
    for other in (make.user(), make.member(make.agency()), make.member(office, "moderator")):
        assert browser(app, make, other).get(here).status_code == 403
    service.publish(hearing.tx, hearing.officer, made.view)
    assert client.get(here).headers["Location"] == f"/desk/{hearing.row.slug}/reports"


def test_what_is_not_made_yet_is_not_asked_about(hearing: Hearing, app: Flask, make: Make) -> None:
    service.ask(hearing.tx, hearing.officer, hearing.row)
    client = browser(app, make, make.member(hearing.tx.get_one(Agency, hearing.row.agency_id)))
    assert client.get(f"/desk/{hearing.row.slug}/reports/1/publish").status_code == 403


def test_an_account_that_is_deleted_leaves_no_name_on_reports(hearing: Hearing, folder: Path) -> None:
    service.publish(hearing.tx, hearing.officer, hearing.report(folder).view)
    user_id = hearing.officer.user_id
    assert [d["did"] for d in queries.of_person(hearing.tx, user_id)["reports"]] == ["asked", "published"]
    service.forget_person(hearing.tx, user_id)
    hearing.tx.expire_all()
    row = hearing.tx.execute(select(Report)).scalars().one()
    assert (row.asked_by, row.published_by) == (None, None)


def test_the_files_are_for_the_sites_own_account_alone(hearing: Hearing, folder: Path) -> None:
    made = hearing.report(folder)
    assert (folder / made.view.public_id).stat().st_mode & 0o077 == 0


RENAMED = ("คาดทับ", "ในนั้นตอบช้า", "ตัวแปร", "เวทีหรือประชุม")


def test_a_report_uses_words_that_everybody_reads_as_they_are_meant(
    hearing: Hearing, folder: Path, client: FlaskClient
) -> None:
    lively(hearing)
    made = hearing.report(folder)
    service.publish(hearing.tx, hearing.officer, made.view)
    told = made.everything | {"page": client.get(f"/c/{hearing.row.slug}/report").text}
    assert not [(name, word) for name, text in told.items() for word in RENAMED if word in text]
    for name in ("report.html", "report.xlsx", "page"):
        for word in ("ปิดคำบางส่วน", "ตอบช้า (รวมอยู่ในตอบแล้ว)", "เวทีประชุม"):
            assert word in told[name] or (name, word) == ("page", "เวทีประชุม"), (name, word)
    assert "รหัสตรวจว่าไฟล์ไม่ถูกแก้ (SHA-256)" in told["page"]
    assert "คำอธิบายหัวตาราง" in told["page"]
