"""A long report on a site of real processes: it holds up nobody, and what kills the worker does not kill the report."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.site import Caller, Site, site

pytestmark = pytest.mark.slow
HEARD = 4000
_FILL = """
from sqlalchemy import select
from forum.core.accounts.service import make_token
from forum.core.agencies.models import Agency
from forum.core.agencies.service import add_member
from forum.core.items.recount import recount
from tests.bench.seeds import Filling
filling = Filling(tx)
filling.thread(heard)
recount(tx)
add_member(tx, tx.get_one(Agency, filling.place.agency_id), filling.people[0].id, "officer")
out = [filling.place.slug, filling.people[0].id, make_token(tx, filling.people[0].id, "t")[1]]
"""
_ASK = """
from forum.core.agencies.queries import roles_of
from forum.core.consultations.service import find
from forum.kernel.rules import Actor
from forum.observers.reports import service
actor = Actor(user_id, "", roles_of(tx, user_id))
out = service.ask(tx, actor, find(tx, actor, slug))
"""
_STATE = """
from sqlalchemy import select
from forum.observers.reports.models import Report
row = tx.execute(select(Report).order_by(Report.id)).scalars().first()
out = [row.state, row.summary.get("numbers", {}).get("received"), row.public_id]
"""


@pytest.fixture
def here() -> Iterator[Site]:
    """A site of the test's own, to be broken."""
    with site() as running:
        yield running


def until(holds: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_worker_killed_in_the_middle_is_followed_by_one_that_makes_the_report_anew(here: Site) -> None:
    slug, user_id, _token = here.python(_FILL, heard=HEARD)
    folder = Path(here.environment["DATA_DIR"]) / "reports"
    here.python(_ASK, slug=slug, user_id=user_id)
    half = "*.part/contributions.csv"
    until(lambda: any(path.stat().st_size > 100_000 for path in folder.glob(half)))
    assert here.worker is not None
    here.kill(here.worker)
    assert list(folder.glob(half))
    assert here.python(_STATE)[0] == "making"
    here.worker.start(lambda: True)
    until(lambda: here.python(_STATE)[0] == "made")
    _state, received, public_id = here.python(_STATE)
    assert received == HEARD
    assert [path.name for path in folder.iterdir() if path.is_dir()] == [public_id]


def test_while_a_long_report_is_made_the_worker_does_all_else(here: Site) -> None:
    slug, user_id, token = here.python(_FILL, heard=HEARD)
    data = Path(here.environment["DATA_DIR"])
    here.python(_ASK, slug=slug, user_id=user_id)
    until(lambda: list((data / "reports").glob("*.part")))
    changed = {"version": 1, "reason": "พิมพ์ผิด", "decider": "นายกเทศมนตรีเมืองท่าพร้าว"}
    assert Caller(here.url, token).ask("PATCH", f"/consultations/{slug}", changed).ok
    until(lambda: list((data / "cards").glob(f"{slug}-*.png")))
    assert list((data / "reports").glob("*.part")), "the report was made before the picture was drawn"
    until(lambda: here.python(_STATE)[0] == "made")
