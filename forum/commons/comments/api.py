"""Threads and comments for programs."""

from typing import Any

import msgspec
from flask import Blueprint, Response, request

from forum.commons.comments import listing, service
from forum.commons.comments.forms import CHANNELS, read_comment, read_edit
from forum.commons.comments.queries import changed_since, comment_by, comment_of, shown_comment, thread_by
from forum.commons.comments.readings import Posted
from forum.commons.comments.rules import RULES
from forum.commons.comments.speaking import agree, count_post
from forum.commons.comments.views import CATCH_UP, comment_json, thread_json, told_in
from forum.core.answers.beside import AnswerBeside, StepBeside
from forum.kernel import api, events, throttle, web
from forum.kernel.api import describe
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T
from forum.kernel.rules import require

endpoints = Blueprint("comments_api", __name__, url_prefix="/api/v1")


class CommentIn(msgspec.Struct, forbid_unknown_fields=True):
    """A comment to post; `name` and `consent` are for guests, `channel`, `received_on`, `sheet` for officers."""

    body: str
    parent: str | None = None
    stance: str | None = None
    channel: str | None = None
    received_on: str | None = None
    sheet: str | None = None
    name: str | None = None
    consent: bool = False


class CommentEdit(msgspec.Struct, forbid_unknown_fields=True):
    """A new text for a comment, written over `version`."""

    body: str
    version: int
    reason: str = ""
    personal_data: bool = False


class CommentOut(msgspec.Struct):
    """A comment in its present public state.

    `receipt` comes with a guest's own post, `purged` with changes: an earlier text held personal data and must go.
    """

    id: str
    no: int
    seq: int
    state: str
    body: str | None
    html: str | None
    author: dict[str, Any] | None
    parent: str | None
    reply_to: str | None
    stance: str | None
    channel: str
    received_on: str | None
    official: bool
    replies: int
    useful: int
    understand: int
    version: int
    created_at: str
    edited_at: str | None
    url: str
    disposition: str | None
    progress: str | None
    answer: AnswerBeside | None
    step: StepBeside | None
    receipt: str | None = None
    purged: bool = False


class ThreadOut(msgspec.Struct):
    """A thread in its present public state."""

    id: str
    seq: int
    state: str
    title: str | None
    body: str | None
    html: str | None
    stance: str
    options: list[str]
    consultation: str
    activity: str | None
    comments: int
    spread: dict[str, dict[str, int]]
    open: bool
    version: int
    created_at: str
    url: str
    disposition: str | None
    progress: str | None
    answer: AnswerBeside | None
    step: StepBeside | None


class CommentList(msgspec.Struct):
    """Comments in the order they were made, or those changed after a number."""

    items: list[CommentOut]
    next: str | None = None
    seq: int | None = None
    reload: bool | None = None


@endpoints.get("/threads/<public_id>")
@describe("A thread", returns=ThreadOut, errors=(404,))
def thread(public_id: str) -> Response:
    """One thread."""
    with reading() as tx:
        found = thread_by(tx, public_id)
        return api.answer(thread_json(found, events.current_seq(tx, found.stream_id)))


@endpoints.get("/threads/<public_id>/comments")
@describe(
    "Comments of a thread, the earliest first; with since_seq what changed after a number",
    returns=CommentList,
    query=(("limit", int, "1 to 100"), ("after", str, "cursor"), ("since_seq", int, "a stream's number")),
    errors=(404, 422),
)
def comments(public_id: str) -> Response:
    """A list of comments."""
    if "since_seq" in request.args:
        return _changes(public_id, request.args["since_seq"])
    with reading() as tx:
        found = thread_by(tx, public_id)
        page = listing.flat(tx, found.id, request.args.get("after"), api.limit())
        return api.answer({"items": [comment_json(c) for c in page.rows], "next": page.next})


def _changes(public_id: str, since: str) -> Response:
    if not (since.isascii() and since.isdigit() and len(since) < 12):
        raise Invalid({"since_seq": T("ต้องเป็นเลขลำดับ 0 ขึ้นไป")})
    with reading() as tx:
        found = thread_by(tx, public_id)
        seq = events.current_seq(tx, found.stream_id)
        changed = changed_since(tx, found.id, int(since), CATCH_UP + 1)
        more = len(changed) > CATCH_UP
        items = told_in(tx, public_id, changed[:CATCH_UP])
        return api.answer({"items": items, "next": None, "seq": seq, "reload": more})


