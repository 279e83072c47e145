"""Add free copies, data, summaries and dates of publication of papers."""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (
        ('pdf_url', sa.String()),
        ('data_url', sa.String()),
        ('summary', sa.Text()),
        ('appeared', sa.String()),
    ):
        op.add_column('paper', sa.Column(name, kind, nullable=True))
    column = sa.Column('published', sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column('subscription', column)
