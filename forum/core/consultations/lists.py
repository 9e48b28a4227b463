"""Lists of consultations: public ones by section, an office's own, and those whose watchers must be told."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from forum.core.consultations import tallies
from forum.core.consultations.models import Consultation
from forum.core.consultations.queries import Brief, brief_of, select_briefs
from forum.kernel import clock
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T
from forum.kernel.paging import Page, cursor, read_cursor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def list_by(
    tx: Session,
    which: str,
    *,
    after: str | None = None,
    limit: int = 20,
    newest: bool = False,
    agency_id: int | None = None,
) -> Page[Brief]:
    """One page of a public list in one statement: `open` (closing first, or newest), `announced` (opening
    first), `considering` and `answered` (closed last first) or `all` (newest first); drafts are in none.
    """
    now = clock.now()
    wanted = select_briefs().where(Consultation.state != "draft", *_section(which, now))
    if agency_id is not None:
        wanted = wanted.where(Consultation.agency_id == agency_id)
    column, up = _order(which, newest)
    wanted = _after(wanted, column, up, after)
    rows = tx.execute(wanted.limit(limit + 1)).all()
    shown = [brief_of(row, now) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(shown, _cursor_after(shown[-1], column) if more else None)


def _cursor_after(last: Brief, column: Any) -> str:
    if column is Consultation.id:
        return cursor(last.id)
    moment: datetime = getattr(last, column.key)
    return cursor((moment - _EPOCH) // _TICK, last.id)


def _read(after: str, parts: int) -> tuple[int, ...]:
    """The numbers inside a cursor; a forged one may not reach past what a database can count."""
    numbers = read_cursor(after, (int,) * parts)
    if not all(0 <= n < 2**53 for n in numbers):
        raise Invalid({"after": T("ลิงก์หน้าถัดไปนี้ใช้ไม่ได้ กลับไปเริ่มที่หน้าแรก")})
    return numbers


def _section(which: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    if which == "open":
        return Consultation.state == "opened", Consultation.opens_at <= now, Consultation.closes_at > now
    if which == "announced":
        opens_later = and_(Consultation.state == "opened", Consultation.opens_at > now)
        return (or_(Consultation.state == "announced", opens_later),)
    over = or_(Consultation.state == "closed", and_(Consultation.state == "opened", Consultation.closes_at <= now))
    if which == "considering":
        return over, tallies.waiting() > 0
    if which == "answered":
        return over, tallies.waiting() == 0
    return ()


def _order(which: str, newest: bool) -> tuple[Any, bool]:
    if newest or which == "all":
        return Consultation.id, False
    if which == "announced":
        return Consultation.opens_at, True
    return Consultation.closes_at, which == "open"


def _after(wanted: Select[Any], column: Any, up: bool, after: str | None) -> Select[Any]:
    """Orders by the column, then id, and goes on after the cursor's row."""
    key, row_id = column, Consultation.id
    if after is not None:
        numbers = _read(after, 1 if column is Consultation.id else 2)
        wanted = wanted.where(_beyond(key, row_id, numbers, up))
    way = (key.asc(), row_id.asc()) if up else (key.desc(), row_id.desc())
    return wanted.order_by(*way)


def _beyond(key: Any, row_id: Any, at: tuple[int, ...], up: bool) -> ColumnElement[bool]:
    if len(at) == 1:
        return (row_id > at[0]) if up else (row_id < at[0])  # type: ignore[no-any-return]
    moment = _EPOCH + at[0] * _TICK
    far = key > moment if up else key < moment
    same = row_id > at[1] if up else row_id < at[1]
    return or_(far, and_(key == moment, same))


def of_desk(
    tx: Session, agency_ids: Sequence[int], which: str = "", after: str | None = None, limit: int = 30
) -> Page[Brief]:
    """A page of what these agencies ask, drafts too, the newest first; `which` is a section or `draft`."""
    now = clock.now()
    where = (Consultation.state == "draft",) if which == "draft" else _section(which, now)
    wanted = select_briefs().where(Consultation.agency_id.in_(agency_ids), *where)
    rows = tx.execute(_after(wanted, Consultation.id, False, after).limit(limit + 1)).all()
    shown = [brief_of(row, now) for row in rows[:limit]]
    return Page(shown, cursor(shown[-1].id) if len(rows) > limit else None)


def due_to_tell(tx: Session, now: datetime) -> Sequence[int]:
    """Ids of consultations that the clock opened or closed and whose watchers were not told yet."""
    c = Consultation
    opened = and_(c.opens_at <= now, c.closes_at > now, c.status_told != "open")
    closed = and_(c.closes_at <= now, c.status_told != "closed")
    wanted = select(c.id).where(c.state == "opened", or_(opened, closed)).order_by(c.id)
    return tx.execute(wanted).scalars().all()


def due_to_open(tx: Session, now: datetime) -> Sequence[int]:
    """Ids of consultations that were announced for a moment that has come."""
    wanted = select(Consultation.id).where(Consultation.state == "announced", Consultation.opens_at <= now)
    return tx.execute(wanted.order_by(Consultation.id)).scalars().all()


def holds_demo(tx: Session) -> bool:
    """Whether this site was filled with invented content to try it with."""
    return tx.execute(select(Consultation.id).where(Consultation.demo).limit(1)).first() is not None


def count_open(tx: Session) -> int:
    """How many consultations people may take part in now."""
    counted = select(func.count()).select_from(Consultation).where(*_section("open", clock.now()))
    return tx.execute(counted).scalar_one()
