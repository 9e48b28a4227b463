"""Readers with a browser: an old phone inside LINE on a slow net, or a desktop; with script or without."""

from __future__ import annotations

import email
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, Route, expect

from tests.faults.site import Site

LINE = (
    "Mozilla/5.0 (Linux; Android 11; SM-A125F Build/RP1A.200720.012; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/109.0.5414.117 Mobile Safari/537.36 Line/13.4.2/IAB"
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"phone": (390, 844), "desktop": (1280, 900), "office": (1366, 768), "narrow": (320, 640)}
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
PATIENCE = 20_000
TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
NO_NET = ("Failed to load resource", "ERR_INTERNET_DISCONNECTED")  # what a browser says where there is no net


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, which asks nobody but us."""
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
    yield browser
    browser.close()


@dataclass
class Reader:
    """Somebody in front of a browser; `page` is what they look at, `taps` how often they touched it."""

    site: Site
    context: BrowserContext
    is_phone: bool
    slow: bool = False
    taps: int = 0
    wrong: list[str] = field(default_factory=list)
    signed_in: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Opens the first tab."""
        self.page = self.tab()

    def tab(self) -> Page:
        """Another tab of the same browser."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", self._overhear)
        if self.slow:
            line = self.context.new_cdp_session(page)
            line.send("Network.enable")
            line.send("Network.emulateNetworkConditions", SLOW)
        return page

    def _overhear(self, message: Any) -> None:
        if message.type == "error" and not any(known in message.text for known in NO_NET):
            self.wrong.append(message.text)

    def go(self, path: str) -> Page:
        """Opens a page of the site."""
        self.page.goto(self.site.url + path)
        return self.page

    def touch(self, what: Locator) -> None:
        """One tap, or one click."""
        self.taps += 1
        what.tap() if self.is_phone else what.click()

    def sign_in(self, address: str) -> None:
        """Is signed in, as if long before; the same sign-in whenever this reader comes back."""
        if address not in self.signed_in:
            self.signed_in[address] = self.site.cookie(address).partition("=")[2]
        value = self.signed_in[address]
        self.context.add_cookies([{"name": "session", "value": value, "url": self.site.url}])


@dataclass
class Readers:
    """Lets readers in, and sees them out when the test ends."""

    site: Site
    browser: Browser
    open: list[Reader] = field(default_factory=list)
    small: list[BrowserContext] = field(default_factory=list)  # asked for larger letters and never got any

    def __call__(
        self, kind: str = "desktop", *, script: bool = True, slow: bool | None = None, text: int = 100, **options: Any
    ) -> Reader:
        """A phone inside LINE on a slow net, a desktop, or the narrowest screen; `text` is how large, in per cent."""
        width, height = SIZES[kind]
        # What runs beside a page is asked for by the tests that are about it.
        options = {"service_workers": "block"} | options
        if kind == "phone":
            options = {"user_agent": LINE, "is_mobile": True, "has_touch": True, "device_scale_factor": 2} | options
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            locale="th-TH",
            timezone_id="Asia/Bangkok",
            **options,
        )
        if text != 100:
            self.small.append(context)
            context.route("**/css/tokens.css", lambda route: self._enlarge(route, context, text))
        reader = Reader(self.site, context, kind == "phone", kind == "phone" if slow is None else slow)
        self.open.append(reader)
        return reader

    def leave(self) -> list[str]:
        """Everybody goes; what went wrong in their browsers."""
        for reader in self.open:
            reader.context.close()
        return [wrong for reader in self.open for wrong in reader.wrong] + ["letters stayed small" for _ in self.small]

    def _enlarge(self, route: Route, context: BrowserContext, text: int) -> None:
        """The tokens as they are, and letters as large as a reader set them; so it works without script too."""
        given = TOKENS.read_text(encoding="utf-8")
        route.fulfill(body=f"{given}\nhtml{{font-size:{text}%!important}}", content_type="text/css")
        self.small = [other for other in self.small if other is not context]


def nothing_runs_off_the_side(page: Page) -> None:
    """Nobody has to scroll sideways to read this page."""
    wide, there = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= there, f"{page.url}: {wide} > {there}"


def until(holds: Callable[[], Any], seconds: float = 20) -> Any:
    """What `holds` gives as soon as it is something; fails when that takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def code_sent_to(site: Site, address: str) -> str:
    """The code in the last letter to an address, out of the folder that stands for the post."""
    folder = Path(site.environment["DATA_DIR"]) / "mail"

    def last() -> str | None:
        for path in sorted(folder.glob("*.eml"), key=lambda p: p.stat().st_mtime, reverse=True):
            letter = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            body = letter.get_body(("plain",))
            code = re.search(r"(?<!\d)(\d{3}) ?(\d{3})(?!\d)", body.get_content() if body else "")
            if address in str(letter["To"]) and code:
                return "".join(code.groups())
        return None

    found: str = until(last)
    return found


def comment(page: Page, text: str) -> Locator:
    """The comment with this text."""
    return page.locator("article.c:not(.pending)", has=page.locator(".prose", has_text=text)).last


def is_shown(what: Locator) -> None:
    """Waits until it is there to be seen."""
    expect(what).to_be_visible(timeout=PATIENCE)
