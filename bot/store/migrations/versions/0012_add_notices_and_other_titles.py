"""Add notices (that a paper was retracted, withdrawn or corrected) and other titles of papers."""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('paper', sa.Column('notices', sa.JSON(), nullable=True))
    op.add_column('paper', sa.Column('other_titles', sa.JSON(), nullable=True))
