"""The same POST again."""

import threading
import time

import pytest
from sqlalchemy import delete, inspect, select, text

from forum.kernel import db, idempotency
from forum.kernel.errors import AppError, Busy, Conflict, Invalid
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


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> float:
    """How long to wait for another writer in these tests: as long as it takes to see that it waits."""
    monkeypatch.setattr(db, "WRITE_WAIT", 0.2)
    return 0.2


def test_a_request_whose_first_is_still_running_waits_and_is_then_told_so(
    database: db.Database, impatient: float
) -> None:
    db.use(database)
    told: list[AppError] = []
    began = time.monotonic()
    with idempotency.first_awaited("user:1", "still"), database.transaction() as tx:
        idempotency.begin(tx, "user:1", "still", b"body")
        second = threading.Thread(target=_second, args=(told, "still"))
        second.start()
        second.join(20)
    assert [type(error) for error in told] == [Conflict]
    assert getattr(told[0], "retry_after", 0) > 0
    assert time.monotonic() - began >= impatient
    with database.transaction() as tx:
        tx.execute(delete(Done).where(Done.key == "still"))
        assert tx.execute(select(Done)).first() is None


@pytest.mark.usefixtures("impatient")
def test_who_waits_for_somebody_elses_work_is_told_that_all_are_busy(database: db.Database) -> None:
    db.use(database)
    told: list[AppError] = []
    with idempotency.first_awaited("user:1", "mine"), database.transaction():
        second = threading.Thread(target=_second, args=(told, "another"))
        second.start()
        second.join(20)
    # On PostgreSQL one key does not wait for another.
    assert [type(error) for error in told] == ([Busy] if database.sqlite else [])
    with database.transaction() as tx:
        tx.execute(delete(Done))


@pytest.mark.usefixtures("impatient")
def test_once_the_first_has_failed_its_key_is_awaited_no_more(lent: db.Database) -> None:
    with pytest.raises(ZeroDivisionError), idempotency.first_awaited("user:1", "k"):
        raise ZeroDivisionError
    with pytest.raises(Busy), idempotency.first_awaited("user:1", "k"):
        raise Busy


def _second(told: list[AppError], key: str) -> None:
    try:
        with idempotency.first_awaited("user:1", key), db.transaction() as tx:
            if not db.current().sqlite:
                tx.execute(text("SET LOCAL lock_timeout = '200ms'"))
            idempotency.begin(tx, "user:1", key, b"body")
    except (Busy, Conflict) as error:
        told.append(error)
