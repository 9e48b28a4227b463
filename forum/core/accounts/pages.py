"""Pages about accounts as they are shown, and the cookie that says who reads them; the routes decide when."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from flask import Response, request, session
from flask_login import login_user, logout_user

from forum.core.accounts import queries, service
from forum.core.accounts.compute import masked_address
from forum.core.accounts.models import PUBLIC_POSTING
from forum.core.accounts.queries import digest_of
from forum.kernel import keys, throttle, web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Denied
from forum.kernel.i18n import T, Text
from forum.kernel.rules import Actor
from forum.kernel.viewer import Viewer

Errors = Mapping[str, Text | str]

_LONGEST_TARGET = 500
_LONGEST_KEY = 100
_NOTES = {
    "name": T("เปลี่ยนชื่อแล้ว"),
    "email": T("เปลี่ยนอีเมลแล้ว ครั้งหน้าเข้าสู่ระบบด้วยอีเมลใหม่"),
    "password": T("ตั้งรหัสผ่านใหม่แล้ว เครื่องอื่นออกจากระบบหมดแล้ว"),
    "revoked": T("ยกเลิกรหัสแล้ว โปรแกรมที่ใช้อยู่จะเข้าไม่ได้อีก"),
    "consent_given": T("บันทึกความยินยอมแล้ว"),
    "consent_withdrawn": T("เลิกยินยอมแล้ว เราจะถามก่อนส่งครั้งต่อไป"),
    "signed_out": T("เครื่องอื่นออกจากระบบหมดแล้ว"),
}


def target() -> str:
    """Where the reader wants to go after this: a path on this site, as the form or the address says."""
    return web.local_path(request.values.get("next", "")[:_LONGEST_TARGET])


def kept() -> str:
    """The key of what the reader typed before coming here; empty when nothing was kept."""
    return request.values.get("kept", "")[:_LONGEST_KEY]


def onward(path: str, key: str) -> str:
    """The path, with the key of what was typed there when there is one."""
    path = web.local_path(path)
    if not key:
        return path
    parts = urlsplit(path)
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k != "kept"]
    return parts._replace(query=urlencode([*query, ("kept", key)])).geturl()


def signed_in(view: Callable[..., Response]) -> Callable[..., Response]:
    """Sends readers who are not signed in to sign in and back; a form must bring its token."""

    @wraps(view)
    def guarded(**values: Any) -> Response:
        if request.method == "POST":
            web.check_form(request)
        elif web.actor().is_nobody:
            return web.see_other(f"/login?next={quote(request.path)}")
        return view(**values)

    return guarded


def limit_for(name: str, email: str) -> None:
    """Counts one more of `name` for an address, whether or not it has an account."""
    throttle.hit(name, "mail:" + keys.keyed("address", email)[:24])


def let_in(user_id: int, verified: str | None, to: str) -> Response:
    """Signs this browser in under a new secret; what its session held before is gone."""
    with transaction() as tx:
        secret = service.sign_in(tx, user_id, verified, leaving=web.sign_in_digest())
    session.clear()
    session.permanent = True
    login_user(Viewer(secret, digest_of(secret), Actor(user_id), None))
    return web.see_other(to)


def let_out() -> None:
    """Signs this browser out."""
    with transaction() as tx:
        service.sign_out(tx, web.sign_in_digest())
    forget_browser()


def forget_browser() -> None:
    """Takes everything out of this browser's session."""
    logout_user()
    session.clear()


def begun_here(public_id: str | None = None) -> bool:
    """Whether the sign-up with this code was begun in this browser; with an id, remembers that it was."""
    if public_id is not None:
        session["signing_up"] = public_id
    return bool(session.get("signing_up")) and session["signing_up"] == request.values.get("id")


def password_matches(user_id: int, password: str) -> str | None:
    """The stored password when the typed one is right, else None; attempts are limited."""
    with reading() as tx:
        email = queries.account(tx, user_id).email or ""
        stored = queries.stored_password(tx, user_id=user_id)
    limit_for("sign_in_account", email)
    return stored.hashed if service.verify_password(stored.hashed, password) else None


