"""Counting again what threads and comments keep as columns."""

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from forum.commons.comments.models import Choice, Comment, Reaction, Thread
from forum.core.items.models import Item


def recount(tx: Session) -> int:
    """Counts every thread's and comment's counters again; returns how many rows were wrong."""
    return _threads(tx) + _replies(tx) + _reactions(tx)


def _threads(tx: Session) -> int:
    wrong = 0
    shown = dict(
        tx.execute(
            select(Comment.thread_id, func.count())
            .join(Item, Item.id == Comment.item_id)
            .where(Item.state == "public")
            .group_by(Comment.thread_id)
        ).all()
    )
    numbers = dict(tx.execute(select(Comment.thread_id, func.max(Comment.no)).group_by(Comment.thread_id)).all())
    spreads = _spreads(tx)
    for thread in tx.execute(select(Thread)).scalars():
        right = {
            "comments": shown.get(thread.item_id, 0),
            "numbers": numbers.get(thread.item_id) or 0,
            "spread": spreads.get(thread.item_id, {}),
        }
        kept = {"comments": thread.comments, "numbers": thread.numbers, "spread": _without_zeros(thread.spread)}
        if right != kept:
            wrong += 1
            for name, value in right.items():
                setattr(thread, name, value)
    return wrong


def _spreads(tx: Session) -> dict[int, dict[str, dict[str, int]]]:
    spreads: dict[int, dict[str, dict[str, int]]] = {}
    held = select(Choice.thread_id, Choice.stance, func.count()).group_by(Choice.thread_id, Choice.stance)
    for thread_id, stance, n in tx.execute(held):
        spreads.setdefault(thread_id, {}).setdefault("member", {})[stance] = n
    said = (
        select(Comment.thread_id, Item.voice, Comment.stance, func.count())
        .join(Item, Item.id == Comment.item_id)
        .where(Item.voice.in_(("guest", "paper")), Comment.stance.is_not(None))
        .group_by(Comment.thread_id, Item.voice, Comment.stance)
    )
    for thread_id, voice, choice, n in tx.execute(said):
        spreads.setdefault(thread_id, {}).setdefault(voice, {})[choice or ""] = n
    return spreads


def _without_zeros(spread: dict[str, Any]) -> dict[str, dict[str, int]]:
    kept = {voice: {s: n for s, n in row.items() if n} for voice, row in spread.items()}
    return {voice: row for voice, row in kept.items() if row}


def _replies(tx: Session) -> int:
    reply = aliased(Comment)
    counted = select(func.count()).select_from(reply).where(reply.parent_id == Comment.item_id).scalar_subquery()
    return _correct(tx, Comment.replies, counted)


def _reactions(tx: Session) -> int:
    wrong = 0
    for column, kind in ((Comment.useful, "useful"), (Comment.understand, "understand")):
        counted = (
            select(func.count())
            .select_from(Reaction)
            .where(Reaction.item_id == Comment.item_id, Reaction.kind == kind)
            .scalar_subquery()
        )
        wrong += _correct(tx, column, counted)
    return wrong


def _correct(tx: Session, column: Any, counted: Any) -> int:
    done: Any = tx.execute(
        update(Comment).where(column != counted).values({column: counted}).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)
