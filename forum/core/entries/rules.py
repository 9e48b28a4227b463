"""Who keys voices that came another way, and who looks at them again."""

from typing import Any

from forum.core.agencies.rules import is_officer
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, Rules, signed_in

REASONS = {"own_entry": T("ตรวจใบที่ตัวเองพิมพ์ไม่ได้")}
HELPS = {"own_entry": T("ขอให้เพื่อนร่วมหน่วยงานอีกคนตรวจ")}


def keyed_by_another(actor: Actor, subject: Any) -> str | None:
    """Somebody else keyed it"""
    return "own_entry" if subject.entered_by == actor.user_id else None


RULES: Rules = {
    "entry.print": (signed_in, is_officer),
    "entry.check": (signed_in, is_officer, keyed_by_another),
}
