"""A page by its name, and who must be signed in to see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, Route

CITIZEN = "u01@example.org"
OFFICER = "wanna.tp@example.org"
OWNER = "prasert.tp@example.org"


@dataclass(frozen=True)
class Place:
    """A page: its name, its path, and who must be signed in to see it."""

    name: str
    path: str
    who: str = ""
    open_composer: bool = False
    answers: Callable[[Route], None] | None = None  # for pages that a sound site does not give
    then: Callable[[Page], None] | None = None  # what the reader does to see it

    def visit(self, page: Page, url: str) -> None:
        """Opens it, and waits until its fonts are there."""
        page.context.set_offline(False)
        if self.answers:
            page.route(url + self.path, self.answers)
        page.goto(url + self.path)
        if self.open_composer:
            page.locator("#write").evaluate("e => { e.open = true }")
        if self.then:
            self.then(page)
        page.evaluate("document.fonts.ready.then(() => 0)")
