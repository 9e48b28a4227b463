"""Reading reports: a consultation's, the one to make next, and those that everybody may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from forum.core.consultations.models import Consultation
from forum.kernel.errors import NotFound
from forum.observers.reports.models import Report

MOST = 100
_LARGEST = 2**31


@dataclass(frozen=True)
class ReportView:
    """A report with the agency it belongs to, as permissions and pages ask for it."""

    id: int
    public_id: str
    no: int
    state: str
    done: int
    total: int
    asked_at: datetime
    made_at: datetime | None
    published_at: datetime | None
    summary: dict[str, Any]
    files: list[dict[str, Any]]
    digest: str
    consultation_id: int
    agency_id: int

    @property
    def percent(self) -> int:
        """How far the worker is; it has something to show only once it knows how much there is."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def is_under_way(self) -> bool:
        """Whether the worker has still to make it."""
        return self.state in ("waiting", "making")


_OWN = [name for name in ReportView.__dataclass_fields__ if name != "agency_id"]
_VIEW: Select[Any] = select(*(getattr(Report, name) for name in _OWN), Consultation.agency_id).join(
    Consultation, Consultation.id == Report.consultation_id
)


def reports_of(tx: Session, consultation_id: int, *states: str) -> list[ReportView]:
    """A consultation's reports, the newest first; only those in these states where any are named."""
    wanted = _VIEW.where(Report.consultation_id == consultation_id)
    if states:
        wanted = wanted.where(Report.state.in_(states))
    return [ReportView(*row) for row in tx.execute(wanted.order_by(Report.no.desc()).limit(MOST))]


def report_no(tx: Session, consultation_id: int, no: int) -> ReportView:
    """A consultation's report of this number; raises `NotFound`."""
    if no >= _LARGEST:
        raise NotFound
    row = tx.execute(_VIEW.where(Report.consultation_id == consultation_id, Report.no == no)).first()
    if row is None:
        raise NotFound
    return ReportView(*row)


def newest_published(tx: Session, consultation_id: int) -> tuple[int, datetime] | None:
    """The number of the newest report that everybody may read, and when it was published."""
    wanted = select(Report.no, Report.published_at)
    wanted = wanted.where(Report.consultation_id == consultation_id, Report.state == "published")
    row = tx.execute(wanted.order_by(Report.no.desc()).limit(1)).first()
    return (row.no, row.published_at) if row else None


def next_to_make(tx: Session) -> Report | None:
    """The report asked for first that is not made yet; one that was begun and cut off is such a one."""
    wanted = select(Report).where(Report.state.in_(("waiting", "making")))
    return tx.execute(wanted.order_by(Report.id).limit(1)).scalar_one_or_none()


def last_no(tx: Session, consultation_id: int) -> int:
    """The number of a consultation's latest report; 0 when it has none."""
    counted = select(func.coalesce(func.max(Report.no), 0)).where(Report.consultation_id == consultation_id)
    return tx.execute(counted).scalar_one()


def waiting(tx: Session, consultation_id: int) -> Report | None:
    """The report of a consultation that is asked for and not begun."""
    wanted = select(Report).where(Report.consultation_id == consultation_id, Report.state == "waiting")
    return tx.execute(wanted.order_by(Report.id).limit(1)).scalar_one_or_none()


def of_person(tx: Session, user_id: int) -> dict[str, Sequence[dict[str, Any]]]:
    """Which reports somebody asked for or published for an office, for their own export."""
    told = []
    for did, column in (("asked", Report.asked_by), ("published", Report.published_by)):
        wanted = select(Consultation.slug, Report.no).join(Report, Report.consultation_id == Consultation.id)
        found = tx.execute(wanted.where(column == user_id).order_by(Report.id))
        told += [{"consultation": row.slug, "no": row.no, "did": did} for row in found]
    return {"reports": told}
