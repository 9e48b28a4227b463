"""What a change of state does to counters and texts, in the same transaction; asked by the spine alone."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from forum.commons.comments.compute import TAKE_BACK_SECONDS
from forum.commons.comments.models import TITLE_GONE, Comment, Mention, Revision, Thread
from forum.commons.comments.stances import hold_earlier, shift_spread
from forum.core.items.models import Item
from forum.kernel import clock, events


def stream_of(tx: Session, comment_id: int) -> int:
    """The stream in which a comment's changes are numbered: its thread's."""
    found = (
        select(Thread.stream_id).join(Comment, Comment.thread_id == Thread.item_id).where(Comment.item_id == comment_id)
    )
    return tx.execute(found).scalar_one()


def state_changed(tx: Session, comment_id: int, old: str, new: str, seq: int) -> None:
    """Keeps the counters when a comment's state changes; what its author took back loses its text."""
    row = tx.get_one(Comment, comment_id)
    row.seq = seq
    delta = (new == "public") - (old == "public")
    tx.execute(update(Thread).where(Thread.item_id == row.thread_id).values(comments=Thread.comments + delta))
    if new in ("withdrawn", "erased"):
        _purge(tx, row)
    tx.flush()
    thread_stream = stream_of(tx, comment_id)
    events.emit(tx, "thread.counts", stream_id=thread_stream, subject_id=row.thread_id)


def _purge(tx: Session, row: Comment) -> None:
    item = tx.get_one(Item, row.item_id)
    age = (clock.now() - item.created_at).total_seconds()
    row.taken_back = age <= TAKE_BACK_SECONDS
    stance, row.stance = row.stance, None
    row.body = row.body_html = ""
    row.pen_name = None
    tx.flush()
    if stance is not None and item.voice in ("guest", "paper"):
        shift_spread(tx, row.thread_id, item.voice, stance, None)
    elif stance is not None and item.author_id is not None:
        hold_earlier(tx, row.thread_id, item.author_id)
    tx.execute(delete(Revision).where(Revision.comment_id == row.item_id))
    tx.execute(delete(Mention).where(Mention.comment_id == row.item_id))


def thread_state_changed(tx: Session, thread_id: int, old: str, new: str, _seq: int) -> None:
    """A thread's own counters do not depend on its state; its text goes when it is taken back."""
    if new in ("withdrawn", "erased") and old != new:
        forget_words(tx.get_one(Thread, thread_id))


def forget_words(thread: Thread) -> None:
    """A thread keeps its place and what others said in it, and nothing its author wrote."""
    thread.title, thread.body, thread.body_html = TITLE_GONE, "", ""
    thread.version += 1
