"""Which papers the words of a query find, however they are spelt."""

from __future__ import annotations

import re

import pytest
from bm25s.stopwords import STOPWORDS_EN_PLUS

from bot.app import App
from bot.papers.results import SearchRequest
from bot.papers.search import search
from bot.text.folding import STOP_WORDS, plain_words
from tests.apps import DECENTRALIZED, add
from tests.papers.conftest import bold, corrected, find, titles


@pytest.mark.parametrize(
    "word", ["decentralized", "decentralised", "Decentralized", "DECENTRALISED", "decentralization"]
)
def test_a_word_finds_exactly_the_three_papers_however_it_is_spelt(app: App, word: str):
    page = find(app, word)
    assert set(titles(page)) == DECENTRALIZED
    assert page.answer.total == 3
    assert page.answer.partial == 0


def test_the_opposite_of_a_word_is_neither_found_nor_suggested(own_app: App):
    add(own_app, {"title": "Centralized training of large models", "abstract": "A centralized way to train."})
    assert set(titles(find(own_app, "decentralized"))) == DECENTRALIZED
    assert set(titles(find(own_app, "decentralised training"))) < DECENTRALIZED
    assert titles(find(own_app, "centralised")) == ["Centralized training of large models"]


@pytest.mark.parametrize("typed", ["centralized", "centralised", "Centralized"])
def test_an_opposite_is_no_spelling(app: App, typed: str):
    answer = find(app, typed).answer
    assert (answer.total, answer.variants, answer.did_you_mean) == (0, (), None)


def test_spellings_that_were_accepted_are_said(app: App):
    assert find(app, "decentralised").answer.variants == ("decentralized",)
    assert find(app, "decentralized").answer.variants == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("decentralzed", "decentralized"),
        ("decentralzed optimisation", "decentralized optimisation"),
        ("Recurent", "recurrent"),
        ("ecxponential graph", "exponential graph"),
        ("Bicheng Yign", "Bicheng Ying"),
    ],
)
def test_a_misspelt_word_finds_what_was_meant_and_says_so(app: App, typed: str, meant: str):
    answer, right = search(app, SearchRequest(typed)), search(app, SearchRequest(meant))
    assert answer.paper_ids == right.paper_ids
    assert (answer.total, answer.corrected) == (0, right.total)
    assert right.total > 0
    assert set(plain_words(meant)) - set(plain_words(typed)) <= set(answer.variants)


def test_misspelt_neighbours_are_meant_as_one_word_too(empty_app: App):
    add(
        empty_app,
        {"title": "An autoencoder of wombats"},
        {"title": "An encoder"},
        {"title": "Auto insurance"},
    )
    for typed in ("auto ecnoder", "auto-ecnoder"):
        assert corrected(find(empty_app, typed)) == ["An autoencoder of wombats"]


def test_a_letter_left_out_is_likelier_than_a_wrong_one(empty_app: App):
    add(
        empty_app,
        *({"title": f"Process number {number}"} for number in range(12)),
        *({"title": f"Progress number {number}"} for number in range(10)),
    )
    assert all(title.startswith("Progress") for title in corrected(find(empty_app, "proress"))[:10])


def test_changed_papers_count_once(empty_app: App):
    add(empty_app, {"id": "1", "title": "Quokka"}, {"id": "2", "title": "Wombat", "authors": ["Ada Quokka"]})
    add(empty_app, {"id": "1", "title": "Quokka", "abstract": "The quokka smiles."})
    assert find(empty_app, "quokka").answer.total == 2


def test_one_misspelt_word_does_not_spoil_the_others(app: App):
    page = find(app, "DecentLaM momentm SGD qqqqqqqq")
    assert page.hits[0].paper.title.startswith("DecentLaM")
    assert {"DecentLaM", "Momentum", "SGD"} <= set(bold(page.hits[0])) | set(page.hits[0].paper.title.split())


def test_what_is_spelt_as_typed_stands_above_other_spellings_and_those_above_guesses(empty_app: App):
    add(
        empty_app,
        {"title": "Colour colour colour", "abstract": "colour colour"},
        {"title": "On paint", "abstract": f"Of color, once. {'Other words follow here. ' * 30}"},
    )
    assert titles(find(empty_app, "color")) == ["On paint", "Colour colour colour"]
    assert titles(find(empty_app, "colour")) == ["Colour colour colour", "On paint"]
    assert set(corrected(find(empty_app, "clolour"))) == {"Colour colour colour", "On paint"}


