"""Tables that people send, whole, odd and hostile, and those that are handed out."""

import contextlib
import csv
import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from forum.kernel.errors import Invalid
from forum.kernel.tables import LONGEST_CELL, MOST_BYTES, Workbook, csv_rows, read_table

HEAD = ["ช่องทาง", "วันที่รับ", "ความเห็น"]


def read(data: bytes | str, name: str = "sheet.csv", most: int = 300) -> list[list[str]]:
    return read_table(data.encode() if isinstance(data, str) else data, name, most_rows=most)


def refused(data: bytes | str, name: str = "sheet.csv", most: int = 300) -> str:
    with pytest.raises(Invalid) as caught:
        read(data, name, most)
    assert list(caught.value.errors) == ["file"]
    return str(caught.value.errors["file"])


def xlsx(*rows: list[Any], shape: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if shape:
        shape(book)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def repacked(data: bytes, **changed: bytes) -> bytes:
    """The archive with members of other contents; `sheet`, `strings` and `styles` name them."""
    paths = {"sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml", "styles": "xl/styles.xml"}
    new, kept = {paths[name]: text for name, text in changed.items()}, io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        for member in {*old.namelist(), *new}:
            made.writestr(member, new.get(member) or (b"" if member in new else old.read(member)))
    return kept.getvalue()


# Reading CSV


def test_a_csv_in_utf8_is_read_with_its_mark_and_without() -> None:
    assert read("ก,ข\r\n1,2\r\n") == read("\ufeffก,ข\r\n1,2\r\n") == [["ก", "ข"], ["1", "2"]]


def test_thai_of_older_windows_is_read() -> None:
    text = "ช่องทาง,ความเห็น\r\nกระดาษ,ขอทางเดินกว้าง ๓ เมตร น้ำท่วมถึงเข่า “ทุกปี”\r\n"
    assert read(text.encode("cp874")) == read(text.encode("utf-8"))


def test_the_unicode_text_that_excel_saves_is_read() -> None:
    assert read("ก\tข\r\n1\t2\r\n".encode("utf-16")) == [["ก", "ข"], ["1", "2"]]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_comma_semicolon_and_tab_part_the_cells(mark: str) -> None:
    rows = [HEAD, ["กระดาษ", "2026-11-22", "กว้าง 3 เมตร, มีไฟ; มีราว"], ["โทร", "2026-11-23", "ไม่เอา"]]
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=mark).writerows(rows)
    assert read(written.getvalue()) == rows


def test_commas_in_the_text_of_a_table_with_one_column_do_not_part_it_where_its_first_row_has_none() -> None:
    assert read("ความเห็น\nกว้าง; มีไฟ\n")[0] == ["ความเห็น"]


def test_a_newline_inside_quotes_stays_in_its_cell() -> None:
    assert read('ก,ข\r\n"บรรทัดหนึ่ง\r\nบรรทัดสอง",2\r\n') == [["ก", "ข"], ["บรรทัดหนึ่ง\nบรรทัดสอง", "2"]]


def test_rows_keep_their_own_lengths_and_lose_only_empty_ends() -> None:
    assert read("ก,ข,ค\n1\n1,2,3,4\n,2,,\n,,,\n\n \n") == [["ก", "ข", "ค"], ["1"], ["1", "2", "3", "4"], ["", "2"]]


def test_an_empty_row_between_others_keeps_the_numbers_of_those_after_it() -> None:
    assert read("ก,ข\n\n,\n1,2\n") == [["ก", "ข"], [], [], ["1", "2"]]


def test_what_was_typed_stays_as_typed() -> None:
    assert read("ใบที่,เบอร์,ความเห็น\n๐๐๑๒,0812345678, =1+1 \n") == [
        ["ใบที่", "เบอร์", "ความเห็น"],
        ["๐๐๑๒", "0812345678", " =1+1 "],
    ]


def test_a_formula_in_a_csv_is_text_and_is_never_worked_out() -> None:
    assert read('ก,ข\n=1+1,"=HYPERLINK(""http://x"",""y"")"\n')[1] == ["=1+1", '=HYPERLINK("http://x","y")']


def test_a_quote_that_does_not_end_is_refused_with_its_row() -> None:
    assert "แถวที่ 3" in refused('ก,ข\n1,2\n3,"ไม่จบ\n4,5\n')


def test_a_cell_longer_than_any_text_is_refused_with_its_row() -> None:
    assert "แถวที่ 2" in refused(f"ก,ข\n{'ย' * 200_000},1\n")


