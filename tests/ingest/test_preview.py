"""A preview decides as the import does, names where papers would be announced, and writes nothing."""

from __future__ import annotations

import pytest

from bot.announcements import subscriptions
from bot.announcements.matcher import ChannelMatches, channels_matching
from bot.announcements.results import Filters
from bot.app import corpus_status
from bot.ingest.importer import import_files, preview_files
from tests.conftest import AUTHOR_PAGE
from tests.corpora import contents, row, write_rows


def _counts(report):
    return report.added, report.updated, report.unchanged, report.refused


def _interrupt(progress):
    if progress.stage == "writing":
        raise KeyboardInterrupt


@pytest.fixture
def known(app, tmp_path):
    """A corpus with an author page, and papers 1 to 3."""
    import_files(app, [AUTHOR_PAGE])
    import_files(app, [write_rows(tmp_path / "known.jsonl", [row(1), row(2), row(3, id="n1", url=None)])])
    return app


MIXED = {
    "new": [row(10), row(11)],
    "known as they are": [row(1), row(2)],
    "changed": [row(1, has_code=True), row(2, abstract="Another one.")],
    "joined": [row(1, id="x1", url=None, doi="10.1000/1"), row(20, id="x2", url=None, doi="10.1000/1")],
    "one paper twice": [row(30, id="x3", url=None), row(30, id="x4", url=None, venue="Nature")],
    "one id twice": [row(40), row(40, has_code=True)],
    "two that become one": [row(1, id="x5", url=None, title="A", doi="10.1000/9"), row(1, doi="10.1000/9")],
    "contradicting": [row(50, title="One", doi="10.9999/1"), row(51, title="One", doi="10.9999/1")],
    "numbered as another file": [row(50), row(51, id="n1", url=None)],
    "none": [{"id": "no title"}, row(60)],
    "very many": [row(number % 700, id=f"m{number}", url=None) for number in range(1_400)],
}


@pytest.mark.parametrize("name", MIXED)
def test_a_preview_counts_what_the_import_then_does_and_writes_nothing(known, tmp_path, name):
    path = write_rows(tmp_path / "mixed.jsonl", MIXED[name])
    before, status = contents(known.store), corpus_status(known)
    file = known.store.file
    stored = file.read_bytes() if file is not None else None

    preview = preview_files(known, [path])

    assert contents(known.store) == before
    assert corpus_status(known) == status
    assert (file.read_bytes() if file is not None else None) == stored
    report = import_files(known, [path])
    assert _counts(preview.report) == _counts(report)
    assert preview.report.rejected == report.rejected
    assert len(preview.new_papers) == corpus_status(known).papers - status.papers


def test_a_preview_gives_examples_and_says_why_papers_are_joined(known, tmp_path):
    rows = [row(number) for number in range(10, 15)] + [row(1, id="x1", url=None), row(2, has_code=True)]

    preview = preview_files(known, [write_rows(tmp_path / "mixed.jsonl", rows)])

    assert len(preview.additions) == 3
    assert preview.joined == 1
    assert [(one.title, one.reason) for one in preview.joins] == [
        (row(1)["title"], "the same title and lead author")
    ]
    assert row(2)["title"] in preview.updates


def test_papers_of_a_cut_off_import_are_new_in_a_preview(app, tmp_path):
    path = write_rows(tmp_path / "papers.jsonl", [row(number) for number in range(1, 700)])
    with pytest.raises(KeyboardInterrupt):
        import_files(app, [path], progress=_interrupt)

    preview = preview_files(app, [path])

    assert _counts(preview.report) == (699, 0, 0, 0)
    assert len(preview.new_papers) + len(preview.adopted) == 699
    assert _counts(import_files(app, [path])) == (699, 0, 0, 0)


def test_a_preview_counts_the_papers_of_each_channel(app, tmp_path):
    def subscribe(channel, *, paused=False, **filters):
        subscriptions.add(
            app, guild_id=7, channel_id=channel, creator_id=1, filters=Filters(**filters), paused=paused
        )

    subscribe(1)
    subscribe(1, query="matter")
    subscribe(2, author="Ann Lee")
    subscribe(3, min_score=50.0)
    subscribe(4, query="nothing of this")
    subscribe(5, paused=True)
    rows = [row(1, score=70), row(2, score=20), row(3, authors=["Ann Lee"])]
    preview = preview_files(app, [write_rows(tmp_path / "papers.jsonl", rows)])

    with app.store.reading() as session:
        channels = channels_matching(session, preview.new_papers, preview.adopted)

    assert sorted(channels, key=lambda one: one.channel_id) == [
        ChannelMatches(7, 1, 3),
        ChannelMatches(7, 2, 1),
        ChannelMatches(7, 3, 1),
    ]
