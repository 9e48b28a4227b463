"""What services raise becomes one page, or one problem for programs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from forum.app import answer_to
from forum.kernel import i18n, web
from forum.kernel.errors import AppError, Busy, Conflict, Denied, Gone, Invalid, NotFound, TooMany
from tests.factories import Make

ROOT = Path(__file__).resolve().parents[2]
RAISED: list[tuple[AppError, int, dict[str, Any]]] = [
    (NotFound(), 404, {}),
    (Gone("ผู้เขียนเอาออก"), 410, {"detail": "ผู้เขียนเอาออก"}),
    (Denied("origin"), 403, {"reason": "origin", "help": "เปิดศาลาโดยตรง แล้วส่งใหม่จากหน้านั้น"}),
    (Denied("sign_in", sign_in=True), 401, {"reason": "sign_in"}),
    (Invalid({"phases.0.starts_at": "ไม่มีวันนี้"}), 422, {"errors": {"phases.0.starts_at": "ไม่มีวันนี้"}}),
    (Conflict("มีคนแก้ไปก่อน", current={"version": 3}), 409, {"current": {"version": 3}}),
    (TooMany(7), 429, {}),
    (Busy(), 503, {}),
]
NAMES = [type(error).__name__ + str(status) for error, status, _ in RAISED]


@pytest.mark.parametrize(("error", "status", "more"), RAISED, ids=NAMES)
def test_programs_get_a_problem(app: Flask, error: AppError, status: int, more: dict[str, Any]) -> None:
    with app.test_request_context("/api/v1/x"):
        answer = answer_to(error)
    told = answer.get_json()
    assert answer.mimetype == "application/problem+json"
    assert (answer.status_code, told["status"]) == (status, status)
    assert {"type", "title", "detail"} <= set(told)
    assert {name: told[name] for name in more} == more
    assert ("Retry-After" in answer.headers) == (status in (429, 503))
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(("error", "status", "more"), RAISED, ids=NAMES)
def test_people_get_a_page(app: Flask, error: AppError, status: int, more: dict[str, Any]) -> None:
    with app.test_request_context("/x"):
        answer = answer_to(error)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    page = answer.get_data(as_text=True)
    assert "<h1" in page
    assert "Traceback" not in page


@pytest.mark.parametrize("path", ["/no-such-page", "/api/v1/no-such-thing"])
def test_what_is_not_there_is_not_a_bug(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404


THAI = re.compile("[\u0e00-\u0e7f]")
BY_HAND = {"sign_in", "token", "origin", "form_token"}


def reasons_of_the_code() -> set[str]:
    """Every reason that a rule gives or a service raises, as the code has it."""
    said = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "forum").rglob("*.py"))
    raised = re.findall(r'Denied\(\s*"(\w+)"', said) + re.findall(r'reason="(\w+)"', said)
    given = [key for path in (ROOT / "forum").rglob("rules.py") for key in returned(path)]
    return {*raised, *given}


def returned(path: Path) -> Iterator[str]:
    """The texts that the functions of a file may return."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Return) and node.value is not None:
            values = (one.value for one in answers(node.value) if isinstance(one, ast.Constant))
            yield from (value for value in values if isinstance(value, str))


def answers(node: ast.expr) -> list[ast.expr]:
    """What an expression may come to."""
    return [*answers(node.body), *answers(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def test_every_reason_why_not_says_what_would_help_in_both_languages(app: Flask) -> None:
    found = reasons_of_the_code()
    assert found >= BY_HAND | {"closed", "not_officer", "agency_starts", "draft", "not_yours"}
    for reason in sorted(found):
        told = {}
        for lang in i18n.LANGUAGES:
            with app.test_request_context(f"/api/v1/x?lang={lang}"):
                i18n.activate(lang)
                told[lang] = answer_to(Denied(reason)).get_json()
        for said in told.values():
            assert said["reason"] == reason
            assert said["help"] not in ("", said["detail"])
        assert THAI.search(told["th"]["help"]), reason
        assert not THAI.search(told["en"]["help"] + told["en"]["detail"]), reason


def test_a_key_of_a_reason_has_one_meaning() -> None:
    with pytest.raises(AssertionError):
        web.add_reasons({"origin": i18n.T("อื่น")}, {"origin": i18n.T("อื่น")})


def test_a_refused_program_is_told_why_and_what_would_help(client: FlaskClient, make: Make) -> None:
    citizen = {"Authorization": f"Bearer {make.token(make.user())}"}
    path = f"/api/v1/consultations/{make.consultation().slug}/close"
    thai = client.post(path, json={}, headers=citizen)
    english = client.post(f"{path}?lang=en", json={}, headers=citizen)
    assert (thai.status_code, english.status_code) == (403, 403)
    assert thai.json["reason"] == english.json["reason"] == "not_officer"
    assert "คำเชิญ" in thai.json["help"]
    assert "invite" in english.json["help"]
    nobody = client.post(path, json={})
    assert (nobody.status_code, nobody.json["reason"]) == (401, "sign_in")
    assert nobody.json["help"]
