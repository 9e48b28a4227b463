"""The demo: told relative to today, believable at any hour, and counted as the service would have."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.commons.comments.models import Comment, Reaction, Revision, Thread
from forum.commons.comments.recount import recount
from forum.core.accounts.models import Consent, User
from forum.core.accounts.service import verify_password
from forum.core.agencies.models import Agency
from forum.core.consultations.compute import status
from forum.core.consultations.models import Consultation, Phase
from forum.core.items.models import Item, Receipt
from forum.kernel import clock, dates, db, events
from forum.methods.discussion.demo_data import PASSWORD, DemoLoader

HOURS = (0, 7, 16, 23)


@pytest.fixture
def loaded(tx: Session) -> DemoLoader:
    """The demo, loaded now."""
    loader = DemoLoader()
    loader.load(tx)
    tx.flush()
    tx.expire_all()
    return loader


def _every(tx: Session, what: Any) -> list[Any]:
    return list(tx.execute(select(what)).scalars())


def test_the_demo_is_three_agencies_six_consultations_twelve_threads_and_four_hundred_comments(
    tx: Session, loaded: DemoLoader
) -> None:
    counted = [
        tx.execute(select(func.count()).select_from(t)).scalar_one() for t in (Agency, Consultation, Thread, Comment)
    ]
    assert counted == [3, 6, 12, 400]


def test_a_recount_finds_nothing_to_correct(tx: Session, loaded: DemoLoader) -> None:
    assert recount(tx) == 0


def test_consultations_stand_in_different_states_and_all_say_they_are_invented(tx: Session, loaded: DemoLoader) -> None:
    rows = _every(tx, Consultation)
    stands = Counter(status(c.state, c.opens_at, c.closes_at, c.answer_by, clock.now()) for c in rows)
    assert stands == {"soon": 1, "open": 2, "announced": 1, "considering": 2}
    assert all(c.demo for c in rows)


def test_a_canal_walk_and_a_shared_budget_are_among_them(tx: Session, loaded: DemoLoader) -> None:
    told = {c.slug: c.title for c in _every(tx, Consultation)}
    assert "ทางเดินริมคลอง" in told["khlong-walk"]
    assert "งบ 12 ล้านบาท" in told["budget-12-million"]


def test_numbers_of_every_stream_have_no_gap_and_comments_carry_their_latest(tx: Session, loaded: DemoLoader) -> None:
    for stream in _every(tx, events.Stream):
        found = select(events.Event.seq).where(events.Event.stream_id == stream.id).order_by(events.Event.id)
        assert list(tx.execute(found).scalars()) == list(range(1, stream.seq + 1))
    for thread in _every(tx, Thread):
        top = tx.get_one(events.Stream, thread.stream_id).seq
        seqs = list(tx.execute(select(Comment.seq).where(Comment.thread_id == thread.item_id)).scalars())
        assert len(set(seqs)) == len(seqs)
        assert max(seqs) <= top


def test_what_was_edited_keeps_its_earlier_text_and_what_was_withdrawn_keeps_none(
    tx: Session, loaded: DemoLoader
) -> None:
    edited = tx.execute(select(Comment).where(Comment.edited_at.is_not(None))).scalars().all()
    assert [c.version for c in edited] == [2, 2]
    assert {r.comment_id for r in _every(tx, Revision)} == {c.item_id for c in edited}
    gone = (
        tx.execute(select(Comment).join(Item, Item.id == Comment.item_id).where(Item.state == "withdrawn"))
        .scalars()
        .all()
    )
    assert [(c.body, c.body_html, c.stance, c.pen_name) for c in gone] == [("", "", None, None)]


def test_nobody_reacts_to_their_own_comment(tx: Session, loaded: DemoLoader) -> None:
    own = select(func.count()).select_from(Reaction).join(Item, Item.id == Reaction.item_id)
    assert tx.execute(own.where(Item.author_id == Reaction.user_id)).scalar_one() == 0


def test_everybody_who_speaks_agreed_to_it_and_guests_hold_a_receipt(tx: Session, loaded: DemoLoader) -> None:
    consents = _every(tx, Consent)
    assert {c.user_id for c in consents if c.user_id} == set(tx.execute(select(User.id)).scalars())
    guests = set(tx.execute(select(Item.id).where(Item.voice == "guest")).scalars())
    assert {c.item_id for c in consents if c.item_id} == guests
    assert guests < {r.item_id for r in _every(tx, Receipt)}


def test_no_placeholder_of_a_day_is_left_anywhere(tx: Session, loaded: DemoLoader) -> None:
    said = [c.body for c in _every(tx, Comment)] + [t.title + t.body for t in _every(tx, Thread)]
    for c in _every(tx, Consultation):
        said += [
            c.title,
            c.summary,
            c.body,
            c.effect,
            c.offline_route,
            json.dumps([c.decided, c.can_change, c.documents]),
        ]
    assert not [text for text in said if "{{" in text]
    assert any(
        dates.date_text(loaded.today - timedelta(days=96)) in decided
        for c in _every(tx, Consultation)
        for decided in c.decided
    )


@pytest.mark.parametrize("hour", HOURS)
def test_at_any_hour_of_loading_everything_was_said_while_it_could_be(tx: Session, hour: int) -> None:
    now = datetime(2027, 1, 3, hour, 30, tzinfo=dates.BANGKOK).astimezone(UTC)
    with time_machine.travel(now, tick=False):
        DemoLoader(now=now).load(tx)
    windows: dict[int, list[tuple[datetime, datetime]]] = {}
    for phase in _every(tx, Phase):
        if phase.activities:
            windows.setdefault(phase.consultation_id, []).append((phase.starts_at, phase.ends_at))
    last: dict[int, datetime] = {}
    for item in tx.execute(select(Item).order_by(Item.id)).scalars():
        assert item.created_at <= now
        if item.voice not in ("paper", "agency"):
            assert any(a <= item.created_at < b for a, b in windows[item.consultation_id]), item.id
    for comment in tx.execute(select(Comment).order_by(Comment.thread_id, Comment.no)).scalars():
        at = tx.get_one(Item, comment.item_id).created_at
        assert at >= last.get(comment.thread_id, tx.get_one(Item, comment.thread_id).created_at)
        last[comment.thread_id] = at


def test_two_loads_tell_the_same_story_under_the_same_links(lent: db.Database) -> None:
    now = datetime(2027, 1, 3, 3, tzinfo=UTC)
    told = []
    for _ in range(2):
        with lent.sessions() as tx, time_machine.travel(now, tick=False):
            DemoLoader(now=now).load(tx)
            # What the database numbers by itself goes on counting after a rollback on PostgreSQL.
            rows = select(Item.public_id, Item.created_at, Item.state, Comment.body, Comment.no, Comment.seq)
            said = tx.execute(rows.outerjoin(Comment, Comment.item_id == Item.id).order_by(Item.id)).all()
            nods = select(Item.public_id, Reaction.kind, Reaction.at, User.public_id)
            nodded = nods.join(Item, Item.id == Reaction.item_id).join(User, User.id == Reaction.user_id)
            told.append((said, sorted(tx.execute(nodded).all())))
            tx.rollback()
    assert told[0] == told[1]


def test_the_printed_sign_ins_work_and_only_those_that_exist_are_printed(lent: db.Database, tx: Session) -> None:
    loader = DemoLoader()
    assert list(loader.sign_ins()) == []
    loader.load(tx)
    lines = list(loader.sign_ins())
    assert [line.split()[0] for line in lines] == ["citizen", "moderator", "officer", "owner"]
    for line in lines:
        assert re.fullmatch(r"  \w+ +\S+@example\.org +\S+", line)
        user = tx.execute(select(User).where(User.email == line.split()[1])).scalar_one()
        assert user.confirmed_at is not None
        assert verify_password(user.password_hash, PASSWORD)


def test_every_page_of_the_demo_opens_with_its_band_and_is_not_indexed(
    app: Flask, client: FlaskClient, tx: Session, loaded: DemoLoader
) -> None:
    threads = tx.execute(select(Item.public_id).where(Item.kind == "thread")).scalars()
    paths = [f"/c/{c.slug}" for c in _every(tx, Consultation)] + [f"/t/{t}" for t in threads]
    for path in paths:
        page = client.get(path)
        assert page.status_code == 200, path
        assert "ข้อมูลสมมติ" in page.text, path
        assert 'name="robots" content="noindex' in page.text, path
