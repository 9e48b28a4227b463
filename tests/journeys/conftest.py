"""One site for all journeys, one browser, and readers who must leave without a script error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.faults.site import Site, site
from tests.journeys.browsers import Readers, chromium


@pytest.fixture(scope="session")
def here() -> Iterator[Site]:
    """A running site with the demo's neighbours and one consultation of our own."""
    with site() as running:
        running.flask("demo", "load")
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with sync_playwright() as playwright, chromium(playwright) as running:
        yield running


@pytest.fixture
def reader(here: Site, browser: Browser) -> Iterator[Readers]:
    """Lets readers in: `reader("phone")`, `reader("desktop", script=False)`."""
    readers = Readers(here, browser)
    yield readers
    wrong = readers.leave()
    assert not wrong, wrong


@pytest.fixture
def thread(here: Site) -> str:
    """A fresh thread with a choice of two and three comments."""
    slug = here.consultation()
    sent = {
        "title": "สะพานไม้ควรกว้าง 2.4 หรือ 3 เมตร",
        "body": "แบบ 3 เมตร รถเข็นสวนกันได้ แบบ 2.4 เมตร ทุกบ้านเก็บท่าเดิมไว้",
        "stance": "options",
        "options": ["3 เมตร", "2.4 เมตร"],
    }
    made: str = here.officer.post(f"/consultations/{slug}/threads", sent)["id"]
    for body in ("ทางแคบไป รถเข็นสวนกันไม่ได้", "ท่าเดิมยังใช้ทุกวัน", "ขอให้มีไฟทุก 20 เมตร"):
        here.speaker.post(f"/threads/{made}/comments", {"body": body})
    return made
