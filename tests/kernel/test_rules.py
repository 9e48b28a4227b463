"""Rules: every condition must hold, the first that does not is the reason, what nobody named is a mistake."""

import pytest

from forum.kernel.errors import Denied
from forum.kernel.rules import NOBODY, Actor, Rules, require, signed_in, why_not

SOMEBODY = Actor(7, "นก", frozenset({(1, "officer")}))


def is_dry(_actor: Actor, river: str) -> str | None:
    """The river is dry."""
    return None if river == "dry" else "wet"


def is_shallow(_actor: Actor, river: str) -> str | None:
    """The river is shallow."""
    return None if river in ("dry", "low") else "deep"


RULES: Rules = {"river.cross": (signed_in, is_shallow, is_dry), "river.see": ()}


@pytest.mark.parametrize(
    ("actor", "river", "reason"),
    [(SOMEBODY, "dry", None), (SOMEBODY, "low", "wet"), (SOMEBODY, "high", "deep"), (NOBODY, "high", "sign_in")],
)
def test_the_first_condition_that_fails_is_the_reason(actor: Actor, river: str, reason: str | None) -> None:
    assert why_not(RULES, "river.cross", actor, river) == reason
    assert why_not(RULES, "river.see", actor, river) is None


@pytest.mark.parametrize("action", ["river.swim", "", "river", "river.cross "])
def test_an_action_nobody_named_is_a_mistake_in_the_code(action: str) -> None:
    with pytest.raises(KeyError):
        why_not(RULES, action, SOMEBODY, "dry")
    with pytest.raises(KeyError):
        require(RULES, action, SOMEBODY, "dry")


def test_signing_in_is_offered_only_where_it_would_help() -> None:
    with pytest.raises(Denied) as nobody:
        require(RULES, "river.cross", NOBODY, "dry")
    with pytest.raises(Denied) as somebody:
        require(RULES, "river.cross", SOMEBODY, "low")
    assert (nobody.value.status, nobody.value.sign_in, nobody.value.reason) == (401, True, "sign_in")
    assert (somebody.value.status, somebody.value.sign_in, somebody.value.reason) == (403, False, "wet")


def test_a_role_counts_where_it_is_held_and_nowhere_else() -> None:
    assert SOMEBODY.has("officer", 1)
    assert not SOMEBODY.has("officer", 2)
    assert not SOMEBODY.has("officer", None)
    assert not SOMEBODY.has_any(("owner", "moderator"), 1)
