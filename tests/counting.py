"""Counts SQL statements, so that a list page can be held to a fixed number of them.

Use as a fixture: `from tests.counting import statements  # noqa: F401`, then `with statements() as seen: …`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from forum.kernel import db

_OURS = ("SAVEPOINT", "RELEASE", "ROLLBACK TO", "BEGIN")

Count = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def statements(lent: db.Database) -> Count:
    """A context that collects the statements the code under test sends; savepoints of the tests do not count."""
    connection = lent.sessions.kw["bind"]

    @contextmanager
    def count() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(_OURS):
                seen.append(statement)

        event.listen(connection, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(connection, "before_cursor_execute", note)

    return count
