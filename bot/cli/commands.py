"""The commands of `papercord`, and the only place where the parts are put together."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from bot.announcements.status import announcer_status
from bot.app import App, corpus_is_empty, corpus_status
from bot.authors import profile
from bot.cli import authors, documents, printing, sources
from bot.cli.failures import refuse_other_encodings, set_log_level, shown_progress
from bot.cli.streams import read_queries
from bot.config import Settings, load_settings
from bot.errors import RefusedError
from bot.ingest import importer
from bot.ingest.results import ImportReport
from bot.papers import search
from bot.papers.results import SearchRequest, Sort
from bot.search.index import SearchIndex
from bot.store import schema
from bot.store.engine import Store

command_line = typer.Typer(
    name="papercord",
    help="The paper desk of a research group that lives in Discord.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
command_line.add_typer(authors.command_line, name="authors")
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


@contextmanager
def open_app(settings: Settings) -> Generator[App]:
    """All parts, put together; closed at the end."""
    store = Store(settings.database_url)
    index = SearchIndex(settings.index_dir)
    try:
        schema.prepare(store, index=settings.index_dir, indexed=index.revision)
        yield App(settings=settings, store=store, index=index)
    finally:
        index.close()
        store.close()


command_line.add_typer(sources.sources_app(open_app), name="sources")
command_line.command("enrich")(sources.enrich_command(open_app))


@command_line.command()
def run() -> None:
    """Run the bot in Discord."""
    settings = load_settings()
    token = settings.require_token()
    from bot.discord_app.client import run_bot

    with open_app(settings) as app:
        run_bot(app, token)


@command_line.command(name="try")
def try_locally(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The page's port; 0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Open a local page in which to type the bot's commands; no token needed."""
    from bot.cli.trial import run_trial

    run_trial(load_settings(), open_app, port=port, browser=browser)


@command_line.command(name="import")
def import_papers(
    paths: Annotated[list[Path], typer.Argument(help="Author pages saved as text, or JSON lines.")],
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day on which an author page was read."),
    ] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out rows that cannot be read.")] = False,
    source: Annotated[
        str | None, typer.Option(help="A name for the ids of this file, where they are its own.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring papers into the corpus; the same file again changes nothing."""
    with open_app(load_settings()) as app, shown_progress(sys.stderr) as progress:
        report = importer.import_files(
            app,
            paths,
            as_of=as_of.date() if as_of is not None else None,
            skip_bad=skip_bad,
            source_name=source,
            progress=progress,
        )
    _show(documents.import_document(report), as_json, lambda console: printing.print_import(console, report))
    raise typer.Exit(0 if skip_bad or _imported_something(report) else 1)


def _imported_something(report: ImportReport) -> bool:
    return not report.rejected or report.added + report.updated + report.unchanged > 0


@command_line.command()
def papers(
    query: Annotated[list[str] | None, typer.Argument(help="What to look for.")] = None,
    field: Annotated[str | None, typer.Option(help="A field code, such as CV.")] = None,
    author: Annotated[str | None, typer.Option(help="An author's name.")] = None,
    since: Annotated[str | None, typer.Option(help="YYYY, YYYY-MM or YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="YYYY, YYYY-MM or YYYY-MM-DD.")] = None,
    code: Annotated[bool | None, typer.Option(help="Only papers with, or without, code.")] = None,
    sort: Annotated[Sort, typer.Option(help="The order of the results.")] = Sort.RELEVANCE,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Results on a page.")] = 10,
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    batch: Annotated[
        typer.FileBinaryRead | None,
        typer.Option(help="A file with one query a line, in UTF-8; answers in JSON lines."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Search the corpus."""
    if (batch is None) == (not query):
        raise typer.BadParameter("give either a query or --batch FILE")

    def request(text: str) -> SearchRequest:
        return SearchRequest(
            query=text, field=field, author=author, since=since, until=until, code=code, sort=sort
        )

    with open_app(load_settings()) as app:
        app.index.catch_up(app.store)
        if batch is not None:
            for text in read_queries(batch):
                try:
                    answered = search.page_of(app, search.search(app, request(text)), page, limit)
                    _print_json(documents.search_document(answered))
                except RefusedError as error:
                    _print_json({"query": text, "error": str(error)})
            return
        found = search.page_of(app, search.search(app, request(" ".join(query or []))), page, limit)
        _say_if_empty(app)
    _show(documents.search_document(found), as_json, lambda console: printing.print_search(console, found))


@command_line.command()
def author(
    name: Annotated[list[str], typer.Argument(help="The author's name.")], as_json: JsonOption = False
) -> None:
    """Show an author: what sources report, and what this corpus shows."""
    with open_app(load_settings()) as app:
        answer = profile.find_author(app, " ".join(name))
        _say_if_empty(app)
    _show(
        documents.author_document(answer),
        as_json,
        lambda console: printing.print_author(console, answer),
    )


@command_line.command(name="status")
def show_status(as_json: JsonOption = False) -> None:
    """Show the state of the corpus, the search index and the database."""
    with open_app(load_settings()) as app:
        state, announcer = corpus_status(app), announcer_status(app)
    _show(
        documents.status_document(state, announcer),
        as_json,
        lambda console: printing.print_status(console, state, announcer),
    )


@command_line.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""
    settings = load_settings()
    store = Store(settings.database_url)
    index = SearchIndex(settings.index_dir)
    try:
        typer.echo(schema.migrate(store, index=settings.index_dir, indexed=index.revision))
    finally:
        index.close()
        store.close()


def _show(document: dict[str, Any], as_json: bool, for_people: Callable[[Console], None]) -> None:
    if as_json:
        _print_json(document)
    else:
        for_people(Console(soft_wrap=not sys.stdout.isatty(), highlight=False))


def _say_if_empty(app: App) -> None:
    if corpus_is_empty(app):
        typer.echo("The corpus is empty; fill it with: papercord import FILE", err=True)


def _print_json(document: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(document).decode() + "\n")


def run_command(arguments: list[str]) -> int:
    """Run the command that the arguments name, and return its exit code."""
    set_log_level()
    refuse_other_encodings(arguments)
    code = command_line(args=arguments, standalone_mode=False)
    sys.stdout.flush()
    return code if isinstance(code, int) else 0
