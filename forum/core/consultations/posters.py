"""What a consultation says on paper and in a message: its short address, and a text ready to send."""

from forum.core.consultations.models import Consultation
from forum.core.consultations.queries import Brief
from forum.kernel import dates, i18n
from forum.kernel.i18n import T
from forum.kernel.site import site

_LONG, _LONGER = 450, 700
_TITLE_WEIGHS = 3


def short_url(row: Consultation) -> str:
    """The address that a poster prints and its QR code holds."""
    return f"{site().public_url}/k/{row.short}"


def may_come(brief: Brief) -> bool:
    """Whether there is, or will be, something to take part in."""
    return brief.is_open or brief.status in ("announced", "draft")


def days(brief: Brief) -> list[str]:
    """From when until when one may take part, in pieces that each stay on a line; empty while it is not said."""
    if brief.opens_at is None or brief.closes_at is None:
        return []
    return dates.range_pieces(brief.opens_at, brief.closes_at, i18n.language())


def size_of(brief: Brief, row: Consultation) -> str:
    """How large the words may be so that all of them stay on one sheet: nothing, "long" or "longer"."""
    letters = _TITLE_WEIGHS * len(brief.title) + len(row.offline_route) + len(brief.agency_name)
    return "longer" if letters > _LONGER else "long" if letters > _LONG else ""


def share_text(brief: Brief, at: str) -> str:
    """A text to send in a chat: who asks what, until when, where, and whom to call; plain lines, no pictures."""
    lang, lines = i18n.language(), [str(T("%(agency)s ถามความเห็น", agency=brief.agency_name)), brief.title]
    if window := " ".join(days(brief)):
        lines.append(str(T("รับความเห็น %(days)s", days=window) if may_come(brief) else T("ปิดรับความเห็นแล้ว")))
    if brief.answer_by:
        lines.append(str(T("หน่วยงานตอบภายใน %(day)s", day=dates.date_text(brief.answer_by, lang))))
    lines.append(str(T("อ่านและออกความเห็น %(at)s", at=at) if may_come(brief) else T("อ่านได้ที่ %(at)s", at=at)))
    if brief.phone:
        lines.append(str(T("โทร %(phone)s", phone=brief.phone)))
    return "\n".join(lines)
