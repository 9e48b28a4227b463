import re

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.core.accounts import queries, service
from forum.core.accounts.models import PUBLIC_POSTING, Consent, MailCode, SignIn, User
from forum.core.accounts.service.codes import digits
from forum.kernel import clock
from forum.kernel.errors import Invalid
from forum.kernel.mail import Mail
from tests.core.accounts.conftest import GOOD, Browser, Mailbox, Work, code_id, wrong
from tests.factories import Make

SENT = "/signup"


def users(tx: Session) -> int:
    return tx.execute(select(func.count()).select_from(User)).scalar_one()


def confirm(browser: Browser, public_id: str, code: str) -> object:
    return browser.send("/signup/code", {"id": public_id, "code": code}, f"/signup?id={public_id}")


def test_a_person_signs_up_with_the_code_from_the_mail(browser: Browser, mailbox: Mailbox, tx: Session) -> None:
    asked = browser.ask_sign_up()
    assert users(tx) == 0
    answer = confirm(browser, code_id(asked), mailbox.code())
    assert answer.status_code == 303
    user = tx.execute(select(User)).scalar_one()
    assert (user.email, user.name, user.confirmed_at is not None) == ("nok@example.org", "นกน้ำ", True)
    assert "นกน้ำ" in browser.open("/account").text


def test_a_code_may_be_typed_with_thai_digits_and_spaces(browser: Browser, mailbox: Mailbox) -> None:
    asked = browser.ask_sign_up()
    thai = mailbox.code().translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    assert confirm(browser, code_id(asked), f" {thai[:3]} {thai[3:]} ").status_code == 303


def test_the_link_in_the_same_browser_needs_one_press(browser: Browser, mailbox: Mailbox, tx: Session) -> None:
    browser.ask_sign_up()
    link = mailbox.link()
    page = browser.open(link)
    assert page.status_code == 200
    assert users(tx) == 0, "opening a link changes nothing"
    assert 'type="password"' not in page.text
    public_id, key = link.split("id=")[1].split("&key=")
    assert browser.send("/signup/confirm", {"id": public_id, "key": key}, link).status_code == 303
    assert browser.is_in()


def test_the_link_in_another_browser_needs_the_password_of_the_sign_up(
    browser: Browser, another: Browser, mailbox: Mailbox, tx: Session
) -> None:
    browser.ask_sign_up()
    link = mailbox.link()
    public_id, key = link.split("id=")[1].split("&key=")
    fields = {"id": public_id, "key": key}
    refused = another.send("/signup/confirm", fields | {"password": "อะไรสักอย่างที่ผิด"}, link)
    assert refused.status_code == 422
    assert users(tx) == 0
    assert another.send("/signup/confirm", fields | {"password": GOOD}, link).status_code == 303
    assert another.is_in()


@pytest.mark.parametrize("key", ["", "0" * 64, "ก", "x" * 5000])
def test_a_forged_link_confirms_nothing(browser: Browser, mailbox: Mailbox, tx: Session, key: str) -> None:
    public_id = code_id(browser.ask_sign_up())
    answer = browser.send("/signup/confirm", {"id": public_id, "key": key}, f"/signup?id={public_id}")
    assert answer.status_code == 422
    assert users(tx) == 0


def test_a_wrong_code_is_refused_and_the_right_one_still_works(browser: Browser, mailbox: Mailbox) -> None:
    public_id = code_id(browser.ask_sign_up())
    code = mailbox.code()
    refused = confirm(browser, public_id, wrong(code))
    assert refused.status_code == 422
    assert "มีข้อผิดพลาด:" in refused.text
    assert confirm(browser, public_id, code).status_code == 303


def test_after_five_wrong_codes_the_right_one_is_refused_too(browser: Browser, mailbox: Mailbox, tx: Session) -> None:
    public_id = code_id(browser.ask_sign_up())
    code = mailbox.code()
    for _ in range(5):
        assert confirm(browser, public_id, wrong(code)).status_code == 422
    assert confirm(browser, public_id, code).status_code == 422
    assert users(tx) == 0


