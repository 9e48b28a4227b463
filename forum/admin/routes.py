"""The officer's desk: what an office asks, from a first draft to its close. Plain forms, no script needed."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from forum.admin import forms
from forum.admin.forms import Errors, Values
from forum.admin.queries import desk
from forum.core.agencies import queries as agencies
from forum.core.agencies import service as agency_service
from forum.core.agencies.desk import for_officers
from forum.core.agencies.forms import read as read_agency
from forum.core.agencies.models import Agency
from forum.core.agencies.rules import RULES as AGENCY_RULES
from forum.core.consultations import openings, queries, service
from forum.core.consultations.forms import ActivityPlan, Plan
from forum.core.consultations.models import Consultation
from forum.core.consultations.plans import differences, plan_of, words_of
from forum.core.consultations.reading import NAMES
from forum.core.consultations.rules import RULES
from forum.kernel import feature, web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Conflict, Invalid
from forum.kernel.i18n import T
from forum.kernel.rules import require, why_not

pages = Blueprint("desk", __name__, url_prefix="/desk", cli_group=None)


@pages.get("")
@for_officers
def home() -> Response:
    """My agencies' consultations, and what each needs next."""
    with reading() as tx:
        found = desk(tx, web.actor(), request.args.get("after") or None)
    mine = {a.id for a in found.agencies if why_not(AGENCY_RULES, "agency.change", web.actor(), a) is None}
    return web.page("desk/home.html", desk=found, owned=mine)


@pages.get("/new")
@for_officers
def new() -> Response:
    """The form for a new consultation."""
    return _new_page(_blank(), {}, 200)


@pages.post("/new")
@for_officers
def make() -> Response:
    """Keeps a new draft."""
    values = forms.typed(request.form)
    if "more" in request.form:
        return _new_page(values, {}, 200)
    try:
        _raw, plan = forms.checked(values)
        with transaction() as tx:
            agency = request.form.get("agency", "")
            slug = web.once(tx, (agency, values), lambda: service.create(tx, web.actor(), agency, plan).slug)
    except Invalid as error:
        return _new_page(values, error.errors, 422)
    return _said(web.see_other(f"/desk/{slug}"), T("เก็บแล้ว ยังไม่เผยแพร่"))


def _blank() -> Values:
    kinds = feature.methods()
    first = tuple(ActivityPlan(m.kind, str(m.label), m.kind) for m in kinds[:1])
    return forms.shown(Plan(activities=first))


def _new_page(values: Values, errors: Errors, status: int) -> Response:
    with reading() as tx:
        mine = agencies.where_officer(tx, web.actor())
    return _form_page("desk/new.html", values, errors, status, agencies=mine, agency=request.form.get("agency", ""))


def _form_page(template: str, values: Values, errors: Errors, status: int, **context: Any) -> Response:
    more = request.form.get("more", "") if request.method == "POST" else ""
    kinds = [(m.kind, m.label) for m in feature.methods()]
    return web.page(template, status, values=values, errors=errors, more=more, kinds=kinds, **context)


@pages.get("/<slug>")
@for_officers
def edit(slug: str) -> Response:
    """The form of a consultation, with opening and closing."""
    with reading() as tx:
        row = _mine(tx, slug)
        return _edit_page(tx, row, forms.shown(plan_of(tx, row)), {}, 200)


@pages.post("/<slug>")
@for_officers
def change(slug: str) -> Response:
    """Keeps what was changed."""
    values = forms.typed(request.form)
    try:
        if "more" not in request.form:
            with transaction() as tx:
                row = service.find(tx, web.actor(), slug)
                raw, _plan = forms.checked(values, plan_of(tx, row))
                row = service.change(tx, web.actor(), row, raw, _version(), _reason())
                slug = row.slug
            return _said(web.see_other(f"/desk/{slug}"), T("เก็บแล้ว"))
        errors, status = {}, 200
    except Invalid as error:
        errors, status = error.errors, 422
    except Conflict as error:
        errors, status = {"": error.message}, 409
    with reading() as tx:
        return _edit_page(tx, _mine(tx, slug), values, errors, status)


