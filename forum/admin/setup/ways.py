"""Ways to take part and the windows in which they are open, as a form shows them and as they follow the dates."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from forum.admin.setup.boxes import Errors, Form, Values, moment, moment_boxes, typed_rows
from forum.core.consultations.forms import PhasePlan, Plan
from forum.kernel import feature
from forum.kernel.i18n import T

WHOLE_TIME = T("ออกความเห็น")


def typed(form: Form) -> Values:
    """The rows as they were typed."""
    activities = typed_rows(form, "activities", ("kind", "key", "title"), (), idle=("kind", "key"))
    phases = typed_rows(form, "phases", ("title",), ("starts_at", "ends_at"))
    return {
        "activities": activities,
        "phases": [row | {"activities": form.getlist(f"{row['at']}.activities")} for row in phases],
    }


def shown(plan: Plan) -> Values:
    """A plan in the boxes; the one window of a consultation without others is not shown, it follows the dates."""
    phases = () if is_whole(plan) else plan.phases
    return {
        "activities": [{"kind": a.kind, "key": a.key, "title": a.title} for a in plan.activities],
        "phases": [
            {
                "title": p.title,
                "starts_at": moment_boxes(p.starts_at, ends=False),
                "ends_at": moment_boxes(p.ends_at, ends=True),
                "activities": list(p.activities),
            }
            for p in phases
        ],
    }


def is_whole(plan: Plan) -> bool:
    """Whether one window alone lasts from the opening to the closing with every way to take part open in it."""
    if len(plan.phases) != 1:
        return False
    one = plan.phases[0]
    keys = {a.key for a in plan.activities}
    return (one.starts_at, one.ends_at, set(one.activities)) == (plan.opens_at, plan.closes_at, keys)


def raw_of(errors: Errors, values: Values, onto: Plan) -> Values:
    """The fields as a plan is read from; without windows of its own there is the one."""
    activities = _keyed(values["activities"], onto)
    phases = [_phase(errors, f"phases.{n}", row, onto) for n, row in enumerate(values["phases"])]
    if not phases and activities and onto.opens_at and onto.closes_at:
        title = onto.phases[0].title if is_whole(onto) else str(WHOLE_TIME)
        phases = [_whole(title, onto.opens_at, onto.closes_at, [a["key"] for a in activities])]
    return {"activities": activities, "phases": phases}


def _keyed(rows: list[Values], onto: Plan) -> list[Values]:
    """Gives each new way a key of its own: its kind, with a number from the second on."""
    taken = {row["key"] for row in rows if row["key"]}
    settings = {a.key: a.settings for a in onto.activities}
    made = []
    for row in rows:
        key, count = row["key"] or row["kind"], 1
        while not row["key"] and key in taken:
            count += 1
            key = f"{row['kind']}-{count}"
        taken.add(key)
        made.append({"kind": row["kind"], "title": row["title"], "key": key, "settings": settings.get(key, {})})
    return made


def _phase(errors: Errors, at: str, row: Values, onto: Plan) -> Values:
    return {
        "title": row["title"],
        "starts_at": exact(moment(errors, f"{at}.starts_at", row["starts_at"], ends=False), onto),
        "ends_at": exact(moment(errors, f"{at}.ends_at", row["ends_at"], ends=True), onto),
        "activities": row["activities"],
    }


def exact(at: datetime | None, onto: Plan) -> datetime | None:
    """The boxes hold no seconds: a moment that stands there as it was stays as it was."""
    kept = (onto.opens_at, onto.closes_at, *(m for p in onto.phases for m in (p.starts_at, p.ends_at)))
    return next((m for m in kept if m and m.replace(second=0, microsecond=0) == at), at)


def follow(opens: datetime | None, closes: datetime | None, onto: Plan) -> list[Values] | None:
    """The windows when the dates move: what began or ended with them still does; None where nothing follows."""
    if opens is None or closes is None or not onto.activities:
        return None
    if not onto.phases:
        return [_whole(str(WHOLE_TIME), opens, closes, [a.key for a in onto.activities])]
    return [_moved(phase, opens, closes, onto) for phase in onto.phases]


def _moved(phase: PhasePlan, opens: datetime, closes: datetime, onto: Plan) -> Values:
    edges = {onto.opens_at: opens, onto.closes_at: closes}
    starts, ends = edges.get(phase.starts_at, phase.starts_at), edges.get(phase.ends_at, phase.ends_at)
    if not phase.activities and phase.starts_at == onto.closes_at:
        ends = phase.ends_at + (starts - phase.starts_at)
    return asdict(phase) | {"starts_at": starts, "ends_at": ends}


def _whole(title: str, opens: datetime, closes: datetime, keys: list[str]) -> Values:
    return {"title": title, "starts_at": opens, "ends_at": closes, "activities": keys}


def offered() -> dict[str, Any]:
    """What the page offers: the kinds of ways to take part that this site has."""
    return {"kinds": [(m.kind, m.label) for m in feature.methods()]}
