"""What Papercord says of itself: its state, and what it stores of people."""

from __future__ import annotations

import discord

import bot
from bot.announcements.results import AnnouncerStatus
from bot.app import CorpusStatus, LastImport
from bot.discord_app import buttons
from bot.discord_app.limits import Card, Passage
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.wording import counted, table_words
from bot.papers.saved_searches import OfPerson
from cogs.notify.status_cards import announcer_words

COMMANDS = """\
`/papers` searches titles, abstracts and authors
`/paper` shows one paper whole, with its BibTeX
`/author` shows an author's figures and papers
`/notify` tells a channel of new papers
`/add` looks a paper up by its id or address, and adds it
`/sources` shows where papers come in by themselves
`/privacy` says what is stored of you, and deletes it"""

NOTHING = OfPerson(0, 0, 0)

PRIVACY = """\
### What Papercord stores of you
- Each of your searches with `/papers`: the words and options, your Discord id, the time, and the ids of the \
first 200 papers found. Its buttons need that. **After 30 days it is deleted.**
- Each paper that you look up with `/add` or *Papers here* and that the corpus lacks: what its source says, \
your Discord id, the time. Its buttons need that. **After 30 days it is deleted.**
- Who added a source with `/sources`, made a subscription with `/notify`, or corrected who is who: the \
Discord id. The button below takes it from the sources; with subscriptions and corrections it stays.
- Nothing of `/paper` and `/author`, nothing of what you only type. No messages are read but the one \
that you choose for *Papers here*; no names are kept.
- The log keeps errors with the command's name; it holds no searches.

"""


def about_card(
    status: CorpusStatus,
    announcer: AnnouncerStatus,
    *,
    latency_ms: float | None,
    owner: str | None,
    report_url: str | None,
) -> Card:
    """Version, corpus, last import, index, announcer, and where to report problems."""
    corpus = [f"**{counted(status.papers, 'paper')}** of {counted(status.authors, 'author')}"]
    if status.fields:
        corpus.append(f"Fields: {table_words(status.fields, 10)}")
    if not status.papers:
        corpus = ["The corpus is empty. An administrator fills it with `papercord import FILE`."]
    corpus += _imports(status)
    card = Card(
        Passage(f"### Papercord {bot.__version__}\nThe paper desk of a research group."),
        discord.ui.Separator(),
        Passage("\n".join(corpus)),
        discord.ui.Separator(),
        Passage(COMMANDS),
        discord.ui.Separator(),
        Passage(
            f"-# {_state(status, latency_ms)}\n-# {announcer_words(announcer)}\n"
            f"{_reporting(owner, report_url)}"
        ),
    )
    if report_url:
        card.add_item(buttons.Row(buttons.report_problem(report_url)))
    return card


def _imports(status: CorpusStatus) -> list[str]:
    lines: list[str] = []
    last = status.last_import
    if last is not None:
        moment = discord.utils.format_dt(last.finished_at or last.started_at, "R")
        lines.append(
            f"Last import {moment}, {last.state}: {_files(last)} "
            f"({last.added:,} added, {last.updated:,} updated, {last.unchanged:,} unchanged)"
        )
    lines += [
        f"⚠ An import of {_files(unfinished)} was cut off; importing the same file again completes it."
        for unfinished in status.unfinished_imports[:3]
    ]
    return lines


def _files(run: LastImport) -> str:
    names = [fit(safe(name.replace("\\", "/").rsplit("/", 1)[-1]), 80) for name in run.files]
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def _state(status: CorpusStatus, latency_ms: float | None) -> str:
    index = "none yet" if status.index_revision is None else f"{status.index_revision:,}"
    state = f"Corpus revision {status.revision:,} · search index at {index}"
    if status.index_revision is not None and status.index_revision < status.revision:
        state += " (catching up)"
    return state if latency_ms is None else f"{state} · Discord answers in {latency_ms:,.0f} ms"


def _reporting(owner: str | None, report_url: str | None) -> str:
    if report_url:
        return "-# Problems are reported at the address below."
    return (
        f"-# Report problems to {safe(owner)}." if owner else "-# Report problems to whoever runs this bot."
    )


def privacy_card(stored: OfPerson) -> Card:
    """What is stored of people and of this one, with the button that deletes it."""
    kept = [f"**{one}**" for one in _kept(stored, "search")]
    card = Card(Passage(f"{PRIVACY}Of you, {' and '.join(kept)} {_verb(stored)} stored now."))
    if stored != NOTHING:
        card.add_item(discord.ui.Separator(visible=False))
        card.add_item(buttons.Row(buttons.forget_me()))
    return card


def privacy_question(stored: OfPerson) -> Card:
    """Whether everything of the person shall be deleted."""
    text = (
        f"### Delete your {' and '.join(_kept(stored, 'stored search'))}?\n"
        "The buttons of these answers stop working; sources are followed as before. This cannot be undone."
    )
    return Card(Passage(text), buttons.Row(*buttons.confirm_forgetting()))


def privacy_done(deleted: OfPerson) -> Card:
    """That it is deleted."""
    words = " and ".join(_kept(deleted, "stored search"))
    return Card(Passage(f"### Deleted\n{words} of yours {_verb(deleted)} gone."))


def _kept(stored: OfPerson, search: str) -> list[str]:
    """What is stored of a person, in words; searches also where there is none, and nothing else."""
    words = [
        (stored.searches, search),
        (stored.looked_up, "looked-up paper"),
        (stored.sources, "added source"),
    ]
    return [counted(number, noun) for number, noun in words if number] or [counted(0, search)]


def _verb(stored: OfPerson) -> str:
    return "is" if stored.searches + stored.looked_up + stored.sources == 1 else "are"
