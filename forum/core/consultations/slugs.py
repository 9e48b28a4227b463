"""Addresses of consultations: how they are written, made from a title, and taken by one of those who want them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from forum.core.agencies.forms import SLUG
from forum.core.consultations.models import Consultation
from forum.kernel import ids
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T
from forum.kernel.thai import ascii_name

LONGEST_MADE = 40
_KEPT_FREE = ("new", "agency")
_MOST_TRIES = 50


def is_written_right(slug: str) -> bool:
    """Whether it is 2 to 60 of a-z, 0-9 and hyphens."""
    return len(slug) > 1 and SLUG.fullmatch(slug) is not None


def is_kept_free(slug: str) -> bool:
    """Whether it stands for something else: a page beside the consultations' own, or any item by its id."""
    return slug in _KEPT_FREE or ids.is_public_id(slug)


def slug_of(title: str, phrases: Sequence[str] = ()) -> str:
    """An address that sounds like the title, cut between two words; empty where nothing in it can be spelt."""
    words = [word for part in phrases or (title,) for word in ascii_name(part).split()]
    whole = "-".join(words)
    if len(whole) <= LONGEST_MADE:
        return whole
    return whole[: LONGEST_MADE + 1].rpartition("-")[0] or whole[:LONGEST_MADE]


def add(tx: Session, made: Consultation, wanted: str) -> None:
    """Adds a new consultation under the address it wants, or under the first free one that its title makes.

    It also gets the code of its short address, unless it brings one.

    Raises `Invalid` for a wanted address that is taken.
    """
    made.short = made.short or _free_code(tx)
    if wanted:
        made.slug = wanted
        with taking(tx):
            tx.add(made)
        return
    for slug in _candidates(tx, slug_of(made.title, made.title_phrases)):
        made.slug = slug
        try:
            with taking(tx):
                tx.add(made)
        except Invalid:
            continue
        return


@contextmanager
def taking(tx: Session) -> Iterator[None]:
    """Asking first would not do: of two who take an address at once the database lets one have it."""
    try:
        with tx.begin_nested():
            yield
    except IntegrityError as error:
        raise Invalid({"slug": T("ที่อยู่เว็บนี้มีผู้ใช้แล้ว")}) from error


def _free_code(tx: Session) -> str:
    """A code nobody has; two who draw the same of 24 million at one moment are left to the database."""
    while True:
        code = ids.short_code()
        if tx.execute(select(Consultation.id).where(Consultation.short == code)).first() is None:
            return code


def _candidates(tx: Session, made: str) -> Iterator[str]:
    """Addresses to try one after another; the last is nobody else's."""
    slug = Consultation.slug
    taken = (
        set(tx.execute(select(slug).where(or_(slug == made, slug.startswith(f"{made}-")))).scalars()) if made else ()
    )
    for n in range(1, _MOST_TRIES if made else 1):
        candidate = made if n == 1 else f"{made}-{n}"
        if candidate not in taken and is_written_right(candidate) and not is_kept_free(candidate):
            yield candidate
    yield f"c-{ids.public_id()}"
