"""What is pressed: buttons and menus, with the short custom_ids that say what they stand for.

Their meaning is in the custom_id alone, so that they work after a restart and for months;
`cogs/papers/buttons.py` acts on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import discord

from bot.authors.results import AuthorChoice
from bot.discord_app.pages import Shown
from bot.discord_app.safe_text import plain, safe_url
from bot.discord_app.wording import counted, date_words
from bot.papers.results import Choice, Paper
from bot.search.query import Sort

Button = discord.ui.Button[Any]
Select = discord.ui.Select[Any]
Row = discord.ui.ActionRow[Any]

ARXIV_SEARCH = "https://arxiv.org/search/?searchtype=title&query="
MAX_URL = 512
MAX_OPTIONS = 25

_A = {"paper": "a paper", "author": "an author"}

SORT_LABELS = {Sort.RELEVANCE: "Relevance", Sort.NEWEST: "Newest", Sort.SCORE: "Score"}


def details(paper_id: int, marker: str = "") -> Button:
    """Shows the whole card of a paper; a marker tells an announcement from every other message."""
    return Button(label="Details", custom_id=_marked(f"paper:{paper_id}", marker))


def bibtex(paper_id: int, marker: str = "") -> Button:
    """Shows a paper's BibTeX entry."""
    return Button(label="BibTeX", custom_id=_marked(f"bibtex:{paper_id}", marker))


def sources(marker: str) -> Button:
    """Shows all sources, and how it is going there."""
    return Button(label="All sources", custom_id=_marked("sources:0", marker))


def delivery(marker: str) -> Button:
    """Shows what was sent where in this server, and what is held and why."""
    return Button(label="Status", custom_id=_marked("delivery:0", marker))


def _marked(custom_id: str, marker: str) -> str:
    return f"{custom_id}:{marker}" if marker else custom_id


def authors_of(paper: Paper) -> Button | None:
    """Leads to the paper's author, or to a choice among its authors; None where it names nobody."""
    people = len(set(paper.authors) | set(paper.attributed_to))
    if not people:
        return None
    return Button(label="Author" if people == 1 else "Authors", custom_id=f"authors:{paper.id}")


def similar(paper_id: int) -> Button:
    """Searches for papers that resemble it."""
    return Button(label="Similar papers", custom_id=f"similar:{paper_id}")


def turn(search_id: str, asker_id: int, *, page: int, pages: int) -> list[Button]:
    """Back and forth through the pages of a search."""
    return [
        Button(label=label, custom_id=f"page:{search_id}:{asker_id}:{to}", disabled=not 1 <= to <= pages)
        for label, to in (("← Back", page - 1), ("More →", page + 1))
    ]


def order(search_id: str, asker_id: int, current: Sort) -> list[Button]:
    """The orders of a search; the current one is ticked and cannot be pressed."""
    return [
        Button(
            label=f"✓ {label}" if sort is current else label,
            custom_id=f"sort:{search_id}:{asker_id}:{sort}",
            disabled=sort is current,
        )
        for sort, label in SORT_LABELS.items()
    ]


def meant(search_id: str, asker_id: int, suggestion: str) -> Button:
    """Searches for the nearest spelling instead."""
    return Button(
        label=f"Search for {plain(suggestion)}",
        style=discord.ButtonStyle.primary,
        custom_id=f"meant:{search_id}:{asker_id}",
    )


def pick_paper(papers: Sequence[Paper], asker_id: int) -> Select:
    """A choice among papers."""
    return _pick(
        "paper",
        [(paper.id, paper.title, _paper_facts(paper)) for paper in papers],
        asker_id,
    )


def pick_author(choices: Sequence[AuthorChoice], asker_id: int) -> Select:
    """A choice among people, told apart by their papers."""
    return _pick("author", [(each.author_id, each.name, _told_apart(each)) for each in choices], asker_id)


