"""Databases of every earlier version, with data in them, become databases of this one."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from bot.papers.loading import load_papers
from bot.store.compaction import compact_some, compaction
from bot.store.engine import Store
from bot.store.paper_sources import said_of
from bot.store.schema import MIGRATIONS, SCHEMA_VERSIONS, migrate, prepare

NOW = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)
DAY = "2024-05-01 10:00:00+00:00"
RECORD = {
    "source": "arxiv",
    "source_id": "2401.00001v2",
    "source_key": "2401.00001",
    "title": "Graphs that learn",
    "authors": [{"name": "Ann Lee"}],
    "arxiv_id": "2401.00001",
    "abstract": "We learn.",
}
OTHER = {**RECORD, "source": "openalex", "source_key": "W1", "source_id": "W1", "citations": 7}
PAPER = {
    "source_id": "2401.00001v2",
    "title": "Graphs that learn",
    "authors": ["Ann Lee"],
    "authors_truncated": False,
    "categories": [],
    "published_inferred": False,
    "abstract": "We learn.",
    "has_code": False,
    "arxiv_id": "2401.00001",
    "citations": 7,
    "import_id": 1,
    "revision": 1,
}
CORRECTION = {"id": 1, "kind": "merge", "into_id": 1, "reason": "one", "made_by": 5, "made_at": DAY}
ROWS: dict[str, list[dict[str, Any]]] = {
    "revision": [{"number": 1, "stamp": 77, "made_at": DAY}],
    "corpus_import": [
        {"id": 1, "files": ["old.jsonl"], "process": "host:1", "started_at": DAY, "touched_at": DAY}
        | {
            "finished_at": DAY,
            "finished_revision": 1,
            "added": 1,
            "updated": 0,
            "unchanged": 0,
            "rejected": 0,
        }
    ],
    "author": [{"id": 1, "name": "Ann Lee", "name_key": "ann lee"}],
    "author_identifier": [{"scheme": "orcid", "value": "1", "author_id": 1}],
    "author_report": [{"id": 1, "author_id": 1, "source": "author page", "h_index": 3, "imported_at": DAY}],
    "paper": [{"id": 1, **PAPER}],
    "retired_paper": [{"id": 9, "into_id": 1, "revision": 1}],
    "paper_source": [
        {"source": "arxiv", "source_key": "2401.00001", "paper_id": 1, "digest": "d" * 32, "record": RECORD},
        {"source": "openalex", "source_key": "W1", "paper_id": 1, "digest": "e" * 32, "record": OTHER},
    ],
    "paper_key": [{"scheme": "arxiv", "value": "2401.00001", "paper_id": 1}],
    "authorship": [{"paper_id": 1, "position": 1, "author_id": 1}],
    "attribution": [{"paper_id": 1, "author_id": 1, "source": "author page"}],
    "stored_search": [
        {"id": "s", "asker_id": 1 << 60, "asked_at": DAY, "request": {"query": "x"}, "answer": {}}
    ],
    "note": [{"name": "kept", "value": "as it was"}],
    "followed_source": [
        {"id": 1, "kind": "arxiv category", "value": "cs.LG", "added_at": DAY, "paused": False, "checks": 1}
        | {"total": 5, "baseline_at": DAY, "arrival_times": 0, "arrived": 0, "last_arrived": 0, "failures": 0}
        | {"next_check_at": DAY}
    ],
    "seen_entry": [{"source_id": 1, "key": "k", "at_check": 0, "old": False}],
    "paper_proposal": [{"id": 1, "asked_by": 4, "asked_at": DAY, "record": RECORD, "state": "proposed"}],
    "enquiry": [{"question": "Crossref by title", "paper_id": 1, "asked_on": "2024-05-01"}],
    "correction": [
        {**CORRECTION, "author_id": 2, "author_name": "A. Lee", "into_name": "Ann Lee", "made_person": False}
    ],
    "correction_paper": [{"correction_id": 1, "paper_id": 1}],
    "paper_correction": [{**CORRECTION, "paper_id": 9, "title": "Graphs", "into_title": "Graphs that learn"}],
    "paper_correction_record": [
        {"correction_id": 1, "source": "arxiv", "source_key": "2401.00001", "is_of_other": False}
    ],
    "subscription": [
        {"id": 1, "guild_id": 1, "channel_id": 2, "creator_id": 3, "created_at": DAY, "version": 0}
        | {"query": "graphs", "compiled": {}, "frequency": "instant", "timezone": "UTC", "thread": False}
        | {"paused": False, "baseline": 0, "cursor": 1}
    ],
    "announced_channel": [{"channel_id": 2, "guild_id": 1, "reason": "403", "refusals": 1}],
    "message": [
        {"id": 1, "channel_id": 2, "guild_id": 1, "kind": "card", "part": 1, "parts": 1, "nonce": "n"}
        | {"spec": {"papers": [1]}, "payload": {}, "state": "sent", "attempts": 1, "planned_at": DAY}
        | {"sent_at": DAY, "discord_id": 1 << 60}
    ],
    "delivery": [
        {"channel_id": 2, "paper_id": 1, "kind": "new", "message_id": 1, "shown": True}
        | {"code_shown": False, "score_shown": False}
    ],
    "subscription_match": [{"subscription_id": 1, "paper_id": 1, "message_id": 1}],
    "lease": [{"name": "announcing", "holder": "host:1:a", "expires_at": DAY}],
    "grouping_snapshot": [{"id": 1, "made_at": DAY, "content": b"x"}],
    "author_name": [
        {"author_id": 1, "name_key": "ann lee", "name": "Ann Lee", "papers": 1, "block": "lee a"}
    ],
    "grouped_mention": [{"paper_id": 1, "entry_id": 2, "author_id": 1}],
    "institution": [{"id": 1, "key": "mit", "name": "MIT"}],
    "affiliation": [{"paper_id": 1, "position": 1, "source": "openalex", "institution_id": 1}],
    "replaced_record": [
        {"import_id": 1, "source": "arxiv", "source_key": "2401.00001", "record": b"x", "digest": "f" * 32}
    ],
    "repeated_records": [{"import_id": 1, "part": 0, "hashes": b"x"}],
    "removed_paper": [{"source": "arxiv", "source_key": "2401.00002", "paper_id": 8, "kept": {}}],
    "record_dictionary": [{"id": 5, "content": b"x", "made_at": DAY}],
}
"""A row or two of each table, with the columns of all versions."""


@pytest.mark.parametrize("version", SCHEMA_VERSIONS)
def test_a_database_of_each_version_becomes_one_of_this(database_url: str, version: str):
    store = Store(database_url)
    _make(store, version)
    before = _rows(store)
    assert set(before) <= {*ROWS, "alembic_version"}, "give the new table a row in ROWS"

    migrate(store)

    prepare(store)
    after = _rows(store)
    for table, rows in before.items():
        kept = set(rows[0]) & set(after[table][0]) if table != "alembic_version" else set[str]()
        as_before = [{name: row[name] for name in kept} for row in rows]
        assert [one for one in as_before if one not in [_only(row, kept) for row in after[table]]] == []
    with store.reading() as session:
        assert {one.record.source: one.record.citations for one in said_of(session, 1)} == {
            "arxiv": None,
            "openalex": 7,
        }
        assert compaction(session).share == (0 if version < "0020" else 1)
    while compact_some(store, NOW):
        pass
    with store.reading() as session:
        said = {
            one.record.source: one.record.model_dump(mode="json", exclude_defaults=True)
            for one in said_of(session, 1)
        }
        assert said == {"arxiv": RECORD, "openalex": OTHER}
        (paper,) = load_papers(session, [1]).values()
        assert (paper.title, paper.attributed_to) == ("Graphs that learn", ("Ann Lee",))
        assert compaction(session).share == 1
    store.close()


def _make(store: Store, version: str) -> None:
    """Make the tables of a version, with the rows that they can have."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.writing() as session:
        connection = config.attributes["connection"] = session.connection()
        command.upgrade(config, version)
        inspector = inspect(connection)
        tables = set(inspector.get_table_names())
        for table, rows in ROWS.items():
            if table not in tables:
                continue
            columns = {column["name"] for column in inspector.get_columns(table)}
            for row in rows:
                values = {
                    name: json.dumps(value) if isinstance(value, dict | list) else value
                    for name, value in row.items()
                    if name in columns
                }
                names = ", ".join(f'"{name}"' for name in values)
                given = ", ".join(f":{name}" for name in values)
                connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({given})"), values)


def _rows(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables that have some."""
    found: dict[str, list[dict[str, Any]]] = {}
    with store.reading() as session:
        connection = session.connection()
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f"SELECT * FROM {table}")).mappings()
            found[table] = [dict(row) for row in rows]
    return {table: rows for table, rows in found.items() if rows}


def _only(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}
