"""The ways to take part in a consultation, as pages offer and lists name them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from forum.core.consultations import queries
from forum.core.consultations.models import Activity, Phase
from forum.core.consultations.queries import ActivityNow, Brief, Full
from forum.kernel import feature
from forum.kernel.i18n import Text

_ICONS = {"discussion": "chat", "survey": "form", "map": "pin"}


@dataclass(frozen=True)
class Way:
    """One way to take part, as a page offers it; `path` is empty in lists, which only name it."""

    label: Text
    title: str
    icon: str
    said: Mapping[str, Any]
    is_open: bool
    opens_next: datetime | None
    path: str = ""


@dataclass(frozen=True)
class ListRow:
    """A consultation in a list, with what one can do in it now."""

    brief: Brief
    ways: Sequence[Way]


def rows_by_id(tx: Session, briefs: Sequence[Brief]) -> dict[int, ListRow]:
    """Consultations with their ways to take part, by id."""
    ids = [b.id for b in briefs]
    activities = queries.activities_by_consultation(tx, ids)
    phases = queries.phases_by_consultation(tx, ids)
    said = queries.summaries(tx, [a for found in activities.values() for a in found])
    return {b.id: ListRow(b, _named_ways(activities.get(b.id, ()), b, phases.get(b.id, ()), said)) for b in briefs}


def _named_ways(
    activities: Sequence[Activity],
    brief: Brief,
    phases: Sequence[Phase],
    said: Mapping[int, Mapping[str, Any]],
) -> list[Way]:
    return [_way(queries.activity_at(a, brief, phases), said) for a in built(activities)]


def built(activities: Sequence[Activity]) -> list[Activity]:
    """Only the activities whose method this site has."""
    return [a for a in activities if feature.method(a.kind)]


def ways_of(tx: Session, found: Full) -> list[Way]:
    """The ways to take part in a consultation, open ones first, each with the page it leads to."""
    said = queries.summaries(tx, found.activities)
    ways = []
    for activity in built(found.activities):
        method = feature.method(activity.kind)
        now = queries.activity_at(activity, found.brief, found.phases)
        # A method may name a nearer page than its list, such as the only thing in it.
        path = said.get(activity.id, {}).get("path") or (method.path(tx, now) if method else "")
        ways.append(_way(now, said, path))
    return sorted(ways, key=lambda way: not way.is_open)


def _way(now: ActivityNow, said: Mapping[int, Mapping[str, Any]], path: str = "") -> Way:
    method = feature.method(now.kind)
    return Way(
        label=method.label if method else Text(now.kind),
        title=now.title,
        icon=_ICONS.get(now.kind, "chat"),
        said=said.get(now.id, {}),
        is_open=now.is_open,
        opens_next=now.opens_next,
        path=path,
    )
