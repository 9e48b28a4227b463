"""Pictures of every page, to be looked at beside the design: `python -m tests.journeys.shots` fills var/shots."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.faults.site import site
from tests.journeys.browsers import SIZES, Readers, chromium
from tests.journeys.places import places

FOLDER = Path("var/shots")


def take(kinds: tuple[str, ...] = ("phone", "desktop"), themes: tuple[str, ...] = ("light", "dark")) -> int:
    """Takes them all; how many."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    count = 0
    with site() as here, sync_playwright() as playwright, chromium(playwright) as browser:
        here.flask("demo", "load")
        everywhere = places(here)
        for kind in kinds:
            someone = Readers(here, browser)(kind, slow=False)
            for place in everywhere:
                for theme in themes:
                    someone.context.clear_cookies()
                    someone.context.add_cookies([{"name": "theme", "value": theme, "url": here.url}])
                    if place.who:
                        someone.sign_in(place.who)
                    place.visit(someone.page, here.url)
                    name = f"{place.name}-{theme}-{SIZES[kind][0]}.png"
                    someone.page.screenshot(path=FOLDER / name, full_page=True)
                    count += 1
    return count


if __name__ == "__main__":
    sys.stdout.write(f"{take()} pictures in {FOLDER}\n")
