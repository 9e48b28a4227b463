"""Public pages: the home page, a consultation, and its picture for shared links."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from forum.core.agencies import queries as agencies
from forum.core.agencies.rules import RULES as AGENCY_RULES
from forum.core.consultations import areas, cards, compute, posters, queries, words
from forum.core.consultations.lists import count_open, holds_demo, list_by
from forum.core.consultations.plans import history
from forum.core.consultations.queries import Brief, Full
from forum.core.consultations.rules import RULES
from forum.core.consultations.tallies import numbers_of, numbers_of_agency
from forum.core.consultations.ways import ListRow, rows_by_id, ways_of
from forum.kernel import clock, dates, html, i18n, qr, web
from forum.kernel.db import reading
from forum.kernel.errors import NotFound
from forum.kernel.i18n import T
from forum.kernel.paging import Page
from forum.kernel.rules import why_not
from forum.kernel.shell import keepable

pages = Blueprint("consultations", __name__)
pages.record(lambda setup: cards.keep_in(setup.app.config["SALA"].data_dir / "cards"))

pages.add_app_template_filter(words.whole)
pages.add_app_template_filter(words.begins)
pages.add_app_template_filter(words.places)

_SECTIONS = ("open", "announced", "considering", "answered")
_SHORT = 5
_LONG = 20


class Invented:
    """Whether this site holds the demo, asked of the database only by a page that did not say so itself."""

    def __bool__(self) -> bool:
        if "holds_demo" not in g:
            try:
                with reading() as tx:
                    g.holds_demo = holds_demo(tx)
            except SQLAlchemyError:
                g.holds_demo = False
        return bool(g.holds_demo)


@pages.app_context_processor
def _band() -> dict[str, Any]:
    """On a site to try things with, pages about no consultation carry the band as well."""
    return {"demo": Invented()}


@pages.get("/")
@keepable
def home() -> Response:
    """What is open now, what comes, what is being considered."""
    which = request.args.get("list", "")
    if which in _SECTIONS[1:]:
        return _one_list(which)
    newest, after = request.args.get("sort") == "new", request.args.get("after") or None
    with reading() as tx:
        opened = list_by(tx, "open", after=after, limit=_LONG, newest=newest)
        rest = {name: list_by(tx, name, limit=_SHORT) for name in _SECTIONS[1:]}
        rows = rows_by_id(tx, [*opened.rows, *(b for page in rest.values() for b in page.rows)])
        first = None if newest or after or not opened.rows else _feature(tx, opened.rows[0])
        total = count_open(tx)
    shown = opened.rows[1:] if first else opened.rows
    return web.page(
        "consultations/home.html",
        total=total,
        first=first,
        newest=newest,
        is_first=after is None,
        opened=Page([rows[b.id] for b in shown], opened.next),
        announced=_page(rest["announced"], rows),
        considering=_page(rest["considering"], rows),
        answered=_page(rest["answered"], rows),
        demo=any(row.brief.demo for row in rows.values()),
        here="home",
    )


def _one_list(which: str) -> Response:
    with reading() as tx:
        page = list_by(tx, which, after=request.args.get("after") or None, limit=_LONG)
        rows = rows_by_id(tx, page.rows)
    demo = any(b.demo for b in page.rows)
    return web.page("consultations/list.html", which=which, page=_page(page, rows), demo=demo)


def _page(page: Page[Brief], rows: Mapping[int, ListRow]) -> Page[ListRow]:
    return Page([rows[b.id] for b in page.rows], page.next)


def _feature(tx: Session, brief: Brief) -> ListRow:
    found = queries.full(tx, brief)
    return ListRow(brief, ways_of(tx, found))


@pages.get("/c/<slug>")
@keepable
def consultation(slug: str) -> Response:
    """A consultation; a draft is a preview for its own officers."""
    with reading() as tx:
        found = queries.by_slug(tx, slug, web.actor())
        mine = why_not(RULES, "consultation.change", web.actor(), found.row) is None
        return consultation_page(tx, found, mine=mine)


def consultation_page(tx: Session, found: Full, **more: Any) -> Response:
    """The page of a consultation; `mine` offers its officers the way to their desk, `preview` says what this is."""
    brief = found.brief
    changes = queries.changes_of(tx, brief.id)
    return web.page(
        "consultations/consultation.html",
        c=brief,
        row=found.row,
        ways=ways_of(tx, found),
        changes=history(changes, brief.opens_at, brief.now),
        numbers=numbers_of(tx, brief.id),
        phases=_bays(found),
        when=cards.when_words(brief),
        demo=brief.demo,
        noindex=found.row.state == "draft",
        announcements=[a | {"day": _day(a.get("date"))} for a in found.row.announcements],
        documents=[_paper(doc) for doc in found.row.documents],
        places=[areas.name_of(code, i18n.language()) for code in found.row.area_codes],
        **more,
    )


def _paper(doc: Mapping[str, Any]) -> dict[str, Any]:
    """A document as the page shows it: its day, and what is in it as HTML."""
    return {**doc, "day": _day(doc.get("date")), "summary_html": html.render(doc.get("summary", ""))}


def _day(kept: str | None) -> date | None:
    return date.fromisoformat(kept) if kept else None


def _bays(found: Full) -> list[dict[str, Any]]:
    """The phases as the roof draws them."""
    brief, lang = found.brief, i18n.language()
    early = found.row.state == "closed"
    bays = [
        {
            "title": phase.title,
            "dates": dates.range_pieces(phase.starts_at, phase.ends_at, lang),
            "state": compute.phase_state(phase, brief.now, early),
            "note": "",
        }
        for phase in found.phases
    ]
    return bays + ([_answer_bay(brief)] if brief.answer_by else [])


def _answer_bay(brief: Brief) -> dict[str, Any]:
    """The last bay: the day by which the office must answer."""
    day = dates.date_text(brief.answer_by or brief.now, i18n.language())
    late = T("เลยกำหนดตอบ %(n)s วัน", n=brief.days_overdue) if brief.status == "overdue" else ""
    return {
        "title": T("ตอบทุกข้อเสนอ"),
        "dates": [T("ภายใน %(day)s", day=day)],
        "state": "future",
        "note": late,
    }


@pages.get("/c/<slug>/poster")
@keepable
def poster(slug: str) -> Response:
    """One sheet to print and a text to send; of a draft its own officers see what it will be."""
    with reading() as tx:
        found = queries.by_slug(tx, slug, web.actor())
    brief, at = found.brief, posters.short_url(found.row)
    return web.page(
        "consultations/poster.html",
        c=brief,
        row=found.row,
        code=qr.svg(at, str(T("คิวอาร์โค้ดไปที่ %(at)s", at=at))),
        days=posters.days(brief),
        size=posters.size_of(brief, found.row),
        may_come=posters.may_come(brief),
        share=posters.share_text(brief, at),
        demo=brief.demo,
        noindex=True,
    )


@pages.get("/k/<code>")
def short(code: str) -> Any:
    """The short address of a consultation, as a poster prints it."""
    with reading() as tx:
        found = queries.brief_by_code(tx, code, web.actor())
    return redirect(found.path, 302)


@pages.get("/a/<slug>")
@keepable
def agency(slug: str) -> Response:
    """Who an agency is, how to reach it, and what it has asked."""
    with reading() as tx:
        found = agencies.by_slug(tx, slug)
        lists = {name: list_by(tx, name, limit=_LONG, agency_id=found.id) for name in _SECTIONS}
        rows = rows_by_id(tx, [b for page in lists.values() for b in page.rows])
        heard, not_due = numbers_of_agency(tx, found.id, dates.in_bangkok(clock.now()).date())
    name = agencies.name_of(found.name_th, found.name_en)
    mine = why_not(AGENCY_RULES, "agency.change", web.actor(), found) is None
    demo = found.demo or any(row.brief.demo for row in rows.values())
    shown = {section: _page(page, rows) for section, page in lists.items()}
    whose: dict[str, Any] = {"agency": found, "name": name, "mine": mine, "demo": demo}
    return web.page("agencies/agency.html", lists=shown, heard=heard, not_due=not_due, **whose)


@pages.get("/c/<slug>/card.png")
def card(slug: str) -> Response:
    """The picture for shared links; until the worker has drawn it, the site's own."""
    with reading() as tx:
        brief = queries.brief_by_slug(tx, slug, web.actor())
    if brief.state == "draft":
        raise NotFound
    drawn = cards.picture(brief.slug, brief.version)
    data = drawn or current_app.extensions["shelf"].files["img/icon-512.png"].data
    response = Response(data, mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=3600" if drawn else "no-cache"
    return response
