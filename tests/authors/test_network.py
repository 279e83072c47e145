from __future__ import annotations

import datetime as dt

import pytest

from bot.authors.network import coauthor_list, compare, shortest_path
from bot.authors.profile import find_author
from bot.ingest.importer import import_files
from tests.conftest import AUTHOR_PAGE
from tests.corpora import row, write_rows

ROWS = [
    row(1, authors=["Ada Ahn", "Bo Berg"]),
    row(2, authors=["Bo Berg", "Cy Cole"]),
    row(3, authors=["Cy Cole", "Di Dorn"]),
    row(4, authors=["Ada Ahn", "Cy Cole", "Bo Berg"]),
    row(5, authors=["Eve Alone"]),
]


@pytest.fixture
def stocked(app, tmp_path):
    import_files(app, [write_rows(tmp_path / "rows.jsonl", ROWS)])
    return app


def number(app, name):
    author = find_author(app, name).author
    assert author is not None
    return author.id


def test_authors_are_compared_by_common_papers_and_shared_coauthors(stocked):
    found = compare(stocked, [number(stocked, "Ada Ahn"), number(stocked, "Cy Cole")])
    assert found is not None
    assert [author.name for author in found.authors] == ["Ada Ahn", "Cy Cole"]
    assert found.common_papers == 1
    assert [paper.source_id for paper in found.papers] == ["2401.00004"]
    assert [(one.name, one.papers) for one in found.coauthors] == [("Bo Berg", 3)]
    assert compare(stocked, [number(stocked, "Ada Ahn"), 10**6]) is None


def test_the_shortest_way_names_the_papers_of_each_step(stocked):
    way = shortest_path(stocked, number(stocked, "Ada Ahn"), number(stocked, "Di Dorn"))
    assert way is not None
    assert (way.start, [link.name for link in way.links]) == ("Ada Ahn", ["Cy Cole", "Di Dorn"])
    assert [[paper.source_id for paper in link.papers] for link in way.links] == [
        ["2401.00004"],
        ["2401.00003"],
    ]
    assert all(link.named for link in way.links)


def test_where_nothing_links_two_people_there_is_no_way(stocked):
    way = shortest_path(stocked, number(stocked, "Ada Ahn"), number(stocked, "Eve Alone"))
    assert way is not None
    assert (way.links, way.gave_up) == ((), False)
    assert shortest_path(stocked, 10**6, number(stocked, "Ada Ahn")) is None


def test_a_step_that_a_page_alone_attributes_is_marked(app):
    import_files(app, [AUTHOR_PAGE], as_of=dt.date(2026, 3, 15))
    way = shortest_path(app, number(app, "Pan Pan"), number(app, "Kun Yuan"))
    assert way is not None
    assert [(link.name, link.named, link.total) for link in way.links] == [("Kun Yuan", False, 4)]
    near = shortest_path(app, number(app, "Yun Zheng"), number(app, "Pan Pan"))
    assert near is not None
    assert [link.named for link in near.links] == [True]


def test_the_circle_lists_everybody_the_most_frequent_first(stocked):
    circle = coauthor_list(stocked, number(stocked, "Bo Berg"))
    assert circle is not None
    assert (circle.total, [(one.name, one.total) for one in circle.coauthors]) == (
        2,
        [("Ada Ahn", 2), ("Cy Cole", 2)],
    )
    assert coauthor_list(stocked, 10**6) is None
