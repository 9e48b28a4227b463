"""Changing a password or an address, and setting a forgotten password anew."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from forum.core.accounts.models import User
from forum.core.accounts.queries import account, account_at
from forum.core.accounts.service.codes import Refused, make_code, over, try_code, use_code
from forum.core.accounts.service.sign_ins import sign_out_everywhere
from forum.kernel import clock, events, mail
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T

_NOTICE_KEPT = timedelta(hours=24)


def ask_reset(tx: Session, email: str) -> str:
    """Sends a letter to the address and returns the code's id, whether or not it has an account."""
    user = account_at(tx, email)
    code = make_code(tx, "reset", email, {"user_id": user.id} if user else {})
    mail.queue(tx, "reset", None, code=code.public_id)
    return code.public_id


def reset_password(tx: Session, public_id: str, typed: str, key: str, password_hash: str) -> int | Refused:
    """Sets a forgotten password anew; every sign-in ends. The attempt counts, so the caller commits."""
    row = try_code(tx, public_id, "reset", typed, key)
    if isinstance(row, Refused):
        return row
    email, pending = row.email, use_code(tx, row)
    user = _locked(tx, pending["user_id"]) if pending else None
    if user is None or user.email != email:
        return over()
    _set_password(tx, user, password_hash)
    return user.id


def change_password(tx: Session, user_id: int, verified: str, password_hash: str) -> None:
    """Sets a new password in place of the verified one; every sign-in ends, this device signs in anew."""
    user = _locked(tx, user_id)
    if user is None or user.password_hash != verified:
        raise Invalid({"current_password": T("รหัสผ่านเพิ่งถูกเปลี่ยนจากอีกหน้าหนึ่ง ใส่รหัสผ่านใหม่อีกครั้ง")})
    _set_password(tx, user, password_hash)


def _set_password(tx: Session, user: User, password_hash: str) -> None:
    user.password_hash = password_hash
    user.version += 1
    sign_out_everywhere(tx, user.id)
    events.emit(tx, "account.password_changed", subject_id=user.id)
    mail.queue(tx, "password_changed_notice", user.id)


def ask_new_address(tx: Session, user_id: int, email: str) -> str:
    """Sends a code to the new address; one that has an account already gets a letter that says so."""
    user = account(tx, user_id)
    if user.email == email:
        raise Invalid({"new_email": T("นี่คืออีเมลที่ใช้อยู่แล้ว")})
    known = account_at(tx, email) is not None
    code = make_code(tx, "change_email", email, {} if known else {"user_id": user_id})
    mail.queue(tx, "email_change", user_id, code=code.public_id)
    return code.public_id


def change_address(tx: Session, user_id: int, public_id: str, typed: str, key: str = "") -> Refused | None:
    """Makes the proven address the account's and tells the old one. The attempt counts: commit either way."""
    row = try_code(tx, public_id, "change_email", typed, key)
    if isinstance(row, Refused):
        return row
    if row.pending["user_id"] != user_id:
        return over()
    email, pending = row.email, use_code(tx, row)
    user = _locked(tx, user_id) if pending else None
    if user is None or user.email is None:
        return over()
    before = user.email
    if not _set_address(tx, user, email):
        return over()
    events.emit(tx, "account.email_changed", subject_id=user_id)
    _tell_old_address(tx, user, before)
    return None


def _set_address(tx: Session, user: User, email: str) -> bool:
    """False when the address got an account in the same moment."""
    try:
        with tx.begin_nested():
            user.email = email
            user.version += 1
    except IntegrityError:
        return False
    return True


def _tell_old_address(tx: Session, user: User, before: str) -> None:
    """The letter is written when the account no longer knows its old address; a row keeps that for a day."""
    row = make_code(tx, "was_email", before, {"user_id": user.id})
    row.expires_at = clock.now() + _NOTICE_KEPT
    mail.queue(tx, "email_changed_notice", user.id, code=row.public_id)


def _locked(tx: Session, user_id: int) -> User | None:
    found = select(User).where(User.id == user_id, User.erased_at.is_(None)).with_for_update()
    return tx.execute(found.execution_options(populate_existing=True)).scalar_one_or_none()
