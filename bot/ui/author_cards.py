"""An author as a card, and the choice among several people."""

from __future__ import annotations

from typing import Any

import discord

from bot.services.results import Author, AuthorAnswer, AuthorChoice, Reported
from bot.ui import buttons
from bot.ui.limits import Card, Passage
from bot.ui.text import fit, safe
from bot.ui.words import (
    counted,
    day_words,
    fact_words,
    figure,
    name_words,
    table_words,
    title_words,
    year_words,
)

MAX_NOTICES = 5
MAX_NOTICE = 300
MAX_COAUTHORS = 8
MAX_FIELDS = 8
NEWEST = 5

Section = discord.ui.Section[Any]


def author_card(author: Author) -> Card:
    """What a source reports and, visibly apart, what this corpus shows."""
    field = f"\n-# Main field {safe(author.field)}" if author.field else ""
    card = Card(
        Passage(f"## {name_words(author.name)}{field}"),
        Passage(_reported(author.reported)),
    )
    if author.notices:
        card.add_item(
            Passage(
                "\n".join(f"-# ⚠ {fit(safe(notice), MAX_NOTICE)}" for notice in author.notices[:MAX_NOTICES])
            )
        )
    card.add_item(discord.ui.Separator())
    card.add_item(Passage(_corpus(author)))
    if author.newest:
        card.add_item(discord.ui.Separator())
        card.add_item(Passage("**Newest papers**"))
    for paper in author.newest[:NEWEST]:
        text = f"{title_words(paper, 200)}\n-# {fact_words(paper)}"
        card.add_item(Section(Passage(text), accessory=buttons.details(paper.id)))
    return card


def _reported(reported: Reported | None) -> str:
    if reported is None:
        return "**Reported**\nNo source reports figures of this author."
    day = f"read {day_words(reported.as_of)}" if reported.as_of else "day unknown"
    figures = [
        f"h-index {figure(reported.h_index)}",
        f"papers {figure(reported.papers)}",
        f"citations {figure(reported.citations)}",
        f"Novelty {figure(reported.novelty, '%')}",
        f"AI Score {figure(reported.ai_score)}",
    ]
    return f"**Reported by the {safe(reported.source)}** ({day})\n{' · '.join(figures)}"


def _corpus(author: Author) -> str:
    shown = author.corpus
    facts = [f"{shown.listed:,} name {name_words(author.name)} in the list of authors"]
    if shown.attributed:
        facts.append(
            f"{shown.attributed:,} {'stands' if shown.attributed == 1 else 'stand'} on the author’s page"
        )
    facts.append(f"{shown.with_code:,} with code")
    lines = ["**In this corpus**", f"**{counted(shown.papers, 'paper')}** · {' · '.join(facts)}"]
    if shown.fields:
        lines.append(f"Fields: {table_words(shown.fields, MAX_FIELDS)}")
    if shown.years:
        lines.append(f"Years: {year_words(shown.years)}")
    if shown.coauthors:
        names = [
            f"{name_words(person.name)} ({person.papers:,})" for person in shown.coauthors[:MAX_COAUTHORS]
        ]
        lines.append(f"Most frequent co-authors: {', '.join(names)}")
    return "\n".join(lines)


def author_choices(answer: AuthorAnswer, asker_id: int) -> Card:
    """Where a name is not exact or not one person's: people to choose from, or that there is none."""
    typed = fit(safe(answer.query), 200)
    if not answer.choices:
        text = f"### No author “{typed}”\nNobody in this corpus has a name like it."
        return Card(Passage(text))
    listed = "\n".join(
        f"- {name_words(choice.name)}, {_told_apart(choice)}" for choice in answer.choices[:10]
    )
    return Card(
        Passage(f"### No exact match for “{typed}”\nDid you mean one of these people?\n{listed}"),
        discord.ui.Separator(visible=False),
        buttons.Row(buttons.pick_author(answer.choices, asker_id)),
    )


def _told_apart(choice: AuthorChoice) -> str:
    facts = [counted(choice.papers, "paper"), choice.field, choice.years]
    return " · ".join(safe(fact) for fact in facts if fact)
