"""Which comments a page of a thread shows, by sort, with keyset cursors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from forum.commons.comments.compute import STANCES, interleave
from forum.commons.comments.models import Comment
from forum.commons.comments.queries import CommentView, comments_by_ids
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
    """One page of first-level comments with their first replies, in three statements."""
    if sort not in SORTS:
        raise Invalid({"sort": T("เรียงได้แบบ %(all)s", all=", ".join(SORTS))})
    picked = _mixed(tx, thread_id, after, take) if sort == "mixed" else _by_time(tx, thread_id, sort, after, take)
    under = _first_replies(tx, picked.rows)
    seen = comments_by_ids(tx, [*picked.rows, *(r for rs in under.values() for r in rs)])
    rows = [Branch(seen[top], [seen[r] for r in under.get(top, ())]) for top in picked.rows]
    return Page(rows, picked.next)


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
    rows = [seen[i] for i in found[:take]]
    return Page(rows, cursor(rows[-1].no) if len(found) > take else None)


def _first_level(thread_id: int) -> Select[Any]:
    return select(Comment.item_id).where(Comment.thread_id == thread_id, Comment.parent_id.is_(None))


def _by_time(tx: Session, thread_id: int, sort: str, after: str | None, take: int) -> Page[int]:
    listed = _first_level(thread_id)
    if after:
        (last,) = read_cursor(after, (int,))
        listed = listed.where(Comment.item_id < last if sort == "newest" else Comment.item_id > last)
    listed = listed.order_by(Comment.item_id.desc() if sort == "newest" else Comment.item_id)
    found = tx.execute(listed.limit(take + 1)).scalars().all()
    return Page(found[:take], cursor(found[take - 1]) if len(found) > take else None)


def _mixed(tx: Session, thread_id: int, after: str | None, take: int) -> Page[int]:
    """Deals from the four stances in turn; the cursor says whose turn it is and how far each has come."""
    first, *told = read_cursor(after, (int, *[int] * 8)) if after else [0, *[-1] * 8]
    ends = [(told[2 * i], told[2 * i + 1]) for i in range(4)]
    hands: list[list[tuple[int, int]]] = [[], [], [], []]
    for hand, useful, item_id in tx.execute(_hands(thread_id, ends, take + 1)):
        hands[hand].append((useful, item_id))
    for hand_cards in hands:
        hand_cards.sort(key=lambda card: (-card[0], card[1]))
    dealt = interleave(hands, take, first % 4)
    more = sum(map(len, hands)) > len(dealt)
    for hand, card in dealt:
        ends[hand] = card
    turn = dealt[-1][0] + 1 if dealt else 0
    return Page(
        [item_id for _hand, (_useful, item_id) in dealt],
        cursor(turn, *(n for end in ends for n in end)) if more else None,
    )


def _hands(thread_id: int, ends: Sequence[tuple[int, int]], take: int) -> Any:
    """The next cards of each stance: the most useful first, of equals the earliest."""
    parts = []
    for place, stance in enumerate(STANCES):
        useful, last = ends[place]
        same = Comment.stance.is_(None) if stance is None else Comment.stance == stance
        hand = select(Comment.useful, Comment.item_id).where(
            Comment.thread_id == thread_id, Comment.parent_id.is_(None), same
        )
        if last >= 0:
            hand = hand.where(or_(Comment.useful < useful, and_(Comment.useful == useful, Comment.item_id > last)))
        cut = hand.order_by(Comment.useful.desc(), Comment.item_id).limit(take).subquery(f"hand_{place}")
        parts.append(select(literal_column(str(place)).label("hand"), cut.c.useful, cut.c.item_id))
    return union_all(*parts)


def _first_replies(tx: Session, parents: Sequence[int]) -> dict[int, list[int]]:
    """The first replies under each of these comments, in one statement with one bounded part a parent."""
    if not parents:
        return {}
    parts = []
    for place, parent in enumerate(parents):
        under = select(Comment.parent_id, Comment.item_id).where(Comment.parent_id == parent)
        cut = under.order_by(Comment.item_id).limit(SHOWN_REPLIES).subquery(f"under_{place}")
        parts.append(select(cut.c.parent_id, cut.c.item_id))
    found: dict[int, list[int]] = {}
    for parent, item_id in tx.execute(union_all(*parts)):
        found.setdefault(parent, []).append(item_id)
    return {parent: sorted(replies) for parent, replies in found.items()}
