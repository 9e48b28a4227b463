"""An agency may have two colours of its own."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_colours"
down_revision = "2026_11_22_short_addresses"


def upgrade() -> None:
    """Makes it so."""
    for name in ("colour_band", "colour_line"):
        op.add_column("agency", sa.Column(name, sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Takes it back."""
    for name in ("colour_band", "colour_line"):
        op.drop_column("agency", name)
