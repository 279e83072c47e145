"""Announcements as cards: the messages of the outbox, composed once and frozen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from bot.announcements.markers import marker, notice_marker
from bot.announcements.results import (
    Happened,
    MessageKind,
    MessageSpec,
    PausedChannel,
    RenderedMessage,
    ShownCitation,
)
from bot.corpus.events import EventKind
from bot.discord_app.buttons import Row, marked
from bot.discord_app.limits import COMPONENTS_V2, MAX_COMPONENTS, MAX_TEXT, Card, Passage, notice
from bot.discord_app.safe_text import fit, plain, safe
from bot.discord_app.wording import (
    author_words,
    fact_words,
    like_words,
    notice_line,
    order_words,
    title_words,
)
from bot.papers.disagreements import source_name
from bot.papers.one_sentence import one_sentence
from bot.papers.results import Paper
from bot.store.models import PlaceKind
from bot.text.counting import counted
from bot.text.latex import first_sentences, readable
from cogs.clubs.messages import event_body, meeting_message, meeting_title, mentioned
from cogs.notify.alert_buttons import EndButton
from cogs.notify.buttons import DeliveredButton, StatusButton
from cogs.notify.citations import citation_words, sources_words
from cogs.papers.buttons import SAVE, VOTE_OR_SAVE, BibtexButton, ChooseMenu, DetailsButton
from cogs.papers.cards import links
from cogs.papers.votes import SaveButton, VoteButton

ROW, SECTION, TEXT, CONTAINER = 1, 9, 10, 17
FIRST_AUTHORS = 6
FEW_AUTHORS = 3
MAX_AUTHORS = 600
MAX_FACTS = 150
MAX_SENTENCES = 500
MAX_REASONS = 300
MAX_REASON = 100
MAX_THREAD_NAME = 100
MAX_NAME = 100
PER_ROW = 3
"""Components of a paper among several: its section, text and button."""
MAX_PAUSE_REASON = 200
MOST_CITED = 3
NO_VOTES: Mapping[int, int] = MappingProxyType({})

Component = dict[str, Any]
"""A component as Discord reads it: thousands of messages are composed at once, and views are slow."""


def compose(
    spec: MessageSpec, papers: Mapping[int, Paper], nonce: str, votes: Mapping[int, int] = NO_VOTES
) -> RenderedMessage:
    """The whole body of the request that posts a message."""
    shown = [papers[paper_id] for paper_id in spec.papers if paper_id in papers]
    if spec.kind is MessageKind.MEETING:
        return RenderedMessage(event_body(spec, papers), "")
    inside = _inside(spec, shown, papers, nonce, votes)
    if spec.place is PlaceKind.DIRECT and spec.kind in {MessageKind.EVENT, MessageKind.CITATION}:
        inside = [*inside, _text("-# `/alerts list` shows your alerts, `/alerts remove` ends one.")]
    elif spec.place is PlaceKind.DIRECT:
        inside = [*inside, {"type": ROW, "components": [{**EndButton.of(nonce).to_component_dict()}]}]
    if spec.roles:
        inside = [_text(_ping(spec)), *inside]
    message: dict[str, Any] = {
        "flags": COMPONENTS_V2,
        "components": [{"type": CONTAINER, "components": inside}],
        # Exactly the roles that were asked for; nothing that a text says.
        "allowed_mentions": {"parse": [], "roles": [str(role) for role in spec.roles]},
    }
    if people := mentioned(spec.meeting):
        message["allowed_mentions"]["users"] = people
    title = _title(spec, shown)
    if spec.place is PlaceKind.FORUM:
        return RenderedMessage(_post(spec, shown, title, message), title)
    return RenderedMessage(message | {"nonce": nonce, "enforce_nonce": True}, title)


def _inside(
    spec: MessageSpec,
    shown: Sequence[Paper],
    papers: Mapping[int, Paper],
    nonce: str,
    votes: Mapping[int, int],
) -> list[Component]:
    """What stands in the box of a message."""
    if spec.same_as is not None and shown:
        return _pointer(spec.same_as, shown[0], nonce)
    match spec.kind:
        case MessageKind.CARD if shown:
            return _card(spec, shown[0], nonce, votes.get(spec.papers[0], 0))
        case MessageKind.CLUB:
            return meeting_message(spec, papers, nonce, votes)
        case MessageKind.EVENT:
            return _events(spec, papers, nonce)
        case MessageKind.CITATION:
            return _citations(spec, papers, nonce)
        case _:
            return _list(spec, shown, nonce)


def _post(spec: MessageSpec, shown: Sequence[Paper], title: str, message: dict[str, Any]) -> dict[str, Any]:
    """The body of the request that makes a post of a forum, with fields for tags."""
    if spec.kind is not MessageKind.CARD:
        title += f" ({spec.part} of {spec.parts})" if spec.part > 1 else ""
        title = fit(f"{title}: {' and '.join(map(plain, spec.reasons))}", MAX_THREAD_NAME)
    fields = Counter(paper.field for paper in shown if paper.field)
    return {"name": title, "applied_tags": [field for field, _ in fields.most_common()], "message": message}


def _title(spec: MessageSpec, shown: Sequence[Paper]) -> str:
    if spec.kind is MessageKind.EVENT:
        return _what_happened(spec)
    if spec.kind is MessageKind.CITATION:
        return _new_citations(spec)
    if spec.meeting is not None:
        return meeting_title(spec.meeting, shown[0] if shown else None)
    if spec.kind is MessageKind.CARD and shown:
        return fit(plain(readable(shown[0].title)), MAX_THREAD_NAME) or "Untitled"
    return _count(spec)


@dataclass(frozen=True, slots=True)
class _Words:
    """A paper in words and buttons, which are the same in all channels."""

    title: str
    authors: str
    few_authors: str
    facts: str
    buttons: tuple[Component, ...]
    """Details, BibTeX, links; without the marker of a message."""


@lru_cache(maxsize=2_048)
def _words(paper: Paper) -> _Words:
    controls = (DetailsButton.of(paper.id), BibtexButton.of(paper.id), *links(paper))
    return _Words(
        title=title_words(paper),
        authors=author_words(paper, first=FIRST_AUTHORS),
        few_authors=author_words(paper, first=FEW_AUTHORS),
        facts=fit(fact_words(paper), MAX_FACTS),
        buttons=tuple({**button.to_component_dict()} for button in controls),
    )


@lru_cache(maxsize=2_048)
def _sentences(paper: Paper) -> str:
    """What it is about: a source's sentence, a short abstract whole, or the best sentence of a long one."""
    one = one_sentence(paper) if paper.summary or len(paper.abstract) > MAX_SENTENCES else None
    if one is None or len(one.text) > MAX_SENTENCES:
        return fit(safe(first_sentences(readable(paper.abstract), MAX_SENTENCES)), MAX_SENTENCES)
    whose = source_name(one.source) if one.source is not None else "from the abstract"
    return f"{fit(safe(one.text), MAX_SENTENCES)}\n-# {safe(whose)}"


