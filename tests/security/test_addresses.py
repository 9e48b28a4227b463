"""Where a request comes from is what the net says, not what the request says of itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import config as settings
from forum.app import create_app
from forum.kernel import db
from tests.factories import Make

SAID = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "Client-IP")
Limited = Callable[..., None]


def speak(client: FlaskClient, thread: str, body: str, headers: dict[str, str], address: str = "203.0.113.7") -> Any:
    sent = {"body": body, "name": "ป้า", "consent": True}
    path = f"/api/v1/threads/{thread}/comments"
    return client.post(path, json=sent, headers=headers, environ_base={"REMOTE_ADDR": address})


def test_a_guest_does_not_escape_the_limit_by_naming_other_addresses(
    client: FlaskClient, make: Make, limited: Limited
) -> None:
    thread = make.thread()
    limited(guest_posts="2/minute")
    answers = [speak(client, thread, f"ข้อ {n}", dict.fromkeys(SAID, f"198.51.100.{n}")).status_code for n in range(4)]
    assert answers == [201, 201, 429, 429]


def test_a_limit_is_told_with_how_long_to_wait(client: FlaskClient, make: Make, limited: Limited) -> None:
    thread = make.thread()
    limited(guest_posts="1/minute")
    speak(client, thread, "ก", {})
    refused = speak(client, thread, "ข", {})
    assert refused.status_code == 429
    assert refused.mimetype == "application/problem+json"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


def test_one_guests_limit_is_not_anothers(client: FlaskClient, make: Make, limited: Limited) -> None:
    thread = make.thread()
    limited(guest_posts="1/minute")
    assert speak(client, thread, "ก", {}, "203.0.113.1").status_code == 201
    assert speak(client, thread, "ข", {}, "203.0.113.2").status_code == 201
    assert speak(client, thread, "ค", {}, "203.0.113.1").status_code == 429


@pytest.fixture
def proxied(config: settings.Config, lent: db.Database) -> Flask:
    """The app behind one proxy that was named."""
    return create_app(replace(config, proxies=1), lent)


def test_behind_a_named_proxy_the_address_is_what_that_proxy_says(proxied: Flask, make: Make, limited: Limited) -> None:
    client, thread = proxied.test_client(), make.thread()
    limited(guest_posts="1/minute")
    by = "10.0.0.1"
    assert speak(client, thread, "ก", {"X-Forwarded-For": "203.0.113.1"}, by).status_code == 201
    assert speak(client, thread, "ข", {"X-Forwarded-For": "203.0.113.2"}, by).status_code == 201
    lied = {"X-Forwarded-For": "198.51.100.9, 203.0.113.1"}
    assert speak(client, thread, "ค", lied, by).status_code == 429


def test_many_wrong_receipt_codes_are_stopped(client: FlaskClient, limited: Limited) -> None:
    limited(receipts="5/hour")
    answers = [client.get(f"/api/v1/receipts/0000{n:04}").status_code for n in range(8)]
    assert answers == [404] * 5 + [429] * 3
    assert client.get("/r/00000009").status_code == 429


def test_wrong_receipt_codes_from_everywhere_are_stopped(client: FlaskClient, limited: Limited) -> None:
    limited(site_receipts="5/hour")
    answers = [
        client.get(f"/r/0000{n:04}", environ_base={"REMOTE_ADDR": f"203.0.113.{n}"}).status_code for n in range(8)
    ]
    assert answers == [404] * 5 + [429] * 3


def test_every_wrong_code_is_answered_alike(client: FlaskClient) -> None:
    answers = {
        client.get(f"/api/v1/receipts/{code}").text
        for code in ("00000000", "ZZZZZZZZ", "x", "สล-0000-0000", "' OR 1=1 --", "0" * 500)
    }
    assert len(answers) == 1
