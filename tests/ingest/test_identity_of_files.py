"""Files of reference managers and answers of providers: no paper is lost, and none stands twice."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict

import pytest
from sqlalchemy import text

from bot.corpus.formats.arxiv import read_arxiv_atom
from bot.corpus.formats.crossref import read_crossref_works
from bot.corpus.formats.openalex import read_openalex_works
from bot.corpus.formats.semantic_scholar import read_semantic_scholar_page
from bot.corpus.identity import OLDER_TITLE, TITLE, title_key
from bot.corpus.paper import Mention, PaperRecord
from bot.ingest.importer import import_files, import_records
from tests.conftest import shared_path
from tests.corpora import all_papers, contents, write_rows

ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""For what is decided before the database is asked."""


def _case(name):
    return shared_path(f"field-cases/files/{name}")


def _papers(app):
    return [(paper.title, paper.authors) for paper in all_papers(app.store)]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["043.bib"], [("Bo Lund", "Piet Moor")]),
        (["046.bib"], [("Bo Lund",), ("Piet Moor",), ("Eve Tamm",)]),
        (["047.bib"], [("Bo Lund",), ("Bo Lund",)]),
        (["048.bib"], [("Bo Lund",), ("Bo Lund",)]),
        (["049.bib"], [("Bo Lund",)] * 3),
        (["050.bib"], [("Bernard Goldstein", "Piet Moor")]),
        (["051.bib"], [("Piet Moor",)]),
        (["101.jsonl"], [("Bernard Gold",)]),
        (["104.jsonl"], [("Ida Hale", "Bo Lund")]),
        (["188.bib", "188.ris"], [("Bernard Gold", "Piet Moor")]),
        (["188.ris", "188.bib"], [("Bernard Gold", "Piet Moor")]),
        (["191.ris"], [("Ida Hale",)]),
    ],
)
def test_a_file_gives_its_papers_each_once(app, files, expected):
    for name in files:
        assert not import_files(app, [_case(name)]).rejected
    assert [authors for _, authors in _papers(app)] == expected
    before = contents(app.store)

    for name in files:
        again = import_files(app, [_case(name)])
        assert (again.added, again.updated, again.rejected) == (0, 0, ())
    assert contents(app.store) == before


@ON_SQLITE
def test_rows_without_ids_keep_papers_with_one_common_title_apart(app, tmp_path):
    rows = [
        {"title": "Introduction", "authors": ["Ida Hale"], "date": "2001", "venue": "Ropes"},
        {"title": "Introduction", "authors": ["Ida Hale"], "date": "2005", "venue": "Piers"},
        {"title": "Introduction", "authors": ["Ida Hale"], "date": "2005", "venue": "Piers"},
    ]
    path = write_rows(tmp_path / "x.jsonl", rows)
    assert import_files(app, [path]).added == 2
    again = import_files(app, [path])
    assert (again.added, again.updated) == (0, 0)


@ON_SQLITE
def test_rows_that_another_row_with_their_id_replaces_are_named(app, tmp_path):
    rows = [
        {"title": "On ropes", "authors": ["Ida Hale", "Bo Berg"], "date": "2018"},
        {"title": "On ropes", "authors": ["Ida Hale"], "date": "2021"},
        {"title": "On ropes", "authors": ["Ida Hale"], "date": "2021"},
    ]
    report = import_files(app, [write_rows(tmp_path / "x.jsonl", rows)])
    assert (report.added, report.unchanged) == (1, 2)
    [notice] = report.notices
    assert "1 entry does not count" in notice
    assert notice.endswith("line 1")


def _atom(name):
    return read_arxiv_atom(_case(name).read_bytes()).records


def _crossref(name):
    return read_crossref_works(_case(name).read_bytes()).records


@ON_SQLITE
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_retitled_preprint_is_one_paper_in_any_order_of_its_providers(app, order):
    answers = [
        _atom("118.atom.xml"),
        _crossref("118.crossref.json"),
        read_semantic_scholar_page(_case("118.s2.json").read_bytes()).records,
    ]
    for place in order:
        imported = import_records(app, "test", answers[place], newly_added=True)
        assert not imported.rejected

    ((_, authors),) = _papers(app)
    assert authors == ("Ida Hale", "Bo Lund")


@pytest.mark.parametrize("turned", [False, True])
def test_a_preprint_and_its_print_with_initials_are_one_paper(app, turned):
    answers = [_atom("119.atom.xml"), _crossref("119.crossref.json")]
    for records in reversed(answers) if turned else answers:
        import_records(app, "test", records, newly_added=True)

    assert _papers(app) == [("Kelp as a clock of tides", ("Ida Hale", "Bo Lund"))]


@pytest.mark.parametrize("turned", [False, True])
def test_the_names_of_a_provider_that_has_them_in_full_win(app, turned):
    answers = [
        _crossref("189.crossref.json"),
        read_openalex_works(_case("189.openalex.json").read_bytes()).records,
    ]
    for records in reversed(answers) if turned else answers:
        import_records(app, "test", records, newly_added=True)

    assert _papers(app) == [("Kelp in spring", ("Xiaoming Li", "Bo Lund"))]


