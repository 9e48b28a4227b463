"""What a new consultation starts from: nothing, a supplied text to fill in, or an earlier one of the same agency."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.admin.setup.stale import without_its_time
from forum.core.agencies.models import Agency
from forum.core.consultations import plans
from forum.core.consultations.forms import ActivityPlan, Plan, read
from forum.core.consultations.models import Consultation
from forum.core.consultations.rules import RULES
from forum.kernel import clock, dates, feature
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, require

_FILE = Path(__file__).with_name("starts.json")
_MOST_EARLIER = 30


@dataclass(frozen=True)
class Start:
    """A supplied text: what it is called, and what it is for."""

    key: str
    title: str
    note: str


@dataclass(frozen=True)
class Earlier:
    """A consultation that a new one may be copied from."""

    slug: str
    title: str
    agency_slug: str


def supplied() -> list[Start]:
    """The texts to start from, in their order."""
    return [Start(row["key"], row["title"], row["note"]) for row in _rows().values()]


def earlier(tx: Session, agencies: Sequence[Agency]) -> list[Earlier]:
    """The latest consultations of these agencies."""
    wanted = (
        select(Consultation.slug, Consultation.title, Agency.slug.label("agency_slug"))
        .join(Agency, Agency.id == Consultation.agency_id)
        .where(Consultation.agency_id.in_([a.id for a in agencies]))
        .order_by(Consultation.id.desc())
        .limit(_MOST_EARLIER)
    )
    return [Earlier(*row) for row in tx.execute(wanted)]


def plan_of(tx: Session, actor: Actor, agency_slug: str, title: str, start: str) -> Plan:
    """The plan of a new draft; raises `Invalid` for a title that will not do and a start that is not there."""
    phrases = title.split("|")
    named = {"title": "".join(phrases), "title_phrases": phrases if len(phrases) > 1 else []}
    kind, _, name = start.partition(":")
    if kind == "copy":
        onto = _copied(tx, actor, agency_slug, name)
    elif kind == "text" and name in _rows():
        onto = _filled(_rows()[name])
    elif start:
        raise Invalid({"start": T("เลือกว่าจะเริ่มจากอะไร")})
    else:
        onto = Plan(activities=_first_way())
    return read(named, onto)


def copied(plan: Plan, start: str) -> list[str]:
    """The fields of such a plan that its officer has not written: all but its question, unless it began empty."""
    return [name for name, said in vars(plan).items() if said and name not in _OWN] if start else []


_OWN = ("title", "title_phrases", "slug")


def _copied(tx: Session, actor: Actor, agency_slug: str, slug: str) -> Plan:
    """An earlier consultation without what was its own: address, dates and what speaks of them, where it was
    announced, and whom it named.
    """
    row = tx.execute(
        select(Consultation).join(Agency).where(Consultation.slug == slug, Agency.slug == agency_slug)
    ).scalar_one_or_none()
    if row is None:
        raise Invalid({"start": T("คัดลอกได้เฉพาะเรื่องของหน่วยงานเดียวกัน")})
    require(RULES, "consultation.change", actor, row)
    found = without_its_time(plans.plan_of(tx, row))
    undated = replace(found, opens_at=None, closes_at=None, answer_by=None, phases=())
    # A person agreed to be named there, not here.
    contact = {part: said for part, said in found.contact.items() if part != "name"}
    return replace(undated, slug="", announcements=(), contact=contact)


def _filled(row: Mapping[str, Any]) -> Plan:
    """A supplied text as a plan; its days are counted from today, to be changed."""
    said = dict(row["says"])
    opens = dates.start_of_day(_day(row["opens_in"]))
    closes = dates.end_of_day(_day(row["opens_in"] + row["runs"] - 1))
    answer_by = _day(row["opens_in"] + row["runs"] + row["answers_in"])
    said |= {"opens_at": opens, "closes_at": closes, "answer_by": answer_by}
    keys = [activity["key"] for activity in said["activities"]]
    said["phases"] = [
        {"title": row["taking_part"], "starts_at": opens, "ends_at": closes, "activities": keys},
        {"title": row["afterwards"], "starts_at": closes, "ends_at": dates.end_of_day(answer_by), "activities": []},
    ]
    return read({"title": row["title"], **said}, Plan())


def _day(days: int) -> Any:
    return dates.in_bangkok(clock.now()).date() + timedelta(days=days)


def _first_way() -> tuple[ActivityPlan, ...]:
    return tuple(ActivityPlan(m.kind, str(m.label), m.kind) for m in feature.methods()[:1])


@cache
def _rows() -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in json.loads(_FILE.read_text(encoding="utf-8"))}
