"""Authors as cards: one with a picture, a choice among several, a comparison, co-authors, corrections."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import discord

from bot.authors.affiliations import AffiliationYears
from bot.authors.charts import Picture
from bot.authors.corrections import Correction
from bot.authors.figures import span
from bot.authors.network import CoauthorList, CoauthorPath, Comparison, Link
from bot.authors.profile import MOST_CHOICES
from bot.authors.results import Author, AuthorAnswer, AuthorChoice, CertaintyLevel, Reported, ReportedChanges
from bot.discord_app.buttons import Control, Menu, Row
from bot.discord_app.client import Interaction
from bot.discord_app.limits import Card, Passage
from bot.discord_app.replies import show
from bot.discord_app.safe_text import fit, plain, safe
from bot.discord_app.wording import (
    day_words,
    fact_words,
    figure,
    joined_names,
    name_words,
    notice_words,
    table_words,
    title_words,
    year_words,
)
from bot.papers.disagreements import source_name
from bot.papers.results import Paper
from bot.store.models import CorrectionKind
from bot.text.counting import counted
from bot.text.latex import readable
from cogs.papers.buttons import DetailsButton

MAX_NOTICES = 6
MAX_NOTICE = 400
MAX_COAUTHORS = 8
MAX_FIELDS = 8
MAX_CLUSTERS = 5
MAX_IDENTIFIERS, MAX_IDENTIFIER = 3, 60
MAX_NAMES = 8
MAX_CORRECTIONS = 3
MAX_AFFILIATIONS = 8
MAX_NEWEST = 60
MAX_FIRST_VIEW = 900
"""Characters of the card that is the answer to a name."""
MAX_FACT = 60
SOME = 4
"""Fields, and co-authors, that it names."""
MAX_SHOWN = 20
MAX_TITLE = 110
MAX_REASON = 200
PICTURE_NAME = "papers-by-year.png"

Section = discord.ui.Section[Any]

_log = logging.getLogger(__name__)


class _Line(NamedTuple):
    """A line of the first view."""

    part: int
    """Of the card's three: the person, what a source reports, what the corpus shows."""
    weight: int
    """Where not all have room, those of the least stay."""
    text: str


def author_card(
    author: Author,
    controls: Sequence[Control] = (),
    others: Sequence[AuthorChoice] = (),
    menu: Menu | None = None,
    asked: str | None = None,
) -> Card:
    """The first view: who, since when, on what, with whom, and the figures; the rest is behind buttons.

    Args:
        author: Who it is about.
        controls: The buttons.
        others: Who is perhaps the same person.
        menu: That shows one of these.
        asked: What was typed, where nobody is called exactly so.

    """
    lines = [
        *_person_lines(author),
        *_asked_lines(asked),
        *_others_lines(others),
        *_reported_lines(author),
        *_corpus_lines(author),
    ]
    room = MAX_FIRST_VIEW
    kept: set[int] = set()
    for number in sorted(range(len(lines)), key=lambda number: lines[number].weight):
        if len(lines[number].text) < room:
            kept.add(number)
            room -= len(lines[number].text) + 1
    shown = [lines[number] for number in sorted(kept)]
    person, reported, corpus = (
        "\n".join(line.text for line in shown if line.part == part) for part in range(3)
    )
    card = Card(*map(Passage, filter(None, (person, reported))), discord.ui.Separator(), Passage(corpus))
    if controls:
        card.add_item(Row(*controls))
    if menu is not None:
        card.add_item(Row(menu))
    return card


def _asked_lines(asked: str | None) -> list[_Line]:
    if asked is None:
        return []
    typed = fit(safe(asked), MAX_FACT)
    return [_Line(0, 1, f"-# Nobody here is called exactly “{typed}”: this is the only person it fits")]


def _others_lines(others: Sequence[AuthorChoice]) -> list[_Line]:
    names = (f"{name_words(one.name)} ({counted(one.papers, 'paper')})" for one in others)
    return [_Line(0, 1, f"-# Perhaps also: {', '.join(names)}")] if others else []


def _person_lines(author: Author) -> list[_Line]:
    """The name, what is known of the person, and how sure it is."""
    reported = author.reported
    facts = [f"Main field {safe(reported.field)}"] if reported is not None and reported.field else []
    facts += filter(None, map(safe, author.identifiers[:1]))
    facts += (f"also as {safe(name)}" for name in author.other_names[:1])
    lines = [_Line(0, 0, f"## {name_words(author.name) or '(no name)'}")]
    if facts:
        lines.append(_Line(0, 4, f"-# {' · '.join(fit(one, MAX_FACT) for one in facts)}"))
    if author.certainty is not None:
        lines.append(_Line(0, 1, f"-# {fit(safe(author.certainty.sentence), MAX_NOTICE)}"))
    return lines


