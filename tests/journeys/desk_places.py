"""Every page on which an office works: set-up, opening, paper, answers, report, people; and what the public gets."""

from __future__ import annotations

import time

from playwright.sync_api import Page

from forum.admin.setup.tasks import TASKS
from tests.faults.site import Site
from tests.journeys.place import OFFICER, OWNER, Place


def of_the_desk(here: Site, thread: str) -> list[Place]:
    """The pages of an office's desk in a site with the demo; the thread takes a voice that came on paper."""
    return [
        Place("desk", "/desk", OFFICER),
        Place("desk-edit", "/desk/khlong-walk", OFFICER),
        Place("desk-new", "/desk/new?agency=tha-phrao", OFFICER),
        Place("desk-agency", "/desk/agency/tha-phrao", OWNER),
        Place("desk-agency-mistake", "/desk/agency/tha-phrao", OWNER, then=_keeps_a_faint_colour),
        *_setting_up(here.python(_DRAFTS, officer=OFFICER)),
        *_entering(here.python(_DRAWN, email=OWNER, thread=thread)),
        *_answering(here.python(_WAITING, officer=OFFICER)),
        *_reporting(here),
        Place("members", "/desk/agency/tha-phrao/members", OWNER),
        Place("member", "/desk/agency/tha-phrao/members", OWNER, then=_opens_the_first_member),
        Place("invite", "/desk/agency/tha-phrao/members/invite", OWNER),
        Place("invite-code", "/desk/agency/tha-phrao/members/invite", OWNER, then=_asks_for_a_sheet),
    ]


def _setting_up(drafts: dict[str, str]) -> list[Place]:
    """One draft that lacks much, one complete that waits for a colleague, one announced, one open."""
    at = f"/desk/{drafts['bare']}"
    return [
        Place("setup", at, OFFICER),
        *(Place(f"setup-{key}", f"{at}/setup/{key}", OFFICER) for key in TASKS),
        Place("setup-open-already", "/desk/khlong-walk/setup/dates", OFFICER),
        Place("setup-mistake", f"{at}/setup/law", OFFICER, then=_keeps_a_bad_link),
        Place("open-lacking", f"{at}/open", OFFICER),
        Place("open-announced", f"/desk/{drafts['announced']}/open", OFFICER),
        Place("open-asked", f"/desk/{drafts['asked']}/open", OFFICER),
        Place("approve", f"/desk/{drafts['asked']}/approve", OWNER),
        Place("close", "/desk/khlong-walk/close", OFFICER),
        Place("preview", f"{at}/preview", OFFICER),
        Place("preview-page", f"{at}/preview/page", OFFICER),
    ]


def _entering(keyed: dict[str, str]) -> list[Place]:
    """The desk's pages about voices that came another way."""
    at = "/desk/khlong-walk/entries"
    return [
        Place("entries", at, OFFICER),
        Place("entry-one", f"{at}/new", OFFICER),
        Place("entry-grid", f"{at}/grid", OFFICER),
        Place("entry-grid-mistakes", f"{at}/grid", OFFICER, then=_keeps_a_bad_row),
        Place("entry-sheets", f"{at}/sheets", OFFICER),
        Place("entry-sheets-printed", f"{at}/sheets", OFFICER, then=_makes_two_sheets),
        Place("entry-check", f"{at}/check", OFFICER),
        Place("entry-look", f"{at}/check/{keyed['drawn']}", OFFICER),
        Place("entries-keyed", f"{at}/keyed", OFFICER),
        Place("entry-mend", f"{at}/keyed/{keyed['other']}", OFFICER),
    ]


def _keeps_a_bad_row(page: Page) -> None:
    page.fill("[name='rows.0.body']", "โทร 0 2000 0011")
    page.fill("[name='rows.0.on']", "1/1/2400")
    _is_told(page)


def _makes_two_sheets(page: Page) -> None:
    page.fill("[name=count]", "2")
    page.locator("main form .btn.primary").click()
    page.wait_for_selector(".leaf")


def _answering(found: dict[str, str]) -> list[Place]:
    """Looked for, written, agreed to, told on; and what the public reads of it."""
    at = "/desk/waste-days/answers"
    return [
        Place("answers", at, OFFICER),
        Place("answers-all", f"{at}?answered=all", OFFICER),
        Place("answers-none", f"{at}?words=ไม่มีใครพูดถึง", OFFICER),
        Place("answers-new", f"{at}/new?item={found['free']}", OFFICER),
        Place("answers-again", f"{at}/new?item={found['answered']}", OFFICER),
        Place("answers-mistake", f"{at}/new?item={found['free']}", OFFICER, then=_is_told),
        Place("answers-progress", f"{at}/progress?item={found['answered']}", OFFICER),
        Place("answers-given", f"{at}/given", OFFICER),
        Place("answer-asked", f"{at}/{found['waiting']}", OFFICER),
        Place("answer-approve", f"{at}/{found['waiting']}", OWNER),
        Place("answer-history", f"/answers/{found['answered']}"),
    ]


def _reporting(here: Site) -> list[Place]:
    """A report asked for, made and published."""
    at = "/c/waste-days/report"
    no = here.python(_ASK, officer=OFFICER)
    until = time.monotonic() + 60
    while not here.python(_PUBLISH, officer=OFFICER, no=no):
        assert time.monotonic() < until, "the worker made no report"
    return [
        Place("desk-reports", "/desk/khlong-walk/reports", OFFICER),
        Place("desk-reports-made", "/desk/waste-days/reports", OFFICER),
        Place("report", at),
        Place("report-print", f"{at}/{no}/print"),
    ]


def _keeps_a_bad_link(page: Page) -> None:
    page.fill("[name=law_url]", "javascript:alert(1)")
    _is_told(page)


