"""Vectors are those of the model as it was published; else they would be worse, and nobody would see it."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from tokenizers import Tokenizer, normalizers

from bot.meaning import encoder
from tests.conftest import ROOT

# Made by the published weights in 32 bits, with a tokenizer and layers written for this alone.
KNOWN = orjson.loads((ROOT / "tests" / "data" / "vectors.json").read_bytes())
AGREE = 0.999
"""The cosine of what the weights in 8 bits make of a text, and the published ones."""


def cosines() -> list[float]:
    return [float(np.dot(encoder.encode(each["text"]), each["vector"])) for each in KNOWN]


def test_vectors_are_those_of_the_published_model():
    assert min(cosines()) > AGREE


def test_a_vector_has_length_one():
    assert np.linalg.norm(encoder.encode("graphs")) == pytest.approx(1, abs=1e-5)


def test_of_a_long_text_the_first_tokens_count():
    text = "graphs and their neighbours " * 64
    assert np.array_equal(encoder.encode(text), encoder.encode(text + "an end that is not read"))


def test_the_tokenizer_as_the_file_has_it_is_told_from_the_right_one(monkeypatch):
    monkeypatch.setattr(encoder, "_tokenizer", lambda: Tokenizer.from_file(str(encoder.TOKENIZER)))
    assert min(cosines()) < AGREE


def test_a_tokenizer_that_keeps_capitals_is_told_from_the_right_one(monkeypatch):
    wrong = Tokenizer.from_file(str(encoder.TOKENIZER))
    wrong.no_padding()
    wrong.normalizer = normalizers.BertNormalizer(lowercase=False)
    monkeypatch.setattr(encoder, "_tokenizer", lambda: wrong)
    assert min(cosines()) < AGREE


@pytest.mark.parametrize("pooled", [slice(0, 1), slice(1, -1)], ids=["the first token", "without its ends"])
def test_another_pooling_is_told_from_the_right_one(monkeypatch, pooled):
    class Session:
        def run(self, names, feed):
            [tokens] = real.run(names, feed)
            return [tokens[:, pooled]]

    real = encoder._session()
    monkeypatch.setattr(encoder, "_session", Session)
    assert min(cosines()) < AGREE


def test_a_paper_is_encoded_without_latex():
    assert encoder.text_of("$\\beta$-VAE", "Costs of \\emph{learning}") == "β-VAE. Costs of learning"
