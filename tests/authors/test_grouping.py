"""Grouping: entries become people, in the background of everything else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app import App
from bot.authors import grouping, mention_collection
from bot.authors.corrections import merge_authors, split_author, undo_correction
from bot.authors.grouping import LEASE, GroupingReport, group_everybody, is_grouped, regroup
from bot.authors.grouping_process import GroupingProcess
from bot.authors.profile import find_author, suggest_authors
from bot.authors.results import Author
from bot.errors import RefusedError
from bot.ingest.importer import import_files
from bot.lease import Lease
from bot.papers.results import Match
from bot.store.imports import latest_revision
from tests.authors.conftest import names
from tests.command_line import run_papercord

Add = Callable[..., None]
CIRCLE = ["Berit Skjelbred", "Otto Rakovsky"]


def career(name: str, papers: int, *others: str) -> list[tuple[list[str], dict[str, object]]]:
    return [([name, *(others or CIRCLE)], {}) for _ in range(papers)]


def with_id(name: str, scheme: str, value: str, *others: str) -> tuple[list[str], dict[str, object]]:
    return [name, *others], {"author_ids": [{"scheme": scheme, "value": value}, *[None] * len(others)]}


def the(app: App, name: str) -> Author:
    answer = find_author(app, name)
    assert answer.author is not None, (name, names(answer))
    return answer.author


def regrouped(app: App, *, whole: bool = True) -> GroupingReport:
    with Lease(app, LEASE) as lease:
        report = regroup(app, lease, whole=whole)
    app.index.catch_up(app.store)
    return report


def test_two_spellings_are_one_entry_called_by_the_fullest_frequent_name(app: App, add: Add):
    add(*career("Y. Nakamura", 2), *career("Yoshihiko Nakamura", 5))
    short = the(app, "Y. Nakamura").id
    report = regrouped(app)
    assert (report.joined, report.parted, report.is_whole) == (1, 0, True)
    for name in ("Y. Nakamura", "Yoshihiko Nakamura", f"author:{short}"):
        author = the(app, name)
        assert (author.name, author.corpus.papers) == ("Yoshihiko Nakamura", 7)
    assert author.other_names == ("Y. Nakamura",)
    assert author.notices == ()
    assert [one.label for one in suggest_authors(app, "naka")] == ["Yoshihiko Nakamura · 7 papers"]


def test_no_regrouping_is_news_and_the_same_again_changes_nothing(app: App, add: Add):
    add(*career("Y. Nakamura", 2), *career("Yoshihiko Nakamura", 5))
    with app.store.reading() as session:
        before = latest_revision(session)
    planned = group_everybody(app, dry_run=True)
    assert planned.moved == 2
    assert not is_grouped(app)
    done = group_everybody(app)
    assert (done.moved, done.joined) == (planned.moved, planned.joined)
    again = group_everybody(app)
    assert (again.moved, again.joined, again.parted) == (0, 0, 0)
    assert again.snapshot == done.snapshot
    with app.store.reading() as session:
        assert latest_revision(session) == before


def test_namesakes_get_entries_of_their_own_and_a_pick_list(app: App, add: Add):
    add(
        *career("Wei Wang", 3, "Hanna Oye", "Tarjei Blom"),
        *career("Wei Wang", 2, "Ludovic Arnaudon", "Guifré Puig"),
    )
    kept = the(app, "Wei Wang").id
    report = regrouped(app)
    assert report.parted == 1
    answer = find_author(app, "Wei Wang")
    assert (answer.match, answer.namesakes) == (Match.CHOICES, True)
    assert [choice.papers for choice in answer.choices] == [3, 2]
    assert answer.choices[0].author_id == kept


def test_names_that_differ_in_vietnamese_marks_are_two_people_to_choose_from(app: App, add: Add):
    add((["Khuyến Hùng Tuyền"], {}), (["Khuyến Hùng Tuyền"], {}), (["Khuyến Hưng Tuyền"], {}))
    assert regrouped(app).parted == 1
    answer = find_author(app, "Khuyến Hưng Tuyền")
    assert names(answer) == ["Khuyến Hùng Tuyền", "Khuyến Hưng Tuyền"]
    assert [choice.papers for choice in answer.choices] == [2, 1]


def test_a_person_is_called_by_the_spelling_with_marks(app: App, add: Add):
    add(*career("Zdenek Pribyslav", 3), *career("Zdeněk Přibyslav", 2))
    regrouped(app)
    assert the(app, "zdenek pribyslav").name == "Zdeněk Přibyslav"


def test_placeholders_in_place_of_identifiers_make_no_one_person_of_strangers(app: App, add: Add):
    for value in ("N/A", "0000-0000-0000-0000", "not given"):
        add(with_id("Barnaby Quill", "orcid", value), with_id("Nomvula Dlamini", "orcid", value))
    regrouped(app)
    assert the(app, "Barnaby Quill").corpus.papers == the(app, "Nomvula Dlamini").corpus.papers == 3
    assert the(app, "Barnaby Quill").identifiers == ()


def test_a_small_entry_of_a_similar_name_is_answered_with_the_larger_one_beside_it(app: App, add: Add):
    add(*career("Hsiang-Pin Lee", 3), *career("Hsiang-Ping Lee", 1))
    regrouped(app)
    answer = find_author(app, "Hsiang-Ping Lee")
    assert (answer.match, answer.namesakes) == (Match.EXACT, False)
    assert answer.author is not None
    assert answer.author.name == "Hsiang-Ping Lee"
    assert [(one.name, one.papers) for one in answer.choices] == [("Hsiang-Pin Lee", 3)]
    assert the(app, "Hsiang-Pin Lee").corpus.papers == 3


def test_identifiers_are_evidence_of_different_schemes_never_against(app: App, add: Add):
    add(
        *[with_id("Yoshua Bengio", "orcid", "0000-0001-0000-0001", *CIRCLE) for _ in range(3)],
        *[with_id("Y. Bengio", "openalex", "A5000000001", *CIRCLE) for _ in range(2)],
        *[with_id("Y. Bengio", "openalex", "A5000000002", "Hanna Oye") for _ in range(2)],
        *career("Yoshua Bengio", 2),
    )
    regrouped(app)
    author = the(app, "Yoshua Bengio")
    assert author.corpus.papers == 7
    assert set(author.identifiers) == {"0000-0001-0000-0001", "openalex:A5000000001"}
    assert the(app, "openalex:A5000000002").corpus.papers == 2


def test_the_people_of_a_new_paper_are_grouped_among_those_who_are_known(app: App, add: Add):
    add(*career("Yoshihiko Nakamura", 5), *career("Wei Wang", 3, "Hanna Oye"))
    first = regrouped(app)
    add(*career("Y. Nakamura", 1), *career("Wei Wang", 2, "Guifré Puig"), (["Ada Ahn"], {}))
    assert not is_grouped(app)
    found = the(app, "Ada Ahn")
    report = regrouped(app, whole=False)
    assert not report.is_whole
    assert report.snapshot == first.snapshot
    assert is_grouped(app)
    assert the(app, "Y. Nakamura").corpus.papers == 6
    assert [one.papers for one in find_author(app, "Wei Wang").choices] == [3, 2]
    assert the(app, "Ada Ahn").id == found.id
    again = regrouped(app)
    assert (again.moved, again.joined, again.parted) == (0, 0, 0)


@pytest.mark.parametrize(
    ("known", "new"),
    [
        ("Philip Karlov", "Filipp Karlov"),
        ("Filipp Karlov", "Philip Karlov"),
        ("Karl Skjelbred", "Carl Skjelbred"),
        ("Yury Kuratov", "Iurii Kuratov"),
        ("Yury Kuratov", "Юрий Куратов"),
        ("Владимир Орлов", "Vladimir Orlov"),
    ],
)
def test_a_new_paper_in_another_transcription_is_the_known_persons(app: App, add: Add, known: str, new: str):
    add(*career(known, 3))
    regrouped(app)
    add(*career(new, 2))
    regrouped(app, whole=False)
    assert the(app, known).corpus.papers == 5
    assert the(app, new).corpus.papers == 5


def test_a_changed_paper_stays_with_its_people(app: App, tmp_path: Path):
    def write(abstract: str) -> Path:
        rows = [
            {"id": f"p{number}", "title": f"Paper {number}", "authors": [name, *others], "abstract": abstract}
            for number, (name, others) in enumerate(
                [
                    *([("Wei Wang", ["Hanna Oye"])] * 3),
                    *([("Wei Wang", ["Guifré Puig"])] * 2),
                    ("Y. Nakamura", CIRCLE),
                    *([("Yoshihiko Nakamura", CIRCLE)] * 3),
                ]
            )
        ]
        path = tmp_path / "rows.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        return path

    import_files(app, [write("One.")])
    regrouped(app)
    import_files(app, [write("Another.")])
    assert [one.papers for one in find_author(app, "Wei Wang").choices] == [3, 2]
    assert the(app, "Y. Nakamura").corpus.papers == 4
    assert regrouped(app, whole=False).moved == 0


def test_what_people_said_is_law_and_undone_it_is_gone(app: App, add: Add):
    add(*career("Wei Wang", 3, "Hanna Oye"), *career("Wei Wang", 2, "Guifré Puig"), *career("Ada Ahn", 2))
    regrouped(app)
    larger, smaller = find_author(app, "Wei Wang").choices
    merged = merge_authors(app, smaller.author_id, larger.author_id, reason="one person", made_by=1)
    assert the(app, "Wei Wang").corpus.papers == 5
    assert regrouped(app).moved == 0
    add(*career("Wei Wang", 1, "Guifré Puig"))
    regrouped(app, whole=False)
    assert the(app, "Wei Wang").corpus.papers == 6
    undo_correction(app, merged.id, undone_by=1)
    regrouped(app)
    assert sum(one.papers for one in find_author(app, "Wei Wang").choices) == 6

    ada = the(app, "Ada Ahn")
    split = split_author(app, ada.id, {ada.newest[0].id}, None, reason="another Ada", made_by=1)
    assert regrouped(app).moved == 0
    assert [one.papers for one in find_author(app, "Ada Ahn").choices] == [1, 1]
    undo_correction(app, split.id, undone_by=1)
    regrouped(app)
    assert the(app, "Ada Ahn").corpus.papers == 2


def test_stopped_in_the_middle_it_goes_on_where_it_was(app: App, add: Add, monkeypatch: pytest.MonkeyPatch):
    add(*career("Y. Nakamura", 2), *career("Yoshihiko Nakamura", 5), *career("L. Arnaudon", 1, "Hanna Oye"))
    add(*career("Ludovic Arnaudon", 3, "Hanna Oye"))
    monkeypatch.setattr(grouping, "MENTIONS_AT_ONCE", 1)
    with Lease(app, LEASE) as lease:
        regroup(app, lease, is_stopped=lambda: True)
    assert not is_grouped(app)
    report = regrouped(app, whole=False)
    assert is_grouped(app)
    assert report.people < 5  # those of the first transaction were written before
    assert the(app, "Y. Nakamura").corpus.papers == 7
    assert the(app, "L. Arnaudon").corpus.papers == 4
    again = regrouped(app)
    assert (again.moved, again.joined, again.parted) == (0, 0, 0)


def test_of_more_mentions_than_are_kept_some_are_grouped_at_a_time(
    app: App, add: Add, monkeypatch: pytest.MonkeyPatch
):
    def stocked() -> None:
        add(*career("Y. Nakamura", 2), *career("Yoshihiko Nakamura", 5), *career("Ada Ahn", 2, "Hanna Oye"))
        add(*career("Wei Wang", 3, "Hanna Oye", "Tarjei Blom"), *career("Wei Wang", 2, "Ludovic Arnaudon"))
        add((["王", "Berit Skjelbred"], {}), (["***"], {}))

    stocked()
    regrouped(app)
    monkeypatch.setattr(mention_collection, "MENTIONS_KEPT", 3)
    again = regrouped(app)
    assert (again.moved, again.joined, again.parted) == (0, 0, 0)
    stocked()
    add(*career("Y. Nakamura", 1), (["Wei Wang", "Hanna Oye", "Guifré Puig"], {}))
    report = regrouped(app, whole=False)
    assert not report.is_whole
    assert is_grouped(app)
    assert the(app, "Y. Nakamura").corpus.papers == 15
    assert [one.papers for one in find_author(app, "Wei Wang").choices] == [7, 4]
    ended = regrouped(app)
    assert (ended.moved, ended.joined, ended.parted) == (0, 0, 0)


KILLED = """
import os, signal, sys
from bot.app import open_app
from bot.authors import grouping
from bot.config import Settings
from bot.lease import Lease

