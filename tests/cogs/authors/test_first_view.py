"""The first view of an author is short, whatever the sources wrote."""

from __future__ import annotations

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.authors.certainty import Grounds, certainty
from bot.authors.results import (
    Author,
    CitationFigures,
    Coauthor,
    CorpusFigures,
    Reported,
    ReportedChanges,
)
from bot.discord_app.limits import fitted
from cogs.authors.buttons import AuthorDetailsButton, AuthorPapersButton, FollowButton
from cogs.authors.cards import MAX_FIRST_VIEW, author_card, author_details_card
from tests.discord_app.requests import buttons_of, text_of

TEXTS = st.text(max_size=300) | st.sampled_from(["*" * 400, "Ada Ahn", "a" * 500, "@everyone [x](y)"])
NUMBERS = st.integers(0, 10**7)
YEARS = st.integers(1900, 2030).map(str)
MAYBE = st.none() | NUMBERS


@st.composite
def authors(draw: st.DrawFn) -> Author:
    """Authors of any size, with texts of any length."""
    papers = draw(NUMBERS)
    day = dt.date(2026, 3, 5)
    reported = Reported(draw(TEXTS), day, draw(TEXTS), *(draw(MAYBE) for _ in range(5)))
    cited = CitationFigures(*(draw(NUMBERS) for _ in range(5)))
    corpus = CorpusFigures(
        papers=papers,
        listed=draw(NUMBERS),
        attributed=draw(NUMBERS),
        with_code=draw(st.integers(0, papers)),
        fields=draw(st.dictionaries(TEXTS, NUMBERS, max_size=6)),
        years=draw(st.dictionaries(YEARS, NUMBERS, max_size=6)),
        coauthors=tuple(Coauthor(2, draw(TEXTS), draw(NUMBERS)) for _ in range(draw(st.integers(0, 8)))),
        cited=draw(st.none() | st.just(cited)),
    )
    return Author(
        id=1,
        name=draw(TEXTS),
        field=reported.field,
        reported=draw(st.none() | st.just(reported)),
        corpus=corpus,
        newest=(),
        notices=tuple(draw(st.lists(TEXTS, max_size=6))),
        changes=draw(st.none() | st.just(ReportedChanges(day, {"h_index": 1000.0, "papers": -1.0}))),
        identifiers=tuple(draw(st.lists(TEXTS, max_size=3))),
        other_names=tuple(draw(st.lists(TEXTS, max_size=3))),
        certainty=certainty(Grounds(papers, bearers=draw(st.integers(1, 25)), identified=draw(NUMBERS))),
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(authors())
def test_no_first_view_is_longer_than_900_characters(author: Author):
    controls = [one.of(author.id) for one in (AuthorPapersButton, AuthorDetailsButton, FollowButton)]
    card = fitted(author_card(author, controls))
    texts = [item.content for item in card.walk_children() if hasattr(item, "content")]
    assert sum(map(len, texts)) <= MAX_FIRST_VIEW
    assert all(line.strip("-# ") for text in texts for line in text.splitlines())
    fitted(author_details_card(author))


async def test_the_first_view_says_who_since_when_on_what_and_with_whom(world):
    answer = await world.ada.slash(world.channel, "author", name="Pan Pan")
    text = text_of(answer.response)
    assert len(text) <= MAX_FIRST_VIEW
    for words in ("2019 to 2026", "On CV 19", "With Yun Zheng (7)", "h-index **98**", "Newest:"):
        assert words in text
    assert list(buttons_of(answer.response))[:2] == ["Papers", "All figures"]


async def test_figures_of_an_author_who_is_gone_are_not_shown(world):
    answer = await world.ada.slash(world.channel, "author", name="Pan Pan")
    pressed = await world.ada.click(answer.response, label="All figures")
    assert "Most frequent co" in text_of(pressed.response)
    assert "h-index **98**" in text_of(answer.response)
