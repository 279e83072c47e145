"""What the outbox posts of meetings of journal clubs: their papers, events and reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import discord

from bot.announcements.results import MeetingMessage, MessageSpec, ShownMeeting
from bot.discord_app.buttons import Control, Row
from bot.discord_app.limits import Card, Passage, fitted
from bot.discord_app.safe_text import fit, plain, safe
from bot.discord_app.wording import ago, author_words, fact_words, title_words
from bot.papers.one_sentence import one_sentence
from bot.papers.results import Paper
from bot.text.counting import counted
from bot.text.latex import first_sentences, readable
from cogs.clubs.buttons import ClubButton
from cogs.papers.buttons import BibtexButton, DetailsButton
from cogs.papers.cards import link, links
from cogs.papers.votes import SaveButton, VoteButton

FIRST_AUTHORS = 6
MAX_AUTHORS = 600
MAX_SENTENCES = 500
MAX_NAME = 60
MAX_PLACE = 100
MAX_TROUBLE = 150
MAX_EVENT_NAME, MAX_EVENT_AUTHORS = 100, 200
HAS_LEFT = "-# Whose turn it was has left this server, and is out of the turns."
EXTERNAL, SERVER_ONLY = 3, 2
"""Discord's numbers: an event at a place of its own, which members of the server see."""


def meeting_message(
    spec: MessageSpec, papers: Mapping[int, Paper], nonce: str, votes: Mapping[int, int]
) -> list[dict[str, Any]]:
    """The components of a message of a meeting."""
    meeting = spec.meeting
    if meeting is None:
        raise ValueError("a message of a club without its meeting")
    paper = next((papers[one] for one in spec.papers if one in papers), None)
    marker = f"{nonce}-{meeting.fingerprint}"
    match meeting.what:
        case MeetingMessage.PAPER if paper is not None:
            card = _paper_card(meeting, paper, marker, votes.get(spec.papers[0], 0))
        case MeetingMessage.REMINDER:
            card = _reminder(meeting, paper, marker)
        case MeetingMessage.OFF:
            card = _called_off(meeting, marker)
        case _:
            card = _call(meeting, marker)
    return list(fitted(card).to_component_dict()["components"])


def meeting_title(meeting: ShownMeeting, paper: Paper | None) -> str:
    """The name of the thread, or of the event, of a meeting."""
    title = plain(readable(paper.title)) if paper is not None else "no paper"
    return fit(f"{plain(meeting.name)}: {title}", MAX_EVENT_NAME)


def event_body(spec: MessageSpec, papers: Mapping[int, Paper]) -> dict[str, Any]:
    """The body of the request that makes the scheduled event of a meeting."""
    meeting = spec.meeting
    if meeting is None:
        raise ValueError("an event without its meeting")
    paper = next((papers[one] for one in spec.papers if one in papers), None)
    lines = (
        [title_words(paper), fit(author_words(paper, first=FIRST_AUTHORS), MAX_EVENT_AUTHORS)]
        if paper
        else []
    )
    return {
        "name": meeting_title(meeting, paper),
        # The last line is what the event is found by.
        "description": "\n".join([*lines, f"The paper and its thread: {meeting.card_url}"]),
        "scheduled_start_time": meeting.starts_at.isoformat(),
        "scheduled_end_time": (meeting.starts_at + dt.timedelta(minutes=meeting.minutes)).isoformat(),
        "privacy_level": SERVER_ONLY,
        "entity_type": EXTERNAL,
        "entity_metadata": {"location": fit(plain(meeting.place), MAX_PLACE)},
    }


def mentioned(meeting: ShownMeeting | None) -> list[str]:
    """Whom a message pings: who presents."""
    return [str(meeting.presenter_id)] if meeting is not None and meeting.presenter_id is not None else []