def write(*args, write=grouping.store.write_people, left=[int(sys.argv[1])]):
    write(*args)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)

grouping.MENTIONS_AT_ONCE = 1
grouping.store.write_people = write
with open_app(Settings()) as app, Lease(app, grouping.LEASE) as lease:
    grouping.regroup(app, lease)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a matter of POSIX")
def test_killed_in_the_middle_it_goes_on_where_it_was(app: App, add: Add):
    add(*career("Y. Nakamura", 2), *career("Yoshihiko Nakamura", 5), *career("L. Arnaudon", 1, "Hanna Oye"))
    add(*career("Ludovic Arnaudon", 3, "Hanna Oye"))
    database = {
        "PAPERCORD_DATABASE_URL": app.settings.database_url,
        "PAPERCORD_DATA_DIR": str(app.settings.data_dir),
    }
    command = [sys.executable, "-c", KILLED, "2"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | database)
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert not is_grouped(app)
    report = regrouped(app, whole=False)
    assert is_grouped(app)
    assert report.people < 5  # those of the transaction before were written
    assert the(app, "Y. Nakamura").corpus.papers == 7
    assert the(app, "L. Arnaudon").corpus.papers == 4
    again = regrouped(app)
    assert (again.moved, again.joined, again.parted) == (0, 0, 0)


