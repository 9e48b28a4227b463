"""What an officer or a program says of a consultation → one checked plan, with all that is wrong at once.

Both ways in, the JSON API and the desk, give the same mapping of fields, shaped as the structs below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from forum.core.agencies.forms import SLUG
from forum.core.consultations import compute, slugs
from forum.core.consultations.reading import Reading
from forum.kernel import dates, feature
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T

_MOST_ROWS = 20


class ContactBody(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to ask about it."""

    office: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""


class DocumentBody(msgspec.Struct, forbid_unknown_fields=True):
    """A paper to read first; https only."""

    title: str
    url: str
    type: str = ""
    size_kb: int | None = None
    date: str | None = None
    summary: str = ""


class AnnouncementBody(msgspec.Struct, forbid_unknown_fields=True):
    """Where and when it was made known."""

    channel: str
    date: str | None = None
    ref: str = ""
    reach: str = ""


class PhaseBody(msgspec.Struct, forbid_unknown_fields=True):
    """A window `[starts_at, ends_at)` and the keys of the activities open in it."""

    title: str
    starts_at: str
    ends_at: str
    activities: list[str] = []


class ActivityBody(msgspec.Struct, forbid_unknown_fields=True):
    """One participation method; `key` defaults to its kind."""

    kind: str
    title: str
    key: str | None = None
    settings: dict[str, Any] = {}


class _Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    slug: str | UnsetType = UNSET
    summary: str | UnsetType = UNSET
    body: str | UnsetType = UNSET
    can_change: list[str] | str | UnsetType = UNSET
    decided: list[str] | str | UnsetType = UNSET
    decider: str | UnsetType = UNSET
    effect: str | UnsetType = UNSET
    contact: ContactBody | str | UnsetType = UNSET
    answer_by: str | UnsetType | None = UNSET
    opens_at: str | UnsetType | None = UNSET
    closes_at: str | UnsetType | None = UNSET
    legal_basis: str | UnsetType = UNSET
    law_url: str | UnsetType = UNSET
    law_kind: str | UnsetType = UNSET
    area: str | UnsetType = UNSET
    area_codes: list[str] | UnsetType = UNSET
    offline_route: str | UnsetType = UNSET
    documents: list[DocumentBody] | UnsetType = UNSET
    announcements: list[AnnouncementBody | str] | UnsetType = UNSET
    privacy_notice: str | UnsetType = UNSET
    phases: list[PhaseBody] | UnsetType = UNSET
    activities: list[ActivityBody] | UnsetType = UNSET


class ConsultationBody(_Body, kw_only=True, forbid_unknown_fields=True):
    """A new consultation; it stays a draft until it is opened, and may be incomplete until then."""

    agency: str
    title: str


class ConsultationChange(_Body, kw_only=True, forbid_unknown_fields=True):
    """A change; `version` is the one it was made from, `reason` is told to the public once it is open."""

    version: int
    reason: str = ""
    agency: str | UnsetType = UNSET
    title: str | UnsetType = UNSET


@dataclass(frozen=True)
class PhasePlan:
    """A phase as asked for."""

    title: str
    starts_at: datetime
    ends_at: datetime
    activities: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActivityPlan:
    """An activity as asked for."""

    kind: str
    title: str
    key: str
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """All that a consultation says, checked; what is not said yet is empty."""

    title: str = ""
    title_phrases: tuple[str, ...] = ()
    slug: str = ""
    summary: str = ""
    body: str = ""
    can_change: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    decider: str = ""
    effect: str = ""
    contact: dict[str, str] = field(default_factory=dict)
    answer_by: date | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    legal_basis: str = ""
    law_url: str = ""
    law_kind: str = ""
    area: str = ""
    area_codes: tuple[str, ...] = ()
    offline_route: str = ""
    documents: tuple[dict[str, Any], ...] = ()
    announcements: tuple[dict[str, Any], ...] = ()
    privacy_notice: str = ""
    phases: tuple[PhasePlan, ...] = ()
    activities: tuple[ActivityPlan, ...] = ()

    def missing(self) -> list[str]:
        """The required fields that say nothing yet."""
        return compute.missing_fields({**vars(self), "agency": "its own"})


PLAIN_FIELDS = tuple(f.name for f in fields(Plan) if f.name not in ("phases", "activities", "slug"))


def raw_of(body: _Body) -> dict[str, Any]:
    """What a JSON body says, as the mapping that `read` takes; agency, version and reason are not in it."""
    said: dict[str, Any] = {name: value for name, value in msgspec.to_builtins(body).items() if value is not UNSET}
    return {name: value for name, value in said.items() if name not in ("agency", "version", "reason")}


def read(raw: Mapping[str, Any], onto: Plan | None = None) -> Plan:
    """The plan that these fields make of another, of an empty one for a new consultation; or `Invalid`."""
    reading = Reading()
    values = {name: _READERS[name](reading, name, value) for name, value in raw.items()}
    plan = replace(onto or Plan(), **values)
    if plan.title != (onto or Plan()).title and "title_phrases" not in raw:
        plan = replace(plan, title_phrases=())
    if not plan.title:
        reading.wrong("title", T("ต้องมีหัวเรื่อง"))
    _check_slug(reading, plan)
    _check_order(reading, plan)
    _check_phases(reading, plan)
    _check_activities(reading, plan)
    if reading.errors:
        raise Invalid(reading.errors)
    return plan


