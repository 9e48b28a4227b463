"""One lane: a command with its own services and its output in a file, and how it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.lanes.closing import BAD, read_closing
from tests.lanes.process import ServiceFailed
from tests.lanes.services import postgres, redis

OUTPUT = Path("var/test")
INTERRUPTED = "interrupted"
# A lane that reads the settings of whoever started it would test their forum, not the code.
_SETTINGS = ("DATABASE_URL", "REDIS_URL", "DATA_DIR", "SECRET_KEY", "SMTP_URL", "PUBLIC_URL", "HOST", "PORT")
_SETTING_FAMILIES = ("OIDC_", "LIMIT_", "FLASK_")

_running: set[subprocess.Popen[bytes]] = set()
_interrupted = threading.Event()


class LaneInterrupted(Exception):
    """Whoever started the lanes wants them to end, so this one is not begun."""


@dataclass(frozen=True)
class Lane:
    """What to run; `tests` is pytest's choice of tests, else `command` is run as it stands."""

    name: str
    command: tuple[str, ...] = ()
    tests: str = ""
    scale: bool = False  # on a PostgreSQL and a Redis of its own rather than SQLite
    minutes: float = 25


@dataclass(frozen=True)
class Ended:
    """How a lane ended: `problem` says in a few words what is wrong, or nothing."""

    lane: Lane
    seconds: float
    counts: Counter[str]
    problem: str
    output: str


def run_lane(lane: Lane) -> Ended:
    """Run one lane to its end; its output goes to a file of its name and is handed back."""
    path = output_file(lane)
    path.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with path.open("w", encoding="utf-8") as log, ExitStack() as services:
        try:
            code = _run(_command(lane), _environment(lane, services), log.fileno(), lane.minutes * 60)
        except (ServiceFailed, LaneInterrupted) as failure:
            log.write(f"{failure}\n")
            code = None
    return _judge(lane, code, time.monotonic() - began, path.read_text(encoding="utf-8", errors="replace"))


def interrupt_lanes() -> None:
    """End every running lane as Ctrl-C would, and let no other start; their services end with them."""
    _interrupted.set()
    for process in list(_running):
        _signal_group(process, signal.SIGINT)


def output_file(lane: Lane) -> Path:
    """Where a lane's whole output stands while it runs and afterwards."""
    return OUTPUT / f"{lane.name.replace(' ', '-')}.txt"


def _command(lane: Lane) -> list[str]:
    if not lane.tests:
        return list(lane.command)
    options = ["-q", "--color=no", "--durations=5", "-p", "no:cacheprovider", "-m", lane.tests]
    return [sys.executable, "-m", "pytest", *options, *lane.command]


def _environment(lane: Lane, services: ExitStack) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _SETTINGS and not name.startswith(_SETTING_FAMILIES)
    }
    if lane.scale:
        kept["DATABASE_URL"] = services.enter_context(postgres())
        kept["REDIS_URL"] = services.enter_context(redis()).url
    return kept


def _run(command: list[str], environment: dict[str, str], output: int, seconds: float) -> int | None:
    """The command's exit code, or None when it was ended because its time was up."""
    with _in_own_group(command, environment, output) as process:
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


@contextmanager
def _in_own_group(command: list[str], environment: dict[str, str], output: int) -> Iterator[subprocess.Popen[bytes]]:
    """A child whose own children (servers, browsers) end with it, whatever happens here."""
    if _interrupted.is_set():
        raise LaneInterrupted("interrupted before it began")
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    _running.add(process)
    try:
        yield process
    finally:
        _running.discard(process)
        _signal_group(process, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _signal_group(process: subprocess.Popen[bytes], ending: signal.Signals) -> None:
    try:
        os.killpg(process.pid, ending)
    except ProcessLookupError:
        return


def _judge(lane: Lane, code: int | None, seconds: float, output: str) -> Ended:
    counts = read_closing(output) if lane.tests else Counter()
    problem = _problem(lane, code, counts)
    counts = counts or Counter()
    if problem and lane.tests and not any(counts[word] for word in BAD):
        counts["errors"] += 1  # a run that broke outside its tests still shows in the sum
    return Ended(lane, seconds, counts, problem, output)


def _problem(lane: Lane, code: int | None, counts: Counter[str] | None) -> str:
    if code is None or _interrupted.is_set():
        return INTERRUPTED if _interrupted.is_set() else "a service did not start, or the time was up"
    if lane.tests and code == 5:
        return "no test was run"
    if code != 0:
        bad = sum(counts[word] for word in BAD) if counts else 0
        return f"{bad} failed" if bad else f"exit {code}"
    return "no closing line" if lane.tests and counts is None else ""
