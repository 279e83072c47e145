"""The answers of the command line: JSON documents, whose keys are a contract with scripts, and text."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any, TextIO

import orjson
import typer
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TaskID, TextColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table
from rich.text import Text

from bot.announcements.matcher import ChannelMatches
from bot.announcements.results import AnnouncerStatus
from bot.app import CorpusStatus, LastImport, vectors_words
from bot.authors.grouping import GroupingReport
from bot.authors.results import Author, AuthorAnswer, AuthorChoice, CorpusFigures, Reported, ReportedChanges
from bot.health import Check, Level
from bot.ingest.importer import ImportPreview, ImportReport, Progress
from bot.papers.disagreements import source_name
from bot.papers.free_copy import free_copy
from bot.papers.one_sentence import one_sentence
from bot.papers.results import Hit, Paper, SearchPage
from bot.shards import ProcessStatus, in_words
from bot.store.imports import in_few_words
from bot.text.latex import readable

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


def import_document(report: ImportReport) -> Document:
    """What an import did; `rejected` names file, line and reason of each row left out (of many the first)."""
    return {
        "added": report.added,
        "updated": report.updated,
        "joined": report.joined,
        "unchanged": report.unchanged,
        "rejected": [asdict(row) for row in report.rejected],
        "rejected_more": report.rejected_more,
        "notices": list(report.notices),
        "seconds": round(report.seconds, 3),
        "files": [
            {"file": one.file, "papers": one.papers, "refused": one.refused, "unreadable": one.is_unreadable}
            for one in report.files
        ],
    }


def preview_document(preview: ImportPreview, channels: Sequence[ChannelMatches]) -> Document:
    """What an import would do: that of the import, examples, and where it would be announced."""
    return {
        **import_document(preview.report),
        "dry_run": True,
        "joined": preview.joined,
        "examples": {
            "added": list(preview.additions),
            "updated": list(preview.updates),
            "joined": [
                {"title": one.title, "by": None if one.key is None else list(one.key)}
                for one in preview.joins
            ],
        },
        "announced": [asdict(one) for one in channels],
    }


def search_document(page: SearchPage) -> Document:
    """One page of search results."""
    answer = page.answer
    return {
        "query": answer.request.query,
        "reading": answer.reading,
        "total": answer.total,
        "partial": answer.partial,
        "corrected": answer.corrected,
        "by_meaning": len(answer.by_meaning),
        "page": page.page,
        "pages": page.pages,
        "took_ms": round(answer.took_ms, 3),
        "did_you_mean": answer.did_you_mean,
        "also": list(answer.variants),
        "incomplete": answer.incomplete,
        "results": [_hit_document(hit) for hit in page.hits],
    }


def _hit_document(hit: Hit) -> Document:
    paper = hit.paper
    return {
        "id": paper.id,
        "source_id": paper.source_id,
        "title": paper.title,
        "authors": list(paper.authors),
        "authors_truncated": paper.authors_truncated,
        "field": paper.field,
        "published": paper.published,
        "published_inferred": paper.published_inferred,
        "score": paper.score,
        "has_code": paper.has_code,
        "code_url": paper.code_url,
        "url": paper.url,
        "notices": [one.model_dump(exclude={"is_taken_back"}) for one in paper.notices],
        "other_titles": [one.model_dump() for one in paper.other_titles],
        "appeared": paper.appeared,
        "pdf_url": free_copy(paper),
        "data_url": paper.data_url,
        "sentence": one.text if (one := one_sentence(paper)) is not None else None,
        "sentence_by": one.source if one is not None else None,
        "complete": hit.complete,
        "corrected": hit.corrected,
        "by_meaning": hit.by_meaning,
        "matched_in": list(hit.matched_in),
        "snippet": "".join(span.text for span in hit.snippet),
    }


def paper_document(paper: Paper) -> Document:
    """All that is known of a paper, by the names of its facts."""
    return {"id": paper.id, **paper.model_dump(mode="json")}


def author_document(answer: AuthorAnswer) -> Document:
    """An author's figures, or the names one may have meant."""
    return {
        "query": answer.query,
        "match": answer.match.value,
        "author": None if answer.author is None else _author_document(answer.author),
        "choices": [
            {"name": choice.name, "papers": choice.papers, "field": choice.field, "years": choice.years}
            for choice in answer.choices
        ],
    }