def _card(spec: MessageSpec, paper: Paper, nonce: str, votes: int) -> list[Component]:
    words, own_marker = _words(paper), marker(nonce, paper)
    texts = [
        f"### {words.title}\n{fit(words.authors, MAX_AUTHORS)}",
        f"-# {words.facts}",
        _sentences(paper),
        f"-# {'Known, and now' if spec.late else 'New, and'} matches "
        f"{_reasons(spec.matched.get(paper.id, spec.reasons))}",
    ]
    row: Component = {"type": ROW, "components": [_marked(button, own_marker) for button in words.buttons]}
    reading = [SaveButton.of(paper.id, own_marker)]
    if spec.place is not PlaceKind.DIRECT:
        reading.insert(0, VoteButton.of(paper.id, votes, own_marker))
    below = _row_of(*({**button.to_component_dict()} for button in reading))
    return [*(_text(text) for text in texts if text), row, below]


def _row_of(*controls: Component) -> Component:
    return {"type": ROW, "components": list(controls)}


def _pointer(address: str, paper: Paper, nonce: str) -> list[Component]:
    """What is left of a card whose paper is on another card; its marker still names the paper."""
    words, own_marker = _words(paper), marker(nonce, paper)
    other = "another one told here"
    linked = f"[{other}]({address})" if address else other
    row: Component = {"type": ROW, "components": [_marked(button, own_marker) for button in words.buttons]}
    return [_text(f"**{words.title}**\n-# This is the same paper as {linked}."), row]


