"""A report of 20,000 contributions made by the worker, and what readers notice of it meanwhile."""

import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import psutil
from sqlalchemy import select

from forum.core.agencies.models import Agency
from forum.core.agencies.queries import roles_of
from forum.core.agencies.service import add_member
from forum.core.answers import service as answers
from forum.core.answers.forms import NewAnswer
from forum.core.consultations import service as consultations
from forum.core.consultations.models import Consultation
from forum.core.consultations.telling import Approval
from forum.core.items.models import Item
from forum.core.items.recount import recount
from forum.kernel import db, html
from forum.kernel.rules import Actor
from forum.observers.reports import service
from forum.observers.reports.models import Report
from tests.bench.figures import percentile, tell
from tests.bench.seeds import Filling
from tests.bench.site import ROOT, Running, Site, kind_of, new_site
from tests.lanes.process import Server, free_port, run_as

HEARD = 20_000
ROUNDS = 3
BEFORE_SECONDS = 8.0
_BETWEEN = 0.02
_PATIENCE = 300.0
_MEMO = Approval("ทพ 1/2569", date(2026, 1, 5))
_REASON = "รับข้อเสนอไว้บางส่วน จะทำทางลาดที่ท่าน้ำวัดลำซ่านก่อน ส่วนที่เหลือรองบประมาณปีหน้า " * 6


def measure(database_url: str | None = None) -> None:
    """Prints how long a report takes, the memory it costs the worker, and how readers' pages fare meanwhile."""
    with new_site(database_url) as site:
        place, officer = _fill()
        with site.serve("wsgi.py") as sala:
            found = [_round(sala, site, place, officer) for _ in range(ROUNDS)]
    where = kind_of(site)
    tell(f"report of {HEARD:,} contributions, {where}", "s", [f.seconds for f in found])
    tell(f"worker's peak above idle meanwhile, {where}", "MB", [f.megabytes for f in found], goal="<= 200")
    before, meanwhile = ([1000 * percentile(f, 0.95) for f in kind] for kind in _times(found))
    tell(f"a consultation's page meanwhile, p95, {where}", "ms", meanwhile, "before", before, "ratio <= 1.5")


@dataclass
class Found:
    """What one report cost."""

    seconds: float = 0.0
    megabytes: float = 0.0
    before: list[float] = field(default_factory=list)
    meanwhile: list[float] = field(default_factory=list)


def _times(found: Sequence[Found]) -> tuple[list[list[float]], list[list[float]]]:
    return [f.before for f in found], [f.meanwhile for f in found]


def _fill() -> tuple[str, Actor]:
    """A consultation with 20,000 comments: most answered together, some singly, a fifth not at all."""
    with db.transaction() as tx:
        filling = Filling(tx)
        filling.thread(HEARD)
        recount(tx)
        user = filling.people[0]
        add_member(tx, tx.get_one(Agency, filling.place.agency_id), user.id, "officer")
        officer = Actor(user.id, user.name or "", roles_of(tx, user.id))
        wanted = select(Item.id).where(Item.consultation_id == filling.place.id, Item.kind == "comment")
        ids = list(tx.execute(wanted.order_by(Item.id)).scalars())
        together = [ids[at : at + 5000] for at in (0, 5000, 10_000)]
        for part in [*together, *([one] for one in ids[15_000:16_000])]:
            form = NewAnswer("partly", _REASON, html.render(_REASON))
            answers.publish(tx, officer, answers.draft(tx, officer, filling.place, part, form), _MEMO)
        return filling.place.slug, officer


@contextmanager
def _worker(site: Site) -> Iterator[Server]:
    """The worker as the site's parent starts it, below the web process in the machine's order."""
    command = run_as(None, ["nice", "-n", "10", sys.executable, "-m", "flask", "worker"], death="TERM")
    server = Server(command, site.folder, environment=site.environment(free_port()), name="worker", cwd=ROOT)
    server.start(lambda: "working" in server.printed())
    try:
        yield server
    finally:
        server.stop()


def _round(sala: Running, site: Site, slug: str, officer: Actor) -> Found:
    """One report by a worker that has made none."""
    found = Found()
    page = f"{sala.address}/c/{slug}"
    with _worker(site) as worker:
        _ask(page, [], time.monotonic() + 2)
        _ask(page, found.before, time.monotonic() + BEFORE_SECONDS)
        _make(found, psutil.Process(worker.pid), page, slug, officer)
    return found


def _make(found: Found, process: psutil.Process, page: str, slug: str, officer: Actor) -> None:
    idle = process.memory_info().rss
    began = time.monotonic()
    with db.transaction() as tx:
        row = consultations.find(tx, officer, slug)
        no = service.ask(tx, officer, row)
    ended = threading.Event()
    readers = threading.Thread(target=_ask_until, args=(page, found.meanwhile, ended))
    readers.start()
    peak = idle
    try:
        while not _is_made(slug, no):
            peak = max(peak, process.memory_info().rss)
            if time.monotonic() - began > _PATIENCE:
                raise SystemExit("the report is not made")
    finally:
        ended.set()
        readers.join()
    found.seconds, found.megabytes = time.monotonic() - began, (peak - idle) / 2**20


def _is_made(slug: str, no: int) -> bool:
    time.sleep(0.05)
    wanted = select(Report.state).join(Consultation, Consultation.id == Report.consultation_id)
    with db.reading() as tx:
        state = tx.execute(wanted.where(Consultation.slug == slug, Report.no == no)).scalar_one()
    if state == "failed":
        raise SystemExit("the report could not be made")
    return state == "made"


def _ask(page: str, seconds: list[float], until: float) -> None:
    while time.monotonic() < until:
        began = time.monotonic()
        with urllib.request.urlopen(page, timeout=30) as answer:
            answer.read()
        seconds.append(time.monotonic() - began)
        time.sleep(_BETWEEN)


def _ask_until(page: str, seconds: list[float], ended: threading.Event) -> None:
    while not ended.is_set():
        _ask(page, seconds, time.monotonic() + 0.2)