def _author_document(author: Author) -> Document:
    reported, corpus = author.reported, author.corpus
    return {
        "name": author.name,
        "field": author.field,
        "reported": {
            "h_index": reported.h_index if reported else None,
            "papers": reported.papers if reported else None,
            "citations": reported.citations if reported else None,
            "novelty": reported.novelty if reported else None,
            "ai_score": reported.ai_score if reported else None,
            "source": reported.source if reported else None,
            "as_of": reported.as_of.isoformat() if reported and reported.as_of else None,
        },
        "corpus": {
            "papers": corpus.papers,
            "listed": corpus.listed,
            "attributed": corpus.attributed,
            "with_code": corpus.with_code,
            "fields": corpus.fields,
            "years": corpus.years,
            "first_author": corpus.first_author,
            "last_author": corpus.last_author,
            "whole_lists": corpus.whole_lists,
            "cited": None if corpus.cited is None else asdict(corpus.cited),
            "coauthors": [
                {"name": coauthor.name, "papers": coauthor.papers} for coauthor in corpus.coauthors
            ],
        },
        "course": None
        if author.changes is None
        else {"since": author.changes.since.isoformat(), "changes": author.changes.changes},
        "identifiers": list(author.identifiers),
        "other_names": list(author.other_names),
        "circles": [asdict(cluster) for cluster in author.clusters],
        "corrections": list(author.corrections),
        "affiliations": [asdict(one) for one in author.affiliations],
        "certainty": None
        if author.certainty is None
        else {"level": author.certainty.level, "grounds": author.certainty.grounds},
        "notices": list(author.notices),
    }


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


MAX_REJECTED_SHOWN = 20
"""Rows of a file."""
MAX_AUTHORS_SHOWN = 4
ENOUGH_FOR_A_RATE = 1000
"""Papers; fewer say nothing about the speed of an import."""


def for_terminal(text: str) -> str:
    """Foreign text without control characters, so that it cannot steer the terminal."""
    return "".join(character if unicodedata.category(character)[0] != "C" else " " for character in text)


def print_import(console: Console, report: ImportReport, *, strict: bool) -> None:
    """What an import did; the last line has the counts."""
    _print_reading(console, report)
    refused = f", {report.refused:,} refused" if report.refused else ""
    if report.papers == 0 and report.rejected:
        nothing = "Nothing was imported"
        if strict:
            nothing += "; without --strict, the rows that can be read are"
        console.print(f"{nothing}: {report.refused:,} refused.")
    elif report.added == report.updated == 0 and report.papers:
        console.print(f"Nothing new: all {report.papers:,} papers were known as they are{refused}.")
    else:
        rate = (
            f" ({report.papers / report.seconds:,.0f} papers/s)" if report.papers >= ENOUGH_FOR_A_RATE else ""
        )
        console.print(f"{_counts_in_words(report)}{refused} in {report.seconds:.1f} s{rate}.")


def print_preview(
    console: Console, preview: ImportPreview, channels: Sequence[ChannelMatches], *, strict: bool
) -> None:
    """What an import would do; the last line has the counts."""
    report = preview.report
    _print_reading(console, report)
    _print_examples(console, "New", report.added, preview.additions)
    _print_examples(console, "Changed", report.updated - report.joined, preview.updates)
    joins = [f"{one.title} ({one.reason})" for one in preview.joins]
    _print_examples(console, "Joined to papers that other entries describe", preview.joined, joins)
    if preview.new_papers or preview.adopted:
        console.print("Announced: " + ("" if channels else "in no channel."))
        for one in channels:
            console.print(f"  {_papers(one.papers)} in channel {one.channel_id} of server {one.guild_id}")
    if strict and report.rejected:
        console.print(
            f"Dry run, nothing was written. --strict would import nothing: {report.refused:,} refused."
        )
    else:
        console.print(
            f"Dry run, nothing was written. It would be: {_counts_in_words(report)}, "
            f"{report.refused:,} refused."
        )


def _counts_in_words(report: ImportReport) -> str:
    """What became of the rows; several entries of one paper are joined."""
    joined = f", {report.joined:,} joined to one of these or a known paper" if report.joined else ""
    updated = report.updated - report.joined
    return f"{report.added:,} added{joined}, {updated:,} updated, {report.unchanged:,} unchanged"


