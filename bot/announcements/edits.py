"""Edits of posted cards, in place: nothing is posted again.

Code or a score that came later is shown. Of two cards whose papers turned out to be one, the one that lost
its paper becomes a line that leads to the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session

from bot.announcements.markers import database_tag, new_nonce
from bot.announcements.planner import merged_since
from bot.announcements.results import Compose, MessageSpec, message_url, read_spec
from bot.app import App
from bot.lease import Lease
from bot.papers.loading import load_papers
from bot.store import outbox
from bot.store.imports import latest_revision, lock_corpus
from bot.store.models import DeliveryKind, MessageKind
from bot.store.outbox import CardWithoutPaper, ChangedPaper, DeliveryValues, NewMessage, OutboxMessage
from bot.store.papers import living_papers, papers_merged_since
from bot.store.settings import get_setting, put_setting

_CURSOR_SETTING = "announcer edits"
_MESSAGES_PER_TRANSACTION = 200


class Editor:
    """Plans the edits of posted messages."""

    def __init__(self, app: App, lease: Lease, compose: Compose) -> None:
        self._app = app
        self._lease = lease
        self._compose = compose

    def plan_edits(self) -> int:
        """Plan the edits of what changed since the last time, and say how many messages that is."""
        with self._app.store.reading() as session:
            cursor = int(get_setting(session, _CURSOR_SETTING) or 0)
            latest = latest_revision(session)
            if latest is None or latest.number == cursor:
                return 0
            changed: dict[int, list[ChangedPaper]] = {}
            for row in outbox.changed_since_shown(session, cursor, latest.number):
                changed.setdefault(row.message_id, []).append(row)
            merged_cards = _merged_cards(session, cursor, latest.number)
        ids = list(changed)
        now = self._app.clock()
        for start in range(0, len(ids), _MESSAGES_PER_TRANSACTION):
            with self._app.store.writing() as session:
                self._lease.check(session)
                lock_corpus(session)
                merged = merged_since(session, latest.number)
                for message_id in ids[start : start + _MESSAGES_PER_TRANSACTION]:
                    # What became one with another paper meanwhile is seen the next time.
                    papers = [each for each in changed[message_id] if each.paper_id not in merged]
                    self._plan_update(session, message_id, papers, now)
        with self._app.store.writing() as session:
            self._lease.check(session)
            for card in merged_cards:
                self._plan_pointer(session, card, now)
            put_setting(session, _CURSOR_SETTING, str(latest.number))
            outbox.drop_idle_edits(session)
        return len(ids) + len(merged_cards)

    def _plan_update(
        self, session: Session, message_id: int, papers: Sequence[ChangedPaper], now: dt.datetime
    ) -> None:
        target = outbox.message_by_id(session, message_id)
        if target is None or not papers:
            return
        deliveries: list[DeliveryValues] = []
        for each in papers:
            new = ((DeliveryKind.CODE, each.new_code), (DeliveryKind.SCORE, each.new_score))
            kinds = [kind for kind, is_new in new if is_new]
            outbox.record_shown(session, each.channel_id, each.paper_id, kinds)
            deliveries.extend({"paper_id": each.paper_id, "kind": kind} for kind in kinds)
        self._plan(session, target, read_spec(target.spec), now, deliveries)

    def _plan_pointer(self, session: Session, card: CardWithoutPaper, now: dt.datetime) -> None:
        message, address = card.message, ""
        if card.other_discord_id is not None:
            address = message_url(message.guild_id, message.channel_id, card.other_discord_id)
        spec = replace(read_spec(message.spec), roles=(), same_as=address)
        self._plan(session, message, spec, now)

    def _plan(
        self,
        session: Session,
        target: OutboxMessage,
        spec: MessageSpec,
        now: dt.datetime,
        deliveries: Sequence[DeliveryValues] = (),
    ) -> None:
        """Plan the edit that makes a message show `spec`."""
        rendered = self._compose(spec, load_papers(session, spec.papers), target.nonce)
        edit = NewMessage(
            {
                "channel_id": target.channel_id,
                "guild_id": target.guild_id,
                "place": target.place,
                "kind": MessageKind.EDIT,
                "nonce": new_nonce(database_tag(session)),
                "spec": target.spec,
                "payload": {
                    "flags": rendered.payload["flags"],
                    "components": rendered.payload["components"],
                    "allowed_mentions": {"parse": []},
                },
                "target_id": target.id,
            },
            deliveries,
        )
        outbox.write_messages(session, [edit], now)


def _merged_cards(session: Session, after: int, upto: int) -> list[CardWithoutPaper]:
    """Cards of papers that became another one in these revisions, which another message delivers."""
    living = living_papers(session, papers_merged_since(session, after, upto))
    cards = outbox.cards_without_paper(session, set(living.values())) if living else ()
    return [
        one for one in cards if [living.get(paper) for paper in one.message.spec["papers"]] == [one.paper_id]
    ]
