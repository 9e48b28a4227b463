"""Pieces of pages kept by what they are drawn from: never another reader's, never yesterday's."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader, Environment

from forum.kernel import clock, pieces, web
from forum.kernel.display import page_url

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


class Drawing:
    """A macro that counts how often it draws."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, *values: Any) -> str:
        self.times += 1
        return repr(values)


def test_a_piece_is_drawn_once_for_equal_values_and_anew_for_any_other() -> None:
    drawn, macro = pieces.keeper(10), Drawing()
    assert [drawn(macro, "ป้า", 1), drawn(macro, "ป้า", 1)] == ["('ป้า', 1)"] * 2
    assert macro.times == 1
    assert drawn(macro, "ป้า", 2) == "('ป้า', 2)"
    assert drawn(macro, "ลุง", 1) == "('ลุง', 1)"
    assert macro.times == 3


def test_two_macros_never_share_a_piece() -> None:
    drawn, one, other = pieces.keeper(10), Drawing(), Drawing()
    drawn(one, "ป้า")
    drawn(other, "ป้า")
    assert (one.times, other.times) == (1, 1)


def test_only_so_many_pieces_are_kept_and_with_none_each_is_drawn_anew() -> None:
    drawn, macro = pieces.keeper(2), Drawing()
    for n in (1, 2, 3, 1):
        drawn(macro, n)
    assert macro.times == 4
    never, again = pieces.keeper(0), Drawing()
    assert never(again, 1) == never(again, 1)
    assert again.times == 2


def test_what_cannot_be_told_apart_is_refused_rather_than_guessed() -> None:
    with pytest.raises(TypeError):
        pieces.keeper(10)(Drawing(), {"name": "ป้า"})


@pytest.mark.parametrize("own", [web.csrf_token, web.nonce, web.take_note, page_url], ids=lambda own: str(own.__name__))
def test_what_is_one_readers_own_cannot_get_into_a_piece(app: Flask, own: Any) -> None:
    with app.test_request_context("/"):
        own()
        with pytest.raises(RuntimeError, match="one reader's own"):
            pieces.keeper(10)(lambda: str(own()))
        own()


@pytest.mark.parametrize("filter_", ["timeago", "dayago"])
def test_what_changes_with_the_hour_cannot_get_into_a_piece(app: Flask, filter_: str) -> None:
    tell = app.jinja_env.filters[filter_]
    with app.test_request_context("/"), pytest.raises(RuntimeError, match="one reader's own"):
        pieces.keeper(10)(lambda: str(tell(clock.now())))


def test_a_kept_piece_stays_escaped_and_is_not_escaped_twice() -> None:
    macros = "{% macro said(name) %}<b>{{ name }}</b>{% endmacro %}"
    page = "{% import 'm' as m %}{{ drawn(m.said, '<script>') }}"
    env = Environment(loader=DictLoader({"m": macros, "page": page}), autoescape=True)
    env.globals["drawn"] = pieces.keeper(10)
    for _ in range(2):
        assert env.get_template("page").render() == "<b>&lt;script&gt;</b>"


def test_templates_keep_only_what_imported_macros_draw() -> None:
    """A macro of the page itself sees who reads it, and is another one in every request."""
    asked = [
        (path.relative_to(TEMPLATES).as_posix(), hit[1])
        for path in TEMPLATES.rglob("*.html")
        for hit in re.finditer(r"\bdrawn\(\s*([\w.]+)", re.sub(r"{#.*?#}", "", path.read_text(), flags=re.S))
    ]
    assert len(asked) > 10
    wrong = [one for one in asked if not re.fullmatch(r"[a-z]+\.[a-z_]+", one[1]) and "/_" not in f"/{one[0]}"]
    assert wrong == []