def test_a_new_code_opens_the_same_sign_up_and_ends_the_old_one(browser: Browser, mailbox: Mailbox) -> None:
    old_id = code_id(browser.ask_sign_up())
    old = mailbox.code()
    again = browser.send("/signup/again", {"id": old_id}, f"/signup?id={old_id}")
    new_id, new = code_id(again), mailbox.code()
    assert confirm(browser, old_id, old).status_code == 422
    assert confirm(browser, new_id, old).status_code == 422
    assert confirm(browser, new_id, new).status_code == 303


def test_a_used_code_opens_nothing_again(browser: Browser, another: Browser, mailbox: Mailbox, tx: Session) -> None:
    public_id = code_id(browser.ask_sign_up())
    code = mailbox.code()
    confirm(browser, public_id, code)
    again = another.send("/signup/code", {"id": public_id, "code": code}, "/signup")
    assert again.status_code == 422
    assert not another.is_in()
    assert users(tx) == 1


def test_a_code_is_over_after_half_an_hour(browser: Browser, mailbox: Mailbox, tx: Session) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as travel:
        public_id = code_id(browser.ask_sign_up())
        code = mailbox.code()
        travel.shift(30 * 60)
        answer = browser.send("/signup/code", {"id": public_id, "code": code}, "/signup")
    assert answer.status_code == 422
    assert users(tx) == 0


def test_a_letter_that_comes_too_late_is_not_sent(browser: Browser, mailbox: Mailbox, tx: Session) -> None:
    with time_machine.travel(clock.now(), tick=False) as travel:
        browser.ask_sign_up()
        travel.shift(31 * 60)
        assert mailbox.empty() == []
    assert tx.execute(select(Mail.state)).scalar_one() == "dropped"


def test_neither_code_nor_link_nor_password_is_in_the_database(browser: Browser, mailbox: Mailbox, tx: Session) -> None:
    browser.ask_sign_up()
    link = mailbox.link()
    row = tx.execute(select(MailCode)).scalar_one()
    stored = repr([getattr(row, c.name) for c in MailCode.__table__.columns])
    assert link.split("key=")[1] not in stored
    assert GOOD not in stored
    assert "nok@" not in repr(tx.execute(select(Mail.ids)).scalars().all())


def test_an_address_with_an_account_gets_the_same_page_and_another_letter(
    browser: Browser, another: Browser, mailbox: Mailbox, person: User, work: Work, tx: Session
) -> None:
    def told(who: Browser, email: str, name: str) -> tuple[int, str, int]:
        before = work.times
        answer = who.ask_sign_up(email, name)
        page = who.open(answer.location).text.replace(code_id(answer), "ID").replace(email, "MAIL")
        shown = re.sub(r'name="csrf_token" value="[^"]+"', "", page.split("<main")[1].split("</main")[0])
        return answer.status_code, shown, work.times - before

    unknown = told(browser, "new@example.org", "คนใหม่")
    letter = mailbox.one()
    assert "รหัส 6 หลัก" in letter.get_content()
    known = told(another, str(person.email), "คนเก่า")
    letter = mailbox.one()
    assert "รหัส 6 หลัก" not in letter.get_content()
    assert letter["To"] == person.email
    assert "/login" in letter.get_content()
    assert unknown == known


def test_no_code_opens_a_sign_up_for_an_address_with_an_account(
    browser: Browser, mailbox: Mailbox, person: User, tx: Session
) -> None:
    public_id = code_id(browser.ask_sign_up(str(person.email)))
    row = tx.execute(select(MailCode)).scalar_one()
    derived = digits(row)
    assert confirm(browser, public_id, derived).status_code == 422
    assert users(tx) == 1
    assert tx.execute(select(SignIn)).first() is None


def test_two_sign_ups_for_one_address_make_one_account(
    browser: Browser, another: Browser, mailbox: Mailbox, tx: Session
) -> None:
    first, first_code = code_id(browser.ask_sign_up(name="คนแรก")), mailbox.code()
    second, second_code = code_id(another.ask_sign_up("NOK@Example.org ", "คนที่สอง")), mailbox.code()
    assert confirm(browser, first, first_code).status_code == 303
    late = another.send("/signup/code", {"id": second, "code": second_code}, "/signup")
    assert late.status_code == 422
    assert tx.execute(select(User.name)).scalars().all() == ["คนแรก"]


