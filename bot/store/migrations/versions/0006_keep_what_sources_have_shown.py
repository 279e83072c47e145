"""Keep what each source has shown, and where sweeps through sources stand."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

# Until now a first check read so many entries, and all that the corpus had of a provider was known to each
# of its sources.
_FIRST_CHECK = 1000
_SEEN_UNTIL_NOW = """
    INSERT INTO seen_entry (source_id, key, at_check, old)
    SELECT followed_source.id, paper_source.source_key, 0, false
    FROM followed_source
    JOIN paper_source ON paper_source.source = CASE
        WHEN followed_source.kind IN ('arxiv category', 'arxiv author', 'arxiv search') THEN 'arxiv api'
        WHEN followed_source.kind LIKE 'openalex %' THEN 'openalex'
        WHEN followed_source.kind = 'zotero group' THEN 'zotero ' || followed_source.value
    END
    WHERE followed_source.baseline_at IS NOT NULL OR followed_source.progress IS NOT NULL
"""


def upgrade() -> None:
    with op.batch_alter_table('followed_source', schema=None) as batch_op:
        batch_op.add_column(sa.Column('checks', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('depth', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('sweep', sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column('sweep_at', sa.DateTime(timezone=True), nullable=True))
    kept = {'sqlite_autoincrement': True}
    with op.batch_alter_table('followed_source', schema=None, table_kwargs=kept) as batch_op:
        batch_op.alter_column('checks', server_default=None)
    op.create_table('seen_entry',
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('at_check', sa.Integer(), nullable=False),
    sa.Column('old', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['followed_source.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('source_id', 'key'),
    sqlite_with_rowid=False
    )
    op.execute(_SEEN_UNTIL_NOW)
    op.execute('UPDATE followed_source SET checks = 1 WHERE baseline_at IS NOT NULL')
    op.execute(
        f'UPDATE followed_source SET depth = {_FIRST_CHECK} '
        f'WHERE baseline_at IS NOT NULL AND (total IS NULL OR total > {_FIRST_CHECK})'
    )
