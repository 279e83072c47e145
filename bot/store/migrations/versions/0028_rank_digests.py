"""Rank digests."""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    order = sa.Column('digest_order', sa.String(), server_default='arrived', nullable=False)
    op.add_column('subscription', order)
    op.add_column('subscription', sa.Column('delay_days', sa.Integer(), server_default='0', nullable=False))
