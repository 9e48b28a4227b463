"""Whoever is signed in, as Flask-Login keeps it during a request."""

from dataclasses import dataclass

from flask_login import UserMixin

from forum.kernel.rules import Actor


@dataclass(frozen=True)
class Viewer(UserMixin):  # type: ignore[misc]
    """A signed-in account: the secret of its sign-in, that secret's digest, and who it is."""

    secret: str
    digest: str
    actor: Actor
    email: str | None

    def get_id(self) -> str:
        """What the session cookie remembers."""
        return self.secret

    @property
    def name(self) -> str:
        """The pen name."""
        return self.actor.name

    @property
    def is_member(self) -> bool:
        """Whether this account works for some agency or for the site."""
        return bool(self.actor.roles)
