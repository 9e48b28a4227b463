"""Tokens for programs: named, stored as a digest, shown once, revoked by their owner."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from forum.core.accounts.models import ApiToken
from forum.core.accounts.queries import digest_of
from forum.core.accounts.rules import RULES
from forum.kernel import clock, events, ids
from forum.kernel.errors import Invalid, NotFound
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, require, why_not

MOST_TOKENS = 20
_PREFIX = "sala_"


def make_token(tx: Session, user_id: int, name: str, field: str = "name") -> tuple[str, str]:
    """A token's public id and its secret, which is not kept; `Invalid` on the field when there are many."""
    counted = select(func.count()).select_from(ApiToken).where(ApiToken.user_id == user_id)
    if tx.execute(counted).scalar_one() >= MOST_TOKENS:
        raise Invalid({field: T("มีรหัสสำหรับโปรแกรมครบ %(n)s อันแล้ว ยกเลิกอันที่ไม่ใช้ก่อน", n=MOST_TOKENS)})
    secret = _PREFIX + ids.token()
    row = ApiToken(
        public_id=ids.public_id(),
        user_id=user_id,
        name=name,
        digest=digest_of(secret),
        created_at=clock.now(),
    )
    tx.add(row)
    tx.flush()
    events.emit(tx, "account.token_made", subject_id=user_id, token_id=row.id)
    return row.public_id, secret


def revoke_token(tx: Session, actor: Actor, public_id: str) -> None:
    """Ends one of the actor's own tokens; another person's is not found."""
    row = tx.execute(select(ApiToken).where(ApiToken.public_id == public_id)).scalar_one_or_none()
    if actor.is_nobody:
        require(RULES, "token.revoke", actor, None)
    if row is None or why_not(RULES, "token.revoke", actor, row.user_id):
        raise NotFound
    tx.execute(delete(ApiToken).where(ApiToken.id == row.id))
    events.emit(tx, "account.token_revoked", subject_id=row.user_id, token_id=row.id)
