"""Snippets, single papers, titles while one types, similar papers."""

from __future__ import annotations

import pytest

from bot.app import App
from bot.papers.results import Match
from bot.papers.search import find_paper, get_paper, suggest_titles
from bot.search.query import Sort
from tests.apps import DECENTRALIZED, add
from tests.papers.conftest import bold, find, text, titles


def test_a_snippet_marks_whole_words_and_is_a_part_of_the_text(app: App):
    for hit in find(app, "decentralised").hits:
        assert bold(hit)
        assert {word.lower() for word in bold(hit)} == {"decentralized"}
        assert text(hit).removeprefix("… ").removesuffix(" …") in hit.paper.abstract.replace("$", "")
        assert set(hit.matched_in) <= {"title", "abstract", "authors", "venue"}


def test_a_snippet_is_never_cut_within_a_formula(own_app: App):
    formula = "$a b c d e f \\unknowncommand{g h i} j$"
    abstract = " ".join(f"{formula} quokka {number} filler words stand here." for number in range(30))
    add(own_app, {"title": "Formulas", "abstract": abstract})
    [hit] = find(own_app, "quokka").hits
    shown = text(hit)
    assert len(shown) < 400
    assert shown.count("$") % 2 == 0
    assert shown.count("{") == shown.count("}")


def test_matched_in_names_the_venue(empty_app: App):
    add(empty_app, {"title": "Quokka", "venue": "Nature"}, {"title": "Quokka again", "venue": "Science"})
    [hit] = [hit for hit in find(empty_app, "quokka published in Nature").hits if hit.complete]
    assert hit.matched_in == ("title", "venue")


def test_matched_in_says_where(own_app: App):
    add(own_app, {"title": "Quokka", "abstract": "On wombats.", "authors": ["Ada Numbat"]})
    [hit] = find(own_app, "quokka numbat").hits
    assert hit.matched_in == ("title", "authors")
    assert bold(hit) == ["Quokka"]


def test_greek_letters_accents_and_latex_are_words(own_app: App):
    add(own_app, {"title": "An $\\alpha$-quokka by M\\'ezard", "abstract": "The β-wombat of Gödel"})
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
        assert find(own_app, query).answer.total == 1, query


def test_a_letter_that_is_none_finds_nothing(own_app: App):
    """Among the Greek capitals is a place that no letter has."""
    assert find(own_app, "\u03a2").answer.total == 0


def test_other_scripts_are_found(own_app: App):
    add(own_app, {"title": "深度学习 for quokkas", "abstract": "Глубокое обучение"})
    for query in ("深度", "学习", "深度学习", "глубокое"):
        assert find(own_app, query).answer.total == 1, query


def test_a_paper_is_found_by_its_number_and_its_identifiers(own_app: App):
    add(
        own_app,
        {
            "id": "2104.11981",
            "title": "Quokka",
            "doi": "10.1234/ABC",
            "url": "https://arxiv.org/abs/2104.11981",
        },
    )
    [hit] = find(own_app, "quokka").hits
    for query in (f"paper:{hit.paper.id}", "10.1234/abc", "https://doi.org/10.1234/abc"):
        assert [found.paper.id for found in find(own_app, query).hits] == [hit.paper.id]
        assert find_paper(own_app, query).paper == hit.paper
    assert find(own_app, "paper:99999").answer.total == 0


def test_a_title_is_exact_by_its_words_and_otherwise_a_choice(app: App):
    exact = find_paper(app, "exponential graph is provably efficient for DECENTRALIZED deep training!")
    assert exact.match is Match.EXACT
    assert exact.paper is not None
    assert find_paper(app, "exponential graph") == exact
    near = find_paper(app, "provably efficient")
    assert near.match is Match.CHOICES
    assert near.paper is None
    assert near.choices[0] == exact.paper
    assert find_paper(app, "qqqqqqqqq").match is Match.NONE


def test_two_papers_of_one_title_are_a_choice(own_app: App):
    add(own_app, *({"id": name, "title": "On quokkas", "authors": [name]} for name in ("Ada", "Bob")))
    found = find_paper(own_app, "On Quokkas")
    assert found.match is Match.CHOICES
    assert [paper.title for paper in found.choices] == ["On quokkas"] * 2


