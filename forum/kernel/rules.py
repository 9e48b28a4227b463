"""Who may do what: each action is a key with predicates that must all hold; the first that fails is the reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from forum.kernel.errors import Denied


@dataclass(frozen=True)
class Actor:
    """Whoever asks: a user id or nobody, and roles as (scope id or None for the whole site, role)."""

    user_id: int | None = None
    name: str = ""
    roles: frozenset[tuple[int | None, str]] = frozenset()
    confirmed: bool = True

    @property
    def is_nobody(self) -> bool:
        """Whether nobody is signed in."""
        return self.user_id is None

    def has(self, role: str, scope: int | None) -> bool:
        """Whether this actor holds the role in that scope."""
        return (scope, role) in self.roles

    def has_any(self, roles: tuple[str, ...], scope: int | None) -> bool:
        """Whether this actor holds one of the roles in that scope."""
        return any((scope, role) in self.roles for role in roles)


NOBODY = Actor()

Predicate = Callable[[Actor, Any], str | None]
"""Given who asks and about what, the key of the reason why not, or None when it holds."""
Rules = Mapping[str, tuple[Predicate, ...]]


def why_not(rules: Rules, action: str, actor: Actor, subject: Any = None) -> str | None:
    """The first reason why the actor may not, or None; an unknown action is a KeyError."""
    for predicate in rules[action]:
        reason = predicate(actor, subject)
        if reason is not None:
            return reason
    return None


def require(rules: Rules, action: str, actor: Actor, subject: Any = None) -> None:
    """Raises `Denied` with the first reason; 401 when signing in would help."""
    reason = why_not(rules, action, actor, subject)
    if reason is not None:
        raise Denied(reason, sign_in=reason == "sign_in" and actor.is_nobody)


def signed_in(actor: Actor, _subject: Any) -> str | None:
    """Somebody is signed in."""
    return "sign_in" if actor.is_nobody else None
