"""The operator's commands: an agency, and users with their roles, each told in one line of JSON."""

import json
from typing import Any

import pytest
from flask import Flask

from forum import cli
from forum.core.accounts.models import User
from forum.core.agencies import queries
from tests.factories import Make


def run(app: Flask, group: Any, *words: str, typed: str = "") -> Any:
    return app.test_cli_runner().invoke(group, ["create", *words], input=typed)


def test_an_agency_and_an_officer_with_a_token_are_made(app: Flask, client: Any, make: Make) -> None:
    made = run(app, cli._agencies(), "tha-phrao", "--name-th", "เทศบาลท่าพร้าว", "--name-en", "Tha Phrao")
    assert json.loads(made.output) == {"slug": "tha-phrao", "name_th": "เทศบาลท่าพร้าว", "name_en": "Tha Phrao"}
    told = run(
        app, cli._users(), "a@example.org", "--name", "สมศรี", "--agency", "tha-phrao", "--role", "officer", "--token"
    )
    (line,) = told.output.strip().splitlines()
    user = json.loads(line)
    assert set(user) == {"id", "email", "token", "password"}
    assert user["password"], "made, and told this once"
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {user['token']}"}).json
    assert me["id"] == user["id"]
    assert queries.by_slug(make.tx, "tha-phrao").guests
    person = make.tx.query(User).filter_by(public_id=user["id"]).one()
    assert queries.roles_of(make.tx, person.id) == {(queries.by_slug(make.tx, "tha-phrao").id, "officer")}


def test_a_password_may_come_on_stdin_and_is_not_told_again(app: Flask, client: Any) -> None:
    told = json.loads(run(app, cli._users(), "b@example.org", typed="เรือข้ามฟากตอนเช้า\n").output)
    assert (told["password"], told["token"]) == (None, None)


@pytest.mark.parametrize("role", ["moderator", "reviewer", "legal", "auditor", "dpo", "operator"])
def test_a_role_without_an_agency_is_the_sites_own(app: Flask, make: Make, role: str) -> None:
    told = json.loads(run(app, cli._users(), f"{role}@example.org", "--role", role).output)
    user = make.tx.query(User).filter_by(public_id=told["id"]).one()
    assert queries.roles_of(make.tx, user.id) == {(None, role)}


@pytest.mark.parametrize("more", [(), ("--role", "officer")])
def test_an_agency_that_is_not_there_is_named_and_nobody_made(app: Flask, make: Make, more: tuple[str, ...]) -> None:
    told = run(app, cli._users(), "d@example.org", "--agency", "nope", *more)
    assert told.exit_code == 1
    assert told.output == "Error: there is no agency 'nope'; `flask agency create` makes one\n"
    assert make.tx.query(User).filter_by(email="d@example.org").count() == 0


@pytest.mark.parametrize(
    "words", [("not an address",), ("c@example.org", "--role", "king"), ("c@example.org", "--role", "officer")]
)
def test_what_cannot_be_is_one_clear_line(app: Flask, words: tuple[str, ...]) -> None:
    told = run(app, cli._users(), *words)
    assert told.exit_code != 0
    assert "Traceback" not in told.output
    assert told.output.strip()
