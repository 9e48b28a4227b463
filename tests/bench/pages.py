"""The thread page beside the minimal page, and in a thread of a hundred times as many comments."""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

import config as settings
from forum.app import create_app
from forum.commons.comments.compute import STANCES, interleave
from forum.commons.comments.listing import PAGE, SORTS
from forum.kernel import db
from forum.kernel.paging import cursor
from tests.bench.figures import alternating, tell
from tests.bench.load import load, requests_per_second
from tests.bench.seeds import Filled, Filling
from tests.bench.site import Running, Site, kind_of, new_site

SHORT, LONG = 1_000, 100_000


def measure(database_url: str | None = None) -> None:
    """Prints every figure of the thread page, on the embedded database or on the named one."""
    with new_site(database_url) as site:
        with db.transaction() as tx:
            filling = Filling(tx)
            short, replied, long = filling.thread(SHORT), filling.thread(SHORT, replies=2), filling.thread(LONG)
        _analyse()
        _against_minimal(site, short, replied)
        _against_long(site, short, long)
        _statements(site, short, long)


def _analyse() -> None:
    """What a database does by itself after a while: counting what is in its tables."""
    with db.current().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _against_minimal(site: Site, short: Filled, replied: Filled) -> None:
    where = kind_of(site)
    with (
        site.serve("wsgi.py") as sala,
        site.serve("wsgi.py", KEPT_PIECES="0") as drawing,
        site.serve("wsgi.py", PAGE_CACHE_SECONDS="2") as cached,
        site.serve("tests/bench/minimal.py", ready="/") as minimal,
    ):
        asked = {
            "thread page": (sala, short, ""),
            "thread page, newest first": (sala, short, "?sort=newest"),
            "thread page, half of it replies": (sala, replied, ""),
            "thread page, every piece drawn anew": (drawing, short, ""),
            "thread page, page cache on": (cached, short, ""),
        }
        pages = [Loaded(minimal, short), *(Loaded(*who) for who in asked.values())]
        plain, *taken = alternating(*(page.requests for page in pages))
        for name, values in zip(asked, taken, strict=True):
            goal = "ratio >= 0.5" if name == "thread page" else None
            tell(f"{name}, {where}", "requests/s", values, "minimal.py", plain, goal)
        # The same by the processor's time, which other programs on the machine do not take from.
        for name, page in zip(asked, pages[1:], strict=True):
            tell(f"{name}, {where}: a second of the processor", "requests", page.by_cpu, "minimal.py", pages[0].by_cpu)


@dataclass
class Loaded:
    """A page under load, and what it answered for each second of the processor."""

    server: Running
    filled: Filled
    query: str = ""
    by_cpu: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Warms it up."""
        self.requests()
        self.by_cpu.clear()

    def requests(self) -> float:
        """Requests a second in one round."""
        before = self.server.processor_seconds()
        rate, number = load(f"{self.server.address}/t/{self.filled.public_id}{self.query}", 3)
        self.by_cpu.append(number / (self.server.processor_seconds() - before))
        return rate


def _against_long(site: Site, short: Filled, long: Filled) -> None:
    with site.serve("wsgi.py") as sala:
        for sort in SORTS:
            last = last_page(long.comments, sort)
            asked = [(short, ""), (long, ""), (long, f"&after={last}")]
            first, hundredfold, ending = alternating(*(_seconds(sala, it, sort, more) for it, more in asked))
            name = f"{sort} first, {kind_of(site)}"
            tell(f"page of 100,000 comments, {name}", "ms", hundredfold, "1,000 comments", first, "ratio <= 1.2")
            tell(f"last page of 100,000, {name}", "ms", ending, "first page", hundredfold, "ratio <= 1.2")


def _seconds(sala: Running, filled: Filled, sort: str, more: str) -> Callable[[], float]:
    url = f"{sala.address}/t/{filled.public_id}?sort={sort}{more}"
    requests_per_second(url, 1)
    return lambda: 1000 / requests_per_second(url, 2)


def last_page(comments: Sequence[dict[str, Any]], sort: str) -> str:
    """The cursor before a list's last page."""
    top = [c for c in comments if c["parent_id"] is None]
    numbers = sorted(c["item_id"] for c in top)
    if sort != "mixed":
        return cursor(numbers[PAGE] if sort == "newest" else numbers[-PAGE - 1])
    hands = [
        sorted(((c["useful"], c["item_id"]) for c in top if c["stance"] == stance), reverse=True) for stance in STANCES
    ]
    dealt = interleave(hands, len(top) - PAGE)
    ends = dict(dealt)
    return cursor(dealt[-1][0] + 1, *(n for hand in range(len(STANCES)) for n in ends[hand]))


def _statements(site: Site, short: Filled, long: Filled) -> None:
    app = create_app(settings.load(site.environment(1)), db.current())
    ask = functools.partial(app.test_client().get, base_url="http://127.0.0.1:1")
    for sort in SORTS:
        counts = []
        for filled, more in ((short, ""), (long, ""), (long, f"&after={last_page(long.comments, sort)}")):
            with counted_statements() as said:
                answer = ask(f"/t/{filled.public_id}?sort={sort}{more}")
            if answer.status_code != 200 or answer.text.count("<article") < PAGE:
                raise SystemExit(f"{sort} answered {answer.status_code}")
            counts.append(len(said))
        if len(set(counts)) != 1:
            raise SystemExit(f"statements differ between 1,000 and 100,000 comments: {counts}")
        tell(f"statements of the page, {sort} first, {kind_of(site)}", "SQL", counts, "1,000 comments", counts, "<= 8")


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The statements that this process sends to its database inside the block; BEGIN is none."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    engine = db.current().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)
