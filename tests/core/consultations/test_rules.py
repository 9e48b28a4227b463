"""Who may do what with a consultation: one table of actor × where it stands → the reason why not."""

from datetime import timedelta

import pytest

from forum.core.agencies.rules import RULES as AGENCY_RULES
from forum.core.consultations.rules import RULES
from forum.kernel import clock
from forum.kernel.rules import NOBODY, Actor, why_not
from tests.factories import Make

ACTORS = ("nobody", "citizen", "moderator", "elsewhere", "operator", "officer", "owner")
NOT_HERE = dict.fromkeys(("citizen", "moderator", "elsewhere", "operator"), "not_officer")
OFFICE = ("officer", "owner")


def office(reason: str | None) -> dict[str, str | None]:
    return {"nobody": "sign_in", **NOT_HERE, **dict.fromkeys(OFFICE, reason)}


HIDDEN = {**dict.fromkeys(("nobody", *NOT_HERE), "draft"), **dict.fromkeys(OFFICE)}
TABLE = {
    "consultation.see": {
        "draft": HIDDEN,
        "announced": dict.fromkeys(ACTORS),
        "open": dict.fromkeys(ACTORS),
        "over": dict.fromkeys(ACTORS),
        "closed": dict.fromkeys(ACTORS),
    },
    "consultation.change": dict.fromkeys(("draft", "announced", "open", "over", "closed"), office(None)),
    "consultation.open": {
        "draft": office(None),
        **dict.fromkeys(("announced", "open", "over", "closed"), office("already_opened")),
    },
    "consultation.close": {
        "draft": office("not_begun"),
        "announced": office("not_begun"),
        "open": office(None),
        "over": office(None),
        "closed": office("already_closed"),
    },
}
CASES = [(a, stand, who) for a, stands in TABLE.items() for stand in stands for who in ACTORS]


def actor(make: Make, agency: object, who: str) -> Actor:
    if who == "nobody":
        return NOBODY
    if who == "citizen":
        return make.actor(make.user())
    scope = {"elsewhere": make.agency, "operator": lambda: None}.get(who, lambda: agency)()
    return make.actor(make.member(scope, "officer" if who == "elsewhere" else who))


@pytest.mark.parametrize(("action", "stand", "who"), CASES)
def test_the_table_of_consultations(make: Make, action: str, stand: str, who: str) -> None:
    agency, now, day = make.agency(), clock.now(), timedelta(days=1)
    values = {
        "draft": {"state": "draft"},
        "announced": {"opens_at": now + day, "closes_at": now + 9 * day},
        "open": {},
        "over": {"opens_at": now - 9 * day, "closes_at": now - day},
        "closed": {"state": "closed", "closes_at": now - day},
    }[stand]
    row = make.consultation(agency, **values)
    assert why_not(RULES, action, actor(make, agency, who), row) == TABLE[action][stand][who]


@pytest.mark.parametrize("who", ACTORS)
def test_only_the_offices_own_people_create(make: Make, who: str) -> None:
    agency = make.agency()
    assert why_not(RULES, "consultation.create", actor(make, agency, who), agency) == office(None)[who]


AGENCY_TABLE = {
    "desk.see": {
        "nobody": "sign_in",
        **dict.fromkeys(("citizen", "moderator", "operator"), "not_desk"),
        **dict.fromkeys(("elsewhere", "officer", "owner")),
    },
    "agency.change": {"nobody": "sign_in", **dict.fromkeys(ACTORS[1:-1], "not_owner"), "owner": None},
}


@pytest.mark.parametrize(("action", "who"), [(a, who) for a in AGENCY_TABLE for who in ACTORS])
def test_the_table_of_agencies(make: Make, action: str, who: str) -> None:
    agency = make.agency()
    assert why_not(AGENCY_RULES, action, actor(make, agency, who), agency) == AGENCY_TABLE[action][who]


def test_an_action_nobody_named_is_no_permission(make: Make) -> None:
    with pytest.raises(KeyError):
        why_not(RULES, "consultation.burn", make.actor(make.user()), make.consultation())
