"""What an import did or would do, as a document and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from bot.announcements.matcher import ChannelMatches
from bot.cli.answers.printing import Document, for_terminal
from bot.ingest.importer import ImportPreview, ImportReport
from bot.papers.disagreements import source_name
from bot.text.counting import counted
from bot.text.latex import readable


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


MAX_REJECTED_SHOWN = 20
"""Rows of a file."""
ENOUGH_FOR_A_RATE = 1000
"""Papers; fewer say nothing about the speed of an import."""


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
            console.print(
                f"  {counted(one.papers, 'paper')} in channel {one.channel_id} of server {one.guild_id}"
            )
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
            read = f"{counted(one.papers, 'paper')} read{f' ({forms})' if forms else ''}"
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
