"""Reading threads and comments: a fixed number of statements a page, whatever the thread has grown to."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from forum.commons.comments.models import Comment, Revision, Thread
from forum.commons.comments.readings import CommentView, ThreadView
from forum.commons.comments.rules import AGENCY_VOICES, Floor, Own
from forum.core.accounts.models import User
from forum.core.agencies.models import Agency
from forum.core.answers.beside import Said, said_of
from forum.core.consultations.compute import UNOPENED, open_keys, open_until, opens_next, status
from forum.core.consultations.models import Activity, Consultation, Phase
from forum.core.items.models import Item
from forum.kernel import clock, events, ids
from forum.kernel.db import rows
from forum.kernel.errors import Gone, NotFound
from forum.kernel.i18n import T
from forum.kernel.rules import NOBODY, Actor

_THREAD: Select[Any] = (
    select(
        Thread.item_id,
        Item.public_id,
        Item.state,
        Thread.title,
        Thread.body,
        Thread.body_html,
        Thread.stance,
        Thread.options,
        Thread.comments,
        Thread.spread,
        Thread.stream_id,
        Item.created_at,
        Item.voice,
        Item.author_id,
        Thread.version,
        Thread.consultation_id,
        Consultation.slug,
        Consultation.title.label("consultation_title"),
        Consultation.state.label("consultation_state"),
        Consultation.opens_at,
        Consultation.closes_at,
        Consultation.answer_by,
        Consultation.demo,
        Consultation.agency_id,
        Agency.slug.label("agency_slug"),
        Agency.name_th,
        Agency.name_en,
        Agency.phone,
        Agency.guests,
        Consultation.contact,
        Activity.key,
        events.Stream.seq,
        Item.answer_id,
        Item.progress,
    )
    .join(Item, Item.id == Thread.item_id)
    .join(events.Stream, events.Stream.id == Thread.stream_id)
    .join(Consultation, Consultation.id == Thread.consultation_id)
    .join(Agency, Agency.id == Consultation.agency_id)
    .outerjoin(Activity, Activity.id == Thread.activity_id)
)
# Statements of hot pages are built once: building one costs more than running it.
_THREAD_BY = _THREAD.where(Item.public_id == bindparam("public_id"))
_THREAD_OF = _THREAD.where(Thread.item_id == bindparam("thread_id"))
_PHASES = select(Phase.starts_at, Phase.ends_at, Phase.activities).where(
    Phase.consultation_id == bindparam("consultation_id")
)


def thread_by(tx: Session, public_id: str, actor: Actor = NOBODY) -> ThreadView:
    """The thread with this public id, in two statements.

    Raises `NotFound`, also for one that an office prepares and this actor may not see yet, and `Gone` for one that
    is no longer shown.
    """
    if not ids.is_public_id(public_id):
        raise NotFound
    found = _thread(tx, _THREAD_BY, {"public_id": public_id}, actor)
    if found.state != "public":
        raise Gone(T("หัวข้อนี้ไม่แสดงแล้ว"))
    return found


def thread_of(tx: Session, thread_id: int, actor: Actor = NOBODY) -> ThreadView:
    """The thread with this inner id; raises `NotFound` as `thread_by` does."""
    return _thread(tx, _THREAD_OF, {"thread_id": thread_id}, actor)


def _thread(tx: Session, found: Select[Any], which: dict[str, Any], actor: Actor) -> ThreadView:
    row = rows(tx, found, which).first()
    if row is None or row[2] == "draft" or _is_prepared(row, actor):
        raise NotFound
    said = said_of(tx, [row.item_id]).get(row.item_id) if row.answer_id or row.progress else None
    values: list[Any] = [*row[:-2], said, _floor(tx, row)]
    return ThreadView(*values)


def _is_prepared(row: Any, actor: Actor) -> bool:
    return row[18] == "draft" and not actor.has_any(AGENCY_VOICES, row.agency_id)


def _floor(tx: Session, row: Any) -> Floor:
    now = clock.now()
    phases = rows(tx, _PHASES, {"consultation_id": row.consultation_id}).all()
    stands = status(row.consultation_state, row.opens_at, row.closes_at, row.answer_by, now)
    keys = open_keys(stands, phases, now)
    opened = row.key in keys if row.key else bool(keys)
    begins = row.key is not None and opens_next(row.key, phases, now) is not None
    later = row.consultation_state in UNOPENED or (begins and row.consultation_state == "opened")
    begun = row.consultation_state in ("opened", "closed") and row.opens_at is not None and row.opens_at <= now
    until = open_until(row.key, phases, row.closes_at, now)
    return Floor(row.agency_id, row.state, opened, later, row.guests, begun, until)


_to = aliased(Comment)
_to_item = aliased(Item)
_to_user = aliased(User)
_parent_item = aliased(Item)
_COMMENT: Any = (
    select(
        Comment.item_id,
        Item.public_id,
        Comment.thread_id,
        Comment.no,
        Comment.seq,
        Item.state,
        Item.voice,
        Item.author_id,
        User.name,
        User.erased_at,
        Comment.pen_name,
        Comment.office,
        Item.agency_id,
        Comment.body,
        Comment.body_html,
        Comment.stance,
        Item.channel,
        Comment.received_on,
        Item.created_at,
        Comment.edited_at,
        Comment.version,
        Comment.parent_id,
        _parent_item.public_id.label("parent"),
        Comment.reply_to_id,
        _to_item.public_id.label("reply_to"),
        _to_item.state.label("to_state"),
        _to_user.name.label("to_name"),
        _to.pen_name.label("to_pen_name"),
        _to.office.label("to_office"),
        _to.body.label("to_body"),
        _to_item.channel.label("to_channel"),
        Comment.replies,
        Comment.useful,
        Comment.understand,
        Comment.taken_back,
        Item.answer_id,
        Item.progress,
    )
    .join(Item, Item.id == Comment.item_id)
    .outerjoin(User, User.id == Item.author_id)
    .outerjoin(_parent_item, _parent_item.id == Comment.parent_id)
    .outerjoin(_to, _to.item_id == Comment.reply_to_id)
    .outerjoin(_to_item, _to_item.id == Comment.reply_to_id)
    .outerjoin(_to_user, _to_user.id == _to_item.author_id)
)
_COMMENTS = _COMMENT.where(Comment.item_id.in_(bindparam("comment_ids", expanding=True)))


def _views(tx: Session, found: Sequence[Any]) -> list[CommentView]:
    """Rows as they are shown; what offices say of them is asked for, at once, where they say anything."""
    answered = [row[0] for row in found if row[-2] is not None or row[-1]]
    said = said_of(tx, answered) if answered else {}
    return [_view(row, said.get(row[0])) for row in found]


def _view(row: Any, said: Said | None) -> CommentView:
    (
        item_id, public_id, thread_id, no, seq, state, voice, author_id, name, erased_at, pen_name, office, agency_id,
        body, html, stance, channel, received_on, created_at, edited_at, version, parent_id, parent, reply_to_id,
        reply_to, to_state, to_name, to_pen_name, to_office, to_body, to_channel, replies, useful, understand,
        taken_back, _answer_id, _progress,
    ) = row  # fmt: skip
    shown = state == "public"
    deeper = reply_to_id is not None and reply_to_id != parent_id and to_state == "public"
    return CommentView(
        id=item_id,
        public_id=public_id,
        thread_id=thread_id,
        no=no,
        seq=seq,
        state=state,
        voice=voice,
        author_id=author_id if shown else None,
        name=(pen_name or name) if shown else None,
        name_gone=shown and erased_at is not None,
        office=office if shown else None,
        agency_id=agency_id,
        body=body if shown else "",
        html=html if shown else "",
        stance=stance if shown else None,
        channel=channel,
        received_on=received_on,
        created_at=created_at,
        edited_at=edited_at if shown else None,
        version=version,
        parent_id=parent_id,
        parent=parent,
        reply_to=reply_to,
        quoted_name=(to_office or to_pen_name or to_name) if deeper else None,
        quoted_channel=to_channel if deeper else None,
        quoted_text=to_body if deeper else None,
        replies=replies,
        useful=useful,
        understand=understand,
        taken_back=taken_back,
        said=said,
    )


def comments_by_ids(tx: Session, comment_ids: Sequence[int]) -> dict[int, CommentView]:
    """Comments by inner id, in one statement."""
    if not comment_ids:
        return {}
    return {view.id: view for view in comments(tx, _COMMENTS, {"comment_ids": list(comment_ids)})}


def comments_in(ids_asked: CompoundSelect[Any]) -> Select[Any]:
    """The statement that reads the comments whose inner ids another one gives; for `comments`."""
    found: Select[Any] = _COMMENT.where(Comment.item_id.in_(ids_asked))
    return found


def comments(tx: Session, statement: Select[Any], asked: dict[str, Any]) -> list[CommentView]:
    """The comments of a statement built before."""
    return _views(tx, rows(tx, statement, asked).all())


def comment_by(tx: Session, public_id: str) -> CommentView:
    """The comment with this public id; raises `NotFound`."""
    row = tx.execute(_COMMENT.where(Item.public_id == public_id)).first() if ids.is_public_id(public_id) else None
    if row is None:
        raise NotFound
    return _views(tx, [row])[0]


def shown_comment(tx: Session, public_id: str) -> tuple[CommentView, ThreadView]:
    """A comment and its thread as anybody may read them; raises `NotFound`, and `Gone` when the thread is."""
    comment = comment_by(tx, public_id)
    thread = thread_of(tx, comment.thread_id)
    if thread.state != "public":
        raise Gone(T("หัวข้อนี้ไม่แสดงแล้ว"))
    return comment, thread


def comment_of(tx: Session, comment_id: int) -> CommentView:
    """The comment with this inner id."""
    return comments_by_ids(tx, [comment_id])[comment_id]


def changed_since(tx: Session, thread_id: int, seq: int, limit: int) -> list[CommentView]:
    """The present state of every comment changed after a number, ascending."""
    later = _COMMENT.where(Comment.thread_id == thread_id, Comment.seq > seq).order_by(Comment.seq).limit(limit)
    return _views(tx, tx.execute(later).all())


def own_of(tx: Session, comment: CommentView, by_receipt: bool = False) -> Own:
    """What permissions ask of a comment."""
    item = tx.get_one(Item, comment.id)
    floor = thread_of(tx, comment.thread_id).floor
    return Own(floor, item.author_id, item.state, item.created_at, by_receipt)


def revisions(tx: Session, comment_id: int) -> Sequence[Revision]:
    """Earlier texts, the latest first."""
    found = select(Revision).where(Revision.comment_id == comment_id).order_by(Revision.version.desc())
    return tx.execute(found).scalars().all()
