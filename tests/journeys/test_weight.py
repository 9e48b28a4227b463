"""What a reader on a prepaid net pays for: bytes over the line, counted by the browser itself."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.faults.site import Site
from tests.journeys.browsers import Reader, Readers
from tests.journeys.places import places

pytestmark = pytest.mark.browser
KB = 1024


def weigh(someone: Reader, page: Page, path: str) -> Counter[str]:
    """Bytes received for one view, by kind, once the line has gone quiet."""
    line = someone.context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    weight: Counter[str] = Counter()

    def told(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"]

    def done(event: dict[str, Any]) -> None:
        weight[kinds.get(event["requestId"], "Other")] += event["encodedDataLength"]

    line.on("Network.responseReceived", told)
    line.on("Network.loadingFinished", done)
    line.send("Network.enable")
    page.goto(someone.site.url + path)
    page.wait_for_load_state("networkidle")
    line.detach()
    return weight


@pytest.mark.parametrize("kind", ["phone", "desktop"])
def test_a_view_of_a_thread_is_light(kind: str, here: Site, reader: Readers) -> None:
    path = next(p.path for p in places(here) if p.name == "thread")
    someone = reader(kind, slow=False)
    first = weigh(someone, someone.page, path)
    again = weigh(someone, someone.tab(), path)
    print(kind, dict(first), dict(again))
    assert first["Script"] > 5 * KB, "the scripts were not weighed"
    assert sum(first.values()) <= 150 * KB
    assert first["Script"] <= 35 * KB
    assert first["Stylesheet"] <= 14 * KB
    assert first["Document"] <= 20 * KB
    assert sum(again.values()) <= 10 * KB
