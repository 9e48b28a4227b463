"""Who answers for an office."""

from typing import Any

from forum.core.agencies.rules import is_officer
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, Rules, signed_in

REASONS = {"own_answer": T("อนุมัติคำตอบที่ตัวเองขอไม่ได้")}
HELPS = {"own_answer": T("ขอให้เพื่อนร่วมหน่วยงานอีกคนอนุมัติ หรือบันทึกเลขที่หนังสืออนุมัติ")}


def asked_by_another(actor: Actor, subject: Any) -> str | None:
    """Somebody else asked for it"""
    return "own_answer" if subject.asked_by == actor.user_id else None


RULES: Rules = {
    "answer.write": (signed_in, is_officer),
    "answer.approve": (signed_in, is_officer, asked_by_another),
    "progress.tell": (signed_in, is_officer),
}
