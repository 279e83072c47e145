"""Make the tables of citations."""

import sqlalchemy as sa
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('work',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scheme', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('title', sa.Text(), nullable=True),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('authors', sa.JSON(none_as_null=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('scheme', 'value'),
    sqlite_autoincrement=True
    )
    op.create_table('citation',
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('work_id', sa.Integer(), nullable=False),
    sa.Column('is_citing', sa.Boolean(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['paper_id'], ['paper.id'], ),
    sa.ForeignKeyConstraint(['work_id'], ['work.id'], ),
    sa.PrimaryKeyConstraint('paper_id', 'work_id', 'is_citing', 'source'),
    sqlite_with_rowid=False
    )
    op.create_index('ix_citation_work_id', 'citation', ['work_id'], unique=False)
    op.create_table('citation_count',
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('read_on', sa.Date(), nullable=False),
    sa.Column('citations', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['paper_id'], ['paper.id'], ),
    sa.PrimaryKeyConstraint('paper_id', 'source', 'read_on'),
    sqlite_with_rowid=False
    )
