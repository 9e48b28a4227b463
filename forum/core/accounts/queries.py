"""Reading accounts: who is signed in, who has which name, what is kept about a person."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from forum.core.accounts.models import ApiToken, Consent, Draft, MailCode, SignIn, TakenName, User
from forum.kernel import clock
from forum.kernel.clock import iso
from forum.kernel.db import rows
from forum.kernel.errors import NotFound
from forum.kernel.mail import Mail


@dataclass(frozen=True)
class SignedIn:
    """Who a session secret or API token belongs to, and the digest forms are bound to.

    `sign_in_id` and `token_id` say which of the two it was; events about their end carry the same numbers.
    `until` is when a session ends by the clock, which no event tells.
    """

    user_id: int
    name: str
    email: str | None
    digest: str
    sign_in_id: int | None = None
    token_id: int | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Stored:
    """A password as it is stored, and whose; nobody's when there is no such account."""

    user_id: int | None
    hashed: str | None


# Built once, as every request of somebody signed in goes through them.
_PERSON = select(User.id, User.name, User.email).where(User.erased_at.is_(None))
_BY_SIGN_IN = (
    _PERSON.add_columns(SignIn.id.label("sign_in_id"), SignIn.expires_at)
    .join(SignIn, SignIn.user_id == User.id)
    .where(SignIn.digest == bindparam("digest"), SignIn.expires_at > bindparam("now"))
)
_BY_TOKEN = (
    _PERSON.add_columns(ApiToken.id.label("token_id"))
    .join(ApiToken, ApiToken.user_id == User.id)
    .where(ApiToken.digest == bindparam("digest"))
)
_LATEST_WORD = (
    select(Consent.given, Consent.at)
    .where(Consent.user_id == bindparam("user_id"), Consent.purpose == bindparam("purpose"))
    .order_by(Consent.id.desc())
    .limit(1)
)


def digest_of(secret: str) -> str:
    """How a secret of 256 random bits is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def signed_in_by(tx: Session, secret: str) -> SignedIn | None:
    """The account a session secret belongs to, unless the session has ended."""
    digest = digest_of(secret)
    row = rows(tx, _BY_SIGN_IN, {"digest": digest, "now": clock.now()}).first()
    if row is None:
        return None
    return SignedIn(row.id, row.name or "", row.email, digest, sign_in_id=row.sign_in_id, until=row.expires_at)


def signed_in_by_token(tx: Session, token: str) -> SignedIn | None:
    """The account an API token belongs to, unless it was revoked."""
    digest = digest_of(token)
    row = rows(tx, _BY_TOKEN, {"digest": digest}).first()
    return SignedIn(row.id, row.name or "", row.email, digest, token_id=row.token_id) if row else None


def account(tx: Session, user_id: int | None) -> User:
    """An account that is still there; raises `NotFound`."""
    user = tx.get(User, user_id) if user_id is not None else None
    if user is None or user.erased_at is not None:
        raise NotFound
    return user


def account_at(tx: Session, email: str) -> User | None:
    """The account with this address."""
    return tx.execute(select(User).where(User.email == email)).scalar_one_or_none()


def stored_password(tx: Session, *, email: str | None = None, user_id: int | None = None) -> Stored:
    """The stored password of the account with this address or number; the same shape when there is none."""
    whose = User.id == user_id if email is None else User.email == email
    row = tx.execute(select(User.id, User.password_hash).where(whose, User.erased_at.is_(None))).first()
    return Stored(row.id, row.password_hash) if row else Stored(None, None)


def name_holder(tx: Session, key: str) -> TakenName | None:
    """Who holds the pen name with this key."""
    return tx.get(TakenName, key)


def code_of(tx: Session, public_id: str, purpose: str) -> MailCode | None:
    """A mailed code that has neither expired nor opened something already."""
    found = select(MailCode).where(
        MailCode.public_id == public_id,
        MailCode.purpose == purpose,
        MailCode.expires_at > clock.now(),
        MailCode.used_at.is_(None),
    )
    return tx.execute(found).scalar_one_or_none()


def tokens_of(tx: Session, user_id: int) -> Sequence[ApiToken]:
    """A person's API tokens, newest first."""
    found = select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.id.desc())
    return tx.execute(found).scalars().all()


def sign_ins_of(tx: Session, user_id: int) -> Sequence[SignIn]:
    """Where a person is signed in, newest first."""
    found = select(SignIn).where(SignIn.user_id == user_id, SignIn.expires_at > clock.now())
    return tx.execute(found.order_by(SignIn.id.desc())).scalars().all()


def has_consent(tx: Session, user_id: int | None, purpose: str) -> bool:
    """Whether a person's latest word on this purpose was yes; nobody has consented to anything."""
    return consent_since(tx, user_id, purpose) is not None


def consent_since(tx: Session, user_id: int | None, purpose: str) -> datetime | None:
    """When a person gave the consent that stands, or None."""
    if user_id is None:
        return None
    latest = rows(tx, _LATEST_WORD, {"user_id": user_id, "purpose": purpose}).first()
    return latest.at if latest is not None and latest.given else None


def draft_at(tx: Session, user_id: int, place: str) -> Draft | None:
    """What a person was typing in a place."""
    return tx.execute(select(Draft).where(Draft.user_id == user_id, Draft.place == place)).scalar_one_or_none()


def personal_data(tx: Session, user_id: int) -> dict[str, Any]:
    """Everything accounts keep about a person, for their own copy; secrets and their digests are left out."""
    user = account(tx, user_id)
    confirmed = iso(user.confirmed_at) if user.confirmed_at else None
    return {
        "account": {
            "id": user.public_id,
            "email": user.email,
            "name": user.name,
            "lang": user.lang,
            "created_at": iso(user.created_at),
            "confirmed_at": confirmed,
        },
        "sign_ins": [_times(s, "created_at", "expires_at") for s in _all(tx, SignIn, user_id)],
        "tokens": [{"id": t.public_id, "name": t.name, **_times(t, "created_at")} for t in tokens_of(tx, user_id)],
        "consents": [
            {"purpose": c.purpose, "version": c.version, "given": c.given, **_times(c, "at")}
            for c in _all(tx, Consent, user_id)
        ],
        "drafts": [{"place": d.place, "text": d.text, **_times(d, "saved_at")} for d in _all(tx, Draft, user_id)],
        "mails": [
            {"kind": m.kind, "state": m.state, **_times(m, "queued_at", "sent_at")} for m in _all(tx, Mail, user_id)
        ],
    }


def _times(row: Any, *names: str) -> dict[str, str | None]:
    return {name: iso(moment) if (moment := getattr(row, name)) else None for name in names}


def _all(tx: Session, table: Any, user_id: int) -> Sequence[Any]:
    return tx.execute(select(table).where(table.user_id == user_id).order_by(table.id)).scalars().all()
