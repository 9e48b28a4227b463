"""Reading entries: which sheets were keyed, by whom, and what a second look found."""

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from forum.core.entries.models import Entry, Sheet
from forum.core.items.models import Item


def keyed(tx: Session, consultation_id: int, sheet: str) -> Entry | None:
    """The entry that was keyed from this sheet, if one was."""
    wanted = select(Entry).where(Entry.consultation_id == consultation_id, Entry.sheet == sheet)
    return tx.execute(wanted).scalar_one_or_none()


def printed(tx: Session, consultation_id: int, sheet: str) -> Sheet | None:
    """The printed form of this number, if we printed one."""
    if not (sheet.isascii() and sheet.isdigit() and len(sheet) < 10):
        return None
    wanted = select(Sheet).where(Sheet.consultation_id == consultation_id, Sheet.number == int(sheet))
    return tx.execute(wanted).scalar_one_or_none()


def of_person(tx: Session, user_id: int) -> dict[str, Any]:
    """What somebody keyed or looked at for an office, for their own export."""
    mine = or_(Entry.entered_by == user_id, Entry.checked_by == user_id)
    wanted = select(Item.public_id).join(Entry, Entry.item_id == Item.id).where(mine).order_by(Item.id)
    return {"entries": list(tx.execute(wanted).scalars())}
