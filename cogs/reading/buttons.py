"""The buttons of lists and of papers on them, and the cards with them.

Whoever clicks is the reader: what a custom_id names is looked up among the lists that this person may see.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.app import App
from bot.discord_app.buttons import ID, PERSON, SEARCH, Button, Control, Menu, acknowledge_for
from bot.discord_app.client import Interaction
from bot.discord_app.permissions import manages_server, server_here
from bot.discord_app.replies import acknowledge, acknowledge_change, answer_error, show
from bot.errors import RefusedError
from bot.papers.results import SearchRequest
from bot.papers.saved_searches import keep, stored_answer
from bot.papers.search import search
from bot.reading import lists
from bot.reading.lists import (
    GROUP,
    MAX_NOTE,
    MINE,
    NO_LIST,
    ListPage,
    ListView,
    OpenEntry,
    PaperList,
    Reader,
)
from bot.store.lists import ListOrder
from bot.store.models import ReadingState
from cogs.papers.buttons import GONE_SEARCH, DetailsButton
from cogs.reading.cards import STATES, entry_card, list_card, list_name, sentence_card

_STATES = {str(state).replace(" ", "-"): state for state in ReadingState}
_CODES = {state: code for code, state in _STATES.items()}
NO_SEARCH = "-"
YOURS, THE_GROUPS = "Yours", "The group’s"


def reader_of(interaction: Interaction) -> Reader:
    """Whoever uses a command or a button, and where."""
    return Reader(interaction.user.id, server_here(interaction), manages_server(interaction))


class EntryButton(Button, pattern=rf"entry:(?P<list>{ID}):(?P<paper>{ID})"):
    """Shows a paper on a list, privately: its state and notes, and what can be done."""

    @classmethod
    def of(cls, list_id: int, paper_id: int) -> Control:
        """The button of a paper on a list."""
        return cls.button("Open", f"entry:{list_id}:{paper_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Show the paper."""
        await acknowledge(interaction, private=True)
        reader, bot = reader_of(interaction), interaction.client
        opened = await bot.call(lists.open_entry, reader, *_ids(self.given))
        await show(interaction, opened_card(reader, opened))


class StateButton(Button, pattern=rf"state:(?P<list>{ID}):(?P<paper>{ID}):(?P<state>{'|'.join(_STATES)})"):
    """Records how far the reading of a paper is."""

    @classmethod
    def states(cls, opened: OpenEntry) -> list[Control]:
        """All states of a paper on a list; the current one is ticked and cannot be clicked."""
        current, one = opened.listed.entry.state, f"{opened.list.id}:{opened.listed.paper.id}"
        return [
            cls.button(
                f"✓ {label}" if state is current else label,
                f"state:{one}:{_CODES[state]}",
                disabled=state is current,
            )
            for state, label in STATES.items()
        ]

    async def respond(self, interaction: Interaction) -> None:
        """Record the state, and show it."""
        await acknowledge_change(interaction)
        reader, state = reader_of(interaction), _STATES[self.given["state"]]
        opened = await interaction.client.call(lists.set_state, reader, *_ids(self.given), state)
        await show(interaction, opened_card(reader, opened))


class UnsaveButton(Button, pattern=rf"unsave:(?P<list>{ID}):(?P<paper>{ID})"):
    """Takes a paper off a list."""

    @classmethod
    def of(cls, opened: OpenEntry) -> Control:
        """The button of a paper on a list."""
        return cls.button("Take off the list", f"unsave:{opened.list.id}:{opened.listed.paper.id}")

    async def respond(self, interaction: Interaction) -> None:
        """Take it off."""
        await acknowledge_change(interaction)
        list_id, paper_id = _ids(self.given)
        taken = await interaction.client.call(lists.remove, reader_of(interaction), str(list_id), paper_id)
        await show(interaction, sentence_card(f"It is off {list_name(taken)}."))


