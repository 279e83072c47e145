"""A database that was restored to an earlier state: what the channels have already is not posted again.

Before a process posts into a channel for the first time, it looks for messages there that carry this
database's mark and that the ledger does not know. They were posted in a time that the database lost.
The papers in them are known by their prints, as ids may have gone to other papers since.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from bot.announcements.lease import AnnouncerLease
from bot.announcements.markers import fingerprint_of, new_nonce
from bot.announcements.planner import SPEC, database_tag
from bot.announcements.results import Compose, MessageKind, MessageSpec
from bot.app import App
from bot.papers.loading import load_papers
from bot.store import outbox

RECOVERED = "recovered"
_MOST_COMPARED = 2_000
"""Papers of one message; of a larger flood those that it shows are compared, and some more."""


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """A message of ours that stands in a channel."""

    discord_id: int
    tag: str
    nonce: str
    fingerprints: tuple[str, ...]
    """Of the papers that it shows."""
    posted_at: dt.datetime


class Recovery:
    """Takes messages that the database has lost back into the ledger."""

    def __init__(self, app: App, lease: AnnouncerLease, compose: Compose) -> None:
        self._app = app
        self._lease = lease
        self._compose = compose

    def unknown_messages(self, posted: Sequence[PostedMessage]) -> list[PostedMessage]:
        """Those that carry this database's mark and that its ledger does not know."""
        if not posted:
            return []
        with self._app.store.reading() as session:
            known = outbox.known_nonces(session, [each.nonce for each in posted])
            missing = [each for each in posted if each.nonce not in known]
        if not missing:
            return []
        with self._app.store.writing() as session:
            tag = database_tag(session)
        return [each for each in missing if each.tag == tag]

    def take_back(self, channel_id: int, guild_id: int, posted: Sequence[PostedMessage]) -> None:
        """Enter lost messages, and plan anew what waits for the channel without their papers."""
        now = self._app.clock()
        with self._app.store.writing() as session:
            self._lease.check(session)
            rows = [_lost_row(channel_id, guild_id, each, now) for each in posted]
            ids = outbox.add_messages(session, rows)
            home = {each_print: ids[each.nonce] for each in posted for each_print in each.fingerprints}
            for row in outbox.messages_on_their_way(session, channel_id):
                self._plan_anew(session, row, home, now)

    def _plan_anew(self, session: Session, row: Any, home: dict[str, int], now: dt.datetime) -> None:
        spec = SPEC.validate_python(row.spec)
        delivered = [each.paper_id for each in outbox.deliveries_of(session, [row.id])]
        compared = list(dict.fromkeys((*spec.papers, *delivered)))[:_MOST_COMPARED]
        papers = load_papers(session, compared)
        told = {
            paper_id: home[mark]
            for paper_id, paper in papers.items()
            if (mark := fingerprint_of(paper)) in home
        }
        if not told:
            return
        for paper_id, message_id in told.items():
            outbox.move_deliveries(session, row.channel_id, [paper_id], message_id)
        left = [paper_id for paper_id in delivered if paper_id not in told]
        if left:
            rest = _rest_of(spec, left, papers)
            nonce = new_nonce(database_tag(session))
            composed = self._compose(rest, papers, nonce)
            values = {key: getattr(row, key) for key in ("channel_id", "guild_id", "thread_name")}
            new = outbox.add_messages(
                session,
                [
                    values
                    | {
                        "kind": rest.kind,
                        "part": 1,
                        "parts": 1,
                        "nonce": nonce,
                        "spec": SPEC.dump_python(rest, mode="json"),
                        "payload": composed.payload,
                        "state": "planned",
                        "attempts": 0,
                        "planned_at": now,
                    }
                ],
            )
            outbox.move_deliveries(session, row.channel_id, left, new[nonce])
        outbox.change_message(
            session,
            row.id,
            only_in=outbox.ON_ITS_WAY,
            state="dropped",
            error="It was posted before the database was restored.",
        )


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


def _lost_row(channel_id: int, guild_id: int, each: PostedMessage, now: dt.datetime) -> dict[str, Any]:
    return {
        "channel_id": channel_id,
        "guild_id": guild_id,
        "kind": RECOVERED,
        "part": 1,
        "parts": 1,
        "nonce": each.nonce,
        "spec": {"prints": list(each.fingerprints)},
        "payload": {},
        "state": "sent",
        "attempts": 1,
        "planned_at": now,
        "sent_at": each.posted_at,
        "discord_id": each.discord_id,
    }
