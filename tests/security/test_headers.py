"""What stands around every answer: headers, nonces, cookies, and the names under which the site answers."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

import config as settings
from forum.app import create_app
from forum.kernel import db
from tests.factories import Make

PAGES = [
    "/",
    "/login",
    "/signup",
    "/r",
    "/privacy",
    "/api/docs",
    "/no-such-page",
    "/api/v1/consultations",
    "/api/v1/none",
]


def policy(answer: object) -> dict[str, list[str]]:
    said = answer.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    return {name: values for name, *values in (part.split() for part in said.split(";"))}


def test_every_answer_carries_the_headers(client: FlaskClient) -> None:
    for path in PAGES:
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["X-Request-Id"]
        assert "Server" not in headers


def test_the_policy_lets_in_nothing_inline_and_nothing_from_elsewhere(client: FlaskClient) -> None:
    for path in PAGES:
        said = policy(client.get(path))
        assert said["default-src"] == ["'none'"]
        assert said["base-uri"] == said["frame-ancestors"] == ["'none'"]
        assert said["form-action"] == ["'self'"]
        assert "data:" not in said["script-src"]
        every = [value for values in said.values() for value in values]
        loose = ("https:", "blob:", "'strict-dynamic'")
        assert not [v for v in every if "unsafe" in v or "*" in v or "http" in v or v in loose]


def test_the_nonce_differs_from_answer_to_answer_and_is_that_of_the_page(
    config: settings.Config, lent: db.Database, make: Make
) -> None:
    keeping = create_app(replace(config, page_cache_seconds=2), lent).test_client()
    path = f"/t/{make.thread()}"
    seen = set()
    for _ in range(3):
        answer = keeping.get(path)
        nonce = next(v for v in policy(answer)["script-src"] if v.startswith("'nonce-"))[7:-1]
        assert len(nonce) >= 16
        assert set(re.findall(r'nonce="([^"]*)"', answer.text)) <= {nonce}
        assert f'nonce="{nonce}"' in answer.text
        seen.add(nonce)
    assert len(seen) == 3


def test_over_https_browsers_are_told_to_stay_there(config: settings.Config, lent: db.Database) -> None:
    secure = create_app(replace(config, public_url="https://sala.example"), lent).test_client()
    answer = secure.get("/", base_url="https://sala.example")
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    assert "upgrade-insecure-requests" in policy(answer)


@pytest.mark.parametrize("https", [False, True])
def test_every_cookie_is_closed_to_scripts_and_to_other_sites(
    config: settings.Config, lent: db.Database, make: Make, https: bool
) -> None:
    base = "https://sala.example" if https else "http://localhost"
    client = create_app(replace(config, public_url=base), lent).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/signup", base_url=base).text)
    assert token
    form = {
        "csrf_token": token[1],
        "to": "dark",
        "email": "a@example.org",
        "name": "นกน้ำ",
        "password": "คลองเก่าน้ำใสไหลเย็น",
    }
    thread = make.thread()
    spoken = {"body": "ก", "name": "ป้า", "consent": "1", "csrf_token": token[1]}
    cookies = [
        *client.get("/?lang=en", base_url=base).headers.getlist("Set-Cookie"),
        *client.post("/theme", data=form, base_url=base).headers.getlist("Set-Cookie"),
        *client.post("/signup", data=form | {"consent": "1", "privacy": "1"}, base_url=base).headers.getlist(
            "Set-Cookie"
        ),
        *client.post(f"/t/{thread}/comments", data=spoken, base_url=base).headers.getlist("Set-Cookie"),
    ]
    assert {c.partition("=")[0] for c in cookies} >= {"lang", "theme", "note", "session"}
    for cookie in cookies:
        flags = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert "httponly" in flags
        assert "samesite=lax" in flags
        assert ("secure" in flags) == https
        assert not [f for f in flags if f.startswith("domain")]


HOSTILE_HOSTS = [
    "evil.example",
    "localhost.evil.example",
    "evil.example:80",
    "localhost@evil.example",
    "127.0.0.1.nip.io",
]


@pytest.mark.parametrize("path", ["/", "/login", "/api/v1/consultations"])
def test_under_a_strangers_name_there_is_nothing_here(client: FlaskClient, path: str) -> None:
    for host in HOSTILE_HOSTS:
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code in (400, 404)
        assert "evil" not in answer.text
        assert "nip.io" not in answer.text


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Original-Host", "X-Host", "Forwarded"])
def test_a_forwarded_name_is_not_believed(client: FlaskClient, header: str) -> None:
    answer = client.get("/", headers={header: "host=evil.example" if header == "Forwarded" else "evil.example"})
    assert answer.status_code == 200
    assert "evil.example" not in answer.text


def test_a_page_names_only_the_public_address(app: Flask, make: Make) -> None:
    slug = make.consultation().slug
    answer = app.test_client().get(
        f"/c/{slug}", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp"}
    )
    assert set(re.findall(r'property="og:(?:url|image)" content="(https?://[^/"]+)', answer.text)) <= {
        "http://localhost"
    }