def _events(spec: MessageSpec, papers: Mapping[int, Paper], nonce: str) -> list[Component]:
    """What became of papers that are known, each with what says so and the message that announced it."""
    happened = [one for one in spec.events if one.paper_id in papers and one.paper_id in spec.papers]
    header = f"### {_what_happened(spec)}"
    if spec.parts > 1:
        header += f" ({spec.part} of {spec.parts})"
    if len(spec.events) < spec.total and spec.parts == 1:
        header += f"\n… of which {len(spec.events):,} are shown here."
    room = (MAX_TEXT - len(header) - len(_ping(spec))) // max(1, len(happened))
    texts = [(_event(one, papers[one.paper_id], room), papers[one.paper_id]) for one in happened]
    return [_text(header), *_with_details(texts, nonce)]


def _what_happened(spec: MessageSpec) -> str:
    kinds = {one.kind for one in spec.events}
    what = _HAPPENED[kinds.pop()] if len(kinds) == 1 else "published, corrected or retracted"
    noun = "preprint" if what == "published" else "paper"
    return f"A known {noun} was {what}" if spec.total == 1 else f"{spec.total:,} known {noun}s were {what}"


_HAPPENED: Mapping[EventKind, str] = {
    EventKind.RETRACTED: "retracted",
    EventKind.WITHDRAWN: "withdrawn",
    EventKind.CONCERN: "given an expression of concern",
    EventKind.CORRECTED: "corrected",
    EventKind.PUBLISHED: "published",
}


def _citations(spec: MessageSpec, papers: Mapping[int, Paper], nonce: str) -> list[Component]:
    """Works that newly cite papers, each once; self-citations come last, and are marked."""
    header = f"### {_new_citations(spec)}"
    if spec.parts > 1:
        header += f" ({spec.part} of {spec.parts})"
    header += f"\n-# cited: {_reasons(spec.reasons)}"
    room = (MAX_TEXT - len(header) - len(_ping(spec))) // max(1, len(spec.citations))
    texts: list[tuple[str, Paper | None]] = []
    for one in spec.citations:
        cited = [papers[paper_id] for paper_id in one.cites if paper_id in papers]
        texts.append((_citation(one, cited, room), cited[0] if cited else None))
    return [_text(header), *_with_details(texts, nonce)]


def _with_details(texts: Sequence[tuple[str, Paper | None]], nonce: str) -> Iterator[Component]:
    """Texts, each with the details of its paper; the same button stands in a message but once."""
    shown = set[int]()
    for content, paper in texts:
        if paper is None or paper.id in shown:
            yield _text(content)
            continue
        shown.add(paper.id)
        details = _marked(_words(paper).buttons[0], marker(nonce, paper))
        yield {"type": SECTION, "components": [_text(content)], "accessory": details}


def _new_citations(spec: MessageSpec) -> str:
    return "A new citation" if spec.total == 1 else f"{spec.total:,} new citations"


def _citation(one: ShownCitation, cited: Sequence[Paper], room: int) -> str:
    words = fit(
        " and ".join(f"“{title_words(paper, MAX_REASON)}”" for paper in cited[:MOST_CITED]), room // 3
    )
    more = f" and {len(cited) - MOST_CITED:,} more" if len(cited) > MOST_CITED else ""
    return citation_words(one, room, f"-# cites {words}{more}")


def _who(happened: Happened) -> str:
    """Who says so, and when: " (Crossref, read 3 Nov 2026)"."""
    if happened.source is None:
        return ""
    return f" ({sources_words([happened.source], happened.read_on)})"


def _event(happened: Happened, paper: Paper, room: int) -> str:
    words = _words(paper)
    said = next((one for one in paper.notices if one.kind == happened.kind), None)
    lines = [notice_line(said, happened.read_on) if said is not None else f"{words.facts}{_who(happened)}"]
    if happened.shown_at is not None:
        lines.append(f"-# [told here before]({happened.shown_at})")
    last = "\n".join(lines)
    return (
        f"**{fit(words.title, room - len(last) - len(words.few_authors) - 6)}**\n{words.few_authors}\n{last}"
    )


