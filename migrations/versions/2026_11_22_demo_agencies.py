"""An agency knows whether it was made up, so that whatever it asks says so too."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_demo_agencies"
down_revision = "2026_11_22_reports"


def upgrade() -> None:
    """Makes it so; an agency that asks something made up is made up itself."""
    op.add_column("agency", sa.Column("demo", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(sa.text("UPDATE agency SET demo = :yes WHERE id IN (SELECT agency_id FROM consultation WHERE demo)").bindparams(yes=True))
    op.execute(sa.text("UPDATE consultation SET demo = :yes WHERE agency_id IN (SELECT id FROM agency WHERE demo)").bindparams(yes=True))


def downgrade() -> None:
    """Takes it back."""
    op.drop_column("agency", "demo")
