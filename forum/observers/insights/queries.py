"""What the database says about how the site runs: whether it can serve, and how much waits."""

from datetime import datetime
from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from forum.commons.comments.models import Thread
from forum.kernel import clock
from forum.kernel.db import current, reading
from forum.kernel.errors import Busy
from forum.kernel.events import Delivery, Event, Stream
from forum.kernel.mail import Mail

_MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"


def missing() -> list[str]:
    """What the site lacks to serve: `database` when it does not answer, `schema` when it is not the code's."""
    try:
        with reading() as tx:
            tx.execute(select(1)).scalar_one()
    except (SQLAlchemyError, Busy, OSError):
        return ["database"]
    try:
        with reading() as tx:
            there = set(tx.execute(text("SELECT version_num FROM alembic_version")).scalars())
    except SQLAlchemyError:
        there = set()
    return [] if there == _heads() else ["schema"]


@cache
def _heads() -> frozenset[str]:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return frozenset(ScriptDirectory.from_config(config).get_heads())


def deliveries(tx: Session) -> dict[tuple[str, bool], int]:
    """How many deliveries wait, by observer and by whether they were set aside with an error before."""
    aside = Delivery.attempts > 0
    counted = (
        select(Delivery.observer, aside, func.count())
        .where(Delivery.state == "waiting")
        .group_by(Delivery.observer, aside)
    )
    return {(observer, bool(tried)): n for observer, tried, n in tx.execute(counted)}


def oldest_delivery_seconds(tx: Session) -> float:
    """How long the oldest waiting delivery has waited."""
    first = select(func.min(Delivery.event_id)).where(Delivery.state == "waiting").scalar_subquery()
    return _age(tx.execute(select(Event.at).where(Event.id == first)).scalar_one_or_none())


def mails(tx: Session) -> dict[str, int]:
    """How many letters are not sent yet, by state."""
    counted = (
        select(Mail.state, func.count().label("n")).where(Mail.state.in_(("waiting", "failed"))).group_by(Mail.state)
    )
    return {row.state: row.n for row in tx.execute(counted)}


def oldest_mail_seconds(tx: Session) -> float:
    """How long the oldest waiting letter has waited."""
    return _age(tx.execute(select(func.min(Mail.queued_at)).where(Mail.state == "waiting")).scalar_one_or_none())


def comments(tx: Session) -> int:
    """How many comments are shown now, from the threads' own counters."""
    return int(tx.execute(select(func.sum(Thread.comments))).scalar_one() or 0)


def changes(tx: Session) -> int:
    """How many public changes there have been, from the streams' own numbers."""
    return int(tx.execute(select(func.sum(Stream.seq))).scalar_one() or 0)


def connections() -> dict[str, int]:
    """How many database connections of this process are used and how many are idle."""
    pool = current().engine.pool
    counts = {"used": getattr(pool, "checkedout", None), "idle": getattr(pool, "checkedin", None)}
    return {state: count() for state, count in counts.items() if count is not None}


def _age(at: datetime | None) -> float:
    return max(0.0, (clock.now() - at).total_seconds()) if at else 0.0
