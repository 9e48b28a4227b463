"""What is known of a person who spoke: told to them, and forgotten when they leave."""

from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session, aliased

from forum.commons.comments.models import TITLE_GONE, Choice, Comment, Mention, Reaction, Revision, Thread
from forum.commons.comments.stances import shift_spread
from forum.commons.comments.states import forget_words
from forum.core.items.compute import may_become
from forum.core.items.models import Item
from forum.core.items.service import set_state
from forum.kernel import events


def erase(tx: Session, user_id: int, withdraw_posts: bool) -> None:
    """Forgets a person: reactions and choices go; posts stay without a name, or are withdrawn."""
    if withdraw_posts:
        own = (
            select(Item.id)
            .join(Comment, Comment.item_id == Item.id)
            .where(Item.author_id == user_id, Item.state.not_in(("withdrawn", "erased")))
            .order_by(Comment.thread_id, Item.id)
        )
        for comment_id in tx.execute(own).scalars().all():
            set_state(tx, comment_id, "withdrawn")
        _withdraw_threads(tx, user_id)
    held = select(Choice).where(Choice.user_id == user_id).order_by(Choice.thread_id)
    for choice in tx.execute(held).scalars().all():
        stream_id = tx.execute(select(Thread.stream_id).where(Thread.item_id == choice.thread_id)).scalar_one()
        tx.execute(update(events.Stream).where(events.Stream.id == stream_id).values(seq=events.Stream.seq))
        shift_spread(tx, choice.thread_id, "member", choice.stance, None)
    tx.execute(delete(Choice).where(Choice.user_id == user_id))
    given = select(Reaction.item_id, Reaction.kind).where(Reaction.user_id == user_id).order_by(Reaction.item_id)
    for item_id, kind in tx.execute(given).all():
        column = Comment.useful if kind == "useful" else Comment.understand
        tx.execute(update(Comment).where(Comment.item_id == item_id).values({column: column - 1}))
    tx.execute(delete(Reaction).where(Reaction.user_id == user_id))
    tx.execute(delete(Mention).where(Mention.user_id == user_id))


def _withdraw_threads(tx: Session, user_id: int) -> None:
    """Threads this person started: gone where nobody else speaks; else what others said stays under no words of theirs.

    Emits `thread.edited` for each that stays.
    """
    own = select(Thread).join(Item, Item.id == Thread.item_id)
    for thread in tx.execute(own.where(Item.author_id == user_id).order_by(Thread.item_id)).scalars().all():
        if thread.comments == 0 and may_become(tx.get_one(Item, thread.item_id).state, "withdrawn"):
            set_state(tx, thread.item_id, "withdrawn")
        elif thread.title != TITLE_GONE:
            seq = events.next_seq(tx, thread.stream_id)
            forget_words(thread)
            events.emit(tx, "thread.edited", stream_id=thread.stream_id, seq=seq, subject_id=thread.item_id)
    tx.flush()


def personal_data(tx: Session, user_id: int) -> dict[str, Any]:
    """What a person wrote and chose, for their own export."""
    own = Item.author_id == user_id
    before = select(Item.public_id, Revision.replaced_at, Revision.reason, Revision.body).join(
        Revision, Revision.comment_id == Item.id
    )
    began = select(Item.public_id, Item.created_at, Thread.title, Thread.body).join(Thread, Thread.item_id == Item.id)
    held = select(Item.public_id, Choice.stance, Choice.at).join(Choice, Choice.thread_id == Item.id)
    liked = select(Item.public_id, Reaction.kind, Reaction.at).join(Reaction, Reaction.item_id == Item.id)
    named = select(Item.public_id, Item.created_at).join(Mention, Mention.comment_id == Item.id)
    asked = {
        "threads": began.where(own),
        "comments": _said().where(own),
        "earlier_texts": before.where(own),
        "choices": held.where(Choice.user_id == user_id),
        "reactions": liked.where(Reaction.user_id == user_id),
        "named_in": named.where(Mention.user_id == user_id),
    }
    return {kind: [dict(row) for row in tx.execute(q.order_by(Item.id)).mappings()] for kind, q in asked.items()}


def _said() -> Select[*tuple[Any, ...]]:
    """Comments, each with where it stands: the public ids of its thread, of what it is under and of what it answers."""
    thread, parent, answered = aliased(Item), aliased(Item), aliased(Item)
    where = thread.public_id.label("thread"), parent.public_id.label("parent"), answered.public_id.label("reply_to")
    told = Item.created_at, Comment.edited_at, Comment.pen_name, Comment.body, Comment.stance
    return (
        select(Item.public_id, *where, *told)
        .join(Comment, Comment.item_id == Item.id)
        .join(thread, thread.id == Comment.thread_id)
        .outerjoin(parent, parent.id == Comment.parent_id)
        .outerjoin(answered, answered.id == Comment.reply_to_id)
    )
