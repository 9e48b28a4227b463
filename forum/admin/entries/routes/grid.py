"""Many voices at once: keyed in a grid or read from a file into it; all are kept or none."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from forum.admin.desk import for_officers
from forum.admin.entries import files
from forum.admin.entries.forms import MOST_ROWS, Grid, Voice, add_errors, blank, read_grid, voices
from forum.admin.entries.queries import stances
from forum.admin.entries.routes.blueprint import Desk, desk_of, done, page, pages
from forum.commons.comments.entering import enter
from forum.commons.comments.queries import thread_of
from forum.commons.comments.readings import Posted
from forum.core.agencies.rules import RULES as AGENCY_RULES
from forum.core.entries.queries import keyed_among
from forum.core.entries.service import SheetsTaken, lock, sheet_number
from forum.kernel import clock, dates, i18n, web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T
from forum.kernel.rules import why_not

AT_ONCE = 10
MOST_BYTES = 4 * 1024 * 1024
"""A file, or the rows of one as they are typed."""
_MOST_PARTS = 7 * MOST_ROWS
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Kept = list[tuple[int, Voice, Posted]]


@pages.before_request
def take_more() -> None:
    """Lets officers alone send this page more than any other takes."""
    if request.endpoint == "entries.keep_many" and why_not(AGENCY_RULES, "desk.see", web.actor()) is None:
        request.max_content_length = request.max_form_memory_size = MOST_BYTES
        request.max_form_parts = _MOST_PARTS


@pages.teardown_request
def close_files(_error: BaseException | None) -> None:
    """A large file waits on disk until it is closed."""
    request.close()


@pages.get("/grid")
@for_officers
def grid(slug: str) -> Response:
    """An empty grid."""
    with reading() as tx:
        desk = desk_of(tx, slug, "entry.key")
    return _grid_page(desk, Grid({"channel": "paper", "on": "", "topic": ""}, blank(AT_ONCE)))


@pages.post("/grid")
@for_officers
def keep_many(slug: str) -> Response:
    """Keeps every row, or none and says what is wrong in which; or shows more rows, or those of a file."""
    with reading() as tx:
        desk = desk_of(tx, slug, "entry.key")
    typed = read_grid(request.form)
    if request.form.get("more") == "rows":
        typed.rows += blank(min(AT_ONCE, MOST_ROWS - len(typed.rows)))
        return _grid_page(desk, typed)
    if request.form.get("more") == "file":
        return _read(desk, typed)
    made = voices(typed, desk.place, sure="sure" in request.form)
    if typed.errors:
        with reading() as tx:
            _name_taken(tx, desk, typed)
        return _grid_page(desk, typed, 422)
    return _keep(desk, typed, made)


def _keep(desk: Desk, typed: Grid, made: list[tuple[int, Voice]]) -> Response:
    kept: Kept = []

    def post() -> str:
        kept.extend(_enter(tx, desk, made))
        return kept[0][2].public_id

    try:
        with transaction() as tx:
            web.once(tx, (desk.row.id, made), post)
    except SheetsTaken as error:
        _add_taken(typed, error.sheets)
        return _grid_page(desk, typed, 409)
    except Invalid as error:
        typed.errors |= error.errors
        return _grid_page(desk, typed, 422)
    if not kept:
        said = T("เก็บไปแล้วตั้งแต่ครั้งแรก ไม่ได้เก็บซ้ำ รหัสใบรับแสดงครั้งเดียวตอนเก็บ")
        return done(f"/desk/{desk.brief.slug}/entries", said)
    return page("entries/kept.html", desk, kept=sorted(kept, key=lambda one: one[0]))


def _enter(tx: Session, desk: Desk, made: Sequence[tuple[int, Voice]]) -> Kept:
    """Topic by topic, always in the same order, so that two officers never wait for each other in a ring."""
    lock(tx, desk.row.id)
    taken = keyed_among(tx, desk.row.id, _numbers([voice.form.sheet for _n, voice in made]))
    if taken:
        raise SheetsTaken(sorted(taken))
    kept: Kept = []
    for topic_id, of_topic in groupby(sorted(made, key=lambda one: one[1].topic.id), key=lambda one: one[1].topic.id):
        group = list(of_topic)
        posted = enter(tx, web.actor(), thread_of(tx, topic_id), [voice.form for _n, voice in group])
        kept += [(n, voice, one) for (n, voice), one in zip(group, posted, strict=True)]
    return kept


def _numbers(sheets: Iterable[str | None]) -> set[str]:
    return {number for sheet in sheets if (number := sheet_number(sheet))}


def _name_taken(tx: Session, desk: Desk, typed: Grid) -> None:
    """Names the rows whose sheet was keyed before, beside whatever else is wrong."""
    _add_taken(typed, keyed_among(tx, desk.row.id, _numbers(row["sheet"] for _n, row in typed.filled())))


def _add_taken(typed: Grid, sheets: set[str] | frozenset[str]) -> None:
    for n, row in typed.filled():
        number = sheet_number(row["sheet"])
        if number in sheets:
            add_errors(typed, n, {"sheet": T("ใบเลขที่ %(sheet)s มีคนพิมพ์เข้าระบบแล้ว", sheet=number)})


def _read(desk: Desk, typed: Grid) -> Response:
    """Puts the rows of a file below those that were typed; nothing is kept yet."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid({"file": T("เลือกไฟล์ก่อน")})
        rows, idle = files.read_file(sent.read(), sent.filename, desk.place.topics)
        before = [row for _n, row in typed.filled()]
        if len(before) + len(rows) > MOST_ROWS:
            raise Invalid({"file": T("รวมกันแล้วเกิน %(n)s แถว แบ่งเป็นหลายครั้ง", n=MOST_ROWS)})
    except Invalid as error:
        typed.rows = typed.rows or blank(AT_ONCE)
        return _grid_page(desk, Grid(typed.shared, typed.rows, dict(error.errors)), 422)
    read = Grid(typed.shared, before + rows)
    voices(read, desk.place, sure=False)
    with reading() as tx:
        _name_taken(tx, desk, read)
    return _grid_page(desk, read, 422 if read.errors else 200, came=len(rows), idle=idle)


def _today() -> str:
    """Today as it may be typed, in the years the reader counts: an example that will do."""
    day = dates.in_bangkok(clock.now()).date()
    return f"{day.day}/{day.month}/{dates.year_text(day, i18n.language())}"


def _grid_page(desk: Desk, typed: Grid, status: int = 200, **context: Any) -> Response:
    topics = desk.place.topics
    shown: dict[str, Any] = {
        "grid": typed,
        "topics": topics,
        "stances": stances(topics),
        "most": MOST_ROWS,
        "came": 0,
        "today": _today(),
        "idle": [],
    }
    sure = "sure" in request.form
    return page("entries/grid.html", desk, status, **shown | {"errors": typed.in_order(), "sure": sure} | context)


@pages.get("/sample.<kind>")
@for_officers
def sample(slug: str, kind: str) -> Response:
    """A table to fill in, as CSV or as a workbook."""
    with reading() as tx:
        desk = desk_of(tx, slug, "entry.key")
    write = {"csv": files.sample_csv, "xlsx": files.sample_xlsx}
    if kind not in write:
        return web.see_other(f"/desk/{slug}/entries/grid")
    answer = Response(write[kind](desk.place.topics), content_type=_TYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="sala-entries-sample.{kind}"'
    return answer
