"""Every page of the site with content in it, by a name that tests and pictures can say."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.faults.site import Caller, Site

CITIZEN = "u01@example.org"
OFFICER = "wanna.tp@example.org"
_FIND = """
from sqlalchemy import select
from forum.commons.comments.models import Comment, Thread
from forum.core.consultations.models import Consultation
from forum.core.items.models import Item
def of(title):
    found = select(Item.public_id).join(Thread, Thread.item_id == Item.id).where(Thread.title.contains(title))
    return tx.execute(found).scalars().first()
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


@dataclass(frozen=True)
class Place:
    """A page: its name, its path, and who must be signed in to see it."""

    name: str
    path: str
    who: str = ""
    open_composer: bool = False

    def visit(self, page: Page, url: str) -> None:
        """Opens it, and waits until its fonts are there."""
        page.goto(url + self.path)
        if self.open_composer:
            page.locator("#write").evaluate("e => { e.open = true }")
        page.evaluate("document.fonts.ready.then(() => 0)")


def places(here: Site) -> list[Place]:
    """The pages of a site with the demo."""
    ids = here.python(_FIND)
    sent = {"body": "ทางเดินมืดมากตอนค่ำ", "name": "ป้าริมคลอง", "consent": True}
    said = Caller(here.url).post(f"/threads/{ids['plain']}/comments", sent)
    receipt = said["receipt"].removeprefix("สล-").replace("-", "")
    mine = here.python(_MINE, email=CITIZEN, thread=ids["plain"])
    sides = f"/t/{ids['sides']}"
    return [
        Place("home", "/"),
        Place("consultation", "/c/khlong-walk"),
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
        Place("desk", "/desk", OFFICER),
        Place("desk-edit", "/desk/khlong-walk", OFFICER),
        Place("desk-new", "/desk/new?agency=tha-phrao", OFFICER),
        Place("missing", "/nothing-here"),
    ]


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
