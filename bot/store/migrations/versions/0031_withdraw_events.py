"""Withdraw events."""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('waiting_event', sa.Column('found_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('waiting_event', sa.Column('message_id', sa.Integer(), nullable=True))
