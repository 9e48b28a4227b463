"""A page of a thread is read along an index: what stands behind it in a long thread is not looked at."""

from typing import Any

import pytest
from sqlalchemy import event, text

from forum.commons.comments.listing import SORTS, branches
from forum.commons.comments.queries import thread_by
from forum.kernel import db
from tests.factories import Make


def plan(make: Make, thread_id: int, sort: str) -> str:
    """How the database would read a page, were the thread too long to be read whole."""
    said: list[tuple[str, Any]] = []
    connection = make.tx.connection()

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        said.append((statement, given))

    event.listen(connection, "before_cursor_execute", note)
    branches(make.tx, thread_id, sort, None)
    event.remove(connection, "before_cursor_execute", note)
    statement, given = next(sent for sent in said if "LIMIT" in sent[0])
    if db.current().sqlite:
        return "\n".join(map(str, connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)))
    # With a handful of rows it would sort; so it does where no index gives the order, whatever that costs.
    for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
        connection.execute(text(f"SET LOCAL enable_{way} = off"))
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", given))


@pytest.mark.parametrize("sort", SORTS)
def test_no_list_of_comments_is_sorted_by_the_database(make: Make, sort: str) -> None:
    found = plan(make, thread_by(make.tx, make.thread(stance="agree")).id, sort)
    assert "ix_comment" in found
    assert "Sort" not in found
    assert "B-TREE" not in found
