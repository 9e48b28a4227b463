"""What a hearing needs: announcing and approving, voices by channel, official answers, numbers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_hearings"
down_revision = "2026_11_22_events_stay"

_CONSULTATION = {
    "law_kind": "VARCHAR NOT NULL DEFAULT '' CONSTRAINT ck_consultation_law_kind CHECK (law_kind IN ('','primary','other'))",
    "privacy_notice": "VARCHAR NOT NULL DEFAULT ''",
    "short_reason": "VARCHAR NOT NULL DEFAULT ''",
}
_ITEM = {
    "channel": "VARCHAR NOT NULL DEFAULT 'web' CONSTRAINT ck_item_channel CHECK (channel IN ('web','paper','phone','hall','letter'))",
    "answered": "VARCHAR NOT NULL DEFAULT '' CONSTRAINT ck_item_answered CHECK (answered IN ('','no','on_time','late'))",
    "progress": "VARCHAR NOT NULL DEFAULT '' CONSTRAINT ck_item_progress "
    "CHECK (progress IN ('','received','inspecting','planned','done','not_done'))",
}
_STATES = "state IN ('draft','announced','opened','closed')"
_OLD_STATES = "state IN ('draft','opened','closed')"


def upgrade() -> None:
    """Makes it so."""
    _widen_items()
    _widen_consultations()
    op.create_table('sheet',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('consultation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('code_hmac', sa.String(), nullable=False),
    sa.Column('made_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['consultation_id'], ['consultation.id'], name=op.f('fk_sheet_consultation_id')),
    sa.ForeignKeyConstraint(['made_by'], ['user_account.id'], name=op.f('fk_sheet_made_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sheet')),
    sa.UniqueConstraint('code_hmac', name=op.f('uq_sheet_code_hmac')),
    sa.UniqueConstraint('consultation_id', 'number', name=op.f('uq_sheet_consultation_id_number'))
    )
    op.create_table('sign_off',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('consultation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('act', sa.String(), nullable=False),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('wanted', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('asked_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('memo', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"), nullable=True),
    sa.CheckConstraint("act IN ('open','close')", name=op.f('ck_sign_off_act')),
    sa.CheckConstraint("state IN ('waiting','approved','returned','used','void')", name=op.f('ck_sign_off_state')),
    sa.ForeignKeyConstraint(['asked_by'], ['user_account.id'], name=op.f('fk_sign_off_asked_by')),
    sa.ForeignKeyConstraint(['consultation_id'], ['consultation.id'], name=op.f('fk_sign_off_consultation_id')),
    sa.ForeignKeyConstraint(['decided_by'], ['user_account.id'], name=op.f('fk_sign_off_decided_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_off'))
    )
    with op.batch_alter_table('sign_off', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_off_consultation_id'), ['consultation_id'], unique=False)
        batch_op.create_index('uq_sign_off_live', ['consultation_id', 'act'], unique=True, sqlite_where=sa.text("state IN ('waiting','approved')"), postgresql_where=sa.text("state IN ('waiting','approved')"))

    op.create_table('tally',
    sa.Column('consultation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('answered', sa.String(), nullable=False),
    sa.Column('n', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.ForeignKeyConstraint(['consultation_id'], ['consultation.id'], name=op.f('fk_tally_consultation_id')),
    sa.PrimaryKeyConstraint('consultation_id', 'kind', 'channel', 'state', 'answered', name=op.f('pk_tally'))
    )
    op.create_table('answer',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('consultation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('disposition', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('reason_html', sa.String(), nullable=False),
    sa.Column('stage', sa.String(), nullable=False),
    sa.Column('items', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('asked_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('memo', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.CheckConstraint("disposition IN ('accepted','partly','not_accepted','noted')", name=op.f('ck_answer_disposition')),
    sa.CheckConstraint("stage IN ('draft','waiting','returned','published','dropped')", name=op.f('ck_answer_stage')),
    sa.ForeignKeyConstraint(['asked_by'], ['user_account.id'], name=op.f('fk_answer_asked_by')),
    sa.ForeignKeyConstraint(['consultation_id'], ['consultation.id'], name=op.f('fk_answer_consultation_id')),
    sa.ForeignKeyConstraint(['decided_by'], ['user_account.id'], name=op.f('fk_answer_decided_by')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_answer_item_id')),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_answer'))
    )
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.create_index('ix_answer_consultation_id_stage_item_id', ['consultation_id', 'stage', 'item_id'], unique=False)
        batch_op.create_index('ix_answer_stage_disposition_items', ['stage', 'disposition', 'items'], unique=False)

    op.create_table('entry',
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('consultation_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('sheet', sa.String(), nullable=True),
    sa.Column('entered_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sampled', sa.Boolean(), nullable=False),
    sa.Column('checked_by', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('matches', sa.Boolean(), nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['checked_by'], ['user_account.id'], name=op.f('fk_entry_checked_by')),
    sa.ForeignKeyConstraint(['consultation_id'], ['consultation.id'], name=op.f('fk_entry_consultation_id')),
    sa.ForeignKeyConstraint(['entered_by'], ['user_account.id'], name=op.f('fk_entry_entered_by')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_entry_item_id')),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_entry'))
    )
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.create_index('ix_entry_consultation_id_item_id', ['consultation_id', 'item_id'], unique=False)
        batch_op.create_index('uq_entry_sheet', ['consultation_id', 'sheet'], unique=True, sqlite_where=sa.text('sheet IS NOT NULL'), postgresql_where=sa.text('sheet IS NOT NULL'))

    op.create_table('progress',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
    sa.CheckConstraint("state IN ('received','inspecting','planned','done','not_done')", name=op.f('ck_progress_state')),
    sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f('fk_progress_by_id')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_progress_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_progress'))
    )
    with op.batch_alter_table('progress', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_progress_item_id'), ['item_id'], unique=False)

    op.create_table('answered',
    sa.Column('answer_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.CheckConstraint("state IN ('waiting','current','past')", name=op.f('ck_answered_state')),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.item_id'], name=op.f('fk_answered_answer_id')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_answered_item_id')),
    sa.PrimaryKeyConstraint('answer_id', 'item_id', name=op.f('pk_answered'))
    )
    with op.batch_alter_table('answered', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answered_item_id'), ['item_id'], unique=False)
        batch_op.create_index('uq_answered_current', ['item_id'], unique=True, sqlite_where=sa.text("state = 'current'"), postgresql_where=sa.text("state = 'current'"))
        batch_op.create_index('uq_answered_waiting', ['item_id'], unique=True, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))


def downgrade() -> None:
    """Takes it back."""
    with op.batch_alter_table('answered', schema=None) as batch_op:
        batch_op.drop_index('uq_answered_waiting', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.drop_index('uq_answered_current', sqlite_where=sa.text("state = 'current'"), postgresql_where=sa.text("state = 'current'"))
        batch_op.drop_index(batch_op.f('ix_answered_item_id'))

    op.drop_table('answered')
    with op.batch_alter_table('progress', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_progress_item_id'))

    op.drop_table('progress')
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.drop_index('uq_entry_sheet', sqlite_where=sa.text('sheet IS NOT NULL'), postgresql_where=sa.text('sheet IS NOT NULL'))
        batch_op.drop_index('ix_entry_consultation_id_item_id')

    op.drop_table('entry')
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.drop_index('ix_answer_stage_disposition_items')
        batch_op.drop_index('ix_answer_consultation_id_stage_item_id')

    op.drop_table('answer')
    op.drop_table('tally')
    with op.batch_alter_table('sign_off', schema=None) as batch_op:
        batch_op.drop_index('uq_sign_off_live', sqlite_where=sa.text("state IN ('waiting','approved')"), postgresql_where=sa.text("state IN ('waiting','approved')"))
        batch_op.drop_index(batch_op.f('ix_sign_off_consultation_id'))

    op.drop_table('sign_off')
    op.drop_table('sheet')
    _narrow_consultations()
    _narrow_items()


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _add(table: str, columns: dict[str, str]) -> None:
    """Columns with what stands in rows that are there already; a plain ALTER, so that no table is written anew."""
    for name, kind in columns.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")


def _widen_items() -> None:
    _add("item", _ITEM)
    op.execute(
        "ALTER TABLE item ADD COLUMN answer_id "
        + ("INTEGER" if _is_sqlite() else "BIGINT")
        + " CONSTRAINT fk_item_answer_id REFERENCES item (id)"
    )
    op.create_index("ix_item_answer_id", "item", ["answer_id"])
    op.create_index("ix_item_consultation_id_answered_id", "item", ["consultation_id", "answered", "id"])


def _narrow_items() -> None:
    op.drop_index("ix_item_consultation_id_answered_id", "item")
    op.drop_index("ix_item_answer_id", "item")
    with op.batch_alter_table("item") as item:
        for name in _ITEM:
            item.drop_constraint(op.f(f"ck_item_{name}"), type_="check")
        for name in (*_ITEM, "answer_id"):
            item.drop_column(name)


def _widen_consultations() -> None:
    _add("consultation", _CONSULTATION)
    listed = "JSON NOT NULL DEFAULT '[]'" if _is_sqlite() else "JSONB NOT NULL DEFAULT '[]'"
    moment = "DATETIME" if _is_sqlite() else "TIMESTAMP WITH TIME ZONE"
    number = "INTEGER" if _is_sqlite() else "BIGINT"
    _add("consultation", {"area_codes": listed, "announced_at": moment, "warned_days": number})
    _let_states(_STATES)


def _narrow_consultations() -> None:
    op.execute("UPDATE consultation SET state = 'draft' WHERE state = 'announced'")
    with op.batch_alter_table("consultation") as consultation:
        consultation.drop_constraint(op.f("ck_consultation_law_kind"), type_="check")
        for name in (*_CONSULTATION, "area_codes", "announced_at", "warned_days"):
            consultation.drop_column(name)
    _let_states(_OLD_STATES)


def _let_states(states: str) -> None:
    """Which states a consultation may be in; SQLite writes the table anew for it."""
    with op.batch_alter_table("consultation") as consultation:
        consultation.drop_constraint(op.f("ck_consultation_state"), type_="check")
        consultation.create_check_constraint(op.f("ck_consultation_state"), states)
