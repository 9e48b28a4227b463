"""Who may start a thread in a discussion."""

from dataclasses import dataclass

from forum.kernel.rules import Actor, Rules, signed_in

AGENCY_VOICES = ("owner", "officer")


@dataclass(frozen=True)
class Room:
    """What permissions ask of a discussion: whose it is, whether it is open, who may start threads."""

    agency_id: int
    opened: bool
    begins_later: bool
    anyone_starts: bool


def open_or_ours(actor: Actor, room: Room) -> str | None:
    """The discussion is open; the agency itself may prepare threads before, in a draft too."""
    if room.opened or (room.begins_later and actor.has_any(AGENCY_VOICES, room.agency_id)):
        return None
    return "not_open_yet" if room.begins_later else "closed"


def may_start(actor: Actor, room: Room) -> str | None:
    """Everybody with an account may start a thread, unless the agency keeps that to itself."""
    return None if room.anyone_starts or actor.has_any(AGENCY_VOICES, room.agency_id) else "agency_starts"


def is_agency(actor: Actor, room: Room) -> str | None:
    """An owner or officer of the agency that asks."""
    return None if actor.has_any(AGENCY_VOICES, room.agency_id) else "not_officer"


RULES: Rules = {
    "thread.start": (open_or_ours, may_start, signed_in),
    "thread.stance": (is_agency,),
}
