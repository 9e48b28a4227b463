"""What programs send and get about consultations, field by field."""

from typing import Any

import msgspec

from forum.core.consultations.forms import ActivityBody


class ApprovalBody(msgspec.Struct, forbid_unknown_fields=True):
    """The paper by which the office agreed."""

    memo_no: str
    memo_date: str


class DecisionBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why, and on what paper; both are shown to the public."""

    reason: str = ""
    approval: ApprovalBody | None = None


class AgreementBody(msgspec.Struct, forbid_unknown_fields=True):
    """A second member agrees; `note` is for the office alone."""

    note: str = ""


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
    approval: dict[str, Any] | None


class CountOut(msgspec.Struct):
    """How many contributions: all that came in, where they stand, and how many are answered."""

    received: int
    shown: int
    redacted: int
    hidden: int
    withdrawn: int
    answered: int
    answered_late: int
    unanswered: int


class NumbersOut(CountOut):
    """All contributions, and the same by the way they came."""

    channels: dict[str, CountOut] = {}


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
    law_kind: str
    area_codes: list[str]
    offline_route: str
    documents: list[dict[str, Any]]
    announcements: list[dict[str, Any]]
    phases: list[PhaseOut]
    activities: list[ActivityOut]
    changes: list[ChangeOut]
    privacy_notice: str
    short_reason: str
    announced_at: str | None
    numbers: NumbersOut
    needs: str | None = None
