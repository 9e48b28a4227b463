from __future__ import annotations

from collections import Counter

import pytest

from tests.lanes.closing import read_closing, write_closing


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("3 passed in 0.12s", {"passed": 3}),
        ("==== 1 failed, 2 passed, 1 warning, 1 error in 75.20s (0:01:15) ====", {"failed": 1, "passed": 2}),
        ("no tests ran in 0.01s", None),
        ("1 passed the salt in 3s", None),
    ],
)
def test_a_run_is_counted_only_from_its_closing_line(line: str, counts: dict[str, int] | None) -> None:
    read = read_closing(f"some output\n{line}\n")
    assert (read is None) == (counts is None)
    assert read is None or counts is None or counts.items() <= read.items()


def test_a_run_that_printed_no_closing_line_counts_as_nothing_known() -> None:
    assert read_closing("Traceback (most recent call last):\n") is None


def test_the_last_closing_line_is_the_one_that_counts() -> None:
    assert read_closing("9 passed in 1.00s\nmore\n1 failed in 2.00s\n") == {"failed": 1}


def test_errors_and_warnings_are_counted_whether_one_or_many() -> None:
    assert read_closing("1 warning, 1 error in 0.10s") == {"warnings": 1, "errors": 1}
    assert read_closing("2 warnings, 2 errors in 0.10s") == {"warnings": 2, "errors": 2}


def test_the_sum_reads_as_pytest_would_have_written_it() -> None:
    line = write_closing([Counter(passed=2, deselected=9), Counter(failed=1, passed=1, errors=1)], 75.2)
    assert line.strip("=") == " 1 failed, 3 passed, 1 error in 75.20s (0:01:15) "
    assert len(line) == 80


def test_a_sum_of_nothing_never_looks_like_success() -> None:
    assert "passed" not in write_closing([], 0.1)
    assert "no tests ran" in write_closing([], 0.1)