def pick_person(people: Sequence[Choice], asker_id: int) -> Select:
    """A choice among the authors of one paper."""
    return _pick("author", [(int(person.value), person.label, "") for person in people], asker_id)


def _pick(kind: str, entries: Sequence[tuple[int, str, str]], asker_id: int) -> Select:
    options = [
        discord.SelectOption(
            label=plain(label).strip() or "(no name)",
            value=str(number),
            description=plain(description) or None,
        )
        for number, label, description in entries[:MAX_OPTIONS]
    ]
    return Select(placeholder=f"Choose {_A[kind]}", options=options, custom_id=f"pick:{kind}:{asker_id}")


def _paper_facts(paper: Paper) -> str:
    facts = [", ".join(paper.authors[:2]), date_words(paper)]
    return " · ".join(fact for fact in facts if fact)


def _told_apart(choice: AuthorChoice) -> str:
    facts = [
        counted(choice.papers, "paper"),
        choice.field,
        choice.years,
        choice.identifier,
        f"with {', '.join(choice.coauthors[:2])}" if choice.coauthors else None,
        choice.newest,
    ]
    return " · ".join(fact for fact in facts if fact)


def links(paper: Paper) -> list[Button]:
    """Open and Code; a paper without an address is searched on arXiv by its title."""
    address, code = safe_url(paper.url), safe_url(paper.code_url)
    found = [_link("Open", address) if address else _link("Find on arXiv", arxiv_search(paper.title))]
    if code:
        found.append(_link("Code", code))
    return found


def _link(label: str, url: str) -> Button:
    return Button(label=label, url=url)


def arxiv_search(title: str) -> str:
    """The address that searches arXiv for a title; a long title is cut at a word."""
    words = plain(title).split()
    while words and len(ARXIV_SEARCH + quote(" ".join(words))) > MAX_URL:
        words.pop()
    return ARXIV_SEARCH + quote(" ".join(words))


def notify_here(search_id: str, asker_id: int) -> Button:
    """Tells the channel of new papers that match a search."""
    return Button(label="Notify this channel", custom_id=f"notify:{search_id}:{asker_id}")


def follow(author_id: int) -> Button:
    """Tells the channel of new papers of an author."""
    return Button(label="Follow", custom_id=f"follow:{author_id}")


def retry_message(message_id: int, shown: Shown) -> Button:
    """Posts a held message after all, and shows the same part of the status."""
    return Button(label="Retry", custom_id=f"retry:{message_id}:{shown.words}")


def try_channel(channel_id: int, shown: Shown) -> Button:
    """Tries a channel that refused messages at once, and shows the same part of the status."""
    return Button(label="Try now", custom_id=f"try:{channel_id}:{shown.words}")


def turn_pages(kind: str, shown: Shown, pages: int) -> Row:
    """Back and forth through the pages of a server's list of that kind."""
    turns = [("← Back", replace(shown, page=shown.page - 1)), ("More →", replace(shown, page=shown.page + 1))]
    return Row(
        *(
            Button(label=label, custom_id=f"{kind}:{to.words}", disabled=not 1 <= to.page <= pages)
            for label, to in turns
        )
    )


def forget_me() -> Button:
    """Asks whether everything stored of the person shall be deleted."""
    return Button(
        label="Delete what is stored of me", style=discord.ButtonStyle.danger, custom_id="privacy:ask"
    )


def confirm_forgetting() -> list[Button]:
    """Delete, or keep."""
    return [
        Button(label="Delete", style=discord.ButtonStyle.danger, custom_id="privacy:delete"),
        Button(label="Keep", custom_id="privacy:keep"),
    ]


def undo_correction(correction_id: int) -> Button:
    """Takes a correction of who is who back."""
    return Button(label="Undo", custom_id=f"undo:{correction_id}")


def report_problem(url: str) -> Button:
    """Opens the page where problems are reported."""
    return _link("Report a problem", url)
