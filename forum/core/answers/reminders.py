"""Officers are reminded by letter 7, 3 and 1 days before their answers are due, while anybody waits for one."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.accounts.models import User
from forum.core.agencies.models import Membership
from forum.core.answers.compute import FIRST_WARNING, warning_due
from forum.core.consultations.models import Consultation
from forum.core.consultations.queries import Brief, brief
from forum.kernel import clock, dates, i18n, mail, text
from forum.kernel.i18n import T
from forum.kernel.letters import Letter
from forum.kernel.site import site


def today() -> date:
    """The day in Bangkok."""
    return dates.in_bangkok(clock.now()).date()


def due(tx: Session) -> Sequence[int]:
    """The consultations of which a reminder is due today and was not sent."""
    soon = Consultation.answer_by.between(today(), today() + timedelta(days=FIRST_WARNING))
    wanted = select(Consultation.id, Consultation.answer_by, Consultation.warned_days)
    found = tx.execute(wanted.where(Consultation.state.in_(("opened", "closed")), soon).order_by(Consultation.id))
    # Asked every few seconds: what was sent already must cost no write.
    return [row.id for row in found if warning_due(row.answer_by, today(), row.warned_days) is not None]


def remind(tx: Session, consultation_id: int) -> int:
    """Queues the reminder of this day, once, to each officer with a confirmed address; returns how many letters."""
    held = select(Consultation).where(Consultation.id == consultation_id).with_for_update()
    row = tx.execute(held.execution_options(populate_existing=True)).scalar_one()
    days = warning_due(row.answer_by, today(), row.warned_days) if row.answer_by else None
    if days is None or not brief(tx, row.id).waiting:
        return 0
    row.warned_days = days
    people = officers(tx, row.agency_id)
    for user in people:
        with i18n.speaking(user.lang):
            mail.queue(tx, "answers_due", user.id, consultation=row.id)
    return len(people)


def officers(tx: Session, agency_id: int) -> Sequence[User]:
    """The owners and officers of an agency who can be written to, each once."""
    works = select(Membership.user_id).where(
        Membership.agency_id == agency_id, Membership.role.in_(("owner", "officer"))
    )
    reached = User.email.is_not(None), User.confirmed_at.is_not(None), User.erased_at.is_(None)
    return tx.execute(select(User).where(User.id.in_(works), *reached).order_by(User.id)).scalars().all()


def letter(tx: Session, user_id: int | None, about: dict[str, Any]) -> Letter | None:
    """The reminder as things stand when it is sent; none where everything was answered, or by who left, meanwhile."""
    row = tx.get(Consultation, about["consultation"])
    if row is None:
        return None
    user = next((one for one in officers(tx, row.agency_id) if one.id == user_id), None)
    shown = brief(tx, row.id)
    if user is None or user.email is None or not shown.waiting or shown.answer_by is None:
        return None
    return Letter(user.email, f"{_left(shown)} · {site().name}", "\n\n".join(_lines(shown)) + "\n")


def _left(shown: Brief) -> str:
    left = (shown.answer_by - shown.today).days if shown.answer_by else 0
    if left < 0:
        return str(T("เลยกำหนดตอบแล้ว ยังไม่ได้ตอบ %(n)s ข้อ", n=shown.waiting))
    if left == 0:
        return str(T("วันนี้เป็นวันสุดท้ายที่ต้องตอบ ยังไม่ได้ตอบ %(n)s ข้อ", n=shown.waiting))
    return str(T("เหลือ %(days)s วันต้องตอบให้ครบ ยังไม่ได้ตอบ %(n)s ข้อ", days=left, n=shown.waiting))


def _lines(shown: Brief) -> list[str]:
    assert shown.answer_by is not None
    day = dates.date_text(shown.answer_by, i18n.language())
    return [
        str(T("%(office)s ถามความเห็นเรื่อง", office=shown.agency_name)) + f" {text.isolated(shown.title)}",
        str(T("มี %(n)s ข้อที่รอคำตอบ ต้องตอบให้ครบภายใน %(day)s", n=shown.waiting, day=day)),
        str(T("ตอบได้ที่")) + f" {site().public_url}/desk/{shown.slug}/answers",
        str(T("ถ้าเลยวันนั้นแล้วยังตอบไม่ครบ หน้าเรื่อง หน้าหน่วยงาน และหน้าแรกจะบอกทุกคนว่าเลยกำหนดตอบกี่วัน")),
        str(T("ถ้าต้องเลื่อนวันตอบ แก้ได้ที่โต๊ะเจ้าหน้าที่ พร้อมเหตุผลที่ทุกคนจะเห็น")),
    ]
