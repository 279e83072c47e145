"""A database that is in an earlier state: what the channels have already is not posted again.

It was restored from a backup, or a standby took over that had not received everything. Before a process
posts into a channel for the first time since, it looks for messages there that have this database's marker
and that the outbox does not know, or believes to be still on their way. They were posted in a time that the
database lost. The papers in them are known by their fingerprints, as ids may have gone to other papers since.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from bot.announcements.markers import database_tag, fingerprint_of, new_nonce
from bot.announcements.results import Compose, MessageSpec, read_spec, stored_spec
from bot.app import App
from bot.lease import Lease
from bot.papers.loading import load_papers
from bot.store import outbox
from bot.store.models import MessageKind, MessageState
from bot.store.outbox import NewMessage, OutboxMessage

_MOST_COMPARED = 2_000
"""Papers of one message; of a larger flood those that it shows are compared, and some more."""

_THOUGHT_MISSING = (*outbox.ON_ITS_WAY, MessageState.HELD)


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """A message of the bot that is in a channel."""

    discord_id: int
    tag: str
    nonce: str
    fingerprints: tuple[str, ...]
    """Of the papers that it shows."""
    posted_at: dt.datetime
    posted_in: int | None = None
    """The post of a forum in which it stands."""


class Recovery:
    """Takes messages that the database has lost back into the outbox."""

    def __init__(self, app: App, lease: Lease, compose: Compose) -> None:
        self._app = app
        self._lease = lease
        self._compose = compose

    @property
    def switches(self) -> int:
        """How often the database has changed over to another server: then channels are looked at anew."""
        return self._app.store.switches

    def unknown_messages(self, posted: Sequence[PostedMessage]) -> list[PostedMessage]:
        """Those with this database's marker of which its outbox does not know that they are posted."""
        if not posted:
            return []
        with self._app.store.reading() as session:
            known = outbox.messages_with_nonces(session, [each.nonce for each in posted])
            missing = [each for each in posted if known.get(each.nonce) in {None, *_THOUGHT_MISSING}]
        if not missing:
            return []
        with self._app.store.writing() as session:
            tag = database_tag(session)
        return [each for each in missing if each.tag == tag]

    def unknown_posts(self, channel_id: int, threads: Sequence[int]) -> list[int]:
        """Those of these posts of a forum that the outbox does not know."""
        with self._app.store.reading() as session:
            known = outbox.known_posts(session, channel_id, threads)
        return [thread for thread in threads if thread not in known]

    def take_back(self, channel_id: int, guild_id: int, posted: Sequence[PostedMessage]) -> None:
        """Enter lost messages, and plan anew what waits for the channel without their papers."""
        now = self._app.clock()
        with self._app.store.writing() as session:
            self._lease.check(session)
            known = outbox.messages_with_nonces(session, [each.nonce for each in posted])
            for each in posted:
                if each.nonce in known:
                    outbox.record_found(
                        session,
                        each.nonce,
                        only_in=_THOUGHT_MISSING,
                        sent_at=each.posted_at,
                        discord_id=each.discord_id,
                        posted_in=each.posted_in,
                    )
            unknown = [each for each in posted if each.nonce not in known]
            unknown = _taken_over(session, unknown, outbox.messages_on_their_way(session, channel_id))
            lost = [_lost_message(channel_id, guild_id, each) for each in unknown]
            ids = outbox.write_messages(session, lost, now)
            message_of = {
                fingerprint: message_id
                for each, message_id in zip(unknown, ids, strict=True)
                for fingerprint in each.fingerprints
            }
            for message in outbox.messages_on_their_way(session, channel_id):
                self._plan_anew(session, message, message_of, now)

    def _plan_anew(
        self, session: Session, message: OutboxMessage, message_of: dict[str, int], now: dt.datetime
    ) -> None:
        spec = read_spec(message.spec)
        if spec.meeting is not None:
            return
        delivered = outbox.papers_of_message(session, message.id)
        compared = list(dict.fromkeys((*spec.papers, *delivered)))[:_MOST_COMPARED]
        papers = load_papers(session, compared)
        posted = {
            paper_id: message_of[fingerprint]
            for paper_id, paper in papers.items()
            if (fingerprint := fingerprint_of(paper)) in message_of
        }
        if not posted:
            return
        for paper_id, message_id in posted.items():
            outbox.move_deliveries(session, message.channel_id, [paper_id], message_id)
        left = [paper_id for paper_id in delivered if paper_id not in posted]
        if left:
            rest = _rest_of(spec, left, papers)
            nonce = new_nonce(database_tag(session))
            new = NewMessage(
                {
                    "channel_id": message.channel_id,
                    "guild_id": message.guild_id,
                    "place": message.place,
                    "kind": rest.kind,
                    "nonce": nonce,
                    "spec": stored_spec(rest),
                    "payload": self._compose(rest, papers, nonce).payload,
                    "thread_name": message.thread_name,
                    "publish": message.publish,
                }
            )
            [new_id] = outbox.write_messages(session, [new], now)
            outbox.move_deliveries(session, message.channel_id, left, new_id)
        outbox.change_message(
            session,
            message.id,
            only_in=outbox.ON_ITS_WAY,
            state=MessageState.DROPPED,
            error="It was posted before the database was restored.",
        )


def _taken_over(
    session: Session, lost: Sequence[PostedMessage], waiting: Sequence[OutboxMessage]
) -> list[PostedMessage]:
    """Let messages of clubs that wait be those that were posted, as they say the same; the others."""
    shown = {message.id: read_spec(message.spec).meeting for message in waiting}
    by_fingerprint = {meeting.fingerprint: one for one, meeting in shown.items() if meeting is not None}
    left: list[PostedMessage] = []
    for each in lost:
        message_id = by_fingerprint.get(each.fingerprints[0])
        if message_id is None or not outbox.change_message(
            session,
            message_id,
            only_in=outbox.ON_ITS_WAY,
            nonce=each.nonce,
            state=MessageState.SENT,
            sent_at=each.posted_at,
            discord_id=each.discord_id,
            next_attempt_at=None,
        ):
            left.append(each)
    return left


def _rest_of(spec: MessageSpec, left: Sequence[int], known: Collection[int]) -> MessageSpec:
    shown = tuple(paper for paper in (*spec.papers, *left) if paper in left and paper in known)
    shown = tuple(dict.fromkeys(shown))[: max(1, len(spec.papers))]
    return replace(
        spec,
        kind=MessageKind.GROUP if spec.kind is MessageKind.CARD else spec.kind,
        papers=shown,
        total=len(left),
        matched={paper: spec.matched[paper] for paper in shown if paper in spec.matched},
        part=1,
        parts=1,
    )


def _lost_message(channel_id: int, guild_id: int, posted: PostedMessage) -> NewMessage:
    return NewMessage(
        {
            "channel_id": channel_id,
            "guild_id": guild_id,
            "kind": MessageKind.RECOVERED,
            "nonce": posted.nonce,
            "spec": {"prints": list(posted.fingerprints)},
            "payload": {},
            "attempts": 1,
            "state": MessageState.SENT,
            "sent_at": posted.posted_at,
            "discord_id": posted.discord_id,
            "posted_in": posted.posted_in,
        }
    )
