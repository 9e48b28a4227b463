"""Single fields as they were typed or sent → checked values; whatever is wrong is noted under its path."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from forum.core.agencies.forms import PHONE
from forum.core.consultations.areas import is_code
from forum.kernel import clock, dates, text
from forum.kernel.i18n import T, Text
from forum.kernel.markdown import host_of
from forum.kernel.thai import fold_digits

NAMES = {
    "agency": T("หน่วยงาน"),
    "title": T("หัวเรื่อง"),
    "title_phrases": T("ที่ตัดบรรทัดของหัวเรื่อง"),
    "slug": T("ที่อยู่เว็บ"),
    "summary": T("สรุปสั้น"),
    "body": T("ที่มาของเรื่อง"),
    "can_change": T("ยังเปลี่ยนได้"),
    "decided": T("ตัดสินไปแล้ว"),
    "decider": T("ใครตัดสิน"),
    "effect": T("ความเห็นมีผลอย่างไร"),
    "contact": T("คนและเบอร์ที่ถามได้"),
    "answer_by": T("วันที่ต้องตอบ"),
    "opens_at": T("วันเปิด"),
    "closes_at": T("วันปิด"),
    "legal_basis": T("กฎหมายที่อ้าง"),
    "law_url": T("ลิงก์กฎหมาย"),
    "law_kind": T("กฎหมายเป็นแบบไหน"),
    "area": T("พื้นที่"),
    "area_codes": T("จังหวัดและอำเภอ"),
    "offline_route": T("ทางร่วมที่ไม่ใช้อินเทอร์เน็ต"),
    "documents": T("เอกสาร"),
    "announcements": T("ประกาศที่ไหน เมื่อไร"),
    "privacy_notice": T("ข้อมูลส่วนตัวของคนที่ร่วม"),
    "phases": T("กำหนดช่วงเวลา"),
    "activities": T("วิธีร่วม"),
}
"""What people call each field: in errors, in the list of changes, on the desk."""
LAW_WORDS = {
    "other": T("กฎ ระเบียบ ข้อบัญญัติ หรือโครงการที่กฎหมายให้รับฟัง"),
    "primary": T("ร่างพระราชบัญญัติ"),
}
"""What a hearing is about where a law asks for it, as the office chooses it on the desk."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.A)
_MAIL = re.compile(r"[^@\s<>\"]{1,64}@[a-z0-9.-]{3,120}", re.I)
_PHONE_IN_TEXT = re.compile(r"\+?0[0-9 \-]{7,14}[0-9]")
_AUTHORITY = re.compile(
    r"https://(?:[^/?#@]*@)?(?P<host>\[[^\]/?#]*\]|[^/?#:@\[\]]+)(?::(?P<port>[0-9]{1,5}))?(?=[/?#]|$)", re.I | re.A
)
_INSIDE = frozenset(
    {"localhost", "localdomain", "local", "internal", "intranet", "private", "lan", "home", "corp", "arpa"}
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.A)
_SETTINGS_BYTES = 4096
_DOCUMENTS = 30


