"""Invented official answers to what the demo's people said, so that a new site shows what becomes of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from forum.core.answers.compute import timing
from forum.core.answers.models import Answer, Answered, Progress
from forum.core.consultations.models import Consultation
from forum.core.items.models import Item
from forum.kernel import dates, html, ids
from forum.methods.discussion.demo_talk import Changes, Talk


def answer(tx: Session, talk: Talk, rows: Sequence[Mapping[str, Any]], now: datetime) -> Changes:
    """Writes the answers as an office would have published them; returns what happened."""
    return [_answer(tx, talk, row, now - timedelta(days=row["days_ago"])) for row in rows]


def _answer(tx: Session, talk: Talk, row: Mapping[str, Any], at: datetime) -> Any:
    place = talk.places[row["items"][0][0]]
    consultation = tx.get_one(Consultation, place.thread.consultation_id)
    said = [talk.places[thread].said[number]["item_id"] for thread, number in row["items"]]
    items = tx.execute(select(Item.id).where(Item.id.in_(said), Item.state == "public")).scalars().all()
    made = Item(
        public_id=ids.public_id(talk.chance.choice), kind="answer", consultation_id=consultation.id, created_at=at,
        author_id=talk.people[row["official"]], agency_id=consultation.agency_id, voice="agency",
    )  # fmt: skip
    tx.add(made)
    tx.flush()
    tx.add(
        Answer(
            item_id=made.id, consultation_id=consultation.id, disposition=row["disposition"], reason=row["reason"],
            reason_html=html.render(row["reason"]), stage="published", items=len(items), published_at=at,
            asked_by=talk.people[row["official"]], decided_by=talk.people[row["agreed_by"]],
        )
    )  # fmt: skip
    tx.flush()
    tx.add_all(Answered(answer_id=made.id, item_id=i, state="current") for i in items)
    when = timing(consultation.answer_by, dates.in_bangkok(at).date())
    values = {"answered": when, "answer_id": made.id, "progress": row.get("progress", "")}
    tx.execute(update(Item).where(Item.id.in_(items)).values(**values))
    if "progress" in row:
        step = {"state": row["progress"], "reason": row["told"], "at": at, "by_id": talk.people[row["official"]]}
        tx.add_all(Progress(item_id=i, **step) for i in items)
    return at, "answer.posted", consultation.stream_id, made.id, {}
