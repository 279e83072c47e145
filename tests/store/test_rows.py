"""The typed rows that leave the store have the types of the columns that they are read from."""

from __future__ import annotations

from typing import Any, NamedTuple, get_type_hints

import pytest
from sqlmodel import SQLModel

from bot.store import authors, corrections, imports, paper_sources, papers, sources
from bot.store import models as tables

ROWS: dict[type[NamedTuple], type[SQLModel]] = {
    authors.AuthorRow: tables.Author,
    authors.IdentifierRow: tables.AuthorIdentifier,
    authors.NewestPaper: tables.Paper,
    authors.PersonName: tables.Author,
    authors.ReportRow: tables.AuthorReport,
    corrections.CorrectionRow: tables.Correction,
    imports.ImportRow: tables.CorpusImport,
    imports.RevisionRow: tables.Revision,
    paper_sources.AskedPaper: tables.Paper,
    papers.PaperRow: tables.Paper,
    papers.PaperText: tables.Paper,
    papers.PaperTitle: tables.Paper,
    papers.Publication: tables.Paper,
    papers.SearchedPaper: tables.Paper,
    sources.ProposalRow: tables.PaperProposal,
    sources.SeenRow: tables.SeenEntry,
    sources.SourceRow: tables.FollowedSource,
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
