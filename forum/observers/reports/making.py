"""Making reports, one after another, on a thread of the worker: begun anew when a worker was ended in the middle."""

import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import exc
from sqlalchemy.orm import Session

from forum.kernel import clock, i18n
from forum.kernel.db import reading, snapshot, transaction
from forum.kernel.errors import Busy
from forum.observers.reports import facts, files, heard, queries, service, sheets
from forum.observers.reports.document import Document
from forum.observers.reports.heard import Listed, Said
from forum.observers.reports.models import Report

log = logging.getLogger(__name__)
_TELL_EVERY = 1.0
_LONGEST_REST = 0.5
_PASSES = 2
"""Every contribution is read twice: for the tables in the order they came, for the document by their answers."""


def make_next() -> bool:
    """Makes the report that was asked for first; whether there was one and nobody else was at it."""
    with reading() as tx:
        if queries.next_to_make(tx) is None:
            return False
    with files.alone() as mine:
        if not mine:
            return False
        with transaction() as tx:
            report = queries.next_to_make(tx)
            if report is None:
                return False
            service.start(tx, report.id)
        _make(report)
    return True


def _make(report: Report) -> None:
    folder = files.fresh(report.public_id)
    try:
        with i18n.speaking("th"):
            summary = _write(folder, report)
        made, digest = files.seal(folder)
    except (Busy, exc.OperationalError):
        raise  # the database is away for a while: the worker tries again
    except Exception:
        log.exception("report %s cannot be made", report.public_id)
        files.drop(folder)
        with transaction() as tx:
            service.give_up(tx, report.id)
    else:
        with transaction() as tx:
            service.finish(tx, report.id, summary, made, digest)


def _write(folder: Path, report: Report) -> dict[str, Any]:
    """Writes every file from one moment's state of the database; returns the numbers that stand in them."""
    with snapshot() as tx:
        told = facts.gather(tx, report.consultation_id, report.no, clock.now())
        found = heard.listed(tx, report.consultation_id)
        if len(found.ids) != told.numbers.whole.received:
            log.error("report %s: the numbers are not those of what was heard; run recount", report.public_id)
        progress = Progress(report.id, _PASSES * len(found.ids))
        sheets.write_all(folder, told, progress.counted(tx, found, found.ids))
        with Document(folder, told) as document:
            document.write_all(found, lambda ids: progress.counted(tx, found, ids))
    return told.summary()


class Progress:
    """Tells, now and then, how far a report is; a database that is busy is told the next time."""

    def __init__(self, report_id: int, total: int):
        self.report_id, self.total, self.done = report_id, total, 0
        self._told_at = time.monotonic()

    def counted(self, tx: Session, found: Listed, ids: Sequence[int]) -> Iterator[Said]:
        """These contributions, counted as they go by.

        After some hundreds it rests for half as long as they took: on a small machine pages and letters go first.
        """
        began = time.monotonic()
        for said in heard.said(tx, found, ids):
            yield said
            self.done += 1
            if self.done % heard.AT_ONCE == 0:
                time.sleep(min(_LONGEST_REST, (time.monotonic() - began) / 2))
                began = time.monotonic()
            if time.monotonic() - self._told_at >= _TELL_EVERY:
                self._tell()

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        try:
            with transaction() as tx:
                service.step(tx, self.report_id, self.done, self.total)
        except Busy:
            log.info("report %s: how far it is was not told", self.report_id)
