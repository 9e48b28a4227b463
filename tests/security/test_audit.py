"""The dependency audit reports what it found, and says so when it could not ask."""

import json
import sys
from pathlib import Path

import pytest

from tests.lanes import audit

SOUND = {"name": "flask", "version": "3.1.2", "vulns": []}
WEAK = {"name": "jinja2", "version": "2.0", "vulns": [{"id": "PYSEC-2014-8"}, {"id": "CVE-2016-10745"}]}
UNASKED = {"name": "msgspec", "skip_reason": "no answer"}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index that answers what a file says; the audit's own program runs in front of it."""
    answer = tmp_path / "answer.json"
    program = tmp_path / "asks"
    program.write_text(f"#!/bin/sh\n[ -f {answer} ] && exec cat {answer}\necho 'no route to the index' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return answer


def answers(index: Path, *dependencies: object) -> None:
    index.write_text(json.dumps({"dependencies": dependencies, "fixes": []}))


def test_what_is_vulnerable_is_named_and_ends_badly(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers(index, SOUND, WEAK)
    assert audit.main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "VULNERABLE jinja2 2.0: PYSEC-2014-8, CVE-2016-10745",
        "dependency audit: 1 vulnerable of 2 packages",
    ]


def test_nothing_vulnerable_ends_well_with_how_many_were_asked_about(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(index, SOUND)
    assert audit.main() == 0
    assert capsys.readouterr().out == "dependency audit: 0 vulnerable of 1 packages\n"


def test_what_it_could_not_ask_about_is_counted(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers(index, SOUND, UNASKED)
    assert audit.main() == 0
    assert "0 vulnerable of 1 packages, could not ask about 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    "said", [None, "", "not json", '{"dependencies": []}', json.dumps({"dependencies": [UNASKED]})]
)
def test_it_says_so_when_it_cannot_ask(index: Path, capsys: pytest.CaptureFixture[str], said: str | None) -> None:
    if said is not None:
        index.write_text(said)
    assert audit.main() == 0
    assert "COULD NOT ASK" in capsys.readouterr().out


def test_it_says_so_when_nobody_answers_in_time(
    index: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(sys.executable).write_text("#!/bin/sh\nexec sleep 30\n")
    monkeypatch.setattr(audit, "SECONDS", 0.1)
    assert audit.main() == 0
    assert "COULD NOT ASK" in capsys.readouterr().out
