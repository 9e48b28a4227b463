"""Who may speak, edit, take back and react: one table of actor × where the thread stands → the reason why not."""

from datetime import UTC, datetime

import pytest

from forum.commons.comments.rules import RULES, Floor, Own
from forum.kernel.rules import NOBODY, Actor, why_not

AGENCY = 5
ACTORS = {
    "nobody": NOBODY,
    "citizen": Actor(1),
    "moderator": Actor(2, roles=frozenset({(AGENCY, "moderator"), (None, "moderator")})),
    "elsewhere": Actor(3, roles=frozenset({(6, "officer"), (6, "owner")})),
    "officer": Actor(4, roles=frozenset({(AGENCY, "officer")})),
    "owner": Actor(7, roles=frozenset({(AGENCY, "owner")})),
}
# (thread's state, its activity is open, it opens later, guests may speak)
PLACES = {
    "before": Floor(AGENCY, "public", False, True, True, begun=False),
    "open": Floor(AGENCY, "public", True, False, True),
    "open, accounts only": Floor(AGENCY, "public", True, False, False),
    "after": Floor(AGENCY, "public", False, False, True),
    "hidden": Floor(AGENCY, "hidden", True, False, True),
}
ALL = tuple(ACTORS)


def same(reason: str | None, **but: str | None) -> dict[str, str | None]:
    return dict.fromkeys(ALL, reason) | but


NOT_OFFICE = dict.fromkeys(("nobody", "citizen", "moderator", "elsewhere"), "not_officer")
POST = {
    "before": same("not_open_yet"),
    "open": same(None),
    "open, accounts only": same(None, nobody="sign_in"),
    "after": same("closed"),
    "hidden": same("thread_gone"),
}
ENTER = dict.fromkeys(("before", "open", "open, accounts only", "after"), same(None, **NOT_OFFICE))
ENTER["before"] = same("not_open_yet", **NOT_OFFICE)
ENTER["hidden"] = same("thread_gone")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("who", ALL)
def test_who_may_speak_and_who_may_enter_what_came_on_paper(who: str, place: str) -> None:
    assert why_not(RULES, "comment.post", ACTORS[who], PLACES[place]) == POST[place][who]
    assert why_not(RULES, "comment.enter", ACTORS[who], PLACES[place]) == ENTER[place][who]


def of_citizen(place: str, state: str = "public", by_receipt: bool = False) -> Own:
    author = None if by_receipt else 1
    return Own(PLACES[place], author, state, datetime(2026, 11, 22, tzinfo=UTC), by_receipt)


MINE = same("not_yours", nobody="sign_in")
EDIT = {
    "before": MINE | {"citizen": "not_open_yet"},
    "open": MINE | {"citizen": None},
    "open, accounts only": MINE | {"citizen": None},
    "after": MINE | {"citizen": "closed"},
    "hidden": same("thread_gone"),
}
WITHDRAW = EDIT | {"hidden": MINE | {"citizen": None}}
REACT = {
    "before": same("not_open_yet", nobody="sign_in"),
    "open": same(None, nobody="sign_in"),
    "open, accounts only": same(None, nobody="sign_in"),
    "after": same("closed", nobody="sign_in"),
    "hidden": same("thread_gone", nobody="sign_in"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("who", ALL)
def test_who_may_edit_take_back_and_react(who: str, place: str) -> None:
    own = of_citizen(place)
    assert why_not(RULES, "comment.edit", ACTORS[who], own) == EDIT[place][who]
    assert why_not(RULES, "comment.withdraw", ACTORS[who], own) == WITHDRAW[place][who]
    assert why_not(RULES, "comment.react", ACTORS[who], own) == REACT[place][who]


@pytest.mark.parametrize("state", ["withdrawn", "hidden", "redacted", "removed", "erased"])
def test_what_is_not_shown_is_neither_edited_nor_reacted_to(state: str) -> None:
    own = of_citizen("open", state)
    citizen = ACTORS["citizen"]
    assert why_not(RULES, "comment.edit", citizen, own) == "gone"
    assert why_not(RULES, "comment.react", citizen, own) == "gone"
    taken = "gone" if state in ("withdrawn", "erased") else None
    assert why_not(RULES, "comment.withdraw", citizen, own) == taken


@pytest.mark.parametrize("who", ALL)
def test_a_receipt_stands_for_its_author_while_the_thread_is_open(who: str) -> None:
    for place, reason in (("open", None), ("after", "closed"), ("before", "not_open_yet")):
        own = of_citizen(place, by_receipt=True)
        assert why_not(RULES, "comment.edit", ACTORS[who], own) == reason
        assert why_not(RULES, "comment.withdraw", ACTORS[who], own) == reason


def test_every_action_is_in_the_table() -> None:
    assert set(RULES) == {"comment.post", "comment.enter", "comment.edit", "comment.withdraw", "comment.react"}
