"""The commands of `papercord`."""

from __future__ import annotations

import datetime as dt
import shlex
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import TimeElapsedColumn, TimeRemainingColumn

from bot import __version__
from bot.announcements.matcher import channels_matching
from bot.announcements.status import announcer_status
from bot.app import App, corpus_is_empty, corpus_status, open_app
from bot.authors import profile
from bot.authors.evaluation import Evaluation, evaluate, write_groups
from bot.authors.grouping import group_everybody
from bot.cli import corrections, database, discord_commands, imports, sources
from bot.cli.answers.authors import author_document, grouping_document, print_author, print_grouping
from bot.cli.answers.imports import import_document, preview_document, print_import, print_preview
from bot.cli.answers.papers import print_search, search_document
from bot.cli.answers.printing import JsonOption, print_json, show, shown_progress
from bot.cli.answers.status import print_health, print_status, status_document
from bot.cli.failures import refuse_other_encodings, set_log_level
from bot.cli.process import read_queries
from bot.cli.references import write_papers
from bot.config import files_others_may_read, load_settings, misspelt_settings
from bot.corpus.formats.opening import FORMATS
from bot.errors import ConfigurationError, RefusedError, SearchUnusableError
from bot.health import Level, health
from bot.ingest import importer
from bot.ingest.importer import Progress
from bot.meaning.finder import VectorsStatus
from bot.meaning.state import VectorsState
from bot.papers import search
from bot.papers.export import papers_matching
from bot.papers.references import Format
from bot.papers.results import Paper, SearchRequest
from bot.search.query import Sort
from bot.shards import running_processes, wanted_shards

PER_PAGE = 10
"""Results on a page where nobody says how many."""

