"""Papers given out as BibTeX, CSL JSON, RIS and CSV come back through our own readers as they were."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import App
from bot.corpus.files import read_file
from bot.corpus.formats.opening import PaperRead, Remark
from bot.corpus.paper import Notice, NoticeKind, PaperRecord
from bot.papers.export import papers_matching
from bot.papers.references import Format, written
from bot.papers.results import Paper, SearchRequest
from bot.text.latex import readable
from tests.apps import DECENTRALIZED

NAMES = {Format.BIBTEX: "x.bib", Format.CSL: "x.json", Format.RIS: "x.ris"}
FACTS: dict[str, Any] = {"source_id": "1", "attributed_to": (), "title": "On the matter of ropes"}


def paper(number: int = 1, **facts: Any) -> Paper:
    return Paper(**{"id": number, **FACTS, **facts})


def read_back(papers: list[Paper], form: Format, folder: Path) -> list[PaperRecord]:
    path = folder / NAMES[form]
    path.write_text("".join(written(papers, form)), encoding="utf-8")
    items = list(read_file(path, as_of=None, today=dt.date(2026, 4, 1)))
    assert [item for item in items if isinstance(item, Remark)] == []
    assert all(isinstance(item, PaperRead) for item in items)
    return [item.record for item in items if isinstance(item, PaperRead)]


LETTERS = "abcdefghiklmnoprstuvwxyzäéñøč"
WORDS = st.text(LETTERS, min_size=2, max_size=9)
SIGNS = st.sampled_from(
    ["&", "%", "50%", "#1", "a_b", "C++", "“so”", "\u2013", "(x)", "R&D", "it's", "<5", "潘攀"]
)
TITLES = st.lists(WORDS | SIGNS, min_size=2, max_size=8).map(lambda words: "On " + " ".join(words))
PEOPLE = st.builds(
    lambda given, particle, family: " ".join(filter(None, (given.title(), particle, family.title()))),
    WORDS,
    st.sampled_from(["", "", "van der", "de", "J."]),
    WORDS,
)
DATES = st.dates(dt.date(1950, 1, 1), dt.date(2026, 1, 1)).map(dt.date.isoformat)
PAPERS = st.builds(
    paper,
    title=TITLES,
    authors=st.lists(PEOPLE, max_size=5, unique=True).map(tuple),
    published=st.none() | DATES | DATES.map(lambda day: day[:7]) | DATES.map(lambda day: day[:4]),
    abstract=st.just("") | st.lists(TITLES, max_size=3).map(". ".join),
    venue=st.none()
    | st.sampled_from(["Nature", "Journal of Knots & Ropes", "NeurIPS", "Proc. 3rd Conference on Ä"]),
    doi=st.none() | st.from_regex(r"10\.[0-9]{4}/[a-z]{3}\.[0-9]{1,6}(\([0-9]\)|_a|-b)?", fullmatch=True),
    arxiv_id=st.none() | st.from_regex(r"2[0-4](0[1-9]|1[0-2])\.[0-9]{5}", fullmatch=True),
    url=st.none() | st.from_regex(r"https://example\.org/[a-z]{1,5}(\?a=1&b=%20|_~x)?", fullmatch=True),
    pages=st.none() | st.sampled_from(["1-9", "2117-2126", "17", "S1-S3", "e1002"]),
)


@pytest.mark.parametrize("form", NAMES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(papers=st.lists(PAPERS, min_size=1, max_size=4))
def test_what_is_given_out_is_read_as_it_was(form: Format, papers: list[Paper], tmp_path: Path):
    records = read_back(papers, form, tmp_path)
    assert len(records) == len(papers)
    for was, record in zip(papers, records, strict=True):
        assert record.title == readable(was.title)
        assert [one.name for one in record.authors] == list(was.authors)
        assert record.published == (
            was.published[:7] if was.published and form is Format.BIBTEX else was.published
        )
        for fact in ("venue", "doi", "arxiv_id", "url", "pages"):
            assert getattr(record, fact) == getattr(was, fact), fact
        assert form is Format.BIBTEX or record.abstract == was.abstract


@pytest.mark.parametrize("form", NAMES)
def test_cut_lists_notices_and_names_of_all_kinds_come_back(form: Format, tmp_path: Path):
    authors = (
        "Ludwig van Beethoven",
        "John Smith Jr.",
        "The ATLAS Collaboration",
        "潘攀",
        "Maria de la Cruz",
        "Plato",
    )
    withdrawn = Notice(kind=NoticeKind.RETRACTED, source="crossref", day="2020-03-01")
    papers = [paper(authors=authors, authors_truncated=True, notices=(withdrawn,)), paper(2, title="Knots")]
    first, second = read_back(papers, form, tmp_path)
    assert tuple(one.name for one in first.authors) == authors
    assert (first.authors_truncated, second.authors_truncated) == (True, False)
    assert [one.kind for one in first.notices] == [NoticeKind.RETRACTED]


def test_keys_are_of_one_paper_each():
    papers = [paper(number, authors=("Ann Lee",), published="2020") for number in (1, 2, 3)]
    text = "".join(written(papers, Format.BIBTEX))
    assert [line.split("{")[1] for line in text.splitlines() if line.startswith("@")] == [
        "lee2020matter,",
        "lee2020matter-2,",
        "lee2020matter-3,",
    ]


def test_a_spreadsheet_has_no_formula_and_no_broken_row():
    hostile = '=HYPERLINK("http://evil.example"),\r\n"x"\x1b[31m'
    papers = [paper(title=hostile, authors=("@SUM", "Ann Lee"), abstract="-1+1", has_code=True), paper(2)]
    header, first, second = csv.reader(io.StringIO("".join(written(papers, Format.CSV))))
    row = dict(zip(header, first, strict=True))
    assert row["title"] == '\'=HYPERLINK("http://evil.example"), "x" [31m'
    assert (row["authors"], row["abstract"], row["has_code"]) == ("'@SUM; Ann Lee", "'-1+1", "yes")
    assert len(second) == len(header)


def test_papers_are_written_while_they_are_read():
    read: list[int] = []

    def endless() -> Iterator[Paper]:
        number = 0
        while True:
            number += 1
            read.append(number)
            yield paper(number)

    for form in Format:
        read.clear()
        pieces = written(endless(), form)
        assert sum(len(next(pieces)) for _ in range(50)) > 0
        assert len(read) <= 51


def test_all_papers_or_those_that_a_search_finds(app: App):
    everything = list(papers_matching(app, SearchRequest("")))
    assert len(everything) == 26
    assert [one.id for one in everything] == sorted(one.id for one in everything)
    assert {one.title for one in papers_matching(app, SearchRequest("decentralized"))} == DECENTRALIZED
    since = list(papers_matching(app, SearchRequest("", since="2021", author="Pan Pan")))
    assert {one.id for one in since} == {
        one.id
        for one in everything
        if (one.published or "") >= "2021" and "Pan Pan" in (*one.authors, *one.attributed_to)
    }
