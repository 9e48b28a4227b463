"""Reading a consultation: one row with its agency, as the pages of its activities need it, or all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from forum.core.agencies.models import Agency
from forum.core.agencies.queries import name_of
from forum.core.consultations import compute, tallies
from forum.core.consultations.models import Activity, Change, Consultation, Phase
from forum.core.consultations.rules import RULES
from forum.kernel import clock, dates, feature
from forum.kernel.errors import NotFound
from forum.kernel.events import Stream
from forum.kernel.rules import Actor, why_not
from forum.kernel.thai import fold_digits


@dataclass(frozen=True)
class Brief:
    """What a list row, and a page of one of its activities, needs to know of a consultation; from one row."""

    id: int
    slug: str
    state: str
    title: str
    title_phrases: list[str]
    summary: str
    area: str
    contact: dict[str, Any]
    answer_by: date | None
    opens_at: datetime | None
    closes_at: datetime | None
    demo: bool
    version: int
    agency_id: int
    agency_slug: str
    agency_name_th: str
    agency_name_en: str
    agency_phone: str
    guests: bool
    stream_id: int
    seq: int
    received: int
    waiting: int
    now: datetime

    @cached_property
    def status(self) -> str:
        """draft, announced, open, soon, considering, overdue, answered or closed, at the moment it was read."""
        when = (self.opens_at, self.closes_at, self.answer_by, self.now)
        return compute.status(self.state, *when, self.received, self.waiting)

    @property
    def drawing(self) -> str:
        """Which drawing stands beside it where it is shown large."""
        return compute.drawing(self.title)

    @property
    def is_open(self) -> bool:
        """Whether people may take part now."""
        return compute.is_open(self.status)

    @property
    def days_left(self) -> int | None:
        """Nights until the last day; 0 on it, None when over."""
        return dates.days_left(self.closes_at, self.now) if self.closes_at else None

    @property
    def today(self) -> date:
        """The day in Bangkok on which it was read."""
        return dates.in_bangkok(self.now).date()

    @property
    def answer_days_left(self) -> int | None:
        """How many days are left to answer, below 0 when it is overdue; None where no day was named."""
        return (self.answer_by - self.today).days if self.answer_by else None

    @property
    def days_overdue(self) -> int:
        """How many days ago the answer was due."""
        return compute.days_overdue(self.answer_by, self.now)

    @property
    def last_day(self) -> date | None:
        """The last day to take part, where that is the whole day; else None, and the hour must be told."""
        at_midnight = self.closes_at is not None and compute.ends_with_day(self.closes_at)
        return dates.last_day(self.closes_at) if self.closes_at and at_midnight else None

    @property
    def agency_name(self) -> str:
        """Who asks, in the reader's language."""
        return name_of(self.agency_name_th, self.agency_name_en)

    @property
    def phone(self) -> str:
        """The number to call about it: the named contact's, else the agency's."""
        return self.contact.get("phone") or self.agency_phone

    @property
    def path(self) -> str:
        """Its page."""
        return f"/c/{self.slug}"

    @property
    def url_of_card(self) -> str:
        """Its picture for shared links; the version makes every change a new picture."""
        return f"{self.path}/card.png?v={self.version}"


@dataclass(frozen=True)
class Full:
    """Everything a consultation's own page shows."""

    brief: Brief
    row: Consultation
    phases: Sequence[Phase]
    activities: Sequence[Activity]

    @property
    def open_keys(self) -> frozenset[str]:
        """The activities people may take part in now."""
        return compute.open_keys(self.brief.status, self.phases, self.brief.now)


@dataclass(frozen=True)
class ActivityNow:
    """One activity at this moment, with its consultation: what a post in it must ask first."""

    id: int
    key: str
    kind: str
    title: str
    settings: dict[str, Any]
    consultation: Brief
    is_open: bool
    opens_next: datetime | None

    @property
    def slug(self) -> str:
        """The slug of its consultation; methods make their pages' addresses of it."""
        return self.consultation.slug


def select_briefs() -> Select[Any]:
    """The statement every `Brief` comes from, without a condition."""
    c = Consultation
    own = (
        c.id,
        c.slug,
        c.state,
        c.title,
        c.title_phrases,
        c.summary,
        c.area,
        c.contact,
        c.answer_by,
        c.opens_at,
        c.closes_at,
        c.demo,
        c.version,
        c.agency_id,
        c.stream_id,
    )
    agency = (
        Agency.slug.label("agency_slug"),
        Agency.name_th.label("agency_name_th"),
        Agency.name_en.label("agency_name_en"),
        Agency.phone.label("agency_phone"),
        Agency.guests,
    )
    heard = (tallies.received().label("received"), tallies.waiting().label("waiting"))
    joined = select(*own, *agency, Stream.seq, *heard)
    return joined.join(Agency, Agency.id == c.agency_id).join(Stream, Stream.id == c.stream_id)


def brief_of(row: Row[Any], now: datetime) -> Brief:
    """One row of `select_briefs` at a moment."""
    return Brief(**{name: row._mapping[name] for name in Brief.__dataclass_fields__ if name != "now"}, now=now)


