"""Whatever the order, the repetitions and the interruptions: the same answers make the same corpus."""

from __future__ import annotations

import datetime as dt
import json
import lzma
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.app import App
from bot.config import Settings
from bot.corpus.formats.arxiv import read_arxiv_atom
from bot.corpus.formats.author_page import read_author_page
from bot.corpus.formats.openalex import record_of as openalex_record
from bot.corpus.formats.opening import PaperRead, open_lines
from bot.corpus.identity import title_key
from bot.corpus.paper import Mention, PaperRecord
from bot.ingest import import_run, importer
from bot.ingest.import_run import ImportRun
from bot.ingest.importer import import_files, import_records
from bot.search.tantivy.index import SearchIndex
from bot.store.engine import Store
from bot.store.subscriptions import newest_finished, newly_added
from tests.conftest import AUTHOR_PAGE, shared_path
from tests.corpora import all_papers, contents
from tests.sources.made_papers import Thing, atom, openalex_work, revised

DAY = dt.date(2026, 4, 1)


def page_records() -> list[PaperRecord]:
    with open_lines(AUTHOR_PAGE) as lines:
        items = read_author_page(lines, as_of=DAY, today=DAY)
        return [item.record for item in items if isinstance(item, PaperRead)]


def as_arxiv_gives_it(number: int, record: PaperRecord) -> PaperRecord:
    """The same paper with its whole list: those whom the page cuts off stand behind the first."""
    last = Mention(name="Pan Pan") if all(one.name != "Pan Pan" for one in record.authors) else None
    authors = (*record.authors, Mention(name=f"Zoe Author {number}"), *((last,) if last else ()))
    key = f"2101.{number:05d}"
    return PaperRecord(
        source="arxiv api",
        source_id=f"{key}v1",
        source_key=key,
        title=record.title,
        authors=authors,
        published="2021-01-02",
        field=record.field,
        url=f"https://arxiv.org/abs/{key}",
        arxiv_id=key,
    )


def test_the_shipped_page_and_arxiv_together_are_26_papers_with_whole_lists(app: App):
    import_files(app, [AUTHOR_PAGE], as_of=DAY)
    with app.store.reading() as session:
        baseline = newest_finished(session)
    before = {paper.id: paper for paper in all_papers(app.store)}
    assert len(before) == 26
    assert sum(paper.authors_truncated for paper in before.values()) == 25

    records = [as_arxiv_gives_it(number, one) for number, one in enumerate(page_records(), start=1)]
    brought = import_records(app, "arxiv author Pan Pan", records, newly_added=True)
    assert (brought.added, brought.updated, brought.rejected) == (0, 26, ())
    after = {paper.id: paper for paper in all_papers(app.store)}
    assert after.keys() == before.keys()
    assert not any(paper.authors_truncated for paper in after.values() if before[paper.id].authors_truncated)
    assert all(len(paper.authors) > len(before[paper.id].authors) for paper in after.values())
    assert {paper.score for paper in after.values()} == {paper.score for paper in before.values()}
    assert all("Pan Pan" in paper.attributed_to for paper in after.values())
    with app.store.reading() as session:
        assert newly_added(session, baseline, newest_finished(session)) == []


