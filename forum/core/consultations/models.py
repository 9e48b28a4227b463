"""Consultations: one question put to the public, its phases, its activities and every change made to it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from forum.kernel.db import Json, Model


class Consultation(Model):
    """One question put to the public, with dates, a decider and an answer-by date.

    `state` is what people decided (`draft`, `announced`: shown and not yet allowed to open, `opened`, `closed`);
    what is shown also depends on the clock. `short_reason` is why it opens sooner or runs shorter than it should,
    as everybody reads it; `law_kind` is `primary` (an act), `other` (a rule, an ordinance) or empty.
    `warned_days` is the last of the days before `answer_by` on which its officers were reminded.
    `status_told` is the last state of the clock that watchers were told: announced, open or closed.
    `short` is the code of its short address, for paper. `copied` names the fields whose text came from elsewhere and
    that nobody has kept since.
    """

    __tablename__ = "consultation"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    short: Mapped[str] = mapped_column(index=True, unique=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    stream_id: Mapped[int] = mapped_column(ForeignKey("stream.id"))
    state: Mapped[str] = mapped_column(default="draft")
    title: Mapped[str]
    title_phrases: Mapped[list[str]]
    summary: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    body_html: Mapped[str] = mapped_column(default="")
    can_change: Mapped[list[str]]
    decided: Mapped[list[str]]
    decider: Mapped[str] = mapped_column(default="")
    effect: Mapped[str] = mapped_column(default="")
    contact: Mapped[dict[str, Any]]
    answer_by: Mapped[date | None]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    legal_basis: Mapped[str] = mapped_column(default="")
    law_url: Mapped[str] = mapped_column(default="")
    law_kind: Mapped[str] = mapped_column(default="")
    area: Mapped[str] = mapped_column(default="")
    area_codes: Mapped[list[str]]
    offline_route: Mapped[str] = mapped_column(default="")
    documents: Mapped[list[dict[str, Any]]]
    announcements: Mapped[list[dict[str, Any]]]
    privacy_notice: Mapped[str] = mapped_column(default="")
    copied: Mapped[list[str]] = mapped_column(default=list)
    announced_at: Mapped[datetime | None]
    short_reason: Mapped[str] = mapped_column(default="")
    warned_days: Mapped[int | None]
    demo: Mapped[bool] = mapped_column(default=False)
    status_told: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        CheckConstraint("state IN ('draft','announced','opened','closed')", name="state"),
        CheckConstraint("law_kind IN ('','primary','other')", name="law_kind"),
        Index("ix_consultation_state_closes_at", "state", "closes_at"),
    )


class Phase(Model):
    """A dated window `[starts_at, ends_at)`; says which activities are open in it."""

    __tablename__ = "phase"
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    position: Mapped[int]
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    activities: Mapped[list[str]]

    __table_args__ = (CheckConstraint("starts_at < ends_at", name="window"),)


class Activity(Model):
    """One participation method placed in a consultation, with its settings."""

    __tablename__ = "activity"
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str]
    key: Mapped[str]
    title: Mapped[str]
    settings: Mapped[dict[str, Any]]

    __table_args__ = (UniqueConstraint("consultation_id", "key"),)


class Change(Model):
    """One public change to a consultation after it was made: what, before, after, why, approved how."""

    __tablename__ = "consultation_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[str]
    field: Mapped[str] = mapped_column(default="")
    before: Mapped[Any | None] = mapped_column(Json)
    after: Mapped[Any | None] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(default="")
    approval: Mapped[dict[str, Any] | None]


class SignOff(Model):
    """One officer asks for an act, another agrees: opening, or closing before the time.

    `version` is the consultation's when it was asked; what was agreed to holds for that one alone. `wanted` is
    whether the act is to happen as soon as somebody agrees. `state`: waiting, approved, returned, used or void.
    """

    __tablename__ = "sign_off"
    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    act: Mapped[str]
    version: Mapped[int]
    wanted: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
    memo: Mapped[dict[str, Any] | None]

    __table_args__ = (
        CheckConstraint("act IN ('open','close')", name="act"),
        CheckConstraint("state IN ('waiting','approved','returned','used','void')", name="state"),
        Index(
            "uq_sign_off_live",
            "consultation_id",
            "act",
            unique=True,
            sqlite_where=text("state IN ('waiting','approved')"),
            postgresql_where=text("state IN ('waiting','approved')"),
        ),
    )


class Tally(Model):
    """How many contributions of one consultation are of one kind, came one way, stand in one state and are answered.

    `answered` is `no`, `on_time` or `late`. Kept by the spine in the transaction of every change; all numbers
    that anybody is shown are sums of these.
    """

    __tablename__ = "tally"
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    answered: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(default=0)
