"""Reports of what a consultation heard."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_reports"
down_revision = "2026_11_22_colours"


def _id(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str) -> sa.Column[object]:
    kind = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    """Makes it so."""
    op.create_table(
        "report",
        _id("id"),
        sa.Column("public_id", sa.String(), nullable=False),
        _id("consultation_id"),
        _id("no"),
        sa.Column("state", sa.String(), nullable=False),
        _id("done"),
        _id("total"),
        _id("asked_by", nullable=True),
        _moment("asked_at"),
        _moment("made_at", nullable=True),
        _moment("published_at", nullable=True),
        _id("published_by", nullable=True),
        _json("summary"),
        _json("files"),
        sa.Column("digest", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting','making','made','failed','published')", name=op.f("ck_report_state")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["user_account.id"], name=op.f("fk_report_asked_by")),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_report_consultation_id")),
        sa.ForeignKeyConstraint(["published_by"], ["user_account.id"], name=op.f("fk_report_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("consultation_id", "no", name=op.f("uq_report_consultation_id_no")),
        sa.UniqueConstraint("public_id", name=op.f("uq_report_public_id")),
    )
    to_make = sa.text("state IN ('waiting','making')")
    op.create_index("ix_report_to_make", "report", ["id"], sqlite_where=to_make, postgresql_where=to_make)


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_report_to_make", table_name="report")
    op.drop_table("report")
