"""A person at a browser without JavaScript, their mailbox, and a count of the work done on passwords."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from forum.core.accounts import service
from forum.core.accounts.models import User
from forum.kernel import mail, throttle
from tests.factories import Make

GOOD = "เรือข้ามฟากตอนเช้า"


@dataclass
class Browser:
    """Fills forms as a person does: opens the page, types, sends it with the page's own token."""

    client: FlaskClient

    def open(self, path: str) -> Any:
        return self.client.get(path)

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(page).text)
        assert found is not None
        return found[1]

    def send(self, path: str, fields: dict[str, str], page: str | None = None) -> Any:
        return self.client.post(path, data={"csrf_token": self.token(page or path), **fields})

    def sign_in(self, email: str, password: str = GOOD, **more: str) -> Any:
        return self.send("/login", {"email": email, "password": password, **more})

    def ask_sign_up(self, email: str = "nok@example.org", name: str = "นกน้ำ", **more: str) -> Any:
        return self.send("/signup", {"email": email, "name": name, "password": GOOD, **more})

    def is_in(self) -> bool:
        return bool(self.client.get("/account").status_code == 200)

    def secret(self) -> str:
        with self.client.session_transaction() as session:
            return str(session.get("_user_id", ""))


@dataclass
class Mailbox:
    """Every letter sent so far, newest last."""

    folder: Path
    letters: list[EmailMessage] = field(default_factory=list)

    def empty(self) -> list[EmailMessage]:
        """The letters that came since the last look."""
        mail.send_waiting(mail.Post("sala@localhost", self.folder))
        came = []
        for path in sorted(self.folder.glob("*.eml")):
            came.append(message_from_bytes(path.read_bytes(), policy=policy.default))
            path.unlink()
        self.letters += came
        return came  # type: ignore[return-value]

    def one(self) -> EmailMessage:
        came = self.empty()
        assert len(came) == 1
        return came[0]

    def code(self) -> str:
        """The code in the one letter that came."""
        found = re.search(r"^รหัส 6 หลัก: (\d{3}) (\d{3})$", self.one().get_content(), re.M)
        assert found is not None
        return found[1] + found[2]

    def link(self) -> str:
        """The path of the link in the one letter that came."""
        found = re.search(r"http://localhost(/\S+key=\S+)", self.one().get_content())
        assert found is not None
        return found[1]


@pytest.fixture
def browser(client: FlaskClient) -> Browser:
    return Browser(client)


@pytest.fixture
def another(app: Flask) -> Browser:
    """A second browser, of the same person or somebody else."""
    return Browser(app.test_client())


@pytest.fixture
def mailbox(tmp_path: Path, app: Flask) -> Mailbox:
    folder = tmp_path / "mail"
    folder.mkdir()
    return Mailbox(folder)


@pytest.fixture
def person(make: Make, tx: Session) -> User:
    """Somebody with an account and a password."""
    return make.user("นก ริมคลอง", password_hash=service.hash_password(GOOD))


@dataclass
class Work:
    """How often a password was hashed or compared."""

    times: int = 0


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    counted = Work()
    for name in ("hash", "verify"):
        real = getattr(PasswordHasher, name)

        def count(*args: Any, _real: Any = real) -> Any:
            counted.times += 1
            return _real(*args)

        monkeypatch.setattr(PasswordHasher, name, count)
    return counted


@pytest.fixture
def limits(app: Flask) -> Iterator[Any]:
    """Sets limits for one test: limits(sign_in="2/hour")."""
    off = dict.fromkeys(throttle.DEFAULTS, "off")
    yield lambda **some: throttle.configure(off | some)
    throttle.configure(off)


def code_id(answer: Any) -> str:
    """The id of a code, from the answer that leads to the page where it is typed."""
    assert answer.status_code == 303, answer.text
    return str(re.search(r"[?&]id=(\w+)", answer.location)[1])  # type: ignore[index]


def wrong(code: str) -> str:
    """Six digits that are not the code."""
    return f"{(int(code) + 1) % 1_000_000:06}"
