"""Make the table of retired papers."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('retired_paper',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('into_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['into_id'], ['paper.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('retired_paper', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_retired_paper_into_id'), ['into_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_retired_paper_revision'), ['revision'], unique=False)