def login_page(status: int = 200, errors: Errors | None = None) -> Response:
    """The sign-in form."""
    return _form_page("accounts/login.html", status, errors, next=target(), kept=kept())


def sign_up_page(status: int = 200, errors: Errors | None = None) -> Response:
    """The sign-up form."""
    return _form_page("accounts/signup.html", status, errors, next=target(), kept=kept())


def code_page(purpose: str, status: int = 200, errors: Errors | None = None) -> Response:
    """Where a mailed code is typed: `sign_up`, `reset` (with the new password) or `change_email`."""
    public_id = request.values.get("id", "")
    with reading() as tx:
        row = queries.code_of(tx, public_id, purpose)
        address = masked_address(row.email) if row else ""
    note = web.take_note() or {}
    if row and note.get("kind") == "code_sent":
        address = note["email"]
    key = request.values.get("key", "")[:_LONGEST_KEY]
    return _form_page(
        f"accounts/code_{purpose}.html",
        status,
        _of_the_whole(errors, "code" if key else "", over=row is None),
        id=public_id,
        key=key,
        address=address,
        over=row is None,
    )


def _of_the_whole(errors: Errors | None, unseen: str, *, over: bool) -> Errors:
    """What is wrong, said of the whole form where the page has no box for it: a link would lead nowhere."""
    return {"" if over or name == unseen else name: said for name, said in (errors or {}).items()}


def confirm_page(status: int = 200, errors: Errors | None = None) -> Response:
    """Behind the link of a sign-up's letter."""
    public_id = request.values.get("id", "")
    with reading() as tx:
        over = queries.code_of(tx, public_id, "sign_up") is None
    key = request.values.get("key", "")[:_LONGEST_KEY]
    mine = begun_here()
    errors = _of_the_whole(errors, "key", over=over)
    return _form_page("accounts/confirm.html", status, errors, id=public_id, key=key, over=over, mine=mine)


def reset_page(status: int = 200, errors: Errors | None = None) -> Response:
    """Where a forgotten password is set anew: first the address."""
    return _form_page("accounts/reset.html", status, errors)


def account_page(status: int = 200, errors: Errors | None = None, secret: str = "") -> Response:
    """Everything a person may change about their account; `secret` is a token's, shown this once."""
    actor = web.actor()
    with reading() as tx:
        about = {
            "user": queries.account(tx, actor.user_id),
            "tokens": queries.tokens_of(tx, actor.user_id or 0),
            "sign_ins": queries.sign_ins_of(tx, actor.user_id or 0),
            "consented_at": queries.consent_since(tx, actor.user_id, PUBLIC_POSTING),
        }
    left = web.take_note() or {}
    words = _NOTES.get(left.get("kind", "").removeprefix("account."))
    note = {"text": words, "tone": "ok"} if words else None
    return _form_page(
        "accounts/account.html",
        status,
        errors,
        note=note,
        secret=secret,
        here_digest=web.sign_in_digest(),
        **about,
    )


def delete_page(status: int = 200, errors: Errors | None = None) -> Response:
    """The last page of an account."""
    return _form_page("accounts/delete.html", status, errors)


def back_to_account(note: str) -> Response:
    """To the account page, with a word on what was done."""
    return web.note(web.see_other("/account"), f"account.{note}")


def require_sign_in() -> int:
    """The account of whoever asks; raises `Denied` for nobody."""
    user_id = web.actor().user_id
    if user_id is None:
        raise Denied("sign_in", sign_in=True)
    return user_id


def _form_page(template: str, status: int, errors: Errors | None, **context: Any) -> Response:
    """A form with what was typed into it, but never a password; kept by no cache."""
    typed = {k: v for k, v in request.form.items() if "password" not in k}
    page = web.page(template, status, errors=errors or {}, typed=typed, noindex=True, **context)
    page.headers["Cache-Control"] = "no-store"
    return page
