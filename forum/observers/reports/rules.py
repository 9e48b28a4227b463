"""Who asks for a report, who publishes it, and who may read it before that."""

from typing import Any

from forum.core.agencies.rules import is_officer
from forum.core.consultations.rules import has_begun
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, Rules, signed_in

REASONS = {"not_made": T("สรุปผลฉบับนี้ยังทำไม่เสร็จ")}
HELPS = {"not_made": T("รอจนทำเสร็จ แล้วเผยแพร่ได้")}


def is_made(_actor: Actor, subject: Any) -> str | None:
    """The worker has made it"""
    return None if subject.state in ("made", "published") else "not_made"


def is_published(actor: Actor, subject: Any) -> str | None:
    """It is published, or holds owner or officer in that agency"""
    if subject.state == "published":
        return None
    return signed_in(actor, subject) or is_officer(actor, subject)


RULES: Rules = {
    "report.list": (signed_in, is_officer),
    "report.ask": (signed_in, is_officer, has_begun),
    "report.read": (is_published, is_made),
    "report.publish": (signed_in, is_officer, is_made),
}
