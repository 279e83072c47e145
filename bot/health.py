"""Whether a running Papercord does its work: what monitoring asks for."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.announcements.status import announcer_status
from bot.app import App, CorpusStatus, corpus_status, vectors_words
from bot.ingest.journal import in_words, lost_imports
from bot.sources.registry import source_statuses
from bot.store.imports import ImportState, in_few_words
from bot.store.outbox_reports import oldest_on_its_way
from bot.text.counting import counted

ROUND_OVERDUE = dt.timedelta(minutes=5)
"""Without a good round for so long nothing is announced; a round is due every two seconds."""
INDEX_OVERDUE = dt.timedelta(minutes=15)
"""So long after the newest import the search index has caught up, also after a large one."""
VECTORS_OVERDUE = dt.timedelta(days=1)
"""Where papers lack vectors, one is made in such a time, unless their process fails or no bot runs."""
LITTLE_SPACE, NO_SPACE = 1024**3, 64 * 1024**2
"""Bytes free under the data folder: enough for some large imports, and for hardly a transaction."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The state of a Papercord in numbers, for metrics; moments in seconds since 1970."""

    papers: int
    revision: int
    index_behind: int
    """Revisions."""
    announces: bool
    """Whether some process announces."""
    last_round: float | None
    oldest_planned: float | None
    """Of the messages that are on their way."""
    messages: Mapping[str, int]
    """By state."""
    sources: Mapping[str, int]
    """By state: good, failing, silent, paused."""
    imports: Mapping[str, int]
    """By state: cut off, lost."""
    last_import: float | None
    disk_free: int
    """Bytes."""


def figures(app: App) -> Figures:
    """Count what metrics show.

    Raises:
        DatabaseUnusableError: The database, which all this is read from, cannot be used.

    """
    announcer, corpus, sources = announcer_status(app), corpus_status(app), source_statuses(app)
    with app.store.reading() as session:
        oldest = oldest_on_its_way(session)
    cut_off = [one for one in corpus.unfinished_imports if one.state is ImportState.CUT_OFF]
    by_state = Counter(
        "paused"
        if one.paused
        else "failing"
        if one.error is not None
        else "silent"
        if one.silent_for is not None
        else "good"
        for one in sources
    )
    ended = corpus.last_import.finished_at if corpus.last_import is not None else None
    return Figures(
        papers=corpus.papers,
        revision=corpus.revision,
        index_behind=max(0, corpus.revision - (corpus.index_revision or 0)),
        announces=announcer.lease is not None,
        last_round=announcer.last_run.timestamp() if announcer.last_run is not None else None,
        oldest_planned=oldest.timestamp() if oldest is not None else None,
        messages={
            "planned": announcer.planned,
            "sent": announcer.sent,
            "held": announcer.held,
            "failed": announcer.failed,
        },
        sources={state: by_state[state] for state in ("good", "failing", "silent", "paused")},
        imports={"cut off": len(cut_off), "lost": len(lost_imports(app))},
        last_import=ended.timestamp() if ended is not None else None,
        disk_free=shutil.disk_usage(app.settings.data_dir).free,
    )


