"""Databases that tests and benchmarks make, migrate and empty."""

from pathlib import Path

from alembic import command
from alembic.config import Config as Alembic
from sqlalchemy import make_url

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
