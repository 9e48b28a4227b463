"""Pages of threads: reading, speaking, editing, taking back; every task works without JavaScript."""

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from forum.commons.comments import service
from forum.commons.comments.beside import my_reactions
from forum.commons.comments.forms import read_comment, read_edit
from forum.commons.comments.pages import Typed, quoted, shown_to, speaker, thread_page
from forum.commons.comments.queries import (
    changed_since,
    comment_by,
    comment_of,
    own_of,
    revisions,
    shown_comment,
    thread_by,
    thread_of,
)
from forum.commons.comments.readings import CommentView, Posted, ThreadView
from forum.commons.comments.rules import RULES
from forum.commons.comments.speaking import WorkNeeded, agree, count_post
from forum.core.accounts.service import keep_text, take_text
from forum.core.items.receipts import find_by_receipt
from forum.kernel import ids, throttle, web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Conflict, Denied, Gone, Invalid, NotFound, TooMany
from forum.kernel.i18n import T
from forum.kernel.rules import require
from forum.kernel.shell import keepable

pages = Blueprint("comments", __name__)
pages.add_app_template_global(quoted)
pages.add_app_template_global(speaker)
_FIELDS = ("body", "stance", "name", "consent", "parent")


@pages.get("/t/<public_id>")
@keepable
def thread(public_id: str) -> Response:
    """A thread."""
    if "kept" in request.args:
        with transaction() as tx:
            kept = take_text(tx, request.args["kept"])
            return thread_page(tx, public_id, Typed(kept[1] if kept else {}))
    with reading() as tx:
        return thread_page(tx, public_id)


@pages.get("/t/<public_id>/new")
def news(public_id: str) -> Response:
    """What came after a number, as a piece of page to put in where the reader asked for it."""
    since = request.args.get("since", "0")
    if not (since.isascii() and since.isdigit() and len(since) < 12):
        raise NotFound
    with reading() as tx:
        thread = thread_by(tx, public_id)
        changed = changed_since(tx, thread.id, int(since), 101)
        mine = my_reactions(tx, web.actor().user_id or 0, [c.id for c in changed])
    shown = shown_to(web.actor(), thread, changed, reactions=mine, new=True)
    return web.page("comments/_news.html", thread=thread, changed=changed, shown=shown)


@pages.post("/t/<public_id>/comments")
def speak(public_id: str) -> Response:
    """A comment from the form below a thread; on any mistake the page comes back with what was typed."""
    web.check_form(request)
    fields = {name: request.form.get(name, "") for name in _FIELDS}
    try:
        return _speak(public_id, fields)
    except Invalid as error:
        return _back(public_id, Typed(fields, error.errors), 422)
    except WorkNeeded as error:
        return _back(public_id, Typed(fields, {"": T("ตอนนี้คนส่งเข้ามามาก รอสักครู่แล้วส่งใหม่")}), error.status)
    except TooMany as error:
        return _back(public_id, Typed(fields, {"": T("ส่งถี่เกินไป รอสักครู่แล้วส่งใหม่ ข้อความยังอยู่")}), error.status)
    except Denied as error:
        if error.sign_in:
            return _sign_in_first(public_id, fields)
        return _back(public_id, Typed(fields, {"": web.reason_text(error.reason)}), error.status)


def _speak(public_id: str, fields: dict[str, str]) -> Response:
    actor = web.actor()
    with reading() as tx:
        shown = thread_by(tx, public_id)
    require(RULES, "comment.post", actor, shown.floor)
    count_post(public_id, fields["body"], request.form.get("work"))
    form = read_comment(fields, guest=actor.is_nobody, stances=shown.stance != "off")
    with transaction() as tx:
        agree(tx, bool(fields["consent"]))
        posted = _once(tx, public_id, form)
    # To what the page says of it: further down, at the comment, nobody would see the receipt.
    to = web.see_other(f"/t/{public_id}?c={posted.public_id}#notes")
    if posted.receipt:
        return web.note(to, "receipt", code=posted.receipt, item=posted.public_id, thread=public_id)
    return web.note(to, "posted", item=posted.public_id)


def _once(tx: Session, public_id: str, form: Any) -> Posted:
    """The same form of the same page, sent twice, is one comment."""
    posted: list[Posted] = []

    def post() -> str:
        posted.append(service.post_comment(tx, web.actor(), thread_by(tx, public_id), form))
        return posted[0].public_id

    made = web.once(tx, form, post)
    return posted[0] if posted else service.fresh_receipt(tx, made)


def _back(public_id: str, typed: Typed, status: int) -> Response:
    with reading() as tx:
        return thread_page(tx, public_id, typed, status)


