"""What offices say of contributions, for programs."""

from typing import Any

import msgspec
from flask import Blueprint, Response
from sqlalchemy.orm import Session

from forum.core.answers import queries, service, views
from forum.core.answers.forms import read_answer, read_step
from forum.core.consultations.api import approval_sent, read_note
from forum.core.consultations.models import Consultation
from forum.core.consultations.shapes import AgreementBody, ApprovalBody
from forum.core.consultations.tallies import SEEN
from forum.core.items.models import Item
from forum.core.items.queries import item_by
from forum.kernel import api, web
from forum.kernel.api import describe
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Conflict, Denied, NotFound
from forum.kernel.i18n import T
from forum.kernel.rules import Actor

endpoints = Blueprint("answers_api", __name__, url_prefix="/api/v1")


class DispositionBody(msgspec.Struct, forbid_unknown_fields=True):
    """What becomes of a contribution, and why."""

    disposition: str
    reason: str
    approval: ApprovalBody | None = None


class ProgressBody(msgspec.Struct, forbid_unknown_fields=True):
    """How far it is, and why where it is not done."""

    progress: str
    reason: str = ""


class AnswerOut(msgspec.Struct):
    """An official answer."""

    id: str
    disposition: str
    reason: str
    html: str
    office: str
    at: str | None
    approval: dict[str, Any] | None
    items: int
    stage: str


class DispositionOut(msgspec.Struct):
    """What was decided of an item, what was before, and for its own office what is not published yet."""

    item: str
    disposition: str | None
    reason: str | None
    current: AnswerOut | None
    history: list[AnswerOut]
    pending: AnswerOut | None = None
    needs: str | None = None


class StepOut(msgspec.Struct):
    """One step."""

    progress: str
    reason: str
    at: str


class ProgressOut(msgspec.Struct):
    """How far it is, and each step before, the latest first."""

    item: str
    progress: str | None
    reason: str | None
    history: list[StepOut]


@endpoints.get("/items/<public_id>/disposition")
@describe("What was decided of an item, with its history", returns=DispositionOut, auth="optional", errors=(404,))
def disposition(public_id: str) -> Response:
    """What was decided."""
    with reading() as tx:
        return api.answer(_disposition(tx, web.actor(), _contribution(tx, public_id)))


@endpoints.put("/items/<public_id>/disposition")
@describe(
    "Decide on an item; without a memo it waits for a second member (202) and nobody else sees it",
    body=DispositionBody,
    returns=DispositionOut,
    also=(202,),
    auth="required",
    errors=(401, 403, 404, 409, 422),
)
def decide(public_id: str) -> Response:
    """Decides on an item."""
    said = api.body(DispositionBody)
    form, approval = read_answer(msgspec.to_builtins(said)), approval_sent(said.approval)
    _signed_in()
    with transaction() as tx:
        item = _contribution(tx, public_id)
        _answer, needs = service.answer_one(tx, web.actor(), item, form, approval)
        return api.answer(_disposition(tx, web.actor(), item), 202 if needs else 200)


@endpoints.post("/items/<public_id>/disposition/approve")
@describe(
    "Agree as a second member to what was decided of an item; it is published for all it answers",
    body=AgreementBody,
    returns=DispositionOut,
    auth="required",
    idempotent=True,
    errors=(401, 403, 404, 409, 422),
)
def approve(public_id: str) -> Response:
    """A second member agrees."""
    _signed_in()
    actor, note = web.actor(), read_note()

    def work(tx: Session) -> tuple[int, str, Any]:
        item = _contribution(tx, public_id)
        consultation = tx.get_one(Consultation, item.consultation_id)
        service.may_write(actor, consultation)
        pending = queries.pending(tx, item.id)
        if pending is None:
            raise Conflict(T("ตอนนี้ไม่มีอะไรรออนุมัติ"))
        service.approve(tx, actor, pending, note=note)
        return 200, public_id, _disposition(tx, actor, item)

    return api.answer(*api.once(work, lambda tx, again: _disposition(tx, actor, _contribution(tx, again))))


@endpoints.get("/items/<public_id>/progress")
@describe("How far it is, with its history", returns=ProgressOut, errors=(404,))
def progress(public_id: str) -> Response:
    """How far it is."""
    with reading() as tx:
        return api.answer(_progress(tx, _contribution(tx, public_id)))


@endpoints.put("/items/<public_id>/progress")
@describe(
    "Tell how far it is; not done needs a reason",
    body=ProgressBody,
    returns=ProgressOut,
    auth="required",
    errors=(401, 403, 404, 409, 422),
)
def tell(public_id: str) -> Response:
    """Tells how far it is."""
    form = read_step(msgspec.to_builtins(api.body(ProgressBody)))
    _signed_in()
    with transaction() as tx:
        item = _contribution(tx, public_id)
        consultation = tx.get_one(Consultation, item.consultation_id)
        service.tell_progress(tx, web.actor(), consultation, [item.id], form)
        return api.answer(_progress(tx, item))


def _signed_in() -> None:
    if web.actor().is_nobody:
        raise Denied("sign_in", sign_in=True)


def _contribution(tx: Session, public_id: str) -> Item:
    """The item, when it is something an office must answer; raises `NotFound`."""
    item = item_by(tx, public_id)
    if not item.answered:
        raise NotFound
    return item


def _disposition(tx: Session, actor: Actor, item: Item) -> dict[str, Any]:
    writes = service.writes(actor, tx.get_one(Consultation, item.consultation_id))
    # What an office says of something hidden may tell what it said.
    told = views.disposition_json(queries.history(tx, item.id) if writes or item.state in SEEN else [])
    told |= {"item": item.public_id}
    if writes:
        pending = queries.pending(tx, item.id)
        told["pending"] = views.answer_json(pending) if pending else None
        told["needs"] = service.SECOND_MEMBER if pending and pending.stage == "waiting" else None
    return told


def _progress(tx: Session, item: Item) -> dict[str, Any]:
    shown = queries.steps(tx, item.id) if item.state in SEEN else []
    return views.progress_json(shown) | {"item": item.public_id}
