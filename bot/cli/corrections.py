"""`papercord papers merge` and `papercord papers split`: which papers are one, as people say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.app import App, open_app
from bot.cli.answers.printing import JsonOption, show
from bot.config import load_settings
from bot.errors import RefusedError
from bot.ingest.corrections import (
    Description,
    Doubt,
    PaperCorrection,
    descriptions,
    doubtful_papers,
    merge_papers,
    newest_paper_corrections,
    split_paper,
    undo_paper_correction,
)
from bot.papers.results import Paper
from bot.papers.search import find_paper
from bot.store.models import CorrectionKind

_PAPER = "A title, an arXiv id, a DOI, or paper:NUMBER."
Reason = Annotated[str, typer.Option(help="How you know; kept with the correction.")]
Undo = Annotated[int | None, typer.Option(metavar="NUMBER", help="Undo the correction of this number.")]
_OPTIONS = {"--reason", "--undo", "--list", "--help"}
_IDS = re.compile(r"(?:paper:)?\d+|(?:arxiv:)?\d{4}\.\d{4,5}(?:v\d+)?|(?:doi:)?10\.\d{4,}/\S+", re.IGNORECASE)


def with_subcommand(arguments: list[str]) -> list[str]:
    """The arguments, "papers merge" and "papers split" as one; but not in a search for these words."""
    if arguments[:1] != ["papers"] or arguments[1:2] not in (["merge"], ["split"]):
        return arguments
    rest = [one.partition("=")[0] for one in arguments[2:]]
    named = [one for one in rest if not one.startswith("--")]
    if _OPTIONS.isdisjoint(rest) and not (named and _IDS.fullmatch(named[0])):
        return arguments
    return [" ".join(arguments[:2]), *arguments[2:]]


def merge(
    papers: Annotated[list[str] | None, typer.Argument(help=f"Two papers. {_PAPER}")] = None,
    reason: Reason = "",
    undo: Undo = None,
    show_list: Annotated[
        bool, typer.Option("--list", help="Show the newest corrections, and papers that may be one.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say that two papers are one; with --list, show which may be."""
    with open_app(load_settings()) as app:
        if show_list:
            found, doubts = newest_paper_corrections(app), doubtful_papers(app)
            show(
                {
                    "corrections": [_document(one) for one in found],
                    "doubtful": [asdict(one) for one in doubts],
                },
                as_json,
                lambda console: _print_list(console, found, doubts),
            )
            return
        if undo is not None:
            made = undo_paper_correction(app, undo, undone_by=None)
        else:
            if papers is None or len(papers) != 2:
                raise typer.BadParameter("name two papers, or give --undo NUMBER or --list")
            one, other = (_paper(app, text) for text in papers)
            made = merge_papers(app, one.id, other.id, reason=reason, made_by=None)
    _show(made, as_json)


def split(
    paper: Annotated[str | None, typer.Argument(help=_PAPER)] = None,
    records: Annotated[
        list[str] | None,
        typer.Argument(help="What is of another paper, as SOURCE:KEY; where left out, all is listed."),
    ] = None,
    reason: Reason = "",
    undo: Undo = None,
    as_json: JsonOption = False,
) -> None:
    """Say that what describes a paper is of two papers; without RECORDS, show what describes it."""
    with open_app(load_settings()) as app:
        if undo is not None:
            made = undo_paper_correction(app, undo, undone_by=None)
        elif paper is None:
            raise typer.BadParameter("name a paper, or give --undo NUMBER")
        else:
            known = _paper(app, paper)
            if not records:
                found = descriptions(app, known.id)
                document: list[dict[str, Any]] = [asdict(one) for one in found]
                show(document, as_json, lambda console: _print_descriptions(console, known, found))
                return
            made = split_paper(app, known.id, records, reason=reason, made_by=None)
    _show(made, as_json)


def _paper(app: App, text: str) -> Paper:
    found = find_paper(app, f"paper:{text}" if text.isdecimal() else text)
    if found.paper is None:
        near = "".join(f"\n  paper:{one.id}  {one.title}" for one in found.choices)
        raise RefusedError(
            f"{text} is not exactly one paper{f'; name one of these:{near}' if near else ' of the corpus.'}"
        )
    return found.paper


def _document(one: PaperCorrection) -> dict[str, Any]:
    times = {"made_at": one.made_at.isoformat(), "undone_at": one.undone_at and one.undone_at.isoformat()}
    return {**asdict(one), **times}


def _show(made: PaperCorrection, as_json: bool) -> None:
    show(_document(made), as_json, lambda console: console.print(_words(made), soft_wrap=True))


def _words(one: PaperCorrection) -> str:
    ours, theirs = f"{one.title} (paper:{one.paper_id})", f"{one.into_title} (paper:{one.into_id})"
    said = (
        f"{ours} is {theirs}" if one.kind is CorrectionKind.MERGE else f"{ours} is another one than {theirs}"
    )
    undone = f" Undone on {one.undone_at:%Y-%m-%d}." if one.undone_at is not None else ""
    return f"Correction {one.id}: {said}. {one.made_at:%Y-%m-%d}: {one.reason}{undone}"


def _print_list(console: Console, found: Sequence[PaperCorrection], doubts: Sequence[Doubt]) -> None:
    for one in found:
        console.print(_words(one), soft_wrap=True)
    if not found:
        console.print("Nobody has merged or split a paper yet.")
    if doubts:
        console.print("These may be one paper:")
    for doubt in doubts:
        console.print(
            f"  paper:{doubt.paper_id} {doubt.title} and paper:{doubt.other_id} {doubt.other_title}: "
            f"{doubt.reason}",
            soft_wrap=True,
        )


def _print_descriptions(console: Console, paper: Paper, found: Sequence[Description]) -> None:
    console.print(f"{paper.title} (paper:{paper.id}) is described by:", soft_wrap=True)
    for one in found:
        console.print(f"  {one.name}  {one.title}", soft_wrap=True)
