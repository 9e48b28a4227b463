"""Thai words, order and digits; the dictionary is loaded only by whoever asks for words."""

import re
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pythainlp.util import collate

from forum.kernel import thai

writings = st.text(alphabet="กขคงตมนรเแาิีุู่้็ำๆฯ๐๑ 1aZ.,\n\t😀")


@pytest.mark.parametrize("module", ["thai", "dates", "text", "html", "cards"])
def test_a_module_is_imported_without_the_dictionary(module: str) -> None:
    ask = f"import sys, forum.kernel.{module}; print([m for m in sys.modules if m.startswith('pythainlp')])"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ประชาชนร่วมกันพูดคุย", ["ประชาชน", "ร่วมกัน", "พูดคุย"]),
        ("ทางเดิน ริมคลอง", ["ทางเดิน", "ริม", "คลอง"]),
        ("ปี 2570 ครับ", ["ปี", "2570", "ครับ"]),
        ("hello โลก", ["hello", "โลก"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_a_text_is_cut_into_words(text: str, words: list[str]) -> None:
    assert thai.words(text) == words


@given(writings)
@settings(deadline=None)
def test_no_letter_is_lost_between_words(text: str) -> None:
    assert "".join(thai.words(text, spaces=True)) == text
    assert "".join(thai.words(text)) == "".join(text.split())
    assert all(word and not word.isspace() for word in thai.words(text))


@pytest.mark.parametrize("heap", ["ก", "กา", "ตากลม", "่", "เแ", "ๆ", "a", "1ก", "การที่", "มากกว่า"])
def test_a_long_text_without_spaces_takes_no_more_than_a_moment(heap: str) -> None:
    text = (heap * 10_000)[:10_000]
    thai.words("ก")
    begin = time.process_time()
    assert "".join(thai.words(text)) == text
    assert time.process_time() - begin < 1.5


@pytest.mark.parametrize(
    "ordered",
    [
        ["กา", "ก่า", "ก้า", "เก", "เก่า", "แก", "ไก่", "ขา"],
        ["เก่า", "ขา"],
        ["กรุงเทพ", "เกาะ", "ขอนแก่น", "เชียงใหม่", "ไทย", "แพร่"],
        ["แกว", "แก้ว"],
        ["เขต 2", "เขต ๓"],
        ["apple", "Banana", "cherry"],
        ["1", "ก", "เก"],
        ["", "ก"],
        ["สำนักงานเขต", "สำนักโยธา"],
    ],
)
def test_thai_stands_in_the_order_of_the_dictionary(ordered: list[str]) -> None:
    shuffled = ordered[::-1]
    assert sorted(shuffled, key=thai.sort_key) == ordered


def test_plain_order_would_be_wrong() -> None:
    assert sorted(["เก่า", "ขา"]) == ["ขา", "เก่า"]


WORDS = [
    *("ขา", "เก่า", "เกา", "กา", "ก่า", "ไก่", "เกิด", "วันที่", "วัว", "ก", "เป็ด", "เป็น", "แก้ว", "แกว"),
    *("หมู", "น้ำ", "นำ", "โต๊ะ", "ใจ", "จาน", "เจ็ด", "สระ", "ศาลา", "ศาล", "ศีล"),
]


@given(st.lists(st.sampled_from(WORDS), unique=True))
def test_the_order_is_the_one_of_another_implementation(words: list[str]) -> None:
    assert sorted(words, key=thai.sort_key) == collate(words)


@given(st.text(), st.text())
def test_only_equal_texts_have_equal_keys(one: str, other: str) -> None:
    assert (thai.sort_key(one) == thai.sort_key(other)) == (one == other)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("๐๑๒๓๔๕๖๗๘๙", "0123456789"), ("ปี ๒๕๖๙", "ปี 2569"), ("１²", "１²"), ("", ""), ("ก0", "ก0")],
)
def test_thai_digits_are_folded_and_nothing_else(typed: str, folded: str) -> None:
    assert thai.fold_digits(typed) == folded


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("ทางเดินริมคลอง", "thangdoenrimklong"),
        ("กรุงเทพ", "krungthep"),
        ("น้ำท่วม", "namthuam"),
        ("ธรรมศาสตร์", "thamsat"),
        ("ตลาดนัด Weekend Market", "tlatnat weekend market"),
        ("สาย ๘ พ.ศ. ๒๕๗๐", "sai 8 ph s 2570"),
        ("Café Ünïcode ＡＢ", "cafe unicode ab"),
        ("<script>alert('x')</script>", "script alert x script"),
        ("../../etc?a=b&c#d%00", "etc a b c d 00"),
        ("😀 ๆ ฯ ﷽", ""),
        ("", ""),
    ],
)
def test_a_text_is_spelt_in_latin_letters(text: str, spelt: str) -> None:
    assert thai.ascii_name(text) == spelt


@given(st.text() | writings)
@settings(deadline=None)
def test_what_is_spelt_holds_only_small_letters_digits_and_single_spaces(text: str) -> None:
    assert re.fullmatch(r"(?:[a-z0-9]+(?: [a-z0-9]+)*)?", thai.ascii_name(text))


def test_spelling_never_loads_the_dictionary() -> None:
    ask = (
        "from forum.kernel.thai import ascii_name; ascii_name('ทางเดินริมคลอง ๓ เมตร Market');"
        "from pythainlp.tokenize import word_dict_trie; print(word_dict_trie.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


@pytest.mark.parametrize("heap", ["ก", "การปรับปรุงทางเดินริมคลอง", "เาะ", "่", "เ", "a", "ก ", "รร", "ฤ", "ห"])
def test_a_title_of_200_letters_is_spelt_at_once(heap: str) -> None:
    thai.ascii_name("ก")
    title = (heap * 200)[:200]
    begin = time.process_time()
    thai.ascii_name(title)
    assert time.process_time() - begin < 0.05
