from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.name_likeness import Fit, likeness


@pytest.mark.parametrize(
    ("typed", "name", "fit"),
    [
        ("pan pan", "pan pan", Fit.SAME_PARTS),
        ("yuan kun", "kun yuan", Fit.SAME_PARTS),
        ("pan", "pan pan", Fit.SHORTENED),
        ("p pan", "pan pan", Fit.SHORTENED),
        ("kun yu", "kun yuan", Fit.SHORTENED),
        ("kun yuan", "k yuan", Fit.SHORTENED),
        ("pna pan", "pan pan", Fit.MISSPELT),
        ("mezart", "marc mezard", Fit.MISSPELT),
        ("wei pan", "pan pan", Fit.SHARES),
        ("pan pan", "pan li", Fit.SHARES),
    ],
)
def test_a_typed_name_fits(typed: str, name: str, fit: Fit):
    found = likeness(typed, name)
    assert found is not None
    assert found.fit is fit


@pytest.mark.parametrize(
    ("typed", "name", "fit"),
    [
        ("kim", "김민수", Fit.SHORTENED),
        ("kim min su", "김민수", Fit.SAME_PARTS),
        ("minsu kim", "김민수", Fit.SAME_PARTS),
        ("lee jun", "이준", Fit.SAME_PARTS),
        ("park", "박정희", Fit.SHORTENED),
        ("chan hao", "陈豪", Fit.SAME_PARTS),
        ("김민수", "minsu kim", Fit.SAME_PARTS),
    ],
)
def test_family_names_of_korea_and_china_are_found_as_their_bearers_write_them(
    typed: str, name: str, fit: Fit
):
    found = likeness(typed, name)
    assert found is not None
    assert found.fit is fit
    assert found.flaws > 0


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("pan pan", "kun yuan"),
        ("", "pan pan"),
        ("pan", ""),
        ("pna pan", "p p nayak"),
        ("w l", "wei m"),
        ("li", "lu"),
    ],
)
def test_names_with_nothing_in_common_do_not_fit(typed: str, name: str):
    assert likeness(typed, name) is None


def test_fewer_flaws_are_better_and_a_better_fit_beats_them():
    whole, begun = likeness("kun yuan", "kun yuan xu"), likeness("kun yu", "kun yuan")
    misspelt = likeness("kun yaun", "kun yuan")
    assert whole is not None
    assert begun is not None
    assert misspelt is not None
    assert whole < begun < misspelt


parts = st.lists(st.text("abcde", min_size=1, max_size=6), min_size=1, max_size=4)


@given(parts, st.randoms(use_true_random=False))
def test_the_order_of_parts_never_matters(name, random):
    other = list(name)
    random.shuffle(other)
    found = likeness(" ".join(name), " ".join(other))
    assert found is not None
    assert found.fit is Fit.SAME_PARTS


@given(parts, parts)
def test_only_the_same_parts_are_the_same(typed, name):
    found = likeness(" ".join(typed), " ".join(name))
    same = found is not None and found.fit is Fit.SAME_PARTS
    assert same == (sorted(typed) == sorted(name))
