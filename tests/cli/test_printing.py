from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import pytest
from rich.console import Console

from bot.authors.results import (
    Author,
    AuthorAnswer,
    AuthorChoice,
    CitationFigures,
    Coauthor,
    CoauthorCluster,
    CorpusFigures,
    Reported,
    ReportedChanges,
)
from bot.cli.answers.authors import print_author
from bot.papers.results import Match

CORPUS = CorpusFigures(
    papers=5,
    listed=4,
    attributed=1,
    with_code=1,
    fields={"NI": 3, "CL": 2},
    years={"2019": 1, "2025": 4},
    coauthors=(Coauthor(2, "Berit Skjelbred", 2),),
    first_author=3,
    last_author=2,
    whole_lists=4,
    cited=CitationFigures(papers=3, citations=1136, h_index=2, g_index=3, i10=2),
)
AUTHOR = Author(
    id=1,
    name="Ada Ahn",
    field="NI",
    reported=Reported("author page", dt.date(2026, 3, 5), "NI", 98, 26, None, 55.0, None),
    corpus=CORPUS,
    newest=(),
    notices=("These figures contradict each other, as anybody who reads a line of more than eighty sees.",),
    changes=ReportedChanges(dt.date(2026, 3, 2), {"h_index": 3.0}),
    clusters=(
        CoauthorCluster(3, ("Berit Skjelbred",), "2019 to 2025"),
        CoauthorCluster(1, (), None),
        CoauthorCluster(1, (), None),
    ),
    identifiers=("ORCID 0000-0001",),
)


def printed(answer: AuthorAnswer, *, width: int | None = None) -> str:
    out = io.StringIO()
    print_author(Console(file=out, width=width or 200, soft_wrap=width is None, highlight=False), answer)
    return out.getvalue()


def test_every_figure_of_the_card_is_printed_with_what_it_rests_on():
    text = printed(AuthorAnswer("Ada Ahn", Match.EXACT, AUTHOR))
    for line in (
        "ORCID 0000-0001",
        "Reported by the author page (read 2026-03-05)",
        "  h-index    98 (+3 since 2026-03-02)",
        "  citations  not given",
        "  novelty    55 %",
        "In this corpus: 5 papers (4 listed, 1 attributed)",
        "attributed)\n  active        2019 to 2025",
        "  with code     1 (20%)",
        "  first author  of 3 papers",
        "  last author   of 2 (4 lists not cut)",
        "  citations     1,136, of the 3 papers that carry them",
        "  computed      h-index 2 · g-index 3 · i10 2",
        "  3 papers  Berit Skjelbred · 2019 to 2025",
        "  2 papers  share no visible co-author",
        "Note: These figures contradict each other",
    ):
        assert line in text


def test_a_terminal_of_80_columns_cuts_nothing():
    people = tuple(Coauthor(number, f"Somebody With A Long Name {number}", 1) for number in range(10))
    author = replace(AUTHOR, corpus=replace(CORPUS, coauthors=people))
    text = printed(AuthorAnswer("Ada Ahn", Match.EXACT, author), width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert "Somebody With A Long Name 9" in " ".join(text.split())


def test_a_name_that_is_blank_is_no_name():
    assert printed(AuthorAnswer("  ", Match.NONE)) == "No name was typed.\n"


def test_an_author_of_whom_nothing_is_known_is_printed():
    empty = CorpusFigures(papers=0, listed=0, attributed=0, with_code=0, fields={}, years={}, coauthors=())
    author = Author(id=1, name="\x1b[31mX", field=None, reported=None, corpus=empty, newest=(), notices=())
    text = printed(AuthorAnswer("X", Match.EXACT, author))
    assert "eported" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("a" * 80_000, f"No author is called {'a' * 299}…, nor anything near it."),
        ("Pan\u202e  \u200bPan\n", "No author is called Pan Pan, nor anything near it."),
        (" \u200b", "No name was typed."),
    ],
)
def test_what_was_asked_is_repeated_on_one_line_and_cut(asked: str, shown: str):
    assert printed(AuthorAnswer(asked, Match.CHOICES)).replace("\n", "") == shown


def test_namesakes_are_told_apart_and_not_called_inexact():
    choices = tuple(
        AuthorChoice(
            number, "Wei Wang", number, "CL", "2019", ("Ada Ahn",), f"ORCID {number}", newest="On parsing"
        )
        for number in (1, 2)
    )
    text = printed(AuthorAnswer("wei wang", Match.CHOICES, choices=choices, namesakes=True))
    assert "2 people are called wei wang." in text
    assert "2 papers · CL · 2019 · with Ada Ahn · newest: On parsing · ORCID 2 · author:2" in text
    assert "Nobody is called exactly" in printed(AuthorAnswer("wei wnag", Match.CHOICES, choices=choices))
