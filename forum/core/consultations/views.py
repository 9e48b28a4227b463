"""A consultation as programs see it: the JSON of the API, and of a change made over an older version."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from forum.core.consultations import compute
from forum.core.consultations.models import Activity, Change, Phase
from forum.core.consultations.queries import Brief, Full, changes_of
from forum.core.consultations.tallies import as_counted, numbers_of
from forum.kernel import clock, feature


def as_json(tx: Session, found: Full) -> dict[str, Any]:
    """A consultation as the JSON API shows it: every field of the contract, and where it stands now."""
    brief, row = found.brief, found.row
    fields = {name: getattr(row, name) for name in _PLAIN}
    return {
        "id": brief.slug,
        "slug": brief.slug,
        "version": row.version,
        "seq": brief.seq,
        "status": brief.status,
        "state": row.state,
        "demo": row.demo,
        "url": brief.path,
        "agency": brief.agency_slug,
        "agency_name": brief.agency_name,
        "guests": brief.guests,
        **fields,
        "answer_by": row.answer_by.isoformat() if row.answer_by else None,
        "opens_at": clock.iso(row.opens_at) if row.opens_at else None,
        "closes_at": clock.iso(row.closes_at) if row.closes_at else None,
        "phases": [_phase_json(p, brief.now) for p in found.phases],
        "activities": [_activity_json(brief.slug, a, found.open_keys) for a in found.activities],
        "changes": [_change_json(c) for c in changes_of(tx, brief.id)],
        "announced_at": clock.iso(row.announced_at) if row.announced_at else None,
        "numbers": as_counted(numbers_of(tx, brief.id)),
    }


_PLAIN = (
    "title",
    "summary",
    "body",
    "body_html",
    "can_change",
    "decided",
    "decider",
    "effect",
    "contact",
    "legal_basis",
    "law_url",
    "law_kind",
    "area",
    "area_codes",
    "offline_route",
    "documents",
    "announcements",
    "privacy_notice",
    "short_reason",
)


def brief_json(brief: Brief) -> dict[str, Any]:
    """A consultation as a row of the JSON API's list."""
    return {
        "id": brief.slug,
        "slug": brief.slug,
        "title": brief.title,
        "summary": brief.summary,
        "area": brief.area,
        "agency": brief.agency_slug,
        "agency_name": brief.agency_name,
        "status": brief.status,
        "seq": brief.seq,
        "version": brief.version,
        "demo": brief.demo,
        "url": brief.path,
        "answer_by": brief.answer_by.isoformat() if brief.answer_by else None,
        "opens_at": clock.iso(brief.opens_at) if brief.opens_at else None,
        "closes_at": clock.iso(brief.closes_at) if brief.closes_at else None,
    }


def _phase_json(phase: Phase, now: datetime) -> dict[str, Any]:
    return {
        "title": phase.title,
        "starts_at": clock.iso(phase.starts_at),
        "ends_at": clock.iso(phase.ends_at),
        "activities": phase.activities,
        "state": compute.phase_state(phase, now),
    }


def _activity_json(slug: str, activity: Activity, open_now: frozenset[str]) -> dict[str, Any]:
    method = feature.method(activity.kind)
    lists = {"discussion": "threads", "survey": "surveys", "map": "maps"}
    where = f"/api/v1/consultations/{slug}/{lists[activity.kind]}" if activity.kind in lists and method else None
    return {
        "key": activity.key,
        "kind": activity.kind,
        "title": activity.title,
        "settings": activity.settings,
        "open": activity.key in open_now,
        "list": where,
    }


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "at": clock.iso(change.at),
        "kind": change.kind,
        "field": change.field,
        "before": change.before,
        "after": change.after,
        "reason": change.reason,
        "approval": change.approval,
    }
