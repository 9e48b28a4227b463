"""axe-core finds nothing on any page: both themes; 320, 390 and 1280 px."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.faults.site import Site
from tests.journeys.browsers import Readers
from tests.journeys.places import Place, places

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ALL = list(itertools.product(["narrow", "phone", "desktop"], ["light", "dark"], ["th", "en"]))
SHORT = [("phone", "light", "th"), ("desktop", "dark", "th")]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def everywhere(here: Site) -> list[Place]:
    """The pages of the demo's site."""
    return places(here)


def findings(page: Page) -> list[str]:
    """What axe finds wrong, each with the element."""
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})"
        ".then(r => r.violations)",
        RULES,
    )
    return [f"{v['id']}: {node['html'][:160]} {node['failureSummary'][:200]}" for v in found for node in v["nodes"]]


@pytest.mark.parametrize(
    ("kind", "theme", "lang"),
    [pytest.param(*run, marks=[] if run in SHORT else [pytest.mark.long]) for run in ALL],
)
def test_axe_finds_nothing(
    kind: str, theme: str, lang: str, here: Site, reader: Readers, everywhere: list[Place]
) -> None:
    someone = reader(kind, slow=False, reduced_motion="reduce")
    found = []
    for place in everywhere:
        someone.context.clear_cookies()
        cookies = [{"name": n, "value": v, "url": here.url} for n, v in (("theme", theme), ("lang", lang))]
        someone.context.add_cookies(cookies)  # type: ignore[arg-type]
        if place.who:
            someone.sign_in(place.who)
        place.visit(someone.page, here.url)
        found += [f"{place.name}: {what}" for what in findings(someone.page)]
    assert not found, "\n".join(found)
