"""Let subscriptions follow entries of authors."""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('subscription', sa.Column('author_id', sa.Integer(), nullable=True))
    op.add_column('subscription', sa.Column('author_parts', sa.JSON(none_as_null=True), nullable=True))
