"""Keep what is needed to take an import back."""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ('undo_began_at', 'undone_at'):
        op.add_column('corpus_import', sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in ('removed', 'reverted'):
        column = sa.Column(name, sa.Integer(), server_default='0', nullable=False)
        op.add_column('corpus_import', column)
    op.add_column('author_report', sa.Column('import_id', sa.Integer(), nullable=True))
    # A paper that was taken back lives on in none; few papers were ever merged, so that this is short.
    with op.batch_alter_table('retired_paper', schema=None) as batch_op:
        batch_op.alter_column('into_id', existing_type=sa.Integer(), nullable=True)
    op.create_table('replaced_record',
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('source_key', sa.String(), nullable=False),
    sa.Column('record', sa.LargeBinary(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('read_on', sa.Date(), nullable=True),
    sa.Column('said_by', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('import_id', 'source', 'source_key'),
    sqlite_with_rowid=False
    )
    op.create_table('repeated_records',
    sa.Column('import_id', sa.Integer(), nullable=False),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('hashes', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('import_id', 'part')
    )
    op.create_table('removed_paper',
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('source_key', sa.String(), nullable=False),
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('kept', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('source', 'source_key')
    )
