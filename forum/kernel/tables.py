"""The one door to tables of text, in both directions: CSV and XLSX as people send them, and as they are handed out.

Reading is bounded before it begins: by bytes, by what a zip says it unpacks to, and by how many XML tags that holds.
"""

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from xml.etree.ElementTree import ParseError

from forum.kernel import clock
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T, Text

MOST_BYTES = 2 * 1024 * 1024
MOST_COLUMNS = 100
LONGEST_CELL = 32_767
_MOST_UNPACKED = 30 * 1024 * 1024
_MOST_MEMBERS = 1000
_MOST_TAGS = 600_000
_MOST_OTHER_TAGS = 60_000
_NAMED_CELLS = 10
_SAMPLE = 30

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CONTENTS = re.compile(r"xl/(?:worksheets/[^/]+|sharedStrings)\.xml")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_RUNS = ("=", "+", "-", "@", "\t", "\r")
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, ParseError, EOFError, OSError, ArithmeticError, AssertionError)
_UNREADABLE = (*_BROKEN_ARCHIVE, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What openpyxl and the readers below it raise for files that are no workbook, or a broken one."""

_HOW = T("เปิดไฟล์ใน Excel หรือ Google Sheets แล้วบันทึกใหม่เป็น .xlsx หรือ .csv")
_NO_TABLE = T("ไฟล์นี้ไม่ใช่ตาราง ส่งได้เฉพาะไฟล์ .csv และ .xlsx")
_BROKEN = T("ไฟล์นี้เสียหรืออ่านไม่ได้ %(how)s", how=_HOW)
_TOO_MUCH = T("ไฟล์นี้มีของข้างในมากเกินไป คัดลอกเฉพาะตารางไปไว้ในไฟล์ใหม่ แล้วส่งไฟล์นั้น")

Cell = str | int | float | date | None


class TooLong(Invalid):
    """A table of more rows than were asked for."""


def read_table(data: bytes, filename: str, *, most_rows: int) -> list[list[str]]:
    """The rows of a CSV or XLSX file as text, told apart by what is in it; `filename` is not believed.

    A row ends with its last filled cell and the table with its last filled row; an empty row between others stays,
    so that row n of the file is entry n - 1. Raises `Invalid` under `file`, in words that say what to do.
    """
    if not data.strip():
        raise _refused(T("ไฟล์นี้ว่าง เลือกไฟล์ที่มีตารางอยู่"))
    if len(data) > MOST_BYTES:
        raise _refused(T("ไฟล์ใหญ่เกิน 2 MB แบ่งเป็นหลายไฟล์แล้วส่งทีละไฟล์"))
    if data.startswith(_OLE):
        raise _refused(_locked_or_old(data))
    rows = _xlsx_rows(data, most_rows) if data.startswith(_ZIP) else _kept(_csv_records(_decoded(data)), most_rows)
    if not rows:
        raise _refused(T("ไฟล์นี้ไม่มีข้อมูลสักแถว เลือกไฟล์ที่มีตารางอยู่ในแผ่นแรก"))
    return rows


def _refused(message: Text) -> Invalid:
    return Invalid({"file": message})


def _kept(rows: Iterable[list[str]], most_rows: int) -> list[list[str]]:
    """The rows without what is empty at their ends; refuses too many before they are all in memory."""
    kept: list[list[str]] = []
    for n, row in enumerate(rows):
        while row and not row[-1].strip():
            row.pop()
        if not row:
            continue
        if n >= most_rows:
            raise TooLong({"file": T("ตารางยาวเกิน %(n)s แถว แบ่งเป็นหลายไฟล์แล้วส่งทีละไฟล์", n=f"{most_rows:,}")})
        if len(row) > MOST_COLUMNS:
            raise _refused(T("แถวที่ %(row)s มีเกิน %(n)s คอลัมน์ เอาคอลัมน์ที่ไม่ใช้ออกก่อน", row=n + 1, n=MOST_COLUMNS))
        kept.extend([] for _ in range(n - len(kept)))
        kept.append(row)
    return kept


# CSV


def _decoded(data: bytes) -> str:
    """Text in UTF-8 or, where it is none, in the one-byte Thai of older Windows; refuses what is no text."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp874")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROLS.search(text) or text.lstrip().startswith(("<", "%PDF-", "{\\rtf")):
            break
        return text
    raise _refused(_NO_TABLE)


