"""JSON lines: what a row may say, and what happens to rows that say something else."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from bot.corpus.files import Item, PaperRead, Remark, read_file
from tests.conftest import shared_path
from tests.corpus.conftest import TODAY, ReadRows, the_paper


def remarks(items: list[Item]) -> list[str]:
    return [item.text for item in items if isinstance(item, Remark)]


def test_a_row_gives_everything_that_it_says(read_rows: ReadRows) -> None:
    items = read_rows(
        {
            "id": "p1",
            "title": "  A   Title ",
            "authors": ["Pan  Pan", "Wei Li"],
            "author_ids": ["~Pan_Pan1", None],
            "date": "2025-03",
            "categories": ["cs.CV", "cs.LG"],
            "abstract": " An abstract. ",
            "url": "https://example.org/p1",
            "has_code": False,
            "code_url": "https://example.org/code",
            "venue": "ICML",
            "citations": 7,
            "score": 75.3,
            "doi": "https://doi.org/10.1145/ABC",
            "year": "unknown keys are left alone",
        }
    )
    found = the_paper(items)
    assert (found.source, found.source_id, found.source_key) == ("json lines", "p1", "p1")
    assert found.title == "A Title"
    assert [author.name for author in found.authors] == ["Pan Pan", "Wei Li"]
    assert [(i.scheme, i.value) for i in found.authors[0].identifiers] == [("openreview", "~Pan_Pan1")]
    assert found.authors[1].identifiers == ()
    assert (found.published, found.published_inferred) == ("2025-03", False)
    assert (found.field, found.categories) == ("CV", ("cs.CV", "cs.LG"))
    assert found.abstract == "An abstract."
    assert (found.url, found.code_url) == ("https://example.org/p1", "https://example.org/code")
    assert found.has_code is False
    assert (found.venue, found.citations, found.score) == ("ICML", 7, 75.3)
    assert (found.doi, found.arxiv_id) == ("10.1145/abc", None)
    assert remarks(items) == []


def test_only_a_title_is_required(read_rows: ReadRows) -> None:
    found = the_paper(read_rows({"title": "Alone", "id": None, "authors": None, "url": "", "doi": ""}))
    assert found.authors == ()
    assert found.source_key == found.source_id
    assert found.source_key == the_paper(read_rows({"title": "alone!"})).source_key
    assert found.source_key != the_paper(read_rows({"title": "Alone", "authors": ["Pan Pan"]})).source_key
    assert (found.published, found.field, found.citations, found.score, found.has_code) == (
        None,
        None,
        None,
        None,
        False,
    )


@pytest.mark.parametrize(
    "row",
    [
        {"id": "2110.13363v2"},
        {"id": "2110.13363v2", "url": "https://arxiv.org/abs/2110.13363"},
        {"id": "2110.13363v2", "venue": "arXiv", "url": "https://example.org"},
        {"id": "arXiv:2110.13363", "url": "https://example.org"},
        {"id": "https://arxiv.org/abs/2110.13363v1"},
    ],
)
def test_an_arxiv_id_is_one_whatever_its_version(read_rows: ReadRows, row: dict[str, Any]) -> None:
    found = the_paper(read_rows({"title": "A Title", **row}, source_name="mine"))
    assert (found.source, found.source_key, found.arxiv_id) == ("arxiv", "2110.13363", "2110.13363")
    assert found.source_id == row["id"]


def test_an_id_that_only_looks_like_one_of_arxiv_stays_the_files_own(read_rows: ReadRows) -> None:
    found = the_paper(
        read_rows({"title": "A Title", "id": "2110.13363", "url": "https://example.org/2110.13363"})
    )
    assert (found.source, found.arxiv_id) == ("json lines", None)


@pytest.mark.parametrize(
    "row", [{"url": "https://arxiv.org/pdf/2110.13363v2"}, {"doi": "10.48550/arXiv.2110.13363"}]
)
def test_an_arxiv_address_or_doi_is_a_key_of_any_source(read_rows: ReadRows, row: dict[str, Any]) -> None:
    found = the_paper(read_rows({"title": "A Title", "id": "W17", **row}))
    assert (found.source, found.source_key, found.arxiv_id) == ("json lines", "W17", "2110.13363")


def test_a_file_may_have_an_id_space_of_its_own(read_rows: ReadRows) -> None:
    found = the_paper(
        read_rows(
            {"title": "T", "id": 17, "authors": ["A B"], "author_ids": ["9"]}, source_name="reading list"
        )
    )
    assert (found.source, found.source_key) == ("reading list", "17")
    assert [(i.scheme, i.value) for i in found.authors[0].identifiers] == [("reading list", "9")]


@pytest.mark.parametrize(
    ("written", "scheme", "value"),
    [
        ("0000-0002-1825-009x", "orcid", "0000-0002-1825-009X"),
        ("https://orcid.org/0000-0002-1825-0097", "orcid", "0000-0002-1825-0097"),
        ("ORCID:0000-0002-1825-0097", "orcid", "0000-0002-1825-0097"),
        (
            {"scheme": "ORCID", "value": "https://orcid.org/0000-0002-1825-0097"},
            "orcid",
            "0000-0002-1825-0097",
        ),
        ("~Pan_Pan1", "openreview", "~Pan_Pan1"),
        ("https://openreview.net/profile?id=~Pan_Pan1", "openreview", "~Pan_Pan1"),
        ("A5023888391", "openalex", "A5023888391"),
        ("https://openalex.org/a5023888391", "openalex", "A5023888391"),
        ({"scheme": "openalex", "value": "A5023888391"}, "openalex", "A5023888391"),
        ("S2:1741101", "s2", "1741101"),
        ({"scheme": "DBLP", "value": "12/3456"}, "dblp", "12/3456"),
        ("17", "json lines", "17"),
        ("https://example.org/people/17", "json lines", "https://example.org/people/17"),
    ],
)
def test_the_scheme_of_a_persons_id_is_recognised(
    read_rows: ReadRows, written: str | dict[str, str], scheme: str, value: str
) -> None:
    (author,) = the_paper(read_rows({"title": "T", "authors": ["A B"], "author_ids": [written]})).authors
    assert [(i.scheme, i.value) for i in author.identifiers] == [(scheme, value)]


def test_a_list_that_ends_in_et_al_is_cut(read_rows: ReadRows) -> None:
    found = the_paper(
        read_rows({"title": "T", "authors": ["A B", "C D", "et al."], "author_ids": ["1", "2"]})
    )
    assert [author.name for author in found.authors] == ["A B", "C D"]
    assert found.authors_truncated


def test_empty_names_are_left_out_and_said_and_a_person_named_twice_is_kept(read_rows: ReadRows) -> None:
    items = read_rows(
        {"title": "T", "authors": ["The Team", ":", "", "A B", "A B"], "author_ids": ["1", "", "", "4", "5"]}
    )
    found = the_paper(items)
    assert [author.name for author in found.authors] == ["The Team", "A B", "A B"]
    assert [author.identifiers[0].value for author in found.authors] == ["1", "4", "5"]
    assert remarks(items) == ['"authors", entry 3 is empty and is left out']


@pytest.mark.parametrize(
    ("key", "address", "said"),
    [
        ("url", "ftp://example.org/x", "is not http(s)"),
        ("url", "javascript:alert(1)", "is not http(s)"),
        ("url", "https://", "is not http(s)"),
        ("url", "https://[broken", "is no address"),
        ("url", "https://example.org/" + "x" * 500, "has 520 characters, more than 512"),
        ("code_url", "https://me:secret@example.org/", "has a user name in it"),
        ("code_url", "https://example.org/a b", "has spaces or control characters"),
        ("code_url", "https://example.org/\u202ea", "has spaces or control characters"),
    ],
)
def test_an_address_that_may_not_become_a_link_is_dropped_and_said(
    read_rows: ReadRows, key: str, address: str, said: str
) -> None:
    items = read_rows({"title": "T", key: address})
    assert getattr(the_paper(items), key) is None
    assert remarks(items) == [f'"{key}" {said}, so it is left out']


def test_addresses_of_512_characters_and_of_other_scripts_are_kept(read_rows: ReadRows) -> None:
    longest = "https://example.org/" + "x" * 492
    assert the_paper(read_rows({"title": "T", "url": longest})).url == longest
    assert the_paper(read_rows({"title": "T", "url": "https://例え.jp/é@x"})).url == "https://例え.jp/é@x"


@pytest.mark.parametrize(
    ("abstract", "code_url"),
    [
        ("Code: https://github.com/a/b.", "https://github.com/a/b"),
        ("(see https://gitlab.com/a/b/tree/main).", "https://gitlab.com/a/b/tree/main"),
        ("at \\url{https://github.com/a/b_c}.", "https://github.com/a/b_c"),
        ("at https://github.com/a/b\\_c, and", "https://github.com/a/b_c"),
        ("at github.com/a/b;", "https://github.com/a/b"),
        ("[code](https://github.com/a/b)", "https://github.com/a/b"),
        ("HTTPS://GitHub.com/A/B!", "HTTPS://GitHub.com/A/B"),
        ("https://github.com/ is a site", None),
        ("https://github.com/someone", None),
        ("https://example.org/a/b", None),
        ("https://notgithub.com/a/b", None),
        ("https://a.github.io/b/", None),
        ("mail me@github.com/a/b", None),
        ("", None),
    ],
)
def test_a_code_address_in_the_abstract_becomes_the_code_link(
    read_rows: ReadRows, abstract: str, code_url: str | None
) -> None:
    found = the_paper(read_rows({"title": "T", "abstract": abstract}))
    assert found.code_url == code_url
    assert found.has_code == (code_url is not None)


def test_what_the_source_says_of_code_is_kept(read_rows: ReadRows) -> None:
    row = {"title": "T", "abstract": "See https://github.com/a/b.", "has_code": False}
    assert the_paper(read_rows(row)).has_code is False
    assert the_paper(read_rows({"title": "T", "has_code": True})).has_code is True
    assert (
        the_paper(read_rows({**row, "code_url": "https://example.org/c"})).code_url == "https://example.org/c"
    )


@pytest.mark.parametrize(
    ("row", "authors", "date"),
    [
        ({"authors": "Hale I, Moor PJ.", "Year": "2020"}, ["I. Hale", "P. J. Moor"], "2020"),
        ({"Authors": "Hale I.; Moor P.", "year": 2020.0}, ["I. Hale", "P. Moor"], "2020"),
        (
            {"authors": ["Hale I", "Moor PJ"], "pub_date": "2020 May 12"},
            ["I. Hale", "P. J. Moor"],
            "2020-05-12",
        ),
        (
            {"creators": [{"firstName": "Ida", "lastName": "Hale"}], "date": 1589241600},
            ["Ida Hale"],
            "2020-05-12",
        ),
        (
            {
                "authors": [
                    {"given_name": "Ida", "family_name": "Hale"},
                    {"author": {"display_name": "Bo Lund"}},
                ]
            },
            ["Ida Hale", "Bo Lund"],
            None,
        ),
        (
            {
                "authors": [
                    None,
                    {"name": {"first": "Ida", "last": "Hale"}},
                    {"family": "Lund", "given": ["Bo", "J."]},
                ]
            },
            ["Ida Hale", "Bo J. Lund"],
            None,
        ),
        ({"dc:creator": "Hale I.", "prism:coverDate": "2020-05-12"}, ["I. Hale"], "2020-05-12"),
        ({"authors": {"1": "Ida Hale"}, "date": {"year": 2020, "month": 5}}, ["Ida Hale"], "2020-05"),
        (
            {"authorString": "Hale I, Moor PJ.", "firstPublicationDate": "", "pubYear": "2020"},
            ["I. Hale", "P. J. Moor"],
            "2020",
        ),
        (
            {
                "submitter": "Ida Hale",
                "authors": "B. Bal\\'azs, E. L. Berger and Bo Lund (Pier Institute, Oslo)",
                "id": "0704.0001",
                "update_date": "2008-11-26",
            },
            ["B. Balázs", "E. L. Berger", "Bo Lund"],
            "2008-11-26",
        ),
    ],
)
def test_rows_of_others_are_read_as_they_write_them(
    read_rows: ReadRows, row: dict[str, Any], authors: list[str], date: str | None
) -> None:
    found = the_paper(read_rows({"title": "T"} | row))
    assert ([one.name for one in found.authors], found.published) == (authors, date)


@pytest.mark.parametrize(
    ("row", "doi", "arxiv_id"),
    [
        (
            {"authors": ["Ida Hale"], "externalIds": {"DOI": "10.9999/J", "ArXiv": "2101.00019"}},
            "10.9999/j",
            "2101.00019",
        ),
        ({"DOI": "n/a", "arXiv_id": "2101.00018v2"}, None, "2101.00018"),
    ],
)
def test_ids_of_rows_of_others_are_read(
    read_rows: ReadRows, row: dict[str, Any], doi: str | None, arxiv_id: str | None
) -> None:
    items = read_rows({"title": "T"} | row)
    assert (the_paper(items).doi, the_paper(items).arxiv_id) == (doi, arxiv_id)
    assert not any("is no DOI" in text for text in remarks(items))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"citations": "1,234", "score": "n/a"}, {"citations": 1234, "score": None}),
        ({"citations": 12.0}, {"citations": 12}),
        ({"categories": ["cs.CL cs.LG"]}, {"categories": ("cs.CL", "cs.LG")}),
        ({"categories": [{"term": "cs.CL"}]}, {"categories": ("cs.CL",)}),
        ({"categories": ["Machine learning"]}, {"categories": ("Machine learning",)}),
        ({"venue": {"raw": "Tides"}, "page_start": "1", "page_end": "5"}, {"venue": "Tides", "pages": "1-5"}),
    ],
)
def test_values_of_rows_of_others(read_rows: ReadRows, row: dict[str, Any], found: dict[str, Any]) -> None:
    paper = the_paper(read_rows({"title": "T"} | row))
    assert {key: getattr(paper, key) for key in found} == found


def test_a_list_of_authors_that_is_not_certain_is_said(read_rows: ReadRows) -> None:
    items = read_rows({"title": "T", "authors": "Ida Hale, Piet Moor"})
    assert any("may be two authors" in text for text in remarks(items))


@pytest.mark.parametrize(
    ("flag", "is_retracted"), [(True, True), ("true", True), (1, True), ("no", False), (0, False)]
)
def test_a_flag_may_be_a_word_or_a_number(read_rows: ReadRows, flag: object, is_retracted: bool) -> None:
    found = the_paper(read_rows({"title": "T", "is_retracted": flag}))
    assert bool(found.notices) is is_retracted
    assert bool(found.denied) is not is_retracted


def test_what_is_no_doi_or_category_is_left_out_and_said(read_rows: ReadRows) -> None:
    items = read_rows({"title": "T", "doi": "see paper", "categories": ["quant-ph", "", "x" * 65]})
    assert (the_paper(items).doi, the_paper(items).categories, the_paper(items).field) == (
        None,
        ("quant-ph",),
        "quant-ph",
    )
    assert remarks(items) == [
        "\"doi\" is no DOI and is left out: 'see paper'",
        '"categories" has an entry of more than 64 characters; it is left out',
    ]


@pytest.mark.parametrize(
    ("row", "remark"),
    [
        ({"date": "2023-02-29"}, "1 date of which only a part was understood (line 1: 2023-02-29 → 2023-02)"),
        ({"date": "03/04/2020"}, "1 date of which only a part was understood (line 1: 03/04/2020 → 2020)"),
        ({"date": "Spring 2020"}, "1 date of which only a part was understood (line 1: Spring 2020 → 2020)"),
        ({"date": "soon"}, "1 date not understood (line 1: soon)"),
        ({"pages": "in press"}, "1 page range not understood (line 1: in press)"),
        (
            {"id": "W12345", "authorships": [], "publication_date": "2020-02-30", "doi": "none yet"},
            "1 date of which only a part was understood (line 1: 2020-02-30 → 2020-02)",
        ),
        (
            {"paperId": "a1", "externalIds": {"DOI": "soon"}, "year": 2020},
            "1 DOI not understood (line 1: soon)",
        ),
    ],
)
def test_what_a_known_key_held_and_could_not_be_kept_is_counted(
    read_rows: ReadRows, row: dict[str, object], remark: str
) -> None:
    assert remark in remarks(read_rows({"title": "T"} | row))


def test_numbers_as_texts_and_dates_in_parts_are_read(read_rows: ReadRows) -> None:
    row = {"title": "T", "citations": "12", "score": "4.5", "year": "2020", "month": 5, "day": 7, "pages": 12}
    paper = the_paper(read_rows(row))
    assert (paper.citations, paper.score, paper.published, paper.pages) == (12, 4.5, "2020-05-07", "12")


def test_real_papers_are_read_whole() -> None:
    path = shared_path("corpus/arxiv-2025-2026.jsonl.xz")
    items = list(islice(read_file(path, as_of=None, today=TODAY), 2000))
    found = [item.record for item in items if isinstance(item, PaperRead)]
    assert len(found) == len(items) == 2000
    assert len({(record.source, record.source_key) for record in found}) == 2000
    assert {record.source for record in found} == {"arxiv"}
    assert all(record.arxiv_id == record.source_key == record.source_id for record in found)
    assert all(record.authors and record.field and record.abstract for record in found)
    assert all(record.published is not None and len(record.published) == 7 for record in found)
    assert all(record.url == f"https://arxiv.org/abs/{record.source_id}" for record in found)
    assert any(record.code_url for record in found)


def test_latex_in_names_is_read_and_what_is_no_identifier_is_said(read_rows: ReadRows) -> None:
    ids = [
        "N/A",
        {"scheme": "orcid", "value": "not given"},
        {"scheme": "orcid", "value": "0000-0002-1825-0097"},
    ]
    names = ['G{\\"o}ran {\\AA}kesson', "Fran\\c{c}ois L\\'ev\\^eque", "Ada {Ahn}"]
    items = read_rows({"id": "p1", "title": "A title", "authors": names, "author_ids": ids})
    found = the_paper(items)
    assert [author.name for author in found.authors] == ["Göran Åkesson", "François Lévêque", "Ada {Ahn}"]
    assert [len(author.identifiers) for author in found.authors] == [0, 0, 1]
    said = remarks(items)
    assert len(said) == 2
    assert '"author_ids", entry 1 is no identifier and is left out' in said[0]