def _print_reading(console: Console, report: ImportReport) -> None:
    """What was read of each file, what was read with a reservation, and what was refused."""
    if len(report.files) > 1:
        for one in report.files:
            refused = f", {one.refused:,} refused" if one.refused else ""
            forms = ", ".join(dict.fromkeys(source_name(source) for source in one.sources[:3]))
            read = f"{_papers(one.papers)} read{f' ({forms})' if forms else ''}"
            read = "nothing could be read" if one.is_unreadable else read
            console.print(Text(for_terminal(f"{one.file}: {read}{refused}")))
    for notice in report.notices:
        console.print(Text(f"Note: {for_terminal(notice)}"))
    shown = Counter[str]()
    for row in report.rejected:
        shown[row.file] += 1
        if shown[row.file] <= MAX_REJECTED_SHOWN:
            place = row.file if row.line is None else f"{row.file}, line {row.line}"
            console.print(Text(for_terminal(f"Left out: {place}: {row.reason}")))
    more = sum(max(0, rows - MAX_REJECTED_SHOWN) for rows in shown.values()) + report.rejected_more
    if more:
        console.print(f"… and {more:,} more rows left out")


def _print_examples(console: Console, what: str, count: int, titles: Sequence[str]) -> None:
    if count:
        console.print(f"{what}: {count:,}" + (", such as" if count > len(titles) else ""))
        for title in titles:
            console.print(Text(f"  {for_terminal(readable(title))}"))


def print_search(console: Console, page: SearchPage) -> None:
    """One page of search results."""
    answer = page.answer
    console.print(Text(f"{_papers(answer.total)} for {for_terminal(answer.reading)}", style="bold"))
    if answer.incomplete:
        console.print("A part of the search cluster is away: papers may be lacking.")
    if answer.corrected:
        console.print(f"{_papers(answer.corrected)} with corrected words")
    if answer.by_meaning:
        console.print(f"{_papers(len(answer.by_meaning))} near in meaning")
    if answer.variants:
        console.print(Text(f"also: {for_terminal(', '.join(answer.variants))}"))
    if answer.did_you_mean:
        console.print(Text(f"Did you mean: {for_terminal(answer.did_you_mean)}?"))
    above: str | None = None
    for hit in page.hits:
        if hit.heading is not None and hit.heading != above:
            console.print(f"\n{hit.heading}:")
        above = hit.heading
        _print_hit(console, hit)
    if page.pages > 1:
        following = f"; the next with --page {page.page + 1}" if page.page < page.pages else ""
        console.print(f"\nPage {page.page} of {page.pages}{following}.")


def _papers(number: int) -> str:
    return f"{number:,} {'paper' if number == 1 else 'papers'}"


def _print_hit(console: Console, hit: Hit) -> None:
    paper = hit.paper
    console.print()
    console.print(Text(for_terminal(readable(paper.title)), style="bold"))
    if paper.notices:
        _print_indented(console, Text(for_terminal(_notices(paper)), style="bold red"))
    marked = f"{_byline(paper)} · by meaning" if hit.by_meaning else _byline(paper)
    _print_indented(console, Text(for_terminal(marked)))
    snippet = Text()
    for span in hit.snippet:
        snippet.append(for_terminal(span.text), style="bold underline" if span.matched else "")
    if snippet.plain.strip():
        _print_indented(console, snippet)
    if paper.url:
        _print_indented(console, Text(for_terminal(paper.url)))


def _notices(paper: Paper) -> str:
    """What became of a paper, and who says so: "RETRACTED 2024-02-03 (Crossref, https://doi.org/10.1/x)"."""
    return " · ".join(
        f"{' '.join(filter(None, (one.kind.upper(), one.day)))} "
        f"({', '.join(filter(None, (source_name(one.source), one.url)))})"
        for one in paper.notices
    )


def _print_indented(console: Console, text: Text) -> None:
    # Padding crops what is not wrapped, and outside a terminal nothing is wrapped.
    console.print(Text("  ").append_text(text) if console.soft_wrap else Padding(text, (0, 0, 0, 2)))


def _byline(paper: Paper) -> str:
    authors = ", ".join(paper.authors[:MAX_AUTHORS_SHOWN])
    if paper.authors_truncated:
        authors += " et al."
    elif (more := len(paper.authors) - MAX_AUTHORS_SHOWN) > 0:
        authors += f" and {more:,} others" if more > 1 else " and 1 other"
    date = f"{paper.published} (year inferred)" if paper.published_inferred else paper.published
    score = f"score {paper.score:g}" if paper.score is not None else None
    code = "Code" if paper.has_code else None
    return " · ".join(part for part in (authors, paper.field, date, score, code) if part)


