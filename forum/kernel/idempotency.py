"""The same POST sent again gives the same result and creates nothing twice.

Kept are digest, status and id, never the reply. The row is written in the transaction of the work itself, so a
second request waits for the first; work that fails leaves no row and may be tried again corrected.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, delete, exc, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from forum.kernel import clock
from forum.kernel.db import Model, transaction
from forum.kernel.errors import Busy, Conflict, Invalid
from forum.kernel.i18n import T

_KEPT = timedelta(hours=24)


class Done(Model):
    """One request that came with a key: its caller, the digest of its body, and what it made."""

    __tablename__ = "idempotency_key"
    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    status: Mapped[int] = mapped_column(default=0)
    result: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]

    __table_args__ = (Index("ix_idempotency_key_at", "at"),)


@dataclass(frozen=True)
class Before:
    """What an earlier request with this key made."""

    status: int
    result: str


_running: set[tuple[str, str]] = set()


@contextmanager
def first_awaited(caller: str, key: str) -> Iterator[None]:
    """Tells who waited in vain that it was for the first request with their own key: `Conflict` instead of `Busy`.

    SQLite has one writer, who hides its row until it is done; it is served by one process, which knows.
    """
    me = (caller, key)
    awaiting = me in _running
    _running.add(me)
    try:
        yield
    except Busy as error:
        if awaiting:
            raise _still_running() from error
        raise
    finally:
        if not awaiting:
            _running.discard(me)


def _still_running() -> Conflict:
    return Conflict(T("คำขอแรกที่ใช้กุญแจนี้ยังทำไม่เสร็จ รอสักครู่แล้วส่งใหม่"), retry_after=5)


def begin(tx: Session, caller: str, key: str, body: bytes) -> Before | None:
    """Claims the key, or says what came of it before; `Invalid` when it was used for another body."""
    if not 1 <= len(key) <= 200 or not key.isascii():
        raise Invalid({"Idempotency-Key": T("กุญแจกันส่งซ้ำต้องเป็นอักษรอังกฤษหรือตัวเลขไม่เกิน 200 ตัว")})
    digest = hashlib.sha256(body).hexdigest()
    if _claim(tx, caller, key, digest):
        return None
    row = tx.execute(select(Done).where(Done.caller == caller, Done.key == key)).scalar_one()
    if row.digest != digest:
        raise Invalid({"Idempotency-Key": T("กุญแจกันส่งซ้ำนี้ใช้กับข้อความอื่นไปแล้ว")})
    return Before(row.status, row.result)


def _claim(tx: Session, caller: str, key: str, digest: str) -> bool:
    values = {"caller": caller, "key": key, "digest": digest, "status": 0, "result": "", "at": clock.now()}
    dialect = tx.get_bind().dialect.name
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    try:
        claimed = tx.execute(make(Done).values(values).on_conflict_do_nothing().returning(Done.key))
    except exc.OperationalError as error:
        # PostgreSQL waited for the first request's row as long as the connection allows.
        raise _still_running() from error
    return claimed.first() is not None


def finish(tx: Session, caller: str, key: str, status: int, result: str) -> None:
    """Keeps what came of it: status and id."""
    tx.execute(update(Done).where(Done.caller == caller, Done.key == key).values(status=status, result=result))


def forget_old() -> None:
    """Deletes keys older than a day."""
    with transaction() as tx:
        tx.execute(delete(Done).where(Done.at < clock.now() - _KEPT))
