"""Edits of posted cards, in place, so that they stay true: nothing is posted again.

Where a fact of a paper changes, its cards are rendered anew, and edited where they show it otherwise;
where members of a server vote for it, its cards there, at most twice a minute each.
Of two cards whose papers turned out to be one, the one that lost its paper becomes a line that leads to
the other.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sqlmodel import Session

from bot.announcements.markers import database_tag, facts_of, new_nonce
from bot.announcements.planner import merged_since
from bot.announcements.results import Compose, MessageSpec, Relabel, message_in, message_url, read_spec
from bot.app import App
from bot.lease import Lease
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.store import outbox, outbox_edits, votes
from bot.store.imports import latest_revision, lock_corpus
from bot.store.models import MessageKind
from bot.store.outbox import NewMessage, OutboxMessage
from bot.store.outbox_edits import CardWithoutPaper, ChangedPaper
from bot.store.papers import living_papers, papers_merged_since
from bot.store.settings import get_setting, put_setting
from bot.store.votes import VotedPaper

MOST_IN_CHANNEL = 300
"""Edits that may wait in one channel, the newest cards; at the rate limit, an hour's work."""
MOST_AT_ONCE = 5_000
"""Messages that are rendered anew after one look; the newest."""

VOTES_WAIT = dt.timedelta(seconds=35)
"""From the first vote that a card does not show to its edit, which shows all that came meanwhile."""

_CURSOR_SETTING = "announcer edits"
_MESSAGES_PER_TRANSACTION = 200
_PAPERS_AT_ONCE = 5_000

_log = logging.getLogger(__name__)


class Editor:
    """Plans the edits of posted messages."""

    def __init__(
        self,
        app: App,
        lease: Lease,
        compose: Compose,
        relabel: Relabel = lambda components, _paper, _votes: components,
    ) -> None:
        self._app = app
        self._lease = lease
        self._compose = compose
        self._relabel = relabel

    def plan_edits(self) -> int:
        """Plan the edits of what changed since the last time, and say how many messages that is."""
        return self._plan_changes() + self._plan_votes()

    def _plan_votes(self) -> int:
        now, planned = self._app.clock(), 0
        with self._app.store.reading() as session:
            is_due = votes.has_changes(session, now - VOTES_WAIT)
        while is_due:
            with self._app.store.writing() as session:
                self._lease.check(session)
                lock_corpus(session)
                changed = votes.take_changes(session, now - VOTES_WAIT, _MESSAGES_PER_TRANSACTION)
                ids = outbox_edits.cards_of(session, changed)
                # Also where it shows the number: a member's click may have put an older card in its place.
                planned += self.plan_updates(session, ids[:MOST_IN_CHANNEL], now, always=True)
                outbox_edits.drop_idle_edits(session)
                outbox_edits.drop_oldest_edits(session, MOST_IN_CHANNEL)
                is_due = len(changed) == _MESSAGES_PER_TRANSACTION
        return planned

    def _plan_changes(self) -> int:
        with self._app.store.reading() as session:
            cursor = int(get_setting(session, _CURSOR_SETTING) or 0)
            latest = latest_revision(session)
            if latest is None or latest.number == cursor:
                return 0
            changed = _changed(session, outbox_edits.changed_since_shown(session, cursor, latest.number))
            merged_cards = _merged_cards(session, cursor, latest.number)
        planned = 0
        ids = _newest(changed)
        now = self._app.clock()
        for start in range(0, len(ids), _MESSAGES_PER_TRANSACTION):
            with self._app.store.writing() as session:
                self._lease.check(session)
                lock_corpus(session)
                merged = merged_since(session, latest.number)
                some = [
                    message_id
                    for message_id in ids[start : start + _MESSAGES_PER_TRANSACTION]
                    # What became one with another paper meanwhile is seen the next time.
                    if any(each.paper_id not in merged for each in changed[message_id])
                ]
                planned += self.plan_updates(session, some, now)
        with self._app.store.writing() as session:
            self._lease.check(session)
            planned += self._plan_pointers(session, merged_cards, now)
            put_setting(session, _CURSOR_SETTING, str(latest.number))
            outbox_edits.drop_idle_edits(session)
            dropped = outbox_edits.drop_oldest_edits(session, MOST_IN_CHANNEL)
        if (left := len(changed) - len(ids) + dropped) > 0:
            _log.warning(
                "So many papers changed at once that %d posted messages stay as they are: "
                "only the newest are edited.",
                left,
            )
        return planned

    def plan_updates(
        self, session: Session, message_ids: Sequence[int], now: dt.datetime, *, always: bool = False
    ) -> int:
        """Plan the edits of these messages where they show something else now, or of all; how many."""
        targets = outbox.messages_by_id(session, message_ids)
        specs = [read_spec(target.spec) for target in targets]
        loaded = load_papers(session, list({paper: None for spec in specs for paper in spec.papers}))
        showing: list[_Showing] = []
        for target, spec in zip(targets, specs, strict=True):
            papers = {paper: loaded[paper] for paper in spec.papers if paper in loaded}
            if len(papers) < len(spec.papers):  # one that became another's is loaded without that one only
                papers = load_papers(session, spec.papers)
            showing.append(_Showing(target, spec, papers))
        facts = [
            (one.target.id, paper.id, facts_of(paper)) for one in showing for paper in one.papers.values()
        ]
        outbox_edits.record_facts(session, facts)
        return self._plan(session, showing, now, always=always)

    def _plan_pointers(self, session: Session, cards: Sequence[CardWithoutPaper], now: dt.datetime) -> int:
        showing: list[_Showing] = []
        for card in cards:
            message, address = card.message, ""
            if card.other_discord_id is not None:
                stands_in = card.other_posted_in or message.channel_id
                address = message_url(message.guild_id, stands_in, card.other_discord_id)
            spec = replace(read_spec(message.spec), roles=(), same_as=address)
            showing.append(_Showing(message, spec, load_papers(session, spec.papers)))
        return self._plan(session, showing, now)

    def _plan(
        self, session: Session, showing: Sequence[_Showing], now: dt.datetime, *, always: bool = False
    ) -> int:
        """Plan the edits of the messages that show something else now, or of all; how many these are."""
        tag = database_tag(session)
        edited = outbox_edits.newest_edits(session, [one.target.id for one in showing])
        edits: dict[int, NewMessage] = {}
        given = votes.counts_of(session, {paper.id for one in showing for paper in one.papers.values()})
        for one in showing:
            target = one.target
            here = {
                paper_id: given.get(VotedPaper(target.guild_id, paper.id), 0)
                for paper_id, paper in one.papers.items()
            }
            shown = message_in(edited.get(target.id, target.payload))["components"]
            if target.kind is MessageKind.ANSWER:
                components = shown
                for paper_id in one.spec.papers:
                    components = self._relabel(components, paper_id, here.get(paper_id, 0))
            else:
                components = self._compose(one.spec, one.papers, target.nonce, here).message["components"]
            if always or components != shown:
                edits[target.id] = NewMessage(
                    {
                        "channel_id": target.channel_id,
                        "guild_id": target.guild_id,
                        "place": target.place,
                        "kind": MessageKind.EDIT,
                        "nonce": new_nonce(tag),
                        "spec": target.spec,
                        "payload": {
                            "flags": message_in(target.payload)["flags"],
                            "components": components,
                            "allowed_mentions": {"parse": []},
                        },
                        "target_id": target.id,
                    }
                )
        # An edit that still waits would be outdated, and one that was made says nothing more.
        outbox_edits.forget_edits(session, list(edits))
        outbox.write_messages(session, list(edits.values()), now)
        return len(edits)


