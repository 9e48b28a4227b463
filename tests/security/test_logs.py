"""The logs of a served request say what happened, and nothing of who or of what was sent."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import insert
from werkzeug.test import Client

import config as settings
from forum.app import create_app
from forum.core.accounts.models import User
from forum.kernel import clock, db, logs
from forum.server import InFlight
from tests.factories import Make

EMAIL = "somchai.private@example.org"
PASSWORD = "คลองเก่าน้ำใสไหลเย็น"
BODY = "เห็นรถบรรทุกทิ้งดินหลังวัด"
NAME = "ป้าริมคลองคนเดิม"
ADDRESS = "203.0.113.77"


class Served:
    """The app as a process serves it, with both of its logs."""

    def __init__(self, app: Flask, folder: Path, capsys: pytest.CaptureFixture[str]):
        self.client = Client(InFlight(app.wsgi_app))
        self._access, self._capsys = folder / "access.log", capsys
        self._begun, self.said = False, ""

    def open(self, path: str, method: str = "GET", **given: Any) -> Any:
        if not self._begun:  # only now is standard error the one of this test
            logs.configure("DEBUG")
            self._begun = True
        return self.client.open(path, method=method, environ_base={"REMOTE_ADDR": ADDRESS}, buffered=True, **given)

    def send(self, path: str, page: str, **typed: str) -> Any:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.open(page).text)
        assert token
        return self.open(path, "POST", data=typed | {"csrf_token": token[1]})

    def lines(self) -> list[dict[str, Any]]:
        self.said += self._capsys.readouterr().err
        return [json.loads(line) for line in self.said.splitlines()]

    def access(self) -> list[str]:
        return self._access.read_text().splitlines()


@pytest.fixture(autouse=True)
def as_before(tmp_path: Path) -> Iterator[None]:
    """Both logs as they were, after the test."""
    root, access = logging.getLogger(), logging.getLogger("sala.access")
    before = (root.handlers[:], root.level, access.handlers[:], access.propagate)
    logs.open_access_log(tmp_path / "log")
    yield
    for handler in access.handlers:
        handler.close()
    root.handlers[:], access.handlers[:], access.propagate = before[0], before[2], before[3]
    root.setLevel(before[1])


@pytest.fixture
def served(app: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Served:
    return Served(app, tmp_path / "log", capsys)


def test_each_request_is_one_line_in_each_log(served: Served) -> None:
    served.open("/privacy?x=1")
    lines = [line for line in served.lines() if line["event"] == "answered"]
    assert len(lines) == 1
    (line,) = lines
    assert line["method"] == "GET"
    assert line["route"] == "/privacy"
    assert line["status"] == 200
    assert line["ms"] >= 0
    assert line["request_id"]
    (entry,) = served.access()
    at, address, method, path, status = entry.split(" ")
    assert at.endswith("+00:00")
    assert (address, method, path, status) == (ADDRESS, "GET", "/privacy", "200")


def test_a_line_carries_the_number_that_the_answer_carries(served: Served) -> None:
    number = served.open("/privacy").headers["X-Request-Id"]
    assert [line["request_id"] for line in served.lines() if line["event"] == "answered"] == [number]


def test_refusals_are_logged_like_all_else(served: Served) -> None:
    served.open("/no/such/page")
    served.open("/login", "DELETE")
    served.open("/", headers={"Host": "evil.example"})
    assert [(x["route"], x["status"]) for x in served.lines() if x["event"] == "answered"] == [
        (None, 404),
        (None, 405),
        ("/", 404),
    ]
    assert [entry.rsplit(" ", 1)[1] for entry in served.access()] == ["404", "405", "404"]


def test_probes_do_not_fill_the_log(served: Served) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        served.open(path)
    assert [line for line in served.lines() if line["event"] == "answered"] == []


def test_the_access_log_is_readable_by_the_operator_alone(served: Served, tmp_path: Path) -> None:
    served.open("/")
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "log" / "access.log").stat().st_mode & 0o777 == 0o600


def test_nothing_that_people_send_is_in_the_logs(served: Served, make: Make) -> None:
    thread, token = make.thread(), make.token(make.user())
    secrets = [EMAIL, PASSWORD, BODY, NAME, token]
    served.send("/signup", "/signup", email=EMAIL, name=NAME, password=PASSWORD, consent="1")
    served.send("/login", "/login", email=EMAIL, password=PASSWORD, next=f"/t/{thread}?q={EMAIL}")
    served.send("/reset", "/reset", email=EMAIL)
    answer = served.send(f"/t/{thread}/comments", f"/t/{thread}", body=BODY, name=NAME, consent="1")
    shown = served.open(answer.headers["Location"].partition("#")[0]).text
    code = re.search(r"สล-([0-9A-Z]{4})-([0-9A-Z]{4})", shown)
    assert code
    secrets += [code[0], code[1] + code[2], code[1] + "-" + code[2], "สล-" + code[1]]
    for written in (code[0], code[1] + code[2], code[0].lower(), "00000000"):
        for path in (
            f"/r/{written}",
            f"/r/{written}/edit",
            f"/api/v1/receipts/{written}",
            f"/R/{written}",
            f"//r/{written}",
        ):
            served.open(path)
    served.send("/r", "/r", code=code[0])
    bearer = {"Authorization": f"Bearer {token}"}
    said = f"/api/v1/threads/{thread}/comments"
    served.open(said, "POST", json={"body": BODY, "consent": True}, headers=bearer)
    served.open(said, "POST", json={"body": BODY, "name": NAME, "consent": True})
    served.open(said, "POST", data=BODY.encode(), headers=bearer)
    served.open(said, "POST", data=b'{"body": "' + BODY.encode(), content_type="application/json")
    served.open("/api/v1/me", headers={"Authorization": f"Bearer x{token}"})
    served.open(f"/?q={EMAIL}&after={BODY}&kept={token}")
    served.open(
        "/login", headers={"Referer": f"http://localhost/{EMAIL}", "User-Agent": NAME.encode().decode("latin-1")}
    )
    everything = served.said + "\n".join(served.access()) if served.lines() else ""
    assert everything.count("answered") > 35
    for secret in secrets:
        assert secret not in everything, secret
        assert secret.encode().decode("latin-1") not in everything
        assert json.dumps(secret)[1:-1] not in everything
    structured = "\n".join(json.dumps(line) for line in served.lines())
    assert ADDRESS not in structured
    assert thread not in structured


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/r/S96WFH1C", "/r/…"),
        ("/r/สล-S96W-FH1C/edit", "/r/…/edit"),
        ("/R/sl-s96w-fh1c", "/R/…"),
        ("//r/whatever", "//r/…"),
        ("/สล-S96W-FH1C", "/…"),
        ("/S96WFH1C", "/…"),
        ("/t/S96W-FH1C", "/t/…"),
        ("/api/v1/receipts/x/y", "/api/v1/receipts/…/y"),
        ("/join/bchfbfhekb0123456789abcdef", "/join/…"),
        ("/Join/4821-77KD-0M5X", "/Join/…"),
        ("/4821-77kd-0m5x", "/…"),
        ("/join", "/join"),
        ("/c/riverban", "/c/riverban"),
        ("/t/bchfbfhekb", "/t/bchfbfhekb"),
        ("/r", "/r"),
        ("/r/", "/r/"),
        ("/a b\n2026 1.2.3.4 GET /", "/a%20b%0A2026%201.2.3.4%20GET%20/"),
        ("/คลอง", "/%E0%B8%84%E0%B8%A5%E0%B8%AD%E0%B8%87"),
    ],
)
def test_a_path_is_logged_on_one_line_without_receipt_codes(path: str, shown: str) -> None:
    assert logs.without_codes(path) == shown
    assert logs.without_codes(path.encode().decode("latin-1")) == shown


def test_no_word_of_our_own_paths_passes_for_a_code(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        for word in re.sub(r"<[^>]+>", "", rule.rule).split("/"):
            assert logs.without_codes(f"/{word}") == f"/{word}"


def test_an_error_is_logged_by_its_kind_and_place_without_its_words(
    config: settings.Config, lent: db.Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Make
) -> None:
    app = create_app(config, lent)
    make.user(email_taken := "นก ริมคลอง")
    taken = {"public_id": "x", "email": EMAIL, "name": email_taken, "created_at": clock.now()}

    @app.post("/broken")
    def broken() -> str:
        raise RuntimeError(f"cannot read {request.form['body']}")

    @app.post("/broken/database")
    def broken_database() -> str:
        with db.transaction() as tx:
            tx.execute(insert(User).values(taken))
            tx.execute(insert(User).values(taken))
        return ""

    served = Served(app, tmp_path, capsys)
    for path in ("/broken", "/broken/database"):
        answer = served.open(path, "POST", data={"body": BODY})
        assert answer.status_code == 500
        assert BODY not in answer.text
        assert EMAIL not in answer.text
    told = [line for line in served.lines() if "exception" in line]
    assert [line["exception"][0]["type"] for line in told] == ["builtins.RuntimeError", "sqlalchemy.exc.IntegrityError"]
    assert "broken" in told[0]["exception"][0]["at"][-1]
    for secret in (BODY, EMAIL):
        assert secret not in served.said
        assert json.dumps(secret)[1:-1] not in served.said


@pytest.mark.parametrize(
    ("passed", "proxies", "told"),
    [
        ("", 0, "10.0.0.9"),
        ("203.0.113.5", 0, "10.0.0.9"),
        ("203.0.113.5", 1, "203.0.113.5"),
        ("6.6.6.6, 203.0.113.5", 1, "203.0.113.5"),
        ("203.0.113.5, 10.0.0.1", 2, "203.0.113.5"),
        ("", 1, "10.0.0.9"),
    ],
)
def test_the_access_log_tells_the_callers_address_and_believes_no_stranger(
    passed: str, proxies: int, told: str
) -> None:
    from forum.server import address

    environ = {"REMOTE_ADDR": "10.0.0.9", "HTTP_X_FORWARDED_FOR": passed}
    assert address(environ, proxies) == told
