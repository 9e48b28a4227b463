"""Consultations for programs."""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from forum.core.consultations import forms, queries, service, views
from forum.core.consultations.forms import ActivityBody, ConsultationBody, ConsultationChange
from forum.core.consultations.lists import list_by
from forum.core.consultations.models import Consultation
from forum.core.consultations.reading import Reading
from forum.core.consultations.service import Approval
from forum.kernel import api, web
from forum.kernel.api import describe
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T
from forum.kernel.rules import Actor

endpoints = Blueprint("consultations_api", __name__, url_prefix="/api/v1")


class ApprovalBody(msgspec.Struct, forbid_unknown_fields=True):
    """The paper by which the office agreed."""

    memo_no: str
    memo_date: str


class DecisionBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why, and on what paper; both are shown to the public."""

    reason: str = ""
    approval: ApprovalBody | None = None


class ConsultationRow(msgspec.Struct):
    """A consultation in a list."""

    id: str
    slug: str
    title: str
    summary: str
    area: str
    agency: str
    agency_name: str
    status: str
    seq: int
    version: int
    demo: bool
    url: str
    answer_by: str | None
    opens_at: str | None
    closes_at: str | None


class ConsultationList(msgspec.Struct):
    """Public consultations, newest first."""

    items: list[ConsultationRow]
    next: str | None


class PhaseOut(msgspec.Struct):
    """A phase; `state` is past, now or future."""

    title: str
    starts_at: str
    ends_at: str
    activities: list[str]
    state: str


class ActivityOut(ActivityBody):
    """An activity, whether it is open now, and where its contents are listed."""

    open: bool = False
    list: str | None = None


class ChangeOut(msgspec.Struct):
    """One public change: what, before, after, why."""

    at: str
    kind: str
    field: str
    before: Any
    after: Any
    reason: str
    approval: dict[str, str] | None


class ConsultationOut(ConsultationRow):
    """All that a consultation says."""

    state: str
    guests: bool
    body: str
    body_html: str
    can_change: list[str]
    decided: list[str]
    decider: str
    effect: str
    contact: dict[str, str]
    legal_basis: str
    law_url: str
    offline_route: str
    documents: list[dict[str, Any]]
    announcements: list[dict[str, Any]]
    phases: list[PhaseOut]
    activities: list[ActivityOut]
    changes: list[ChangeOut]


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

    status, payload = api.once(work, _again(actor))
    return api.answer(payload, status)


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


@endpoints.post("/consultations/<slug>/open")
@describe(
    "Open a draft to the public; refused while a required field is missing",
    body=DecisionBody,
    returns=ConsultationOut,
    auth="required",
    idempotent=True,
    errors=(401, 403, 404, 409, 422),
)
def open_consultation(slug: str) -> Response:
    """Opens a consultation."""
    return _decide(slug, service.open_consultation)


@endpoints.post("/consultations/<slug>/close")
@describe(
    "Close a consultation; before its time this needs a reason",
    body=DecisionBody,
    returns=ConsultationOut,
    auth="required",
    idempotent=True,
    errors=(401, 403, 404, 409, 422),
)
def close_consultation(slug: str) -> Response:
    """Closes a consultation."""
    return _decide(slug, service.close_consultation)


def _decide(slug: str, decide: Callable[..., Consultation]) -> Response:
    said = api.body(DecisionBody) if request.get_data() else DecisionBody()
    actor, reason, approval = web.actor(), service.read_reason(said.reason), _approval(said.approval)

    def work(tx: Session) -> tuple[int, str, Any]:
        row = decide(tx, actor, service.find(tx, actor, slug), reason=reason, approval=approval)
        return 200, row.slug, _shown(tx, row)

    status, payload = api.once(work, _again(actor))
    return api.answer(payload, status)


def _shown(tx: Session, row: Consultation) -> dict[str, Any]:
    return views.as_json(tx, queries.full(tx, queries.brief(tx, row.id)))


def _again(actor: Actor) -> Callable[[Session, str], Any]:
    def again(tx: Session, slug: str) -> Any:
        return views.as_json(tx, queries.by_slug(tx, slug, actor))

    return again


def _approval(said: ApprovalBody | None) -> Approval | None:
    if said is None:
        return None
    fields = Reading()
    number = fields.line("approval.memo_no", said.memo_no, 100)
    day = fields.day("approval.memo_date", said.memo_date)
    if not number:
        fields.wrong("approval.memo_no", T("ต้องใส่ช่องนี้"))
    if day is None:
        fields.wrong("approval.memo_date", T("ต้องใส่ช่องนี้"))
    if fields.errors or day is None:
        raise Invalid(fields.errors)
    return Approval(number, day)
