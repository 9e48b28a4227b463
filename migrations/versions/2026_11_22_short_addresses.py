"""Every consultation gets a short address, for paper: five symbols that are easily told apart."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_short_addresses"
down_revision = "2026_11_22_members"

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
AT_ONCE = 500
consultation = sa.table("consultation", sa.column("id", sa.BigInteger), sa.column("short", sa.String))


def upgrade() -> None:
    """Makes it so."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    # SQLite fills a column that may not be empty as it adds it; nothing else writes there meanwhile.
    kind = {"nullable": True} if postgresql else {"nullable": False, "server_default": ""}
    op.add_column("consultation", sa.Column("short", sa.String(), **kind))
    fill()
    if postgresql:
        # A site that still runs yesterday's code while this is made goes on: the database finds it a code.
        default = sa.text("substr(md5(random()::text), 1, 10)")
        op.alter_column("consultation", "short", nullable=False, server_default=default)
    op.create_index("ix_consultation_short", "consultation", ["short"], unique=True)


def fill() -> None:
    """A code for each consultation, some hundreds at a time."""
    db, last, taken = op.get_bind(), 0, set()
    change = consultation.update().where(consultation.c.id == sa.bindparam("of")).values(short=sa.bindparam("code"))
    while True:
        wanted = sa.select(consultation.c.id).where(consultation.c.id > last).order_by(consultation.c.id)
        ids = db.execute(wanted.limit(AT_ONCE)).scalars().all()
        if not ids:
            return
        db.execute(change, [{"of": one, "code": fresh(taken)} for one in ids])
        last = ids[-1]


def fresh(taken: set) -> str:
    """A code that was not given yet."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(5))
        if code not in taken:
            taken.add(code)
            return code


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_consultation_short", table_name="consultation")
    op.drop_column("consultation", "short")
