"""Which source is believed for which fact, and what sources that repeat themselves may do."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from bot.app import App
from bot.corpus.merge import merge
from bot.corpus.paper import Identifier, Mention, PaperRecord
from bot.ingest.importer import import_records
from tests.corpora import all_papers


def record(source: str, key: str, **facts: Any) -> PaperRecord:
    authors = tuple(Mention(name=name) for name in ("Ann Lee", "Bo Berg", "Cy Dee"))
    return PaperRecord(
        source=source, source_id=key, source_key=key, **{"title": "On matters", "authors": authors, **facts}
    )


ARXIV = record(
    "arxiv api", "2603.00001v2", arxiv_id="2603.00001", venue="J. Mat. 3 (2026)", abstract="As arXiv has it."
)
CROSSREF = record("crossref", "10.1000/x", doi="10.1000/x", venue="Journal of Matters", citations=3)
OPENALEX = record(
    "openalex",
    "W1",
    doi="10.1000/x",
    venue="J Matters",
    citations=5,
    abstract="as indexed",
    authors=(
        Mention(name="Lee, Ann", identifiers=(Identifier(scheme="openalex", value="A1"),)),
        Mention(name="Bo Berg", identifiers=(Identifier(scheme="openalex", value="A2"),)),
        Mention(name="Bo Berg", identifiers=(Identifier(scheme="openalex", value="A3"),)),
    ),
)
SEMANTIC_SCHOLAR = record("semantic scholar", "abc", citations=9, doi="10.1000/x")


def test_each_fact_comes_from_the_source_that_knows_best_in_whatever_order_they_came():
    merged = {
        merge(list(order)) for order in itertools.permutations([ARXIV, CROSSREF, OPENALEX, SEMANTIC_SCHOLAR])
    }
    (facts,) = merged
    assert (facts.venue, facts.doi) == ("Journal of Matters", "10.1000/x")
    assert facts.citations == 5
    assert facts.abstract == "As arXiv has it."
    assert facts.arxiv_id == "2603.00001"


def test_people_get_the_identifiers_that_any_source_gives_to_their_name_alone():
    facts = merge([ARXIV, OPENALEX])
    assert [mention.name for mention in facts.authors] == ["Ann Lee", "Bo Berg", "Cy Dee"]
    assert [[one.value for one in mention.identifiers] for mention in facts.authors] == [["A1"], [], []]


@pytest.mark.parametrize("source", ["openalex", "semantic scholar", "zotero 7", "bibtex", "ris"])
@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_source_that_has_a_paper_twice_still_has_one_paper(app: App, source: str):
    records = [ARXIV, record(source, "one", arxiv_id="2603.00001"), record(source, "two", doi="10.1000/x")]
    brought = import_records(app, "a source", records, newly_added=True)
    assert brought.rejected == ()
    (paper,) = all_papers(app.store)
    assert (paper.arxiv_id, paper.doi) == ("2603.00001", "10.1000/x")


def test_in_other_sources_different_ids_stay_different_papers(app: App):
    records = [record("crossref", f"10.1000/{letter}", doi=f"10.1000/{letter}") for letter in "ab"]
    import_records(app, "a source", records, newly_added=True)
    assert len(all_papers(app.store)) == 2
