"""Letters: a row in the transaction, made and sent by the worker, by SMTP or into files."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select

from forum.core.accounts.models import User
from forum.kernel import clock, db, mail
from forum.kernel.mail import Mail, Post
from forum.worker import work
from tests.factories import Make
from tests.lanes.process import free_port

pytestmark = pytest.mark.usefixtures("app")
KIND = "password_changed_notice"


class Inbox:
    """A mail server on this machine that keeps what it gets, or refuses it."""

    def __init__(self) -> None:
        self.came: list[Any] = []
        self.refuses = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuses:
            return "451 not now"
        self.came.append(envelope)
        return "250 kept"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox) -> Iterator[str]:
    running = Controller(inbox, hostname="127.0.0.1", port=free_port())
    running.start()
    yield f"smtp://127.0.0.1:{running.port}"
    running.stop()


@pytest.fixture
def person(make: Make) -> User:
    return make.user("นก ริมคลอง")


def states(make: Make) -> list[tuple[str, int]]:
    make.tx.expire_all()
    return [(row.state, row.attempts) for row in make.tx.execute(select(Mail).order_by(Mail.id)).scalars()]


def test_a_letter_goes_by_smtp_where_a_server_is_named(
    make: Make, person: User, inbox: Inbox, server: str, tmp_path: Path
) -> None:
    mail.queue(make.tx, KIND, person.id)
    assert mail.send_waiting(Post("sala@example.org", tmp_path, server)) == 1
    (envelope,) = inbox.came
    letter = message_from_bytes(envelope.content, policy=policy.default)
    assert envelope.rcpt_tos == [person.email]
    assert (letter["To"], letter["From"]) == (person.email, "sala@example.org")
    assert "รหัสผ่าน" in letter.get_content()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == [], "and not into a file as well"
    assert states(make) == [("sent", 1)]


def test_a_letter_becomes_a_file_where_no_server_is_named(make: Make, person: User, tmp_path: Path) -> None:
    mail.queue(make.tx, KIND, person.id)
    assert mail.send_waiting(Post("sala@localhost", tmp_path / "mail")) == 1
    (path,) = (tmp_path / "mail").iterdir()
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert letter["To"] == person.email
    assert "รหัสผ่าน" in letter.get_content()  # type: ignore[attr-defined]


def test_a_letter_in_a_file_is_read_as_it_is(make: Make, person: User, tmp_path: Path) -> None:
    mail.queue(make.tx, KIND, person.id)
    mail.send_waiting(Post("ศาลา <sala@localhost>", tmp_path))
    (path,) = tmp_path.iterdir()
    raw = path.read_text(encoding="utf-8")
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert "From: ศาลา <sala@localhost>\n" in raw
    assert f"Subject: {letter['Subject']}\n" in raw
    assert "รหัสผ่าน" in str(letter["Subject"])
    assert raw.partition("\n\n")[2] == letter.get_content()  # type: ignore[attr-defined]
    assert letter["Content-Transfer-Encoding"] == "8bit"


def test_a_letter_by_smtp_is_plain_ascii_on_its_way(
    make: Make, person: User, inbox: Inbox, server: str, tmp_path: Path
) -> None:
    mail.queue(make.tx, KIND, person.id)
    mail.send_waiting(Post("sala@example.org", tmp_path, server))
    (envelope,) = inbox.came
    head, _, _ = envelope.content.partition(b"\r\n\r\n")
    assert head.isascii()
    assert max(len(line) for line in envelope.content.splitlines()) < 998


def test_what_a_server_refuses_is_tried_again_later_and_sent_once(
    make: Make, person: User, inbox: Inbox, server: str, tmp_path: Path
) -> None:
    post = Post("sala@example.org", tmp_path, server)
    mail.queue(make.tx, KIND, person.id)
    inbox.refuses = True
    with time_machine.travel(clock.now(), tick=False) as travel:
        assert mail.send_waiting(post) == 0
        inbox.refuses = False
        assert mail.send_waiting(post) == 0, "not before its time"
        travel.shift(11)
        assert mail.send_waiting(post) == 1
        travel.shift(86_400)
        assert mail.send_waiting(post) == 0
    assert states(make) == [("sent", 2)]
    assert len(inbox.came) == 1


def test_a_server_that_is_away_keeps_no_other_letter_back(make: Make, person: User, tmp_path: Path) -> None:
    blocked = tmp_path / "mail"
    blocked.write_text("a file stands where the folder should be")
    mail.queue(make.tx, KIND, person.id)
    assert mail.send_waiting(Post("sala@localhost", blocked)) == 0
    blocked.unlink()
    mail.queue(make.tx, KIND, make.user("อีกคน").id)
    assert mail.send_waiting(Post("sala@localhost", blocked)) == 1
    assert states(make) == [("waiting", 1), ("sent", 1)]


def test_a_letter_of_work_that_failed_is_never_sent(make: Make, person: User, tmp_path: Path) -> None:
    def fails() -> None:
        with db.transaction() as tx:
            mail.queue(tx, KIND, person.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert mail.send_waiting(Post("sala@localhost", tmp_path)) == 0


def test_a_row_keeps_neither_address_nor_words(make: Make, person: User, tmp_path: Path) -> None:
    mail.queue(make.tx, KIND, person.id)
    mail.send_waiting(Post("sala@localhost", tmp_path))
    make.tx.expire_all()
    row = make.tx.execute(select(Mail)).scalar_one()
    kept = repr([getattr(row, column.name) for column in Mail.__table__.columns])
    assert str(person.email) not in kept
    assert "รหัส" not in kept


def test_the_worker_sends_what_waits_into_the_sites_own_folder(make: Make, person: User, app: Flask) -> None:
    folder: Path = app.config["SALA"].data_dir / "mail"
    before = set(folder.glob("*.eml"))
    mail.queue(make.tx, KIND, person.id)
    work(app, once=True)
    (path,) = set(folder.glob("*.eml")) - before
    assert str(person.email).encode() in path.read_bytes()
