"""What an office says of a contribution, for whoever shows the contribution: read where anything is said."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, case, exists, select
from sqlalchemy.orm import Session, aliased

from forum.core.answers.compute import LONG
from forum.core.answers.models import Answer, Answered, Progress
from forum.core.consultations.tallies import SEEN
from forum.core.items.models import Item
from forum.kernel import clock
from forum.kernel.db import rows


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """The answer that holds now, and how far it is; either may be missing, never both."""

    answer: str | None
    disposition: str | None
    reason: str
    html: str
    at: datetime | None
    earlier: bool  # whether it was answered otherwise before
    progress: str
    progress_reason: str
    progress_at: datetime | None

    @property
    def is_long(self) -> bool:
        """Whether it is folded where it stands beside others."""
        return len(self.reason) > LONG


_answer_item = aliased(Item)
_is_answered = Item.answer_id.is_not(None)


def _step(column: Any) -> Any:
    latest = select(column).where(Progress.item_id == Item.id).order_by(Progress.id.desc()).limit(1)
    return case((Item.progress != "", latest.correlate(Item).scalar_subquery()))


_own_id = select(_answer_item.public_id).where(_answer_item.id == Item.answer_id).correlate(Item).scalar_subquery()
_past = exists().where(Answered.item_id == Item.id, Answered.state == "past").correlate(Item)
# What few contributions have is asked for in the cases only where they have it.
_COLUMNS: tuple[Any, ...] = (
    case((_is_answered, _own_id)).label("answer"),
    Answer.disposition.label("answer_disposition"),
    Answer.reason.label("answer_reason"),
    Answer.reason_html.label("answer_html"),
    Answer.published_at.label("answer_at"),
    case((_is_answered, _past), else_=False).label("answer_earlier"),
    Item.progress.label("progress"),
    _step(Progress.reason).label("progress_reason"),
    _step(Progress.at).label("progress_at"),
)

_SAID_OF = (
    select(Item.id, Item.state, *_COLUMNS)
    .outerjoin(Answer, Answer.item_id == Item.answer_id)
    .where(Item.id.in_(bindparam("item_ids", expanding=True)))
)


def said_of(tx: Session, item_ids: Sequence[int]) -> dict[int, Said]:
    """What offices say of these items, by inner id, in one statement; those of which nothing is said are left out."""
    found = {row[0]: _read(row[2:], row[1]) for row in rows(tx, _SAID_OF, {"item_ids": list(item_ids)}).all()}
    return {item_id: said for item_id, said in found.items() if said is not None}


def _read(columns: Sequence[Any], state: str) -> Said | None:
    """What `_COLUMNS` say of an item in this state; nothing of one that is not shown."""
    answer, disposition, reason, html, at, earlier, progress, why, when = columns
    if state not in SEEN or not (answer or progress):
        return None
    return Said(
        answer=answer,
        disposition=disposition,
        reason=reason or "",
        html=html or "",
        at=at,
        earlier=bool(earlier),
        progress=progress,
        progress_reason=why or "",
        progress_at=when,
    )


class AnswerBeside(msgspec.Struct):
    """The official answer beside what it answers."""

    id: str
    disposition: str
    reason: str
    html: str
    at: str


class StepBeside(msgspec.Struct):
    """How far it is, beside what it is about."""

    progress: str
    reason: str
    at: str


def as_json(said: Said | None) -> dict[str, Any]:
    """The fields that tell it in the JSON of a contribution; all null where nothing was said."""
    answered = said is not None and said.answer is not None
    return {
        "disposition": said.disposition if said else None,
        "progress": said.progress or None if said else None,
        "answer": _answer_json(said) if said and answered else None,
        "step": _step_json(said) if said and said.progress else None,
    }


def _answer_json(said: Said) -> dict[str, Any]:
    told = {"id": said.answer, "disposition": said.disposition, "reason": said.reason, "html": said.html}
    return told | {"at": clock.iso(said.at) if said.at else ""}


def _step_json(said: Said) -> dict[str, Any]:
    at = clock.iso(said.progress_at) if said.progress_at else ""
    return {"progress": said.progress, "reason": said.progress_reason, "at": at}
