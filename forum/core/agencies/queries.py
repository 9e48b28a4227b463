"""Reading agencies and who works for them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from forum.core.agencies.models import Agency, Invitation, MemberChange, Membership
from forum.kernel import clock, i18n
from forum.kernel.db import rows
from forum.kernel.errors import NotFound
from forum.kernel.rules import Actor

_ROLES = select(Membership.agency_id, Membership.role).where(Membership.user_id == bindparam("user_id"))


def roles_of(tx: Session, user_id: int) -> frozenset[tuple[int | None, str]]:
    """A person's roles as (agency id or None for the site's pool, role)."""
    return frozenset((agency_id, role) for agency_id, role in rows(tx, _ROLES, {"user_id": user_id}))


def find(tx: Session, slug: str) -> Agency | None:
    """The agency of this slug, if there is one."""
    return tx.execute(select(Agency).where(Agency.slug == slug)).scalar_one_or_none()


def by_slug(tx: Session, slug: str) -> Agency:
    """The agency of this slug; raises `NotFound`."""
    agency = find(tx, slug)
    if agency is None:
        raise NotFound
    return agency


def where_officer(tx: Session, actor: Actor) -> Sequence[Agency]:
    """The agencies this actor works in as owner or officer, by name."""
    ids = {scope for scope, role in actor.roles if scope is not None and role in ("owner", "officer")}
    return tx.execute(select(Agency).where(Agency.id.in_(ids)).order_by(Agency.name_th, Agency.id)).scalars().all()


def name_of(name_th: str, name_en: str) -> str:
    """An agency's name in the reader's language."""
    return name_en if i18n.language() == "en" and name_en else name_th


def memberships_of(tx: Session, user_id: int) -> list[dict[str, Any]]:
    """What a person's export says of their work here."""
    rows = tx.execute(
        select(Agency.slug, Membership.role, Membership.since)
        .outerjoin(Agency, Agency.id == Membership.agency_id)
        .where(Membership.user_id == user_id)
        .order_by(Membership.id)
    )
    return [{"agency": row.slug, "role": row.role, "since": clock.iso(row.since)} for row in rows]


def invitations_of(tx: Session, user_id: int) -> list[dict[str, Any]]:
    """What a person's export says of invitations they made or used."""
    found = select(Agency.slug, Invitation).join(Agency, Agency.id == Invitation.agency_id)
    theirs = found.where(or_(Invitation.by_id == user_id, Invitation.user_id == user_id)).order_by(Invitation.id)
    return [
        {
            "agency": slug,
            "role": row.role,
            "made_by_me": row.by_id == user_id,
            "made_at": clock.iso(row.made_at),
            "used_at": clock.iso(row.used_at) if row.used_at else None,
        }
        for slug, row in tx.execute(theirs)
    ]


def changes_about(tx: Session, user_id: int) -> list[dict[str, Any]]:
    """What a person's export says of changes of their role, and of those they made."""
    found = select(Agency.slug, MemberChange).join(Agency, Agency.id == MemberChange.agency_id)
    theirs = found.where(or_(MemberChange.by_id == user_id, MemberChange.user_id == user_id))
    return [
        {
            "agency": slug,
            "mine": row.user_id == user_id,
            "from": row.old_role,
            "to": row.new_role,
            "reason": row.reason,
            "at": clock.iso(row.at),
        }
        for slug, row in tx.execute(theirs.order_by(MemberChange.id))
    ]
