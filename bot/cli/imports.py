"""`papercord imports`: what was imported, and imports taken back."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import TimeElapsedColumn

from bot.app import open_app
from bot.cli.answers.printing import Document, JsonOption, for_terminal, show, shown_progress
from bot.config import load_settings
from bot.ingest.undo import Undone, import_made, imports_made, papers_added, preview_undo, undo_import
from bot.store.imports import ImportRow, ImportState, in_few_words
from bot.text.counting import counted
from bot.text.latex import readable

command_line = typer.Typer(help="Imports that were made, and what came with them.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As `papercord imports list` shows it.")]

_PAPERS_SHOWN = 20


@command_line.command(name="list")
def list_imports(
    limit: Annotated[int, typer.Option(min=1, help="So many, the newest.")] = 20, as_json: JsonOption = False
) -> None:
    """List the newest imports."""
    with open_app(load_settings()) as app:
        made = imports_made(app, limit)
    show([_document(*one) for one in made], as_json, lambda console: _print(console, made))


@command_line.command(name="show")
def show_import(number: Number, as_json: JsonOption = False) -> None:
    """Show one import, and the first papers that it added."""
    with open_app(load_settings()) as app:
        made = import_made(app, number)
        added = papers_added(app, number, _PAPERS_SHOWN)
    document = {**_document(*made), "papers": [{"id": paper, "title": title} for paper, title in added]}
    show(document, as_json, lambda console: _print_with_papers(console, made, added))


@command_line.command()
def undo(
    number: Number,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take an import back: what it said goes, and what it replaced holds again; nothing is announced.

    Papers that other imports or sources know too stay. What was announced already stays in its channels.
    Corrections stay. It may be stopped at any moment; the same command goes on.
    """
    with open_app(load_settings()) as app, shown_progress(sys.stderr, TimeElapsedColumn()) as progress:
        undone = (preview_undo if dry_run else undo_import)(app, number, progress)
    document: Document = {
        "import": undone.import_id,
        "dry_run": dry_run,
        "removed": undone.removed,
        "reverted": undone.reverted,
        "kept": undone.kept,
        "announced": undone.announced,
    }
    show(document, as_json, lambda console: _print_undone(console, undone, dry_run=dry_run))


def _document(row: ImportRow, state: ImportState) -> Document:
    return {
        "import": row.id,
        "files": list(row.files),
        "state": _state(row, state),
        "started_at": row.started_at.isoformat(),
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
        "undone_at": row.undone_at.isoformat() if row.undone_at else None,
        "added": row.added,
        "updated": row.updated,
        "unchanged": row.unchanged,
        "rejected": row.rejected,
        "removed": row.removed,
        "reverted": row.reverted,
    }


def _state(row: ImportRow, state: ImportState) -> str:
    if row.undone_at is not None:
        return "undone"
    return "being undone" if row.undo_began_at is not None else state.value


def _print(console: Console, made: list[tuple[ImportRow, ImportState]]) -> None:
    if not made:
        console.print("Nothing was imported yet.")
    for row, state in made:
        files = in_few_words(row.files)
        counts = f"{row.added:,} added, {row.updated:,} updated, {row.unchanged:,} unchanged"
        words = f"{row.id:>6}  {row.started_at:%Y-%m-%d %H:%M}  {_state(row, state)}  {counts}  {files}"
        console.print(for_terminal(words), markup=False)
        if row.undo_began_at is not None:
            console.print(
                f"        taken back: {counted(row.removed, 'paper')} removed, {row.reverted:,} as before"
            )
        if row.undo_began_at is not None and row.undone_at is None:
            console.print(f"        not finished: papercord imports undo {row.id}")


def _print_with_papers(
    console: Console, made: tuple[ImportRow, ImportState], added: list[tuple[int, str]]
) -> None:
    _print(console, [made])
    for paper, title in added:
        console.print(for_terminal(f"{paper:>14}  {readable(title)}"), markup=False)
    row, _ = made
    if added and row.added > len(added):
        console.print(f"        … of {counted(row.added, 'paper')} that it added")


def _print_undone(console: Console, undone: Undone, *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    removed, kept = counted(undone.removed, "paper"), counted(undone.kept, "row")
    console.print(
        f"Import {undone.import_id}: {removed} {would}removed; {undone.reverted:,} that others know {would}"
        f"without what it said; {kept} of other imports, too, {would}kept."
    )
    if undone.announced:
        console.print(
            f"{undone.announced:,} of the removed papers were announced: these messages stay, and the papers "
            "are not announced there again if they come back."
        )
