"""The overview, and one voice entered after another."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from forum.admin.desk import for_officers
from forum.admin.entries import queries
from forum.admin.entries.compute import tells_a_number
from forum.admin.entries.forms import CHANNELS, NUMBER_TOLD, Errors, Voice, read_voice
from forum.admin.entries.routes.blueprint import Desk, desk_of, page, pages
from forum.commons.comments import service
from forum.commons.comments.entering import enter
from forum.commons.comments.queries import thread_of
from forum.commons.comments.readings import Posted
from forum.core.entries.rules import RULES
from forum.core.entries.service import SheetsTaken, lock
from forum.kernel import dates, i18n, web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Invalid
from forum.kernel.rules import why_not

_BOXES = ("channel", "sheet", "topic", "body", "stance", "sure")
_DAY = ("day", "month", "year")


@pages.get("")
@for_officers
def home(slug: str) -> Response:
    """What came another way, and what to do with it next."""
    with reading() as tx:
        desk = desk_of(tx, slug)
        found = queries.overview(tx, desk.row.id)
    asked = ("entry.key", "entry.print")
    reasons = {action: why_not(RULES, action, web.actor(), desk.row) for action in asked}
    return page("entries/home.html", desk, found=found, reasons=reasons)


@pages.get("/new")
@for_officers
def new(slug: str) -> Response:
    """The form for one voice, filled in as far as it was for the last."""
    with reading() as tx:
        desk = desk_of(tx, slug, "entry.key")
    return _new_page(desk, _as_before(request.args), {})


@pages.post("/new")
@for_officers
def keep(slug: str) -> Response:
    """Keeps one voice, and goes on to the next."""
    typed: dict[str, Any] = {name: request.form.get(name, "") for name in _BOXES}
    typed["received"] = {part: request.form.get(f"received.{part}", "").strip() for part in _DAY}
    with reading() as tx:
        desk = desk_of(tx, slug, "entry.key")
    try:
        voice = _read(typed, desk)
        with transaction() as tx:
            posted = _once(tx, desk, voice)
    except Invalid as error:
        return _new_page(desk, typed, {_BOX.get(name, name): said for name, said in error.errors.items()}, 422)
    except SheetsTaken as error:
        return _new_page(desk, typed, {"sheet": error.message}, 409)
    return _next(slug, voice, posted)


_BOX = {"on": "received", "received_on": "received"}


def _read(typed: Mapping[str, Any], desk: Desk) -> Voice:
    day = typed["received"]
    try:
        voice = read_voice(typed, desk.place, lambda: dates.parse_day(**day) if any(day.values()) else None)
    except Invalid as error:
        raise Invalid(error.errors | _told(typed)) from error
    if told := _told(typed):
        raise Invalid(told)
    return voice


def _told(typed: Mapping[str, Any]) -> Errors:
    return {"sure": NUMBER_TOLD} if not typed["sure"] and tells_a_number(typed["body"]) else {}


def _once(tx: Session, desk: Desk, voice: Voice) -> Posted:
    """The same form sent twice keeps one voice; its second answer brings a code that the first did not deliver."""
    made: list[Posted] = []

    def post() -> str:
        lock(tx, desk.row.id)
        made.extend(enter(tx, web.actor(), thread_of(tx, voice.topic.id), [voice.form]))
        return made[0].public_id

    public_id = web.once(tx, (desk.row.id, voice), post)
    return made[0] if made else service.fresh_receipt(tx, public_id)


def _next(slug: str, voice: Voice, posted: Posted) -> Response:
    day = voice.form.received_on
    on = day.isoformat() if day else ""
    to = f"/desk/{slug}/entries/new?channel={voice.form.channel}&on={on}&topic={voice.topic.public_id}"
    told = {"item": posted.public_id, "code": posted.receipt or "", "sheet": voice.form.sheet or ""}
    return web.note(web.see_other(to), "entry", **told)


def _as_before(args: Mapping[str, str]) -> dict[str, Any]:
    """What the last voice had, as the address tells: channel, day and topic."""
    typed: dict[str, Any] = dict.fromkeys(_BOXES, "") | {"channel": args.get("channel", ""), "received": {}}
    typed["topic"] = args.get("topic", "")
    if typed["channel"] not in CHANNELS:
        typed["channel"] = ""
    try:
        day = dates.parse_line(args.get("on", ""))
    except ValueError:
        return typed
    year = dates.year_text(day, i18n.language())
    return typed | {"received": {"day": str(day.day), "month": str(day.month), "year": year}}


def _new_page(desk: Desk, typed: Mapping[str, Any], errors: Mapping[str, Any], status: int = 200) -> Response:
    topics = desk.place.topics
    offered = {"topics": topics, "stances": queries.stances(topics)}
    return page("entries/new.html", desk, status, typed=typed, errors=errors, **offered)
