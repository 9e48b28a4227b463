"""What pages of every feature share: who asks, notes that survive one redirect, safe targets, the page itself."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import quote, urlsplit

from flask import Request, Response, current_app, g, make_response, redirect, render_template, request
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from forum.kernel import csrf, i18n, idempotency, keys, pieces
from forum.kernel.errors import AppError, Denied
from forum.kernel.i18n import T
from forum.kernel.rules import NOBODY, Actor

_NOTE_COOKIE = "note"
_NOTE_SECONDS = 600
_IN_ADDRESSES = "/?#[]@!$&'()*+,;=:%~"
# Nobody can write these into a comment, because nobody can guess them.
NONCE_MARK = f"@@nonce.{secrets.token_hex(12)}@@"
CSRF_MARK = f"@@csrf.{secrets.token_hex(12)}@@"


def actor() -> Actor:
    """Who asks in this request; nobody when not signed in."""
    if not current_user.is_authenticated:
        return NOBODY
    return cast(Actor, current_user.actor)


def caller() -> str:
    """A name for whoever calls, for limits and idempotency: the account, else the address, keyed."""
    if current_user.is_authenticated:
        return f"user:{actor().user_id}"
    return address()


def address() -> str:
    """The caller's network address under a key, so that counters hold no address."""
    return "guest:" + keys.keyed("address", request.remote_addr or "")[:24]


def key_owner(key: str) -> str:
    """Whose idempotency key this is. A guest's phone may change its address between two tries, so a guest's
    key that nobody can guess stands for itself; a short one counts for one address only.
    """
    if actor().is_nobody and len(key) >= 16:
        return "guest"
    return caller()


def sign_in_digest() -> str:
    """The digest of the present sign-in, to which form tokens are bound; empty for nobody."""
    return current_user.digest if current_user.is_authenticated else ""


def csrf_token() -> str:
    """A form token for this page; pages kept for many readers carry a mark that is replaced for each."""
    pieces.only_this_reader()
    if "page_kept" in g:
        g.page_marked = True
        return CSRF_MARK
    digest = sign_in_digest()
    made_for, token = g.get("form_token", (None, ""))
    if made_for != digest:
        token = csrf.make(digest)
        g.form_token = (digest, token)
    return cast(str, token)


def nonce() -> str:
    """The Content-Security-Policy nonce of this page."""
    pieces.only_this_reader()
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(12)
    if "page_kept" in g:
        g.page_marked = True
        return NONCE_MARK
    return cast(str, g.nonce)


def check_origin(req: Request) -> None:
    """A write must come from our own pages as far as the browser says; raises `Denied`."""
    if req.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise Denied("origin")
    origin = req.headers.get("Origin")
    ours = (f"{req.scheme}://{req.host}", current_app.config["SALA"].public_url)
    if origin is not None and origin not in ours:
        raise Denied("origin")


def check_form(req: Request) -> None:
    """A form must bring the token of the reader's sign-in; raises `Denied`."""
    check_origin(req)
    if not csrf.check(sign_in_digest(), req.form.get("csrf_token", "")):
        raise Denied("form_token")


def once(tx: Session, said: object, make: Callable[[], str]) -> str:
    """What a form makes, by name: the same form of the same page sent twice, as slow phones do, makes one thing."""
    words = repr(said).encode()
    key = f"{request.form.get('csrf_token', '')[:48]}.{hashlib.sha256(words).hexdigest()[:40]}"
    owner = key_owner(key)
    before = idempotency.begin(tx, owner, key, words)
    if before is not None:
        return before.result
    made = make()
    idempotency.finish(tx, owner, key, 303, made)
    return made


def page(template: str, status: int = 200, **context: Any) -> Response:
    """A page of ours in the reader's language."""
    spoken = current_app.extensions["spoken"][i18n.language()]
    return make_response(render_template(spoken.get_template(template), **context), status)


def see_other(path: str) -> Response:
    """The answer to a form that worked: go and look there."""
    return cast(Response, redirect(quote(path, safe=_IN_ADDRESSES), 303))


def local_path(target: str | None, default: str = "/") -> str:
    """The target when it is a path on this site, else the default; nobody is sent elsewhere from here."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    parts = urlsplit(target)
    clean = all(c.isprintable() and c != "\\" for c in target)
    return target if clean and not parts.scheme and not parts.netloc else default


def note(response: Response, kind: str, **values: str) -> Response:
    """Leaves a note for the next page this reader sees; signed, short-lived, not readable by scripts."""
    packed = _notes().dumps({"kind": kind, **values})
    response.set_cookie(_NOTE_COOKIE, packed, max_age=_NOTE_SECONDS, **cookie_flags())
    return response


def take_note() -> Mapping[str, str] | None:
    """The note left by the last page, once; the answer to this request takes the cookie away."""
    pieces.only_this_reader()
    if "note" not in g:
        g.note = _read_note(request.cookies.get(_NOTE_COOKIE))
    return cast(Mapping[str, str] | None, g.note)


def has_note() -> bool:
    """Whether a note waits; then this reader's page is their own and is not kept for others."""
    return _NOTE_COOKIE in request.cookies


def drop_taken_note(response: Response) -> None:
    """Removes the note cookie after it was shown; a receipt's stays its ten minutes, for who loads the page again."""
    if g.get("note") and g.note["kind"] != "receipt" and _NOTE_COOKIE not in response.headers.get("Set-Cookie", ""):
        response.delete_cookie(_NOTE_COOKIE, **cookie_flags())