def test_a_name_taken_between_asking_and_confirming_gets_a_number(
    browser: Browser, another: Browser, mailbox: Mailbox, tx: Session
) -> None:
    first, first_code = code_id(browser.ask_sign_up("a@example.org", "นกน้ำ")), mailbox.code()
    second, second_code = code_id(another.ask_sign_up("b@example.org", "นก น้ำ")), mailbox.code()
    confirm(browser, first, first_code)
    confirm(another, second, second_code)
    assert tx.execute(select(User.name).order_by(User.id)).scalars().all() == ["นกน้ำ", "นก น้ำ 2"]


@pytest.mark.parametrize("name", ["Nok Nam", "nok  NAM", "NokNam", "Nok-Nam", "ｎｏｋｎａｍ"])
def test_a_name_somebody_has_is_refused_without_saying_whose(
    browser: Browser, tx: Session, make: Make, name: str
) -> None:
    service.create_confirmed_user(tx, "first@example.org", "Nok Nam", GOOD)
    answer = browser.ask_sign_up("second@example.org", name)
    assert answer.status_code == 422
    assert "มีคนใช้ชื่อนี้" in answer.text
    assert "first@" not in answer.text


@pytest.mark.parametrize("name", ["สำนักช่างท่าพร้าว", "สำนักช่าง ท่าพร้าว", "WORKS office"])
def test_nobody_takes_the_name_of_an_office(browser: Browser, tx: Session, name: str) -> None:
    service.reserve_names(tx, "สำนักช่างท่าพร้าว", "Works Office")
    tx.flush()
    assert browser.ask_sign_up(name=name).status_code == 422


MISLEADING_NAMES = [
        "", " ", "ก", "ก" * 41, "\u200b\u200b\u2060", "ผู้ดูแลระบบ", "Admin", "เจ้าหน้าที่", "ศาลา", "The Sala operator",
        "nok@example.org", "https://x.example", "ก" + "\u0e48" * 9, "abc\u202edef", "a\u2067b\u2069", "\ue000\ue001",
    ]  # fmt: skip


def test_a_name_that_would_mislead_is_refused(browser: Browser, tx: Session) -> None:
    for name in MISLEADING_NAMES:
        answer = browser.ask_sign_up(name=name)
        assert answer.status_code == 422, name
        assert 'href="#f-name"' in answer.text
    assert tx.execute(select(MailCode)).first() is None


BAD_ADDRESSES = [
        "", "nok", "nok@", "@example.org", "nok@example", "nok @example.org", "nok@exa mple.org", "a@b@example.org",
        "nok@example.org\nBcc: x@example.org", "ก@example.org", ".nok@example.org", "n..k@example.org",
        "a" * 65 + "@example.org", "nok@" + "a." * 130 + "org", "nok@-example.org", "nok@example.org,x@example.org",
    ]  # fmt: skip


def test_an_address_that_cannot_be_one_is_refused(browser: Browser, tx: Session) -> None:
    for email in BAD_ADDRESSES:
        answer = browser.ask_sign_up(email)
        assert answer.status_code == 422, email
        assert 'href="#f-email"' in answer.text
    assert tx.execute(select(MailCode)).first() is None


@pytest.mark.parametrize(
    "password", ["", "สั้นไป", "password123", "1234567890", "aaaaaaaaaaaa", "nok@example.org", "ก" * 201, "x" * 100_000]
)
def test_a_bad_password_is_refused_and_never_shown_again(browser: Browser, tx: Session, password: str) -> None:
    answer = browser.send("/signup", {"email": "nok@example.org", "name": "นกน้ำ", "password": password})
    assert answer.status_code == 422
    assert 'href="#f-password"' in answer.text
    assert 'value="นกน้ำ"' in answer.text, "what was typed is still there"
    assert not password or f'value="{password}"' not in answer.text.replace('value="nok@example.org"', "", 1)
    assert tx.execute(select(MailCode)).first() is None


