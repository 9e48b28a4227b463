import re

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.accounts import pages, queries, service
from forum.core.accounts.models import SignIn, User
from forum.core.accounts.queries import digest_of
from forum.kernel import clock
from forum.kernel.errors import Denied
from forum.kernel.events import Event
from tests.core.accounts.conftest import GOOD, Browser, Work
from tests.factories import Make


def events(tx: Session, name: str) -> list[Event]:
    return list(tx.execute(select(Event).where(Event.name == name)).scalars())


def test_a_person_signs_in_and_out(browser: Browser, person: User, tx: Session) -> None:
    assert browser.sign_in(str(person.email)).status_code == 303
    assert browser.is_in()
    sign_in_id = tx.execute(select(SignIn.id)).scalar_one()
    assert browser.send("/logout", {}, "/account").location == "/"
    assert not browser.is_in()
    [told] = events(tx, "account.signed_out")
    assert (told.subject_id, told.data) == (person.id, {"sign_in_id": sign_in_id})


def test_the_address_may_be_typed_in_capitals_with_spaces(browser: Browser, person: User) -> None:
    assert browser.sign_in(f" {str(person.email).upper()} ").status_code == 303


def test_a_secret_is_stored_only_as_a_digest(browser: Browser, person: User, tx: Session) -> None:
    browser.sign_in(str(person.email))
    assert tx.execute(select(SignIn.digest)).scalar_one() == digest_of(browser.secret())


def test_the_secret_rotates_on_sign_in_and_the_old_one_is_dead(
    browser: Browser, client: FlaskClient, person: User, make: Make, tx: Session
) -> None:
    old = make.sign_in(client, person)
    with client.session_transaction() as session:
        session["planted"] = "x"
    fields = {"email": str(person.email), "password": GOOD, "csrf_token": browser.token("/account")}
    client.post("/login", data=fields)
    assert browser.secret() not in ("", old)
    with client.session_transaction() as session:
        assert "planted" not in session
    assert queries.signed_in_by(tx, old) is None
    assert len(events(tx, "account.signed_out")) == 1


def test_a_secret_planted_before_signing_in_opens_nothing(browser: Browser, another: Browser, person: User) -> None:
    with browser.client.session_transaction() as session:
        session["_user_id"] = "known to somebody else"
    browser.sign_in(str(person.email))
    with another.client.session_transaction() as session:
        session["_user_id"] = "known to somebody else"
    assert browser.is_in()
    assert not another.is_in()


def test_a_wrong_password_and_an_unknown_address_look_and_cost_the_same(
    browser: Browser, person: User, make: Make, work: Work
) -> None:
    without = make.user("ไม่มีรหัส")
    told = set()
    for email in (str(person.email), "nobody@example.org", str(without.email)):
        before = work.times
        answer = browser.sign_in(email, "ไม่ใช่รหัสผ่านนี้แน่")
        shown = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text.split("<main")[1].split("</main")[0])
        told.add((answer.status_code, shown.replace(email, "MAIL"), work.times - before))
    assert len(told) == 1
    [(status, _shown, hashed)] = told
    assert (status, hashed) == (422, 1)


@pytest.mark.parametrize("password", ["", "x", GOOD + " ", GOOD.upper() + "ก", "x" * 100_000, "\0", GOOD * 50])
def test_a_wrong_password_is_refused_and_not_shown(browser: Browser, person: User, password: str) -> None:
    answer = browser.sign_in(str(person.email), password)
    assert answer.status_code == 422
    assert not browser.is_in()
    assert f'value="{person.email}"' in answer.text
    assert not password.strip("\0") or f'value="{password}"' not in answer.text


def test_a_password_is_the_same_however_the_keyboard_composed_it(browser: Browser, tx: Session, make: Make) -> None:
    user = make.user("เซ", password_hash=service.hash_password("caf\u00e9 au lait noir"))
    assert browser.sign_in(str(user.email), "cafe\u0301 au lait noir").status_code == 303


def test_an_erased_account_signs_in_no_more(browser: Browser, make: Make, person: User, tx: Session) -> None:
    person.erased_at = clock.now()
    tx.flush()
    assert browser.sign_in(str(person.email)).status_code == 422
    make.sign_in(browser.client, person)
    assert not browser.is_in()


def test_a_sign_in_ends_after_ninety_days(browser: Browser, person: User) -> None:
    with time_machine.travel(clock.now(), tick=False) as travel:
        browser.sign_in(str(person.email))
        travel.shift(89 * 86400)
        assert browser.is_in()
        travel.shift(86400)
        assert not browser.is_in()


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Browser, person: User) -> None:
    answer = browser.sign_in(str(person.email))
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires=" in cookie, "it outlives the browser, which LINE ends at will"


def test_an_answer_of_a_page_does_not_set_the_cookie_again(browser: Browser, person: User) -> None:
    browser.sign_in(str(person.email))
    assert "session=" not in str(browser.open("/account").headers.getlist("Set-Cookie"))


def test_a_password_changed_while_it_was_being_checked_signs_nobody_in(person: User, tx: Session) -> None:
    with pytest.raises(Denied):
        service.sign_in(tx, person.id, "the hash that was verified before")


def test_a_limit_on_tries_from_one_place_is_kept(browser: Browser, limits: object, person: User) -> None:
    limits(sign_in="3/hour")
    tried = [browser.sign_in(f"x{n}@example.org", "ผิดแน่นอนครับ").status_code for n in range(4)]
    assert tried == [422, 422, 422, 429]


