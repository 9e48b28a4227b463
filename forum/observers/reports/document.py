"""A report as a document to read and print: the same HTML twice, once with Thai numerals, written as it is made."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from forum.observers.reports import sheets, words
from forum.observers.reports.compute import thai_numerals
from forum.observers.reports.facts import Facts
from forum.observers.reports.files import PLAIN, THAI
from forum.observers.reports.heard import Listed, Said

Parts = Callable[[], Any]
Reader = Callable[[Sequence[int]], Iterable[Said]]
_parts: dict[str, Parts] = {}


def draw_with(parts: Parts) -> None:
    """Says where the parts of the document are drawn, a template's macros; called once by the app."""
    _parts["drawn"] = parts


class Document:
    """Both files, open; leaving closes them."""

    def __init__(self, folder: Path, facts: Facts):
        self._folder, self._facts, self._parts = folder, facts, _parts["drawn"]()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._plain, self._thai = (self._file(name) for name in (PLAIN, THAI))
        head = self._parts.head
        self._plain.write(head(self._facts, sheets, words, "arabic"))
        self._thai.write(thai_numerals(head(self._facts, sheets, words, "thai")))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._write(self._parts.foot(self._facts, sheets.limits()))
        self._open.close()

    def _file(self, name: str) -> TextIO:
        return self._open.enter_context((self._folder / name).open("w", encoding="utf-8"))

    def _write(self, html: str) -> None:
        self._plain.write(html)
        self._thai.write(thai_numerals(html))

    def write_all(self, found: Listed, said: Reader) -> None:
        """Every contribution: what was answered under its answer, what was not, and what is not shown."""
        self._write(self._parts.answered_head(len(found.answered), len(found.answers)))
        last = -1
        for one in said(found.answered):
            no = one.answer.no if one.answer else 0
            if no != last:
                self._write(self._parts.answer(one.answer, words))
            self._write(self._parts.contribution(one, words))
            last = no
        self._write(self._parts.section_end())
        self._section(self._parts.unanswered_head, found.unanswered, said, self._parts.contribution)
        self._section(self._parts.unseen_head, found.unseen, said, self._parts.unseen)

    def _section(self, head: Any, ids: Sequence[int], said: Reader, draw: Any) -> None:
        self._write(head(len(ids)))
        for html in map(partial(draw, words=words), said(ids)):
            self._write(html)
        self._write(self._parts.section_end())
