"""Votes, lists and notes on both databases: what is stored, merged, taken back, brought again and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from bot.app import App
from bot.errors import RefusedError
from bot.ingest.corrections import merge_papers
from bot.ingest.importer import import_files
from bot.ingest.undo import imports_made, undo_import
from bot.papers.saved_searches import forget_person, stored_of_person
from bot.reading import lists
from bot.reading.lists import ListView, Reader
from bot.reading.servers import look_after_reading
from bot.reading.votes import top_papers, vote
from bot.store.lists import ListOrder
from bot.store.models import ReadingState
from tests.announcements.announcer import GUILD, papers, write_papers
from tests.announcements.conftest import desk_on_both  # noqa: F401
from tests.apps import Clock

ADA, BOB, LEA = Reader(1, GUILD), Reader(2, GUILD), Reader(3, GUILD, manages=True)


@pytest.fixture
def app(desk_on_both: App) -> App:  # noqa: F811
    return desk_on_both


def bring(app: App, records: list[dict[str, Any]]) -> list[int]:
    before = ids_of(app)
    import_files(app, [write_papers(app, records)])
    app.index.catch_up(app.store)
    return [paper for paper in ids_of(app) if paper not in before]


def ids_of(app: App) -> list[int]:
    with app.store.reading() as session:
        return list(session.connection().exec_driver_sql("select id from paper order by id").scalars())


def on_list(app: App, reader: Reader, name: str, view: ListView = ListView()) -> list[int]:  # noqa: B008
    return [one.paper.id for one in lists.list_page(app, reader, name, view).entries]


def test_votes_lists_and_notes_are_kept_with_their_papers(app: App, clock: Clock):
    records = papers(4)
    for record, score in zip(records, (10, 90, 50, 20), strict=True):
        record["score"] = score
    one, two, three, four = bring(app, records)
    for paper in (one, two, three):
        lists.save(app, ADA, "group", paper)
        clock.move(minutes=1)
    for reader in (ADA, BOB):
        vote(app, GUILD, three, reader.person_id)
    vote(app, GUILD, one, LEA.person_id)
    assert [(top.paper.id, top.votes) for top in top_papers(app, GUILD, 7)] == [(three, 2), (one, 1)]
    assert on_list(app, BOB, "group") == [three, two, one]
    assert on_list(app, BOB, "group", ListView(ListOrder.SCORE)) == [two, three, one]
    assert on_list(app, BOB, "group", ListView(ListOrder.VOTES)) == [three, one, two]
    assert set(on_list(app, BOB, "group", ListView(ListOrder.NEWEST))) == {one, two, three}
    group = next(each for each in lists.lists_for(app, BOB) if not each.is_own)
    read = lists.set_state(app, BOB, group.id, two, ReadingState.READ)
    assert read.listed.entry.state_at > read.listed.entry.added_at
    assert on_list(app, BOB, "group", ListView(state=ReadingState.READ)) == [two]
    number = records[2]["title"].rsplit(" ", 1)[-1]
    assert on_list(app, BOB, "group", ListView(query=f"kind {number}")) == [three]
    with pytest.raises(RefusedError, match="Papers of others"):
        lists.remove(app, BOB, "group", one)

    lists.write_note(app, ADA, group.id, two, "first", group=True)
    noted = lists.write_note(app, ADA, group.id, two, "Look at figure 3", group=True)
    assert [note.text for note in noted.notes] == ["Look at figure 3"]
    merge_papers(app, two, four, reason="the same", made_by=9)
    (living,) = {two, four} & set(ids_of(app))
    opened = lists.open_entry(app, BOB, group.id, living)
    assert (opened.listed.entry.state, opened.notes[0].text) == (ReadingState.READ, "Look at figure 3")
    # Cards that were shown before have the buttons of the paper that is no more.
    (dead,) = {two, four} - {living}
    assert lists.own_note(app, ADA, dead, group=True) == "Look at figure 3"
    for paper in (dead, living):
        noted = lists.write_note(app, BOB, group.id, paper, f"of {paper}", group=False)
        assert noted.notes[0].text == f"of {paper}"
        assert lists.set_state(app, BOB, group.id, paper, ReadingState.READING).listed.paper.id == living
    lists.write_note(app, BOB, group.id, dead, "", group=False)

    assert lists.remove(app, LEA, "group", one).id == group.id
    assert lists.write_note(app, ADA, group.id, two, "  ", group=True).notes == ()


def test_what_is_said_of_a_paper_that_is_taken_back_waits_until_it_comes_again(app: App):
    bring(app, papers(1))
    records = papers(1)
    (paper,) = bring(app, records)
    vote(app, GUILD, paper, 1)
    opened = lists.save(app, ADA, "group", paper)
    lists.write_note(app, ADA, opened.list.id, paper, "Read this", group=False)
    undo_import(app, imports_made(app, 1)[0][0].id)
    assert on_list(app, ADA, "group") == []
    assert top_papers(app, GUILD, 7) == ()

    (again,) = bring(app, records)
    assert on_list(app, ADA, "group") == [again]
    assert [top.paper.id for top in top_papers(app, GUILD, 7)] == [again]
    assert lists.open_entry(app, ADA, opened.list.id, again).notes[0].text == "Read this"


def test_a_person_and_a_server_are_forgotten_whole(app: App, clock: Clock):
    (paper,) = bring(app, papers(1))
    own, group = lists.save(app, ADA, "mine", paper), lists.save(app, ADA, "group", paper)
    lists.write_note(app, ADA, own.list.id, paper, "mine", group=False)
    vote(app, GUILD, paper, 1)
    vote(app, GUILD, paper, 2)
    stored = stored_of_person(app, 1)
    assert (stored.votes, stored.lists, stored.notes) == (1, 1, 1)
    forget_person(app, 1)
    stored = stored_of_person(app, 1)
    assert (stored.votes, stored.lists, stored.notes) == (0, 0, 0)
    assert lists.open_entry(app, BOB, group.list.id, paper).listed.entry.added_by is None
    assert [top.votes for top in top_papers(app, GUILD, 7)] == [1]

    look_after_reading(app, {GUILD})
    look_after_reading(app, set())
    clock.move(days=30)
    look_after_reading(app, set())
    assert lists.lists_for(app, BOB) == ()
    assert top_papers(app, GUILD, 60) == ()
    with app.store.reading() as session:
        for table in ("vote", "vote_change", "reading_list", "list_entry", "paper_note", "reading_server"):
            rows = session.connection().exec_driver_sql(f"select count(*) from {table}").scalar()
            assert rows == 0, table
