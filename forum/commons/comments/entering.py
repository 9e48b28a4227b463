"""What an office enters for people who came another way: paper, telephone, meeting, letter. Nothing here commits.

One and many go the same way, in as many statements: SQLite has one writer, who must not be held.
"""

from collections.abc import Sequence
from functools import reduce

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from forum.commons.comments.compute import moved
from forum.commons.comments.forms import NewComment
from forum.commons.comments.models import Comment, Thread
from forum.commons.comments.places import mention, place
from forum.commons.comments.readings import Posted, ThreadView
from forum.commons.comments.rules import RULES
from forum.core.entries import service as entries
from forum.core.entries.forms import wrong_day
from forum.core.items.models import Item
from forum.core.items.service import make_items
from forum.kernel import clock, events
from forum.kernel.errors import Invalid
from forum.kernel.rules import Actor, require

VOICE = "paper"


def enter(tx: Session, actor: Actor, thread: ThreadView, forms: Sequence[NewComment]) -> list[Posted]:
    """Stores what an officer keyed for others in one thread, in this order; public at once, in nobody's name.

    Emits `comment.posted` for each and `thread.counts` once. Raises `Denied`, `Invalid` for a day on which nothing
    could have come, `SheetsTaken` when a sheet was keyed before; then nothing of it is kept.
    """
    require(RULES, "comment.enter", actor, thread.floor)
    _check_days(thread, forms)
    places = [place(tx, thread, form.parent) for form in forms]
    seqs = events.next_seqs(tx, thread.stream_id, len(forms))
    channels = [form.channel for form in forms]
    items = make_items(tx, "comment", channels, consultation_id=thread.consultation_id, voice=VOICE)
    last = _take_numbers(tx, thread, len(forms))
    rows = [
        {
            "item_id": item.id,
            "thread_id": thread.id,
            "parent_id": parent_id,
            "reply_to_id": reply_to_id,
            "no": last - len(forms) + n,
            "seq": seq,
            "body": form.body,
            "body_html": form.html,
            "stance": form.stance,
            "received_on": form.received_on,
        }
        for n, (item, form, seq, (parent_id, reply_to_id)) in enumerate(zip(items, forms, seqs, places, strict=True), 1)
    ]
    tx.execute(insert(Comment), rows)
    _count(tx, thread, forms, [parent_id for parent_id, _reply_to in places])
    codes = _keep(tx, actor, thread, forms, items)
    numbered = [(seq, item.id) for seq, item in zip(seqs, items, strict=True)]
    events.emit_each(tx, "comment.posted", stream_id=thread.stream_id, numbered=numbered)
    events.emit(tx, "thread.counts", stream_id=thread.stream_id, subject_id=thread.id)
    return [Posted(item.id, item.public_id, code) for item, code in zip(items, codes, strict=True)]


def _check_days(thread: ThreadView, forms: Sequence[NewComment]) -> None:
    for form in forms:
        wrong = wrong_day(form.received_on, thread.opens_at, thread.closes_at)
        if wrong is not None:
            raise Invalid({"received_on": wrong})


def _take_numbers(tx: Session, thread: ThreadView, n: int) -> int:
    taken = {"numbers": Thread.numbers + n, "comments": Thread.comments + n, "last_at": clock.now()}
    return tx.execute(
        update(Thread).where(Thread.item_id == thread.id).values(taken).returning(Thread.numbers)
    ).scalar_one()


def _count(tx: Session, thread: ThreadView, forms: Sequence[NewComment], parents: Sequence[int | None]) -> None:
    for parent_id in parents:
        if parent_id is not None:
            tx.execute(update(Comment).where(Comment.item_id == parent_id).values(replies=Comment.replies + 1))
    # Safe to read and write back: whoever changes the spread holds the thread's stream.
    before = tx.execute(select(Thread.spread).where(Thread.item_id == thread.id)).scalar_one()
    after = reduce(lambda spread, form: moved(spread, VOICE, None, form.stance), forms, before)
    if after != before:
        tx.execute(update(Thread).where(Thread.item_id == thread.id).values(spread=after))


def _keep(
    tx: Session, actor: Actor, thread: ThreadView, forms: Sequence[NewComment], items: Sequence[Item]
) -> list[str | None]:
    for form, item in zip(forms, items, strict=True):
        if "@" in form.body:
            mention(tx, thread, form.body, item)
    return entries.keep(tx, actor, items, [form.sheet for form in forms])