@dataclass(frozen=True, slots=True)
class _Showing:
    """A posted message, and what it is to show."""

    target: OutboxMessage
    spec: MessageSpec
    papers: Mapping[int, Paper]


def _changed(session: Session, delivered: Iterable[ChangedPaper]) -> dict[int, list[ChangedPaper]]:
    """Of each message the papers whose facts are not as it shows them."""
    changed: dict[int, list[ChangedPaper]] = {}
    rows = iter(delivered)
    while some := list(islice(rows, _PAPERS_AT_ONCE)):
        papers = load_papers(session, list({row.paper_id: None for row in some}))
        for row in some:
            paper = papers.get(row.paper_id)
            if paper is not None and row.facts != facts_of(paper):
                changed.setdefault(row.message_id, []).append(row)
    return changed


def _newest(changed: Mapping[int, Sequence[ChangedPaper]]) -> list[int]:
    """The newest of these messages, newest first: a change of very many papers edits no more than these."""
    newest: list[int] = []
    in_channel = Counter[int]()
    for message_id in sorted(changed, reverse=True):
        channel_id = changed[message_id][0].channel_id
        in_channel[channel_id] += 1
        if in_channel[channel_id] <= MOST_IN_CHANNEL:
            newest.append(message_id)
    return newest[:MOST_AT_ONCE]


def _merged_cards(session: Session, after: int, upto: int) -> list[CardWithoutPaper]:
    """Cards of papers that became another one in these revisions, which another message delivers."""
    living = living_papers(session, papers_merged_since(session, after, upto))
    cards = outbox_edits.cards_without_paper(session, set(living.values())) if living else ()
    return [
        one for one in cards if [living.get(paper) for paper in one.message.spec["papers"]] == [one.paper_id]
    ]
