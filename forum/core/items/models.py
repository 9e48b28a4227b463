"""The spine: everything people see, discuss, follow, report or find is an item with one state."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from forum.kernel.db import Model


class Item(Model):
    """One thing people see. Its state is changed by `core.items.service.set_state` alone.

    `voice` is who speaks: `member` (an account), `guest` (no account), `agency` (an official) or
    `paper` (entered by an officer for somebody who came another way); `channel` is how it came. `answered` is
    empty for what needs no answer, else `no`, `on_time` or `late`; `answer_id` is the official answer that holds now.
    `progress` is how far what was promised has come.
    """

    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="public")
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    voice: Mapped[str] = mapped_column(default="member")
    channel: Mapped[str] = mapped_column(default="web")
    answered: Mapped[str] = mapped_column(default="")
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"), index=True)
    progress: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("state IN ('draft','public','withdrawn','hidden','redacted','removed','erased')", name="state"),
        CheckConstraint("voice IN ('member','guest','agency','paper')", name="voice"),
        CheckConstraint("channel IN ('web','paper','phone','hall','letter')", name="channel"),
        CheckConstraint("answered IN ('','no','on_time','late')", name="answered"),
        CheckConstraint("progress IN ('','received','inspecting','planned','done','not_done')", name="progress"),
        Index("ix_item_consultation_id_answered_id", "consultation_id", "answered", "id"),
        Index("ix_item_author_id_id", "author_id", "id"),
        Index("ix_item_consultation_id_kind_id", "consultation_id", "kind", "id"),
    )


class Receipt(Model):
    """The code by which a guest comes back to what they sent; stored as an HMAC whose key is not in here."""

    __tablename__ = "receipt"
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    code_hmac: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
