"""The JSON API of consultations, over HTTP as the contract names it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from forum.core.agencies.models import Agency
from forum.core.consultations.models import Consultation
from forum.kernel import clock
from tests.core.consultations.plans import complete
from tests.factories import Make

Call = Callable[..., TestResponse]
BASE = "/api/v1/consultations"


@pytest.fixture
def office(make: Make) -> Agency:
    return make.agency()


@pytest.fixture
def call(make: Make, office: Agency, client: FlaskClient) -> Call:
    """Calls as an officer of the office."""
    return caller(client, make.token(make.member(office)))


def caller(client: FlaskClient, token: str | None) -> Call:
    def ask(method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        given = headers | ({"Authorization": f"Bearer {token}"} if token else {})
        return client.open(BASE + path, method=method, json=body, headers=given)

    return ask


def made(call: Call, office: Agency, **values: Any) -> dict[str, Any]:
    answer = call("POST", "", complete(office.slug, **values))
    assert answer.status_code == 201, answer.text
    return dict(answer.json or {})


def test_a_consultation_is_made_opened_changed_and_closed(call: Call, office: Agency, client: FlaskClient) -> None:
    draft = made(call, office, slug="canal")
    assert (draft["id"], draft["status"], draft["version"], draft["seq"]) == ("canal", "draft", 1, 0)
    assert client.get(f"{BASE}/canal").status_code == 404
    memo = {"memo_no": "ทพ 0411", "memo_date": "2026-10-01"}
    opened = call("POST", "/canal/open", {"approval": memo, "reason": "สภาเห็นชอบ"})
    assert (opened.status_code, opened.json["status"], opened.json["seq"]) == (200, "open", 1)
    assert opened.json["changes"][0]["approval"] == memo
    changed = call("PATCH", "/canal", {"version": 2, "reason": "พิมพ์ผิด", "summary": "สรุปใหม่"})
    assert (changed.status_code, changed.json["summary"], changed.json["version"]) == (200, "สรุปใหม่", 3)
    asked = call("POST", "/canal/close", {"reason": "พอแล้ว"})
    assert (asked.status_code, asked.json["status"], asked.json["needs"]) == (202, "open", "second_member")
    closed = call("POST", "/canal/close", {"reason": "พอแล้ว", "approval": memo})
    assert (closed.status_code, closed.json["status"], closed.json["seq"]) == (200, "closed", 3)
    public = client.get(f"{BASE}/canal").json
    assert [c["kind"] for c in public["changes"]] == ["closed", "changed", "opened"]


def test_every_field_of_the_contract_comes_back(call: Call, office: Agency) -> None:
    body = complete(
        office.slug,
        legal_basis="ระเบียบ",
        law_url="https://law.example.org/1",
        area="ริมคลอง",
        documents=[{"title": "แบบ", "url": "https://a.example.org/x.pdf", "type": "PDF", "size_kb": 10}],
        announcements=[{"date": "2026-10-01", "channel": "เว็บไซต์", "ref": "ทพ 1"}],
    )
    shown = call("POST", "", body).json
    for name in ("title", "summary", "body", "can_change", "decided", "decider", "contact", "answer_by", "legal_basis"):
        assert shown[name] == body[name]
    assert shown["documents"] == body["documents"]
    assert shown["activities"][0]["key"] == "discussion"
    assert shown["activities"][0]["list"].endswith("/threads")
    assert shown["phases"][0]["activities"] == ["discussion"]
    assert shown["opens_at"].endswith("Z")


def test_the_same_key_makes_one_and_another_body_is_refused(call: Call, office: Agency, tx: Session) -> None:
    body, key = complete(office.slug), {"Idempotency-Key": "abc-1"}
    first, second = call("POST", "", body, **key), call("POST", "", body, **key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json["id"] == second.json["id"]
    assert call("POST", "", body | {"title": "อื่น"}, **key).status_code == 422
    assert tx.execute(select(func.count()).select_from(Consultation)).scalar_one() == 1


def test_the_list_has_what_is_public_and_pages_by_cursor(make: Make, client: FlaskClient) -> None:
    slugs = [make.consultation().slug for _ in range(5)]
    make.consultation(state="draft")
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = client.get(f"{BASE}?limit=2" + (f"&after={after}" if after else "")).json
        seen += [row["id"] for row in page["items"]]
        after = page["next"]
    assert seen == slugs[::-1]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "after=x", "after=W10", "after=WzkwMDcxOTkyNTQ3NDA5OTNd", "after=ก"]
)
def test_a_bad_page_is_named(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{BASE}?{query}")
    assert answer.status_code == 422
    assert set(answer.json["errors"]) <= {"limit", "after"}


@pytest.mark.parametrize(
    ("path", "spoil"),
    [
        ("", {"agency": ...}),
        ("title", {"title": ...}),
        ("agency", {"agency": "no-such-office"}),
        ("colour", {"colour": "red"}),
        (
            "phases.0.colour",
            {"phases": [{"title": "ก", "starts_at": "2026-11-01", "ends_at": "2026-11-02", "colour": 1}]},
        ),
        ("phases.0.starts_at", {"phases": [{"title": "ก", "ends_at": "2026-11-02"}]}),
        ("phases.0.ends_at", {"phases": [{"title": "ก", "starts_at": "2026-11-02", "ends_at": "2026-10-01"}]}),
        ("law_url", {"law_url": "http://law.example.org"}),
        ("activities.0.kind", {"activities": [{"kind": "lottery", "title": "จับสลาก"}], "phases": []}),
        ("opens_at", {"opens_at": 20261101}),
        ("can_change.0", {"can_change": [7]}),
    ],
)
def test_a_body_that_will_not_do_names_the_field(
    call: Call, office: Agency, tx: Session, path: str, spoil: dict[str, Any]
) -> None:
    answer = call("POST", "", complete(office.slug, **spoil))
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert (path or "agency") in answer.json["errors"]
    assert tx.execute(select(func.count()).select_from(Consultation)).scalar_one() == 0


def test_text_that_is_no_json_and_a_huge_body_are_refused(call: Call, client: FlaskClient, office: Agency) -> None:
    token = {"Authorization": "Bearer x"}
    assert client.post(BASE, data="{", content_type="application/json", headers=token).status_code == 401
    assert call("POST", "", [1, 2]).status_code == 422
    assert call("POST", "", complete(office.slug, body="ก" * 200_000)).status_code in (413, 422)


def test_without_a_token_it_is_401_and_by_others_403(client: FlaskClient, make: Make, office: Agency) -> None:
    body = complete(office.slug)
    assert caller(client, None)("POST", "", body).status_code == 401
    for person in (
        make.user(),
        make.member(make.agency()),
        make.member(office, "moderator"),
        make.member(None, "operator"),
    ):
        answer = caller(client, make.token(person))("POST", "", body)
        assert (answer.status_code, answer.json["reason"]) == (403, "not_officer")


def test_another_offices_officer_reads_no_draft_and_may_touch_nothing(
    client: FlaskClient, make: Make, office: Agency
) -> None:
    draft, opened = make.consultation(office, state="draft"), make.consultation(office)
    theirs = caller(client, make.token(make.member(make.agency())))
    for verb in ("announce", "open", "approve", "close"):
        assert theirs("POST", f"/{draft.slug}/{verb}").status_code == 403
        assert theirs("POST", f"/{opened.slug}/{verb}").status_code == 403
    assert theirs("GET", f"/{draft.slug}").status_code == 404
    assert theirs("PATCH", f"/{draft.slug}", {"version": 1, "title": "ของฉัน"}).status_code == 403
    citizen = caller(client, make.token(make.user()))
    assert citizen("PATCH", f"/{draft.slug}", {"version": 1, "title": "ของฉัน"}).status_code == 404
    assert theirs("PATCH", f"/{opened.slug}", {"version": 1, "title": "ของฉัน"}).status_code == 403


@pytest.mark.parametrize("slug", ["no-such-thing", "ไม่มี", "a" * 300])
def test_what_is_not_there_is_404(call: Call, slug: str) -> None:
    assert call("GET", f"/{slug}").status_code == 404
    assert call("PATCH", f"/{slug}", {"version": 1}).status_code == 404
    assert call("POST", f"/{slug}/open", {}).status_code == 404


def test_a_stale_version_is_409_with_the_present(call: Call, office: Agency) -> None:
    slug = made(call, office)["id"]
    assert call("PATCH", f"/{slug}", {"version": 1, "area": "ก"}).status_code == 200
    answer = call("PATCH", f"/{slug}", {"version": 1, "area": "ข"})
    assert answer.status_code == 409
    assert (answer.json["current"]["area"], answer.json["current"]["version"]) == ("ก", 2)


@pytest.mark.parametrize(
    "body", [{}, {"version": "1"}, {"version": 1, "agency": "elsewhere"}, {"version": 1, "state": "opened"}]
)
def test_a_change_that_will_not_do_changes_nothing(call: Call, office: Agency, body: dict[str, Any]) -> None:
    slug = made(call, office)["id"]
    assert call("PATCH", f"/{slug}", body).status_code == 422
    assert call("GET", f"/{slug}").json["version"] == 1


def test_opening_an_incomplete_one_names_every_gap(call: Call, office: Agency) -> None:
    slug = made(call, office, summary=..., decider=..., documents=...)["id"]
    answer = call("POST", f"/{slug}/open", {})
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"summary", "decider"}
    assert call("GET", f"/{slug}").json["status"] == "draft"


def test_opening_and_closing_twice_are_refused_with_a_reason(call: Call, office: Agency) -> None:
    slug = made(call, office)["id"]
    assert call("POST", f"/{slug}/close", {"reason": "ก่อนเปิด"}).json["reason"] == "not_begun"
    said = {"reason": "น้ำมาก่อนฤดู", "approval": {"memo_no": "ทพ 1", "memo_date": "2026-10-01"}}
    assert call("POST", f"/{slug}/open", said).status_code == 200
    assert call("POST", f"/{slug}/open").json["reason"] == "already_opened"
    assert call("POST", f"/{slug}/close", {}).json["errors"].keys() == {"reason"}
    assert call("POST", f"/{slug}/close", said).status_code == 200
    assert call("POST", f"/{slug}/close", {"reason": "พอแล้ว"}).json["reason"] == "already_closed"


@pytest.mark.parametrize(
    ("approval", "path"),
    [
        ({"memo_no": "", "memo_date": "2026-10-01"}, "approval.memo_no"),
        ({"memo_no": "1"}, "approval.memo_date"),
        ({"memo_no": "1", "memo_date": "เมื่อวาน"}, "approval.memo_date"),
        ({"memo_no": "1", "memo_date": "2026-10-01", "by": "x"}, "approval.by"),
    ],
)
def test_half_an_approval_is_refused(call: Call, office: Agency, approval: dict[str, str], path: str) -> None:
    slug = made(call, office)["id"]
    answer = call("POST", f"/{slug}/open", {"approval": approval})
    assert answer.status_code == 422
    assert path in answer.json["errors"]


def test_one_opened_ahead_of_its_time_is_announced_and_public(call: Call, office: Agency, client: FlaskClient) -> None:
    opens, closes = clock.now() + timedelta(days=3), clock.now() + timedelta(days=9)
    phases = [
        {"title": "คุย", "starts_at": opens.isoformat(), "ends_at": closes.isoformat(), "activities": ["discussion"]}
    ]
    slug = made(call, office, opens_at=opens.isoformat(), closes_at=closes.isoformat(), phases=phases)["id"]
    said = {"reason": "น้ำมาก่อนฤดู", "approval": {"memo_no": "ทพ 1", "memo_date": "2026-10-01"}}
    assert call("POST", f"/{slug}/open", said).json["status"] == "announced"
    shown = client.get(f"{BASE}/{slug}").json
    assert [a["open"] for a in shown["activities"]] == [False]
