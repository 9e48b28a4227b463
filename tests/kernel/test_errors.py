"""What services raise becomes one page, or one problem for programs."""

from typing import Any

import pytest
from flask import Flask

from forum.app import answer_to
from forum.kernel.errors import AppError, Busy, Conflict, Denied, Gone, Invalid, NotFound, TooMany

RAISED: list[tuple[AppError, int, dict[str, Any]]] = [
    (NotFound(), 404, {}),
    (Gone("ผู้เขียนเอาออก"), 410, {"detail": "ผู้เขียนเอาออก"}),
    (Denied("origin"), 403, {"reason": "origin"}),
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
