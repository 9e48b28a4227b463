"""Figures as they are printed: medians of alternating rounds, one JSON object a line.

`spread` is the range of the rounds in parts of their median: of the ratio where there is one, else of the value.
Goals are said beside them, on standard error.
"""

import json
import sys
from collections.abc import Callable, Sequence
from statistics import median

ROUNDS = 5


def alternating(*measures: Callable[[], float], rounds: int = ROUNDS) -> list[list[float]]:
    """Each measure's values, taken in turn so that what else the machine does falls on all of them alike."""
    taken: list[list[float]] = [[] for _ in measures]
    for _ in range(rounds):
        for values, measure in zip(taken, measures, strict=True):
            values.append(measure())
    return taken


def tell(
    name: str,
    unit: str,
    values: Sequence[float],
    versus: str | None = None,
    others: Sequence[float] | None = None,
    goal: str | None = None,
) -> None:
    """Prints one figure; with `others`, values of the same rounds, the median of the rounds' ratios to them."""
    ratios = [value / other for value, other in zip(values, others, strict=True)] if others else None
    line: dict[str, object] = {"name": name, "value": rounded(median(values)), "unit": unit, "versus": versus}
    line |= {"ratio": rounded(median(ratios)) if ratios else None, "spread": rounded(_spread(ratios or values))}
    print(json.dumps(line, ensure_ascii=False), flush=True)
    if goal is not None:
        print(f"  goal: {goal}", file=sys.stderr, flush=True)


def _spread(values: Sequence[float]) -> float:
    middle = median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


def rounded(value: float) -> float:
    """Three figures after the point are more than such measurements hold."""
    return round(value, 3)


def percentile(values: Sequence[float], part: float) -> float:
    """The value that `part` of all are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
