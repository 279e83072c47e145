"""The state of the corpus and of the bot, and its health, as documents and as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.announcements.results import AnnouncerStatus
from bot.app import CorpusStatus, LastImport, vectors_words
from bot.cli.answers.printing import Document, for_terminal
from bot.health import Check, Level
from bot.shards import ProcessStatus, in_words
from bot.store.imports import in_few_words
from bot.text.counting import counted


def status_document(
    status: CorpusStatus, announcer: AnnouncerStatus, processes: Sequence[ProcessStatus]
) -> Document:
    """The state of the corpus, the index, the database, the announcer, and the processes of the bot."""
    return {
        "papers": status.papers,
        "authors": status.authors,
        "fields": status.fields,
        "revision": status.revision,
        "index_revision": status.index_revision,
        "search_cluster": status.cluster,
        "search_trouble": status.trouble,
        "vectors": None
        if status.vectors is None
        else {"made": status.vectors.made, "is_current": status.vectors.is_current},
        "database": status.database,
        "last_import": None if status.last_import is None else _import_state(status.last_import),
        "unfinished_imports": [_import_state(state) for state in status.unfinished_imports],
        "compacted": round(status.compaction.share, 4),
        "asking_again_failed": None
        if status.failed_round is None
        else {
            "ended_at": status.failed_round.ended_at.isoformat(),
            "errors": list(status.failed_round.errors),
        },
        "announcer": {
            "lease": announcer.lease,
            "last_run": announcer.last_run.isoformat() if announcer.last_run else None,
            "planned": announcer.planned,
            "sent": announcer.sent,
            "held": announcer.held,
            "failed": announcer.failed,
        },
        "processes": [asdict(process) for process in processes],
    }


def _import_state(state: LastImport) -> Document:
    return {
        "files": list(state.files),
        "state": state.state,
        "started_at": state.started_at.isoformat(),
        "finished_at": state.finished_at.isoformat() if state.finished_at else None,
        "added": state.added,
        "updated": state.updated,
        "unchanged": state.unchanged,
        "rejected": state.rejected,
    }


def print_status(
    console: Console, status: CorpusStatus, announcer: AnnouncerStatus, processes: Sequence[ProcessStatus]
) -> None:
    """The state of the corpus, the index, the database, the announcer, and the processes of the bot."""
    fields = ", ".join(f"{field} {count:,}" for field, count in list(status.fields.items())[:12])
    console.print(f"{counted(status.papers, 'paper')}, {counted(status.authors, 'author')}", style="bold")
    if fields:
        console.print(Text(for_terminal(f"fields: {fields}")))
    console.print(Text(f"database: {status.database}"))
    console.print(f"revision {status.revision:,}; search index {_index_words(status)}")
    if status.trouble is not None:
        console.print(Text(for_terminal(status.trouble)))
    console.print(vectors_words(status.vectors, status.papers))
    if status.compaction.share < 1:
        done = f"{status.compaction.share:.0%} done"
        console.print(f"records of an earlier version are made smaller by the running bot: {done}")
    if status.last_import is not None:
        console.print(Text(for_terminal(f"last import: {_import_line(status.last_import)}")))
    for state in status.unfinished_imports:
        console.print(Text(for_terminal(f"{_import_line(state)}: import the same file again to complete it")))
    if (failed := status.failed_round) is not None:
        when = f"{failed.ended_at:%Y-%m-%d %H:%M} UTC"
        for error in failed.errors:
            console.print(Text(for_terminal(f"asking again about papers, {when}: {error}")))
    console.print(Text(for_terminal(_announcer_line(announcer))))
    for process in processes:
        console.print(Text(for_terminal(_process_line(process, status.revision))))
    if status.papers == 0:
        console.print("The corpus is empty; fill it with: papercord import FILE")


def _index_words(status: CorpusStatus) -> str:
    if status.index_revision is None and status.trouble is not None:
        return "not to be had now"
    if status.index_revision is None:
        return "missing; it is made by the next search"
    if status.index_revision != status.revision:
        return f"at revision {status.index_revision:,}; it catches up at the next search"
    return "up to date"


def print_health(console: Console, checks: Sequence[Check]) -> None:
    """What was checked, a line each; what is not good stands out."""
    table = Table.grid(padding=(0, 2))
    styles = {Level.GOOD: "", Level.WARNING: "yellow", Level.FAILED: "bold red"}
    for check in checks:
        table.add_row(
            Text(check.level.value, style=styles[check.level]), check.name, Text(for_terminal(check.words))
        )
    console.print(table)


def _announcer_line(announcer: AnnouncerStatus) -> str:
    holder = announcer.lease or "nobody at present (the running bot does it)"
    last = f"{announcer.last_run:%Y-%m-%d %H:%M} UTC" if announcer.last_run is not None else "none yet"
    counts = (
        f"{announcer.sent:,} sent, {announcer.planned:,} on their way, "
        f"{announcer.held:,} held, {announcer.failed:,} failed"
    )
    return f"announcer: {holder}; last good round: {last}; messages: {counts}"


def _process_line(process: ProcessStatus, revision: int) -> str:
    behind = revision - (process.index_revision or 0)
    if process.index_revision is None:
        index = "not made yet, or away"
    else:
        index = f"{behind:,} revision{'s' if behind > 1 else ''} behind" if behind > 0 else "up to date"
    return f"process {process.name}: shards {in_words(process.shards)}; its search index is {index}"


def _import_line(state: LastImport) -> str:
    when = f"{state.finished_at or state.started_at:%Y-%m-%d %H:%M} UTC"
    return f"{in_few_words(state.files)}, {state.state}, {when}"