def _paper_card(meeting: ShownMeeting, paper: Paper, marker: str, votes: int) -> Card:
    controls: list[Control] = [
        DetailsButton.of(paper.id, marker),
        BibtexButton.of(paper.id, marker),
        *links(paper),
    ]
    texts = [
        f"### {title_words(paper)}\n{fit(author_words(paper, first=FIRST_AUTHORS), MAX_AUTHORS)}",
        f"-# {fact_words(paper)}",
        _sentences(paper),
        _when(meeting),
    ]
    return Card(
        *(Passage(text) for text in texts if text),
        Row(*controls),
        Row(
            VoteButton.of(paper.id, votes, marker),
            SaveButton.of(paper.id, marker),
            ClubButton.of(meeting.club_id, marker),
        ),
    )


def _sentences(paper: Paper) -> str:
    """What the paper is about: a source's sentence, or the beginning of its abstract."""
    one = one_sentence(paper)
    text = one.text if one is not None else first_sentences(readable(paper.abstract), MAX_SENTENCES)
    return fit(safe(text), MAX_SENTENCES)


def _when(meeting: ShownMeeting) -> str:
    """Who reads it, when and where."""
    name, moment = _name(meeting), discord.utils.format_dt(meeting.starts_at, "F")
    if meeting.is_off:
        return f"**{name}** does not meet on {moment}: the meeting was skipped or called off."
    facts = [f"<@{meeting.presenter_id}> presents" if meeting.presenter_id is not None else ""]
    facts += [counted(meeting.minutes, "minute"), fit(safe(meeting.place), MAX_PLACE)]
    words = " · ".join(fact for fact in facts if fact)
    lines = [f"**{name}** reads this on {moment} ({ago(meeting.starts_at)}).", words]
    return "\n".join([*lines, HAS_LEFT] if meeting.has_left else lines)


def _reminder(meeting: ShownMeeting, paper: Paper | None, marker: str) -> Card:
    if meeting.is_off:
        return Card(Passage(_when(meeting)), Row(ClubButton.of(meeting.club_id, marker)))
    lines = [f"### {_name(meeting)} begins {ago(meeting.starts_at)}"]
    lines += [f"**{title_words(paper)}**"] if paper is not None else []
    facts = [f"<@{meeting.presenter_id}> presents" if meeting.presenter_id is not None else ""]
    facts += [discord.utils.format_dt(meeting.starts_at, "t"), fit(safe(meeting.place), MAX_PLACE)]
    lines.append(" · ".join(fact for fact in facts if fact))
    if meeting.trouble is not None:
        lines.append(f"-# It has no event, as Discord refused it: {fit(safe(meeting.trouble), MAX_TROUBLE)}")
    addresses = {"Paper and thread": meeting.card_url, "Event": meeting.event_url}
    controls = [link(label, url) for label, url in addresses.items() if url is not None]
    return Card(Passage("\n".join(lines)), Row(*controls, ClubButton.of(meeting.club_id, marker)))


def _call(meeting: ShownMeeting, marker: str) -> Card:
    if meeting.is_off:
        return Card(Passage(_when(meeting)), Row(ClubButton.of(meeting.club_id, marker)))
    presenter = f", and <@{meeting.presenter_id}> presents" if meeting.presenter_id is not None else ""
    lines = [
        f"### {_name(meeting)}: no paper is proposed",
        f"The next meeting is {discord.utils.format_dt(meeting.starts_at, 'F')} "
        f"({ago(meeting.starts_at)}){presenter}. The first paper that is proposed now, with "
        "`/club propose`, is its paper.",
        *([HAS_LEFT] if meeting.has_left else []),
    ]
    return Card(Passage("\n".join(lines)), Row(ClubButton.of(meeting.club_id, marker)))


def _called_off(meeting: ShownMeeting, marker: str) -> Card:
    return Card(
        Passage(
            f"### {_name(meeting)} does not meet {ago(meeting.starts_at)}\n"
            "Its event was deleted or ended in Discord. The paper is among the proposals again."
        ),
        Row(ClubButton.of(meeting.club_id, marker)),
    )


def _name(meeting: ShownMeeting) -> str:
    return fit(safe(meeting.name), MAX_NAME)
