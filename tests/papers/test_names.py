"""People's names among the words of a query: typed whole, joined, and misspelt."""

from __future__ import annotations

import pytest

from bot.app import App
from tests.apps import add
from tests.papers.conftest import corrected, find, titles

SHORT = ["Li Hao"]
"""A short list of authors counts most for each of its names."""
LONG = ["Ada Example", "Bo Wang", "Chen Sun", "Hao Liang", "Mei Lin", "Yu Zhang", "Zoe Quick"]


def test_whoever_bears_both_names_stands_above_papers_of_two_people(empty_app: App):
    add(
        empty_app,
        {"title": "Of two people", "authors": ["Hao Chen", "Liang Wu"]},
        {
            "title": "The Hao test of Liang",
            "abstract": "Liang wrote of Hao, and Hao of Liang.",
            "authors": SHORT,
        },
        {"title": "Of one person", "authors": LONG},
        *({"title": f"Paper {number}", "authors": ["Ada Example", "Bo Wang"]} for number in range(30)),
    )
    page = find(empty_app, "Hao Liang")
    assert titles(page)[0] == "Of one person"
    assert page.answer.total == 3


@pytest.mark.parametrize("typed", ["Guanbin Li", "GuanbinLi", "guanbinli"])
def test_a_name_without_its_blank_is_found_and_said(empty_app: App, typed: str):
    add(
        empty_app,
        {"title": "Maps", "authors": ["Guanbin Li"]},
        {"title": "Trees", "authors": ["Guanbin Xu"]},
    )
    page = find(empty_app, typed)
    assert titles(page)[0] == "Maps"
    assert page.answer.total == 1
    assert page.answer.variants == (() if " " in typed else ("guanbin li",))


@pytest.mark.parametrize("typed", ["Pengzhi Geao", "Pengzhi Gaoo", "Pengzhi Ga"])
def test_short_family_names_may_be_misspelt(empty_app: App, typed: str):
    add(
        empty_app,
        {"title": "Wanted", "authors": ["Pengzhi Gao"]},
        *({"title": f"Gear {number}", "authors": ["Ada Gear"]} for number in range(3)),
    )
    assert find(empty_app, typed).hits[0].paper.title == "Wanted"


def test_a_swap_in_the_middle_of_four_letters_is_forgiven(empty_app: App):
    add(
        empty_app,
        {"title": "Wanted", "authors": ["Xianghui Yang"]},
        {"title": "NAG"},
        {"title": "NAG again"},
    )
    page = find(empty_app, "Xianghui Ynag")
    assert corrected(page) == ["Wanted"]
    assert "yang" in page.answer.variants


@pytest.mark.parametrize(
    ("typed", "said"), [("Jui-Mnig Yao", ("ming",)), ("Jui-Yao", ("jui yao",)), ("Jui-Qqqq Yao", ())]
)
def test_joined_names_that_nobody_bears_count_each_for_itself(
    empty_app: App, typed: str, said: tuple[str, ...]
):
    add(
        empty_app,
        {"title": "Wanted", "authors": ["Jui-Ming Yao"]},
        {"title": "Another", "authors": ["Ada Yao", "Qiming Yao"]},
    )
    page = find(empty_app, typed)
    assert page.hits[0].paper.title == "Wanted"
    assert page.answer.variants == said
