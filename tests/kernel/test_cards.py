"""The picture beside a shared link is small, of the promised size, and its Thai is whole."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, features

from forum.kernel import cards, thai
from forum.kernel.text import graphemes

FONT = Path(__file__).resolve().parents[2] / "static/fonts/anuphan-600.ttf"
TITLE = "ทางเดินริมคลองบางขุนนุ่น กว้างแค่ไหนจึงอยู่ร่วมกันได้"
LONG = "ชาวบ้านอยากให้ซ่อมถนน ปลูกต้นไม้ หรือทำศูนย์เด็กเล็กก่อน และถ้าเงินเหลือควรเก็บไว้เพราะปีที่แล้วน้ำท่วมหนักมากจริง ๆ " * 4
ABOUT = {"agency": "สำนักโยธา", "until": "ถึง 30 พ.ย. 2569", "phone": "โทร 0 2000 0000", "site_name": "ศาลา"}
NOTHING = dict.fromkeys(ABOUT, "")


def draw(title: str, **about: str) -> Image.Image:
    made = cards.draw(title, **ABOUT | about, font_path=FONT)
    assert len(made) <= 60 * 1024
    picture = Image.open(BytesIO(made))
    assert picture.format == "PNG"
    assert picture.size == (1200, 630)
    return picture.convert("RGB")


@pytest.fixture
def font() -> cards.Font:
    return cards._font(FONT, 58)


@pytest.fixture
def unshaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which the library that shapes Thai cannot be loaded."""
    cards._font.cache_clear()
    monkeypatch.setattr(features, "check", lambda name: False)
    yield
    cards._font.cache_clear()


def inked(picture: Image.Image) -> tuple[int, int, int, int]:
    """The box of everything that the empty picture does not have."""
    box = ImageChops.difference(picture, draw("", **NOTHING)).getbbox()
    assert box
    return box


@pytest.mark.slow
@pytest.mark.parametrize("title", [TITLE, LONG, "ก" * 5000, "M" * 400, "น้ำ", "", " ", "😀", "\u202eabc", "Å" * 90])
def test_any_title_makes_a_picture_of_the_promised_size(title: str) -> None:
    draw(title)
    draw(title, agency=title, until=title, phone=title, site_name=title)


def test_the_words_stay_inside_the_picture() -> None:
    left, top, right, bottom = inked(draw(LONG, agency=LONG, until=LONG, phone=LONG))
    assert left > 60
    assert top > 50
    assert right < 1140
    assert bottom < 620


def test_each_fact_is_drawn_and_an_empty_one_is_not() -> None:
    seen = {draw(TITLE, **NOTHING | {name: value}).tobytes() for name, value in ABOUT.items()}
    assert len(seen | {draw(TITLE, **NOTHING).tobytes()}) == len(ABOUT) + 1


def test_a_title_is_wrapped_between_words(font: cards.Font) -> None:
    lines = cards.wrap(TITLE, font, 600)
    assert len(lines) > 1
    assert "".join(lines).replace(" ", "") == TITLE.replace(" ", "")
    assert [word for line in lines for word in thai.words(line)] == thai.words(TITLE)


def test_a_phrase_hardly_begun_moves_whole_to_the_next_line(font: cards.Font) -> None:
    assert cards.wrap("ทางเดินริมคลอง บางขุนนุ่น", font, 620) == ["ทางเดินริมคลอง", "บางขุนนุ่น"]


def test_no_line_begins_with_a_sign_that_ends_words(font: cards.Font) -> None:
    for width in range(400, 1000, 40):
        assert not any(
            line[0] in "ๆฯ)”,.!?" for line in cards.wrap("กรุงเทพฯ (เล็ก ๆ) “น้ำ” ช้า ๆ, เร็ว! " * 5, font, width)
        )


@given(st.text(alphabet="กขปญนรเแไาิีืุู่้็ำๆ aM.(", max_size=60), st.integers(150, 900))
@settings(max_examples=60, deadline=None)
def test_no_letter_is_cut_and_none_lost_between_lines(title: str, width: int) -> None:
    font = cards._font(FONT, 58)
    lines = cards.wrap(title, font, width)
    whole = [letter for letter in graphemes(title) if not letter.isspace()]
    assert [letter for line in lines for letter in graphemes(line) if not letter.isspace()] == whole
    assert all(line == line.strip() and line for line in lines)


@given(st.text(alphabet="กปิ่้ำเa ", min_size=1, max_size=80))
@settings(max_examples=60, deadline=None)
def test_a_cut_line_keeps_to_its_width(text: str) -> None:
    font = cards._font(FONT, 58)
    line = cards._fitted(text, font, 400)
    assert line == text or line.endswith("…")
    assert cards._length(line, font) <= 400 or line == "…"


def test_what_the_font_cannot_draw_is_left_out(font: cards.Font) -> None:
    assert cards._drawable("น้ำ 😀 عربي\u202e ใส", font) == "น้ำ ใส"
    assert draw("น้ำใส 😀").tobytes() == draw("น้ำใส").tobytes()


@pytest.mark.skipif(not features.check("raqm"), reason="libfribidi is not on this machine")
def test_a_tone_mark_stands_above_a_vowel() -> None:
    assert_tones_are_seen()


@pytest.mark.usefixtures("unshaped")
def test_a_tone_mark_stands_above_a_vowel_where_thai_cannot_be_shaped() -> None:
    assert_tones_are_seen()


def assert_tones_are_seen() -> None:
    def top(title: str) -> int:
        return inked(draw(title, **NOTHING))[1]

    assert top("ที่") < top("ที") - 8
    assert top("กี๊") < top("กี") - 8
    assert top("น้ำ") < top("นำ") - 8
    assert draw("ปู่").tobytes() != draw("ปู").tobytes()
    assert draw("ป๋า").tobytes() != draw("ปา").tobytes()
