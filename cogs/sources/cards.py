"""Sources and imports as cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot.announcements.matcher import ChannelMatches
from bot.discord_app.limits import Card, Passage
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.wording import ago
from bot.ingest.importer import ImportPreview, ImportReport
from bot.sources.registry import SourceStatus
from bot.text.counting import counted
from bot.text.latex import readable
from cogs.sources.uploads import without_folder

MOST_SOURCES = 20
MOST_ERRORS = 5
MOST_CHANNELS = 10
MAX_VALUE = 120
MAX_ERROR = 200
SOON = dt.timedelta(minutes=1)


def sources_card(statuses: Sequence[SourceStatus], now: dt.datetime) -> Card:
    """All sources, and how it is going there."""
    if not statuses:
        return Card(
            Passage(
                "### No sources\nNo source is followed yet. Administrators add one with `/sources add`, "
                "such as the arXiv category cs.LG."
            )
        )
    card = Card(Passage(f"### {counted(len(statuses), 'source')}"))
    for status in statuses[:MOST_SOURCES]:
        card.add_item(Passage(source_words(status, now)))
    if len(statuses) > MOST_SOURCES:
        more = len(statuses) - MOST_SOURCES
        card.add_item(Passage(f"-# {more:,} more; `papercord sources list` shows them all."))
    return card


def source_words(status: SourceStatus, now: dt.datetime) -> str:
    """One source in a few lines."""
    state = "paused" if status.paused else "first check" if status.is_new else None
    head = f"**{status.id}. {label_words(status)}**" + (f" ({state})" if state else "")
    facts = [f"checked {ago(status.checked_at)}" if status.checked_at else "not checked yet"]
    if status.last_arrival_at is not None:
        facts.append(
            f"{counted(status.arrived, 'new paper')}, the last {status.last_arrived:,} "
            f"{ago(status.last_arrival_at)}"
        )
    elif not status.is_new:
        facts.append("nothing new since the first check")
    if status.next_check_at is not None:
        due = status.next_check_at <= now + SOON
        facts.append("next check now" if due else f"next check {ago(status.next_check_at)}")
    lines = [head, f"-# {' · '.join(facts)}"]
    if status.silent_for is not None:
        lines.append(f"⚠ silent for {counted(status.silent_for.days, 'day')}, much longer than usual")
    if status.error is not None:
        lines.append(f"⚠ {fit(safe(status.error), MAX_ERROR)}")
    return "\n".join(lines)


def label_words(status: SourceStatus) -> str:
    """Kind and value, safe."""
    return f"{safe(status.kind)} {fit(safe(status.value), MAX_VALUE)}"


def said_card(title: str, sentence: str) -> Card:
    """A short answer."""
    return Card(Passage(f"### {title}\n{sentence}"))


def import_card(report: ImportReport) -> Card:
    """What an import did."""
    joined = f"{report.joined:,} joined to one of these or a known paper, " if report.joined else ""
    lines = [
        f"### {counted(report.added, 'paper')} added",
        f"{joined}{report.updated - report.joined:,} updated, {report.unchanged:,} unchanged, "
        f"{report.refused:,} refused.",
    ]
    return Card(Passage("\n".join([*lines, *_refused_words(report)])))


def preview_words(
    preview: ImportPreview, channels: Sequence[ChannelMatches], guild_id: int | None, *, strict: bool
) -> str:
    """What an import would do: counts with examples, and where new papers would be announced."""
    report = preview.report
    lines = ["### Nothing can be imported" if report.papers == 0 else "### Before it is imported"]
    if strict and report.rejected:
        lines = ["### Nothing would be imported: with strict, no row may be refused"]
    joins = [f"{_title(one.title)} ({safe(one.reason)})" for one in preview.joins]
    for what, count, examples in (
        ("new", report.added, [_title(one) for one in preview.additions]),
        ("changed", report.updated - report.joined, [_title(one) for one in preview.updates]),
        ("joined to papers that other entries describe", preview.joined, joins),
        ("known as they are", report.unchanged, []),
        ("refused", report.refused, []),
    ):
        if count:
            such = " such as " if count > len(examples) else " "
            lines.append(f"**{count:,}** {what}" + (f":{such}{'; '.join(examples)}" if examples else ""))
    lines += _refused_words(report)
    if preview.new_papers or preview.adopted:
        here = [one for one in channels if one.guild_id == guild_id]
        announced = [f"<#{one.channel_id}> ({counted(one.papers, 'paper')})" for one in here[:MOST_CHANNELS]]
        if elsewhere := len(channels) - len(announced):
            announced.append(counted(elsewhere, "other channel"))
        lines.append(f"Announced in {', '.join(announced) if announced else 'no channel'}.")
    return "\n".join(lines)


def _title(title: str) -> str:
    return f"“{fit(safe(readable(title)), MAX_VALUE)}”"


def _refused_words(report: ImportReport) -> list[str]:
    """The first refused rows, and what was read with a reservation."""
    lines: list[str] = []
    for one in report.rejected[:MOST_ERRORS]:
        place = f"line {one.line:,}: " if one.line is not None else ""
        lines.append(f"⚠ {place}{fit(safe(one.reason), MAX_ERROR)}")
    if report.refused > MOST_ERRORS:
        lines.append(f"⚠ and {report.refused - MOST_ERRORS:,} more")
    return lines + [f"-# {fit(safe(without_folder(one)), MAX_ERROR)}" for one in report.notices[:MOST_ERRORS]]
