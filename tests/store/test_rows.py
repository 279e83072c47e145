"""The typed rows that leave the store have the types of the columns that they are read from."""

from __future__ import annotations

from typing import Any, NamedTuple, get_type_hints

import pytest
from sqlmodel import SQLModel

from bot.store import (
    authors,
    blocked_channels,
    corrections,
    imports,
    models,
    outbox,
    paper_sources,
    papers,
    sources,
    subscriptions,
)

ROWS: dict[type[NamedTuple], type[SQLModel]] = {
    authors.AuthorRow: models.Author,
    authors.IdentifierRow: models.AuthorIdentifier,
    authors.NewestPaper: models.Paper,
    authors.PersonName: models.Author,
    authors.ReportRow: models.AuthorReport,
    blocked_channels.BlockedChannel: models.AnnouncedChannel,
    corrections.CorrectionRow: models.Correction,
    imports.ImportRow: models.CorpusImport,
    imports.RevisionRow: models.Revision,
    outbox.OutboxMessage: models.Message,
    paper_sources.AskedPaper: models.Paper,
    papers.PaperText: models.Paper,
    papers.PaperTitle: models.Paper,
    papers.SearchedPaper: models.Paper,
    sources.ProposalRow: models.PaperProposal,
    sources.SeenRow: models.SeenEntry,
    sources.SourceRow: models.FollowedSource,
    subscriptions.StoredSubscription: models.Subscription,
}
JOINED: dict[type[NamedTuple], set[str]] = {
    corrections.CorrectionRow: {"papers"},
    outbox.OutboxMessage: {"target_discord_id", "target_sent_at", "target_posted_in"},
}
"""Fields that come from other tables."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_a_row_has_the_types_of_its_columns(row: type[NamedTuple]):
    columns: dict[str, Any] = {
        name: field.annotation for name, field in ROWS[row].model_fields.items() if name in row._fields
    }
    fields = {name: kind for name, kind in get_type_hints(row).items() if name not in JOINED.get(row, ())}

    assert fields == columns
