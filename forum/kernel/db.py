"""The door to the database: one set of models on SQLite and PostgreSQL, one place that commits."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Executable,
    Integer,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
    exc,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from forum.kernel.errors import Busy, Unreadable

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
WRITE_WAIT = 5.0
"""Seconds a write waits for another writer before the person is told to try again."""


class Moment(TypeDecorator[datetime]):
    """An aware UTC time; a naive one is refused before it can be stored."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To storage: UTC, without zone on SQLite, which keeps text."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From storage: always aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


_LINE = "line"  # where a read keeps its connection: the session would look for it again at every statement


def rows(tx: Session, statement: Executable, asked: dict[str, Any] | Sequence[dict[str, Any]]) -> Any:
    """A statement on columns, run without the ORM, which takes as long again for each as the database does."""
    line = tx.info.get(_LINE)
    if line is None:
        tx.flush()
        line = tx.connection()
    return line.execute(statement, asked)


class Model(DeclarativeBase):
    """Every table of every feature."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger().with_variant(Integer(), "sqlite"),
        datetime: Moment,
        dict[str, Any]: Json,
        list[str]: Json,
        list[dict[str, Any]]: Json,
    }


_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


class Database:
    """One database a process is connected to, and how it is read and written."""

    def __init__(self, url: str):
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.sqlite else _postgres_engine(url)
        self.sessions = sessionmaker(self.engine, expire_on_commit=False, autoflush=True)
        self.reads = sessionmaker(self.engine.execution_options(postgresql_readonly=True), expire_on_commit=False)
        # One writer at a time in this process, in the order they came: SQLite itself has no queue.
        self.writers = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A write: leaving commits, raising rolls back."""
        with self._turn(), self.sessions() as tx, tx.begin():
            if self.sqlite:
                _begin_immediate(tx)
            yield tx

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read of one consistent state; nothing done inside is kept."""
        with self.reads() as tx:
            tx.info[_LINE] = tx.connection()
            yield tx
            if not self.sqlite:
                # It was read-only; at a rollback the driver would forget every statement that it has prepared.
                tx.commit()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A read that sees one moment to its end; SQLite's every read does, PostgreSQL must be told."""
        with self.reading() as tx:
            if not self.sqlite:
                rows(tx, _ONE_MOMENT, {})
            yield tx

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self.sqlite:
            yield
            return
        if not self.writers.acquire(timeout=WRITE_WAIT):
            raise Busy
        try:
            yield
        finally:
            self.writers.release()


def _begin_immediate(tx: Session) -> None:
    """Takes SQLite's write lock at once, waiting without holding up other requests.

    `busy_timeout` sleeps in C and would stop every greenlet; this waits in Python.
    """
    give_up = time.monotonic() + WRITE_WAIT
    connection = tx.connection(execution_options={"sala_write": True}).connection.driver_connection
    assert connection is not None
    while not connection.in_transaction:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise Busy from error
            time.sleep(0.003)


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=20, max_overflow=80, connect_args={"check_same_thread": False})
    if (name := engine.url.database) and not name.startswith((":", "file:")):
        _keep_to_ourselves(Path(name))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "before_cursor_execute", _refuse_nul)
    return engine


def _keep_to_ourselves(path: Path) -> None:
    """The database's files are for the site's own account alone; SQLite gives those it adds the mode of the first.

    An existing file is never opened here: closing it again would drop the locks SQLite holds on it in this process.
    """
    with suppress(OSError):  # a place that cannot be written is told of by the first connection
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + suffix).chmod(0o600)


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=0",
        "cache_size=-16000",
        "mmap_size=268435456",
    ):
        _patiently(connection, f"PRAGMA {pragma}")


def _patiently(connection: Any, statement: str) -> None:
    give_up = time.monotonic() + WRITE_WAIT
    while True:
        try:
            connection.execute(statement)
            return
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.003)


def _begin_sqlite(connection: Any) -> None:
    if not connection.get_execution_options().get("sala_write"):
        connection.exec_driver_sql("BEGIN")


def _postgres_engine(url: str) -> Engine:
    plain = url.removeprefix("postgresql://").removeprefix("postgres://")
    full = url if "+" in url.split("://", maxsplit=1)[0] else f"postgresql+psycopg://{plain}"
    engine = create_engine(
        full,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=False,
        pool_use_lifo=True,  # the connection used last knows the statements of now
        connect_args={"options": "-c lock_timeout=5000 -c timezone=UTC", "connect_timeout": 5},
    )
    event.listen(engine, "before_cursor_execute", _refuse_nul)
    return engine


def _refuse_nul(_connection: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, _many: bool) -> None:
    """No text with NUL can be stored or found on PostgreSQL; here on neither, and in words."""
    for row in parameters if isinstance(parameters, list) else (parameters,):
        for value in row.values() if isinstance(row, dict) else row:
            if isinstance(value, str) and "\0" in value:
                raise Unreadable


_current: Database | None = None


def connect(url: str) -> Database:
    """Makes `url` this process's database; called once at start."""
    global _current
    if _current is not None:
        _current.engine.dispose()
    _current = Database(url)
    return _current


def use(database: Database) -> None:
    """Makes an open database this process's; tests lend one bound to a transaction of theirs."""
    global _current
    _current = database


def current() -> Database:
    """The database of this process."""
    if _current is None:
        raise RuntimeError("no database: call forum.kernel.db.connect first")
    return _current


@contextmanager
def transaction() -> Iterator[Session]:
    """The only place that commits: leaving commits, raising rolls back; raises `Busy` after 5 s of waiting."""
    try:
        with current().transaction() as tx:
            yield tx
    except exc.OperationalError as error:
        if "lock" in str(error.orig):
            raise Busy from error
        raise


@contextmanager
def snapshot() -> Iterator[Session]:
    """A read that sees one moment however long it takes, for what is handed out as a whole."""
    with current().snapshot() as tx:
        yield tx


@contextmanager
def reading() -> Iterator[Session]:
    """A consistent read; nothing done inside is kept."""
    with current().reading() as tx:
        yield tx