def _reported_lines(author: Author) -> list[_Line]:
    known = author.reported
    lines = [_Line(1, 0, _reported(known, author.changes))] if known is not None else []
    notices = (f"-# ⚠ {fit(safe(notice), MAX_NOTICE)}" for notice in author.notices[:MAX_NOTICES])
    return [*lines, *(_Line(1, 2 if place == 0 else 6, one) for place, one in enumerate(notices))]


def _corpus_lines(author: Author) -> list[_Line]:
    shown = author.corpus
    facts = [f"**{counted(shown.papers, 'paper')}**"]
    if shown.years:
        facts.append(safe(span(list(shown.years)) or ""))
    if shown.listed < shown.papers:
        facts.append(f"{shown.listed:,} name {name_words(author.name)}")
    if shown.with_code:
        facts.append(f"{shown.with_code:,} with code")
    lines = [_Line(2, 0, f"**In this corpus**\n{' · '.join(facts)}")]
    if (cited := shown.cited) is not None:
        figures = f"h-index **{cited.h_index:,}** · i10 **{cited.i10:,}** · citations **{cited.citations:,}**"
        basis = f"of the {counted(cited.papers, 'paper')} here that carry citations"
        lines.append(_Line(2, 1, f"{figures} ({basis})"))
    if author.affiliations:
        places = (_affiliation(one) for one in author.affiliations[:2])
        lines.append(_Line(2, 3, f"At {' · '.join(places)}"))
    if shown.fields:
        lines.append(_Line(2, 3, f"On {fit(table_words(shown.fields, SOME), 2 * MAX_FACT)}"))
    if shown.coauthors:
        people = (f"{name_words(one.name)} ({one.papers:,})" for one in shown.coauthors[:SOME])
        lines.append(_Line(2, 3, f"With {', '.join(people)}"))
    if author.most_cited:
        lines.append(_Line(2, 6, f"Most cited here: {_most_cited(author, 1)}"))
    if author.newest:
        newest = author.newest[0]
        notice = notice_words(newest)
        marked = f"\n-# {notice}" if notice is not None else ""
        lines.append(_Line(2, 5, f"Newest: {title_words(newest, MAX_TITLE)}{marked}"))
    return lines


def _most_cited(author: Author, most: int) -> str:
    """Titles with how many papers of the corpus cite them."""
    shown = author.most_cited[:most]
    return " · ".join(
        f"{fit(safe(readable(title)), MAX_TITLE)} ({counted(cited, 'paper')})" for title, cited in shown
    )


def _affiliation(one: AffiliationYears) -> str:
    """An institution with its years."""
    name = fit(safe(one.name), MAX_FACT)
    if one.first_year is None or one.last_year is None:
        return name
    span = one.first_year if one.first_year == one.last_year else f"{one.first_year} to {one.last_year}"
    return f"{name} ({span})"


def author_papers_card(author: Author) -> Card:
    """The newest papers of an author, each with its details."""
    card = Card(Passage(f"## Newest papers of {name_words(author.name)}\n-# {_of_all(author)}"))
    for paper in author.newest:
        text = f"{title_words(paper, MAX_TITLE)}\n-# {fact_words(paper)}"
        card.add_item(Section(Passage(text), accessory=DetailsButton.of(paper.id)))
    return card


def _of_all(author: Author) -> str:
    shown, total = len(author.newest), author.corpus.papers
    if shown >= total:
        return counted(total, "paper")
    return f"{shown:,} of {total:,} papers; all of them: /papers with this author, sorted by Newest"


