import re
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from forum.core.accounts import service
from forum.core.accounts.models import User
from forum.core.accounts.service.codes import make_code
from forum.kernel import i18n, site
from forum.kernel.letters import Letter
from tests.core.accounts.conftest import Browser

ENGLISH = Path(__file__).parents[3] / "translations" / "en" / "LC_MESSAGES" / "messages.mo"
KINDS = tuple(service.MAILS)


def render(tx: Session, kind: str, person: User, known: bool = True) -> Letter:
    pending = {"user_id": person.id} if known else {}
    purposes = {"sign_up": "sign_up", "already_signed_up": "sign_up", "reset": "reset", "email_change": "change_email"}
    code = make_code(tx, purposes.get(kind, "was_email"), "to@example.org", pending)
    letter = service.MAILS[kind](tx, person.id, {"code": code.public_id})
    assert letter is not None
    return letter


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_says_what_to_do_if_it_was_not_you(
    browser: Browser, tx: Session, person: User, kind: str, known: bool
) -> None:
    letter = render(tx, kind, person, known)
    assert "ถ้าไม่ใช่คุณ" in letter.text or "ถ้าคุณไม่ได้ขอ" in letter.text
    assert "ไม่โทรหรือทักไปขอเลขบัตรประชาชน" in letter.text
    assert str(site.site().operator) in letter.text
    assert "\n" not in letter.subject
    assert letter.to in ("to@example.org", person.email)
    assert "<" not in letter.text
    for line in letter.text.splitlines():
        assert "http" not in line or line.startswith("http://localhost/"), line


@pytest.mark.skipif(not ENGLISH.exists(), reason="the English catalogue is not compiled: make setup")
@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_is_written_in_english_too(browser: Browser, tx: Session, person: User, kind: str) -> None:
    for known in (True, False):
        with i18n.speaking("en"):
            letter = render(tx, kind, person, known)
        said = (letter.subject + letter.text).replace(site.site().name, "")
        assert not re.search("[\u0e00-\u0e7f]+", said)


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_about_nothing_is_not_sent(browser: Browser, tx: Session, kind: str) -> None:
    for about in ({}, {"code": "gone"}):
        assert service.MAILS[kind](tx, None, about) is None


def test_no_letter_to_the_old_address_names_the_new_one(browser: Browser, tx: Session, person: User) -> None:
    person.email = "new@example.org"
    tx.flush()
    assert "new@example.org" not in render(tx, "email_changed_notice", person).text


def test_a_name_in_a_letter_cannot_be_a_link_of_somebody_else(browser: Browser, tx: Session, person: User) -> None:
    person.name = "evil.example"
    tx.flush()
    assert all("evil.example" not in render(tx, kind, person).text for kind in KINDS)
