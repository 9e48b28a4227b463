"""What the desk lists, and the table of who may do what."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.agencies.models import Agency
from forum.core.agencies.queries import where_officer
from forum.core.consultations import compute, queries
from forum.core.consultations.lists import drafts_and_all
from forum.core.consultations.models import Consultation
from forum.core.consultations.queries import Brief
from forum.core.consultations.reading import NAMES
from forum.kernel import feature
from forum.kernel.i18n import Text
from forum.kernel.paging import Page
from forum.kernel.rules import Actor


@dataclass(frozen=True)
class DeskRow:
    """A consultation on the desk, and what it still lacks before it may open."""

    brief: Brief
    missing: Sequence[Text]


@dataclass(frozen=True)
class Desk:
    """What an officer sees first: where they work, and what is there."""

    agencies: Sequence[Agency]
    page: Page[DeskRow]


def desk(tx: Session, actor: Actor, after: str | None) -> Desk:
    """The agencies an actor works in and a page of their consultations, in five statements."""
    agencies = where_officer(tx, actor)
    page = drafts_and_all(tx, [a.id for a in agencies], after)
    missing = _missing(tx, [b.id for b in page.rows if b.status == "draft"])
    return Desk(agencies, Page([DeskRow(b, missing.get(b.id, ())) for b in page.rows], page.next))


def _missing(tx: Session, draft_ids: Sequence[int]) -> dict[int, list[Text]]:
    phases = queries.phases_by_consultation(tx, draft_ids)
    activities = queries.activities_by_consultation(tx, draft_ids)
    rows = tx.execute(select(Consultation).where(Consultation.id.in_(draft_ids))).scalars()
    lacking = {}
    for row in rows:
        said = {name: getattr(row, name, None) for name in compute.REQUIRED}
        said |= {"agency": True, "phases": phases.get(row.id), "activities": activities.get(row.id)}
        lacking[row.id] = [NAMES[name] for name in compute.missing_fields(said)]
    return lacking


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
