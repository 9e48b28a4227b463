"""Pages for who is not signed in yet: signing up, in and out, a forgotten password, the notice, the theme."""

from flask import Response, request

from forum.core.accounts import forms, queries, service
from forum.core.accounts import pages as show
from forum.core.accounts.models import PRIVACY_VERSION
from forum.core.accounts.routes.blueprint import form, pages, typed
from forum.core.accounts.service import Refused
from forum.kernel import shell, throttle, web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T

_THEMES = ("dark", "light")
_NOT_RIGHT = T("อีเมลหรือรหัสผ่านไม่ตรง ลองอีกครั้ง หรือตั้งรหัสผ่านใหม่")
_WRONG_PASSWORD = T("รหัสผ่านไม่ตรง")


@pages.get("/login")
def login() -> Response:
    """The sign-in form; who is signed in already goes on."""
    if web.actor().is_nobody:
        return show.login_page()
    return web.see_other(show.onward(show.target(), show.kept()))


@pages.post("/login")
@form(show.login_page)
def enter() -> Response:
    """Signs in."""
    throttle.hit("sign_in", web.address())
    email = forms.address(typed("email"))
    show.limit_for("sign_in_account", email)
    with reading() as tx:
        stored = queries.stored_password(tx, email=email)
    right = service.verify_password(stored.hashed, forms.given_password(typed("password")))
    if not right or stored.user_id is None:
        raise Invalid({"password": _NOT_RIGHT})
    return show.let_in(stored.user_id, stored.hashed, show.onward(show.target(), show.kept()))


@pages.post("/logout")
def leave() -> Response:
    """Signs out; a second time is no error."""
    if not web.actor().is_nobody:
        web.check_form(request)
        show.let_out()
    return web.see_other(show.target())


@pages.get("/signup")
def sign_up() -> Response:
    """The sign-up form; with `?id=` the same page asks for the code."""
    if not web.actor().is_nobody:
        return web.see_other(show.onward(show.target(), show.kept()))
    return show.code_page("sign_up") if "id" in request.args else show.sign_up_page()


@pages.post("/signup")
@form(show.sign_up_page)
def ask_sign_up() -> Response:
    """Sends a code to the address, whether or not it has an account."""
    throttle.hit("sign_up", web.address())
    asked = forms.read_sign_up(request.form)
    show.limit_for("mails", asked.email)
    hashed = service.hash_password(asked.password)
    with transaction() as tx:
        public_id = service.ask_sign_up(tx, asked, hashed, show.target(), show.kept())
    show.begun_here(public_id)
    return web.note(web.see_other(f"/signup?id={public_id}"), "code_sent", email=asked.email)


@pages.post("/signup/code")
@form(lambda *answer: show.code_page("sign_up", *answer))
def confirm_by_code() -> Response:
    """Makes the account when the code is right, and signs in."""
    throttle.hit("codes", web.address())
    with transaction() as tx:
        outcome = service.confirm_sign_up(tx, typed("id"), typed("code"))
    if isinstance(outcome, Refused):
        raise Invalid({"code": outcome.message})
    return show.let_in(outcome.user_id, None, show.onward(outcome.next, outcome.kept))


@pages.get("/signup/confirm")
def confirm_page() -> Response:
    """Behind the letter's link; opening it changes nothing, because mail programs open links too."""
    return show.confirm_page()


@pages.post("/signup/confirm")
@form(show.confirm_page)
def confirm_by_link() -> Response:
    """Makes the account; in another browser than the one it was begun in, only with its password."""
    throttle.hit("codes", web.address())
    public_id = typed("id")
    if not show.begun_here():
        with reading() as tx:
            waiting = service.waiting_password(tx, public_id)
        if waiting and not service.verify_password(waiting, forms.given_password(typed("password"))):
            raise Invalid({"password": _WRONG_PASSWORD})
    with transaction() as tx:
        outcome = service.confirm_sign_up(tx, public_id, "", typed("key") or "-")
    if isinstance(outcome, Refused):
        raise Invalid({"key": outcome.message})
    return show.let_in(outcome.user_id, None, show.onward(outcome.next, outcome.kept))


@pages.post("/signup/again")
@form(show.sign_up_page)
def sign_up_again() -> Response:
    """Sends another code for the same sign-up."""
    return _send_again("sign_up", "/signup")


@pages.get("/reset")
def reset() -> Response:
    """Asks for the address; with `?id=` for the code and a new password."""
    return show.code_page("reset") if "id" in request.args else show.reset_page()


@pages.post("/reset")
@form(show.reset_page)
def ask_reset() -> Response:
    """Sends a letter to the address, whether or not it has an account."""
    throttle.hit("sign_up", web.address())
    email = forms.address(typed("email"))
    show.limit_for("mails", email)
    with transaction() as tx:
        public_id = service.ask_reset(tx, email)
    return web.note(web.see_other(f"/reset?id={public_id}"), "code_sent", email=email)


@pages.post("/reset/again")
@form(show.reset_page)
def reset_again() -> Response:
    """Sends another code for the same reset."""
    return _send_again("reset", "/reset")


def _send_again(purpose: str, path: str) -> Response:
    throttle.hit("sign_up", web.address())
    with reading() as tx:
        row = queries.code_of(tx, typed("id"), purpose)
    if row is None:
        return web.see_other(path)
    show.limit_for("mails", row.email)
    mine = show.begun_here()
    with transaction() as tx:
        public_id = service.send_again(tx, typed("id"), purpose)
    if public_id and mine:
        show.begun_here(public_id)
    return web.see_other(f"{path}?id={public_id}" if public_id else path)


@pages.post("/reset/password")
@form(lambda *answer: show.code_page("reset", *answer))
def set_new_password() -> Response:
    """Sets the password anew when code or link are right, and signs in."""
    throttle.hit("codes", web.address())
    with reading() as tx:
        row = queries.code_of(tx, typed("id"), "reset")
    known = (row.email,) if row else ()
    hashed = service.hash_password(forms.new_password(typed("new_password"), known, "new_password"))
    with transaction() as tx:
        outcome = service.reset_password(tx, typed("id"), typed("code"), typed("key"), hashed)
    if isinstance(outcome, Refused):
        raise Invalid({"code": outcome.message})
    return web.note(show.let_in(outcome, None, "/account"), "account.password")


@pages.get("/privacy")
@shell.keepable
def privacy() -> Response:
    """The site's privacy notice."""
    return web.page("accounts/privacy.html", version=PRIVACY_VERSION)


@pages.get("/offline")
def offline() -> Response:
    """What a browser keeps to show when there is no net."""
    return web.page("errors/offline.html")


@pages.post("/theme")
def theme() -> Response:
    """Remembers light or dark on this device, or forgets it."""
    web.check_form(request)
    answer = web.see_other(show.target())
    chosen = typed("to")
    if chosen in _THEMES:
        answer.set_cookie("theme", chosen, max_age=31_536_000, **web.cookie_flags())
    else:
        answer.delete_cookie("theme", **web.cookie_flags())
    return answer
