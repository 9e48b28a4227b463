"""Requests that no browser of ours would send: refused in words, with nothing changed and nothing broken."""

import io
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forum.commons.comments.models import Comment
from forum.kernel.shell import MAX_BODY
from tests.factories import Make

Token = Callable[..., str]
NASTY = [
    "\x00",
    "a\x00b",
    "\ufffd",
    "\udcff",
    "%00",
    "' OR 1=1 --",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "\u202e",
    "\u0e01" * 300,
    "a" * 5000,
    "²",
    "٣",
    "-1",
    "1e9",
    "9" * 30,
    "NaN",
    "{{7*7}}",
    "%(x)s",
    "{0}",
    "\r\nX: y",
    "[]",
]


def comments(tx: Session) -> int:
    return tx.execute(select(func.count()).select_from(Comment)).scalar_one()


def is_problem(answer: Any) -> bool:
    said = answer.json
    return (
        answer.mimetype == "application/problem+json"
        and said["status"] == answer.status_code
        and bool(said["title"] and said["detail"])
    )


def paths(app: Flask, method: str) -> Iterator[tuple[str, list[str]]]:
    """Every route that takes a method, with the names in its path."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and not rule.rule.startswith(("/static", "/socket.io")):
            yield rule.rule.replace("path:", ""), sorted(rule.arguments)


def at(path: str, names: list[str], values: dict[str, str]) -> str:
    for name in names:
        path = path.replace(f"<{name}>", values[name])
    return path


def escaped(text: str) -> str:
    return quote(text.encode("utf-8", "surrogateescape"), safe="")


@pytest.fixture
def place(make: Make) -> dict[str, str]:
    """A value for every name in a path, under which something is."""
    consultation = make.consultation()
    return {
        "slug": consultation.slug,
        "public_id": make.thread(consultation),
        "key": "discussion",
        "kind": "useful",
        "code": "00000000",
        "place": "t/x",
        "task": "dates",
        "role": "officer",
        "no": "1",
        "token": "nothing",
        "wanted": "report.xlsx",
    }


@pytest.mark.slow
def test_nothing_in_a_path_breaks_a_page(app: Flask, client: FlaskClient, place: dict[str, str]) -> None:
    for path, names in paths(app, "GET"):
        for nasty in NASTY:
            for broken in names:
                url = at(path, names, place | {broken: escaped(nasty)})
                answer = client.get(url)
                assert answer.status_code < 500, url
                assert answer.status_code in (303, 308, 401) or answer.status_code >= 400 or not names, url


@pytest.mark.slow
def test_nothing_in_a_query_breaks_a_page(
    app: Flask, client: FlaskClient, signed_in: FlaskClient, place: dict[str, str]
) -> None:
    asked = ("after", "limit", "since_seq", "since", "sort", "c", "reply", "kept", "next", "lang", "list", "id", "key")
    for path, names in paths(app, "GET"):
        for nasty in NASTY:
            url = f"{at(path, names, place)}?{'&'.join(f'{name}={escaped(nasty)}' for name in asked)}"
            for reader in (client, signed_in):
                assert reader.get(url).status_code < 500, url


@pytest.mark.slow
def test_each_query_value_alone_breaks_no_page(app: Flask, client: FlaskClient, place: dict[str, str]) -> None:
    for name in ("after", "sort", "c", "reply", "kept", "list", "since", "since_seq", "limit"):
        for path in ("/", "/c/{slug}", "/c/{slug}/talk/{key}", "/t/{public_id}", "/t/{public_id}/new",
                     "/api/v1/consultations", "/api/v1/threads/{public_id}/comments"):  # fmt: skip
            for nasty in NASTY:
                url = f"{path.format(**place)}?{name}={escaped(nasty)}"
                assert client.get(url).status_code < 500, url


@pytest.mark.slow
@pytest.mark.parametrize("who", ["guest", "citizen", "officer"])
def test_no_form_breaks_on_what_is_typed_into_it(
    app: Flask, make: Make, place: dict[str, str], form_token: Token, who: str
) -> None:
    client = app.test_client()
    if who != "guest":
        make.sign_in(client, make.member(make.agency()) if who == "officer" else make.user())
    fields = (
        "body", "name", "stance", "consent", "parent", "channel", "received_on", "sheet", "version", "reason",
        "personal_data", "kind", "on", "next", "code", "email", "password", "new_password", "current_password",
        "title", "options", "id", "key", "to", "posts", "token_name", "new_email", "email_password", "given", "work",
    )  # fmt: skip
    token = form_token(client)
    for path, names in paths(app, "POST"):
        if path.startswith("/api/"):
            continue
        for nasty in ["", *NASTY]:
            if path == "/logout":
                continue
            typed = dict.fromkeys(fields, nasty.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
            answer = client.post(at(path, names, place), data=typed | {"csrf_token": token})
            assert answer.status_code < 500, (path, nasty)


def test_a_body_that_is_not_utf8_breaks_no_form(client: FlaskClient, place: dict[str, str], form_token: Token) -> None:
    sent = b"csrf_token=" + form_token(client).encode() + b"&body=%ff%fe\xff&name=\xff%00&consent=1"
    answer = client.post(
        f"/t/{place['public_id']}/comments", data=sent, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code < 500


JSON_BODIES = [
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"1",
    b"{",
    b'{"body": }',
    b"\xff\xfe",
    b'{"body": "\xff"}',
    b'{"body": "\\ud800", "name": "x", "consent": true}',
    b'{"body": "x", "name": "\\udfff", "consent": true}',
    b"[" * 100_000,
    b'{"body":' * 20_000,
    b'{"body": {"a": {"b": {}}}}',
    b'{"body": 1}',
    b'{"body": null}',
    b'{"body": true}',
    b'{"body": "x", "consent": "yes", "name": "x"}',
    b'{"body": "x", "unknown": 1}',
    b'{"body": "x", "__proto__": {}}',
    b'{"body": "", "name": "", "consent": false}',
    b'{"body": "\\u0000", "name": "\\u0000", "consent": true}',
    b'{"body": 1e999}',
    b'{"body": "x", "parent": "\\u0000", "name": "x", "consent": true}',
    b'{"title": "\\u0000", "activity": "\\u0000", "body": "x"}',
    b'{"agency": "\\u0000", "title": "x", "name": "\\u0000", "text": "\\u0000"}',
    b"NaN",
    b"\xef\xbb\xbf{}",
]


def test_json_that_does_not_fit_is_told_so_and_changes_nothing(
    client: FlaskClient, place: dict[str, str], tx: Session
) -> None:
    path = f"/api/v1/threads/{place['public_id']}/comments"
    for sent in JSON_BODIES:
        answer = client.post(path, data=sent, content_type="application/json")
        assert answer.status_code in (404, 422), sent[:60]
        assert is_problem(answer), sent[:60]
        assert answer.json.get("errors") or b"parent" in sent, sent[:60]
    assert comments(tx) == 0


@pytest.mark.slow
def test_every_json_endpoint_survives_every_body(app: Flask, make: Make, place: dict[str, str]) -> None:
    client = app.test_client()
    headers = {"Authorization": f"Bearer {make.token(make.member(make.agency()))}"}
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path, names in paths(app, method):
            if path.startswith("/api/v1"):
                for sent in JSON_BODIES:
                    answer = client.open(
                        at(path, names, place),
                        method=method,
                        data=sent,
                        content_type="application/json",
                        headers=headers,
                    )
                    assert answer.status_code < 500, (method, path, sent[:60])


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/xml",
        "json",
    ],
)
def test_json_under_another_name_is_not_read(
    client: FlaskClient, place: dict[str, str], tx: Session, kind: str
) -> None:
    sent = b'{"body": "x", "name": "y", "consent": true}'
    answer = client.post(f"/api/v1/threads/{place['public_id']}/comments", data=sent, content_type=kind)
    assert answer.status_code in (415, 422)
    assert is_problem(answer)
    assert comments(tx) == 0


def test_a_form_that_is_too_large_is_refused(
    client: FlaskClient, place: dict[str, str], tx: Session, form_token: Token
) -> None:
    typed = {"csrf_token": form_token(client), "body": "ก" * MAX_BODY, "name": "ป้า", "consent": "1"}
    answer = client.post(f"/t/{place['public_id']}/comments", data=typed)
    assert answer.status_code == 413
    assert "<!doctype html>" in answer.text
    assert comments(tx) == 0


def test_a_file_where_none_is_taken_is_refused_or_passed_over(
    client: FlaskClient, place: dict[str, str], form_token: Token
) -> None:
    path, token = f"/t/{place['public_id']}/comments", form_token(client)
    large = {"csrf_token": token, "body": (io.BytesIO(b"x" * MAX_BODY), "x.exe")}
    assert client.post(path, data=large).status_code == 413
    small = {"csrf_token": token, "body": (io.BytesIO(b"x"), "x.exe"), "name": "ป้า", "consent": "1"}
    assert client.post(path, data=small).status_code == 422


def test_a_form_of_too_many_parts_is_refused(client: FlaskClient, place: dict[str, str]) -> None:
    parts = (
        "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n1\r\n' for n in range(500)) + "--x--\r\n"
    )
    answer = client.post(
        f"/t/{place['public_id']}/comments", data=parts, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413


def test_json_that_is_too_large_is_a_problem(client: FlaskClient, place: dict[str, str], tx: Session) -> None:
    sent = b'{"body": "' + b"x" * MAX_BODY + b'"}'
    answer = client.post(f"/api/v1/threads/{place['public_id']}/comments", data=sent, content_type="application/json")
    assert answer.status_code == 413
    assert is_problem(answer)
    assert comments(tx) == 0


def test_a_field_sent_twice_counts_once(
    client: FlaskClient, place: dict[str, str], tx: Session, form_token: Token
) -> None:
    typed = {"csrf_token": form_token(client), "body": ["หนึ่ง", "สอง"], "name": ["ป้า", "ลุง"], "consent": ["1", "0"]}
    assert client.post(f"/t/{place['public_id']}/comments", data=typed).status_code == 303
    assert tx.execute(select(Comment.body)).scalars().all() == ["หนึ่ง"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW", "PROPFIND"])
def test_another_method_is_told_which_there_are(client: FlaskClient, method: str) -> None:
    page = client.open("/login", method=method)
    assert page.status_code == 405
    assert set(page.headers["Allow"].split(", ")) >= {"GET", "POST"}
    program = client.open("/api/v1/consultations", method=method)
    assert program.status_code == 405
    assert "GET" in program.headers["Allow"]
    assert is_problem(program)


def test_head_answers_like_get_without_a_body(client: FlaskClient) -> None:
    answer = client.head("/")
    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.parametrize(
    "name",
    [
        "../config.py", "..%2fconfig.py", "%2e%2e/config.py", "..%5cconfig.py", "css/../../config.py", "/etc/passwd",
        "%2fetc%2fpasswd", "css/tokens.css%00.png", "css", "", ".", "css/", "CSS/tokens.css", "....//config.py",
    ],
)  # fmt: skip
def test_only_files_of_the_shelf_are_served(client: FlaskClient, name: str) -> None:
    for digest in ("x", ".."):
        answer = client.get(f"/static/{digest}/{name}")
        assert answer.status_code in (308, 404), name
        assert "import" not in answer.text


def test_a_page_that_is_not_there_is_a_page_and_for_programs_a_problem(client: FlaskClient) -> None:
    page = client.get("/<script>alert(1)</script>")
    assert page.status_code == 404
    assert "<script>alert" not in page.text
    answer = client.get("/api/v1/<script>")
    assert answer.status_code == 404
    assert is_problem(answer)


def test_an_idempotency_key_must_be_a_plain_word(client: FlaskClient, place: dict[str, str], tx: Session) -> None:
    sent = {"body": "x", "name": "ป้า", "consent": True}
    for key in ("", "x" * 201, "กุญแจ".encode().decode("latin-1")):
        path = f"/api/v1/threads/{place['public_id']}/comments"
        answer = client.post(path, json=sent, headers={"Idempotency-Key": key})
        assert answer.status_code == 422, key
        assert "Idempotency-Key" in answer.json["errors"]
    assert comments(tx) == 0
