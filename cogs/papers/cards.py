"""A page of search results, one paper, and a choice among papers as cards; their buttons are handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import discord

from bot.corpus.links import read_link
from bot.discord_app.buttons import Control, Menu, Row
from bot.discord_app.limits import Card, Passage
from bot.discord_app.safe_text import MAX_URL, fit, plain, safe, safe_url
from bot.discord_app.wording import (
    NOT_GIVEN,
    author_words,
    date_words,
    day_words,
    fact_words,
    joined_names,
    name_words,
    notice_line,
    page_words,
    publication_words,
    title_words,
)
from bot.papers.citations import CitationList, CitationsHere, Direction
from bot.papers.disagreements import Disagreement, Said, source_name
from bot.papers.free_copy import free_copy
from bot.papers.one_sentence import one_sentence
from bot.papers.results import Hit, Paper, SearchAnswer, SearchPage, SearchRequest, Span
from bot.text.counting import counted
from bot.text.latex import readable

MAX_AUTHORS = 30
MAX_VENUE = 200
MAX_SAID = 80
MAX_SENTENCE = 600
MAX_SOURCES = 4
MAX_NOTICES = 6
MAX_OTHER_TITLES = 4
MAX_OTHER_TITLE = 150
FIRST_AUTHORS = 3
MAX_SNIPPET = 500
MAX_READING = 300
MAX_SUGGESTION = 100
MOST_HEADINGS_WITH_SPACE = 1
ARXIV_SEARCH = "https://arxiv.org/search/?searchtype=title&query="

NOT_HERE = "This paper is not in this corpus. “Look it up” or `/add` asks its source for it."

Section = discord.ui.Section[Any]


def paper_card(
    paper: Paper,
    controls: Sequence[Control],
    disagreeing: Sequence[Disagreement] = (),
    read_on: Mapping[str, dt.date] = MappingProxyType({}),
    said: Mapping[str, Said] = MappingProxyType({}),
    citations: CitationsHere | None = None,
) -> Card:
    """The whole card: what is known of the paper, its abstract, its links and buttons.

    `read_on` has the day on which each source was read last, `said` who says facts that only one source does.
    """
    notices = [notice_line(one, read_on.get(one.source)) for one in paper.notices[:MAX_NOTICES]]
    return Card(
        Passage("\n".join((f"### {title_words(paper)}", *_also_titled(paper), _authors(paper)))),
        Passage(
            "\n".join(
                (
                    *notices,
                    _facts(paper),
                    *map(_disagreement, disagreeing),
                    *_sayings(said),
                    *_growth(citations),
                )
            )
        ),
        discord.ui.Separator(),
        *_sentence(paper, said.get("summary")),
        _abstract(paper),
        discord.ui.Separator(visible=False),
        *(Row(*controls[start : start + 5]) for start in range(0, len(controls), 5)),
    )


def _sentence(paper: Paper, said: Said | None) -> list[Passage]:
    """One sentence on the paper, and whose it is."""
    one = one_sentence(paper)
    if one is None:
        return []
    read = f", read {day_words(said.read_on)}" if said is not None and said.read_on is not None else ""
    whose = f"{safe(source_name(one.source))}{read}" if one.source is not None else "from the abstract"
    return [Passage(f"**{fit(safe(one.text), MAX_SENTENCE)}**\n-# {whose}")]


def _growth(citations: CitationsHere | None) -> list[str]:
    """How citations grew over the days on which a source was read: "3 (1 Jan 2026) → 9 (3 Apr 2026)"."""
    growth = citations.growth if citations is not None else None
    return [
        f"-# Citations by {safe(source)}: "
        + " → ".join(f"{number:,} ({day_words(day)})" for day, number in readings)
        for source, readings in (growth or {}).items()
    ]


def citations_card(found: CitationList, details: Callable[[int], Control]) -> Card:
    """Papers of the corpus that a paper cites, or that cite it."""
    title = title_words(found.paper, MAX_SUGGESTION)
    head = f"cited by “{title}”" if found.direction is Direction.CITES else f"that cite “{title}”"
    shown = counted(found.total, "paper")
    if found.total > len(found.papers):
        shown += f", of which the {len(found.papers):,} most cited are shown"
    card = Card(Passage(f"### Papers here {head}\n-# {shown}"))
    for paper in found.papers:
        cited = found.cited.get(paper.id, 0)
        facts = f"{fact_words(paper)}{f' · cited here by {cited:,}' if cited else ''}"
        lines = f"**{title_words(paper)}**\n{author_words(paper, first=FIRST_AUTHORS)}\n-# {facts}"
        card.add_item(Section(Passage(lines), accessory=details(paper.id)))
    return card


def _sayings(said: Mapping[str, Said]) -> list[str]:
    """Who names the free copy, and who says when the paper was published."""
    names = {"pdf_url": "Free copy", "appeared": "Published"}
    return [
        f"-# {name}: {fit(safe(one.source), MAX_SAID)}"
        + (f", read {day_words(one.read_on)}" if one.read_on is not None else "")
        for field, name in names.items()
        if (one := said.get(field)) is not None
    ]


def _also_titled(paper: Paper) -> list[str]:
    shown = paper.other_titles[:MAX_OTHER_TITLES]
    titles = [fit(safe(readable(one.title)), MAX_OTHER_TITLE) for one in shown]
    more = len(paper.other_titles) - len(shown)
    words = " · ".join(f"“{title}”" for title in titles if title)
    return [f"-# Also titled {words}{f' and {more:,} more' if more else ''}"] if words else []


def links(paper: Paper) -> list[Control]:
    """Open, a free PDF, and Code; a paper without an address is searched on arXiv by its title."""
    address, code = safe_url(paper.url), safe_url(paper.code_url)
    found = [link("Open", address) if address else link("Find on arXiv", arxiv_search(paper.title))]
    if pdf := safe_url(free_copy(paper)):
        found.append(link("PDF", pdf))
    if code:
        found.append(link("Code", code))
    return found


def data_links(paper: Paper) -> list[Control]:
    """Data, where the paper says where they are."""
    return [link("Data", data)] if (data := safe_url(paper.data_url)) else []


def link(label: str, url: str) -> Control:
    """Opens an address."""
    return Control(label=label, url=url)


def arxiv_search(title: str) -> str:
    """The address that searches arXiv for a title; a long title is cut at a word."""
    words = plain(title).split()
    while words and len(ARXIV_SEARCH + quote(" ".join(words))) > MAX_URL:
        words.pop()
    return ARXIV_SEARCH + quote(" ".join(words))


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
        ("Date", publication_words(paper) or date_words(paper) or NOT_GIVEN),
        (
            "Venue",
            fit(safe(readable(paper.venue)), MAX_VENUE) if paper.venue and not paper.appeared else None,
        ),
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


def paper_choices(asked: str, papers: Sequence[Paper], menu: Menu) -> Card:
    """Where a title is not exact: the nearest papers to choose from."""
    typed = fit(safe(asked), 200)
    listed = "\n".join(
        f"{place}. {title_words(paper, 100)}" + (f" · {date}" if (date := date_words(paper)) else "")
        for place, paper in enumerate(papers[:10], start=1)
    )
    return Card(
        Passage(f"### No exact match for “{typed}”\nThese titles are near:\n{listed}"),
        discord.ui.Separator(visible=False),
        Row(menu),
    )


def no_paper(asked: str, controls: Sequence[Control]) -> Card:
    """That no paper has such an id, or a title like it."""
    typed = fit(safe(asked), 200)
    if controls:
        return Card(Passage(f"### {typed}\n{NOT_HERE}"), Row(*controls))
    text = f"### No paper “{typed}”\nNo title is like it. `/papers` searches abstracts and authors, too."
    return Card(Passage(text))


def search_card(
    page: SearchPage,
    controls: Sequence[Control],
    details: Callable[[int], Control],
    menus: Sequence[Menu] = (),
) -> Card:
    """The results of one page, each with the button that `details` makes of its paper's id."""
    card = Card(Passage(_header(page)))
    headings = [hit.heading for hit in page.hits]
    begins = [one is not None and one != above for above, one in pairwise([None, *headings])]
    # Under many headings there is no room for space between papers.
    is_spaced = sum(begins) <= MOST_HEADINGS_WITH_SPACE
    for number, hit in enumerate(page.hits):
        if number == 0 or begins[number] or is_spaced:
            card.add_item(_line(visible=number == 0 or begins[number]))
        if begins[number]:
            card.add_item(Passage(f"**{hit.heading}**"))
        card.add_item(_row(hit, page.answer.request.author, details(hit.paper.id)))
    for menu in menus:
        card.add_item(Row(menu))
    if controls:
        card.add_item(_line())
    for start in range(0, len(controls), 5):
        card.add_item(Row(*controls[start : start + 5]))
    return card


