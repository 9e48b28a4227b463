"""The scripts as files: small, without words of their own, and readable by phones of 2020."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
TOO_NEW = re.compile(
    r"\?\?=|\|\|=|&&=|\.replaceChildren\(|\.replaceAll\(|structuredClone|Object\.hasOwn|static \{|^await |"
    r"\.findLast\(|Array\.fromAsync|\.toSorted\(|checkVisibility|\.groupBy\(|randomUUID",
    re.MULTILINE,
)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_holds_no_words_a_reader_sees(script: Path) -> None:
    said = re.sub(r"//.*|/\*\*.*?\*/", "", script.read_text(encoding="utf-8"))
    assert not re.search(r"[\u0e00-\u0e7f]", said)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_uses_nothing_that_chrome_84_does_not_know(script: Path) -> None:
    assert TOO_NEW.findall(script.read_text(encoding="utf-8")) == []


def test_all_scripts_of_a_first_view_together_stay_under_35_kb() -> None:
    files = [*SCRIPTS, *(STATIC / "vendor").glob("*.js")]
    assert sum(len(gzip.compress(f.read_bytes(), 9)) for f in files) < 35 * 1024


def test_a_vendored_script_comes_with_its_licence() -> None:
    for folder in (STATIC / "vendor", Path(__file__).parent / "vendor"):
        assert len(list(folder.glob("*.js"))) == len(list(folder.glob("LICENSE*")))
