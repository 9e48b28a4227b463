"""Secrets are compared in a time that says nothing of how much of them was right."""

import ast
import hmac
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forum.kernel import csrf, keys

ROOT = Path(__file__).resolve().parents[2]
SECRET = re.compile(
    r"(?!status_code)(?:.*_)?(?:digest|token|code|secret|mac|hmac|hash|hashed|password|proof|digits|link_key)"
)
# Compared as text, because whoever asks chooses neither side, or both.
PUBLIC = {
    'kernel/static.py: digest == shelf.digest': "the name of a public file",
    'kernel/idempotency.py: row.digest != digest': "the caller's own body, twice",
    'kernel/web.py: made_for != digest': "the same request's sign-in, twice",
    'core/accounts/service/erasure.py: user.password_hash != verified': "the stored one, read twice",
    'core/accounts/service/sign_ins.py: user.password_hash != verified': "the stored one, read twice",
    'core/accounts/service/changes.py: user.password_hash != verified': "the stored one, read twice",
}  # fmt: skip


def name_of(node: ast.expr) -> str:
    """What an operand of a comparison is called; nothing for a column, which the database looks up by its index."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    if isinstance(node, ast.Attribute):
        is_column = isinstance(node.value, ast.Name) and node.value.id[:1].isupper()
        return "" if is_column else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def compared(source: str) -> Iterator[str]:
    """Comparisons by `==` or `!=` in which a secret takes part."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            sides = [node.left, *node.comparators]
            looked_up = any(isinstance(side, ast.Attribute) and not name_of(side) for side in sides)
            if not looked_up and any(SECRET.fullmatch(name_of(side)) for side in sides):
                yield ast.unparse(node)


def test_no_secret_is_compared_letter_by_letter() -> None:
    found = {
        f"{path.relative_to(ROOT / 'forum')}: {said}"
        for path in sorted((ROOT / "forum").rglob("*.py"))
        for said in compared(path.read_text(encoding="utf-8"))
    }
    assert found - PUBLIC.keys() == set(), "compare secrets by forum.kernel.keys.same"
    assert PUBLIC.keys() - found == set(), "no longer there"


@pytest.mark.parametrize(
    "careless",
    ["token == sent", "mac(x) != y", "row.csrf_token == form['x']", "a == self.link_key", "digits(row) == typed"],
)
def test_a_careless_comparison_would_be_found(careless: str) -> None:
    assert list(compared(careless)) == [careless]


def test_secrets_are_compared_by_the_standard_librarys_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, Any]] = []
    real = hmac.compare_digest

    def watched(a: Any, b: Any) -> bool:
        asked.append((a, b))
        return real(a, b)

    monkeypatch.setattr("forum.kernel.keys.hmac.compare_digest", watched)
    assert keys.same("ก" * 40, "ก" * 40)
    assert not keys.same("ก" * 40, "ก" * 39 + "ข")
    assert not keys.same("x", "")
    assert len(asked) == 3


@pytest.mark.usefixtures("app")
def test_a_form_token_that_is_nearly_right_is_wrong() -> None:
    token = csrf.make("somebody")
    assert csrf.check("somebody", token)
    for near in (token[:-1], token + "0", token[:-1] + ("0" if token[-1] != "0" else "1"), token.upper()):
        assert not csrf.check("somebody", near), near
