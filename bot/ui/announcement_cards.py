"""What channels are told: the messages of the ledger, composed once and frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import discord

from bot.services.announcing.markers import marker
from bot.services.announcing.results import Composed, Kind, MessageSpec
from bot.services.readable import first_sentences, readable
from bot.services.results import Paper
from bot.ui import buttons
from bot.ui.limits import Passage, fitted
from bot.ui.text import fit, plain, safe
from bot.ui.words import author_words, counted, fact_words, title_words

COMPONENTS_V2 = 1 << 15
FIRST_AUTHORS = 6
FEW_AUTHORS = 3
MAX_SENTENCES = 500
MAX_TITLE_OF_MANY = 160
MAX_REASONS = 300
MAX_REASON = 100
MAX_COMMAND = 200
MAX_THREAD_NAME = 100

Container = discord.ui.Container[Any]
Section = discord.ui.Section[Any]


def compose(spec: MessageSpec, papers: Mapping[int, Paper], nonce: str) -> Composed:
    """The whole body of the request that posts a message."""
    shown = [papers[paper_id] for paper_id in spec.papers if paper_id in papers]
    card = _card(spec, shown[0], nonce) if spec.kind is Kind.CARD and shown else _list(spec, shown, nonce)
    payload = {
        "flags": COMPONENTS_V2,
        "components": [fitted(card).to_component_dict()],
        # Exactly the roles that were asked for; nothing that a text says.
        "allowed_mentions": {"parse": [], "roles": [str(role) for role in spec.roles]},
        "nonce": nonce,
        "enforce_nonce": True,
    }
    return Composed(payload, _title(spec, shown))


def _title(spec: MessageSpec, shown: Sequence[Paper]) -> str:
    if spec.kind is Kind.CARD and shown:
        return fit(plain(readable(shown[0].title)), MAX_THREAD_NAME) or "Untitled"
    return counted(spec.total, "new paper")


@dataclass(frozen=True, slots=True)
class _Words:
    """A paper in words, which are the same in all channels that hear of it."""

    card: str
    row: str
    facts: str


@lru_cache(maxsize=2_048)
def _words(paper: Paper) -> _Words:
    return _Words(
        card=f"### {title_words(paper)}\n{author_words(paper, first=FIRST_AUTHORS)}",
        row=f"**{title_words(paper, MAX_TITLE_OF_MANY)}**\n{author_words(paper, first=FEW_AUTHORS)}",
        facts=f"-# {fact_words(paper)}",
    )


@lru_cache(maxsize=2_048)
def _sentences(abstract: str) -> str:
    return safe(first_sentences(readable(abstract), MAX_SENTENCES))


def _card(spec: MessageSpec, paper: Paper, nonce: str) -> Container:
    mark, words = marker(nonce, paper), _words(paper)
    card = Container(*_ping(spec), Passage(words.card), Passage(words.facts))
    sentences = _sentences(paper.abstract)
    if sentences:
        card.add_item(Passage("", partial(fit, sentences)))
    card.add_item(Passage(f"-# New, and matches {_reasons(spec.matched.get(paper.id, spec.reasons))}"))
    card.add_item(
        buttons.Row(buttons.details(paper.id, mark), buttons.bibtex(paper.id, mark), *buttons.links(paper))
    )
    return card


def _ping(spec: MessageSpec) -> list[Passage]:
    return [Passage(" ".join(f"<@&{role}>" for role in spec.roles))] if spec.roles else []


def _list(spec: MessageSpec, shown: Sequence[Paper], nonce: str) -> Container:
    card = Container(*_ping(spec), Passage(_header(spec)))
    for paper in shown:
        words = _words(paper)
        rest = f"\n{words.facts}"
        matched = spec.matched.get(paper.id, ())
        if len(spec.reasons) > 1 and matched:
            rest += f"\n-# matches {_reasons(matched)}"
        card.add_item(
            Section(
                Passage(words.row, partial(fit, rest)),
                accessory=buttons.details(paper.id, marker(nonce, paper)),
            )
        )
    return card


def _header(spec: MessageSpec) -> str:
    title = f"### {counted(spec.total, 'new paper')}"
    if spec.parts > 1:
        title += f" ({spec.part} of {spec.parts})"
    lines = [title, f"-# matching {_reasons(spec.reasons)}"]
    if spec.kind is Kind.FLOOD:
        lines.append("That is a flood, so here are the ten best by score and newest.")
        if spec.command:
            lines.append(f"All of them: `{fit(plain(spec.command).replace('`', ''), MAX_COMMAND)}`")
    return "\n".join(lines)


def _reasons(reasons: Sequence[str]) -> str:
    words = " and ".join(f"“{fit(safe(reason), MAX_REASON)}”" for reason in reasons)
    return fit(words, MAX_REASONS) or "a subscription"
