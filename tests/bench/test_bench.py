"""What the benchmarks rely on: pages of equal content, cursors of last pages, real messages, and figures that hold."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

import config as settings
from forum.app import create_app
from forum.commons.comments import listing
from forum.kernel import db, text
from tests.bench import figures, real_input
from tests.bench.pages import counted_statements, last_page
from tests.bench.seeds import Filled, Filling
from tests.bench.watcher import _frame
from tests.factories import Make


@pytest.fixture
def filling(tx: Session) -> Filling:
    return Filling(tx)


def _all_pages(tx: Session, filled: Filled, sort: str) -> list[tuple[str | None, list[int]]]:
    pages, after = [], None
    while True:
        page = listing.branches(tx, filled.id, sort, after)
        pages.append((after, [branch.comment.id for branch in page.rows]))
        if page.next is None:
            return pages
        after = page.next


@pytest.mark.parametrize("sort", listing.SORTS)
def test_the_cursor_of_the_last_page_leads_to_the_last_twenty(tx: Session, filling: Filling, sort: str) -> None:
    filled = filling.thread(130)
    everything = [n for _after, ids in _all_pages(tx, filled, sort) for n in ids]
    assert sorted(everything) == [c["item_id"] for c in filled.comments]
    last = listing.branches(tx, filled.id, sort, last_page(filled.comments, sort))
    assert [b.comment.id for b in last.rows] == everything[-20:]
    assert last.next is None


@pytest.mark.parametrize("sort", listing.SORTS)
def test_a_page_takes_as_many_statements_in_a_long_thread_as_in_a_short_one(
    app: Flask, tx: Session, filling: Filling, sort: str
) -> None:
    counts = set()
    for filled in (filling.thread(30), filling.thread(300), filling.thread(300, replies=2)):
        with counted_statements() as said:
            assert app.test_client().get(f"/t/{filled.public_id}?sort={sort}").status_code == 200
        counts.add(len([s for s in said if "SAVEPOINT" not in s]))
    assert len(counts) == 1
    assert max(counts) <= 8


def test_filled_threads_hold_replies_and_are_counted(tx: Session, filling: Filling) -> None:
    filled = filling.thread(90, replies=2)
    replies = [c for c in filled.comments if c["parent_id"]]
    assert len(replies) > 20
    assert sum(c["replies"] for c in filled.comments) == len(replies)


def test_a_reader_who_holds_a_public_page_is_told_that_it_is_the_same(
    config: settings.Config, lent: db.Database, make: Make
) -> None:
    client = create_app(replace(config, page_cache_seconds=2), lent).test_client()
    path = f"/t/{make.thread()}"
    first = client.get(path)
    held = {"If-None-Match": first.headers["ETag"]}
    again = client.get(path, headers=held)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == "private, no-cache"
    assert client.get(path + "?sort=oldest", headers=held).status_code == 200
    assert "ETag" not in client.get("/login?kept=x").headers
    client.set_cookie("session", "somebody")
    assert client.get(path, headers=held).status_code == 200


def test_the_sample_beside_real_input_is_taken_where_the_corpus_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(os.environ, "SALA_DATA", str(tmp_path))
    said = real_input.longest(real_input.MESSAGES)
    assert 500 < len(said) <= 5000
    assert len(said[0]) >= len(said[-1]) > 100
    assert not any(text.is_blank(message) or "\n" in message for message in said)
    assert real_input.SAMPLE.stat().st_size < 200_000


def test_a_frame_is_read_when_it_is_all_there_and_not_before() -> None:
    said = b"42" + b"x" * 200
    frame = b"\x81\x7e" + len(said).to_bytes(2, "big") + said
    assert _frame(frame + b"\x81\x012") == (1, said, b"\x81\x012")
    assert all(_frame(frame[:n]) is None for n in range(len(frame)))


def test_a_ratio_is_the_median_of_the_rounds_and_not_of_the_medians(capsys: pytest.CaptureFixture[str]) -> None:
    figures.tell("page", "ms", [10, 20, 90], "other", [10, 10, 10], "ratio <= 1.2")
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "name": "page", "value": 20, "unit": "ms", "versus": "other", "ratio": 2.0, "spread": 4.0,
    }  # fmt: skip
    assert "ratio <= 1.2" in said.err
