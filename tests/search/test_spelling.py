from __future__ import annotations

import pytest

from bot.search.spelling import is_opposite, other_spellings


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("decentralised", "decentralized"),
        ("optimisation", "optimization"),
        ("colour", "color"),
        ("neighbourhood", "neighborhood"),
        ("centre", "center"),
        ("modelling", "modeling"),
        ("unlabelled", "unlabeled"),
        ("catalogue", "catalog"),
        ("encyclopaedia", "encyclopedia"),
        ("analyse", "analyze"),
        ("tokeniser", "tokenizer"),
        ("discretised", "discretized"),
    ],
)
def test_both_spellings_lead_to_each_other(british: str, american: str):
    assert american in other_spellings(british)
    assert british in other_spellings(american)


@pytest.mark.parametrize("word", ["four", "hour", "our", "noise", "rise", "size", "film", "graph", "a", ""])
def test_other_words_have_one_spelling(word: str):
    assert other_spellings(word) == ()


@pytest.mark.parametrize(
    ("word", "opposite"),
    [
        ("centralized", "decentralized"),
        ("centralised", "decentralized"),
        ("supervised", "unsupervised"),
        ("convex", "nonconvex"),
        ("complete", "incomplete"),
        ("aliasing", "antialiasing"),
        ("symmetric", "asymmetric"),
    ],
)
def test_an_opposite_is_known_in_both_directions(word: str, opposite: str):
    assert is_opposite(word, opposite)
    assert is_opposite(opposite, word)


def test_a_misspelt_word_is_no_opposite():
    assert not is_opposite("decentralzed", "decentralized")