def _csv_records(text: str) -> Iterator[list[str]]:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    read = 0
    try:
        for record in records:
            read += 1
            yield [cell.replace("\r\n", "\n") for cell in record]
    except csv.Error as error:
        wrong = T('อ่านแถวที่ %(row)s ไม่ได้ เครื่องหมายคำพูด (") ไม่ครบคู่ หรือมีช่องที่ยาวเกินไป %(how)s', row=read + 1, how=_HOW)
        raise _refused(wrong) from error


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab: the one that cuts the first rows into several cells, and into as many each."""
    return max((",", ";", "\t"), key=lambda mark: _evenness(text, mark))


def _evenness(text: str, mark: str) -> tuple[int, int]:
    widths: list[int] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=mark):
            widths += [len(record)] if record else []
            if len(widths) == _SAMPLE:
                break
    except csv.Error:
        pass
    if not widths or widths[0] < 2:
        return 0, 0
    return widths.count(widths[0]), widths[0]


# XLSX


def _locked_or_old(data: bytes) -> Text:
    """Excel locks a workbook with a password into the same container that its files before 2007 were."""
    if _ENCRYPTED in data:
        return T("ไฟล์นี้ล็อกด้วยรหัสผ่าน เอารหัสผ่านออกแล้วบันทึกใหม่ก่อนส่ง")
    return T("ไฟล์นี้เป็นแบบเก่าที่อ่านไม่ได้ %(how)s", how=_HOW)


def _xlsx_rows(data: bytes, most_rows: int) -> list[list[str]]:
    try:
        _check_archive(data)
        # openpyxl warns of pictures, filters and styles that it leaves out; a table needs none of them.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _sheet_rows(data, most_rows)
    except _UNREADABLE as error:
        raise _refused(_BROKEN) from error


def _check_archive(data: bytes) -> None:
    """Refuses an archive that is no workbook, is locked, or would unpack to more than a table needs."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if any(member.flag_bits & 1 for member in members):
            raise _refused(T("ไฟล์นี้ล็อกด้วยรหัสผ่าน เอารหัสผ่านออกแล้วบันทึกใหม่ก่อนส่ง"))
        if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _MOST_UNPACKED:
            raise _refused(_TOO_MUCH)
        if "xl/workbook.xml" not in archive.namelist():
            raise _refused(_NO_TABLE)
        tags = others = 0
        for member in members:
            found = archive.read(member).count(b"<")
            tags += found
            others += 0 if _CONTENTS.fullmatch(member.filename) else found
    if tags > _MOST_TAGS or others > _MOST_OTHER_TAGS:
        raise _refused(_TOO_MUCH)


def _sheet_rows(data: bytes, most_rows: int) -> list[list[str]]:
    """The first sheet that is not hidden; every formula and every error in it is named at once."""
    # Half a second of import that only those who send a workbook should wait for.
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    sheet = next((s for s in book.worksheets if s.sheet_state == "visible"), None)
    if sheet is None:
        raise _refused(_NO_TABLE)
    sheet.reset_dimensions()  # some programs write the size of the table wrongly
    wrong: list[str] = []
    rows = _kept(([_cell_text(cell, wrong) for cell in row] for row in sheet.iter_rows()), most_rows)
    if wrong:
        rest = len(wrong) - _NAMED_CELLS
        shown = ", ".join(wrong[:_NAMED_CELLS]) + (f" +{rest}" if rest > 0 else "")
        raise _refused(T("มีสูตรหรือค่าผิดพลาดที่ %(cells)s คัดลอกแล้ววางเป็นค่า (Paste values) ก่อนส่ง", cells=shown))
    return rows


def _cell_text(cell: Any, wrong: list[str]) -> str:
    if cell.value is None:
        return ""
    if cell.data_type in ("f", "e"):
        wrong.append(str(T("แถว %(row)s คอลัมน์ %(column)s", row=cell.row, column=cell.column_letter)))
        return "?"
    return _plain(cell.value)


def _plain(value: Any) -> str:
    """A cell's value as text: ISO 8601 for days and hours, a number as it is written by hand."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).replace("_x000D_", "").replace("\r\n", "\n")


# Writing


def csv_rows(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """CSV as spreadsheets open it, a piece a row: UTF-8 with its mark first, and nothing in it that they run."""
    yield "\ufeff"
    for row in rows:
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator="\r\n").writerow([_harmless(cell) for cell in row])
        yield line.getvalue()


def _harmless(cell: Cell) -> str:
    text = _text_of(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_RUNS) else text


def _text_of(cell: Cell) -> str:
    return "" if cell is None else _CONTROLS.sub("", cell if isinstance(cell, str) else _plain(cell))


class Sheet:
    """One sheet, written from its first row to its last; a row that is written leaves memory."""

    def __init__(self, sheet: Any, headers: Sequence[str], bold: Any):
        self._sheet, self._row = sheet, 0
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(headers) - 1, 0), 20)
        self._put(headers, bold)

    def write(self, row: Sequence[Cell]) -> None:
        """The next row; text stays text whatever it looks like, and is cut with a mark where no cell holds more."""
        self._put(row)

    def _put(self, row: Sequence[Cell], form: Any = None) -> None:
        for column, cell in enumerate(row):
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                failed = self._sheet.write_number(self._row, column, cell, form)
            else:
                failed = self._sheet.write_string(self._row, column, _fitting(_text_of(cell)), form)
            if failed:
                raise ValueError(f"no cell at row {self._row + 1}, column {column + 1}")
        self._row += 1


def _fitting(text: str) -> str:
    """Cut to what a cell holds, counted as spreadsheets do, in units of UTF-16."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return text
    mark = f" … ({T('ตัดที่ %(n)s ตัวอักษร', n=f'{LONGEST_CELL:,}')})"
    return units[: 2 * (LONGEST_CELL - len(mark))].decode("utf-16-le", "ignore") + mark


class Workbook:
    """A workbook on disk in memory that does not grow with it; leaving by an error leaves no file behind."""

    def __init__(self, path: Path):
        from xlsxwriter import Workbook as Written

        self._path = path
        as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._book = Written(str(path), {"constant_memory": True, **as_text})
        self._book.set_properties({"created": clock.now()})
        self._bold = self._book.add_format({"bold": True})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._book.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def sheet(self, name: str, headers: Sequence[str]) -> Sheet:
        """A new sheet with its headings; of the name only what a sheet's name may hold."""
        allowed = re.sub(r"[\[\]:*?/\\]", " ", name).strip(" '")[:31]
        return Sheet(self._book.add_worksheet(allowed or None), headers, self._bold)
