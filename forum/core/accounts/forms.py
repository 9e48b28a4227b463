"""What people type about themselves, made storable; `Invalid` names the field that cannot be."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from forum.core.accounts.compute import LONGEST_PASSWORD, SHORTEST_PASSWORD, is_easy_password, name_key
from forum.kernel import text
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T, Text
from forum.kernel.site import site

LONGEST_NAME = 40
SHORTEST_NAME = 2
LONGEST_ADDRESS = 254
LONGEST_TOKEN_NAME = 60
LONGEST_PLACE = 200
LONGEST_DRAFT = 20_000

_ADDRESS = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_TURNERS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINK = re.compile(r"https?:|www\.|@", re.I)
_OFFICIAL = {
    name_key(n)
    for n in (
        "ผู้ใช้ที่ลบบัญชี", "ผู้ดูแลระบบ", "ผู้ดูแล", "ผู้ดูแลเว็บ", "ผู้ดูแลการพูดคุย", "เจ้าหน้าที่", "คำตอบทางการ",
        "ไม่ได้ยืนยันตัวตน", "ศาลา", "Sala", "admin", "administrator", "moderator", "operator", "officer", "staff",
        "support", "deleted account", "official answer", "not verified",
    )
}  # fmt: skip


@dataclass(frozen=True)
class SignUp:
    """A sign-up as asked for; the password is hashed before anything is stored."""

    email: str
    name: str
    password: str
    consent: bool


def read_sign_up(form: Mapping[str, str]) -> SignUp:
    """A sign-up form; all its faults at once."""
    errors: dict[str, Text | str] = {}
    name = _gather(errors, lambda: pen_name(form.get("name", "")))
    email = _gather(errors, lambda: address(form.get("email", "")))
    about = (form.get("name", ""), form.get("email", ""))
    password = _gather(errors, lambda: new_password(form.get("password", ""), about))
    if errors:
        raise Invalid(errors)
    return SignUp(email, name, password, form.get("consent") == "1")


def _gather(errors: dict[str, Text | str], read: Callable[[], str]) -> str:
    try:
        return read()
    except Invalid as invalid:
        errors.update(invalid.errors)
        return ""


def address(raw: str, field: str = "email") -> str:
    """An e-mail address, in small letters."""
    try:
        typed = text.one_line(raw).lower()
    except text.Unstorable:
        typed = ""
    if not typed:
        raise Invalid({field: T("ใส่อีเมล เช่น nok@example.com")})
    local = typed.partition("@")[0]
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    if len(typed) > LONGEST_ADDRESS or dots or not _ADDRESS.fullmatch(typed):
        raise Invalid({field: T("อีเมลนี้ส่งถึงไม่ได้ ตรวจตัวสะกด เช่น nok@example.com")})
    return typed


def pen_name(raw: str, field: str = "name") -> str:
    """A name to post under, by a person with or without an account; whether it is free is not asked here."""
    try:
        name = text.one_line(raw)
    except text.Unstorable:
        raise Invalid({field: T("ชื่อนี้มีอักขระที่เก็บไม่ได้")}) from None
    fault = _fault_of(name)
    if fault is not None:
        raise Invalid({field: fault})
    return name


def _fault_of(name: str) -> Text | None:
    if text.is_blank(name):
        return T("ใส่ชื่อก่อน ใช้ชื่อเล่นก็ได้")
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        return T("ชื่อต้องมี %(a)s ถึง %(b)s ตัวอักษร", a=SHORTEST_NAME, b=LONGEST_NAME)
    if text.too_many_marks(name) or _TURNERS.search(name) or any(map(_is_unseen, name)):
        return T("ชื่อนี้มีเครื่องหมายที่แสดงให้คนอื่นอ่านไม่ได้ พิมพ์ใหม่เป็นตัวหนังสือธรรมดา")
    if _LINK.search(name):
        return T("อย่าใส่อีเมลหรือลิงก์ในชื่อ เพราะทุกคนจะเห็น")
    if name_key(name) in _OFFICIAL | {name_key(own) for own in site().own_names()}:
        return T("ชื่อนี้ทำให้คนเข้าใจผิดว่าเป็นผู้ดูแลหรือเจ้าหน้าที่ เลือกชื่ออื่น")
    return None


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in {"Co", "Cn", "Cs"}


def new_password(raw: str, known: tuple[str, ...] = (), field: str = "password") -> str:
    """A password to be set: long enough, and not one that is tried first. Nothing is asked of its characters.

    After NIST SP 800-63B: length and a list of refused ones instead of rules of composition.
    """
    password = unicodedata.normalize("NFC", raw)
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid({field: T("รหัสผ่านต้องมีอย่างน้อย %(n)s ตัวอักษร จะเป็นประโยคสั้น\u00a0ๆ ก็ได้", n=SHORTEST_PASSWORD)})
    if len(password) > LONGEST_PASSWORD:
        raise Invalid({field: T("รหัสผ่านยาวได้ไม่เกิน %(n)s ตัวอักษร", n=LONGEST_PASSWORD)})
    words = [w for k in known for w in (k, k.partition("@")[0], k.rpartition("@")[2].partition(".")[0])]
    if is_easy_password(password, (*words, site().name)):
        raise Invalid({field: T("รหัสนี้เดาง่าย ลองเอาสามสี่คำที่ไม่เกี่ยวกับคุณมาต่อกัน")})
    return password


def given_password(raw: str) -> str:
    """A password to be compared with the stored one; one too long to have been set is cut, so it is wrong."""
    return unicodedata.normalize("NFC", raw)[: LONGEST_PASSWORD + 1]


def token_name(raw: str, field: str = "name") -> str:
    """What the owner calls an API token."""
    try:
        name = text.one_line(raw)
    except text.Unstorable:
        name = ""
    if text.is_blank(name):
        raise Invalid({field: T("ตั้งชื่อให้รู้ว่ารหัสนี้ใช้กับโปรแกรมอะไร")})
    if len(name) > LONGEST_TOKEN_NAME:
        raise Invalid({field: T("ชื่อรหัสสำหรับโปรแกรมยาวได้ไม่เกิน %(n)s ตัวอักษร", n=LONGEST_TOKEN_NAME)})
    return name


def draft(place: str, raw: str) -> tuple[str, str]:
    """Where something is being typed, and what; stored as written after the stated normalisation."""
    try:
        where, typed = text.one_line(place), text.normalise(raw)
    except text.Unstorable:
        raise Invalid({"text": T("ข้อความนี้มีอักขระที่เก็บไม่ได้")}) from None
    if not where or len(where) > LONGEST_PLACE:
        raise Invalid({"place": T("ชื่อที่ของข้อความยาวได้ไม่เกิน %(n)s ตัวอักษร", n=LONGEST_PLACE)})
    if len(typed.encode()) > LONGEST_DRAFT:
        raise Invalid({"text": T("ข้อความที่เก็บไว้ยาวเกิน %(n)s ไบต์", n=f"{LONGEST_DRAFT:,}")})
    return where, typed
