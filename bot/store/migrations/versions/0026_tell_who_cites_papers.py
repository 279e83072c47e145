"""Tell who cites papers."""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('subscription', sa.Column('citing', sa.Text(), nullable=True))
    op.add_column('subscription', sa.Column('citing_paper_id', sa.Integer(), nullable=True))
    op.add_column('subscription', sa.Column('citing_author_id', sa.Integer(), nullable=True))
    op.create_table('citing_work',
    sa.Column('subscription_id', sa.Integer(), nullable=False),
    sa.Column('work_id', sa.Integer(), nullable=False),
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_self', sa.Boolean(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['paper_id'], ['paper.id'], ),
    sa.ForeignKeyConstraint(['subscription_id'], ['subscription.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['work_id'], ['work.id'], ),
    sa.PrimaryKeyConstraint('subscription_id', 'work_id', 'paper_id'),
    sqlite_with_rowid=False
    )
    op.create_index('ix_citing_work_paper_id', 'citing_work', ['paper_id'], unique=False)
    op.create_index('ix_citing_work_work_id', 'citing_work', ['work_id'], unique=False)
