"""An author as a card with a picture, and the choice among several people."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from typing import Any

import discord

from bot.authors.charts import Picture, author_picture
from bot.authors.results import Author, AuthorAnswer, AuthorChoice, Reported, ReportedChanges
from bot.discord_app import buttons
from bot.discord_app.limits import Card, Passage
from bot.discord_app.permissions import may_notify
from bot.discord_app.replies import Interaction, show
from bot.discord_app.safe_text import fit, plain, safe
from bot.discord_app.wording import (
    counted,
    day_words,
    fact_words,
    figure,
    name_words,
    table_words,
    title_words,
    year_words,
)
from bot.text.latex import readable

MAX_NOTICES = 6
MAX_NOTICE = 400
MAX_COAUTHORS = 8
MAX_FIELDS = 8
MAX_CIRCLES = 5
MAX_IDENTIFIERS, MAX_IDENTIFIER = 3, 60
MAX_CORRECTIONS = 3
MAX_NEWEST = 60
NEWEST = 5

Section = discord.ui.Section[Any]


def author_card(author: Author, *, follow: bool = False) -> Card:
    """What a source reports and, visibly apart, what this corpus shows.

    `follow` adds the button that tells the channel of new papers, for a person who may subscribe it.
    """
    facts = [f"Main field {safe(author.field)}"] if author.field else []
    facts += [fit(safe(one), MAX_IDENTIFIER) for one in author.identifiers[:MAX_IDENTIFIERS]]
    subtitle = f"\n-# {' · '.join(facts)}" if facts else ""
    card = Card(
        Passage(f"## {name_words(author.name)}{subtitle}"),
        Passage(_reported(author.reported, author.changes)),
    )
    if author.notices:
        card.add_item(
            Passage(
                "\n".join(f"-# ⚠ {fit(safe(notice), MAX_NOTICE)}" for notice in author.notices[:MAX_NOTICES])
            )
        )
    card.add_item(discord.ui.Separator())
    card.add_item(Passage(_corpus(author)))
    if len(author.clusters) > 1:
        card.add_item(Passage(_circles(author)))
    if author.corrections:
        told = "\n".join(f"-# {fit(safe(one), MAX_NOTICE)}" for one in author.corrections[:MAX_CORRECTIONS])
        card.add_item(Passage(told))
    if author.newest:
        card.add_item(discord.ui.Separator())
        card.add_item(Passage("**Newest papers**"))
    for paper in author.newest[:NEWEST]:
        text = f"{title_words(paper, 200)}\n-# {fact_words(paper)}"
        card.add_item(Section(Passage(text), accessory=buttons.details(paper.id)))
    if follow:
        card.add_item(buttons.Row(buttons.follow(author.id)))
    return card


def _reported(reported: Reported | None, course: ReportedChanges | None) -> str:
    if reported is None:
        return "**Reported**\nNo source reports figures of this author."
    day = f"read {day_words(reported.as_of)}" if reported.as_of else "day unknown"
    figures = [
        f"{label} {figure(getattr(reported, name), unit)}{_change(course, name)}"
        for name, label, unit in (
            ("h_index", "h-index", ""),
            ("papers", "papers", ""),
            ("citations", "citations", ""),
            ("novelty", "Novelty", "%"),
            ("ai_score", "AI Score", ""),
        )
    ]
    if course is not None and not course.changes:
        figures.append(f"the same as on {day_words(course.since)}")
    return f"**Reported by the {safe(reported.source)}** ({day})\n{' · '.join(figures)}"


def _change(course: ReportedChanges | None, name: str) -> str:
    """Say by how much a figure changed; nothing where it stayed, or was not read before."""
    if course is None or name not in course.changes:
        return ""
    return f", {course.changes[name]:+,g} since {day_words(course.since)}"


def _corpus(author: Author) -> str:
    shown = author.corpus
    facts = [f"{shown.listed:,} name {name_words(author.name)} in the list of authors"]
    if shown.attributed:
        facts.append(
            f"{shown.attributed:,} {'stands' if shown.attributed == 1 else 'stand'} on the author’s page"
        )
    share = f" ({shown.with_code / shown.papers:.0%})" if shown.papers else ""
    facts.append(f"{shown.with_code:,} with code{share}")
    lines = ["**In this corpus**", f"**{counted(shown.papers, 'paper')}** · {' · '.join(facts)}"]
    if shown.fields:
        lines.append(f"Fields: {table_words(shown.fields, MAX_FIELDS)}")
    if shown.years:
        lines.append(f"Years: {year_words(shown.years)}")
    if shown.listed:
        places = [f"first author of {shown.first_author:,}"]
        if shown.whole_lists:
            lists = "list" if shown.whole_lists == 1 else "lists"
            places.append(f"last of {shown.last_author:,} ({shown.whole_lists:,} whole {lists})")
        lines.append(f"Place: {', '.join(places)}")
    if shown.cited is not None:
        cited = shown.cited
        lines.append(
            f"Cited: {counted(cited.citations, 'citation')} · h-index {cited.h_index:,} · "
            f"g-index {cited.g_index:,} · i10 {cited.i10:,} "
            f"(computed from the {counted(cited.papers, 'paper')} here that carry citations)"
        )
    if shown.coauthors:
        names = [
            f"{name_words(person.name)} ({person.papers:,})" for person in shown.coauthors[:MAX_COAUTHORS]
        ]
        lines.append(f"Most frequent co-authors: {', '.join(names)}")
    return "\n".join(lines)


def _circles(author: Author) -> str:
    """The circles of more than one paper, by who is in them."""
    lines = ["**Circles of papers that share co-authors**"]
    for circle in [one for one in author.clusters if one.papers > 1][:MAX_CIRCLES]:
        people = ", ".join(name_words(name) for name in circle.coauthors)
        years = f" · {safe(circle.years)}" if circle.years else ""
        lines.append(f"{counted(circle.papers, 'paper')} with {people}{years}")
    alone = sum(circle.papers == 1 for circle in author.clusters)
    if alone:
        lines.append(f"{counted(alone, 'paper')} {'shares' if alone == 1 else 'share'} no visible co-author")
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
    head = f"### No exact match for “{typed}”\nDid you mean one of these people?"
    if answer.namesakes:
        head = f"### {len(answer.choices)} people are called “{typed}”\nWhich of them?"
    return Card(
        Passage(f"{head}\n{listed}"),
        discord.ui.Separator(visible=False),
        buttons.Row(buttons.pick_author(answer.choices, asker_id)),
    )


def _told_apart(choice: AuthorChoice) -> str:
    facts = [counted(choice.papers, "paper"), choice.field, choice.years]
    if choice.coauthors:
        facts.append(f"with {', '.join(choice.coauthors[:2])}")
    if choice.newest:
        facts.append(f"newest: {fit(readable(choice.newest), MAX_NEWEST)}")
    facts.append(choice.identifier)
    return " · ".join(safe(fact) for fact in facts if fact)


PICTURE_NAME = "papers-by-year.png"

_log = logging.getLogger(__name__)


async def show_author(interaction: Interaction, author: Author) -> None:
    """Answer with the card of an author."""
    bot = interaction.client
    card = await bot.in_thread(author_card, author, follow=may_notify(interaction))
    await show_pictured(interaction, card, lambda: author_picture(author))


async def show_pictured(interaction: Interaction, card: Card, draw: Callable[[], Picture | None]) -> None:
    """Answer with a card and its picture; where that cannot be drawn, with the card alone."""
    try:
        picture = await interaction.client.in_thread(draw)
    except Exception:  # noqa: BLE001 - the card says the same in words
        _log.exception("A picture could not be drawn; the card is shown without it.")
        picture = None
    if picture is None:
        await show(interaction, card)
        return
    gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery(
        discord.MediaGalleryItem(f"attachment://{PICTURE_NAME}", description=plain(picture.alt))
    )
    card.add_item(gallery)
    await show(interaction, card, [discord.File(io.BytesIO(picture.png), filename=PICTURE_NAME)])
