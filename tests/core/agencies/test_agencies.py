"""Agencies: made by the operator, run by their owners, with roles that are held and taken away."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.agencies import queries, service
from forum.core.agencies.forms import read
from forum.core.agencies.manifest import FEATURE
from forum.core.agencies.models import Membership
from forum.kernel import i18n
from forum.kernel.errors import Conflict, Denied, Invalid, NotFound
from forum.kernel.events import Event
from forum.kernel.rules import NOBODY
from tests.factories import Make


def test_a_new_agency_lets_guests_speak(tx: Session) -> None:
    made = service.create_agency(tx, "tha-phrao", "เทศบาลเมืองท่าพร้าว", "Tha Phrao")
    assert made.guests
    assert queries.by_slug(tx, "tha-phrao") is made


@pytest.mark.parametrize("slug", ["", "A", "ท่าพร้าว", "a b", "-a", "a-", "../a", "a" * 61])
def test_an_unfit_slug_is_refused(tx: Session, slug: str) -> None:
    with pytest.raises(Invalid, match="slug"):
        service.create_agency(tx, slug, "ก", "")


def test_a_slug_belongs_to_one_agency_and_a_name_is_needed(tx: Session) -> None:
    service.create_agency(tx, "office", "ก", "")
    with pytest.raises(Invalid, match="slug"):
        service.create_agency(tx, "office", "ข", "")
    with pytest.raises(Invalid, match="name_th"):
        service.create_agency(tx, "other", " ", "")


def test_an_agency_nobody_knows_is_not_found(tx: Session) -> None:
    with pytest.raises(NotFound):
        queries.by_slug(tx, "no-such-office")


def test_a_role_is_held_once_and_told_without_a_name(tx: Session, make: Make) -> None:
    agency, person = make.agency(), make.user("นก ริมคลอง")
    for _ in range(2):
        service.add_member(tx, agency, person.id, "officer")
    assert queries.roles_of(tx, person.id) == {(agency.id, "officer")}
    (event,) = tx.execute(select(Event).where(Event.name == "member.added")).scalars()
    assert (event.subject_id, event.data) == (person.id, {"agency_id": agency.id, "role": "officer"})


def test_a_role_may_be_held_in_the_pool_and_in_an_agency(tx: Session, make: Make) -> None:
    agency, person = make.agency(), make.user()
    service.add_member(tx, None, person.id, "moderator")
    service.add_member(tx, agency, person.id, "moderator")
    assert queries.roles_of(tx, person.id) == {(None, "moderator"), (agency.id, "moderator")}


@pytest.mark.parametrize(
    ("pool", "role"), [(True, "owner"), (True, "officer"), (False, "operator"), (False, "dpo"), (False, "king")]
)
def test_a_role_that_has_no_place_there_is_refused(tx: Session, make: Make, pool: bool, role: str) -> None:
    agency = None if pool else make.agency()
    with pytest.raises(Invalid, match="role"):
        service.add_member(tx, agency, make.user().id, role)
    assert tx.execute(select(Membership)).first() is None


def test_a_role_taken_away_is_gone_and_told(tx: Session, make: Make) -> None:
    agency = make.agency()
    person = make.member(agency)
    service.remove_member(tx, agency, person.id, "officer")
    service.remove_member(tx, agency, person.id, "officer")
    assert queries.roles_of(tx, person.id) == frozenset()
    assert len(tx.execute(select(Event).where(Event.name == "member.removed")).all()) == 1


def test_an_owner_decides_whether_guests_may_speak(tx: Session, make: Make) -> None:
    agency = make.agency()
    owner = make.actor(make.member(agency, "owner"))
    service.change_agency(tx, owner, agency, read({"name_th": agency.name_th}, guests=False), 1)
    assert (agency.guests, agency.version) == (False, 2)


def test_a_stale_version_changes_nothing(tx: Session, make: Make) -> None:
    agency = make.agency()
    owner = make.actor(make.member(agency, "owner"))
    form = read({"name_th": "ใหม่"}, guests=True)
    service.change_agency(tx, owner, agency, form, 1)
    with pytest.raises(Conflict):
        service.change_agency(tx, owner, agency, read({"name_th": "เก่า"}, guests=True), 1)
    assert agency.name_th == "ใหม่"


def test_officers_owners_of_elsewhere_and_nobody_change_nothing(tx: Session, make: Make) -> None:
    agency = make.agency()
    others = (NOBODY, make.actor(make.member(agency)), make.actor(make.member(make.agency(), "owner")))
    for actor in others:
        with pytest.raises(Denied):
            service.change_agency(tx, actor, agency, read({"name_th": "ใหม่"}, guests=False), 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_th", " "),
        ("name_th", "ก" * 161),
        ("name_th", "ก\ud800"),
        ("about", "ก" + "\u0e48" * 9),
        ("phone", "โทรมา"),
        ("phone", "javascript:0"),
        ("phone", "1"),
    ],
)
def test_what_an_agency_says_of_itself_is_checked(field: str, value: str) -> None:
    with pytest.raises(Invalid) as caught:
        read({"name_th": "ก"} | {field: value}, guests=True)
    assert set(caught.value.errors) == {field}


def test_thai_digits_become_a_number_to_dial() -> None:
    assert read({"name_th": "ก", "phone": "๐ ๒๐๐๐ ๐๐๑๑"}, guests=True).phone == "0 2000 0011"


def test_a_name_is_shown_in_the_readers_language() -> None:
    assert queries.name_of("สำนักช่าง", "Works Office") == "สำนักช่าง"
    with i18n.speaking("en"):
        assert queries.name_of("สำนักช่าง", "Works Office") == "Works Office"
        assert queries.name_of("สำนักช่าง", "") == "สำนักช่าง"


def test_whoever_deletes_their_account_holds_no_role_any_more(tx: Session, make: Make) -> None:
    person = make.member(make.agency())
    assert FEATURE.personal_data
    assert FEATURE.erase
    (held,) = FEATURE.personal_data(tx, person.id)["memberships"]
    assert held["role"] == "officer"
    FEATURE.erase(tx, person.id, True)
    assert queries.roles_of(tx, person.id) == frozenset()