@endpoints.post("/threads/<public_id>/comments")
@describe(
    "Speak in a thread; without a token as a guest where the agency allows it",
    body=CommentIn,
    returns=CommentOut,
    status=201,
    auth="optional",
    idempotent=True,
    errors=(401, 403, 404, 409, 422, 429),
)
def post(public_id: str) -> Response:
    """A new comment."""
    sent = api.body(CommentIn)
    actor = web.actor()
    if sent.channel in CHANNELS[1:]:
        _ask_to_enter(public_id)
    else:
        count_post(public_id, sent.body, request.headers.get("X-Work"))
    form = read_comment(
        msgspec.structs.asdict(sent), guest=actor.is_nobody, stances=bool(sent.stance) and _asks_for_stances(public_id)
    )

    def work(tx: Any) -> tuple[int, str, Any]:
        agree(tx, sent.consent, by_token="Authorization" in request.headers)
        posted = service.post_comment(tx, actor, thread_by(tx, public_id), form)
        return 201, posted.public_id, _with_receipt(tx, posted)

    def again(tx: Any, made: str) -> Any:
        return _with_receipt(tx, service.fresh_receipt(tx, made))

    payload, status = api.once(work, again)
    answer = api.answer(payload, status)
    # Our own page shows the code at once; its cookie shows it again when the phone has loaded the page anew.
    if "receipt" in payload and "X-CSRFToken" in request.headers:
        web.note(answer, "receipt", code=payload["receipt"], item=payload["id"], thread=public_id)
    return answer


def _ask_to_enter(public_id: str) -> None:
    """Before anything else is looked at: who enters for others is not held to a speaker's limit."""
    with reading() as tx:
        require(RULES, "comment.enter", web.actor(), thread_by(tx, public_id).floor)


def _asks_for_stances(public_id: str) -> bool:
    with reading() as tx:
        return thread_by(tx, public_id).stance != "off"


def _with_receipt(tx: Any, posted: Posted) -> dict[str, Any]:
    shown = comment_json(comment_of(tx, posted.comment_id))
    return shown | {"receipt": posted.receipt} if posted.receipt else shown


@endpoints.get("/comments/<public_id>")
@describe("A comment", returns=CommentOut, errors=(404,))
def comment(public_id: str) -> Response:
    """One comment."""
    with reading() as tx:
        return api.answer(comment_json(shown_comment(tx, public_id)[0]))


@endpoints.patch("/comments/<public_id>")
@describe(
    "Edit one's own comment", body=CommentEdit, returns=CommentOut, auth="required", errors=(401, 403, 404, 409, 422)
)
def edit(public_id: str) -> Response:
    """A changed comment."""
    form = read_edit(msgspec.structs.asdict(api.body(CommentEdit)))
    throttle.hit("posts", web.caller())
    with transaction() as tx:
        return api.answer(comment_json(service.edit_comment(tx, web.actor(), comment_by(tx, public_id), form)))


@endpoints.delete("/comments/<public_id>")
@describe("Take one's own comment back", status=204, auth="required", errors=(401, 403, 404, 409))
def withdraw(public_id: str) -> Response:
    """A comment taken back."""
    with transaction() as tx:
        service.withdraw_comment(tx, web.actor(), comment_by(tx, public_id).id)
    return api.no_content()


@endpoints.put("/items/<public_id>/reactions/<kind>")
@describe("React to a comment: useful or understand", returns=CommentOut, auth="required", errors=(401, 403, 404))
def react(public_id: str, kind: str) -> Response:
    """A reaction given."""
    return _react(public_id, kind, True)


@endpoints.delete("/items/<public_id>/reactions/<kind>")
@describe("Take a reaction back", returns=CommentOut, auth="required", errors=(401, 403, 404))
def unreact(public_id: str, kind: str) -> Response:
    """A reaction taken back."""
    return _react(public_id, kind, False)


def _react(public_id: str, kind: str, on: bool) -> Response:
    throttle.hit("reactions", web.caller())
    with transaction() as tx:
        return api.answer(comment_json(service.react(tx, web.actor(), comment_by(tx, public_id), kind, on)))