# Reading XLSX


def test_a_workbook_says_days_numbers_and_truths_as_people_write_them() -> None:
    half_past_nine = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001  a cell knows no zone
    row = [date(2026, 11, 22), half_past_nine, 12.0, 3, 2.5, 1e9, True, None, "๑๒", 0.1 + 0.2]
    assert read(xlsx(["ก"] * 10, row), "a.xlsx")[1] == [
        "2026-11-22",
        "2026-11-22 09:30:00",
        "12",
        "3",
        "2.5",
        "1000000000",
        "TRUE",
        "",
        "๑๒",
        "0.3",
    ]


def test_a_workbook_that_keeps_its_texts_apart_is_read() -> None:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept) as book:
        book.add_worksheet().write_row(0, 0, ["ก", "น้ำ\nกำ", "ก"])
    assert "xl/sharedStrings.xml" in zipfile.ZipFile(kept).namelist()
    assert read(kept.getvalue()) == [["ก", "น้ำ\nกำ", "ก"]]


def test_a_name_does_not_decide_what_a_file_is() -> None:
    assert read("ก,ข\n1,2\n", "table.xlsx") == read(xlsx(["ก", "ข"], [1, 2]), "table.csv") == [["ก", "ข"], ["1", "2"]]


def test_a_formula_in_a_workbook_is_refused_with_its_row_and_column() -> None:
    told = refused(xlsx(["ก", "ข"], ["1", "=SUM(1,2)"]))
    assert "แถว 2 คอลัมน์ B" in told
    assert "วางเป็นค่า" in told


def test_every_broken_cell_is_named_at_once_and_nothing_is_read() -> None:
    rows = [["ก", "ข", "ค"]] + [[str(n), "ดี", "ดี"] for n in range(2, 302)]
    rows[1][1], rows[99][2], rows[300][0] = "=1+1", "#REF!", "=NOW()"
    told = refused(xlsx(*rows), most=400)
    assert all(where in told for where in ("แถว 2 คอลัมน์ B", "แถว 100 คอลัมน์ C", "แถว 301 คอลัมน์ A"))


def test_of_very_many_broken_cells_only_the_first_are_named() -> None:
    told = refused(xlsx(*[["=1+1"] * 10 for _ in range(200)]))
    assert "+1990" in told
    assert len(told) < 500


def test_only_the_first_sheet_that_shows_is_read() -> None:
    def hide(book: Any) -> None:
        book.active.sheet_state = "hidden"
        book.create_sheet("ข้อมูล").append(["เห็น"])

    assert read(xlsx(["ซ่อน"], shape=hide)) == [["เห็น"]]


def test_a_table_whose_size_is_written_wrongly_is_read_whole() -> None:
    whole = xlsx(["ก", "ข"], ["1", "2"])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").replace(b'ref="A1:B2"', b'ref="A1"')
    assert read(repacked(whole, sheet=sheet)) == [["ก", "ข"], ["1", "2"]]


def test_formatting_far_below_a_table_does_not_make_it_long() -> None:
    def far(book: Any) -> None:
        book.active.cell(900_000, 1).number_format = "0.00"

    begun = time.perf_counter()
    assert read(xlsx(["ก"], ["1"], shape=far)) == [["ก"], ["1"]]
    assert time.perf_counter() - begun < 10


def test_a_day_no_calendar_has_is_a_broken_cell() -> None:
    def odd(book: Any) -> None:
        book.active["A2"] = 99999999
        book.active["A2"].number_format = "yyyy-mm-dd"

    assert "แถว 2 คอลัมน์ A" in refused(xlsx(["วันที่"], shape=odd))


# What is no table


@pytest.mark.parametrize("data", [b"", b"  \r\n ", b"\xef\xbb\xbf", b",,,\n,,,\n"])
def test_a_file_with_nothing_in_it_is_refused(data: bytes) -> None:
    assert "ว่าง" in refused(data) or "ไม่มีข้อมูล" in refused(data)


def test_an_empty_workbook_is_refused() -> None:
    assert "ไม่มีข้อมูล" in refused(xlsx())


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"%PDF-1.7\n1 0 obj",
        b"<html><table><tr><td>1</td></tr></table>",
        b"\xef\xbb\xbf <?xml version='1.0'?><a/>",
        b"{\\rtf1 a}",
        b"a,b\n1,\x00\n",
        b"\xff\xfe\x00\xd8\x00\x00",
        b"\xdb\xdc\xdd",
    ],
)
def test_what_is_no_table_is_refused_whatever_its_name(data: bytes) -> None:
    assert "ไม่ใช่ตาราง" in refused(data, "table.csv")


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "ไม่ใช่ตาราง" in refused(kept.getvalue(), "a.xlsx")


