"""The same POST again."""

import threading

import pytest
from sqlalchemy import delete, inspect, select

from forum.kernel import db, idempotency
from forum.kernel.errors import Busy, Conflict, Invalid
from forum.kernel.idempotency import Done


def test_a_key_is_claimed_once_and_then_tells_what_came_of_it(lent: db.Database) -> None:
    with db.transaction() as tx:
        assert idempotency.begin(tx, "user:1", "k", b"body") is None
        idempotency.finish(tx, "user:1", "k", 201, "abc")
    with db.transaction() as tx:
        assert idempotency.begin(tx, "user:1", "k", b"body") == idempotency.Before(201, "abc")


def test_one_callers_key_is_not_anothers(lent: db.Database) -> None:
    with db.transaction() as tx:
        assert idempotency.begin(tx, "user:1", "k", b"body") is None
        assert idempotency.begin(tx, "user:2", "k", b"other") is None


@pytest.mark.parametrize("key", ["", "ก", "x" * 201])
def test_a_key_that_cannot_be_one_is_refused(lent: db.Database, key: str) -> None:
    with db.transaction() as tx, pytest.raises(Invalid):
        idempotency.begin(tx, "user:1", key, b"")


def test_a_key_used_for_another_body_is_refused(lent: db.Database) -> None:
    with db.transaction() as tx:
        idempotency.begin(tx, "user:1", "k", b"one")
        with pytest.raises(Invalid):
            idempotency.begin(tx, "user:1", "k", b"two")


def test_work_that_fails_leaves_the_key_free(lent: db.Database) -> None:
    with pytest.raises(ZeroDivisionError):
        _fail("k")
    with db.transaction() as tx:
        assert idempotency.begin(tx, "user:1", "k", b"body") is None


def _fail(key: str) -> None:
    with db.transaction() as tx:
        idempotency.begin(tx, "user:1", key, b"body")
        raise ZeroDivisionError


def test_digest_status_and_id_are_kept_and_no_reply() -> None:
    assert {c.name for c in inspect(Done).columns} == {"caller", "key", "digest", "status", "result", "at"}


def test_a_request_whose_first_is_still_running_waits_and_is_then_told_so(database: db.Database) -> None:
    db.use(database)
    told: list[str] = []
    with database.transaction() as tx:
        idempotency.begin(tx, "user:1", "still", b"body")
        second = threading.Thread(target=_second, args=(told,))
        second.start()
        second.join(20)
    assert told == ["Conflict" if not database.sqlite else "Busy"]
    with database.transaction() as tx:
        tx.execute(delete(Done).where(Done.key == "still"))
        assert tx.execute(select(Done)).first() is None


def _second(told: list[str]) -> None:
    try:
        with db.transaction() as tx:
            idempotency.begin(tx, "user:1", "still", b"body")
    except (Busy, Conflict) as error:
        told.append(type(error).__name__)