def print_status(
    console: Console, status: CorpusStatus, announcer: AnnouncerStatus, processes: Sequence[ProcessStatus]
) -> None:
    """The state of the corpus, the index, the database, the announcer, and the processes of the bot."""
    fields = ", ".join(f"{field} {count:,}" for field, count in list(status.fields.items())[:12])
    console.print(f"{status.papers:,} papers, {status.authors:,} authors", style="bold")
    if fields:
        console.print(Text(for_terminal(f"fields: {fields}")))
    console.print(Text(f"database: {status.database}"))
    console.print(f"revision {status.revision:,}; search index {_index_words(status)}")
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
    if status.index_revision is None and status.cluster is not None:
        return f"not made yet, or its cluster at {status.cluster} is away"
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
    index = f"{behind:,} revision{'s' if behind > 1 else ''} behind" if behind > 0 else "up to date"
    return f"process {process.name}: shards {in_words(process.shards)}; its search index is {index}"


def _import_line(state: LastImport) -> str:
    when = f"{state.finished_at or state.started_at:%Y-%m-%d %H:%M} UTC"
    return f"{in_few_words(state.files)}, {state.state}, {when}"


MAX_COAUTHORS, MAX_CLUSTERS, MAX_NEWEST, MAX_CHOICE_COAUTHORS, MAX_NAMES = 10, 5, 5, 3, 8
REPORTED = (
    ("h_index", "h-index"),
    ("papers", "papers"),
    ("citations", "citations"),
    ("novelty", "novelty"),
    ("ai_score", "AI score"),
)

Rows = list[tuple[str, str]]


def print_author(console: Console, answer: AuthorAnswer) -> None:
    """An author's figures, or the names one may have meant."""
    if answer.author is not None:
        _print_profile(console, answer.author)
        for choice in answer.choices:
            console.print()
            console.print(Text(for_terminal(f"Perhaps the same person: {choice.name}")))
            _print_lines(console, _choice_facts(choice))
    elif answer.choices:
        head = f"Nobody is called exactly {answer.query}. Did you mean:"
        if answer.namesakes:
            head = f"{len(answer.choices)} people are called {answer.query}. Which of them?"
        console.print(Text(for_terminal(head)))
        for choice in answer.choices:
            perhaps = "perhaps also " if choice.perhaps else ""
            console.print(Text(for_terminal(f"{perhaps}{choice.name}"), style="bold"))
            _print_lines(console, _choice_facts(choice))
    else:
        console.print(Text(for_terminal(f"No author is called {answer.query}, nor anything near it.")))


def _choice_facts(choice: AuthorChoice) -> str:
    people = ", ".join(choice.coauthors[:MAX_CHOICE_COAUTHORS])
    return _joined(
        (
            _count(choice.papers, "paper"),
            choice.field,
            choice.years,
            choice.affiliation,
            f"with {people}" if people else None,
            f"newest: {readable(choice.newest)}" if choice.newest else None,
            choice.identifier,
            f"author:{choice.author_id}",
        )
    )


def _print_profile(console: Console, author: Author) -> None:
    console.print(Text(for_terminal(_joined((author.name, author.field))), style="bold"))
    for identifier in author.identifiers:
        _print_lines(console, identifier)
    if author.other_names:
        _print_lines(console, f"also as {', '.join(author.other_names[:MAX_NAMES])}")
    if author.certainty is not None:
        _print_lines(console, author.certainty.sentence)
    for place in author.affiliations[:MAX_NEWEST]:
        years = dict.fromkeys(one for one in (place.first_year, place.last_year) if one)
        _print_lines(console, f"at {_joined((place.name, ' to '.join(years)))}")
    _print_reported(console, author.reported, author.changes)
    corpus = author.corpus
    basis = f" ({corpus.listed:,} listed, {corpus.attributed:,} attributed)" if corpus.attributed else ""
    head = f"In this corpus: {_count(corpus.papers, 'paper')}{basis}"
    _print_rows(console, head, _corpus_rows(corpus))
    if len(author.clusters) > 1:
        _print_rows(console, "Circles of papers that share co-authors", _cluster_rows(author))
    if author.newest:
        newest = [(paper.published or "no date", readable(paper.title)) for paper in author.newest]
        _print_rows(console, "Newest papers", newest[:MAX_NEWEST])
    for notice in (*author.notices, *author.corrections):
        console.print()
        console.print(Text(for_terminal(f"Note: {notice}")))