def author_details_card(author: Author) -> Card:
    """All that is known of an author beside the papers."""
    head = [f"## {name_words(author.name)}"]
    facts = [fit(safe(one), MAX_IDENTIFIER) for one in author.identifiers[:MAX_IDENTIFIERS]]
    if author.other_names:
        facts.append(f"also as {joined_names(author.other_names, MAX_NAMES)}")
    head += [f"-# {one}" for one in facts]
    if author.certainty is not None:
        head.append(f"-# {fit(safe(author.certainty.sentence), MAX_NOTICE)}")
    card = Card(Passage("\n".join(head)))
    lines = [_reported(author.reported, author.changes)] if author.reported is not None else []
    lines += [f"-# ⚠ {fit(safe(notice), MAX_NOTICE)}" for notice in author.notices[:MAX_NOTICES]]
    if lines:
        card.add_item(Passage("\n".join(lines)))
    card.add_item(discord.ui.Separator())
    card.add_item(Passage(_all_of_corpus(author)))
    if author.most_cited:
        card.add_item(Passage(f"Most cited by papers here: {_most_cited(author, len(author.most_cited))}"))
    if len(author.clusters) > 1:
        card.add_item(Passage(_clusters(author)))
    if author.corrections:
        lines = [f"-# {fit(safe(one), MAX_NOTICE)}" for one in author.corrections[:MAX_CORRECTIONS]]
        card.add_item(Passage("\n".join(lines)))
    return card


def _reported(reported: Reported, changed: ReportedChanges | None) -> str:
    day = f"read {day_words(reported.as_of)}" if reported.as_of else "day unknown"
    figures = [
        f"{label} {figure(getattr(reported, name), unit)}{_change(changed, name)}"
        for name, label, unit in (
            ("h_index", "h-index", ""),
            ("papers", "papers", ""),
            ("citations", "citations", ""),
            ("novelty", "Novelty", "%"),
            ("ai_score", "AI Score", ""),
        )
    ]
    if changed is not None:
        same = "" if changed.changes else "the same as on "
        figures.append(f"{same}{'since ' if changed.changes else ''}{day_words(changed.since)}")
    return f"**Reported by the {fit(safe(reported.source), MAX_FACT)}** ({day})\n{' · '.join(figures)}"


def _change(changed: ReportedChanges | None, name: str) -> str:
    """Say by how much a figure changed; nothing where it stayed, or was not read before."""
    return f" ({changed.changes[name]:+,g})" if changed is not None and name in changed.changes else ""


def _all_of_corpus(author: Author) -> str:
    shown = author.corpus
    facts = [counted(shown.papers, "paper")]
    if shown.attributed:
        facts.append(f"{shown.listed:,} name {name_words(author.name)} in the list of authors")
        facts.append(
            f"{shown.attributed:,} {'stands' if shown.attributed == 1 else 'stand'} on the author’s page"
        )
    if shown.with_code:
        facts.append(f"{shown.with_code:,} with code ({shown.with_code / shown.papers:.0%})")
    lines = ["**In this corpus**", f"**{facts[0]}**{''.join(f' · {one}' for one in facts[1:])}"]
    if shown.fields:
        lines.append(f"Fields: {table_words(shown.fields, MAX_FIELDS)}")
    if shown.years:
        lines.append(f"Years: {year_words(shown.years)}")
    if author.affiliations:
        listed = (
            f"{_affiliation(one)}, by {fit(safe(', '.join(map(source_name, one.sources))), MAX_FACT)}"
            for one in author.affiliations[:MAX_AFFILIATIONS]
        )
        lines.append(f"Affiliations: {'; '.join(listed)}")
    places = [f"first author of {shown.first_author:,}"] if shown.first_author else []
    if shown.last_author:
        places.append(f"last of {shown.last_author:,} ({counted(shown.whole_lists, 'whole list')})")
    if places:
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


def _clusters(author: Author) -> str:
    """The clusters of more than one paper, by their co-authors."""
    lines = ["**Circles of papers that share co-authors**"]
    for cluster in [one for one in author.clusters if one.papers > 1][:MAX_CLUSTERS]:
        people = ", ".join(name_words(name) for name in cluster.coauthors)
        years = f" · {safe(cluster.years)}" if cluster.years else ""
        lines.append(f"{counted(cluster.papers, 'paper')} with {people}{years}")
    alone = sum(cluster.papers == 1 for cluster in author.clusters)
    if alone:
        lines.append(f"{counted(alone, 'paper')} {'shares' if alone == 1 else 'share'} no visible co-author")
    return "\n".join(lines)


def no_author(name: str) -> Card:
    """That nobody has a name like it."""
    typed = fit(safe(name), 200)
    return Card(Passage(f"### No author “{typed}”\nNobody in this corpus has a name like it."))