def test_an_old_workbook_is_refused_with_what_to_do() -> None:
    assert "แบบเก่า" in refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)


def test_a_locked_workbook_is_refused_with_what_to_do() -> None:
    whole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le")
    assert "รหัสผ่าน" in refused(whole)


def test_a_locked_archive_is_refused() -> None:
    whole = bytearray(xlsx(["ก"]))
    place = whole.index(b"PK\x01\x02")
    whole[place + 8] |= 1
    assert "รหัสผ่าน" in refused(bytes(whole))


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_half_a_workbook_is_refused(part: float) -> None:
    whole = xlsx(*[["ก", "ข"]] * 50)
    assert "เสีย" in refused(whole[: int(len(whole) * part)])


@pytest.mark.parametrize("sheet", [b"<worksheet", b"<a><b></a>", b"", b"\x00\x01", b"<worksheet/>"])
def test_a_workbook_whose_sheet_is_broken_is_refused(sheet: bytes) -> None:
    assert refused(repacked(xlsx(["ก"]), sheet=sheet))


def test_a_workbook_with_a_broken_member_is_refused() -> None:
    whole = bytearray(xlsx(["ก"]))
    place = whole.index(b"xl/worksheets/sheet1.xml") + 40
    whole[place : place + 8] = b"\xff" * 8
    assert "เสีย" in refused(bytes(whole))


# Bounds


def test_too_many_rows_are_refused_and_just_enough_are_not() -> None:
    lines = "ก,ข\n" + "1,2\n" * 299
    assert len(read(lines)) == 300
    assert "300 แถว" in refused(lines + "1,2\n")
    assert "3 แถว" in refused(xlsx(*[["ก"]] * 4), most=3)


def test_too_many_columns_are_refused_with_the_row() -> None:
    assert "แถวที่ 2" in refused("ก,ข\n" + "1," * 100 + "1\n")


