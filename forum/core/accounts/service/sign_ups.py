"""Making accounts: by people who prove their address, and by the operator."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from forum.core.accounts import forms
from forum.core.accounts.models import PUBLIC_POSTING, User
from forum.core.accounts.queries import account_at, code_of
from forum.core.accounts.service.codes import Refused, make_code, over, try_code, use_code
from forum.core.accounts.service.consents import record_consent
from forum.core.accounts.service.names import give_name, require_free
from forum.core.accounts.service.passwords import hash_password
from forum.kernel import clock, events, i18n, ids, mail, text
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T


@dataclass(frozen=True)
class Confirmed:
    """A sign-up whose address was proven: the account, and where its owner was going."""

    user_id: int
    next: str
    kept: str


def ask_sign_up(tx: Session, asked: forms.SignUp, password_hash: str, next_path: str, kept: str) -> str:
    """Sends a letter to the address, another one when it has an account; returns the code's id.

    To whoever asks the two look the same: one code, one letter, one page. `Invalid` when the name is taken.
    """
    require_free(tx, asked.name)
    known = account_at(tx, asked.email) is not None
    pending = {
        "name": asked.name,
        "password_hash": password_hash,
        "lang": i18n.language(),
        "consented_at": clock.now().isoformat() if asked.consent else None,
        "next": next_path,
        "kept": kept,
    }
    code = make_code(tx, "sign_up", asked.email, {} if known else pending)
    mail.queue(tx, "already_signed_up" if known else "sign_up", None, code=code.public_id)
    return code.public_id


def send_again(tx: Session, public_id: str, purpose: str) -> str | None:
    """A fresh code in place of one that does not arrive or was typed wrong too often; None when that is over.

    For `sign_up` and `reset`, whose letters are asked for by nobody who is signed in.
    """
    old = code_of(tx, public_id, purpose)
    if old is None:
        return None
    code = make_code(tx, purpose, old.email, old.pending)
    old.expires_at = clock.now()
    kind = "already_signed_up" if purpose == "sign_up" and not old.pending else purpose
    mail.queue(tx, kind, None, code=code.public_id)
    return code.public_id


def confirm_sign_up(tx: Session, public_id: str, typed: str, key: str = "") -> Confirmed | Refused:
    """Makes the account when code or key are right; the attempt counts, so the caller commits."""
    row = try_code(tx, public_id, "sign_up", typed, key)
    if isinstance(row, Refused):
        return row
    email, pending = row.email, use_code(tx, row)
    user = None if pending is None else _make_account(tx, email, pending)
    if user is None or pending is None:
        return over()
    events.emit(tx, "account.signed_up", subject_id=user.id)
    return Confirmed(user.id, pending["next"], pending["kept"])


def waiting_password(tx: Session, public_id: str) -> str | None:
    """The stored password of a waiting sign-up, to be compared with one typed behind the link of its letter.

    A link is opened by whoever owns the address, but a sign-up may have been begun by somebody else. Only who
    knows the password began it, and so nobody gets another person's address for their own account.
    """
    row = code_of(tx, public_id, "sign_up")
    return row.pending.get("password_hash") if row is not None else None


def _make_account(tx: Session, email: str, pending: dict[str, Any]) -> User | None:
    user = _add(tx, email, pending["password_hash"], pending["lang"])
    if user is None:
        return None
    give_name(tx, user, pending["name"])
    if pending["consented_at"]:
        at = datetime.fromisoformat(pending["consented_at"])
        record_consent(tx, user.id, None, PUBLIC_POSTING, True, at=at)
    return user


def _add(tx: Session, email: str, password_hash: str | None, lang: str) -> User | None:
    """The new row, or None when the address got an account in the same moment."""
    now = clock.now()
    user = User(
        public_id=ids.public_id(),
        email=email,
        password_hash=password_hash,
        created_at=now,
        confirmed_at=now,
        lang=lang,
    )
    try:
        with tx.begin_nested():
            tx.add(user)
    except IntegrityError:
        return None
    return user


def create_confirmed_user(tx: Session, email: str, name: str, password: str | None = None) -> tuple[User, str | None]:
    """An account whose address counts as confirmed, made by the operator; the password only when it made one.

    A taken name gets a number behind it. Hashes inside the transaction: for commands, not for web requests.
    Raises `Invalid` for an address that cannot be one or has an account.
    """
    given = forms.address(email)
    made = None if password else secrets.token_urlsafe(12)
    shown = text.one_line(name)[: forms.LONGEST_NAME].rstrip()
    if text.is_blank(shown):
        raise Invalid({"name": T("ใส่ชื่อก่อน ใช้ชื่อเล่นก็ได้")})
    user = _add(tx, given, hash_password(password or made or ""), "th")
    if user is None:
        raise Invalid({"email": T("อีเมลนี้มีบัญชีอยู่แล้ว")})
    give_name(tx, user, shown)
    tx.flush()
    return user, made
