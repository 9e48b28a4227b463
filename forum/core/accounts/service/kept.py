"""Words not yet sent: what was typed before signing in, and what signed-in people are typing."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from forum.core.accounts.models import Draft, KeptText
from forum.core.accounts.queries import digest_of
from forum.kernel import clock, ids
from forum.kernel.errors import TooLarge

KEPT_FOR = timedelta(hours=24)
DRAFT_KEPT_FOR = timedelta(days=30)
MOST_DRAFTS = 100
_LARGEST = 80_000
_LONGEST_KEY = 100


def keep_text(tx: Session, path: str, fields: dict[str, Any]) -> str:
    """Keeps what somebody typed in a form of this path; the key gives it back, once, within a day."""
    if len(path) + len(msgspec.json.encode(fields)) > _LARGEST:
        raise TooLarge
    key = ids.token()
    tx.add(KeptText(digest=digest_of(key), path=path, fields=fields, expires_at=clock.now() + KEPT_FOR))
    tx.flush()
    return key


def take_text(tx: Session, key: str) -> tuple[str, dict[str, Any]] | None:
    """Path and fields kept under the key; the second time, and after a day, nothing."""
    if not 0 < len(key) <= _LONGEST_KEY:
        return None
    taken = delete(KeptText).where(KeptText.digest == digest_of(key))
    row = tx.execute(taken.returning(KeptText.path, KeptText.fields, KeptText.expires_at)).first()
    if row is None or row.expires_at <= clock.now():
        return None
    return row.path, row.fields


def save_draft(tx: Session, user_id: int, place: str, text: str) -> datetime:
    """Keeps what a person is typing in a place, in the stead of what was there; returns when."""
    now = clock.now()
    make = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"user_id": user_id, "place": place, "text": text, "saved_at": now}
    row = make(Draft).values(values)
    tx.execute(row.on_conflict_do_update(index_elements=["user_id", "place"], set_={"text": text, "saved_at": now}))
    _drop_oldest(tx, user_id)
    return now


def _drop_oldest(tx: Session, user_id: int) -> None:
    newest = select(Draft.id).where(Draft.user_id == user_id).order_by(Draft.saved_at.desc(), Draft.id.desc())
    beyond = tx.execute(newest).scalars().all()[MOST_DRAFTS:]
    if beyond:
        tx.execute(delete(Draft).where(Draft.id.in_(beyond)))


def drop_draft(tx: Session, user_id: int, place: str) -> None:
    """Forgets what a person was typing in a place; sent or discarded."""
    tx.execute(delete(Draft).where(Draft.user_id == user_id, Draft.place == place))