def _sign_in_first(public_id: str, fields: dict[str, str]) -> Response:
    with transaction() as tx:
        key = keep_text(tx, f"/t/{public_id}", fields)
    return web.see_other(f"/login?kept={key}&next=/t/{public_id}")


@pages.get("/comments/<public_id>/history")
def history(public_id: str) -> Response:
    """The earlier texts of a comment."""
    with reading() as tx:
        comment, shown = _shown(tx, public_id)
        earlier = revisions(tx, comment.id)
        return web.page("comments/history.html", comment=comment, earlier=earlier, thread=shown, demo=shown.demo)


@pages.get("/comments/<public_id>/edit")
def edit_form(public_id: str) -> Response:
    """The form that edits one's own comment."""
    with reading() as tx:
        comment, _thread = _shown(tx, public_id)
        require(RULES, "comment.edit", web.actor(), own_of(tx, comment))
        return _edit_page(tx, comment, f"/comments/{public_id}/edit", Typed())


@pages.post("/comments/<public_id>/edit")
def edit(public_id: str) -> Response:
    """One's own comment with another text."""
    web.check_form(request)
    throttle.hit("posts", web.caller())
    return _edit(lambda tx: comment_by(tx, public_id), f"/comments/{public_id}/edit", by_receipt=False)


@pages.get("/r/<code>/edit")
def guest_edit_form(code: str) -> Response:
    """The form that edits what a guest sent."""
    with reading() as tx:
        comment = comment_of(tx, find_by_receipt(tx, code).id)
        require(RULES, "comment.edit", web.actor(), own_of(tx, comment, True))
        return _edit_page(tx, comment, f"/r/{ids.read_receipt(code)}/edit", Typed())


@pages.post("/r/<code>/edit")
def guest_edit(code: str) -> Response:
    """What a guest sent, with another text."""
    web.check_form(request)
    throttle.hit("guest_posts", web.address())
    path = f"/r/{ids.read_receipt(code)}/edit"
    return _edit(lambda tx: comment_of(tx, find_by_receipt(tx, code).id), path, by_receipt=True)


def _edit(find: Any, path: str, *, by_receipt: bool) -> Response:
    fields = {name: request.form.get(name, "") for name in ("body", "version", "reason", "personal_data")}
    try:
        form = read_edit(fields)
        with transaction() as tx:
            comment = service.edit_comment(tx, web.actor(), find(tx), form, by_receipt)
            shown = thread_of(tx, comment.thread_id)
    except (Invalid, Conflict) as error:
        errors = error.errors if isinstance(error, Invalid) else {"": error.message}
        with reading() as tx:
            return _edit_page(tx, find(tx), path, Typed(fields, errors), error.status)
    to = (
        path.removesuffix("/edit")
        if by_receipt
        else f"/t/{shown.public_id}?c={comment.public_id}#c-{comment.public_id}"
    )
    return web.note(web.see_other(to), "edited")


def _edit_page(tx: Session, comment: CommentView, path: str, typed: Typed, status: int = 200) -> Response:
    shown = thread_of(tx, comment.thread_id)
    return web.page(
        "comments/edit.html",
        status,
        comment=comment,
        thread=shown,
        demo=shown.demo,
        path=path,
        typed=typed.fields,
        errors=typed.errors,
        conflict=status == 409,
    )


@pages.post("/comments/<public_id>/withdraw")
def withdraw(public_id: str) -> Response:
    """One's own comment taken back."""
    web.check_form(request)
    with transaction() as tx:
        comment = comment_by(tx, public_id)
        service.withdraw_comment(tx, web.actor(), comment.id)
        shown = thread_of(tx, comment.thread_id)
    return web.note(web.see_other(f"/t/{shown.public_id}?c={public_id}#c-{public_id}"), "withdrawn")


@pages.post("/comments/<public_id>/react")
def react(public_id: str) -> Response:
    """A reaction given or taken back by a button."""
    web.check_form(request)
    throttle.hit("reactions", web.caller())
    with transaction() as tx:
        comment = comment_by(tx, public_id)
        shown = thread_of(tx, comment.thread_id)
        if web.actor().is_nobody:
            return web.see_other(f"/login?next=/t/{shown.public_id}?c={public_id}")
        given = request.form.get("on")
        kind = given or request.form.get("off", "")
        service.react(tx, web.actor(), comment, kind, given is not None)
    back = web.local_path(request.form.get("next"), f"/t/{shown.public_id}")
    return web.see_other(f"{back}#c-{public_id}")


def _shown(tx: Session, public_id: str) -> tuple[CommentView, ThreadView]:
    comment, shown = shown_comment(tx, public_id)
    if not comment.is_shown:
        raise Gone(T("ความเห็นนี้ไม่แสดงแล้ว"))
    return comment, shown
