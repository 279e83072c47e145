"""A page of search results as a card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.discord_app import buttons
from bot.discord_app.limits import Card, Passage
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.wording import author_words, counted, fact_words, page_words, title_words
from bot.papers.results import Hit, SearchPage, SearchRequest, Span, StoredPage
from bot.text.latex import readable

FIRST_AUTHORS = 3
MAX_SNIPPET = 500
MAX_READING = 300
MAX_SUGGESTION = 100
ONE_PAPER = "paper:"
"""How a query begins that is a chosen suggestion."""

Section = discord.ui.Section[Any]


def search_card(stored: StoredPage, *, notify: bool = False) -> Card:
    """The results of one page, each with a Details button, and the buttons that turn and sort.

    `notify` adds the one that tells the channel of new papers, for a person who may subscribe it.
    """
    page, answer = stored.page, stored.page.answer
    card = Card(Passage(_header(page)))
    above: str | None = None
    for number, hit in enumerate(page.hits):
        if hit.heading is not None and hit.heading != above:
            card.add_item(_line())
            card.add_item(Passage(f"**{hit.heading}**"))
        above = hit.heading
        card.add_item(_line(visible=number == 0))
        card.add_item(_row(hit, answer.request.author))
    controls: list[buttons.Button] = []
    if page.pages > 1:
        controls += buttons.turn(stored.search_id, stored.asker_id, page=page.page, pages=page.pages)
    if len(answer.paper_ids) > 1:
        controls += buttons.order(stored.search_id, stored.asker_id, answer.request.sort)
    if not answer.total and answer.did_you_mean:
        controls.insert(0, buttons.meant(stored.search_id, stored.asker_id, answer.did_you_mean))
    if notify and not answer.request.query.startswith(ONE_PAPER):
        controls.append(buttons.notify_here(stored.search_id, stored.asker_id))
    if controls:
        card.add_item(_line())
    for start in range(0, len(controls), 5):
        card.add_item(buttons.Row(*controls[start : start + 5]))
    return card


def _line(*, visible: bool = True) -> discord.ui.Separator[Any]:
    return discord.ui.Separator(visible=visible)


def _header(page: SearchPage) -> str:
    answer = page.answer
    asked = f"### {_asked(page)}"
    if not answer.paper_ids:
        words = "Nothing found."
        if answer.did_you_mean:
            words += f" Did you mean **{fit(safe(answer.did_you_mean), MAX_SUGGESTION)}**?"
        else:
            words += " Try fewer or other words."
        return f"{asked}\n{words}"
    facts = [counted(answer.total, "paper")]
    if not answer.total:
        facts = ["No paper has all the words"]
    if answer.corrected:
        facts.append(f"{counted(answer.corrected, 'paper')} with corrected words")
    if answer.partial:
        facts.append(f"{answer.partial:,} with most of the words")
    if answer.variants:
        facts.append(f"also: {fit(safe(', '.join(answer.variants)), MAX_SUGGESTION)}")
    if answer.did_you_mean:
        facts.append(f"did you mean **{fit(safe(answer.did_you_mean), MAX_SUGGESTION)}**?")
    if page.pages > 1:
        facts.append(f"page {page.page} of {page.pages}")
    if answer.total + answer.corrected + answer.partial > len(answer.paper_ids):
        facts.append(f"the first {len(answer.paper_ids):,} are shown")
    return f"{asked}\n-# {' · '.join(facts)}"


def _asked(page: SearchPage) -> str:
    """How the query was read; who chose a suggested title typed no words."""
    request = page.answer.request
    if page.hits and request == SearchRequest(query=f"paper:{page.hits[0].paper.id}"):
        return "The paper that you chose"
    return fit(safe(page.answer.reading), MAX_READING)


def _row(hit: Hit, searched_author: str | None) -> Section:
    paper = hit.paper
    lines = (
        f"**{hit.place}. {title_words(paper)}**\n"
        f"{author_words(paper, first=FIRST_AUTHORS, shown=searched_author)}\n"
        f"-# {' · '.join(filter(None, [fact_words(paper), page_words(paper)]))}"
    )
    pieces = [] if _repeats_title(hit) else [(_safe(span), span.matched) for span in hit.snippet]
    return Section(Passage(lines, lambda room: _snippet(pieces, room)), accessory=buttons.details(paper.id))


def _repeats_title(hit: Hit) -> bool:
    """Whether the snippet is the title, as it is where nothing else matched: it stands above already."""
    return "".join(span.text for span in hit.snippet).split() == readable(hit.paper.title).split()


def _snippet(pieces: Sequence[tuple[str, bool]], room: int) -> str:
    """The piece of text that matched, on a line of its own, its words in bold, in at most `room`."""
    left = min(room, MAX_SNIPPET) - len("\n")
    written = ""
    for text, matched in pieces:
        piece = f"**{text}**" if matched else text
        if len(piece) > left:
            # A word that matched is shown whole or not at all.
            written += "…" * (left > 0) if matched else fit(text, left)
            break
        written += piece
        left -= len(piece)
    return f"\n{written.strip()}" if written.strip() else ""


def _safe(span: Span) -> str:
    """A span made safe; a space at its ends is kept, as its neighbours continue there."""
    inner = safe(span.text)
    if not inner:
        return " " if span.text else ""
    return f"{' ' * span.text[0].isspace()}{inner}{' ' * span.text[-1].isspace()}"