def _line(*, visible: bool = True) -> discord.ui.Separator[Any]:
    return discord.ui.Separator(visible=visible)


def _header(page: SearchPage) -> str:
    answer = page.answer
    asked = f"### {_asked(page)}"
    if not answer.paper_ids:
        return f"{asked}\n{_nothing_found(answer)}"
    facts = [counted(answer.total, "paper") if answer.total else "No paper has all the words"]
    if answer.incomplete:
        facts.append("a part of the search cluster is away: papers may be lacking")
    if answer.corrected:
        facts.append(f"{counted(answer.corrected, 'paper')} with corrected words")
    if answer.partial:
        facts.append(f"{answer.partial:,} with some of the words")
    if answer.by_meaning:
        facts.append(f"{len(answer.by_meaning):,} near in meaning")
    if answer.variants:
        facts.append(f"also: {fit(safe(', '.join(answer.variants)), MAX_SUGGESTION)}")
    if answer.did_you_mean:
        facts.append(f"did you mean **{fit(safe(answer.did_you_mean), MAX_SUGGESTION)}**?")
    if page.pages > 1:
        facts.append(f"page {page.page} of {page.pages}")
    if answer.total + answer.corrected + answer.partial > len(answer.paper_ids):
        facts.append(f"the first {len(answer.paper_ids):,} are shown")
    return f"{asked}\n-# {' · '.join(facts)}"