def test_one_process_groups_at_a_time(app: App, add: Add):
    add(*career("Y. Nakamura", 2))
    with Lease(app, LEASE), pytest.raises(RefusedError, match="by somebody else"):
        group_everybody(app)


def test_a_name_without_letters_twice_in_a_list_and_a_page_do_no_harm(app: App, add: Add):
    add((["???", "Wei Wang", "Wei Wang", "..."], {}), (["J. K."], {}), *career("Wei Wang", 2))
    assert regrouped(app).mentions == 8  # the name twice in one list is one entry
    assert regrouped(app).moved == 0
    with app.store.reading() as session:
        orphans = text("SELECT count(*) FROM authorship WHERE author_id NOT IN (SELECT id FROM author)")
        assert session.connection().execute(orphans).scalar() == 0


def test_the_process_in_the_background_groups_what_waits(app: App, add: Add):
    add(*career("Y. Nakamura", 2), *career("Yoshihiko Nakamura", 5))
    process = GroupingProcess(app)
    process.wake()
    assert process._process is not None
    process._process.join()
    assert is_grouped(app)
    process.wake()
    assert process._process is None
    process.close()
    app.index.catch_up(app.store)
    assert the(app, "Y. Nakamura").corpus.papers == 7
    add(*career("Otto Rakovsky", 1))
    process.wake()  # of a bot that closes, in another thread
    assert process._process is None


def test_the_command_says_what_would_change_and_then_does_it(tmp_path: Path):
    rows = [
        {"id": f"{number}", "title": f"Paper {number}", "authors": [name, *CIRCLE]}
        for number, name in enumerate(["Y. Nakamura", *["Yoshihiko Nakamura"] * 3])
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    def run(*arguments: str) -> str:
        done = run_papercord(arguments, tmp_path, {"PAPERCORD_DATA_DIR": str(tmp_path / "data")})
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("import", str(path))
    planned = json.loads(run("authors", "regroup", "--dry-run", "--json"))
    assert (planned["written"], planned["moved"], planned["joined"]) == (False, 1, 1)
    assert "1 change the person" in run("authors", "regroup")
    assert json.loads(run("author", "Y. Nakamura", "--json"))["author"]["name"] == "Yoshihiko Nakamura"
