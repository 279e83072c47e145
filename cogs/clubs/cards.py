"""Journal clubs, their proposals and meetings as cards; their buttons are handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import discord

from bot.announcements.results import event_url, message_url
from bot.discord_app.buttons import Control, Menu, Row
from bot.discord_app.limits import Card, Passage
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.time_zones import zone_words
from bot.discord_app.times import DAYS
from bot.discord_app.wording import ago, author_words, fact_words, title_words
from bot.papers.results import Paper
from bot.reading.clubs import MAX_NAME, MAX_PLACE, Club, ClubView, Meeting, Proposal, Proposed
from bot.reading.meetings import HistoryPage, Skipped, Swapped
from bot.store.models import MeetingState
from bot.text.counting import counted

FIRST_AUTHORS = 3
MAX_TROUBLE = 200
MOST_PRESENTERS = 12

OVER = {
    MeetingState.EMPTY: "no paper was proposed",
    MeetingState.SKIPPED: "skipped",
    MeetingState.CALLED_OFF: "called off: its event was deleted or ended before",
}

Section = discord.ui.Section[Any]


def club_name(club: Club) -> str:
    """The name of a club, safe."""
    return fit(safe(club.name), MAX_NAME)


def moment_words(moment: dt.datetime) -> str:
    """A moment by the reader's clock, and how far it is away."""
    return f"{discord.utils.format_dt(moment, 'F')} ({ago(moment)})"


def presents_words(person_id: int | None) -> str:
    """Who presents."""
    return f"<@{person_id}> presents" if person_id is not None else "nobody is named to present"


def schedule_words(club: Club) -> str:
    """When and where a club meets."""
    where = fit(safe(club.place), MAX_PLACE) if club.place else f"<#{club.channel_id}>"
    return (
        f"each {DAYS[club.day]} at {club.at} ({safe(zone_words(club.timezone))}) · "
        f"{club.minutes} minutes · {where}"
    )


def club_card(
    view: ClubView,
    controls: Sequence[Control],
    votes: Callable[[int, int], Control],
    troubles: Sequence[str] = (),
) -> Card:
    """A club with its next meeting and its proposals; `votes` makes the button of a paper and its votes."""
    club, meeting = view.club, view.meeting
    lines = [f"### {club_name(club)}", f"-# {schedule_words(club)}"]
    if meeting is not None:
        lines += _ahead(club, meeting)
    lines += [f"⚠ {fit(safe(one), MAX_TROUBLE)}" for one in troubles]
    if meeting is None or meeting.state is MeetingState.CHOSEN:
        lines += _open(club, is_next=meeting is None)
    card = Card(Passage("\n".join(lines)))
    card.add_item(discord.ui.Separator())
    card.add_item(Passage(_proposals_header(view)))
    for proposal in view.proposals:
        card.add_item(
            Section(Passage(_proposal(proposal)), accessory=votes(proposal.paper.id, proposal.votes))
        )
    if controls:
        card.add_item(Row(*controls))
    return card


def _ahead(club: Club, meeting: Meeting) -> list[str]:
    """The meeting that is less than a day ahead."""
    lines = [f"**Next meeting: {moment_words(meeting.starts_at)}**"]
    if meeting.paper is None:
        return [*lines, "No paper is proposed. The first one that is proposed now is its paper."]
    lines += [f"**{title_words(meeting.paper)}**", author_words(meeting.paper, first=FIRST_AUTHORS)]
    links = [presents_words(meeting.presenter_id)]
    if meeting.card is not None and meeting.card_in is not None:
        links.append(f"[paper]({message_url(club.guild_id, meeting.card_in, meeting.card)})")
    if meeting.event is not None:
        links.append(f"[event]({event_url(club.guild_id, meeting.event)})")
    return [*lines, " · ".join(links)]


def _open(club: Club, *, is_next: bool) -> list[str]:
    """The meeting whose paper is not chosen yet."""
    which = "**Next meeting: " if is_next else "The meeting after it: "
    moment = f"{which}{moment_words(club.next_at)}{'**' if is_next else ''}"
    presenter = club.presenters[0] if club.presenters else None
    return [
        moment,
        f"{presents_words(presenter)} · votes until {discord.utils.format_dt(club.votes_end, 'f')}",
    ]


def _proposals_header(view: ClubView) -> str:
    if not view.found:
        return "No paper is proposed. `/club propose` proposes one; 👍 on its card counts as a vote."
    page = f" · page {view.page} of {view.pages}" if view.pages > 1 else ""
    return f"**{counted(view.found, 'proposed paper')}**, by votes{page}"


def _proposal(proposal: Proposal) -> str:
    by = f" · by <@{proposal.person_id}>" if proposal.person_id is not None else ""
    return _paper(proposal.paper, f"{fact_words(proposal.paper)}{by}")


def _paper(paper: Paper, last: str) -> str:
    return f"**{title_words(paper)}**\n{author_words(paper, first=FIRST_AUTHORS)}\n-# {last}"


