"""Changing who does what in an agency, with a reason; an agency never loses its last owner."""

from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.core.agencies.forms import ChangeForm
from forum.core.agencies.models import Agency, MemberChange, Membership
from forum.core.agencies.queries import roles_of
from forum.core.agencies.rules import RULES
from forum.core.agencies.service import add_member, remove_member
from forum.core.agencies.team import Member, member
from forum.kernel import clock
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, require

_LAST_OWNER = T("หน่วยงานต้องมีหัวหน้าทีมอย่างน้อยหนึ่งคน ชวนหรือตั้งหัวหน้าทีมอีกคนก่อน")


def change_member(tx: Session, actor: Actor, agency: Agency, public_id: str, role: str, form: ChangeForm) -> Member:
    """Gives somebody another role in place of this one, or takes them out; for owners as of this moment."""
    lock(tx, agency.id)
    require(RULES, "member.change", as_of_now(tx, actor), agency)
    held = member(tx, agency, public_id, role)
    if form.to is not None and (agency.id, form.to) in roles_of(tx, held.user_id):
        raise Invalid({"to": T("คนนี้ทำหน้าที่นี้อยู่แล้ว")})
    if role == "owner" and _owners(tx, agency.id) < 2:
        raise Invalid({"to": _LAST_OWNER})
    remove_member(tx, agency, held.user_id, role)
    if form.to is not None:
        add_member(tx, agency, held.user_id, form.to)
    note_change(tx, agency.id, held.user_id, (role, form.to), form.reason, actor.user_id)
    return held


def note_change(
    tx: Session, agency_id: int, user_id: int, roles: tuple[str | None, str | None], reason: str, by_id: int | None
) -> None:
    """Writes down whose role was changed from what to what, why and by whom."""
    old, new = roles
    row = MemberChange(agency_id=agency_id, user_id=user_id, old_role=old, new_role=new, reason=reason, by_id=by_id)
    row.at = clock.now()
    tx.add(row)
    tx.flush()


def lock(tx: Session, agency_id: int) -> Agency:
    """Holds an agency until the transaction ends: its members and invitations change one after the other."""
    found = select(Agency).where(Agency.id == agency_id).with_for_update()
    return tx.execute(found.execution_options(populate_existing=True)).scalar_one()


def as_of_now(tx: Session, actor: Actor) -> Actor:
    """The actor with the roles of this moment; those they came with may have been taken while they waited."""
    return actor if actor.user_id is None else replace(actor, roles=roles_of(tx, actor.user_id))


def _owners(tx: Session, agency_id: int) -> int:
    held = select(func.count()).where(Membership.agency_id == agency_id, Membership.role == "owner")
    return tx.execute(held).scalar_one()
