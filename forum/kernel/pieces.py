"""Pieces of pages, kept by everything they are drawn from.

A comment is read thousands of times for each time it changes. Its piece of the page is a pure function of what it
is drawn from, so it is drawn once and found again by that: whatever changes, another piece is drawn, and nothing
ever has to be declared stale. What is one reader's own has no place in it, and asking for it is an error.
"""

from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

_drawing: ContextVar[bool] = ContextVar("drawing", default=False)


def keeper(most: int) -> Callable[..., str]:
    """`drawn(macro, *values)` for templates: what an imported macro makes of values that can be told apart by `==`.

    The `most` pieces used last are kept; 0 keeps none.
    """
    return lru_cache(maxsize=most)(_draw)


def _draw(macro: Callable[..., str], *values: Any) -> str:
    token = _drawing.set(True)
    try:
        return macro(*values)
    finally:
        _drawing.reset(token)


def only_this_reader() -> None:
    """Called by what differs from reader to reader or by the minute; raises inside a piece that is kept."""
    if _drawing.get():
        raise RuntimeError("a piece kept for every reader asks for what is one reader's own")
