"""One sentence on a paper: a source's own, else the one of the abstract that says what is new."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.papers.one_sentence import WEIGHTS, OneSentence, features, key_sentence, one_sentence
from bot.papers.results import Paper
from bot.text.latex import sentences
from cogs.papers.cards import paper_card

TITLE = "Slipping knots in wet rope"
NEW = "In this paper we propose a new theory of slipping knots in wet rope (cf. Hale et al. 2020)."
ABSTRACT = f"However, ropes are old. They are everywhere, e.g. on ships. {NEW} Code is available at x."


def paper(**facts: object) -> Paper:
    return Paper.model_validate(
        {"id": 1, "source_id": "1", "title": TITLE, "attributed_to": (), "abstract": ABSTRACT, **facts}
    )


def test_the_sentence_that_says_what_is_new_is_chosen_and_a_source_comes_first():
    assert one_sentence(paper()) == OneSentence(NEW, None)
    assert one_sentence(paper(summary="Knots slip.")) == OneSentence("Knots slip.", "semantic scholar")
    assert one_sentence(paper(abstract="One sentence alone.")) is None
    assert one_sentence(paper(abstract="")) is None
    assert set(features(TITLE, [NEW])[0]) == set(WEIGHTS)


def test_a_card_says_whose_sentence_it_is():
    texts = ["".join(str(one) for one in _texts(each)) for each in (paper(), paper(summary="Knots slip."))]
    assert "**In this paper we propose" in texts[0]
    assert "-# from the abstract" in texts[0]
    assert "**Knots slip.**\n-# Semantic Scholar" in texts[1]


def _texts(one: Paper) -> list[str]:
    return [item.content for item in paper_card(one, []).walk_children() if hasattr(item, "content")]


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("One", 1), ("A is so. B is not.", 2), ("It is e.g. A. B is 3.5 m. (C, too.) D", 3)],
)
def test_texts_are_split_at_the_ends_of_sentences(text: str, count: int):
    assert len(sentences(text)) == count


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_has_a_sentence_of_it_or_none(abstract: str, title: str):
    found = key_sentence(title, abstract)
    assert found is None or found in abstract