def _print_reported(console: Console, reported: Reported | None, course: ReportedChanges | None) -> None:
    if reported is None:
        console.print("\nNo source reports figures of this author.")
        return
    rows: Rows = []
    for name, label in REPORTED:
        value: float | None = getattr(reported, name)
        unit = " %" if name == "novelty" else ""
        shown = (
            "not given" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:g}{unit}"
        )
        if course is not None and name in course.changes:
            shown += f" ({course.changes[name]:+,g} since {course.since})"
        rows.append((label, shown))
    day = f"read {reported.as_of}" if reported.as_of else "day unknown"
    if course is not None and not course.changes:
        day += f", the same as on {course.since}"
    _print_rows(console, f"Reported by the {reported.source} ({day})", rows)


def _corpus_rows(shown: CorpusFigures) -> Rows:
    share = f" ({shown.with_code / shown.papers:.0%})" if shown.papers else ""
    years = list(shown.years)
    rows = [
        ("active", f"{years[0]} to {years[-1]}" if len(years) > 1 else "".join(years)),
        ("years", _counts(shown.years)),
        ("fields", _counts(shown.fields)),
        ("with code", f"{shown.with_code:,}{share}" if shown.with_code else ""),
    ]
    if shown.first_author:
        rows.append(("first author", f"of {_count(shown.first_author, 'paper')}"))
    if shown.last_author:
        rows.append(
            ("last author", f"of {shown.last_author:,} ({_count(shown.whole_lists, 'list')} not cut)")
        )
    if (cited := shown.cited) is not None:
        rows += [
            ("citations", f"{cited.citations:,}, of the {_count(cited.papers, 'paper')} that carry them"),
            ("computed", f"h-index {cited.h_index:,} · g-index {cited.g_index:,} · i10 {cited.i10:,}"),
        ]
    people = [f"{person.name} ({person.papers:,})" for person in shown.coauthors[:MAX_COAUTHORS]]
    rows.append(("co-authors", ", ".join(people)))
    return [row for row in rows if row[1]]


def _cluster_rows(author: Author) -> Rows:
    rows: Rows = []
    clusters = [cluster for cluster in author.clusters if cluster.papers > 1]
    for cluster in clusters[:MAX_CLUSTERS]:
        rows.append((_count(cluster.papers, "paper"), _joined((", ".join(cluster.coauthors), cluster.years))))
    if len(clusters) > MAX_CLUSTERS:
        rows.append(("", f"and {_count(len(clusters) - MAX_CLUSTERS, 'smaller circle')}"))
    alone = len(author.clusters) - len(clusters)
    if alone:
        rows.append((_count(alone, "paper"), f"{'shares' if alone == 1 else 'share'} no visible co-author"))
    return rows


def _print_rows(console: Console, head: str, rows: Rows) -> None:
    """A heading, and below it a table without lines; where nothing is wrapped, a line for each row."""
    console.print()
    console.print(Text(for_terminal(head), style="bold"))
    width = max((len(label) for label, _ in rows), default=0)
    if console.soft_wrap:
        for label, value in rows:
            console.print(Text(for_terminal(f"  {label:<{width}}  {value}")))
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows:
        table.add_row(Text(for_terminal(label)), Text(for_terminal(value)))
    console.print(Padding(table, (0, 0, 0, 2)))


def _print_lines(console: Console, text: str) -> None:
    # Padding crops what is not wrapped, and outside a terminal nothing is wrapped.
    shown = Text(for_terminal(text))
    console.print(Text("  ").append_text(shown) if console.soft_wrap else Padding(shown, (0, 0, 0, 2)))


def _counts(counts: Mapping[str, int]) -> str:
    return _joined(f"{key} {count:,}" for key, count in counts.items())


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _joined(parts: Iterable[str | None]) -> str:
    return " · ".join(part for part in parts if part)


def grouping_document(found: GroupingReport, *, written: bool) -> dict[str, Any]:
    """What a grouping of people did."""
    return {**asdict(found), "snapshot": str(found.snapshot) if found.snapshot else None, "written": written}


def print_grouping(console: Console, found: GroupingReport, *, written: bool) -> None:
    """What a grouping of people did, or would do, in sentences."""
    day = f" (names and words counted on {found.snapshot})" if found.snapshot else ""
    console.print(f"{found.mentions:,} mentions are of {found.people:,} people{day}.")
    would = "" if written else "would "
    console.print(
        f"{found.moved:,} {would}change the person, {found.joined:,} entries {would}become another's, "
        f"{found.parted:,} people {would}get an entry of their own."
    )
