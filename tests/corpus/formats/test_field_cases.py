"""Files as users of reference managers reported them: every entry is read, or named with its reason."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.corpus.files import Item, PaperRead, Remark, RowRefused, read_file
from tests.conftest import shared_path
from tests.corpus.formats.field_cases import PAPERS, Paper


def read(path: Path) -> list[Item]:
    return list(read_file(path, as_of=None, today=dt.date(2026, 1, 1)))


def papers(items: list[Item]) -> list[Paper]:
    return [
        (
            item.record.title,
            "; ".join(mention.name for mention in item.record.authors)
            + (" et al." if item.record.authors_truncated else ""),
            item.record.published,
            item.record.venue,
            item.record.doi,
            item.record.arxiv_id,
        )
        for item in items
        if isinstance(item, PaperRead)
    ]


@pytest.mark.parametrize("name", PAPERS)
def test_a_reported_file_is_read_whole(name: str):
    assert papers(read(shared_path(f"field-cases/files/{name}"))) == PAPERS[name]


def test_a_damaged_entry_is_named_and_the_others_come_in():
    items = read(shared_path("field-cases/files/007.bib"))
    (refused,) = [item for item in items if isinstance(item, RowRefused)]
    assert (refused.line, "not closed" in refused.reason) == (1, True)


@pytest.mark.parametrize("name", ["010.bib", "011.bib", "009.bib"])
def test_what_only_looks_like_an_entry_raises_no_alarm(name: str):
    assert all(isinstance(item, PaperRead) for item in read(shared_path(f"field-cases/files/{name}")))


@pytest.mark.parametrize(
    ("name", "remark"),
    [
        ("025.bib", "may be two authors"),
        ("030.bib", "3 dates not understood (line 5: 199X; line 6: -0044; line 8: in press)"),
        ("033.bib", "was read as gb18030"),
        ("087.ris", "was read as cp1252"),
        ("094.jsonl", "keys that are not read: “status” (1), “track” (1)"),
    ],
)
def test_what_could_not_be_kept_is_said(name: str, remark: str):
    said = [item.text for item in read(shared_path(f"field-cases/files/{name}")) if isinstance(item, Remark)]
    assert any(remark in text for text in said)


def test_entries_without_a_title_are_named_one_by_one():
    items = read(shared_path("field-cases/files/178.bib"))
    assert sum(isinstance(item, PaperRead) for item in items) == 30
    assert sum(isinstance(item, RowRefused) for item in items) == 2
