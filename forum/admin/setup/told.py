"""What an officer is told after keeping a task: what it undid, and what moved with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from forum.admin.setup.tasks import Task, said_by, stands
from forum.admin.setup.ways import is_whole
from forum.core.consultations import sign_offs
from forum.core.consultations.compute import UNOPENED
from forum.core.consultations.forms import PhasePlan, Plan
from forum.core.consultations.models import Consultation
from forum.core.consultations.plans import plan_of
from forum.kernel import dates, i18n
from forum.kernel.i18n import T, Text

_MOST_NAMED = 3
_LONGEST_NAME = 40
KEPT = T("เก็บแล้ว")
ASK_AGAIN = T("คำขออนุมัติเดิมใช้ไม่ได้แล้ว เพราะข้อความเปลี่ยน ต้องขอใหม่")
ASKED_AGAIN = T("คำขออนุมัติเดิมใช้ไม่ได้แล้ว เพราะข้อความเปลี่ยน ระบบขอใหม่ให้แล้ว")


@dataclass(frozen=True)
class Before:
    """How a consultation stood before a task was kept."""

    version: int
    plan: Plan
    was_asked: bool


def before(tx: Session, row: Consultation) -> Before:
    """How it stands now."""
    return Before(row.version, plan_of(tx, row), sign_offs.live(tx, row.id) is not None)


def words(tx: Session, row: Consultation, stood: Before, task: Task) -> str:
    """What to say of the task that was kept: what it still lacks, what it undid, and what went with its dates."""
    plan = plan_of(tx, row)
    lacks = stands(said_by(plan), opened=row.state not in UNOPENED)[task.key].lacks
    said: list[Text] = [T("เก็บแล้ว แต่ข้อนี้ยังไม่ครบ: %(what)s", what=" · ".join(map(str, lacks)))] if lacks else [KEPT]
    if stood.was_asked and row.version != stood.version:
        said.append(ASKED_AGAIN if row.state == "announced" else ASK_AGAIN)
    if task.key == "dates":  # windows are not typed there, they go with the dates
        said += _moved(stood.plan, plan)
    return " ".join(str(part) for part in said)


def _moved(old: Plan, new: Plan) -> list[Text]:
    """The windows that went with the dates, from when to when; the one of a consultation without others is no news."""
    if is_whole(new):
        return []
    pairs = [
        (was, now)
        for was, now in zip(old.phases, new.phases, strict=False)
        if (was.starts_at, was.ends_at) != (now.starts_at, now.ends_at)
    ]
    return [_one(was, now) for was, now in pairs[:_MOST_NAMED]] + _more(pairs)


def _one(was: PhasePlan, now: PhasePlan) -> Text:
    name = was.title if len(was.title) <= _LONGEST_NAME else f"{was.title[:_LONGEST_NAME]}…"
    return T("ช่วง “%(name)s” เลื่อนตาม จาก %(old)s เป็น %(new)s", name=name, old=_when(was), new=_when(now))


def _more(pairs: Sequence[object]) -> list[Text]:
    left = len(pairs) - _MOST_NAMED
    return [T("และอีก %(n)s ช่วง", n=left)] if left > 0 else []


def _when(phase: PhasePlan) -> str:
    return dates.range_text(phase.starts_at, phase.ends_at, i18n.language())
