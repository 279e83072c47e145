"""Consider changed papers again."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column('recheck_after', sa.BigInteger(), server_default='0', nullable=False)
    op.add_column('subscription', column)
    # By which filters these have considered what came so far is not known.
    op.execute('update subscription set recheck_after = cursor')
