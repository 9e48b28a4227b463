"""What the set-up shows besides the plan itself: topics prepared before, and what was asked of a second member."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.admin.setup.tasks import Stand, said_by, stands
from forum.commons.comments.models import Thread
from forum.core.accounts.models import User
from forum.core.consultations import sign_offs
from forum.core.consultations.compute import UNOPENED
from forum.core.consultations.models import Activity, Consultation, SignOff
from forum.core.consultations.plans import plan_of
from forum.core.items.models import Item


@dataclass(frozen=True)
class Topic:
    """A topic of a consultation's discussion."""

    public_id: str
    title: str
    activity: str


@dataclass(frozen=True)
class Asked:
    """What somebody asked a second member for, or what was sent back, with the names that the office knows."""

    act: str
    state: str
    wanted: bool
    reason: str
    by_id: int | None
    by: str
    at: datetime
    note: str
    decider: str
    decided_at: datetime | None
    memo_no: str


def topics_of(tx: Session, consultation_id: int) -> Sequence[Topic]:
    """The topics shown in a consultation, or waiting in its draft; the first fifty."""
    wanted = (
        select(Item.public_id, Thread.title, Activity.title.label("activity"))
        .join(Thread, Thread.item_id == Item.id)
        .join(Activity, Activity.id == Thread.activity_id)
        .where(Thread.consultation_id == consultation_id, *_SHOWN)
        .order_by(Item.id)
        .limit(50)
    )
    return [Topic(*row) for row in tx.execute(wanted)]


_SHOWN = (Item.state == "public", Item.voice == "agency")


def topics_by_consultation(tx: Session, ids: Sequence[int]) -> dict[int, int]:
    """How many topics several consultations have, in one statement."""
    counted = select(Thread.consultation_id, func.count()).join(Item, Item.id == Thread.item_id)
    wanted = counted.where(Thread.consultation_id.in_(ids), *_SHOWN).group_by(Thread.consultation_id)
    return {row[0]: row[1] for row in tx.execute(wanted)}


def stands_of(tx: Session, row: Consultation) -> dict[str, Stand]:
    """How every task of a consultation stands."""
    topics = topics_by_consultation(tx, [row.id]).get(row.id, 0)
    opened = row.state not in UNOPENED
    return stands(said_by(plan_of(tx, row)), topics=topics, copied=row.copied, opened=opened)


def asked_of(tx: Session, row: Consultation) -> Asked | None:
    """What waits for a second member, was agreed to, or was undone last: sent back, or void since the text changed."""
    found = sign_offs.live(tx, row.id) or sign_offs.last_undone(tx, row)
    return _asked(tx, found) if found is not None else None


def _asked(tx: Session, found: SignOff) -> Asked:
    names = select(User.id, User.name).where(User.id.in_([found.asked_by, found.decided_by]))
    name = {user_id: said or "" for user_id, said in tx.execute(names)}
    return Asked(
        act=found.act,
        state=found.state,
        wanted=found.wanted,
        reason=found.reason,
        by_id=found.asked_by,
        by=name.get(found.asked_by or 0, ""),
        at=found.asked_at,
        note=found.note,
        decider=name.get(found.decided_by or 0, ""),
        decided_at=found.decided_at,
        memo_no=(found.memo or {}).get("memo_no", ""),
    )
