"""Threads and comments as the outside sees them: JSON of the API and of live events."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from forum.commons.comments.compute import totals
from forum.commons.comments.models import Comment, Revision, Thread
from forum.commons.comments.queries import (
    changed_since,
    comments_by_ids,
    thread_by,
    thread_of,
)
from forum.commons.comments.readings import CommentView, ThreadView
from forum.core.answers.beside import as_json
from forum.core.consultations.models import Consultation
from forum.core.items.models import Item
from forum.kernel import clock, events
from forum.kernel.db import rows
from forum.kernel.events import Event
from forum.kernel.feature import LiveEvent
from forum.kernel.rules import Actor

CATCH_UP = 200
_asked: Any = bindparam("thread_ids", expanding=True)
_COUNTS = (
    select(Thread.item_id, Item.public_id, Thread.comments, Thread.spread, events.Stream.seq)
    .join(Item, Item.id == Thread.item_id)
    .join(events.Stream, events.Stream.id == Thread.stream_id)
    .where(Thread.item_id.in_(_asked))
)
_ROOMS = select(Item.id, Item.public_id).where(Item.id.in_(_asked))


def comment_json(comment: CommentView) -> dict[str, Any]:
    """A comment in its present public state."""
    return {
        "id": comment.public_id,
        "no": comment.no,
        "seq": comment.seq,
        "state": comment.state,
        "body": comment.body if comment.is_shown else None,
        "html": comment.html if comment.is_shown else None,
        "author": _author(comment),
        "parent": comment.parent,
        "reply_to": comment.reply_to,
        "stance": comment.stance,
        "channel": comment.channel,
        "received_on": comment.received_on.isoformat() if comment.received_on else None,
        "official": comment.voice == "agency",
        "replies": comment.replies,
        "useful": comment.useful,
        "understand": comment.understand,
        "version": comment.version,
        "created_at": clock.iso(comment.created_at),
        "edited_at": clock.iso(comment.edited_at) if comment.edited_at else None,
        "url": f"/i/{comment.public_id}",
        **as_json(comment.said),
    }


def _author(comment: CommentView) -> dict[str, Any] | None:
    if not comment.is_shown:
        return None
    return {"name": comment.office or comment.name, "kind": comment.voice, "erased": comment.name_gone}


def thread_json(thread: ThreadView, seq: int) -> dict[str, Any]:
    """A thread in its present public state; `seq` is its stream's number."""
    shown = thread.state == "public"
    return {
        "id": thread.public_id,
        "seq": seq,
        "state": thread.state,
        "title": thread.title if shown else None,
        "body": thread.body if shown else None,
        "html": thread.body_html if shown else None,
        "stance": thread.stance,
        "options": list(thread.options),
        "consultation": thread.slug,
        "activity": thread.activity_key,
        "comments": thread.comments,
        "spread": totals(thread.spread),
        "open": thread.floor.opened,
        "version": thread.version,
        "created_at": clock.iso(thread.created_at),
        "url": f"/t/{thread.public_id}",
        **as_json(thread.said),
    }


def comments_public(tx: Session, comment_ids: list[int]) -> dict[int, dict[str, Any]]:
    """Comments by inner id, for whoever holds items of any kind; those of a thread that is gone are left out."""
    held = select(Comment.item_id).join(Item, Item.id == Comment.thread_id)
    shown = tx.execute(held.where(Comment.item_id.in_(comment_ids), Item.state == "public")).scalars().all()
    return {i: comment_json(view) for i, view in comments_by_ids(tx, shown).items()}


def live_comments(tx: Session, changes: list[Event]) -> list[LiveEvent]:
    """What goes out for changes of comments: the state they are in now, whatever it was then."""
    seen = comments_by_ids(tx, [e.subject_id for e in changes if e.subject_id is not None])
    rooms = _rooms(tx, {view.thread_id for view in seen.values()})
    gone = _purged(tx, seen.values())
    out = []
    for event in changes:
        view = seen[event.subject_id or 0]
        room = rooms[view.thread_id]
        stamp = {"in": room, "seq": event.seq, "at": clock.iso(event.at)}
        out.append(LiveEvent(room, _told(view, gone) | stamp))
    return out


