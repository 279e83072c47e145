"""From what waits for subscriptions to the outbox: what both events and citations need, by channel."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlmodel import Session

from bot.announcements.markers import database_tag, new_nonce
from bot.announcements.results import Compose, MessageSpec, message_values
from bot.app import App
from bot.lease import Lease
from bot.papers.results import Paper
from bot.store import outbox, subscriptions, waiting
from bot.store.imports import lock_corpus
from bot.store.outbox import DeliveryValues, NewMessage
from bot.store.subscriptions import StoredSubscription
from bot.store.waiting import HEARD_BEFORE, Waiting, WaitingKey


class Due(Protocol):
    """Something of which a subscription is to hear now."""

    @property
    def subscription_id(self) -> int:
        """Who hears of it."""
        ...

    @property
    def channel_id(self) -> int:
        """Where."""
        ...


_Due = TypeVar("_Due", bound=Due)


@dataclass(frozen=True, slots=True)
class PlannedFor(Generic[_Due]):
    """A message of a channel, and of what it informs."""

    message: NewMessage | int
    """A new one, or the id of one that the channel has, or is going to have."""
    informs_of: Sequence[_Due]


class WaitingPlanner(ABC, Generic[_Due]):
    """Plans the messages of what waits for subscriptions, by channel."""

    table: Waiting
    key: tuple[str, ...]
    """The columns of the table that are its key, which what is due has, too."""

    def __init__(self, app: App, lease: Lease, compose: Compose) -> None:
        self._app = app
        self._lease = lease
        self._compose = compose

    def plan(self) -> int:
        """Plan the messages of what is due, and say how many messages that is."""
        now = self._app.clock()
        with self._app.store.reading() as session:
            if not self._due(session, now):
                return 0
        with self._app.store.writing() as session:
            self._lease.check(session)
            lock_corpus(session)
            due = self._due(session, now)
            ids = list(dict.fromkeys(one.subscription_id for one in due))
            rows = {row.id: row for row in subscriptions.subscriptions_where(session, ids=ids, locked=True)}
            by_channel: dict[int, list[_Due]] = {}
            for one in due:
                by_channel.setdefault(one.channel_id, []).append(one)
            planned = self._planned(session, by_channel, rows)
            new = [one.message for one in planned if isinstance(one.message, NewMessage)]
            numbers = iter(outbox.write_messages(session, new, now))
            # Of anything else its channel has heard before.
            message_of = dict.fromkeys(due, HEARD_BEFORE)
            for plan in planned:
                number = plan.message if isinstance(plan.message, int) else next(numbers)
                message_of.update(dict.fromkeys(plan.informs_of, number))
            keys = [
                WaitingKey({name: getattr(one, name) for name in self.key}, number)
                for one, number in message_of.items()
            ]
            waiting.record_messages(session, self.table, keys)
        return len(new)

    @abstractmethod
    def _due(self, session: Session, now: dt.datetime) -> list[_Due]:
        """What is due."""

    @abstractmethod
    def _planned(
        self,
        session: Session,
        by_channel: Mapping[int, Sequence[_Due]],
        rows: Mapping[int, StoredSubscription],
    ) -> list[PlannedFor[_Due]]:
        """The messages of all channels; what none of them informs of its channel has heard before."""

    def _message(
        self,
        session: Session,
        row: StoredSubscription,
        spec: MessageSpec,
        papers: Mapping[int, Paper],
        *,
        deliveries: Iterable[DeliveryValues] = (),
        matches: Sequence[tuple[int, int]] = (),
    ) -> NewMessage:
        """A message of a spec to where a subscription posts."""
        nonce = new_nonce(database_tag(session))
        rendered = self._compose(spec, papers, nonce)
        values = message_values(
            spec,
            rendered,
            nonce,
            channel_id=row.channel_id,
            guild_id=row.guild_id,
            publish=row.publish,
        )
        return NewMessage(values, deliveries, matches)


def roles_of(listeners: Iterable[StoredSubscription]) -> tuple[int, ...]:
    """The roles that subscriptions ping, each once."""
    roles: dict[Any, None] = {row.role_id: None for row in listeners if row.role_trouble is None}
    return tuple(role for role in roles if role is not None)
