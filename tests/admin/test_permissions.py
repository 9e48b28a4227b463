"""docs/permissions.md says what the rules in the code say."""

from pathlib import Path

import pytest
from flask import Flask

from forum.admin.queries import permission_rows, permissions_document
from forum.kernel import feature, web

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


@pytest.mark.usefixtures("app")
def test_the_document_equals_the_rules() -> None:
    made = permissions_document()
    assert DOCUMENT.read_text(encoding="utf-8") == made, "run: .venv/bin/flask permissions > docs/permissions.md"


@pytest.mark.usefixtures("app")
def test_every_condition_says_in_words_what_it_asks() -> None:
    assert all(all(row.conditions) and row.conditions for row in permission_rows())


@pytest.mark.usefixtures("app")
def test_an_action_belongs_to_one_feature() -> None:
    actions = [row.action for row in permission_rows()]
    assert len(actions) == len(set(actions))


def test_the_command_prints_the_document(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["permissions"])
    assert printed.output == permissions_document()


@pytest.mark.usefixtures("app")
def test_an_unknown_reason_is_a_mistake_in_the_code() -> None:
    assert feature.features()
    with pytest.raises(KeyError):
        web.reason_text("no such reason")