def cookie_flags() -> dict[str, Any]:
    """How every cookie of this site is set."""
    return {"httponly": True, "samesite": "Lax", "secure": current_app.config["SALA"].is_https, "path": "/"}


def _read_note(cookie: str | None) -> Mapping[str, str] | None:
    if not cookie:
        return None
    try:
        return cast(Mapping[str, str], _notes().loads(cookie))
    except BadSignature:
        return None


def _notes() -> URLSafeSerializer:
    return URLSafeSerializer(keys.keyed("note", ""), salt="note")


def may_stand_in_a_frame() -> None:
    """Lets the answer to this request be shown inside a page of ours, which no other page may be."""
    g.framed = True


def frames_our_pages() -> None:
    """Lets the answer to this request show another page of ours inside it."""
    g.framing = True


def wants_json() -> bool:
    """Whether the answer is for a program."""
    return request.path.startswith("/api/")


def status_of(error: Exception) -> int:
    """The HTTP status an error answers with."""
    return error.status if isinstance(error, AppError) else 500


def reader_language(req: Request) -> str:
    """Language by `?lang=`, else the cookie, else Thai."""
    asked = req.args.get("lang") or req.cookies.get("lang") or "th"
    return asked if asked in i18n.LANGUAGES else "th"


_TITLES = {
    400: T("คำขอนี้อ่านไม่ได้"),
    401: T("ต้องเข้าสู่ระบบก่อน"),
    403: T("ทำสิ่งนี้ไม่ได้"),
    404: T("ไม่พบหน้านี้"),
    405: T("หน้านี้ไม่รับคำขอแบบนี้"),
    409: T("มีคนแก้ไปก่อนแล้ว"),
    410: T("เคยอยู่ที่นี่ แต่ไม่แสดงแล้ว"),
    413: T("สิ่งที่ส่งมาใหญ่เกินไป"),
    415: T("รูปแบบที่ส่งมายังไม่รองรับ"),
    422: T("ยังส่งไม่ได้"),
    429: T("ส่งถี่เกินไป"),
    503: T("ระบบกำลังยุ่ง"),
}
_ADVICE = {
    400: T("ลองโหลดหน้าใหม่แล้วทำอีกครั้ง"),
    404: T("ที่อยู่นี้อาจพิมพ์ผิด หรือยังไม่เปิดให้อ่าน"),
    405: T("กลับไปหน้าก่อนแล้วลองจากปุ่มในหน้า"),
    413: T("ลดข้อความให้สั้นลงแล้วส่งใหม่"),
    429: T("รอสักครู่แล้วส่งใหม่ ข้อความของคุณยังอยู่"),
    503: T("ยังไม่มีอะไรเปลี่ยน รอสักครู่แล้วลองใหม่"),
}


def title_of(status: int) -> str:
    """What an HTTP status means, in the reader's language."""
    return str(_TITLES.get(status, T("ระบบขัดข้อง")))


def advice_of(status: int) -> str:
    """What to do about an HTTP status, in the reader's language."""
    return str(_ADVICE.get(status, T("ไม่ใช่ความผิดของคุณ ยังไม่มีอะไรเปลี่ยน ลองใหม่อีกครั้ง")))


_REASONS = {
    "sign_in": T("เข้าสู่ระบบก่อน ถ้าพิมพ์ค้างไว้ ข้อความยังอยู่"),
    "token": T("รหัสสำหรับโปรแกรมนี้ใช้ไม่ได้หรือยกเลิกไปแล้ว"),
    "origin": T("คำขอนี้มาจากเว็บอื่น เปิดหน้านี้จากศาลาโดยตรงแล้วลองใหม่"),
    "form_token": T("หน้านี้เปิดไว้ก่อนเข้าหรือออกจากระบบ โหลดหน้าใหม่แล้วส่งอีกครั้ง ข้อความของคุณยังอยู่"),
}


_HELPS = {
    "sign_in": T("เข้าสู่ระบบ หรือแนบรหัสสำหรับโปรแกรมที่สร้างจากหน้าบัญชีของคุณ"),
    "token": T("สร้างรหัสสำหรับโปรแกรมใหม่ที่หน้าบัญชีของคุณ แล้วใช้แทนอันเดิม"),
    "origin": T("เปิดศาลาโดยตรง แล้วส่งใหม่จากหน้านั้น"),
    "form_token": T("โหลดหน้าใหม่แล้วส่งอีกครั้ง ถ้าเป็นโปรแกรมให้ใช้รหัสสำหรับโปรแกรมแทนคุกกี้"),
}


def add_reasons(reasons: Mapping[str, T], helps: Mapping[str, T]) -> None:
    """A feature's own reasons why not, by key, and for each what would help; a key means one thing everywhere."""
    assert reasons.keys() == helps.keys()
    assert not reasons.keys() & _REASONS.keys()
    _REASONS.update(reasons)
    _HELPS.update(helps)


def reason_text(key: str) -> str:
    """The sentence for a reason why not; an unknown key is a KeyError."""
    return str(_REASONS[key])


def help_text(key: str) -> str:
    """What would help whoever was refused for this reason; an unknown key is a KeyError."""
    return str(_HELPS[key])
