"""Roles are changed with a reason, and an agency never loses its last owner, however many hurry."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.accounts.models import User
from forum.core.agencies import invitations, queries
from forum.core.agencies.forms import ChangeForm, InviteForm, read_change
from forum.core.agencies.members import change_member
from forum.core.agencies.models import Agency, Invitation, MemberChange, Membership
from forum.core.agencies.team import member, team
from forum.kernel import db
from forum.kernel.errors import Denied, Gone, Invalid, NotFound
from forum.kernel.events import Event
from forum.kernel.rules import NOBODY, Actor
from tests.databases import at_once
from tests.factories import Make

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def agency(make: Make) -> Agency:
    return make.agency()


@pytest.fixture
def owner(make: Make, agency: Agency) -> User:
    return make.member(agency, "owner")


def change(tx: Session, make: Make, by: User | Actor, agency: Agency, who: User, *roles: str | None) -> None:
    actor = by if isinstance(by, Actor) else make.actor(by)
    change_member(tx, actor, agency, who.public_id, str(roles[0]), ChangeForm(roles[1], "ย้ายไปกองคลัง"))


def test_a_role_is_changed_and_it_is_kept_who_did_it_when_and_why(
    tx: Session, make: Make, agency: Agency, owner: User
) -> None:
    person = make.member(agency, "officer", make.user("นกน้ำ"))
    change(tx, make, owner, agency, person, "officer", "reviewer")
    assert queries.roles_of(tx, person.id) == {(agency.id, "reviewer")}
    (kept,) = team(tx, agency, None).changes.rows
    assert (kept.name, kept.old_role, kept.new_role) == ("นกน้ำ", "officer", "reviewer")
    assert (kept.reason, kept.by) == ("ย้ายไปกองคลัง", owner.name)
    told = tx.execute(select(Event.name, Event.subject_id, Event.data).order_by(Event.id.desc()).limit(2)).all()
    assert {(name, whose, data["role"]) for name, whose, data in told} == {
        ("member.removed", person.id, "officer"),
        ("member.added", person.id, "reviewer"),
    }
    assert all("ย้าย" not in repr(data) for _, _, data in told), "events hold no words"


def test_who_is_removed_holds_nothing_there_and_everything_elsewhere(
    tx: Session, make: Make, agency: Agency, owner: User
) -> None:
    person, elsewhere = make.member(agency), make.agency()
    make.member(elsewhere, "officer", person)
    change(tx, make, owner, agency, person, "officer", None)
    assert queries.roles_of(tx, person.id) == {(elsewhere.id, "officer")}
    assert [c.new_role for c in team(tx, agency, None).changes.rows] == [None]


def test_of_several_roles_each_is_changed_by_itself(tx: Session, make: Make, agency: Agency, owner: User) -> None:
    person = make.member(agency, "moderator", make.member(agency, "officer"))
    assert [m.role for m in team(tx, agency, None).members] == ["owner", "officer", "moderator"]
    with pytest.raises(Invalid, match="to"):
        change(tx, make, owner, agency, person, "officer", "moderator")
    change(tx, make, owner, agency, person, "officer", None)
    assert queries.roles_of(tx, person.id) == {(agency.id, "moderator")}


@pytest.mark.parametrize("to", [None, "officer", "reviewer"])
def test_the_last_owner_neither_leaves_nor_is_lowered(
    tx: Session, make: Make, agency: Agency, owner: User, to: str | None
) -> None:
    with pytest.raises(Invalid, match="to"):
        change(tx, make, owner, agency, owner, "owner", to)
    assert queries.roles_of(tx, owner.id) == {(agency.id, "owner")}
    assert tx.execute(select(MemberChange)).first() is None
    make.member(agency, "owner")
    change(tx, make, owner, agency, owner, "owner", to)
    assert (agency.id, "owner") not in queries.roles_of(tx, owner.id)


def test_only_owners_of_that_agency_change_anything(tx: Session, make: Make, agency: Agency, owner: User) -> None:
    person = make.member(agency)
    others = [make.member(agency, role) for role in ("officer", "moderator", "reviewer")]
    for stranger in (NOBODY, make.user(), make.member(make.agency(), "owner"), person, *others):
        for to in (None, "owner"):
            with pytest.raises(Denied):
                change(tx, make, stranger, agency, person, "officer", to)
    assert queries.roles_of(tx, person.id) == {(agency.id, "officer")}


def test_what_is_not_held_is_not_found(tx: Session, make: Make, agency: Agency, owner: User) -> None:
    person, elsewhere = make.member(agency), make.member(make.agency())
    for who, role in ((person, "owner"), (person, "king"), (elsewhere, "officer"), (make.user(), "officer")):
        with pytest.raises(NotFound):
            change(tx, make, owner, agency, who, role, None)
        with pytest.raises(NotFound):
            member(tx, agency, who.public_id, role)


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ({}, {"to", "reason"}),
        ({"to": "none", "reason": ""}, {"reason"}),
        ({"to": "none", "reason": " \u200b\n"}, {"reason"}),
        ({"to": "none", "reason": "ก" * 301}, {"reason"}),
        ({"to": "none", "reason": "ก\ud800"}, {"reason"}),
        ({"to": "none", "reason": "ก" + "\u0e48" * 9}, {"reason"}),
        ({"to": "king", "reason": "ดี"}, {"to"}),
        ({"to": "legal", "reason": "ดี"}, {"to"}),
    ],
)
def test_a_reason_is_asked_for_and_a_role_that_is_one(raw: dict[str, str], named: set[str]) -> None:
    with pytest.raises(Invalid) as caught:
        read_change(raw)
    assert set(caught.value.errors) == named


def test_a_reason_of_three_hundred_letters_will_do() -> None:
    assert read_change({"to": "none", "reason": "ก" * 300}) == ChangeForm(None, "ก" * 300)


def test_changes_come_a_page_at_a_time_newest_first(tx: Session, make: Make, agency: Agency, owner: User) -> None:
    person = make.member(agency)
    for n in range(35):
        roles = ("officer", "reviewer") if n % 2 == 0 else ("reviewer", "officer")
        change(tx, make, owner, agency, person, *roles)
    first = team(tx, agency, None).changes
    rest = team(tx, agency, first.next).changes
    assert (len(first.rows), len(rest.rows), rest.next) == (30, 5, None)
    assert [c.at for c in (*first.rows, *rest.rows)] == sorted((c.at for c in (*first.rows, *rest.rows)), reverse=True)
    with pytest.raises(Invalid):
        team(tx, agency, "nonsense")


def test_of_two_owners_who_remove_each_other_at_once_one_stays(own: db.Database) -> None:
    with own.transaction() as tx:
        make = Make(tx)
        agency = make.agency()
        people = [make.member(agency, "owner") for _ in range(2)]
        actors = [make.actor(person) for person in people]
    form = ChangeForm(None, "ไม่อยู่แล้ว")
    told = at_once(
        own,
        lambda tx: change_member(tx, actors[0], agency, people[1].public_id, "owner", form),
        lambda tx: change_member(tx, actors[1], agency, people[0].public_id, "owner", form),
    )
    assert isinstance(told, Denied), told
    with own.reading() as tx:
        assert tx.execute(select(Membership.user_id)).scalars().all() == [people[0].id]


def test_of_two_owners_who_both_step_down_at_once_one_stays(own: db.Database) -> None:
    with own.transaction() as tx:
        make = Make(tx)
        agency = make.agency()
        people = [make.member(agency, "owner") for _ in range(2)]
        actors = [make.actor(person) for person in people]
    form = ChangeForm("officer", "พอแล้ว")
    told = at_once(
        own,
        lambda tx: change_member(tx, actors[0], agency, people[0].public_id, "owner", form),
        lambda tx: change_member(tx, actors[1], agency, people[1].public_id, "owner", form),
    )
    assert isinstance(told, Invalid), told
    with own.reading() as tx:
        assert sorted(tx.execute(select(Membership.role)).scalars()) == ["officer", "owner"]


def test_of_two_people_who_use_one_code_at_once_one_comes_in(own: db.Database) -> None:
    with own.transaction() as tx:
        make = Make(tx)
        agency = make.agency()
        owner = make.actor(make.member(agency, "owner"))
        row, _code = invitations.invite(tx, owner, agency, InviteForm("officer", None))
        token = invitations.token_of(row)
        people = [make.actor(make.user(f"คนที่ {n}")) for n in range(2)]
    told = at_once(
        own,
        lambda tx: invitations.accept(tx, people[0], token),
        lambda tx: invitations.accept(tx, people[1], token),
    )
    assert isinstance(told, Gone), told
    with own.reading() as tx:
        officers = select(Membership.user_id).where(Membership.role == "officer")
        assert tx.execute(officers).scalars().all() == [people[0].user_id]
        assert tx.execute(select(Invitation.user_id)).scalar_one() == people[0].user_id


def test_an_invitation_taken_back_while_somebody_accepts_it_opens_nothing(own: db.Database) -> None:
    with own.transaction() as tx:
        make = Make(tx)
        agency = make.agency()
        owner, person = make.actor(make.member(agency, "owner")), make.actor(make.user())
        row, _code = invitations.invite(tx, owner, agency, InviteForm("officer", None))
        token = invitations.token_of(row)
    told = at_once(
        own,
        lambda tx: invitations.withdraw(tx, owner, agency, row.public_id),
        lambda tx: invitations.accept(tx, person, token),
    )
    assert isinstance(told, Gone), told


def test_one_person_with_two_invitations_at_once_holds_one_role(own: db.Database) -> None:
    with own.transaction() as tx:
        make = Make(tx)
        agency = make.agency()
        owner, person = make.actor(make.member(agency, "owner")), make.actor(make.user())
        forms = (InviteForm("officer", None), InviteForm("reviewer", None))
        tokens = [invitations.token_of(invitations.invite(tx, owner, agency, form)[0]) for form in forms]
    at_once(
        own,
        lambda tx: invitations.accept(tx, person, tokens[0]),
        lambda tx: invitations.accept(tx, person, tokens[1]),
    )
    with own.reading() as tx:
        assert queries.roles_of(tx, person.user_id or 0) == {(agency.id, "officer")}
