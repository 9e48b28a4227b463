"""What an officer typed for somebody else → voices ready to be kept; every mistake named, row by row."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from werkzeug.datastructures import MultiDict

from forum.admin.entries.compute import tells_a_number
from forum.admin.entries.queries import Topic
from forum.commons.comments.forms import NewComment, read_comment
from forum.core.entries.forms import wrong_day
from forum.core.entries.service import sheet_number
from forum.kernel import dates, text
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T, Text

Errors = dict[str, Text | str]
Typed = Mapping[str, str]

MOST_ROWS = 500
CHANNELS: dict[str, Text] = {
    "paper": T("ใบกระดาษ"),
    "phone": T("โทรศัพท์"),
    "hall": T("เวทีประชุม"),
    "letter": T("จดหมาย"),
}
COLUMNS = ("channel", "on", "sheet", "topic", "body", "stance")
SHARED = ("channel", "on", "topic")
"""What may be said once for all rows that leave it empty."""
_OWN = ("sheet", "body", "stance")
WRONG_DAY: dict[str, Text] = {
    "line": T("เขียนวันที่แบบ 22/11/2569"),
    "day": T("วันที่ต้องเป็นเลข 1 ถึง 31"),
    "month": T("เดือนต้องเป็น 1 ถึง 12 เขียนวันก่อนเดือน เช่น 22/11/2569"),
    "year": T("ปีต้องเป็นเลข 4 หลัก ไม่ไกลจากปีนี้ เช่น 2569 หรือ 2026"),
    "date": T("ไม่มีวันนี้ในปฏิทิน"),
    "era": T("ปีกับศักราชไม่ตรงกัน เขียนแบบ 22/11/2569 หรือ 22/11/2026"),
}
NUMBER_TOLD = T("ในข้อความเหมือนมีเบอร์โทร เลขประจำตัว หรืออีเมล ลบออกก่อนเก็บ ถ้าไม่ใช่ของใคร ทำเครื่องหมายยืนยันข้างล่าง")


@dataclass(frozen=True)
class Voice:
    """One voice ready to be kept, and where it goes."""

    topic: Topic
    form: NewComment


@dataclass(frozen=True)
class Place:
    """Where voices are put: the topics of a consultation, and the days on which they could have come."""

    topics: Sequence[Topic]
    opens_at: datetime | None
    closes_at: datetime | None

    def topic(self, said: str) -> Topic:
        """The topic of this title or public id; the only one where nothing is said. Raises `Invalid`."""
        wanted = text.one_line(said).casefold()
        if not wanted and len(self.topics) == 1:
            return self.topics[0]
        if not wanted:
            raise Invalid({"topic": T("เลือกหัวข้อ")})
        found = [t for t in self.topics if wanted in (t.public_id, text.one_line(t.title).casefold())]
        if len(found) > 1:
            raise Invalid({"topic": T("มีหัวข้อชื่อนี้หลายหัวข้อ เลือกจากรายการ")})
        if not found:
            raise Invalid({"topic": T("ไม่มีหัวข้อ “%(topic)s” ในเรื่องนี้", topic=text.excerpt(said, 60))})
        return found[0]


def read_voice(typed: Typed, place: Place, received: Callable[[], date | None]) -> Voice:
    """One voice; `received` reads its day. Raises `Invalid` with every box at fault."""
    errors: Errors = {}
    if typed["channel"] not in CHANNELS:
        errors["channel"] = _no_channel(typed["channel"])
    try:
        day = received()
        wrong = wrong_day(day, place.opens_at, place.closes_at) if day else T("บอกวันที่ได้รับ")
    except ValueError as error:
        day, wrong = None, WRONG_DAY[str(error)]
    if wrong:
        errors["on"] = wrong
    try:
        topic = place.topic(typed["topic"])
    except Invalid as error:
        errors |= error.errors
        topic = Topic(0, "", "", "agree", ())
    return Voice(topic, _read(typed, topic, day, errors))


def _no_channel(said: str) -> Text:
    if not said.strip():
        return T("เลือกช่องทาง")
    return T("ไม่รู้จักช่องทาง “%(channel)s” เลือกช่องทางจากรายการในแถวนี้", channel=text.excerpt(said, 40))


def _read(typed: Typed, topic: Topic, day: date | None, errors: Errors) -> NewComment:
    said = {"body": typed["body"], "stance": typed["stance"], "sheet": typed["sheet"]}
    told = {"channel": "paper" if "channel" in errors else typed["channel"], "received_on": day}
    try:
        form = read_comment(said | told, guest=False, stances=topic.stance != "off")
    except Invalid as error:
        raise Invalid(errors | error.errors) from error
    if errors:
        raise Invalid(errors)
    return form


def box_day(typed: str) -> date | None:
    """A day typed into one box, None for nothing; raises ValueError as `dates.parse_line`."""
    return dates.parse_line(typed) if typed.strip() else None


@dataclass
class Grid:
    """Many voices as they were typed: what holds for every row that leaves it empty, and the rows."""

    shared: dict[str, str]
    rows: list[dict[str, str]]
    errors: Errors = field(default_factory=dict)

    def filled(self) -> list[tuple[int, dict[str, str]]]:
        """The rows in which something was typed, with their places from 0."""
        return [(n, row) for n, row in enumerate(self.rows) if any(row[name].strip() for name in COLUMNS)]

    def in_order(self) -> Errors:
        """What is wrong as the page goes from top to bottom: row by row, box by box; then what is about all rows."""
        return dict(sorted(self.errors.items(), key=lambda error: _place(error[0])))


def read_grid(form: MultiDict[str, str]) -> Grid:
    """The grid as it was typed, up to the last row that was sent."""
    places = [int(found[1]) for key in form if (found := _ROW.match(key))]
    n = min(max(places, default=-1) + 1, MOST_ROWS)
    shared = {name: form.get(f"all.{name}", "") for name in SHARED}
    return Grid(shared, [{name: form.get(f"rows.{i}.{name}", "") for name in COLUMNS} for i in range(n)])


_AT = {name: n for n, name in enumerate(COLUMNS)}
_ROW = re.compile(r"rows\.([0-9]{1,3})\.")


def _place(name: str) -> tuple[int, int]:
    """Where on the page a box stands, by its row and column; what is in no row stands below them all."""
    found = _ROW.match(name)
    return (int(found[1]), _AT.get(name[found.end() :], 0)) if found else (MOST_ROWS, 0)


def blank(n: int) -> list[dict[str, str]]:
    """Rows in which nothing is typed yet."""
    return [dict.fromkeys(COLUMNS, "") for _ in range(n)]


def voices(grid: Grid, place: Place, *, sure: bool) -> list[tuple[int, Voice]]:
    """Every voice of a grid with the place of its row; fills `grid.errors`, in which each box at fault has its row.

    `sure` is whether the officer looked again at texts that seem to tell somebody's number.
    """
    made: list[tuple[int, Voice]] = []
    for n, row in grid.filled():
        whole = row | {name: row[name] if row[name].strip() else grid.shared[name] for name in SHARED}
        try:
            made.append((n, read_voice(whole, place, partial(box_day, whole["on"]))))
        except Invalid as error:
            add_errors(grid, n, {_COLUMN.get(name, name): said for name, said in error.errors.items()})
    _refuse_twice(grid)
    if not grid.filled() and not grid.errors:
        grid.errors["rows.0.body"] = T("ยังไม่มีข้อความสักแถว")
    if not sure:
        _warn_of_numbers(grid)
    return made


_COLUMN = {"received_on": "on"}


def add_errors(grid: Grid, n: int, errors: Mapping[str, Text | str]) -> None:
    """Names what is wrong in the row at this place, as the row is numbered on the page."""
    for name, said in errors.items():
        grid.errors.setdefault(f"rows.{n}.{name}", T("แถว %(row)s: %(why)s", row=n + 1, why=said))


def _refuse_twice(grid: Grid) -> None:
    first: dict[str, int] = {}
    for n, row in grid.filled():
        number = sheet_number(row["sheet"])
        if number is not None and number in first:
            add_errors(grid, n, {"sheet": T("เลขที่ใบซ้ำกับแถว %(row)s", row=first[number] + 1)})
        elif number is not None:
            first[number] = n


def _warn_of_numbers(grid: Grid) -> None:
    told = [str(n + 1) for n, row in grid.filled() if tells_a_number(row["body"])]
    if told:
        grid.errors["sure"] = T("แถว %(rows)s: %(why)s", rows=", ".join(told), why=NUMBER_TOLD)
