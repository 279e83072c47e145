"""Add lists."""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('paper_note',
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('guild_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('paper_id', 'guild_id', 'person_id'),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('paper_note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_paper_note_person_id'), ['person_id'], unique=False)

    op.create_table('reading_list',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('guild_id', sa.BigInteger(), nullable=False),
    sa.Column('owner_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('reading_list', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reading_list_guild_id'), ['guild_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reading_list_owner_id'), ['owner_id'], unique=False)

    op.create_table('list_entry',
    sa.Column('list_id', sa.Integer(), nullable=False),
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('added_by', sa.BigInteger(), nullable=True),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('state_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['list_id'], ['reading_list.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('list_id', 'paper_id'),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('list_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_list_entry_added_by'), ['added_by'], unique=False)
        batch_op.create_index(batch_op.f('ix_list_entry_paper_id'), ['paper_id'], unique=False)

