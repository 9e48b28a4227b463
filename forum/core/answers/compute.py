"""What an office may say of a contribution. Plain Python."""

from datetime import date

DISPOSITIONS = ("accepted", "partly", "not_accepted", "noted")
STEPS = ("received", "inspecting", "planned", "done", "not_done")
LONGEST = 10_000
LONG = 700
"""From how many letters an answer is folded where it stands beside others."""
FIRST_WARNING = 7
_WARN = (FIRST_WARNING, 3, 1)


def timing(answer_by: date | None, on: date) -> str:
    """Whether an answer given on this day is in time: the promised day itself still is."""
    return "late" if answer_by is not None and on > answer_by else "on_time"


def warning_due(answer_by: date, today: date, warned: int | None) -> int | None:
    """The warning to send today, of 7, 3 and 1 days ahead; None when it was sent or none is due."""
    left = (answer_by - today).days
    if left < 0:
        return None
    due = min((days for days in _WARN if left <= days), default=None)
    return due if due is not None and (warned is None or due < warned) else None
