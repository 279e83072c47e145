"""Dates and questions as people put them in words."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.search.query import Role, parse_query


@pytest.mark.parametrize(
    ("typed", "reading"),
    [
        ("eels since 2021", "eels · 2021 or later"),
        ("eels after 2021", "eels · 2022 or later"),
        ("eels after May 2021", "eels · 2021-06 or later"),
        ("eels since Sept. 2021", "eels · 2021-09 or later"),
        ("eels from 2021 onwards", "eels · 2021 or later"),
        ("eels published before 2021", "eels · until 2020"),
        ("papers until March, 2021 on eels", "papers on eels · until 2021-03"),
        ("papers between 2021 and 2019 on eels", "papers on eels · 2019 to 2021"),
        ("papers since 2021", "2021 or later"),
        ("papers author:Ruiz", "author Ruiz"),
        ("papers by Ruiz since 2021", "papers by Ruiz · 2021 or later"),
        # What is about a time is no date of papers.
        ("Europe before 1914", "Europe before 1914"),
        ("crime from 2010 to 2020", "crime from 2010 to 2020"),
        ('"since 2021" eels', '"since 2021" eels'),
        ("since 2021-03-04x", "since 2021-03-04x"),
        ("since the 2021 eels", "since the 2021 eels"),
        (
            "deaths by malaria have fallen since 2000 in Africa",
            "deaths by malaria have fallen since 2000 in Africa",
        ),
        (
            "what are good papers about how deaths by malaria fell in Africa since 2000",
            "what are good papers about how deaths by malaria fell in Africa · 2000 or later",
        ),
    ],
)
def test_dates_in_words_are_read(typed: str, reading: str):
    assert parse_query(typed).reading == reading


TODAY = dt.date(2026, 3, 15)


@pytest.mark.parametrize(
    ("typed", "reading"),
    [
        ("papers of this year on eels", "papers on eels · 2026"),
        ("eels published last year", "eels · 2025"),
        ("papers from this month about eels", "papers about eels · 2026-03"),
        ("papers from last month", "2026-02"),
        ("papers of the last two weeks", "2026-03-01 or later"),
        ("recent work of the past 10 days on eels", "recent work on eels · 2026-03-05 or later"),
        ("papers published in the last 3 years on eels", "papers on eels · 2023-03-16 or later"),
        ("new papers from the last week", "2026-03-08 or later"),
        ("eels in the last ten years", "eels in the last ten years"),
    ],
)
def test_dates_count_from_today_beside_a_word_for_papers(typed: str, reading: str):
    assert parse_query(typed, today=TODAY).reading == reading
    assert parse_query(typed).reading == typed


@pytest.mark.parametrize(
    ("typed", "asking"),
    [
        ("what are good papers about eels?", "what are good papers about"),
        ("Can you recommend some recent work on eels", "Can you recommend some recent work on"),
        ("find articles that deal with eels", "find articles that deal with"),
        ("eel papers since 2021", "papers"),
        ("papers published before 2021 about eels", "papers about"),
        ("papers with code", ""),
        ("what papers cite eels", ""),
        ("eels in research on rivers", ""),
        ("researching eels", ""),
    ],
)
def test_words_that_only_ask_are_known(typed: str, asking: str):
    terms = (term for clause in parse_query(typed).clauses for term in clause.terms)
    assert " ".join(term.typed for term in terms if term.role is Role.ASKING) == asking
