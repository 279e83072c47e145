"""Who is meant by a name, and what a card says of its author: scenes and figures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.app import App
from bot.authors.profile import find_author
from bot.papers.results import Match
from tests.apps import READ_ON
from tests.authors.conftest import names


@pytest.mark.parametrize("typed", ["Pan Pan", "pan pan", "Pan, Pan", "PAN  PAN", " Pan Pan "])
def test_scene_08_a_name_that_is_the_same_after_folding_reaches_the_author(shipped: App, typed: str):
    answer = find_author(shipped, typed)
    assert answer.match is Match.EXACT
    assert answer.author is not None
    assert answer.author.name == "Pan Pan"
    assert answer.choices == ()


@pytest.mark.parametrize("typed", ["Pna Pan", "Wei Pan", "P. Pan", "Pan", "Pan Pann", "Pan Pam", "~Pan_Pan1"])
def test_scene_08_a_name_that_is_not_exact_gives_a_pick_list(shipped: App, typed: str):
    answer = find_author(shipped, typed)
    assert answer.match is Match.CHOICES
    assert answer.author is None
    assert names(answer)[0] == "Pan Pan"


def test_scene_08_pan_pan_is_never_answered_with_wei_pan_or_pan_li(app: App, add: Callable[..., None]):
    add((["Wei Pan", "Pan Li"], {}), (["Wei Pan"], {}))
    answer = find_author(app, "Pan Pan")
    assert answer.match is Match.CHOICES
    assert answer.author is None
    add((["Pan Pan"], {}))
    found = find_author(app, "Pan Pan").author
    assert found is not None
    assert found.name == "Pan Pan"
    assert found.corpus.papers == 1


def test_scene_08_accents_are_no_difference(app: App, add: Callable[..., None]):
    add((["Marc Mézard", "Jean-François Kärkkäinen"], {}))
    assert names(find_author(app, "Mezard", exactly=True)) == ["Marc Mézard"]
    for typed, name in (
        ("marc mezard", "Marc Mézard"),
        ("Jean Francois Karkkainen", "Jean-François Kärkkäinen"),
    ):
        author = find_author(app, typed).author
        assert author is not None
        assert author.name == name


def test_scene_09_namesakes_with_different_ids_are_told_apart_and_never_merged(
    app: App, add: Callable[..., None]
):
    vision = {"author_ids": ["~Wei_Li1", None], "categories": ["cs.CV"], "date": "2019"}
    language = {"author_ids": ["~Wei_Li2", None], "categories": ["cs.CL"]}
    add(
        (["Wei Li", "Ada Ahn"], vision),
        (["Wei Li", "Ada Ahn"], vision | {"date": "2021-05"}),
        (["Wei Li", "Bo Berg"], language | {"date": "2024"}),
    )
    answer = find_author(app, "wei li")
    assert answer.match is Match.CHOICES
    shown = {choice.identifier: choice for choice in answer.choices}
    assert set(shown) == {"~Wei_Li1", "~Wei_Li2"}
    first, second = shown["~Wei_Li1"], shown["~Wei_Li2"]
    assert (first.papers, first.field, first.years, first.coauthors) == (
        2,
        "CV",
        "2019 to 2021",
        ("Ada Ahn",),
    )
    assert (second.papers, second.field, second.years, second.coauthors) == (1, "CL", "2024", ("Bo Berg",))
    for typed in ("~Wei_Li2", f"author:{second.author_id}"):
        author = find_author(app, typed).author
        assert author is not None
        assert author.id == second.author_id
        assert author.corpus.papers == 1
        assert author.certainty is not None
        assert author.certainty.sentence == "Sure: an identifier stands on the paper."


def test_scene_10_a_paper_whose_list_is_cut_before_the_author_is_theirs_and_marked(shipped: App):
    author = find_author(shipped, "Pan Pan").author
    assert author is not None
    assert (author.corpus.papers, author.corpus.listed, author.corpus.attributed) == (26, 10, 26)
    assert any(
        notice.startswith("16 of 26 papers rest on the word of the author page alone")
        and notice.endswith("25 of 26 lists are cut.")
        for notice in author.notices
    )
    unlisted = next(paper for paper in author.newest if "Pan Pan" not in paper.authors)
    assert unlisted.authors_truncated
    assert unlisted.attributed_to == ("Pan Pan",)


def test_scene_11_what_no_source_reports_is_none_and_not_zero(app: App, add: Callable[..., None]):
    add((["Robin Singular"], {}))
    author = find_author(app, "Robin Singular").author
    assert author is not None
    assert author.reported is None
    assert author.field is None
    assert author.corpus.years == {}


def test_scene_11_an_inferred_year_is_marked_on_the_newest_papers(shipped: App):
    author = find_author(shipped, "Pan Pan").author
    assert author is not None
    assert [paper.published_inferred for paper in author.newest] == [True] + [False] * 7
    assert author.newest[0].published == "2026-03-12"


def test_the_shipped_page_gives_its_figures_and_those_of_the_corpus_apart(shipped: App):
    author = find_author(shipped, "Pan Pan").author
    assert author is not None
    reported = author.reported
    assert reported is not None
    assert (reported.h_index, reported.papers, reported.citations) == (98, 26, 1791)
    assert (reported.novelty, reported.ai_score, reported.as_of) == (55, 48, READ_ON)
    assert author.field == "CV"
    assert author.corpus.with_code == 2
    assert list(author.corpus.fields.items()) == [("CV", 19), ("LG", 6), ("IR", 1)]
    assert list(author.corpus.years) == sorted(author.corpus.years)
    assert sum(author.corpus.years.values()) == 26
    assert (author.corpus.coauthors[0].name, author.corpus.coauthors[0].papers) == ("Yun Zheng", 7)
    dates = [paper.published or "" for paper in author.newest]
    assert len(dates) == 8
    assert dates == sorted(dates, reverse=True)


def test_reported_figures_that_contradict_each_other_are_said(shipped: App):
    author = find_author(shipped, "Pan Pan").author
    assert author is not None
    assert author.notices[0] == (
        "An h-index of 98 needs at least 98 papers and 9,604 citations; the source says 26 papers and "
        "1,791 citations: these figures contradict each other."
    )
