"""Consultations for programs."""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from forum.core.consultations import forms, openings, queries, service, views
from forum.core.consultations.forms import ConsultationBody, ConsultationChange
from forum.core.consultations.lists import list_by
from forum.core.consultations.models import Consultation
from forum.core.consultations.reading import Reading
from forum.core.consultations.shapes import AgreementBody, ApprovalBody, ConsultationList, ConsultationOut, DecisionBody
from forum.core.consultations.telling import Approval, read_approval
from forum.kernel import api, web
from forum.kernel.api import describe
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T
from forum.kernel.rules import Actor

endpoints = Blueprint("consultations_api", __name__, url_prefix="/api/v1")


@endpoints.get("/consultations")
@describe(
    "Public consultations, newest first",
    returns=ConsultationList,
    query=(("limit", int, "1 to 100"), ("after", str, "cursor")),
    errors=(422,),
)
def consultations() -> Response:
    """A list of consultations."""
    with reading() as tx:
        page = list_by(tx, "all", after=request.args.get("after"), limit=api.limit())
        return api.answer({"items": [views.brief_json(b) for b in page.rows], "next": page.next})


@endpoints.get("/consultations/<slug>")
@describe(
    "A consultation; a draft only for its own officers",
    returns=ConsultationOut,
    auth="optional",
    errors=(404,),
)
def consultation(slug: str) -> Response:
    """One consultation."""
    with reading() as tx:
        return api.answer(views.as_json(tx, queries.by_slug(tx, slug, web.actor())))


@endpoints.post("/consultations")
@describe(
    "Make a draft of a consultation",
    body=ConsultationBody,
    returns=ConsultationOut,
    status=201,
    auth="required",
    idempotent=True,
    errors=(401, 403, 409, 422),
)
def make_consultation() -> Response:
    """A new draft by an officer."""
    said = api.body(ConsultationBody)
    plan = forms.read(forms.raw_of(said))
    actor = web.actor()

    def work(tx: Session) -> tuple[int, str, Any]:
        made = service.create(tx, actor, said.agency, plan)
        return 201, made.slug, _shown(tx, made)

    return api.answer(*api.once(work, _again(actor)))


@endpoints.patch("/consultations/<slug>")
@describe(
    "Change a consultation; once it is open every change is told with its reason",
    body=ConsultationChange,
    returns=ConsultationOut,
    auth="required",
    errors=(401, 403, 404, 409, 422),
)
def change_consultation(slug: str) -> Response:
    """Changes the fields that are sent."""
    said = api.body(ConsultationChange)
    with transaction() as tx:
        row = service.find(tx, web.actor(), slug)
        if said.agency is not msgspec.UNSET and said.agency != queries.brief(tx, row.id).agency_slug:
            raise Invalid({"agency": T("เปลี่ยนหน่วยงานที่ถามไม่ได้")})
        reason = service.read_reason(said.reason)
        return api.answer(_shown(tx, service.change(tx, web.actor(), row, forms.raw_of(said), said.version, reason)))


@endpoints.post("/consultations/<slug>/announce")
@describe(
    "Show a draft to the public with its start date, and ask for its opening; refused while a field is missing",
    body=DecisionBody,
    returns=ConsultationOut,
    auth="required",
    idempotent=True,
    errors=(401, 403, 404, 409, 422),
)
def announce_consultation(slug: str) -> Response:
    """Announces a consultation."""
    return _decide(slug, openings.announce)


@endpoints.post("/consultations/<slug>/open")
@describe(
    "Open to the public, by a memo or when a second member agreed; else 202, and it opens when one does",
    body=DecisionBody,
    returns=ConsultationOut,
    also=(202,),
    auth="required",
    idempotent=True,
    errors=(401, 403, 404, 409, 422),
)
def open_consultation(slug: str) -> Response:
    """Opens a consultation."""
    return _decide(slug, openings.open_consultation)


@endpoints.post("/consultations/<slug>/close")
@describe(
    "Close a consultation; before its time this needs a reason, and a memo or a second member (then 202)",
    body=DecisionBody,
    returns=ConsultationOut,
    also=(202,),
    auth="required",
    idempotent=True,
    errors=(401, 403, 404, 409, 422),
)
def close_consultation(slug: str) -> Response:
    """Closes a consultation."""
    return _decide(slug, openings.close_consultation)


@endpoints.post("/consultations/<slug>/approve")
@describe(
    "Agree to what another member asked for; what waited for it happens",
    body=AgreementBody,
    returns=ConsultationOut,
    auth="required",
    idempotent=True,
    errors=(401, 403, 404, 409, 422),
)
def approve_consultation(slug: str) -> Response:
    """A second member agrees."""
    return _act(slug, openings.approve, note=read_note())


def read_note() -> str:
    """The note of who agrees, if they left one; raises `Invalid`."""
    said = api.body(AgreementBody) if request.get_data() else AgreementBody()
    reading = Reading()
    note = reading.line("note", said.note, 500)
    if reading.errors:
        raise Invalid(reading.errors)
    return note


def _decide(slug: str, decide: Callable[..., Consultation]) -> Response:
    said = api.body(DecisionBody) if request.get_data() else DecisionBody()
    return _act(slug, decide, reason=service.read_reason(said.reason), approval=approval_sent(said.approval))


def _act(slug: str, act: Callable[..., Consultation], **said: Any) -> Response:
    actor = web.actor()

    def work(tx: Session) -> tuple[int, str, Any]:
        row = act(tx, actor, service.find(tx, actor, slug), **said)
        return (202 if openings.waits_for(tx, row) else 200), row.slug, _shown(tx, row)

    return api.answer(*api.once(work, _again(actor)))


def _shown(tx: Session, row: Consultation) -> dict[str, Any]:
    return views.as_json(tx, queries.full(tx, queries.brief(tx, row.id))) | {"needs": openings.waits_for(tx, row)}


def _again(actor: Actor) -> Callable[[Session, str], Any]:
    def again(tx: Session, slug: str) -> Any:
        found = queries.by_slug(tx, slug, actor)
        return views.as_json(tx, found) | {"needs": openings.waits_for(tx, found.row)}

    return again


def approval_sent(said: ApprovalBody | None) -> Approval | None:
    """The memo of a body, checked; raises `Invalid`."""
    if said is None:
        return None
    fields = Reading()
    return read_approval(fields, said.memo_no, fields.day("approval.memo_date", said.memo_date), at="approval.")
