"""Names that one part of the house gives another are names that the other knows."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from forum.app import FEATURES
from forum.kernel.db import Model

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted((ROOT / "forum").rglob("*.py"))
ASKING = ("require", "why_not", "_why_not")


@pytest.mark.parametrize("said", ["items", "live", "mails", "figures"])
def test_what_a_feature_says_no_other_says(said: str) -> None:
    named = Counter(name for feature in FEATURES for name in getattr(feature, said))
    assert [name for name, times in named.items() if times > 1] == []


def test_features_and_observers_have_names_of_their_own() -> None:
    assert len({f.name for f in FEATURES}) == len(FEATURES)
    observers = [o.name for f in FEATURES for o in f.observers]
    assert len(set(observers)) == len(observers)


def test_what_is_told_live_is_some_features_event() -> None:
    known = {name for feature in FEATURES for name in feature.events}
    assert {name for feature in FEATURES for name in feature.live} - known == set()


def test_every_action_that_is_asked_for_has_its_rule() -> None:
    known = {action for feature in FEATURES for action in feature.rules}
    asked = {
        (path.name, node.args[1].value)
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ASKING
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
    }
    assert asked
    assert {(where, action) for where, action in asked if action not in known} == set()


def test_what_a_method_opens_has_its_rule() -> None:
    known = {action for feature in FEATURES for action in feature.rules}
    assert {a for f in FEATURES for m in f.methods for a in m.actions} - known == set()


def test_every_letter_that_is_queued_can_be_written() -> None:
    known = {kind for feature in FEATURES for kind in feature.mails}
    queued = {
        node.args[1].value
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "queue"
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
    }
    assert queued - known == set()


def test_columns_that_name_a_person_are_foreign_keys() -> None:
    ends = ("user_id", "author_id", "owner_id", "created_by", "by_id")
    loose = [
        f"{table.name}.{column.name}"
        for table in Model.metadata.tables.values()
        for column in table.columns
        if column.name in ends and not column.foreign_keys
    ]
    # A letter may outlive the account that it tells of the account's end.
    assert loose == ["mail.user_id"]


def test_every_module_says_what_it_is_for() -> None:
    trees = {path: ast.parse(path.read_text()) for path in CODE}
    assert [path.name for path, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_every_endpoint_of_the_api_describes_itself(whole: object) -> None:
    views = whole.view_functions  # type: ignore[attr-defined]
    silent = [
        rule.rule
        for rule in whole.url_map.iter_rules()  # type: ignore[attr-defined]
        if rule.rule.startswith("/api/v1") and not hasattr(views[rule.endpoint], "described")
    ]
    assert silent == []


def test_the_house_is_described() -> None:
    told = (ROOT / "docs" / "architecture.md").read_text()
    for floor in ("kernel", "core", "commons", "methods", "observers", "admin"):
        assert f"{floor}/" in told
