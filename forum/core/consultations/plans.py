"""A consultation as it is kept → the plan it was made from, how two plans differ, and how a change reads."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, is_dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from forum.core.consultations import compute
from forum.core.consultations.forms import PLAIN_FIELDS, ActivityPlan, PhasePlan, Plan
from forum.core.consultations.models import Change, Consultation
from forum.core.consultations.queries import activities_of, phases_of
from forum.core.consultations.reading import LAW_WORDS, NAMES
from forum.kernel import clock, dates, html, i18n
from forum.kernel.i18n import T


def plan_of(tx: Session, row: Consultation) -> Plan:
    """What a consultation says now."""
    plain = {name: getattr(row, name) for name in PLAIN_FIELDS}
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    phases = tuple(PhasePlan(p.title, p.starts_at, p.ends_at, tuple(p.activities)) for p in phases_of(tx, row.id))
    activities = tuple(ActivityPlan(a.kind, a.title, a.key, a.settings) for a in activities_of(tx, row.id))
    return Plan(**said, slug=row.slug, phases=phases, activities=activities)


def columns_of(plan: Plan) -> dict[str, Any]:
    """The plan as columns; lists as JSON keeps them, and the text beside its HTML."""
    plain = {name: getattr(plan, name) for name in PLAIN_FIELDS}
    listed = {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}
    return listed | {"body_html": html.render(plan.body)}


def differences(old: Plan, new: Plan) -> dict[str, tuple[Any, Any]]:
    """The fields in which two plans differ, with both values as JSON keeps them."""
    return {
        name: (as_plain(getattr(old, name)), as_plain(getattr(new, name)))
        for name in Plan.__dataclass_fields__
        if getattr(old, name) != getattr(new, name)
        # Where a title may break is no change to what it says.
        and name != "title_phrases"
    } | ({} if old.title_phrases == new.title_phrases or old.title != new.title else _phrasing(old, new))


def _phrasing(old: Plan, new: Plan) -> dict[str, tuple[Any, Any]]:
    return {"title_phrases": (list(old.title_phrases), list(new.title_phrases))}


def as_plain(value: Any) -> Any:
    """A field's value as JSON keeps it: lists, mappings and ISO texts."""
    if isinstance(value, tuple | list):
        return [as_plain(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {name: as_plain(part) for name, part in asdict(value).items()}
    if isinstance(value, datetime):
        return clock.iso(value)
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True)
class ToldChange:
    """A change as the public reads it."""

    at: datetime
    kind: str
    what: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""
    memo_no: str = ""
    memo_date: date | None = None
    second_member: bool = False


def told(change: Change) -> ToldChange:
    """A kept change in words, in the reader's language."""
    memo = change.approval or {}
    day = memo.get("memo_date")
    shown = change.kind == "changed" or change.field == "closes_at"
    return ToldChange(
        at=change.at,
        kind=change.kind,
        what=str(NAMES.get(change.field, "")),
        before=words_of(change.field, change.before) if shown else "",
        after=words_of(change.field, change.after) if shown else "",
        reason=change.reason,
        memo_no=memo.get("memo_no", ""),
        memo_date=date.fromisoformat(day) if day else None,
        second_member=bool(memo.get("second_member")),
    )


def history(changes: Iterable[Change], opens_at: datetime | None, now: datetime) -> list[ToldChange]:
    """The changes in words, newest first: agreeing to an opening is not the opening, which comes at its own hour."""
    rows = [told(change) for change in changes]
    early = [row for row in rows if row.kind == "opened" and opens_at and row.at < opens_at]
    rows = [replace(row, kind="agreed") if row in early else row for row in rows]
    if early and opens_at and opens_at <= now:
        rows.append(ToldChange(at=opens_at, kind="opened"))
    return sorted(rows, key=lambda row: row.at, reverse=True)


def words_of(name: str, value: Any) -> str:
    """A field's kept value as somebody reads it; several entries one a line."""
    if value in (None, "", [], {}):
        return str(T("ไม่มี"))
    if isinstance(value, list):
        return "\n".join(_entry_words(name, entry) for entry in value)
    return _entry_words(name, value) if isinstance(value, Mapping) else _line_words(name, value)


def _line_words(name: str, value: Any) -> str:
    if name in ("opens_at", "closes_at"):
        return _moment_words(datetime.fromisoformat(value), ends=name == "closes_at")
    if name == "answer_by":
        return dates.date_text(date.fromisoformat(value), i18n.language())
    return str(LAW_WORDS[value] if name == "law_kind" else value)


def _moment_words(moment: datetime, *, ends: bool) -> str:
    lang = i18n.language()
    if ends:
        return dates.until_text(moment, lang)
    at_midnight = compute.ends_with_day(moment)
    return dates.date_text(moment, lang) if at_midnight else dates.datetime_text(moment, lang)


def _entry_words(name: str, entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return str(entry)
    if name == "phases":
        starts, ends = (datetime.fromisoformat(entry[key]) for key in ("starts_at", "ends_at"))
        return f"{entry['title']} {dates.range_text(starts, ends, i18n.language())}"
    shown = (
        ("title",) if name == "activities" else ("title", "channel", "office", "name", "phone", "email", "url", "ref")
    )
    return " ".join(str(entry[key]) for key in shown if entry.get(key))
