"""Pictures of every page, to be looked at beside the design: `python -m tests.journeys.shots [folder]`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.faults.site import site
from tests.journeys.browsers import SIZES, Readers, chromium
from tests.journeys.places import places

FOLDER = Path(sys.argv[1] if __name__ == "__main__" and sys.argv[1:] else "var/shots")


WAYS = [(kind, theme, "th", True) for kind in ("phone", "desktop") for theme in ("light", "dark")]
WAYS += [("phone", "light", "en", True), ("desktop", "light", "en", True)]
WAYS += [("phone", "light", "th", False), ("desktop", "light", "th", False)]


def take() -> int:
    """Takes them all, in both languages, with script and without; how many."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    count = 0
    with site() as here, sync_playwright() as playwright, chromium(playwright) as browser:
        here.flask("demo", "load")
        everywhere = places(here)
        for kind, theme, lang, script in WAYS:
            someone = Readers(here, browser)(kind, slow=False, script=script)
            for place in everywhere:
                someone.context.clear_cookies()
                for name, value in (("theme", theme), ("lang", lang)):
                    someone.context.add_cookies([{"name": name, "value": value, "url": here.url}])
                if place.who:
                    someone.sign_in(place.who)
                place.visit(someone.page, here.url)
                more = ("-en" if lang == "en" else "") + ("" if script else "-no-script")
                picture = FOLDER / f"{place.name}-{theme}-{SIZES[kind][0]}{more}.png"
                someone.page.screenshot(path=picture, full_page=True)
                count += 1
    return count


if __name__ == "__main__":
    sys.stdout.write(f"{take()} pictures in {FOLDER}\n")
