"""One paper as a card, the choice among several, and the choice among a paper's authors."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.app import App
from bot.discord_app import buttons
from bot.discord_app.limits import Card, Passage
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.wording import NOT_GIVEN, date_words, day_words, joined_names, name_words, title_words
from bot.papers.disagreements import Disagreement, disagreements
from bot.papers.results import Choice, Paper
from bot.text.latex import readable

MAX_AUTHORS = 30
MAX_VENUE = 200
MAX_SAID = 80
MAX_SOURCES = 4


def known_paper_card(app: App, paper: Paper) -> Card:
    """The card of a paper of the corpus, with what its sources disagree on."""
    return paper_card(paper, disagreeing=disagreements(app, paper.id))


def paper_card(
    paper: Paper,
    controls: Sequence[buttons.Button] | None = None,
    disagreeing: Sequence[Disagreement] = (),
) -> Card:
    """The whole card: what is known of the paper, its abstract, its links or other controls."""
    card = Card(
        Passage(f"### {title_words(paper)}\n{_authors(paper)}"),
        Passage("\n".join((_facts(paper), *map(_disagreement, disagreeing)))),
        discord.ui.Separator(),
        _abstract(paper),
        discord.ui.Separator(visible=False),
    )
    card.add_item(buttons.Row(*(controls if controls is not None else _controls(paper))))
    return card


def _controls(paper: Paper) -> list[buttons.Button]:
    authors = buttons.authors_of(paper)
    led = [authors] if authors is not None else []
    return [*buttons.links(paper), buttons.bibtex(paper.id), *led, buttons.similar(paper.id)]


def _authors(paper: Paper) -> str:
    words = joined_names(paper.authors, MAX_AUTHORS) if paper.authors else "Authors not given"
    if paper.authors_truncated:
        words += " et al. (the source’s list is cut)"
    if paper.attributed_to:
        pages = " and ".join(name_words(name) for name in paper.attributed_to[:3])
        words += f"\n-# On {pages}’s page"
    return words


def _facts(paper: Paper) -> str:
    facts = [
        ("Field", safe(paper.field) if paper.field else NOT_GIVEN),
        ("Date", date_words(paper) or NOT_GIVEN),
        ("Venue", fit(safe(readable(paper.venue)), MAX_VENUE) if paper.venue else None),
        ("Pages", fit(safe(paper.pages.replace("-", "–")), MAX_VENUE) if paper.pages else None),
        ("Score", f"{paper.score:g}" if paper.score is not None else NOT_GIVEN),
        ("Citations", f"{paper.citations:,}" if paper.citations is not None else None),
        ("Code", "yes" if paper.has_code or paper.code_url else None),
        ("arXiv", safe(paper.arxiv_id) if paper.arxiv_id else None),
        ("DOI", fit(safe(paper.doi), MAX_VENUE) if paper.doi else None),
    ]
    return " · ".join(f"{name} **{value}**" for name, value in facts if value)


def _disagreement(one: Disagreement) -> str:
    """Each value with its source and day: "Citations: 12 (OpenAlex, read 3 Nov 2026) · 10 (…)"."""
    said = " · ".join(
        f"{fit(safe(readable(each.value)), MAX_SAID)} ({fit(safe(each.source), MAX_SAID)}"
        + (f", read {day_words(each.read_on)})" if each.read_on is not None else ")")
        for each in one.said[:MAX_SOURCES]
    )
    return f"-# {one.fact} by source: {said}"


def _abstract(paper: Paper) -> Passage:
    text = safe(readable(paper.abstract), paragraphs=True)
    return Passage("", lambda room: fit(text, room)) if text else Passage("-# No abstract given.")


def paper_choices(asked: str, papers: Sequence[Paper], asker_id: int) -> Card:
    """Where a title is not exact: the nearest papers to choose from, or that there is none."""
    typed = fit(safe(asked), 200)
    if not papers:
        text = f"### No paper “{typed}”\nNo title is like it. `/papers` searches abstracts and authors, too."
        return Card(Passage(text))
    listed = "\n".join(
        f"{place}. {title_words(paper, 100)}" + (f" · {date}" if (date := date_words(paper)) else "")
        for place, paper in enumerate(papers[:10], start=1)
    )
    return Card(
        Passage(f"### No exact match for “{typed}”\nThese titles are near:\n{listed}"),
        discord.ui.Separator(visible=False),
        buttons.Row(buttons.pick_paper(papers, asker_id)),
    )


def authors_choice(paper: Paper, people: Sequence[Choice], asker_id: int) -> Card:
    """The authors of a paper to choose from."""
    text = f"### {title_words(paper)}\nWhich author?"
    return Card(Passage(text), buttons.Row(buttons.pick_person(people, asker_id)))
