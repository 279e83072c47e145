"""Add the pages of papers, as journals and proceedings number them."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('paper', sa.Column('pages', sa.String(), nullable=True))
