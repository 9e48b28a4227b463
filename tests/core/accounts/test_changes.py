import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.core.accounts import service
from forum.core.accounts.models import MailCode, SignIn, TakenName, User
from forum.core.accounts.service.codes import digits
from forum.kernel import clock
from forum.kernel.errors import Conflict, Invalid
from forum.kernel.events import Event
from tests.core.accounts.conftest import GOOD, Browser, Mailbox, Work, code_id, wrong
from tests.factories import Make

NEW = "ต้นไทรหลังศาลเจ้า"


def signed_out_everywhere(tx: Session) -> list[int | None]:
    told = select(Event.subject_id).where(Event.name == "account.signed_out_everywhere")
    return list(tx.execute(told).scalars())


def change(browser: Browser, current: str = GOOD, new: str = NEW) -> object:
    return browser.send("/account/password", {"current_password": current, "new_password": new}, "/account")


def test_a_password_change_ends_every_other_sign_in_and_keeps_this_one(
    browser: Browser, another: Browser, person: User, mailbox: Mailbox, tx: Session
) -> None:
    browser.sign_in(str(person.email))
    another.sign_in(str(person.email))
    before = browser.secret()
    assert change(browser).status_code == 303
    assert browser.is_in()
    assert browser.secret() != before
    assert not another.is_in()
    assert signed_out_everywhere(tx) == [person.id]
    assert another.sign_in(str(person.email), GOOD).status_code == 422
    assert another.sign_in(str(person.email), NEW).status_code == 303
    letter = mailbox.one()
    assert letter["To"] == person.email
    assert "ถ้าไม่ใช่คุณ" in letter.get_content()


@pytest.mark.parametrize(("current", "new", "field"), [
    ("ไม่ใช่รหัสเดิม", NEW, "current_password"), ("", NEW, "current_password"), (GOOD, "สั้น", "new_password"),
    (GOOD, "password123", "new_password"), (GOOD, "นก ริมคลอง", "new_password"), (GOOD, "ก" * 201, "new_password"),
])  # fmt: skip
def test_a_refused_password_change_changes_nothing(
    browser: Browser, another: Browser, person: User, tx: Session, current: str, new: str, field: str
) -> None:
    browser.sign_in(str(person.email))
    another.sign_in(str(person.email))
    answer = change(browser, current, new)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert another.is_in()
    assert signed_out_everywhere(tx) == []


def test_guessing_the_password_from_a_stolen_sign_in_is_limited(browser: Browser, limits: object, person: User) -> None:
    browser.sign_in(str(person.email))
    limits(sign_in_account="2/hour")
    assert [change(browser, "เดาไปเรื่อยๆ").status_code for _ in range(3)] == [422, 422, 429]


def test_two_password_changes_at_once_make_one(person: User, tx: Session) -> None:
    before = str(person.password_hash)
    service.change_password(tx, person.id, before, service.hash_password(NEW))
    with pytest.raises(Invalid):
        service.change_password(tx, person.id, before, service.hash_password(GOOD + "2"))


def ask_reset(browser: Browser, email: str) -> object:
    return browser.send("/reset", {"email": email})


def set_anew(browser: Browser, public_id: str, code: str = "", key: str = "", new: str = NEW) -> object:
    fields = {"id": public_id, "code": code, "key": key, "new_password": new}
    return browser.send("/reset/password", fields, "/reset")


def test_a_forgotten_password_is_set_anew_by_code(
    browser: Browser, another: Browser, person: User, mailbox: Mailbox, tx: Session
) -> None:
    another.sign_in(str(person.email))
    public_id = code_id(ask_reset(browser, str(person.email)))
    assert set_anew(browser, public_id, mailbox.code()).status_code == 303
    assert browser.is_in()
    assert not another.is_in()
    assert signed_out_everywhere(tx) == [person.id]
    assert another.sign_in(str(person.email), NEW).status_code == 303
    told = mailbox.one().get_content()
    assert "เปลี่ยนแล้ว" in told
    assert told.count("ถ้าไม่ใช่คุณ") == 1


def test_a_forgotten_password_is_set_anew_by_link(
    browser: Browser, another: Browser, person: User, mailbox: Mailbox
) -> None:
    ask_reset(browser, str(person.email))
    link = mailbox.link()
    page = another.open(link)
    assert 'name="code"' not in page.text
    public_id, key = link.split("id=")[1].split("&key=")
    assert set_anew(another, public_id, key=key).status_code == 303
    assert another.is_in()


def test_a_reset_works_once(browser: Browser, another: Browser, person: User, mailbox: Mailbox) -> None:
    public_id = code_id(ask_reset(browser, str(person.email)))
    code = mailbox.code()
    set_anew(browser, public_id, code)
    assert set_anew(another, public_id, code, new=GOOD).status_code == 422
    assert not another.is_in()


