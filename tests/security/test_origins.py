"""Writes that other sites make a browser send are refused, and change nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import config as settings
from forum.app import create_app
from forum.commons.comments.models import Comment
from forum.kernel import csrf, db
from tests.factories import Make

HOSTILE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8080"},
    {"Origin": "https://localhost"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
]
Token = Callable[..., str]


def comments(tx: Session) -> int:
    return tx.execute(select(func.count()).select_from(Comment)).scalar_one()


def spoken(token: str = "") -> dict[str, str]:
    return {"body": "ขอทางลาด", "name": "ป้า", "consent": "1", "csrf_token": token}


def test_a_form_sent_by_another_site_is_refused(
    client: FlaskClient, make: Make, tx: Session, form_token: Token
) -> None:
    path, token = f"/t/{make.thread()}/comments", form_token(client)
    for headers in HOSTILE:
        assert client.post(path, data=spoken(token), headers=headers).status_code == 403, headers
    assert comments(tx) == 0


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}]
)
def test_a_form_of_ours_is_taken(
    client: FlaskClient, make: Make, tx: Session, form_token: Token, headers: dict[str, str]
) -> None:
    answer = client.post(f"/t/{make.thread()}/comments", data=spoken(form_token(client)), headers=headers)
    assert answer.status_code == 303
    assert comments(tx) == 1


def test_a_form_without_its_token_is_refused(client: FlaskClient, make: Make, tx: Session) -> None:
    path = f"/t/{make.thread()}/comments"
    for token in ("", "x", "0" * 48, "ก" * 48, "a" * 10_000, "\x00" * 48):
        assert client.post(path, data=spoken(token)).status_code == 403, token
    assert comments(tx) == 0


def test_a_visitors_token_does_not_serve_the_signed_in(
    client: FlaskClient, signed_in: FlaskClient, make: Make, tx: Session, form_token: Token
) -> None:
    answer = signed_in.post(f"/t/{make.thread()}/comments", data=spoken(form_token(client)))
    assert answer.status_code == 403
    assert comments(tx) == 0


def test_one_persons_token_does_not_serve_another(app: Flask, make: Make, tx: Session, form_token: Token) -> None:
    mine, theirs = app.test_client(), app.test_client()
    make.sign_in(mine, make.user("นกน้ำ"))
    make.sign_in(theirs, make.user("นกป่า"))
    answer = theirs.post(f"/t/{make.thread()}/comments", data=spoken(form_token(mine)))
    assert answer.status_code == 403
    assert comments(tx) == 0


def test_a_token_is_different_each_time(client: FlaskClient, form_token: Token) -> None:
    assert form_token(client) != form_token(client)


def test_behind_a_proxy_that_ends_tls_the_public_address_is_ours(
    config: settings.Config, lent: db.Database, make: Make, form_token: Token
) -> None:
    client = create_app(replace(config, public_url="https://sala.example"), lent).test_client()
    path, base = f"/t/{make.thread()}/comments", {"base_url": "http://sala.example"}
    token = form_token(client, **base)
    assert client.post(path, data=spoken(token), headers={"Origin": "https://evil.example"}, **base).status_code == 403
    assert client.post(path, data=spoken(token), headers={"Origin": "https://sala.example"}, **base).status_code == 303


def test_a_json_write_by_another_site_is_refused(client: FlaskClient, make: Make, tx: Session) -> None:
    sent: Any = {"body": "ขอทางลาด", "name": "ป้า", "consent": True}
    path = f"/api/v1/threads/{make.thread()}/comments"
    for headers in HOSTILE:
        answer = client.post(path, json=sent, headers=headers)
        assert answer.status_code == 403, headers
        assert answer.mimetype == "application/problem+json"
        assert answer.json["reason"] == "origin"
    assert comments(tx) == 0


@pytest.mark.parametrize("token", [None, "", "wrong", "visitor"])
def test_a_json_write_by_cookie_needs_the_form_token(
    signed_in: FlaskClient, make: Make, tx: Session, token: str | None
) -> None:
    headers = {} if token is None else {"X-CSRFToken": csrf.make("") if token == "visitor" else token}
    sent = {"body": "ขอทางลาด", "consent": True}
    answer = signed_in.post(f"/api/v1/threads/{make.thread()}/comments", json=sent, headers=headers)
    assert answer.status_code == 403
    assert answer.json["reason"] == "form_token"
    assert comments(tx) == 0


def test_a_json_write_by_cookie_with_the_form_token_is_taken(
    signed_in: FlaskClient, make: Make, tx: Session, form_token: Token
) -> None:
    sent = {"body": "ขอทางลาด", "consent": True}
    headers = {"X-CSRFToken": form_token(signed_in)}
    answer = signed_in.post(f"/api/v1/threads/{make.thread()}/comments", json=sent, headers=headers)
    assert answer.status_code == 201, answer.text
    assert comments(tx) == 1


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer ก", "x"])
def test_a_bad_token_is_told_so_and_the_cookie_beside_it_does_not_count(signed_in: FlaskClient, header: str) -> None:
    answer = signed_in.get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_signs_in_to_the_api_alone(client: FlaskClient, make: Make) -> None:
    headers = {"Authorization": f"Bearer {make.token(make.user())}"}
    assert client.get("/api/v1/me", headers=headers).status_code == 200
    assert client.get("/account", headers=headers).status_code == 303


def test_no_other_site_may_read_the_api_with_a_readers_cookie(signed_in: FlaskClient) -> None:
    answer = signed_in.get("/api/v1/me", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers.keys() if name.lower().startswith("access-control")]  # noqa: SIM118
