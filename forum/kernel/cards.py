"""Draws the picture that messengers show beside a shared link: 1200 × 630, words under a pavilion's roof.

Runs in a worker process, never in a web process: a picture takes a good part of a second of CPU, and the
first one loads the dictionary of `forum.kernel.thai`.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from io import BytesIO
from itertools import accumulate
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont, features

from forum.kernel import thai
from forum.kernel.text import graphemes

SIZE = (1200, 630)
MOST_LINES = 4
_SCALE = 2  # drawn larger and reduced, because Pillow draws slanted lines without smooth edges
_LEADING = 1.42  # Thai stands two tiers above its letters and one below
_TITLE_SIZES = (78, 68, 58)
_LEFT, _WIDTH = 96, 1008
_SHADES = 9  # from the ground to a colour, both included: smooth edges within 60 KB
_SITE_AT, _TITLE_AT, _TITLE_ROOM, _FACTS_AT = 74, 150, 348, (498, 550)
_GROUND, _INK, _ROOF, _VOICE = "#eef3ef", "#16211d", "#0e5a4f", "#8c1f55"
_STROKES = (
    ((0, 126), (412, 92)),
    ((788, 92), (1200, 126)),
    ((360, 88), (600, 48)),
    ((600, 48), (840, 88)),
    ((46, 124), (46, 630)),
    ((1154, 124), (1154, 630)),
)
_TONES = frozenset("่้๊๋์")
_UPPER_VOWELS, _LOWER_VOWELS, _TALL = "ัิีึืํ็", "ุู", "ปฝฟ"
_NEVER_FIRST, _NEVER_LAST = frozenset("ๆฯ)]}”’»,.;:!?…%"), frozenset("([{“‘«")
_NEAR = 0.45  # of a line: a phrase begun shorter than this moves whole

Font = ImageFont.FreeTypeFont


def draw(title: str, agency: str, until: str, phone: str, site_name: str, font_path: Path) -> bytes:
    """A PNG of at most 60 KB; every text comes finished and in its language, an empty one takes no room.

    The title is wrapped between words into at most four lines and ends in … where there is more of it. What
    the font cannot draw (emoji, other scripts) is left out.
    """
    picture = Image.new("RGB", (SIZE[0] * _SCALE, SIZE[1] * _SCALE), _GROUND)
    canvas = ImageDraw.Draw(picture)
    _draw_roof(canvas)
    small = _font(font_path, 32)
    name = _fitted(_drawable(site_name, small), small, 360)
    _write(canvas, (SIZE[0] / 2 - _length(name, small) / 2, _SITE_AT), name, small, _ROOF)
    _draw_title(canvas, title, font_path)
    facts = "   ".join(_drawable(fact, small) for fact in (until, phone) if fact)
    for text, y, colour in zip((_drawable(agency, small), facts), _FACTS_AT, (_VOICE, _INK), strict=True):
        _write(canvas, (_LEFT, y), _fitted(text, small, _WIDTH), small, colour)
    return _png(picture)


def wrap(text: str, font: Font, width: float) -> list[str]:
    """The text in lines no wider than `width`, cut between words, or between phrases where that is near.

    The dictionary knows few names, so a phrase (what stands between two spaces) goes whole to the next line
    when little of it has been set. A word wider than a line is cut between letters.
    """
    lines = [""]
    for unit in _units(text, font, width):
        if _length((lines[-1] + unit).rstrip(), font) <= width:
            lines[-1] += unit
            continue
        head, _, begun = lines[-1].rpartition(" ")
        if not head.strip() or _length(begun, font) > width * _NEAR or _length(begun + unit, font) > width:
            head, begun = lines[-1], ""
        lines[-1:] = [head, begun + unit]
    return [line.strip() for line in lines if line.strip()]


def _units(text: str, font: Font, width: float) -> Iterator[str]:
    """The words, and the letters of those wider than a line."""
    for word in _words(text):
        yield from [word] if _length(word, font) <= width else graphemes(word)


def _words(text: str) -> Iterator[str]:
    """The words with the signs that may not stand away from them, no letter cut; `ช้า ๆ` is one."""
    borders = set(accumulate(map(len, graphemes(text))))
    held, place = "", 0
    for word in _joined_signs(text):
        held += word
        place += len(word)
        if place in borders and held[-1] not in _NEVER_LAST:
            yield held
            held = ""
    yield held


def _joined_signs(text: str) -> list[str]:
    parts: list[str] = []
    for word in thai.words(text, spaces=True):
        if parts and word[0] in _NEVER_FIRST:
            space = parts.pop().replace(" ", "\u00a0") if len(parts) > 1 and parts[-1].isspace() else ""
            parts[-1] += space + word
        else:
            parts.append(word)
    return parts


def _fitted(text: str, font: Font, width: float, ending: str = "") -> str:
    """The text in one line of `width`, closed with … when cut; `ending` is what already must follow it."""
    if _length(text + ending, font) <= width:
        return text + ending
    kept = ""
    for letter in graphemes(text):
        if _length(f"{kept}{letter}…", font) > width:
            break
        kept += letter
    return kept.rstrip() + "…"


def _draw_title(canvas: ImageDraw.ImageDraw, title: str, font_path: Path) -> None:
    size, lines = _sized(title, font_path)
    font = _font(font_path, size)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], _fitted(lines[MOST_LINES - 1], font, _WIDTH, "…")]
    top = _TITLE_AT + (_TITLE_ROOM - len(lines) * size * _LEADING) / 3
    for number, line in enumerate(lines):
        _write(canvas, (_LEFT, top + number * size * _LEADING), line, font, _INK)


def _sized(title: str, font_path: Path) -> tuple[int, list[str]]:
    """The largest size at which the whole title has room, and its lines; else the smallest size."""
    size, lines = 0, [""]
    for size in _TITLE_SIZES:
        font = _font(font_path, size)
        lines = wrap(_drawable(title, font), font, _WIDTH)
        if len(lines) * size * _LEADING <= _TITLE_ROOM:
            break
    return size, lines


def _draw_roof(canvas: ImageDraw.ImageDraw) -> None:
    for start, end in _STROKES:
        points = [(x * _SCALE, y * _SCALE) for x, y in (start, end)]
        canvas.line(points, fill=_ROOF, width=5 * _SCALE)


def _png(picture: Image.Image) -> bytes:
    """Reduced to its size and to the shades between the ground and each colour: a quarter of the bytes."""
    small = picture.resize(SIZE, Image.Resampling.LANCZOS)
    file = BytesIO()
    small.quantize(palette=_palette(), dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


@cache
def _palette() -> Image.Image:
    ground = ImageColor.getrgb(_GROUND)
    shades = [
        round(below + (above - below) * step / _SHADES)
        for colour in (_INK, _ROOF, _VOICE)
        for step in range(_SHADES + 1)
        for below, above in zip(ground, ImageColor.getrgb(colour), strict=True)
    ]
    palette = Image.new("P", (1, 1))
    palette.putpalette(shades)
    return palette


@cache
def _font(path: Path, size: int) -> Font:
    shaped = features.check("raqm")
    engine = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    return ImageFont.truetype(path, size * _SCALE, layout_engine=engine)


def _length(text: str, font: Font) -> float:
    return font.getlength(text) / _SCALE


def _write(canvas: ImageDraw.ImageDraw, at: tuple[float, float], text: str, font: Font, fill: str) -> None:
    """Writes one line; without raqm (a system library is missing) tone marks are put in their places here."""
    x, y = at[0] * _SCALE, at[1] * _SCALE
    if font.layout_engine == ImageFont.Layout.RAQM:
        canvas.text((x, y), text, fill, font)
        return
    canvas.text((x, y), "".join(char for char in text if char not in _TONES), fill, font)
    for place, char in enumerate(text):
        if char in _TONES:
            right, up = _shift(text, place)
            over = x + font.getlength(text[:place]) + right * font.size
            canvas.text((over, y - up * font.size), char, fill, font)


def _shift(text: str, place: int) -> tuple[float, float]:
    """How far a tone mark moves, in parts of the size: left of a tall stem, up over a vowel or before ำ."""
    under = text[:place].rstrip(_LOWER_VOWELS + _UPPER_VOWELS)[-1:]
    beside = text[place - 1 : place] + text[place + 1 : place + 2]
    high = any(char in _UPPER_VOWELS + "ำ" for char in beside)
    return -0.13 if under and under in _TALL else 0, 0.24 if high else 0


def _drawable(text: str, font: Font) -> str:
    """The text in one line without what the font has no shape for."""
    shown = "".join(char for char in text if _has_shape(char, font))
    return " ".join(shown.split())


@lru_cache(4096)
def _has_shape(char: str, font: Font) -> bool:
    if char.isspace():
        return True
    if unicodedata.category(char).startswith("C"):
        return False
    return bytes(font.getmask(char)) != bytes(font.getmask("\U0010ffff"))
