"""Lists, and papers on them, as cards; their buttons are handed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import discord

from bot.discord_app.buttons import Control, Menu, Row
from bot.discord_app.limits import Card, Passage
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.wording import ago, author_words, fact_words, title_words
from bot.reading.lists import MAX_NAME, Listed, ListPage, ListView, OpenEntry, PaperList
from bot.reading.votes import TopPaper
from bot.sources.zotero_library import Pushed
from bot.store.models import NO_SERVER, ReadingState
from bot.store.notes import NoteRow
from bot.text.counting import counted

FIRST_AUTHORS = 3
MAX_ASKED = 200
MAX_NOTES = 10
MAX_NOTE_SHOWN, MAX_NOTES_SHOWN = 1_000, 2_500
MAX_REFUSED, MOST_REFUSED = 200, 5
STATES = {ReadingState.TO_READ: "To read", ReadingState.READING: "Reading", ReadingState.READ: "Read"}

Section = discord.ui.Section[Any]


def list_name(one: PaperList) -> str:
    """A list's name, and whose it is: "“to read” (the group’s)"."""
    return f"“{fit(safe(one.name), MAX_NAME)}” ({'yours' if one.is_own else 'the group’s'})"


def list_card(page: ListPage, controls: Sequence[Control], opens: Callable[[int], Control]) -> Card:
    """A page of a list, each paper with the button that `opens` makes of its id."""
    card = Card(Passage(_header(page)))
    for number, listed in enumerate(page.entries):
        card.add_item(discord.ui.Separator(visible=number == 0))
        card.add_item(Section(Passage(_row(listed)), accessory=opens(listed.paper.id)))
    if controls:
        card.add_item(discord.ui.Separator())
        card.add_item(Row(*controls))
    return card


def _header(page: ListPage) -> str:
    is_empty = not (page.found or page.view.query or page.view.state)
    facts = [] if is_empty else [counted(page.found, "paper"), *_view_words(page.view)]
    if page.pages > 1:
        facts.append(f"page {page.page} of {page.pages}")
    name = list_name(page.list)
    header = f"### {name[1:].replace('”', '', 1)}"
    if is_empty:
        return f"{header}\nIt is empty. *Save* on the card of a paper, or `/list add`, puts papers on it."
    header = f"{header}\n-# {' · '.join(facts)}"
    return header if page.found else f"{header}\nNothing on it is so. Leave out words, or the state."


def _view_words(view: ListView) -> list[str]:
    words = [f"“{fit(safe(view.query), MAX_ASKED)}”"] if view.query else []
    return words + ([STATES[view.state].lower()] if view.state is not None else []) + [f"by {view.order}"]


def _row(listed: Listed) -> str:
    facts = [state_words(listed), f"👍 {listed.votes:,}" if listed.votes else None, fact_words(listed.paper)]
    return (
        f"**{title_words(listed.paper)}**\n{author_words(listed.paper, first=FIRST_AUTHORS)}\n"
        f"-# {' · '.join(fact for fact in facts if fact)}"
    )


def state_words(listed: Listed) -> str:
    """How far the reading is, and since when."""
    return f"{STATES[listed.entry.state]} {ago(listed.entry.state_at)}"


def entry_card(opened: OpenEntry, rows: Sequence[Sequence[Control]], menu: Menu | None) -> Card:
    """A paper on a list: how far its reading is, the notes on it, and what can be done."""
    listed, paper = opened.listed, opened.listed.paper
    on = "Saved to" if opened.was_added else "On"
    lines = [
        f"### {title_words(paper)}",
        author_words(paper, first=FIRST_AUTHORS),
        f"-# {fact_words(paper)}",
        f"{on} {list_name(opened.list)} · {state_words(listed)}",
    ]
    card = Card(Passage("\n".join(lines)))
    if opened.notes:
        card.add_item(Passage(_notes(opened.notes)))
    for controls in rows:
        card.add_item(Row(*controls))
    if menu is not None:
        card.add_item(Row(menu))
    return card


def _notes(notes: Sequence[NoteRow]) -> str:
    """The first notes, shortened so that each has its share; and how many more there are."""
    shown, more = notes[:MAX_NOTES], len(notes) - MAX_NOTES
    limit = min(MAX_NOTE_SHOWN, MAX_NOTES_SHOWN // len(shown))
    lines = [_note(one, limit) for one in shown]
    return "\n".join([*lines, f"-# And {counted(more, 'more note')}."] if more > 0 else lines)


def _note(note: NoteRow, limit: int) -> str:
    whose = "Your note" if note.guild_id == NO_SERVER else f"<@{note.person_id}> for the group"
    return f"{whose}, {ago(note.written_at)}: {fit(safe(note.text), limit)}"


def top_card(
    days: int,
    ranked: Sequence[TopPaper],
    details: Callable[[int], Control],
    menus: Sequence[Menu] = (),
    *,
    has_votes: bool = True,
) -> Card:
    """The papers with the most votes of some days, each with the button that `details` makes of its id.

    `has_votes` says whether anybody here has ever voted.
    """
    span = "week" if days == 7 else counted(days, "day") if days > 1 else "day"
    header = f"### Most votes of the last {span}"
    if not ranked:
        if has_votes:
            return Card(Passage(f"{header}\nNobody voted in these days. `days` takes older votes in."))
        return Card(Passage(f"{header}\nNobody has voted. 👍 stands on the cards of papers, as of `/paper`."))
    card = Card(Passage(header))
    for place, one in enumerate(ranked, start=1):
        text = (
            f"**{place}. {title_words(one.paper)}**\n{author_words(one.paper, first=FIRST_AUTHORS)}\n"
            f"-# 👍 {one.votes:,} · {fact_words(one.paper)}"
        )
        card.add_item(Section(Passage(text), accessory=details(one.paper.id)))
    for menu in menus:
        card.add_item(Row(menu))
    return card


def pushed_words(one: PaperList, pushed: Pushed) -> str:
    """What became of the papers of a list that were put into the library of Zotero."""
    if not (pushed.added or pushed.known or pushed.left or pushed.refused):
        return f"No paper of {list_name(one)} is so; nothing was put into the library of Zotero."
    are = "is" if pushed.added == 1 else "are"
    lines = [f"{counted(pushed.added, 'paper')} of {list_name(one)} {are} new in the library of Zotero."]
    if pushed.known:
        lines.append(f"There already, and left as it is: {counted(pushed.known, 'paper')}.")
    if pushed.left:
        lines.append(f"Left for the next `/list push`, as these were many: {counted(pushed.left, 'paper')}.")
    if pushed.refused:
        lines.append(f"Zotero did not take {counted(len(pushed.refused), 'paper')}:")
        lines += [f"- {fit(safe(one), MAX_REFUSED)}" for one in pushed.refused[:MOST_REFUSED]]
    return "\n".join(lines)


def sentence_card(sentence: str) -> Card:
    """What was done, in a sentence."""
    return Card(Passage(sentence))
