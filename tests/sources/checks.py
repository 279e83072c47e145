"""What tests of checks have in common."""

from __future__ import annotations

from sqlalchemy import text

from bot.app import Desk
from bot.sources.providers import Library
from bot.sources.registry import follow_source
from bot.sources.scheduler import check_due_sources
from bot.store.subscriptions import newest_finished, newly_added


def news(desk: Desk, after: int = 0) -> list[int]:
    """Return the papers that became newly added after a revision."""
    with desk.store.reading() as session:
        return [row.id for row in newly_added(session, after, newest_finished(session))]


def count(desk: Desk, table: str) -> int:
    with desk.store.reading() as session:
        return session.connection().execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one()


def follow_and_check(
    desk: Desk, library: Library, kind: str = "arxiv category", value: str = "cs.LG"
) -> None:
    follow_source(desk, kind, value)
    report = check_due_sources(desk, library)
    assert report.errors == ()
