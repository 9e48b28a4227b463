"""Who works in an agency, as its owners see and change it; the door for invited people; an agency's colours."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from forum.core.accounts.pages import limit_for, signed_in
from forum.core.agencies import forms, invitations, members, team
from forum.core.agencies.codes import find_by_code
from forum.core.agencies.models import Agency
from forum.core.agencies.queries import by_slug, name_of, roles_of
from forum.core.agencies.rules import AGENCY_ROLES, RULES
from forum.core.agencies.words import LEAVING, LEAVING_ONE, ROLE_CHOICES, ROLE_NAMES
from forum.kernel import ids, throttle, web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Conflict, Gone, Invalid, NotFound
from forum.kernel.i18n import T, Text
from forum.kernel.rules import require

pages = Blueprint("members", __name__)

Errors = Mapping[str, Text | str]
_HERE = "/desk/agency/<slug>/members"
_WRONG_CODE = T("รหัสนี้เปิดอะไรไม่ได้ ดูอีกครั้งว่าตรงกับในกระดาษ ถ้าตรงแล้ว แปลว่าใช้ไปแล้ว หมดเวลา หรือถูกยกเลิก ขอรหัสใหม่จากหัวหน้าทีม")


@pages.get(_HERE)
@signed_in
def index(slug: str) -> Response:
    """The people of an agency, open invitations and what changed."""
    with reading() as tx:
        agency = _owned(tx, slug, "member.change")
        people = team.team(tx, agency, request.args.get("after") or None)
    return _page("agencies/members.html", agency=agency, team=people)


@pages.get(f"{_HERE}/invite")
@signed_in
def invite_page(slug: str) -> Response:
    """Whom to invite, and how."""
    return _invite_page(slug, {})


@pages.post(f"{_HERE}/invite")
@signed_in
def invite(slug: str) -> Response:
    """Queues a letter, or makes a code and leads to the page that shows it this once, to print."""
    with reading() as tx:
        _owned(tx, slug, "member.invite")
    try:
        form = forms.read_invitation(request.form)
        throttle.hit("invitations", web.caller())
        if form.email is None:
            return _to_code(slug, (slug, form), lambda tx: _invite(tx, slug, form))
        limit_for("mails", form.email)
        with transaction() as tx:
            web.once(tx, (slug, form), lambda: _invite(tx, slug, form)[0])
    except Invalid as error:
        return _invite_page(slug, error.errors)
    said = T("จะส่งคำเชิญไปที่ %(email)s ภายในไม่กี่นาที", email=form.email)
    return _back(f"/desk/agency/{slug}/members", said)


def _invite(tx: Session, slug: str, form: forms.InviteForm) -> tuple[str, str]:
    row, symbols = invitations.invite(tx, web.actor(), by_slug(tx, slug), form)
    return row.public_id, symbols


def _to_code(slug: str, said: object, make: Callable[[Session], tuple[str, str]]) -> Response:
    """Makes an invitation with a code, once for one form, and leads to where the code is shown, to this reader alone.

    Loading that page again makes nothing: what it shows came with this answer and goes with the first look.
    """
    symbols = ""

    def made() -> str:
        nonlocal symbols
        public_id, symbols = make(tx)
        return public_id

    with transaction() as tx:
        public_id = web.once(tx, said, made)
    to = web.see_other(f"/desk/agency/{slug}/members/invitations/{public_id}")
    return web.note(to, "join_code", code=ids.one_time_text(symbols), of=public_id) if symbols else to


@pages.get(f"{_HERE}/invitations/<public_id>")
@signed_in
def code(slug: str, public_id: str) -> Response:
    """A code on half a sheet, right after it was made; later what may be done about one that was shown."""
    try:
        with reading() as tx:
            agency = _owned(tx, slug, "member.invite")
            row = invitations.printed(tx, agency, public_id)
    except Conflict as error:
        return _back(f"/desk/agency/{slug}/members", error.message, "error")
    note = web.take_note() or {}
    shown = note.get("code", "") if note.get("kind") == "join_code" and note.get("of") == public_id else ""
    return _page("agencies/code.html", agency=agency, invitation=row, code=shown)


@pages.post(f"{_HERE}/invitations/<public_id>/again")
@signed_in
def another(slug: str, public_id: str) -> Response:
    """Another code in place of one that nobody has written down; the earlier one ends."""
    with reading() as tx:
        _owned(tx, slug, "member.invite")
    throttle.hit("invitations", web.caller())

    def make(tx: Session) -> tuple[str, str]:
        row, symbols = invitations.renew(tx, web.actor(), by_slug(tx, slug), public_id)
        return row.public_id, symbols

    try:
        return _to_code(slug, (slug, public_id), make)
    except Conflict as error:
        return _back(f"/desk/agency/{slug}/members", error.message, "error")


def _invite_page(slug: str, errors: Errors) -> Response:
    with reading() as tx:
        agency = _owned(tx, slug, "member.invite")
    typed = request.form if request.method == "POST" else {"way": "letter"}
    context = {"agency": agency, "typed": typed, "errors": errors, "choices": ROLE_CHOICES}
    return _page("agencies/invite.html", 422 if errors else 200, **context)


@pages.post(f"{_HERE}/invitations/<public_id>/withdraw")
@signed_in
def withdraw(slug: str, public_id: str) -> Response:
    """Takes an invitation back."""
    here = f"/desk/agency/{slug}/members"
    try:
        with transaction() as tx:
            invitations.withdraw(tx, web.actor(), by_slug(tx, slug), public_id)
    except Conflict as error:
        return _back(here, error.message, "error")
    return _back(here, T("ยกเลิกคำเชิญแล้ว"))


@pages.get(f"{_HERE}/<public_id>/<role>")
@signed_in
def member(slug: str, public_id: str, role: str) -> Response:
    """One role of one person, to be changed or taken away."""
    return _member_page(slug, public_id, role, {})


@pages.post(f"{_HERE}/<public_id>/<role>")
@signed_in
def change(slug: str, public_id: str, role: str) -> Response:
    """Changes or takes away a role."""
    with reading() as tx:
        _owned(tx, slug, "member.change")
    try:
        form = forms.read_change(request.form)
        with transaction() as tx:
            agency = by_slug(tx, slug)
            said = (slug, public_id, role, form)
            name = web.once(
                tx, said, lambda: members.change_member(tx, web.actor(), agency, public_id, role, form).name or ""
            )
            still_owner = (agency.id, "owner") in roles_of(tx, web.actor().user_id or 0)
    except Invalid as error:
        return _member_page(slug, public_id, role, error.errors)
    if form.to is None:
        words = T("%(name)s ไม่ได้เป็น%(role)sแล้ว", name=name, role=ROLE_NAMES[role])
    else:
        words = T("%(name)s เป็น%(role)sแล้ว", name=name, role=ROLE_NAMES[form.to])
    return _back(f"/desk/agency/{slug}/members" if still_owner else f"/a/{slug}", words)


def _member_page(slug: str, public_id: str, role: str, errors: Errors) -> Response:
    with reading() as tx:
        agency = _owned(tx, slug, "member.change")
        found = team.member(tx, agency, public_id, role)
        held = {of for scope, of in roles_of(tx, found.user_id) if scope == agency.id}
    others = [choice for choice in ROLE_CHOICES if choice[0] not in held]
    leaving = LEAVING_ONE if len(held) > 1 else LEAVING
    choices = [*others, (forms.NOBODY_ANY_MORE, *leaving)]
    context = {"agency": agency, "member": found, "choices": choices, "errors": errors, "typed": request.form}
    return _page("agencies/member.html", 422 if errors else 200, **context)


@pages.get("/join")
def join_page() -> Response:
    """Where a printed code is typed."""
    return _join_page("", {})


@pages.post("/join")
def look_up() -> Response:
    """Takes a typed code; wrong ones are all answered alike."""
    web.check_form(request)
    typed = request.form.get("code", "")[:40]
    if not typed.strip():
        return _join_page("", {"code": T("พิมพ์รหัสในกระดาษก่อน")})
    try:
        with reading() as tx:
            token = invitations.token_of(find_by_code(tx, typed))
    except NotFound:
        return _join_page(typed, {"code": _WRONG_CODE})
    return web.see_other(f"/join/{token}")


def _join_page(typed: str, errors: Errors) -> Response:
    return _page("agencies/join.html", 422 if errors else 200, typed=typed, errors=errors)


@pages.get("/join/<token>")
def invitation(token: str) -> Response:
    """Which agency invites to what. Looking uses nothing up, because mail programs look too."""
    return _invitation_page(token)


@pages.post("/join/<token>")
def accept(token: str) -> Response:
    """Lets the reader into the agency."""
    require(RULES, "member.join", web.actor())
    web.check_form(request)
    try:
        with transaction() as tx:
            agency, role = invitations.accept(tx, web.actor(), token)
    except (NotFound, Gone) as error:
        return _over_page(error.status)
    except Conflict as error:
        return _invitation_page(token, {"": error.message})
    name = name_of(agency.name_th, agency.name_en)
    said = T("ยินดีต้อนรับ คุณเป็น%(role)sของ %(agency)s แล้ว", role=ROLE_NAMES[role], agency=name)
    return _back("/desk" if role in ("owner", "officer") else f"/a/{agency.slug}", said)


def _invitation_page(token: str, errors: Errors | None = None) -> Response:
    try:
        with reading() as tx:
            row, agency = invitations.look(tx, token)
    except (NotFound, Gone) as error:
        return _over_page(error.status)
    here = web.actor().has_any(AGENCY_ROLES, agency.id)
    context = {"agency": agency, "invitation": row, "token": token, "here_already": here, "errors": errors or {}}
    return _page("agencies/invitation.html", 409 if errors else 200, **context)


def _over_page(status: int) -> Response:
    return _page("agencies/invitation_over.html", status)


def _owned(tx: Session, slug: str, action: str) -> Agency:
    agency = by_slug(tx, slug)
    require(RULES, action, web.actor(), agency)
    return agency


def _page(template: str, status: int = 200, **context: Any) -> Response:
    """A page for one reader alone, kept by no cache."""
    answer = web.page(template, status, noindex=True, role_names=ROLE_NAMES, **context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _back(path: str, words: Text | str, tone: str = "ok") -> Response:
    return web.note(web.see_other(path), "members", text=str(words), tone=tone)


@pages.get("/a/<slug>/colours.css")
def colours(slug: str) -> Response:
    """An agency's two colours, for the pages that link to it."""
    with reading() as tx:
        found = by_slug(tx, slug)
    named = {"--agency-band": found.colour_band, "--agency-line": found.colour_line}
    said = "".join(f"{name}:{colour};" for name, colour in named.items() if colour)
    response = Response(f":root{{{said}}}\n", mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
