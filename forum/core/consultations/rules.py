"""Who may do what with a consultation, by role and by where it stands."""

from typing import Any

from forum.core.agencies.rules import is_officer
from forum.kernel import clock
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, Rules, signed_in

REASONS = {
    "draft": T("เรื่องนี้ยังไม่เผยแพร่"),
    "already_announced": T("เรื่องนี้ประกาศไปแล้ว"),
    "already_opened": T("เรื่องนี้เปิดไปแล้ว"),
    "own_approval": T("อนุมัติสิ่งที่ตัวเองขอไม่ได้"),
    "already_closed": T("เรื่องนี้ปิดรับไปแล้ว"),
    "not_begun": T("เรื่องนี้ยังไม่ถึงวันเปิด"),
}
HELPS = {
    "draft": T("รอจนหน่วยงานเผยแพร่เรื่องนี้"),
    "already_announced": T("ขั้นต่อไปคือขออนุมัติเปิด"),
    "already_opened": T("แก้เรื่องที่เปิดแล้วได้ โดยบอกเหตุผล"),
    "own_approval": T("ขอให้เพื่อนร่วมหน่วยงานอีกคนอนุมัติ หรือบันทึกเลขที่หนังสืออนุมัติ"),
    "already_closed": T("อ่านเรื่องนี้และความเห็นทั้งหมดได้เหมือนเดิม"),
    "not_begun": T("รอถึงวันเปิด หรือแก้วันเปิดก่อน"),
}


def is_public(actor: Actor, subject: Any) -> str | None:
    """It is not a draft, or holds owner or officer in that agency"""
    hidden = subject.state == "draft" and is_officer(actor, subject)
    return "draft" if hidden else None


def is_draft(_actor: Actor, subject: Any) -> str | None:
    """It was not announced or opened before"""
    return None if subject.state == "draft" else "already_announced"


def is_not_opened(_actor: Actor, subject: Any) -> str | None:
    """It was not opened before"""
    return None if subject.state in ("draft", "announced") else "already_opened"


def asked_by_another(actor: Actor, asked_by: int | None) -> str | None:
    """Somebody else asked for it"""
    return "own_approval" if asked_by == actor.user_id else None


def is_not_closed(_actor: Actor, subject: Any) -> str | None:
    """Nobody closed it before"""
    return "already_closed" if subject.state == "closed" else None


def has_begun(_actor: Actor, subject: Any) -> str | None:
    """Its opening time has come"""
    begun = subject.state in ("opened", "closed") and subject.opens_at is not None and subject.opens_at <= clock.now()
    return None if begun else "not_begun"


RULES: Rules = {
    "consultation.see": (is_public,),
    "consultation.create": (signed_in, is_officer),
    "consultation.change": (signed_in, is_officer),
    "consultation.announce": (signed_in, is_officer, is_draft),
    "consultation.open": (signed_in, is_officer, is_not_opened),
    "consultation.approve": (signed_in, is_officer),
    "consultation.close": (signed_in, is_officer, is_not_closed, has_begun),
}
