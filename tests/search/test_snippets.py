"""Words found in texts, their endings left aside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.snippets import WordFinder, WordForm, fold_words
from bot.text.folding import plain_words, stem, stem_words

WORDS = [
    "study",
    "studies",
    "studying",
    "sensibility",
    "sensible",
    "hoping",
    "hope",
    "a",
    "AI",
    "x_y",
    "GPT-4",
]
texts = st.lists(st.sampled_from([*WORDS, "Mézard", "α", "深度", "“", "(", "-", "\n", "e.g."])).map(" ".join)


def found(text: str, *words: str) -> list[str]:
    finder = WordFinder(stem(word) for word in words)
    return [text[start:end] for start, end, _ in finder.places(text)]


@pytest.mark.parametrize(
    ("text", "word", "places"),
    [
        ("Studies of a study; students study.", "study", ["Studies", "study", "study"]),
        ("Sensibility (sensible)", "sensible", ["Sensibility", "sensible"]),
        ("in_snake_case, kebab-case", "case", ["case", "case"]),
        ("“Mézard” and Mezard", "mezard", ["Mézard", "Mezard"]),
        ("深度学习", "度", ["度"]),
        ("Large-scale", "scale", ["scale"]),
    ],
)
def test_words_of_one_form_are_found_where_they_stand(text: str, word: str, places: list[str]):
    assert found(text, word) == places


@given(texts, st.sampled_from(WORDS))
def test_a_text_has_a_form_as_often_as_its_words_have_it(text: str, word: str):
    for form in stem_words(word):
        places = WordFinder([form]).places(text)
        assert len(places) == stem_words(text).count(form)
        assert all(form in stem_words(text[start:end]) for start, end, _ in places)


@given(texts)
def test_folded_words_are_the_words(text: str):
    assert fold_words(text).split() == plain_words(text)


@given(
    st.from_regex(r"[a-z]{1,12}(ing|ed|s|ies|y|ation|ational|ize|izer|ly|ness|ful|bility)?", fullmatch=True)
)
def test_every_word_begins_as_its_form_says(word: str):
    if not word.endswith("ying"):  # "dying" is of "die", and the like
        assert WordForm.of(stem(word)).fits(word)


def test_a_form_stands_between_spaces():
    letters = fold_words("Deep, (deep) learning")
    places = WordForm.of("deep").places(letters)
    assert [letters[start:end] for start, end in places] == [" deep", " deep"]
