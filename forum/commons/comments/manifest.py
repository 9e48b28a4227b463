"""What threads and comments say to the rest."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.commons.comments import contributions, erasure, service, states, views
from forum.commons.comments.api import endpoints
from forum.commons.comments.listing import replies_of
from forum.commons.comments.models import Thread
from forum.commons.comments.pages import shown_to
from forum.commons.comments.queries import comment_of, thread_of
from forum.commons.comments.recount import recount
from forum.commons.comments.routes import pages
from forum.commons.comments.rules import RULES
from forum.kernel import web
from forum.kernel.feature import Feature, ItemKind, Watchable
from forum.kernel.i18n import T

web.add_reasons(
    {
        "thread_gone": T("หัวข้อนี้ไม่แสดงแล้ว"),
        "not_open_yet": T("ยังไม่เปิดรับความเห็น อ่านก่อนได้"),
        "closed": T("ปิดรับความเห็นแล้ว ยังอ่านได้ทั้งหมด"),
        "not_yours": T("แก้หรือลบได้เฉพาะความเห็นของคุณเอง"),
        "gone": T("ความเห็นนี้ไม่แสดงแล้ว"),
    },
    {
        "thread_gone": T("อ่านหัวข้ออื่นของเรื่องเดียวกันได้"),
        "not_open_yet": T("รอถึงวันเปิด ซึ่งบอกไว้ในหน้าเรื่อง"),
        "closed": T("ร่วมเรื่องอื่นที่ยังเปิดรับได้"),
        "not_yours": T("เข้าสู่ระบบด้วยบัญชีที่ส่งความเห็นนี้ หรือใช้รหัสใบรับที่ได้ตอนส่ง"),
        "gone": T("อ่านและตอบความเห็นอื่นในหัวข้อนี้ได้"),
    },
)


def _comment_path(tx: Session, comment_id: int) -> str:
    comment = comment_of(tx, comment_id)
    return f"/t/{thread_of(tx, comment.thread_id).public_id}?c={comment.public_id}#c-{comment.public_id}"


def _thread_path(tx: Session, thread_id: int) -> str:
    return f"/t/{thread_of(tx, thread_id).public_id}"


def _receipt(tx: Session, comment_id: int) -> tuple[str, dict[str, Any]]:
    comment = comment_of(tx, comment_id)
    thread = thread_of(tx, comment.thread_id)
    replies = replies_of(tx, comment.id, None).rows
    shown = shown_to(web.actor(), thread, [comment, *replies], here=f"/t/{thread.public_id}")
    return "comments/receipt.html", {"comment": comment, "thread": thread, "replies": replies, "shown": shown}


def _thread_stream(tx: Session, thread_id: int) -> int:
    return tx.execute(select(Thread.stream_id).where(Thread.item_id == thread_id)).scalar_one()


def _threads_public(tx: Session, thread_ids: list[int]) -> dict[int, dict[str, Any]]:
    return {i: views.thread_json(thread_of(tx, i), 0) for i in thread_ids}


_COMMENT_EVENTS = tuple(
    f"comment.{verb}"
    for verb in ("posted", "edited", "withdrawn", "hidden", "redacted", "restored", "labelled", "answered")
)
_THREAD_EVENTS = tuple(
    f"thread.{verb}" for verb in ("posted", "edited", "withdrawn", "hidden", "redacted", "restored", "answered")
)

FEATURE = Feature(
    name="comments",
    blueprints=(pages, endpoints),
    rules=RULES,
    items={
        "comment": ItemKind(
            stream_of=states.stream_of,
            state_changed=states.state_changed,
            path=_comment_path,
            public=views.comments_public,
            receipt=_receipt,
            withdraw=service.withdraw_comment,
            contributions=contributions.of_comments,
            texts=contributions.comment_texts,
            touched=contributions.touch_comments,
        ),
        "thread": ItemKind(
            stream_of=_thread_stream,
            state_changed=states.thread_state_changed,
            path=_thread_path,
            public=_threads_public,
            contributions=contributions.of_threads,
            texts=contributions.thread_texts,
            touched=contributions.touch_threads,
        ),
    },
    watchables=(Watchable(find=views.find_stream, missed=views.missed),),
    live=dict.fromkeys(_COMMENT_EVENTS, views.live_comments)
    | dict.fromkeys(_THREAD_EVENTS, views.live_threads)
    | {"reaction.changed": views.live_reactions, "thread.counts": views.live_counts},
    events=(*_COMMENT_EVENTS, *_THREAD_EVENTS, "thread.prepared", "reaction.changed", "thread.counts"),
    personal_data=erasure.personal_data,
    erase=erasure.erase,
    recount=recount,
)
