"""What the desk shows of voices that came another way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.commons.comments.models import Thread
from forum.commons.comments.readings import stance_words
from forum.core.accounts.models import User
from forum.core.agencies.models import Membership
from forum.core.consultations import tallies
from forum.core.consultations.tallies import Numbers
from forum.core.entries import queries
from forum.core.entries.models import Entry
from forum.core.entries.queries import EntryRow, Printed, SecondLook
from forum.core.items.models import Item
from forum.kernel import clock, dates

MOST_TOPICS = 500


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
