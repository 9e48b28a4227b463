"""Invitations into an agency, and what changed among its members."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_members"
down_revision = "2026_11_22_hearings_tidied"


def _id(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Makes it so."""
    op.create_table(
        "invitation",
        _id("id"),
        sa.Column("public_id", sa.String(), nullable=False),
        _id("agency_id"),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("code_digest", sa.String(), nullable=True),
        _moment("made_at"),
        _id("by_id", nullable=True),
        _moment("expires_at"),
        _moment("withdrawn_at", nullable=True),
        _moment("used_at", nullable=True),
        _id("user_id", nullable=True),
        sa.CheckConstraint("role IN ('owner','officer','moderator','reviewer')", name=op.f("ck_invitation_role")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_invitation_agency_id")),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_invitation_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_invitation_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_invitation_code_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitation_public_id")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_agency_id"), ["agency_id"], unique=False)

    op.create_table(
        "member_change",
        _id("id"),
        _id("agency_id"),
        _id("user_id", nullable=True),
        sa.Column("old_role", sa.String(), nullable=True),
        sa.Column("new_role", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        _moment("at"),
        _id("by_id", nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_member_change_agency_id")),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_member_change_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_member_change_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_change")),
    )
    with op.batch_alter_table("member_change", schema=None) as batch_op:
        batch_op.create_index("ix_member_change_agency_id_id", ["agency_id", "id"], unique=False)


def downgrade() -> None:
    """Takes it back."""
    with op.batch_alter_table("member_change", schema=None) as batch_op:
        batch_op.drop_index("ix_member_change_agency_id_id")

    op.drop_table("member_change")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_agency_id"))

    op.drop_table("invitation")