def _nothing_found(answer: SearchAnswer) -> str:
    """Why there is no result, and what to do."""
    if read_link(answer.request.query) is not None:
        return NOT_HERE
    if not answer.reading:
        return "There is no word in it: type some words, a title, an arXiv id or a DOI."
    if answer.did_you_mean:
        return f"Nothing found. Did you mean **{fit(safe(answer.did_you_mean), MAX_SUGGESTION)}**?"
    if answer.incomplete:
        return "Nothing found, but a part of the search cluster is away. Try again in a minute."
    return "Nothing found. Try fewer or other words."


def _asked(page: SearchPage) -> str:
    """How the query was read; who chose a suggested title typed no words."""
    request = page.answer.request
    if page.hits and request == SearchRequest(query=f"paper:{page.hits[0].paper.id}"):
        return "The paper that you chose"
    return fit(safe(page.answer.reading or request.query), MAX_READING)


def _row(hit: Hit, searched_author: str | None, details: Control) -> Section:
    paper = hit.paper
    by_meaning = "by meaning" if hit.by_meaning else None
    lines = (
        f"**{hit.place}. {title_words(paper)}**\n"
        f"{author_words(paper, first=FIRST_AUTHORS, shown=searched_author)}\n"
        f"-# {' · '.join(filter(None, [fact_words(paper), page_words(paper), by_meaning]))}"
    )
    pieces = [] if _repeats_title(hit) else [(_safe(span), span.matched) for span in hit.snippet]
    return Section(Passage(lines, lambda room: _snippet(pieces, room)), accessory=details)


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
