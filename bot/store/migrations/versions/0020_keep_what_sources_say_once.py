"""Keep what sources say once, and which import said it."""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Only added: a running bot rewrites the rows of earlier versions a few at a time.
    op.add_column('paper_source', sa.Column('said', sa.LargeBinary(), nullable=True))
    op.add_column('paper_source', sa.Column('import_id', sa.Integer(), nullable=True))
    op.create_table('record_dictionary',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    # In a database without papers there is nothing to rewrite.
    op.execute(
        "INSERT INTO note (name, value) SELECT 'records written anew up to paper', 'all'"
        " WHERE NOT EXISTS (SELECT 1 FROM paper_source)"
    )
