"""News of papers that were told already: their cards are edited in place, nothing is posted again.

Code or a score that came later is shown. Of two cards whose papers turned out to be one, the one that lost
its paper becomes a line that leads to the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from bot.announcements.lease import AnnouncerLease
from bot.announcements.markers import new_nonce
from bot.announcements.planner import SPEC, database_tag, merged_since
from bot.announcements.results import Compose, MessageKind, MessageSpec, message_url
from bot.app import App
from bot.papers.loading import load_papers
from bot.store import outbox
from bot.store.imports import latest_revision, lock_corpus
from bot.store.papers import living_papers, papers_merged_since
from bot.store.settings import get_setting, put_setting

_CURSOR_SETTING = "announcer edits"
_MESSAGES_PER_TRANSACTION = 200


class Editor:
    """Plans the edits of what was told."""

    def __init__(self, app: App, lease: AnnouncerLease, compose: Compose) -> None:
        self._app = app
        self._lease = lease
        self._compose = compose

    def plan_edits(self) -> int:
        """Plan what changed since the last time, and say how many messages that is."""
        with self._app.store.reading() as session:
            cursor = int(get_setting(session, _CURSOR_SETTING) or 0)
            latest = latest_revision(session)
            if latest is None or latest.number == cursor:
                return 0
            changed: dict[int, list[Any]] = {}
            for row in outbox.changed_since_shown(session, cursor, latest.number):
                changed.setdefault(row.message_id, []).append(row)
            twins = _twins(session, cursor, latest.number)
        ids = list(changed)
        now = self._app.clock()
        for start in range(0, len(ids), _MESSAGES_PER_TRANSACTION):
            some = ids[start : start + _MESSAGES_PER_TRANSACTION]
            with self._app.store.writing() as session:
                self._lease.check(session)
                lock_corpus(session)
                merged = merged_since(session, latest.number)
                for message_id in some:
                    # What became one with another paper meanwhile is seen the next time.
                    news = [each for each in changed[message_id] if each.paper_id not in merged]
                    self._plan_news(session, message_id, news, now)
        with self._app.store.writing() as session:
            self._lease.check(session)
            for row in twins:
                self._plan_pointer(session, row, now)
            put_setting(session, _CURSOR_SETTING, str(latest.number))
            outbox.drop_idle_edits(session)
        return len(ids) + len(twins)

    def _plan_news(self, session: Session, message_id: int, news: Sequence[Any], now: dt.datetime) -> None:
        target = outbox.message_by_id(session, message_id)
        if target is None or not news:
            return
        edit_id = self._plan(session, target, SPEC.validate_python(target.spec), now)
        for each in news:
            kinds = [kind for kind, is_new in (("code", each.new_code), ("score", each.new_score)) if is_new]
            outbox.mark_shown(
                session, each.channel_id, each.paper_id, code="code" in kinds, score="score" in kinds
            )
            outbox.add_deliveries(
                session,
                [
                    {
                        "channel_id": each.channel_id,
                        "paper_id": each.paper_id,
                        "kind": kind,
                        "message_id": edit_id,
                        "shown": True,
                        "code_shown": False,
                        "score_shown": False,
                    }
                    for kind in kinds
                ],
            )

    def _plan_pointer(self, session: Session, row: Any, now: dt.datetime) -> None:
        address = ""
        if row.other_discord_id is not None:
            address = message_url(row.guild_id, row.channel_id, row.other_discord_id)
        spec = replace(SPEC.validate_python(row.spec), roles=(), same_as=address)
        self._plan(session, row, spec, now)

    def _plan(self, session: Session, target: Any, spec: MessageSpec, now: dt.datetime) -> int:
        """Plan the edit that makes a message what `spec` says; its id."""
        composed = self._compose(spec, load_papers(session, spec.papers), target.nonce)
        nonce = new_nonce(database_tag(session))
        row: dict[str, Any] = {
            "channel_id": target.channel_id,
            "guild_id": target.guild_id,
            "kind": MessageKind.EDIT,
            "part": 1,
            "parts": 1,
            "nonce": nonce,
            "spec": target.spec,
            "payload": {
                "flags": composed.payload["flags"],
                "components": composed.payload["components"],
                "allowed_mentions": {"parse": []},
            },
            "target_id": target.id,
            "state": "planned",
            "attempts": 0,
            "planned_at": now,
        }
        return outbox.add_messages(session, [row])[nonce]


def _twins(session: Session, after: int, upto: int) -> list[Any]:
    """Cards of papers that became another one, which another message of the channel tells of."""
    living = living_papers(session, papers_merged_since(session, after, upto))
    rows = outbox.left_without_paper(session, set(living.values())) if living else ()
    return [row for row in rows if [living.get(one) for one in row.spec["papers"]] == [row.paper_id]]
