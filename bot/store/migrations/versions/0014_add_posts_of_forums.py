"""Add the posts of forums in which messages stand."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('message', sa.Column('posted_in', sa.BigInteger(), nullable=True))
