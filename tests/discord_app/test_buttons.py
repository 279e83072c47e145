"""Every custom_id that a card writes is read by exactly one button, and so is each posted before."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot.announcements.markers import new_nonce, new_tag
from bot.announcements.results import (
    AnnouncerStatus,
    Filters,
    HeldMessage,
    MessageKind,
    MessageSpec,
    PausedChannel,
    Preview,
    Schedule,
    Subscription,
    SubscriptionStatus,
)
from bot.app import corpus_status
from bot.authors.corrections import Correction
from bot.authors.profile import find_author, people_of_paper
from bot.authors.results import AuthorAnswer, AuthorChoice
from bot.corpus.links import PaperLink
from bot.discord_app.buttons import Button, Row
from bot.discord_app.limits import Card, Passage, fitted
from bot.discord_app.transport import custom_ids
from bot.ingest.corrections import Doubt, PaperCorrection
from bot.ingest.importer import ImportPreview, ImportReport
from bot.ingest.inbox import InboxState
from bot.papers.citations import CitationsHere
from bot.papers.results import Match, SearchRequest, StoredPage
from bot.papers.saved_searches import OfPerson, keep
from bot.papers.search import find_paper, page_of, search
from bot.reading import clubs, lists
from bot.reading.clubs import ClubDetails
from bot.reading.meetings import HistoryPage
from bot.sources.lookup import LookedUpPaper
from bot.store.models import CorrectionKind, PlaceKind
from cogs.about import buttons as about
from cogs.authors import buttons as authors
from cogs.authors.cards import author_card, authors_choice
from cogs.clubs import buttons as club_buttons
from cogs.clubs.cards import choice_card, club_card, history_card
from cogs.families import FAMILIES
from cogs.notify import alert_buttons as alerts
from cogs.notify import buttons as notify
from cogs.notify.announcement_cards import compose, pause_message
from cogs.notify.cards import Shown, list_card, preview_card
from cogs.notify.status_card import Report, status_card
from cogs.papers import buttons as papers
from cogs.papers import corrections, votes
from cogs.reading import buttons as reading
from cogs.reading import cards as reading_cards
from cogs.sources import buttons as sources
from tests.conftest import ROOT

NONCE = "aaaaaaaabbbbbbbbbbbbb"
MARKED = f"{NONCE}-aaaaaaaa"
SEARCH = "AbCd_-012345"
PERSON = 123456789012345678
LAST_CHANNEL = 2**63
POSTED_BEFORE = (
    "paper:1",
    "paper:123456789012345678",
    f"paper:12:{MARKED}",
    "bibtex:1",
    f"bibtex:12:{MARKED}",
    "vote:12",
    f"vote:12:{MARKED}",
    f"choose:{NONCE}",
    "save:12",
    f"save:12:{MARKED}",
    "entry:3:12",
    "state:3:12:to-read",
    "unsave:3:12",
    "save-to:12",
    "note:3:12:mine",
    "note:3:12:group",
    f"list-page:3:{PERSON}:added:all:-:2",
    f"list-page:{10**17}:{PERSON}:newest:to-read:{SEARCH}:99999",
    "propose:12",
    "propose-to:12",
    "club:3",
    f"club:3:{MARKED}",
    "proposals:3:2",
    f"club-history:3:{PERSON}:2",
    "authors:12",
    "similar:12",
    "cites:12",
    "cited:12",
    f"pick:paper:{PERSON}",
    f"pick:author:{PERSON}",
    f"page:{SEARCH}:{PERSON}:0",
    f"page:{SEARCH}:{PERSON}:20",
    f"sort:{SEARCH}:{PERSON}:relevance",
    f"sort:{SEARCH}:{PERSON}:newest",
    f"sort:{SEARCH}:{PERSON}:score",
    f"meant:{SEARCH}:{PERSON}",
    f"notify:{SEARCH}:{PERSON}",
    f"notify-me:{SEARCH}",
    "follow:12",
    "follow-me:12",
    "author:12",
    "author-papers:12",
    f"end:{NONCE}",
    "alerts:list:0:2",
    "alerts:resume:0:1",
    "alerts:here:99:2",
    "undo:3",
    "undo-paper:3",
    "one-paper:3:12",
    "two-papers:3:12",
    "privacy:ask",
    "privacy:delete",
    "privacy:keep",
    "proposal:add:3",
    "proposal:decline:3",
    "proposal:ask:3",
    "import:0123456789abcdef",
    "sources:0",
    "links:abcDEF_-1234:11:2",
    "lookup:doi:10.1000/x(1):2-3",
    f"sources:0:{MARKED}",
    "delivery:0",
    f"delivery:0:{MARKED}",
    "retry:3",
    "retry:3:0:1",
    f"retry:{10**17}:{LAST_CHANNEL}:99999",
    "try:99",
    "try:99:0:1",
    f"try:{LAST_CHANNEL}:{LAST_CHANNEL}:99999",
    "name-of:3",
    "name-of-mine:3",
    f"all:{NONCE}:0",
    f"all:{NONCE}:12",
    "list:0:0",
    "list:99:2",
    "status:0:1",
    "check:0:2",
    f"status:{LAST_CHANNEL}:99999",
)


def readers(custom_id: str) -> list[type[Button]]:
    return [each for each in FAMILIES.buttons if issubclass(each, Button) and each.matches(custom_id)]


@pytest.mark.parametrize("custom_id", POSTED_BEFORE)
def test_a_button_of_a_message_posted_before_is_read_by_exactly_one(custom_id):
    assert len(readers(custom_id)) == 1
    assert len(custom_id) <= 100


@pytest.mark.parametrize(
    "custom_id",
    [
        "",
        "paper:",
        "paper:0",
        "paper:x",
        "paper:1:" + "a" * 41,
        "papers:1",
        "list:1",
        "privacy:all",
        "page:a:1:1",
    ],
)
def test_what_no_card_writes_is_read_by_none(custom_id):
    assert readers(custom_id) == []


def test_samples_of_every_button_are_among_those_posted_before():
    assert {each for custom_id in POSTED_BEFORE for each in readers(custom_id)} == set(FAMILIES.buttons)


def test_every_custom_id_that_a_card_writes_is_read_by_exactly_one_button_and_none_is_never_written(app):
    written = [custom_id for card in cards(app) for custom_id in custom_ids(card)]

    assert {custom_id: len(readers(custom_id)) for custom_id in written} == dict.fromkeys(written, 1)
    assert {each for custom_id in written for each in readers(custom_id)} == set(FAMILIES.buttons)


def test_a_button_does_not_write_a_custom_id_that_it_does_not_read():
    with pytest.raises(ValueError, match="DetailsButton"):
        papers.DetailsButton.of(0)


def test_only_the_classes_of_buttons_make_components_with_a_custom_id():
    for path in ROOT.glob("cogs/**/*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        assert not [call for call in calls if any(each.arg == "custom_id" for each in call.keywords)], path


async def test_the_bot_answers_all_of_them_and_no_others(simcord_env):
    known = simcord_env.bot._connection._view_store._dynamic_items
    assert set(known.values()) == set(FAMILIES.buttons)
    assert len(known) == len(FAMILIES.buttons)


def cards(app) -> Iterator[list[dict[str, Any]]]:
    """The components of every card that has buttons."""
    for card in (
        *paper_cards(app),
        *list_cards(app),
        *club_cards(app),
        *author_cards(app),
        *subscription_cards(app),
        *other_cards(app),
    ):
        yield [fitted(card).to_component_dict()]
    paper = search(app, SearchRequest(query="decentralized")).paper_ids[0]
    known = find_paper(app, f"paper:{paper}").paper
    assert known is not None
    for kind in (MessageKind.CARD, MessageKind.DIGEST, MessageKind.FLOOD):
        spec = MessageSpec(kind=kind, papers=(known.id,), total=1)
        for place in (PlaceKind.CHANNEL, PlaceKind.DIRECT):
            message = compose(replace(spec, place=place), {known.id: known}, new_nonce(new_tag()))
            yield message.payload["components"]
    paused = PausedChannel(10, 77, 1, "Unknown Channel")
    yield pause_message(paused, "Reading group", NONCE)["components"]
    yield sources.silence_message([], NONCE)["components"]
    report = ImportReport(added=1, updated=0, unchanged=0, rejected=(), notices=(), seconds=0.0)
    preview = sources.preview_card(ImportPreview(report), (), None, "0123456789abcdef", strict=False)
    yield [fitted(preview).to_component_dict()]


def paper_cards(app):
    found = search(app, SearchRequest(query="decentralized"))
    page = replace(page_of(app, found, 1), pages=3)
    yield papers.stored_search_card(StoredPage(keep(app, found, PERSON), PERSON, page), notify=True)
    nothing = replace(search(app, SearchRequest(query="qqqq")), total=0, did_you_mean="a word")
    page = page_of(app, nothing, 1)
    yield papers.stored_search_card(StoredPage(keep(app, nothing, PERSON), PERSON, page), notify=True)
    paper = find_paper(app, f"paper:{found.paper_ids[0]}").paper
    assert paper is not None
    yield papers.known_paper_card(app, paper)
    yield Card(
        Passage("citations"), Row(*papers.CitationsButton.of(paper.id, CitationsHere(cites=1, cited=2)))
    )
    yield papers.nearest_papers_card("a title", [paper], PERSON)
    people = people_of_paper(app, paper.id)
    entries = [(int(each.value), each.label, "") for each in people]
    yield authors_choice(paper, authors.AuthorMenu.of(entries, PERSON))
    link = PaperLink("arxiv", "2301.00001")
    for proposal in (None, 5):
        for may_add in (True, False):
            one = LookedUpPaper(link, paper, proposal)
            yield sources.found_card(one, may_add=may_add)
            yield sources.papers_here_card([one, one], [], 2, may_add=may_add)
    turns = sources.LinksPageButton.back_and_forth("abcDEF_-1234", PERSON, 1, 3)
    yield sources.papers_here_card([], ["nothing"], 30, may_add=False).add_item(turns)
    yield papers.nearest_papers_card("arXiv:2603.99999", [], PERSON)
    yield sources.proposal_card(paper, 5, PERSON)
    yield preview_card("words", Preview(days=30, total=1, papers=(paper,), messages=1))


def list_cards(app):
    reader = lists.Reader(PERSON, 77)
    for paper in range(1, 8):
        opened = lists.save(app, reader, "group", paper)
    yield reading.opened_card(reader, opened)
    page = lists.list_page(app, reader, "group", lists.ListView())
    turns = reading.ListPageButton.back_and_forth(page, PERSON, "AbCd_-012345")
    yield reading_cards.list_card(
        page, turns, lambda paper_id: reading.EntryButton.of(page.list.id, paper_id)
    )


def club_cards(app):
    reader = lists.Reader(PERSON, 77)
    details = ClubDetails("Readers", 1, 3, "14:00", "Europe/Berlin", 60, "", (PERSON,))
    club = clubs.make_club(app, 77, details)
    clubs.propose(app, reader, club.id, 1)
    view = replace(clubs.view_club(app, 77, club.id), pages=3)
    for private in (True, False):
        turns = club_buttons.ProposalsButton.of(view, private=private)
        yield club_card(view, turns, votes.VoteButton.of)
    found = HistoryPage(club, (), 30, 2, 3)
    turns = club_buttons.HistoryButton.back_and_forth(found, PERSON)
    yield history_card(found, turns, papers.DetailsButton.of)
    yield Card(Row(votes.ProposeButton.of(1), club_buttons.ClubButton.of(club.id)))
    yield choice_card("A title", club_buttons.ProposeMenu.of(1, (club, club)))


def author_cards(app):
    author = find_author(app, "Kun Yuan").author
    assert author is not None
    controls = [authors.FollowButton.of(author.id), authors.FollowMyselfButton.of(author.id, "Follow")]
    controls += [authors.AuthorPapersButton.of(author.id), authors.AuthorDetailsButton.of(author.id)]
    yield author_card(author, controls)
    choice = AuthorChoice(author.id, author.name, 3, None, None, None, (), None)
    yield authors.author_choices_card(AuthorAnswer("Kun", Match.NONE, None, (choice,)), PERSON)
    now = app.clock()
    made = Correction(3, "merge", 1, "A", 2, "B", 0, "They say so.", PERSON, now, None, None)
    yield authors.correction_card(made)
    yield authors.newest_corrections_card([made])
    joined = PaperCorrection(3, CorrectionKind.MERGE, 1, 2, "A", "B", "Read both.", PERSON, now, None, None)
    yield corrections.paper_correction_card(joined)
    doubts = Card(Passage("Papers"))
    corrections.add_paper_corrections(doubts, [joined], [Doubt(1, 2, "A", "B", "the same title")])
    yield doubts


def subscription_cards(app):
    now = app.clock()
    some = [
        Subscription(
            id=number,
            guild_id=77,
            channel_id=number,
            place=PlaceKind.CHANNEL,
            parent_id=None,
            role_trouble=None,
            creator_id=PERSON,
            created_at=now,
            version=1,
            filters=Filters("words"),
            variants=(),
            schedule=Schedule(),
            role_id=None,
            thread=False,
            publish=False,
            paused=False,
            pause_reason=None,
            baseline=0,
            cursor=0,
            next_digest_at=None,
            last_digest_at=None,
            last_digest_papers=None,
        )
        for number in range(1, 21)
    ]
    page = notify.subscription_page(app, some, Shown())
    yield Card(Row(alerts.AlertsButton.start_again()))
    yield list_card(page, partial(alerts.AlertsButton.back_and_forth, "list"))
    yield list_card(page, partial(notify.PageButton.back_and_forth, "list"))
    report = Report(
        corpus=corpus_status(app),
        announcer=AnnouncerStatus(None, None, 0, 0, 0, 0),
        inbox=InboxState(0, 0),
        sources=(),
        subscriptions=tuple(
            SubscriptionStatus(each, 1, 0, 0, 1, 0, None, "Missing Access", now + dt.timedelta(hours=1))
            for each in some
        ),
        held=(HeldMessage(3, 1, (1,), "held", None, None),),
        held_total=1,
        shown=Shown(),
    )
    people = [AuthorChoice(3, "Ada Example", 2, None, None)]
    yield Card(Row(notify.NameMenu.of(3, people)))
    yield Card(Row(alerts.AlertNameMenu.of(3, people)))
    yield status_card(
        report,
        partial(notify.PageButton.back_and_forth, "status"),
        notify.TryButton.of,
        notify.RetryButton.of,
    )


def other_cards(_app):
    stored = OfPerson(1, 0, 0)
    yield about.privacy_card(stored)
    yield about.privacy_question(stored)
