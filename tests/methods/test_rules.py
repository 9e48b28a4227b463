"""Who may start a thread: one table of actor × where the discussion stands → the reason why not."""

import pytest

from forum.kernel.rules import NOBODY, Actor, why_not
from forum.methods.discussion.rules import RULES, Room

AGENCY = 5
ACTORS = {
    "nobody": NOBODY,
    "citizen": Actor(1),
    "moderator": Actor(2, roles=frozenset({(AGENCY, "moderator")})),
    "elsewhere": Actor(3, roles=frozenset({(6, "officer")})),
    "officer": Actor(4, roles=frozenset({(AGENCY, "officer")})),
    "owner": Actor(7, roles=frozenset({(AGENCY, "owner")})),
}
PLACES = {
    "before": Room(AGENCY, False, True, True),
    "open": Room(AGENCY, True, False, True),
    "open, the office starts": Room(AGENCY, True, False, False),
    "after": Room(AGENCY, False, False, True),
}
OTHERS = ("citizen", "moderator", "elsewhere")


def row(others: str | None, office: str | None) -> dict[str, str | None]:
    return {"nobody": others or "sign_in", **dict.fromkeys(OTHERS, others), "officer": office, "owner": office}


START = {
    "before": row("not_open_yet", None),
    "open": row(None, None),
    "open, the office starts": row("agency_starts", None),
    "after": row("closed", "closed"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("who", ACTORS)
def test_who_may_start_a_thread_and_ask_for_stances(who: str, place: str) -> None:
    assert why_not(RULES, "thread.start", ACTORS[who], PLACES[place]) == START[place][who]
    stance = None if who in ("officer", "owner") else "not_officer"
    assert why_not(RULES, "thread.stance", ACTORS[who], PLACES[place]) == stance


def test_every_action_is_in_the_table() -> None:
    assert set(RULES) == {"thread.start", "thread.stance"}
