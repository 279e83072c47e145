from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from sqlalchemy import insert, select, update

from bot.search.tantivy.names_index import NamesIndex
from bot.store.engine import Store
from bot.store.models import Author, Authorship, CorpusImport, Paper, Revision
from bot.store.schema import prepare

NOW = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = new_store(tmp_path / "papercord.db", stamp=1)
    yield store
    store.close()


@pytest.fixture
def people(tmp_path: Path) -> Iterator[NamesIndex]:
    index = NamesIndex(tmp_path / "index" / "people")
    yield index
    index.close()


def new_store(path: Path, stamp: int) -> Store:
    """Make a store with one paper of Pan Pan, at revision 1."""
    store = Store(f"sqlite:///{path}")
    prepare(store)
    with store.writing() as session:
        session.connection().execute(
            insert(CorpusImport).values(
                id=1,
                files=[],
                process="",
                started_at=NOW,
                touched_at=NOW,
                finished_at=NOW,
            )
        )
    add_paper(store, 1, {1: "pan pan"}, stamp=stamp)
    return store


def add_paper(store: Store, revision: int, named: dict[int, str], stamp: int = 1) -> None:
    with store.writing() as session:
        write = session.connection().execute
        write(insert(Revision).values(number=revision, stamp=stamp, made_at=NOW))
        write(
            insert(Paper).values(
                id=revision,
                source_id="x",
                title="A title",
                authors=[],
                categories=[],
                import_id=1,
                revision=revision,
            )
        )
        for place, (author_id, key) in enumerate(named.items(), 1):
            if session.connection().execute(select(Author).filter_by(id=author_id)).first() is None:
                write(insert(Author).values(id=author_id, name=key.title(), name_key=key))
            write(insert(Authorship).values(paper_id=revision, position=place, author_id=author_id))


def known(people: NamesIndex) -> list[tuple[str, int]]:
    return [(candidate.name_key, candidate.papers) for candidate in people.beginning([], 10)]


def test_it_follows_the_store_by_revision(store: Store, people: NamesIndex):
    assert people.revision is None
    assert people.beginning(["pan"], 10) == []
    people.catch_up(store)
    assert (people.revision, known(people)) == (1, [("pan pan", 1)])
    add_paper(store, 2, {2: "kun yuan", 1: "pan pan"})
    people.catch_up(store)
    assert (people.revision, known(people)) == (2, [("pan pan", 2), ("kun yuan", 1)])


def test_what_it_knows_outlives_the_process(store: Store, people: NamesIndex, tmp_path: Path):
    people.catch_up(store)
    people.close()
    again = NamesIndex(tmp_path / "index" / "people")
    assert (again.revision, known(again)) == (1, [("pan pan", 1)])
    again.close()


def test_one_process_sees_what_another_wrote(store: Store, people: NamesIndex, tmp_path: Path):
    other = NamesIndex(tmp_path / "index" / "people")
    people.catch_up(store)
    add_paper(store, 2, {2: "kun yuan"})
    other.catch_up(store)
    people.catch_up(store)
    assert known(people) == known(other)
    assert people.revision == 2
    other.close()


def test_a_store_of_another_history_is_indexed_anew(store: Store, people: NamesIndex, tmp_path: Path):
    add_paper(store, 2, {2: "kun yuan"})
    people.catch_up(store)
    other = new_store(tmp_path / "other.db", stamp=77)
    people.catch_up(other)
    assert (people.revision, known(people)) == (1, [("pan pan", 1)])
    other.close()


@pytest.mark.parametrize("damage", [b"", b"\0" * 40])
def test_a_damaged_file_is_noticed_and_mended(
    store: Store, people: NamesIndex, tmp_path: Path, damage: bytes
):
    people.catch_up(store)
    people.close()
    folder = tmp_path / "index" / "people"
    for file in [*sorted(folder.glob("*.store")), folder / "meta.json"]:
        file.write_bytes(damage)
        again = NamesIndex(folder)
        assert again.revision is None
        again.catch_up(store)
        assert (again.revision, known(again)) == (1, [("pan pan", 1)])
        again.close()


