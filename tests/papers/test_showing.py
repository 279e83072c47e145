"""Snippets, single papers, titles while one types, similar papers."""

from __future__ import annotations

import pytest

from bot.app import Desk
from bot.papers.results import Match, Sort
from bot.papers.search import find_paper, get_paper, suggest_titles
from tests.papers.conftest import bold, find, text, titles
from tests.search.desks import DECENTRALIZED, add


def test_a_snippet_marks_whole_words_and_is_a_part_of_the_text(desk: Desk):
    for hit in find(desk, "decentralised").hits:
        assert bold(hit)
        assert {word.lower() for word in bold(hit)} == {"decentralized"}
        assert text(hit).removeprefix("… ").removesuffix(" …") in hit.paper.abstract.replace("$", "")
        assert set(hit.matched_in) <= {"title", "abstract", "authors"}


def test_a_snippet_is_never_cut_within_a_formula(own_desk: Desk):
    formula = "$a b c d e f \\unknowncommand{g h i} j$"
    abstract = " ".join(f"{formula} quokka {number} filler words stand here." for number in range(30))
    add(own_desk, {"title": "Formulas", "abstract": abstract})
    [hit] = find(own_desk, "quokka").hits
    shown = text(hit)
    assert len(shown) < 400
    assert shown.count("$") % 2 == 0
    assert shown.count("{") == shown.count("}")


def test_matched_in_says_where(own_desk: Desk):
    add(own_desk, {"title": "Quokka", "abstract": "On wombats.", "authors": ["Ada Numbat"]})
    [hit] = find(own_desk, "quokka numbat").hits
    assert hit.matched_in == ("title", "authors")
    assert bold(hit) == ["Quokka"]


def test_greek_letters_accents_and_latex_are_words(own_desk: Desk):
    add(own_desk, {"title": "An $\\alpha$-quokka by M\\'ezard", "abstract": "The β-wombat of Gödel"})
    for query in (
        "alpha quokka",
        "α-quokka",
        "mezard",
        "Mézard",
        "Me\u0301zard",
        "beta-wombat",
        "godel",
        "Gödel",
    ):
        assert find(own_desk, query).answer.total == 1, query


def test_a_letter_that_is_none_finds_nothing(own_desk: Desk):
    """Among the Greek capitals is a place that no letter has."""
    assert find(own_desk, "\u03a2").answer.total == 0


def test_other_scripts_are_found(own_desk: Desk):
    add(own_desk, {"title": "深度学习 for quokkas", "abstract": "Глубокое обучение"})
    for query in ("深度", "学习", "深度学习", "глубокое"):
        assert find(own_desk, query).answer.total == 1, query


def test_a_paper_is_found_by_its_number_and_its_identifiers(own_desk: Desk):
    add(
        own_desk,
        {
            "id": "2104.11981",
            "title": "Quokka",
            "doi": "10.1234/ABC",
            "url": "https://arxiv.org/abs/2104.11981",
        },
    )
    [hit] = find(own_desk, "quokka").hits
    for query in (f"paper:{hit.paper.id}", "10.1234/abc", "https://doi.org/10.1234/abc"):
        assert [found.paper.id for found in find(own_desk, query).hits] == [hit.paper.id]
        assert find_paper(own_desk, query).paper == hit.paper
    assert find(own_desk, "paper:99999").answer.total == 0


def test_a_title_is_exact_by_its_words_and_otherwise_a_choice(desk: Desk):
    exact = find_paper(desk, "exponential graph is provably efficient for DECENTRALIZED deep training!")
    assert exact.match is Match.EXACT
    assert exact.paper is not None
    near = find_paper(desk, "exponential graph")
    assert near.match is Match.CHOICES
    assert near.paper is None
    assert near.choices[0] == exact.paper
    assert find_paper(desk, "qqqqqqqqq").match is Match.NONE


def test_two_papers_of_one_title_are_a_choice(own_desk: Desk):
    add(own_desk, *({"id": name, "title": "On quokkas", "authors": [name]} for name in ("Ada", "Bob")))
    found = find_paper(own_desk, "On Quokkas")
    assert found.match is Match.CHOICES
    assert [paper.title for paper in found.choices] == ["On quokkas"] * 2


@pytest.mark.parametrize("typed", ["decen", "DecentLaM", "decentlam: decentralized mom", "momentum sgd larg"])
def test_titles_are_suggested_while_one_types(desk: Desk, typed: str):
    choices = suggest_titles(desk, typed)
    assert choices[0].label.startswith("DecentLaM")
    assert all(len(choice.label) <= 100 for choice in choices)
    paper = get_paper(desk, int(choices[0].value.removeprefix("paper:")))
    assert paper is not None
    assert paper.title in DECENTRALIZED


def test_nothing_typed_suggests_the_newest(desk: Desk):
    choices = suggest_titles(desk, "")
    assert len(choices) == 25
    newest = get_paper(desk, int(choices[0].value.removeprefix("paper:")))
    assert newest is not None
    assert newest.published == "2026-03-12"


def test_long_titles_are_cut_at_a_word(own_desk: Desk):
    add(own_desk, {"title": "Quokka " + "wombat " * 60})
    [choice] = suggest_titles(own_desk, "quokka")
    assert len(choice.label) <= 100
    assert choice.label.endswith("wombat…")


def test_an_unknown_filter_and_a_stray_quote_are_text(desk: Desk):
    assert find(desk, 'decentralized "').answer.total == 3
    assert find(desk, "foo:decentralized").answer.reading == "foo decentralized"
    assert find(desk, "field:ZZ").answer.reading == "field ZZ"


def test_similar_papers_share_words_and_need_not_share_authors(own_desk: Desk):
    add(
        own_desk,
        {"title": "Wombats dig burrows", "abstract": "Burrows of wombats are long.", "authors": ["Ada"]},
        {"title": "Burrows and their wombats", "abstract": "Who digs burrows?", "authors": ["Bob"]},
        {"title": "Quokkas smile", "abstract": "Of smiling.", "authors": ["Ada"]},
    )
    [hit, *_] = [hit for hit in find(own_desk, "wombats").hits if hit.paper.title.startswith("Wombats")]
    page = find(own_desk, f"similar:{hit.paper.id}")
    assert titles(page)[0] == "Burrows and their wombats"
    assert "Quokkas smile" not in titles(page)
    assert page.answer.reading == "similar to “Wombats dig burrows”"
    assert bold(page.hits[0]) == []


def test_similar_papers_can_be_narrowed_and_sorted(desk: Desk):
    [paper] = [hit.paper for hit in find(desk, "DecentLaM").hits]
    page = find(desk, f"similar:{paper.id}")
    assert {hit.paper.title for hit in page.hits[:4]} >= DECENTRALIZED - {paper.title}
    assert paper.id not in page.answer.paper_ids
    newest = find(desk, f"similar:{paper.id}", sort=Sort.NEWEST)
    dates = [hit.paper.published for hit in newest.hits]
    assert dates == sorted(dates, reverse=True)
    assert set(newest.answer.paper_ids) == set(page.answer.paper_ids)
    assert {hit.paper.field for hit in find(desk, f"similar:{paper.id}", field="CV").hits} == {"CV"}
    assert find(desk, "similar:99999").hits == ()