command_line = typer.Typer(
    name="papercord",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
authors_command_line = typer.Typer(
    help="Tell people apart by their names, papers and co-authors.", no_args_is_help=True
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"papercord {__version__}")
        raise typer.Exit


@command_line.callback(help="The paper desk of a research group that lives in Discord.")
def _with_version(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """Take what stands before the name of a command."""


command_line.add_typer(authors_command_line, name="authors")
command_line.add_typer(imports.command_line, name="imports")
command_line.add_typer(sources.command_line, name="sources")
command_line.add_typer(discord_commands.command_line, name="commands")
command_line.command("enrich")(sources.enrich_corpus)
command_line.command("migrate")(database.migrate)
command_line.command("compact")(database.compact)
command_line.command("backup")(database.backup)
command_line.command("restore")(database.restore_backup)
command_line.command("papers merge")(corrections.merge)
command_line.command("papers split")(corrections.split)


@command_line.command()
def run(
    shards: Annotated[
        str | None,
        typer.Option(
            help="For several processes with one PostgreSQL: auto shares the shards out among them, and "
            "0-3/8 names the first, the last and the number of all. Without it, this process has all.",
        ),
    ] = None,
) -> None:
    """Run the bot in Discord."""
    settings = load_settings()
    token = settings.require_token()
    for line in misspelt_settings(settings):
        typer.echo(line, err=True)
    for file in files_others_may_read(settings):
        typer.echo(f"Others on this machine may read {file}: chmod 600 {shlex.quote(str(file))}", err=True)
    from bot.discord_app.lifecycle import run_bot
    from cogs.families import create_bot

    with open_app(settings) as app:
        run_bot(create_bot(app, wanted_shards(shards, is_sqlite=app.store.is_sqlite)), token)


@command_line.command(name="try")
def try_locally(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The page's port; 0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Open a local page in which to type the bot's commands; no token needed."""
    from bot.cli.trial import run_trial

    run_trial(load_settings(), port=port, browser=browser)


@command_line.command(name="import")
def import_papers(
    paths: Annotated[
        list[Path], typer.Argument(help=f"Files of papers, or folders of them: {FORMATS}; plain, .gz or .xz.")
    ],
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day on which an author page was read."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="All or nothing: import nothing where a row is refused.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be imported and announced; write nothing.")
    ] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", hidden=True)] = False,
    source: Annotated[
        str | None, typer.Option(help="A name for the ids of this file, where they are its own.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring papers into the corpus; the same file again changes nothing.

    A row that cannot be read is left out and reported with file, line and reason; the rest comes in, and
    the exit code is 0. It is 1 where nothing of a file can be read (the other files come in), or where
    --strict refused the import.
    """
    if strict and skip_bad:
        raise typer.BadParameter("--strict and --skip-bad contradict each other")
    day = as_of.date() if as_of is not None else None
    with open_app(load_settings()) as app, shown_progress(sys.stderr, TimeElapsedColumn()) as progress:
        if dry_run:
            preview = importer.preview_files(app, paths, as_of=day, source_name=source, progress=progress)
            with app.store.reading() as session:
                channels = channels_matching(session, preview.new_papers, preview.adopted)
            show(
                preview_document(preview, channels),
                as_json,
                lambda console: print_preview(console, preview, channels, strict=strict),
            )
            report = preview.report
        else:
            report = importer.import_files(
                app, paths, as_of=day, strict=strict, source_name=source, progress=progress
            )
            show(
                import_document(report),
                as_json,
                lambda console: print_import(console, report, strict=strict),
            )
    raise typer.Exit(0 if report.is_complete and not (strict and report.rejected) else 1)


@command_line.command()
def papers(
    query: Annotated[list[str] | None, typer.Argument(help="What to look for.")] = None,
    field: Annotated[str | None, typer.Option(help="A field code, such as CV.")] = None,
    author: Annotated[str | None, typer.Option(help="An author's name.")] = None,
    since: Annotated[str | None, typer.Option(help="YYYY, YYYY-MM or YYYY-MM-DD.")] = None,
    until: Annotated[str | None, typer.Option(help="YYYY, YYYY-MM or YYYY-MM-DD.")] = None,
    code: Annotated[bool | None, typer.Option(help="Only papers with, or without, code.")] = None,
    sort: Annotated[Sort, typer.Option(help="The order of the results.")] = Sort.RELEVANCE,
    limit: Annotated[
        int | None, typer.Option(min=1, max=200, help="Results on a page: 10; with --format all.")
    ] = None,
    page: Annotated[int, typer.Option(min=1, help="Which page.")] = 1,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="Give the papers out as a file of references; all without a query."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file for --format, in place of stdout.")
    ] = None,
    batch: Annotated[
        typer.FileBinaryRead | None,
        typer.Option(help="A file with one query a line, in UTF-8; answers in JSON lines."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Search the corpus, or give papers out for other programs."""
    if form is not None and (as_json or batch is not None):
        raise typer.BadParameter("--format goes with neither --json nor --batch")
    if output is not None and form is None:
        raise typer.BadParameter("--output needs --format")
    if form is None and (batch is None) == (not query):
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
                    answered = search.search_page(app, request(text), page, limit or PER_PAGE)
                    print_json(search_document(answered))
                except RefusedError as error:
                    print_json({"query": text, "error": str(error)})
            return
        asked = request(" ".join(query or []))
        if form is not None:
            write_papers(_given_out(app, asked, page, limit), form, output)
            _say_if_empty(app)
            return
        found = search.search_page(app, asked, page, limit or PER_PAGE)
        _say_if_empty(app)
    show(search_document(found), as_json, lambda console: print_search(console, found))


def _given_out(app: App, request: SearchRequest, page: int, limit: int | None) -> Iterable[Paper]:
    """All papers that match, or a page of what the search shows."""
    if limit is None:
        return papers_matching(app, request)
    found = search.search_page(app, request, page, limit)
    if found.answer.incomplete:
        raise SearchUnusableError(search.PART_AWAY)
    return [hit.paper for hit in found.hits]


@command_line.command()
def author(
    name: Annotated[list[str], typer.Argument(help="The author's name.")], as_json: JsonOption = False
) -> None:
    """Show an author: what sources report, and what this corpus shows."""
    with open_app(load_settings()) as app:
        answer = profile.find_author(app, " ".join(name))
        _say_if_empty(app)
    show(
        author_document(answer),
        as_json,
        lambda console: print_author(console, answer),
    )


@command_line.command(name="status")
def show_status(as_json: JsonOption = False) -> None:
    """Show the state of the corpus, the search index and the database."""
    with open_app(load_settings()) as app:
        state, announcer, processes = corpus_status(app), announcer_status(app), running_processes(app)
    show(
        status_document(state, announcer, processes),
        as_json,
        lambda console: print_status(console, state, announcer, processes),
    )


@command_line.command()
def vectors(as_json: JsonOption = False) -> None:
    """Make the vectors by which papers are found by meaning; the running bot does the same."""
    with open_app(load_settings()) as app, shown_progress(sys.stderr, TimeRemainingColumn()) as progress:
        made_before = _vectors_of(app).made

        def report(state: VectorsState) -> None:
            if progress is not None:
                progress(Progress("Vectors", state.made, state.papers))

        is_whole = app.meaning.make(_wait, report, app.clock)
        found = _vectors_of(app)
    made = found.made - made_before
    words = f"{made:,} made, {found.made:,} in all." if is_whole else "Another process makes them already."
    show(asdict(found), as_json, lambda console: console.print(words))


def _vectors_of(app: App) -> VectorsStatus:
    found = app.meaning.status()
    if found is None:
        raise ConfigurationError(
            "Finding by meaning is off: pip install 'papercord[meaning]', and set PAPERCORD_MEANING to on."
        )
    return found


def _wait(seconds: float) -> bool:
    """A signal ends the wait."""
    time.sleep(seconds)
    return False


@command_line.command(name="mcp")
def serve_context() -> None:
    """Answer programs that speak the Model Context Protocol, on stdin and stdout; nothing is written."""
    if find_spec("mcp") is None:
        raise ConfigurationError("The packages for it are not installed: pip install 'papercord[mcp]'.")
    from bot.cli.context_server import serve

    with open_app(load_settings()) as app:
        serve(app)


def _say_if_empty(app: App) -> None:
    if corpus_is_empty(app):
        typer.echo("The corpus is empty; fill it with: papercord import FILE", err=True)


@command_line.command(name="health")
def show_health(as_json: JsonOption = False) -> None:
    """Check that the bot runs and announces; exit code 1 where something stands still."""
    with open_app(load_settings()) as app:
        checks = health(app)
    worst = max((check.level for check in checks), key=list(Level).index)
    document = {"level": worst, "checks": [asdict(check) for check in checks]}
    show(document, as_json, lambda console: print_health(console, checks))
    raise typer.Exit(1 if worst is Level.FAILED else 0)


@authors_command_line.callback()
def authors() -> None:
    """Tell people apart by their names, papers and co-authors."""


@authors_command_line.command(name="regroup")
def regroup_authors(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Group all mentions of the corpus into people anew; corrections hold, and nothing of it is news."""
    with open_app(load_settings()) as app, shown_progress(sys.stderr, TimeRemainingColumn()) as draw:

        def report(done: int, mentions: int) -> None:
            if draw is not None:
                draw(Progress("grouping", done, mentions))

        found = group_everybody(app, dry_run=dry_run, progress=report)
    show(
        grouping_document(found, written=not dry_run),
        as_json,
        lambda console: print_grouping(console, found, written=not dry_run),
    )


@authors_command_line.command(name="evaluate")
def evaluate_file(
    file: Annotated[Path, typer.Argument(help="JSON lines of mentions: mention, name, paper, coauthors, …")],
    groups: Annotated[
        Path | None, typer.Option(help="Write one line for each mention: mention, tab, group.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Group the mentions of a file into people; where it names the people, say how well."""
    found = evaluate(file)
    if groups is not None:
        write_groups(found, groups)
    show(_evaluation_document(found), as_json, lambda console: _print_evaluation(console, found))


def _evaluation_document(found: Evaluation) -> dict[str, Any]:
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


def _print_evaluation(console: Console, found: Evaluation) -> None:
    console.print(f"Mentions: {len(found.groups):,}. People made of them: {found.number_of_groups:,}.")
    if found.pairwise is None or found.b_cubed is None:
        return
    console.print(f"{found.known:,} of them are known to be of {found.people:,} people:")
    for label, agreement in (("pairwise", found.pairwise), ("B-cubed", found.b_cubed)):
        console.print(
            f"  {label:<9} precision {agreement.precision:.3f}  recall {agreement.recall:.3f}  "
            f"F1 {agreement.f1:.3f}"
        )


def run_command(arguments: list[str]) -> int:
    """Run the command that the arguments name, and return its exit code."""
    set_log_level()
    refuse_other_encodings(arguments)
    code = command_line(args=corrections.with_subcommand(arguments), standalone_mode=False)
    sys.stdout.flush()
    return code if isinstance(code, int) else 0