class SaveToMenu(Button, pattern=rf"save-to:(?P<paper>{ID})"):
    """Puts a paper on another list."""

    @classmethod
    def of(cls, reader: Reader, opened: OpenEntry) -> Menu | None:
        """The menu of the other lists; None where there is none."""
        known = [*opened.others, opened.list]
        entries: list[tuple[int | str, str, str]] = [
            (one.id, one.name, YOURS if one.is_own else THE_GROUPS) for one in opened.others
        ]
        if reader.guild_id is not None and all(one.is_own for one in known):
            entries.append((GROUP, lists.FIRST_LIST, THE_GROUPS))
        if not any(one.is_own for one in known):
            entries.append((MINE, lists.FIRST_LIST, YOURS))
        if not entries:
            return None
        return cls.menu("Save to another list", entries, f"save-to:{opened.listed.paper.id}")

    async def respond(self, interaction: Interaction) -> None:
        """Put it there, and show it there."""
        await acknowledge_change(interaction)
        await save_paper(interaction, int(self.given["paper"]), _chosen_list(interaction))


class NoteButton(Button, pattern=rf"note:(?P<list>{ID}):(?P<paper>{ID}):(?P<whose>{MINE}|{GROUP})"):
    """Opens the form in which a note is written."""

    @classmethod
    def both(cls, reader: Reader, opened: OpenEntry) -> list[Control]:
        """The buttons of a note for oneself, and in a server of one for the group."""
        one = f"{opened.list.id}:{opened.listed.paper.id}"
        found = [cls.button("My note", f"note:{one}:{MINE}")]
        if reader.guild_id is not None:
            found.append(cls.button("Note for the group", f"note:{one}:{GROUP}"))
        return found

    async def respond(self, interaction: Interaction) -> None:
        """Open the form; a form is an answer itself, so nothing is acknowledged before."""
        reader, (list_id, paper_id) = reader_of(interaction), _ids(self.given)
        is_group = self.given["whose"] == GROUP
        text = await interaction.client.call(lists.own_note, reader, paper_id, group=is_group)
        await interaction.response.send_modal(NoteForm(list_id, paper_id, text, group=is_group))


class NoteForm(discord.ui.Modal):
    """The form in which a note is written; an empty one deletes it."""

    def __init__(self, list_id: int, paper_id: int, text: str, *, group: bool) -> None:
        super().__init__(title="A note for the group" if group else "A note for you alone")
        self.list_id, self.paper_id, self.group = list_id, paper_id, group
        self.text: discord.ui.TextInput[NoteForm] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            default=text or None,
            required=False,
            max_length=MAX_NOTE,
        )
        seen_by = "Every member of this server can read it." if group else "Nobody else can read it."
        self.add_item(discord.ui.Label(text="Note", description=seen_by, component=self.text))

    async def on_submit(self, interaction: Interaction) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Write the note, and show it."""
        await acknowledge_change(interaction)
        reader = reader_of(interaction)
        opened = await interaction.client.call(
            lists.write_note, reader, self.list_id, self.paper_id, self.text.value, group=self.group
        )
        await show(interaction, opened_card(reader, opened))

    async def on_error(self, interaction: Interaction, error: Exception) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Answer whatever goes wrong."""
        await answer_error(interaction, error)


