"""How many of what was keyed are looked at again. Plain Python."""

ONE_IN = 10
"""One of so many entries is drawn for a second look, rounded up: never none where there is one."""


ON_PAPER = ("paper", "letter")
"""The ways by which a voice comes written down. Of a call or a meeting there is a paper where a sheet was numbered."""


def has_paper(channel: str, sheet: str | None) -> bool:
    """Whether there is anything with which what was keyed could be compared."""
    return channel in ON_PAPER or sheet is not None


def to_look_at(entries: int) -> int:
    """How many of so many entries are looked at again."""
    return -(-entries // ONE_IN)


def percent(part: int, whole: int) -> str:
    """A share in percent with at most one digit after the point, `0` where there is nothing to share."""
    return f"{100 * part / whole:.1f}".removesuffix(".0") if whole else "0"