class Reading:
    """Reads fields one after another and remembers what is wrong, so that all of it is told at once."""

    def __init__(self) -> None:
        self.errors: dict[str, Text | str] = {}

    def wrong(self, where: str, message: Text) -> None:
        """Notes what is wrong with a field; the first thing said of it stays."""
        self.errors.setdefault(where, message)

    def line(self, where: str, raw: Any, longest: int) -> str:
        """One line of text."""
        return self._measured(where, raw, longest, text.one_line)

    def prose(self, where: str, raw: Any, longest: int) -> str:
        """Text of several paragraphs."""
        return self._measured(where, raw, longest, text.normalise)

    def _measured(self, where: str, raw: Any, longest: int, clean: Any) -> str:
        if raw is None:
            return ""
        try:
            words: str = clean(str(raw))
        except text.Unstorable:
            self.wrong(where, T("มีอักขระที่เก็บไม่ได้"))
            return ""
        if len(words) > longest:
            self.wrong(where, T("ต้องไม่เกิน %(n)s ตัวอักษร", n=f"{longest:,}"))
        elif text.too_many_marks(words):
            self.wrong(where, T("มีสระหรือวรรณยุกต์ซ้อนกันมากเกินไป"))
        return "" if text.is_blank(words) else words

    def lines(self, where: str, raw: Any, most: int, longest: int, strip: bool = True) -> tuple[str, ...]:
        """A list of lines; one text is a list with a line an entry."""
        entries = str(raw).splitlines() if isinstance(raw, str) else list(raw or ())
        if len(entries) > most:
            self.wrong(where, T("ใส่ได้ไม่เกิน %(n)s ข้อ", n=most))
        read = [self.line(f"{where}.{n}", entry, longest) for n, entry in enumerate(entries[:most])]
        if not strip:
            # Spaces at the end of a phrase are part of it: they stand between two phrases of a title.
            read = [line + " " * entry.endswith(" ") for line, entry in zip(read, entries, strict=False)]
        return tuple(line for line in read if line.strip())

    def rows(self, where: str, raw: Any, most: int) -> list[Mapping[str, Any]]:
        """A list of mappings, no longer than it may be."""
        if len(raw or ()) > most:
            self.wrong(where, T("ใส่ได้ไม่เกิน %(n)s ข้อ", n=most))
        return list(raw or ())[:most]

    def one_of(self, where: str, raw: Any, choices: Sequence[str]) -> str:
        """One of the words that may stand here, or nothing."""
        said = str(raw or "")
        if said and said not in choices:
            self.wrong(where, T("เลือกได้เฉพาะที่มีให้"))
        return said if said in choices else ""

    def areas(self, where: str, raw: Any) -> tuple[str, ...]:
        """Official codes of provinces and districts, each once."""
        codes = self.lines(where, raw, 20, 4)
        for n, code in enumerate(codes):
            if not is_code(code):
                self.wrong(f"{where}.{n}", T("ไม่มีจังหวัดหรืออำเภอรหัสนี้"))
        return tuple(dict.fromkeys(codes))

    def https(self, where: str, raw: Any) -> str:
        """An https address that everybody can open, or nothing."""
        address = self.line(where, raw, 500)
        if not address:
            return ""
        found = _AUTHORITY.match(address)
        if found and _is_inside(found["host"]):
            self.wrong(where, T("ลิงก์นี้ชี้เข้าเครือข่ายภายใน คนนอกเปิดไม่ได้ ใช้ลิงก์ที่ทุกคนเปิดได้"))
        elif found is None or host_of(address) is None:
            self.wrong(where, T("ลิงก์ต้องขึ้นต้นด้วย https://"))
        elif found["port"] and int(found["port"]) != 443:
            self.wrong(where, T("ลิงก์นี้มีเลขหลังเครื่องหมาย : ซึ่งหลายคนเปิดไม่ได้ ใช้ลิงก์ https ธรรมดา"))
        return address

    def day(self, where: str, raw: Any) -> date | None:
        """A day: ISO 8601 in the common era, or one that was read before."""
        if raw is None or raw == "":
            return None
        if isinstance(raw, date) and not isinstance(raw, datetime):
            raw = raw.isoformat()
        moment = self.moment(where, raw, ends=False)
        return dates.in_bangkok(moment).date() if moment else None

    def moment(self, where: str, raw: Any, *, ends: bool) -> datetime | None:
        """A moment: ISO 8601 with its zone, or a day, which begins at midnight and ends at the next."""
        if raw is None or raw == "":
            return None
        if isinstance(raw, datetime):
            return self._in_our_time(where, raw)
        try:
            if _DAY.fullmatch(str(raw)):
                day = date.fromisoformat(str(raw))
                return self._in_our_time(where, dates.end_of_day(day) if ends else dates.start_of_day(day))
            read = datetime.fromisoformat(str(raw)[:40])
        except (ValueError, OverflowError):
            self.wrong(where, T("วันเวลาต้องเขียนแบบ ISO 8601 เช่น 2026-11-30T16:30:00+07:00 หรือ 2026-11-30"))
            return None
        if read.tzinfo is None:
            self.wrong(where, T("บอกเขตเวลาด้วย เช่น 2026-11-30T16:30:00+07:00"))
            return None
        return self._in_our_time(where, read)

    def _in_our_time(self, where: str, moment: datetime) -> datetime | None:
        if not 2000 <= moment.year < 2200:
            self.wrong(where, T("ปีต้องอยู่ระหว่าง พ.ศ. 2543 ถึง 2742 (ค.ศ. 2000 ถึง 2199)"))
            return None
        return moment.astimezone(UTC)

    def contact(self, where: str, raw: Any) -> dict[str, str]:
        """Whom to ask: office, name, phone, email; a plain text is the office, and its number the phone."""
        if isinstance(raw, str):
            number = _PHONE_IN_TEXT.search(fold_digits(raw))
            raw = {"office": raw, "phone": number[0] if number else ""}
        said = {name: self.line(f"{where}.{name}", (raw or {}).get(name), 200) for name in _CONTACT}
        said["phone"] = fold_digits(said["phone"])
        if said["phone"] and not PHONE.fullmatch(said["phone"]):
            self.wrong(f"{where}.phone", T("เบอร์โทรใช้ตัวเลข ช่องว่าง และขีดเท่านั้น เช่น 0 2000 0011"))
        if said["email"] and not _MAIL.fullmatch(said["email"]):
            self.wrong(f"{where}.email", T("อีเมลต้องมีรูปแบบ ชื่อ@โดเมน"))
        return {name: value for name, value in said.items() if value}

    def documents(self, where: str, raw: Any) -> tuple[dict[str, Any], ...]:
        """Papers to read first."""
        return tuple(self._document(f"{where}.{n}", row) for n, row in enumerate(self.rows(where, raw, _DOCUMENTS)))

    def _document(self, at: str, row: Mapping[str, Any]) -> dict[str, Any]:
        title, url = self.line(f"{at}.title", row.get("title"), 200), self.https(f"{at}.url", row.get("url"))
        for name, value in (("title", title), ("url", url)):
            if not value:
                self.wrong(f"{at}.{name}", T("ต้องใส่ช่องนี้"))
        size = row.get("size_kb")
        if size is not None and not 0 < size < 10_000_000:
            self.wrong(f"{at}.size_kb", T("ขนาดเป็นกิโลไบต์ ต้องมากกว่า 0"))
        on = self.day(f"{at}.date", row.get("date"))
        said = {
            "title": title,
            "url": url,
            "type": self.line(f"{at}.type", row.get("type"), 20),
            "size_kb": size,
            "date": on.isoformat() if on else None,
            "summary": self.prose(f"{at}.summary", row.get("summary"), 2000),
        }
        return {name: value for name, value in said.items() if value}

    def announcements(self, where: str, raw: Any) -> tuple[dict[str, Any], ...]:
        """Where and when it was made known; a plain text is the place."""
        rows = self.rows(where, [{"channel": r} if isinstance(r, str) else r for r in raw or ()], _DOCUMENTS)
        return tuple(self._announcement(f"{where}.{n}", row) for n, row in enumerate(rows))

    def _announcement(self, at: str, row: Mapping[str, Any]) -> dict[str, Any]:
        on = self.day(f"{at}.date", row.get("date"))
        said = {name: self.line(f"{at}.{name}", row.get(name), 200) for name in ("channel", "ref", "reach")}
        if not said["channel"]:
            self.wrong(f"{at}.channel", T("ต้องใส่ช่องนี้"))
        if on is not None and on > dates.in_bangkok(clock.now()).date():
            self.wrong(f"{at}.date", T("วันที่ประกาศต้องไม่เกินวันนี้ ประกาศแล้วค่อยมาใส่"))
        return {"date": on.isoformat() if on else None} | said

    def settings(self, where: str, raw: Any) -> dict[str, Any]:
        """An activity's settings, small enough to carry everywhere."""
        said: dict[str, Any] = dict(raw or {})
        if len(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")) > _SETTINGS_BYTES:
            self.wrong(where, T("ค่าที่ตั้งยาวเกินไป"))
        return said


def _is_inside(host: str) -> bool:
    """Whether a host names a place inside somebody's own network: every number, every bare name, names kept for it.

    A browser takes a host whose last part is a number for an address, however it is written, so no number is asked
    whether it is a private one: a public paper has a name.
    """
    labels = host.lower().rstrip(".").split(".")
    return (
        host.startswith("[") or len(labels) == 1 or labels[-1] in _INSIDE or _NUMBER.fullmatch(labels[-1]) is not None
    )


_CONTACT = ("office", "name", "phone", "email")
