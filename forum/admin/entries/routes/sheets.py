"""Forms on paper: how many, and the page that is printed, on which alone their codes are seen."""

from typing import Any

from flask import Response, request

from forum.admin.desk import for_officers
from forum.admin.entries.routes.blueprint import Desk, desk_of, done, page, pages
from forum.core.consultations.posters import days
from forum.core.entries import queries, service
from forum.core.entries.forms import MOST_SHEETS
from forum.kernel import ids, qr, web
from forum.kernel.apart import apart
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T
from forum.kernel.site import site
from forum.kernel.thai import fold_digits

Sheets = list[tuple[int, str]]


@pages.get("/sheets")
@for_officers
def sheets(slug: str) -> Response:
    """Asks how many forms to print."""
    return _ask(slug, "", {})


@pages.post("/sheets")
@for_officers
def print_sheets(slug: str) -> Response:
    """The forms, to be printed now: their codes are shown on no other page."""
    typed = request.form.get("count", "")
    made: Sheets = []
    with reading() as tx:
        desk = desk_of(tx, slug, "entry.print")
    try:
        count = _number(typed)

        def make() -> str:
            made.extend(service.print_sheets(tx, web.actor(), desk.row, count))
            return str(made[0][0])

        with transaction() as tx:
            web.once(tx, (desk.row.id, count), make)
    except Invalid as error:
        return _ask(slug, typed, error.errors)
    if not made:
        said = T("ใบชุดนั้นทำไปแล้ว และรหัสแสดงครั้งเดียว ถ้ายังไม่ได้สั่งพิมพ์ ทำชุดใหม่ได้ ใบเก่าที่ไม่ได้ใช้ปล่อยไว้ได้เลย")
        return done(f"/desk/{slug}/entries/sheets", said)
    return page(
        "entries/printed.html", desk, days=days(desk.brief), leaves=apart(lambda: _leaves(made)), **_asked(desk)
    )


def _number(typed: str) -> int:
    said = fold_digits(typed).strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0


def _leaves(made: Sheets) -> list[dict[str, Any]]:
    at = site().public_url
    label = str(T("คิวอาร์โค้ดไปที่คำตอบของใบนี้"))
    return [
        {"number": number, "code": code, "qr": qr.svg(f"{at}/r/{ids.read_receipt(code)}", label)}
        for number, code in made
    ]


_MOST_NAMED = 6
_LONG, _LONGER = 500, 1100


def _asked(desk: Desk) -> dict[str, Any]:
    """What a form lets people tick, and how large its letters may be, so that there is room left to write.

    The topic where there are a few and they fit; the stance in the topics' own words, once where all have the same,
    else beside each topic that is named: a tick that could mean two things is not asked for.
    """
    topics = desk.place.topics
    alike = len({tuple(topic.words.values()) for topic in topics}) == 1
    letters = 2 * len(desk.row.title) + len(desk.row.summary) + len(desk.row.offline_route)
    asked = sum(len(topic.title) + (0 if alike else len("".join(topic.words.values()))) for topic in topics)
    named = topics if 1 < len(topics) <= _MOST_NAMED and letters + asked <= _LONGER else []
    letters += asked if named else 0
    size = "longer" if letters > _LONGER else "long" if letters > _LONG else ""
    stances = list(topics[0].words.values()) if alike else []
    return {"topics": named, "stances": stances, "size": size}


def _ask(slug: str, typed: str, errors: Any) -> Response:
    with reading() as tx:
        desk = desk_of(tx, slug, "entry.print")
        printed = queries.sheets(tx, desk.row.id)
    status = 422 if errors else 200
    return page("entries/sheets.html", desk, status, printed=printed, typed=typed, errors=errors, most=MOST_SHEETS)