def test_a_limit_on_tries_at_one_account_is_kept_whether_or_not_it_exists(
    browser: Browser, another: Browser, limits: object, person: User
) -> None:
    limits(sign_in_account="3/hour")
    for email in (str(person.email), "nobody@example.org"):
        tried = [who.sign_in(email, "ผิดแน่นอน").status_code for who in (browser, another, browser, another)]
        assert tried == [422, 422, 422, 429]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil.example", "",
        "/\t/evil.example", "/a\nb", "http:evil", "\\\\evil",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(browser: Browser, person: User, target: str) -> None:
    assert browser.sign_in(str(person.email), next=target).location == "/"


def test_after_signing_in_a_person_is_where_they_were_with_what_they_typed(browser: Browser, person: User) -> None:
    page = browser.open("/login?next=/t/abc%3Fsort%3Dnew&kept=KEY").text
    assert 'name="next" value="/t/abc?sort=new"' in page
    assert 'name="kept" value="KEY"' in page
    assert "สิ่งที่พิมพ์ไว้ยังอยู่" in page
    assert browser.sign_in(str(person.email), next="/t/abc?sort=new", kept="KEY").location == "/t/abc?sort=new&kept=KEY"


def test_a_failed_sign_in_keeps_what_was_typed_before(browser: Browser, person: User) -> None:
    page = browser.sign_in(str(person.email), "ผิดแน่นอน", next="/t/abc", kept="KEY").text
    assert 'name="next" value="/t/abc"' in page
    assert 'name="kept" value="KEY"' in page


def test_a_key_is_put_into_any_address() -> None:
    assert pages.onward("/t/a?kept=OLD&x=1#c2", "NEW") == "/t/a?x=1&kept=NEW#c2"
    assert pages.onward("/t/a", "") == "/t/a"
    assert pages.onward("//evil.example", "NEW") == "/?kept=NEW"


def test_who_is_signed_in_already_goes_on(browser: Browser, person: User, make: Make) -> None:
    make.sign_in(browser.client, person)
    assert browser.open("/login?next=/t/abc").location == "/t/abc"


def test_signing_out_twice_is_no_error(browser: Browser) -> None:
    assert browser.client.post("/logout").status_code == 303


@pytest.mark.parametrize(
    "path", ["/login", "/signup", "/signup/code", "/signup/confirm", "/signup/again", "/reset", "/reset/again",
             "/reset/password", "/theme"],
)  # fmt: skip
def test_a_form_without_our_token_is_refused(browser: Browser, path: str) -> None:
    for token in (None, "", "x", "0" * 48, "ก" * 48):
        fields = {} if token is None else {"csrf_token": token}
        assert browser.client.post(path, data=fields).status_code == 403, token


@pytest.mark.parametrize(
    "path",
    [
        "/logout", "/account/name", "/account/email", "/account/email/code", "/account/password", "/account/sign-outs",
        "/account/tokens", "/account/tokens/x/revoke", "/account/consent", "/account/delete",
    ],
)  # fmt: skip
def test_a_form_of_somebody_signed_in_needs_their_own_token(
    browser: Browser, another: Browser, path: str, person: User, make: Make
) -> None:
    make.sign_in(browser.client, person)
    make.sign_in(another.client, make.user("อีกคน"))
    for token in ("", another.token("/account")):
        assert browser.client.post(path, data={"csrf_token": token}).status_code == 403
    assert browser.is_in()


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_a_form_sent_from_another_site_is_refused(browser: Browser, person: User, headers: dict[str, str]) -> None:
    fields = {"csrf_token": browser.token("/login"), "email": str(person.email), "password": GOOD}
    assert browser.client.post("/login", data=fields, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "path", ["/account/name", "/account/email", "/account/password", "/account/tokens", "/account/delete"]
)
def test_who_was_signed_out_in_another_tab_is_told_to_sign_in(browser: Browser, path: str) -> None:
    token = browser.token("/login")
    assert browser.client.post(path, data={"csrf_token": token}).status_code == 401


@pytest.mark.parametrize("path", ["/account", "/account/delete", "/account/export.json", "/account/email?id=x"])
def test_nobody_is_asked_to_sign_in_first(browser: Browser, path: str) -> None:
    answer = browser.open(path)
    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=/account")


def test_a_body_too_large_is_refused(browser: Browser) -> None:
    fields = {"csrf_token": browser.token("/login"), "email": "x" * 300_000, "password": "x"}
    assert browser.client.post("/login", data=fields).status_code == 413


@pytest.mark.parametrize(("to", "kept"), [("dark", "theme=dark"), ("light", "theme=light")])
def test_the_theme_is_kept_on_the_device(browser: Browser, to: str, kept: str) -> None:
    answer = browser.send("/theme", {"to": to, "next": "/privacy"}, "/privacy")
    assert answer.location == "/privacy"
    assert any(c.startswith(kept) for c in answer.headers.getlist("Set-Cookie"))
    assert f'data-theme="{to}"' in browser.open("/privacy").text


def test_the_theme_follows_the_device_again(browser: Browser) -> None:
    browser.send("/theme", {"to": "dark"}, "/privacy")
    browser.send("/theme", {"to": "auto"}, "/privacy")
    assert "data-theme" not in browser.open("/privacy").text


def test_an_unknown_theme_is_no_theme(browser: Browser) -> None:
    answer = browser.send("/theme", {"to": '"><script>', "next": "//evil.example"}, "/privacy")
    assert answer.location == "/"
    assert "script" not in str(answer.headers.getlist("Set-Cookie"))


def test_the_privacy_notice_names_its_version_in_both_languages(browser: Browser) -> None:
    for lang in ("th", "en"):
        page = browser.open(f"/privacy?lang={lang}").text
        assert "2026-11-22" in page
    assert "First of all" in page
