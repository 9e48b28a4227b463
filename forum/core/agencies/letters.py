"""The letter that invites somebody into an agency; its link is made while it is sent and stored nowhere."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.accounts.queries import account_at
from forum.core.accounts.service.letters import letter, url
from forum.core.agencies.invitations import token_of
from forum.core.agencies.models import Agency, Invitation
from forum.core.agencies.queries import name_of, roles_of
from forum.core.agencies.team import is_open
from forum.core.agencies.words import ROLE_NAMES
from forum.kernel import dates, i18n
from forum.kernel.i18n import T
from forum.kernel.letters import Letter
from forum.kernel.site import site


def invitation(tx: Session, _user_id: int | None, about: dict[str, Any]) -> Letter | None:
    """The link of an invitation; one that is over is not worth sending."""
    row = tx.execute(
        select(Invitation).where(Invitation.id == about.get("invitation_id"), is_open())
    ).scalar_one_or_none()
    if row is None or row.email is None:
        return None
    agency = tx.get_one(Agency, row.agency_id)
    name = name_of(agency.name_th, agency.name_en)
    if _works_there(tx, row.email, agency.id):
        return _nothing_to_do(row.email, name, agency.slug)
    return letter(
        row.email,
        T("คำเชิญจาก %(agency)s", agency=name),
        T("%(agency)s ชวนคุณมาเป็น%(role)s ที่ %(site)s", agency=name, role=ROLE_NAMES[row.role], site=site().name),
        T("เปิดลิงก์นี้ เข้าสู่ระบบหรือสมัครบัญชี แล้วกดรับคำเชิญ"),
        url(f"/join/{token_of(row)}"),
        T("ใช้ได้ครั้งเดียว ถึง %(when)s", when=dates.datetime_text(row.expires_at, i18n.language())),
        T("ถ้าคุณไม่ได้ทำงานที่นี่ ไม่ต้องทำอะไร ไม่มีอะไรเปลี่ยน และอย่าส่งลิงก์นี้ต่อ ใครเปิดก็รับคำเชิญได้"),
    )


def _works_there(tx: Session, email: str, agency_id: int) -> bool:
    known = account_at(tx, email)
    return known is not None and any(scope == agency_id for scope, _ in roles_of(tx, known.id))


def _nothing_to_do(email: str, name: str, slug: str) -> Letter:
    """Only whose address it is learns that they work there already; the owner who typed it does not."""
    return letter(
        email,
        T("คุณอยู่ใน %(agency)s อยู่แล้ว", agency=name),
        T("หัวหน้าทีมของ %(agency)s ส่งคำเชิญมาที่อีเมลนี้ แต่บัญชีของคุณอยู่ในหน่วยงานนี้อยู่แล้ว จึงไม่มีลิงก์ให้เปิด", agency=name),
        T("ถ้าต้องเปลี่ยนหน้าที่ บอกหัวหน้าทีมให้เปลี่ยนให้"),
        url(f"/a/{slug}"),
    )


MAILS: Mapping[str, Callable[[Session, int | None, dict[str, Any]], Letter | None]] = {"invitation": invitation}
