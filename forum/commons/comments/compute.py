"""In which order comments are heard, and how stances are counted. Plain Python."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

Card = TypeVar("Card")

STANCES: tuple[str | None, ...] = ("for", "unsure", "against", None)
"""The order in which stances take their turns; None is a comment without one."""
VOICES = ("member", "guest", "paper")
MAX_BODY = 10_000
MAX_BODY_BYTES = 40_000
TAKE_BACK_SECONDS = 120


def interleave(hands: Sequence[Sequence[Card]], take: int, first: int = 0) -> list[tuple[int, Card]]:
    """Deals from several hands in turn: one from each, round after round, until `take` are dealt.

    Each hand is one stance's comments, the most useful first and, of equally useful ones, the latest; so what is
    shown alternates between stances and, within a stance, follows usefulness. A hand that is used up is passed
    over. `first` is the hand whose turn it is. Returns (hand, card) pairs in dealing order.
    """
    dealt: list[tuple[int, Card]] = []
    places = [0] * len(hands)
    turn = first
    while len(dealt) < take and any(place < len(hand) for place, hand in zip(places, hands, strict=True)):
        hand = turn % len(hands)
        if places[hand] < len(hands[hand]):
            dealt.append((hand, hands[hand][places[hand]]))
            places[hand] += 1
        turn += 1
    return dealt


def voice_group(voice: str) -> str | None:
    """In which row of the spread a voice is counted; an agency's own voice in none."""
    return voice if voice in VOICES else None


def moved(spread: Mapping[str, Mapping[str, int]], voice: str, old: str | None, new: str | None) -> dict[str, Any]:
    """The spread after one voice went from one stance (None for none) to another."""
    group = voice_group(voice)
    counts = {name: dict(row) for name, row in spread.items()}
    if group is None or old == new:
        return counts
    row = counts.setdefault(group, {})
    if old is not None:
        row[old] = max(0, row.get(old, 0) - 1)
    if new is not None:
        row[new] = row.get(new, 0) + 1
    return counts


def totals(spread: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """The spread with every voice and stance present, zeros included."""
    return {voice: {s: spread.get(voice, {}).get(s, 0) for s in STANCES if s} for voice in VOICES}
