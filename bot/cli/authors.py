"""`papercord authors`: how well people are told apart."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from bot.authors.evaluation import Evaluation, evaluate, write_groups

command_line = typer.Typer(
    help="Tell people apart by their names, papers and co-authors.", no_args_is_help=True
)


@command_line.callback()
def authors() -> None:
    """Tell people apart by their names, papers and co-authors."""


@command_line.command(name="evaluate")
def evaluate_file(
    file: Annotated[Path, typer.Argument(help="JSON lines of mentions: mention, name, paper, coauthors, …")],
    groups: Annotated[
        Path | None, typer.Option(help="Write one line for each mention: mention, tab, group.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Group the mentions of a file into people; where it names the people, say how well."""
    found = evaluate(file)
    if groups is not None:
        write_groups(found, groups)
    if as_json:
        sys.stdout.write(orjson.dumps(_document(found)).decode() + "\n")
    else:
        _print(Console(soft_wrap=not sys.stdout.isatty(), highlight=False), found)


def _document(found: Evaluation) -> dict[str, Any]:
    document: dict[str, Any] = {"mentions": len(found.groups), "groups": found.number_of_groups}
    if found.pairwise is not None and found.b_cubed is not None:
        document |= {
            "known": found.known,
            "people": found.people,
            "pairwise": {
                "precision": found.pairwise.precision,
                "recall": found.pairwise.recall,
                "f1": found.pairwise.f1,
            },
            "b_cubed": {
                "precision": found.b_cubed.precision,
                "recall": found.b_cubed.recall,
                "f1": found.b_cubed.f1,
            },
        }
    return document


def _print(console: Console, found: Evaluation) -> None:
    console.print(f"Mentions: {len(found.groups):,}. People made of them: {found.number_of_groups:,}.")
    if found.pairwise is None or found.b_cubed is None:
        return
    console.print(f"{found.known:,} of them are known to be of {found.people:,} people:")
    for label, agreement in (("pairwise", found.pairwise), ("B-cubed", found.b_cubed)):
        console.print(
            f"  {label:<9} precision {agreement.precision:.3f}  recall {agreement.recall:.3f}  "
            f"F1 {agreement.f1:.3f}"
        )
