"""Threads of a consultation for programs."""

from typing import Any

import msgspec
from flask import Blueprint, Response, request

from forum.commons.comments.api import ThreadOut
from forum.commons.comments.queries import thread_by, thread_of
from forum.commons.comments.views import thread_json
from forum.core.consultations.queries import ActivityNow, brief_by_slug
from forum.kernel import api, clock, events, throttle, web
from forum.kernel.api import describe
from forum.kernel.db import reading
from forum.kernel.errors import Invalid, NotFound
from forum.kernel.i18n import T
from forum.methods.discussion.forms import read_thread
from forum.methods.discussion.queries import discussion_by, threads
from forum.methods.discussion.service import start_thread

endpoints = Blueprint("discussion_api", __name__, url_prefix="/api/v1")


class ThreadIn(msgspec.Struct, forbid_unknown_fields=True):
    """A thread to start; `activity` is needed only when several discussions are open."""

    title: str
    body: str = ""
    activity: str | None = None
    stance: str | None = None
    options: list[str] = []


class ThreadLine(msgspec.Struct):
    """A thread in a list."""

    id: str
    title: str
    comments: int
    last_at: str
    url: str


class ThreadList(msgspec.Struct):
    """Threads, the latest first."""

    items: list[ThreadLine]
    next: str | None = None


@endpoints.get("/consultations/<slug>/threads")
@describe(
    "Threads of a consultation, the latest first",
    returns=ThreadList,
    auth="optional",
    query=(("limit", int, "1 to 100"), ("after", str, "cursor")),
    errors=(404, 422),
)
def listed(slug: str) -> Response:
    """A list of threads."""
    with reading() as tx:
        place = discussion_by(tx, slug, request.args.get("activity"), web.actor())
        page = threads(tx, place.consultation.id, None, request.args.get("after"), api.limit())
    lines = [ThreadLine(r.public_id, r.title, r.comments, clock.iso(r.last_at), f"/t/{r.public_id}") for r in page.rows]
    return api.answer(ThreadList(lines, page.next))


@endpoints.post("/consultations/<slug>/threads")
@describe(
    "Start a thread",
    body=ThreadIn,
    returns=ThreadOut,
    status=201,
    auth="required",
    idempotent=True,
    errors=(401, 403, 404, 409, 422, 429),
)
def start(slug: str) -> Response:
    """A new thread."""
    sent = api.body(ThreadIn)
    throttle.hit("threads", web.caller())
    form = read_thread(msgspec.structs.asdict(sent))

    def work(tx: Any) -> tuple[int, str, Any]:
        item = start_thread(tx, web.actor(), _place(tx, slug, sent.activity), form)
        return 201, item.public_id, _shown(tx, item.id)

    def again(tx: Any, made: str) -> Any:
        return _shown(tx, thread_by(tx, made, web.actor()).id)

    return api.answer(*api.once(work, again))


def _place(tx: Any, slug: str, key: str | None) -> ActivityNow:
    """The discussion that a body names; one that is not there is a mistake in the body, not in the path."""
    try:
        return discussion_by(tx, slug, key, web.actor())
    except NotFound as error:
        if key is None:
            raise
        brief_by_slug(tx, slug, web.actor())  # not found as well when it is the path that is mistaken
        raise Invalid({"activity": T("ไม่มีวิธีร่วมชื่อ %(key)s ในเรื่องนี้", key=key[:60])}) from error


def _shown(tx: Any, thread_id: int) -> dict[str, Any]:
    found = thread_of(tx, thread_id, web.actor())
    return thread_json(found, events.current_seq(tx, found.stream_id))
