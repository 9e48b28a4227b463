"""Adds up what several pytest runs counted, into one closing line in pytest's own words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

BAD = ("failed", "errors")
_ORDER = (*BAD[:1], "passed", "skipped", "xfailed", "xpassed", "warnings", *BAD[1:])
_CLOSING = re.compile(r"^=* ?(?P<counts>\d+ [a-z]+(?:, \d+ [a-z]+)*) in [\d.]+s(?: \([\d:]+\))? ?=*$")
_PLURAL = {"error": "errors", "warning": "warnings"}


def read_closing(output: str) -> Counter[str] | None:
    """What the last closing line in a pytest run's output counted; None when the run never got to one."""
    for line in reversed(output.splitlines()):
        found = _CLOSING.match(line.strip())
        if found:
            return _counts(found["counts"])
    return None


def write_closing(runs: Iterable[Counter[str]], seconds: float) -> str:
    """The closing line of all runs together, 80 columns wide as pytest's is on a narrow terminal.

    What a run deselected is left out: another run has it.
    """
    total: Counter[str] = sum(runs, Counter())
    counted = [f"{total[word]} {_singular(word, total[word])}" for word in _ORDER if total[word]]
    words = ", ".join(counted) or "no tests ran"
    return f" {words} in {seconds:.2f}s{_clock(seconds)} ".center(80, "=")


def _counts(text: str) -> Counter[str]:
    pairs = (part.split(" ") for part in text.split(", "))
    return Counter({_PLURAL.get(word, word): int(number) for number, word in pairs})


def _singular(word: str, number: int) -> str:
    return word.removesuffix("s") if number == 1 and word in _PLURAL.values() else word


def _clock(seconds: float) -> str:
    if seconds < 60:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f" ({minutes // 60}:{minutes % 60:02}:{rest:02})"
