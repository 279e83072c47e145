"""What sources have shown, where an older database knew only what the corpus has."""

from __future__ import annotations

from sqlalchemy import text

from bot.app import App
from bot.ingest.importer import import_records
from bot.sources.registry import register_source
from bot.store.schema import _take_step
from bot.store.sources import all_sources, change_source
from tests.sources.test_precedence import record

BEFORE = "0005"
COLUMNS = ("checks", "depth", "sweep", "sweep_at")


def as_before(app: App) -> None:
    """Take away what the migration adds."""
    with app.store.writing() as session:
        session.execute(text("DROP TABLE seen_entry"))
        for column in COLUMNS:
            session.execute(text(f"ALTER TABLE followed_source DROP COLUMN {column}"))
        session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": BEFORE})


def migrate_from_before(app: App) -> None:
    as_before(app)
    assert _take_step(app.store) == BEFORE


def test_what_the_corpus_has_of_a_provider_counts_as_shown_by_its_sources(app: App):
    for source, key in (("arxiv api", "2603.00001"), ("openalex", "W1"), ("zotero 77", "ABC")):
        import_records(app, "a source", [record(source, key, title=f"Of {source}")], newly_added=False)
    followed = {
        "arxiv category": register_source(app, "arxiv category", "cs.LG")[0].id,
        "openalex search": register_source(app, "openalex search", "graphs")[0].id,
        "zotero group": register_source(app, "zotero group", "77")[0].id,
        "semantic scholar author": register_source(app, "semantic scholar author", "1")[0].id,
        "arxiv search": register_source(app, "arxiv search", "all:never checked")[0].id,
    }
    with app.store.writing() as session:
        checked = "UPDATE followed_source SET baseline_at = added_at, total = :total WHERE id = :id"
        for kind, total in (("arxiv category", 5_000), ("openalex search", None), ("zotero group", 50)):
            session.execute(text(checked), {"id": followed[kind], "total": total})
    migrate_from_before(app)

    with app.store.reading() as session:
        shown = {(row.source_id, row.key) for row in session.execute(text("SELECT * FROM seen_entry"))}
        depths = dict(tuple(row) for row in session.execute(text("SELECT kind, depth FROM followed_source")))
    assert shown == {
        (followed["arxiv category"], "2603.00001"),
        (followed["openalex search"], "W1"),
        (followed["zotero group"], "ABC"),
    }
    assert depths == dict.fromkeys(followed) | {"arxiv category": 1_000, "openalex search": 1_000}


def test_a_check_that_was_under_way_finds_what_it_had_not_reached(app: App):
    brought = record("arxiv api", "2603.00001", title="Brought by the check under way, or before")
    import_records(app, "a source", [brought], newly_added=True)
    under_way, new, idle = (
        register_source(app, "arxiv category", category)[0].id for category in ("cs.LG", "cs.AI", "cs.CL")
    )
    progress = {"started_at": "2026-04-01T12:00:00Z", "pages": 3, "entries": 300, "added": 300}
    checked = "UPDATE followed_source SET baseline_at = added_at, total = 9000, arrived = 40 WHERE id = :id"
    with app.store.writing() as session:
        for source in (under_way, idle):
            session.execute(text(checked), {"id": source})
            change_source(session, source, progress=None)  # as after each whole check
        for source in (under_way, new):
            change_source(session, source, progress=progress)
    migrate_from_before(app)

    with app.store.reading() as session:
        places = {row.id: (row.checks, row.depth) for row in all_sources(session)}
        known = {
            source: check < places[source][0]
            for source, check in session.execute(text("SELECT source_id, at_check FROM seen_entry"))
        }
    assert places == {under_way: (1, 1_340), new: (0, None), idle: (1, 1_040)}
    assert known == {under_way: False, new: False, idle: True}
    with app.store.reading() as session:
        after_its_baseline = "SELECT at_check FROM seen_entry WHERE source_id = :id"
        assert session.execute(text(after_its_baseline), {"id": new}).scalar_one() == 0
