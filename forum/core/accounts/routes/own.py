"""Pages for whoever is signed in: one's own account, all of it changeable, copyable and deletable."""

from urllib.parse import quote

from flask import Response, request

from forum.core.accounts import forms, queries, service
from forum.core.accounts import pages as show
from forum.core.accounts.models import PUBLIC_POSTING
from forum.core.accounts.routes.blueprint import own_form, pages, typed
from forum.kernel import api, throttle, web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Conflict, Invalid
from forum.kernel.i18n import T

_WRONG_PASSWORD = T("รหัสผ่านไม่ตรง")


@pages.get("/account")
def account() -> Response:
    """One's own account."""
    if web.actor().is_nobody:
        return web.see_other("/login?next=/account")
    return show.account_page()


@pages.post("/account/name")
@own_form(show.account_page)
def change_name() -> Response:
    """Changes the pen name; 409 when it was changed elsewhere since the page was opened."""
    version = typed("version")
    name = forms.pen_name(typed("name"))
    try:
        with transaction() as tx:
            service.change_name(
                tx, show.require_sign_in(), name, int(version) if version.isdecimal() and len(version) < 10 else 0
            )
    except Conflict as conflict:
        return show.account_page(409, {"name": conflict.message})
    return show.back_to_account("name")


@pages.post("/account/email")
@own_form(show.account_page)
def ask_new_address() -> Response:
    """Sends a code to the new address."""
    user_id = show.require_sign_in()
    email = forms.address(typed("new_email"), "new_email")
    show.limit_for("mails", email)
    if show.password_matches(user_id, forms.given_password(typed("email_password"))) is None:
        raise Invalid({"email_password": _WRONG_PASSWORD})
    with transaction() as tx:
        public_id = service.ask_new_address(tx, user_id, email)
    return web.note(web.see_other(f"/account/email?id={public_id}"), "code_sent", email=email)


@pages.get("/account/email")
def new_address() -> Response:
    """Where the code for a new address is typed; also behind the link of its letter."""
    if web.actor().is_nobody:
        return web.see_other("/login?next=" + quote(request.full_path))
    return show.code_page("change_email")


@pages.post("/account/email/code")
@own_form(lambda *answer: show.code_page("change_email", *answer))
def change_address() -> Response:
    """Makes the proven address the account's."""
    throttle.hit("codes", web.address())
    with transaction() as tx:
        refused = service.change_address(tx, show.require_sign_in(), typed("id"), typed("code"), typed("key"))
    if refused is not None:
        raise Invalid({"code": refused.message})
    return show.back_to_account("email")


@pages.post("/account/password")
@own_form(show.account_page)
def change_password() -> Response:
    """Changes the password; every other device is signed out, this one gets a new secret."""
    user_id = show.require_sign_in()
    stored = show.password_matches(user_id, forms.given_password(typed("current_password")))
    if stored is None:
        raise Invalid({"current_password": _WRONG_PASSWORD})
    with reading() as tx:
        user = queries.account(tx, user_id)
    known = (user.name or "", user.email or "")
    hashed = service.hash_password(forms.new_password(typed("new_password"), known, "new_password"))
    with transaction() as tx:
        service.change_password(tx, user_id, stored, hashed)
    return web.note(show.let_in(user_id, None, "/account"), "account.password")


@pages.post("/account/sign-outs")
@own_form(show.account_page)
def sign_out_elsewhere() -> Response:
    """Signs out every other device."""
    with transaction() as tx:
        service.sign_out_elsewhere(tx, show.require_sign_in(), web.sign_in_digest())
    return show.back_to_account("signed_out")


@pages.post("/account/tokens")
@own_form(show.account_page)
def make_token() -> Response:
    """Makes a token and shows its secret on this one page."""
    name = forms.token_name(typed("token_name"), "token_name")
    with transaction() as tx:
        _public_id, secret = service.make_token(tx, show.require_sign_in(), name, "token_name")
    return show.account_page(secret=secret)


@pages.post("/account/tokens/<public_id>/revoke")
@own_form(show.account_page)
def revoke_token(public_id: str) -> Response:
    """Revokes a token."""
    with transaction() as tx:
        service.revoke_token(tx, web.actor(), public_id)
    return show.back_to_account("revoked")


@pages.post("/account/consent")
@own_form(show.account_page)
def change_consent() -> Response:
    """Gives or takes back the consent that what is posted becomes public."""
    given = typed("given") == "1"
    with transaction() as tx:
        service.record_consent(tx, show.require_sign_in(), None, PUBLIC_POSTING, given)
    return show.back_to_account("consent_given" if given else "consent_withdrawn")


@pages.get("/account/export.json")
def export() -> Response:
    """Everything stored about whoever asks. Opened, not downloaded: LINE's browser drops downloads."""
    if web.actor().is_nobody:
        return web.see_other("/login?next=/account")
    with reading() as tx:
        return api.answer(service.copy_of_everything(tx, show.require_sign_in()))


@pages.get("/account/delete")
def delete_page() -> Response:
    """Asks once more before an account is deleted."""
    if web.actor().is_nobody:
        return web.see_other("/login?next=/account/delete")
    return show.delete_page()


@pages.post("/account/delete")
@own_form(show.delete_page)
def delete_account() -> Response:
    """Deletes the account."""
    user_id, posts = show.require_sign_in(), typed("posts")
    if posts not in ("keep", "withdraw"):
        raise Invalid({"posts": T("เลือกก่อนว่าจะให้ข้อความที่ส่งแล้วอยู่ต่อหรือเอาออก")})
    stored = show.password_matches(user_id, forms.given_password(typed("delete_password")))
    if stored is None:
        raise Invalid({"delete_password": _WRONG_PASSWORD})
    with transaction() as tx:
        service.erase_account(tx, user_id, stored, posts == "withdraw")
    show.forget_browser()
    return web.page("accounts/deleted.html", withdrawn=posts == "withdraw", noindex=True)
