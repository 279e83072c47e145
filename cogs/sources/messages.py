"""The papers that a message names: in its text and all that it has beside, also what it forwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import discord

from bot.app import App
from bot.corpus.identity import normalise_arxiv_id
from bot.corpus.links import PaperLink, find_links
from bot.discord_app.wording import title_words
from bot.papers.search import get_paper
from cogs.papers.buttons import BibtexButton, DetailsButton, PaperMenu

TEXT_KEYS = frozenset({"url", "title", "description", "name", "value", "text", "content", "label"})
"""What of embeds and components people read or follow."""
COMPARED = 40
"""Letters of a title that a forwarded card shows of its paper."""

_ESCAPED = re.compile(r"\\([^\w\s])")


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """What a message, or one that it forwards, says."""

    text: str
    paper_ids: tuple[int, ...]
    """The papers of its buttons, in order."""
    is_own: bool
    """Whether Papercord certainly wrote it, so that its buttons are of this corpus."""


def read_message(message: discord.Message, application_id: int | None) -> tuple[ReadMessage, ...]:
    """Read a message and all that it forwards."""
    own = application_id is not None and application_id in {message.author.id, message.application_id}
    return (_read(message, own), *(_read(snapshot, False) for snapshot in message.message_snapshots))


def links_of(app: App, read: Iterable[ReadMessage]) -> tuple[PaperLink, ...]:
    """The papers that a message names, each once."""
    found: dict[PaperLink, None] = {}
    for part in read:
        for paper_id in part.paper_ids:
            if part.is_own or _shows(app, part.text, paper_id):
                found[PaperLink("paper", str(paper_id))] = None
        if not (part.is_own and part.paper_ids):  # an abstract on a card may name further papers
            found.update(dict.fromkeys(find_links(_ESCAPED.sub(r"\1", part.text))))
    return tuple(found)


def _read(message: discord.Message | discord.MessageSnapshot, own: bool) -> ReadMessage:
    pieces = [message.content]
    for embed in message.embeds:
        pieces += _texts(embed.to_dict())
    components = [component.to_dict() for component in message.components]
    pieces += _texts(components)
    for attachment in message.attachments:
        name = re.sub(r"\.pdf$", "", attachment.filename, flags=re.IGNORECASE)
        pieces += [f"arXiv:{name}"] if normalise_arxiv_id(name) else []
        pieces += [attachment.description or ""]
    if isinstance(message, discord.Message) and message.poll is not None:
        pieces += [message.poll.question, *(answer.text for answer in message.poll.answers)]
    papers = tuple(dict.fromkeys(_paper_ids(components)))
    return ReadMessage("\n".join(filter(None, pieces)), papers, own)


def _shows(app: App, text: str, paper_id: int) -> bool:
    """Whether a text has the title of a paper: another Papercord's card has other numbers."""
    paper = get_paper(app, paper_id)
    return paper is not None and title_words(paper)[:COMPARED] in text


def _texts(value: object) -> Iterator[str]:
    """All texts within embeds or components."""
    for entry in _entries(value):
        for key, inner in entry.items():
            if key in TEXT_KEYS and isinstance(inner, str):
                yield inner


def _paper_ids(components: object) -> Iterator[int]:
    """The papers that the buttons and menus among components open."""
    for entry in _entries(components):
        custom_id = entry.get("custom_id")
        if not isinstance(custom_id, str):
            continue
        if given := DetailsButton.matches(custom_id) or BibtexButton.matches(custom_id):
            yield int(given["paper"])
        elif PaperMenu.matches(custom_id):
            values = (str(option.get("value")) for option in _entries(entry.get("options")))
            yield from (int(value) for value in values if value.isdecimal())


def _entries(value: object) -> Iterator[Mapping[str, object]]:
    """All objects within a JSON document, outer ones first."""
    if isinstance(value, Mapping):
        entry = cast("Mapping[str, object]", value)
        yield entry
        for inner in entry.values():
            yield from _entries(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _entries(inner)