def test_a_second_reset_is_void_once_the_first_was_used(
    browser: Browser, another: Browser, person: User, mailbox: Mailbox
) -> None:
    first, first_code = code_id(ask_reset(browser, str(person.email))), mailbox.code()
    second, second_code = code_id(ask_reset(another, str(person.email))), mailbox.code()
    assert set_anew(browser, first, first_code).status_code == 303
    assert set_anew(another, second, second_code).status_code == 422


def test_five_wrong_codes_end_a_reset(browser: Browser, person: User, mailbox: Mailbox) -> None:
    public_id = code_id(ask_reset(browser, str(person.email)))
    code = mailbox.code()
    for _ in range(5):
        set_anew(browser, public_id, wrong(code))
    assert set_anew(browser, public_id, code).status_code == 422
    assert browser.sign_in(str(person.email)).status_code == 303


def test_a_code_for_one_purpose_opens_no_other(browser: Browser, person: User, mailbox: Mailbox, tx: Session) -> None:
    public_id = code_id(browser.ask_sign_up())
    code = mailbox.code()
    assert set_anew(browser, public_id, code).status_code == 422
    assert tx.execute(select(func.count()).select_from(User)).scalar_one() == 1


def test_a_reset_is_over_after_half_an_hour(browser: Browser, person: User, mailbox: Mailbox) -> None:
    with time_machine.travel(clock.now(), tick=False) as travel:
        public_id = code_id(ask_reset(browser, str(person.email)))
        code = mailbox.code()
        travel.shift(30 * 60)
        assert set_anew(browser, public_id, code).status_code == 422


def test_a_reset_for_an_unknown_address_looks_and_costs_the_same(
    browser: Browser, person: User, mailbox: Mailbox, work: Work, tx: Session
) -> None:
    told = []
    for email in (str(person.email), "nobody@example.org"):
        before = work.times
        public_id = code_id(ask_reset(browser, email))
        row = tx.execute(select(MailCode).where(MailCode.public_id == public_id)).scalar_one()
        refused = set_anew(browser, public_id, wrong(digits(row)))
        told.append((refused.status_code, "รหัสไม่ตรง" in refused.text, work.times - before))
    assert told[0] == told[1]
    known, unknown = mailbox.empty()
    assert "รหัส 6 หลัก" in known.get_content()
    assert "รหัส 6 หลัก" not in unknown.get_content()
    assert "ยังไม่มีบัญชี" in unknown.get_content()


def test_even_the_derived_code_of_an_unknown_address_opens_nothing(browser: Browser, tx: Session, app: Flask) -> None:
    public_id = code_id(ask_reset(browser, "nobody@example.org"))
    row = tx.execute(select(MailCode)).scalar_one()
    assert set_anew(browser, public_id, digits(row)).status_code == 422
    assert tx.execute(select(SignIn)).first() is None


def ask_address(browser: Browser, email: str, password: str = GOOD) -> object:
    return browser.send("/account/email", {"new_email": email, "email_password": password}, "/account")


def prove(browser: Browser, public_id: str, code: str = "", key: str = "") -> object:
    return browser.send("/account/email/code", {"id": public_id, "code": code, "key": key}, "/account")


def test_an_address_changes_once_it_is_proven_and_the_old_one_is_told(
    browser: Browser, another: Browser, person: User, mailbox: Mailbox, tx: Session
) -> None:
    old = str(person.email)
    browser.sign_in(old)
    public_id = code_id(ask_address(browser, "new@example.org"))
    assert another.sign_in(old).status_code == 303, "nothing changed yet"
    assert prove(browser, public_id, mailbox.code()).status_code == 303
    tx.refresh(person)
    assert person.email == "new@example.org"
    letter = mailbox.one()
    assert letter["To"] == old
    assert "new@example.org" not in letter.get_content()


def test_an_address_is_proven_by_link_only_by_whoever_asked(
    browser: Browser, another: Browser, person: User, make: Make, mailbox: Mailbox, tx: Session
) -> None:
    browser.sign_in(str(person.email))
    ask_address(browser, "new@example.org")
    link = mailbox.link()
    public_id, key = link.split("id=")[1].split("&key=")
    assert another.open(link).location.startswith("/login?next=/account/email")
    stranger = make.user("คนอื่น")
    make.sign_in(another.client, stranger)
    assert prove(another, public_id, key=key).status_code == 422
    assert prove(browser, public_id, key=key).status_code == 303
    tx.refresh(person)
    tx.refresh(stranger)
    assert person.email == "new@example.org"
    assert stranger.email != "new@example.org"