def _entry(number, title, authors, **fields):
    said = "".join(f", {name}={{{value}}}" for name, value in fields.items())
    return f"@article{{k{number}, title={{{title}}}, author={{{' and '.join(authors)}}}{said}}}\n"


ONE = [
    [("Nets of kelp", ["Bo Lund", "Eve Tamm"], {}), ("Nets of Kelp.", ["Lund, B.", "Tamm, E."], {})],
    [
        ("Nets of kelp", ["Bo Lund", "Eve Tamm", "Piet Moor"], {}),
        ("Nets of kelp", ["Eve Tamm", "Bo Lund", "Piet Moor"], {"doi": "10.9999/1"}),
    ],
    [
        (r"M{\'e}trique $\alpha$ of kelp", ["Bo Lund"], {}),
        ("Métrique α of kelp", ["B. Lund"], {"doi": "10.9999/1"}),
    ],
    [
        ("Kelp: A study of nets", ["Bo Lund"], {"doi": "10.9999/1"}),
        ("Kelp", ["Lund, B."], {}),
    ],
    [
        ("Nets of kelp", ["Bo Lund", "Eve Tamm"], {"year": "1965", "doi": "10.9999/1"}),
        ("Nets of kelp", ["Bo Lund", "Eve Tamm"], {"year": "2003", "eprint": "math/0303001"}),
    ],
    [
        ("Netze des Tangs und der Gezeiten", ["Bo Lund"], {"doi": "10.9999/1", "journal": "Meer"}),
        ("Nets of kelp and of tides", ["Bo Lund"], {"doi": "10.9999/1", "journal": "Meer"}),
    ],
    [
        ("Editorial", ["Bo Lund"], {"year": "2001", "journal": "Sea", "doi": "10.9999/1"}),
        ("Editorial", ["Lund, B."], {"year": "2001", "journal": "Sea"}),
    ],
]
TWO = [
    [
        ("Handbook of kelp", ["Bo Lund"], {"doi": "10.9999/b"}),
        ("Care of divers", ["Bo Lund"], {"doi": "10.9999/b", "booktitle": "Handbook of kelp"}),
    ],
    [
        ("Nets of kelp", ["Bo Lund"], {"doi": "10.9999/1"}),
        ("Erratum: Nets of kelp", ["Bo Lund"], {"doi": "10.9999/1"}),
    ],
    [
        ("Nets of kelp", ["Bo Lund"], {"doi": "10.9999/1"}),
        ("Reply to: Nets of kelp", ["Bo Lund"], {"doi": "10.9999/1"}),
    ],
    [("Short notices", ["Bo Lund"], {"year": "1999"}), ("Short notices", ["Bo Lund"], {"year": "2001"})],
    [
        ("Introduction", ["Bo Lund"], {"doi": "10.9999/b", "booktitle": "Kelp"}),
        ("Introduction", ["Eve Tamm"], {"doi": "10.9999/b", "booktitle": "Kelp"}),
    ],
    [
        ("Kelp. Part I", ["Bo Lund"], {"doi": "10.9999/1"}),
        ("Kelp. Part II", ["Bo Lund"], {"doi": "10.9999/1"}),
    ],
    [("Nets of kelp", ["Bo Lund"], {}), ("Nets of kelp", ["Eve Tamm"], {})],
]


@ON_SQLITE
@pytest.mark.parametrize("files", ["one file", "two files", "two imports"])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("entries", "expected"), [*((pair, 1) for pair in ONE), *((pair, 2) for pair in TWO)]
)
def test_two_entries_are_one_paper_or_two(app, tmp_path, entries, expected, turned, files):
    written = [_entry(number, title, names, **said) for number, (title, names, said) in enumerate(entries)]
    if turned:
        written.reverse()
    for number, content in enumerate(["".join(written)] if files == "one file" else written):
        (tmp_path / f"{number}.bib").write_text(content, encoding="utf-8")
    paths = sorted(tmp_path.glob("*.bib"))

    imports = [[path] for path in paths] if files == "two imports" else [paths]

    assert not any(import_files(app, some).rejected for some in imports)

    assert len(_papers(app)) == expected
    if expected == 1:
        assert all("." not in name for _, authors in _papers(app) for name in authors)
    again = import_files(app, paths)
    assert (again.added, again.updated, again.rejected) == (0, 0, ())


def test_files_that_number_their_papers_alike_lose_none(app, tmp_path):
    one = write_rows(tmp_path / "a.jsonl", [{"id": 1, "title": "Nets of kelp", "authors": ["Bo Lund"]}])
    other = write_rows(tmp_path / "b.jsonl", [{"id": 1, "title": "Ropes", "authors": ["Eve Tamm"]}])

    assert import_files(app, [one, other]).added == 2

    for paths in ([one], [other], [one, other]):
        again = import_files(app, paths)
        assert (again.added, again.updated, again.rejected) == (0, 0, ())


