"""Remember answers."""

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('answered_card',
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('channel_id', sa.BigInteger(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('paper_id', 'channel_id'),
    sqlite_with_rowid=False
    )
    op.create_index('ix_answered_card_message_id', 'answered_card', ['message_id'], unique=False)

