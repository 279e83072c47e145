from __future__ import annotations

import datetime as dt
from itertools import groupby
from operator import itemgetter

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from bot.store import authors
from bot.store.corrections import load_corrections
from bot.store.engine import Store
from bot.store.models import Attribution, Author, AuthorIdentifier, Authorship, CorpusImport, Paper

NOW = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
PAN, PAN_WITH_ID, ADA, BO, NOBODY = 1, 2, 3, 4, 5


@pytest.fixture
def people(store: Store) -> Store:
    """Four papers and five people: one named twice on a paper, one attributed, one with no paper at all."""
    papers = [
        {"id": 1, "published": "2021-05", "field": "CV", "has_code": True, "authors_truncated": False},
        {"id": 2, "published": None, "field": None, "has_code": False, "authors_truncated": True},
        {"id": 3, "published": "2021-05-02", "field": "CV", "has_code": False, "authors_truncated": False},
        {"id": 4, "published": "2023", "field": "LG", "has_code": False, "authors_truncated": False},
    ]
    written = {
        "source_id": "x",
        "title": "A title",
        "authors": [],
        "categories": [],
        "published_inferred": False,
        "abstract": "",
        "import_id": 1,
    }
    listed = [(1, PAN), (1, ADA), (1, ADA), (2, ADA), (3, PAN), (3, BO), (4, PAN_WITH_ID), (4, ADA)]
    entries = [
        (PAN, "Pan Pan"),
        (PAN_WITH_ID, "Pan Pan"),
        (ADA, "Ada Ahn"),
        (BO, "Bo Berg"),
        (NOBODY, "No One"),
    ]
    with store.writing() as session:
        write = session.connection().execute
        write(
            insert(CorpusImport).values(
                id=1,
                files=[],
                process="",
                started_at=NOW,
                touched_at=NOW,
                added=4,
            )
        )
        write(insert(Paper), [written | paper | {"revision": paper["id"]} for paper in papers])
        write(
            insert(Author),
            [{"id": number, "name": name, "name_key": name.lower()} for number, name in entries],
        )
        write(
            insert(Authorship),
            [
                {"paper_id": paper, "position": place, "author_id": person}
                for paper, some in groupby(listed, key=itemgetter(0))
                for place, (_, person) in enumerate(some, 1)
            ],
        )
        write(
            insert(Attribution),
            [{"paper_id": paper, "author_id": PAN, "source": "author page"} for paper in (1, 2)],
        )
        write(
            insert(AuthorIdentifier),
            [{"scheme": "openreview", "value": "~Pan_Pan2", "author_id": PAN_WITH_ID}],
        )
    return store


def test_the_papers_of_a_person_come_once_each_newest_first_and_say_how_they_are_known(people: Store):
    with people.reading() as session:
        rows = authors.papers_of(session, [PAN])
    known = [(row.paper_id, row.place, row.is_last, row.has_list, row.attributed) for row in rows]
    assert known == [(3, 1, False, True, 0), (1, 1, False, True, 1), (2, None, False, True, 1)]
    assert [row.has_code for row in rows] == [False, True, False]
    assert [row.authors_truncated for row in rows] == [False, False, True]


def test_who_stands_twice_in_a_list_has_its_first_place_and_may_be_last(people: Store):
    with people.reading() as session:
        rows = authors.papers_of(session, [ADA])
    # Alone in a list nobody is the last of several.
    assert {row.paper_id: (row.place, row.is_last) for row in rows} == {
        1: (2, True),
        2: (1, False),
        4: (2, True),
    }


def test_papers_of_several_people_stay_apart(people: Store):
    with people.reading() as session:
        rows = authors.papers_of(session, [PAN, PAN_WITH_ID, ADA, NOBODY])
        counts = authors.papers_of_each(session, [PAN, PAN_WITH_ID, ADA, NOBODY])
    assert {(row.author_id, row.paper_id) for row in rows} == {
        *((PAN, paper) for paper in (1, 2, 3)),
        (PAN_WITH_ID, 4),
        *((ADA, paper) for paper in (1, 2, 4)),
    }
    assert counts == {PAN: 3, PAN_WITH_ID: 1, ADA: 3}


def test_entries_are_found_by_key_by_identifier_and_by_id(people: Store):
    with people.reading() as session:
        assert list(authors.authors_by_key(session, load_corrections(session), "pan pan", 10)) == [
            PAN,
            PAN_WITH_ID,
        ]
        assert list(authors.authors_by_key(session, load_corrections(session), "pan", 10)) == []
        assert (
            authors.author_of_identifier(session, load_corrections(session), "openreview", "~Pan_Pan2")
            == PAN_WITH_ID
        )
        assert (
            authors.author_of_identifier(session, load_corrections(session), "openreview", "~Pan_Pan1")
            is None
        )
        assert [row.name for row in authors.authors_by_id(session, [BO, 99])] == ["Bo Berg"]
        assert [
            tuple(row)
            for row in authors.identifiers_of(session, load_corrections(session), [PAN, PAN_WITH_ID])
        ] == [(PAN_WITH_ID, "openreview", "~Pan_Pan2")]


def test_who_attributes_papers_is_said_once(people: Store):
    with people.reading() as session:
        assert list(authors.attributing_sources(session, PAN)) == ["author page"]
        assert list(authors.attributing_sources(session, ADA)) == []


def counts(session: Session, changed_after: int | None) -> dict[int, int]:
    return {row[0]: row[2] for row in authors.named_authors(session, changed_after)}


def test_everybody_is_named_with_a_count_of_papers(people: Store):
    with people.reading() as session:
        assert counts(session, None) == {PAN: 3, PAN_WITH_ID: 1, ADA: 3, BO: 1, NOBODY: 0}


def test_only_the_people_of_changed_papers_are_named_again(people: Store):
    with people.reading() as session:
        assert counts(session, 2) == {PAN: 3, PAN_WITH_ID: 1, ADA: 3, BO: 1}
        assert counts(session, 3) == {PAN_WITH_ID: 1, ADA: 3}
        assert counts(session, 4) == {}