def live_reactions(tx: Session, changes: list[Event]) -> list[LiveEvent]:
    """Present totals of reactions."""
    seen = comments_by_ids(tx, [e.subject_id for e in changes if e.subject_id is not None])
    rooms = _rooms(tx, {view.thread_id for view in seen.values()})
    out = []
    for event in changes:
        view = seen[event.subject_id or 0]
        seq = events.current_seq(tx, event.stream_id or 0)
        stamp = {"id": view.public_id, "in": rooms[view.thread_id], "seq": seq, "at": clock.iso(event.at)}
        out.append(LiveEvent(rooms[view.thread_id], stamp | {"useful": view.useful, "understand": view.understand}))
    return out


def live_counts(tx: Session, changes: list[Event]) -> list[LiveEvent]:
    """Present totals of threads."""
    thread_ids = {e.subject_id for e in changes if e.subject_id is not None}
    out = []
    for row in rows(tx, _COUNTS, {"thread_ids": list(thread_ids)}):
        stamp = {"id": row.public_id, "in": row.public_id, "seq": row.seq, "at": clock.iso(clock.now())}
        out.append(LiveEvent(row.public_id, stamp | {"comments": row.comments, "spread": totals(row.spread)}))
    return out


def live_threads(tx: Session, changes: list[Event]) -> list[LiveEvent]:
    """A thread's own changes, told in the thread's own room or, when it is new, in its consultation's."""
    out = []
    for event in changes:
        thread = thread_of(tx, event.subject_id or 0)
        room = thread.slug if event.name == "thread.posted" else thread.public_id
        stamp = {"id": thread.public_id, "in": room, "seq": event.seq, "at": clock.iso(event.at)}
        out.append(LiveEvent(room, thread_json(thread, event.seq or 0) | stamp))
    return out


def find_stream(tx: Session, _actor: Actor, public_id: str) -> int | None:
    """The stream of a thread that may be watched."""
    found = (
        select(Thread.stream_id)
        .join(Item, Item.id == Thread.item_id)
        .join(Consultation, Consultation.id == Thread.consultation_id)
        .where(Item.public_id == public_id, Item.state == "public", Consultation.state != "draft")
    )
    return tx.execute(found).scalar_one_or_none()


def missed(tx: Session, _actor: Actor, public_id: str, since: int) -> tuple[list[dict[str, Any]], bool]:
    """The present state of every comment changed after a number, and whether there are too many to tell."""
    thread = thread_by(tx, public_id)
    changed = changed_since(tx, thread.id, since, CATCH_UP + 1)
    return told_in(tx, public_id, changed[:CATCH_UP]), len(changed) > CATCH_UP


def told_in(tx: Session, room: str, changed: Collection[CommentView]) -> list[dict[str, Any]]:
    """Comments as they are told to somebody who catches up."""
    gone = _purged(tx, changed)
    return [_told(view, gone) | {"in": room} for view in changed]


def _told(view: CommentView, gone: Collection[int]) -> dict[str, Any]:
    """A comment for somebody who may still show an earlier text of it; `purged` when such a text must go at once."""
    return comment_json(view) | ({"purged": True} if view.id in gone else {})


def _purged(tx: Session, views: Iterable[CommentView]) -> set[int]:
    """Those of the comments of which an earlier text held personal data."""
    changed = [view.id for view in views if view.is_shown and view.version > 1]
    if not changed:
        return set()
    found = select(Revision.comment_id).where(Revision.comment_id.in_(changed), Revision.text_gone)
    return set(tx.execute(found).scalars())


def _rooms(tx: Session, thread_ids: set[int]) -> dict[int, str]:
    return dict(rows(tx, _ROOMS, {"thread_ids": list(thread_ids)}).all())
