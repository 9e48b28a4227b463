"""Both languages say everything: Thai is the source, English is complete and keeps every placeholder."""

import re
from collections import Counter
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tests.lanes import messages as lanes

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
THAI = re.compile("[\u0e00-\u0e7f]")


@cache
def said() -> frozenset[str]:
    """Every message of the code and the templates; the singular of those with a number."""
    return frozenset(m if isinstance(m, str) else m[0] for m, _context in lanes.said())


@cache
def catalogue(lang: str) -> Catalog:
    with lanes.catalogue(lang).open("rb") as file:
        return read_po(file)


def messages(lang: str) -> list[Message]:
    return [m for m in catalogue(lang) if m.id]


def first(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_there_is_much_to_say() -> None:
    assert len(said()) > 300


@pytest.mark.parametrize("lang", ["th", "en"])
def test_a_catalogue_holds_every_message_and_no_other(lang: str) -> None:
    there = {first(m) for m in messages(lang)}
    assert sorted(said() - there) == [], "run: make messages"
    assert sorted(there - said()) == [], "run: make messages"


def test_every_message_is_its_own_thai() -> None:
    assert [first(m) for m in messages("th") if set(strings(m)) != {first(m)}] == []


def test_every_message_is_in_english() -> None:
    assert [first(m) for m in messages("en") if not all(s.strip() for s in strings(m))] == []


def test_english_has_no_thai_left_in_it() -> None:
    """But for the receipt's prefix, which is written in Thai letters everywhere."""
    left = {s for m in messages("en") for s in strings(m) if THAI.search(re.sub(r"สล|ไทย|ศาลา", "", s))}
    assert left == set()


@pytest.mark.parametrize("lang", ["th", "en"])
def test_no_translation_is_a_guess(lang: str) -> None:
    assert [first(m) for m in messages(lang) if m.fuzzy] == []


def test_every_translation_keeps_the_placeholders() -> None:
    wrong = [
        first(message)
        for message in messages("en")
        for string in strings(message)
        if Counter(PLACEHOLDER.findall(string)) != Counter(PLACEHOLDER.findall(first(message)))
    ]
    assert wrong == []


def test_english_tells_one_from_many() -> None:
    assert [first(m) for m in messages("en") if m.pluralizable and len(strings(m)) != 2] == []


def test_english_is_plain() -> None:
    loud = [s for m in messages("en") for s in strings(m) if "!" in s or "please" in s.lower() or "  " in s]
    assert loud == []


def test_thai_says_neither_sir_nor_that_it_proceeds() -> None:
    stiff = re.compile("(?<!เ)ท่าน|ครับ|ค่ะ|ดำเนินการ|(?<!เวลา)ทำการ|กรุณา")
    assert [m for m in said() if stiff.search(m)] == []
