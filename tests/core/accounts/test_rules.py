import pytest

from forum.core.accounts.rules import RULES
from forum.kernel.rules import NOBODY, Actor, why_not

ME, OTHER = 1, 2


@pytest.mark.parametrize(
    ("action", "nobody", "owner", "somebody_else"),
    [
        ("account.see", "sign_in", None, None),
        ("account.change", "sign_in", None, None),
        ("account.export", "sign_in", None, None),
        ("account.erase", "sign_in", None, None),
        ("token.make", "sign_in", None, None),
        ("token.revoke", "sign_in", None, "not_your_account"),
        ("draft.keep", "sign_in", None, None),
    ],
)
def test_who_may_do_what(action: str, nobody: str | None, owner: str | None, somebody_else: str | None) -> None:
    asked = [why_not(RULES, action, who, ME) for who in (NOBODY, Actor(ME), Actor(OTHER))]
    assert asked == [nobody, owner, somebody_else]


def test_every_action_is_in_the_table() -> None:
    assert set(RULES) == {
        "account.see", "account.change", "account.export", "account.erase", "token.make", "token.revoke", "draft.keep",
    }  # fmt: skip
