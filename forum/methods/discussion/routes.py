"""Pages of a discussion: its threads, and starting one."""

from typing import Any

from flask import Blueprint, Response, request

from forum.core.consultations.queries import ActivityNow
from forum.kernel import throttle, web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Invalid
from forum.kernel.rules import why_not
from forum.kernel.shell import keepable
from forum.methods.discussion.forms import read_thread
from forum.methods.discussion.queries import discussion_by, room, threads
from forum.methods.discussion.rules import RULES
from forum.methods.discussion.service import start_thread

pages = Blueprint("discussion", __name__)
PAGE = 20


@pages.get("/c/<slug>/talk/<key>")
@keepable
def talk(slug: str, key: str) -> Response:
    """The threads of a discussion."""
    with reading() as tx:
        place = discussion_by(tx, slug, key, web.actor())
        page = threads(tx, place.consultation.id, place.id, request.args.get("after"), PAGE)
    why = why_not(RULES, "thread.start", web.actor(), room(place))
    return web.page("discussion/threads.html", place=place, page=page, demo=place.consultation.demo, why_not_start=why)


@pages.get("/c/<slug>/talk/<key>/new")
def new(slug: str, key: str) -> Response:
    """The form that starts a thread."""
    with reading() as tx:
        place = discussion_by(tx, slug, key, web.actor())
    if why_not(RULES, "thread.start", web.actor(), room(place)) == "sign_in":
        return web.see_other(f"/login?next=/c/{slug}/talk/{key}/new")
    return _form(place, {}, {}, 200)


@pages.post("/c/<slug>/talk/<key>/new")
def start(slug: str, key: str) -> Response:
    """A new thread."""
    web.check_form(request)
    throttle.hit("threads", web.caller())
    typed = request.form.to_dict() | {"options": request.form.getlist("options")}
    try:
        form = read_thread(typed)
    except Invalid as error:
        with reading() as tx:
            place = discussion_by(tx, slug, key, web.actor())
        return _form(place, typed, error.errors, 422)
    with transaction() as tx:
        place = discussion_by(tx, slug, key, web.actor())
        made = web.once(tx, (slug, key, form), lambda: start_thread(tx, web.actor(), place, form).public_id)
    if place.consultation.state == "draft":
        return web.see_other(f"/desk/{slug}/setup/topics")
    return web.see_other(f"/t/{made}")


def _form(place: ActivityNow, typed: dict[str, Any], errors: Any, status: int) -> Response:
    actor = web.actor()
    return web.page(
        "discussion/new.html",
        status,
        place=place,
        typed=typed,
        errors=errors,
        demo=place.consultation.demo,
        why_not_start=why_not(RULES, "thread.start", actor, room(place)),
        may_ask_stance=why_not(RULES, "thread.stance", actor, room(place)) is None,
    )
