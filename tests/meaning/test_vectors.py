"""The file of vectors: what is added is found again, and what is damaged is missed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.meaning.encoder import DIMENSIONS
from bot.meaning.vectors import KeptVectors, VectorsFile

ROW = 404
"""Bytes of a row."""


def random_vectors(count, seed=1):
    """Vectors of which some are near to each other, as those of texts are."""
    subjects = np.random.default_rng(0).normal(size=(24, DIMENSIONS))
    vectors = (np.random.default_rng(seed).normal(size=(count, 24)) @ subjects).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def write(path, vectors, first=1):
    file = VectorsFile(path)
    file.add({paper: (paper, vector) for paper, vector in enumerate(vectors, start=first)})
    file.close()
    return file


def made(path):
    file = VectorsFile(path)
    file.close()
    return file.made


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors"


def test_the_nearest_are_those_that_a_comparison_with_all_finds(path):
    vectors, questions = random_vectors(3_000), random_vectors(20, seed=2)
    write(path, vectors)
    kept = KeptVectors(path)
    missed = 0
    for question in questions:
        best = np.argsort(-(vectors @ question))[:20] + 1
        missed += len(set(best.tolist()) - set(kept.nearest(question, 20)))
    assert missed <= 4  # of 400


def test_cosines_are_those_of_the_vectors(path):
    vectors, [question] = random_vectors(50), random_vectors(1, seed=2)
    write(path, vectors)
    found = KeptVectors(path).cosines(question, [3, 50, 51, 10**12])
    assert found == pytest.approx({3: vectors[2] @ question, 50: vectors[49] @ question}, abs=0.005)


def test_a_later_vector_replaces_the_one_before(path):
    vectors = random_vectors(2)
    write(path, vectors[:1])
    write(path, vectors[1:])
    kept = KeptVectors(path)
    assert kept.nearest(vectors[1], 5) == pytest.approx({1: 1}, abs=0.005)


def test_rows_that_are_added_are_read_without_those_before(path):
    vectors = random_vectors(30)
    write(path, vectors[:10])
    before = KeptVectors(path)
    assert not before.has_grown()
    write(path, vectors[10:], first=11)
    assert before.has_grown()
    grown, anew = KeptVectors(path, before), KeptVectors(path)
    assert np.array_equal(grown.signs, anew.signs)
    assert grown.nearest(vectors[20], 30) == anew.nearest(vectors[20], 30)


def test_a_paper_that_is_no_more_is_not_found(path):
    vectors = random_vectors(3)
    write(path, vectors)
    file = VectorsFile(path)
    file.add({2: (0, None)})
    assert file.made == 2
    file.close()
    assert set(KeptVectors(path).nearest(vectors[1], 3)) == {1, 3}
    assert made(path) == 2


def test_a_row_that_was_written_in_part_is_cut_off(path):
    vectors = random_vectors(3)
    write(path, vectors)
    with path.open("r+b") as file:
        file.truncate(2 * ROW + 100)
    assert set(KeptVectors(path).nearest(vectors[0], 3)) == {1, 2}
    write(path, vectors[2:], first=3)
    assert path.stat().st_size == 3 * ROW
    assert set(KeptVectors(path).nearest(vectors[0], 3)) == {1, 2, 3}


@settings(max_examples=25)
@given(place=st.integers(0, 3 * ROW - 1), bit=st.integers(0, 7))
def test_a_row_with_one_wrong_bit_is_missed_by_those_who_read_and_who_write(tmp_path_factory, place, bit):
    path = tmp_path_factory.mktemp("wrong") / "vectors"
    vectors = random_vectors(3)
    write(path, vectors)
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)
    kept = KeptVectors(path)
    kept.check()
    assert kept.damaged == 1
    assert len(kept.nearest(vectors[0], 3)) == 2
    file = VectorsFile(path)
    assert (file.made, file.damaged, file.is_worth_rewriting()) == (2, 1, True)
    file.rewrite(path.with_name("anew"))
    file.close()
    assert made(path.with_name("anew")) == 2


def test_an_empty_file_has_nothing(path):
    path.touch()
    kept = KeptVectors(path)
    [question] = random_vectors(1)
    assert kept.nearest(question, 3) == {}
    assert kept.cosines(question, [1]) == {}
