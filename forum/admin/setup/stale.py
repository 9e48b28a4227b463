"""What an earlier hearing said of its own time: it is over, or its days. None of it is true of a new one."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from forum.core.consultations.forms import Plan
from forum.kernel import dates
from forum.kernel.thai import fold_digits

_OVER = re.compile("ปิดรับ(?:ความเห็น|ความคิดเห็น|ฟัง)?(?:ไป)?แล้ว|หมดเวลารับ")
_TEXTS = ("summary", "decider", "effect", "offline_route")
_LISTS = ("can_change", "decided")
_PROSE = ("body", "privacy_notice")


def without_its_time(plan: Plan) -> Plan:
    """The plan without the texts, lines and paragraphs that say it is over or name one of its own days."""
    names = _days_of(plan)

    def is_fresh(text: str) -> bool:
        return not _OVER.search(text) and not (names and names.search(fold_digits(text)))

    kept: dict[str, Any] = {name: text if is_fresh(text := getattr(plan, name)) else "" for name in _TEXTS}
    kept |= {name: tuple(line for line in getattr(plan, name) if is_fresh(line)) for name in _LISTS}
    kept |= {name: "\n\n".join(filter(is_fresh, getattr(plan, name).split("\n\n"))) for name in _PROSE}
    return replace(plan, **kept)


def _days_of(plan: Plan) -> re.Pattern[str] | None:
    """The days of a hearing as people write them, with or without the year."""
    ends = [p.ends_at for p in plan.phases] + ([plan.closes_at] if plan.closes_at else [])
    starts = [p.starts_at for p in plan.phases] + ([plan.opens_at] if plan.opens_at else [])
    days = {dates.last_day(at) for at in ends} | {dates.in_bangkok(at).date() for at in starts}
    return _any_of(days | ({plan.answer_by} if plan.answer_by else set()))


def _any_of(days: Iterable[date]) -> re.Pattern[str] | None:
    said = {re.escape(name) for day in days for name in dates.day_names(day)}
    return re.compile(rf"(?<!\d)(?:{'|'.join(sorted(said))})") if said else None
