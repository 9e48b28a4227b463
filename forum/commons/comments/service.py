"""Writing in threads: speaking, editing, taking back, reacting. Nothing here commits."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from forum.commons.comments import entering
from forum.commons.comments.forms import EditedComment, NewComment
from forum.commons.comments.models import Comment, Reaction, Revision, Thread
from forum.commons.comments.places import mention, place
from forum.commons.comments.queries import comment_of, own_of, thread_of
from forum.commons.comments.readings import CommentView, Posted, ThreadView
from forum.commons.comments.rules import AGENCY_VOICES, RULES, Floor
from forum.commons.comments.stances import choose, shift_spread
from forum.commons.comments.states import stream_of
from forum.commons.comments.views import comment_json
from forum.core.accounts.compute import name_key
from forum.core.accounts.models import PRIVACY_VERSION, PUBLIC_POSTING, Consent
from forum.core.accounts.queries import name_holder
from forum.core.consultations.models import Consultation
from forum.core.entries import service as entries
from forum.core.items.models import Item
from forum.core.items.queries import item_by
from forum.core.items.service import give_receipt, make_item, set_state
from forum.kernel import clock, events, html
from forum.kernel.db import rows
from forum.kernel.errors import Conflict, Invalid, NotFound
from forum.kernel.i18n import T
from forum.kernel.rules import Actor, require

# Built once, as every voice goes through them.
_threads: Any = Thread.__table__
_NUMBER = (
    update(_threads)
    .where(_threads.c.item_id == bindparam("thread"))
    .values(numbers=_threads.c.numbers + 1, comments=_threads.c.comments + 1, last_at=bindparam("now"))
    .returning(_threads.c.numbers)
)
_comments: Any = Comment.__table__
_SAID = insert(_comments)


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
    """A new thread; emits `thread.posted` on the consultation's stream.

    One that an office prepares in a draft takes no number and emits `thread.prepared`: nobody else may know of it.
    """
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
    where = select(Consultation.stream_id, Consultation.state).where(Consultation.id == consultation_id)
    stream_id, state = tx.execute(where).one()
    if state == "draft":
        events.emit(tx, "thread.prepared", subject_id=item.id)
        return item
    seq = events.next_seq(tx, stream_id)
    events.emit(tx, "thread.posted", stream_id=stream_id, seq=seq, subject_id=item.id)
    return item


def post_comment(tx: Session, actor: Actor, thread: ThreadView, form: NewComment) -> Posted:
    """Stores a comment; it is public at once. Emits `comment.posted` and `thread.counts`.

    Raises `Denied` when the thread is closed to this actor, `Invalid` for a parent that is not here.
    """
    if form.channel != "web":
        return entering.enter(tx, actor, thread, [form])[0]
    voice = _voice(actor, thread.floor)
    require(RULES, "comment.post", actor, thread.floor)
    if voice == "guest":
        _refuse_office_name(tx, form.pen_name or "")
    parent_id, reply_to_id = place(tx, thread, form.parent)
    seq = events.next_seq(tx, thread.stream_id)
    item = make_item(
        tx,
        "comment",
        consultation_id=thread.consultation_id,
        author_id=actor.user_id,
        agency_id=thread.agency_id if voice == "agency" else None,
        voice=voice,
    )
    _store(tx, thread, form, item, seq, parent_id, reply_to_id)
    _count_new(tx, actor, thread, form, item, parent_id)
    mention(tx, thread, form.body, item)
    receipt = give_receipt(tx, item.id) if voice == "guest" else None
    if voice == "guest":
        consent = {"purpose": PUBLIC_POSTING, "version": PRIVACY_VERSION, "given": True, "at": clock.now()}
        tx.add(Consent(item_id=item.id, **consent))
    events.emit(tx, "comment.posted", stream_id=thread.stream_id, seq=seq, subject_id=item.id)
    events.emit(tx, "thread.counts", stream_id=thread.stream_id, subject_id=thread.id)
    return Posted(item.id, item.public_id, receipt)


def fresh_receipt(tx: Session, public_id: str) -> Posted:
    """What a repeated guest's post answers: the same comment, a new code in place of the one that never arrived."""
    item = item_by(tx, public_id)
    again = {"guest": give_receipt, "paper": entries.receipt_again}.get(item.voice)
    return Posted(item.id, item.public_id, again(tx, item.id) if again else None)


