from __future__ import annotations

import datetime as dt

from bot.store.imports import latest_revision, revision_stamp, take_revision

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def test_an_empty_store_has_no_revision(store):
    with store.reading() as session:
        assert latest_revision(session) is None
        assert revision_stamp(session, 1) is None


def test_revisions_count_from_one_and_each_has_a_stamp_of_its_own(store):
    stamps = set()
    for expected in (1, 2, 3):
        with store.writing() as session:
            assert take_revision(session, NOW) == expected
        with store.reading() as session:
            newest = latest_revision(session)
            assert newest is not None
            assert newest.number == expected
            assert newest.made_at == NOW
            stamps.add(newest.stamp)
            assert revision_stamp(session, expected) == newest.stamp
    assert len(stamps) == 3
