"""Tell of retractions."""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('paper_event',
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['paper_id'], ['paper.id'], ),
    sa.PrimaryKeyConstraint('paper_id', 'kind'),
    sqlite_with_rowid=False
    )
    op.create_index('ix_paper_event_revision', 'paper_event', ['revision'], unique=False)
    op.create_table('waiting_event',
    sa.Column('subscription_id', sa.Integer(), nullable=False),
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['paper_id'], ['paper.id'], ),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscription.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('subscription_id', 'paper_id', 'kind'),
    sqlite_with_rowid=False
    )
    op.create_index('ix_waiting_event_paper_id', 'waiting_event', ['paper_id'], unique=False)
    column = sa.Column('retractions', sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column('subscription', column)
