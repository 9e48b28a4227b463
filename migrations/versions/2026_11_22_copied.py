"""A draft knows which of its texts were copied and not yet read by who copied them."""

from alembic import op

revision = "2026_11_22_copied"
down_revision = "2026_11_22_demo_agencies"


def upgrade() -> None:
    """Makes it so; what was copied before nobody can tell."""
    kind = "JSON" if op.get_bind().dialect.name == "sqlite" else "JSONB"
    op.execute(f"ALTER TABLE consultation ADD COLUMN copied {kind} NOT NULL DEFAULT '[]'")


def downgrade() -> None:
    """Takes it back."""
    op.drop_column("consultation", "copied")
