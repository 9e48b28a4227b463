"""What an officer wrote about contributions, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forum.core.answers.compute import DISPOSITIONS, LONGEST, STEPS
from forum.core.consultations.reading import Reading
from forum.core.consultations.telling import Approval, read_approval
from forum.kernel import dates, html, text
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T, Text

Errors = dict[str, Text | str]

DISPOSITION_WORDS = {
    "accepted": T("รับไว้"),
    "partly": T("รับบางส่วน"),
    "not_accepted": T("ไม่รับ"),
    "noted": T("บันทึกไว้"),
}
STEP_WORDS = {
    "received": T("เจ้าหน้าที่อ่านแล้ว"),
    "inspecting": T("กำลังไปดู"),
    "planned": T("อยู่ในแผนแล้ว"),
    "done": T("ทำแล้ว"),
    "not_done": T("ไม่ได้ทำ"),
}


@dataclass(frozen=True)
class NewAnswer:
    """An answer ready to be kept: what becomes of a contribution, why, and that as HTML."""

    disposition: str
    reason: str
    html: str


@dataclass(frozen=True)
class NewStep:
    """How far it is, and why."""

    state: str
    reason: str


def read_answer(sent: Mapping[str, Any]) -> NewAnswer:
    """An answer from a form or a JSON body; every disposition tells its reason. Raises `Invalid`."""
    errors: Errors = {}
    disposition = str(sent.get("disposition") or "")
    if disposition not in DISPOSITIONS:
        errors["disposition"] = T("เลือกว่าจะทำอย่างไรกับข้อเสนอนี้")
    reason = _prose(sent.get("reason"), errors)
    if not reason and "reason" not in errors:
        errors["reason"] = T("บอกเหตุผลให้คนที่เสนอมาเข้าใจ")
    if errors:
        raise Invalid(errors)
    return NewAnswer(disposition, reason, html.render(reason))


def read_step(sent: Mapping[str, Any]) -> NewStep:
    """A step from a form or a JSON body; raises `Invalid`."""
    errors: Errors = {}
    state = str(sent.get("progress") or "")
    if state not in STEPS:
        errors["progress"] = T("เลือกว่าถึงขั้นไหนแล้ว")
    reason = _prose(sent.get("reason"), errors)
    if state == "not_done" and not reason and "reason" not in errors:
        errors["reason"] = T("บอกเหตุผลที่ไม่ได้ทำ")
    if errors:
        raise Invalid(errors)
    return NewStep(state, reason)


def read_memo(typed: Mapping[str, Any]) -> Approval:
    """The paper by which the office agreed, from the boxes of a form; raises `Invalid`."""
    try:
        day = dates.parse_day(*(str(typed.get(f"memo_date.{part}") or "") for part in ("day", "month", "year")))
    except ValueError:
        day = None
    return read_approval(Reading(), typed.get("memo_no"), day)


def read_note(typed: str) -> str:
    """Why an answer is sent back, for the colleague who wrote it; raises `Invalid`."""
    errors: Errors = {}
    note = _prose(typed, errors, "note", 1000)
    if not note and not errors:
        errors["note"] = T("บอกเพื่อนร่วมงานว่าต้องแก้อะไร")
    if errors:
        raise Invalid(errors)
    return note


def _prose(raw: Any, errors: Errors, field: str = "reason", longest: int = LONGEST) -> str:
    try:
        said = text.normalise(str(raw or ""))
    except ValueError:
        errors[field] = T("มีอักขระที่เก็บไม่ได้ ลองพิมพ์ใหม่")
        return ""
    if len(said) > longest:
        errors[field] = T("ต้องไม่เกิน %(n)s ตัวอักษร", n=f"{longest:,}")
    elif text.too_many_marks(said):
        errors[field] = T("มีสระหรือวรรณยุกต์ซ้อนกันมากเกินไป")
    return "" if text.is_blank(said) else said
