"""`papercord sources` and `papercord enrich`: sources of new papers, and what providers know of papers."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import TimeRemainingColumn

from bot.app import open_app
from bot.cli.answers.printing import JsonOption, show, shown_progress
from bot.config import load_settings
from bot.sources.enrichment import MOST_REQUESTS, EnrichReport, enrich
from bot.sources.library import open_library
from bot.sources.providers.table import KINDS
from bot.sources.registry import (
    SourceStatus,
    check_soon,
    find_source,
    pause_source,
    register_source,
    remove_source,
    source_statuses,
)
from bot.sources.scheduler import CheckReport, check_due_sources
from bot.text.counting import counted

Which = Annotated[str, typer.Argument(help="A source's number in the list, or its kind and value.")]

command_line = typer.Typer(
    help="Follow sources from which papers come in by themselves.", no_args_is_help=True
)


@command_line.command(name="list")
def list_sources(as_json: JsonOption = False) -> None:
    """Show the sources, and how it is going there."""
    with open_app(load_settings()) as app:
        statuses = source_statuses(app)
    show([_document(one) for one in statuses], as_json, lambda console: _print_all(console, statuses))


@command_line.command()
def status(as_json: JsonOption = False) -> None:
    """The same as list."""
    list_sources(as_json)


@command_line.command()
def add(
    kind: Annotated[str, typer.Argument(help=f"One of: {', '.join(KINDS)}.")],
    value: Annotated[str, typer.Argument(help="A category, a search, an author, a group.")],
    as_json: JsonOption = False,
) -> None:
    """Follow a source; its first check announces nothing."""
    with open_app(load_settings()) as app:
        found, is_new = register_source(app, kind, value)
    said = "is followed from now on" if is_new else "is followed already"
    show(
        {**_document(found), "new": is_new},
        as_json,
        lambda console: console.print(f"{found.label} {said}."),
    )


@command_line.command()
def check(
    which: Annotated[str | None, typer.Argument(help="One source; all where none is named.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check sources now."""
    settings = load_settings()
    with open_app(settings) as app:
        check_soon(app, find_source(app, which).id if which is not None else None)
        report = check_due_sources(app, open_library(app))
    show(asdict(report), as_json, lambda console: _print_check(console, report))
    raise typer.Exit(1 if report.errors else 0)


@command_line.command()
def pause(which: Which, as_json: JsonOption = False) -> None:
    """Stop checking a source for a while."""
    with open_app(load_settings()) as app:
        found = pause_source(app, find_source(app, which).id, paused=True)
    show(_document(found), as_json, lambda console: console.print(f"{found.label} is paused."))


@command_line.command()
def resume(which: Which, as_json: JsonOption = False) -> None:
    """Check a paused source again."""
    with open_app(load_settings()) as app:
        found = pause_source(app, find_source(app, which).id, paused=False)
    show(_document(found), as_json, lambda console: console.print(f"{found.label} is checked again."))


@command_line.command()
def remove(which: Which, as_json: JsonOption = False) -> None:
    """Follow a source no longer; its papers stay."""
    with open_app(load_settings()) as app:
        found = remove_source(app, find_source(app, which).id)
    show(_document(found), as_json, lambda console: console.print(f"{found.label} is removed."))


def enrich_corpus(
    provider: Annotated[
        list[str] | None, typer.Option(help="Ask only this one; may be given several times.")
    ] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="Ask also where the last answer still holds, oldest first."),
    ] = False,
    requests: Annotated[
        int, typer.Option(min=1, help="So many to each provider at most, by ids and by titles.")
    ] = MOST_REQUESTS,
    as_json: JsonOption = False,
) -> None:
    """Fill in what arXiv, Crossref, DataCite, OpenAlex, PubMed and Semantic Scholar know of the papers.

    Papers are asked about by their ids, else by title and lead author. What a provider said, and that
    it knew nothing, holds for 90 days (arXiv and PubMed: a year), for papers of the last two years 30
    days where they have no venue, or the provider knows retractions; then it is asked again, the oldest
    first. The running bot does so by itself for papers with ids, a few requests each hour.
    """
    with (
        open_app(load_settings()) as app,
        shown_progress(sys.stderr, TimeRemainingColumn()) as progress,
    ):
        report = enrich(
            app,
            open_library(app),
            providers=provider or (),
            again=again,
            most_requests=requests,
            progress=progress,
        )
    show(asdict(report), as_json, lambda console: _print_enrich(console, report))
    raise typer.Exit(1 if report.errors and not report.asked else 0)


def _document(status: SourceStatus) -> dict[str, Any]:
    return {
        "id": status.id,
        "kind": status.kind,
        "value": status.value,
        "paused": status.paused,
        "first_check_done": not status.is_new,
        "checked_at": _moment(status.checked_at),
        "last_arrival_at": _moment(status.last_arrival_at),
        "arrived": status.arrived,
        "last_arrived": status.last_arrived,
        "error": status.error,
        "next_check_at": _moment(status.next_check_at),
        "silent_days": status.silent_for.days if status.silent_for is not None else None,
    }


def _moment(moment: dt.datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment is not None else None


def _print_all(console: Console, statuses: tuple[SourceStatus, ...]) -> None:
    if not statuses:
        console.print('No source is followed. Add one: papercord sources add "arxiv category" cs.LG')
    for one in statuses:
        state = "paused" if one.paused else "first check" if one.is_new else "followed"
        console.print(f"{one.id:>4}  {one.label}  ({state})", markup=False)
        checked = f"{one.checked_at:%Y-%m-%d %H:%M} UTC" if one.checked_at is not None else "not yet"
        arrived = (
            f"{one.arrived:,} new papers, last {one.last_arrived:,} on {one.last_arrival_at:%Y-%m-%d}"
            if one.last_arrival_at is not None
            else "no new papers yet"
        )
        console.print(f"      checked: {checked}; {arrived}")
        if one.error is not None:
            console.print(f"      error: {one.error}", markup=False)
        if one.silent_for is not None:
            console.print(f"      silent for {one.silent_for.days} days, much longer than usual")
        if one.next_check_at is not None:
            console.print(f"      next check: {one.next_check_at:%Y-%m-%d %H:%M} UTC")


def _print_check(console: Console, report: CheckReport) -> None:
    added, pages = counted(report.added, "paper"), counted(report.pages, "page")
    console.print(f"{added} added, {report.updated:,} updated, in {pages}.")
    for name in report.held_elsewhere:
        console.print(f"{name} is being asked by another process.")
    for error in report.errors:
        console.print(f"Not finished: {error}", markup=False)


def _print_enrich(console: Console, report: EnrichReport) -> None:
    console.print(
        f"{counted(report.asked, 'paper')} asked about, {counted(report.found, 'answer')}, "
        f"{report.updated:,} updated."
    )
    if report.waiting:
        console.print(f"Papers still to be asked about: {report.waiting:,}. Run it again.")
    for error in report.errors:
        console.print(f"Not finished: {error}", markup=False)