@pytest.mark.parametrize("backend", ["sqlite"])
def test_lists_of_the_page_become_whole_from_the_real_records(app: App):
    import_files(app, [AUTHOR_PAGE], as_of=DAY)
    wanted = {title_key(record.title, record.authors[0].name) for record in page_records()}
    found = []
    with lzma.open(shared_path("corpus/arxiv-2025-2026.jsonl.xz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["authors"] and title_key(row["title"], row["authors"][0]) in wanted:
                found.append(row)
    if not found:
        pytest.skip("the corpus beside this checkout has none of the page's papers")
    records = [
        PaperRecord(
            source="arxiv api",
            source_id=row["id"],
            source_key=row["id"],
            title=row["title"],
            authors=tuple(Mention(name=name) for name in row["authors"]),
            arxiv_id=row["id"],
        )
        for row in found
    ]
    import_records(app, "arxiv", records, newly_added=True)
    assert len(all_papers(app.store)) == 26


def answers() -> list[list[PaperRecord]]:
    """Some pages of arXiv, OpenAlex and Crossref and the lists of a page, which know the same papers in part.

    Some papers arXiv and Crossref know by different ids and titles: what OpenAlex says bridges them.
    """
    things = [Thing(number, doi=f"10.1000/x{number}" if number % 3 == 0 else None) for number in range(1, 10)]
    newer = [revised(thing) for thing in things[2:5]]
    newer[1] = revised(newer[1], title="Retitled in its third version", authors=("Ann Lee", "Cy Dee"))
    pages = [things[0:4], things[3:7], newer, [*things[6:9], things[0]]]
    arxiv = [list(read_arxiv_atom(atom(page, 9, 0)).records) for page in pages]
    printed = {number: f"10.2000/p{number}" for number in (2, 4, 5, 8)}
    works = [
        openalex_record(openalex_work(replace(thing, doi=printed.get(thing.number, thing.doi))))
        for thing in things
    ]
    prints = [
        PaperRecord(
            source="crossref",
            source_id=doi,
            source_key=doi,
            title=f"{things[number - 1].name}, in print",
            authors=(Mention(name="Ann Lee"), Mention(name="Bo Berg")),
            doi=doi,
            venue="Journal of Matters",
        )
        for number, doi in printed.items()
    ]
    listed = [
        PaperRecord(
            source="author page",
            source_id=f"page-{thing.number}",
            source_key=f"page-{thing.number}",
            title=thing.name.upper(),
            authors=(Mention(name="Ann Lee"),),
            authors_truncated=True,
            score=float(thing.number),
        )
        for thing in things
        if thing.number % 2
    ]
    return [*arxiv, works[0:5], works[4:9], listed[0:3], listed[2:], prints[0:3], prints[1:4]]


ANSWERS = answers()


class Interrupted(BaseException):
    """What a person's interruption, or the end of the process, looks like from inside."""


def interrupt_after(steps: int) -> Callable[[], None]:
    left = [steps]

    def step() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Interrupted

    return step


def bring_interrupted(app: App, records: list[PaperRecord], steps: int, abandoned: bool) -> None:
    """Bring records in, cut off after so many writes, with or without a word about it."""
    step = interrupt_after(steps)
    write, end = importer.write_batch, ImportRun.end

    def cut_write(*arguments: object, **options: object) -> bool:
        step()
        done = write(*arguments, **options)
        step()
        return done

    def cut_end(*arguments: object, **options: object) -> None:
        step()
        end(*arguments, **options)

    silent = mock.patch.object(import_run, "abandon_import")
    with (
        mock.patch.object(importer, "write_batch", cut_write),
        mock.patch.object(ImportRun, "end", cut_end),
        mock.patch.object(importer, "ENTRIES_AT_ONCE", 2),
    ):
        try:
            if abandoned:
                import_records(app, "a source", records, newly_added=True)
            else:
                with silent:
                    import_records(app, "a source", records, newly_added=True)
        except Interrupted:
            pass


@pytest.fixture(scope="module")
def template(prepared_databases: Callable[[str], str]) -> Path:
    return Path(prepared_databases("sqlite").removeprefix("sqlite:///"))


def corpus_after(template: Path, bring: Callable[[App], None]) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "papercord.db"
        shutil.copyfile(template, database)
        store = Store(f"sqlite:///{database}")
        given = Settings.model_validate({"PAPERCORD_DATA_DIR": folder})
        app = App(given, store, SearchIndex(Path(folder) / "index"))
        try:
            bring(app)
            with store.reading() as session:
                fresh = {row.id for row in newly_added(session, 0, newest_finished(session))}
            papers = all_papers(store)
            assert len(papers) == 9
            assert fresh == {paper.id for paper in papers}
            said = contents(store)
            del said["authors"]  # an entry for a name alone stays when the person is identified later
            return said
        finally:
            app.index.close()
            store.close()


@pytest.fixture(scope="module")
def expected(template: Path) -> dict:
    return corpus_after(
        template, lambda app: [import_records(app, "s", one, newly_added=True) for one in ANSWERS]
    )


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    order=st.permutations(range(len(ANSWERS))),
    again=st.lists(st.integers(0, len(ANSWERS) - 1), max_size=4),
    cuts=st.dictionaries(st.integers(0, len(ANSWERS) - 1), st.tuples(st.integers(0, 5), st.booleans())),
    data=st.data(),
)
def test_any_order_repetition_and_interruption_ends_in_the_same_corpus(
    template: Path, expected: dict, order: list[int], again: list[int], cuts: dict, data: st.DataObject
):
    sequence = data.draw(st.permutations([*order, *again]))

    def bring(app: App) -> None:
        for number in sequence:
            records = data.draw(st.permutations(ANSWERS[number]))
            if number in cuts:
                steps, abandoned = cuts[number]
                bring_interrupted(app, records, steps, abandoned)
                _leave_for_dead(app)
            import_records(app, "a source", records, newly_added=True)

    assert corpus_after(template, bring) == expected


def _leave_for_dead(app: App) -> None:
    """Make imports that were cut off look so: their process lives on here, as it would not elsewhere."""
    from sqlalchemy import text

    with app.store.writing() as session:
        session.connection().execute(text("UPDATE corpus_import SET process = '' WHERE finished_at IS NULL"))
