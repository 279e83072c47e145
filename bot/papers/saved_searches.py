"""Searches kept for their buttons: pages that do not shift, and buttons that outlive restarts."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session

from bot.app import App
from bot.papers.results import SearchAnswer, StoredPage
from bot.papers.search import page_of
from bot.store import (
    blocked_channels,
    clubs,
    lists,
    notes,
    outbox,
    outbox_edits,
    searches,
    sources,
    subscriptions,
    votes,
)
from bot.store.models import PlaceKind, StoredSearch
from bot.store.subscriptions import StoredSubscription

KEPT_FOR = dt.timedelta(days=30)

_ANSWER = TypeAdapter(SearchAnswer)
_log = logging.getLogger(__name__)


def keep(app: App, answer: SearchAnswer, asker_id: int) -> str:
    """Store an answer with the id of the person who asked, and return the id of the search."""
    written = _ANSWER.dump_python(answer, mode="json", by_alias=True)
    search_id = secrets.token_urlsafe(9)
    with app.store.writing() as session:
        searches.add_search(
            session,
            StoredSearch(
                id=search_id,
                asker_id=asker_id,
                asked_at=app.clock(),
                request=written.pop("request"),
                answer=written,
            ),
        )
    return search_id


def stored_answer(app: App, search_id: str) -> SearchAnswer | None:
    """A stored answer; None where it has expired or was deleted."""
    found = _stored(app, search_id)
    return found[1] if found is not None else None


def stored_page(app: App, search_id: str, page: int) -> StoredPage | None:
    """A page of a stored search; None where it has expired or was deleted."""
    found = _stored(app, search_id)
    if found is None:
        return None
    asker_id, answer = found
    return StoredPage(search_id=search_id, asker_id=asker_id, page=page_of(app, answer, page))


def _stored(app: App, search_id: str) -> tuple[int, SearchAnswer] | None:
    """Who asked, and the answer."""
    with app.store.reading() as session:
        row = searches.search_by_id(session, search_id, asked_since=app.clock() - KEPT_FOR)
        if row is None:
            return None
        asker_id, written = row.asker_id, {**row.answer, "request": row.request}
    try:
        return asker_id, _ANSWER.validate_python(written)
    except ValidationError:
        _log.warning("The stored search %s was written by another version and cannot be read.", search_id)
        return None


@dataclass(frozen=True, slots=True)
class OfPerson:
    """What is stored of a person, by number."""

    searches: int
    looked_up: int
    """Papers looked up with /add."""
    sources: int
    """Followed sources that the person added."""
    votes: int = 0
    lists: int = 0
    notes: int = 0
    proposals: int = 0
    """Papers that the person proposed to journal clubs."""
    presented: int = 0
    """Clubs and meetings of clubs at which the person presents or presented."""
    alerts: int = 0
    """Subscriptions of the person by direct message."""


def stored_of_person(app: App, person_id: int) -> OfPerson:
    """What is stored of a person now."""
    with app.store.reading() as session:
        proposals, presented = clubs.count_of_person(session, person_id)
        return OfPerson(
            searches.count_searches_of(session, person_id),
            sources.count_of_person(session, person_id),
            sources.count_added_by(session, person_id),
            votes=votes.count_votes_of(session, person_id),
            lists=lists.count_lists_of(session, person_id),
            notes=notes.count_notes_of(session, person_id),
            proposals=proposals,
            presented=presented,
            alerts=len(_alerts_of(session, person_id)),
        )


def _alerts_of(session: Session, person_id: int) -> Sequence[StoredSubscription]:
    return subscriptions.subscriptions_where(session, creator_id=person_id, place=PlaceKind.DIRECT)


def count_of_person(app: App, person_id: int) -> int:
    """How many searches are stored of a person."""
    with app.store.reading() as session:
        return searches.count_searches_of(session, person_id)


def forget_person(app: App, person_id: int) -> int:
    """Delete everything that is stored of a person, and say how many searches that were."""
    with app.store.writing() as session:
        sources.forget_adder(session, person_id)
        sources.forget_person(session, person_id)
        votes.forget_votes_of(session, person_id, app.clock())
        lists.forget_lists_of(session, person_id)
        notes.forget_notes_of(session, person_id)
        clubs.forget_person(session, person_id)
        alerts = _alerts_of(session, person_id)
        conversations = {alert.channel_id for alert in alerts}
        outbox.forget_deliveries(session, conversations)
        for conversation in conversations:
            blocked_channels.free_channel(session, conversation)
            blocked_channels.forget_unknown(session, conversation)
        subscriptions.remove_subscriptions(session, [alert.id for alert in alerts])
        return searches.delete_searches_of(session, person_id)


def purge_expired(app: App) -> int:
    """Delete searches and looked-up papers older than 30 days, and say how many searches that were."""
    with app.store.writing() as session:
        sources.purge_proposals(session, app.clock() - KEPT_FOR)
        outbox_edits.forget_answers(session, app.clock() - KEPT_FOR)
        return searches.delete_searches_before(session, app.clock() - KEPT_FOR)
