"""Agencies: who opens consultations, and who works for them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from forum.kernel.db import Model


class Agency(Model):
    """An office that asks the public; `guests` is whether people may speak without an account there.

    `demo` is whether it is made up, and so all that it asks.

    Its two colours (#rrggbb, or empty for the site's own) are those of the band on its page and of the line under it.
    """

    __tablename__ = "agency"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name_th: Mapped[str]
    name_en: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    guests: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)
    colour_band: Mapped[str] = mapped_column(default="")
    colour_line: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class Membership(Model):
    """One person's role in one agency, or in the site's own pool when there is no agency."""

    __tablename__ = "membership"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    role: Mapped[str]
    since: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(
            "role IN ('owner','officer','moderator','reviewer','legal','auditor','dpo','operator')",
            name="role",
        ),
        Index(
            "uq_membership_agency",
            "user_id",
            "agency_id",
            "role",
            unique=True,
            sqlite_where=text("agency_id IS NOT NULL"),
            postgresql_where=text("agency_id IS NOT NULL"),
        ),
        Index(
            "uq_membership_pool",
            "user_id",
            "role",
            unique=True,
            sqlite_where=text("agency_id IS NULL"),
            postgresql_where=text("agency_id IS NULL"),
        ),
    )


class Invitation(Model):
    """A way into an agency that opens once: a link in a letter to `email`, else a printed code.

    Of the code only an HMAC is stored, of the link nothing. The address is emptied when the invitation is over.
    """

    __tablename__ = "invitation"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    role: Mapped[str]
    email: Mapped[str | None]
    code_digest: Mapped[str | None] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    expires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    __table_args__ = (CheckConstraint("role IN ('owner','officer','moderator','reviewer')", name="role"),)


class MemberChange(Model):
    """One role given, changed or taken away in an agency: by whom and why.

    No old role is somebody coming in by an invitation, no new one is somebody leaving.
    """

    __tablename__ = "member_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    old_role: Mapped[str | None]
    new_role: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    __table_args__ = (Index("ix_member_change_agency_id_id", "agency_id", "id"),)
