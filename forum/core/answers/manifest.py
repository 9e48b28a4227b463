"""What official answers say to the rest."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.answers import queries, reminders, service, views
from forum.core.answers.api import endpoints
from forum.core.answers.models import Answer, Answered
from forum.core.answers.routes import desk, pages
from forum.core.answers.rules import HELPS, REASONS, RULES
from forum.core.consultations.models import Consultation
from forum.core.items.models import Item
from forum.kernel import clock, feature
from forum.kernel.db import reading, transaction
from forum.kernel.events import Event, Observer
from forum.kernel.feature import Feature, ItemKind, LiveEvent
from forum.kernel.web import add_reasons

add_reasons(REASONS, HELPS)
_AT_ONCE = 50
"""How many items one transaction numbers: others who write wait for no more."""


def _stream_of(tx: Session, answer_id: int) -> int:
    wanted = select(Consultation.stream_id).join(Answer, Answer.consultation_id == Consultation.id)
    return tx.execute(wanted.where(Answer.item_id == answer_id)).scalar_one()


def _path(tx: Session, answer_id: int) -> str:
    """The first contribution that it answers: there it is read."""
    first = select(Item.id, Item.kind).join(Answered, Answered.item_id == Item.id)
    row = tx.execute(first.where(Answered.answer_id == answer_id).order_by(Item.id).limit(1)).first()
    if row is not None:
        return feature.item_kind(row.kind).path(tx, row.id)
    slug = select(Consultation.slug).join(Answer, Answer.consultation_id == Consultation.id)
    return f"/c/{tx.execute(slug.where(Answer.item_id == answer_id)).scalar_one()}"


def _public(tx: Session, answer_ids: list[int]) -> dict[int, dict[str, Any]]:
    found = queries.answers_by_ids(tx, answer_ids)
    return {i: views.answer_json(answer) for i, answer in found.items() if answer.stage == "published"}


def _live(tx: Session, told: list[Event]) -> list[LiveEvent]:
    """An answer that was published, for whoever watches the consultation."""
    found = queries.answers_by_ids(tx, [e.subject_id for e in told if e.subject_id is not None])
    slugs = select(Answer.item_id, Consultation.slug).join(Consultation, Consultation.id == Answer.consultation_id)
    rooms = {row.item_id: row.slug for row in tx.execute(slugs.where(Answer.item_id.in_(found)))}
    out = []
    for event in told:
        room = rooms[event.subject_id or 0]
        stamp = {"in": room, "seq": event.seq, "at": clock.iso(event.at)}
        out.append(LiveEvent(room, views.answer_json(found[event.subject_id or 0]) | stamp))
    return out


def _unmoved(_tx: Session, _answer_id: int, _old: str, _new: str, _seq: int) -> None:
    """An answer keeps no counters of its own."""


def _tell(told: Sequence[Event]) -> None:
    """Numbers, in each contribution's own stream, that what the office says of it has changed."""
    for event in told:
        for part in _parts(event):
            with transaction() as tx:
                rows = tx.execute(select(Item.id, Item.kind).where(Item.id.in_(part))).all()
                for kind in sorted({row.kind for row in rows}):
                    touched = feature.item_kind(kind).touched
                    if touched is not None:
                        touched(tx, [row.id for row in rows if row.kind == kind], "answered")


def _parts(event: Event) -> Iterator[list[int]]:
    if event.name == "progress.told":
        ids = list(event.data["items"])
    else:
        with reading() as tx:
            mine = select(Answered.item_id).where(Answered.answer_id == event.subject_id).order_by(Answered.item_id)
            ids = list(tx.execute(mine).scalars())
    for at in range(0, len(ids), _AT_ONCE):
        yield ids[at : at + _AT_ONCE]


def _erase(tx: Session, user_id: int, _keep_posts: bool) -> None:
    service.forget_person(tx, user_id)


def _tick() -> None:
    """Reminds officers of answers that are due soon."""
    with reading() as tx:
        due = reminders.due(tx)
    for consultation_id in due:
        with transaction() as tx:
            reminders.remind(tx, consultation_id)


FEATURE = Feature(
    name="answers",
    blueprints=(pages, desk, endpoints),
    rules=RULES,
    items={"answer": ItemKind(stream_of=_stream_of, state_changed=_unmoved, path=_path, public=_public)},
    live={"answer.posted": _live},
    events=("answer.posted", "progress.told"),
    observers=(Observer(name="answers_told", where="worker", wants=("answer.posted", "progress.told"), handle=_tell),),
    mails={"answers_due": reminders.letter},
    personal_data=queries.of_person,
    erase=_erase,
    tick=_tick,
)
