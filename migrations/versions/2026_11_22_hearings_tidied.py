"""What stands on the spine now goes from comments."""

from alembic import op

revision = "2026_11_22_hearings_tidied"
down_revision = "2026_11_22_hearings_counted"


def upgrade() -> None:
    """Makes it so."""
    with op.batch_alter_table("comment") as comment:
        comment.drop_constraint(op.f("ck_comment_channel"), type_="check")
        comment.drop_column("channel")
        comment.drop_column("sheet")


def downgrade() -> None:
    """Takes it back."""
    ways = "CONSTRAINT ck_comment_channel CHECK (channel IN ('web','paper','phone','hall','letter'))"
    op.execute(f"ALTER TABLE comment ADD COLUMN channel VARCHAR NOT NULL DEFAULT 'web' {ways}")
    op.execute("ALTER TABLE comment ADD COLUMN sheet VARCHAR")
