"""Signing in and out: one row a device, its secret only in that device's cookie."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from forum.core.accounts.models import SignIn, User
from forum.core.accounts.queries import digest_of
from forum.kernel import clock, events, ids
from forum.kernel.errors import Denied

SIGNED_IN_FOR = timedelta(days=90)


def sign_in(tx: Session, user_id: int, verified: str | None, leaving: str = "") -> str:
    """A new sign-in with a new secret, which is returned and not kept; the one this device leaves ends.

    `verified` is the stored password that was compared before; raises `Denied` when it was changed since.
    """
    now = clock.now()
    user = tx.execute(select(User).where(User.id == user_id).with_for_update()).scalar_one()
    if user.erased_at is not None or (verified is not None and user.password_hash != verified):
        raise Denied("sign_in", sign_in=True)
    if leaving:
        sign_out(tx, leaving)
    secret = ids.token()
    tx.add(SignIn(user_id=user_id, digest=digest_of(secret), created_at=now, expires_at=now + SIGNED_IN_FOR))
    tx.flush()
    return secret


def sign_out(tx: Session, digest: str) -> None:
    """Ends one sign-in; its sockets are dropped. One that has ended is no error."""
    ended = delete(SignIn).where(SignIn.digest == digest).returning(SignIn.id, SignIn.user_id)
    for sign_in_id, user_id in tx.execute(ended):
        events.emit(tx, "account.signed_out", subject_id=user_id, sign_in_id=sign_in_id)


def sign_out_elsewhere(tx: Session, user_id: int, digest: str) -> int:
    """Ends a person's sign-ins on every other device; how many there were."""
    others = select(SignIn.digest).where(SignIn.user_id == user_id, SignIn.digest != digest)
    ended = tx.execute(others).scalars().all()
    for other in ended:
        sign_out(tx, other)
    return len(ended)


def sign_out_everywhere(tx: Session, user_id: int) -> None:
    """Ends every sign-in of a person; all sockets of theirs are dropped."""
    tx.execute(delete(SignIn).where(SignIn.user_id == user_id))
    events.emit(tx, "account.signed_out_everywhere", subject_id=user_id)
