"""arXiv's daily feed as a source: empty on days without announcements, and one paper with the API's."""

from __future__ import annotations

import pytest

from bot.app import App
from bot.ingest.importer import import_records
from bot.sources.library import Library
from bot.sources.registry import check_soon, register_source, source_statuses
from bot.sources.scheduler import check_due_sources
from bot.store.subscriptions import newest_finished, newly_added
from tests.apps import Clock
from tests.corpora import all_papers
from tests.fetch.loopback import Loopback, Reply
from tests.sources.test_precedence import record

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


def feed(*numbers: int) -> Reply:
    items = "".join(
        f"<item><title>On matter {number}</title><link>https://arxiv.org/abs/2603.{number:05d}</link>"
        f"<description>arXiv:2603.{number:05d}v1 Announce Type: new Abstract: We look.</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:2603.{number:05d}v1</guid><category>cs.LG</category>'
        "<arxiv:announce_type>new</arxiv:announce_type><dc:creator>Ann Lee, Bo Berg</dc:creator></item>"
        for number in numbers
    )
    return Reply(
        (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
            ' xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<channel><title>cs.LG updates on arXiv.org</title>{items}</channel></rss>"
        ).encode()
    )


def test_a_feed_brings_what_is_announced_and_is_empty_on_a_sunday(
    here: App, library: Library, server: Loopback, day: Clock
):
    import_records(
        here, "before", [record("arxiv api", "2603.00003", arxiv_id="2603.00003")], newly_added=True
    )
    register_source(here, "arxiv feed", "cs.LG")
    with here.store.reading() as session:
        before = newest_finished(session)
    for reply, added in ((feed(1, 2), 2), (feed(), 0), (feed(3, 4), 1), (feed(), 0)):
        server.replies.append(reply)
        check_soon(here)
        report = check_due_sources(here, library)
        assert (report.added, report.errors) == (added, ())
        day.move(hours=12)
    assert server.seen[0].target == "/rss/cs.LG"
    assert len(all_papers(here.store)) == 4
    assert source_statuses(here)[0].arrived == 1
    with here.store.reading() as session:
        news = newly_added(session, before, newest_finished(session))
    assert len(news) == 1


def test_a_feed_that_is_no_feed_is_an_error(here: App, library: Library, server: Loopback):
    server.answer = lambda _seen: Reply(b"<html>busy</html>")
    register_source(here, "arxiv feed", "cs.LG")
    (error,) = check_due_sources(here, library).errors
    assert "no RSS feed" in error