def _is_told(page: Page) -> None:
    """Sends the form and waits for what the page says is wrong."""
    page.locator("main form .btn.primary").first.click()
    page.wait_for_selector("#errors")


def _keeps_a_faint_colour(page: Page) -> None:
    page.locator("[name=colour_band]").fill("#ffffee")
    _is_told(page)


def _opens_the_first_member(page: Page) -> None:
    page.locator("main .rows a.link").first.click()
    page.wait_for_selector("#f-reason")


def _asks_for_a_sheet(page: Page) -> None:
    page.check("[name=role][value=officer]")
    page.check("[name=way][value=code]")
    page.click("main form .btn.primary")
    page.wait_for_selector(".receipt .code")


_ACTOR = """
from sqlalchemy import select
from forum.core.accounts.models import User
from forum.core.agencies.queries import roles_of
from forum.kernel.rules import Actor
def actor(email):
    user = tx.execute(select(User).where(User.email == email)).scalar_one()
    return Actor(user.id, user.name, roles_of(tx, user.id))
"""
_DRAFTS = (
    _ACTOR
    + """
from datetime import timedelta
from forum.core.agencies.models import Agency
from forum.core.consultations import openings
from forum.core.consultations.models import Consultation
from forum.kernel import clock
from tests.factories import Make
agency = tx.execute(select(Agency).where(Agency.slug == "tha-phrao")).scalar_one()
later = {"opens_at": clock.now() + timedelta(days=3), "closes_at": clock.now() + timedelta(days=30)}
def draft(slug, title, **values):
    row = tx.execute(select(Consultation).where(Consultation.slug == slug)).scalar_one_or_none()
    given = {"title": title, "title_phrases": [title], "state": "draft", "demo": True, "body": "เรื่อง", "slug": slug}
    given |= {"privacy_notice": "เก็บชื่อที่ตั้งเองกับความเห็น", **later}
    return row or Make(tx).consultation(agency, **(given | values))
draft("pier-benches", "ท่าเรือควรมีที่นั่งตรงไหน", contact={}, offline_route="", opens_at=None)
asked = draft("market-lights", "ไฟหน้าตลาดควรปิดกี่โมง")
if not openings.waits_for(tx, asked):
    openings.open_consultation(tx, actor(officer), asked, reason="งบประมาณสิ้นสุดสิ้นเดือน")
told = draft("school-gate", "หน้าโรงเรียนควรปิดถนนกี่โมง")
if told.state == "draft":
    openings.announce(tx, actor(officer), told, reason="งบประมาณสิ้นสุดสิ้นเดือน")
out = {"bare": "pier-benches", "asked": "market-lights", "announced": "school-gate"}
"""
)
_WAITING = (
    _ACTOR
    + """
from forum.core.answers import service
from forum.core.answers.forms import read_answer
from forum.core.answers.models import Answer
from forum.core.answers.queries import Wanted, ids_of
from forum.core.consultations.models import Consultation
from forum.core.items.models import Item
place = tx.execute(select(Consultation).where(Consultation.slug == "waste-days")).scalar_one()
free = ids_of(tx, place.id, Wanted("no", free=True), 5)
asked = select(Item.public_id).join(Answer, Answer.item_id == Item.id)
asked = asked.where(Answer.stage == "waiting", Item.consultation_id == place.id)
waiting = tx.execute(asked).scalars().first()
if waiting is None:
    form = read_answer({"disposition": "partly", "reason": "เพิ่มรอบเก็บวันอาทิตย์ก่อน แล้วดูผลสามเดือน"})
    made = service.draft(tx, actor(officer), place, free[:2], form)
    waiting = service.ask(tx, actor(officer), made).public_id
done = ids_of(tx, place.id, Wanted("yes"), 1)
shown = {"free": free[-1], "answered": done[0]}
out = {"waiting": waiting} | {name: tx.get_one(Item, item).public_id for name, item in shown.items()}
"""
)
_PLACE = (
    _ACTOR
    + """
from forum.core.consultations.models import Consultation
from forum.observers.reports import queries, service
from forum.observers.reports.models import Report
place = tx.execute(select(Consultation).where(Consultation.slug == "waste-days")).scalar_one()
reports = select(Report).where(Report.consultation_id == place.id).order_by(Report.no)
"""
)
_ASK = (
    _PLACE
    + """
first = tx.execute(reports).scalars().first()
out = first.no if first else service.ask(tx, actor(officer), place)
"""
)
_PUBLISH = (
    _PLACE
    + """
report = tx.execute(reports.where(Report.no == no)).scalar_one()
if report.state == "made":
    service.publish(tx, actor(officer), queries.report_no(tx, place.id, no))
out = report.state in ("made", "published")
"""
)
_DRAWN = """
from sqlalchemy import select, update
from forum.commons.comments.entering import enter
from forum.commons.comments.forms import NewComment
from forum.commons.comments.queries import thread_by
from forum.core.accounts.models import User
from forum.core.agencies.queries import roles_of
from forum.core.entries.models import Entry
from forum.kernel.rules import Actor
user = tx.execute(select(User).where(User.email == email)).scalar_one()
forms = [NewComment(said, f"<p>{said}</p>", channel="paper") for said in ("ขอที่นั่งพักใต้ต้นไม้", "ขอไฟทางเดิน")]
drawn, other = enter(tx, Actor(user.id, user.name, roles_of(tx, user.id)), thread_by(tx, thread), forms)
tx.execute(update(Entry).where(Entry.item_id == drawn.comment_id).values(sampled=True))
tx.execute(update(Entry).where(Entry.item_id == other.comment_id).values(sampled=False))
out = {"drawn": drawn.public_id, "other": other.public_id}
"""
