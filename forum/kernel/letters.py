"""A rendered letter, as it is while it is being sent."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """A rendered letter; lives only while it is being sent."""

    to: str
    subject: str
    text: str
