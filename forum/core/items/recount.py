"""Counting again what consultations heard."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.core.consultations import tallies
from forum.core.items.models import Item

_KEY = (Item.consultation_id, Item.kind, Item.channel, Item.state, Item.answered)


def recount(tx: Session) -> int:
    """Counts every contribution again; returns how many counts were wrong."""
    counted = select(*_KEY, func.count()).where(Item.answered != "", Item.state != "draft").group_by(*_KEY)
    return tallies.put_right(tx, {(row[0], row[1], row[2], row[3], row[4]): row[5] for row in tx.execute(counted)})