def test_the_names_of_a_running_import_wait_for_its_end(store: Store, people: NamesIndex):
    people.catch_up(store)
    add_paper(store, 2, {2: "kun yuan"})
    running = {"finished_at": None, "touched_at": dt.datetime.now(dt.UTC)}
    process = f"{socket.gethostname()}:{os.getpid()}"
    with store.writing() as session:
        session.connection().execute(update(CorpusImport).values(process=process, **running))
    people.catch_up(store)
    assert people.revision == 1
    with store.writing() as session:
        session.connection().execute(update(CorpusImport).values(finished_at=NOW))
    people.catch_up(store)
    assert people.revision == 2


def test_whether_an_import_still_runs_is_told_by_the_clock_that_is_given(store: Store, people: NamesIndex):
    now = NOW
    people.clock = lambda: now
    people.catch_up(store)
    add_paper(store, 2, {2: "kun yuan"})
    with store.writing() as session:
        session.connection().execute(update(CorpusImport).values(process="elsewhere:1", finished_at=None))
    now = NOW + dt.timedelta(seconds=60)
    people.catch_up(store)
    assert people.revision == 1
    now = NOW + dt.timedelta(seconds=61)
    people.catch_up(store)
    assert people.revision == 2


def test_whoever_will_not_wait_leaves_the_names_to_the_process_that_writes(
    store: Store, people: NamesIndex, tmp_path: Path
):
    people.catch_up(store)
    add_paper(store, 2, {2: "kun yuan"})
    with FileLock(tmp_path / "index" / "people.lock"):
        people.catch_up(store, wait=False)
        assert people.revision == 1
    people.catch_up(store, wait=False)
    assert people.revision == 2


def test_no_transaction_is_open_while_the_names_wait_for_their_lock(
    store: Store, people: NamesIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """One would keep the database from tidying what is written ahead."""
    people.catch_up(store)
    add_paper(store, 2, {2: "kun yuan"})
    acquire = people._writing.acquire
    busy: list[int] = []

    def tidy_first(*arguments: Any, **options: Any) -> Any:
        with closing(sqlite3.connect(tmp_path / "papercord.db", timeout=0)) as beside:
            busy.extend(row[0] for row in beside.execute("pragma wal_checkpoint(truncate)"))
        return acquire(*arguments, **options)

    monkeypatch.setattr(people._writing, "acquire", tidy_first)
    people.catch_up(store)
    assert (people.revision, busy) == (2, [0])


def test_candidates_are_found_by_beginnings_initials_and_a_wrong_letter(store: Store, people: NamesIndex):
    add_paper(store, 2, {2: "kun yuan", 3: "k yuan", 4: "wei wang"})
    people.catch_up(store)

    def keys(candidates: list) -> set[str]:
        return {candidate.name_key for candidate in candidates}

    assert keys(people.beginning(["y", "ku"], 10)) == {"kun yuan"}
    assert keys(people.beginning(["yua"], 10)) == {"kun yuan", "k yuan"}
    assert keys(people.having(["yuan", "kun"], 10)) == {"kun yuan"}
    assert keys(people.initialled(["kun", "yuan"], 10)) == {"kun yuan", "k yuan"}
    assert keys(people.misspelt(["wie", "wagn"], 10)) == {"wei wang"}
    assert keys(people.sharing(["yuan", "wang"], 10)) == {"kun yuan", "k yuan", "wei wang"}


@pytest.mark.parametrize("part", ["x" * 500, "王伟", "ا" * 80, "-", "a.*", "'\"("])
def test_any_part_is_answered(store: Store, people: NamesIndex, part: str):
    people.catch_up(store)
    for find in (people.beginning, people.having, people.initialled, people.misspelt, people.sharing):
        assert find([part] * 30, 10) == []


def test_what_a_process_left_that_was_killed_within_a_commit_is_no_hindrance(tmp_path: Path, store: Store):
    folder = tmp_path / "index" / "people"
    add_paper(store, 2, {3: "ada example", 4: "bo example"})
    index = NamesIndex(folder)
    index.catch_up(store)
    index.close()
    before = tmp_path / "before"
    shutil.copytree(folder, before)
    add_paper(store, 3, {2: "kun yuan"})
    index = NamesIndex(folder)
    index.catch_up(store)
    index.close()
    written = [path for path in folder.glob("*.del") if not (before / path.name).exists()]
    assert written
    # Up to here a killed process may have come: its files are there, and the list of files is the old one.
    for path in written:
        shutil.copyfile(path, before / path.name)

    cut_off = NamesIndex(before)
    cut_off.catch_up(store)

    assert [one.name_key for one in cut_off.having(["yuan"], 5)] == ["kun yuan"]
    cut_off.close()