def _voice(actor: Actor, floor: Floor) -> str:
    if actor.is_nobody:
        return "guest"
    return "agency" if actor.has_any(AGENCY_VOICES, floor.agency_id) else "member"


def _refuse_office_name(tx: Session, name: str) -> None:
    """A guest may not speak under the name of an office."""
    holder = name_holder(tx, name_key(name))
    if holder is not None and holder.user_id is None:
        raise Invalid({"name": T("ชื่อนี้เป็นชื่อหน่วยงาน ตั้งชื่ออื่น")})


def _store(
    tx: Session,
    thread: ThreadView,
    form: NewComment,
    item: Item,
    seq: int,
    parent_id: int | None,
    reply_to_id: int | None,
) -> None:
    values = {
        "item_id": item.id,
        "thread_id": thread.id,
        "parent_id": parent_id,
        "reply_to_id": reply_to_id,
        "no": rows(tx, _NUMBER, {"thread": thread.id, "now": item.created_at}).scalar_one(),
        "seq": seq,
        "pen_name": form.pen_name if item.voice == "guest" else None,
        "office": thread.agency_name if item.voice == "agency" else None,
        "body": form.body,
        "body_html": form.html,
        "stance": form.stance if item.voice != "agency" else None,
        "received_on": None,
    }
    rows(tx, _SAID, values)


def _count_new(
    tx: Session, actor: Actor, thread: ThreadView, form: NewComment, item: Item, parent_id: int | None
) -> None:
    if parent_id is not None:
        tx.execute(update(Comment).where(Comment.item_id == parent_id).values(replies=Comment.replies + 1))
    if form.stance is None or item.voice == "agency":
        return
    before = choose(tx, thread.id, actor.user_id, form.stance) if item.voice == "member" else None
    shift_spread(tx, thread.id, item.voice, before, form.stance)


def edit_comment(
    tx: Session, actor: Actor, comment: CommentView, form: EditedComment, by_receipt: bool = False
) -> CommentView:
    """Replaces a comment's text, keeping the earlier one open to all unless it held personal data.

    Emits `comment.edited`; raises `Conflict` with the present comment when somebody saved first.
    """
    require(RULES, "comment.edit", actor, own_of(tx, comment, by_receipt))
    return _put_text(tx, comment, form)


def mend_entry(tx: Session, actor: Actor, comment: CommentView, body: str, version: int) -> CommentView:
    """Puts right what was keyed wrongly, for whoever compares it with the paper; the earlier text stays open to all.

    Raises `Denied` for one's own, `NotFound` for what nobody keyed or drew; else as `edit_comment`, closed or not.
    """
    floor = thread_of(tx, comment.thread_id).floor
    entries.require_look(tx, actor, floor.agency_id, comment.id)
    if not comment.is_shown:
        raise Conflict(T("ความเห็นนี้ไม่แสดงแล้ว จึงไม่ต้องตรวจ"))
    return _put_text(tx, comment, EditedComment(body, html.render(body), version, MENDED))


def mend_typing(tx: Session, actor: Actor, comment: CommentView, form: EditedComment) -> CommentView:
    """Puts right what the office keyed wrongly, drawn or not, for anybody of it; the earlier text stays open to all.

    Raises `Denied` for what waits for its second look, `NotFound` for what nobody keyed; else as `edit_comment`.
    """
    floor = thread_of(tx, comment.thread_id).floor
    entries.require_mend(tx, actor, floor.agency_id, comment.id)
    if not comment.is_shown:
        raise Conflict(T("ความเห็นนี้ไม่แสดงแล้ว จึงแก้ไม่ได้"))
    return _put_text(tx, comment, EditedComment(form.body, form.html, form.version, MISTYPED))


MENDED, MISTYPED = "แก้ให้ตรงใบ", "เจ้าหน้าที่พิมพ์ผิด แก้ตามต้นฉบับ"
"""The reasons kept with the earlier text, in the language in which reasons are written."""


def _put_text(tx: Session, comment: CommentView, form: EditedComment) -> CommentView:
    stream_id = stream_of(tx, comment.id)
    seq = events.next_seq(tx, stream_id)
    row = tx.get_one(Comment, comment.id, populate_existing=True)
    if row.version != form.version:
        present = comment_json(comment_of(tx, comment.id))
        raise Conflict(T("ความเห็นนี้ถูกแก้จากที่อื่นไปก่อนแล้ว ดูทั้งสองแบบแล้วเลือก"), current=present)
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
