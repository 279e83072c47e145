"""JSON lines that cannot be: refused with line and reason, whatever they hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.corpus.files import PaperRead, RowRefused, read_file
from bot.corpus.formats.opening import MAX_LINE_BYTES
from tests.corpus.conftest import TODAY, ReadRows, the_paper


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b'{"id": 1}', '"title" is missing'),
        (b'{"title": ""}', '"title" is empty'),
        (b'{"title": " \\n"}', '"title" is empty'),
        (b'{"title": null}', '"title" must be a text, not null'),
        (b'{"title": 5}', '"title" must be a text, not 5'),
        (b'{"title": "T", "id": true}', '"id" must be a text or a whole number, not true or false'),
        (b'{"title": "T", "authors": ["A", 3]}', '"authors", entry 2 must be a text, not 3'),
        (b'{"title": "T", "has_code": "yes"}', '"has_code" must be true or false, not a text'),
        (b'{"title": "T", "citations": 1.5}', '"citations" must be a whole number, not 1.5'),
        (b'{"title": "T", "citations": -1}', '"citations" cannot be -1'),
        (b'{"title": "T", "citations": 3000000000}', '"citations" cannot be 3000000000'),
        (b'{"title": "T", "score": "high"}', '"score" must be a number, not a text'),
        (b'{"title": "T", "abstract": {}}', '"abstract" must be a text, not an object'),
        (b'{"id": 1, "authors": 2}', '"title" is missing; "authors" must be a list, not 2'),
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
    read_rows: ReadRows, row: bytes, reason: str
) -> None:
    items = read_rows(b'{"title": "Before"}', b"", row, b'{"title": "After"}')
    (refused,) = [item for item in items if isinstance(item, RowRefused)]
    assert refused.line == 3
    assert reason in refused.reason
    assert [item.line for item in items if isinstance(item, PaperRead)] == [1, 4]


def test_a_nul_that_is_only_spelled_out_or_not_used_is_no_nul(read_rows: ReadRows) -> None:
    assert (
        the_paper(read_rows(b'{"title": "the escape \\\\u0000", "comment": "\\u0000"}')).title
        == "the escape \\u0000"
    )


def test_a_line_longer_than_any_paper_is_refused_and_skipped(read_rows: ReadRows) -> None:
    items = read_rows(b'{"title": "' + b"x" * MAX_LINE_BYTES + b'"}', b'{"title": "After"}')
    assert items[0] == RowRefused(1, "the line is longer than 16 MiB")
    assert the_paper(items).title == "After"
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
