"""Comments and threads as contributions to a hearing, for the office that must answer each of them."""

from typing import Any

from sqlalchemy import String, literal, select, update
from sqlalchemy.orm import Session

from forum.commons.comments.models import Comment, Thread
from forum.commons.comments.queries import comments_by_ids
from forum.commons.comments.readings import stance_words
from forum.commons.comments.states import stream_of
from forum.core.accounts.models import User
from forum.core.items.models import Item
from forum.kernel import events
from forum.kernel.feature import Contribution


def of_comments(tx: Session, comment_ids: list[int]) -> dict[int, Contribution]:
    """What these comments say and where, in two statements."""
    views = comments_by_ids(tx, comment_ids)
    places = _places(tx, {view.thread_id for view in views.values()})
    found = {}
    for view in views.values():
        title, public_id, words = places[view.thread_id]
        found[view.id] = Contribution(
            id=view.id,
            public_id=view.public_id,
            kind="comment",
            state=view.state,
            channel=view.channel,
            text=view.body,
            html=view.html,
            name=view.name or "",
            stance=words.get(view.stance or "", ""),
            place=title,
            place_id=public_id,
            at=view.created_at,
            received_on=view.received_on,
        )
    return found


def _places(tx: Session, thread_ids: set[int]) -> dict[int, tuple[str, str, dict[str, str]]]:
    columns = (Thread.item_id, Thread.title, Item.public_id, Thread.stance, Thread.options)
    wanted = select(*columns).join(Item, Item.id == Thread.item_id).where(Thread.item_id.in_(thread_ids))
    return {
        row.item_id: (row.title, row.public_id, stance_words(row.stance, row.options)) for row in tx.execute(wanted)
    }


def of_threads(tx: Session, thread_ids: list[int]) -> dict[int, Contribution]:
    """What these threads open with, in one statement."""
    columns = (Thread.title, Thread.body, Thread.body_html, Item, User.name)
    wanted = select(*columns).join(Item, Item.id == Thread.item_id).outerjoin(User, User.id == Item.author_id)
    return {
        item.id: _of_thread(title, body, html, item, name)
        for title, body, html, item, name in tx.execute(wanted.where(Thread.item_id.in_(thread_ids)))
    }


def _of_thread(title: str, body: str, html: str, item: Item, name: str | None) -> Contribution:
    shown = item.state == "public"
    return Contribution(
        id=item.id,
        public_id=item.public_id,
        kind="thread",
        state=item.state,
        channel=item.channel,
        text=f"{title}\n{body}".strip() if shown else "",
        html=html if shown else "",
        name=(name or "") if shown else "",
        stance="",
        place=title if shown else "",
        place_id=item.public_id,
        at=item.created_at,
    )


def comment_texts() -> Any:
    """Item ids, what comments say, the ids of their threads and their stances, to look for them by."""
    return select(Comment.item_id, Comment.body, Comment.thread_id, Comment.stance)


def thread_texts() -> Any:
    """Item ids and what threads open with; each is its own place, and takes no stance."""
    said = Thread.title + "\n" + Thread.body
    return select(Thread.item_id, said, Thread.item_id.label("place"), literal(None, String()))


def touch_comments(tx: Session, comment_ids: list[int], verb: str) -> None:
    """Gives each comment the next number of its thread and tells who watches."""
    for comment_id in sorted(comment_ids):
        stream_id = stream_of(tx, comment_id)
        seq = events.next_seq(tx, stream_id)
        tx.execute(update(Comment).where(Comment.item_id == comment_id).values(seq=seq))
        events.emit(tx, f"comment.{verb}", stream_id=stream_id, seq=seq, subject_id=comment_id)


def touch_threads(tx: Session, thread_ids: list[int], verb: str) -> None:
    """Numbers the change in each thread's own stream and tells who watches."""
    streams = select(Thread.item_id, Thread.stream_id).where(Thread.item_id.in_(thread_ids))
    for thread_id, stream_id in tx.execute(streams.order_by(Thread.stream_id)).all():
        seq = events.next_seq(tx, stream_id)
        events.emit(tx, f"thread.{verb}", stream_id=stream_id, seq=seq, subject_id=thread_id)
