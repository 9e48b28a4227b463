"""From what was typed to what may be stored: every mistake named at once, nothing stored on any."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from forum.commons.comments.compute import MAX_BODY, MAX_BODY_BYTES
from forum.kernel import clock, dates, html, text
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T, Text

CHANNELS = ("web", "paper", "phone", "hall", "letter")
"""How a comment came; all but the first are entered by an officer for somebody else."""
CHOICES = ("for", "against", "unsure")
MAX_NAME = 40
MAX_REASON = 300
MAX_SHEET = 60
NOT_AGREED = T("แตะช่องสี่เหลี่ยมก่อนส่ง ว่าเข้าใจแล้วว่าทุกคนอ่านได้")


@dataclass(frozen=True)
class NewComment:
    """A comment ready to be stored: normalised text, its HTML, and how it came."""

    body: str
    html: str
    stance: str | None = None
    parent: str | None = None
    channel: str = "web"
    received_on: date | None = None
    sheet: str | None = None
    pen_name: str | None = None
    consent: bool = False


@dataclass(frozen=True)
class EditedComment:
    """A new text for a comment: which version it was written over, why, and whether the old one must vanish."""

    body: str
    html: str
    version: int
    reason: str = ""
    personal_data: bool = False


def read_body(raw: str, errors: dict[str, Text | str], field: str = "body") -> str:
    """The normalised text; what is wrong with it goes into `errors`."""
    try:
        body = text.normalise(raw)
    except ValueError:
        errors[field] = T("มีอักขระที่เก็บไม่ได้ ลองพิมพ์ใหม่")
        return ""
    if text.is_blank(body):
        errors[field] = T("ยังไม่มีข้อความ พิมพ์ก่อนส่ง")
    elif len(body) > MAX_BODY:
        errors[field] = T("ยาวเกินไป %(n)s ตัวอักษร เขียนได้ไม่เกิน %(most)s", n=len(body) - MAX_BODY, most=MAX_BODY)
    elif len(body.encode()) > MAX_BODY_BYTES:
        errors[field] = T("ยาวเกินไป เขียนได้ไม่เกิน %(most)s ไบต์", most=MAX_BODY_BYTES)
    elif text.too_many_marks(body):
        errors[field] = T("มีสระหรือวรรณยุกต์ซ้อนบนตัวอักษรเดียวมากเกินไป ลองพิมพ์ใหม่")
    return body


def read_name(raw: str | None, errors: dict[str, Text | str], field: str = "name") -> str:
    """A pen name on one line."""
    name = text.one_line(raw or "")
    if not name or text.is_blank(name):
        errors[field] = T("ใส่ชื่อก่อน ใช้ชื่อเล่นก็ได้")
    elif len(name) > MAX_NAME:
        errors[field] = T("ชื่อยาวได้ไม่เกิน %(n)s ตัวอักษร", n=MAX_NAME)
    elif text.too_many_marks(name):
        errors[field] = T("ชื่อนี้มีสระหรือวรรณยุกต์ซ้อนมากเกินไป")
    return name


def read_comment(sent: Mapping[str, Any], *, guest: bool, stances: bool) -> NewComment:
    """A new comment from a form or a JSON body (same names); `guest` when nobody is signed in."""
    errors: dict[str, Text | str] = {}
    body = read_body(str(sent.get("body") or ""), errors)
    name = read_name(sent.get("name"), errors) if guest else None
    if guest and not sent.get("consent"):
        errors["consent"] = NOT_AGREED
    stance = sent.get("stance") or None
    if stance is not None and (stance not in CHOICES or not stances):
        errors["stance"] = T("เลือกได้เฉพาะที่มีในหัวข้อนี้")
    channel = sent.get("channel") or "web"
    if channel not in CHANNELS:
        errors["channel"] = T("ช่องทางต้องเป็น %(all)s", all=", ".join(CHANNELS))
    received = _read_day(sent.get("received_on"), errors)
    sheet = text.one_line(str(sent.get("sheet") or "")) or None
    if sheet and len(sheet) > MAX_SHEET:
        errors["sheet"] = T("ต้องไม่เกิน %(n)s ตัวอักษร", n=MAX_SHEET)
    if errors:
        raise Invalid(errors)
    parent = sent.get("parent") or None
    return NewComment(
        body, html.render(body), stance, parent, channel, received, sheet, name, bool(sent.get("consent"))
    )


def read_edit(sent: Mapping[str, Any]) -> EditedComment:
    """A changed comment from a form or a JSON body."""
    errors: dict[str, Text | str] = {}
    body = read_body(str(sent.get("body") or ""), errors)
    version = str(sent.get("version") or "")
    if not version.isdecimal() or len(version) > 9:
        errors["version"] = T("ต้องบอกว่าแก้จากรุ่นไหน โหลดหน้าใหม่แล้วลองอีกครั้ง")
    reason = text.one_line(str(sent.get("reason") or ""))
    if len(reason) > MAX_REASON:
        errors["reason"] = T("เหตุผลยาวได้ไม่เกิน %(n)s ตัวอักษร", n=MAX_REASON)
    if errors:
        raise Invalid(errors)
    gone = bool(sent.get("personal_data"))
    return EditedComment(body, html.render(body), int(version), reason, gone)


def _read_day(raw: Any, errors: dict[str, Text | str]) -> date | None:
    if not raw:
        return None
    try:
        day = date.fromisoformat(str(raw))
        if day > dates.in_bangkok(clock.now()).date():
            errors["received_on"] = T("วันที่ได้รับต้องไม่เกินวันนี้")
        return day
    except ValueError:
        errors["received_on"] = T("วันที่ต้องเขียนแบบ 2026-11-30")
        return None
