"""Hands that fill in forms: by mouse or finger, or by the keyboard alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

from tests.journeys.browsers import PATIENCE, Reader, nothing_runs_off_the_side

_STEPS = 400
_MONTHS = ("", "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
_IS_FOCUSED = "node => node === document.activeElement"


@dataclass
class Hands:
    """Somebody at the desk. With `keys` nothing is clicked: Tab, arrows, space, Enter and letters do it all."""

    reader: Reader
    keys: bool = False

    @property
    def page(self) -> Page:
        """What they look at."""
        return self.reader.page

    def go(self, path: str) -> Page:
        """Opens a page of the site, which fits the screen."""
        page = self.reader.go(path)
        nothing_runs_off_the_side(page)
        return page

    def write(self, name: str, text: str) -> None:
        """Types into the box of this name, in place of what stands there."""
        box = self.page.locator(f'[name="{name}"]')
        if not self.keys:
            box.fill(text)
            return
        self.reach(box)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def date(self, name: str, day: Any) -> None:
        """A day in its three boxes, the year of the Buddhist era."""
        self.write(f"{name}.day", str(day.day))
        self.select(f"{name}.month", str(day.month), _MONTHS[day.month])
        self.write(f"{name}.year", str(day.year + 543))

    def select(self, name: str, value: str, label: str) -> None:
        """Chooses in a list."""
        box = self.page.locator(f'select[name="{name}"]')
        if not self.keys:
            box.select_option(value)
            return
        self.reach(box)
        self.page.keyboard.press("Home")
        for _ in range(200):
            if box.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{label} is not in the list of {name}")

    def pick(self, name: str, value: str) -> None:
        """Chooses one of several round buttons."""
        wanted = self.page.locator(f'input[type="radio"][name="{name}"][value="{value}"]')
        if not self.keys:
            self.reader.touch(self.page.locator("label", has=wanted))
            return
        self.reach(self.page.locator(f'input[type="radio"][name="{name}"]'))
        self.page.keyboard.press("Space")
        for _ in range(40):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{value} cannot be reached in {name}")

    def tick(self, box: Locator) -> None:
        """Ticks a box."""
        if not self.keys:
            box.check(force=True)
            return
        self.reach(box)
        if not box.is_checked():
            self.page.keyboard.press("Space")

    def press(self, what: Locator) -> None:
        """Presses a button or follows a link, and waits for the page it leads to."""
        with self.page.expect_navigation(timeout=PATIENCE):
            if self.keys:
                self.reach(what)
                self.page.keyboard.press("Enter")
            else:
                self.reader.touch(what)
        nothing_runs_off_the_side(self.page)

    def button(self, name: str) -> None:
        """Presses the button that says this."""
        self.press(self.page.get_by_role("button", name=name, exact=True))

    def link(self, name: str) -> None:
        """Follows the first link that says this."""
        self.press(self.page.get_by_role("link", name=name).first)

    def reach(self, what: Locator) -> None:
        """Goes on with Tab until the keyboard is there; whatever is reached so can be reached by everybody."""
        there = list(what.element_handles())
        for _ in range(_STEPS):
            if any(node.evaluate(_IS_FOCUSED) for node in there):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not get to {what}")
