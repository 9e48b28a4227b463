"""Many voices at once: all are kept or none, whoever else keys meanwhile, by hand or from a file."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse, encode_multipart

from forum.admin.entries import files
from forum.commons.comments.entering import enter
from forum.commons.comments.forms import NewComment
from forum.commons.comments.models import Comment, Thread
from forum.commons.comments.queries import thread_by
from forum.core.entries import service
from forum.core.entries.models import Entry
from forum.core.entries.service import SheetsTaken
from forum.core.items.models import Item, Receipt
from forum.core.items.recount import recount
from forum.kernel import clock, dates, db, events, tables
from forum.kernel.events import Event
from tests.admin.entering import Counter, today
from tests.databases import at_once
from tests.factories import Make
from tests.security.shown import Shown


@pytest.fixture
def desk(app: Flask, make: Make, tx: Session) -> Counter:
    return Counter(app, make, tx)


@pytest.fixture
def two_topics(app: Flask, make: Make, tx: Session) -> Counter:
    return Counter(app, make, tx, titles=("ทางเดิน", "ราวกันตก"))


def send_file(desk: Counter, data: bytes, name: str = "ใบ.csv", **typed: str) -> TestResponse:
    return desk.post("/grid", {"more": "file", "file": (io.BytesIO(data), name), **typed})


def boxes(desk: Counter, answer: TestResponse) -> dict[str, str]:
    """What a browser would send of the grid that is shown."""
    (form,) = [found for path, found in Shown(answer.text).forms.items() if path == f"{desk.path}/grid"]
    return {name: values[0] for name, values in form.items() if name not in ("csrf_token", "more", "file")}


def rows_of(shown: dict[str, str], column: str) -> list[str]:
    named = sorted(
        (int(m[1]), value) for name, value in shown.items() if (m := re.fullmatch(rf"rows\.(\d+)\.{column}", name))
    )
    return [value for _n, value in named]


def table(*rows: str, heads: str = "เลขที่ใบ,ข้อความ,วันที่ได้รับ,ช่องทาง") -> str:
    return "\r\n".join([heads, *rows])


def many(n: int, **wrong: str) -> str:
    """A table of so many rows, with others in the place of some."""
    good = [f"{i},ความเห็นที่ {i},{today()},ใบกระดาษ" for i in range(1, n + 1)]
    for at, row in wrong.items():
        good[int(at[1:]) - 1] = row
    return table(*good)


def test_rows_are_kept_in_their_order_and_each_has_a_receipt(desk: Counter, app: Flask) -> None:
    answer = desk.post("/grid", desk.grid({"body": "หนึ่ง", "sheet": "5"}, {}, {"body": "สอง", "channel": "phone"}))
    assert answer.status_code == 200
    assert desk.comments() == 2
    said = desk.tx.execute(
        select(Comment.no, Comment.seq, Comment.body, Item.channel)
        .join(Item, Item.id == Comment.item_id)
        .order_by(Comment.no)
    ).all()
    assert [tuple(row) for row in said] == [(1, 1, "หนึ่ง", "paper"), (2, 2, "สอง", "phone")]
    codes = re.findall(r"สล-[0-9A-Z]{4}-[0-9A-Z]{4}", answer.text)
    assert len(codes) == 2
    for code in codes:
        assert app.test_client().get(f"/r/{code}").status_code == 200


def test_numbers_events_counts_and_watchers_are_right_after_three_hundred(two_topics: Counter) -> None:
    desk = two_topics
    rows = [{"body": f"ใบ {n}", "sheet": str(n), "topic": desk.threads[n % 2], "stance": "for"} for n in range(300)]
    assert desk.post("/grid", desk.grid(*rows)).status_code == 200
    for thread in desk.tx.execute(select(Thread)).scalars():
        said = (
            desk.tx.execute(select(Comment).where(Comment.thread_id == thread.item_id).order_by(Comment.no))
            .scalars()
            .all()
        )
        assert [c.no for c in said] == [c.seq for c in said] == list(range(1, 151))
        assert (thread.comments, thread.numbers, thread.spread) == (150, 150, {"paper": {"for": 150}})
        assert events.current_seq(desk.tx, thread.stream_id) == 150
        told = (
            desk.tx.execute(select(Event).where(Event.stream_id == thread.stream_id).order_by(Event.id)).scalars().all()
        )
        assert [(e.name, e.seq, e.subject_id) for e in told] == [
            *(("comment.posted", c.seq, c.item_id) for c in said), ("thread.counts", None, thread.item_id)]  # fmt: skip
    assert desk.numbers()["channels"]["paper"]["received"] == 300
    assert recount(desk.tx) == 0
    assert len(desk.tx.execute(select(Receipt)).all()) == 300
    caught = desk.app.test_client().get(f"/api/v1/threads/{desk.threads[0]}/comments?since_seq=100").json
    assert [c["seq"] for c in caught["items"]] == list(range(101, 151))


def test_any_wrong_row_keeps_all_out_and_everything_typed_is_still_there(desk: Counter) -> None:
    typed = desk.grid(
        {"body": "ดี", "sheet": "1"},
        {"body": " ", "sheet": "2"},
        {"body": "ดี", "on": "31/6/2569"},
        {"body": "x", "channel": "fax"},
    )
    answer = desk.post("/grid", typed)
    assert answer.status_code == 422
    assert Shown(answer.text).mistakes == {
        "rows.1.body": "แถว 2: ยังไม่มีข้อความ พิมพ์ก่อนส่ง",
        "rows.2.on": "แถว 3: ไม่มีวันนี้ในปฏิทิน",
        "rows.3.channel": "แถว 4: ไม่รู้จักช่องทาง “fax” เลือกช่องทางจากรายการในแถวนี้",
    }
    assert desk.comments() == 0
    shown = boxes(desk, answer)
    assert {name: shown[name] for name in typed} == typed


def test_more_rows_are_asked_for_without_a_script_and_never_too_many(desk: Counter) -> None:
    typed = desk.grid({"body": "ที่พิมพ์ไว้"})
    answer = desk.post("/grid", typed | {"more": "rows"})
    assert answer.status_code == 200
    assert len(rows_of(boxes(desk, answer), "body")) == 11
    assert "ที่พิมพ์ไว้" in answer.text
    full = {f"rows.{n}.body": "" for n in range(495)}
    assert len(rows_of(boxes(desk, desk.post("/grid", full | {"more": "rows"})), "body")) == 500
    assert "เพิ่มอีก 10 แถว" not in desk.post("/grid", {f"rows.{n}.body": "" for n in range(500)} | {"more": "rows"}).text
    assert len(rows_of(boxes(desk, desk.post("/grid", {"rows.999.body": "x", "rows.99999.body": "x"})), "body")) == 500
    assert desk.comments() == 0


def test_an_empty_grid_says_so(desk: Counter) -> None:
    answer = desk.post("/grid", desk.grid({}, {}))
    assert Shown(answer.text).mistakes == {"rows.0.body": "ยังไม่มีข้อความสักแถว"}


def test_a_grid_sent_twice_is_kept_once_and_says_so(desk: Counter) -> None:
    token = desk.token(desk.client, f"{desk.path}/grid")
    typed = desk.grid({"body": "หนึ่ง", "sheet": "1"}, {"body": "สอง"}) | {"csrf_token": token}
    assert desk.client.post(f"{desk.path}/grid", data=typed).status_code == 200
    again = desk.client.post(f"{desk.path}/grid", data=typed)
    assert again.status_code == 303
    assert "ไม่ได้เก็บซ้ำ" in desk.client.get(again.headers["Location"]).text
    assert desk.comments() == 2


def test_numbers_told_in_rows_are_asked_about_together(desk: Counter) -> None:
    typed = desk.grid({"body": "โทร 0812345678"}, {"body": "ดี"}, {"body": "0 2345 6789"})
    answer = desk.post("/grid", typed)
    assert Shown(answer.text).mistakes["sure"].startswith("แถว 1, 3:")
    assert desk.post("/grid", typed | {"sure": "1"}).status_code == 200


def test_a_sheet_twice_in_the_rows_and_one_keyed_before_are_named_by_row(desk: Counter) -> None:
    desk.post("/new", desk.one(sheet="3"))
    rows = [{"body": "ก", "sheet": "1"}, {"body": "ข", "sheet": "๐๑"}, {"body": "ค", "sheet": "3"}]
    both = desk.post("/grid", desk.grid(*rows))
    assert both.status_code == 422
    assert Shown(both.text).mistakes == {
        "rows.1.sheet": "แถว 2: เลขที่ใบซ้ำกับแถว 1",
        "rows.2.sheet": "แถว 3: ใบเลขที่ 3 มีคนพิมพ์เข้าระบบแล้ว",
    }
    rows[1]["sheet"] = "2"
    taken = desk.post("/grid", desk.grid(*rows))
    assert taken.status_code == 409
    assert Shown(taken.text).mistakes == {"rows.2.sheet": "แถว 3: ใบเลขที่ 3 มีคนพิมพ์เข้าระบบแล้ว"}
    assert desk.comments() == 1


def test_a_printed_sheet_in_the_grid_keeps_its_stubs_code(desk: Counter, app: Flask) -> None:
    made = service.print_sheets(desk.tx, desk.make.actor(desk.officer), desk.row, 2)
    answer = desk.post(
        "/grid", desk.grid(*({"body": f"ใบ {n}", "sheet": str(n)} for n, _code in made), {"body": "ไม่มีใบ"})
    )
    assert answer.text.count("อยู่บนส่วนฉีก") == 2
    for n, code in made:
        assert f"ใบ {n}" in app.test_client().get(f"/r/{code}").text
        assert code not in answer.text


def test_the_shared_values_hold_for_rows_that_leave_them_empty(two_topics: Counter) -> None:
    desk = two_topics
    rows = [{"body": "ก"}, {"body": "ข", "topic": "  ทางเดิน ", "channel": "letter"}]
    assert desk.post("/grid", desk.grid(*rows, topic="ราวกันตก", channel="hall")).status_code == 200
    kept = desk.tx.execute(
        select(Thread.title, Item.channel)
        .join(Comment, Comment.thread_id == Thread.item_id)
        .join(Item, Item.id == Comment.item_id)
        .order_by(Comment.body)
    ).all()
    assert [tuple(row) for row in kept] == [("ราวกันตก", "hall"), ("ทางเดิน", "letter")]
    none = desk.post("/grid", desk.grid({"body": "ค"}))
    assert Shown(none.text).mistakes == {"rows.0.topic": "แถว 1: เลือกหัวข้อ"}


def test_the_grid_takes_more_than_other_pages_from_officers_alone(desk: Counter, make: Make) -> None:
    typed = desk.grid(*({"body": f"{n}{'ก' * 4000}"} for n in range(60)))
    citizen = desk.browser(make.user())
    for client, expected in ((citizen, (403, 413)), (desk.client, (200,))):
        token = desk.token(client, "/account" if client is citizen else f"{desk.path}/grid")
        boundary, body = encode_multipart(typed | {"csrf_token": token})
        sent = {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}
        assert client.post(f"{desk.path}/grid", **sent).status_code in expected


# files


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp874", "utf-16"], ids=["plain", "with its mark", "Windows-874", "UTF-16"]
)
def test_a_csv_is_put_into_the_grid_whatever_it_is_written_in(desk: Counter, encoding: str) -> None:
    answer = send_file(desk, many(3).encode(encoding))
    assert answer.status_code == 200, Shown(answer.text).mistakes
    assert desk.comments() == 0
    shown = boxes(desk, answer)
    assert rows_of(shown, "body") == ["ความเห็นที่ 1", "ความเห็นที่ 2", "ความเห็นที่ 3"]
    assert rows_of(shown, "channel") == ["paper"] * 3
    assert desk.post("/grid", shown).status_code == 200
    assert desk.comments() == 3


def test_headings_are_known_in_both_languages_and_in_any_order_and_others_are_named(desk: Counter) -> None:
    sent = table(f"ชื่อคน,phone,ขอราวจับ,{today()},เห็นด้วย,9", heads="ชื่อ,Channel,WORDS,Date received,stance,Sheet number")
    answer = send_file(desk, sent.encode())
    assert answer.status_code == 200
    shown = boxes(desk, answer)
    assert {n: v for n, v in shown.items() if n.startswith("rows.")} == {
        "rows.0.channel": "phone", "rows.0.on": today(), "rows.0.sheet": "9", "rows.0.body": "ขอราวจับ",
        "rows.0.stance": "for",
    }  # fmt: skip
    assert "ช่องที่ไม่ได้ใช้:" in answer.text
    assert "ชื่อคน" not in answer.text


DAY = dates.in_bangkok(clock.now()).date()


@pytest.mark.parametrize(
    "written",
    [
        f"{DAY.day}/{DAY.month}/{DAY.year + 543}",
        f"{DAY.day}/{DAY.month}/{DAY.year}",
        f"{dates.date_text(DAY)}",
        f"{dates.date_text(DAY, 'en')}",
        DAY.isoformat(),
        f"{DAY.isoformat()} 09:30:00",
        f"{DAY.day}/{DAY.month}/{DAY.year + 543}".translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")),
    ],
)
def test_a_day_may_be_written_as_people_do(desk: Counter, written: str) -> None:
    assert desk.post("/grid", desk.grid({"body": "ก", "on": written}, on="")).status_code == 200
    assert desk.tx.execute(select(Comment.received_on)).scalar_one() == DAY


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (f"{DAY.year + 543}-{DAY.month:02}-{DAY.day:02}", "ปีกับศักราชไม่ตรงกัน"),
        (f"{DAY.day} พ.ย. พ.ศ. {DAY.year}", "ปีกับศักราชไม่ตรงกัน"),
        (f"{DAY.day}/{DAY.month}/69", "ปีต้องเป็นเลข 4 หลัก"),
        (f"{DAY.day}/{DAY.month}/{DAY.year + 1086}", "ปีต้องเป็นเลข 4 หลัก"),
        ("11/22/2569", "เดือนต้องเป็น 1 ถึง 12"),
        ("46000", "เขียนวันที่แบบ 22/11/2569"),
        ("เมื่อวาน", "เขียนวันที่แบบ 22/11/2569"),
        (f"{DAY.day}/{DAY.month}/{DAY.year + 544}", "วันที่ได้รับต้องไม่เกินวันนี้"),
    ],
)
def test_a_day_that_mixes_years_up_is_refused_clearly(desk: Counter, written: str, why: str) -> None:
    answer = desk.post("/grid", desk.grid({"body": "ก", "on": written}, on=""))
    assert why in Shown(answer.text).mistakes["rows.0.on"]
    assert desk.comments() == 0


def test_three_bad_rows_in_three_hundred_are_each_named_and_none_is_kept(desk: Counter) -> None:
    bad = {"r7": f"7,,{today()},ใบกระดาษ", "r150": "150,ดี,1/1/2569,ใบกระดาษ", "r299": f"299,ดี,{today()},แฟกซ์"}
    answer = send_file(desk, many(300, **bad).encode())
    assert answer.status_code == 422
    named = Shown(answer.text).mistakes
    assert [(name, said.split(":")[0]) for name, said in named.items()] == [
        ("rows.6.body", "แถว 7"), ("rows.149.on", "แถว 150"), ("rows.298.channel", "แถว 299"),
    ]  # fmt: skip
    shown = boxes(desk, answer)
    assert desk.post("/grid", shown).status_code == 422
    assert desk.comments() == 0
    mended = shown | {"rows.6.body": "อ่านออกแล้ว", "rows.149.on": today(), "rows.298.channel": "letter"}
    assert desk.post("/grid", mended).status_code == 200
    assert desk.comments() == 300


def test_the_day_that_the_grid_gives_as_an_example_is_one_that_it_takes(desk: Counter) -> None:
    page = desk.client.get(f"{desk.path}/grid").text
    example = re.findall(r"วันที่ได้รับ เช่น ([0-9/]+)", page)[0]
    assert desk.post("/grid", desk.grid({"body": "ขอทางลาด", "on": example})).status_code == 200
    assert desk.comments() == 1


def test_mistakes_are_listed_as_the_page_goes_from_the_top_whatever_found_them(two_topics: Counter) -> None:
    desk = two_topics
    desk.post("/new", desk.one(sheet="3"))
    same = {"topic": "ทางเดิน", "sheet": "1"}
    rows = [same | {"body": "0812345678"}, same | {"body": "ก"}, {"body": " ", "topic": "ไม่มี", "sheet": "3", "on": "x"}]
    rows += [{} for _ in range(8)] + [{"body": "ก", "topic": "ทางเดิน", "channel": "fax"}]
    named = list(Shown(desk.post("/grid", desk.grid(*rows)).text).mistakes)
    third = [f"rows.2.{column}" for column in ("on", "sheet", "topic", "body")]
    assert named == ["rows.1.sheet", *third, "rows.11.channel", "sure"]


def test_an_unknown_topic_is_named_and_stays_to_be_mended(two_topics: Counter) -> None:
    sent = table(f"ดี,{today()},โทร,ราวกันตก", f"ดี,{today()},โทร,สะพาน", heads="ข้อความ,วันที่,ช่องทาง,หัวข้อ")
    answer = send_file(two_topics, sent.encode())
    assert Shown(answer.text).mistakes == {"rows.1.topic": "แถว 2: ไม่มีหัวข้อ “สะพาน” ในเรื่องนี้"}
    assert rows_of(boxes(two_topics, answer), "topic") == ["ราวกันตก", "สะพาน"]


def test_text_that_looks_like_a_formula_is_text_in_a_csv(desk: Counter) -> None:
    formula = '=HYPERLINK(""http://evil.example"")'
    answer = send_file(desk, table(f'1,"{formula}",{today()},ใบกระดาษ').encode())
    assert answer.status_code == 200
    assert desk.post("/grid", boxes(desk, answer)).status_code == 200
    assert desk.tx.execute(select(Comment.body)).scalar_one() == formula.replace('""', '"')


def workbook(rows: list[list[Any]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEADS = ["ช่องทาง", "วันที่ได้รับ", "ข้อความ"]


def test_a_workbook_with_real_days_is_read_and_one_with_formulas_refused_by_row(desk: Counter) -> None:
    answer = send_file(desk, workbook([HEADS, ["ใบกระดาษ", DAY, "ขอราวจับ"]]), "ใบ.xlsx")
    assert answer.status_code == 200, Shown(answer.text).mistakes
    assert boxes(desk, answer)["rows.0.on"] == DAY.isoformat()
    wrong = send_file(desk, workbook([HEADS, ["ใบกระดาษ", DAY, "ดี"], ["ใบกระดาษ", DAY, "=1+1"]]), "ใบ.xlsx")
    assert wrong.status_code == 422
    assert "แถว 3 คอลัมน์ C" in Shown(wrong.text).mistakes["file"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "เลือกไฟล์ก่อน"),
        (b" \n ", "ไฟล์นี้ว่าง"),
        (b"%PDF-1.7 x", "ไม่ใช่ตาราง"),
        ("ก,ข\n1,2".encode(), "แถวแรกต้องเป็นหัวตาราง"),
        ("ข้อความ,วันที่\n".encode(), "ในไฟล์มีแต่หัวตาราง"),
        (many(501).encode(), "ในไฟล์มีข้อความ 501 แถว อ่านได้ครั้งละไม่เกิน 500 แถว ไม่นับหัวตาราง"),
        (many(2000).encode(), "ในไฟล์มีมากกว่า 2,000 แถว อ่านได้ครั้งละไม่เกิน 500 แถว"),
        (b"x" * (2 * 1024 * 1024 + 1), "ไฟล์ใหญ่เกิน 2 MB"),
    ],
)
def test_a_file_that_will_not_do_is_told_of_and_what_was_typed_stays(desk: Counter, data: bytes, said: str) -> None:
    answer = send_file(desk, data, "ใบ.csv" if data else "", **{"rows.0.body": "ที่พิมพ์ไว้"})
    assert answer.status_code == 422
    assert said in Shown(answer.text).mistakes["file"]
    assert rows_of(boxes(desk, answer), "body")[0] == "ที่พิมพ์ไว้"


def test_the_rows_of_a_file_come_below_those_that_were_typed(desk: Counter) -> None:
    answer = send_file(
        desk,
        many(2).encode(),
        **{"rows.0.body": "", "rows.1.body": "ที่พิมพ์ไว้", "rows.1.on": today(), "rows.1.channel": "phone"},
    )
    assert rows_of(boxes(desk, answer), "body") == ["ที่พิมพ์ไว้", "ความเห็นที่ 1", "ความเห็นที่ 2"]
    too_many = send_file(desk, many(500).encode(), **{"rows.0.body": "ก"})
    assert "รวมกันแล้วเกิน 500 แถว" in Shown(too_many.text).mistakes["file"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_sample_is_read_back_and_its_examples_are_never_kept(desk: Counter, kind: str, lang: str) -> None:
    sample = desk.client.get(f"{desk.path}/sample.{kind}?lang={lang}")
    assert "attachment" in sample.headers["Content-Disposition"]
    heads, *examples = tables.read_table(sample.data, "x", most_rows=9)
    assert (len(heads), len(examples)) == (6, 2)
    told = "".join(tables.csv_rows([heads, ["", "", "", "", "ก", ""]])).encode()
    assert files.read_file(told, "x.csv", [])[1] == [], "every heading of ours is known"
    answer = send_file(desk, sample.data, f"x.{kind}")
    assert "file" in Shown(answer.text).mistakes
    filled = [heads, *examples, [*examples[0][:4], "คำของคนจริง"]]
    answer = send_file(desk, "".join(tables.csv_rows(filled)).encode())
    assert rows_of(boxes(desk, answer), "body") == ["คำของคนจริง"]
    assert desk.client.get(f"{desk.path}/sample.exe").status_code == 303


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_headings_examples_and_empty_lines_of_a_file_count_for_no_row(desk: Counter, kind: str) -> None:
    sample = desk.client.get(f"{desk.path}/sample.csv").data
    heads, *examples = tables.read_table(sample, "x", most_rows=9)
    rows = [[*examples[0][:2], str(n), examples[0][3], f"คำที่ {n}"] for n in range(500)]
    filled = [heads, *examples, *rows[:250], [], [""], *rows[250:]]
    data = "".join(tables.csv_rows(filled)).encode() if kind == "csv" else workbook(filled)
    answer = send_file(desk, data, f"x.{kind}")
    assert answer.status_code == 200, Shown(answer.text).mistakes
    assert rows_of(boxes(desk, answer), "body") == [f"คำที่ {n}" for n in range(500)]


SCRIPT = "<script>alert(1)</script>"


def test_script_in_every_cell_and_heading_of_a_file_is_text(desk: Counter) -> None:
    answer = send_file(desk, table(",".join([SCRIPT] * 5), heads=f"ช่องทาง,วันที่,เลขที่ใบ,ข้อความ,{SCRIPT}").encode())
    assert answer.status_code == 422
    assert SCRIPT not in answer.text
    assert boxes(desk, answer)["rows.0.body"] == SCRIPT


# two at once


@pytest.mark.usefixtures("app")
def test_of_two_officers_who_key_the_same_sheet_at_once_one_is_told_and_keeps_nothing(own: db.Database) -> None:
    with own.transaction() as tx:
        make = Make(tx)
        agency = make.agency()
        row = make.consultation(agency)
        topics = [make.thread(row, title=title) for title in ("ทางเดิน", "ราวกันตก")]
        officers = [make.actor(make.member(agency)) for _ in range(2)]

    def key(tx: Session, who: int, *sheets: str) -> None:
        """The last sheet goes into the other topic, so that nothing but the sheet itself is in the way."""
        service.lock(tx, row.id)
        for topic, numbers in ((topics[who], sheets[:-1]), (topics[1 - who], sheets[-1:])):
            forms = [NewComment(n, n, channel="paper", sheet=n) for n in numbers]
            enter(tx, officers[who], thread_by(tx, topic), forms)

    taken = at_once(own, lambda tx: key(tx, 0, "5", "6", "7"), lambda tx: key(tx, 1, "8", "9", "7"))
    assert isinstance(taken, SheetsTaken)
    assert (taken.status, taken.sheets) == (409, {"7"})
    with own.reading() as tx:
        kept = tx.execute(select(Entry.sheet, Entry.entered_by)).all()
        assert {tuple(one) for one in kept} == {(sheet, officers[0].user_id) for sheet in ("5", "6", "7")}
        assert len(tx.execute(select(Comment)).all()) == 3


@pytest.mark.usefixtures("app")
def test_a_sheet_slips_past_no_look_even_where_nothing_is_locked(own: db.Database) -> None:
    """The table itself holds a sheet to one entry: an API call and a desk may key it at once."""
    if own.sqlite:
        pytest.skip("SQLite has one writer")
    with own.transaction() as tx:
        make = Make(tx)
        row = make.consultation(agency := make.agency())
        topics = [make.thread(row, title=title) for title in ("ทางเดิน", "ราวกันตก")]
        officer = make.actor(make.member(agency))

    def key(tx: Session, topic: str) -> None:
        enter(tx, officer, thread_by(tx, topic), [NewComment("ก", "ก", channel="paper", sheet="7")])

    told = at_once(own, lambda tx: key(tx, topics[0]), lambda tx: key(tx, topics[1]))
    assert isinstance(told, SheetsTaken), told
    with own.reading() as tx:
        assert len(tx.execute(select(Comment)).all()) == 1


def test_who_is_late_by_a_moment_finds_the_row_named_and_everything_typed(desk: Counter) -> None:
    """The page was read while the sheet was free; when it is kept a colleague has keyed it."""
    token = desk.token(desk.client, f"{desk.path}/grid")
    colleague = desk.browser(desk.member())
    assert desk.post("/new", desk.one(sheet="2"), client=colleague).status_code == 303
    typed = desk.grid({"body": "ก", "sheet": "1"}, {"body": "ข", "sheet": "2"})
    answer = desk.client.post(f"{desk.path}/grid", data=typed | {"csrf_token": token})
    assert answer.status_code == 409
    assert Shown(answer.text).mistakes == {"rows.1.sheet": "แถว 2: ใบเลขที่ 2 มีคนพิมพ์เข้าระบบแล้ว"}
    assert boxes(desk, answer)["rows.0.body"] == "ก"
    assert desk.comments() == 1
