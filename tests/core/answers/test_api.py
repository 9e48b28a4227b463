"""Official answers for programs: what was decided, by whom it must be agreed to, how far it is."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from forum.core.accounts.models import User
from forum.core.answers import queries, service
from forum.core.answers.forms import read_step
from forum.core.items.service import set_state
from forum.kernel import db
from tests.core.answers.conftest import MEMO, REASON, Office
from tests.security.refusals import unchanged

GOOD = {"disposition": "partly", "reason": "ทำได้ครึ่งหนึ่ง"}
PAPER = {"memo_no": "กช 9/2569", "memo_date": "2026-11-01"}


class Program:
    """Calls the API for somebody."""

    def __init__(self, office: Office, client: FlaskClient):
        self.office, self.client = office, client
        self.tokens: dict[int, str] = {}

    def __call__(self, method: str, path: str, user: User | None = None, body: Any = None) -> Any:
        headers = {}
        if user is not None:
            self.tokens.setdefault(user.id, self.office.make.token(user))
            headers["Authorization"] = f"Bearer {self.tokens[user.id]}"
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)


@pytest.fixture
def call(office: Office, client: FlaskClient) -> Program:
    return Program(office, client)


def test_a_disposition_waits_unseen_for_a_second_member(office: Office, call: Program) -> None:
    item = office.public(office.hear())
    path = f"/items/{item}/disposition"
    asked = call("PUT", path, office.writer, GOOD)
    assert (asked.status_code, asked.json["needs"]) == (202, "second_member")
    assert asked.json["pending"]["stage"] == "waiting"
    for who in (None, office.stranger, office.make.user()):
        seen = call("GET", path, who)
        assert (seen.json["disposition"], seen.json["pending"], seen.json["needs"]) == (None, None, None)
        assert "ครึ่งหนึ่ง" not in seen.text
    refused = call("POST", f"{path}/approve", office.writer)
    assert (refused.status_code, refused.json["reason"]) == (403, "own_answer")
    agreed = call("POST", f"{path}/approve", office.second)
    assert (agreed.status_code, agreed.json["disposition"], agreed.json["needs"]) == (200, "partly", None)
    assert call("GET", path).json["reason"] == "ทำได้ครึ่งหนึ่ง"
    assert call("POST", f"{path}/approve", office.second).status_code == 409


def test_a_memo_publishes_at_once_and_history_is_kept(office: Office, call: Program) -> None:
    path = f"/items/{office.public(office.hear())}/disposition"
    assert call("PUT", path, office.writer, GOOD | {"approval": PAPER}).status_code == 200
    changed = {"disposition": "accepted", "reason": "ได้งบเพิ่ม", "approval": PAPER}
    assert call("PUT", path, office.writer, changed).status_code == 200
    told = call("GET", path).json
    assert told["disposition"] == "accepted"
    assert [(a["disposition"], a["approval"]) for a in told["history"]] == [("accepted", PAPER), ("partly", PAPER)]


def test_deciding_again_before_it_is_agreed_to_changes_the_one_that_waits(office: Office, call: Program) -> None:
    item = office.hear()
    path = f"/items/{office.public(item)}/disposition"
    first = call("PUT", path, office.writer, GOOD).json["pending"]["id"]
    second = call("PUT", path, office.second, GOOD | {"reason": "ใหม่"}).json["pending"]["id"]
    assert first == second
    assert call("POST", f"{path}/approve", office.second).status_code == 403
    assert call("POST", f"{path}/approve", office.writer).status_code == 200


def test_an_item_among_many_that_are_being_answered_is_decided_there(office: Office, call: Program) -> None:
    one, two = office.hear(), office.hear("อีกข้อ")
    office.draft(one, two)
    assert call("PUT", f"/items/{office.public(one)}/disposition", office.writer, GOOD).status_code == 409


@pytest.mark.parametrize("act", ["disposition", "disposition/approve", "progress"])
def test_strangers_and_nobody_decide_nothing(office: Office, call: Program, act: str, lent: db.Database) -> None:
    item = office.hear()
    service.ask(office.tx, office.a, office.draft(item))
    method = "POST" if act.endswith("approve") else "PUT"
    body = {"disposition": GOOD, "progress": {"progress": "done"}}.get(act)
    path = f"/items/{office.public(item)}/{act}"
    citizen = office.make.user()
    for who in (office.stranger, citizen):
        call("GET", "/me", who)
    with unchanged(lent, "api_token"):
        assert call(method, path, None, body).status_code == 401
        for who in (office.stranger, citizen):
            assert call(method, path, who, body).status_code == 403


def test_hidden_foreign_and_unknown_items_are_told_apart(office: Office, call: Program) -> None:
    item = office.hear()
    hidden = office.public(item)
    set_state(office.tx, item, "hidden")
    assert call("PUT", f"/items/{hidden}/disposition", office.writer, GOOD).status_code == 409
    assert call("PUT", f"/items/{hidden}/progress", office.writer, {"progress": "done"}).status_code == 409
    own = office.thread  # the office's own words need no answer
    for nothing in (own, "nobody", "2222222222"):
        for part in ("disposition", "progress"):
            assert call("GET", f"/items/{nothing}/{part}").status_code == 404
        assert call("PUT", f"/items/{nothing}/disposition", office.writer, GOOD).status_code == 404


@pytest.mark.parametrize(
    ("part", "body", "wrong"),
    [
        ("disposition", GOOD | {"disposition": "yes"}, "disposition"),
        ("disposition", GOOD | {"reason": ""}, "reason"),
        ("disposition", GOOD | {"reason": "ก" * 10_001}, "reason"),
        ("disposition", GOOD | {"approval": {"memo_no": "", "memo_date": "2026-11-01"}}, "approval.memo_no"),
        ("disposition", GOOD | {"approval": {"memo_no": "ก", "memo_date": "2026-02-31"}}, "approval.memo_date"),
        ("progress", {"progress": "soon"}, "progress"),
        ("progress", {"progress": "not_done"}, "reason"),
    ],
)
def test_what_will_not_do_is_named(office: Office, call: Program, part: str, body: Any, wrong: str) -> None:
    answer = call("PUT", f"/items/{office.public(office.hear())}/{part}", office.writer, body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [wrong])


def test_progress_is_told_to_everybody_with_its_steps(office: Office, call: Program) -> None:
    path = f"/items/{office.public(office.hear())}/progress"
    assert call("GET", path).json["progress"] is None
    call("PUT", path, office.writer, {"progress": "planned"})
    call("PUT", path, office.second, {"progress": "not_done", "reason": "ถูกตัดงบ"})
    told = call("GET", path).json
    assert (told["progress"], told["reason"]) == ("not_done", "ถูกตัดงบ")
    assert [s["progress"] for s in told["history"]] == ["not_done", "planned"]


def test_what_is_not_published_is_behind_no_door(office: Office, client: FlaskClient, call: Program) -> None:
    item = office.hear()
    answer = service.ask(office.tx, office.a, office.draft(item, reason="คำตอบลับ"))
    slug, thread = office.consultation.slug, office.thread
    doors = [
        f"/t/{thread}", f"/t/{thread}/new?since=0", f"/t/{thread}?c={office.public(item)}", f"/c/{slug}", "/",
        f"/c/{slug}/feed.atom", "/feed.atom", f"/api/v1/threads/{thread}/comments",
        f"/api/v1/threads/{thread}/comments?since_seq=0", f"/api/v1/items/{office.public(item)}",
        f"/api/v1/items/{office.public(item)}/disposition", f"/api/v1/consultations/{slug}",
    ]  # fmt: skip
    for door in doors:
        seen = client.get(door)
        assert seen.status_code == 200, door
        assert "คำตอบลับ" not in seen.text, door
    for gone in (f"/i/{answer.public_id}", f"/api/v1/items/{answer.public_id}"):
        assert client.get(gone).status_code == 404
    service.drop(office.tx, office.a, answer)
    for gone in (f"/i/{answer.public_id}", f"/api/v1/items/{answer.public_id}"):
        assert client.get(gone).status_code == 404


def test_a_published_answer_is_an_item_that_leads_to_what_it_answers(office: Office, client: FlaskClient) -> None:
    item = office.hear()
    answer = office.answer(item)
    told = client.get(f"/api/v1/items/{answer.public_id}").json
    assert (told["kind"], told["reason"], told["items"]) == ("answer", REASON, 1)
    led = client.get(f"/i/{answer.public_id}")
    assert office.public(item) in led.headers["Location"]


def test_what_is_said_of_something_hidden_later_is_not_told(office: Office, call: Program) -> None:
    item = office.hear()
    office.answer(item, reason="คุณสมชายอยู่บ้านเลขที่ 9")
    service.tell_progress(
        office.tx, office.a, office.consultation, [item], read_step({"progress": "done", "reason": "บ้านเลขที่ 9"})
    )
    set_state(office.tx, item, "hidden")
    for part in ("disposition", "progress"):
        assert "เลขที่ 9" not in call("GET", f"/items/{office.public(item)}/{part}").text
    assert "เลขที่ 9" in call("GET", f"/items/{office.public(item)}/disposition", office.writer).text


def test_nothing_is_published_twice_by_a_program_that_asks_twice(office: Office, call: Program) -> None:
    item = office.hear()
    path = f"/items/{office.public(item)}/disposition"
    body = GOOD | {"approval": PAPER}
    assert [call("PUT", path, office.writer, body).status_code for _ in range(2)] == [200, 200]
    assert len([a for a in queries.history(office.tx, item) if a.state == "current"]) == 1
    assert MEMO.memo_no == PAPER["memo_no"]
