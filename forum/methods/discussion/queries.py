"""Reading discussions: which threads a consultation has, and whether one may be started now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.commons.comments.models import Thread
from forum.core.agencies.models import Agency
from forum.core.consultations.compute import open_keys, opens_next, status
from forum.core.consultations.models import Activity, Consultation, Phase
from forum.core.items.models import Item
from forum.kernel import clock
from forum.kernel.errors import Invalid, NotFound
from forum.kernel.i18n import T
from forum.kernel.paging import Page, cursor, read_cursor
from forum.methods.discussion.rules import Room


@dataclass(frozen=True)
class Discussion:
    """One discussion of a consultation that is shown to the public."""

    consultation_id: int
    slug: str
    title: str
    agency_id: int
    agency_name: str
    agency_phone: str
    demo: bool
    activity_id: int
    key: str
    activity_title: str
    room: Room


@dataclass(frozen=True)
class ThreadRow:
    """A thread in a list."""

    id: int
    public_id: str
    title: str
    body: str
    comments: int
    last_at: datetime


def discussion_by(tx: Session, slug: str, key: str | None) -> Discussion:
    """A consultation's discussion by its key; without a key its only one. Raises `NotFound`, `Invalid`."""
    found = (
        select(Consultation, Activity, Agency)
        .join(Activity, Activity.consultation_id == Consultation.id)
        .join(Agency, Agency.id == Consultation.agency_id)
        .where(Consultation.slug == slug, Consultation.state != "draft", Activity.kind == "discussion")
        .order_by(Activity.position)
    )
    rows = tx.execute(found).all()
    if not rows:
        raise NotFound
    windows = _windows(tx, rows[0][0].id)
    named = [r for r in rows if r[1].key == key] if key else _only(rows, windows)
    if not named:
        raise NotFound
    consultation, activity, agency = named[0]
    return _discussion(consultation, activity, agency, windows)


def _only(rows: Sequence[Any], windows: Sequence[Any]) -> Sequence[Any]:
    now = clock.now()
    open_keys = {k for w in windows if w.starts_at <= now < w.ends_at for k in w.activities}
    open_rows = [r for r in rows if r[1].key in open_keys] or rows
    if len(open_rows) > 1:
        raise Invalid({"activity": T("เรื่องนี้มีการพูดคุยหลายที่ ระบุด้วยว่าที่ไหน")})
    return open_rows


def _windows(tx: Session, consultation_id: int) -> Sequence[Any]:
    return tx.execute(
        select(Phase.starts_at, Phase.ends_at, Phase.activities).where(Phase.consultation_id == consultation_id)
    ).all()


def _discussion(consultation: Consultation, activity: Activity, agency: Agency, windows: Sequence[Any]) -> Discussion:
    now = clock.now()
    stands = status(consultation.state, consultation.opens_at, consultation.closes_at, consultation.answer_by, now)
    opened = activity.key in open_keys(stands, windows, now)
    later = consultation.state == "opened" and opens_next(activity.key, windows, now) is not None
    anyone = activity.settings.get("who_starts", "everyone") == "everyone"
    return Discussion(
        consultation.id,
        consultation.slug,
        consultation.title,
        agency.id,
        agency.name_th,
        agency.phone,
        consultation.demo,
        activity.id,
        activity.key,
        activity.title,
        Room(agency.id, opened, later, anyone),
    )


def threads(
    tx: Session, consultation_id: int, activity_id: int | None, after: str | None, take: int
) -> Page[ThreadRow]:
    """Threads of a consultation, the latest first, all its discussions' unless one is named."""
    listed = (
        select(Item.id, Item.public_id, Thread.title, Thread.body, Thread.comments, Thread.last_at)
        .join(Thread, Thread.item_id == Item.id)
        .where(Thread.consultation_id == consultation_id, Item.state == "public")
        .order_by(Item.id.desc())
        .limit(take + 1)
    )
    if activity_id is not None:
        listed = listed.where(Thread.activity_id == activity_id)
    if after:
        listed = listed.where(Item.id < read_cursor(after, (int,))[0])
    rows = [ThreadRow(*row) for row in tx.execute(listed)]
    return Page(rows[:take], cursor(rows[take - 1].id) if len(rows) > take else None)


def summaries(tx: Session, activity_ids: list[int]) -> dict[int, dict[str, Any]]:
    """For each discussion: how many threads and comments it has, and its only thread's id if it has just one."""
    counted = (
        select(
            Thread.activity_id,
            func.count().label("threads"),
            func.sum(Thread.comments).label("comments"),
            func.min(Item.public_id).label("only"),
        )
        .join(Item, Item.id == Thread.item_id)
        .where(Thread.activity_id.in_(activity_ids), Item.state == "public")
        .group_by(Thread.activity_id)
    )
    return {
        row.activity_id: {
            "threads": row.threads,
            "comments": int(row.comments),
            "only": row.only if row.threads == 1 else None,
        }
        for row in tx.execute(counted)
    }
