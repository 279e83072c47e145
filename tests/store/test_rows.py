"""The typed rows that leave the store have the types of the columns that they are read from."""

from __future__ import annotations

from typing import Any, NamedTuple, get_type_hints

import pytest
from sqlmodel import SQLModel

from bot.store import authors, corrections, imports, models, paper_sources, papers, sources

ROWS: dict[type[NamedTuple], type[SQLModel]] = {
    authors.AuthorRow: models.Author,
    authors.IdentifierRow: models.AuthorIdentifier,
    authors.NewestPaper: models.Paper,
    authors.PersonName: models.Author,
    authors.ReportRow: models.AuthorReport,
    corrections.CorrectionRow: models.Correction,
    imports.ImportRow: models.CorpusImport,
    imports.RevisionRow: models.Revision,
    paper_sources.AskedPaper: models.Paper,
    papers.PaperText: models.Paper,
    papers.PaperTitle: models.Paper,
    papers.Publication: models.Paper,
    papers.SearchedPaper: models.Paper,
    sources.ProposalRow: models.PaperProposal,
    sources.SeenRow: models.SeenEntry,
    sources.SourceRow: models.FollowedSource,
}
COUNTED: dict[type[NamedTuple], set[str]] = {corrections.CorrectionRow: {"papers"}}
"""Fields that are counted by the statement."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_a_row_has_the_types_of_its_columns(row: type[NamedTuple]):
    columns: dict[str, Any] = {
        name: field.annotation for name, field in ROWS[row].model_fields.items() if name in row._fields
    }
    fields = {name: kind for name, kind in get_type_hints(row).items() if name not in COUNTED.get(row, ())}

    assert fields == columns
