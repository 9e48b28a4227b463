"""What the people of the demo said in its threads: written as it would stand had they said it one by one."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from forum.commons.comments.compute import moved
from forum.commons.comments.forms import NewComment, read_comment
from forum.commons.comments.models import Choice, Comment, Reaction, Revision, Thread
from forum.core.accounts.models import PRIVACY_VERSION, PUBLIC_POSTING, Consent
from forum.core.agencies.models import Agency
from forum.core.consultations.models import Consultation
from forum.core.items.models import Item, Receipt
from forum.core.items.queries import code_hmac
from forum.kernel import dates, events, html, ids
from forum.methods.discussion.forms import read_thread

Changes = list[tuple[datetime, str, int, int, dict[str, Any]]]
"""Numbered changes: when, the event's name, the stream, its subject and what else the event says."""
Row = Mapping[str, Any]


@dataclass
class Place:
    """A thread as it fills up: its own row, and what has been said in it so far by number.

    `until` is when the telling ends: now, or the last midnight where the consultation closed at one before.
    """

    thread: Thread
    agency: Agency
    until: datetime
    said: dict[int, dict[str, Any]] = field(default_factory=dict)
    choices: dict[int, tuple[str, datetime]] = field(default_factory=dict)


@dataclass
class Talk:
    """Threads and comments of the demo; `changes` is the history they leave behind, in no order yet."""

    tx: Session
    now: datetime
    chance: random.Random
    people: Mapping[str, int]
    citizens: Sequence[int]
    places: dict[str, Place] = field(default_factory=dict)
    changes: Changes = field(default_factory=list)

    def start(self, row: Row, consultation: Consultation, activity_id: int, at: datetime) -> None:
        """One thread, begun by an officer."""
        options = row["stance"] if isinstance(row["stance"], list) else []
        form = read_thread({**row, "stance": "options" if options else row["stance"], "options": options})
        agency = self.tx.get_one(Agency, consultation.agency_id)
        item = self._item("thread", consultation.id, at, self.people[row["posted_by"]], agency.id, "agency")
        self.tx.add(item)
        self.tx.flush()
        thread = Thread(
            item_id=item.id, consultation_id=consultation.id, activity_id=activity_id,
            stream_id=events.new_stream(self.tx), title=form.title, body=form.body, body_html=form.html,
            stance=form.stance, options=list(form.options), comments=0, numbers=0, spread={}, last_at=at,
        )  # fmt: skip
        self.tx.add(thread)
        self.places[row["key"]] = Place(thread, agency, self._until(consultation))
        self.changes.append((at, "thread.posted", consultation.stream_id, item.id, {}))

    def tell(self, rows: Sequence[Row]) -> None:
        """Every comment in the order it was said, with what became of it and who nodded."""
        told = sorted(rows, key=lambda row: self._ago(row, "minutes_ago"))
        items = [self._speaker(row) for row in told]
        self.tx.add_all(items)
        self.tx.flush()
        self.changes += [c for row, item in zip(told, items, strict=True) for c in self._changes_of(row, item)]
        self._number()
        comments = [self._comment(row, item) for row, item in zip(told, items, strict=True)]
        self.tx.execute(insert(Comment), comments)
        self._tell_more(told, items, comments)

    def _until(self, consultation: Consultation) -> datetime:
        closed = consultation.closes_at is not None and consultation.closes_at <= self.now
        return dates.start_of_day(dates.in_bangkok(self.now).date()) if closed else self.now

    def _ago(self, row: Row, what: str) -> datetime:
        return self.places[row["thread"]].until - timedelta(minutes=row[what])

    def _item(
        self, kind: str, where: int, at: datetime, author: int | None, agency: int | None, voice: str, **more: Any
    ) -> Item:
        return Item(
            public_id=ids.public_id(self.chance.choice), kind=kind, consultation_id=where, created_at=at,
            author_id=author, agency_id=agency, voice=voice, answered="" if voice == "agency" else "no", **more,
        )  # fmt: skip

    def _speaker(self, row: Row) -> Item:
        place = self.places[row["thread"]]
        voice, author = _voice(row), None
        if voice == "agency":
            author = self.people[row["official"]]
        elif voice == "member":
            author = self.citizens[row["person"]]
        agency_id = place.agency.id if voice == "agency" else None
        state = "withdrawn" if row.get("withdrawn") else "public"
        at = self._ago(row, "minutes_ago")
        where = place.thread.consultation_id
        return self._item("comment", where, at, author, agency_id, voice, state=state, channel=row["channel"])

    def _changes_of(self, row: Row, item: Item) -> Changes:
        """What happened to one comment: said, perhaps edited, perhaps withdrawn."""
        stream_id = self.places[row["thread"]].thread.stream_id
        found: Changes = [(item.created_at, "comment.posted", stream_id, item.id, {})]
        if "edited_from" in row:
            found.append((self._ago(row, "edited_minutes_ago"), "comment.edited", stream_id, item.id, {}))
        if row.get("withdrawn"):
            data = {"old": "public", "new": "withdrawn"}
            found.append((self._ago(row, "withdrawn_minutes_ago"), "comment.withdrawn", stream_id, item.id, data))
        return found

    def _number(self) -> None:
        """Which number in its thread each comment's latest change took."""
        self.latest: dict[int, int] = {}
        counted: dict[int, int] = {}
        for _at, _name, stream_id, item_id, _data in sorted(self.changes, key=lambda change: change[0]):
            counted[stream_id] = counted.get(stream_id, 0) + 1
            self.latest[item_id] = counted[stream_id]

    def _comment(self, row: Row, item: Item) -> dict[str, Any]:
        """A comment's columns; counts it in its thread on the way."""
        place = self.places[row["thread"]]
        form = _form(row, place.thread.stance != "off")
        said = {
            "item_id": item.id, "thread_id": place.thread.item_id, "no": row["n"], "seq": self.latest[item.id],
            "parent_id": None, "reply_to_id": None, "replies": 0, "edited_at": None,
            "version": 1, "taken_back": False, "useful": row["useful"], "understand": row["understand"],
            **_seen_of(form, item, place),
        }  # fmt: skip
        if "edited_from" in row:
            said |= {"edited_at": self._ago(row, "edited_minutes_ago"), "version": 2}
        self._reply(place, row, said)
        self._count(place, item, form.stance)
        place.said[row["n"]] = said
        return said

    def _reply(self, place: Place, row: Row, said: dict[str, Any]) -> None:
        if row["parent"] is None:
            return
        answered = place.said[row["parent"]]
        said["reply_to_id"] = answered["item_id"]
        said["parent_id"] = answered["parent_id"] or answered["item_id"]
        top = next(c for c in place.said.values() if c["item_id"] == said["parent_id"])
        top["replies"] += 1

    def _count(self, place: Place, item: Item, stance: str | None) -> None:
        thread = place.thread
        thread.numbers += 1
        thread.comments += item.state == "public"
        thread.last_at = item.created_at
        if stance is None:
            return
        before = None
        if item.author_id is not None:
            before = place.choices.get(item.author_id, (None,))[0]
            place.choices[item.author_id] = (stance, item.created_at)
        thread.spread = moved(thread.spread, item.voice, before, stance)

    def _tell_more(self, told: Sequence[Row], items: Sequence[Item], comments: Sequence[Mapping[str, Any]]) -> None:
        """What stands beside comments: earlier texts, choices, reactions, consents and receipts."""
        for row, item in zip(told, items, strict=True):
            if "edited_from" in row:
                self.tx.add(self._earlier(row, item))
        self.tx.execute(insert(Choice), [
            {"thread_id": place.thread.item_id, "user_id": user_id, "stance": stance, "at": at}
            for place in self.places.values() for user_id, (stance, at) in place.choices.items()
        ])  # fmt: skip
        self.tx.execute(insert(Reaction), [
            nod for item, said in zip(items, comments, strict=True) for nod in self._nods(item, said)
        ])  # fmt: skip
        given = {"purpose": PUBLIC_POSTING, "version": PRIVACY_VERSION, "given": True}
        self.tx.execute(
            insert(Consent), [{"item_id": i.id, "at": i.created_at, **given} for i in items if i.voice == "guest"]
        )
        self.tx.execute(insert(Receipt), [
            {"item_id": i.id, "code_hmac": code_hmac(ids.receipt_symbols()), "made_at": i.created_at}
            for i in items if i.voice in ("guest", "paper")
        ])  # fmt: skip
        self.tx.flush()

    def _earlier(self, row: Row, item: Item) -> Revision:
        return Revision(
            comment_id=item.id, version=1, body=row["edited_from"], body_html=html.render(row["edited_from"]),
            replaced_at=self._ago(row, "edited_minutes_ago"), reason=row["edit_reason"],
        )  # fmt: skip

    def _nods(self, item: Item, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Reactions of citizens other than the author, some time within two days of the comment."""
        others = [user_id for user_id in self.citizens if user_id != item.author_id]
        window = min(self.now - item.created_at, timedelta(days=2))
        return [
            {
                "item_id": item.id,
                "user_id": user_id,
                "kind": kind,
                "at": item.created_at + window * self.chance.random(),
            }
            for kind in ("useful", "understand")
            for user_id in self.chance.sample(others, said[kind])
        ]


def _voice(row: Row) -> str:
    if row["channel"] != "web":
        return "paper"
    if row["official"]:
        return "agency"
    return "guest" if row["guest"] else "member"


def _seen_of(form: NewComment, item: Item, place: Place) -> dict[str, Any]:
    """Text and name of a comment; one that was withdrawn has neither."""
    shown = item.state == "public"
    day = dates.in_bangkok(item.created_at).date()
    return {
        "body": form.body if shown else "",
        "body_html": form.html if shown else "",
        "stance": form.stance if shown else None,
        "pen_name": form.pen_name if shown else None,
        "office": place.agency.name_th if item.voice == "agency" else None,
        "received_on": day if item.voice == "paper" else None,
    }


def _form(row: Row, stances: bool) -> NewComment:
    """The comment as the form reads it."""
    sent = {name: row[name] for name in ("body", "stance", "channel")} | {"name": row["guest"], "consent": True}
    return read_comment(sent, guest=bool(row["guest"]), stances=stances)
