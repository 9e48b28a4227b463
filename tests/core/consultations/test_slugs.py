"""Addresses: made from titles, kept from words that are taken, and given to one of two who want the same."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.agencies.models import Agency
from forum.core.consultations import forms, service, slugs
from forum.core.consultations.models import Consultation
from forum.kernel import db
from forum.kernel.errors import Invalid
from forum.kernel.rules import Actor
from tests.databases import at_once
from tests.factories import Make

pytestmark = pytest.mark.usefixtures("features")


@pytest.mark.parametrize(
    ("title", "phrases", "slug"),
    [
        ("ทางเดินริมคลองควรกว้างเท่าไร", ["ทางเดินริมคลอง", "ควรกว้างเท่าไร"], "thangdoenrimklong-khuankwangthaorai"),
        ("ตลาดนัด Weekend Market", [], "tlatnat-weekend-market"),
        ("รถเมล์สาย ๘", [], "rathamesai-8"),
        ("ร่างข้อบัญญัติ พ.ศ. ๒๕๗๐ เรื่องตลาดนัด Weekend Market", [], "rangkhobanyati-ph-s-2570-rueangtlatnat"),
        ("การปรับปรุงทางเดินริมคลองตลอดสายจากสะพานถึงวัด", [], "kanprapprungthangdoenrimklongtlotsaichak"),
        ("😀", [], ""),
        ("ๆฯ", [], ""),
        ("-- a --", [], "a"),
        ("/../?x=1&y", [], "x-1-y"),
    ],
)
def test_an_address_sounds_like_the_title(title: str, phrases: list[str], slug: str) -> None:
    assert slugs.slug_of(title, phrases) == slug
    assert len(slug) <= 40


@given(st.text(max_size=200))
@settings(deadline=None)
def test_whatever_the_title_an_address_is_written_right_or_empty(title: str) -> None:
    assert re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)?", slugs.slug_of(title))


def made(tx: Session, agency: Agency, title: str, slug: str = "") -> str:
    return service.make(tx, agency, forms.read({"title": title, "slug": slug})).slug


def test_a_draft_without_an_address_gets_one_from_its_title_and_the_next_one_a_number(tx: Session, make: Make) -> None:
    agency = make.agency()
    titles = ["ทางเดินริมคลอง"] * 3
    addresses = [made(tx, agency, title) for title in titles]
    assert addresses == ["thangdoenrimklong", "thangdoenrimklong-2", "thangdoenrimklong-3"]


def test_an_address_that_is_asked_for_is_kept_and_refused_when_it_is_taken(tx: Session, make: Make) -> None:
    agency = make.agency()
    assert made(tx, agency, "ทางเดินริมคลอง", "walk") == "walk"
    with pytest.raises(Invalid) as caught:
        made(tx, agency, "ทางเดินริมคลอง", "walk")
    assert set(caught.value.errors) == {"slug"}


@pytest.mark.parametrize(
    ("title", "slug"), [("New", "new-2"), ("Agency", "agency-2"), ("ก", "k-2"), ("23456789ab", "23456789ab-2")]
)
def test_words_that_stand_for_something_else_are_left_free(tx: Session, make: Make, title: str, slug: str) -> None:
    assert made(tx, make.agency(), title) == slug


def test_a_title_that_cannot_be_spelt_gets_an_address_of_its_own(tx: Session, make: Make) -> None:
    agency = make.agency()
    addresses = {made(tx, agency, "😀") for _ in range(3)}
    assert len(addresses) == 3
    assert all(re.fullmatch("c-[a-z0-9]{10}", address) for address in addresses)


def test_a_changed_title_leaves_the_address_of_a_draft(tx: Session, make: Make) -> None:
    agency = make.agency()
    actor = make.actor(make.member(agency))
    row = service.find(tx, actor, made(tx, agency, "ทางเดินริมคลอง"))
    assert service.change(tx, actor, row, {"title": "ตลาดนัด"}, row.version).slug == "thangdoenrimklong"


def rename(tx: Session, actor: Actor, slug: str, to: str) -> None:
    row = service.find(tx, actor, slug)
    service.change(tx, actor, row, {"slug": to}, row.version)


def test_of_two_titles_alike_at_once_the_second_gets_a_number(own: db.Database) -> None:
    with own.transaction() as tx:
        agency = Make(tx).agency()

    def make_it(tx: Session) -> str:
        return made(tx, tx.get_one(Agency, agency.id), "ทางเดินริมคลอง")

    assert at_once(own, make_it, make_it) == "thangdoenrimklong-2"


def test_of_two_who_take_one_address_at_once_one_is_told_that_it_is_taken(own: db.Database) -> None:
    with own.transaction() as tx:
        make = Make(tx)
        agency = make.agency()
        actor = make.actor(make.member(agency))
        drafts = [make.consultation(agency, state="draft").slug for _ in range(2)]
    told = at_once(
        own,
        lambda tx: rename(tx, actor, drafts[0], "canal-walk"),
        lambda tx: rename(tx, actor, drafts[1], "canal-walk"),
    )
    assert isinstance(told, Invalid), told
    assert set(told.errors) == {"slug"}
    with own.reading() as tx:
        assert sorted(tx.execute(select(Consultation.slug)).scalars()) == sorted(["canal-walk", drafts[1]])
