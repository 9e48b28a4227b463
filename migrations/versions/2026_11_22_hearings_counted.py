"""What is there already, counted and placed as the spine keeps it from now on."""

from alembic import op

revision = "2026_11_22_hearings_counted"
down_revision = "2026_11_22_hearings"


def upgrade() -> None:
    """Makes it so."""
    op.execute(
        "UPDATE item SET channel = (SELECT c.channel FROM comment c WHERE c.item_id = item.id) "
        "WHERE kind = 'comment' AND voice = 'paper'"
    )
    op.execute("UPDATE item SET answered = 'no' WHERE kind IN ('comment','thread') AND voice <> 'agency'")
    op.execute(
        "INSERT INTO tally (consultation_id, kind, channel, state, answered, n) "
        "SELECT consultation_id, kind, channel, state, answered, count(*) FROM item "
        "WHERE answered <> '' AND state <> 'draft' GROUP BY consultation_id, kind, channel, state, answered"
    )
    # Of several entries from one sheet the first keeps its number: a sheet is keyed once.
    op.execute(
        "INSERT INTO entry (item_id, consultation_id, sheet, entered_at, sampled, note) "
        "SELECT i.id, i.consultation_id, CASE WHEN c.sheet IS NOT NULL AND NOT EXISTS ("
        "SELECT 1 FROM comment o JOIN item j ON j.id = o.item_id "
        "WHERE o.sheet = c.sheet AND j.consultation_id = i.consultation_id AND j.id < i.id"
        ") THEN c.sheet END, i.created_at, false, '' FROM item i JOIN comment c ON c.item_id = i.id "
        "WHERE i.voice = 'paper'"
    )


def downgrade() -> None:
    """Takes it back."""
    op.execute(
        "UPDATE comment SET channel = (SELECT i.channel FROM item i WHERE i.id = comment.item_id), "
        "sheet = (SELECT e.sheet FROM entry e WHERE e.item_id = comment.item_id)"
    )
    op.execute("DELETE FROM entry")
    op.execute("DELETE FROM tally")
