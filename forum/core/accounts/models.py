"""Accounts: people, how they are signed in, and what they agreed to."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.kernel.db import Model

PRIVACY_VERSION = "2026-11-22.2"
"""The version of the site privacy notice and of the consent text that people see now."""
PUBLIC_POSTING = "public_posting"
"""The purpose of the consent that what is posted becomes public and may show political opinion."""


class User(Model):
    """A person with an account, who posts under a pen name."""

    __tablename__ = "user_account"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str | None]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    lang: Mapped[str] = mapped_column(default="th")
    version: Mapped[int] = mapped_column(default=1)


class TakenName(Model):
    """A pen name nobody else may take, as `compute.name_key` makes it: an account's, else an office's."""

    __tablename__ = "taken_name"
    key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), unique=True)


class SignIn(Model):
    """One signed-in device; its secret is stored as a digest and rotates on every sign-in."""

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApiToken(Model):
    """A named token for the JSON API, stored as a digest."""

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class MailCode(Model):
    """A 6-digit code sent by mail to prove an address; derived from `nonce` under a key, never stored itself.

    `purpose` is `sign_up` (then `pending` holds name and password hash), `reset` or `change_email` (then it
    holds the account). With nothing pending it opens nothing: the address was not what the asker took it for,
    and the letter says so. `was_email` is no code: the address an account had, until that is told.
    """

    __tablename__ = "mail_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str]
    email: Mapped[str] = mapped_column(index=True)
    nonce: Mapped[str]
    pending: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Consent(Model):
    """One thing a person agreed to, or took back: purpose, version of the text, when."""

    __tablename__ = "consent"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(index=True)
    purpose: Mapped[str]
    version: Mapped[str]
    given: Mapped[bool]
    at: Mapped[datetime]


class KeptText(Model):
    """What somebody typed before signing in, kept under a one-time key for a short while."""

    __tablename__ = "kept_text"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    path: Mapped[str]
    fields: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Draft(Model):
    """What a signed-in person is typing somewhere, so that another device can go on."""

    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    place: Mapped[str]
    text: Mapped[str]
    saved_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("user_id", "place"), Index("ix_draft_saved_at", "saved_at"))
