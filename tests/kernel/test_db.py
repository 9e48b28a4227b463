"""The database door: what commits, what is refused, what the migrations make."""

from contextlib import nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import delete, exc, insert, select, text, update
from sqlalchemy.event import listen

from forum.core.agencies.models import Agency
from forum.kernel import clock, db, events
from forum.kernel.events import Event, Stream
from tests.databases import migrate, migrations_of, new_beside
from tests.factories import Make


def _fail_after(work: Any) -> None:
    with db.transaction() as tx:
        work(tx)
        raise ZeroDivisionError


def test_leaving_a_transaction_commits_and_raising_rolls_back(lent: db.Database) -> None:
    with db.transaction() as tx:
        kept = events.new_stream(tx)
    lost: list[int] = []
    with pytest.raises(ZeroDivisionError):
        _fail_after(lambda tx: lost.append(events.new_stream(tx)))
    with db.reading() as tx:
        found = tx.execute(select(Stream.id).where(Stream.id.in_((kept, *lost)))).scalars().all()
    assert found == [kept]


def test_what_is_written_while_reading_is_not_kept(database: db.Database) -> None:
    made: list[int] = []
    # PostgreSQL refuses it at once.
    with suppress(exc.InternalError) if not database.sqlite else nullcontext(), database.reading() as tx:
        made.append(events.new_stream(tx))
    assert bool(made) is database.sqlite
    with database.reading() as tx:
        assert all(tx.get(Stream, number) is None for number in made)


def test_a_write_after_a_read_on_the_same_connection_is_a_write_again(database: db.Database) -> None:
    for _ in range(5):
        with database.reading() as tx:
            tx.execute(text("SELECT 1"))
        with database.transaction() as tx:
            made = events.new_stream(tx)
            tx.execute(delete(Stream).where(Stream.id == made))


def test_what_is_read_often_is_planned_once(database: db.Database) -> None:
    if database.sqlite:
        pytest.skip("SQLite's driver keeps its statements by itself")
    reads = db.Database(database.url)
    for _ in range(10):
        with reads.reading() as tx:
            tx.execute(select(Stream.id).where(Stream.id == 0)).all()
    with reads.reading() as tx:
        kept = tx.execute(text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%stream%'")).scalar()
    reads.engine.dispose()
    assert kept == 1


def test_a_time_without_a_zone_is_refused(make: Make) -> None:
    naive = datetime(2026, 11, 22)  # noqa: DTZ001  the very thing under test
    with pytest.raises(exc.StatementError):
        make.agency(created_at=naive)


def test_stored_times_come_back_aware(make: Make) -> None:
    agency = make.agency()
    make.tx.expire_all()
    assert make.tx.get_one(Agency, agency.id).created_at.tzinfo is not None


@pytest.mark.parametrize("change", [update(Event).values(name="x"), delete(Event)])
def test_an_event_is_never_changed_or_removed(make: Make, change: Any) -> None:
    events.emit(make.tx, "test.happened", subject_id=1)
    with pytest.raises(exc.DBAPIError, match="never changed"):
        make.tx.execute(change.execution_options(synchronize_session=False))


def test_a_key_to_nothing_is_refused(make: Make) -> None:
    with pytest.raises(exc.IntegrityError):
        make.tx.execute(insert(events.Delivery).values(event_id=10**9, observer="x", next_at=clock.now()))


def test_every_connection_is_set_up_for_its_database(database: db.Database) -> None:
    asked, wanted = (
        ("PRAGMA journal_mode; PRAGMA foreign_keys; PRAGMA busy_timeout", ["wal", 1, 0])
        if database.sqlite
        else ("SHOW lock_timeout; SHOW timezone", ["5s", "UTC"])
    )
    with database.engine.connect() as connection:
        told = [connection.execute(text(one)).scalar() for one in asked.split("; ")]
    assert told == wanted
    assert database.engine.dialect.driver in ("pysqlite", "psycopg")


def test_numbers_of_a_stream_have_no_gap_when_work_fails(lent: db.Database) -> None:
    with db.transaction() as tx:
        stream = events.new_stream(tx)
    with pytest.raises(ZeroDivisionError):
        _fail_after(lambda tx: events.next_seq(tx, stream))
    with db.transaction() as tx:
        assert events.next_seq(tx, stream) == 1


def test_migrations_go_up_down_and_up_and_match_the_models(database: db.Database, tmp_path: Path, config: Any) -> None:
    other = new_beside(database, "migrations", tmp_path)
    alembic = migrations_of(other)
    command.upgrade(alembic, "head")
    command.downgrade(alembic, "base")
    command.upgrade(alembic, "head")
    command.check(alembic)
    other.engine.dispose()


def test_migrations_wait_for_no_lock_and_run_no_statement_for_ever(database: db.Database, tmp_path: Path) -> None:
    if database.sqlite:
        pytest.skip("SQLite has no such settings; a migration there holds the only lock")
    other = new_beside(database, "migrations", tmp_path)
    sent: list[str] = []
    listen(other.engine, "before_cursor_execute", lambda _c, _k, statement, *_: sent.append(statement))
    migrate(other)
    with other.engine.connect() as connection:
        kept = [connection.execute(text(f"SHOW {name}")).scalar() for name in ("lock_timeout", "statement_timeout")]
    other.engine.dispose()
    made = next(n for n, statement in enumerate(sent) if "CREATE TABLE item" in statement)
    assert sent.index("SET lock_timeout = '5s'") < made
    assert sent.index("SET statement_timeout = '600s'") < made
    assert kept == ["5s", "10min"], "they held to the end"
