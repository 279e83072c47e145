"""Titles as people remember them: a word of them wrong, in another order, or left out."""

from __future__ import annotations

import pytest

from bot.app import App
from bot.papers.search import find_paper
from tests.apps import add
from tests.papers.conftest import find, titles

WANTED = "Infrared and Visible Image Fusion by Implicit Representations"
ALL_WORDS = {
    "title": "Another",
    "abstract": "Transformers turn visible and infrared light by fusion into implicit representations.",
}


@pytest.fixture
def corpus(empty_app: App) -> App:
    add(
        empty_app,
        {
            "title": WANTED,
            "abstract": "We join two pictures.",
            "date": "2024-05-01",
            "authors": ["Ada Example"],
        },
        ALL_WORDS,
        {"title": "Visible Fusion", "abstract": "Implicit."},
        *({"title": f"Image {number} of transformers"} for number in range(5)),
    )
    return empty_app


def test_a_title_with_a_wrong_word_finds_its_paper_first_and_says_so(corpus: App):
    page = find(corpus, "Infrared and Visible Transformers Fusion by Implicit Representations")
    assert titles(page) == [WANTED, "Another"]
    assert page.answer.total == 2
    assert page.answer.variants == ("image",)


def test_papers_with_all_the_words_come_first_else(corpus: App):
    page = find(corpus, "visible transformers fusion")
    assert titles(page) == ["Another"]
    assert page.answer.variants == ()


@pytest.mark.parametrize(
    "typed",
    [
        WANTED,
        "implicit representations by fusion, image visible, infrared",
        "infrared visible image fusion implicit representations",
        "infrared visible image fusion implicit",
    ],
)
def test_a_title_in_any_order_or_without_a_word_finds_its_paper_first(corpus: App, typed: str):
    page = find(corpus, typed)
    assert page.hits[0].paper.title == WANTED
    assert page.answer.variants == ()


def test_a_title_with_a_wrong_word_keeps_within_the_filters(corpus: App):
    typed = "Infrared and Visible Transformers Fusion by Implicit Representations"
    assert titles(find(corpus, f"{typed} year:2024")) == [WANTED]
    assert WANTED not in titles(find(corpus, f"{typed} year:2023"))
    assert WANTED not in titles(find(corpus, f"{typed} -pictures"))


def test_half_a_title_is_no_title(corpus: App):
    page = find(corpus, "infrared visible gardens without implicit sprinklers")
    assert page.answer.total == 0
    assert page.hits[0].complete is False


@pytest.mark.parametrize(
    "typed",
    [
        "arXiv 2110.13363",
        "https://huggingface.co/papers/2110.13363",
        "https://dl.acm.org/doi/pdf/10.1145/3292500.3330701",
        "PMID: 14907713",
        "https://openalex.org/W2741809807",
        f"https://www.semanticscholar.org/paper/Gossip/{'ab12' * 10}",
    ],
)
def test_an_address_of_a_known_paper_is_that_paper_wherever_it_points(empty_app: App, typed: str):
    ids = {"arxiv_id": "2110.13363", "pmid": "14907713", "openalex": "W2741809807", "s2": "ab12" * 10}
    add(empty_app, {"title": "Gossip learning", "doi": "10.1145/3292500.3330701", **ids}, ALL_WORDS)
    assert titles(find(empty_app, typed)) == ["Gossip learning"]
    found = find_paper(empty_app, typed).paper
    assert found is not None
    assert found.title == "Gossip learning"


@pytest.mark.parametrize(
    "typed",
    [
        "2110.13363 10.9999/ropes.1",
        "2110.13363, 10.9999/ropes.1",
        "arXiv:2110.13363 and https://doi.org/10.9999/ropes.1",
        "arXiv 2110.13363; doi: 10.9999/ropes.1",
        "https://arxiv.org/abs/2110.13363v2\nhttps://doi.org/10.9999/ropes.1",
    ],
)
def test_several_identifiers_are_their_papers_in_that_order(empty_app: App, typed: str):
    first = {"title": "Gossip learning", "arxiv_id": "2110.13363", "date": "2021"}
    add(empty_app, first, {"title": "Ropes", "doi": "10.9999/ropes.1", "date": "2023"}, ALL_WORDS)
    assert titles(find(empty_app, typed)) == ["Gossip learning", "Ropes"]
    assert titles(find(empty_app, typed, since="2022")) == ["Ropes"]


def test_an_unknown_identifier_in_a_list_finds_nothing(empty_app: App):
    add(empty_app, {"title": "Gossip learning", "arxiv_id": "2110.13363"}, ALL_WORDS)
    assert titles(find(empty_app, "2110.13363 2110.00001")) == ["Gossip learning"]
    assert find(empty_app, "2110.00002 2110.00001").hits == ()


def test_a_title_among_other_words_gives_way_to_papers_with_all_the_words(empty_app: App):
    add(
        empty_app,
        {"title": "Learning ropes from captions"},
        {"title": "Captions", "abstract": "Learning ropes from captions, by lamps, at night."},
    )
    assert titles(find(empty_app, "learning ropes from captions night lamps")) == ["Captions"]
    found = find(empty_app, "Doe (2020). Learning ropes from captions. Proc. Knots 3.")
    assert titles(found) == ["Learning ropes from captions"]
