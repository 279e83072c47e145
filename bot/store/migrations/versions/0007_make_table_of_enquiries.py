"""Make the table of enquiries, which tells when providers were asked about papers."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('enquiry',
    sa.Column('question', sa.String(), nullable=False),
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('asked_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['paper_id'], ['paper.id'], ),
    sa.PrimaryKeyConstraint('question', 'paper_id'),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('enquiry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_enquiry_paper_id'), ['paper_id'], unique=False)

    # What took the place of this table: how far each provider was asked.
    op.execute("DELETE FROM note WHERE name LIKE 'enriched %'")
