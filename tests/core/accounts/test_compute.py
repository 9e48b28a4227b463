import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.core.accounts import compute


@pytest.mark.parametrize(
    "same", ["Sala Nok", "sala  nok", "SALANOK", "ｓａｌａ ｎｏｋ", "Sala-Nok.", "\u200bSala Nok", "Sala\u00a0Nok"]
)
def test_names_that_look_alike_have_one_key(same: str) -> None:
    assert compute.name_key(same) == compute.name_key("Sala Nok")


def test_different_names_have_different_keys() -> None:
    names = ["นก", "นกน้ำ", "นกนำ", "นก 2", "^^", "^_^;"]
    assert len({compute.name_key(n) for n in names}) == len(names)


@given(st.text())
def test_a_key_is_its_own_key(name: str) -> None:
    key = compute.name_key(name)
    assert compute.name_key(key) == key


@pytest.mark.parametrize(
    "password",
    [
        "password123",
        "PASSWORD123",
        "1234567890",
        "9876543210",
        "abcdefghijkl",
        "aaaaaaaaaaaa",
        "ababababab",
        "ๆไำพะัีรนย",
    ],
)
def test_what_is_tried_first_is_an_easy_password(password: str) -> None:
    assert compute.is_easy_password(password)


def test_what_others_know_of_a_person_is_an_easy_password() -> None:
    known = ("นกน้ำริมคลอง", "somchai.jaidee@example.org", "somchai.jaidee")
    for password in ("นกน้ำริมคลอง", "นกน้ำริมคลอง99", "Somchai.Jaidee", "somchai.jaidee2569", "นกน้ำริมคลอง นกน้ำริมคลอง"):
        assert compute.is_easy_password(password, known), password


def test_a_plain_sentence_is_no_easy_password() -> None:
    for password in ("เรือข้ามฟากตอนเช้า", "correct horse battery", "gentle-otter-71-lamp"):
        assert not compute.is_easy_password(password, ("นกน้ำ", "nok@example.org"))


@given(st.text("0123456789๐๑๒๓๔๕๖๗๘๙ -–\u200b", max_size=20))
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    read = compute.digits_of(typed)
    assert set(read) <= set(string.digits)
    assert len(read) == sum(c.isdigit() for c in typed)


def test_thai_digits_are_digits() -> None:
    assert compute.digits_of("๑๒๓ 456") == "123456"


def test_a_masked_address_does_not_give_the_address() -> None:
    assert compute.masked_address("somchai@example.org") == "s…i@example.org"


def test_a_numbered_name_is_no_longer_than_a_name() -> None:
    assert compute.numbered("ก" * 40, 12, 40) == "ก" * 37 + " 12"
