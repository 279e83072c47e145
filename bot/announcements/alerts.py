"""Alerts: the subscriptions that people have for themselves, as direct messages of the bot."""

from __future__ import annotations

from sqlmodel import Session

from bot.announcements.results import Subscription
from bot.app import App
from bot.errors import RefusedError
from bot.store import outbox, subscriptions, withdrawal
from bot.store.models import PlaceKind

UNKNOWN = "You have no such alert; `/alerts list` shows those that you have."


def alerts_of(app: App, person_id: int) -> tuple[Subscription, ...]:
    """The alerts of a person, oldest first."""
    with app.store.reading() as session:
        return _alerts_of(session, person_id)


def _alerts_of(session: Session, person_id: int) -> tuple[Subscription, ...]:
    rows = subscriptions.subscriptions_where(session, creator_id=person_id, place=PlaceKind.DIRECT)
    return tuple(Subscription.of(row) for row in rows)


def own_alert(app: App, person_id: int, alert_id: int) -> Subscription:
    """One alert of a person; RefusedError where they have none of that number."""
    for alert in alerts_of(app, person_id):
        if alert.id == alert_id:
            return alert
    raise RefusedError(UNKNOWN)


def end_alerts_of_message(app: App, person_id: int, nonce: str) -> tuple[Subscription, ...]:
    """End the alerts whose papers a message delivered to a person; empty where they have ended already."""
    with app.store.writing() as session:
        of_message = outbox.subscriptions_of_message(session, nonce)
        ended = tuple(alert for alert in _alerts_of(session, person_id) if alert.id in of_message)
        for alert in ended:
            withdrawal.withdraw_from_subscription(session, alert.id, "The person ended the alert.")
        subscriptions.remove_subscriptions(session, [alert.id for alert in ended])
        return ended
