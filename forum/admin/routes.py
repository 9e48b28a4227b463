"""The officer's desk: what an office asks and what each needs next, a new consultation, the agency's own words."""

from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from forum.admin.desk import for_officers, pages, said, version
from forum.admin.queries import STATES, desk
from forum.admin.setup import starts
from forum.admin.setup.boxes import Errors, Values
from forum.core.agencies import queries as agencies
from forum.core.agencies import service as agency_service
from forum.core.agencies.forms import read as read_agency
from forum.core.agencies.models import Agency
from forum.core.agencies.rules import RULES as AGENCY_RULES
from forum.core.consultations import service
from forum.kernel import web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Conflict, Invalid
from forum.kernel.i18n import T
from forum.kernel.rules import require, why_not


@pages.get("")
@for_officers
def home() -> Response:
    """My agencies' consultations, and what each needs next."""
    agency, which = request.args.get("agency", ""), request.args.get("state", "")
    after = request.args.get("after") or None
    with reading() as tx:
        found = desk(tx, web.actor(), after, agency, which)
    mine = {a.id for a in found.agencies if why_not(AGENCY_RULES, "agency.change", web.actor(), a) is None}
    return web.page(
        "desk/home.html",
        desk=found,
        owned=mine,
        agency=agency if any(a.slug == agency for a in found.agencies) else "",
        which=which if which in STATES else "",
        is_first=after is None,
    )


@pages.get("/new")
@for_officers
def new() -> Response:
    """Where a new consultation begins: whose it is, its question, and what to start from."""
    return _new_page({"agency": "", "title": "", "start": ""}, {}, 200)


@pages.post("/new")
@for_officers
def make() -> Response:
    """Keeps a new draft, and goes to its tasks."""
    values = {name: request.form.get(name, "") for name in ("agency", "title", "start")}
    try:
        with transaction() as tx:
            slug = web.once(tx, values, lambda: _made(tx, values))
    except Invalid as error:
        return _new_page(values, dict(error.errors), 422)
    return said(web.see_other(f"/desk/{slug}"), T("เก็บแล้ว ยังไม่มีใครเห็น ทำต่อทีละข้อได้เลย"))


def _made(tx: Session, values: Values) -> str:
    plan = starts.plan_of(tx, web.actor(), values["agency"], values["title"], values["start"])
    return service.create(tx, web.actor(), values["agency"], plan, starts.copied(plan, values["start"])).slug


def _new_page(values: Values, errors: Errors, status: int) -> Response:
    with reading() as tx:
        mine = agencies.where_officer(tx, web.actor())
        earlier = starts.earlier(tx, mine)
    return web.page(
        "desk/new.html", status, values=values, errors=errors, agencies=mine, starts=starts.supplied(), earlier=earlier
    )


@pages.get("/agency/<slug>")
@for_officers
def agency(slug: str) -> Response:
    """What an agency says of itself; for its owners."""
    with reading() as tx:
        found = _owned(tx, slug)
    return web.page("desk/agency.html", agency=found, typed=vars(found), errors={}, version=found.version)


@pages.post("/agency/<slug>")
@for_officers
def change_agency(slug: str) -> Response:
    """Keeps what an agency says of itself."""
    try:
        form = read_agency(request.form, "guests" in request.form)
        with transaction() as tx:
            agency_service.change_agency(tx, web.actor(), _owned(tx, slug), form, version())
    except (Invalid, Conflict) as error:
        errors = error.errors if isinstance(error, Invalid) else {"": error.message}
        with reading() as tx:
            found = _owned(tx, slug)
        typed: dict[str, Any] = request.form.to_dict() | {"guests": "guests" in request.form}
        return web.page(
            "desk/agency.html", error.status, agency=found, typed=typed, errors=errors, version=found.version
        )
    return said(web.see_other(f"/desk/agency/{slug}"), T("เก็บแล้ว"))


def _owned(tx: Session, slug: str) -> Agency:
    found = agencies.by_slug(tx, slug)
    require(AGENCY_RULES, "agency.change", web.actor(), found)
    return found
