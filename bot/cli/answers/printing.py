"""How answers are printed: as JSON documents, whose keys are a contract with scripts, or as text."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Annotated, Any, TextIO

import orjson
import typer
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TaskID, TextColumn
from rich.progress import Progress as ProgressBar
from rich.text import Text

from bot.ingest.importer import Progress

Document = dict[str, Any]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def show(document: Document | list[Document], as_json: bool, for_people: Callable[[Console], None]) -> None:
    """Print an answer: as one JSON document, or as text for a person."""
    if as_json:
        print_json(document)
    else:
        for_people(Console(soft_wrap=not sys.stdout.isatty(), highlight=False))


def print_json(document: Document | list[Document]) -> None:
    """Print a JSON document on a line of its own."""
    sys.stdout.write(orjson.dumps(document).decode() + "\n")


@contextmanager
def shown_progress(stream: TextIO, time: ProgressColumn) -> Generator[Callable[[Progress], None] | None]:
    """A callback that draws progress on a terminal, None where it is no terminal."""
    if not stream.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), time)
    with ProgressBar(*columns, console=Console(file=stream), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def draw(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bar.add_task(progress.stage, total=progress.total)
            bar.update(tasks[progress.stage], completed=progress.done, total=progress.total)

        yield draw


def for_terminal(text: str) -> str:
    """Foreign text without control characters, so that it cannot steer the terminal."""
    return "".join(character if unicodedata.category(character)[0] != "C" else " " for character in text)


def print_indented(console: Console, text: Text) -> None:
    """Print a text two columns to the right."""
    # Padding crops what is not wrapped, and outside a terminal nothing is wrapped.
    console.print(Text("  ").append_text(text) if console.soft_wrap else Padding(text, (0, 0, 0, 2)))
