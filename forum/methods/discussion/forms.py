"""From what was typed to a thread."""

from collections.abc import Mapping
from typing import Any

from forum.commons.comments.service import NewThread
from forum.kernel import html, text
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T, Text

MAX_TITLE = 160
MAX_OPTION = 40
MAX_BODY = 4000


def read_thread(sent: Mapping[str, Any]) -> NewThread:
    """A new thread from a form or a JSON body; `options` names the two sides when `stance` is `options`."""
    errors: dict[str, Text | str] = {}
    title = _line(sent.get("title"), "title", MAX_TITLE, errors)
    if not title and "title" not in errors:
        errors["title"] = T("ตั้งคำถามของหัวข้อนี้ก่อน")
    body = _body(sent.get("body"), errors)
    stance = sent.get("stance") or "off"
    if stance not in ("off", "agree", "options"):
        errors["stance"] = T("เลือกได้ ไม่ใช้ เห็นด้วย/ไม่เห็นด้วย หรือสองแบบที่ตั้งเอง")
    options = [_line(o, "options", MAX_OPTION, errors) for o in sent.get("options") or ()]
    if stance == "options" and (len(options) != 2 or not all(options) or options[0] == options[1]):
        errors.setdefault("options", T("ตั้งชื่อสองแบบที่ต่างกัน"))
    if errors:
        raise Invalid(errors)
    return NewThread(title, body, html.render(body), stance, tuple(options) if stance == "options" else ())


def _line(raw: Any, field: str, most: int, errors: dict[str, Text | str]) -> str:
    try:
        line = text.one_line(str(raw or ""))
    except ValueError:
        errors[field] = T("มีอักขระที่เก็บไม่ได้ ลองพิมพ์ใหม่")
        return ""
    if len(line) > most:
        errors[field] = T("ยาวได้ไม่เกิน %(n)s ตัวอักษร", n=most)
    elif text.too_many_marks(line):
        errors[field] = T("มีสระหรือวรรณยุกต์ซ้อนบนตัวอักษรเดียวมากเกินไป ลองพิมพ์ใหม่")
    return line


def _body(raw: Any, errors: dict[str, Text | str]) -> str:
    try:
        body = text.normalise(str(raw or ""))
    except ValueError:
        errors["body"] = T("มีอักขระที่เก็บไม่ได้ ลองพิมพ์ใหม่")
        return ""
    if len(body) > MAX_BODY:
        errors["body"] = T("ยาวได้ไม่เกิน %(n)s ตัวอักษร", n=MAX_BODY)
    elif text.too_many_marks(body):
        errors["body"] = T("มีสระหรือวรรณยุกต์ซ้อนบนตัวอักษรเดียวมากเกินไป ลองพิมพ์ใหม่")
    return body