class ListPageButton(
    Button,
    pattern=rf"list-page:(?P<list>{ID}):(?P<asker>{PERSON}):(?P<order>{'|'.join(ListOrder)})"
    rf":(?P<state>all|{'|'.join(_STATES)}):(?P<search>{NO_SEARCH}|{SEARCH}):(?P<page>[0-9]{{1,5}})",
):
    """Shows another page of a list as it is now."""

    @classmethod
    def back_and_forth(cls, page: ListPage, asker_id: int, search_id: str) -> list[Control]:
        """The buttons of a page of a list."""
        state = _CODES[page.view.state] if page.view.state is not None else "all"
        before = f"list-page:{page.list.id}:{asker_id}:{page.view.order}:{state}:{search_id}"
        return cls.turns(lambda to: f"{before}:{to}", page.page, page.pages)

    async def respond(self, interaction: Interaction) -> None:
        """Show the page; to anybody but the person who asked, in a copy."""
        bot, given, reader = interaction.client, self.given, reader_of(interaction)
        await acknowledge_for(interaction, int(given["asker"]))
        view = ListView(ListOrder(given["order"]), _STATES.get(given["state"]))
        if given["search"] != NO_SEARCH:
            answer = await bot.call(stored_answer, given["search"])
            if answer is None:
                raise RefusedError(GONE_SEARCH)
            view = replace(view, query=answer.request.query)
        page = await bot.call(lists.list_page, reader, given["list"], view, int(given["page"]))
        is_private = interaction.message is not None and interaction.message.flags.ephemeral
        if page.list.is_own and not is_private:
            raise RefusedError(NO_LIST)
        await show(interaction, _page_card(page, reader, given["search"]))


BUTTONS = (EntryButton, StateButton, UnsaveButton, SaveToMenu, NoteButton, ListPageButton)


async def save_paper(interaction: Interaction, paper_id: int, name: str = MINE) -> None:
    """Put a paper on a list, and show it there, privately."""
    await acknowledge(interaction, private=True)
    reader = reader_of(interaction)
    opened = await interaction.client.call(lists.save, reader, name, paper_id)
    await show(interaction, opened_card(reader, opened))


async def show_list(interaction: Interaction, name: str, view: ListView) -> None:
    """Show the first page of a list; the answer was acknowledged, privately where it is one's own."""
    reader = reader_of(interaction)
    await show(interaction, await interaction.client.call(_first_page, reader, name, view))


def _first_page(app: App, reader: Reader, name: str, view: ListView) -> discord.ui.Container[Any]:
    page = lists.list_page(app, reader, name, view)
    search_id = NO_SEARCH
    if view.query and page.pages > 1:
        search_id = keep(app, search(app, SearchRequest(view.query)), reader.person_id)
    return _page_card(page, reader, search_id)


def _page_card(page: ListPage, reader: Reader, search_id: str) -> discord.ui.Container[Any]:
    turning = ListPageButton.back_and_forth(page, reader.person_id, search_id) if page.pages > 1 else []
    return list_card(page, turning, lambda paper_id: EntryButton.of(page.list.id, paper_id))


def opened_card(reader: Reader, opened: OpenEntry) -> discord.ui.Container[Any]:
    """A paper on a list, with its buttons."""
    rows: Sequence[Sequence[Control]] = (
        StateButton.states(opened),
        [
            *NoteButton.both(reader, opened),
            DetailsButton.of(opened.listed.paper.id),
            UnsaveButton.of(opened),
        ],
    )
    return entry_card(opened, rows, SaveToMenu.of(reader, opened))


def _ids(given: re.Match[str]) -> tuple[int, int]:
    return int(given["list"]), int(given["paper"])


def _chosen_list(interaction: Interaction) -> str:
    values: Any = (interaction.data or {}).get("values")
    value = str(values[0]) if values else ""
    if re.fullmatch(rf"{MINE}|{GROUP}|{ID}", value) is None:
        raise RefusedError(NO_LIST)
    return value


def list_choices(found: Sequence[PaperList], *, in_server: bool) -> list[tuple[str, str]]:
    """The lists to choose from while one types: what is shown of each, and its value."""
    choices = [
        (f"{one.name} (yours)", str(one.id))
        if one.is_own
        else (f"{one.name} (the group’s)", f"{GROUP}:{one.id}")
        for one in found
    ]
    if not any(one.is_own for one in found):
        choices.insert(0, (f"{lists.FIRST_LIST} (yours)", MINE))
    if in_server and all(one.is_own for one in found):
        choices.append((f"{lists.FIRST_LIST} (the group’s)", GROUP))
    return choices
