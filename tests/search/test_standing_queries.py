"""Standing queries mean what /papers means, with all their words."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.fields import paper_fields
from bot.search.query import Sort, parse_query
from bot.search.retrieval import Retriever
from bot.search.snapshot import Snapshot
from bot.search.standing_queries import StandingQueries, fix_query, variants_of
from bot.search.tantivy.engine import engine_holding

CODES = ("LG", "CV")
TEXTS = (
    "Decentralised optimisation over large-scale graphs",
    "Decentralized training of neural networks",
    "Centralized training, largescale",
    "A survey of graph colouring",
    "Deep learning for the masses",
    "Gossip: the color of networks",
    "On the colour of graphs",
)
PEOPLE = ("Pan Pan", "Wei Pan", "Marc Mézard", "Ada Example", "Graph Smith")


def paper(number: int, **fields: object) -> SimpleNamespace:
    row = {
        "id": number,
        "title": TEXTS[number % len(TEXTS)],
        "abstract": TEXTS[(number * 5 + 1) % len(TEXTS)],
        "authors": [PEOPLE[number % len(PEOPLE)], PEOPLE[(number + 2) % len(PEOPLE)]],
        "field": CODES[number % 2],
        "published": f"{2019 + number % 5}-03",
        "score": float(number) if number % 3 else None,
        "has_code": number % 4 == 0,
        "other_titles": None,
        "venue": None,
    }
    return SimpleNamespace(**row | fields)


CORPUS = [paper(number) for number in range(1, 41)]


WHOLE = Snapshot(engine_holding(paper_fields(each, ()) for each in CORPUS))
WORDS = st.sampled_from(
    [
        "decentralized",
        "decentralised",
        "large-scale",
        "largescale",
        "the",
        "color",
        "networks",
        '"neural networks"',
        "-survey",
        "-centralized",
        "OR",
        "pan",
        'author:"Pan Pan"',
        "author:mezard",
        "field:LG",
        "-field:CV",
        "year:2020..2022",
        "has:code",
        "score:>10",
        "learning",
    ]
)


@given(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), st.sets(st.integers(1, 40), max_size=40))
def test_a_standing_query_finds_of_some_papers_what_papers_finds_of_all(typed: str, new: set[int]):
    # /papers looks for the other spellings that some paper has; here all have each.
    query = parse_query(typed, CODES)
    if query.is_empty:
        return
    found = set(Retriever(WHOLE, query).find(Sort.NEWEST).complete)
    some = [each for each in CORPUS if each.id in new]

    assert set(StandingQueries(some, {}).matching(fix_query(query, WHOLE))) == found & new


def test_whether_a_paper_matches_depends_on_that_paper_alone():
    fixed = fix_query(parse_query("decentralized", CODES), WHOLE)
    british = paper(99, title="Decentralised things", abstract="")

    assert StandingQueries([british], {}).matching(fixed) == [99]
    assert StandingQueries([british, *CORPUS], {}).matching(fixed)
    assert "decentralised" in variants_of(fixed)


@pytest.mark.parametrize("typed", ["decentralzied", "decentralized unicorns"])
def test_nothing_is_forgiven(typed: str):
    assert StandingQueries(CORPUS, {}).matching(fix_query(parse_query(typed, CODES), WHOLE)) == []


@pytest.mark.parametrize("typed", ["gpt3", "GPT-3", '"gpt 3"'])
@pytest.mark.parametrize("title", ["GPT-3 writes", "Of GPT 3"])
def test_words_with_numbers_match_in_each_form(typed: str, title: str):
    new = [paper(98, title="GPT-4 writes, 3 times", abstract=""), paper(99, title=title, abstract="")]
    assert StandingQueries(new, {}).matching(fix_query(parse_query(typed))) == [99]


def test_a_korean_query_that_was_fixed_as_one_word_matches_still():
    fixed = fix_query(parse_query("신경망"))
    fixed["all"] = [[{"ways": [[["신경망을"]]], "name": ["신경망을"], "variants": []}]]
    new = [paper(99, title="신경망을 이용한 항구 조사", abstract="")]
    assert StandingQueries(new, {}).matching(fixed) == [99]


@pytest.mark.parametrize("typed", ["D. P. Kingma", "Kingma, D.P.", "Ba and Kingma", "He et al."])
def test_names_match_as_they_are_cited(typed: str):
    new = [
        paper(98, title="What he said", abstract="d, p and he", authors=["Ana Ruiz"]),
        paper(99, authors=["Diederik Kingma", "Jimmy Ba", "Kaiming He"]),
    ]
    assert StandingQueries(new, {}).matching(fix_query(parse_query(typed))) == [99]


FORMS = [
    paper(1, title="Spread of SARS-CoV-2 in ports", authors=["Ashi Vasw"], published="2017-06"),
    paper(2, title="A Schrödinger bridge", authors=["Ana Vasw"], published="2019"),
    paper(3, title="Names by word2vec", authors=["Laurens van der Maatenq"], published="2008"),
    *(paper(number, title="Tides", abstract="Tides.", authors=["Ada Example"]) for number in range(4, 9)),
    paper(9, title="LLMs of eels", abstract="", authors=["Ada Example"]),
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("SARSCoV2", [1]),
        ("Schroedinger", [2]),
        ("word 2 vec", [3]),
        ("vanderMaatenq", [3]),
        ("Vasw 2017", [1]),
        ("Vasw et al. 2019", [2]),
        ("Vasw '17", [1]),
        ("vasw2019bridge", [2]),
        ('author:"L. van der Maatenq"', [3]),
        ('author:"A. Vasw"', [1, 2]),
        ("LLM", [9]),
        ("tides 2017", []),
        ("tides", [4, 5, 6, 7, 8]),
    ],
)
def test_a_standing_query_reads_forms_names_and_years_as_papers_does(typed: str, found: list[int]):
    whole = Snapshot(engine_holding(paper_fields(each, ()) for each in FORMS))
    query = parse_query(typed)
    fixed = fix_query(query, whole)
    new = StandingQueries(FORMS, {})
    assert sorted(new.matching(fixed)) == found
    assert sorted(Retriever(whole, query).find(Sort.NEWEST).complete) == found


def test_a_standing_query_reads_venues_as_papers_does():
    rows = [
        paper(1, title="Eels", venue="Advances in Neural Information Processing Systems"),
        paper(2, title="Eels", venue="NeurIPS 2025"),
        paper(3, title="Eels", venue="Nature"),
        paper(4, title="Eels of nature", venue="Science"),
    ]
    snapshot = Snapshot(engine_holding(paper_fields(each, ()) for each in rows))
    standing = StandingQueries(rows, {})  # type: ignore[arg-type]
    for typed, found in (
        ("eels NeurIPS", {1, 2}),
        ("eels published in Nature", {3, 4}),
        ("eels in Nature", {3, 4}),
        ("eels nature", {4}),
        ("eels", {1, 2, 3, 4}),
    ):
        query = parse_query(typed)
        assert set(standing.matching(fix_query(query, snapshot))) == found, typed
        assert set(Retriever(snapshot, query).find(Sort.RELEVANCE).complete) == found, typed
