"""The house keeps its own rules: read from the code itself, so that a new folder is held to them too."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from forum import app
from forum.kernel.db import Model

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted((ROOT / "forum").rglob("*.py"))
FLOORS = ("core", "commons", "methods", "observers")
# What a feature may be made of: the files everybody knows, and nouns of its own beside them.
KNOWN = {"models", "compute", "rules", "queries", "service", "forms", "routes", "api", "manifest"}
VAGUE = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT / "forum"))


def _calls(path: Path, method: str) -> Iterator[ast.Call]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
            yield node


def test_nothing_commits_but_the_one_transaction() -> None:
    assert {_name(path) for path in CODE for _ in _calls(path, "commit")} <= {"kernel/db.py"}
    begins = {_name(path) for path in CODE for _ in _calls(path, "begin")}
    assert begins - {"kernel/db.py"} <= {"kernel/web.py", "kernel/api.py"}, "idempotency.begin only"


def test_a_transaction_is_opened_by_whoever_speaks_http_or_runs_by_itself() -> None:
    opening = {path for path in CODE if re.search(r"\btransaction\(\)", path.read_text(encoding="utf-8"))}
    inside = [p for p in opening if p.stem in {"service", "queries", "forms", "rules", "models", "compute"}]
    assert inside == []


def test_no_list_skips_rows_to_reach_its_page() -> None:
    assert [_name(path) for path in CODE for _ in _calls(path, "offset")] == []
    assert not any(re.search(r"\bOFFSET\b", path.read_text(encoding="utf-8")) for path in CODE)


def _writing_routes(path: Path) -> list[str]:
    found = [call.func.attr for m in ("post", "put", "patch", "delete") for call in _calls(path, m) if _is_route(call)]  # type: ignore[attr-defined]
    return found + [c.func.attr for c in _calls(path, "route") if any(k.arg == "methods" for k in c.keywords)]  # type: ignore[attr-defined]


def _is_route(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    return isinstance(first, ast.Constant) and str(first.value).startswith("/")


def test_every_address_that_changes_something_is_in_routes_or_api() -> None:
    elsewhere = {
        _name(path) for path in CODE if _writing_routes(path) and not {"routes", "api"} & {path.stem, path.parent.name}
    }
    assert elsewhere == set()


@pytest.mark.usefixtures("app")
def test_every_address_the_app_answers_to_writes_with_is_from_routes_or_api(whole: object) -> None:
    for rule in whole.url_map.iter_rules():  # type: ignore[attr-defined]
        if {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()):
            module = whole.view_functions[rule.endpoint].__module__.split(".")  # type: ignore[attr-defined]
            assert {"routes", "api"} & set(module), rule.rule


def test_only_one_function_changes_what_is_seen_of_an_item() -> None:
    writing = {
        _name(path)
        for path in CODE
        for node in ast.walk(_tree(path))
        for target in (node.targets if isinstance(node, ast.Assign) else ())
        if isinstance(target, ast.Attribute) and target.attr == "state"
    }
    of_other_things = {"core/consultations/openings.py", "kernel/mail.py"}
    assert writing - of_other_things == {"core/items/service.py"}
    said = "\n".join(path.read_text(encoding="utf-8") for path in CODE)
    assert not re.search(r"update\(Item\)[^\n]*\bstate=", said)


def test_functions_are_short_and_files_too() -> None:
    lengths = [
        node.end_lineno - node.lineno + 1
        for path in CODE
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]
    assert statistics.median(lengths) <= 10
    assert sum(length <= 40 for length in lengths) >= 0.95 * len(lengths)
    assert {_name(p): n for p in CODE if (n := len(p.read_text(encoding="utf-8").splitlines())) > 300} == {}


def test_a_feature_is_a_folder_with_a_manifest_and_no_vague_names() -> None:
    folders = [f for floor in FLOORS for f in (ROOT / "forum" / floor).iterdir() if (f / "__init__.py").exists()]
    assert all((folder / "manifest.py").exists() for folder in folders)
    assert not VAGUE & {p.stem for p in CODE} | VAGUE & {p.parent.name for p in CODE}
    for folder in folders:
        names = {p.stem for p in folder.glob("*.py")} | {p.parent.name for p in folder.glob("*/*.py")}
        assert names & KNOWN, folder


def test_what_must_stand_at_the_top_stands_there() -> None:
    folders = ("forum", "templates", "static", "migrations", "tests", "docs", "translations")
    files = ("config.py", "wsgi.py", "requirements.txt", "README.md", "pyproject.toml", "Makefile", "CHANGELOG.md")
    assert all((ROOT / name).is_dir() for name in folders)
    assert all((ROOT / name).is_file() for name in (*files, "LICENSE", ".ci/run"))
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "exec make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["", "-scale", "-dev"])
def test_every_requirement_is_pinned_with_its_hashes(kind: str) -> None:
    lines = (ROOT / f"requirements{kind}.txt").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    wanted = [line for line in lines if line.strip() and not line.lstrip().startswith(("#", "-c"))]
    assert wanted
    assert [line for line in wanted if "==" not in line or "--hash=sha256:" not in line] == []
    named = {line.split("==")[0].split("[")[0].strip().lower() for line in wanted}
    asked = (ROOT / f"requirements{kind}.in").read_text(encoding="utf-8").splitlines()
    direct = {re.split(r"[\[=~<> ]", line)[0].lower() for line in asked if line and line[0] not in "#-"}
    assert direct <= named


def _feature_of(module: str) -> str:
    return module.split(".")[2]


def test_a_feature_whose_tables_name_a_person_tells_and_forgets_them() -> None:
    naming = {
        _feature_of(mapper.class_.__module__)
        for mapper in Model.registry.mappers
        for key in mapper.local_table.foreign_keys  # type: ignore[attr-defined]
        if key.target_fullname == "user_account.id"
    }
    assert {"accounts", "agencies", "comments", "consultations", "items"} <= naming
    by_folder = {_feature_of(f"forum.x.{f.name}"): f for f in app.FEATURES} | {"items": _named("item")}
    assert [n for n in naming if by_folder[n].personal_data is None or by_folder[n].erase is None] == []


def _named(name: str) -> app.feature.Feature:
    return next(f for f in app.FEATURES if f.name == name)


def test_an_action_and_an_event_belong_to_one_feature_each() -> None:
    actions = [action for f in app.FEATURES for action in f.rules]
    events = [event for f in app.FEATURES for event in f.events]
    assert len(actions) == len(set(actions))
    assert len(events) == len(set(events))


def test_no_feature_emits_an_event_that_nobody_declared() -> None:
    declared = {event for f in app.FEATURES for event in f.events}
    said = {
        node.args[1].value
        for path in CODE
        for node in _calls(path, "emit")
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
    }
    assert said
    assert said <= declared
