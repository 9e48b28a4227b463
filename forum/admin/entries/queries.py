"""What the desk shows of voices that came another way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.commons.comments.models import Comment, Thread
from forum.commons.comments.readings import stance_words
from forum.core.accounts.models import User
from forum.core.agencies.models import Membership
from forum.core.consultations import tallies
from forum.core.consultations.tallies import Numbers
from forum.core.entries import queries
from forum.core.entries.compute import has_paper
from forum.core.entries.models import Entry
from forum.core.entries.queries import EntryRow, Printed, SecondLook
from forum.core.items.compute import is_shown
from forum.core.items.models import Item
from forum.kernel import clock, dates, text
from forum.kernel.paging import Page, cursor, read_cursor

MOST_TOPICS = 500
_KEYED, _EXCERPT = 50, 120


@dataclass(frozen=True)
class Topic:
    """Where a voice may be put: a thread of the consultation."""

    id: int
    public_id: str
    title: str
    stance: str
    options: Sequence[str]

    @property
    def words(self) -> Mapping[str, str]:
        """What the stances are called here; empty where none is asked for."""
        return {} if self.stance == "off" else stance_words(self.stance, self.options)


def topics(tx: Session, consultation_id: int) -> list[Topic]:
    """The threads of a consultation that are shown, the earliest first."""
    columns = (Thread.item_id, Item.public_id, Thread.title, Thread.stance, Thread.options)
    wanted = select(*columns).join(Item, Item.id == Thread.item_id)
    shown = wanted.where(Thread.consultation_id == consultation_id, Item.state == "public")
    return [Topic(*row) for row in tx.execute(shown.order_by(Thread.item_id).limit(MOST_TOPICS))]


def stances(topics: Sequence[Topic]) -> list[tuple[str, str]]:
    """What may be chosen towards these topics: each stance with all the words that it has among them."""
    words: dict[str, list[str]] = {"for": [], "against": [], "unsure": []}
    for topic in topics:
        for key, word in topic.words.items():
            words[key] += [] if word in words[key] else [word]
    return [(key, " / ".join(said)) for key, said in words.items() if said]


@dataclass(frozen=True)
class Overview:
    """All that came another way in one consultation; who keyed how many today is for the office alone."""

    numbers: Numbers
    printed: Printed
    look: SecondLook
    entries: Sequence[EntryRow]
    today: Sequence[tuple[str | None, int]]


def overview(tx: Session, consultation_id: int) -> Overview:
    """The overview, in five statements."""
    return Overview(
        tallies.numbers_of(tx, consultation_id),
        queries.sheets(tx, consultation_id),
        queries.second_look(tx, consultation_id),
        queries.last_entries(tx, consultation_id),
        _today(tx, consultation_id),
    )


@dataclass(frozen=True)
class KeyedRow:
    """One keyed voice in the list of them all; without its text where that is not shown."""

    item_id: int
    public_id: str
    channel: str
    state: str
    sheet: str | None
    entered_at: datetime
    waits: bool
    no: int
    text: str


def keyed(tx: Session, consultation_id: int, after: str | None, sheet: str | None = None) -> Page[KeyedRow]:
    """All that was keyed in a consultation, the latest first; from one sheet alone where its number is named."""
    columns = (Item.id, Item.public_id, Item.channel, Item.state, Entry.sheet, Entry.entered_at)
    wanted = select(*columns, Entry.sampled, Entry.matches, Comment.no, Comment.body).join(
        Item, Item.id == Entry.item_id
    )
    listed = wanted.join(Comment, Comment.item_id == Item.id).where(Entry.consultation_id == consultation_id)
    if sheet is not None:
        listed = listed.where(Entry.sheet == sheet)
    if after:
        listed = listed.where(Entry.item_id < read_cursor(after, (int,))[0])
    found = tx.execute(listed.order_by(Entry.item_id.desc()).limit(_KEYED + 1)).all()
    rows = [_keyed_row(row) for row in found[:_KEYED]]
    return Page(rows, cursor(rows[-1].item_id) if len(found) > _KEYED else None)


def _keyed_row(row: Any) -> KeyedRow:
    waits = row.sampled and row.matches is None and has_paper(row.channel, row.sheet)
    said = text.excerpt(row.body, _EXCERPT) if is_shown(row.state) else ""
    return KeyedRow(row.id, row.public_id, row.channel, row.state, row.sheet, row.entered_at, waits, row.no, said)


def _today(tx: Session, consultation_id: int) -> list[tuple[str | None, int]]:
    since = dates.start_of_day(dates.in_bangkok(clock.now()).date())
    counted = select(User.name, func.count()).select_from(Entry).outerjoin(User, User.id == Entry.entered_by)
    mine = counted.where(Entry.consultation_id == consultation_id, Entry.entered_at >= since)
    return [(name, n) for name, n in tx.execute(mine.group_by(User.id, User.name).order_by(func.count().desc()))]


def colleagues(tx: Session, agency_id: int, user_id: int | None) -> list[str]:
    """The names of the others who work in an agency as owner or officer, and so may look at what this person keyed."""
    there = select(Membership.user_id).where(
        Membership.agency_id == agency_id, Membership.role.in_(("owner", "officer"))
    )
    wanted = select(User.name).where(User.id.in_(there), User.id != user_id, User.name.is_not(None))
    return [name for name in tx.execute(wanted.order_by(User.id)).scalars() if name]
