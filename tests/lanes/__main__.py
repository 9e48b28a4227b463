"""`python -m tests.lanes test|test-full|check`: runs the lanes of that name and adds up what they counted."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from tests.lanes.closing import write_closing
from tests.lanes.lane import INTERRUPTED, Ended, Lane, interrupt_lanes, output_file, run_lane

SHOWN_LINES = 400
SIDE_BY_SIDE = 2
STILL_RUNNING_SECONDS = 60.0


def stages(name: str) -> list[list[Lane]]:
    """The lanes of one make target: those of a stage run side by side, a stage after the one before it."""
    if name == "check":
        return [_checks()]
    short, minutes = ("", 70.0) if name == "test-full" else (" and not long", 25.0)
    sqlite = Lane("sqlite", tests=f"not browser and not redis{short}", minutes=minutes)
    scale = Lane("postgresql", tests=f"not browser{short}", scale=True, minutes=minutes)
    return [[sqlite, scale], [Lane("browser", tests=f"browser{short}", minutes=minutes)]]


def _checks() -> list[Lane]:
    python = (sys.executable, "-m")
    scale = os.environ.get("SCALE") == "1"
    # Two at a time, each on a file of its own; a PostgreSQL is one for all.
    fast = Lane(
        "fast tests", () if scale else ("-n", "2"), "not browser and not long and not slow and not redis", scale
    )
    return [
        fast,
        Lane("format", (*python, "ruff", "format", "--check", "--quiet", "--diff", ".")),
        Lane("lint", (*python, "ruff", "check", ".")),
        Lane("import rules", (str(Path(sys.executable).with_name("lint-imports")),), minutes=5),
        Lane("types", (*python, "mypy"), minutes=5),
    ]


def main(name: str) -> int:
    """Run every lane, show those that failed, close in one line; 1 when anything failed."""
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: interrupt_lanes())
    began = time.monotonic()
    ended = [one for stage in stages(name) for one in _run_stage(stage)]
    for one in ended:
        if one.problem and one.problem != INTERRUPTED:
            _show(one)
    broken = [f"{one.lane.name} ({one.problem})" for one in ended if one.problem]
    if broken:
        print(f"\nFAILED: {', '.join(broken)}")
    print(write_closing((one.counts for one in ended), time.monotonic() - began), flush=True)
    return 1 if broken else 0


def _run_stage(lanes: Iterable[Lane]) -> Iterator[Ended]:
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        running = {pool.submit(run_lane, lane): lane for lane in lanes}
        while running:
            done, _ = wait(running, timeout=STILL_RUNNING_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                del running[future]
                yield _tell(future)
            if not done:
                print(f"  … {', '.join(_progress(lane) for lane in running.values())}", flush=True)


def _tell(future: Future[Ended]) -> Ended:
    one = future.result()
    counted = ", ".join(f"{number} {word}" for word, number in one.counts.items() if word != "deselected")
    verdict = f"FAILED, {one.problem}" if one.problem else "ok"
    print(f"{one.lane.name:12} {one.seconds:6.1f} s  {verdict}{'  ' + counted if counted else ''}", flush=True)
    return one


def _progress(lane: Lane) -> str:
    path = output_file(lane)
    lines = path.read_text(encoding="utf-8", errors="replace").split() if path.exists() else []
    percent = [word.strip("[]") for word in lines if word.endswith("%]")]
    return f"{lane.name} {percent[-1] if percent else ''}".strip()


def _show(one: Ended) -> None:
    lines = one.output.splitlines()
    print(f"\n{' ' + one.lane.name + ': ' + one.problem + ' ':-^80}")
    if len(lines) > SHOWN_LINES:
        print(f"(the last {SHOWN_LINES} of {len(lines)} lines; all of them in {output_file(one.lane)})")
    print("\n".join(lines[-SHOWN_LINES:]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