def test_a_rare_word_that_a_letter_parts_from_a_frequent_one_is_forgiven_after_itself(empty_app: App):
    add(
        empty_app,
        {"title": "Wombst", "abstract": "A misprint."},
        *({"title": f"Wombat number {number}"} for number in range(60)),
    )
    page = find(empty_app, "wombst")
    assert (page.answer.total, page.answer.corrected) == (1, 60)
    assert titles(page) == ["Wombst"]
    assert page.hits[0].paper.title == "Wombst"
    assert len(corrected(page)) == 60
    assert page.answer.variants == ("wombat",)
    assert find(empty_app, "wombat").answer.total == 60


@pytest.mark.parametrize("typed", ["large-scale", "large scale", "largescale"])
def test_words_are_found_however_they_are_joined(empty_app: App, typed: str):
    add(
        empty_app,
        {"title": "Largescale wombats"},
        {"title": "Large-scale quokkas"},
        {"title": "Large scale numbats"},
    )
    page = find(empty_app, typed)
    assert page.answer.total == 3
    assert len(page.answer.variants) == 1


def test_a_phrase_is_exact_and_a_better_spelling_is_offered(app: App):
    answer = find(app, '"exponential grahp"').answer
    assert answer.total == 0
    assert answer.did_you_mean == '"exponential graph"'
    assert search(app, SearchRequest('"exponential graph"')).total > 0


def test_words_side_by_side_stand_above_words_apart(empty_app: App):
    add(
        empty_app,
        {"id": "1", "title": "A quokka", "abstract": "The numbat sees a wombat and the quokka sleeps."},
        {"id": "2", "title": "A quokka", "abstract": "The wombat sees a numbat quokka and the other sleeps."},
    )
    assert find(empty_app, "numbat quokka").hits[0].paper.source_id.endswith("2")


def test_nothing_is_offered_for_what_is_near_to_nothing(app: App):
    assert find(app, "qqqqqqqqqq").answer.did_you_mean is None
    assert find(app, "!!! ???").answer.total == 0


def test_papers_with_all_words_come_first_and_those_that_lack_some_are_marked_off(app: App):
    page = find(app, "decentralized optimization")
    kinds = [hit.complete for hit in page.hits]
    assert kinds == sorted(kinds, reverse=True)
    assert page.answer.total == kinds.count(True) == page.answer.complete_shown == 2
    assert page.answer.partial == kinds.count(False)
    assert {hit.paper.title for hit in page.hits[:3]} == DECENTRALIZED


def test_papers_that_lack_words_fill_the_answer(app: App):
    answer = search(app, SearchRequest("decentralized video graph adversarial"))
    every = {found for word in answer.reading.split() for found in search(app, SearchRequest(word)).paper_ids}
    assert answer.total == 0
    assert set(answer.paper_ids) == every


def test_a_long_question_in_ones_own_words_finds_its_paper(app: App):
    page = find(
        app,
        "Hi, I'm looking for a paper, I don't remember who wrote it. They'd trained a network on many "
        "machines and it didn't need a server; what's the one with momentum and large batches, "
        "decentralized batches?",
    )
    assert page.hits[0].paper.title.startswith("DecentLaM")


def test_a_rare_word_counts_more_than_a_frequent_one(app: App):
    page = find(app, "decentralized images")
    assert page.answer.total == 0
    assert {hit.paper.title for hit in page.hits[:3]} == DECENTRALIZED


def test_a_sentence_finds_its_paper(app: App):
    page = find(
        app, "which graphs give fast communication and exact averaging for decentralized SGD at once?"
    )
    assert page.hits[0].paper.title.startswith("Exponential Graph")


@pytest.mark.parametrize("typed", ["large-scale", "Large-Scale", "large‑scale"])
def test_a_hyphen_finds_the_words_side_by_side(app: App, typed: str):
    page = find(app, typed)
    assert page.answer.total == 10
    assert all(
        re.search(r"large[\s-]scale", f"{h.paper.title} {h.paper.abstract}", re.IGNORECASE) for h in page.hits
    )


def test_a_phrase_stands_side_by_side_and_not_across_title_and_abstract(own_app: App):
    add(own_app, {"title": "A quokka", "abstract": "Wombat sees quokka."})
    assert find(own_app, '"quokka wombat"').answer.total == 0
    assert find(own_app, '"wombat sees"').answer.total == 1


def test_authors_typed_as_plain_words_are_found(app: App):
    page = find(app, "Bicheng Ying")
    assert page.answer.total >= 1
    assert all("authors" in hit.matched_in for hit in page.hits if hit.complete)
    assert find(app, "pan pan").answer.total == 26


def test_the_stop_words_are_those_of_bm25s_but_for_parts_of_words():
    parts = (
        "ain aren couldn d didn doesn don hadn hasn haven isn ll m ma mightn mustn needn o re s shan "
        "shouldn t ve wasn weren won wouldn y"
    )
    assert set(STOPWORDS_EN_PLUS) - set(parts.split()) == STOP_WORDS
