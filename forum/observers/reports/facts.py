"""What a report says of a consultation itself, read at the same moment as everything that people contributed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.core.answers.compute import DISPOSITIONS, STEPS
from forum.core.answers.models import Answer
from forum.core.consultations import areas, openings, queries
from forum.core.consultations.plans import ToldChange, history
from forum.core.consultations.queries import Full
from forum.core.consultations.tallies import Count, Numbers, as_counted, numbers_of
from forum.core.entries.queries import SecondLook, second_look
from forum.core.items.models import Item
from forum.kernel import dates, feature

_EVERY_CHANGE = 1_000_000


@dataclass(frozen=True)
class Facts:
    """A consultation, its history and its numbers as one report tells them."""

    no: int
    at: datetime
    full: Full
    changes: Sequence[ToldChange]
    numbers: Numbers
    dispositions: dict[str, int]
    progress: dict[str, int]
    second_look: SecondLook
    announcements: Sequence[dict[str, Any]]
    documents: Sequence[dict[str, Any]]
    first_told: date | None
    places: str

    @property
    def is_interim(self) -> bool:
        """Whether people may still speak."""
        return self.full.brief.is_open

    @property
    def ways(self) -> list[tuple[str, str]]:
        """How people could take part: the title an office gave it, and what kind it is."""
        kinds = [(a.title, feature.method(a.kind)) for a in self.full.activities]
        return [(title, str(kind.label) if kind else "") for title, kind in kinds]

    @property
    def window(self) -> str:
        """From when until when people could speak."""
        row = self.full.row
        return dates.range_text(row.opens_at, row.closes_at) if row.opens_at and row.closes_at else ""

    def count(self, channel: str) -> Count:
        """The numbers of one channel; nothing came by most of them."""
        return self.numbers.channels.get(channel) or Count()

    def summary(self) -> dict[str, Any]:
        """The numbers, as they are kept beside the report for the page that offers it."""
        return {
            "title": self.full.row.title,
            "numbers": as_counted(self.numbers),
            "dispositions": self.dispositions,
            "progress": self.progress,
            "interim": self.is_interim,
        }


def gather(tx: Session, consultation_id: int, no: int, at: datetime) -> Facts:
    """All that a report says of the consultation itself, in a fixed number of statements."""
    full = queries.full(tx, queries.brief(tx, consultation_id))
    changes = queries.changes_of(tx, consultation_id, limit=_EVERY_CHANGE)
    return Facts(
        no=no,
        at=at,
        full=full,
        changes=history(changes, full.row.opens_at, at)[::-1],
        numbers=numbers_of(tx, consultation_id),
        dispositions=_dispositions(tx, consultation_id),
        progress=_progress(tx, consultation_id),
        second_look=second_look(tx, consultation_id),
        announcements=[_dated(kept) for kept in full.row.announcements],
        documents=[_dated(kept) for kept in full.row.documents],
        first_told=openings.first_told(full.row),
        places=" ".join(filter(None, map(areas.name_of, full.row.area_codes))),
    )


def _dated(kept: dict[str, Any]) -> dict[str, Any]:
    """An entry of a list, with its date as a day."""
    return kept | {"day": date.fromisoformat(kept["date"]) if kept.get("date") else None}


def _dispositions(tx: Session, consultation_id: int) -> dict[str, int]:
    """How many contributions were decided upon in which way."""
    wanted = select(Answer.disposition, func.count()).join(Item, Item.answer_id == Answer.item_id)
    wanted = wanted.where(Item.consultation_id == consultation_id, Item.answered.in_(("on_time", "late")))
    found = {row[0]: row[1] for row in tx.execute(wanted.group_by(Answer.disposition))}
    return {code: found.get(code, 0) for code in DISPOSITIONS}


def _progress(tx: Session, consultation_id: int) -> dict[str, int]:
    wanted = select(Item.progress, func.count()).where(Item.consultation_id == consultation_id, Item.progress != "")
    found = {row[0]: row[1] for row in tx.execute(wanted.group_by(Item.progress))}
    return {code: found[code] for code in STEPS if code in found}
