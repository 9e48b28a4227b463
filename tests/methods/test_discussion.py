"""Discussions: threads and who starts them."""

from datetime import timedelta
from typing import Any

import pytest

from forum.core.consultations.models import Activity
from forum.kernel import clock
from tests.commons.test_comments import token_of
from tests.factories import Make

GOOD = {"title": "ทางเดินควรกว้างเท่าไร", "body": "เล่าที่มา"}


def start(client: Any, token: str | None, slug: str, **sent: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post(f"/api/v1/consultations/{slug}/threads", json=GOOD | sent, headers=headers)


def test_a_citizen_starts_a_thread_and_it_is_listed(client: Any, make: Make) -> None:
    consultation = make.consultation()
    made = start(client, make.token(make.user()), consultation.slug)
    assert made.status_code == 201
    assert made.json["seq"] == 0
    listed = client.get(f"/api/v1/consultations/{consultation.slug}/threads").json
    assert [line["id"] for line in listed["items"]] == [made.json["id"]]
    assert GOOD["title"] in client.get(f"/c/{consultation.slug}/talk/discussion").text


def test_nobody_starts_a_thread_without_an_account(client: Any, make: Make) -> None:
    assert start(client, None, make.consultation().slug).status_code == 401


def test_a_citizen_starts_none_where_the_agency_keeps_that_to_itself(client: Any, make: Make) -> None:
    consultation = make.consultation()
    activity = make.tx.query(Activity).filter_by(consultation_id=consultation.id).one()
    activity.settings = {"who_starts": "agency"}
    make.tx.flush()
    answer = start(client, make.token(make.user()), consultation.slug)
    assert (answer.status_code, answer.json["reason"]) == (403, "agency_starts")


@pytest.mark.parametrize("stance", ["agree", "options"])
def test_only_the_agency_asks_for_stances(client: Any, make: Make, stance: str) -> None:
    consultation = make.consultation()
    options = ["3 เมตร", "2.4 เมตร"] if stance == "options" else []
    refused = start(client, make.token(make.user()), consultation.slug, stance=stance, options=options)
    assert (refused.status_code, refused.json["reason"]) == (403, "not_officer")
    from forum.core.agencies.models import Agency

    officer = make.member(make.tx.get_one(Agency, consultation.agency_id))
    made = start(client, make.token(officer), consultation.slug, stance=stance, options=options)
    assert (made.status_code, made.json["stance"]) == (201, stance)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "ก" * 161}, "title"),
        ({"body": "ก" * 4001}, "body"),
        ({"body": "ก" + "\u0301" * 9}, "body"),
        ({"stance": "maybe"}, "stance"),
        ({"stance": "options", "options": ["เหมือน", "เหมือน"]}, "options"),
        ({"stance": "options", "options": ["เดียว"]}, "options"),
        ({"unknown": 1}, "unknown"),
        ({"title": 5}, "title"),
    ],
)
def test_a_thread_that_cannot_be_names_its_field(client: Any, make: Make, sent: Any, field: str) -> None:
    answer = start(client, make.token(make.user()), make.consultation().slug, **sent)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_no_thread_is_started_after_the_end(client: Any, make: Make) -> None:
    now = clock.now()
    over = make.consultation(opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=1))
    answer = start(client, make.token(make.user()), over.slug)
    assert (answer.status_code, answer.json["reason"]) == (403, "closed")


def test_a_draft_has_no_threads_for_anybody(client: Any, make: Make) -> None:
    draft = make.consultation(state="draft")
    assert start(client, make.token(make.user()), draft.slug).status_code == 404
    assert client.get(f"/c/{draft.slug}/talk/discussion").status_code == 404


@pytest.mark.parametrize("activity", [{}, {"activity": "discussion"}, {"activity": "nowhere"}])
def test_a_mistaken_path_is_told_before_a_mistaken_body(client: Any, make: Make, activity: dict[str, str]) -> None:
    assert start(client, make.token(make.user()), "nowhere", **activity).status_code == 404


def test_a_discussion_that_is_not_there_is_a_mistake_of_the_body(client: Any, make: Make) -> None:
    answer = start(client, make.token(make.user()), make.consultation().slug, activity="nowhere")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["activity"])


def test_the_form_comes_back_with_what_was_typed(client: Any, make: Make) -> None:
    consultation = make.consultation()
    make.sign_in(client, make.user())
    path = f"/c/{consultation.slug}/talk/discussion/new"
    token = token_of(client.get(path).text)
    back = client.post(path, data={"csrf_token": token, "title": "", "body": "พิมพ์ไว้ยาว"})
    assert back.status_code == 422
    assert "พิมพ์ไว้ยาว" in back.text
    made = client.post(path, data={"csrf_token": token, **GOOD}, follow_redirects=True)
    assert GOOD["title"] in made.text