def author_choices(answer: AuthorAnswer, menu: Menu) -> Card:
    """Where a name is not exact or not one person's: people to choose from."""
    typed = fit(safe(answer.query), 200)
    listed = "\n".join(
        f"{'  - perhaps also ' if choice.perhaps else '- '}{name_words(choice.name)}, {_facts(choice)}"
        for choice in answer.choices[:10]
    )
    head = f"### No exact match for “{typed}”\nDid you mean one of these people?"
    if len(answer.choices) == MOST_CHOICES:
        head += "\n-# The ten that fit best: with more of the name typed, others come in"
    if answer.namesakes:
        head = f"### {len(answer.choices)} people are called “{typed}”\nWhich of them?"
    return Card(Passage(f"{head}\n{listed}"), discord.ui.Separator(visible=False), Row(menu))


def authors_choice(paper: Paper, menu: Menu) -> Card:
    """The authors of a paper to choose from."""
    return Card(Passage(f"### {title_words(paper)}\nWhich author?"), Row(menu))


def _facts(choice: AuthorChoice) -> str:
    facts = [counted(choice.papers, "paper"), choice.field, choice.years, choice.affiliation]
    if choice.coauthors:
        facts.append(f"with {', '.join(choice.coauthors[:2])}")
    if choice.newest:
        facts.append(f"newest: {fit(readable(choice.newest), MAX_NEWEST)}")
    facts.append(choice.identifier)
    return " · ".join(safe(fact) for fact in facts if fact)


def option_facts(choice: AuthorChoice) -> str:
    """What distinguishes an author from others of the name, as the description of a menu's option."""
    facts = [
        counted(choice.papers, "paper"),
        choice.field,
        choice.years,
        choice.affiliation,
        choice.identifier,
        f"with {', '.join(choice.coauthors[:2])}" if choice.coauthors else None,
        choice.newest,
    ]
    return " · ".join(fact for fact in facts if fact)


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
    years = f" · {safe(span(list(shown.years)) or '')}" if shown.years else ""
    lines.append(
        f"In this corpus: {counted(shown.papers, 'paper')}{years} · {shown.with_code:,} with code · "
        f"first author of {shown.first_author:,}"
    )
    if shown.cited is not None:
        lines.append(
            f"Cited: {counted(shown.cited.citations, 'citation')} · h-index {shown.cited.h_index:,} "
            f"(from {counted(shown.cited.papers, 'paper')} here)"
        )
    if shown.fields:
        lines.append(f"Fields: {table_words(shown.fields, 6)}")
    if author.certainty is not None and author.certainty.level is not CertaintyLevel.SURE:
        lines.append(f"-# {fit(safe(author.certainty.sentence), MAX_NOTICE)}")
    return "\n".join(lines)


def coauthors_card(found: CoauthorList) -> Card:
    """Everybody with whom an author wrote, the most frequent first."""
    card = Card(Passage(f"## Co-authors of {name_words(found.name)}\n-# {counted(found.total, 'person')}"))
    if not found.coauthors:
        card.add_item(Passage("No list of authors names anybody beside them."))
        return card
    lines = [
        f"{name_words(one.name)} · {counted(one.total, 'paper')}{'' if one.named else ' (by a page alone)'}"
        for one in found.coauthors[:MAX_SHOWN]
    ]
    more = found.total - len(lines)
    if more > 0:
        lines.append(f"-# and {more:,} more")
    card.add_item(Passage("\n".join(lines)))
    return card


def path_card(path: CoauthorPath, end: str) -> Card:
    """The shortest way from one person to another, each step with its papers."""
    start, goal = name_words(path.start), name_words(end)
    if not path.links:
        text = f"### No way from {start} to {goal}\nNobody in this corpus links them by shared papers."
        if path.gave_up:
            text = (
                f"### No way found from {start} to {goal}\nToo many people lie between; the search was ended."
            )
        return Card(Passage(text))
    steps = "1 step" if len(path.links) == 1 else f"{len(path.links)} steps"
    card = Card(Passage(f"## From {start} to {goal}\n-# {steps}, over papers that both have"))
    previous = start
    for link in path.links[:MAX_SHOWN]:
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
    if not answer.choices:
        return no_author(answer.query)
    typed = fit(safe(answer.query), 200)
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


def corrections_card(found: Sequence[Correction], undo: Callable[[int], Control]) -> Card:
    """The newest corrections; `undo` makes the button of one that holds."""
    if not found:
        return Card(Passage("### No corrections\nNobody has merged or split an entry yet."))
    card = Card(Passage("### The newest corrections"))
    for one in found:
        words = Passage(correction_words(one))
        if one.undone_at is None:
            card.add_item(Section(words, accessory=undo(one.id)))
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
