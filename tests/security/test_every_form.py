"""Every form of every page, each by a row of one table: input that is wrong, missing, too large or sent twice is
refused with the field named in the reader's language, changes nothing, and what was typed is still there. A form
without a row, or with a box that is not in its row, fails.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from forum.commons.comments.entering import enter
from forum.commons.comments.forms import NewComment, read_comment
from forum.commons.comments.queries import thread_by
from forum.commons.comments.service import post_comment
from forum.core.accounts import service
from forum.core.accounts.models import MailCode, User
from forum.core.accounts.queries import digest_of
from forum.core.accounts.service.codes import digits, link_key, make_code
from forum.core.agencies import invitations
from forum.core.agencies.forms import InviteForm
from forum.core.agencies.models import Agency
from forum.core.answers import service as answers
from forum.core.answers.forms import read_answer
from forum.core.consultations import sign_offs
from forum.core.consultations.tallies import Numbers, as_counted
from forum.core.entries.models import Entry
from forum.kernel import clock, csrf, dates, db, ids
from forum.observers.reports.models import Report
from tests.factories import Make
from tests.security.refusals import apart, is_said, unchanged
from tests.security.shown import HERE, Shown

GOOD, NEW = "เรือข้ามฟากตอนเช้า", "ตลาดเช้าริมคลองสามแถว"
LONG = "a" * 25_000
MARKS = "\u0e01" + "\u0e31" * 300


@dataclass(frozen=True)
class Box:
    """A box of a form: what will not do in it, and how it is refused."""

    wrong: tuple[str, ...] = ()
    must: bool = False
    named: str | None = None
    """The field that the page names, when it is not this one."""
    status: int = 422
    kept: bool = True
    """Whether the page shows it again: never a password or a code."""
    choice: bool = False
    """Chosen from a list, so that the page cannot show again what is not in it."""
    here: bool = True
    """Whether the page has this box; a forged one is told of above the form."""
    any: bool = False
    """Whatever is sent does as well as what the page would send."""


def line(most: int, *wrong: str, must: bool = False, named: str | None = None) -> Box:
    """A text of so many letters, with too many marks on one letter among what will not do."""
    blank = ("", "  ", "\u200b") if must else ()
    return Box(("a" * (most + 1), LONG, MARKS, *wrong, *blank), must, named)


def secret(*wrong: str, must: bool = True, **more: Any) -> Box:
    """A password or a code."""
    return Box(("", *wrong, LONG), must, kept=False, **more)


ANY = Box(any=True)
UNSEEN = Box(any=True, kept=False)
HIDDEN = {"next": ANY, "kept": ANY}
EMAIL = Box(("", " ", "x", "x@", "a b@example.org", "a" * 260 + "@example.org", LONG), must=True)


def date(name: str, must: bool = False) -> dict[str, Box]:
    """The three boxes of a date, named as one."""
    return {
        f"{name}.day": Box(("", "32", "0", "x", "-1", "9" * 50), must, name),
        f"{name}.month": Box(("", "13", "x"), must, name, choice=True),
        f"{name}.year": Box(("", "x", "25", "9" * 50), must, name),
    }


def moment(name: str) -> dict[str, Box]:
    return date(name) | {f"{name}.time": Box(("25.00", "x", "99", LONG), named=name)}


def day(name: str, days: int, **more: str) -> dict[str, str]:
    on = dates.in_bangkok(clock.now()).date() + timedelta(days=days)
    typed = {"day": str(on.day), "month": str(on.month), "year": str(on.year + 543)} | more
    return {f"{name}.{part}": value for part, value in typed.items()}


LINK = ("http://example.org", "javascript:alert(1)", "x")
TASKS: dict[str, tuple[dict[str, str], dict[str, Box]]] = {
    "question": ({"title": "ทางเดินริมคลอง|กว้างแค่ไหน", "slug": "{draft}"},
        {"title": line(200, must=True), "slug": line(60, "A B", "ก", "new", "../x")}),
    "story": ({"summary": "สรุป", "body": "แบบ ก หรือ ข"}, {"summary": line(600), "body": line(20_000)}),
    "scope": ({"can_change": "ความกว้าง", "decided": "จะสร้าง"},
        {"can_change": line(300, "x\n" * 21), "decided": line(300, "x\n" * 21)}),
    "decision": ({"decider": "ผอ.กองช่าง", "effect": "มีผล"}, {"decider": line(300), "effect": line(600)}),
    "dates": ({**day("opens_at", -1, time="09.00"), **day("closes_at", 20, time="16.30"), **day("answer_by", 60)},
        {**moment("opens_at"), **moment("closes_at"), **date("answer_by")}),
    "ways": (
        {"activities.0.kind": "discussion", "activities.0.key": "discussion", "activities.0.title": "คุยเรื่องความกว้าง",
         "phases.0.title": "ช่วงแรก", "phases.0.activities": "discussion",
         **day("phases.0.starts_at", -1, time="09.00"), **day("phases.0.ends_at", 20, time="16.30")},
        {"activities.0.kind": Box(("nothing", LONG, ""), True, choice=True, here=False),
         "activities.0.key": replace(line(60, "A b", "ก"), here=False), "activities.0.title": line(120),
         "phases.0.title": line(120, must=True), "phases.0.activities": Box(("nobody", LONG), kept=False),
         **moment("phases.0.starts_at"), **moment("phases.0.ends_at")}),
    "offline": ({"offline_route": "โทรมาได้"}, {"offline_route": line(600)}),
    "contact": (
        {"contact.office": "กองช่าง", "contact.name": "นก", "contact.phone": "0 2000 0011",
         "contact.email": "a@example.org", "agreed": "1"},
        {"contact.office": line(200), "contact.name": line(200), "contact.phone": line(40, "x"),
         "contact.email": line(200, "x", "x@"), "agreed": Box((), True, "contact.name", choice=True)}),
    "privacy": ({"privacy_notice": "เก็บ 2 ปี", "confirmed": "1"},
        {"privacy_notice": line(4000, must=True), "confirmed": Box((), True, choice=True)}),
    "area": ({"area": "ริมคลอง", "area_codes": "1011", "province": "", "district": ""},
        {"area": line(200), "area_codes": Box(("99", "x"), choice=True), "province": UNSEEN, "district": UNSEEN}),
    "documents": (
        {"documents.0.title": "แบบ", "documents.0.url": "https://example.org/a.pdf", "documents.0.type": "PDF",
         "documents.0.size_kb": "180", "documents.0.summary": "ย่อ", **day("documents.0.date", -30)},
        {"documents.0.title": line(200, must=True), "documents.0.url": line(500, *LINK, must=True),
         "documents.0.type": line(20, must=True),
         "documents.0.size_kb": Box(("", "x", "-1", "1.5", "0", "9" * 50), True),
         "documents.0.summary": line(2000, must=True), **date("documents.0.date", must=True)}),
    "law": ({"law_kind": "other", "legal_basis": "ระเบียบ", "law_url": "https://example.org/law"},
        {"law_kind": Box(("magic", LONG), choice=True), "legal_basis": line(600), "law_url": line(500, *LINK)}),
    "announcements": (
        {"announcements.0.channel": "ป้ายหน้าตลาด", "announcements.0.ref": "ทพ 1", "announcements.0.reach": "300",
         **day("announcements.0.date", -3)},
        {"announcements.0.channel": line(200, must=True), "announcements.0.ref": line(200),
         "announcements.0.reach": line(200), **date("announcements.0.date", must=True)}),
}  # fmt: skip
"""Each short form of the set-up: what is typed, and what its boxes are held to."""
MEMO = {"by": "memo", "memo_no": "ทพ 1", **day("memo_date", -3), "reason": "พอแล้ว"}
MEMO_BOXES = {
    "by": Box(("x", LONG, "member"), choice=True), "memo_no": Box(("", "a" * 101, LONG, MARKS), True),
    **date("memo_date", must=True), "reason": line(500),
}  # fmt: skip
SPOKEN = {"body": "ขอทางลาด", "name": "ป้าริมคลอง", "consent": "1", "stance": "for", "parent": "{comment}"}
BODY = line(10_000, must=True)
VERSION = Box(("", "x", "-1", "9" * 50, LONG), True, kept=False, here=False)


KEYED = {"sheet": "12", "body": "ขอราวจับ"}
KEYED_BOXES = {"sheet": Box(("a" * 61,)), "body": BODY}
LATER_ROWS = {f"rows.{n}.{name}": Box() for n in range(1, 10) for name in ("channel", "on", "sheet", "body", "stance")}


def on_line(days: int) -> str:
    """A day typed into one box."""
    on = dates.in_bangkok(clock.now()).date() + timedelta(days=days)
    return f"{on.day}/{on.month}/{on.year + 543}"


GONE = Box(("", "x", LONG), True, "", kept=False)
KEY = Box(("x", LONG), named="", kept=False)
NEW_PASSWORD = ("short", "1234567890", "a" * 201)
DESK_VERSION = replace(VERSION, named="")


@dataclass(frozen=True)
class Row:
    """One form as somebody fills it in: the page it stands on, where it goes, and what each box is held to."""

    who: str
    page: str
    path: str
    typed: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)
    status: int = 303
    again: int = 303
    """What the same form sent once more answers."""
    counts: tuple[str, ...] = ()
    """Where an attempt that was refused is counted."""
    most: int = 300_000
    """More bytes than the form takes."""


CODES = ("mail_code",)
CHOSEN = Box(("nobody", LONG), status=404)
STEP = Box(("x", LONG), choice=True)
ANSWER = {
    "disposition": "partly", "reason": "ทำได้ครึ่งหนึ่ง", "memo_no": "ทพ 9", **day("memo_date", -3), "act": "memo",
}  # fmt: skip
ANSWER_BOXES = {
    "disposition": Box(("x", "", LONG), True, choice=True), "reason": line(10_000, must=True),
    "memo_no": line(100, must=True), **date("memo_date", must=True), "act": Box(any=True, kept=False),
}  # fmt: skip
TABLE: dict[str, Row] = {
    "accounts.enter": Row("guest", "/login", "/login", {"email": "{email}", "password": GOOD, "next": "/", "kept": ""},
        {"email": EMAIL, "password": secret("wrong"), **HIDDEN}),
    "accounts.leave": Row("citizen", "/account", "/logout", {}, {"next": ANY}),
    "accounts.ask_sign_up": Row("guest", "/signup", "/signup",
        {"email": "new@example.org", "name": "นกน้ำ", "password": NEW, "consent": "1", "next": "/", "kept": ""},
        {"email": EMAIL, "name": line(40, "x", "admin", "a@b.example", "www.x", must=True),
         "password": secret(*NEW_PASSWORD), "consent": ANY, **HIDDEN}),
    "accounts.confirm_by_code": Row("guest", "/signup?id={sign_up}", "/signup/code",
        {"id": "{sign_up}", "code": "{sign_up_code}"},
        {"id": GONE, "code": secret("000000", "x", "๑")}, again=422, counts=CODES),
    "accounts.confirm_by_link": Row("guest", "/signup/confirm?id={sign_up}&key={sign_up_key}", "/signup/confirm",
        {"id": "{sign_up}", "key": "{sign_up_key}", "password": GOOD},
        {"id": GONE, "key": secret("x", named=""), "password": secret("wrong")},
        again=422, counts=CODES),
    "accounts.sign_up_again": Row("guest", "/signup?id={sign_up}", "/signup/again", {"id": "{sign_up}"}, {"id": ANY}),
    "accounts.ask_reset": Row("guest", "/reset", "/reset", {"email": "{email}"}, {"email": EMAIL}),
    "accounts.reset_again": Row("guest", "/reset?id={reset}", "/reset/again", {"id": "{reset}"}, {"id": ANY}),
    "accounts.set_new_password": Row("guest", "/reset?id={reset}", "/reset/password",
        {"id": "{reset}", "key": "", "code": "{reset_code}", "new_password": NEW},
        {"id": GONE, "key": KEY,
         "code": secret("000000", "x"), "new_password": secret(*NEW_PASSWORD)}, again=422, counts=CODES),
    "accounts.theme": Row("guest", "/", "/theme", {"to": "dark", "next": "/"}, {"to": ANY, "next": ANY}),
    "accounts.change_name": Row("citizen", "/account", "/account/name", {"name": "นกป่า", "version": "1"},
        {"name": line(40, "x", "admin", "a@b.example", must=True),
         "version": Box(("", "x", "2", "9" * 50), True, "name", 409, kept=False)}, again=409),
    "accounts.ask_new_address": Row("citizen", "/account", "/account/email",
        {"new_email": "new@example.org", "email_password": GOOD},
        {"new_email": EMAIL, "email_password": secret("wrong"), "username": ANY}),
    "accounts.change_address": Row("citizen", "/account/email?id={move}", "/account/email/code",
        {"id": "{move}", "key": "", "code": "{move_code}"},
        {"id": GONE, "key": KEY,
         "code": secret("000000", "x")}, again=422, counts=CODES),
    "accounts.change_password": Row("citizen", "/account", "/account/password",
        {"current_password": GOOD, "new_password": NEW},
        {"username": ANY, "current_password": secret("wrong"), "new_password": secret(*NEW_PASSWORD)}, again=422),
    "accounts.sign_out_elsewhere": Row("citizen", "/account", "/account/sign-outs"),
    "accounts.make_token": Row("citizen", "/account", "/account/tokens", {"token_name": "โปรแกรม"},
        {"token_name": Box(("", " ", "\u200b", "a" * 61, LONG), True)}, status=200, again=200),
    "accounts.revoke_token": Row("citizen", "/account", "/account/tokens/{token}/revoke", again=404),
    "accounts.change_consent": Row("citizen", "/account", "/account/consent", {"given": "1"}, {"given": ANY}),
    "accounts.delete_account": Row("citizen", "/account/delete", "/account/delete",
        {"posts": "keep", "delete_password": GOOD},
        {"posts": Box(("", "x", LONG), True, choice=True), "username": ANY, "delete_password": secret("wrong")},
        status=200, again=401),
    "items.look_up": Row("guest", "/r", "/r", {"code": "{receipt}"},
        {"code": Box(("", "x", "สล-0000-0000", "a" * 40), True)}),
    "items.withdraw": Row("guest", "/r/{receipt}", "/r/{code}/withdraw", again=404),
    "comments.speak": Row("guest", "/t/{thread}?reply={comment}", "/t/{thread}/comments", SPOKEN,
        {"body": BODY, "name": line(40, must=True), "consent": Box(("",), True, choice=True),
         "stance": Box(("x", LONG), choice=True, here=False), "parent": Box(("nobody", LONG), kept=False, here=False),
         "work": ANY}),
    "comments.edit": Row("citizen", "/comments/{comment}/edit", "/comments/{comment}/edit",
        {"body": "ใหม่", "version": "1", "reason": "พิมพ์ผิด", "personal_data": "1"},
        {"body": BODY, "version": VERSION, "reason": Box(("a" * 301, LONG)), "personal_data": ANY}, again=409),
    "comments.guest_edit": Row("guest", "/r/{code}/edit", "/r/{code}/edit",
        {"body": "ใหม่", "version": "1", "reason": "พิมพ์ผิด", "personal_data": "1"},
        {"body": BODY, "version": VERSION, "reason": Box(("a" * 301, LONG)), "personal_data": ANY}, again=409),
    "comments.withdraw": Row("citizen", "/t/{thread}", "/comments/{comment}/withdraw", {}, {"next": ANY}, again=403),
    "comments.react": Row("citizen", "/t/{thread}", "/comments/{comment}/react",
        {"on": "useful", "next": "/t/{thread}"},
        {"on": Box(("love", "", LONG), status=404), "off": ANY, "next": ANY}),
    "discussion.start": Row("officer", "/c/{slug}/talk/discussion/new", "/c/{slug}/talk/discussion/new",
        {"title": "ทางลาดตรงไหน", "body": "เล่ามา", "stance": "agree", "options": ""},
        {"title": line(160, must=True), "body": line(4000), "stance": Box(("x", LONG), choice=True),
         "options": Box(("a" * 41, LONG), kept=False)}),
    "answers_desk.make": Row("officer", "/desk/{slug}/answers/new?item={comment}", "/desk/{slug}/answers/new",
        {"item": "{comment}", "progress": "planned", **ANSWER}, {"item": CHOSEN, "progress": STEP, **ANSWER_BOXES}),
    "answers_desk.tell": Row("officer", "/desk/{slug}/answers/progress?item={comment}", "/desk/{slug}/answers/progress",
        {"item": "{comment}", "progress": "planned", "reason": "ปีหน้า"},
        {"item": CHOSEN, "progress": replace(STEP, wrong=("x", "", LONG), must=True), "reason": line(10_000)}),
    "answers_desk.change": Row("officer", "/desk/{slug}/answers/{kept_answer}", "/desk/{slug}/answers/{kept_answer}",
        {"version": "1", **ANSWER}, {"version": DESK_VERSION, **ANSWER_BOXES}, again=409),
    "answers_desk.approve": Row("second", "/desk/{slug}/answers/{asked_answer}",
        "/desk/{slug}/answers/{asked_answer}/approve", {"version": "1"}, {"version": DESK_VERSION}, again=409),
    "answers_desk.give_back": Row("second", "/desk/{slug}/answers/{asked_answer}",
        "/desk/{slug}/answers/{asked_answer}/return", {"version": "1", "note": "ใส่วันที่ด้วย"},
        {"version": DESK_VERSION, "note": line(1000, must=True)}, again=409),
    "answers_desk.drop": Row("officer", "/desk/{slug}/answers/{kept_answer}",
        "/desk/{slug}/answers/{kept_answer}/drop", again=404),
    "desk.make": Row("officer", "/desk/new", "/desk/new",
        {"agency": "{agency}", "title": "ทางเดิน|กว้างแค่ไหน", "start": ""},
        {"agency": Box(("", "nobody", LONG), True, choice=True, here=False), "title": line(200, must=True),
         "start": Box(("x", "text:x", "copy:x", LONG), choice=True)}),
    **{f"desk.keep {task}": Row("officer", f"/desk/{{draft}}/setup/{task}", f"/desk/{{draft}}/setup/{task}",
        {"version": "1", "reason": "", "seen": "", **typed},
        {"version": DESK_VERSION, "reason": Box(("a" * 501,), kept=False, here=False), "seen": UNSEEN, **boxes},
        again=409)
        for task, (typed, boxes) in TASKS.items()},
    "desk.drop_topic": Row("officer", "/desk/{draft}/setup/topics", "/desk/{draft}/topics/{prepared}/drop"),
    "desk.open_now": Row("officer", "/desk/{draft}/open", "/desk/{draft}/open", {"how": "", **MEMO},
        {"how": UNSEEN, **MEMO_BOXES}, again=403),
    "desk.approve": Row("owner", "/desk/{asked}/approve", "/desk/{asked}/approve", again=409),
    "desk.give_back": Row("owner", "/desk/{asked}/approve", "/desk/{asked}/refuse", {"note": "เบอร์ผิด"},
        {"note": line(500, must=True)}, again=409),
    "desk.close_now": Row("officer", "/desk/{slug}/close", "/desk/{slug}/close", MEMO,
        MEMO_BOXES | {"reason": line(500, must=True)}, again=403),
    "desk.change_agency": Row("owner", "/desk/agency/{agency}", "/desk/agency/{agency}",
        {"name_th": "กองช่าง", "name_en": "Works", "phone": "0 2000 0001", "address": "ริมคลอง", "about": "ดูแล",
         "guests": "1", "colour_band": "#0e5a4f", "colour_line": "#8a6a4b", "version": "1"},
        {"colour_band": line(7, "red", "#ffd400"), "colour_line": line(7, "url(x)", "#000000"),
         "name_th": line(160, must=True), "name_en": line(160), "phone": line(40, "x"), "address": line(400),
         "about": line(1000), "guests": ANY, "version": DESK_VERSION}, again=409),
    "entries.keep": Row("officer", "/desk/{slug}/entries/new", "/desk/{slug}/entries/new",
        {"channel": "phone", "topic": "{thread}", "stance": "for", **KEYED, **day("received", -1)},
        {"channel": Box(("", "fax", "web", LONG), True, choice=True), "topic": Box(("x", LONG), kept=False, here=False),
         "stance": Box(("x", LONG), choice=True), "sure": ANY, **KEYED_BOXES, **date("received", must=True)}),
    "entries.keep_many": Row("officer", "/desk/{slug}/entries/grid", "/desk/{slug}/entries/grid",
        {"all.channel": "paper", "all.on": "", "rows.0.channel": "phone", "rows.0.on": on_line(-1),
         "rows.0.stance": "for", **{f"rows.0.{name}": said for name, said in KEYED.items()}},
        {"all.channel": ANY, "all.on": ANY, "sure": ANY, "file": ANY,
         "rows.0.channel": Box(("fax", "web"), choice=True), "rows.0.stance": Box(("x",), choice=True),
         "rows.0.on": Box(("x", "31/2/2569", "22/11/69", "2569-11-22", "1/1/2569", "1/1/2999"), True),
         **{f"rows.0.{name}": box for name, box in KEYED_BOXES.items()}, **LATER_ROWS}, status=200, most=5_000_000),
    "entries.print_sheets": Row("officer", "/desk/{slug}/entries/sheets", "/desk/{slug}/entries/sheets",
        {"count": "2"}, {"count": Box(("", "0", "-1", "101", "x", "1.5", "9" * 50, LONG), True)}, status=200),
    "entries.draw": Row("officer", "/desk/{slug}/entries/check", "/desk/{slug}/entries/check"),
    "entries.judge": Row("officer", "/desk/{slug}/entries/check/{drawn}", "/desk/{slug}/entries/check/{drawn}",
        {"body": "ตามใบ", "found": "other", "note": "อ่านผิด", "version": "1"},
        {"body": BODY, "found": Box(("", "x", LONG), True, choice=True), "note": Box(("a" * 301, LONG)),
         "version": VERSION}),
    "entries.mend": Row("officer", "/desk/{slug}/entries/keyed/{keyed}", "/desk/{slug}/entries/keyed/{keyed}",
        {"body": "ตามที่เขียน", "version": "1"}, {"body": BODY, "version": VERSION, "sure": ANY}),
    "members.invite": Row("owner", "/desk/agency/{agency}/members/invite", "/desk/agency/{agency}/members/invite",
        {"role": "officer", "way": "letter", "email": "new@example.org"},
        {"role": Box(("", "x", "operator", LONG), True, choice=True), "way": Box(("", "x", LONG), True, choice=True),
         "email": EMAIL}),
    "members.withdraw": Row("owner", "/desk/agency/{agency}/members",
        "/desk/agency/{agency}/members/invitations/{invited}/withdraw"),
    "members.another": Row("owner", "/desk/agency/{agency}/members/invitations/{invited}",
        "/desk/agency/{agency}/members/invitations/{invited}/again"),
    "members.change": Row("owner", "/desk/agency/{agency}/members/{member}/officer",
        "/desk/agency/{agency}/members/{member}/officer", {"to": "reviewer", "reason": "ย้ายงาน"},
        {"to": Box(("", "x", "officer", "operator", LONG), True, choice=True), "reason": line(300, must=True)}),
    "reports.ask": Row("officer", "/desk/{slug}/reports", "/desk/{slug}/reports"),
    "reports.publish": Row("officer", "/desk/{slug}/reports/1/publish", "/desk/{slug}/reports/1/publish",
        {"sure": "1"}, {"sure": Box(("", "0", "on", LONG), True, choice=True)}),
    "members.look_up": Row("guest", "/join", "/join", {"code": "{join_code}"},
        {"code": Box(("", "x", "0000-0000-0000", "a" * 40), True)}),
    "members.accept": Row("citizen", "/join/{join}", "/join/{join}"),
}  # fmt: skip
FILLED = [name for name, row in TABLE.items() if row.boxes]


@cache
def hashed_once() -> str:
    return service.hash_password(GOOD)


class Place:
    """A site in which every form can be filled in, and somebody of each kind at a browser."""

    def __init__(self, app: Flask, make: Make, tx: Session):
        self.app, self.make, self.tx = app, make, tx
        agency: Agency = make.agency()
        hashed = hashed_once()
        citizen = make.user("นก ริมคลอง", password_hash=hashed)
        self.people: dict[str, User] = {
            "citizen": citizen, "officer": make.member(agency), "owner": make.member(agency, "owner"),
            "second": make.member(agency),
        }  # fmt: skip
        consultation = make.consultation(agency)
        draft, asked = (make.consultation(agency, state="draft", body="เรื่อง", privacy_notice="เก็บ 1 ปี") for _ in "ab")
        sign_offs.ask(tx, make.actor(self.people["officer"]), asked, "open", wanted=True, reason="น้ำมาก่อนฤดู")
        thread = make.thread(consultation, stance="agree")
        self.known = {
            "email": str(citizen.email), "agency": agency.slug, "slug": consultation.slug, "draft": draft.slug,
            "asked": asked.slug, "prepared": make.thread(draft),
            "thread": thread,
        }  # fmt: skip
        self._speak(thread)
        self._answer(consultation, thread)
        self._key(agency, thread)
        self._codes(citizen, hashed)
        self._invite(agency)
        self._report(consultation.id)
        self.known["token"] = service.make_token(tx, citizen.id, "x")[0]
        tx.flush()

    def _speak(self, thread: str) -> None:
        path = f"/api/v1/threads/{thread}/comments"
        said: dict[str, Any] = {"body": "ขอทางลาด", "consent": True}
        bearer = {"Authorization": f"Bearer {self.make.token(self.people['citizen'])}"}
        client = self.app.test_client()
        self.known["comment"] = client.post(path, json=said, headers=bearer).json["id"]
        self.known["receipt"] = client.post(path, json=said | {"name": "ป้า"}).json["receipt"]
        self.known["code"] = self.known["receipt"].replace("-", "").removeprefix("สล")

    def _answer(self, consultation: Any, thread: str) -> None:
        """One answer that is kept, one that waits for somebody other than the officer."""
        officer = self.make.actor(self.people["officer"])
        form = read_answer({"disposition": "noted", "reason": "อ่านแล้ว"})
        for name in ("kept_answer", "asked_answer"):
            said = read_comment({"body": f"ขอราวจับ {name}"}, guest=False, stances=False)
            who = self.make.actor(self.people["citizen"])
            posted = post_comment(self.tx, who, thread_by(self.tx, thread), said)
            written = answers.draft(self.tx, officer, consultation, [posted.comment_id], form)
            if name == "asked_answer":
                answers.ask(self.tx, officer, written)
            self.known[name] = written.public_id

    def _key(self, agency: Agency, thread: str) -> None:
        """Keyed by a colleague and drawn for a second look; one more is not drawn yet."""
        colleague = self.make.actor(self.make.member(agency))
        place = thread_by(self.tx, thread)
        said = [
            NewComment(body, body, channel="paper", sheet=sheet) for body, sheet in (("จากใบ", "91"), ("อีกใบ", "92"))
        ]
        drawn, other = enter(self.tx, colleague, place, said)
        self.tx.execute(update(Entry).where(Entry.item_id == drawn.comment_id).values(sampled=True))
        self.known["drawn"], self.known["keyed"] = drawn.public_id, other.public_id

    def _codes(self, citizen: User, hashed: str) -> None:
        pending: dict[str, dict[str, Any]] = {
            "sign_up": {
                "name": "นกน้ำ", "password_hash": hashed, "lang": "th", "consented_at": None, "next": "/", "kept": "",
            },
            "reset": {"user_id": citizen.id},
            "move": {"user_id": citizen.id},
        }  # fmt: skip
        for name, what in pending.items():
            email = "new@example.org" if name != "reset" else str(citizen.email)
            row: MailCode = make_code(self.tx, "change_email" if name == "move" else name, email, what)
            self.known |= {name: row.public_id, f"{name}_code": digits(row), f"{name}_key": link_key(row)}

    def _report(self, consultation_id: int) -> None:
        """One that waits to be published."""
        now, summary = clock.now(), {"numbers": as_counted(Numbers())}
        made = {"public_id": ids.public_id(), "no": 1, "state": "made", "asked_at": now, "made_at": now}
        self.tx.add(Report(consultation_id=consultation_id, summary=summary, files=[], **made))

    def _invite(self, agency: Agency) -> None:
        owner = self.make.actor(self.people["owner"])
        row, code = invitations.invite(self.tx, owner, agency, InviteForm("officer", None))
        self.known |= {"invited": row.public_id, "join": invitations.token_of(row), "join_code": code}
        self.known["member"] = self.people["officer"].public_id

    def browser(self, who: str) -> tuple[FlaskClient, str]:
        """A browser of somebody, and the token that its pages carry."""
        client = self.app.test_client()
        if who == "guest":
            return client, csrf.make("")
        secret = self.make.sign_in(client, self.people[who])
        return client, csrf.make(digest_of(secret))

    def filled(self, said: str) -> str:
        return said.format(**self.known) if "{" in said else said

    def typed(self, name: str) -> dict[str, str]:
        return {box: self.filled(value) for box, value in TABLE[name].typed.items()}


@pytest.fixture
def place(app: Flask, make: Make, tx: Session) -> Place:
    return Place(app, make, tx)


class Desk:
    """One form in one browser."""

    def __init__(self, place: Place, name: str):
        self.row, self.place = TABLE[name], place
        self.client, self.token = place.browser(self.row.who)
        self.path = place.filled(self.row.path)
        self.typed = place.typed(name)

    def send(self, typed: dict[str, Any], lang: str = "th", **more: str) -> Any:
        return self.client.post(f"{self.path}?lang={lang}", data={"csrf_token": self.token} | typed | more)

    def lost(self, answer: Any, typed: dict[str, str], wrong: set[str]) -> list[str]:
        """Boxes that were typed into and do not hold what was typed."""
        page = Shown(answer.text).forms
        shown = page.get(self.path, page.get(HERE, {}))
        lost = []
        for name, value in typed.items():
            box = self.row.boxes[name]
            # An emptied box may show what is stored, and a choice that is none cannot be shown.
            idle = name in wrong and (box.choice or not value.strip("\u200b "))
            if box.kept and box.here and not idle and shown.get(name) != [value]:
                lost.append(name)
        return lost


@pytest.fixture
def desk(place: Place, request: pytest.FixtureRequest) -> Desk:
    return Desk(place, request.param)


every_form = pytest.mark.parametrize("desk", TABLE, indirect=True)
every_filled_form = pytest.mark.parametrize("desk", FILLED, indirect=True)


def test_every_form_has_a_row(app: Flask) -> None:
    writing = {
        rule.endpoint: rule
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"} and not rule.rule.startswith(("/api/", "/socket.io"))
    }
    assert writing.keys() == {name.partition(" ")[0] for name in TABLE}
    for name, row in TABLE.items():
        shape = re.sub(r"<(?:\w+:)?\w+>", r"[^/]+", writing[name.partition(" ")[0]].rule)
        assert re.fullmatch(shape, row.path.replace("{", "").replace("}", "")), name


@pytest.mark.slow
@every_form
def test_every_box_of_the_form_on_its_page_is_in_the_table(desk: Desk) -> None:
    at = desk.place.filled(desk.row.page)
    page = desk.client.get(at)
    assert page.status_code == 200
    boxes = Shown(page.text).boxes
    here = boxes.get(desk.path, boxes.get(HERE) if at == desk.path else None)
    assert here is not None or desk.row.path in BY_A_BUTTON
    assert (here or set()) - {"csrf_token", "more"} <= desk.row.boxes.keys()


@pytest.mark.slow
@every_form
def test_without_its_token_nothing_is_taken_and_nothing_changes(desk: Desk, lent: db.Database) -> None:
    others = csrf.make("" if desk.row.who != "guest" else "somebody")
    with unchanged(lent):
        for token in ("", "x", "0" * 48, "ก" * 48, others):
            answer = desk.send(desk.typed, csrf_token=token)
            assert answer.status_code == 403, token
        assert desk.client.post(desk.path, data=desk.typed).status_code == 403
        for hostile in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = desk.client.post(desk.path, data={"csrf_token": desk.token} | desk.typed, headers=hostile)
            assert answer.status_code == 403, hostile


@every_form
def test_a_form_filled_in_well_is_taken_and_sent_twice_is_answered(desk: Desk) -> None:
    answer = desk.send(desk.typed)
    assert answer.status_code == desk.row.status, Shown(answer.text).mistakes
    assert desk.send(desk.typed).status_code in (desk.row.again, 403)


BY_A_BUTTON = {"/account/sign-outs", "/r/{code}/withdraw", "/comments/{comment}/react", "/comments/{comment}/withdraw",
               "/desk/{slug}/entries/check"}  # fmt: skip
"""Forms without boxes of their own, whose address stands on a button or only now and then on a page."""


def attempts(row: Row) -> Iterator[dict[str, str | None]]:
    """What to put into which box, None for leaving one out; one by one."""
    for name, box in row.boxes.items():
        if not box.any:
            yield from ({name: wrong} for wrong in box.wrong)
        if not box.any and box.must:
            yield {name: None}


@pytest.mark.slow
@every_filled_form
def test_what_will_not_do_is_named_changes_nothing_and_is_still_there(desk: Desk, lent: db.Database) -> None:
    heard = set()
    with unchanged(lent, *desk.row.counts):
        for wrong in attempts(desk.row):
            typed = {n: v for n, v in (desk.typed | wrong).items() if v is not None}
            answer = attempt(desk, lent, typed)
            statuses = {desk.row.boxes[name].status for name in wrong}
            assert {answer.status_code} == statuses, (wrong, Shown(answer.text).mistakes)
            if not statuses <= {409, 422}:
                continue
            check_page(desk, answer, typed, set(wrong), "th")
            if (said := f"{[*wrong]}{Shown(answer.text).mistakes}") not in heard:
                heard.add(said)
                check_page(desk, attempt(desk, lent, typed, "en"), typed, set(wrong), "en")


def attempt(desk: Desk, lent: db.Database, typed: dict[str, str], lang: str = "th") -> Any:
    """Sends a form; an attempt that is counted is taken back, so that the next one is the first."""
    if not desk.row.counts:
        return desk.send(typed, lang)
    with apart(lent), unchanged(lent, *desk.row.counts):
        return desk.send(typed, lang)


def check_page(desk: Desk, answer: Any, typed: dict[str, str], wrong: set[str], lang: str) -> None:
    shown = Shown(answer.text)
    why = ({name: typed.get(name, "")[:40] for name in wrong}, shown.mistakes)
    for name in wrong:
        at = name if desk.row.boxes[name].named is None else str(desk.row.boxes[name].named)
        assert any(m == at or m.startswith(f"{at}.") for m in shown.mistakes), (name, why)
    for at, said in shown.mistakes.items():
        assert is_said(said, lang), why
        hidden = at in desk.row.boxes and not desk.row.boxes[at].here
        assert not at or hidden or f"f-{at}" in shown.ids, ("leads nowhere", at)
    assert desk.lost(answer, typed, wrong) == [], why


@pytest.mark.slow
@every_filled_form
def test_what_does_no_harm_is_passed_over(desk: Desk, lent: db.Database) -> None:
    harmless = [name for name, box in desk.row.boxes.items() if box.any]
    for odd in ("", "x", LONG, "//evil.example", "\x00"):
        desk.client, desk.token = desk.place.browser(desk.row.who)
        with apart(lent):
            answer = desk.send(desk.typed | dict.fromkeys(harmless, odd))
        assert answer.status_code == desk.row.status, (odd[:20], Shown(answer.text).mistakes)
        to = urlsplit(answer.headers.get("Location", "/"))
        assert (to.netloc, to.path[:2] == "//") == ("", False), odd[:20]


@pytest.mark.slow
@every_filled_form
def test_a_box_sent_twice_counts_once_and_the_first_time(desk: Desk, lent: db.Database) -> None:
    several = ("options", "phases.0.activities", "area_codes", "item")
    doubled = {
        name: next(wrong for wrong in box.wrong if wrong.strip() and wrong != LONG)
        for name, box in desk.row.boxes.items()
        if name in desk.typed and any(wrong.strip() and wrong != LONG for wrong in box.wrong) and name not in several
    }
    if not doubled:
        return
    with apart(lent), unchanged(lent, *desk.row.counts):
        refused = desk.send(desk.typed | {n: [wrong, desk.typed[n]] for n, wrong in doubled.items()})
        assert refused.status_code in {desk.row.boxes[name].status for name in doubled}
    desk.client, desk.token = desk.place.browser(desk.row.who)
    taken = desk.send(desk.typed | {n: [desk.typed[n], wrong] for n, wrong in doubled.items()})
    assert taken.status_code == desk.row.status, Shown(taken.text).mistakes


@pytest.mark.parametrize("desk", ["comments.speak", "discussion.start", "desk.make"], indirect=True)
def test_a_form_sent_twice_by_a_slow_phone_makes_one_thing(desk: Desk, lent: db.Database) -> None:
    first = desk.send(desk.typed)
    with unchanged(lent, "receipt"):
        assert desk.send(desk.typed).headers["Location"].split("?")[0] == first.headers["Location"].split("?")[0]


@pytest.mark.parametrize("name", [f"desk.keep {task}" for task in ("ways", "documents", "announcements", "area")])
def test_asking_for_one_more_row_keeps_what_was_typed_and_stores_nothing(
    place: Place, lent: db.Database, name: str
) -> None:
    desk = Desk(place, name)
    with unchanged(lent):
        for asked in ("activities", "phases", "documents", "announcements", "district", "place", "", "x", LONG):
            answer = desk.send(desk.typed | {"more": asked})
            assert answer.status_code == 200
            assert desk.lost(answer, desk.typed, set()) == []


@pytest.mark.slow
@every_form
def test_a_form_too_large_for_any_is_refused_before_it_is_read(desk: Desk, lent: db.Database) -> None:
    with unchanged(lent):
        answer = desk.send(desk.typed | {"zzz": "x" * desk.row.most})
        assert answer.status_code == 413
        assert "<!doctype html>" in answer.text


@pytest.mark.slow
@every_form
def test_a_box_that_nobody_knows_is_passed_over(desk: Desk) -> None:
    assert desk.send(desk.typed | {"zzz": LONG, "is_admin": "1", "id_": "1"}).status_code == desk.row.status
