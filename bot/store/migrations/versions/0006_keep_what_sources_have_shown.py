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

_followed = sa.table(
    'followed_source',
    sa.column('id', sa.Integer),
    sa.column('progress', sa.JSON),
    sa.column('baseline_at', sa.DateTime(timezone=True)),
    sa.column('total', sa.Integer),
    sa.column('arrived', sa.Integer),
    sa.column('checks', sa.Integer),
    sa.column('depth', sa.Integer),
)
_seen = sa.table('seen_entry', sa.column('source_id', sa.Integer), sa.column('at_check', sa.Integer))


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
    connection = op.get_bind()
    checked = sa.select(_followed).where(_followed.c.baseline_at.is_not(None))
    for source in connection.execute(checked).all():
        depth = None
        if source.total is None or source.total > _FIRST_CHECK:
            # What came since then pushed down the last entry of the first check.
            depth = _FIRST_CHECK + source.arrived + (source.progress['added'] if source.progress else 0)
        connection.execute(
            sa.update(_followed).where(_followed.c.id == source.id).values(checks=1, depth=depth)
        )
        if source.progress is not None:
            # Which of them the check under way brought itself cannot be told: to it none of them is known.
            connection.execute(sa.update(_seen).where(_seen.c.source_id == source.id).values(at_check=1))
