import json
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.commons.comments import service as comments
from forum.commons.comments.forms import read_comment, read_edit
from forum.commons.comments.queries import comment_by, thread_by
from forum.core.accounts import service
from forum.core.accounts.models import ApiToken, Consent, Draft, MailCode, SignIn, TakenName, User
from forum.kernel import clock, feature, mail
from forum.kernel.errors import Invalid, NotFound
from forum.kernel.events import Event
from tests.core.accounts.conftest import GOOD, Browser, Mailbox
from tests.factories import Make


def delete(browser: Browser, posts: str = "keep", password: str = GOOD) -> object:
    return browser.send("/account/delete", {"posts": posts, "delete_password": password})


def test_a_deleted_account_leaves_nothing_that_names_the_person(
    browser: Browser, another: Browser, person: User, make: Make, mailbox: Mailbox, tx: Session
) -> None:
    email = str(person.email)
    browser.sign_in(email)
    another.sign_in(email)
    secret = make.token(person)
    service.save_draft(tx, person.id, "t", "ค้างไว้")
    service.record_consent(tx, person.id, None, "public_posting", True)
    browser.send("/reset", {"email": email})
    answer = delete(browser)
    assert answer.status_code == 200
    assert "ผู้ใช้ที่ลบบัญชี" in answer.text
    tx.expire_all()
    assert (person.email, person.name, person.password_hash) == (None, None, None)
    assert person.erased_at is not None
    for table in (SignIn, ApiToken, Draft, MailCode, TakenName):
        assert tx.execute(select(func.count()).select_from(table)).scalar_one() == 0, table
    assert not browser.is_in()
    assert not another.is_in()
    assert another.client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert mailbox.empty() == [], "letters that waited are not sent"
    consent = tx.execute(select(Consent)).scalar_one()
    assert (consent.purpose, consent.given) == ("public_posting", True)


def test_addresses_an_account_had_or_asked_for_go_with_it(
    browser: Browser, person: User, mailbox: Mailbox, make: Make, tx: Session
) -> None:
    neighbour = make.user("คนข้างบ้าน")
    service.ask_new_address(tx, neighbour.id, "neighbour@example.org")
    mailbox.empty()
    first = service.ask_new_address(tx, person.id, "second@example.org")
    assert service.change_address(tx, person.id, first, mailbox.code()) is None
    service.ask_new_address(tx, person.id, "third@example.org")
    assert kept_addresses(tx) > {"second@example.org", "third@example.org"}
    browser.sign_in("second@example.org")
    delete(browser)
    assert kept_addresses(tx) == {"neighbour@example.org"}


def test_an_old_address_is_forgotten_within_a_day_of_the_change(person: User, mailbox: Mailbox, tx: Session) -> None:
    old = str(person.email)
    asked = service.ask_new_address(tx, person.id, "second@example.org")
    assert service.change_address(tx, person.id, asked, mailbox.code()) is None
    tx.commit()
    changed = clock.now()
    with time_machine.travel(changed + timedelta(hours=23), tick=False):
        service.forget_what_is_over()
        assert old in kept_addresses(tx)
    with time_machine.travel(changed + timedelta(hours=24, seconds=1), tick=False):
        service.forget_what_is_over()
        assert old not in kept_addresses(tx)


def kept_addresses(tx: Session) -> set[str]:
    """Every address that stands beside a code."""
    tx.expire_all()
    return set(tx.execute(select(MailCode.email)).scalars())


def test_after_deleting_the_address_and_the_name_are_free(
    browser: Browser, person: User, mailbox: Mailbox, tx: Session
) -> None:
    email, name = str(person.email), str(person.name)
    browser.sign_in(email)
    delete(browser)
    service.create_confirmed_user(tx, email, name, GOOD)
    assert tx.execute(select(User.name).where(User.email == email)).scalar_one() == name


@pytest.mark.parametrize(("posts", "password", "field"), [
    ("keep", "ไม่ใช่รหัสผ่าน", "delete_password"), ("keep", "", "delete_password"), ("", GOOD, "posts"),
    ("both", GOOD, "posts"),
])  # fmt: skip
def test_a_refused_deletion_deletes_nothing(
    browser: Browser, person: User, tx: Session, posts: str, password: str, field: str
) -> None:
    browser.sign_in(str(person.email))
    answer = delete(browser, posts, password)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    tx.refresh(person)
    assert person.erased_at is None
    assert browser.is_in()


