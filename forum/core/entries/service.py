"""Keeping who keyed what for somebody else, and from which sheet; printing sheets; the second look."""

import re
import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from forum.core.consultations.models import Consultation
from forum.core.entries import queries
from forum.core.entries.compute import to_look_at
from forum.core.entries.forms import MOST_SHEETS
from forum.core.entries.models import Entry, Sheet
from forum.core.entries.rules import RULES
from forum.core.items.models import Item
from forum.core.items.queries import code_hmac
from forum.core.items.service import give_receipt, give_receipts
from forum.kernel import clock, ids, text
from forum.kernel.errors import Conflict, Invalid, NotFound
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, require
from forum.kernel.thai import fold_digits

_draws = secrets.SystemRandom()


class SheetsTaken(Conflict):
    """Sheets from which something was keyed before, or twice at once; `sheets` as they are compared."""

    def __init__(self, sheets: Sequence[str]):
        super().__init__(T("ใบเลขที่ %(sheet)s มีคนพิมพ์เข้าระบบแล้ว", sheet=", ".join(sheets)))
        self.sheets = frozenset(sheets)


@dataclass(frozen=True)
class Looked:
    """What permissions ask of an entry that somebody looks at again or puts right."""

    agency_id: int
    entered_by: int | None
    waits: bool = False


_BEFORE = re.compile(r"^(?:ใบที่|ใบเลขที่|เลขที่ใบ|เลขที่|ใบ|NO\.?|#)\s*")
"""What people write before a number that stands alone on the paper."""


def sheet_number(typed: str | None) -> str | None:
    """A sheet's number as it is compared: one line, Thai digits as 0-9, no zeros in front, capitals."""
    said = _BEFORE.sub("", fold_digits(text.one_line(typed or "")).upper())
    return (said.lstrip("0") or said) if said else None


def lock(tx: Session, consultation_id: int) -> None:
    """Lets one officer at a time key or print for a consultation; those who speak in it do not wait."""
    mine = select(Consultation.id).where(Consultation.id == consultation_id)
    tx.execute(mine.with_for_update(key_share=True))


def keep(tx: Session, actor: Actor, items: Sequence[Item], sheets: Sequence[str | None]) -> list[str | None]:
    """Keeps who keyed contributions of one consultation, from which sheets.

    Returns each one's receipt code, None where its printed stub carries one. Raises `SheetsTaken` when a sheet was
    keyed before, also by somebody at the same moment.
    """
    consultation_id = items[0].consultation_id
    numbers = [sheet_number(sheet) for sheet in sheets]
    named = [number for number in numbers if number is not None]
    _refuse_taken(tx, consultation_id, named)
    now = clock.now()
    kept = [
        Entry(
            item_id=item.id,
            consultation_id=consultation_id,
            sheet=number,
            entered_by=actor.user_id,
            entered_at=now,
        )
        for item, number in zip(items, numbers, strict=True)
    ]
    try:
        with tx.begin_nested():
            tx.add_all(kept)
    except IntegrityError:
        _refuse_taken(tx, consultation_id, named)
        raise
    stubs = queries.printed_among(tx, consultation_id, named)
    printed = {item.id: stubs.get(number or "") for item, number in zip(items, numbers, strict=True)}
    new = give_receipts(tx, printed)
    return [new.get(item.id) for item in items]


def _refuse_taken(tx: Session, consultation_id: int, numbers: Sequence[str]) -> None:
    twice = {number for number, n in Counter(numbers).items() if n > 1}
    taken = twice | queries.keyed_among(tx, consultation_id, numbers)
    if taken:
        raise SheetsTaken(sorted(taken))


def receipt_again(tx: Session, item_id: int) -> str | None:
    """A new code in place of one that never arrived; None where a stub carries the code."""
    return None if queries.is_on_stub(tx, item_id) else give_receipt(tx, item_id)


def print_sheets(tx: Session, actor: Actor, row: Consultation, n: int) -> list[tuple[int, str]]:
    """Numbers and codes of `n` new forms; the codes are known only now, as their HMACs alone are kept."""
    require(RULES, "entry.print", actor, row)
    if not 1 <= n <= MOST_SHEETS:
        raise Invalid({"count": T("ทำได้ครั้งละ 1 ถึง %(n)s ใบ", n=MOST_SHEETS)})
    lock(tx, row.id)
    first = queries.highest_number(tx, row.id) + 1
    made = [(number, ids.receipt_symbols()) for number in range(first, first + n)]
    told = {"consultation_id": row.id, "made_by": actor.user_id, "made_at": clock.now()}
    tx.execute(insert(Sheet), [told | {"number": number, "code_hmac": code_hmac(code)} for number, code in made])
    return [(number, ids.receipt_text(code)) for number, code in made]


def draw(
    tx: Session, actor: Actor, row: Consultation, sample: Callable[[Sequence[int], int], list[int]] = _draws.sample
) -> int:
    """Draws of what others keyed from paper until a tenth of it is drawn; returns how many were drawn now."""
    require(RULES, "entry.see", actor, row)
    lock(tx, row.id)
    left, before = queries.of_others(tx, row.id, actor.user_id)
    more = max(0, to_look_at(len(left) + before) - before)
    chosen = sample(left, min(more, len(left)))
    tx.execute(update(Entry).where(Entry.item_id.in_(chosen)).values(sampled=True))
    return len(chosen)


def require_look(tx: Session, actor: Actor, agency_id: int, item_id: int) -> Entry:
    """The entry, drawn before, that this actor may compare with the paper; raises `NotFound` or `Denied`."""
    entry = tx.get(Entry, item_id)
    if entry is None or not entry.sampled:
        raise NotFound
    require(RULES, "entry.check", actor, Looked(agency_id, entry.entered_by))
    return entry


def require_mend(tx: Session, actor: Actor, agency_id: int, item_id: int) -> Entry:
    """The entry whose text this actor may put right, keyed by whomever of the office; raises `NotFound` or `Denied`.

    What was drawn waits for its second look: the share that differed would else be made smaller than it is.
    """
    entry = tx.get(Entry, item_id, populate_existing=True)
    if entry is None:
        raise NotFound
    require(RULES, "entry.mend", actor, Looked(agency_id, entry.entered_by, queries.waits_for_look(tx, entry)))
    return entry


def judge(tx: Session, actor: Actor, row: Consultation, item_id: int, *, matches: bool, note: str) -> None:
    """Keeps what a second look found; raises `Denied` for one's own, `Conflict` when somebody looked before."""
    entry = require_look(tx, actor, row.agency_id, item_id)
    lock(tx, row.id)
    tx.refresh(entry)
    if entry.matches is not None:
        raise Conflict(T("มีคนตรวจใบนี้ไปแล้ว"))
    entry.matches, entry.note = matches, note
    entry.checked_by, entry.checked_at = actor.user_id, clock.now()
    tx.flush()


def forget_person(tx: Session, user_id: int) -> None:
    """Takes the name of somebody who deletes their account off what they keyed and looked at."""
    for column in (Entry.entered_by, Entry.checked_by):
        tx.execute(update(Entry).where(column == user_id).values({column.key: None}))
    tx.execute(update(Sheet).where(Sheet.made_by == user_id).values(made_by=None))
