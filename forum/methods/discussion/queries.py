"""Reading discussions: which threads a consultation has, and whether one may be started now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.commons.comments.models import Thread
from forum.core.consultations.compute import UNOPENED
from forum.core.consultations.queries import ActivityNow, activity_at, by_slug
from forum.core.items.models import Item
from forum.kernel.errors import Invalid, NotFound
from forum.kernel.i18n import T
from forum.kernel.paging import Page, cursor, read_cursor
from forum.kernel.rules import Actor
from forum.methods.discussion.rules import Room

KIND = "discussion"


@dataclass(frozen=True)
class ThreadRow:
    """A thread in a list."""

    id: int
    public_id: str
    title: str
    body: str
    comments: int
    last_at: datetime


def discussion_by(tx: Session, slug: str, key: str | None, actor: Actor) -> ActivityNow:
    """A consultation's discussion by its key; without a key its only open one, or its only one.

    Raises `NotFound`, also for a draft that the actor may not see, and `Invalid` when the key is needed to tell
    several apart.
    """
    found = by_slug(tx, slug, actor)
    every = [a for a in found.activities if a.kind == KIND and key in (None, a.key)]
    places = [activity_at(activity, found.brief, found.phases) for activity in every]
    wanted = [p for p in places if p.is_open] or places
    if not wanted:
        raise NotFound
    if len(wanted) > 1:
        raise Invalid({"activity": T("เรื่องนี้มีการพูดคุยหลายที่ ระบุด้วยว่าที่ไหน")})
    return wanted[0]


def room(place: ActivityNow) -> Room:
    """What permissions ask of a discussion."""
    anyone = place.settings.get("who_starts", "everyone") == "everyone"
    later = place.opens_next is not None or place.consultation.state in UNOPENED
    return Room(place.consultation.agency_id, place.is_open, later, anyone)


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
    """For each discussion: how many threads and comments it has, and the page of its thread if it has just one."""
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
        }
        | ({"path": f"/t/{row.only}"} if row.threads == 1 else {})
        for row in tx.execute(counted)
    }
