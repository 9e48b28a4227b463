"""Keeping who keyed what for somebody else, from which sheet; a sheet is keyed once."""

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from forum.core.entries import queries
from forum.core.entries.models import Entry, Sheet
from forum.core.items.models import Item
from forum.core.items.service import give_receipt, hold_receipt
from forum.kernel import clock, text
from forum.kernel.errors import Conflict
from forum.kernel.i18n import T
from forum.kernel.rules import Actor
from forum.kernel.thai import fold_digits


def sheet_number(typed: str | None) -> str | None:
    """A sheet's number as it is compared: one line, Thai digits as 0-9, no zeros in front, capitals."""
    said = fold_digits(text.one_line(typed or "")).upper()
    return (said.lstrip("0") or said) if said else None


def keep(tx: Session, actor: Actor, item: Item, sheet: str | None) -> str | None:
    """Keeps who keyed a contribution; returns its receipt code, or None where its printed stub carries one.

    Raises `Conflict` when the sheet was keyed before, also by somebody at the same moment.
    """
    number = sheet_number(sheet)
    entry = Entry(
        item_id=item.id,
        consultation_id=item.consultation_id,
        sheet=number,
        entered_by=actor.user_id,
        entered_at=clock.now(),
    )
    try:
        with tx.begin_nested():
            tx.add(entry)
    except IntegrityError:
        raise Conflict(T("ใบเลขที่ %(sheet)s มีคนพิมพ์เข้าระบบแล้ว", sheet=number)) from None
    form = queries.printed(tx, item.consultation_id, number) if number else None
    if form is None:
        return give_receipt(tx, item.id)
    hold_receipt(tx, item.id, form.code_hmac)
    return None


def forget_person(tx: Session, user_id: int) -> None:
    """Takes the name of somebody who deletes their account off what they keyed and looked at."""
    for column in (Entry.entered_by, Entry.checked_by):
        tx.execute(update(Entry).where(column == user_id).values({column.key: None}))
    tx.execute(update(Sheet).where(Sheet.made_by == user_id).values(made_by=None))