def test_files_that_number_their_papers_otherwise_join(app, tmp_path):
    rows = [
        {"id": "p1", "title": "Nets of kelp", "authors": ["Bo Lund", "Eve Tamm"]},
        {"id": "x9", "title": "Nets of Kelp", "authors": ["B. Lund", "E. Tamm"]},
    ]
    for number, row in enumerate(rows):
        import_files(app, [write_rows(tmp_path / f"{number}.jsonl", [row])])

    assert _papers(app) == [("Nets of kelp", ("Bo Lund", "Eve Tamm"))]


@ON_SQLITE
@pytest.mark.parametrize(
    ("key", "value", "other"),
    [
        ("arxiv_id", "2401.00001v2", "https://arxiv.org/abs/2401.00001"),
        ("pmid", 123456, "PMID: 123456"),
        ("openalex", "W2741809807", "https://openalex.org/W2741809807"),
        ("s2", "0123456789abcdef0123456789abcdef01234567", "0123456789ABCDEF0123456789abcdef01234567"),
    ],
)
def test_rows_join_by_the_ids_of_known_schemes(app, tmp_path, key, value, other):
    rows = [
        {"id": "p1", "title": "Nets of kelp", key: value},
        {"id": "x9", "title": "Netze", key: other},
    ]
    report = import_files(app, [write_rows(tmp_path / "a.jsonl", rows)])

    assert (report.added, report.rejected, report.notices) == (1, (), ())


def test_a_paper_of_an_older_database_is_found_by_its_old_key(app, tmp_path):
    title, lead = "Nets of kelp: a study", "Bo Lund"
    import_files(app, [write_rows(tmp_path / "a.jsonl", [{"id": "1", "title": title, "authors": [lead]}])])
    with app.store.writing() as session:
        old = {"value": title_key(title, lead), "new": TITLE, "old": OLDER_TITLE}
        update = "UPDATE paper_key SET scheme = :old, value = :value WHERE scheme = :new"
        session.connection().execute(text(update), old)

    entry = _entry(1, title, [lead], doi="10.9999/1")
    (tmp_path / "b.bib").write_text(entry, encoding="utf-8")
    assert import_files(app, [tmp_path / "b.bib"]).updated == 1

    assert {scheme for scheme, *_ in contents(app.store)["keys"]} == {TITLE, "doi"}


STEMS = ["Nets of kelp", "Nets of {Kelp}", "Nets of kelp: a study", "Nets of kelp: the sea", "Editorial"]
LISTS = [["Bo Lund"], ["B. Lund"], ["Bea Lund"], ["Bo Lund", "Eve Tamm"], ["E. Tamm", "B. Lund", "Ida Hale"]]


def _library(chance, place):
    """Records of one paper or several, in words and ids that no other place has."""
    dois = [f"10.9999/{place}{letter}" for letter in "ab"]
    keys = [*dois, *(f"{place}{number}" for number in range(chance.randint(1, 5)))]
    return [
        PaperRecord(
            source="crossref" if key in dois else chance.choice(["bibtex", "ris"]),
            source_id=f"{place} {key}",
            source_key=f"{place} {key.replace(place, '')}",
            title=f"{place} {chance.choice(STEMS)}",
            authors=tuple(Mention(name=name) for name in chance.choice(LISTS)),
            doi=key if key in dois else chance.choice([None, None, *dois]),
            published=chance.choice([None, "2001", "2002"]),
            venue=chance.choice([None, "Sea", "Sea 2"]),
        )
        for key in keys
    ]


def _grouped(app, place):
    """Which records of a place are one paper, and its authors."""
    with app.store.reading() as session:
        statement = (
            "SELECT s.source_key, s.paper_id, p.authors FROM paper_source s JOIN paper p ON p.id = s.paper_id"
        )
        rows = session.connection().execute(text(statement)).all()
    papers = defaultdict(set)
    for key, paper_id, authors in rows:
        at, _, number = key.partition(" ")
        if at == place:
            papers[paper_id, str(authors)].add(number)
    return {(frozenset(numbers), authors) for (_, authors), numbers in papers.items()}


@ON_SQLITE
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_reading_never_changes_the_papers_and_their_names(app, seed):
    for number in range(seed * 12, seed * 12 + 12):
        kinds = ("alone", "reversed", "together")
        for kind in kinds:
            chance = random.Random(number)
            records = _library(chance, f"{kind[0]}{number}")
            if kind == "reversed":
                records.reverse()
            for some in [records] if kind == "together" else [[one] for one in records]:
                import_records(app, "test", some, newly_added=True)
        found = [_grouped(app, f"{kind[0]}{number}") for kind in kinds]
        assert found[0] == found[1] == found[2], number
