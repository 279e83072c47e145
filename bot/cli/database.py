"""Commands for the database as a whole: migrate, backup, restore."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import TimeElapsedColumn

from bot.app import utc_now
from bot.cli.answers.printing import Document, JsonOption, show, shown_progress
from bot.config import Settings, load_settings
from bot.errors import path_text
from bot.ingest.importer import Progress
from bot.search.opening import open_index
from bot.store import schema
from bot.store.backup import Contents, OnProgress, Restored, back_up, in_words, restore
from bot.store.compaction import compact_some, compaction, database_size, give_back
from bot.store.engine import Store


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether it is needed: exit code 0 where not, else 1.")
    ] = False,
) -> None:
    """Bring the database to the schema of this version."""
    settings = load_settings()
    index, indexed = settings.index_dir, _indexed(settings)
    with _store() as store:
        if not check:
            typer.echo(schema.migrate(store, index=index, indexed=indexed))
        elif schema.is_older(store):
            typer.echo(f"The database {store.display_url} has an older schema: papercord migrate")
            raise typer.Exit(1)
        else:
            schema.prepare(store, index=index, indexed=indexed)
            typer.echo(f"The schema of {store.display_url} is current.")


def compact(as_json: JsonOption = False) -> None:
    """Make what earlier versions stored smaller now, and give what is freed back to the disk.

    The running bot does the first by itself, a little at a time; what it frees is filled with new papers.
    Giving it back writes the whole file anew, for which others wait: stop the bot first. On PostgreSQL
    the server does that by itself.
    """
    with _store() as store:
        schema.prepare(store)
        before = _size(store)
        with _progress("made smaller") as on_progress:
            while compact_some(store, utc_now()):
                if on_progress is not None:
                    with store.reading() as session:
                        on_progress(*compaction(session))
        give_back(store)
        after = _size(store)
    words = f"From {before / 1024**2:,.1f} to {after / 1024**2:,.1f} MiB."
    show({"before": before, "after": after}, as_json, lambda console: console.print(words))


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    as_json: JsonOption = False,
) -> None:
    """Copy the whole database into one file, also while the bot runs.

    The copy is verified before it gets its name. It can be restored into SQLite and PostgreSQL alike,
    whatever the database is now. The search index is not in it: it is made anew from the database.
    """
    settings = load_settings()
    index, indexed = settings.index_dir, _indexed(settings)
    with _store() as store, _progress("copied") as on_progress:
        schema.prepare(store, index=index, indexed=indexed)
        found = back_up(store, file, on_progress)
    size = file.stat().st_size
    document = {"file": path_text(file), "bytes": size, **found._asdict()}
    words = f"Backed up to {path_text(file)} ({size / 1024**2:,.1f} MiB, verified): {in_words(found)}."
    show(document, as_json, lambda console: console.print(words, markup=False))


def restore_backup(
    file: Annotated[Path, typer.Argument(help="What `papercord backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Also where the database is not empty: what it holds is lost.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the database what a backup holds; stop the bot first.

    Nothing is announced twice: before the bot posts again, it looks in the channels for what it posted
    after the backup was made.
    """
    with _store() as store, _progress("restored") as on_progress:
        restored = restore(store, file, utc_now(), replace=replace, on_progress=on_progress)
        address = store.display_url
    show(_document(restored), as_json, lambda console: _print(console, restored, address))


def _document(restored: Restored) -> Document:
    return {
        **restored.now._asdict(),
        "before": restored.before._asdict() if restored.before is not None else None,
        "migrated": restored.migrated,
    }


def _print(console: Console, restored: Restored, address: str) -> None:
    lines = [restored.migrated] if restored.migrated is not None else []
    lines.append(f"Restored {address}: {in_words(restored.now)}.")
    lost = [] if restored.before is None else _lost(restored.before, restored.now)
    if lost:
        lines.append(f"Lost, since the backup lacks them: {', '.join(lost)}.")
    if restored.before is not None and restored.before.messages > restored.now.messages:
        lines.append("The lost messages are looked up in their channels before anything is posted there.")
    lines.append("The search index is brought up to date at the next start.")
    for line in lines:
        console.print(line, markup=False)


def _lost(before: Contents, now: Contents) -> list[str]:
    return [
        f"{had - has:,} {name}"
        for name, had, has in zip(Contents._fields, before, now, strict=True)
        if had > has and name != "revision"
    ]


def _size(store: Store) -> int:
    """Bytes of the database."""
    with store.reading() as session:
        return database_size(session)


def _indexed(settings: Settings) -> int | None:
    """The revision that the search index shows: shows an emptied database."""
    index = open_index(settings)
    try:
        return index.revision
    finally:
        index.close()


@contextmanager
def _store() -> Generator[Store]:
    store = Store(load_settings().database_url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _progress(stage: str) -> Generator[OnProgress | None]:
    """Progress on a terminal; in units that only the bar shows."""
    with shown_progress(sys.stderr, TimeElapsedColumn()) as draw:
        yield None if draw is None else lambda done, total: draw(Progress(stage, done, total))
