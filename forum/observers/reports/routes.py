"""A report's pages: asked for and published at the desk; read, printed and fetched by all once it is published."""

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, g, request, send_file
from flask.blueprints import BlueprintSetupState
from sqlalchemy.orm import Session

from forum.core.accounts.pages import signed_in
from forum.core.consultations import queries as consultations
from forum.core.consultations import service as consultation_service
from forum.core.consultations.models import Consultation
from forum.core.consultations.queries import Brief
from forum.kernel import web
from forum.kernel.db import reading, transaction
from forum.kernel.errors import NotFound
from forum.kernel.i18n import T
from forum.kernel.rules import require, why_not
from forum.observers.reports import document, files, queries, service, words
from forum.observers.reports.files import PLAIN, THAI, TYPES
from forum.observers.reports.queries import ReportView
from forum.observers.reports.rules import RULES

pages = Blueprint("reports", __name__)
_DESK, _HERE = "/desk/<slug>/reports", "/c/<slug>/report"
_BODY = "<!--report-->"


@pages.record_once
def _furnish(setup: BlueprintSetupState) -> None:
    files.keep_in(setup.app.config["SALA"].data_dir / "reports")
    thai = setup.app.extensions["spoken"]["th"]
    document.draw_with(lambda: thai.get_template("reports/document.html").module)


@pages.app_template_global()
def published_report(consultation_id: int) -> tuple[int, datetime] | None:
    """For the consultation's own page: the newest report that everybody may read."""
    with reading() as tx:
        return queries.newest_published(tx, consultation_id)


@pages.get(_DESK)
@signed_in
def index(slug: str) -> Response:
    """A consultation's reports as its office sees them: asked for, being made, made, published."""
    with reading() as tx:
        brief = _asked(tx, slug)
        found = queries.reports_of(tx, brief.id)
    why = why_not(RULES, "report.ask", web.actor(), brief)
    return web.page("reports/desk.html", c=brief, reports=found, why_not_ask=why)


@pages.post(_DESK)
@signed_in
def ask(slug: str) -> Response:
    """Asks for a report; the worker makes it."""
    with transaction() as tx:
        row = _mine(tx, slug)
        no = web.once(tx, ("report", slug), lambda: str(service.ask(tx, web.actor(), row)))
    return _said(web.see_other(f"/desk/{slug}/reports"), T("ขอสรุปผลฉบับที่ %(no)s แล้ว ทำเสร็จแล้วอยู่ในหน้านี้", no=no))


@pages.get(f"{_DESK}/<int:no>/publish")
@signed_in
def confirm(slug: str, no: int) -> Response:
    """Says what publishing a report means, before it is published."""
    return _publish_page(slug, no, {}, 200)


@pages.post(f"{_DESK}/<int:no>/publish")
@signed_in
def publish(slug: str, no: int) -> Response:
    """Lets everybody read a report, once the officer says that they know it stays."""
    if request.form.get("sure") != "1":
        return _publish_page(slug, no, {"sure": T("ทำเครื่องหมายว่าอ่านแล้ว ก่อนเผยแพร่")}, 422)
    with transaction() as tx:
        row = _mine(tx, slug)
        service.publish(tx, web.actor(), queries.report_no(tx, row.id, no))
    return _said(web.see_other(f"/desk/{slug}/reports"), T("เผยแพร่สรุปผลฉบับที่ %(no)s แล้ว", no=no))


def _publish_page(slug: str, no: int, errors: dict[str, T], status: int) -> Response:
    with reading() as tx:
        brief = _asked(tx, slug)
        report = queries.report_no(tx, brief.id, no)
        require(RULES, "report.publish", web.actor(), report)
    if report.state == "published":
        return web.see_other(f"/desk/{slug}/reports")
    return web.page("reports/publish.html", status, c=brief, report=report, errors=errors)


@pages.get(_HERE)
def newest(slug: str) -> Response:
    """The newest report that is published."""
    return _page(slug, None)


@pages.get(f"{_HERE}/<int:no>")
def one(slug: str, no: int) -> Response:
    """One report: its numbers, its files and the others that are published."""
    return _page(slug, no)


def _page(slug: str, no: int | None) -> Response:
    with reading() as tx:
        brief = consultations.brief_by_slug(tx, slug, web.actor())
        published = queries.reports_of(tx, brief.id, "published")
        if no is None and not published:
            raise NotFound
        shown = published[0] if no is None else _readable(tx, brief, no)
    return web.page(
        "reports/report.html",
        c=brief,
        report=shown,
        reports=published,
        words=words,
        demo=brief.demo,
        noindex=shown.state != "published",
    )


@pages.get(f"{_HERE}/<int:no>/print")
def to_print(slug: str, no: int) -> Response:
    """A report as one long page to print; as long as it is, it is never in memory as a whole."""
    thai = request.args.get("digits") == "thai"
    with reading() as tx:
        brief = consultations.brief_by_slug(tx, slug, web.actor())
        report = _readable(tx, brief, no)
    if not files.path_of(report.public_id, PLAIN).exists():
        raise NotFound
    # A page sent piece by piece goes to this reader alone, so their own values may stand in it.
    g.pop("page_kept", None)
    frame = web.page(
        "reports/print.html", c=brief, report=report, thai=thai, body_html=_BODY, demo=brief.demo, noindex=True
    )
    before, _, after = frame.get_data(as_text=True).partition(_BODY)
    return Response(_framed(before, report.public_id, THAI if thai else PLAIN, after), mimetype="text/html")


def _framed(before: str, public_id: str, name: str, after: str) -> Iterator[bytes]:
    yield before.encode()
    yield from files.body_of(public_id, name)
    yield after.encode()


@pages.get(f"{_HERE}/<int:no>/files/<wanted>")
def file(slug: str, no: int, wanted: str) -> Response:
    """One file of a report, as it was made."""
    with reading() as tx:
        report = _readable(tx, consultations.brief_by_slug(tx, slug, web.actor()), no)
    kept = next((f for f in report.files if f["name"] == wanted), None)
    if kept is None or not files.path_of(report.public_id, wanted).exists():
        raise NotFound
    return send_file(
        files.path_of(report.public_id, wanted).absolute(),
        TYPES[wanted],
        as_attachment=True,
        download_name=f"{slug}-{no}-{wanted}",
        etag=kept["sha256"],
    )


def _readable(tx: Session, brief: Brief, no: int) -> ReportView:
    report = queries.report_no(tx, brief.id, no)
    require(RULES, "report.read", web.actor(), report)
    return report


def _asked(tx: Session, slug: str) -> Brief:
    """The consultation of this slug for its officers; raises `NotFound` or `Denied`."""
    brief = consultations.brief_by_slug(tx, slug, web.actor())
    require(RULES, "report.list", web.actor(), brief)
    return brief


def _mine(tx: Session, slug: str) -> Consultation:
    """The consultation, locked, for its officers; raises `NotFound` or `Denied`."""
    row = consultation_service.find(tx, web.actor(), slug)
    require(RULES, "report.list", web.actor(), row)
    return row


def _said(response: Response, said: T) -> Response:
    return web.note(response, "desk", text=str(said), tone="ok")
