"""Language of the reader: Thai is the source language of every message, English a translation."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import Any

LANGUAGES = ("th", "en")
_CATALOGUES = Path(__file__).resolve().parents[2] / "translations"
_language: ContextVar[str] = ContextVar("language", default="th")


def language() -> str:
    """The language messages are being written in now: `th` or `en`."""
    return _language.get()


def activate(lang: str) -> None:
    """Sets the reader's language for the rest of this request or job."""
    _language.set(lang if lang in LANGUAGES else "th")


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Messages inside are in `lang`; used for mail and pages made for somebody else."""
    token = _language.set(lang)
    try:
        yield
    finally:
        _language.reset(token)


@cache
def _catalogue(lang: str) -> NullTranslations:
    return translation("messages", str(_CATALOGUES), [lang], fallback=True)


def gettext(message: str) -> str:
    """The message in the reader's language; the Thai source itself where no translation is found."""
    return _catalogue(_language.get()).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """The message for a number; Thai has one form, English two."""
    return _catalogue(_language.get()).ngettext(one, many, n)


def pgettext(context: str, message: str) -> str:
    """The message where one Thai word needs different English ones."""
    return _catalogue(_language.get()).pgettext(context, message)


class Text:
    """A message that is translated when it is shown, not when it is made."""

    __slots__ = ("message", "values")

    def __init__(self, message: str, **values: Any):
        self.message = message
        self.values = values

    def __str__(self) -> str:
        shown = gettext(self.message)
        return shown % self.values if self.values else shown

    def __repr__(self) -> str:
        return f"Text({self.message!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.message, self.values) == (other.message, other.values)

    def __hash__(self) -> int:
        return hash(self.message)


T = Text
