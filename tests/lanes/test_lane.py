from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.lanes.lane import Lane, output_file, run_lane


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path.cwd()))
    monkeypatch.chdir(tmp_path)


def write_tests(text: str) -> None:
    Path("test_it.py").write_text(text)


@pytest.mark.slow
def test_a_lane_counts_what_its_tests_did_and_keeps_their_output() -> None:
    write_tests("def test_a(): pass\ndef test_b(): assert 0\n")
    ended = run_lane(Lane("both", tests="not browser"))
    assert ended.problem == "1 failed"
    assert ended.counts == {"passed": 1, "failed": 1}
    assert "def test_b" in output_file(ended.lane).read_text()


@pytest.mark.slow
def test_a_lane_that_runs_no_test_has_a_problem_and_counts_an_error() -> None:
    write_tests("def helper(): pass\n")
    ended = run_lane(Lane("none", tests="not browser"))
    assert ended.problem == "no test was run"
    assert ended.counts["errors"] == 1


@pytest.mark.slow
def test_a_lane_that_breaks_before_its_tests_counts_an_error() -> None:
    Path("conftest.py").write_text("raise SystemExit(3)\n")
    ended = run_lane(Lane("broken", tests="not browser"))
    assert ended.problem
    assert ended.counts["errors"] == 1


@pytest.mark.slow
def test_a_lane_past_its_time_is_ended_with_all_that_it_started() -> None:
    write_tests(
        "import os, pathlib, subprocess, sys, threading\n"
        "def test_waits():\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import threading; threading.Event().wait()'])\n"
        "    pathlib.Path('child').write_text(str(child.pid))\n"
        "    threading.Event().wait()\n"
    )
    ended = run_lane(Lane("slow", tests="not browser", minutes=10 / 60))
    assert "the time was up" in ended.problem
    assert ended.counts["errors"] == 1
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("child").read_text()), 0)


def test_a_check_says_how_it_ended_and_counts_no_tests() -> None:
    ended = run_lane(Lane("refuses", (sys.executable, "-c", "print('why'); raise SystemExit(4)")))
    assert (ended.problem, ended.output, ended.counts) == ("exit 4", "why\n", {})
    assert run_lane(Lane("agrees", (sys.executable, "-c", ""))).problem == ""


def test_a_lane_does_not_see_the_settings_of_whoever_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@else/live")
    monkeypatch.setenv("LIMIT_POSTS", "off")
    ended = run_lane(Lane("clean", (sys.executable, "-c", "import os; print(*os.environ)")))
    assert "DATABASE_URL" not in ended.output
    assert "LIMIT_POSTS" not in ended.output
    assert "PATH" in ended.output
