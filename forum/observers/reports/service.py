"""Writing reports: asked for, moved along by the worker, published; nothing here decides what they say."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from forum.core.consultations.models import Consultation
from forum.kernel import clock, events, ids
from forum.kernel.rules import Actor, require
from forum.observers.reports import queries
from forum.observers.reports.models import Report
from forum.observers.reports.queries import ReportView
from forum.observers.reports.rules import RULES


def ask(tx: Session, actor: Actor, row: Consultation) -> int:
    """Asks for a report of a consultation that is locked; returns its number.

    Where one is asked for and not begun, that is the one: it will hold all that another would.
    """
    require(RULES, "report.ask", actor, row)
    found = queries.waiting(tx, row.id)
    if found is not None:
        return found.no
    made = Report(
        public_id=ids.public_id(),
        consultation_id=row.id,
        no=queries.last_no(tx, row.id) + 1,
        asked_by=actor.user_id,
        asked_at=clock.now(),
        summary={},
        files=[],
    )
    tx.add(made)
    tx.flush()
    events.emit(tx, "report.asked", subject_id=made.id, consultation_id=row.id, no=made.no, by=actor.user_id)
    return made.no


def publish(tx: Session, actor: Actor, report: ReportView) -> None:
    """Lets everybody read a report; one that is published already stays as it is."""
    require(RULES, "report.publish", actor, report)
    published = {"state": "published", "published_at": clock.now(), "published_by": actor.user_id}
    done: Any = tx.execute(update(Report).where(Report.id == report.id, Report.state == "made").values(**published))
    if done.rowcount:
        data = {"consultation_id": report.consultation_id, "no": report.no, "by": actor.user_id}
        events.emit(tx, "report.published", subject_id=report.id, **data)


def start(tx: Session, report_id: int) -> None:
    """The worker begins, or begins anew."""
    _move(tx, report_id, state="making", done=0, total=0)


def step(tx: Session, report_id: int, done: int, total: int) -> None:
    """How far the worker is."""
    _move(tx, report_id, done=done, total=total)


def finish(tx: Session, report_id: int, summary: dict[str, Any], files: list[dict[str, Any]], digest: str) -> None:
    """The report is made: what is in it, and the digest by which anybody may tell that it has not changed."""
    made = {"state": "made", "made_at": clock.now(), "summary": summary, "files": files, "digest": digest}
    _move(tx, report_id, **made)


def give_up(tx: Session, report_id: int) -> None:
    """The report cannot be made; the log says why, and another may be asked for."""
    _move(tx, report_id, state="failed")


def _move(tx: Session, report_id: int, **values: Any) -> None:
    tx.execute(update(Report).where(Report.id == report_id).values(**values))


def forget_person(tx: Session, user_id: int) -> None:
    """Takes the name of somebody who deletes their account off what they asked for and published."""
    for column in (Report.asked_by, Report.published_by):
        tx.execute(update(Report).where(column == user_id).values({column.key: None}))
