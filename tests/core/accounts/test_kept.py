import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.core.accounts import service
from forum.core.accounts.models import Draft, KeptText, MailCode, SignIn, User
from forum.core.accounts.queries import digest_of
from forum.kernel import clock
from forum.kernel.errors import TooLarge
from tests.core.accounts.conftest import Browser
from tests.factories import Make

TYPED = {"body": "หลังศาลเจ้าน้ำท่วมทุกปี\n\u202e<script>", "stance": "for"}


def count(tx: Session, table: type) -> int:
    return tx.execute(select(func.count()).select_from(table)).scalar_one()


def test_what_was_typed_is_given_back_once(tx: Session) -> None:
    key = service.keep_text(tx, "/t/abc", TYPED)
    assert service.take_text(tx, key) == ("/t/abc", TYPED)
    assert service.take_text(tx, key) is None
    assert count(tx, KeptText) == 0


def test_the_key_is_stored_only_as_a_digest(tx: Session) -> None:
    key = service.keep_text(tx, "/t/abc", TYPED)
    assert tx.execute(select(KeptText.digest)).scalar_one() == digest_of(key)


@pytest.mark.parametrize("key", ["", "x", "ก" * 43, "x" * 5000])
def test_a_wrong_key_gives_nothing_and_takes_nothing(tx: Session, key: str) -> None:
    kept = service.keep_text(tx, "/t/abc", TYPED)
    assert service.take_text(tx, key) is None
    assert service.take_text(tx, kept) is not None


def test_after_a_day_it_is_gone(tx: Session) -> None:
    with time_machine.travel(clock.now(), tick=False) as travel:
        early, late = (service.keep_text(tx, "/t/abc", TYPED) for _ in range(2))
        travel.shift(86_400 - 1)
        assert service.take_text(tx, early) is not None
        travel.shift(1)
        assert service.take_text(tx, late) is None


def test_too_much_to_keep_is_refused(tx: Session) -> None:
    with pytest.raises(TooLarge):
        service.keep_text(tx, "/t/abc", {"body": "ก" * 30_000})
    assert count(tx, KeptText) == 0


@pytest.fixture
def auth(make: Make, person: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {make.token(person)}"}


def test_a_draft_is_kept_found_replaced_and_dropped(client: FlaskClient, auth: dict[str, str]) -> None:
    place = "/api/v1/drafts/t/abc/reply"
    assert client.get(place, headers=auth).status_code == 404
    client.put(place, json={"text": "ครึ่งประ"}, headers=auth)
    kept = client.put(place, json={"text": "ครึ่งประโยค"}, headers=auth).json
    assert (kept["place"], kept["text"]) == ("t/abc/reply", "ครึ่งประโยค")
    assert client.get(place, headers=auth).json == kept
    assert client.delete(place, headers=auth).status_code == 204
    assert client.get(place, headers=auth).status_code == 404
    assert client.delete(place, headers=auth).status_code == 204


def test_nobody_sees_another_persons_draft(client: FlaskClient, auth: dict[str, str], make: Make) -> None:
    client.put("/api/v1/drafts/t", json={"text": "ของฉัน"}, headers=auth)
    other = {"Authorization": f"Bearer {make.token(make.user('อีกคน'))}"}
    assert client.get("/api/v1/drafts/t", headers=other).status_code == 404
    client.delete("/api/v1/drafts/t", headers=other)
    client.put("/api/v1/drafts/t", json={"text": "ของเขา"}, headers=other)
    assert client.get("/api/v1/drafts/t", headers=auth).json["text"] == "ของฉัน"


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_nobody_keeps_no_draft(client: FlaskClient, method: str) -> None:
    kwargs = {"json": {"text": "x"}} if method == "put" else {}
    assert getattr(client, method)("/api/v1/drafts/t", **kwargs).status_code == 401


@pytest.mark.parametrize(
    ("place", "body"),
    [
        ("t", {}), ("t", {"text": 1}), ("t", {"text": "ก" * 6_667}), ("t", {"text": "x" * 20_001}), ("t", []),
        ("t", {"text": "x", "more": 1}), ("x" * 201, {"text": "x"}), ("%E2%80%8B", {"text": "x"}),
    ],
)  # fmt: skip
def test_a_draft_that_cannot_be_kept_is_refused(
    client: FlaskClient, auth: dict[str, str], tx: Session, place: str, body: object
) -> None:
    answer = client.put(f"/api/v1/drafts/{place}", json=body, headers=auth)
    assert answer.status_code == 422
    assert answer.json["errors"]
    assert count(tx, Draft) == 0


def test_half_a_surrogate_pair_is_refused(client: FlaskClient, auth: dict[str, str], tx: Session) -> None:
    raw = b'{"text": "\\ud800"}'
    answer = client.put("/api/v1/drafts/t", data=raw, headers=auth, content_type="application/json")
    assert answer.status_code == 422
    assert count(tx, Draft) == 0


def test_a_draft_is_stored_as_written(client: FlaskClient, auth: dict[str, str]) -> None:
    written = "  <script>\u202e\n\n🏳️‍🌈 ก็ "
    client.put("/api/v1/drafts/t", json={"text": written}, headers=auth)
    assert client.get("/api/v1/drafts/t", headers=auth).json["text"] == written


def test_the_oldest_of_more_than_a_hundred_drafts_go(person: User, tx: Session) -> None:
    for n in range(103):
        service.save_draft(tx, person.id, f"p{n}", "x")
    assert count(tx, Draft) == 100
    assert "p0" not in set(tx.execute(select(Draft.place)).scalars())


def test_what_is_over_is_forgotten_and_the_rest_stays(browser: Browser, make: Make, person: User, tx: Session) -> None:
    with time_machine.travel(clock.now(), tick=False) as travel:
        browser.send("/reset", {"email": "nobody@example.org"})
        make.sign_in(browser.client, person)
        service.keep_text(tx, "/", TYPED)
        service.save_draft(tx, person.id, "old", "x")
        left = []
        for days in (0, 1, 1, 29):
            travel.shift(days * 86_400 + 1)
            service.save_draft(tx, person.id, f"d{days}", "x")
            service.forget_what_is_over()
            left.append(tuple(count(tx, t) for t in (MailCode, SignIn, KeptText, Draft)))
    assert left == [(1, 1, 1, 2), (0, 0, 0, 3), (0, 0, 0, 3), (0, 0, 0, 2)]
