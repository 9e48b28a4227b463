"""Proof of work for guests while the site is flooded: a second of a phone's time, no puzzle for the person."""

import hashlib

from forum.kernel import clock, keys

BITS = 16
_HOUR = 3600


def challenge(place: str) -> str:
    """What work is asked for at a place now; good for one to two hours."""
    return _challenge(place, int(clock.now().timestamp()) // _HOUR)


def is_done(place: str, answer: str) -> bool:
    """Whether `answer` makes SHA-256(challenge ":" answer) begin with enough zero bits."""
    hour = int(clock.now().timestamp()) // _HOUR
    return len(answer) <= 40 and any(_zeros(_challenge(place, h), answer) >= BITS for h in (hour, hour - 1))


def _challenge(place: str, hour: int) -> str:
    return keys.keyed("work", f"{place}|{hour}")[:24]


def _zeros(asked: str, answer: str) -> int:
    digest = int.from_bytes(hashlib.sha256(f"{asked}:{answer}".encode()).digest())
    return 256 - digest.bit_length()
