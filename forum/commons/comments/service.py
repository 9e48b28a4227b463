"""Writing in threads: speaking, editing, taking back, reacting. Nothing here commits."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from forum.commons.comments.compute import moved
from forum.commons.comments.forms import EditedComment, NewComment
from forum.commons.comments.mentions import mentioned_in
from forum.commons.comments.models import Choice, Comment, Mention, Reaction, Revision, Thread
from forum.commons.comments.queries import CommentView, ThreadView, comment_of, own_of
from forum.commons.comments.rules import AGENCY_VOICES, RULES, Floor
from forum.core.accounts.compute import name_key
from forum.core.accounts.models import Consent
from forum.core.accounts.queries import name_holder
from forum.core.consultations.models import Consultation
from forum.core.items.models import Item
from forum.core.items.queries import item_by
from forum.core.items.service import give_receipt, make_item, set_state
from forum.kernel import clock, events
from forum.kernel.errors import Conflict, Invalid, NotFound
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, require

PUBLIC_POSTING = "public_posting"


@dataclass(frozen=True)
class Posted:
    """A comment just stored; `receipt` is the guest's code, shown once."""

    comment_id: int
    public_id: str
    receipt: str | None


@dataclass(frozen=True)
class NewThread:
    """A thread ready to be stored."""

    title: str
    body: str
    html: str
    stance: str = "off"
    options: tuple[str, ...] = ()


def make_thread(
    tx: Session,
    form: NewThread,
    *,
    consultation_id: int,
    agency_id: int,
    activity_id: int | None,
    author_id: int | None,
    voice: str,
) -> Item:
    """A new thread; emits `thread.posted` on the consultation's stream."""
    item = make_item(
        tx, "thread", consultation_id=consultation_id, author_id=author_id, agency_id=agency_id, voice=voice
    )
    tx.add(
        Thread(
            item_id=item.id,
            consultation_id=consultation_id,
            activity_id=activity_id,
            stream_id=events.new_stream(tx),
            title=form.title,
            body=form.body,
            body_html=form.html,
            stance=form.stance,
            options=list(form.options),
            spread={},
            last_at=item.created_at,
        )
    )
    tx.flush()
    stream_id = tx.execute(select(Consultation.stream_id).where(Consultation.id == consultation_id)).scalar_one()
    seq = events.next_seq(tx, stream_id)
    events.emit(tx, "thread.posted", stream_id=stream_id, seq=seq, subject_id=item.id)
    return item


def post_comment(tx: Session, actor: Actor, thread: ThreadView, form: NewComment) -> Posted:
    """Stores a comment; it is public at once. Emits `comment.posted` and `thread.counts`.

    Raises `Denied` when the thread is closed to this actor, `Invalid` for a parent that is not here.
    """
    voice = _voice(actor, thread.floor, form)
    require(RULES, "comment.enter" if voice == "paper" else "comment.post", actor, thread.floor)
    if voice == "guest":
        _refuse_office_name(tx, form.pen_name or "")
    parent_id, reply_to_id = _place(tx, thread, form.parent)
    seq = events.next_seq(tx, thread.stream_id)
    item = make_item(
        tx,
        "comment",
        consultation_id=thread.consultation_id,
        author_id=None if voice == "paper" else actor.user_id,
        agency_id=thread.agency_id if voice == "agency" else None,
        voice=voice,
    )
    _store(tx, thread, form, item, seq, parent_id, reply_to_id)
    _count_new(tx, actor, thread, form, item, parent_id)
    _mention(tx, thread, form.body, item)
    receipt = give_receipt(tx, item.id) if voice in ("guest", "paper") else None
    if voice == "guest":
        consent = {"purpose": PUBLIC_POSTING, "version": "2026-11-22", "given": True, "at": clock.now()}
        tx.add(Consent(item_id=item.id, **consent))
    _told(tx, "comment.posted", thread.stream_id, seq, item.id)
    return Posted(item.id, item.public_id, receipt)


def fresh_receipt(tx: Session, public_id: str) -> Posted:
    """What a repeated guest's post answers: the same comment, a new code in place of the one that never arrived."""
    item = item_by(tx, public_id)
    code = give_receipt(tx, item.id) if item.voice in ("guest", "paper") else None
    return Posted(item.id, item.public_id, code)


def _voice(actor: Actor, floor: Floor, form: NewComment) -> str:
    if form.channel != "web":
        return "paper"
    if actor.is_nobody:
        return "guest"
    return "agency" if actor.has_any(AGENCY_VOICES, floor.agency_id) else "member"


def _refuse_office_name(tx: Session, name: str) -> None:
    """A guest may not speak under the name of an office."""
    holder = name_holder(tx, name_key(name))
    if holder is not None and holder.user_id is None:
        raise Invalid({"name": T("ชื่อนี้เป็นชื่อหน่วยงาน ตั้งชื่ออื่น")})


