"""What consultations say to the rest."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.consultations import cards, openings, queries, service
from forum.core.consultations.api import endpoints
from forum.core.consultations.lists import due_to_open, due_to_tell
from forum.core.consultations.models import Change, Consultation
from forum.core.consultations.routes import pages
from forum.core.consultations.rules import HELPS, REASONS, RULES
from forum.kernel import clock
from forum.kernel.db import reading, transaction
from forum.kernel.errors import NotFound
from forum.kernel.events import Event, Observer
from forum.kernel.feature import Feature, LiveEvent, Watchable
from forum.kernel.rules import Actor
from forum.kernel.web import add_reasons

add_reasons(REASONS, HELPS)


def _find_stream(tx: Session, actor: Actor, slug: str) -> int | None:
    """The stream of a consultation that this actor may see."""
    try:
        return queries.brief_by_slug(tx, slug, actor).stream_id
    except NotFound:
        return None


def _missed(tx: Session, actor: Actor, slug: str, since: int) -> tuple[list[dict[str, Any]], bool]:
    """The present state, when it changed after `since`; it is one state, so nothing needs a reload."""
    found = queries.brief_by_slug(tx, slug, actor)
    return ([_payload(found, found.seq, clock.iso(found.now))] if found.seq > since else []), False


def _live(tx: Session, changed: list[Event]) -> list[LiveEvent]:
    """Each change as its watchers get it: the present state under the change's own number."""
    found = queries.briefs(tx, [e.subject_id for e in changed if e.subject_id is not None])
    shown = [(e, found[e.subject_id]) for e in changed if e.subject_id in found]
    return [LiveEvent(b.slug, _payload(b, e.seq or 0, clock.iso(e.at))) for e, b in shown if b.status != "draft"]


def _payload(brief: queries.Brief, seq: int, at: str) -> dict[str, Any]:
    return {
        "id": brief.slug,
        "in": brief.slug,
        "seq": seq,
        "at": at,
        "status": brief.status,
        "opens_at": clock.iso(brief.opens_at) if brief.opens_at else None,
        "closes_at": clock.iso(brief.closes_at) if brief.closes_at else None,
        "version": brief.version,
    }


def _draw(told: Sequence[Event]) -> None:
    """Draws the pictures of consultations that changed; a draft has none."""
    with reading() as tx:
        found = queries.briefs(tx, list({e.subject_id for e in told if e.subject_id is not None}))
    for brief in found.values():
        if brief.status != "draft":
            cards.draw_and_keep(brief)


def _tick() -> None:
    """Opens what was agreed to and is due, and tells watchers of all that the clock opened or closed since."""
    with reading() as tx:
        announced = due_to_open(tx, clock.now())
    for consultation_id in announced:
        with transaction() as tx:
            openings.open_when_due(tx, consultation_id)
    with reading() as tx:
        due = due_to_tell(tx, clock.now())
    for consultation_id in due:
        with transaction() as tx:
            openings.tell_clock(tx, consultation_id)


def _personal_data(tx: Session, user_id: int) -> dict[str, Any]:
    made = tx.execute(select(Consultation.slug).where(Consultation.created_by == user_id).order_by(Consultation.id))
    changed = tx.execute(
        select(Consultation.slug, Change.kind, Change.field, Change.at)
        .join(Consultation, Consultation.id == Change.consultation_id)
        .where(Change.by_id == user_id)
        .order_by(Change.id)
    )
    return {
        "consultations_made": list(made.scalars()),
        "consultations_changed": [
            {"consultation": r.slug, "kind": r.kind, "field": r.field, "at": clock.iso(r.at)} for r in changed
        ],
    }


def _erase(tx: Session, user_id: int, _keep_posts: bool) -> None:
    service.forget_person(tx, user_id)


FEATURE = Feature(
    name="consultations",
    blueprints=(pages, endpoints),
    rules=RULES,
    watchables=(Watchable(find=_find_stream, missed=_missed),),
    live={"consultation.changed": _live},
    events=("consultation.made", "consultation.drafted", "consultation.changed"),
    observers=(
        Observer(
            name="consultation_cards",
            where="worker",
            wants=("consultation.changed", "consultation.made"),
            handle=_draw,
        ),
    ),
    personal_data=_personal_data,
    erase=_erase,
    tick=_tick,
)
