"""Two drafts that take one address at the same moment: one has it, the other is told which field to change."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from forum.core.consultations import service
from forum.core.consultations.models import Consultation
from forum.kernel import db
from forum.kernel.errors import Invalid
from forum.kernel.rules import Actor
from tests.databases import migrate, new_beside
from tests.factories import Make

pytestmark = pytest.mark.usefixtures("features")


@pytest.fixture
def own(database: db.Database, tmp_path: Path) -> Iterator[db.Database]:
    """A database of this test's own, in which commits are commits."""
    opened = new_beside(database, "slugs", tmp_path)
    migrate(opened)
    yield opened
    opened.engine.dispose()


def rename(tx: Session, actor: Actor, slug: str, to: str) -> None:
    row = service.find(tx, actor, slug)
    service.change(tx, actor, row, {"slug": to}, row.version)


def wait_until_it_waits(own: db.Database, other: threading.Thread) -> None:
    """Until the other's write stands behind ours; on SQLite it does so before it begins."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while not own.sqlite and other.is_alive():
        with own.reading() as tx:
            if tx.execute(waiting).scalar_one():
                return
        threading.Event().wait(0.01)


def test_of_two_who_take_one_address_at_once_one_is_told_that_it_is_taken(own: db.Database) -> None:
    with own.transaction() as tx:
        make = Make(tx)
        agency = make.agency()
        actor = make.actor(make.member(agency))
        drafts = [make.consultation(agency, state="draft").slug for _ in range(2)]
    told: list[object] = []

    def second() -> None:
        try:
            with own.transaction() as tx:
                rename(tx, actor, drafts[1], "canal-walk")
            told.append("kept")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is asked about
            told.append(error)

    other = threading.Thread(target=second)
    with own.transaction() as tx:
        rename(tx, actor, drafts[0], "canal-walk")
        other.start()
        wait_until_it_waits(own, other)
    other.join(20)
    assert [type(one) for one in told] == [Invalid], told
    assert set(told[0].errors) == {"slug"}  # type: ignore[attr-defined]
    with own.reading() as tx:
        assert sorted(tx.execute(select(Consultation.slug)).scalars()) == sorted(["canal-walk", drafts[1]])
