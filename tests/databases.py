"""Databases that tests and benchmarks make, migrate and empty."""

import threading
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config as Alembic
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from forum.kernel import db

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def migrations_of(database: db.Database) -> Alembic:
    """What Alembic's commands need to work on this database."""
    alembic = Alembic()
    alembic.set_main_option("script_location", str(MIGRATIONS))
    alembic.attributes["database"] = database
    return alembic


def migrate(database: db.Database) -> None:
    """Brings a database up to what the code needs."""
    command.upgrade(migrations_of(database), "head")


def new_beside(database: db.Database, name: str, folder: Path) -> db.Database:
    """An empty database for one test in which commits are commits: a file in `folder`, or PostgreSQL's of that name.

    It is of the kind this run is on, and the caller disposes of it.
    """
    if database.sqlite:
        return db.Database(f"sqlite:///{folder / name}.db")
    url = make_url(database.url)
    own = f"{url.database}_{name}"
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{own}"')
        connection.exec_driver_sql(f'CREATE DATABASE "{own}"')
    return db.Database(url.set(database=own).render_as_string(hide_password=False))


def empty(database: db.Database) -> None:
    """Takes everything out of a PostgreSQL database.

    Raises:
        ValueError: for one whose name does not say that it is for tests; it may be somebody's real one.
    """
    name = make_url(database.url).database or ""
    if "test" not in name:
        raise ValueError(f"this would empty the database {name!r}; name one with 'test' in it")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")


def at_once(own: db.Database, first: Callable[[Session], object], second: Callable[[Session], object]) -> object:
    """Does both, the second while the first has not committed yet; gives what the second made or was told."""
    told: list[object] = []

    def late() -> None:
        try:
            with own.transaction() as tx:
                made = second(tx)
            told.append(made)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is asked about
            told.append(error)

    other = threading.Thread(target=late)
    with own.transaction() as tx:
        first(tx)
        other.start()
        _wait_until_it_waits(own, other)
    other.join(20)
    return told[0]


def _wait_until_it_waits(own: db.Database, other: threading.Thread) -> None:
    """Until the other's write stands behind ours; on SQLite it does so before it begins."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while not own.sqlite and other.is_alive():
        with own.reading() as tx:
            if tx.execute(waiting).scalar_one():
                return
        threading.Event().wait(0.01)
