"""What every test stands on: a real database, a savepoint a test, an app and a client."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

import config as settings
from forum.app import create_app, set_up
from forum.kernel import db, i18n
from forum.observers.realtime import service as realtime
from tests.databases import empty, migrate, new_beside
from tests.factories import Make


@pytest.fixture(autouse=True)
def _thai() -> None:
    """Every test begins in Thai, whatever a request of the last one asked for."""
    i18n.activate("th")


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> settings.Config:
    """Settings of the tests: an embedded database unless DATABASE_URL names another; no limits."""
    folder = tmp_path_factory.mktemp("data")
    limits = {f"LIMIT_{name.upper()}": "off" for name in settings.DEFAULTS}
    env = {"DATA_DIR": str(folder), "PAGE_CACHE_SECONDS": "0", "PUBLIC_URL": "http://localhost"} | limits
    for name in ("DATABASE_URL", "REDIS_URL"):
        if name in os.environ:
            env[name] = os.environ[name]
    return settings.load(env)


@pytest.fixture(scope="session")
def database(config: settings.Config) -> Iterator[db.Database]:
    """The database of this run, migrated from nothing."""
    opened = db.connect(config.database_url)
    set_up(config)
    if not opened.sqlite:
        try:
            empty(opened)
        except ValueError as real:
            pytest.exit(str(real), 2)
    migrate(opened)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def own(database: db.Database, tmp_path: Path) -> Iterator[db.Database]:
    """A database of this test's own, in which commits are commits."""
    opened = new_beside(database, "own", tmp_path)
    migrate(opened)
    yield opened
    opened.engine.dispose()


class Lent(db.Database):
    """A database inside one outer transaction: commits of the code under test become savepoints."""

    def __init__(self, real: db.Database, connection: object):
        self.url, self.sqlite, self.engine, self.writers = real.url, real.sqlite, real.engine, real.writers
        self.sessions = sessionmaker(
            connection,  # type: ignore[arg-type]
            expire_on_commit=False,
            join_transaction_mode="create_savepoint",
        )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read; as on PostgreSQL, whoever writes in it is told."""
        begin, end = (
            ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
            if self.sqlite
            else ("SET LOCAL transaction_read_only = on", "")
        )
        with self.sessions() as tx:
            raw = tx.connection().connection.cursor()  # beside the counted statements
            raw.execute(begin)
            try:
                yield tx
            finally:
                if end:
                    raw.execute(end)

    snapshot = reading  # the outer transaction has begun, and nobody else writes in it


@pytest.fixture
def lent(database: db.Database) -> Iterator[db.Database]:
    """The database for one test; everything done in it is taken back."""
    with database.engine.connect() as connection:
        outer = connection.begin()
        lent = Lent(database, connection)
        db.use(lent)
        yield lent
        outer.rollback()
        db.use(database)


@pytest.fixture
def tx(lent: db.Database) -> Iterator[Session]:
    """A session to arrange and look with; flush is enough, the code under test sees it."""
    with lent.sessions() as session:
        yield session


@pytest.fixture(scope="session")
def whole(config: settings.Config, database: db.Database) -> Flask:
    """The whole app, made once: it holds no database and no reader."""
    return create_app(config, database)


@pytest.fixture
def app(whole: Flask, config: settings.Config, lent: db.Database) -> Flask:
    """The whole app on this test's database, with this run's settings whatever the last test set."""
    db.use(lent)
    set_up(config)
    realtime.use(whole.extensions["live"])
    return whole


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript; nobody is signed in."""
    return app.test_client()


@pytest.fixture
def make(tx: Session) -> Make:
    """Makes people, agencies, consultations and threads."""
    return Make(tx)
