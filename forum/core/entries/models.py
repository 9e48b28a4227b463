"""Voices that came another way: printed sheets with their codes, who keyed what, and the second look at a sample."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from forum.kernel.db import Model


class Sheet(Model):
    """A printed form: its number, and the receipt code on its stub, which is kept as an HMAC alone."""

    __tablename__ = "sheet"
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    number: Mapped[int]
    code_hmac: Mapped[str] = mapped_column(unique=True)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("consultation_id", "number"),)


class Entry(Model):
    """A contribution that an officer keyed for somebody else.

    `sampled` is whether it was drawn for a second look; `matches` what that look found, None until then.
    """

    __tablename__ = "entry"
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    sheet: Mapped[str | None]
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    entered_at: Mapped[datetime]
    sampled: Mapped[bool] = mapped_column(default=False)
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    checked_at: Mapped[datetime | None]
    matches: Mapped[bool | None]
    note: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        Index("ix_entry_consultation_id_item_id", "consultation_id", "item_id"),
        Index(
            "uq_entry_sheet",
            "consultation_id",
            "sheet",
            unique=True,
            sqlite_where=text("sheet IS NOT NULL"),
            postgresql_where=text("sheet IS NOT NULL"),
        ),
    )
