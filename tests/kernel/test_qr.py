"""QR codes, read back from the picture module by module."""

import re
from xml.etree import ElementTree

import pytest

from forum.kernel import qr

QUIET = 4
FORMAT_MASK = 0b101010000010010
MASKS = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)


def modules(svg: str) -> list[list[int]]:
    """What is dark in the picture, without the quiet zone, which must be white."""
    side = int(re.search(r'viewBox="0 0 (\d+) \d+"', svg)[1])  # type: ignore[index]
    dark = [[0] * side for _ in range(side)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        dark[int(y)][int(x) : int(x) + int(width)] = [1] * int(width)
    inner = range(QUIET, side - QUIET)
    assert not any(dark[y][x] for y in range(side) for x in range(side) if y not in inner or x not in inner)
    return [[dark[y][x] for x in inner] for y in inner]


def decoded(grid: list[list[int]]) -> str:
    """The text of a code of version 1 to 3 whose data is one block of bytes, by ISO/IEC 18004."""
    side = len(grid)
    assert side in (21, 25, 29)
    bits = [grid[8][x] for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [grid[y][8] for y in (7, 5, 4, 3, 2, 1, 0)]
    mask = MASKS[(int("".join(map(str, bits)), 2) ^ FORMAT_MASK) >> 10 & 7]
    stream = "".join(str(grid[y][x] ^ mask(y, x)) for y, x in path(side))
    assert stream[:4] == "0100", "bytes"
    length = int(stream[4:12], 2)
    return bytes(int(stream[12 + 8 * n : 20 + 8 * n], 2) for n in range(length)).decode()


def path(side: int) -> list[tuple[int, int]]:
    """The modules that carry data, in the order they are read: up and down in columns of two, from the right."""
    found, up = [], True
    for right in [x for x in range(side - 1, 0, -2) if x > 6] + [5, 3, 1]:
        for y in range(side - 1, -1, -1) if up else range(side):
            found += [(y, x) for x in (right, right - 1) if not reserved(side, y, x)]
        up = not up
    return found


def reserved(side: int, y: int, x: int) -> bool:
    """Whether a module is part of a pattern or of the format."""
    finder = (y < 9 and x < 9) or (y < 9 and x >= side - 8) or (y >= side - 8 and x < 9)
    aligned = side > 21 and all(side - 9 <= at <= side - 5 for at in (y, x))
    return finder or aligned or 6 in (y, x)


@pytest.mark.parametrize(
    "address", ["https://a.go.th/k/7wd4e", "https://sala.go.th/k/23456", "http://127.0.0.1:8000/k/x"]
)
def test_an_address_can_be_read_back_from_the_picture(address: str) -> None:
    assert decoded(modules(qr.svg(address, "ก"))) == address


def test_the_same_text_gives_the_same_picture() -> None:
    assert qr.svg("https://a.go.th/k/7wd4e", "ก") == qr.svg("https://a.go.th/k/7wd4e", "ก")


def test_the_picture_is_well_formed_named_and_holds_no_style_and_no_script() -> None:
    drawn = qr.svg("https://a.go.th/k/7wd4e", 'ไปที่ "หน้าเรื่อง" <script>')
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'ไปที่ "หน้าเรื่อง" <script>'
    assert "style" not in drawn
    assert "<script" not in drawn


def test_a_code_is_black_on_white_in_either_theme() -> None:
    drawn = qr.svg("https://a.go.th/k/7wd4e", "ก")
    assert set(re.findall(r'fill="([^"]+)"', drawn)) == {"#fff", "#000"}
