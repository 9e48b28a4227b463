"""Which comments a page of a thread shows, by sort, with keyset cursors."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, literal_column, select, union_all
from sqlalchemy.orm import Session

from forum.commons.comments.compute import STANCES, interleave
from forum.commons.comments.models import Comment
from forum.commons.comments.queries import comments, comments_by_ids, comments_in
from forum.commons.comments.readings import CommentView
from forum.kernel.db import rows
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T
from forum.kernel.paging import Page, cursor, read_cursor

SORTS = ("mixed", "newest", "oldest")
PAGE = 20
SHOWN_REPLIES = 3


@dataclass(frozen=True)
class Branch:
    """A first-level comment with its first replies; `more` is how many are not shown here."""

    comment: CommentView
    replies: Sequence[CommentView]

    @property
    def more(self) -> int:
        """How many replies stand on the comment's own page only."""
        return max(0, self.comment.replies - len(self.replies))


def branches(tx: Session, thread_id: int, sort: str, after: str | None, take: int = PAGE) -> Page[Branch]:
    """One page of first-level comments with their first replies, in two statements."""
    if sort not in SORTS:
        raise Invalid({"sort": T("เรียงได้แบบ %(all)s", all=", ".join(SORTS))})
    picked = _mixed(tx, thread_id, after, take) if sort == "mixed" else _by_time(tx, thread_id, sort, after, take)
    return Page(_with_first_replies(tx, picked.rows), picked.next)


def _with_first_replies(tx: Session, tops: Sequence[int]) -> list[Branch]:
    """These comments and the first replies under each, in one statement with one bounded part a comment."""
    if not tops:
        return []
    asked = {f"top_{place}": top for place, top in enumerate(tops)}
    seen = {c.id: c for c in comments(tx, _branches(len(tops)), asked)}
    under: dict[int, list[CommentView]] = {top: [] for top in tops}
    for comment_id in sorted(seen.keys() - under.keys()):
        under[seen[comment_id].parent_id or 0].append(seen[comment_id])
    return [Branch(seen[top], under[top]) for top in tops]


def replies_of(tx: Session, parent_id: int, after: str | None, take: int = PAGE) -> Page[CommentView]:
    """One page of the replies under a comment, the earliest first."""
    under = select(Comment.item_id).where(Comment.parent_id == parent_id).order_by(Comment.item_id)
    if after:
        under = under.where(Comment.item_id > read_cursor(after, (int,))[0])
    found = tx.execute(under.limit(take + 1)).scalars().all()
    seen = comments_by_ids(tx, found[:take])
    return Page([seen[i] for i in found[:take]], cursor(found[take - 1]) if len(found) > take else None)


def flat(tx: Session, thread_id: int, after: str | None, take: int) -> Page[CommentView]:
    """Every comment of a thread, whatever its level, the earliest first: the API's list."""
    every = select(Comment.item_id).where(Comment.thread_id == thread_id).order_by(Comment.no)
    if after:
        every = every.where(Comment.no > read_cursor(after, (int,))[0])
    found = tx.execute(every.limit(take + 1)).scalars().all()
    seen = comments_by_ids(tx, found[:take])
    page = [seen[i] for i in found[:take]]
    return Page(page, cursor(page[-1].no) if len(found) > take else None)


def _by_time(tx: Session, thread_id: int, sort: str, after: str | None, take: int) -> Page[int]:
    last = read_cursor(after, (int,))[0] if after else _LAST if sort == "newest" else -1
    listed = {"thread_id": thread_id, "last": last, "take": take + 1}
    found = rows(tx, _BY_TIME[sort], listed).scalars().all()
    return Page(found[:take], cursor(found[take - 1]) if len(found) > take else None)


def _mixed(tx: Session, thread_id: int, after: str | None, take: int) -> Page[int]:
    """Deals from the four stances in turn; the cursor says whose turn it is and how far each has come."""
    first, *told = read_cursor(after, (int, *[int] * 8)) if after else [0, *[_LAST] * 8]
    ends = [(told[2 * i], told[2 * i + 1]) for i in range(4)]
    hands = _hands(tx, thread_id, ends, take + 1)
    dealt = interleave(hands, take, first % 4)
    more = sum(map(len, hands)) > len(dealt)
    for hand, card in dealt:
        ends[hand] = card
    turn = dealt[-1][0] + 1 if dealt else 0
    return Page(
        [item_id for _hand, (_useful, item_id) in dealt],
        cursor(turn, *(n for end in ends for n in end)) if more else None,
    )


def _hands(tx: Session, thread_id: int, ends: Sequence[tuple[int, int]], take: int) -> list[list[tuple[int, int]]]:
    """The next cards of each stance: the most useful first, of equals the latest."""
    asked = {"thread_id": thread_id, "take": take}
    for place, (useful, last) in enumerate(ends):
        asked |= {f"useful_{place}": useful, f"last_{place}": last}
    hands: list[list[tuple[int, int]]] = [[], [], [], []]
    for hand, useful, item_id in rows(tx, _HANDS, asked).all():
        hands[hand].append((useful, item_id))
    return [sorted(hand, reverse=True)[:take] for hand in hands]


# The statements are built once: building one costs many times what running it does.
_LAST = 2**53 - 1
"""A number beyond every id and every count, where a list that runs downwards begins."""


def _first_level(*more: Any) -> Select[Any]:
    level = Comment.thread_id == bindparam("thread_id"), Comment.parent_id.is_(None)
    return select(Comment.item_id).where(*level, *more).limit(bindparam("take"))


# Ordered also by what is the same in all of them: PostgreSQL does not take IS NULL for a fixed value, and would sort
# the whole thread instead of reading an index backwards.
_BY_TIME = {
    "newest": _first_level(Comment.item_id < bindparam("last")).order_by(
        Comment.parent_id.desc(), Comment.item_id.desc()
    ),
    "oldest": _first_level(Comment.item_id > bindparam("last")).order_by(Comment.parent_id, Comment.item_id),
}


def _hand(place: int, stance: str | None) -> tuple[Select[Any], Select[Any]]:
    """One stance's part, read backwards along its index: those as useful as where the reader came to, and below.

    Two halves, because SQLite would walk through all the equally useful ones to find that place.
    """
    useful: Any = bindparam(f"useful_{place}")
    last: Any = bindparam(f"last_{place}")
    same = Comment.stance.is_(None) if stance is None else Comment.stance == stance
    halves = (Comment.useful == useful, Comment.item_id < last), (Comment.useful < useful,)
    equal, below = (
        _first_level(same, *half)
        .add_columns(Comment.useful)
        .order_by(Comment.parent_id.desc(), Comment.stance.desc(), Comment.useful.desc(), Comment.item_id.desc())
        .subquery(f"hand_{place}_{number}")
        for number, half in enumerate(halves)
    )
    hand: Any = literal_column(str(place)).label("hand")
    return select(hand, equal.c.useful, equal.c.item_id), select(hand, below.c.useful, below.c.item_id)


_HANDS = union_all(*(half for place, stance in enumerate(STANCES) for half in _hand(place, stance)))


@cache
def _branches(number: int) -> Select[Any]:
    """So many comments by id, and of each the first replies."""
    parts = []
    for place in range(number):
        top: Any = bindparam(f"top_{place}")
        parts.append(select(Comment.item_id).where(Comment.item_id == top))
        under = select(Comment.item_id).where(Comment.parent_id == top).order_by(Comment.item_id)
        parts.append(select(under.limit(SHOWN_REPLIES).subquery(f"under_{place}").c.item_id))
    return comments_in(union_all(*parts))
