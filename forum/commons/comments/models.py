"""Threads, comments with two visible levels, their earlier texts, reactions and mentions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.kernel.db import Model

TITLE_GONE = "หัวข้อที่ผู้ตั้งลบไปแล้ว"
"""What stands for a title whose author took it back, in the language in which titles are written."""


class Thread(Model):
    """A place where comments are written; `stance` is off, `agree` or `options` (then `options` names the two).

    `spread` counts stances by voice and choice: `{"member": {"for": 3, …}, "guest": …, "paper": …}`.
    """

    __tablename__ = "thread"
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"), index=True)
    stream_id: Mapped[int] = mapped_column(ForeignKey("stream.id"))
    title: Mapped[str]
    body: Mapped[str] = mapped_column(default="")
    body_html: Mapped[str] = mapped_column(default="")
    stance: Mapped[str] = mapped_column(default="off")
    options: Mapped[list[str]]
    comments: Mapped[int] = mapped_column(default=0)
    numbers: Mapped[int] = mapped_column(default=0)
    spread: Mapped[dict[str, Any]]
    last_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        CheckConstraint("stance IN ('off','agree','options')", name="stance"),
        Index("ix_thread_consultation_id_item_id", "consultation_id", "item_id"),
    )


class Comment(Model):
    """One voice in a thread.

    `parent_id` is the first-level comment it stands under (None on the first level); `reply_to_id` the comment it
    answers, which is quoted when that is itself a reply. `no` is its place in the thread, `seq` its latest change.
    """

    __tablename__ = "comment"
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.item_id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.item_id"))
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("comment.item_id"))
    no: Mapped[int]
    seq: Mapped[int]
    pen_name: Mapped[str | None]
    office: Mapped[str | None]
    body: Mapped[str]
    body_html: Mapped[str]
    stance: Mapped[str | None]
    received_on: Mapped[date | None]
    replies: Mapped[int] = mapped_column(default=0)
    useful: Mapped[int] = mapped_column(default=0)
    understand: Mapped[int] = mapped_column(default=0)
    edited_at: Mapped[datetime | None]
    taken_back: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        CheckConstraint("stance IN ('for','against','unsure')", name="stance"),
        UniqueConstraint("thread_id", "no"),
        Index("ix_comment_thread_id_seq", "thread_id", "seq"),
        Index("ix_comment_thread_id_parent_id_item_id", "thread_id", "parent_id", "item_id"),
        Index("ix_comment_mixed", "thread_id", "parent_id", "stance", "useful", "item_id"),
        Index("ix_comment_parent_id_item_id", "parent_id", "item_id"),
    )


class Revision(Model):
    """An earlier text of a comment: when and why it was changed; `text_gone` when it held personal data."""

    __tablename__ = "comment_revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.item_id"), index=True)
    version: Mapped[int]
    body: Mapped[str]
    body_html: Mapped[str]
    replaced_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    text_gone: Mapped[bool] = mapped_column(default=False)


class Choice(Model):
    """The stance an account holds in a thread now; the latest one counts, once a person."""

    __tablename__ = "choice"
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.item_id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)
    stance: Mapped[str]
    at: Mapped[datetime]


class Reaction(Model):
    """`useful` or `understand`, once a person and comment."""

    __tablename__ = "reaction"
    item_id: Mapped[int] = mapped_column(ForeignKey("comment.item_id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]

    __table_args__ = (CheckConstraint("kind IN ('useful','understand')", name="kind"),)


class Mention(Model):
    """A comment names an account that already spoke in the thread."""

    __tablename__ = "mention"
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.item_id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)