def test_neither_choice_is_made_beforehand(browser: Browser, person: User) -> None:
    browser.sign_in(str(person.email))
    assert "checked" not in browser.open("/account/delete").text


@pytest.mark.parametrize(("choice", "withdraw"), [("keep", False), ("withdraw", True)])
def test_every_feature_is_told_to_forget_the_person(
    browser: Browser, person: User, tx: Session, choice: str, withdraw: bool
) -> None:
    told: list[tuple[int, bool]] = []
    probe = feature.Feature(name="probe", erase=lambda _tx, who, gone: told.append((who, gone)))
    known = feature.features()
    browser.sign_in(str(person.email))
    try:
        feature.register([*known, probe])
        delete(browser, choice)
    finally:
        feature.register(known)
    assert told == [(person.id, withdraw)]
    event = tx.execute(select(Event).where(Event.name == "account.erased")).scalar_one()
    assert (event.subject_id, event.data) == (person.id, {"posts": "withdrawn" if withdraw else "kept"})


def test_a_feature_that_fails_to_forget_stops_the_deletion(browser: Browser, person: User, tx: Session) -> None:
    def fail(_tx: Session, _who: int, _gone: bool) -> None:
        raise Invalid({"posts": "ยังลบไม่ได้"})

    known = feature.features()
    browser.sign_in(str(person.email))
    try:
        feature.register([*known, feature.Feature(name="probe", erase=fail)])
        assert delete(browser).status_code == 422
    finally:
        feature.register(known)
    tx.refresh(person)
    assert person.email is not None


def test_an_account_is_deleted_once(person: User, tx: Session) -> None:
    stored = str(person.password_hash)
    service.erase_account(tx, person.id, stored, False)
    with pytest.raises(NotFound):
        service.erase_account(tx, person.id, stored, False)


def test_a_password_changed_meanwhile_stops_the_deletion(person: User, tx: Session) -> None:
    with pytest.raises(Invalid):
        service.erase_account(tx, person.id, "another hash", False)


def test_events_of_accounts_hold_no_words_about_the_person(
    browser: Browser, person: User, make: Make, tx: Session
) -> None:
    browser.sign_in(str(person.email))
    browser.send("/account/tokens", {"token_name": "ชื่อโทเคน"}, "/account")
    browser.send("/account/consent", {"given": "1"}, "/account")
    delete(browser)
    said = json.dumps([e.data for e in tx.execute(select(Event)).scalars()], ensure_ascii=False)
    for word in ("example.org", "นก", "ชื่อโทเคน"):
        assert word not in said


def test_a_person_takes_a_copy_of_everything(browser: Browser, person: User, make: Make, tx: Session) -> None:
    browser.sign_in(str(person.email))
    make.token(person)
    service.save_draft(tx, person.id, "t/abc", "ค้างไว้")
    service.record_consent(tx, person.id, None, "public_posting", True)
    mail.queue(tx, "password_changed_notice", person.id)
    copy = browser.open("/account/export.json").json
    mine = copy["accounts"]
    assert mine["account"]["email"] == person.email
    assert mine["drafts"][0]["text"] == "ค้างไว้"
    assert mine["consents"][0]["version"] == "2026-11-22.2"
    assert [len(mine[k]) for k in ("sign_ins", "tokens", "mails")] == [1, 1, 1]


def test_the_copy_holds_no_secrets_and_nothing_of_others(
    browser: Browser, person: User, make: Make, tx: Session
) -> None:
    other = make.user("คนข้างบ้าน", password_hash="x")
    service.save_draft(tx, other.id, "t", "ความลับของคนอื่น")
    make.token(other)
    browser.sign_in(str(person.email))
    text = browser.open("/account/export.json").text
    for never in ("argon2", "digest", "คนข้างบ้าน", "ความลับของคนอื่น", str(other.email)):
        assert never not in text


