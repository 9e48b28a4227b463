"""What the desk lists, and the table of who may do what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.admin.setup.queries import topics_by_consultation
from forum.admin.setup.tasks import lacking, stands
from forum.core.agencies.models import Agency
from forum.core.agencies.queries import where_officer
from forum.core.answers import queries as answers
from forum.core.consultations import queries, sign_offs
from forum.core.consultations.forms import Plan
from forum.core.consultations.lists import of_desk
from forum.core.consultations.models import Consultation, SignOff
from forum.core.consultations.queries import Brief
from forum.kernel import clock, feature
from forum.kernel.paging import Page
from forum.kernel.rules import Actor

STATES = ("draft", "announced", "open", "considering", "answered")
"""What the desk's list may be narrowed to."""


@dataclass(frozen=True)
class Step:
    """What a consultation needs next: a word for it, the page where it is done, and what the sentence counts."""

    kind: str
    path: str
    n: int = 0
    when: datetime | None = None
    day: date | None = None


@dataclass(frozen=True)
class DeskRow:
    """A consultation on the desk, and what it needs next."""

    brief: Brief
    step: Step


@dataclass(frozen=True)
class Asked:
    """What a colleague asks the reader to agree to."""

    act: str
    slug: str
    title: str
    at: datetime

    @property
    def just_now(self) -> bool:
        """Whether no minute has passed since."""
        return clock.now() - self.at < timedelta(minutes=1)


@dataclass(frozen=True)
class Desk:
    """What an officer sees first: where they work, what waits for them, and what is there."""

    agencies: Sequence[Agency]
    asked: Sequence[Asked]
    answers: Sequence[Any]
    page: Page[DeskRow]


def desk(tx: Session, actor: Actor, after: str | None, agency: str = "", which: str = "") -> Desk:
    """The agencies an actor works in and a page of their consultations, in nine statements whatever there is.

    `agency` and `which` narrow the list; one that is neither theirs nor known narrows nothing.
    """
    agencies = where_officer(tx, actor)
    ids = [a.id for a in agencies]
    listed = [a.id for a in agencies if a.slug == agency] or ids
    page = of_desk(tx, listed, which if which in STATES else "", after)
    lacks = _lacking(tx, [b.id for b in page.rows if b.state == "draft"])
    live = sign_offs.live_of(tx, [b.id for b in page.rows])
    rows = [DeskRow(b, step_of(b, lacks.get(b.id, 0), live.get(b.id))) for b in page.rows]
    asked = [Asked(a.act, slug, title, a.asked_at) for a, slug, title in sign_offs.waiting_for(tx, actor, ids)]
    return Desk(agencies, asked, answers.waiting_for(tx, actor, ids), Page(rows, page.next))


def _lacking(tx: Session, draft_ids: Sequence[int]) -> dict[int, int]:
    phases = queries.phases_by_consultation(tx, draft_ids)
    activities = queries.activities_by_consultation(tx, draft_ids)
    topics = topics_by_consultation(tx, draft_ids)
    counted = {}
    for row in tx.execute(select(Consultation).where(Consultation.id.in_(draft_ids))).scalars():
        said = {name: getattr(row, name) for name in Plan.__dataclass_fields__ if hasattr(row, name)}
        said |= {"phases": phases.get(row.id), "activities": activities.get(row.id)}
        counted[row.id] = len(lacking(stands(said, topics=topics.get(row.id, 0), copied=row.copied)))
    return counted


def step_of(c: Brief, lacks: int, asked: SignOff | None) -> Step:
    """What a consultation needs next, and where."""
    path = f"/desk/{c.slug}"
    if c.state == "draft" and lacks:
        return Step("lacks", path, n=lacks)
    if c.status in ("considering", "overdue", "answered", "closed"):
        return _after_closing(c, path)
    if asked is not None and asked.state in ("waiting", "returned") and asked.version == c.version:
        kind = "returned" if asked.state == "returned" else f"waits_{asked.act}"
        return Step(kind, f"{path}/approve", when=c.opens_at)
    if c.state == "draft":
        return Step("ready", f"{path}/open")
    if c.state == "announced":
        return _announced(c, path, asked)
    return Step("open", path, n=c.days_left or 0) if c.is_open else Step("opens", path, when=c.opens_at)


def _announced(c: Brief, path: str, asked: SignOff | None) -> Step:
    agreed = asked is not None and asked.state == "approved" and asked.version == c.version
    return Step("agreed" if agreed else "announced", f"{path}/open", when=c.opens_at)


def _after_closing(c: Brief, path: str) -> Step:
    if c.waiting:
        kind = "late" if c.days_overdue else "unanswered"
        return Step(kind, f"{path}/answers", n=c.waiting, day=c.answer_by)
    return Step("answered" if c.received else "silent", path)


@dataclass(frozen=True)
class PermissionRow:
    """One action of the whole site: its feature, and what must hold, in the order it is asked."""

    feature: str
    action: str
    conditions: tuple[str, ...]


def permission_rows() -> list[PermissionRow]:
    """Every action of every feature, as the rules in the code have it."""
    return [
        PermissionRow(f.name, action, tuple(_sentence(predicate) for predicate in predicates))
        for f in feature.features()
        for action, predicates in f.rules.items()
    ]


def _sentence(predicate: object) -> str:
    first = (predicate.__doc__ or "").strip().splitlines()[0]
    return first.rstrip(".")


def permissions_document() -> str:
    """docs/permissions.md, made from the rules themselves."""
    rows = [f"| `{row.action}` | {row.feature} | {' · '.join(row.conditions)} |" for row in permission_rows()]
    return "\n".join([*_DOCUMENT_HEAD, *rows, ""])


_DOCUMENT_HEAD = (
    "# Who may do what",
    "",
    "Made from the rules in the code; a test holds the two equal. Every condition of an action must hold; the",
    "first that does not is the reason shown beside the control and sent to programs as `reason`. To make it",
    "anew: `.venv/bin/flask permissions > docs/permissions.md`.",
    "",
    "Roles in an agency: owner, officer, moderator, reviewer. In the site's pool: moderator, reviewer, legal,",
    "auditor, dpo, operator. No role holds another: what owners may and officers may is named each time.",
    "",
    "| action | feature | all of this holds |",
    "|---|---|---|",
)