def brief(tx: Session, consultation_id: int) -> Brief:
    """The consultation in one row; raises `NotFound`."""
    row = tx.execute(select_briefs().where(Consultation.id == consultation_id)).first()
    if row is None:
        raise NotFound
    return brief_of(row, clock.now())


def briefs(tx: Session, ids: Sequence[int]) -> dict[int, Brief]:
    """Several consultations by id, in one statement."""
    now = clock.now()
    return {row.id: brief_of(row, now) for row in tx.execute(select_briefs().where(Consultation.id.in_(ids)))}


def brief_by_slug(tx: Session, slug: str, actor: Actor) -> Brief:
    """The consultation of this slug in one row; raises `NotFound`, also for a draft the actor may not see."""
    return _seen(tx, select_briefs().where(Consultation.slug == slug), actor)


def brief_by_code(tx: Session, code: str, actor: Actor) -> Brief:
    """The consultation of this short address, as somebody typed it; raises `NotFound` as `brief_by_slug` does."""
    return _seen(tx, select_briefs().where(Consultation.short == fold_digits(code).lower()), actor)


def _seen(tx: Session, wanted: Select[Any], actor: Actor) -> Brief:
    row = tx.execute(wanted).first()
    if row is None:
        raise NotFound
    found = brief_of(row, clock.now())
    if why_not(RULES, "consultation.see", actor, found):
        raise NotFound
    return found


def by_slug(tx: Session, slug: str, actor: Actor) -> Full:
    """All of a consultation, in four statements; raises `NotFound` as `brief_by_slug` does."""
    return full(tx, brief_by_slug(tx, slug, actor))


def full(tx: Session, found: Brief) -> Full:
    """The rest of a consultation of which one row was read."""
    row = tx.execute(select(Consultation).where(Consultation.id == found.id)).scalar_one()
    return Full(found, row, phases_of(tx, found.id), activities_of(tx, found.id))


def phases_of(tx: Session, consultation_id: int) -> Sequence[Phase]:
    """A consultation's phases in their order."""
    wanted = select(Phase).where(Phase.consultation_id == consultation_id).order_by(Phase.position, Phase.id)
    return tx.execute(wanted).scalars().all()


def activities_of(tx: Session, consultation_id: int) -> Sequence[Activity]:
    """A consultation's activities in their order."""
    wanted = select(Activity).where(Activity.consultation_id == consultation_id)
    return tx.execute(wanted.order_by(Activity.position, Activity.id)).scalars().all()


def activities_by_consultation(tx: Session, ids: Sequence[int]) -> dict[int, list[Activity]]:
    """The activities of several consultations, in one statement."""
    wanted = select(Activity).where(Activity.consultation_id.in_(ids)).order_by(Activity.position, Activity.id)
    found: dict[int, list[Activity]] = {}
    for activity in tx.execute(wanted).scalars():
        found.setdefault(activity.consultation_id, []).append(activity)
    return found


def phases_by_consultation(tx: Session, ids: Sequence[int]) -> dict[int, list[Phase]]:
    """The phases of several consultations, in one statement."""
    wanted = select(Phase).where(Phase.consultation_id.in_(ids)).order_by(Phase.position, Phase.id)
    found: dict[int, list[Phase]] = {}
    for phase in tx.execute(wanted).scalars():
        found.setdefault(phase.consultation_id, []).append(phase)
    return found


def open_activity(tx: Session, activity_id: int, now: datetime) -> ActivityNow:
    """An activity and whether it is open at this moment, in three statements; raises `NotFound`."""
    activity = tx.get(Activity, activity_id)
    if activity is None:
        raise NotFound
    row = tx.execute(select_briefs().where(Consultation.id == activity.consultation_id)).one()
    return activity_at(activity, brief_of(row, now), phases_of(tx, activity.consultation_id))


def activity_at(activity: Activity, at: Brief, phases: Sequence[Phase]) -> ActivityNow:
    """The activity as it stands when its consultation was read."""
    return ActivityNow(
        id=activity.id,
        key=activity.key,
        kind=activity.kind,
        title=activity.title,
        settings=activity.settings,
        consultation=at,
        is_open=activity.key in compute.open_keys(at.status, phases, at.now),
        opens_next=compute.opens_next(activity.key, phases, at.now),
    )


def summaries(tx: Session, activities: Sequence[Activity]) -> dict[int, Mapping[str, Any]]:
    """What each built method says of its activities, one call a method."""
    said: dict[int, Mapping[str, Any]] = {}
    for method in feature.methods():
        ids = [a.id for a in activities if a.kind == method.kind]
        if ids:
            said.update(method.summary(tx, ids))
    return said


def changes_of(tx: Session, consultation_id: int, limit: int = 50) -> Sequence[Change]:
    """The latest public changes, newest first."""
    wanted = select(Change).where(Change.consultation_id == consultation_id).order_by(Change.id.desc()).limit(limit)
    return tx.execute(wanted).scalars().all()
