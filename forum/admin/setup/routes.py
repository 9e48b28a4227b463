"""Pages of the set-up: the list of tasks, each task's short form, topics prepared before, the preview on a phone."""

from dataclasses import replace
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from forum.admin.desk import for_officers, held, mine, pages, reason, said, version
from forum.admin.setup import forms, places, privacy, told, ways
from forum.admin.setup.boxes import Errors, Values
from forum.admin.setup.queries import asked_of, stands_of, topics_of
from forum.admin.setup.tasks import GROUPS, PROMPT, TASKS, Task, lacking
from forum.core.consultations import notice, queries, service
from forum.core.consultations.forms import Plan
from forum.core.consultations.models import Consultation
from forum.core.consultations.plans import differences, plan_of, words_of
from forum.core.consultations.reading import NAMES
from forum.core.consultations.routes import consultation_page
from forum.core.consultations.rules import RULES
from forum.core.consultations.ways import built
from forum.core.items.queries import item_by
from forum.core.items.service import set_state
from forum.kernel import web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import Conflict, Invalid, NotFound
from forum.kernel.i18n import T
from forum.kernel.rules import why_not


@pages.get("/<slug>")
@for_officers
def edit(slug: str) -> Response:
    """The list of tasks of a consultation, how each stands, and what comes next."""
    with reading() as tx:
        row = mine(tx, slug)
        found = stands_of(tx, row)
        return web.page(
            "desk/tasks.html",
            c=queries.brief(tx, row.id),
            row=row,
            groups=GROUPS,
            stands=found,
            lacks=lacking(found),
            asked=asked_of(tx, row),
            why_not_close=why_not(RULES, "consultation.close", web.actor(), row),
        )


@pages.get("/<slug>/setup/<task>")
@for_officers
def task(slug: str, task: str) -> Response:
    """The short form of one task."""
    wanted = _task(task)
    with reading() as tx:
        row = mine(tx, slug)
        plan = plan_of(tx, row)
        return _task_page(tx, row, wanted, forms.shown(wanted, plan), {}, 200)


@pages.post("/<slug>/setup/<task>")
@for_officers
def keep(slug: str, task: str) -> Response:
    """Keeps what one task says, and goes back to the list."""
    wanted = _task(task)
    if not wanted.fields:
        raise NotFound
    values, errors, status = forms.typed(wanted, request.form), {}, 200
    try:
        if "more" not in request.form:
            with transaction() as tx:
                row = held(tx, slug)
                stood = told.before(tx, row)
                slug = _keep(tx, row, wanted, values).slug
                words = told.words(tx, row, stood, wanted)
            return said(web.see_other(f"/desk/{slug}"), words)
    except Invalid as error:
        errors, status = forms.boxed(wanted, error.errors), 422
    except Conflict as error:
        errors, status = {"": error.message}, 409
    with reading() as tx:
        return _task_page(tx, mine(tx, slug), wanted, values, errors, status)


def _task(key: str) -> Task:
    if key not in TASKS:
        raise NotFound
    return TASKS[key]


def _keep(tx: Session, row: Consultation, wanted: Task, values: Values) -> Consultation:
    onto = plan_of(tx, row)
    raw, _plan = forms.checked(wanted, values, onto)
    made_from, why = version(), reason()
    if request.form.get("seen") == forms.stamp(wanted, onto) and made_from < row.version:
        # Somebody kept another task meanwhile; this one says what it said.
        made_from = row.version
    return service.change(tx, web.actor(), row, raw, made_from, why)


def _task_page(
    tx: Session, row: Consultation, wanted: Task, values: Values, errors: Errors | Any, status: int
) -> Response:
    plan = plan_of(tx, row)
    return web.page(
        "desk/task.html",
        status,
        c=queries.brief(tx, row.id),
        row=row,
        task=wanted,
        values=values,
        errors=errors,
        more=request.form.get("more", "") if request.method == "POST" else "",
        theirs=_theirs(wanted, plan, values) if status == 409 else [],
        version=row.version,
        is_copied=bool(set(wanted.fields) & set(row.copied)),
        seen=forms.stamp(wanted, plan),
        reason=request.form.get("reason", ""),
        **_offered(tx, row, wanted, values),
    )


def _offered(tx: Session, row: Consultation, wanted: Task, values: Values) -> dict[str, Any]:
    """What a task's page offers besides its boxes."""
    if wanted.key == "area":
        values |= places.add(values) if request.form.get("more") == "place" else {}
        return places.choices(values)
    if wanted.key == "ways":
        return ways.offered()
    if wanted.key == "privacy":
        values["privacy_notice"] = values["privacy_notice"] or privacy.supplied()
        return {"is_supplied": bool(PROMPT.search(values["privacy_notice"]))}
    if wanted.key in ("dates", "law"):
        return {"days": notice.days()}
    if wanted.key == "topics":
        return {"topics": topics_of(tx, row.id), "talks": built(queries.activities_of(tx, row.id))}
    return {}


def _theirs(wanted: Task, now: Plan, values: Values) -> list[tuple[str, str, str]]:
    """Where what was typed differs from what somebody else has kept meanwhile: field, theirs, mine."""
    try:
        _raw, mine_now = forms.checked(wanted, values, now)
    except Invalid:
        return []
    return [
        (str(NAMES[name]), words_of(name, before), words_of(name, after))
        for name, (before, after) in differences(now, mine_now).items()
    ]


@pages.post("/<slug>/topics/<public_id>/drop")
@for_officers
def drop_topic(slug: str, public_id: str) -> Response:
    """Takes back a topic that was prepared in a draft."""
    with transaction() as tx:
        row = held(tx, slug)
        item = item_by(tx, public_id)
        if row.state != "draft" or item.consultation_id != row.id or item.kind != "thread":
            raise NotFound
        if item.state == "public":
            set_state(tx, item.id, "withdrawn")
    return said(web.see_other(f"/desk/{slug}/setup/topics"), T("เอาหัวข้อออกแล้ว"))


@pages.get("/<slug>/preview")
@for_officers
def preview(slug: str) -> Response:
    """The citizen's page in the frame of a phone."""
    with reading() as tx:
        found = queries.brief(tx, mine(tx, slug).id)
    web.frames_our_pages()
    return web.page("desk/preview.html", c=found)


@pages.get("/<slug>/preview/page")
@for_officers
def previewed(slug: str) -> Response:
    """The page inside that frame: as everybody will see it on the first day."""
    with reading() as tx:
        row = mine(tx, slug)
        brief = queries.brief(tx, row.id)
        if brief.opens_at and brief.closes_at and brief.status in ("draft", "announced"):
            brief = replace(brief, state="opened", now=max(brief.opens_at, brief.now))
        web.may_stand_in_a_frame()
        return consultation_page(tx, queries.full(tx, brief), viewer=None, preview=True)
