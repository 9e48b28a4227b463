"""Reading entries: which sheets were keyed, by whom, and what a second look found."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from forum.core.entries import compute
from forum.core.entries.models import Entry, Sheet
from forum.core.items.models import Item

_LAST = 50


def keyed_among(tx: Session, consultation_id: int, sheets: Collection[str]) -> set[str]:
    """Those of these sheets from which something was keyed."""
    wanted = select(Entry.sheet).where(Entry.consultation_id == consultation_id, Entry.sheet.in_(sheets))
    return {sheet for sheet in tx.execute(wanted).scalars() if sheet is not None}


def printed_among(tx: Session, consultation_id: int, sheets: Collection[str]) -> dict[str, str]:
    """The HMACs of the stubs of those of these sheets that we printed, by sheet."""
    numbers = [int(s) for s in sheets if s.isascii() and s.isdigit() and len(s) < 10]
    wanted = select(Sheet.number, Sheet.code_hmac).where(Sheet.consultation_id == consultation_id)
    return {str(number): hmac for number, hmac in tx.execute(wanted.where(Sheet.number.in_(numbers)))}


def sheet_of_code(tx: Session, hmac: str) -> Sheet | None:
    """The printed sheet whose stub carries the code of this HMAC."""
    return tx.execute(select(Sheet).where(Sheet.code_hmac == hmac)).scalar_one_or_none()


def is_on_stub(tx: Session, item_id: int) -> bool:
    """Whether the code of this item was printed on a stub before anybody keyed it."""
    entry = tx.get(Entry, item_id)
    if entry is None or entry.sheet is None:
        return False
    return entry.sheet in printed_among(tx, entry.consultation_id, [entry.sheet])


def highest_number(tx: Session, consultation_id: int) -> int:
    """The highest number that a sheet of this consultation has, printed by us or not."""
    printed = tx.execute(select(func.max(Sheet.number)).where(Sheet.consultation_id == consultation_id)).scalar_one()
    keyed = select(Entry.sheet).where(Entry.consultation_id == consultation_id, Entry.sheet.is_not(None))
    numbers = [int(s) for s in tx.execute(keyed).scalars() if s and s.isascii() and s.isdigit() and len(s) < 8]
    return max([printed or 0, *numbers])


@dataclass(frozen=True)
class Printed:
    """How many forms were printed, and how many of them have not come back."""

    all: int
    unkeyed: int


def sheets(tx: Session, consultation_id: int) -> Printed:
    """The printed forms of a consultation."""
    came = Entry.consultation_id == Sheet.consultation_id
    numbers = func.cast(Sheet.number, Entry.sheet.type)
    joined = select(func.count(), func.count(Entry.item_id)).select_from(Sheet)
    found = joined.outerjoin(Entry, came & (Entry.sheet == numbers)).where(Sheet.consultation_id == consultation_id)
    made, keyed = tx.execute(found).one()
    return Printed(made, made - keyed)


@dataclass(frozen=True)
class EntryRow:
    """One entry as members of the office see it in a list."""

    item_id: int
    public_id: str
    channel: str
    state: str
    sheet: str | None
    entered_by: int | None
    entered_at: datetime
    matches: bool | None


_ROW: Any = select(
    Item.id, Item.public_id, Item.channel, Item.state, Entry.sheet, Entry.entered_by, Entry.entered_at, Entry.matches
).join(Item, Item.id == Entry.item_id)


def last_entries(tx: Session, consultation_id: int) -> Sequence[EntryRow]:
    """The fifty entries keyed last."""
    wanted = _ROW.where(Entry.consultation_id == consultation_id).order_by(Entry.item_id.desc()).limit(_LAST)
    return [EntryRow(*row) for row in tx.execute(wanted)]


_HAS_PAPER: Any = or_(Item.channel.in_(compute.ON_PAPER), Entry.sheet.is_not(None))
"""As `compute.has_paper`, asked of rows."""


def drawn(tx: Session, consultation_id: int) -> Sequence[EntryRow]:
    """What was drawn for a second look and still waits for it; in the order it was keyed."""
    waiting = (Entry.consultation_id == consultation_id, Entry.sampled, Entry.matches.is_(None))
    wanted = _ROW.where(*waiting, _HAS_PAPER, Item.state == "public").order_by(Entry.item_id)
    return [EntryRow(*row) for row in tx.execute(wanted)]


def waits_for_look(tx: Session, entry: Entry) -> bool:
    """Whether this entry was drawn and nobody has looked at it yet."""
    channel = tx.execute(select(Item.channel).where(Item.id == entry.item_id)).scalar_one()
    return entry.sampled and entry.matches is None and compute.has_paper(channel, entry.sheet)


@dataclass(frozen=True)
class SecondLook:
    """What the second look at what was keyed has found: how many were keyed, drawn, looked at and found to differ.

    `papers` is how many of what was keyed have a paper to be compared with; only of these a tenth is drawn.
    """

    keyed: int
    papers: int
    drawn: int
    checked: int
    wrong: int

    @property
    def percent(self) -> str:
        """The share that differed, of those looked at."""
        return compute.percent(self.wrong, self.checked)


def second_look(tx: Session, consultation_id: int) -> SecondLook:
    """The second look of one consultation, in one statement."""
    differs = func.sum(case((Entry.matches.is_(False), 1), else_=0))
    sampled = func.sum(case((Entry.sampled, 1), else_=0))
    papers = func.sum(case((_HAS_PAPER, 1), else_=0))
    counted = select(func.count(), papers, sampled, func.count(Entry.matches), differs).select_from(Entry)
    counted = counted.join(Item, Item.id == Entry.item_id)
    row = tx.execute(counted.where(Entry.consultation_id == consultation_id)).one()
    return SecondLook(*(int(n or 0) for n in row))


def of_others(tx: Session, consultation_id: int, user_id: int | None) -> tuple[list[int], int]:
    """What others than this person keyed from paper and still shows: items not drawn yet, and how many are drawn."""
    theirs = or_(Entry.entered_by.is_(None), Entry.entered_by != user_id)
    wanted = select(Entry.item_id, Entry.sampled).join(Item, Item.id == Entry.item_id)
    shown = or_(Item.state == "public", Entry.matches.is_not(None))
    found = tx.execute(wanted.where(Entry.consultation_id == consultation_id, theirs, _HAS_PAPER, shown)).all()
    return [item_id for item_id, sampled in found if not sampled], sum(bool(sampled) for _id, sampled in found)


def lacking(tx: Session, consultation_id: int, user_id: int | None) -> int:
    """How many more of what others keyed should be drawn for this person to look at."""
    left, drawn_before = of_others(tx, consultation_id, user_id)
    return max(0, compute.to_look_at(len(left) + drawn_before) - drawn_before)


def own_papers(tx: Session, consultation_id: int, user_id: int | None) -> int:
    """How much of what this person keyed from paper somebody else may still look at."""
    waiting = (Entry.consultation_id == consultation_id, Entry.entered_by == user_id, Entry.matches.is_(None))
    counted = select(func.count()).select_from(Entry).join(Item, Item.id == Entry.item_id)
    return int(tx.execute(counted.where(*waiting, _HAS_PAPER, Item.state == "public")).scalar_one())


def of_person(tx: Session, user_id: int) -> dict[str, Any]:
    """What somebody keyed or looked at for an office, for their own export."""
    mine = or_(Entry.entered_by == user_id, Entry.checked_by == user_id)
    wanted = select(Item.public_id).join(Entry, Entry.item_id == Item.id).where(mine).order_by(Item.id)
    return {"entries": list(tx.execute(wanted).scalars())}
