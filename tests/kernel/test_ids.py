"""Ids and receipt codes: opaque, copied by hand without mistakes, never telling an inner number."""

import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st

from forum.core.items.models import Item, Receipt
from forum.core.items.queries import code_hmac
from forum.core.items.service import give_receipt
from forum.kernel import ids
from tests.factories import Make

LOOK_ALIKE = set("0oO1iIlLuU")


def test_a_public_id_has_no_letters_that_look_alike_and_no_order() -> None:
    made = [ids.public_id() for _ in range(2000)]
    assert not LOOK_ALIKE & set("".join(made))
    assert all(ids.is_public_id(one) for one in made)
    assert len(set(made)) == len(made)
    assert made != sorted(made)


def test_a_short_code_has_no_letters_that_look_alike_and_is_no_public_id() -> None:
    made = [ids.short_code() for _ in range(500)]
    assert not LOOK_ALIKE & set("".join(made))
    assert {len(one) for one in made} == {5}
    assert not any(ids.is_public_id(one) for one in made)
    assert ids.short_code(lambda letters: letters[0]) == "22222"


@given(st.text(max_size=20))
def test_what_has_not_the_shape_of_an_id_is_none(text: str) -> None:
    assert ids.is_public_id(text) == bool(re.fullmatch("[2-9a-hjkmnp-tv-z]{10}", text))


def test_a_receipt_is_shown_in_two_groups_without_look_alikes() -> None:
    for _ in range(500):
        symbols = ids.receipt_symbols()
        assert re.fullmatch(r"สล-[0-9A-Z]{4}-[0-9A-Z]{4}", ids.receipt_text(symbols))
        assert not set("ILOU") & set(symbols)
        assert ids.read_receipt(ids.receipt_text(symbols)) == symbols


@given(st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=8, max_size=8))
def test_a_code_is_read_however_it_is_copied(symbols: str) -> None:
    thai = symbols.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    typed = (symbols, symbols.lower(), f" สล {symbols[:4]}–{symbols[4:]} ", thai, f"SL-{symbols[:4]}-{symbols[4:]}")
    assert {ids.read_receipt(one) for one in typed} == {symbols}
    assert ids.read_receipt(symbols.replace("1", "l").replace("0", "o")) == symbols


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_none(typed: str) -> None:
    read = ids.read_receipt(typed)
    assert read is None or re.fullmatch("[0-9A-HJKMNP-TV-Z]{8}", read)


def test_a_code_is_stored_only_under_a_key_that_is_not_in_the_database(make: Make, app: object) -> None:
    thread = make.thread()
    item = make.tx.query(Item).filter_by(public_id=thread).one()
    code = give_receipt(make.tx, item.id)
    symbols = ids.read_receipt(code) or ""
    (row,) = make.tx.query(Receipt).all()
    stored = repr([getattr(row, column.name) for column in Receipt.__table__.columns])
    assert symbols not in stored
    assert code not in stored
    assert row.code_hmac == code_hmac(symbols)
    assert row.code_hmac != hashlib.sha256(symbols.encode()).hexdigest(), "not a digest that anybody could search"
