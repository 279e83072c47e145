"""Records are kept as what they say otherwise than their paper; those of earlier versions become so."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.app import App, corpus_status
from bot.corpus.merge import MergedPaper, merge
from bot.corpus.paper import (
    FACTS,
    Affiliation,
    Identifier,
    Mention,
    Notice,
    NoticeKind,
    OtherTitle,
    PaperRecord,
)
from bot.errors import DatabaseUnusableError
from bot.ingest.importer import import_files, import_records
from bot.store import compaction, records
from bot.store.engine import Store
from bot.store.paper_sources import said_of, source_records
from bot.store.schema import prepare
from tests.corpora import row, write_rows

NOW = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)

names = st.sampled_from(["Ann Lee", "Bo Berg", "Ólöf Jónsdóttir"])
identifiers = st.lists(
    st.builds(Identifier, scheme=st.just("orcid"), value=st.text("0123", min_size=1)), max_size=2
)
affiliations = st.lists(st.builds(Affiliation, name=st.just("MIT")), max_size=1)
mentions = st.builds(
    Mention, name=names, identifiers=identifiers.map(tuple), affiliations=affiliations.map(tuple)
)
notices = st.builds(Notice, kind=st.sampled_from(NoticeKind), source=st.just("crossref"))
papers = st.builds(
    PaperRecord,
    source=st.sampled_from(["arxiv", "openalex", "crossref"]),
    source_key=st.sampled_from(["a", "b"]),
    source_id=st.sampled_from(["a", "b"]),
    title=st.sampled_from(["One", "Two", "One: a study"]),
    authors=st.lists(mentions, max_size=3).map(tuple),
    authors_truncated=st.booleans(),
    attributed_to=st.none() | mentions,
    categories=st.lists(st.sampled_from(["cs.LG", "cs.CV"])).map(tuple),
    published=st.sampled_from([None, "2024", "2024-05-01"]),
    abstract=st.sampled_from(["", "We learn. " * 30, "We see."]),
    score=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    citations=st.none() | st.integers(0, 9),
    notices=st.lists(notices, max_size=2).map(tuple),
    other_titles=st.lists(st.builds(OtherTitle, title=st.just("Uno")), max_size=1).map(tuple),
    other_ids=identifiers.map(tuple),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory):
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('records') / 'papercord.db'}")
    prepare(store)
    yield store
    store.close()


@settings(deadline=None)  # the first one loads what the others find
@given(st.lists(papers, min_size=1, max_size=4))
def test_what_is_kept_of_records_beside_their_paper_is_all_that_they_say(
    empty: Store, described: list[PaperRecord]
):
    paper = merge(described)
    with empty.reading() as session:
        codec = records.RecordCodec(session)
        for record in described:
            said = codec.encode(record, paper)
            assert codec.decode(said, record.source, record.source_key, _row(paper)) == record


def test_nothing_is_kept_of_a_paper_of_one_source(app: App, tmp_path: Path):
    import_files(app, [write_rows(tmp_path / "p.jsonl", [row(1), row(2)])])

    with app.store.reading() as session:
        kept = session.execute(text("SELECT length(said), record FROM paper_source")).all()
        assert [length for length, _ in kept] == [0, 0]
        assert not any(kept[0][1]) or kept[0][1] == "{}"
        assert said_of(session, 1)[0].record.abstract == row(1)["abstract"]


def test_when_a_source_joins_what_the_others_said_stays(app: App, tmp_path: Path):
    import_files(app, [write_rows(tmp_path / "p.jsonl", [row(1, venue="Neurocomputing")])])
    before = _all(app)
    other = PaperRecord(
        source="arxiv api", source_key="2401.00001", source_id="2401.00001v3", arxiv_id="2401.00001",
        title="Another title", authors=(Mention(name="Ann Zebra"),), abstract="Another abstract.",
    )  # fmt: skip

    import_records(app, "test", [other], newly_added=True)

    after = _all(app)
    assert after.pop(("arxiv api", "2401.00001")) == other
    assert after == before


def test_records_of_earlier_versions_become_smaller_a_few_at_a_time(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(compaction, "PAPERS_AT_ONCE", 2)
    before = _with_older_records(app, tmp_path, 5)

    shares: list[float] = []
    while compaction.compact_some(app.store, NOW):
        shares.append(corpus_status(app).compaction.share)
        assert _all(app) == before  # readable at any moment, so also after a process was killed

    assert shares == [0.4, 0.8, 1]
    with app.store.reading() as session:
        assert session.execute(text("SELECT count(*) FROM paper_source WHERE said IS NULL")).scalar() == 0


def test_a_dictionary_is_made_of_what_is_kept_and_lies_in_the_database(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name, value in (("LEAST_SAMPLES", 100), ("PAPERS_AT_ONCE", 50)):
        monkeypatch.setattr(compaction, name, value)
    import_records(app, "openalex", [_of_openalex(number) for number in range(120)], newly_added=True)
    before, kept = _all(app), _kept_bytes(app)

    while compaction.compact_some(app.store, NOW):
        pass

    assert _kept_bytes(app) < kept / 2
    assert _all(app) == before
    import_records(app, "openalex", [_of_openalex(200)], newly_added=True)
    assert compaction.compact_some(app.store, NOW) is False
    with app.store.writing() as session:
        session.execute(text("DELETE FROM record_dictionary"))
    monkeypatch.setattr(records, "_known", {})
    with pytest.raises(DatabaseUnusableError, match=r"openalex says of W.* \(it lacks its dictionary \d+"):
        _all(app)


def test_damage_is_told_with_what_to_do(app: App):
    import_records(app, "openalex", [_of_openalex(1)], newly_added=True)
    with app.store.writing() as session:
        said = bytes(session.execute(text("SELECT said FROM paper_source")).scalar_one())
        damaged = said[:-8] + bytes([said[-8] ^ 255]) + said[-7:]
        session.execute(text("UPDATE paper_source SET said = :said"), {"said": damaged})

    with pytest.raises(
        DatabaseUnusableError, match=r"What openalex says of W1 is damaged .* restore a backup"
    ):
        _all(app)


def _of_openalex(number: int) -> PaperRecord:
    people = tuple(
        Mention(
            name=f"Author {number} {place}",
            identifiers=(Identifier(scheme="openalex", value=f"A5{number:05}{place * 7919:05}"),),
        )
        for place in range(8)
    )
    key = f"W{number}"
    return PaperRecord(source="openalex", source_key=key, source_id=key, title=f"On {number}", authors=people)


def _with_older_records(app: App, tmp_path: Path, count: int) -> dict[tuple[str, str], PaperRecord]:
    """Papers whose records are kept as earlier versions did."""
    import_files(app, [write_rows(tmp_path / "p.jsonl", [row(number) for number in range(1, count + 1)])])
    found = _all(app)
    with app.store.writing() as session:
        for (source, key), record in found.items():
            session.execute(
                text(
                    "UPDATE paper_source SET said = NULL, record = :record"
                    " WHERE source = :source AND source_key = :key"
                ),
                {"record": record.model_dump_json(exclude_defaults=True), "source": source, "key": key},
            )
        session.execute(text("UPDATE note SET value = '0' WHERE name LIKE 'records written anew%'"))
    return found


def _all(app: App) -> dict[tuple[str, str], PaperRecord]:
    with app.store.reading() as session:
        ids = session.execute(text("SELECT id FROM paper")).scalars().all()
        return {pair: one for each in source_records(session, ids).values() for pair, one in each.items()}


def _kept_bytes(app: App) -> int:
    with app.store.reading() as session:
        return session.execute(text("SELECT sum(length(said)) FROM paper_source")).scalar_one()


def _row(paper: MergedPaper) -> dict[str, Any]:
    """A paper as its row gives it."""
    facts = json.loads(paper.model_dump_json(include=set(FACTS)))
    return {**facts, "authors": [one.name for one in paper.authors]}
