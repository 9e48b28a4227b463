"""Reports of what a consultation heard: asked for, made by the worker, published by the office, kept as they were."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from forum.kernel.db import Model


class Report(Model):
    """One report of one consultation; what is in its folder never changes once it is made.

    `no` counts a consultation's reports; `done` of `total` is how far the worker is. `files` are the names, sizes and
    SHA-256 of what was made, `digest` that of the list of these; `summary` the numbers that stand in it, and whether
    it was made while people still spoke.
    """

    __tablename__ = "report"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    no: Mapped[int]
    state: Mapped[str] = mapped_column(default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    summary: Mapped[dict[str, Any]]
    files: Mapped[list[dict[str, Any]]]
    digest: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        UniqueConstraint("consultation_id", "no"),
        CheckConstraint("state IN ('waiting','making','made','failed','published')", name="state"),
        Index(
            "ix_report_to_make",
            "id",
            sqlite_where=text("state IN ('waiting','making')"),
            postgresql_where=text("state IN ('waiting','making')"),
        ),
    )