def test_an_address_with_an_account_is_not_told_apart_and_never_taken_over(
    browser: Browser, person: User, make: Make, mailbox: Mailbox, tx: Session
) -> None:
    taken = str(make.user("คนอื่น").email)
    browser.sign_in(str(person.email))
    public_id = code_id(ask_address(browser, taken))
    assert "มีบัญชีอยู่แล้ว" in mailbox.one().get_content()
    row = tx.execute(select(MailCode)).scalar_one()
    assert prove(browser, public_id, digits(row)).status_code == 422
    tx.refresh(person)
    assert person.email != taken


@pytest.mark.parametrize(("email", "password", "field"), [
    ("new@example.org", "ไม่ใช่รหัสผ่าน", "email_password"), ("ไม่ใช่อีเมล", GOOD, "new_email"), ("", "", "new_email"),
])  # fmt: skip
def test_a_refused_address_change_changes_nothing(
    browser: Browser, person: User, tx: Session, email: str, password: str, field: str
) -> None:
    browser.sign_in(str(person.email))
    answer = ask_address(browser, email, password)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert tx.execute(select(MailCode)).first() is None


def test_ones_own_address_is_no_new_one(browser: Browser, person: User) -> None:
    browser.sign_in(str(person.email))
    assert ask_address(browser, str(person.email)).status_code == 422


def rename(browser: Browser, name: str, version: object) -> object:
    return browser.send("/account/name", {"name": name, "version": str(version)}, "/account")


def test_a_pen_name_changes_and_the_old_one_is_free_again(browser: Browser, tx: Session, make: Make) -> None:
    user, _none = service.create_confirmed_user(tx, "a@example.org", "ชื่อเก่า", GOOD)
    make.sign_in(browser.client, user)
    assert rename(browser, " ชื่อ  ใหม่ ", user.version).status_code == 303
    tx.refresh(user)
    assert user.name == "ชื่อ ใหม่"
    assert set(tx.execute(select(TakenName.key)).scalars()) == {"ชื่อใหม่"}
    service.require_free(tx, "ชื่อเก่า")
    with pytest.raises(Invalid):
        service.require_free(tx, "ชื่อใหม่")


def test_a_person_may_respell_their_own_name(tx: Session) -> None:
    user, _none = service.create_confirmed_user(tx, "a@example.org", "nok nam", GOOD)
    service.change_name(tx, user.id, "Nok Nam", user.version)
    assert user.name == "Nok Nam"


def test_a_name_somebody_else_has_is_refused_and_what_was_typed_stays(
    browser: Browser, tx: Session, make: Make
) -> None:
    service.create_confirmed_user(tx, "a@example.org", "คนแรก", GOOD)
    user, _none = service.create_confirmed_user(tx, "b@example.org", "คนที่สอง", GOOD)
    make.sign_in(browser.client, user)
    answer = rename(browser, "คน แรก", user.version)
    assert answer.status_code == 422
    assert 'value="คน แรก"' in answer.text


def test_a_name_changed_in_two_places_is_a_conflict_that_shows_both(browser: Browser, tx: Session, make: Make) -> None:
    user, _none = service.create_confirmed_user(tx, "a@example.org", "เดิม", GOOD)
    make.sign_in(browser.client, user)
    old = user.version
    assert rename(browser, "ของเครื่องแรก", old).status_code == 303
    answer = rename(browser, "ของเครื่องที่สอง", old)
    assert answer.status_code == 409
    assert "ของเครื่องที่สอง" in answer.text
    tx.refresh(user)
    assert user.name == "ของเครื่องแรก"
    with pytest.raises(Conflict) as conflict:
        service.change_name(tx, user.id, "อีกชื่อ", old)
    assert conflict.value.current == {"name": "ของเครื่องแรก", "version": user.version}


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "9" * 5000, "๙๙"])
def test_a_version_that_is_none_is_an_old_one(browser: Browser, person: User, make: Make, version: str) -> None:
    make.sign_in(browser.client, person)
    assert rename(browser, "ชื่อใหม่", version).status_code == 409


def test_a_person_signs_out_their_other_devices(browser: Browser, another: Browser, person: User, tx: Session) -> None:
    browser.sign_in(str(person.email))
    another.sign_in(str(person.email))
    assert browser.send("/account/sign-outs", {}, "/account").status_code == 303
    assert browser.is_in()
    assert not another.is_in()
    assert len(tx.execute(select(Event).where(Event.name == "account.signed_out")).all()) == 1


def test_consent_is_given_and_taken_back_and_each_word_is_kept(
    browser: Browser, person: User, make: Make, tx: Session
) -> None:
    make.sign_in(browser.client, person)
    had = []
    for given in ("1", "0", "1"):
        browser.send("/account/consent", {"given": given}, "/account")
        had.append(service.has_consent(tx, person.id, "public_posting"))
    assert had == [True, False, True]
    assert not service.has_consent(tx, None, "public_posting")
    assert not service.has_consent(tx, person.id, "something else")
