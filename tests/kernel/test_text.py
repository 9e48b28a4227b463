"""What is stored of a text is exactly the stated normalisation, and no text harms the line it stands in."""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forum.kernel import text

ZWSP, WJ, BOM, SHY, ZWNJ, ZWJ = "\u200b", "\u2060", "\ufeff", "\u00ad", "\u200c", "\u200d"
FAMILY = f"👨{ZWJ}👩{ZWJ}👧"
NASTY = (
    "กเำุ่้า á̴e\u0301\u0334\u0327\t\n\r \u200b\u200c\u200d\u2060\ufeff\u00ad\u0085\u2028\u2029"
    "\u202a\u202b\u202c\u202e\u2066\u2067\u2068\u2069🏽👩🇹🇭"
)
anything = st.one_of(st.text(), st.text(alphabet=NASTY))


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("e\u0301", "é"),
        (f"ริม{ZWSP}คลอง", "ริมคลอง"),
        (f"a{WJ}b{BOM}c{SHY}d", "abcd"),
        ("a\x00b\x07c\x0bd\x7fe\x85f\x9fg", "abcdefg"),
        ("a\r\nb\rc\n\rd\te", "a\nb\nc\n\nd\te"),
        (FAMILY, FAMILY),
        (f"می{ZWNJ}خواهم", f"می{ZWNJ}خواهم"),
        (f"ก{ZWJ}ข", "กข"),
        (f"ก{ZWJ}x", "กx"),
        (f"x{ZWNJ}ก", "xก"),
        (f"ก{ZWJ}{ZWNJ}{ZWJ}x", "กx"),
        (f"x{ZWJ}{ZWNJ}ก", "xก"),
        (f"ก\u0e48\u0334{ZWJ}x", "ก\u0334\u0e48x"),
        (f"{ZWJ}x{ZWJ}", "x"),
        (ZWJ, ""),
        (f"x {ZWJ} y", f"x {ZWJ} y"),
        (f"a{ZWSP}\u0301", "á"),
        ("  a \n\n b ", "  a \n\n b "),
        (
            "\u202eabc\u202c \u2066x\u2069 \u200e\u200f\u061c",
            "\u202eabc\u202c \u2066x\u2069 \u200e\u200f\u061c",
        ),
        ("ท\u0e49\u0e35", "ท\u0e49\u0e35"),
        ("ก\u0e49\u0e38", "ก\u0e38\u0e49"),
        ("นํา นำ", "นํา นำ"),
        ("ﬁ ① Ａ", "ﬁ ① Ａ"),
        ("", ""),
    ],
)
def test_the_stated_normalisation(raw: str, stored: str) -> None:
    assert text.normalise(raw) == stored


@given(anything)
@example(f"ก\u0e48{ZWJ}\u0334{ZWJ}\u0334{ZWJ}x")
@example(f"x{ZWJ}\u0334{ZWJ}ก")
@example("\r\r\n\n")
@settings(max_examples=400, deadline=None)
def test_normalising_twice_changes_nothing_more(raw: str) -> None:
    once = text.normalise(raw)
    assert text.normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not re.search("[\u200b\u2060\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f-\x9f]", once)
    assert not re.search("[\u0e00-\u0e7f][\u200c\u200d]|[\u200c\u200d][\u0e00-\u0e7f]", once)


@given(st.text())
@settings(deadline=None)
def test_nothing_visible_is_lost(raw: str) -> None:
    gone = set("\r\n\t\u200b\u200c\u200d\u2060\ufeff\u00ad")
    before = [c for c in unicodedata.normalize("NFC", raw) if c not in gone and unicodedata.category(c) != "Cc"]
    after = [c for c in text.normalise(raw) if c not in gone]
    assert unicodedata.normalize("NFC", "".join(after)) == unicodedata.normalize("NFC", "".join(before))


@pytest.mark.parametrize("raw", ["\ud800", "a\udfffb", "\udc00\ud800"])
def test_a_lone_surrogate_is_refused(raw: str) -> None:
    with pytest.raises(text.Unstorable):
        text.normalise(raw)
    with pytest.raises(text.Unstorable):
        text.one_line(raw)


def test_many_joiners_take_no_longer_than_as_many_letters() -> None:
    raw = f"ก\u0e48{ZWJ}" + f"\u0334{ZWJ}" * 50_000
    assert ZWJ not in text.normalise(raw)


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("  ก  ข\n\tค\u00a0ง ", "ก ข ค ง"),
        (f"a {ZWJ} b", "a b"),
        (f" {ZWJ} {ZWJ} ", ""),
        (f"{FAMILY} x", f"{FAMILY} x"),
        ("a\u2028b\u2029c", "a b c"),
        ("\r\n", ""),
    ],
)
def test_a_title_is_one_line(raw: str, line: str) -> None:
    assert text.one_line(raw) == line


@given(anything)
@settings(deadline=None)
def test_one_line_is_settled_at_once(raw: str) -> None:
    line = text.one_line(raw)
    assert text.one_line(line) == line
    assert text.normalise(line) == line
    assert line == line.strip()
    assert "\n" not in line


@pytest.mark.parametrize("letter", ["ก", "a", "é", "🏳", ""])
def test_eight_marks_on_a_letter_are_taken_and_nine_are_not(letter: str) -> None:
    assert not text.too_many_marks(f"x{letter}" + "\u0e49" * 8 + "ข" + "\u0e49" * 8)
    assert text.too_many_marks(f"x{letter}" + "\u0e49" * 9)


