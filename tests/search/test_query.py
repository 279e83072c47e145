from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.search.query import MOST_CLAUSES, ParsedQuery, parse_query

CODES = ("CV", "LG")


def words(query: ParsedQuery) -> list[list[tuple[str, ...]]]:
    return [[term.words for term in clause.terms] for clause in query.clauses]


@pytest.mark.parametrize(
    ("typed", "clauses"),
    [
        ("decentralized training", [[("decentralized",)], [("training",)]]),
        ('"neural networks"', [[("neural", "networks")]]),
        ("“neural networks”", [[("neural", "networks")]]),
        ("large-scale GPT-4", [[("large", "scale")], [("gpt", "4")]]),
        ("graph OR tree OR forest net", [[("graph",), ("tree",), ("forest",)], [("net",)]]),
        ("graph | tree", [[("graph",), ("tree",)]]),
        ("OR graph OR", [[("graph",)]]),
        ('"stray', [[("stray",)]]),
        ('a "" b', [[("a",)], [("b",)]]),
        ("foo:bar", [[("foo",)], [("bar",)]]),
        (
            "field:ZZ year:soon score:high",
            [[("field",)], [("zz",)], [("year",)], [("soon",)], [("score",)], [("high",)]],
        ),
        ("graph,tree", [[("graph",)], [("tree",)]]),
        ("don't", [[("don", "t")]]),
        ("ＧＲＡＰＨ ﬁne", [[("graph",)], [("fine",)]]),
        ("-", []),
        ("", []),
    ],
)
def test_words_are_read(typed: str, clauses: list[list[tuple[str, ...]]]):
    assert words(parse_query(typed, CODES)) == clauses


@pytest.mark.parametrize(
    ("typed", "reading"),
    [
        ("decentralized field:lg year:2021..", "decentralized · field LG · 2021 or later"),
        ('author:"Pan Pan" graphs', "graphs · author Pan Pan"),
        ("author:“Pan Pan”", "author Pan Pan"),
        ("field:cs.LG", "field LG"),
        ("year:2021", "2021"),
        ("year:2021..2023", "2021 to 2023"),
        ("year:2021-2023", "2021 to 2023"),
        ("year:..2023", "until 2023"),
        ("year:>2020", "2021 or later"),
        ("year:<2020-03", "until 2020-02"),
        ("year:>=2020-03-31", "2020-03-31 or later"),
        ("since:2021-05 until:2022", "2021-05 or later · until 2022"),
        ("has:code", "with code"),
        ("-has:code -field:CV", "without code · not field CV"),
        ("score:>70", "score above 70"),
        ("score:<=70.5", "score at most 70.5"),
        ("score:70..80", "score 70 to 80"),
        ('a -b -"c d"', 'a · without b · without "c d"'),
        ("a OR b", "a or b"),
        ("pan pan", "pan pan"),
        ("paper:26", "paper 26"),
    ],
)
def test_how_it_was_read_is_said(typed: str, reading: str):
    assert parse_query(typed, CODES).reading == reading


@pytest.mark.parametrize(
    "typed",
    [
        "year:2021..x",
        "year:0000",
        "year:2021-13",
        "year:>9999",
        "year:<0001",
        "year:<0001-01",
        "date:>9999-12",
        "date:>9999-12-31",
        "date:<0001-01-01",
        "score:nan",
        "score:1e9",
        "has:cats",
    ],
)
def test_what_is_no_filter_is_text(typed: str):
    query = parse_query(typed, CODES)
    assert query.filters == ()
    assert query.clauses


def test_a_very_long_query_is_bounded():
    assert len(parse_query("word " * 5_000).clauses) <= MOST_CLAUSES
    assert len(parse_query('"' + "word " * 5_000 + '"').clauses) <= MOST_CLAUSES


@given(st.text())
@example("S'U0")
@example("l’océan d'Ada’s")
def test_terms_know_where_they_were_typed(typed: str):
    query = parse_query(typed, CODES)
    for clause in (*query.clauses, *query.excluded):
        for term in clause.terms:
            assert query.text[term.start :].lstrip().startswith(term.typed)
            assert all(term.words)
