"""Codes of six digits and links that prove an address; derived from a row and a key, never stored."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from forum.core.accounts.compute import digits_of
from forum.core.accounts.models import MailCode
from forum.core.accounts.queries import code_of
from forum.kernel import clock, ids, keys
from forum.kernel.i18n import T, Text

MOST_ATTEMPTS = 5
LIFETIME = timedelta(minutes=30)

_WRONG = T("รหัสไม่ตรง ลองดูในอีเมลฉบับล่าสุดอีกครั้ง")
_WORN = T("ใส่รหัสผิดครบ %(n)s ครั้งแล้ว ขอรหัสใหม่ก่อน", n=MOST_ATTEMPTS)
_OVER = T("รหัสนี้หมดเวลาหรือใช้ไปแล้ว ขอรหัสใหม่")


@dataclass(frozen=True)
class Refused:
    """A code that opened nothing, and what to say. Returned, not raised: the attempt must be counted."""

    message: Text


def make_code(tx: Session, purpose: str, email: str, pending: dict[str, Any]) -> MailCode:
    """A new code for this address; with nothing pending it will open nothing."""
    now = clock.now()
    row = MailCode(
        public_id=ids.public_id(),
        purpose=purpose,
        email=email,
        nonce=secrets.token_hex(16),
        pending=pending,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    tx.add(row)
    tx.flush()
    return row


def digits(row: MailCode) -> str:
    """The six digits of a code."""
    return f"{int(keys.keyed('mail code', _seed(row))[:16], 16) % 1_000_000:06}"


def link_key(row: MailCode) -> str:
    """What a link in the letter carries instead of the digits."""
    return keys.keyed("mail link", _seed(row))


def _seed(row: MailCode) -> str:
    return f"{row.purpose}|{row.public_id}|{row.nonce}"


def try_code(tx: Session, public_id: str, purpose: str, typed: str, key: str = "") -> MailCode | Refused:
    """The code's row when digits or link are right; counts the attempt, so the caller commits either way."""
    row = code_of(tx, public_id, purpose)
    if row is None:
        return Refused(_OVER)
    counted = (
        update(MailCode)
        .where(MailCode.id == row.id, MailCode.attempts < MOST_ATTEMPTS)
        .values(attempts=MailCode.attempts + 1)
        .returning(MailCode.attempts)
    )
    attempts = tx.execute(counted).scalar_one_or_none()
    if attempts is None:
        return Refused(_WORN)
    right = keys.same(link_key(row), key) if key else keys.same(digits(row), digits_of(typed))
    if right and row.pending:
        return row
    return Refused(_WORN if attempts == MOST_ATTEMPTS else _WRONG)


def use_code(tx: Session, row: MailCode) -> dict[str, Any] | None:
    """What was pending, once: marks the code used and forgets all others of its purpose and address."""
    pending = row.pending
    used = (
        update(MailCode)
        .where(MailCode.id == row.id, MailCode.used_at.is_(None))
        .values(used_at=clock.now(), pending={})
        .returning(MailCode.id)
    )
    if tx.execute(used).first() is None:
        return None
    tx.execute(
        delete(MailCode).where(MailCode.purpose == row.purpose, MailCode.email == row.email, MailCode.id != row.id)
    )
    return pending


def over() -> Refused:
    """What is said of a code that somebody used in the same moment."""
    return Refused(_OVER)
