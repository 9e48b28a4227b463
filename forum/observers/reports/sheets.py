"""A report as tables: what each row of the CSV, the workbook and the codebook holds."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from forum.core.consultations.models import Phase
from forum.core.consultations.plans import ToldChange
from forum.core.consultations.tallies import Count
from forum.kernel import dates
from forum.kernel.site import site
from forum.kernel.tables import Cell, Sheet, Workbook, csv_rows
from forum.observers.reports import words
from forum.observers.reports.facts import Facts
from forum.observers.reports.heard import Said

Row = list[Cell]
SHEETS = ("สรุป", "ตัวเลข", "ข้อเสนอและคำตอบ", "การเปลี่ยนแปลง", "คำอธิบายหัวตาราง")
_CHANGES = ("วันที่", "อะไร", "ก่อนแก้", "หลังแก้", "เหตุผล", "อนุมัติโดย")
_CODES = ("หัวตาราง CSV", "หัวตาราง Excel", "ค่า", "ความหมาย")


def write_all(folder: Path, facts: Facts, heard: Iterable[Said]) -> None:
    """Writes the workbook and both CSV files while `heard` goes by once."""
    with Workbook(folder / "report.xlsx") as book:
        _fill(book.sheet(SHEETS[0], ("เรื่อง", "ข้อมูล")), summary(facts))
        _fill(book.sheet(SHEETS[1], ("ทางที่ได้รับ", *words.COUNTED.values())), numbers(facts))
        sheet = book.sheet(SHEETS[2], [label for _name, label, _note in words.VARIABLES])
        _write_csv(folder / "contributions.csv", _coded(heard, sheet))
        _fill(book.sheet(SHEETS[3], _CHANGES), map(change, facts.changes))
        _fill(book.sheet(SHEETS[4], _CODES), codebook())
    _write_csv(folder / "codebook.csv", [list(_CODES), *codebook()])


def _fill(sheet: Sheet, rows: Iterable[Row]) -> None:
    for row in rows:
        sheet.write(row)


def _write_csv(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_rows(rows))


def _coded(heard: Iterable[Said], sheet: Sheet) -> Iterator[Row]:
    """Rows of the CSV; each goes into the workbook in words on its way."""
    yield [name for name, _label, _note in words.VARIABLES]
    for said in heard:
        row = coded(said)
        sheet.write(in_words(row))
        yield row


def coded(said: Said) -> Row:
    """One contribution in codes, in the order of `words.VARIABLES`."""
    answer = said.answer
    given: Row = [answer.no, answer.disposition, answer.text, answer.on] if answer else [None, None, None, None]
    place: Row = [said.channel, said.kind, said.topic, said.stance, said.state]
    return [said.no, said.on, *place, said.text, said.answered, *given, said.replaced_on, said.progress]


_MEANINGS = [words.choices().get(name, {}) for name, _label, _note in words.VARIABLES]


def in_words(row: Row) -> Row:
    """The same row with words for codes."""
    return [
        meaning.get(cell, cell) if isinstance(cell, str) else cell for cell, meaning in zip(row, _MEANINGS, strict=True)
    ]


def numbers(facts: Facts) -> Iterator[Row]:
    """The numbers by channel and as a whole."""
    for name, label in words.channels().items():
        yield [label, *_counted(facts.count(name))]
    yield ["รวม", *_counted(facts.numbers.whole)]


def _counted(count: Count) -> list[int]:
    return [getattr(count, name) for name in words.COUNTED]


def change(told: ToldChange) -> Row:
    """One public change."""
    what = f"{words.CHANGE_WORDS.get(told.kind, told.kind)} {told.what if told.kind == 'changed' else ''}".strip()
    return [dates.in_bangkok(told.at).date(), what, told.before, told.after, told.reason, approval(told)]


def approval(told: ToldChange) -> str:
    """By what an office agreed to it."""
    if told.memo_no:
        return f"หนังสือเลขที่ {told.memo_no}" + (f" ลงวันที่ {dates.date_text(told.memo_date)}" if told.memo_date else "")
    return "เจ้าหน้าที่คนที่สองของหน่วยงาน" if told.second_member else ""


def codebook() -> Iterator[Row]:
    """What each column means, and each code in it."""
    for name, label, note in words.VARIABLES:
        if note:
            yield [name, label, "", note]
        for code, meaning in words.choices().get(name, {}).items():
            yield [name, label, code, meaning]


def summary(facts: Facts) -> Iterator[Row]:
    """The first sheet: what, who, when and how, and what an answer was."""
    brief, row = facts.full.brief, facts.full.row
    yield ["สรุปผลการรับฟังความเห็น", row.title]
    yield ["ฉบับที่", facts.no]
    yield ["จัดทำเมื่อ", dates.datetime_text(facts.at)]
    if facts.is_interim:
        yield ["สถานะ", "จัดทำระหว่างเปิดรับความเห็น ตัวเลขยังเปลี่ยนได้"]
    if brief.demo:
        yield ["ข้อมูลสมมติ", "ไม่ใช่การรับฟังความเห็นจริง"]
    yield ["หน่วยงานที่ถาม", brief.agency_name_th]
    yield ["ใครตัดสิน", row.decider]
    yield ["สรุปสั้น", row.summary]
    yield ["กฎหมายที่อ้าง", " ".join(filter(None, (row.legal_basis, row.law_url)))]
    yield ["เรื่องที่ถามเป็น", words.law(row.law_kind)]
    yield ["ประกาศครั้งแรก", _day(facts.first_told)]
    yield ["รับความเห็น", facts.window]
    yield ["ต้องตอบภายใน", _day(row.answer_by)]
    for code, n in facts.dispositions.items():
        yield [f"ผลต่อข้อเสนอ: {words.disposition(code)}", n]
    yield ["หมายเหตุ", limits()]


def _day(day: date | None) -> str:
    return dates.date_text(day) if day else ""


def limits() -> str:
    """What a report does not promise."""
    return f"ครบตามที่{site().name}กำหนด ไม่ใช่คำรับรองว่าถูกกฎหมาย"


def days(phase: Phase) -> str:
    """From when until when a phase was."""
    return dates.range_text(phase.starts_at, phase.ends_at)