def _place(tx: Session, thread: ThreadView, parent: str | None) -> tuple[int | None, int | None]:
    """Where a reply stands: under the first-level comment, remembering the one it answers."""
    if parent is None:
        return None, None
    try:
        answered = item_by(tx, parent)
    except NotFound:
        raise Invalid({"parent": T("ไม่พบความเห็นที่จะตอบ")}) from None
    row = tx.get(Comment, answered.id)
    if row is None or row.thread_id != thread.id:
        raise Invalid({"parent": T("ไม่พบความเห็นที่จะตอบ")})
    if answered.state != "public":
        raise Invalid({"parent": T("ความเห็นที่จะตอบไม่แสดงแล้ว")})
    return row.parent_id or row.item_id, row.item_id


def _store(
    tx: Session,
    thread: ThreadView,
    form: NewComment,
    item: Item,
    seq: int,
    parent_id: int | None,
    reply_to_id: int | None,
) -> None:
    number = (
        update(Thread)
        .where(Thread.item_id == thread.id)
        .values(numbers=Thread.numbers + 1, comments=Thread.comments + 1, last_at=item.created_at)
        .returning(Thread.numbers)
    )
    tx.execute(
        insert(Comment).values(
            item_id=item.id,
            thread_id=thread.id,
            parent_id=parent_id,
            reply_to_id=reply_to_id,
            no=tx.execute(number).scalar_one(),
            seq=seq,
            pen_name=form.pen_name if item.voice == "guest" else None,
            office=thread.agency_name if item.voice == "agency" else None,
            body=form.body,
            body_html=form.html,
            stance=form.stance if item.voice != "agency" else None,
            channel=form.channel,
            received_on=form.received_on,
            sheet=form.sheet,
        )
    )


def _count_new(
    tx: Session, actor: Actor, thread: ThreadView, form: NewComment, item: Item, parent_id: int | None
) -> None:
    if parent_id is not None:
        tx.execute(update(Comment).where(Comment.item_id == parent_id).values(replies=Comment.replies + 1))
    if form.stance is None or item.voice == "agency":
        return
    before = _choose(tx, thread.id, actor.user_id, form.stance) if item.voice == "member" else None
    _shift_spread(tx, thread.id, item.voice, before, form.stance)


def _choose(tx: Session, thread_id: int, user_id: int | None, stance: str) -> str | None:
    """Sets the stance an account holds in a thread; returns the one it held before."""
    held = tx.get(Choice, (thread_id, user_id))
    if held is None:
        tx.add(Choice(thread_id=thread_id, user_id=user_id, stance=stance, at=clock.now()))
        return None
    before, held.stance, held.at = held.stance, stance, clock.now()
    return before


def _shift_spread(tx: Session, thread_id: int, voice: str, old: str | None, new: str | None) -> None:
    if old == new:
        return
    # Safe to read and write back: whoever changes the spread holds the thread's stream.
    spread = tx.execute(select(Thread.spread).where(Thread.item_id == thread_id)).scalar_one()
    tx.execute(update(Thread).where(Thread.item_id == thread_id).values(spread=moved(spread, voice, old, new)))


def _mention(tx: Session, thread: ThreadView, body: str, item: Item) -> None:
    for user_id in mentioned_in(tx, thread.id, body, item.id):
        tx.add(Mention(comment_id=item.id, user_id=user_id))


def _told(tx: Session, name: str, stream_id: int, seq: int, comment_id: int) -> None:
    events.emit(tx, name, stream_id=stream_id, seq=seq, subject_id=comment_id)
    thread_id = tx.execute(select(Comment.thread_id).where(Comment.item_id == comment_id)).scalar_one()
    events.emit(tx, "thread.counts", stream_id=stream_id, subject_id=thread_id)


def edit_comment(
    tx: Session, actor: Actor, comment: CommentView, form: EditedComment, by_receipt: bool = False
) -> CommentView:
    """Replaces a comment's text, keeping the earlier one open to all unless it held personal data.

    Emits `comment.edited`; raises `Conflict` with the present comment when somebody saved first.
    """
    require(RULES, "comment.edit", actor, own_of(tx, comment, by_receipt))
    stream_id = stream_of(tx, comment.id)
    seq = events.next_seq(tx, stream_id)
    row = tx.get_one(Comment, comment.id, populate_existing=True)
    if row.version != form.version:
        raise Conflict(T("ความเห็นนี้ถูกแก้จากที่อื่นไปก่อนแล้ว ดูทั้งสองแบบแล้วเลือก"), current=comment_of(tx, comment.id))
    if row.body == form.body and not form.personal_data:
        return comment
    _keep_revision(tx, row, form)
    row.body, row.body_html = form.body, form.html
    row.version += 1
    row.edited_at, row.seq = clock.now(), seq
    tx.flush()
    events.emit(tx, "comment.edited", stream_id=stream_id, seq=seq, subject_id=row.item_id)
    return comment_of(tx, row.item_id)


def _keep_revision(tx: Session, row: Comment, form: EditedComment) -> None:
    gone = form.personal_data
    if gone:
        tx.execute(
            update(Revision).where(Revision.comment_id == row.item_id).values(body="", body_html="", text_gone=True)
        )
    tx.add(
        Revision(
            comment_id=row.item_id,
            version=row.version,
            body="" if gone else row.body,
            body_html="" if gone else row.body_html,
            replaced_at=clock.now(),
            reason=form.reason,
            text_gone=gone,
        )
    )