def _list(spec: MessageSpec, shown: Sequence[Paper], nonce: str) -> list[Component]:
    # The box, the header, the ping, and rows of a button or a menu are some too.
    is_direct = spec.place is PlaceKind.DIRECT
    others = (6 if is_direct else 5) + (2 if spec.kind is MessageKind.FLOOD else 0)
    most = (MAX_COMPONENTS - others) // PER_ROW
    shown, left_out = shown[:most], shown[most:]
    header = _header(spec)
    if left_out:
        header += f"\n… of which {counted(len(shown), 'paper')} are shown here."
    room = (MAX_TEXT - len(header) - len(_ping(spec))) // max(1, len(shown))
    rows: list[Component] = [
        {
            "type": SECTION,
            "components": [_text(_row(spec, paper, room))],
            "accessory": _marked(_words(paper).buttons[0], marker(nonce, paper)),
        }
        for paper in shown
    ]
    if spec.kind is MessageKind.FLOOD:
        every = DeliveredButton.of(nonce, spec.total)
        rows.append(_row_of({**every.to_component_dict()}))
    if shown:
        rows.append(_row_of(ChooseMenu.of(shown, nonce, SAVE if is_direct else VOTE_OR_SAVE)))
    return [_text(header), *rows]


def _row(spec: MessageSpec, paper: Paper, room: int) -> str:
    """Title, authors and facts of one paper among several, the longer ones cut where they must be."""
    words = _words(paper)
    last = f"-# {words.facts}"
    if voted := spec.votes.get(paper.id):
        last = f"-# {counted(voted, 'vote')} · {words.facts}"
    elif like := spec.likes.get(paper.id):
        last += f"\n-# {fit(like_words(like), room // 4)}"
    if len(spec.reasons) > 1 and (matched := spec.matched.get(paper.id)):
        last += f"\n-# {fit(f'matches {_reasons(matched)}', room // 4)}"
    left = room - len(last) - len("****\n\n")
    authors = fit(words.few_authors, max(left // 3, left - len(words.title)))
    return f"**{fit(words.title, left - len(authors))}**\n{authors}\n{last}"


def _marked(button: Component, own_marker: str) -> Component:
    if "custom_id" not in button:
        return button
    return button | {"custom_id": marked(button["custom_id"], own_marker)}


def _text(content: str) -> Component:
    return {"type": TEXT, "content": content}


def _ping(spec: MessageSpec) -> str:
    return " ".join(f"<@&{role}>" for role in spec.roles)


def _header(spec: MessageSpec) -> str:
    title = f"### {_count(spec)}"
    if spec.parts > 1:
        title += f" ({spec.part} of {spec.parts})"
    what = "known, and since a change matching" if spec.late else "matching"
    order = order_words(by_votes=bool(spec.votes), by_taste=spec.by_taste)
    lines = [title, f"-# {what} {_reasons(spec.reasons)}{order}"]
    if spec.kind is MessageKind.FLOOD:
        best = "first" if spec.votes or spec.by_taste else "best by score and newest"
        lines.append(f"These are the ten {best}; the button below opens all.")
    return "\n".join(lines)


def _count(spec: MessageSpec) -> str:
    return counted(spec.total, "known paper" if spec.late else "new paper")


def _reasons(reasons: Sequence[str]) -> str:
    words = " and ".join(f"“{fit(safe(reason), MAX_REASON)}”" for reason in reasons)
    return fit(words, MAX_REASONS) or "a subscription"


def pause_message(channel: PausedChannel, server: str, nonce: str) -> dict[str, Any]:
    """The body of the request; `server` is the name of the channel's server."""
    card = Card(
        Passage(
            f"### A channel is gone\n<#{channel.channel_id}> ({channel.channel_id}) in "
            f"{fit(safe(server), MAX_NAME)}: for a day Discord has answered "
            f"“{fit(safe(channel.reason), MAX_PAUSE_REASON)}”. Papercord has paused "
            f"{counted(channel.subscriptions, 'subscription')} of it. Nothing is lost: what comes "
            "meanwhile is posted once they are resumed with `/notify resume`; `/notify remove` deletes them."
        )
    )
    card.add_item(Row(StatusButton.of(notice_marker(nonce))))
    return notice(card, nonce)
