"""Letters about accounts: plain text in the asker's language, each saying what to do if it was not you.

Rendered by the worker when they are sent; code and link are derived then and are stored nowhere.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.accounts.models import MailCode, User
from forum.core.accounts.service.codes import LIFETIME, digits, link_key
from forum.kernel import clock, text
from forum.kernel.i18n import T
from forum.kernel.letters import Letter
from forum.kernel.site import site

_MINUTES = int(LIFETIME.total_seconds() // 60)
_NOT_ME = T("ถ้าคุณไม่ได้ขอ ไม่ต้องทำอะไร ไม่มีอะไรเปลี่ยน และอย่าบอกรหัสนี้กับใคร")


def sign_up(tx: Session, _user_id: int | None, about: dict[str, Any]) -> Letter | None:
    """Code and link for a new account."""
    code = _code(tx, about)
    if code is None:
        return None
    return letter(
        code.email,
        T("รหัสยืนยันอีเมลของคุณ"),
        T("นี่คือรหัสสมัครบัญชีที่ %(site)s", site=site().name),
        _shown(code),
        T("หรือเปิดลิงก์นี้แล้วใส่รหัสผ่านที่เพิ่งตั้ง"),
        _link("/signup/confirm", code),
        _until(),
        _NOT_ME,
    )


def already_signed_up(tx: Session, _user_id: int | None, about: dict[str, Any]) -> Letter | None:
    """For an address that has an account: no code, but the ways in."""
    code = _code(tx, about)
    if code is None:
        return None
    return letter(
        code.email,
        T("คุณมีบัญชีอยู่แล้ว"),
        T("มีคนใช้อีเมลนี้สมัครบัญชีที่ %(site)s แต่อีเมลนี้มีบัญชีอยู่แล้ว จึงไม่มีรหัสยืนยัน", site=site().name),
        T("ถ้าเป็นคุณ เข้าสู่ระบบได้ที่"),
        url("/login"),
        T("ลืมรหัสผ่าน ตั้งใหม่ได้ที่"),
        url("/reset"),
        T("ถ้าไม่ใช่คุณ ไม่ต้องทำอะไร บัญชีของคุณไม่มีอะไรเปลี่ยน"),
    )


def reset(tx: Session, _user_id: int | None, about: dict[str, Any]) -> Letter | None:
    """Code and link for a new password; an address without an account is told that it has none."""
    code = _code(tx, about)
    if code is None:
        return None
    if not code.pending:
        return letter(
            code.email,
            T("อีเมลนี้ยังไม่มีบัญชี"),
            T("มีคนขอตั้งรหัสผ่านใหม่ที่ %(site)s ด้วยอีเมลนี้ แต่อีเมลนี้ยังไม่มีบัญชี", site=site().name),
            T("ถ้าเป็นคุณ อาจเคยสมัครด้วยอีเมลอื่น หรือสมัครใหม่ได้ที่"),
            url("/signup"),
            T("ถ้าไม่ใช่คุณ ไม่ต้องทำอะไร"),
        )
    return letter(
        code.email,
        T("รหัสสำหรับตั้งรหัสผ่านใหม่"),
        T("นี่คือรหัสสำหรับตั้งรหัสผ่านใหม่ที่ %(site)s", site=site().name),
        _shown(code),
        T("หรือตั้งรหัสผ่านใหม่ที่ลิงก์นี้"),
        _link("/reset", code),
        _until(),
        _NOT_ME,
    )


def email_change(tx: Session, _user_id: int | None, about: dict[str, Any]) -> Letter | None:
    """To a new address: code and link; one with an account is told why it cannot be used."""
    code = _code(tx, about)
    if code is None:
        return None
    if not code.pending:
        return letter(
            code.email,
            T("อีเมลนี้มีบัญชีอยู่แล้ว"),
            T("มีคนขอใช้อีเมลนี้กับอีกบัญชีหนึ่งที่ %(site)s แต่อีเมลนี้มีบัญชีอยู่แล้ว จึงไม่มีรหัสยืนยัน", site=site().name),
            T("ถ้าเป็นคุณ เข้าสู่ระบบด้วยอีเมลนี้ได้เลย"),
            url("/login"),
            T("ถ้าไม่ใช่คุณ ไม่ต้องทำอะไร บัญชีของคุณไม่มีอะไรเปลี่ยน"),
        )
    return letter(
        code.email,
        T("รหัสยืนยันอีเมลใหม่ของคุณ"),
        T("นี่คือรหัสยืนยันอีเมลใหม่ของคุณที่ %(site)s", site=site().name),
        _shown(code),
        T("หรือเปิดลิงก์นี้ในเครื่องที่เข้าสู่ระบบอยู่"),
        _link("/account/email", code),
        _until(),
        _NOT_ME,
    )


def email_changed_notice(tx: Session, _user_id: int | None, about: dict[str, Any]) -> Letter | None:
    """To the address an account had before."""
    code = _code(tx, about)
    if code is None:
        return None
    return letter(
        code.email,
        T("อีเมลของบัญชีคุณเปลี่ยนแล้ว"),
        T("บัญชีของคุณที่ %(site)s เปลี่ยนไปใช้อีเมลอื่นแล้ว อีเมลนี้ใช้เข้าสู่ระบบไม่ได้อีก", site=site().name),
        T("ถ้าคุณเป็นคนเปลี่ยน ไม่ต้องทำอะไร"),
        _call_us(),
    )


def password_changed_notice(tx: Session, user_id: int | None, _about: dict[str, Any]) -> Letter | None:
    """To whom the password was changed of."""
    user = tx.get(User, user_id) if user_id is not None else None
    if user is None or user.email is None:
        return None
    return letter(
        user.email,
        T("รหัสผ่านของคุณเปลี่ยนแล้ว"),
        T("รหัสผ่านของคุณที่ %(site)s เปลี่ยนแล้ว เครื่องอื่นที่เข้าสู่ระบบอยู่ออกจากระบบหมดแล้ว", site=site().name),
        T("ถ้าคุณเป็นคนเปลี่ยน ไม่ต้องทำอะไร"),
        T("ถ้าไม่ใช่คุณ ตั้งรหัสผ่านใหม่ทันทีที่"),
        url("/reset"),
        _or_call_us(),
    )


MAILS: Mapping[str, Callable[[Session, int | None, dict[str, Any]], Letter | None]] = {
    "sign_up": sign_up,
    "already_signed_up": already_signed_up,
    "reset": reset,
    "email_change": email_change,
    "email_changed_notice": email_changed_notice,
    "password_changed_notice": password_changed_notice,
}


def _code(tx: Session, about: dict[str, Any]) -> MailCode | None:
    """The row a letter is about; a letter whose code is over is not worth sending."""
    found = select(MailCode).where(
        MailCode.public_id == about.get("code"), MailCode.expires_at > clock.now(), MailCode.used_at.is_(None)
    )
    return tx.execute(found).scalar_one_or_none()


def letter(to: str, subject: T, *parts: T | str) -> Letter:
    """A letter of ours: its paragraphs, what Sala never asks for, and who signs."""
    closing = T("ศาลาไม่โทรหรือทักไปขอเลขบัตรประชาชน รหัส OTP หรือเงิน")
    paragraphs = [str(part) for part in (*parts, closing) if str(part)]
    signed = "\n".join(line for line in (site().name, str(site().operator), url("/")) if line)
    return Letter(to, f"{subject} · {text.balanced(site().name)}", "\n\n".join([*paragraphs, signed]) + "\n")


def _shown(code: MailCode) -> T:
    plain = digits(code)
    return T("รหัส 6 หลัก: %(code)s", code=f"{plain[:3]} {plain[3:]}")


def _until() -> T:
    return T("รหัสและลิงก์ใช้ได้ %(n)s นาที", n=_MINUTES)


def _call_us() -> T | str:
    phone = site().help_phone
    return (
        T("ถ้าไม่ใช่คุณ โทรหาเราที่ %(phone)s", phone=phone)
        if phone
        else T("ถ้าไม่ใช่คุณ เขียนถึงผู้ให้บริการเว็บ (%(name)s)", name=site().operator)
    )


def _or_call_us() -> T:
    """The second thing to do, after one that already said "if it was not you"."""
    phone = site().help_phone
    return (
        T("หรือโทรหาเราที่ %(phone)s", phone=phone)
        if phone
        else T("หรือเขียนถึงผู้ให้บริการเว็บ (%(name)s)", name=site().operator)
    )


def url(path: str) -> str:
    """A path of this site as a letter has it."""
    return site().public_url + path


def _link(path: str, code: MailCode) -> str:
    return url(f"{path}?id={code.public_id}&key={link_key(code)}")
