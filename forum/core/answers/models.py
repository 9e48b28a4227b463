"""Official answers, to which contributions each belongs, and how far what was promised has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from forum.kernel.db import Model


class Answer(Model):
    """One official answer, an item of its own, attached to many contributions.

    `stage`: draft, waiting (for a second member), returned, published or dropped. `items` is how many
    contributions it is for, without those answered anew since; `memo` the paper that stood for a second
    member; `note` why it was sent back.
    """

    __tablename__ = "answer"
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    disposition: Mapped[str]
    reason: Mapped[str]
    reason_html: Mapped[str]
    stage: Mapped[str] = mapped_column(default="draft")
    items: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str] = mapped_column(default="")
    memo: Mapped[dict[str, Any] | None]
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        CheckConstraint("disposition IN ('accepted','partly','not_accepted','noted')", name="disposition"),
        CheckConstraint("stage IN ('draft','waiting','returned','published','dropped')", name="stage"),
        Index("ix_answer_consultation_id_stage_item_id", "consultation_id", "stage", "item_id"),
        Index("ix_answer_stage_disposition_items", "stage", "disposition", "items"),
    )


def _once(state: str) -> Index:
    """No contribution stands at this state for two answers."""
    only = text(f"state = '{state}'")
    return Index(f"uq_answered_{state}", "item_id", unique=True, sqlite_where=only, postgresql_where=only)


class Answered(Model):
    """One contribution that an answer is for: `waiting` until it is published, then `current`, later `past`."""

    __tablename__ = "answered"
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.item_id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True, index=True)
    state: Mapped[str] = mapped_column(default="waiting")

    __table_args__ = (
        CheckConstraint("state IN ('waiting','current','past')", name="state"),
        _once("waiting"),
        _once("current"),
    )


class Progress(Model):
    """One step of what becomes of a contribution; never changed, the latest holds."""

    __tablename__ = "progress"
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), index=True)
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    __table_args__ = (CheckConstraint("state IN ('received','inspecting','planned','done','not_done')", name="state"),)
