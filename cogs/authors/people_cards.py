"""People beside each other: a comparison, a circle of co-authors, the way between two, corrections."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.authors.corrections import Correction
from bot.authors.network import CoauthorList, CoauthorPath, Comparison, Link
from bot.authors.results import Author, AuthorAnswer
from bot.discord_app import buttons
from bot.discord_app.limits import Card, Passage
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.wording import counted, day_words, figure, name_words, table_words, title_words
from bot.store.models import CorrectionKind

MAX_SHOWN = 20
MAX_TITLE = 110
MAX_REASON = 200


def comparison_card(found: Comparison) -> Card:
    """Authors side by side, what they have in common, and what each figure rests on."""
    names = " · ".join(name_words(author.name) for author in found.authors)
    card = Card(Passage(f"## {names}"))
    for author in found.authors:
        card.add_item(Passage(_side(author)))
    card.add_item(discord.ui.Separator())
    everyone = "both" if len(found.authors) == 2 else "all three"
    lines = [f"**{counted(found.common_papers, 'paper')} of {everyone}**"]
    lines += [title_words(paper, MAX_TITLE) for paper in found.papers]
    lines.append(f"**{counted(found.shared_coauthors, 'co-author')} of {everyone}**")
    if found.coauthors:
        people = (f"{name_words(one.name)} ({one.papers:,})" for one in found.coauthors)
        lines.append(", ".join(people))
    card.add_item(Passage("\n".join(lines)))
    return card


def _side(author: Author) -> str:
    shown, reported = author.corpus, author.reported
    lines = [f"**{name_words(author.name)}**"]
    if reported is not None:
        day = f", read {day_words(reported.as_of)}" if reported.as_of else ""
        lines.append(
            f"Reported by the {safe(reported.source)}{day}: h-index {figure(reported.h_index)} · "
            f"papers {figure(reported.papers)} · citations {figure(reported.citations)}"
        )
    else:
        lines.append("No source reports figures.")
    span = f" · {min(shown.years)} to {max(shown.years)}" if shown.years else ""
    lines.append(
        f"In this corpus: {counted(shown.papers, 'paper')}{span} · {shown.with_code:,} with code · "
        f"first author of {shown.first_author:,}"
    )
    if shown.cited is not None:
        lines.append(
            f"Cited: {counted(shown.cited.citations, 'citation')} · h-index {shown.cited.h_index:,} "
            f"(from {counted(shown.cited.papers, 'paper')} here)"
        )
    if shown.fields:
        lines.append(f"Fields: {table_words(shown.fields, 6)}")
    if not author.identifiers:
        lines.append("-# The name alone: several people may bear it.")
    return "\n".join(lines)


def circle_card(circle: CoauthorList) -> Card:
    """Everybody with whom an author wrote, the most frequent first."""
    card = Card(Passage(f"## Co-authors of {name_words(circle.name)}\n-# {counted(circle.total, 'person')}"))
    if not circle.coauthors:
        card.add_item(Passage("No list of authors names anybody beside them."))
        return card
    lines = [
        f"{name_words(one.name)} · {counted(one.total, 'paper')}{'' if one.named else ' (by a page alone)'}"
        for one in circle.coauthors[:MAX_SHOWN]
    ]
    more = circle.total - len(lines)
    if more > 0:
        lines.append(f"-# and {more:,} more")
    card.add_item(Passage("\n".join(lines)))
    return card


def way_card(way: CoauthorPath, end: str) -> Card:
    """The shortest way from one person to another, each step with its papers."""
    start, goal = name_words(way.start), name_words(end)
    if not way.links:
        text = f"### No way from {start} to {goal}\nNobody in this corpus links them by shared papers."
        if way.gave_up:
            text = (
                f"### No way found from {start} to {goal}\nToo many people lie between; the search was ended."
            )
        return Card(Passage(text))
    steps = "1 step" if len(way.links) == 1 else f"{len(way.links)} steps"
    card = Card(Passage(f"## From {start} to {goal}\n-# {steps}, over papers that both have"))
    previous = start
    for link in way.links[:MAX_SHOWN]:
        card.add_item(Passage(_step(previous, link)))
        previous = name_words(link.name)
    card.add_item(Passage("-# One name may be several people: a step rests on the names in the lists."))
    return card


def _step(previous: str, link: Link) -> str:
    basis = "named together in a list of authors" if link.named else "attributed by an author’s page alone"
    titles = "\n".join(title_words(paper, MAX_TITLE) for paper in link.papers)
    return f"**{previous} → {name_words(link.name)}** · {counted(link.total, 'paper')}, {basis}\n{titles}"


def which_card(answer: AuthorAnswer) -> Card:
    """A name that is not exactly one person's, in a command that takes several."""
    typed = fit(safe(answer.query), 200)
    if not answer.choices:
        return Card(Passage(f"### No author “{typed}”\nNobody in this corpus has a name like it."))
    people = "\n".join(
        f"- {name_words(one.name)} · {counted(one.papers, 'paper')} · `author:{one.author_id}`"
        for one in answer.choices[:10]
    )
    return Card(
        Passage(
            f"### “{typed}” is not exactly one person\nChoose a suggestion while you type, or give one of "
            f"these with its `author:` number:\n{people}"
        )
    )


def correction_card(made: Correction) -> Card:
    """What a correction says, with the button that takes it back."""
    card = Card(Passage(correction_words(made)))
    if made.undone_at is None:
        card.add_item(buttons.Row(buttons.undo_correction(made.id)))
    return card


def corrections_card(found: Sequence[Correction]) -> Card:
    """The newest corrections; those that hold can be undone."""
    if not found:
        return Card(Passage("### No corrections\nNobody has merged or split an entry yet."))
    card = Card(Passage("### The newest corrections"))
    for one in found:
        words = Passage(correction_words(one))
        if one.undone_at is None:
            section: discord.ui.Section[discord.ui.LayoutView] = discord.ui.Section(
                words, accessory=buttons.undo_correction(one.id)
            )
            card.add_item(section)
        else:
            card.add_item(words)
    return card


def correction_words(one: Correction) -> str:
    """A correction in a few lines: what, why, who, when."""
    source, target = name_words(one.author_name), name_words(one.into_name)
    if one.kind is CorrectionKind.MERGE:
        what = f"{source} (`author:{one.author_id}`) is {target} (`author:{one.into_id}`)"
    else:
        what = (
            f"{counted(one.papers, 'paper')} of {source} (`author:{one.author_id}`) "
            f"{'is' if one.papers == 1 else 'are'} by another {target} (`author:{one.into_id}`)"
            if one.author_name == one.into_name
            else f"{counted(one.papers, 'paper')} of {source} (`author:{one.author_id}`) "
            f"{'is' if one.papers == 1 else 'are'} by {target} (`author:{one.into_id}`)"
        )
    lines = [
        f"**Correction {one.id}**: {what}",
        f"-# {fit(safe(one.reason), MAX_REASON)} · by <@{one.made_by}>, {day_words(one.made_at.date())}",
    ]
    if one.undone_at is not None:
        lines.append(f"-# Undone by <@{one.undone_by}>, {day_words(one.undone_at.date())}")
    return "\n".join(lines)
