"""The same answers as text, for a person at a terminal."""

from __future__ import annotations

import unicodedata

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.announcements.results import AnnouncerStatus
from bot.corpus_status import CorpusStatus, LastImport
from bot.ingest.results import ImportReport
from bot.papers.results import Hit, Paper, SearchPage
from bot.text.readable import readable

MAX_REJECTED_SHOWN = 20
MAX_AUTHORS_SHOWN = 4
ENOUGH_FOR_A_RATE = 1000
"""Papers; fewer say nothing about the speed of an import."""


def for_terminal(text: str) -> str:
    """Foreign text without control characters, so that it cannot steer the terminal."""
    return "".join(character if unicodedata.category(character)[0] != "C" else " " for character in text)


def print_import(console: Console, report: ImportReport) -> None:
    """What an import did, in a few lines."""
    for notice in report.notices:
        console.print(Text(f"Note: {for_terminal(notice)}"))
    for row in report.rejected[:MAX_REJECTED_SHOWN]:
        place = row.file if row.line is None else f"{row.file}, line {row.line}"
        console.print(Text(for_terminal(f"Left out: {place}: {row.reason}")))
    more = len(report.rejected[MAX_REJECTED_SHOWN:]) + report.rejected_more
    if more:
        console.print(f"… and {more:,} more rows left out")
    papers = report.added + report.updated + report.unchanged
    if papers == 0 and report.rejected:
        console.print("Nothing was imported. Mend what is said above, or leave it out with --skip-bad.")
        return
    if report.added == report.updated == 0:
        console.print(f"Nothing new: all {papers:,} papers were known as they are.")
    else:
        rate = f" ({papers / report.seconds:,.0f} papers/s)" if papers >= ENOUGH_FOR_A_RATE else ""
        console.print(
            f"{report.added:,} added, {report.updated:,} updated, {report.unchanged:,} unchanged "
            f"in {report.seconds:.1f} s{rate}."
        )


def print_search(console: Console, page: SearchPage) -> None:
    """One page of search results."""
    answer = page.answer
    console.print(Text(f"{_papers(answer.total)} for {for_terminal(answer.reading)}", style="bold"))
    if answer.corrected:
        console.print(f"{_papers(answer.corrected)} with corrected words")
    if answer.forgiven:
        console.print(Text(f"also: {for_terminal(', '.join(answer.forgiven))}"))
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
    _print_indented(console, Text(for_terminal(_byline(paper))))
    snippet = Text()
    for span in hit.snippet:
        snippet.append(for_terminal(span.text), style="bold underline" if span.matched else "")
    if snippet.plain.strip():
        _print_indented(console, snippet)
    if paper.url:
        _print_indented(console, Text(for_terminal(paper.url)))


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


def print_status(console: Console, status: CorpusStatus, announcer: AnnouncerStatus) -> None:
    """The state of the corpus, the index, the database and the announcer."""
    fields = ", ".join(f"{field} {count:,}" for field, count in list(status.fields.items())[:12])
    console.print(f"{status.papers:,} papers, {status.authors:,} authors", style="bold")
    if fields:
        console.print(Text(for_terminal(f"fields: {fields}")))
    console.print(Text(f"database: {status.database}"))
    index = "missing; it is made by the next search" if status.index_revision is None else "up to date"
    if status.index_revision is not None and status.index_revision != status.revision:
        index = f"at revision {status.index_revision:,}; it catches up at the next search"
    console.print(f"revision {status.revision:,}; search index {index}")
    if status.last_import is not None:
        console.print(Text(for_terminal(f"last import: {_import_line(status.last_import)}")))
    for state in status.unfinished_imports:
        console.print(Text(for_terminal(f"{_import_line(state)}: import the same file again to complete it")))
    console.print(Text(for_terminal(_announcer_line(announcer))))
    if status.papers == 0:
        console.print("The corpus is empty; fill it with: papercord import FILE")


def _announcer_line(announcer: AnnouncerStatus) -> str:
    holder = announcer.lease or "nobody at present (the running bot does it)"
    last = f"{announcer.last_run:%Y-%m-%d %H:%M} UTC" if announcer.last_run is not None else "none yet"
    counts = (
        f"{announcer.sent:,} sent, {announcer.planned:,} on their way, "
        f"{announcer.held:,} held, {announcer.failed:,} failed"
    )
    return f"announcer: {holder}; last good round: {last}; messages: {counts}"


def _import_line(state: LastImport) -> str:
    when = f"{state.finished_at or state.started_at:%Y-%m-%d %H:%M} UTC"
    return f"{', '.join(state.files)}, {state.state}, {when}"
