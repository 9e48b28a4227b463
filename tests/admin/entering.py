"""A desk at which voices that came another way are keyed, for the tests of those pages."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from forum.commons.comments.models import Comment
from forum.core.accounts.models import User
from forum.core.agencies.models import Agency
from forum.kernel import clock, dates
from tests.factories import Make


def today() -> str:
    """Today as it is typed into one box."""
    day = dates.in_bangkok(clock.now()).date()
    return f"{day.day}/{day.month}/{day.year + 543}"


class Counter:
    """An office with an open consultation of one topic, and its officer at a browser."""

    def __init__(self, app: Flask, make: Make, tx: Session, *, titles: Sequence[str] = ("ทางเดิน",), **values: Any):
        self.app, self.make, self.tx = app, make, tx
        self.agency: Agency = make.agency()
        self.row = make.consultation(self.agency, **values)
        self.threads = [make.thread(self.row, stance="agree", title=title) for title in titles]
        self.officer = self.member()
        self.client = self.browser(self.officer)
        self.path = f"/desk/{self.row.slug}/entries"

    def member(self, role: str = "officer") -> User:
        """One more person of the office."""
        return self.make.member(self.agency, role)

    def browser(self, user: User) -> FlaskClient:
        """A browser in which somebody is signed in."""
        client: FlaskClient = self.app.test_client()
        self.make.sign_in(client, user)
        return client

    def token(self, client: FlaskClient, path: str) -> str:
        """The token of the forms on a page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
        assert found, path
        return found[1]

    def post(
        self, page: str, data: Mapping[str, Any], *, client: FlaskClient | None = None, at: str = ""
    ) -> TestResponse:
        """Sends a form as it stands on its page."""
        who = client or self.client
        token = self.token(who, self.path + (at or page))
        sent: dict[str, Any] = {"csrf_token": token, **data}
        if not any(isinstance(value, tuple) for value in data.values()):
            return who.post(self.path + page, data=sent)
        # Encoded here: the test client would put what is large into a file that it leaves open.
        boundary, body = encode_multipart(
            {name: FileStorage(*value) if isinstance(value, tuple) else value for name, value in sent.items()}
        )
        return who.post(self.path + page, data=body, content_type=f"multipart/form-data; boundary={boundary}")

    def one(self, **values: str) -> dict[str, str]:
        """One voice as it is typed."""
        day = dates.in_bangkok(clock.now()).date()
        when = {"received.day": day.day, "received.month": day.month, "received.year": day.year + 543}
        typed = {"channel": "paper", "sheet": "", "topic": self.threads[0], "body": "ขอราวจับ", "stance": "for"}
        return typed | {name: str(part) for name, part in when.items()} | values

    def grid(self, *rows: Mapping[str, str], **shared: str) -> dict[str, str]:
        """Rows as they are typed, with what is the same in all of them."""
        typed = {f"all.{name}": value for name, value in ({"channel": "paper", "on": today()} | shared).items()}
        for n, row in enumerate(rows):
            typed |= {f"rows.{n}.{name}": value for name, value in row.items()}
        return typed

    def comments(self) -> int:
        """How many comments there are."""
        self.tx.expire_all()
        return int(self.tx.execute(select(func.count()).select_from(Comment)).scalar_one())

    def numbers(self) -> Any:
        """What the API says of the consultation's numbers."""
        answer = self.app.test_client().get(f"/api/v1/consultations/{self.row.slug}")
        assert answer.status_code == 200
        return answer.json["numbers"]
