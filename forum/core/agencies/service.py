"""Writing agencies and who works for them."""

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from forum.core.accounts.service import reserve_names
from forum.core.agencies import queries
from forum.core.agencies.forms import SLUG, AgencyForm
from forum.core.agencies.models import Agency, Invitation, MemberChange, Membership
from forum.core.agencies.rules import AGENCY_ROLES, POOL_ROLES, RULES
from forum.kernel import clock, events
from forum.kernel.errors import Conflict, Invalid
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, require


def create_agency(
    tx: Session,
    slug: str,
    name_th: str,
    name_en: str,
    *,
    phone: str = "",
    address: str = "",
    about: str = "",
    guests: bool = True,
    demo: bool = False,
) -> Agency:
    """A new agency, for the operator's command and demo data; raises `Invalid` for a slug taken or unfit."""
    if not SLUG.fullmatch(slug):
        raise Invalid({"slug": T("ที่อยู่เว็บใช้ได้เฉพาะ a-z 0-9 และขีดกลาง")})
    if not name_th.strip():
        raise Invalid({"name_th": T("ต้องมีชื่อหน่วยงาน")})
    if queries.find(tx, slug):
        raise Invalid({"slug": T("ที่อยู่เว็บนี้มีผู้ใช้แล้ว")})
    agency = Agency(
        slug=slug,
        name_th=name_th,
        name_en=name_en,
        phone=phone,
        address=address,
        about=about,
        guests=guests,
        demo=demo,
        created_at=clock.now(),
    )
    tx.add(agency)
    tx.flush()
    reserve_names(tx, name_th, name_en)
    events.emit(tx, "agency.made", subject_id=agency.id)
    return agency


def add_member(tx: Session, agency: Agency | None, user_id: int, role: str) -> Membership:
    """Gives a role in an agency, or in the site's pool; twice is once. Raises `Invalid` for no such role."""
    if role not in (POOL_ROLES if agency is None else AGENCY_ROLES):
        raise Invalid({"role": T("ไม่มีหน้าที่ชื่อนี้")})
    agency_id = agency.id if agency else None
    held = tx.execute(_membership(agency_id, user_id, role)).scalar_one_or_none()
    if held:
        return held
    member = Membership(user_id=user_id, agency_id=agency_id, role=role, since=clock.now())
    tx.add(member)
    tx.flush()
    events.emit(tx, "member.added", subject_id=user_id, agency_id=agency_id, role=role)
    return member


def remove_member(tx: Session, agency: Agency | None, user_id: int, role: str) -> None:
    """Takes a role away; nothing happens when it was not held."""
    member = tx.execute(_membership(agency.id if agency else None, user_id, role)).scalar_one_or_none()
    if member is None:
        return
    tx.delete(member)
    tx.flush()
    events.emit(tx, "member.removed", subject_id=user_id, agency_id=member.agency_id, role=role)
    if role == "owner":
        _withdraw_made_by(tx, user_id, member.agency_id)


def change_agency(tx: Session, actor: Actor, agency: Agency, form: AgencyForm, version: int) -> Agency:
    """Changes what an agency says of itself and whether guests may speak; for its owners."""
    require(RULES, "agency.change", actor, agency)
    if agency.version != version:
        raise Conflict(T("มีคนแก้ข้อมูลหน่วยงานไปก่อนแล้ว"), current={"version": agency.version})
    changed = [name for name, value in vars(form).items() if getattr(agency, name) != value]
    for name in changed:
        setattr(agency, name, getattr(form, name))
    if changed:
        agency.version += 1
        reserve_names(tx, agency.name_th, agency.name_en)
        events.emit(tx, "agency.changed", subject_id=agency.id, by=actor.user_id, fields=changed)
    tx.flush()
    return agency


def forget_member(tx: Session, user_id: int) -> None:
    """Takes every role of somebody who deletes their account, and their name off what was done with them.

    Why a role was changed stays only where it was somebody else's: the reason speaks of whose it was.
    """
    tx.execute(delete(Membership).where(Membership.user_id == user_id))
    _withdraw_made_by(tx, user_id)
    for table in (Invitation, MemberChange):
        tx.execute(update(table).where(table.by_id == user_id).values(by_id=None))
    tx.execute(update(Invitation).where(Invitation.user_id == user_id).values(user_id=None))
    tx.execute(update(MemberChange).where(MemberChange.user_id == user_id).values(user_id=None, reason=""))


def _withdraw_made_by(tx: Session, user_id: int, agency_id: int | None = None) -> None:
    """Whoever is no owner any more leaves no way in behind: what they handed out opens nothing."""
    theirs = update(Invitation).where(Invitation.by_id == user_id, Invitation.used_at.is_(None))
    if agency_id is not None:
        theirs = theirs.where(Invitation.agency_id == agency_id)
    tx.execute(theirs.where(Invitation.withdrawn_at.is_(None)).values(withdrawn_at=clock.now(), email=None))


def _membership(agency_id: int | None, user_id: int, role: str) -> Select[Membership]:
    same = Membership.agency_id.is_(None) if agency_id is None else Membership.agency_id == agency_id
    return select(Membership).where(same, Membership.user_id == user_id, Membership.role == role)
