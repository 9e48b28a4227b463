"""Runs migrations on the database of the present settings, with timeouts so that a site stays up meanwhile."""

from typing import Any

import sqlalchemy as sa
from alembic import context

import config as settings
import forum.app  # noqa: F401  every table must be known for `alembic check`
from forum.kernel import db

connected = context.config.attributes.get("database") or db.connect(settings.load().database_url)


def render(kind: str, thing: object, _context: object) -> str | bool:
    """Types of ours as plain ones: a migration imports nothing that may change later."""
    if kind == "type" and isinstance(thing, db.Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, sa.JSON):
        return 'sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")'
    if kind == "type" and isinstance(thing, sa.BigInteger):
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


def run() -> None:
    """Upgrades or downgrades online; there is no offline mode."""
    with connected.engine.connect() as connection:
        if not connected.sqlite:
            connection.exec_driver_sql("SET lock_timeout = '5s'")
            connection.exec_driver_sql("SET statement_timeout = '600s'")
            connection.commit()
        else:
            # A table that is written anew is dropped first, which keys that point to it would forbid.
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.Model.metadata,
            render_as_batch=connected.sqlite,
            compare_type=True,
            render_item=render,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if connected.sqlite:
            broken = driver.execute("PRAGMA foreign_key_check").fetchall()
            driver.execute("PRAGMA foreign_keys=ON")
            if broken:
                raise RuntimeError(f"rows point to rows that are not there: {broken[:5]}")


run()
