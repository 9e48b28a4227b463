import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.accounts import service
from forum.core.accounts.models import ApiToken, User
from forum.core.accounts.queries import digest_of
from forum.kernel import clock
from forum.kernel.errors import Invalid
from forum.kernel.events import Event
from tests.core.accounts.conftest import Browser
from tests.factories import Make


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_a_token_made_on_the_account_page_is_shown_once(
    browser: Browser, client: FlaskClient, person: User, make: Make, tx: Session
) -> None:
    make.sign_in(client, person)
    page = browser.send("/account/tokens", {"token_name": "สคริปต์ของฉัน"}, "/account")
    found = re.search(r"sala_[\w-]{43}", page.text)
    assert found is not None
    assert page.headers["Cache-Control"] == "no-store"
    assert found[0] not in browser.open("/account").text
    row = tx.execute(select(ApiToken)).scalar_one()
    assert row.digest == digest_of(found[0])
    assert found[0] not in repr([getattr(row, c.name) for c in ApiToken.__table__.columns])
    told = client.get("/api/v1/me", headers=bearer(found[0])).json
    assert told["id"] == person.public_id


def test_a_revoked_token_opens_nothing(
    browser: Browser, another: Browser, person: User, make: Make, tx: Session
) -> None:
    make.sign_in(browser.client, person)
    public_id, secret = service.make_token(tx, person.id, "t")
    assert another.client.get("/api/v1/me", headers=bearer(secret)).status_code == 200
    assert browser.send(f"/account/tokens/{public_id}/revoke", {}, "/account").status_code == 303
    answer = another.client.get("/api/v1/me", headers=bearer(secret))
    assert answer.status_code == 401
    assert answer.json["reason"] == "token"
    assert tx.execute(select(Event.name).where(Event.name == "account.token_revoked")).scalar_one()


def test_a_token_is_revoked_by_its_own_hand(client: FlaskClient, person: User, tx: Session) -> None:
    public_id, secret = service.make_token(tx, person.id, "t")
    assert client.delete(f"/api/v1/tokens/{public_id}", headers=bearer(secret)).status_code == 204
    assert client.get("/api/v1/me", headers=bearer(secret)).status_code == 401


def test_nobody_revokes_another_persons_token(client: FlaskClient, person: User, make: Make, tx: Session) -> None:
    public_id, secret = service.make_token(tx, person.id, "t")
    mine = make.token(make.user("อีกคน"))
    assert client.delete(f"/api/v1/tokens/{public_id}", headers=bearer(mine)).status_code == 404
    assert client.delete(f"/api/v1/tokens/{public_id}").status_code == 401
    assert client.get("/api/v1/me", headers=bearer(secret)).status_code == 200


@pytest.mark.parametrize("secret", ["", "x", "sala_" + "A" * 43, "ก", "x" * 5000])
def test_a_forged_token_opens_nothing(client: FlaskClient, secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}".encode().decode("latin-1")}
    assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_the_token_of_an_erased_account_opens_nothing(
    client: FlaskClient, person: User, make: Make, tx: Session
) -> None:
    secret = make.token(person)
    person.erased_at = clock.now()
    tx.flush()
    assert client.get("/api/v1/me", headers=bearer(secret)).status_code == 401


def test_me_says_who_asks(client: FlaskClient, make: Make) -> None:
    officer = make.member(make.agency(), "officer")
    told = client.get("/api/v1/me", headers=bearer(make.token(officer))).json
    assert (told["name"], told["email"], told["roles"]) == (officer.name, officer.email, ["officer"])
    assert set(told) == {"id", "name", "email", "lang", "created_at", "roles"}


def test_me_says_nothing_to_nobody(client: FlaskClient) -> None:
    assert client.get("/api/v1/me").status_code == 401


def test_a_token_is_made_by_the_api_and_a_repeat_comes_without_its_secret(
    client: FlaskClient, person: User, make: Make, tx: Session
) -> None:
    headers = bearer(make.token(person)) | {"Idempotency-Key": "k-1"}
    first = client.post("/api/v1/tokens", json={"name": "บอต"}, headers=headers)
    again = client.post("/api/v1/tokens", json={"name": "บอต"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["token"].startswith("sala_")
    assert "token" not in again.json
    assert again.json["id"] == first.json["id"]
    assert len(tx.execute(select(ApiToken)).all()) == 2


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": 5}, {"name": "\u200b"}, {"name": "x" * 61}, {"name": "a", "more": 1}, [], None]
)
def test_a_token_without_a_sound_name_is_not_made(
    client: FlaskClient, person: User, make: Make, tx: Session, body: object
) -> None:
    answer = client.post("/api/v1/tokens", json=body, headers=bearer(make.token(person)))
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert len(tx.execute(select(ApiToken)).all()) == 1


def test_nobody_makes_a_token(client: FlaskClient) -> None:
    assert client.post("/api/v1/tokens", json={"name": "x"}).status_code == 401


def test_a_token_by_cookie_needs_the_form_token(
    browser: Browser, client: FlaskClient, person: User, make: Make
) -> None:
    make.sign_in(client, person)
    assert client.post("/api/v1/tokens", json={"name": "x"}).status_code == 403
    headers = {"X-CSRFToken": browser.token("/account")}
    assert client.post("/api/v1/tokens", json={"name": "x"}, headers=headers).status_code == 201


def test_there_are_no_more_than_twenty_tokens_a_person(person: User, tx: Session) -> None:
    for n in range(20):
        service.make_token(tx, person.id, f"t{n}")
    with pytest.raises(Invalid):
        service.make_token(tx, person.id, "one more")


def test_a_token_name_is_harmless_on_the_page(browser: Browser, client: FlaskClient, person: User, make: Make) -> None:
    make.sign_in(client, person)
    browser.send("/account/tokens", {"token_name": '"><script>alert(1)</script>\u202e'}, "/account")
    page = browser.open("/account").text
    assert "<script>alert" not in page
    assert "<bdi>" in page


@pytest.mark.parametrize("name", ["", " ", "\u2060", "x" * 61])
def test_a_token_without_a_sound_name_is_not_made_on_the_page(
    browser: Browser, client: FlaskClient, person: User, make: Make, name: str
) -> None:
    make.sign_in(client, person)
    answer = browser.send("/account/tokens", {"token_name": name}, "/account")
    assert answer.status_code == 422
    assert 'href="#f-token_name"' in answer.text
