"""Topics that an office prepares in a draft: its own from the first, nobody else's until it is announced."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.commons.comments import views
from forum.commons.comments.models import Thread
from forum.core.agencies.models import Agency
from forum.core.consultations import openings, sign_offs
from forum.core.consultations.models import Consultation
from forum.core.items.models import Item
from forum.kernel import feature
from forum.kernel.errors import Conflict
from forum.kernel.events import Event, Stream
from forum.kernel.rules import NOBODY
from tests.admin.desk import Officer
from tests.factories import Make

TOPIC = {"title": "ทางลาดตรงไหน", "body": "เล่ามา", "stance": "agree"}


@pytest.fixture
def office(make: Make) -> Agency:
    return make.agency()


@pytest.fixture
def officer(make: Make, office: Agency, client: FlaskClient, tx: Session) -> Officer:
    make.sign_in(client, make.member(office))
    return Officer(client, tx)


@pytest.fixture
def draft(make: Make, office: Agency) -> Consultation:
    row: Consultation = make.consultation(office, state="draft", body="เรื่อง")
    return row


@pytest.fixture
def topic(officer: Officer, draft: Consultation, tx: Session) -> str:
    """The public id of a topic prepared on plain pages."""
    officer.slug = draft.slug
    made = officer.send(f"/c/{draft.slug}/talk/discussion/new", TOPIC)
    assert (made.status_code, made.headers["Location"]) == (303, f"/desk/{draft.slug}/setup/topics")
    return tx.execute(select(Item.public_id).where(Item.kind == "thread")).scalar_one()


def test_the_office_sees_what_it_prepared_and_may_take_it_out(
    officer: Officer, draft: Consultation, topic: str, tx: Session
) -> None:
    assert "ทางลาดตรงไหน" in officer.get("setup/topics")
    assert "ควรมี" not in officer.get()
    page = officer.get(f"/t/{topic}")
    assert "ยังไม่เปิดรับความเห็น" in page
    assert f'href="/t/{topic}"' in officer.get(f"/c/{draft.slug}/talk/discussion")
    assert officer.send(f"topics/{topic}/drop", {}, at=f"/desk/{draft.slug}/setup/topics").status_code == 303
    assert "ทางลาดตรงไหน" not in officer.get("setup/topics")
    assert officer.send(f"topics/{topic}/drop", {}, at=f"/desk/{draft.slug}/setup/topics").status_code in (303, 404)


def test_nobody_else_finds_it_by_page_program_feed_or_address(
    app: Flask, make: Make, draft: Consultation, topic: str
) -> None:
    citizen, elsewhere = app.test_client(), app.test_client()
    make.sign_in(elsewhere, make.member(make.agency(), "owner"))
    paths = (
        f"/t/{topic}",
        f"/t/{topic}/new",
        f"/i/{topic}",
        f"/c/{draft.slug}",
        f"/c/{draft.slug}/talk/discussion",
        f"/c/{draft.slug}/talk/discussion/new",
        f"/c/{draft.slug}/feed.atom",
        f"/api/v1/threads/{topic}",
        f"/api/v1/threads/{topic}/comments",
        f"/api/v1/consultations/{draft.slug}",
        f"/api/v1/consultations/{draft.slug}/threads",
    )
    for client in (citizen, elsewhere):
        for path in paths:
            assert client.get(path).status_code == 404, path
        for path in ("/feed.atom", "/"):
            assert "ทางลาดตรงไหน" not in client.get(path).text


def test_nobody_speaks_in_it_yet_not_even_the_office(officer: Officer, app: Flask, topic: str) -> None:
    said = {"body": "ขอทางลาด", "consent": True, "name": "ป้า"}
    assert app.test_client().post(f"/api/v1/threads/{topic}/comments", json=said).status_code == 404
    assert officer.send(f"/t/{topic}/comments", {"body": "ลอง", "consent": "1"}, at="/desk/new").status_code == 404


def test_it_takes_no_number_and_is_told_to_no_watcher(draft: Consultation, topic: str, tx: Session, app: Flask) -> None:
    assert tx.get_one(Stream, draft.stream_id).seq == 0
    names = tx.execute(select(Event.name).order_by(Event.id)).scalars().all()
    assert "thread.prepared" in names
    assert "thread.posted" not in names
    assert views.find_stream(tx, NOBODY, topic) is None
    assert not any("thread.prepared" in one.live for one in feature.features())


def test_once_announced_it_is_there_for_everybody(app: Flask, draft: Consultation, topic: str, tx: Session) -> None:
    draft.state = "announced"
    tx.flush()
    citizen = app.test_client()
    assert citizen.get(f"/t/{topic}").status_code == 200
    assert "ยังไม่เปิดรับความเห็น" in citizen.get(f"/t/{topic}").text
    assert citizen.get(f"/api/v1/threads/{topic}").json["title"] == "ทางลาดตรงไหน"
    assert views.find_stream(tx, NOBODY, topic) is not None


def test_guests_speak_in_it_from_the_first_minute(app: Flask, draft: Consultation, topic: str, tx: Session) -> None:
    draft.state = "opened"
    tx.flush()
    said: dict[str, Any] = {"body": "ขอทางลาด", "consent": True, "name": "ป้าริมคลอง"}
    assert app.test_client().post(f"/api/v1/threads/{topic}/comments", json=said).status_code == 201


@pytest.mark.parametrize("role", ["moderator", "reviewer"])
def test_an_office_prepares_by_its_officers_alone(
    app: Flask, make: Make, draft: Consultation, office: Agency, role: str
) -> None:
    bearer = {"Authorization": f"Bearer {make.token(make.member(office, role))}"}
    path = f"/api/v1/consultations/{draft.slug}/threads"
    assert app.test_client().post(path, json=TOPIC, headers=bearer).status_code == 404


def test_a_program_of_the_office_prepares_topics_too(
    app: Flask, make: Make, draft: Consultation, office: Agency, tx: Session
) -> None:
    bearer = {"Authorization": f"Bearer {make.token(make.member(office))}"}
    path = f"/api/v1/consultations/{draft.slug}/threads"
    made = app.test_client().post(path, json=TOPIC, headers=bearer)
    assert made.status_code == 201
    assert made.json["open"] is False
    assert [t["title"] for t in app.test_client().get(path, headers=bearer).json["items"]] == ["ทางลาดตรงไหน"]
    assert tx.execute(select(Thread.title)).scalar_one() == "ทางลาดตรงไหน"


def test_only_a_topic_of_this_draft_is_taken_out(
    officer: Officer, make: Make, draft: Consultation, office: Agency, topic: str, tx: Session
) -> None:
    opened = make.consultation(office)
    theirs = make.thread(opened)
    at = f"/desk/{draft.slug}/setup/topics"
    assert officer.send(f"topics/{theirs}/drop", {}, at=at).status_code == 404
    assert officer.send("topics/nothing/drop", {}, at=at).status_code == 404
    officer.slug = opened.slug
    assert officer.send(f"topics/{theirs}/drop", {}, at=at).status_code == 404
    assert {state for (state,) in tx.execute(select(Item.state))} == {"public"}


def test_a_topic_added_after_approval_was_asked_for_asks_again(client: FlaskClient, make: Make, tx: Session) -> None:
    agency = make.agency()
    row = make.consultation(agency, state="draft")
    one, two = make.member(agency), make.member(agency)
    sign_offs.ask(tx, make.actor(one), row, "open", wanted=True)
    headers = {"Authorization": f"Bearer {make.token(one)}"}
    made = client.post(
        f"/api/v1/consultations/{row.slug}/threads", json={"title": "ทางลาด", "body": ""}, headers=headers
    )
    assert made.status_code == 201
    with pytest.raises(Conflict):
        openings.approve(tx, make.actor(two), row)
