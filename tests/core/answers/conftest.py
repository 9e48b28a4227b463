"""An office with two officers, and what people told it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.commons.comments.forms import read_comment
from forum.commons.comments.queries import thread_by
from forum.commons.comments.service import post_comment
from forum.core.accounts.models import User
from forum.core.agencies.models import Agency
from forum.core.answers import queries, service
from forum.core.answers.forms import read_answer
from forum.core.answers.manifest import FEATURE
from forum.core.answers.queries import AnswerView
from forum.core.consultations.models import Consultation
from forum.core.consultations.telling import Approval
from forum.core.items.models import Item
from forum.kernel.events import Event
from forum.kernel.rules import Actor
from tests.factories import Make

MEMO = Approval("กช 9/2569", date(2026, 11, 1))
REASON = "ลงแบบบันไดพับให้ดูภายใน 28 พ.ย."


def said(disposition: str = "accepted", reason: str = REASON) -> Any:
    return read_answer({"disposition": disposition, "reason": reason})


@dataclass
class Office:
    """Who answers, who agrees, who stands outside, and what was asked."""

    make: Make
    tx: Session
    agency: Agency
    consultation: Consultation
    thread: str
    writer: User
    second: User
    stranger: User

    @property
    def a(self) -> Actor:
        return self.make.actor(self.writer)

    @property
    def b(self) -> Actor:
        return self.make.actor(self.second)

    @property
    def foreign(self) -> Actor:
        return self.make.actor(self.stranger)

    def hear(self, body: str = "ขอทางลาด", **more: Any) -> int:
        """Somebody says something; the inner id of what they said."""
        form = read_comment({"body": body, **more}, guest=False, stances=False)
        actor = self.make.actor(self.make.user())
        return post_comment(self.tx, actor, thread_by(self.tx, self.thread), form).comment_id

    def item(self, item_id: int) -> Item:
        self.tx.expire_all()
        return self.tx.get_one(Item, item_id)

    def public(self, item_id: int) -> str:
        return self.item(item_id).public_id

    def draft(self, *item_ids: int, disposition: str = "accepted", reason: str = REASON) -> AnswerView:
        return service.draft(self.tx, self.a, self.consultation, item_ids, said(disposition, reason))

    def answer(self, *item_ids: int, disposition: str = "accepted", reason: str = REASON) -> AnswerView:
        """Published on a memo."""
        written = self.draft(*item_ids, disposition=disposition, reason=reason)
        return service.publish(self.tx, self.a, written, MEMO)

    def again(self, answer: AnswerView) -> AnswerView:
        """The answer as it is now."""
        self.tx.expire_all()
        return queries.answers_by_ids(self.tx, [answer.id])[answer.id]

    def work(self) -> list[Event]:
        """Lets the worker hear what happened; the events of comments and threads that it made of it."""
        told = select(Event).where(Event.name.in_(("answer.posted", "progress.told"))).order_by(Event.id)
        FEATURE.observers[0].handle(self.tx.execute(told).scalars().all())
        self.tx.expire_all()
        made = select(Event).where(Event.name.in_(("comment.answered", "thread.answered"))).order_by(Event.id)
        return list(self.tx.execute(made).scalars())


@pytest.fixture
def office(app: Any, make: Make, tx: Session) -> Office:
    agency = make.agency()
    consultation = make.consultation(agency)
    return Office(
        make, tx, agency, consultation, make.thread(consultation), make.member(agency), make.member(agency, "owner"),
        make.member(make.agency()),
    )  # fmt: skip


@pytest.fixture
def desk(office: Office, client: FlaskClient) -> FlaskClient:
    """A browser of the officer who writes answers."""
    office.make.sign_in(client, office.writer)
    return client


@pytest.fixture
def other_desk(office: Office, app: Any) -> FlaskClient:
    """A browser of the second member."""
    client: FlaskClient = app.test_client()
    office.make.sign_in(client, office.second)
    return client