def test_a_file_over_two_megabytes_is_refused() -> None:
    assert "2 MB" in refused(b"a,b\n" * (MOST_BYTES // 4 + 1))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    whole = repacked(xlsx(["ก"]), sheet=b"<worksheet>" + b" " * (40 * 1024 * 1024))
    assert len(whole) < MOST_BYTES
    tracemalloc.start()
    try:
        assert "มากเกินไป" in refused(whole)
        assert tracemalloc.get_traced_memory()[1] < 10 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    whole = bytearray(repacked(xlsx(["ก"]), sheet=b"<worksheet>" + b" " * (40 * 1024 * 1024)))
    place = whole.index(b"PK\x01\x02")
    while b"sheet1.xml" not in whole[place : place + 80]:
        place = whole.index(b"PK\x01\x02", place + 4)
    whole[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    assert "เสีย" in refused(bytes(whole))


@pytest.mark.parametrize(("name", "tag"), [("sheet", b"<c/>"), ("strings", b"<si><t/></si>"), ("styles", b"<xf/>")])
def test_a_workbook_of_very_many_tags_is_refused_before_it_is_read(name: str, tag: bytes) -> None:
    begun = time.perf_counter()
    assert "มากเกินไป" in refused(repacked(xlsx(["ก"]), **{name: b"<x>" + tag * 700_000 + b"</x>"}))
    assert time.perf_counter() - begun < 5


def test_entities_that_grow_are_refused() -> None:
    grown = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    sheet = b'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">' + grown + b"]><worksheet>&a9;</worksheet>"
    assert "เสีย" in refused(repacked(xlsx(["ก"]), sheet=sheet))


@pytest.mark.parametrize("text", [",", "\n", '"', ";", "\t", '""', '","', "ก\n", "ก,"])
def test_the_worst_text_is_read_or_refused_quickly(text: str) -> None:
    begun = time.perf_counter()
    refused(text * ((MOST_BYTES - 10) // len(text.encode())))
    assert time.perf_counter() - begun < 5


# Writing


def written(*rows: list[Any]) -> str:
    return "".join(csv_rows(rows))


def test_a_csv_begins_with_its_mark_and_ends_lines_as_spreadsheets_do() -> None:
    assert written(["ก", 1, 2.50, None, date(2026, 11, 22)]) == "\ufeffก,1,2.5,,2026-11-22\r\n"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(begin: str) -> None:
    (row,) = list(csv.reader(io.StringIO(written([f"{begin}1+1"]).removeprefix("\ufeff"), newline="")))
    assert row[0] == f"'{begin}1+1"


def test_a_number_below_nothing_stays_a_number_in_a_csv() -> None:
    assert written([-5, -0.5]) == "\ufeff-5,-0.5\r\n"


def test_quotes_commas_and_newlines_come_back_from_a_csv_as_they_were() -> None:
    row = ['เขาว่า "กว้าง"', "ก, ข", "หนึ่ง\nสอง"]
    assert read(written(row)) == [row]


def test_a_csv_is_handed_out_a_row_at_a_time() -> None:
    asked = []
    pieces = csv_rows([str(asked.append(n) or n)] for n in range(1000))  # type: ignore[func-returns-value]
    next(pieces)
    next(pieces)
    assert asked == [0]


def test_text_stays_text_in_a_workbook_whatever_it_looks_like(tmp_path: Path) -> None:
    odd = ["=1+1", "+1", "-1", "@a", "https://example.org", "007", "{=1}", "_x0041_", "๑๒", "", "mailto:a@b"]
    with Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.sheet("ความเห็น", [f"ช่อง {n}" for n in range(len(odd))])
        sheet.write(odd)
        sheet.write([1, 2.5, None, date(2026, 11, 22), -3])
    got = openpyxl.load_workbook(tmp_path / "a.xlsx")["ความเห็น"]
    cells = [got.cell(2, n + 1) for n in range(len(odd))]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}
    assert [cell.value or "" for cell in cells[:7]] == odd[:7]
    assert not any(cell.hyperlink for cell in cells)
    assert [got.cell(3, n).value or "" for n in range(1, 6)] == [1, 2.5, "", "2026-11-22", -3]
    assert got.freeze_panes == "A2"


def test_a_workbook_comes_back_through_the_same_door(tmp_path: Path) -> None:
    rows = [["กระดาษ", "หนึ่ง\nสอง", "ก,ข"], ["โทร", "น้ำท่วม 😀", "กำ"]]
    with Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.sheet("s", HEAD)
        for row in rows:
            sheet.write(row)
    assert read((tmp_path / "a.xlsx").read_bytes()) == [HEAD, *rows]


@pytest.mark.parametrize("letter", ["ก", "😀"])
def test_a_cell_longer_than_a_spreadsheet_holds_is_cut_with_a_mark(tmp_path: Path, letter: str) -> None:
    with Workbook(tmp_path / "a.xlsx") as book:
        book.sheet("s", ["ก"]).write([letter * 40_000])
    text = openpyxl.load_workbook(tmp_path / "a.xlsx").active.cell(2, 1).value
    assert len(text.encode("utf-16-le")) // 2 <= LONGEST_CELL
    assert text.startswith(letter * 1000)
    assert text.endswith("(ตัดที่ 32,767 ตัวอักษร)")


def test_controls_and_halves_of_letters_are_left_out(tmp_path: Path) -> None:
    odd = "ก\x00\x08\x0b\x1f\ud800ข\n\tค\uffff"
    with Workbook(tmp_path / "a.xlsx") as book:
        book.sheet("s", ["ก"]).write([odd])
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").active.cell(2, 1).value == "กข\n\tค"
    assert "กข\n\tค" in written([odd])


@pytest.mark.parametrize("name", ["a/b:c*d?e[f]g\\h", "'ก'", "ย" * 60, "", "   "])
def test_any_name_makes_a_sheet(tmp_path: Path, name: str) -> None:
    with Workbook(tmp_path / "a.xlsx") as book:
        book.sheet(name, ["ก"])
    assert len(openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames) == 1


def test_an_error_leaves_no_half_made_workbook(tmp_path: Path) -> None:
    with contextlib.suppress(ZeroDivisionError), Workbook(tmp_path / "a.xlsx") as book:
        book.sheet("s", ["ก"]).write([1 / 0])
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_of_20000_rows_is_written_in_memory_that_does_not_grow(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        with Workbook(tmp_path / "a.xlsx") as book:
            sheet = book.sheet("s", ["ก", "ข"])
            for n in range(20_000):
                sheet.write([n, "ความเห็น" * 20])
        assert tracemalloc.get_traced_memory()[1] < 15 * 1024 * 1024
    finally:
        tracemalloc.stop()
