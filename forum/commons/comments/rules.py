"""Who may speak, edit, take back and react in a thread."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forum.kernel.rules import Actor, Rules, signed_in

AGENCY_VOICES = ("owner", "officer")


@dataclass(frozen=True)
class Floor:
    """What permissions ask of a thread: is it seen, is it open now, who may speak in it."""

    agency_id: int
    thread_state: str
    opened: bool
    begins_later: bool
    guests: bool
    begun: bool = True
    until: datetime | None = None


@dataclass(frozen=True)
class Own:
    """What permissions ask of one comment: the floor it stands on, and whose it is."""

    floor: Floor
    author_id: int | None
    state: str
    created_at: datetime
    by_receipt: bool = False


def thread_shown(_actor: Actor, floor: Floor) -> str | None:
    """The thread itself is shown."""
    return None if floor.thread_state == "public" else "thread_gone"


def is_open(_actor: Actor, floor: Floor) -> str | None:
    """The consultation is open and its phase allows this activity."""
    if floor.opened:
        return None
    return "not_open_yet" if floor.begins_later else "closed"


def may_speak(actor: Actor, floor: Floor) -> str | None:
    """Somebody is signed in, or the agency lets guests speak."""
    return None if floor.guests or not actor.is_nobody else "sign_in"


def speaks_for_agency(actor: Actor, floor: Floor) -> str | None:
    """An owner or officer of the agency that asks."""
    return None if actor.has_any(AGENCY_VOICES, floor.agency_id) else "not_officer"


def has_begun(_actor: Actor, floor: Floor) -> str | None:
    """Its consultation's opening time has come; after its close too, for what was received before."""
    return None if floor.begun else "not_open_yet"


def is_own(actor: Actor, own: Own) -> str | None:
    """The comment is the actor's own, by account or by receipt."""
    if own.by_receipt or (own.author_id is not None and own.author_id == actor.user_id):
        return None
    return "sign_in" if actor.is_nobody else "not_yours"


def still_there(_actor: Actor, own: Own) -> str | None:
    """The comment has not been taken back already."""
    return "gone" if own.state in ("withdrawn", "erased") else None


def is_shown(_actor: Actor, own: Own) -> str | None:
    """The comment's text is shown."""
    return None if own.state == "public" else "gone"


def on_floor(predicate: Any) -> Any:
    """A predicate about the floor, asked about a comment."""

    def ask(actor: Actor, own: Own) -> str | None:
        reason: str | None = predicate(actor, own.floor)
        return reason

    ask.__doc__ = predicate.__doc__
    ask.__name__ = predicate.__name__
    return ask


RULES: Rules = {
    "comment.post": (thread_shown, is_open, may_speak),
    "comment.enter": (thread_shown, speaks_for_agency, has_begun),
    "comment.edit": (on_floor(thread_shown), is_own, is_shown, on_floor(is_open)),
    "comment.withdraw": (is_own, still_there, on_floor(is_open)),
    "comment.react": (signed_in, on_floor(thread_shown), is_shown, on_floor(is_open)),
}
