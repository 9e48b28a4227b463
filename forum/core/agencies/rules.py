"""Who may do what for an agency, and the predicates that later features build on.

A role is held in one agency, or in the site's pool where the scope is None. What is asked about is an
agency, or anything that names one by `agency_id`.
"""

from typing import Any

from forum.core.agencies.models import Agency
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, Predicate, Rules, signed_in

AGENCY_ROLES = ("owner", "officer", "moderator", "reviewer")
POOL_ROLES = ("moderator", "reviewer", "legal", "auditor", "dpo", "operator")

REASONS = {
    "not_desk": T("โต๊ะนี้สำหรับเจ้าหน้าที่ของหน่วยงาน"),
    "not_officer": T("เฉพาะเจ้าหน้าที่ของหน่วยงานนี้"),
    "not_owner": T("เฉพาะหัวหน้าทีมของหน่วยงานนี้"),
}
HELPS = {
    "not_desk": T("ถ้าคุณทำงานในหน่วยงาน ขอให้หัวหน้าทีมส่งคำเชิญมาให้"),
    "not_officer": T("ถ้าคุณทำงานในหน่วยงานนี้ ขอให้หัวหน้าทีมส่งคำเชิญมาให้"),
    "not_owner": T("ขอให้หัวหน้าทีมของหน่วยงานเป็นคนทำ"),
}


def agency_of(subject: Any) -> int | None:
    """The id of the agency that something belongs to."""
    agency_id: int | None = subject.id if isinstance(subject, Agency) else subject.agency_id
    return agency_id


def holds(*roles: str, reason: str) -> Predicate:
    """A predicate: the actor holds one of the roles in the agency asked about, else `reason`."""

    def held(actor: Actor, subject: Any) -> str | None:
        return None if actor.has_any(roles, agency_of(subject)) else reason

    held.__doc__ = f"Holds {' or '.join(roles)} in that agency"
    return held


def at_desk(actor: Actor, _subject: Any) -> str | None:
    """Holds owner or officer in some agency"""
    works = any(role in ("owner", "officer") and scope is not None for scope, role in actor.roles)
    return None if works else "not_desk"


is_officer = holds("owner", "officer", reason="not_officer")
is_owner = holds("owner", reason="not_owner")

RULES: Rules = {
    "desk.see": (signed_in, at_desk),
    "agency.change": (signed_in, is_owner),
    "member.invite": (signed_in, is_owner),
    "member.change": (signed_in, is_owner),
    "member.join": (signed_in,),
}
