"""The state of Papercord as a card."""

from __future__ import annotations

import discord

import bot
from bot.announcements.results import AnnouncerStatus
from bot.app import CorpusStatus, LastImport, vectors_words
from bot.discord_app.buttons import Row
from bot.discord_app.limits import Card, Passage
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.wording import announcer_words, table_words
from bot.reading.use import Use
from bot.text.counting import counted
from cogs.papers.cards import link

MAX_ERROR, MOST_ERRORS = 300, 3

FIRST = """\
**Begin with these**
`/papers` searches titles, abstracts and authors
`/author` shows an author's figures and papers
{new_papers}"""
NEW_PAPERS = "`/notify` tells a channel of new papers, `/alerts` you alone, as direct messages"
ALERTS_ALONE = "`/alerts` sends you new papers as direct messages"
LISTS = "`/list` shows papers to read, yours and the group's"
CLUBS = "`/club` shows the journal club, takes proposals of papers, and what was read"
TOP = "`/top` shows the papers with the most votes of the last days"
OTHERS = """\
`/paper` shows one paper whole, with its BibTeX
`/add` looks a paper up by its id or address, and adds it
`/sources` shows where papers come in by themselves
`/privacy` says what is stored of you, and deletes it"""


def about_card(
    status: CorpusStatus,
    announcer: AnnouncerStatus,
    *,
    latency_ms: float | None,
    owner: str | None,
    report_url: str | None,
    use: Use = Use(),  # noqa: B008 - it is frozen
    in_server: bool = True,
) -> Card:
    """Version, corpus, last import, index, announcer, and where to report problems.

    Of the commands those stand first that a newcomer needs; those for votes, lists and clubs, where used.
    """
    corpus = [f"**{counted(status.papers, 'paper')}** of {counted(status.authors, 'author')}"]
    if status.fields:
        corpus.append(f"Fields: {table_words(status.fields, 10)}")
    if not status.papers:
        corpus = ["The corpus is empty. An administrator fills it with `papercord import FILE`."]
    corpus += [*_imports(status), *_failures(status)]
    card = Card(
        Passage(f"### Papercord {bot.__version__}\nThe paper desk of a research group."),
        discord.ui.Separator(),
        Passage("\n".join(corpus)),
        discord.ui.Separator(),
        Passage(FIRST.format(new_papers=NEW_PAPERS if in_server else ALERTS_ALONE)),
        Passage(
            "\n".join(["**More**", *[LISTS] * use.lists, *[TOP] * use.votes, *[CLUBS] * use.clubs, OTHERS])
        ),
        discord.ui.Separator(),
        Passage(
            f"-# {_state(status, latency_ms)}\n-# {announcer_words(announcer)}\n"
            f"{_reporting(owner, report_url)}"
        ),
    )
    if report_url:
        card.add_item(Row(link("Report a problem", report_url)))
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


def _failures(status: CorpusStatus) -> list[str]:
    """What went wrong when providers were asked again about papers."""
    failed = status.failed_round
    if failed is None:
        return []
    moment = discord.utils.format_dt(failed.ended_at, "R")
    shown = [fit(safe(error), MAX_ERROR) for error in failed.errors[:MOST_ERRORS]]
    more = len(failed.errors) - len(shown)
    last = [f"… and {counted(more, 'more error')}; `papercord status` shows all."] if more else []
    return [f"⚠ Asking again about papers ({moment}): {error}" for error in shown] + last


def _files(run: LastImport) -> str:
    names = [fit(safe(name.replace("\\", "/").rsplit("/", 1)[-1]), 80) for name in run.files]
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def _state(status: CorpusStatus, latency_ms: float | None) -> str:
    missing = "none yet" if status.cluster is None else "none: its cluster is away"
    index = missing if status.index_revision is None else f"{status.index_revision:,}"
    state = f"Corpus revision {status.revision:,} · search index at {index}"
    if status.index_revision is not None and status.index_revision < status.revision:
        state += " (catching up)"
    if status.vectors is not None:
        state += f"\n-# {vectors_words(status.vectors, status.papers).capitalize()}"
    return state if latency_ms is None else f"{state} · Discord answers in {latency_ms:,.0f} ms"


def _reporting(owner: str | None, report_url: str | None) -> str:
    if report_url:
        return "-# Problems are reported at the address below."
    return (
        f"-# Report problems to {safe(owner)}." if owner else "-# Report problems to whoever runs this bot."
    )
