"""Add the kinds of places to subscriptions and messages: until now all were channels of servers."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ('subscription', 'message'):
        op.add_column(table, sa.Column('place', sa.String(), server_default='channel', nullable=False))
    op.add_column('subscription', sa.Column('parent_id', sa.BigInteger(), nullable=True))
