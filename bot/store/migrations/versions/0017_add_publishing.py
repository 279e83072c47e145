"""Add what is published to the channels that follow an announcement channel."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ('subscription', 'message'):
        op.add_column(table, sa.Column('publish', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('message', sa.Column('published_at', sa.DateTime(timezone=True), nullable=True))
    for name, column, condition in (
        ('ix_message_to_publish', 'id', 'publish'),
        ('ix_message_published_at', 'published_at', 'published_at IS NOT NULL'),
    ):
        where = sa.text(condition)
        op.create_index(name, 'message', [column], sqlite_where=where, postgresql_where=where)