def _phases(reading: Reading, where: str, raw: Any) -> tuple[PhasePlan, ...]:
    found = []
    for n, row in enumerate(reading.rows(where, raw, _MOST_ROWS)):
        at = f"{where}.{n}"
        starts = reading.moment(f"{at}.starts_at", row.get("starts_at"), ends=False)
        ends = reading.moment(f"{at}.ends_at", row.get("ends_at"), ends=True)
        title = reading.line(f"{at}.title", row.get("title"), 120)
        keys = tuple(dict.fromkeys(str(key) for key in row.get("activities") or ()))
        for name, value in (("title", title), ("starts_at", starts), ("ends_at", ends)):
            if not value:
                reading.wrong(f"{at}.{name}", T("ต้องใส่ช่องนี้"))
        if starts and ends:
            found.append(PhasePlan(title, starts, ends, keys))
    return tuple(found)


def _activities(reading: Reading, where: str, raw: Any) -> tuple[ActivityPlan, ...]:
    found = []
    for n, row in enumerate(reading.rows(where, raw, _MOST_ROWS)):
        at = f"{where}.{n}"
        kind = str(row.get("kind") or "")
        if feature.method(kind) is None:
            reading.wrong(f"{at}.kind", T("ยังไม่มีวิธีร่วมแบบนี้"))
        key = row.get("key") or kind
        if not SLUG.fullmatch(key):
            reading.wrong(f"{at}.key", T("ชื่อย่อของวิธีร่วมใช้ได้เฉพาะ a-z 0-9 และขีดกลาง"))
        title = reading.line(f"{at}.title", row.get("title"), 120)
        if not title:
            reading.wrong(f"{at}.title", T("ต้องใส่ช่องนี้"))
        settings = reading.settings(f"{at}.settings", row.get("settings"))
        found.append(ActivityPlan(kind, title, key, settings))
    return tuple(found)


def _check_slug(reading: Reading, plan: Plan) -> None:
    if not plan.slug:
        return
    if not slugs.is_written_right(plan.slug):
        reading.wrong("slug", T("ที่อยู่เว็บใช้ได้เฉพาะ a-z 0-9 และขีดกลาง 2 ถึง 60 ตัว"))
    elif slugs.is_kept_free(plan.slug):
        reading.wrong("slug", T("ที่อยู่เว็บนี้ใช้ไม่ได้ ลองชื่ออื่น"))


def _check_order(reading: Reading, plan: Plan) -> None:
    if plan.opens_at and plan.closes_at and plan.opens_at >= plan.closes_at:
        reading.wrong("closes_at", T("วันปิดต้องอยู่หลังวันเปิด"))
    if plan.closes_at and plan.answer_by and plan.answer_by < dates.last_day(plan.closes_at):
        reading.wrong("answer_by", T("วันที่ต้องตอบต้องไม่ก่อนวันปิด"))


def _check_phases(reading: Reading, plan: Plan) -> None:
    keys = {a.key for a in plan.activities}
    for n, phase in enumerate(plan.phases):
        if phase.starts_at >= phase.ends_at:
            reading.wrong(f"phases.{n}.ends_at", T("วันจบของช่วงต้องอยู่หลังวันเริ่ม"))
        if n and phase.starts_at < plan.phases[n - 1].starts_at:
            reading.wrong(f"phases.{n}.starts_at", T("เรียงช่วงตามวันเริ่ม ช่วงนี้เริ่มก่อนช่วงก่อนหน้า"))
        unknown = next((key for key in phase.activities if key not in keys), None)
        if unknown is not None:
            reading.wrong(f"phases.{n}.activities", T("ไม่มีวิธีร่วมชื่อ %(key)s ในเรื่องนี้", key=unknown[:60]))
    both = compute.overlap(plan.phases)
    if both is not None:
        why = T("ช่วงที่ %(n)s กับช่วงที่ %(m)s เปิดวิธีร่วมเดียวกันซ้อนวันกัน", n=both[0] + 1, m=both[1] + 1)
        reading.wrong(f"phases.{both[1]}.starts_at", why)


def _check_activities(reading: Reading, plan: Plan) -> None:
    seen: set[str] = set()
    for n, activity in enumerate(plan.activities):
        if activity.key in seen:
            reading.wrong(f"activities.{n}.key", T("ชื่อย่อของวิธีร่วมซ้ำกัน"))
        seen.add(activity.key)


_READERS = {
    "title": lambda r, at, raw: r.line(at, raw, 200),
    "title_phrases": lambda r, at, raw: r.lines(at, raw, 12, 200, strip=False),
    "slug": lambda r, at, raw: r.line(at, raw, 60),
    "summary": lambda r, at, raw: r.line(at, raw, 600),
    "body": lambda r, at, raw: r.prose(at, raw, 20_000),
    "can_change": lambda r, at, raw: r.lines(at, raw, 20, 300),
    "decided": lambda r, at, raw: r.lines(at, raw, 20, 300),
    "decider": lambda r, at, raw: r.line(at, raw, 300),
    "effect": lambda r, at, raw: r.line(at, raw, 600),
    "contact": lambda r, at, raw: r.contact(at, raw),
    "answer_by": lambda r, at, raw: r.day(at, raw),
    "opens_at": lambda r, at, raw: r.moment(at, raw, ends=False),
    "closes_at": lambda r, at, raw: r.moment(at, raw, ends=True),
    "legal_basis": lambda r, at, raw: r.line(at, raw, 600),
    "law_url": lambda r, at, raw: r.https(at, raw),
    "law_kind": lambda r, at, raw: r.one_of(at, raw, ("primary", "other")),
    "area": lambda r, at, raw: r.line(at, raw, 200),
    "area_codes": lambda r, at, raw: r.areas(at, raw),
    "offline_route": lambda r, at, raw: r.line(at, raw, 600),
    "documents": lambda r, at, raw: r.documents(at, raw),
    "announcements": lambda r, at, raw: r.announcements(at, raw),
    "privacy_notice": lambda r, at, raw: r.prose(at, raw, 4_000),
    "phases": _phases,
    "activities": _activities,
}