def withdraw_comment(tx: Session, actor: Actor, comment_id: int, by_receipt: bool = False) -> None:
    """Its author takes a comment back: text and name are gone at once, its number stays."""
    require(RULES, "comment.withdraw", actor, own_of(tx, comment_of(tx, comment_id), by_receipt))
    set_state(tx, comment_id, "withdrawn")


def stream_of(tx: Session, comment_id: int) -> int:
    """The stream in which a comment's changes are numbered: its thread's."""
    found = (
        select(Thread.stream_id).join(Comment, Comment.thread_id == Thread.item_id).where(Comment.item_id == comment_id)
    )
    return tx.execute(found).scalar_one()


def react(tx: Session, actor: Actor, comment: CommentView, kind: str, on: bool) -> CommentView:
    """Sets or takes back a reaction; doing it twice is doing it once. Emits `reaction.changed`."""
    require(RULES, "comment.react", actor, own_of(tx, comment))
    column = {"useful": Comment.useful, "understand": Comment.understand}.get(kind)
    if column is None:
        raise NotFound
    stream_id = stream_of(tx, comment.id)
    key = {"item_id": comment.id, "user_id": actor.user_id, "kind": kind}
    tx.execute(update(events.Stream).where(events.Stream.id == stream_id).values(seq=events.Stream.seq))
    there = tx.get(Reaction, (comment.id, actor.user_id, kind)) is not None
    if there != on:
        tx.execute(insert(Reaction).values(at=clock.now(), **key) if on else delete(Reaction).filter_by(**key))
        tx.execute(update(Comment).where(Comment.item_id == comment.id).values({column: column + (1 if on else -1)}))
        events.emit(tx, "reaction.changed", stream_id=stream_id, subject_id=comment.id)
    tx.expire_all()
    return comment_of(tx, comment.id)


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
    row.taken_back = age <= 120
    stance, row.stance = row.stance, None
    row.body = row.body_html = ""
    row.pen_name = None
    tx.flush()
    if stance is not None and item.voice in ("guest", "paper"):
        _shift_spread(tx, row.thread_id, item.voice, stance, None)
    elif stance is not None and item.author_id is not None:
        _hold_earlier(tx, row.thread_id, item.author_id)
    tx.execute(delete(Revision).where(Revision.comment_id == row.item_id))
    tx.execute(delete(Mention).where(Mention.comment_id == row.item_id))


def _hold_earlier(tx: Session, thread_id: int, user_id: int) -> None:
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
    _shift_spread(tx, thread_id, "member", held.stance, earlier)
    if earlier is None:
        tx.delete(held)
    else:
        held.stance = earlier
    tx.flush()


def thread_state_changed(tx: Session, thread_id: int, old: str, new: str, _seq: int) -> None:
    """A thread's own counters do not depend on its state; its text goes when it is taken back."""
    if new in ("withdrawn", "erased") and old != new:
        row = tx.get_one(Thread, thread_id)
        row.body = row.body_html = ""


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
    held = select(Choice).where(Choice.user_id == user_id).order_by(Choice.thread_id)
    for choice in tx.execute(held).scalars().all():
        stream_id = tx.execute(select(Thread.stream_id).where(Thread.item_id == choice.thread_id)).scalar_one()
        tx.execute(update(events.Stream).where(events.Stream.id == stream_id).values(seq=events.Stream.seq))
        _shift_spread(tx, choice.thread_id, "member", choice.stance, None)
    tx.execute(delete(Choice).where(Choice.user_id == user_id))
    given = select(Reaction.item_id, Reaction.kind).where(Reaction.user_id == user_id).order_by(Reaction.item_id)
    for item_id, kind in tx.execute(given).all():
        column = Comment.useful if kind == "useful" else Comment.understand
        tx.execute(update(Comment).where(Comment.item_id == item_id).values({column: column - 1}))
    tx.execute(delete(Reaction).where(Reaction.user_id == user_id))
    tx.execute(delete(Mention).where(Mention.user_id == user_id))


def personal_data(tx: Session, user_id: int) -> dict[str, Any]:
    """What a person wrote and chose, for their own export."""
    said = (
        select(Item.public_id, Item.created_at, Comment.body, Comment.stance)
        .join(Comment, Comment.item_id == Item.id)
        .where(Item.author_id == user_id)
        .order_by(Item.id)
    )
    held = select(Item.public_id, Choice.stance, Choice.at).join(Item, Item.id == Choice.thread_id)
    liked = select(Item.public_id, Reaction.kind, Reaction.at).join(Item, Item.id == Reaction.item_id)
    return {
        "comments": [dict(row) for row in tx.execute(said).mappings()],
        "choices": [dict(row) for row in tx.execute(held.where(Choice.user_id == user_id)).mappings()],
        "reactions": [dict(row) for row in tx.execute(liked.where(Reaction.user_id == user_id)).mappings()],
    }
