"""Record with which facts a card was posted."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('delivery', sa.Column('facts', sa.String(), nullable=True))
    # Whether a card shows code and a score is among its facts.
    op.drop_column('delivery', 'code_shown')
    op.drop_column('delivery', 'score_shown')
