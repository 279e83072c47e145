"""Each fact keeps its source and the day on which it was read; where sources disagree, both are shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from bot.app import App
from bot.ingest.importer import ImportedRecords, import_files, import_records
from bot.papers.disagreements import Disagreement, Said, disagreements
from bot.papers.loading import load_papers
from bot.store.imports import latest_revision
from bot.store.paper_sources import said_of
from cogs.papers.buttons import known_paper_card
from tests.apps import Clock
from tests.corpora import all_papers
from tests.sources.test_precedence import ARXIV, CROSSREF, OPENALEX, SEMANTIC_SCHOLAR, record

APRIL_1 = dt.date(2026, 4, 1)


def days_of(app: App) -> dict[str, dt.date | None]:
    with app.store.reading() as session:
        return {row.record.source: row.read_on for row in said_of(session, 1)}


def revision_of(app: App) -> int:
    with app.store.reading() as session:
        row = latest_revision(session)
        assert row is not None
        return row.number


def test_each_source_keeps_the_day_on_which_it_was_read(here: App, day: Clock):
    import_records(here, "one", [OPENALEX], newly_added=True)
    day.move(days=2)
    import_records(here, "other", [SEMANTIC_SCHOLAR], newly_added=True)
    assert days_of(here) == {"openalex": APRIL_1, "semantic scholar": dt.date(2026, 4, 3)}


def test_what_says_the_same_on_a_later_day_is_unchanged_and_only_its_day_moves(here: App, day: Clock):
    import_records(here, "one", [OPENALEX], newly_added=True)
    before = revision_of(here)
    day.move(days=3)
    assert import_records(here, "one", [OPENALEX], newly_added=True) == ImportedRecords(unchanged=1)
    assert days_of(here) == {"openalex": dt.date(2026, 4, 4)}
    assert revision_of(here) == before
    day.move(days=1)
    brought = import_records(
        here, "one", [OPENALEX, record("crossref", "10.1/y", doi="10.1/y")], newly_added=True
    )
    assert (brought.unchanged, brought.rejected) == (2 - brought.added, ())
    assert days_of(here)["openalex"] == dt.date(2026, 4, 5)


def test_a_file_has_the_day_that_is_named_and_none_where_none_is(here: App, tmp_path: Path):
    file = tmp_path / "papers.jsonl"
    file.write_text('{"title": "On matters", "authors": ["Ann Lee"], "id": "2603.00001"}\n')
    import_files(here, [file])
    assert days_of(here) == {"arxiv": None}
    before = revision_of(here)
    report = import_files(here, [file], as_of=dt.date(2026, 3, 15))
    assert (report.unchanged, report.updated, report.added) == (1, 0, 0)
    assert days_of(here) == {"arxiv": dt.date(2026, 3, 15)}
    assert revision_of(here) == before
    import_files(here, [file], as_of=dt.date(2026, 3, 1))
    assert days_of(here) == {"arxiv": dt.date(2026, 3, 15)}


def test_where_sources_disagree_each_value_is_told_with_source_and_day(here: App, day: Clock):
    for one in (SEMANTIC_SCHOLAR, CROSSREF, OPENALEX):
        import_records(here, one.source, [one], newly_added=True)
        day.move(days=1)
    assert disagreements(here, 1) == (
        Disagreement(
            "Citations",
            (
                Said("5", "OpenAlex", dt.date(2026, 4, 3)),
                Said("9", "Semantic Scholar", dt.date(2026, 4, 1)),
                Said("3", "Crossref", dt.date(2026, 4, 2)),
            ),
        ),
        Disagreement(
            "Venue",
            (
                Said("Journal of Matters", "Crossref", dt.date(2026, 4, 2)),
                Said("J Matters", "OpenAlex", dt.date(2026, 4, 3)),
            ),
        ),
    )


def test_the_value_that_counts_comes_first_and_one_source_never_disagrees(here: App):
    dated = [
        record("openalex", "W1", doi="10.1000/x", published="2027-01-04", citations=5),
        record("crossref", "10.1000/x", doi="10.1000/x", published="2026-12", citations=5),
    ]
    import_records(here, "first", dated[:1], newly_added=True)
    assert disagreements(here, 1) == ()
    import_records(here, "second", dated[1:], newly_added=True)
    (date,) = disagreements(here, 1)
    assert [said.value for said in date.said] == ["2026-12", "2027-01-04"]
    assert all_papers(here.store)[0].published == "2026-12"


def test_the_card_shows_both_values_and_foreign_text_in_them_is_harmless(here: App, day: Clock):
    spoiled = CROSSREF.model_copy(update={"venue": "**@everyone** [x](https://evil.example)"})
    import_records(here, "one", [OPENALEX], newly_added=True)
    day.move(days=2)
    import_records(here, "two", [spoiled, ARXIV], newly_added=True)
    with here.store.reading() as session:
        paper = load_papers(session, [1])[1]
    text = str(known_paper_card(here, paper).to_components())
    assert "Citations by source: 5 (OpenAlex, read 1 Apr 2026) · 3 (Crossref, read 3 Apr 2026)" in text
    assert "J Matters (OpenAlex, read 1 Apr 2026)" in text
    assert "**@everyone**" not in text
    assert "](https" not in text