def test_all_faults_are_told_at_once(browser: Browser) -> None:
    answer = browser.send("/signup", {"email": "x", "name": "", "password": "1"})
    for name in ("email", "name", "password"):
        assert f'href="#f-{name}"' in answer.text


def test_the_consent_is_separate_and_not_ticked_beforehand(browser: Browser, mailbox: Mailbox, tx: Session) -> None:
    page = browser.open("/signup").text
    box = page[page.index('name="consent"') :].split(">")[0]
    assert "checked" not in box
    assert "required" not in box
    confirm(browser, code_id(browser.ask_sign_up()), mailbox.code())
    user = tx.execute(select(User)).scalar_one()
    assert tx.execute(select(Consent)).first() is None
    assert not service.has_consent(tx, user.id, PUBLIC_POSTING)


def test_a_ticked_consent_is_stored_with_purpose_version_and_the_time_it_was_given(
    browser: Browser, mailbox: Mailbox, tx: Session
) -> None:
    with time_machine.travel(clock.now(), tick=False) as travel:
        given_at = clock.now()
        public_id = code_id(browser.ask_sign_up(consent="1"))
        travel.shift(600)
        confirm(browser, public_id, mailbox.code())
    consent = tx.execute(select(Consent)).scalar_one()
    assert (consent.purpose, consent.version, consent.given) == ("public_posting", "2026-11-22.2", True)
    assert consent.at == given_at
    assert service.has_consent(tx, consent.user_id, PUBLIC_POSTING)


def test_a_sign_up_goes_back_to_where_the_person_was_with_what_they_typed(browser: Browser, mailbox: Mailbox) -> None:
    asked = browser.ask_sign_up(next="/t/abc?sort=new", kept="K" * 43)
    answer = confirm(browser, code_id(asked), mailbox.code())
    assert answer.location == "/t/abc?sort=new&kept=" + "K" * 43


def test_a_limit_on_sign_ups_is_kept(browser: Browser, limits: object) -> None:
    limits(sign_up="2/hour")
    assert browser.ask_sign_up("a@example.org").status_code == 303
    assert browser.ask_sign_up("b@example.org").status_code == 303
    third = browser.ask_sign_up("c@example.org")
    assert third.status_code == 429
    assert int(third.headers["Retry-After"]) > 0


def test_one_address_gets_few_letters_whoever_asks(
    browser: Browser, another: Browser, limits: object, mailbox: Mailbox, person: User
) -> None:
    limits(mails="2/hour")
    for email in ("new@example.org", str(person.email)):
        asked = [who.ask_sign_up(email).status_code for who in (browser, another, browser)]
        assert asked == [303, 303, 429]
    assert len(mailbox.empty()) == 4


def test_a_limit_on_codes_is_kept(browser: Browser, limits: object, mailbox: Mailbox) -> None:
    limits(codes="2/hour")
    public_id = code_id(browser.ask_sign_up())
    tried = [confirm(browser, public_id, "000000").status_code for _ in range(3)]
    assert tried[2] == 429


def test_who_is_signed_in_needs_no_sign_up(browser: Browser, make: Make) -> None:
    make.sign_in(browser.client, make.user())
    assert browser.open("/signup").status_code == 303


def test_the_operator_makes_a_confirmed_account_and_is_told_its_password_once(tx: Session) -> None:
    user, password = service.create_confirmed_user(tx, "Officer@Example.org", "สมศรี")
    assert user.email == "officer@example.org"
    assert user.confirmed_at is not None
    assert password is not None
    assert service.verify_password(user.password_hash, password)
    _user, none = service.create_confirmed_user(tx, "b@example.org", "สมศรี", "demo")
    assert none is None
    assert queries.account_at(tx, "b@example.org").name == "สมศรี 2"


def test_the_operator_makes_no_second_account_for_an_address(tx: Session) -> None:
    service.create_confirmed_user(tx, "a@example.org", "หนึ่ง", "x")
    with pytest.raises(Invalid) as error:
        service.create_confirmed_user(tx, "A@example.org", "สอง", "x")
    assert "email" in error.value.errors
