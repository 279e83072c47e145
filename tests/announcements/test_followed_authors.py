"""Subscriptions of authors follow the entry of a person through regroupings and corrections."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.announcements import status, subscriptions
from bot.announcements.outbox import LEASE
from bot.announcements.planner import Planner
from bot.announcements.results import Filters, Subscription
from bot.app import App
from bot.authors.corrections import merge_authors, split_author, undo_correction
from bot.authors.grouping import LEASE as GROUPING
from bot.authors.grouping import regroup
from bot.authors.profile import author_followed, find_author
from bot.ingest.importer import import_files
from bot.lease import Lease
from bot.store.authors import links_of_people
from bot.store.models import Delivery, Paper
from cogs.notify.announcement_cards import compose
from tests.announcements.announcer import GUILD, write_papers
from tests.apps import Clock

CIRCLE = ["Berit Skjelbred", "Otto Rakovsky"]
CHANNEL = 5


def bring(app: App, *titles: str, by: str, others: list[str] = CIRCLE, **fields: Any) -> None:
    rows = [{"id": one, "title": one, "authors": [by, *others], **fields} for one in titles]
    assert not import_files(app, [write_papers(app, rows)]).rejected


def group(app: App) -> None:
    with Lease(app, GROUPING) as lease:
        regroup(app, lease, whole=False)
    app.index.catch_up(app.store)


def follow(app: App, name: str, channel_id: int = CHANNEL) -> Subscription:
    author, entry = author_followed(app, name)
    assert entry is not None
    filters = Filters(author=author, author_id=entry)
    return subscriptions.add(
        app, guild_id=GUILD, channel_id=channel_id, creator_id=1, filters=filters
    ).subscription


def announced(app: App) -> list[str]:
    """The titles of all papers that were planned for a channel, after one more round of planning."""
    with Lease(app, LEASE) as lease:
        Planner(app, lease, compose).plan_due()
    statement = select(col(Paper.title)).join(Delivery, col(Delivery.paper_id) == col(Paper.id))
    with app.store.reading() as session:
        return sorted(session.connection().execute(statement).scalars())


def entry_of(app: App, name: str) -> int:
    author = find_author(app, name).author
    assert author is not None
    return author.id


def parted(app: App) -> list[str]:
    shown = status.subscription_status(app, GUILD)
    status.record_named(app, shown)
    return [name for one in shown for name in one.parted.values()]


@pytest.fixture
def grouped(app: App) -> App:
    """Yoshihiko Nakamura, printed in two ways, and grouped."""
    bring(app, "Legs", "Arms", "Hands", by="Yoshihiko Nakamura")
    bring(app, "Feet", by="Y. Nakamura")
    group(app)
    return app


def test_every_spelling_of_the_person_is_announced_and_nobody_elses(grouped: App):
    followed = follow(grouped, "Y. Nakamura")
    assert followed.filters.words == "author Yoshihiko Nakamura"
    bring(grouped, "Walking", by="Y. Nakamura")
    bring(grouped, "Running", by="Yoshihiko Nakamura")
    bring(grouped, "Singing", by="Yoko Nakamura", others=["Hanna Oye"])
    group(grouped)
    assert announced(grouped) == ["Running", "Walking"]
    assert announced(grouped) == ["Running", "Walking"]


def test_what_follows_an_author_waits_until_it_is_known_whose_a_paper_is(grouped: App, clock: Clock):
    follow(grouped, "Yoshihiko Nakamura")
    subscriptions.add(
        grouped, guild_id=GUILD, channel_id=CHANNEL + 1, creator_id=1, filters=Filters("walking")
    )
    bring(grouped, "Walking", by="Y. Nakamura")
    assert announced(grouped) == ["Walking"]  # for the words alone
    group(grouped)
    assert announced(grouped) == ["Walking", "Walking"]
    bring(grouped, "Running", by="Yoshihiko Nakamura")
    assert announced(grouped) == ["Walking", "Walking"]
    clock.now += dt.timedelta(hours=2)  # no grouping comes
    assert announced(grouped) == ["Running", "Walking", "Walking"]


def test_no_regrouping_is_news(app: App):
    bring(app, "Legs", "Arms", "Hands", by="Yoshihiko Nakamura")
    follow(app, "Yoshihiko Nakamura")
    bring(app, "Feet", by="Y. Nakamura")
    assert announced(app) == []
    group(app)  # which finds that both are one
    assert entry_of(app, "Y. Nakamura") == entry_of(app, "Yoshihiko Nakamura")
    assert announced(app) == []
    with Lease(app, GROUPING) as lease:
        regroup(app, lease, whole=True)
    assert announced(app) == []


def test_an_entry_that_leads_elsewhere_is_followed_there(app: App):
    bring(app, "Feet", by="Y. Nakamura")
    follow(app, "Y. Nakamura")
    bring(app, "Legs", "Arms", "Hands", by="Yoshihiko Nakamura")
    announced(app)
    group(app)
    before = announced(app)
    bring(app, "Walking", by="Yoshihiko Nakamura")
    group(app)
    assert announced(app) == sorted([*before, "Walking"])


def test_corrections_are_followed_and_who_parts_is_named_once(grouped: App):
    follow(grouped, "Yoshihiko Nakamura")
    assert parted(grouped) == []
    bring(grouped, "Masks", by="Ada Ahn", others=["Hanna Oye"])
    group(grouped)
    person, other = entry_of(grouped, "Yoshihiko Nakamura"), entry_of(grouped, "Ada Ahn")
    assert announced(grouped) == []
    merged = merge_authors(grouped, other, person, reason="One person.", made_by=1)
    bring(grouped, "More masks", by="Ada Ahn", others=["Hanna Oye"])
    group(grouped)
    assert announced(grouped) == ["More masks"]
    undo_correction(grouped, merged.id, undone_by=1)
    with grouped.store.reading() as session:
        feet = [
            paper_id
            for paper_id, _ in links_of_people(session, [person])
            if session.get_one(Paper, paper_id).title == "Feet"
        ]
    split_author(grouped, person, feet, None, reason="Another one.", made_by=1)
    assert len(parted(grouped)) == 1
    assert parted(grouped) == []


def test_a_round_that_was_cut_off_plans_the_same_again(grouped: App, monkeypatch: pytest.MonkeyPatch):
    follow(grouped, "Yoshihiko Nakamura")
    bring(grouped, "Walking", by="Y. Nakamura")
    group(grouped)

    def cut_off(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("bot.store.subscriptions.move_cursors", cut_off)
        with pytest.raises(KeyboardInterrupt):
            announced(grouped)
    assert announced(grouped) == ["Walking"]


def test_two_people_of_one_name_are_two_subscriptions_of_a_channel(app: App):
    for value in "12":
        ids = [{"scheme": "orcid", "value": f"0000-0002-1825-009{value}"}, None]
        bring(app, f"Of {value}", by="Wei Li", others=[f"Somebody {value}"], author_ids=ids)
    group(app)
    entries = [choice.author_id for choice in find_author(app, "Wei Li").choices]
    assert len(entries) == 2
    assert author_followed(app, "Wei Li") == ("Wei Li", None)
    for entry in entries:
        follow(app, f"author:{entry}")
    ids = [{"scheme": "orcid", "value": "0000-0002-1825-0092"}, None]
    bring(app, "Again of 2", by="Wei Li", others=["Somebody 2"], author_ids=ids)
    group(app)
    assert announced(app) == ["Again of 2"]
