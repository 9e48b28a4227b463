"""Who keys voices that came another way, who prints forms for them, and who looks at them again."""

from typing import Any

from forum.core.agencies.rules import is_officer
from forum.core.consultations.rules import has_begun
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, Rules, signed_in

REASONS = {
    "own_entry": T("ตรวจใบที่ตัวเองพิมพ์ไม่ได้"),
    "waits_for_look": T("ใบนี้สุ่มมารอตรวจ แก้ได้ตอนตรวจเท่านั้น"),
    "not_told_yet": T("เรื่องนี้ยังไม่ประกาศ จึงยังทำใบให้คนเขียนไม่ได้"),
    "no_more_sheets": T("เรื่องนี้ปิดรับแล้ว จึงทำใบเพิ่มไม่ได้"),
}
HELPS = {
    "own_entry": T("ขอให้เพื่อนร่วมหน่วยงานอีกคนตรวจ"),
    "waits_for_look": T("คนที่ไม่ได้พิมพ์ใบนี้เปิดหน้าตรวจทาน เทียบกับใบ แล้วแก้ได้ในหน้านั้น"),
    "not_told_yet": T("ประกาศหรือเปิดเรื่องก่อน แล้วกลับมาทำใบ"),
    "no_more_sheets": T("ใบที่ได้รับก่อนปิดยังพิมพ์เข้าระบบได้"),
}


def keyed_by_another(actor: Actor, subject: Any) -> str | None:
    """Somebody else keyed it"""
    return "own_entry" if subject.entered_by == actor.user_id else None


def waits_for_no_look(_actor: Actor, subject: Any) -> str | None:
    """It was not drawn for a second look, or that is over"""
    return "waits_for_look" if subject.waits else None


def is_told(_actor: Actor, subject: Any) -> str | None:
    """It was announced or opened, and is not over"""
    if subject.state == "draft":
        return "not_told_yet"
    return "no_more_sheets" if subject.state == "closed" else None


RULES: Rules = {
    "entry.see": (signed_in, is_officer),
    "entry.key": (signed_in, is_officer, has_begun),
    "entry.print": (signed_in, is_officer, is_told),
    "entry.check": (signed_in, is_officer, keyed_by_another),
    "entry.mend": (signed_in, is_officer, waits_for_no_look),
}
