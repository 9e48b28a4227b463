"""What an agency says of itself, checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from forum.kernel import text
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T, Text
from forum.kernel.thai import fold_digits

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
PHONE = re.compile(r"\+?[0-9][0-9 \-]{1,30}[0-9](?: (?:ต่อ|ext\.?) ?[0-9]{1,6})?")

_LONGEST = {"name_th": 160, "name_en": 160, "address": 400, "phone": 40, "about": 1000}


@dataclass(frozen=True)
class AgencyForm:
    """An agency's public words and its one setting: whether people may speak without an account."""

    name_th: str
    name_en: str
    phone: str
    address: str
    about: str
    guests: bool


def read(raw: Mapping[str, str], guests: bool) -> AgencyForm:
    """Checks every field and reports all that is wrong at once; raises `Invalid`."""
    errors: dict[str, Text | str] = {}
    values = {name: _line(raw.get(name, ""), name, longest, errors) for name, longest in _LONGEST.items()}
    if not values["name_th"] and "name_th" not in errors:
        errors["name_th"] = T("ต้องมีชื่อหน่วยงาน")
    if values["phone"] and not PHONE.fullmatch(values["phone"]):
        errors["phone"] = T("เบอร์โทรใช้ตัวเลข ช่องว่าง และขีดเท่านั้น เช่น 0 2000 0011")
    if errors:
        raise Invalid(errors)
    return AgencyForm(**values, guests=guests)


def phone_digits(typed: str) -> str:
    """A telephone number with Thai digits turned into the ones a telephone dials."""
    return fold_digits(typed)


def _line(typed: str, name: str, longest: int, errors: dict[str, Text | str]) -> str:
    try:
        line = text.one_line(typed)
    except text.Unstorable:
        errors[name] = T("มีอักขระที่เก็บไม่ได้")
        return ""
    if len(line) > longest:
        errors[name] = T("ต้องไม่เกิน %(n)s ตัวอักษร", n=longest)
    elif text.too_many_marks(line):
        errors[name] = T("มีสระหรือวรรณยุกต์ซ้อนกันมากเกินไป")
    return phone_digits(line) if name == "phone" else line
