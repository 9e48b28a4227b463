"""Deleting an account, taking a copy of what is kept, and forgetting what is over."""

from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from forum.core.accounts.models import ApiToken, Draft, KeptText, MailCode, SignIn, TakenName, User
from forum.core.accounts.queries import account
from forum.core.accounts.service.kept import DRAFT_KEPT_FOR
from forum.core.accounts.service.sign_ins import sign_out_everywhere
from forum.kernel import clock, events, feature
from forum.kernel.db import transaction
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T


def erase_account(tx: Session, user_id: int, verified: str, withdraw_posts: bool) -> None:
    """Deletes an account whose password was verified: every feature forgets the person at once."""
    user = account(tx, user_id)
    tx.refresh(user, with_for_update=True)
    if user.password_hash != verified:
        raise Invalid({"delete_password": T("รหัสผ่านเพิ่งถูกเปลี่ยนจากอีกหน้าหนึ่ง ใส่รหัสผ่านใหม่อีกครั้ง")})
    for part in feature.features():
        if part.erase is not None:
            part.erase(tx, user_id, withdraw_posts)
    events.emit(tx, "account.erased", subject_id=user_id, posts="withdrawn" if withdraw_posts else "kept")


def erase(tx: Session, user_id: int, _withdraw_posts: bool) -> None:
    """What accounts forget of a person: address, password, name, sign-ins, tokens, drafts, codes.

    The row stays under its number, so that posts kept without a name have an author; consents stay as proof.
    """
    user = tx.execute(select(User).where(User.id == user_id)).scalar_one()
    sign_out_everywhere(tx, user_id)
    for table in (TakenName, ApiToken, Draft):
        tx.execute(delete(table).where(table.user_id == user_id))
    # Also an address they had before, or were about to have.
    theirs = MailCode.pending["user_id"].as_integer() == user_id
    tx.execute(delete(MailCode).where(or_(MailCode.email == user.email, theirs)))
    user.email = user.name = user.password_hash = None
    user.erased_at = clock.now()
    user.version += 1
    tx.flush()


def copy_of_everything(tx: Session, user_id: int) -> dict[str, Any]:
    """Everything stored about a person, by feature, for their own copy."""
    return {part.name: part.personal_data(tx, user_id) for part in feature.features() if part.personal_data is not None}


def forget_what_is_over() -> None:
    """Deletes expired codes, sign-ins and kept texts, and drafts of a month ago; one short write each."""
    now = clock.now()
    for table, over in (
        (MailCode, MailCode.expires_at < now),
        (SignIn, SignIn.expires_at < now),
        (KeptText, KeptText.expires_at < now),
        (Draft, Draft.saved_at < now - DRAFT_KEPT_FOR),
    ):
        with transaction() as tx:
            tx.execute(delete(table).where(over))
