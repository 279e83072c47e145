"""List processes."""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('process',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('shards', sa.JSON(), nullable=False),
    sa.Column('reserved', sa.JSON(), nullable=False),
    sa.Column('index_revision', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('name')
    )