@pytest.mark.parametrize("mark", ["\u0301", "\u20dd", "\u0e35", "\u0e38", "\u0e4d", "\u0489"])
def test_marks_of_every_kind_pile_up(mark: str) -> None:
    assert text.too_many_marks("ก" + mark * 9)


@pytest.mark.parametrize("between", [ZWJ, "\u200e", "\u202e", WJ])
def test_a_format_character_does_not_start_a_new_pile(between: str) -> None:
    assert text.too_many_marks("ก" + "\u0301" * 5 + between + "\u0301" * 5)


@pytest.mark.parametrize(
    "said",
    [
        "ที่นี่น้ำท่วมครั้งแล้วครั้งเล่า",
        FAMILY * 20,
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f" * 3,
        "่" * 8,
    ],
)
def test_what_people_really_write_has_not_too_many_marks(said: str) -> None:
    assert not text.too_many_marks(said)


@pytest.mark.parametrize(
    "nothing", ["", " \n\t", f"{ZWJ}{ZWNJ}", "\u2800\u3164", "\u200e\u202e\u202c", "\u00a0\u3000", "\ufe0f"]
)
def test_a_text_nobody_can_see_is_blank(nothing: str) -> None:
    assert text.is_blank(nothing)


@pytest.mark.parametrize("something", ["ก", ".", "👍", " x ", f"{ZWJ}0"])
def test_a_text_with_anything_to_see_is_not_blank(something: str) -> None:
    assert not text.is_blank(something)


@pytest.mark.parametrize(
    ("said", "letters"),
    [
        ("เก่งน้ำ", ["เก่", "ง", "น้ำ"]),
        ("แปลไทย", ["แป", "ล", "ไท", "ย"]),
        ("เเก", ["เเก"]),
        (f"a{FAMILY}b", ["a", FAMILY, "b"]),
        ("👍🏽x", ["👍🏽", "x"]),
        ("🇹🇭🇱🇦", ["🇹🇭", "🇱🇦"]),
        ("e\u0301e", ["e\u0301", "e"]),
        ("เ ก", ["เ", " ", "ก"]),
        ("a\r\nb", ["a", "\r\n", "b"]),
        ("", []),
    ],
)
def test_a_letter_is_never_cut(said: str, letters: list[str]) -> None:
    assert list(text.graphemes(said)) == letters


@given(anything)
def test_the_letters_joined_are_the_text(raw: str) -> None:
    assert "".join(text.graphemes(raw)) == raw


@pytest.mark.parametrize(
    ("said", "limit", "shown"),
    [
        ("สั้น", 10, "สั้น"),
        ("น้ำท่วม", 4, "น้ำ…"),
        ("น้ำท่วม", 3, "…"),
        ("ที่เก่ง", 6, "ที่…"),
        ("a  b\n c", 5, "a b c"),
        (f"ab{FAMILY}", 4, "ab…"),
        ("abc def", 5, "abc…"),
        ("\u202eabcdef", 6, "\u202eabc\u202c…"),
    ],
)
def test_an_excerpt_ends_between_letters(said: str, limit: int, shown: str) -> None:
    assert text.excerpt(said, limit) == shown


@given(anything, st.integers(1, 40))
@settings(deadline=None)
def test_an_excerpt_keeps_to_its_limit(raw: str, limit: int) -> None:
    shown = text.excerpt(raw, limit)
    assert len(shown) <= limit
    assert "\n" not in shown
    assert text.balanced(shown) == shown


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("เก่ง", "เก่"),
        ("แม่ค้า", "แม่"),
        ("สมชาย", "ส"),
        ("ก้อง", "ก้"),
        ("somchai", "S"),
        ("@ใจดี", "ใจ"),
        ("“ป้า”", "ป้"),
        ("👍🏽", "👍🏽"),
        ("!!", "!"),
        ("", "?"),
        ("\u202e\u2066", "?"),
        ("๒ คน", "๒"),
        ("\u202eดำ", "ดำ"),
    ],
)
def test_an_avatar_shows_the_first_letter(name: str, letter: str) -> None:
    assert text.avatar_letter(name) == letter


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("\u202eabc", "\u202eabc\u202c"),
        ("abc\u2069\u202c", "abc"),
        ("\u2067a\u202eb", "\u2067a\u202eb\u202c\u2069"),
        ("\u2067a\u202eb\u2069c", "\u2067a\u202eb\u2069c"),
        ("\u202ea\u2066b\u202cc\u2069", "\u202ea\u2066bc\u2069\u202c"),
        ("\u202ea\nb", "\u202ea\u202c\nb"),
        ("\u202ea\u2029b\u202c", "\u202ea\u202c\u2029b"),
        ("\u200fא ก", "\u200fא ก"),
        ("a\nb", "a\nb"),
    ],
)
def test_bidi_controls_end_with_their_line(said: str, shown: str) -> None:
    assert text.balanced(said) == shown


def _depths(line: str) -> list[int]:
    depth, seen = 0, []
    for char in line:
        depth += (char in "\u2066\u2067\u2068") - (char == "\u2069")
        seen.append(depth)
    return seen


@given(st.text(alphabet="กa \n\u202a\u202b\u202d\u202e\u202c\u2066\u2067\u2068\u2069"))
@settings(max_examples=400)
def test_no_text_breaks_out_of_its_isolation(raw: str) -> None:
    for line in text.balanced(raw).split("\n"):
        depths = _depths(text.isolated(line))
        assert all(depth > 0 for depth in depths[:-1])
        assert depths[-1] == 0
    assert text.balanced(text.balanced(raw)) == text.balanced(raw)
