"""`make bench`: every figure on the embedded database, and those that a database makes a difference to on PostgreSQL.

`python -m tests.bench pages live` measures some of them; DATABASE_URL names another database than its own.
"""

import os
import subprocess
import sys

from tests.bench import desk, live, pages, report, visit
from tests.bench.site import ROOT
from tests.lanes.services import postgres


def _real_input(database_url: str | None = None) -> None:
    """In a process of its own, whose sockets gevent has patched from the start."""
    environment = os.environ | ({"DATABASE_URL": database_url} if database_url else {})
    subprocess.run([sys.executable, "-m", "tests.bench.real_input"], cwd=ROOT, env=environment, check=True)


MEASURES = {
    "pages": pages.measure,
    "desk": desk.measure,
    "live": live.measure,
    "real_input": _real_input,
    "visit": visit.measure,
    "report": report.measure,
}
ON_POSTGRES = ("pages", "desk", "live", "real_input", "report")


def main(asked: list[str]) -> None:
    """Measures what is asked for, else everything."""
    unknown = set(asked) - set(MEASURES)
    if unknown:
        raise SystemExit(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    chosen = asked or list(MEASURES)
    for name in chosen:
        MEASURES[name](None)
    if "DATABASE_URL" in os.environ:
        return
    with postgres() as url:
        for name in (name for name in chosen if name in ON_POSTGRES):
            MEASURES[name](url)


if __name__ == "__main__":
    main(sys.argv[1:])