@pytest.mark.parametrize("typed", ["decen", "DecentLaM", "decentlam: decentralized mom", "momentum sgd larg"])
def test_titles_are_suggested_while_one_types(app: App, typed: str):
    choices = suggest_titles(app, typed)
    assert choices[0].label.startswith("DecentLaM")
    assert all(len(choice.label) <= 100 for choice in choices)
    paper = get_paper(app, int(choices[0].value.removeprefix("paper:")))
    assert paper is not None
    assert paper.title in DECENTRALIZED


def test_nothing_typed_suggests_the_newest(app: App):
    choices = suggest_titles(app, "")
    assert len(choices) == 25
    newest = get_paper(app, int(choices[0].value.removeprefix("paper:")))
    assert newest is not None
    assert newest.published == "2026-03-12"


def test_long_titles_are_cut_at_a_word(own_app: App):
    add(own_app, {"title": "Quokka " + "wombat " * 60})
    [choice] = suggest_titles(own_app, "quokka")
    assert len(choice.label) <= 100
    assert choice.label.endswith("wombat…")


def test_an_unknown_filter_and_a_stray_quote_are_text(app: App):
    assert find(app, 'decentralized "').answer.total == 3
    assert find(app, "foo:decentralized").answer.reading == "foo decentralized"
    assert find(app, "field:ZZ").answer.reading == "field ZZ"


def test_similar_papers_share_words_and_need_not_share_authors(own_app: App):
    add(
        own_app,
        {"title": "Wombats dig burrows", "abstract": "Burrows of wombats are long.", "authors": ["Ada"]},
        {"title": "Burrows and their wombats", "abstract": "Who digs burrows?", "authors": ["Bob"]},
        {"title": "Quokkas smile", "abstract": "Of smiling.", "authors": ["Ada"]},
    )
    [hit, *_] = [hit for hit in find(own_app, "wombats").hits if hit.paper.title.startswith("Wombats")]
    page = find(own_app, f"similar:{hit.paper.id}")
    assert titles(page)[0] == "Burrows and their wombats"
    assert "Quokkas smile" not in titles(page)
    assert page.answer.reading == "similar to “Wombats dig burrows”"
    assert bold(page.hits[0]) == []


def test_similar_papers_can_be_narrowed_and_sorted(app: App):
    [paper] = [hit.paper for hit in find(app, "DecentLaM").hits]
    page = find(app, f"similar:{paper.id}")
    assert {hit.paper.title for hit in page.hits[:4]} >= DECENTRALIZED - {paper.title}
    assert paper.id not in page.answer.paper_ids
    newest = find(app, f"similar:{paper.id}", sort=Sort.NEWEST)
    dates = [hit.paper.published for hit in newest.hits]
    assert dates == sorted(dates, reverse=True)
    assert set(newest.answer.paper_ids) == set(page.answer.paper_ids)
    assert {hit.paper.field for hit in find(app, f"similar:{paper.id}", field="CV").hits} == {"CV"}
    assert find(app, "similar:99999").hits == ()


def test_a_paper_is_found_by_each_of_its_titles_and_the_result_shows_which(own_app: App):
    add(
        own_app,
        {"id": "a", "title": "Knots that slip", "short_title": "Quokkas", "original_title": "Knoten am Tau"},
        {"id": "b", "title": "Ropes", "abstract": "Knoten are German."},
    )
    [hit, _] = find(own_app, "Knoten").hits
    assert (hit.paper.title, text(hit)) == ("Knots that slip", "Also titled: Knoten am Tau")
    assert bold(hit) == ["Knoten"]
    assert hit.matched_in == ("title",)
    assert find_paper(own_app, "Knoten am Tau").match is Match.EXACT
    assert titles(find(own_app, "quokka")) == ["Knots that slip"]


def test_the_title_that_a_source_gave_before_is_still_found(own_app: App):
    add(own_app, {"id": "2401.00001v1", "title": "Quokkas on the quay"})
    add(own_app, {"id": "2401.00001v2", "title": "Knots that slip"})
    assert titles(find(own_app, "quokkas")) == ["Knots that slip"]
    add(own_app, {"id": "2401.00001v3", "title": "Knots that slip", "abstract": "More of them."})
    [hit] = find(own_app, "quokkas").hits
    assert [(one.title, one.kind) for one in hit.paper.other_titles] == [("Quokkas on the quay", "older")]
    add(own_app, {"id": "2401.00001v4", "title": "Quokkas on the quay"})
    [hit] = find(own_app, "knots slip").hits
    assert [(one.title, one.kind) for one in hit.paper.other_titles] == [("Knots that slip", "older")]