def test_the_copy_tells_where_each_comment_stands_and_why_it_was_changed(
    browser: Browser, person: User, make: Make, tx: Session
) -> None:
    thread = thread_by(tx, make.thread())
    asked = read_comment({"body": "ท่อตันไหม"}, guest=False, stances=False)
    other = comment_by(tx, comments.post_comment(tx, make.actor(make.user("คนข้างบ้าน")), thread, asked).public_id)
    for parent in (None, other.public_id):
        said = read_comment({"body": "ตันมาสองวัน", "parent": parent}, guest=False, stances=False)
        mine = comment_by(tx, comments.post_comment(tx, make.actor(person), thread, said).public_id)
    changed = read_edit({"body": "ตันมาสามวัน", "version": 1, "reason": "นับวันผิด"})
    comments.edit_comment(tx, make.actor(person), mine, changed)
    browser.sign_in(str(person.email))
    page = browser.open("/account/export.json")
    copy = page.json["comments"]
    assert [(c["thread"], c["parent"], c["reply_to"]) for c in copy["comments"]] == [
        (thread.public_id, None, None),
        (thread.public_id, other.public_id, other.public_id),
    ]
    (before,) = copy["earlier_texts"]
    assert (before["public_id"], before["body"], before["reason"]) == (mine.public_id, "ตันมาสองวัน", "นับวันผิด")
    assert "ท่อตันไหม" not in page.text, "what it answers is named, not told"
    assert "คนข้างบ้าน" not in page.text


@pytest.mark.parametrize(("choice", "stays"), [("keep", True), ("withdraw", False)])
def test_what_was_said_stays_or_goes_as_the_person_chose(
    browser: Browser, person: User, make: Make, tx: Session, choice: str, stays: bool
) -> None:
    thread = thread_by(tx, make.thread())
    name = str(person.name)
    said = read_comment({"body": "หลังบ้านน้ำท่วม"}, guest=False, stances=False)
    comments.post_comment(tx, make.actor(person), thread, said)
    browser.sign_in(str(person.email))
    begun = {"title": "เรื่องท่อหลังบ้าน", "body": "ท่อหลังบ้านฉันตัน"}
    started = browser.send(f"/c/{thread.slug}/talk/discussion/new", begun).location
    copy = browser.open("/account/export.json").json["comments"]
    assert [t["title"] for t in copy["threads"]] == ["เรื่องท่อหลังบ้าน"]
    assert [c["body"] for c in copy["comments"]] == ["หลังบ้านน้ำท่วม"]
    delete(browser, choice)
    page = browser.open(f"/t/{thread.public_id}").text
    assert ("หลังบ้านน้ำท่วม" in page) == stays
    assert ("ผู้ใช้ที่ลบบัญชี" in page) == stays
    assert name not in page
    own = browser.open(started)
    assert own.status_code == (200 if stays else 410)
    assert ("ท่อหลังบ้านฉันตัน" in own.text) == stays


@pytest.mark.parametrize(("choice", "stays"), [("keep", True), ("withdraw", False)])
def test_a_thread_in_which_others_speak_keeps_their_words_and_none_of_the_one_who_left(
    browser: Browser, person: User, make: Make, tx: Session, choice: str, stays: bool
) -> None:
    slug = thread_by(tx, make.thread()).slug
    browser.sign_in(str(person.email))
    begun = {"title": "เรื่องท่อหลังบ้าน", "body": "ท่อหลังบ้านฉันตัน"}
    place = browser.send(f"/c/{slug}/talk/discussion/new", begun).location
    thread = thread_by(tx, place.rpartition("/")[2])
    said = read_comment({"body": "บ้านเราก็ตัน"}, guest=False, stances=False)
    comments.post_comment(tx, make.actor(make.user("คนข้างบ้าน")), thread, said)
    delete(browser, choice)
    api = f"/api/v1/consultations/{slug}/threads"
    told = [browser.open(path).text for path in (place, f"/c/{slug}/talk/discussion", f"{place}?lang=en", api)]
    told.append(browser.open(f"/api/v1/threads/{thread.public_id}").text)
    told.append(browser.open(f"/c/{slug}/feed.atom").text)
    assert "บ้านเราก็ตัน" in told[0]
    assert [("ท่อหลังบ้าน" in text) for text in told] == [stays] * len(told)
    if not stays:
        assert all("หัวข้อที่ผู้ตั้งลบไปแล้ว" in text for text in told[:5])
    edited = tx.execute(select(Event.seq).where(Event.name == "thread.edited")).scalars().all()
    assert edited == ([] if stays else [2])
