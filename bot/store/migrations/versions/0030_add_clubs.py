"""Add clubs."""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('club',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('guild_id', sa.BigInteger(), nullable=False),
    sa.Column('channel_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('at', sa.String(), nullable=False),
    sa.Column('timezone', sa.String(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_ended', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('club', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_club_guild_id'), ['guild_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_club_next_at'), ['next_at'], unique=False)

    op.create_table('club_meeting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('club_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('paper_id', sa.Integer(), nullable=True),
    sa.Column('proposed_by', sa.BigInteger(), nullable=True),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('presenter_id', sa.BigInteger(), nullable=True),
    sa.Column('is_changed', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('card_id', sa.Integer(), nullable=True),
    sa.Column('call_id', sa.Integer(), nullable=True),
    sa.Column('event_id', sa.Integer(), nullable=True),
    sa.Column('reminder_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['club_id'], ['club.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('club_id', 'starts_at', name='uq_club_meeting_club_id_starts_at'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('club_meeting', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_club_meeting_paper_id'), ['paper_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_club_meeting_presenter_id'), ['presenter_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_club_meeting_proposed_by'), ['proposed_by'], unique=False)
        batch_op.create_index(batch_op.f('ix_club_meeting_state'), ['state'], unique=False)

    op.create_table('club_presenter',
    sa.Column('club_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['club_id'], ['club.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('club_id', 'person_id'),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('club_presenter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_club_presenter_person_id'), ['person_id'], unique=False)

    op.create_table('club_proposal',
    sa.Column('club_id', sa.Integer(), nullable=False),
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['club_id'], ['club.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('club_id', 'paper_id'),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('club_proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_club_proposal_paper_id'), ['paper_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_club_proposal_person_id'), ['person_id'], unique=False)
