"""What a first look costs: bytes of a thread's page with all that it refers to, time until the site answers, memory."""

import gzip
import os
import re
import time
import urllib.error
import urllib.request
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urljoin

from sqlalchemy import select

from forum.core.items.models import Item
from forum.kernel import db
from forum.methods.discussion.demo_data import DemoLoader
from tests.bench.figures import ROUNDS, tell
from tests.bench.site import ROOT, Running, kind_of, new_site
from tests.lanes.process import Server, free_port, own_folder, run_as

_LOADED = ("stylesheet", "icon", "preload", "manifest")
_IN_STYLES = re.compile(r"url\(['\"]?([^'\")#]+)")
_IN_SCRIPTS = re.compile(r"(?:\bimport\b|\bfrom\b)\s*\(?\s*['\"](\.{0,2}/[^'\"]+)")


def measure(database_url: str | None = None) -> None:
    """Prints the cost of a first and a second look at a thread of the demo, and of starting."""
    with new_site(database_url) as site:
        with db.transaction() as tx:
            DemoLoader().load(tx)
            thread = tx.execute(
                select(Item.public_id).where(Item.kind == "thread").order_by(Item.id).limit(1)
            ).scalar_one()
        starts, held = [], []
        for _ in range(ROUNDS):
            with site.serve("wsgi.py", PAGE_CACHE_SECONDS="2") as sala:
                starts.append(sala.seconds_to_ready)
                time.sleep(1)
                held.append(sala.megabytes())
                weighed = weigh(sala, f"/t/{thread}")
                again = _weight_again(f"{sala.address}/t/{thread}")
        where = kind_of(site)
        total = sum(weighed.values())
        tell(f"first view of a thread, {where}", "KB", [total / 1024], goal="<= 150")
        tell("of it script", "KB", [weighed["js"] / 1024], goal="<= 35")
        tell("of it styles", "KB", [weighed["css"] / 1024], goal="<= 14")
        for kind in ("html", "fonts", "pictures"):
            tell(f"of it {kind}", "KB", [weighed[kind] / 1024])
        # All else is named by its content and kept for a year, so the page alone is asked for again.
        tell("repeat view", "KB", [again / 1024], goal="<= 10")
        tell("repeat view once it has changed", "KB", [weighed["html"] / 1024])
        tell(f"web process, start to ready, {where}", "s", starts)
        tell(f"web process, idle, {where}", "MB", held, goal="<= 200")
    _make_run()


def weigh(sala: Running, path: str) -> Counter[str]:
    """Bytes on the wire, headers included, by kind, of a page and everything that it and its parts refer to."""
    weighed: Counter[str] = Counter()
    seen: set[str] = set()
    waiting = [(sala.address + path, "html")]
    while waiting:
        url, kind = waiting.pop()
        if url in seen or not url.startswith(sala.address):
            continue
        seen.add(url)
        text, size = _fetch(url)
        weighed[kind] += size
        waiting += [(urljoin(url, part), _kind(part)) for part in _parts(kind, text)]
    return weighed


def _fetch(url: str) -> tuple[str, int]:
    return _fetch_asked(urllib.request.Request(url, headers={"Accept-Encoding": "gzip"}))


def _fetch_asked(asked: urllib.request.Request) -> tuple[str, int]:
    with urllib.request.urlopen(asked, timeout=20) as answer:
        data = answer.read()
        head = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
        packed = answer.headers.get("Content-Encoding") == "gzip"
    plain = gzip.decompress(data) if packed else data
    return plain.decode("utf-8", "replace"), head + len(data)


def _weight_again(url: str) -> int:
    """Bytes of the answer to a browser that holds the page as it is."""
    asked = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        held = answer.headers.get("ETag", "")
    asked.add_header("If-None-Match", held)
    try:
        return _fetch_asked(asked)[1]
    except urllib.error.HTTPError as error:
        if error.code != 304:
            raise
        return sum(len(name) + len(value) + 4 for name, value in error.headers.items())


class _Page(HTMLParser):
    """Collects what a browser loads with a page."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        loaded = said.get("rel") in _LOADED if tag == "link" else tag in ("script", "img", "use")
        where = said.get("href") or said.get("src")
        if loaded and where:
            self.parts.append(where.partition("#")[0])


def _parts(kind: str, text: str) -> list[str]:
    if kind == "html":
        page = _Page()
        page.feed(text)
        return page.parts
    if kind == "css":
        return _IN_STYLES.findall(text)
    return _IN_SCRIPTS.findall(text) if kind == "js" else []


def _kind(path: str) -> str:
    ending = path.rpartition(".")[2]
    return {"css": "css", "js": "js", "woff2": "fonts"}.get(ending, "pictures")


def _make_run() -> None:
    """`make run` as people type it, installed before: on an empty folder, then on the one it left."""
    with own_folder("sala-bench-") as folder:
        for name in ("make run on an empty folder, start to ready", "make run again, start to ready"):
            port = free_port()
            environment = {
                "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": os.environ.get("HOME", "/"),
                "PORT": str(port), "DATA_DIR": str(folder / "data"),
            }  # fmt: skip
            server = Server(run_as(None, ["make", "run"], death="INT"), folder, environment=environment, cwd=ROOT)
            running = Running(f"http://127.0.0.1:{port}", server, 0.0)
            began = time.monotonic()
            server.start(lambda running=running: running.answers("/readyz"))
            tell(name, "s", [time.monotonic() - began], goal="< 10")
            server.stop()
