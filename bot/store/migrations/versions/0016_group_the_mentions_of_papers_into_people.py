"""Group the mentions of papers into people."""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('grouping_snapshot',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sqlite_autoincrement=True
    )
    op.create_table('author_name',
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('name_key', sa.String(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('papers', sa.Integer(), nullable=False),
    sa.Column('block', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['author.id'], ),
    sa.PrimaryKeyConstraint('author_id', 'name_key'),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('author_name', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_author_name_block'), ['block'], unique=False)
        batch_op.create_index(batch_op.f('ix_author_name_name_key'), ['name_key'], unique=False)

    op.create_table('grouped_mention',
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['paper_id'], ['paper.id'], ),
    sa.PrimaryKeyConstraint('paper_id', 'entry_id'),
    sqlite_with_rowid=False
    )
    op.add_column('attribution', sa.Column('entry_id', sa.Integer(), nullable=True))
    op.add_column('authorship', sa.Column('entry_id', sa.Integer(), nullable=True))
    op.add_column('author', sa.Column('called', sa.Text(), nullable=True))
    op.add_column('author', sa.Column('leads_to', sa.Integer(), nullable=True))
    op.add_column('author', sa.Column('part_of', sa.Integer(), nullable=True))
    op.add_column('author', sa.Column('grouping', sa.BigInteger(), nullable=True))
    for column in ('leads_to', 'grouping'):
        given = sa.text(f'"{column}" IS NOT NULL')
        op.create_index(
            f'ix_author_{column}', 'author', [column], sqlite_where=given, postgresql_where=given
        )
