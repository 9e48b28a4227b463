"""Invitations: one door for one person for seven days, by a letter or by a code on paper."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.accounts.models import User
from forum.core.agencies import invitations, queries, service
from forum.core.agencies.codes import find_by_code
from forum.core.agencies.forms import ChangeForm, InviteForm, read_invitation
from forum.core.agencies.letters import invitation as letter_of
from forum.core.agencies.manifest import FEATURE
from forum.core.agencies.members import change_member
from forum.core.agencies.models import Agency, Invitation, MemberChange, Membership
from forum.core.agencies.team import team
from forum.kernel import clock, db, i18n, ids, keys
from forum.kernel.errors import Conflict, Denied, Gone, Invalid, NotFound
from forum.kernel.events import Event
from forum.kernel.mail import Mail
from forum.kernel.rules import NOBODY, Actor
from tests.factories import Make

pytestmark = pytest.mark.usefixtures("app")
EMAIL = "somying@example.go.th"
WEEK = timedelta(days=7)


class Office(SimpleNamespace):
    """An agency with its owner, and how they invite."""

    tx: Session
    make: Make
    agency: Agency
    owner: User

    @property
    def actor(self) -> Actor:
        return self.make.actor(self.owner)

    def letter(self, role: str = "officer", email: str = EMAIL) -> Invitation:
        return invitations.invite(self.tx, self.actor, self.agency, InviteForm(role, email))[0]

    def code(self, role: str = "officer") -> tuple[Invitation, str]:
        return invitations.invite(self.tx, self.actor, self.agency, InviteForm(role, None))

    def newcomer(self) -> Actor:
        return self.make.actor(self.make.user())

    def refused(self, row: Invitation, actor: Actor | None = None) -> type[Exception]:
        with pytest.raises((Gone, NotFound, Conflict, Denied)) as caught:
            invitations.accept(self.tx, actor or self.newcomer(), invitations.token_of(row))
        return caught.type


@pytest.fixture
def office(tx: Session, make: Make) -> Office:
    agency = make.agency()
    return Office(tx=tx, make=make, agency=agency, owner=make.member(agency, "owner"))


def test_whoever_holds_the_link_comes_in_once(office: Office, tx: Session) -> None:
    row, person = office.letter("reviewer"), office.newcomer()
    agency, role = invitations.accept(tx, person, invitations.token_of(row))
    assert (agency.id, role) == (office.agency.id, "reviewer")
    assert queries.roles_of(tx, person.user_id or 0) == {(agency.id, "reviewer")}
    (event,) = tx.execute(select(Event).where(Event.name == "member.added")).scalars()
    assert event.data == {"agency_id": agency.id, "role": "reviewer"}
    assert office.refused(row) is Gone


def test_the_button_pressed_twice_by_the_same_person_is_one_membership(office: Office, tx: Session) -> None:
    row, person = office.letter(), office.newcomer()
    for _ in range(2):
        invitations.accept(tx, person, invitations.token_of(row))
    mine = select(Membership).where(Membership.user_id == person.user_id)
    assert len(tx.execute(mine).all()) == 1


def test_who_was_removed_does_not_come_back_by_the_invitation_they_used(office: Office, tx: Session) -> None:
    row, person = office.letter(), office.newcomer()
    invitations.accept(tx, person, invitations.token_of(row))
    service.remove_member(tx, office.agency, person.user_id or 0, "officer")
    assert office.refused(row, person) is Gone
    assert queries.roles_of(tx, person.user_id or 0) == frozenset()


def test_looking_uses_nothing_up(office: Office, tx: Session) -> None:
    row = office.letter()
    for _ in range(3):
        assert invitations.look(tx, invitations.token_of(row))[0].id == row.id
    assert row.used_at is None


@pytest.mark.parametrize("how", ["letter", "code"])
def test_after_seven_days_nothing_opens(office: Office, tx: Session, how: str) -> None:
    row, code = (office.letter(), "") if how == "letter" else office.code()
    with time_machine.travel(row.made_at + WEEK - timedelta(seconds=1), tick=False):
        assert invitations.look(tx, invitations.token_of(row))
    with time_machine.travel(row.made_at + WEEK, tick=False):
        assert office.refused(row) is Gone
        with pytest.raises(Gone):
            invitations.look(tx, invitations.token_of(row))
        with pytest.raises(NotFound):
            invitations.by_code(tx, code)
        assert team(tx, office.agency, None).invited == []


def test_what_was_taken_back_opens_nothing_and_its_address_is_gone(office: Office, tx: Session) -> None:
    (row, code), sent = office.code(), office.letter()
    for one in (row, sent, sent):
        invitations.withdraw(tx, office.actor, office.agency, one.public_id)
    assert (sent.email, office.refused(row), office.refused(sent)) == (None, Gone, Gone)
    with pytest.raises(NotFound):
        invitations.by_code(tx, code)


def test_what_was_used_cannot_be_taken_back(office: Office, tx: Session) -> None:
    row = office.letter()
    invitations.accept(tx, office.newcomer(), invitations.token_of(row))
    with pytest.raises(Conflict):
        invitations.withdraw(tx, office.actor, office.agency, row.public_id)
    assert row.withdrawn_at is None


def test_nobody_comes_in_without_an_account(office: Office, tx: Session) -> None:
    row = office.letter()
    with pytest.raises(Denied) as caught:
        invitations.accept(tx, NOBODY, invitations.token_of(row))
    assert caught.value.sign_in
    assert row.used_at is None


@pytest.mark.parametrize("role", ["owner", "officer"])
def test_who_works_there_already_uses_nothing_up_and_keeps_their_role(office: Office, tx: Session, role: str) -> None:
    row = office.letter("moderator")
    person = office.actor if role == "owner" else office.make.actor(office.make.member(office.agency))
    assert office.refused(row, person) is Conflict
    assert queries.roles_of(tx, person.user_id or 0) == {(office.agency.id, role)}
    assert row.used_at is None


def test_a_link_is_sealed_for_its_own_invitation(office: Office, tx: Session) -> None:
    one, other = office.letter(), office.code()[0]
    mixed = one.public_id + invitations.token_of(other)[10:]
    token = invitations.token_of(one)
    for wrong in (
        mixed,
        token[:-1],
        token + "0",
        token.upper(),
        one.public_id,
        "",
        "ก" * 50,
        "x" * 9999,
        "../" + token,
    ):
        with pytest.raises(NotFound):
            invitations.by_token(tx, wrong)
    assert invitations.by_token(tx, token).id == one.id


def test_of_a_link_and_a_code_nothing_is_stored_that_opens(office: Office, tx: Session) -> None:
    sent, (printed, code) = office.letter(), office.code()
    kept = repr([vars(row) for row in (sent, printed)]) + repr(tx.execute(select(Mail.__table__)).all())
    for secret in (invitations.token_of(sent)[10:], invitations.token_of(printed)[10:], code, ids.one_time_text(code)):
        assert secret not in kept
    assert printed.code_digest == keys.keyed("one-time code", code)


def test_a_code_is_read_however_it_is_typed(office: Office, tx: Session) -> None:
    row, code = office.code()
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{12}", code)
    for typed in (code, ids.one_time_text(code), code.lower(), f" {code[:5]} – {code[5:]} ", code.replace("0", "O")):
        assert invitations.by_code(tx, typed).id == row.id


@pytest.mark.parametrize(
    "wrong", ["", " ", "0" * 12, "0" * 11, "0" * 13, "ก" * 12, "<script>", "0000-0000-000U", "%" * 12]
)
def test_every_wrong_code_is_answered_alike(office: Office, tx: Session, wrong: str) -> None:
    office.code()
    with pytest.raises(NotFound):
        invitations.by_code(tx, wrong)


def test_a_used_code_is_answered_as_a_wrong_one(app: Flask, office: Office, tx: Session) -> None:
    row, code = office.code()
    invitations.accept(tx, office.newcomer(), invitations.token_of(row))
    with app.test_request_context(), pytest.raises(NotFound):
        find_by_code(tx, code)


def test_an_address_is_forgotten_when_its_invitation_is_used_or_over(office: Office, lent: db.Database) -> None:
    tx = office.tx
    used, over, still = office.letter(), office.letter(email="b@example.org"), office.letter(email="c@example.org")
    invitations.accept(tx, office.newcomer(), invitations.token_of(used))
    assert used.email is None
    over.expires_at = clock.now() - timedelta(seconds=1)
    tx.commit()
    assert FEATURE.tick
    FEATURE.tick()
    tx.expire_all()
    assert (over.email, still.email) == (None, "c@example.org")
    with time_machine.travel(clock.now() + WEEK, tick=False):
        FEATURE.tick()
    tx.expire_all()
    assert still.email is None


def test_an_address_is_invited_once_at_a_time_in_one_agency(office: Office, tx: Session) -> None:
    row = office.letter()
    with pytest.raises(Invalid, match="email"):
        office.letter("owner")
    elsewhere = office.make.agency()
    owner = office.make.actor(office.make.member(elsewhere, "owner"))
    assert invitations.invite(tx, owner, elsewhere, InviteForm("officer", EMAIL))[0].email == EMAIL
    invitations.withdraw(tx, office.actor, office.agency, row.public_id)
    assert office.letter("owner").role == "owner"


def test_only_owners_of_that_agency_invite_and_take_back(office: Office, tx: Session) -> None:
    row, make = office.letter(), office.make
    strangers = [
        NOBODY,
        office.newcomer(),
        make.actor(make.member(make.agency(), "owner")),
        *(make.actor(make.member(office.agency, role)) for role in ("officer", "moderator", "reviewer")),
    ]
    for stranger in strangers:
        with pytest.raises(Denied):
            invitations.invite(tx, stranger, office.agency, InviteForm("owner", None))
        with pytest.raises(Denied):
            invitations.withdraw(tx, stranger, office.agency, row.public_id)
    assert row.withdrawn_at is None
    assert len(tx.execute(select(Invitation)).all()) == 1


def test_an_invitation_of_another_agency_is_not_found(office: Office, tx: Session) -> None:
    row, elsewhere = office.letter(), office.make.agency()
    owner = office.make.actor(office.make.member(elsewhere, "owner"))
    for public_id in (row.public_id, "nobody", ""):
        with pytest.raises(NotFound):
            invitations.withdraw(tx, owner, elsewhere, public_id)
    assert row.withdrawn_at is None


def test_an_owner_who_was_removed_invites_nobody_even_with_the_roles_they_came_with(
    office: Office, tx: Session
) -> None:
    stale = office.actor
    service.remove_member(tx, office.agency, office.owner.id, "owner")
    with pytest.raises(Denied):
        invitations.invite(tx, stale, office.agency, InviteForm("owner", None))


@pytest.mark.parametrize("end", ["removed", "lowered", "erased"])
def test_who_is_owner_no_more_leaves_no_open_invitation_behind(office: Office, tx: Session, end: str) -> None:
    first = office.make.member(office.agency, "owner")
    row, sent = office.code("owner")[0], office.letter()
    theirs = invitations.invite(tx, office.make.actor(first), office.agency, InviteForm("officer", None))[0]
    if end == "erased":
        service.forget_member(tx, office.owner.id)
    else:
        form = ChangeForm("officer" if end == "lowered" else None, "ย้ายงาน")
        actor = office.make.actor(first)
        change_member(tx, actor, office.agency, office.owner.public_id, "owner", form)
    tx.expire_all()
    assert (office.refused(row), office.refused(sent), sent.email) == (Gone, Gone, None)
    assert invitations.look(tx, invitations.token_of(theirs))


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ({}, {"role", "way", "email"}),
        ({"role": "king", "way": "letter", "email": EMAIL}, {"role"}),
        ({"role": "operator", "way": "code"}, {"role"}),
        ({"role": "officer", "way": "pigeon", "email": EMAIL}, {"way"}),
        ({"role": "officer", "way": "letter", "email": ""}, {"email"}),
        ({"role": "officer", "way": "letter", "email": "<script>@x"}, {"email"}),
        ({"role": "officer", "way": "letter", "email": "a@example.org\nBcc: b@example.org"}, {"email"}),
    ],
)
def test_what_an_owner_types_is_checked(raw: dict[str, str], named: set[str]) -> None:
    with pytest.raises(Invalid) as caught:
        read_invitation(raw)
    assert set(caught.value.errors) == named


def test_for_a_code_no_address_is_asked_and_none_kept() -> None:
    assert read_invitation({"role": "officer", "way": "code", "email": "half@"}) == InviteForm("officer", None)


def test_the_letter_carries_the_link_and_says_what_it_is(office: Office, tx: Session) -> None:
    row = office.letter()
    (queued,) = tx.execute(select(Mail)).scalars()
    assert (queued.kind, queued.user_id, queued.ids) == ("invitation", None, {"invitation_id": row.id})
    letter = letter_of(tx, None, queued.ids)
    assert letter
    assert letter.to == EMAIL
    assert f"http://localhost/join/{invitations.token_of(row)}\n" in letter.text
    for said in (office.agency.name_th, "เจ้าหน้าที่", "ใช้ได้ครั้งเดียว", "ถ้าคุณไม่ได้ทำงานที่นี่", "ไม่โทรหรือทักไปขอ"):
        assert said in letter.text


def test_the_letter_is_written_in_english_too(office: Office, tx: Session) -> None:
    row = office.letter()
    with i18n.speaking("en"):
        letter = letter_of(tx, None, {"invitation_id": row.id})
    assert letter
    assert "Works Office invites you as Officer" in letter.text


def test_an_invitation_that_is_over_is_not_sent(office: Office, tx: Session) -> None:
    row = office.letter()
    invitations.withdraw(tx, office.actor, office.agency, row.public_id)
    assert letter_of(tx, None, {"invitation_id": row.id}) is None
    assert letter_of(tx, None, {"invitation_id": 10**9}) is None
    assert letter_of(tx, None, {}) is None


def test_to_who_works_there_already_goes_a_letter_without_a_link(office: Office, tx: Session) -> None:
    """The owner cannot find out whose address it is: the page tells nothing, the letter tells its reader."""
    known = office.make.member(office.agency)
    row = office.letter("owner", str(known.email))
    letter = letter_of(tx, None, {"invitation_id": row.id})
    assert letter
    assert "/join/" not in letter.text
    assert "อยู่ในหน่วยงานนี้อยู่แล้ว" in letter.text


def test_a_persons_copy_names_their_invitations_and_erasure_takes_the_name_off(office: Office, tx: Session) -> None:
    row, person = office.letter(), office.newcomer()
    invitations.accept(tx, person, invitations.token_of(row))
    change_member(
        tx, office.actor, office.agency, _public_id(tx, person), "officer", ChangeForm("reviewer", "นกขอเปลี่ยน")
    )
    assert FEATURE.personal_data
    assert FEATURE.erase
    copy = FEATURE.personal_data(tx, person.user_id or 0)
    assert [one["made_by_me"] for one in copy["invitations"]] == [False]
    assert [(one["from"], one["to"]) for one in copy["changes"]] == [(None, "officer"), ("officer", "reviewer")]
    assert [one["made_by_me"] for one in FEATURE.personal_data(tx, office.owner.id)["invitations"]] == [True]
    FEATURE.erase(tx, person.user_id or 0, True)
    tx.expire_all()
    kept = tx.execute(select(MemberChange).order_by(MemberChange.id)).scalars().all()
    assert [(c.user_id, c.reason, c.by_id) for c in kept] == [(None, "", office.owner.id)] * 2
    assert (row.user_id, row.by_id) == (None, office.owner.id)
    FEATURE.erase(tx, office.owner.id, True)
    tx.expire_all()
    assert {c.by_id for c in kept} | {row.by_id} == {None}
    assert FEATURE.personal_data(tx, person.user_id or 0) == {"memberships": [], "invitations": [], "changes": []}


def _public_id(tx: Session, actor: Actor) -> str:
    return tx.get_one(User, actor.user_id).public_id
