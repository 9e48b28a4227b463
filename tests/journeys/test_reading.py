"""Pages as they are drawn: nothing runs off the side, nothing that belongs together is torn, nothing is too small."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.faults.site import Site
from tests.journeys.browsers import Readers
from tests.journeys.places import Place, places

pytestmark = pytest.mark.browser
MEASURES = (Path(__file__).parent / "measures.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def everywhere(here: Site) -> list[Place]:
    """The pages of the demo's site."""
    return places(here)


def wrong(page: Page, everywhere: list[Place], url: str, reader: Readers, *measures: str, text: int = 100) -> list[str]:
    """What these measures find on all pages, each with the name of its page."""
    found = []
    for place in everywhere:
        reader.open[-1].context.clear_cookies()
        if place.who:
            reader.open[-1].sign_in(place.who)
        place.visit(page, url)
        page.evaluate(MEASURES)
        if text != 100:
            page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{text}%")
        for measure in measures:
            found += [f"{place.name}: {measure}: {what}" for what in page.evaluate(f"measures.{measure}()")]
    return found


@pytest.mark.parametrize(
    "kind", ["phone", pytest.param("narrow", marks=pytest.mark.long), pytest.param("desktop", marks=pytest.mark.long)]
)
def test_names_places_dates_and_phones_stand_on_one_line_and_nothing_runs_off_the_side(
    kind: str, here: Site, reader: Readers, everywhere: list[Place]
) -> None:
    page = reader(kind, slow=False).page
    found = wrong(page, everywhere, here.url, reader, "broken", "wide", "small", "tiny")
    assert not found, "\n".join(found)


def test_dates_deadlines_and_phone_numbers_are_no_smaller_than_seventeen(
    here: Site, reader: Readers, everywhere: list[Place]
) -> None:
    page = reader("phone", slow=False).page
    found = wrong(page, everywhere, here.url, reader, "dated")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("kind", ["phone", pytest.param("desktop", marks=pytest.mark.long)])
def test_with_text_twice_as_large_nothing_is_cut_off(
    kind: str, here: Site, reader: Readers, everywhere: list[Place]
) -> None:
    page = reader(kind, slow=False).page
    found = wrong(page, everywhere, here.url, reader, "wide", "clipped", text=200)
    assert not found, "\n".join(found)


def test_the_office_and_its_phone_stand_on_the_first_screen_of_a_phone(
    here: Site, reader: Readers, everywhere: list[Place]
) -> None:
    page = reader("phone", slow=False).page
    for place in everywhere:
        if place.name in {"consultation", "thread", "threads"}:
            place.visit(page, here.url)
            for what in ("main .by", "main a[href^='tel:']"):
                box = page.locator(what).first.bounding_box()
                assert box, (place, what)
                assert box["y"] + box["height"] < 844, (place, what)


def test_the_keyboard_reaches_the_composer_and_sees_where_it_is(here: Site, reader: Readers, thread: str) -> None:
    page = reader().go(f"/t/{thread}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#write summary')"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "f-body"


def test_escape_closes_a_menu_and_gives_the_focus_back(reader: Readers, browser: Browser) -> None:
    page = reader("phone", slow=False).go("/")
    page.locator("details.menu.thin summary").tap()
    page.keyboard.press("Escape")
    assert page.locator("details.menu[open]").count() == 0
    assert page.evaluate("document.activeElement.matches('details.menu.thin summary')")
