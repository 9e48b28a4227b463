"""What an agency says of itself and of who works there, checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from forum.core.accounts.forms import address
from forum.core.agencies import compute
from forum.core.agencies.rules import AGENCY_ROLES
from forum.kernel import text
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T, Text
from forum.kernel.thai import fold_digits

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
PHONE = re.compile(r"\+?[0-9][0-9 \-]{1,30}[0-9](?: (?:ต่อ|ext\.?) ?[0-9]{1,6})?")

LONGEST_REASON = 300
NOBODY_ANY_MORE = "none"
"""What a form says instead of a role for taking somebody out."""
WAYS = ("letter", "code")
"""How an invitation reaches whom it is for."""

_LONGEST = {"name_th": 160, "name_en": 160, "address": 400, "phone": 40, "about": 1000}


@dataclass(frozen=True)
class AgencyForm:
    """An agency's public words, its two colours, and whether people may speak there without an account."""

    name_th: str
    name_en: str
    phone: str
    address: str
    about: str
    guests: bool
    colour_band: str = ""
    colour_line: str = ""


def read(raw: Mapping[str, str], guests: bool) -> AgencyForm:
    """Checks every field and reports all that is wrong at once; raises `Invalid`."""
    errors: dict[str, Text | str] = {}
    values = {name: _line(raw.get(name, ""), name, longest, errors) for name, longest in _LONGEST.items()}
    if not values["name_th"] and "name_th" not in errors:
        errors["name_th"] = T("ต้องมีชื่อหน่วยงาน")
    if values["phone"] and not PHONE.fullmatch(values["phone"]):
        errors["phone"] = T("เบอร์โทรใช้ตัวเลข ช่องว่าง และขีดเท่านั้น เช่น 0 2000 0011")
    colours = {name: _colour(raw.get(name, ""), name, errors) for name in ("colour_band", "colour_line")}
    if errors:
        raise Invalid(errors)
    return AgencyForm(**values, guests=guests, **colours)


def _colour(typed: str, name: str, errors: dict[str, Text | str]) -> str:
    """A colour that can be read in both themes, or nothing; what is too faint is told with its contrast."""
    said = typed.strip().lower()
    colour = said if said.startswith("#") else f"#{said}"
    if not said:
        return ""
    if not compute.is_colour(colour):
        errors[name] = T("สีเขียนเป็น # ตามด้วย 0-9 และ a-f หกตัว เช่น #0e5a4f")
        return ""
    grounds, least = _SEEN_ON[name]
    ratio = min(compute.contrast(colour, ground) for ground in grounds)
    if ratio < least:
        errors[name] = Text(_TOO_FAINT[name].message, ratio=f"{ratio:.1f}", least=f"{least:g}")
    return colour


_SEEN_ON = {"colour_band": ((compute.WHITE,), compute.TEXT), "colour_line": (compute.GROUNDS, compute.GRAPHIC)}
_TOO_FAINT = {
    "colour_band": T("ตัวอักษรขาวบนสีนี้อ่านยาก สีต่างกันไม่พอ (%(ratio)s ต้อง %(least)s ขึ้นไป) ลองสีที่เข้มกว่านี้"),
    "colour_line": T("เส้นสีนี้มองไม่ชัดบนพื้นสว่างหรือพื้นมืด สีต่างกันไม่พอ (%(ratio)s ต้อง %(least)s ขึ้นไป) ลองสีกลาง ๆ"),
}


@dataclass(frozen=True)
class InviteForm:
    """Whom an owner invites: a role, and the address a letter goes to; without one a code is printed."""

    role: str
    email: str | None


@dataclass(frozen=True)
class ChangeForm:
    """What becomes of a member's role (None: they leave), and why."""

    to: str | None
    reason: str


def read_invitation(raw: Mapping[str, str]) -> InviteForm:
    """Checks whom to invite; all that is wrong at once."""
    errors: dict[str, Text | str] = {}
    role, way, email = raw.get("role", ""), raw.get("way", ""), None
    if role not in AGENCY_ROLES:
        errors["role"] = T("เลือกว่าจะให้มาทำหน้าที่อะไร")
    if way not in WAYS:
        errors["way"] = T("เลือกว่าจะส่งคำเชิญทางไหน")
    if way != "code":
        try:
            email = address(raw.get("email", ""))
        except Invalid as error:
            errors |= error.errors
    if errors:
        raise Invalid(errors)
    return InviteForm(role, email)


def read_change(raw: Mapping[str, str]) -> ChangeForm:
    """Checks what becomes of a role, and that somebody says why."""
    errors: dict[str, Text | str] = {}
    to = raw.get("to", "")
    if to not in (*AGENCY_ROLES, NOBODY_ANY_MORE):
        errors["to"] = T("เลือกก่อนว่าจะเปลี่ยนเป็นอะไร")
    reason = _line(raw.get("reason", ""), "reason", LONGEST_REASON, errors)
    if text.is_blank(reason):
        errors.setdefault("reason", T("บอกเหตุผลสั้น\u00a0ๆ เก็บไว้ให้คนในทีมอ่าน"))
    if errors:
        raise Invalid(errors)
    return ChangeForm(None if to == NOBODY_ANY_MORE else to, reason)


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
