"""The API does what its own description says, whatever is sent to it."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.orm import Session

from forum.kernel import clock
from tests.factories import Make

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 25


class World:
    """A site with something under every kind of path, and three ways to come to it."""

    def __init__(self, app: Flask, make: Make, tx: Session):
        self.app = app
        client = app.test_client()
        agency = make.agency()
        citizen, officer = make.user(), make.member(agency)
        consultation = make.consultation(agency)
        self.headers: dict[str, dict[str, str]] = {
            "guest": {},
            "citizen": {"Authorization": f"Bearer {make.token(citizen)}"},
            "officer": {"Authorization": f"Bearer {make.token(officer)}"},
        }
        tx.flush()
        threads = f"/api/v1/consultations/{consultation.slug}/threads"
        sent = client.post(
            threads, json={"title": "ทางลาดตรงสะพาน", "body": "กว้างเท่าไร"}, headers=self.headers["officer"]
        )
        assert sent.status_code == 201, sent.text
        thread = sent.json["id"]
        said = f"/api/v1/threads/{thread}/comments"
        mine = client.post(said, json={"body": "ขอทางลาด", "consent": True}, headers=self.headers["citizen"])
        assert mine.status_code == 201, mine.text
        guest = client.post(said, json={"body": "ขอด้วย", "name": "ป้าริมคลอง", "consent": True})
        assert guest.status_code == 201, guest.text
        comments = [mine.json["id"], guest.json["id"]]
        self.agency, self.slug, self.thread, self.comment = agency.slug, consultation.slug, thread, comments[0]
        self.receipt = guest.json["receipt"]
        self.known = {
            "slug": [consultation.slug],
            "kind": ["useful", "understand"],
            "code": [self.receipt],
            "place": [f"t/{thread}"],
            "threads": [thread],
            "comments": comments,
            "items": [thread, *comments],
        }

    def there(self, path: str, name: str) -> list[str]:
        """Values of a path parameter under which something is."""
        return self.known.get(name) or self.known.get(path.split("/")[3], [])


@pytest.fixture
def world(app: Flask, make: Make, tx: Session) -> World:
    return World(app, make, tx)


@pytest.fixture
def described(world: World) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app)


def operations(described: Any) -> Iterator[Any]:
    for found in described.get_all_operations():
        yield found.ok()


def cases(world: World, operation: Any, mode: GenerationMode) -> st.SearchStrategy[Any]:
    """Generated requests; three of four go where something is."""
    names = [p.name for p in operation.path_parameters]
    there = {n: st.sampled_from(found) for n in names if (found := world.there(operation.path, n))}

    def go(drawn: tuple[Any, dict[str, str], int]) -> Any:
        case, real, dice = drawn
        if dice:
            case.path_parameters.update(real)
        return case

    strategy = operation.as_strategy(generation_mode=mode)
    return st.tuples(strategy, st.fixed_dictionaries(there), st.integers(0, 3)).map(go)


def try_all(world: World, described: Any, who: str, mode: GenerationMode) -> dict[str, list[str]]:
    """Sends requests to every endpoint; the complaints by endpoint."""
    wrong: dict[str, list[str]] = {}
    for operation in operations(described):
        if mode == GenerationMode.NEGATIVE and not _may_misfit(operation):
            continue
        try:
            _try(world, operation, who, mode)()
        except (FailureGroup, AssertionError) as error:
            wrong[f"{operation.method.upper()} {operation.path}"] = [*str(error).splitlines()[:25]]
    return wrong


def _may_misfit(operation: Any) -> bool:
    """Whether anything can be sent to it that does not fit; any text fits a path."""
    return bool(operation.body or operation.query or operation.headers)


def _try(world: World, operation: Any, who: str, mode: GenerationMode) -> Callable[[], None]:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(cases(world, operation, mode))
    def tried(case: Any) -> None:
        headers = world.headers[who] | {"Accept-Encoding": "identity"}
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)

    return tried


@pytest.mark.slow
@pytest.mark.parametrize("who", ["guest", "citizen", "officer"])
def test_whatever_fits_the_description_is_answered_as_described(world: World, described: Any, who: str) -> None:
    assert try_all(world, described, who, GenerationMode.POSITIVE) == {}


@pytest.mark.slow
def test_whatever_does_not_fit_the_description_is_answered_as_described(world: World, described: Any) -> None:
    assert try_all(world, described, "officer", GenerationMode.NEGATIVE) == {}


class Caller:
    """Calls the API and holds every answer against the description."""

    def __init__(self, world: World, document: dict[str, Any]):
        self.client, self.world, self.document = world.app.test_client(), world, document

    def __call__(self, who: str, method: str, template: str, status: int, *, body: Any = None, **path: str) -> Any:
        url = template.format(**path)
        answer = self.client.open(f"/api/v1{url}", method=method, json=body, headers=self.world.headers[who])
        assert answer.status_code == status, answer.text
        bare = re.sub(r"\?.*", "", template)
        said = self.document["paths"][f"/api/v1{bare}"][method.lower()]["responses"][str(status)]
        if "content" not in said:
            assert answer.data == b""
            return None
        schema = said["content"][answer.mimetype]["schema"]
        errors = jsonschema_rs.iter_errors(schema | {"components": self.document["components"]}, answer.json)
        assert [e.message for e in errors] == []
        return answer.json


@pytest.fixture
def call(world: World) -> Caller:
    return Caller(world, world.app.test_client().get("/api/v1/openapi.json").json)


def test_the_life_of_a_consultation_is_answered_as_described(call: Caller, world: World) -> None:
    now = clock.now()
    plan = {
        "agency": world.agency, "title": "สวนหลังวัดควรมีอะไร", "summary": "เลือกของสามอย่าง", "body": "**มาก** ๆ",
        "can_change": ["ที่นั่ง"], "decided": ["มีสวน"], "decider": "นายกเทศมนตรี",
        "contact": {"office": "กองช่าง", "phone": "0 2000 0001"}, "offline_route": "โทรมาได้",
        "answer_by": (now + timedelta(days=90)).date().isoformat(),
        "opens_at": clock.iso(now - timedelta(days=1)), "closes_at": clock.iso(now + timedelta(days=30)),
        "activities": [{"kind": "discussion", "title": "พูดคุย"}],
        "phases": [{
            "title": "ออกความเห็น", "starts_at": clock.iso(now - timedelta(days=1)),
            "ends_at": clock.iso(now + timedelta(days=30)), "activities": ["discussion"],
        }],
    }  # fmt: skip
    made = call("officer", "POST", "/consultations", 201, body=plan)
    slug = made["slug"]
    call("guest", "GET", "/consultations/{slug}", 404, slug=slug)
    call("officer", "GET", "/consultations/{slug}", 200, slug=slug)
    approval = {"memo_no": "ทพ 12/2569", "memo_date": "2026-11-01"}
    call(
        "officer", "POST", "/consultations/{slug}/open", 200, body={"approval": approval, "reason": "เร่งด่วน"}, slug=slug
    )
    now_open = call("guest", "GET", "/consultations/{slug}", 200, slug=slug)
    change = {"version": now_open["version"], "summary": "เลือกของสี่อย่าง", "reason": "มีเงินเพิ่ม"}
    changed = call("officer", "PATCH", "/consultations/{slug}", 200, body=change, slug=slug)
    assert changed["changes"]
    stale = call("officer", "PATCH", "/consultations/{slug}", 409, body=change, slug=slug)
    assert stale["current"]
    call("citizen", "PATCH", "/consultations/{slug}", 403, body=change, slug=slug)
    call("guest", "PATCH", "/consultations/{slug}", 401, body=change, slug=slug)
    call("guest", "GET", "/consultations?limit=1", 200)
    closing = {"reason": "ได้ครบแล้ว", "approval": approval}
    call("officer", "POST", "/consultations/{slug}/close", 200, body=closing, slug=slug)


def test_the_life_of_a_comment_is_answered_as_described(call: Caller, world: World) -> None:
    to = {"public_id": world.thread}
    call("guest", "GET", "/threads/{public_id}", 200, **to)
    call("guest", "GET", "/consultations/{slug}/threads", 200, slug=world.slug)
    posted = call("citizen", "POST", "/threads/{public_id}/comments", 201, body={"body": "x"}, **to)
    own = {"public_id": posted["id"]}
    call("officer", "PUT", "/items/{public_id}/reactions/{kind}", 200, kind="useful", **own)
    call("officer", "DELETE", "/items/{public_id}/reactions/{kind}", 200, kind="useful", **own)
    edited = call("citizen", "PATCH", "/comments/{public_id}", 200, body={"body": "y", "version": 1}, **own)
    assert edited["version"] == 2
    call("citizen", "PATCH", "/comments/{public_id}", 409, body={"body": "z", "version": 1}, **own)
    call("officer", "DELETE", "/comments/{public_id}", 403, **own)
    call("citizen", "DELETE", "/comments/{public_id}", 204, **own)
    gone = call("guest", "GET", "/comments/{public_id}", 200, **own)
    assert gone["body"] is None
    assert call("guest", "GET", "/threads/{public_id}/comments?since_seq=0", 200, **to)["items"]
    call("guest", "GET", "/items/{public_id}", 200, **own)
    call("guest", "GET", "/receipts/{code}", 200, code=world.receipt)
    reply = call("guest", "POST", "/threads/{public_id}/comments", 422, body={"body": "", "name": ""}, **to)
    assert {"body", "name"} <= set(reply["errors"])


def test_tokens_and_drafts_are_answered_as_described(call: Caller) -> None:
    call("citizen", "GET", "/me", 200)
    call("guest", "GET", "/me", 401)
    made = call("citizen", "POST", "/tokens", 201, body={"name": "สคริปต์"})
    call("officer", "DELETE", "/tokens/{public_id}", 404, public_id=made["id"])
    call("citizen", "DELETE", "/tokens/{public_id}", 204, public_id=made["id"])
    call("citizen", "PUT", "/drafts/{place}", 200, body={"text": "ยังไม่ส่ง"}, place="t/abc")
    call("citizen", "GET", "/drafts/{place}", 200, place="t/abc")
    call("officer", "GET", "/drafts/{place}", 404, place="t/abc")
    call("citizen", "DELETE", "/drafts/{place}", 204, place="t/abc")