def proposed_card(proposed: Proposed, controls: Sequence[Control]) -> Card:
    """A paper that somebody proposed."""
    club, proposal = proposed.club, proposed.proposal
    said = "Proposed to" if proposed.is_new else "Proposed already to"
    by = f"by <@{proposal.person_id}> · " if proposal.person_id is not None else ""
    meeting = f"for the meeting on {discord.utils.format_dt(club.next_at, 'f')}, "
    meeting += f"votes until {moment_words(club.votes_end)}"
    if proposed.fills is not None:
        meeting = f"it is the paper of the meeting on {moment_words(proposed.fills)}"
    return Card(
        Passage(
            f"### {said} {club_name(club)}\n{_paper(proposal.paper, fact_words(proposal.paper))}\n"
            f"{by}{meeting}"
        ),
        Row(*controls),
    )


def choice_card(paper_title: str, menu: Menu) -> Card:
    """To which of several clubs a paper is to be proposed."""
    return Card(Passage(f"Which club is **{paper_title}** for?"), Row(menu))


def changed_card(club: Club, what: str) -> Card:
    """A club after it was made, changed or ended."""
    shown = " ".join(f"<@{one}>" for one in club.presenters[:MOST_PRESENTERS])
    more = len(club.presenters) - MOST_PRESENTERS
    turns = f"{shown}{f' and {more} more' if more > 0 else ''}" if club.presenters else "nobody is named"
    return Card(
        Passage(
            f"### {club_name(club)} {what}\n-# {schedule_words(club)}\n"
            f"Next meeting to vote for: {moment_words(club.next_at)}\nPresenters in turn: {turns}\n"
            f"Members propose papers with `/club propose`. The paper with the most 👍 a day before is the "
            f"meeting’s: it is posted in <#{club.channel_id}> with a thread, an event and a reminder."
        )
    )


def ended_card(club: Club) -> Card:
    """That a club is ended."""
    return Card(
        Passage(
            f"### {club_name(club)} is ended\nIts proposals and its history are deleted, and a meeting "
            "that was announced is called off. What was posted stays."
        )
    )


def skipped_card(skipped: Skipped) -> Card:
    """That a meeting is left out."""
    club = skipped.club
    presenter = club.presenters[0] if club.presenters else None
    again = (
        " Its paper is among the proposals again, and its event is cancelled."
        if skipped.was_announced
        else ""
    )
    return Card(
        Passage(
            f"### {club_name(club)}: a meeting is skipped\n"
            f"There is no meeting on {discord.utils.format_dt(skipped.starts_at, 'F')}.{again}\n"
            f"The next one: {moment_words(club.next_at)}, {presents_words(presenter)}.\n"
            "-# `/club skip undo:True` holds it after all."
        )
    )


def held_card(held: Skipped) -> Card:
    """That a skipped meeting is held after all."""
    return Card(
        Passage(f"### {club_name(held.club)}: the meeting is held after all\n{moment_words(held.starts_at)}")
    )


def swapped_card(swapped: Swapped) -> Card:
    """That two people exchange their turns."""
    return Card(
        Passage(
            f"### {club_name(swapped.club)}: turns are exchanged\n"
            f"<@{swapped.person_id}> and <@{swapped.other_id}> exchange their turns. "
            f"At the next meeting, {moment_words(swapped.starts_at)}, {presents_words(swapped.presenter_id)}."
        )
    )


def history_card(page: HistoryPage, controls: Sequence[Control], details: Callable[[int], Control]) -> Card:
    """Meetings that are over, each with the button that `details` makes of its paper."""
    facts = [counted(page.found, "meeting")]
    facts += [f"page {page.page} of {page.pages}"] if page.pages > 1 else []
    header = f"### {club_name(page.club)}: history\n-# {' · '.join(facts)}"
    card = Card(Passage(header if page.found else f"{header}\nIt has not met yet."))
    shown = set[int]()
    for meeting in page.meetings:
        text = Passage(_over(meeting))
        if meeting.paper is not None and meeting.paper.id not in shown:
            # The same button stands in a message but once.
            shown.add(meeting.paper.id)
            card.add_item(Section(text, accessory=details(meeting.paper.id)))
        else:
            card.add_item(text)
    if controls:
        card.add_item(Row(*controls))
    return card


def _over(meeting: Meeting) -> str:
    day = discord.utils.format_dt(meeting.starts_at, "D")
    state = OVER.get(meeting.state)
    if meeting.paper is not None and meeting.state is MeetingState.EMPTY:
        state = "not announced: Discord refused its message"
    if meeting.paper is None:
        return f"**{day}** · {state or 'its paper is not in the corpus any more'}"
    last = state or (f"<@{meeting.presenter_id}> presented" if meeting.presenter_id is not None else "")
    last = " · ".join(part for part in (fact_words(meeting.paper), last) if part)
    return f"**{day}**\n{_paper(meeting.paper, last)}"
