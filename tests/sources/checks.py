"""What tests of checks have in common."""

from __future__ import annotations

from sqlalchemy import text

from bot.app import App
from bot.sources.library import Library
from bot.sources.registry import register_source
from bot.sources.scheduler import check_due_sources
from bot.store.subscriptions import newest_finished, newly_added


def news(app: App, after: int = 0) -> list[int]:
    """Return the papers that became newly added after a revision."""
    with app.store.reading() as session:
        return [row.id for row in newly_added(session, after, newest_finished(session))]


def count(app: App, table: str) -> int:
    with app.store.reading() as session:
        return session.connection().execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()


def follow_and_check(app: App, library: Library, kind: str = "arxiv category", value: str = "cs.LG") -> None:
    register_source(app, kind, value)
    report = check_due_sources(app, library)
    assert report.errors == ()
