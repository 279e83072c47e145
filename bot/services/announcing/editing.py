"""News of papers that were told already: their cards are edited in place, nothing is posted again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from bot.services.announcing.lease import AnnouncerLease
from bot.services.announcing.markers import new_nonce
from bot.services.announcing.recording import SPEC, database_tag
from bot.services.announcing.results import Compose, Kind
from bot.services.desk import Desk
from bot.services.papers import load_papers
from bot.store import deliveries
from bot.store.models import Note
from bot.store.revisions import latest_revision

_CURSOR_NOTE = "announcer edits"
_MESSAGES_PER_TRANSACTION = 200


class Editor:
    """Plans the edits that show a paper's code or score once there is one."""

    def __init__(self, desk: Desk, lease: AnnouncerLease, compose: Compose) -> None:
        self._desk = desk
        self._lease = lease
        self._compose = compose

    def plan_edits(self) -> int:
        """Plan what changed since the last time, and say how many messages that is."""
        with self._desk.store.reading() as session:
            note = session.get(Note, _CURSOR_NOTE)
            cursor = int(note.value) if note is not None else 0
            latest = latest_revision(session)
            if latest is None or latest.number == cursor:
                return 0
            changed: dict[int, list[Any]] = {}
            for row in deliveries.changed_since_shown(session, cursor, latest.number):
                changed.setdefault(row.message_id, []).append(row)
        ids = list(changed)
        now = self._desk.clock()
        for start in range(0, len(ids), _MESSAGES_PER_TRANSACTION):
            some = ids[start : start + _MESSAGES_PER_TRANSACTION]
            with self._desk.store.writing() as session:
                self._lease.check(session)
                for message_id in some:
                    self._plan(session, message_id, changed[message_id], now)
        with self._desk.store.writing() as session:
            self._lease.check(session)
            session.merge(Note(name=_CURSOR_NOTE, value=str(latest.number)))
            deliveries.drop_idle_edits(session)
        return len(ids)

    def _plan(self, session: Session, message_id: int, news: Sequence[Any], now: dt.datetime) -> None:
        target = deliveries.message_by_id(session, message_id)
        if target is None:
            return
        spec = SPEC.validate_python(target.spec)
        composed = self._compose(spec, load_papers(session, spec.papers), target.nonce)
        nonce = new_nonce(database_tag(session))
        row: dict[str, Any] = {
            "channel_id": target.channel_id,
            "guild_id": target.guild_id,
            "kind": Kind.EDIT,
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
        edit_id = deliveries.add_messages(session, [row])[nonce]
        for each in news:
            kinds = [kind for kind, is_new in (("code", each.new_code), ("score", each.new_score)) if is_new]
            deliveries.mark_shown(
                session, each.channel_id, each.paper_id, code="code" in kinds, score="score" in kinds
            )
            deliveries.add_deliveries(
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
