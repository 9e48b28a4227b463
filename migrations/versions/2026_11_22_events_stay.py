"""The database itself refuses to change or remove an event."""

from alembic import op

revision = "2026_11_22_events_stay"
down_revision = "2026_11_22_first_tables"


def upgrade() -> None:
    """Makes it so."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION event_stays() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'an event is never changed'; END $$"
        )
        op.execute(
            "CREATE TRIGGER event_stays BEFORE UPDATE OR DELETE ON event "
            "FOR EACH ROW EXECUTE FUNCTION event_stays()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER event_stays_{what.lower()} BEFORE {what} ON event "
            "BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END"
        )


def downgrade() -> None:
    """Takes it back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER event_stays ON event")
        op.execute("DROP FUNCTION event_stays()")
        return
    op.execute("DROP TRIGGER event_stays_update")
    op.execute("DROP TRIGGER event_stays_delete")
