"""Make the tables of sources that are followed, and of papers that people propose."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('followed_source',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('added_by', sa.BigInteger(), nullable=True),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paused', sa.Boolean(), nullable=False),
    sa.Column('progress', sa.JSON(), nullable=True),
    sa.Column('validators', sa.JSON(), nullable=True),
    sa.Column('total', sa.Integer(), nullable=True),
    sa.Column('baseline_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('first_arrival_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_arrival_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('arrival_times', sa.Integer(), nullable=False),
    sa.Column('arrived', sa.Integer(), nullable=False),
    sa.Column('last_arrived', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('next_check_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('silence_told_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('kind', 'value'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('followed_source', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_followed_source_next_check_at'), ['next_check_at'], unique=False)

    op.create_table('paper_proposal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('asked_by', sa.BigInteger(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('record', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('decided_by', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('paper_proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_paper_proposal_asked_at'), ['asked_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_paper_proposal_asked_by'), ['asked_by'], unique=False)
