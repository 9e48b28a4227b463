"""The tokens of the styles: each one that is asked for is there, each that is there is used, all can be read."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
TEXT = ["--ink", "--ink-2", "--action", "--lac", "--ochre", "--bad", "--good"]
GROUNDS = ["--ground", "--surface", "--sunk", "--action-wash", "--ochre-wash", "--bad-wash"]
PAIRS = [(text, ground, 4.5) for text in TEXT for ground in GROUNDS]
PAIRS += [("--line-strong", ground, 3) for ground in ("--ground", "--surface", "--sunk")]
PAIRS += [(text, ground, 4.5) for text in ("--on-band", "--on-band-2") for ground in ("--band", "--band-2")]
PAIRS += [
    ("--on-action", "--action", 4.5),
    ("--on-action", "--action-hover", 4.5),
    ("--on-band-btn", "--band-btn", 4.5),
]
PAIRS += [("--surface", "--lac", 4.5), ("--focus", "--ground", 3), ("--focus", "--surface", 3)]
PAIRS += [("--band-focus", "--band", 3), ("--art-ink", "--art-sky", 4.5)]


@cache
def tokens() -> dict[str, dict[str, str]]:
    """The tokens of the light theme and those the dark one sets anew."""
    styles = re.sub(r"/\*.*?\*/", "", (CSS / "tokens.css").read_text(), flags=re.S)
    light = re.search(r"^:root\{(.*?)\n\}", styles, re.S | re.M)
    dark = re.search(r":root\[data-theme=dark\]\{(.*?)\n\}", styles, re.S)
    assert light is not None
    assert dark is not None
    return {name: dict(re.findall(r"(--[\w-]+):([^;]+);", found[1])) for name, found in
            (("light", light), ("dark", dark))}  # fmt: skip


def everything_that_asks() -> dict[str, str]:
    """The styles, templates and scripts, by their names."""
    files = [*CSS.glob("*.css"), *(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").glob("*.js")]
    files += (ROOT / "static" / "img").glob("*.svg")
    return {str(path.relative_to(ROOT)): path.read_text() for path in files}


def brightness(colour: str) -> float:
    """The relative luminance of a #rrggbb."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_no_style_asks_for_a_token_that_is_not_there() -> None:
    asked = {
        (name, token) for name, text in everything_that_asks().items() for token in re.findall(r"var\((--[\w-]+)", text)
    }
    assert len({token for _, token in asked}) > 40
    own = {(name, token) for name, text in everything_that_asks().items() for token in re.findall(r"(--[\w-]+):", text)}
    assert {(name, token) for name, token in asked - own if token not in tokens()["light"]} == set()


def test_no_token_is_there_for_nothing() -> None:
    used = {token for text in everything_that_asks().values() for token in re.findall(r"var\((--[\w-]+)", text)}
    assert set(tokens()["light"]) - used == set()


def test_the_dark_theme_has_its_own_of_every_colour() -> None:
    colours = {name for name, value in tokens()["light"].items() if value.startswith("#")}
    assert colours - set(tokens()["dark"]) == set()
    assert set(tokens()["dark"]) - set(tokens()["light"]) == set()


def test_colours_are_named_in_one_place() -> None:
    styles = re.sub(r"/\*.*?\*/|@media print\{.*?\n\}", "", (CSS / "components.css").read_text(), flags=re.S)
    assert re.findall(r"#[0-9a-f]{3,8}\b(?=[;,} ])", styles) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_the_edges_of_controls_stand_out_from_every_ground(theme: str) -> None:
    known = tokens()["light"] | tokens()[theme]
    found = []
    for text, ground, least in PAIRS:
        low, high = sorted((brightness(known[text]), brightness(known[ground])))
        contrast = (high + 0.05) / (low + 0.05)
        if contrast < least:
            found.append(f"{text} on {ground}: {contrast:.2f} < {least}")
    assert not found, "\n".join(found)
