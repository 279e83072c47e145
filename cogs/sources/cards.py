"""Sources, looked-up papers and imports as cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import discord

from bot.announcements.markers import notice_marker
from bot.discord_app import buttons
from bot.discord_app.limits import Card, Passage, fitted
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.wording import author_words, counted, fact_words, title_words
from bot.ingest.importer import ImportReport
from bot.papers.results import Paper
from bot.sources.lookup import LookedUpPaper
from bot.sources.registry import SourceStatus
from cogs.notify.announcement_cards import COMPONENTS_V2
from cogs.papers.paper_cards import paper_card

MOST_SOURCES = 20
MOST_ERRORS = 5
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
    facts = [f"checked {_ago(status.checked_at)}" if status.checked_at else "not checked yet"]
    if status.last_arrival_at is not None:
        facts.append(
            f"{counted(status.arrived, 'new paper')}, the last {status.last_arrived:,} "
            f"{_ago(status.last_arrival_at)}"
        )
    elif not status.is_new:
        facts.append("nothing new since the first check")
    if status.next_check_at is not None:
        due = status.next_check_at <= now + SOON
        facts.append("next check now" if due else f"next check {_ago(status.next_check_at)}")
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


def silence_message(silent: Sequence[SourceStatus], nonce: str) -> dict[str, Any]:
    """What administrators are told, once, of sources that have fallen silent: the body of the request."""
    lines = [
        f"{label_words(one)}: nothing for {counted(one.silent_for.days, 'day')}"
        for one in silent[:MOST_SOURCES]
        if one.silent_for is not None
    ]
    if len(silent) > MOST_SOURCES:
        lines.append(f"-# and {len(silent) - MOST_SOURCES:,} more")
    card = Card(Passage("### Silent for much longer than usual\n" + "\n".join(lines)))
    card.add_item(buttons.Row(buttons.sources(notice_marker(nonce))))
    return {
        "flags": COMPONENTS_V2,
        "components": [fitted(card).to_component_dict()],
        "allowed_mentions": {"parse": []},
        "nonce": nonce,
        "enforce_nonce": True,
    }


def found_card(found: LookedUpPaper, *, may_add: bool) -> Card:
    """A paper that was looked up: with its own card where the corpus has it, else with a button."""
    if found.proposal_id is None:
        return paper_card(found.paper, disagreeing=found.disagreeing)
    button = add_button(found.proposal_id) if may_add else propose_button(found.proposal_id)
    return paper_card(found.paper, [*buttons.links(found.paper), button])


def proposal_card(paper: Paper, proposal_id: int, proposer_id: int) -> Card:
    """What administrators are asked."""
    card = paper_card(paper, [*buttons.links(paper), add_button(proposal_id), decline_button(proposal_id)])
    card.add_item(Passage(f"-# Proposed by <@{proposer_id}>."))
    return card


def papers_here_card(found: Sequence[LookedUpPaper], failed: Sequence[str], *, may_add: bool) -> Card:
    """The papers that a message names, each with what can be done."""
    if not found and not failed:
        return said_card("No papers here", "This message has no link to arXiv, a DOI or OpenReview.")
    if len(found) == 1 and not failed:
        return found_card(found[0], may_add=may_add)
    card = Card(Passage(f"### {counted(len(found), 'paper')} in this message"))
    for one in found:
        words = (
            f"**{title_words(one.paper)}**\n{author_words(one.paper, first=3)}\n-# {fact_words(one.paper)}"
            + (" · in the corpus" if one.proposal_id is None else "")
        )
        section: discord.ui.Section[discord.ui.LayoutView] = discord.ui.Section(
            Passage(words), accessory=_action(one, may_add=may_add)
        )
        card.add_item(section)
    for sentence in failed[:MOST_ERRORS]:
        card.add_item(Passage(f"-# {fit(safe(sentence), MAX_ERROR)}"))
    return card


def import_card(report: ImportReport) -> Card:
    """What an import did."""
    refused = len(report.rejected) + report.rejected_more
    lines = [
        f"### {counted(report.added, 'paper')} added",
        f"{report.updated:,} updated, {report.unchanged:,} unchanged, {refused:,} refused.",
    ]
    for one in report.rejected[:MOST_ERRORS]:
        place = f"line {one.line:,}: " if one.line is not None else ""
        lines.append(f"⚠ {place}{fit(safe(one.reason), MAX_ERROR)}")
    lines += [f"-# {fit(safe(note), MAX_ERROR)}" for note in report.notices[:MOST_ERRORS]]
    return Card(Passage("\n".join(lines)))


def add_button(proposal_id: int) -> buttons.Button:
    """Adds a paper that was looked up."""
    return buttons.Button(
        label="Add", style=discord.ButtonStyle.success, custom_id=f"proposal:add:{proposal_id}"
    )


def propose_button(proposal_id: int) -> buttons.Button:
    """Asks the administrators to add it."""
    return buttons.Button(label="Propose", custom_id=f"proposal:ask:{proposal_id}")


def decline_button(proposal_id: int) -> buttons.Button:
    """Declines a proposal."""
    return buttons.Button(label="Decline", custom_id=f"proposal:decline:{proposal_id}")


def _action(found: LookedUpPaper, *, may_add: bool) -> buttons.Button:
    if found.proposal_id is None:
        return buttons.details(found.paper.id)
    return add_button(found.proposal_id) if may_add else propose_button(found.proposal_id)


def _ago(moment: dt.datetime) -> str:
    return discord.utils.format_dt(moment, "R")
