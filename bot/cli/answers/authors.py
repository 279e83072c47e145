"""Authors, and what a grouping of people did, as documents and as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.authors.grouping import GroupingReport
from bot.authors.results import Author, AuthorAnswer, AuthorChoice, CorpusFigures, Reported, ReportedChanges
from bot.cli.answers.printing import Document, for_terminal, print_indented
from bot.errors import one_line
from bot.text.counting import counted
from bot.text.latex import readable


def author_document(answer: AuthorAnswer) -> Document:
    """An author's figures, or the names one may have meant."""
    return {
        "query": answer.query,
        "match": answer.match.value,
        "is_likely": answer.is_likely,
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
    asked = one_line(answer.query)
    if answer.author is not None:
        _print_profile(console, answer.author)
        if answer.is_likely:
            console.print()
            said = f"Nobody is called exactly {asked}: this is the only person whose name it fits."
            console.print(Text(for_terminal(f"Note: {said}")))
        for choice in answer.choices:
            console.print()
            console.print(Text(for_terminal(f"Perhaps the same person: {choice.name}")))
            print_indented(console, Text(for_terminal(_choice_facts(choice))))
    elif answer.choices:
        head = f"Nobody is called exactly {asked}. Did you mean:"
        if answer.namesakes:
            head = f"{len(answer.choices)} people are called {asked}. Which of them?"
        console.print(Text(for_terminal(head)))
        for choice in answer.choices:
            perhaps = "perhaps also " if choice.perhaps else ""
            console.print(Text(for_terminal(f"{perhaps}{choice.name}"), style="bold"))
            print_indented(console, Text(for_terminal(_choice_facts(choice))))
    else:
        words = f"No author is called {asked}, nor anything near it." if asked else "No name was typed."
        console.print(Text(for_terminal(words)))


def _choice_facts(choice: AuthorChoice) -> str:
    people = ", ".join(choice.coauthors[:MAX_CHOICE_COAUTHORS])
    return _joined(
        (
            counted(choice.papers, "paper"),
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
        print_indented(console, Text(for_terminal(identifier)))
    if author.other_names:
        print_indented(console, Text(for_terminal(f"also as {', '.join(author.other_names[:MAX_NAMES])}")))
    if author.certainty is not None:
        print_indented(console, Text(for_terminal(author.certainty.sentence)))
    for place in author.affiliations[:MAX_NEWEST]:
        years = dict.fromkeys(one for one in (place.first_year, place.last_year) if one)
        print_indented(console, Text(for_terminal(f"at {_joined((place.name, ' to '.join(years)))}")))
    if author.reported is not None:
        _print_reported(console, author.reported, author.changes)
    corpus = author.corpus
    basis = f" ({corpus.listed:,} listed, {corpus.attributed:,} attributed)" if corpus.attributed else ""
    head = f"In this corpus: {counted(corpus.papers, 'paper')}{basis}"
    _print_rows(console, head, _corpus_rows(corpus))
    if len(author.clusters) > 1:
        _print_rows(console, "Circles of papers that share co-authors", _cluster_rows(author))
    if author.newest:
        newest = [(paper.published or "no date", readable(paper.title)) for paper in author.newest]
        _print_rows(console, "Newest papers", newest[:MAX_NEWEST])
    for notice in (*author.notices, *author.corrections):
        console.print()
        console.print(Text(for_terminal(f"Note: {notice}")))


def _print_reported(console: Console, reported: Reported, course: ReportedChanges | None) -> None:
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
        rows.append(("first author", f"of {counted(shown.first_author, 'paper')}"))
    if shown.last_author:
        rows.append(
            ("last author", f"of {shown.last_author:,} ({counted(shown.whole_lists, 'list')} not cut)")
        )
    if (cited := shown.cited) is not None:
        rows += [
            ("citations", f"{cited.citations:,}, of the {counted(cited.papers, 'paper')} that carry them"),
            ("computed", f"h-index {cited.h_index:,} · g-index {cited.g_index:,} · i10 {cited.i10:,}"),
        ]
    people = [f"{person.name} ({person.papers:,})" for person in shown.coauthors[:MAX_COAUTHORS]]
    rows.append(("co-authors", ", ".join(people)))
    return [row for row in rows if row[1]]


def _cluster_rows(author: Author) -> Rows:
    rows: Rows = []
    clusters = [cluster for cluster in author.clusters if cluster.papers > 1]
    for cluster in clusters[:MAX_CLUSTERS]:
        rows.append(
            (counted(cluster.papers, "paper"), _joined((", ".join(cluster.coauthors), cluster.years)))
        )
    if len(clusters) > MAX_CLUSTERS:
        rows.append(("", f"and {counted(len(clusters) - MAX_CLUSTERS, 'smaller circle')}"))
    alone = len(author.clusters) - len(clusters)
    if alone:
        rows.append((counted(alone, "paper"), f"{'shares' if alone == 1 else 'share'} no visible co-author"))
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


def _counts(counts: Mapping[str, int]) -> str:
    return _joined(f"{key} {count:,}" for key, count in counts.items())


def _joined(parts: Iterable[str | None]) -> str:
    return " · ".join(part for part in parts if part)


def grouping_document(found: GroupingReport, *, written: bool) -> dict[str, Any]:
    """What a grouping of people did."""
    return {**asdict(found), "snapshot": str(found.snapshot) if found.snapshot else None, "written": written}


def print_grouping(console: Console, found: GroupingReport, *, written: bool) -> None:
    """What a grouping of people did, or would do, in sentences."""
    day = f" (names and words counted on {found.snapshot})" if found.snapshot else ""
    console.print(f"{counted(found.mentions, 'mention')}, {counted(found.people, 'person')}{day}.")
    would = "" if written else "would "
    console.print(
        f"{found.moved:,} {would}change the person, {found.joined:,} entries {would}become another's, "
        f"{found.parted:,} people {would}get an entry of their own."
    )
