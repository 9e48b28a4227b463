"""Every page of the site with content in it, by a name that tests and pictures can say."""

from __future__ import annotations

import re
from functools import partial
from http.cookies import SimpleCookie

from playwright.sync_api import Page, Route

from tests.faults.site import Caller, Site
from tests.journeys.desk_places import of_the_desk
from tests.journeys.place import CITIZEN, OFFICER, Place

_FIND = """
from sqlalchemy import select
from forum.commons.comments.models import Comment, Thread
from forum.core.consultations.models import Consultation
from forum.core.items.models import Item
def of(title):
    found = select(Item.public_id).join(Thread, Thread.item_id == Item.id).where(Thread.title.contains(title))
    found = found.join(Consultation, Consultation.id == Item.consultation_id).where(Consultation.demo)
    return tx.execute(found.order_by(Item.id)).scalars().first()
def said(*that):
    found = select(Item.public_id).join(Comment, Comment.item_id == Item.id)
    found = found.join(Thread, Thread.item_id == Comment.thread_id)
    found = found.where(Item.state == "public", Thread.title.contains("ทางเดินควรกว้าง"), *that)
    return tx.execute(found).scalars().first()
out = {
    "sides": of("ทางเดินควรกว้าง"), "plain": of("ราวกันตก"), "closed": of("ปิดถนนหน้าตลาด"),
    "reply": said(Comment.parent_id.isnot(None)), "first": said(Comment.parent_id.is_(None)),
    "edited": said(Comment.edited_at.isnot(None)) or said(),
}
"""


def _asks_for_a_code(page: Page) -> None:
    """Signs up as far as the code, which is on its way."""
    page.fill("#f-name", "คนรอรหัส")
    page.fill("#f-email", "waits.for.a.code@example.org")
    page.fill("#f-password", "นั่งเรือไปทำงานทุกวัน")
    page.get_by_role("button", name=_SEND_CODE).click()
    page.locator("#f-code").wait_for()


def _loses_the_net(page: Page) -> None:
    """Is on a page whose net goes away; without script nothing says so."""
    page.context.set_offline(True)


def _answer(route: Route, drawn: dict[str, str], name: str) -> None:
    """What the site would answer to this reader if it were in that state."""
    kept = SimpleCookie(route.request.headers.get("cookie", ""))
    of = {key: kept[key].value if key in kept else "" for key in ("theme", "lang")}
    body = drawn[f"{name} {of['theme']} {of['lang'] or 'th'}"]
    route.fulfill(status=int(name) if name.isdigit() else 200, content_type="text/html; charset=utf-8", body=body)


def places(here: Site) -> list[Place]:
    """The pages of a site with the demo."""
    ids = here.python(_FIND)
    sent = {"body": "ทางเดินมืดมากตอนค่ำ", "name": "ป้าริมคลอง", "consent": True}
    said = Caller(here.url).post(f"/threads/{ids['plain']}/comments", sent)
    receipt = said["receipt"].removeprefix("สล-").replace("-", "")
    mine = here.python(_MINE, email=CITIZEN, thread=ids["plain"])
    sides = f"/t/{ids['sides']}"
    answer = partial(partial, _answer, drawn=here.python(_DRAW, url=here.url))
    return [
        Place("home", "/"),
        Place("consultation", "/c/khlong-walk"),
        Place("poster", "/c/khlong-walk/poster"),
        Place("consultation-announced", "/c/pond-park"),
        Place("consultation-closed", "/c/friday-street"),
        Place("consultation-answered", "/c/waste-days"),
        Place("threads", "/c/khlong-walk/talk/width"),
        Place("new-thread", "/c/khlong-walk/talk/width/new", OFFICER),
        Place("thread", sides),
        Place("thread-guest-speaking", sides, open_composer=True),
        Place("thread-citizen", sides, CITIZEN, open_composer=True),
        Place("thread-plain", f"/t/{ids['plain']}"),
        Place("thread-closed", f"/t/{ids['closed']}"),
        Place("permalink", f"{sides}?c={ids['reply']}"),
        Place("answering", f"{sides}?reply={ids['first']}"),
        Place("history", f"/comments/{ids['edited']}/history"),
        Place("edit", f"/comments/{mine}/edit", CITIZEN),
        Place("receipts", "/r"),
        Place("receipt", f"/r/{receipt}"),
        Place("login", "/login"),
        Place("signup", "/signup"),
        Place("reset", "/reset"),
        Place("privacy", "/privacy"),
        Place("account", "/account", CITIZEN),
        Place("account-delete", "/account/delete", CITIZEN),
        Place("agency", "/a/tha-phrao"),
        *of_the_desk(here, ids["plain"]),
        Place("join", "/join"),
        Place("invitation-over", "/join/nothing"),
        Place("missing", "/nothing-here"),
        Place("code", "/signup", then=_asks_for_a_code),
        Place("thread-empty", f"/t/{_silent(here)}"),
        Place("thread-offline", f"/t/{ids['plain']}", then=_loses_the_net),
        Place("error-500", "/state/500", answers=answer(name="500")),
        Place("error-503", "/state/503", answers=answer(name="503")),
        Place("offline", "/offline"),
    ]


_SEND_CODE = re.compile("ส่งรหัสยืนยันไปที่อีเมล|Send a code to my e-mail")
_DRAW = """
from itertools import product
from forum.kernel import web
out = {}
for name, theme, lang in product(("500", "503"), ("", "light", "dark"), ("th", "en")):
    with app.test_request_context("/", base_url=url, headers={"Cookie": f"theme={theme}; lang={lang}"}):
        app.preprocess_request()
        out[f"{name} {theme} {lang}"] = web.page(f"errors/{name}.html").get_data(as_text=True)
"""
_TOKEN = """
from sqlalchemy import select
from forum.core.accounts.models import User
from forum.core.accounts.service import make_token
out = make_token(tx, tx.execute(select(User.id).where(User.email == email)).scalar_one(), "t")[1]
"""
_SILENT = """
from sqlalchemy import select
from forum.commons.comments.models import Thread
from forum.core.items.models import Item
found = select(Item.public_id).join(Thread, Thread.item_id == Item.id).where(Thread.title == title)
out = tx.execute(found).scalar()
"""


def _silent(here: Site) -> str:
    """The thread in which nobody has said anything yet."""
    title = "ควรมีม้านั่งทุกกี่เมตร"
    found: str | None = here.python(_SILENT, title=title)
    if found:
        return found
    officer = Caller(here.url, here.python(_TOKEN, email=OFFICER))
    made: dict[str, str] = officer.post("/consultations/khlong-walk/threads", {"title": title, "activity": "width"})
    return made["id"]


_MINE = """
from sqlalchemy import select
from forum.commons.comments import service
from forum.commons.comments.forms import read_comment
from forum.commons.comments.queries import thread_by
from forum.core.accounts.models import User
from forum.kernel.rules import Actor
user = tx.execute(select(User).where(User.email == email)).scalar_one()
form = read_comment({"body": "ท่าเดิมยังใช้ทุกเช้า"}, guest=False, stances=False)
out = service.post_comment(tx, Actor(user.id, user.name, frozenset()), thread_by(tx, thread), form).public_id
"""
