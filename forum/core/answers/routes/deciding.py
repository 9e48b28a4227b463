"""A second member reads an answer: agrees, sends it back; or the office gives it up."""

from flask import Response, request

from forum.core.agencies.desk import for_officers
from forum.core.answers import service
from forum.core.answers.forms import read_note
from forum.core.answers.routes.desk import desk, our_answer, said
from forum.core.answers.routes.writing import answer_page, errors_of, version
from forum.kernel import web
from forum.kernel.db import transaction
from forum.kernel.errors import Conflict, Invalid
from forum.kernel.i18n import T


@desk.get("/<slug>/answers/<public_id>")
@for_officers
def answer(slug: str, public_id: str) -> Response:
    """One answer, with what it is for."""
    return answer_page(slug, public_id, {}, {}, 200)


@desk.post("/<slug>/answers/<public_id>/approve")
@for_officers
def approve(slug: str, public_id: str) -> Response:
    """Agrees to an answer that another officer asked for; it is published."""
    try:
        with transaction() as tx:
            _shown, found = our_answer(tx, slug, public_id)
            service.approve(tx, web.actor(), found, version())
    except (Invalid, Conflict) as error:
        return answer_page(slug, public_id, {}, errors_of(error), error.status)
    return said(web.see_other(f"/desk/{slug}/answers/{public_id}"), T("เผยแพร่แล้ว คนที่เสนอมาอ่านได้ทุกคน"))


@desk.post("/<slug>/answers/<public_id>/return")
@for_officers
def give_back(slug: str, public_id: str) -> Response:
    """Sends an answer back to who wrote it, saying why."""
    typed = request.form.get("note", "")
    try:
        note = read_note(typed)
        with transaction() as tx:
            _shown, found = our_answer(tx, slug, public_id)
            service.give_back(tx, web.actor(), found, note, version())
    except (Invalid, Conflict) as error:
        return answer_page(slug, public_id, {"note": typed}, errors_of(error), error.status)
    return said(web.see_other(f"/desk/{slug}/answers/given"), T("ส่งกลับให้แก้แล้ว"))


@desk.post("/<slug>/answers/<public_id>/drop")
@for_officers
def drop(slug: str, public_id: str) -> Response:
    """Gives up an answer that is not published."""
    try:
        with transaction() as tx:
            _shown, found = our_answer(tx, slug, public_id)
            service.drop(tx, web.actor(), found)
    except Conflict as error:
        return answer_page(slug, public_id, {}, errors_of(error), error.status)
    return said(web.see_other(f"/desk/{slug}/answers/given"), T("ทิ้งคำตอบนี้แล้ว ความเห็นกลับไปรอคำตอบ"))
