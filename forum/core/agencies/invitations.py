"""Inviting people into an agency: by a link in a letter, or by a code on paper. Either opens once, for seven days."""

from datetime import timedelta

from sqlalchemy import not_, select, update
from sqlalchemy.orm import Session

from forum.core.agencies.forms import InviteForm
from forum.core.agencies.members import as_of_now, lock, note_change
from forum.core.agencies.models import Agency, Invitation
from forum.core.agencies.queries import roles_of
from forum.core.agencies.rules import RULES
from forum.core.agencies.service import add_member
from forum.core.agencies.team import is_open
from forum.kernel import clock, ids, keys, mail
from forum.kernel.db import transaction
from forum.kernel.errors import Conflict, Gone, Invalid, NotFound
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, require

LIFETIME = timedelta(days=7)

_ID_LENGTH = len(ids.public_id())
_SEAL_LENGTH = 40
_OVER = T("คำเชิญนี้ใช้ไปแล้ว หมดเวลา หรือถูกยกเลิก")
_HERE_ALREADY = T("คุณอยู่ในหน่วยงานนี้อยู่แล้ว คำเชิญจึงยังไม่ถูกใช้ ถ้าจะเปลี่ยนหน้าที่ ขอให้หัวหน้าทีมเปลี่ยนให้")


def invite(tx: Session, actor: Actor, agency: Agency, form: InviteForm) -> tuple[Invitation, str]:
    """A new invitation with the symbols of its code, or none where a letter is queued instead."""
    lock(tx, agency.id)
    require(RULES, "member.invite", as_of_now(tx, actor), agency)
    if form.email is not None and _is_invited(tx, agency.id, form.email):
        raise Invalid({"email": T("ส่งคำเชิญถึงอีเมลนี้ไว้แล้วและยังใช้ได้ จะส่งใหม่ให้ยกเลิกอันเดิมก่อน")})
    code, now = "" if form.email else ids.one_time_symbols(), clock.now()
    row = Invitation(
        public_id=ids.public_id(),
        agency_id=agency.id,
        role=form.role,
        email=form.email,
        code_digest=_digest(code) if code else None,
        made_at=now,
        by_id=actor.user_id,
        expires_at=now + LIFETIME,
    )
    tx.add(row)
    tx.flush()
    if form.email is not None:
        mail.queue(tx, "invitation", None, invitation_id=row.id)
    return row, code


def withdraw(tx: Session, actor: Actor, agency: Agency, public_id: str) -> None:
    """Takes an invitation back; one that somebody has used already raises `Conflict`."""
    lock(tx, agency.id)
    require(RULES, "member.invite", as_of_now(tx, actor), agency)
    row = _by_public_id(tx, public_id)
    if row.agency_id != agency.id:
        raise NotFound
    if row.used_at is not None:
        raise Conflict(T("ยกเลิกไม่ทัน มีคนรับคำเชิญนี้ไปแล้ว"))
    row.withdrawn_at, row.email = row.withdrawn_at or clock.now(), None
    tx.flush()


def printed(tx: Session, agency: Agency, public_id: str) -> Invitation:
    """The open invitation by a printed code; raises `NotFound`, and `Conflict` for one that is over."""
    row = _by_public_id(tx, public_id)
    if row.agency_id != agency.id or row.code_digest is None:
        raise NotFound
    if not _opens(tx, row):
        raise Conflict(_OVER)
    return row


def renew(tx: Session, actor: Actor, agency: Agency, public_id: str) -> tuple[Invitation, str]:
    """Another printed code in place of an open one, which ends; raises as `printed` does."""
    lock(tx, agency.id)
    role = printed(tx, agency, public_id).role
    withdraw(tx, actor, agency, public_id)
    return invite(tx, actor, agency, InviteForm(role, None))


def accept(tx: Session, actor: Actor, token: str) -> tuple[Agency, str]:
    """Lets whoever holds an invitation into its agency, once; the same person asking again gets the same answer.

    Raises `NotFound` for no invitation, `Gone` for one that is over, `Conflict` for who works there already.
    """
    require(RULES, "member.join", actor)
    agency = lock(tx, by_token(tx, token).agency_id)
    row, user_id = by_token(tx, token), actor.user_id or 0
    here = {role for scope, role in roles_of(tx, user_id) if scope == agency.id}
    if row.user_id == user_id and row.role in here:
        return agency, row.role
    if not _opens(tx, row):
        raise Gone(_OVER)
    if here:
        raise Conflict(_HERE_ALREADY)
    row.used_at, row.user_id, row.email = clock.now(), user_id, None
    add_member(tx, agency, user_id, row.role)
    note_change(tx, agency.id, user_id, (None, row.role), "", row.by_id)
    return agency, row.role


def look(tx: Session, token: str) -> tuple[Invitation, Agency]:
    """The open invitation behind a link, and its agency; raises `NotFound` or `Gone`. Nothing is used up."""
    row = by_token(tx, token)
    if not _opens(tx, row):
        raise Gone(_OVER)
    return row, tx.get_one(Agency, row.agency_id)


def token_of(row: Invitation) -> str:
    """What the link of an invitation carries: its id under a seal that only this site can make."""
    return row.public_id + keys.keyed("invitation", row.public_id)[:_SEAL_LENGTH]


def by_token(tx: Session, token: str) -> Invitation:
    """The invitation behind a link, open or over; raises `NotFound`."""
    public_id, seal = token[:_ID_LENGTH], token[_ID_LENGTH:]
    if not ids.is_public_id(public_id) or not keys.same(keys.keyed("invitation", public_id)[:_SEAL_LENGTH], seal):
        raise NotFound
    return _by_public_id(tx, public_id)


def by_code(tx: Session, typed: str) -> Invitation:
    """The open invitation of a printed code; raises `NotFound` for every other alike."""
    symbols = ids.read_one_time(typed)
    found = select(Invitation).where(Invitation.code_digest == _digest(symbols or ""), is_open())
    row = tx.execute(found).scalar_one_or_none() if symbols else None
    if row is None:
        raise NotFound
    return row


def forget_addresses() -> None:
    """Forgets where letters went whose invitations are over; the rest of the row tells who let whom in."""
    with transaction() as tx:
        tx.execute(update(Invitation).where(Invitation.email.is_not(None), not_(is_open())).values(email=None))


def _digest(symbols: str) -> str:
    return keys.keyed("one-time code", symbols)


def _opens(tx: Session, row: Invitation) -> bool:
    return tx.execute(select(Invitation.id).where(Invitation.id == row.id, is_open())).first() is not None


def _is_invited(tx: Session, agency_id: int, email: str) -> bool:
    same = select(Invitation.id).where(Invitation.agency_id == agency_id, Invitation.email == email, is_open())
    return tx.execute(same).first() is not None


def _by_public_id(tx: Session, public_id: str) -> Invitation:
    found = select(Invitation).where(Invitation.public_id == public_id)
    row = tx.execute(found.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row
