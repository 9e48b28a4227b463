"""What a refusal is held to, for forms and programs alike: nothing changed, and words in the reader's language."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from forum.kernel import db
from forum.kernel.db import Model

THAI = re.compile("[\u0e00-\u0e7f]")
HUGE = 60_000
DEEP: Any = {"a": {"a": {"a": [[[[{"a": 1}]]]]}}}


def everything(lent: db.Database) -> dict[str, list[str]]:
    """Every row of every table as the app left it."""
    connection = lent.sessions.kw["bind"]
    return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in Model.metadata.sorted_tables}


@contextmanager
def apart(lent: db.Database) -> Iterator[None]:
    """What is done inside is taken back, so that one attempt does not stand in the way of the next."""
    nested = lent.sessions.kw["bind"].begin_nested()
    try:
        yield
    finally:
        nested.rollback()


@contextmanager
def unchanged(lent: db.Database, *but: str) -> Iterator[None]:
    """Inside nothing is written, except into the tables named."""
    before = everything(lent)
    yield
    after = everything(lent)
    changed = [name for name in before if before[name] != after[name] and name not in but]
    assert changed == []


def is_said(words: str, lang: str) -> bool:
    """Whether these words are in the reader's language: English has no Thai left in it, Thai has some.

    A receipt's code is Thai in both.
    """
    return bool(words.strip()) and bool(THAI.search(words.replace("สล-", ""))) == (lang == "th")
