"""JSON lines: what a row may say, and what happens to rows that say something else."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.corpus.opening import MAX_LINE_BYTES
from bot.corpus.reading import Item, PaperRead, Remark, RowRefused, read_file
from bot.corpus.record import PaperRecord
from tests.conftest import shared_path

TODAY = dt.date(2026, 7, 20)

ReadRows = Callable[..., list[Item]]


@pytest.fixture
def read(tmp_path: Path) -> ReadRows:
    def read(*rows: bytes | dict[str, Any], source_name: str | None = None) -> list[Item]:
        path = tmp_path / "papers.jsonl"
        path.write_bytes(
            b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows) + b"\n"
        )
        return list(read_file(path, as_of=None, today=TODAY, source_name=source_name))

    return read


def paper(items: list[Item]) -> PaperRecord:
    (found,) = [item.record for item in items if isinstance(item, PaperRead)]
    return found


def remarks(items: list[Item]) -> list[str]:
    return [item.text for item in items if isinstance(item, Remark)]


def test_a_row_gives_everything_that_it_says(read: ReadRows) -> None:
    items = read(
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
    found = paper(items)
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


def test_only_a_title_is_required(read: ReadRows) -> None:
    found = paper(read({"title": "Alone", "id": None, "authors": None, "url": "", "doi": ""}))
    assert found.authors == ()
    assert found.source_key == found.source_id
    assert found.source_key == paper(read({"title": "alone!"})).source_key
    assert found.source_key != paper(read({"title": "Alone", "authors": ["Pan Pan"]})).source_key
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
def test_an_arxiv_id_is_one_whatever_its_version(read: ReadRows, row: dict[str, Any]) -> None:
    found = paper(read({"title": "A Title", **row}, source_name="mine"))
    assert (found.source, found.source_key, found.arxiv_id) == ("arxiv", "2110.13363", "2110.13363")
    assert found.source_id == row["id"]


def test_an_id_that_only_looks_like_one_of_arxiv_stays_the_files_own(read: ReadRows) -> None:
    found = paper(read({"title": "A Title", "id": "2110.13363", "url": "https://example.org/2110.13363"}))
    assert (found.source, found.arxiv_id) == ("json lines", None)


@pytest.mark.parametrize(
    "row", [{"url": "https://arxiv.org/pdf/2110.13363v2"}, {"doi": "10.48550/arXiv.2110.13363"}]
)
def test_an_arxiv_address_or_doi_is_a_key_of_any_source(read: ReadRows, row: dict[str, Any]) -> None:
    found = paper(read({"title": "A Title", "id": "W17", **row}))
    assert (found.source, found.source_key, found.arxiv_id) == ("json lines", "W17", "2110.13363")


def test_a_file_may_have_an_id_space_of_its_own(read: ReadRows) -> None:
    found = paper(
        read({"title": "T", "id": 17, "authors": ["A B"], "author_ids": ["9"]}, source_name="reading list")
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
    read: ReadRows, written: str | dict[str, str], scheme: str, value: str
) -> None:
    (author,) = paper(read({"title": "T", "authors": ["A B"], "author_ids": [written]})).authors
    assert [(i.scheme, i.value) for i in author.identifiers] == [(scheme, value)]


def test_a_list_that_ends_in_et_al_is_cut(read: ReadRows) -> None:
    found = paper(read({"title": "T", "authors": ["A B", "C D", "et al."], "author_ids": ["1", "2"]}))
    assert [author.name for author in found.authors] == ["A B", "C D"]
    assert found.authors_truncated


def test_empty_names_are_left_out_and_said_and_a_person_named_twice_is_kept(read: ReadRows) -> None:
    items = read(
        {"title": "T", "authors": ["The Team", ":", "", "A B", "A B"], "author_ids": ["1", "", "", "4", "5"]}
    )
    found = paper(items)
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
    read: ReadRows, key: str, address: str, said: str
) -> None:
    items = read({"title": "T", key: address})
    assert getattr(paper(items), key) is None
    assert remarks(items) == [f'"{key}" {said}, so it is left out']


def test_addresses_of_512_characters_and_of_other_scripts_are_kept(read: ReadRows) -> None:
    longest = "https://example.org/" + "x" * 492
    assert paper(read({"title": "T", "url": longest})).url == longest
    assert paper(read({"title": "T", "url": "https://例え.jp/é@x"})).url == "https://例え.jp/é@x"


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
    read: ReadRows, abstract: str, code_url: str | None
) -> None:
    found = paper(read({"title": "T", "abstract": abstract}))
    assert found.code_url == code_url
    assert found.has_code == (code_url is not None)


def test_what_the_source_says_of_code_is_kept(read: ReadRows) -> None:
    row = {"title": "T", "abstract": "See https://github.com/a/b.", "has_code": False}
    assert paper(read(row)).has_code is False
    assert paper(read({"title": "T", "has_code": True})).has_code is True
    assert paper(read({**row, "code_url": "https://example.org/c"})).code_url == "https://example.org/c"


def test_what_is_no_doi_or_category_is_left_out_and_said(read: ReadRows) -> None:
    items = read({"title": "T", "doi": "n/a", "categories": ["quant-ph", "", "x" * 65]})
    assert (paper(items).doi, paper(items).categories, paper(items).field) == (
        None,
        ("quant-ph",),
        "quant-ph",
    )
    assert remarks(items) == [
        "\"doi\" is no DOI and is left out: 'n/a'",
        '"categories" has an entry of more than 64 characters; it is left out',
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b'{"id": 1}', '"title" is missing'),
        (b'{"title": ""}', '"title" is empty'),
        (b'{"title": " \\n"}', '"title" is empty'),
        (b'{"title": null}', '"title" must be a text, not null'),
        (b'{"title": 5}', '"title" must be a text, not 5'),
        (b'{"title": "T", "id": true}', '"id" must be a text or a whole number, not true or false'),
        (b'{"title": "T", "authors": "A B"}', '"authors" must be a list, not a text'),
        (b'{"title": "T", "authors": ["A", 3]}', '"authors", entry 2 must be a text, not 3'),
        (b'{"title": "T", "has_code": "yes"}', '"has_code" must be true or false, not a text'),
        (b'{"title": "T", "citations": 1.5}', '"citations" must be a whole number, not 1.5'),
        (b'{"title": "T", "citations": -1}', '"citations" cannot be -1'),
        (b'{"title": "T", "citations": 3000000000}', '"citations" cannot be 3000000000'),
        (b'{"title": "T", "score": "high"}', '"score" must be a number, not a text'),
        (b'{"title": "T", "abstract": {}}', '"abstract" must be a text, not an object'),
        (b'{"id": 1, "authors": 2}', '"title" is missing; "authors" must be a list, not 2'),
        (b'{"title": "T", "date": "2021-02-30"}', "\"date\" cannot be '2021-02-30'"),
        (b'{"title": "T", "date": "2021-13"}', "\"date\" cannot be '2021-13'"),
        (b'{"title": "T", "date": "0000"}', "\"date\" cannot be '0000'"),
        (b'{"title": "T", "date": "2_21"}', "\"date\" cannot be '2_21'"),
        (b'{"title": "T", "date": "May 2021"}', "\"date\" cannot be 'May 2021'"),
        (b'{"title": "T", "authors": ["A"], "author_ids": ["1", "2"]}', '"author_ids" has 2 entries'),
        (
            b'{"title": "T", "authors": ["A"], "author_ids": [4]}',
            '"author_ids", entry 1 must be a text, null',
        ),
        (
            b'{"title": "T", "authors": ["A"], "author_ids": [{"scheme": "x"}]}',
            "entry 1 must be a text, null",
        ),
        (b'{"title": "T", "authors": ["' + b"x" * 601 + b'"]}', "a name of 601 characters"),
        (b'{"title": "T", "id": "' + b"x" * 501 + b'"}', '"id" has 501 characters'),
        (b'{"title": "T", "score": NaN}', "NaN, which is no number in JSON"),
        (b'{"title": "T", "score": -Infinity}', "-Infinity, which is no number in JSON"),
        (b'{"title": "T", "score": 1e999}', "not JSON"),
        (b'{"title": "a\x00b"}', "NUL bytes"),
        (b'{"title": "a\\u0000b"}', '"title" has a NUL character'),
        (b'{"title": "T", "authors": ["A\\u0000"]}', '"authors" has a NUL character'),
        (b'{"title": "T", "authors": ["A"], "author_ids": [{"scheme": "x", "value": "\\u0000"}]}', "NUL"),
        (b'{"title": "a\\ud800b"}', "half of a surrogate pair"),
        (b'{"title": "\\udc00"}', "half of a surrogate pair"),
        (b'{"title": "caf\xe9"}', "not UTF-8: byte 0xe9 at place 15"),
        (b'{"title": "T", "x": ' + b"[" * 5000 + b"]" * 5000 + b"}", "nested too deeply"),
        (b'{"title": "T", "x": ' + b'{"a":' * 5000, "nested too deeply"),
        (b'{"title": "T"', "ends in the middle"),
        (b'{"title": "T', "ends in the middle"),
        (b"[1]", "not an object"),
        (b"17", "not an object"),
        (b'{"title": "T"} {"title": "U"}', "not JSON"),
        (b"title: T", "not JSON"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_with_line_and_reason(
    read: ReadRows, row: bytes, reason: str
) -> None:
    items = read(b'{"title": "Before"}', b"", row, b'{"title": "After"}')
    (refused,) = [item for item in items if isinstance(item, RowRefused)]
    assert refused.line == 3
    assert reason in refused.reason
    assert [item.line for item in items if isinstance(item, PaperRead)] == [1, 4]


def test_a_nul_that_is_only_spelled_out_or_not_used_is_no_nul(read: ReadRows) -> None:
    assert (
        paper(read(b'{"title": "the escape \\\\u0000", "comment": "\\u0000"}')).title == "the escape \\u0000"
    )


def test_a_line_longer_than_any_paper_is_refused_and_skipped(read: ReadRows) -> None:
    items = read(b'{"title": "' + b"x" * MAX_LINE_BYTES + b'"}', b'{"title": "After"}')
    assert items[0] == RowRefused(1, "the line is longer than 16 MiB")
    assert paper(items).title == "After"
    assert [item.line for item in items] == [1, 2]


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "title",
                "id",
                "authors",
                "author_ids",
                "date",
                "categories",
                "abstract",
                "url",
                "code_url",
                "has_code",
                "venue",
                "citations",
                "score",
                "doi",
                "else",
            ]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
            ),
            max_leaves=4,
        ),
    )
)
def test_no_row_whatsoever_breaks_the_reading(
    tmp_path_factory: pytest.TempPathFactory, row: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("rows") / "row.jsonl"
    path.write_text(json.dumps({"title": "T", **row}), encoding="utf-8")
    kinds = [type(item) for item in read_file(path, as_of=None, today=TODAY)]
    assert (PaperRead in kinds) != (RowRefused in kinds)


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