class Level(StrEnum):
    """How a check ended."""

    GOOD = "good"
    WARNING = "warning"
    """Papercord works; a person should look."""
    FAILED = "failed"
    """Something stands still."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    level: Level
    words: str
    """What was found and, where it is not good, what to do."""


def health(app: App) -> tuple[Check, ...]:
    """Look at the announcer, its messages, the index, imports, sources, and the disk.

    Raises:
        DatabaseUnusableError: The database, which all this is read from, cannot be used.

    """
    return (*_announcer(app), *_corpus(app), _sources(app), _disk(app))


def _announcer(app: App) -> Iterator[Check]:
    status, now = announcer_status(app), app.clock()
    if status.lease is None:
        yield Check("announcer", Level.FAILED, "No bot is running: start `papercord run`.")
    elif status.last_run is not None and status.last_run - now > ROUND_OVERDUE:
        words = f"{status.lease}, last good round {_time(status.last_run)}, which is to come: set its clock"
        yield Check("announcer", Level.WARNING, words)
    elif status.last_run is None or now - status.last_run > ROUND_OVERDUE:
        since = "ever" if status.last_run is None else f"since {_time(status.last_run)}"
        words = f"No round of {status.lease} has ended well {since}: its log says why."
        yield Check("announcer", Level.FAILED, words)
    else:
        yield Check("announcer", Level.GOOD, f"{status.lease}, last good round {_time(status.last_run)}")
    held, failed = f"{status.held:,} held", f"{status.failed:,} failed"
    level = Level.WARNING if status.held or status.failed else Level.GOOD
    hint = ": `/notify status` in their servers says why" if level is Level.WARNING else ""
    yield Check("messages", level, f"{status.planned:,} on their way, {held}, {failed}{hint}")


def _corpus(app: App) -> Iterator[Check]:
    status, now = corpus_status(app), app.clock()
    behind = status.revision - (status.index_revision or 0)
    newest = status.last_import.finished_at if status.last_import is not None else None
    overdue = behind > 0 and newest is not None and now - newest > INDEX_OVERDUE
    words = f"{behind:,} revisions behind" if behind > 0 else f"at revision {status.revision:,}"
    if status.trouble is not None:
        words += f": {status.trouble}"
    elif overdue:
        words += ": restart the bot; if that does not help, delete the index"
    level = Level.WARNING if status.trouble is not None else Level.GOOD
    yield Check("index", Level.FAILED if overdue else level, words)
    yield _vectors(status, now)
    cut_off = [one for one in status.unfinished_imports if one.state is ImportState.CUT_OFF]
    if cut_off:
        files = ", ".join(in_few_words(one.files) for one in cut_off)
        yield Check("imports", Level.WARNING, f"Cut off: import {files} again to complete it.")
    elif lost := lost_imports(app):
        yield Check("imports", Level.WARNING, " ".join(in_words(one) for one in lost))
    else:
        yield Check("imports", Level.GOOD, f"{counted(status.papers, 'paper')}, none cut off")
    if status.compaction.share < 1:
        words = f"records of an earlier version are made smaller: {status.compaction.share:.0%} done"
        yield Check("storage", Level.GOOD, words)


def _vectors(status: CorpusStatus, now: dt.datetime) -> Check:
    words, vectors = vectors_words(status.vectors, status.papers), status.vectors
    if vectors is None or vectors.waits_since is None or now - vectors.waits_since <= VECTORS_OVERDUE:
        return Check("meaning", Level.GOOD, words)
    hint = "the log of the bot says why; `papercord vectors` makes them, too"
    return Check(
        "meaning", Level.WARNING, f"{words}; none was made since {_time(vectors.waits_since)}: {hint}"
    )


def _sources(app: App) -> Check:
    sources = source_statuses(app)
    failing = [one for one in sources if one.error is not None and not one.paused]
    silent = [one for one in sources if one.silent_for is not None]
    if failing:
        words = "; ".join(f"{one.label}: {one.error}" for one in failing)
        return Check("sources", Level.WARNING, words)
    if silent:
        words = ", ".join(one.label for one in silent)
        return Check("sources", Level.WARNING, f"No new paper for unusually long: {words}")
    return Check("sources", Level.GOOD, f"{len(sources):,} followed")


def _disk(app: App) -> Check:
    free = shutil.disk_usage(app.settings.data_dir).free
    level = Level.FAILED if free < NO_SPACE else Level.WARNING if free < LITTLE_SPACE else Level.GOOD
    words = f"{free / 1024**3:,.1f} GiB free in {app.settings.data_dir}"
    return Check("disk", level, words + ("" if level is Level.GOOD else ": free some space"))


def _time(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
