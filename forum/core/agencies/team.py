"""Who works in an agency, who is invited, and what changed: as its owners read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from forum.core.accounts.models import User
from forum.core.agencies.models import Agency, Invitation, MemberChange, Membership
from forum.core.agencies.rules import AGENCY_ROLES
from forum.kernel import clock
from forum.kernel.errors import NotFound
from forum.kernel.paging import Page, cursor, read_cursor

_CHANGES_A_PAGE = 30


@dataclass(frozen=True)
class Member:
    """Somebody with one role in an agency; their address is nobody's business."""

    public_id: str
    user_id: int
    name: str | None
    role: str
    since: datetime


@dataclass(frozen=True)
class Invited:
    """An invitation that is still open; `email` is None where it is a printed code."""

    public_id: str
    role: str
    email: str | None
    by: str | None
    expires_at: datetime


@dataclass(frozen=True)
class Changed:
    """One change of somebody's role; names are None where the account is gone."""

    name: str | None
    old_role: str | None
    new_role: str | None
    reason: str
    at: datetime
    by: str | None


@dataclass(frozen=True)
class Team:
    """All that an owner sees of who works in their agency."""

    members: Sequence[Member]
    invited: Sequence[Invited]
    changes: Page[Changed]


def team(tx: Session, agency: Agency, after: str | None) -> Team:
    """The members of an agency, its open invitations and a page of changes, newest first; in three statements."""
    return Team(_members(tx, agency.id), _invited(tx, agency.id), _changes(tx, agency.id, after))


def member(tx: Session, agency: Agency, public_id: str, role: str) -> Member:
    """Somebody with this role in the agency; raises `NotFound`."""
    found = [m for m in _members(tx, agency.id) if (m.public_id, m.role) == (public_id, role)]
    if not found:
        raise NotFound
    return found[0]


def is_open() -> ColumnElement[bool]:
    """Whether an invitation still opens the agency: not used, not taken back, not too old."""
    unused = and_(Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
    return and_(unused, Invitation.expires_at > clock.now())


def _members(tx: Session, agency_id: int) -> list[Member]:
    columns = (User.public_id, User.id, User.name, Membership.role, Membership.since)
    found = select(*columns).join(User, User.id == Membership.user_id).where(Membership.agency_id == agency_id)
    rows = [Member(*row) for row in tx.execute(found.order_by(Membership.since, Membership.id))]
    return sorted(rows, key=lambda m: AGENCY_ROLES.index(m.role))


def _invited(tx: Session, agency_id: int) -> list[Invited]:
    columns = (Invitation.public_id, Invitation.role, Invitation.email, User.name, Invitation.expires_at)
    found = select(*columns).outerjoin(User, User.id == Invitation.by_id)
    ours = found.where(Invitation.agency_id == agency_id, is_open())
    return [Invited(*row) for row in tx.execute(ours.order_by(Invitation.id.desc()))]


def _changes(tx: Session, agency_id: int, after: str | None) -> Page[Changed]:
    by, row = aliased(User), MemberChange
    columns = (row.id, User.name, row.old_role, row.new_role, row.reason, row.at, by.name)
    found = select(*columns).outerjoin(User, User.id == row.user_id).outerjoin(by, by.id == row.by_id)
    ours = found.where(row.agency_id == agency_id)
    if after:
        ours = ours.where(row.id < read_cursor(after, (int,))[0])
    rows = tx.execute(ours.order_by(row.id.desc()).limit(_CHANGES_A_PAGE + 1)).all()
    more = cursor(rows[_CHANGES_A_PAGE - 1][0]) if len(rows) > _CHANGES_A_PAGE else None
    return Page([Changed(*kept[1:]) for kept in rows[:_CHANGES_A_PAGE]], more)
