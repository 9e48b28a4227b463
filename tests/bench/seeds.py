"""Fills a site with threads of a given length, written in bulk and counted as the service would have."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from forum.commons.comments.compute import moved
from forum.commons.comments.models import Comment, Thread
from forum.commons.comments.service import NewThread, make_thread
from forum.core.accounts.models import User
from forum.core.agencies.service import create_agency
from forum.core.consultations import forms, service
from forum.core.consultations.models import Activity, Consultation
from forum.core.items.models import Item
from forum.kernel import clock, events, html, ids
from forum.methods.discussion.demo_data import DemoLoader

PEOPLE = 50
STANCES = ("for", "unsure", "against", None)
_AT_ONCE = 5000


@dataclass(frozen=True)
class Filled:
    """A thread that was filled: its ids, and what its comments are, in the order they were said."""

    id: int
    public_id: str
    comments: Sequence[dict[str, Any]]


class Filling:
    """People who say again what the demo's people said, in threads as long as one likes."""

    def __init__(self, tx: Session):
        self.tx = tx
        self.chance = random.Random(1)
        self.people = people(tx, PEOPLE)
        self.place = open_place(tx)
        said = [row["body"] for row in DemoLoader().read("comments.jsonl")]
        self.texts = [(body, html.render(body)) for body in said]

    def thread(self, length: int, replies: int = 0) -> Filled:
        """A thread of `length` comments; every third first-level one has `replies` replies among them."""
        begun = start_thread(self.tx, self.place, "ทางเดินควรกว้าง 2.4 หรือ 3 เมตร")
        thread = self.tx.get_one(Thread, begun.id)
        began = clock.now() - timedelta(days=4)
        items = [self._item(began + timedelta(seconds=n / 2)) for n in range(length)]
        self._write(Item, items)
        of_thread = select(Item.id).where(Item.consultation_id == self.place.id, Item.kind == "comment")
        numbers = self.tx.execute(of_thread.order_by(Item.id.desc()).limit(length)).scalars().all()
        comments = self._comments(thread, sorted(numbers), replies)
        self._write(Comment, comments)
        self._count(thread, items, comments)
        return Filled(begun.id, begun.public_id, comments)

    def _item(self, at: datetime) -> dict[str, Any]:
        author = self.chance.choice(self.people)
        return {
            "public_id": ids.public_id(), "kind": "comment", "state": "public", "consultation_id": self.place.id,
            "author_id": author.id, "voice": "member", "answered": "no", "created_at": at,
        }  # fmt: skip

    def _comments(self, thread: Thread, numbers: Sequence[int], replies: int) -> list[dict[str, Any]]:
        comments: list[dict[str, Any]] = []
        wanting: list[dict[str, Any]] = []
        for no, item_id in enumerate(numbers, 1):
            parent = wanting.pop() if wanting else None
            comments.append(self._comment(thread, no, item_id, parent))
            if parent is None and replies and no % 3 == 0:
                wanting = [comments[-1]] * replies
        return comments

    def _comment(self, thread: Thread, no: int, item_id: int, parent: dict[str, Any] | None) -> dict[str, Any]:
        body, rendered = self.chance.choice(self.texts)
        useful, understand = (int(self.chance.expovariate(0.7)) for _ in range(2))
        above = parent["item_id"] if parent else None
        if parent:
            parent["replies"] += 1
        return {
            "item_id": item_id, "thread_id": thread.item_id, "parent_id": above, "reply_to_id": above, "no": no,
            "seq": no, "body": body, "body_html": rendered, "stance": self.chance.choice(STANCES),
            "replies": 0, "useful": useful, "understand": understand, "taken_back": False, "version": 1,
        }  # fmt: skip

    def _write(self, table: Any, rows: Sequence[dict[str, Any]]) -> None:
        left = iter(rows)
        while part := list(islice(left, _AT_ONCE)):
            self.tx.execute(insert(table), part)

    def _count(self, thread: Thread, items: Sequence[dict[str, Any]], comments: Sequence[dict[str, Any]]) -> None:
        thread.comments = thread.numbers = len(comments)
        thread.last_at = items[-1]["created_at"]
        spread: dict[str, Any] = {}
        for comment in comments[:PEOPLE]:
            spread = moved(spread, "member", None, comment["stance"])
        thread.spread = spread
        self.tx.get_one(events.Stream, thread.stream_id).seq = len(comments)
        self.tx.flush()


def people(tx: Session, number: int) -> list[User]:
    """Confirmed accounts without a password, each with a name of its own."""
    now = clock.now()
    made = [
        User(public_id=ids.public_id(), email=f"b{n}@example.org", name=f"คนที่ {n}", created_at=now, confirmed_at=now)
        for n in range(1, number + 1)
    ]
    tx.add_all(made)
    tx.flush()
    return made


def open_place(tx: Session, agency_slug: str = "bench") -> Consultation:
    """An open consultation with one discussion, of an agency of its own."""
    now = clock.now()
    agency = create_agency(tx, agency_slug, "เทศบาลเมืองท่าพร้าว", "Tha Phrao", phone="0 2000 0010")
    opens, closes = now - timedelta(days=5), now + timedelta(days=20)
    said = {
        "title": "ทางเดินริมคลองควรกว้างเท่าไร", "summary": "เลือกความกว้าง", "body": "เลือกความกว้าง",
        "can_change": ["ความกว้าง"], "decided": ["จะสร้าง"], "decider": "นายกเทศมนตรี", "offline_route": "โทรมาบอกได้",
        "contact": {"office": "กองช่าง", "phone": "0 2000 0011"}, "answer_by": (now + timedelta(days=60)).date(),
        "opens_at": opens, "closes_at": closes, "activities": [{"kind": "discussion", "title": "พูดคุย"}],
        "phases": [{"title": "พูดคุย", "starts_at": opens, "ends_at": closes, "activities": ["discussion"]}],
    }  # fmt: skip
    made = service.make(tx, agency, forms.read(said))
    made.state = "opened"
    tx.flush()
    return made


def start_thread(tx: Session, place: Consultation, title: str) -> Item:
    """A thread of the agency that asks whether people agree."""
    activity = tx.execute(select(Activity.id).where(Activity.consultation_id == place.id)).scalar_one()
    return make_thread(
        tx, NewThread(title, "", "", "agree"), consultation_id=place.id, agency_id=place.agency_id,
        activity_id=activity, author_id=None, voice="agency",
    )  # fmt: skip