def _edit_page(tx: Session, row: Consultation, values: Values, errors: Errors, status: int) -> Response:
    plan = plan_of(tx, row)
    closing = why_not(RULES, "consultation.close", web.actor(), row)
    return _form_page(
        "desk/edit.html",
        values,
        errors,
        status,
        c=queries.brief(tx, row.id),
        row=row,
        missing=[NAMES[name] for name in plan.missing()],
        theirs=_theirs(plan, values) if status == 409 else [],
        version=row.version,
        reason=request.form.get("reason", ""),
        why_not_close=closing,
        memo=forms.memo_typed(request.form),
    )


def _theirs(now: Plan, values: Values) -> list[tuple[str, str, str]]:
    """Where what was typed differs from what somebody else has kept meanwhile: field, theirs, mine."""
    try:
        _raw, wanted = forms.checked(values, now)
    except Invalid:
        return []
    return [
        (str(NAMES[name]), words_of(name, before), words_of(name, after))
        for name, (before, after) in differences(now, wanted).items()
    ]


@pages.post("/<slug>/open")
@for_officers
def open_now(slug: str) -> Response:
    """Opens a draft."""
    try:
        _decide(slug, openings.open_consultation)
    except Invalid as error:
        with reading() as tx:
            row = _mine(tx, slug)
            return _edit_page(tx, row, forms.shown(plan_of(tx, row)), error.errors, 422)
    return _said(web.see_other(f"/desk/{slug}"), T("เผยแพร่แล้ว"))


@pages.get("/<slug>/close")
@for_officers
def close(slug: str) -> Response:
    """Asks for the reason and the memo before closing."""
    return _close_page(slug, {}, 200)


@pages.post("/<slug>/close")
@for_officers
def close_now(slug: str) -> Response:
    """Closes a consultation."""
    try:
        _decide(slug, openings.close_consultation)
    except Invalid as error:
        return _close_page(slug, error.errors, 422)
    return _said(web.see_other(f"/desk/{slug}"), T("ปิดรับแล้ว"))


def _close_page(slug: str, errors: Errors, status: int) -> Response:
    with reading() as tx:
        row = _mine(tx, slug)
        require(RULES, "consultation.close", web.actor(), row)
        shown = queries.brief(tx, row.id)
    memo, reason = forms.memo_typed(request.form), request.form.get("reason", "")
    return web.page("desk/close.html", status, c=shown, errors=errors, memo=memo, reason=reason)


def _decide(slug: str, decide: Callable[..., Consultation]) -> None:
    approval, reason = forms.approval_of(request.form), _reason()
    with transaction() as tx:
        decide(tx, web.actor(), service.find(tx, web.actor(), slug), reason=reason, approval=approval)


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
            agency_service.change_agency(tx, web.actor(), _owned(tx, slug), form, _version())
    except (Invalid, Conflict) as error:
        errors = error.errors if isinstance(error, Invalid) else {"": error.message}
        with reading() as tx:
            found = _owned(tx, slug)
        typed = request.form.to_dict() | {"guests": "guests" in request.form}
        return web.page(
            "desk/agency.html", error.status, agency=found, typed=typed, errors=errors, version=found.version
        )
    return _said(web.see_other(f"/desk/agency/{slug}"), T("เก็บแล้ว"))


def _owned(tx: Session, slug: str) -> Agency:
    found = agencies.by_slug(tx, slug)
    require(AGENCY_RULES, "agency.change", web.actor(), found)
    return found


def _mine(tx: Session, slug: str) -> Consultation:
    """The consultation of this slug when the actor may change it; raises `NotFound` or `Denied`."""
    found = queries.by_slug(tx, slug, web.actor())
    require(RULES, "consultation.change", web.actor(), found.row)
    return found.row


def _version() -> int:
    typed = request.form.get("version", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Invalid({"": T("ต้องบอกว่าแก้จากรุ่นไหน โหลดหน้าใหม่แล้วลองอีกครั้ง")})
    return int(typed)


def _reason() -> str:
    return service.read_reason(request.form.get("reason", ""))


def _said(response: Response, words: T) -> Response:
    return web.note(response, "desk", text=str(words), tone="ok")
