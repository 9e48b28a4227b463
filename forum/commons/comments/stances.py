"""Which stance each account holds in a thread, and the spread that counts them. Nothing here commits."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from forum.commons.comments.compute import moved
from forum.commons.comments.models import Choice, Comment, Thread
from forum.core.items.models import Item
from forum.kernel import clock


def choose(tx: Session, thread_id: int, user_id: int | None, stance: str) -> str | None:
    """Sets the stance an account holds in a thread; returns the one it held before."""
    held = tx.get(Choice, (thread_id, user_id))
    if held is None:
        tx.add(Choice(thread_id=thread_id, user_id=user_id, stance=stance, at=clock.now()))
        return None
    before, held.stance, held.at = held.stance, stance, clock.now()
    return before


def shift_spread(tx: Session, thread_id: int, voice: str, old: str | None, new: str | None) -> None:
    if old == new:
        return
    # Safe to read and write back: whoever changes the spread holds the thread's stream.
    spread = tx.execute(select(Thread.spread).where(Thread.item_id == thread_id)).scalar_one()
    tx.execute(update(Thread).where(Thread.item_id == thread_id).values(spread=moved(spread, voice, old, new)))


def hold_earlier(tx: Session, thread_id: int, user_id: int) -> None:
    """After a comment is taken back its author holds the stance of their latest other comment, or none."""
    said = (
        select(Comment.stance)
        .join(Item, Item.id == Comment.item_id)
        .where(Item.author_id == user_id, Comment.thread_id == thread_id, Comment.stance.is_not(None))
        .order_by(Comment.item_id.desc())
        .limit(1)
    )
    earlier = tx.execute(said).scalar_one_or_none()
    held = tx.get(Choice, (thread_id, user_id))
    if held is None:
        return
    shift_spread(tx, thread_id, "member", held.stance, earlier)
    if earlier is None:
        tx.delete(held)
    else:
        held.stance = earlier
    tx.flush()


def my_choice(tx: Session, user_id: int, thread_id: int) -> str | None:
    """The stance a person holds in a thread."""
    return tx.execute(
        select(Choice.stance).where(Choice.thread_id == thread_id, Choice.user_id == user_id)
    ).scalar_one_or_none()
