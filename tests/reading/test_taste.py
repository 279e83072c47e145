"""Digests that the taste of the server ranks: what its members voted for, and what is on its lists."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announcements import export, subscriptions
from bot.announcements.markers import new_nonce, new_tag
from bot.announcements.matcher import Candidate, plan_messages
from bot.announcements.results import (
    DigestOrder,
    Filters,
    Frequency,
    Like,
    MessageKind,
    MessageSpec,
    Schedule,
    read_spec,
    stored_spec,
)
from bot.announcements.taste import Likeness, likenesses
from bot.app import App
from bot.papers.results import Paper
from bot.papers.saved_searches import forget_person
from bot.reading import lists
from bot.reading.lists import Reader
from bot.reading.votes import vote
from bot.store.models import NO_SERVER
from cogs.notify.announcement_cards import compose
from tests.announcements.announcer import GUILD, Office, papers
from tests.announcements.conftest import desk_on_both  # noqa: F401
from tests.discord_app.requests import walk
from tests.loopback_discord.reading import text_of
from tests.reading.test_on_both_databases import bring

BY_TASTE = Schedule(Frequency.DAILY, at="09:00", order=DigestOrder.TASTE)
WORDS = {
    "graph": "Gossip averaging on exponential graphs converges with few messages between neighbours.",
    "protein": "Protein folding is predicted from sequences with an equivariant transformer.",
    "speech": "Speech is recognised from noisy recordings with a streaming acoustic model.",
}


def about(*topics: str) -> list[dict[str, object]]:
    """Papers, each on a topic."""
    return [
        record | {"title": f"Notes {record['id']}: on {topic}", "abstract": WORDS[topic]}
        for record, topic in zip(papers(len(topics)), topics, strict=True)
    ]


def topics(text: str) -> list[str]:
    return re.findall(r"on (graph|protein|speech)\*\*", text)


async def test_papers_like_those_that_the_server_likes_come_first_and_say_why(office: Office):
    graph, protein, _ = office.bring(about("graph", "protein", "speech"))
    office.digest(1, BY_TASTE)
    member = Reader(1, GUILD)
    for person in (1, 2):
        vote(office.app, GUILD, protein, person)
    lists.save(office.app, member, "group", protein)
    # What a person keeps alone, and what another server likes, counts for nothing.
    lists.save(office.app, member, "mine", graph)
    vote(office.app, 999, graph, 1)
    office.bring(about("graph", "speech", "protein"))
    office.clock.move(days=1)
    await office.settle()
    (message,) = office.discord.visible(1)
    text = text_of(message)
    assert topics(text)[0] == "protein"
    assert ", by the group’s taste" in text
    (why,) = re.findall(r"like “.*", text)
    assert why.replace("\\", "").endswith("”, 2 votes, saved by 1")
    assert why.startswith("like “Notes")


async def test_a_server_that_likes_nothing_yet_gets_the_usual_order_and_is_told(office: Office):
    known = office.bring(about("graph"))
    office.digest(1, BY_TASTE)
    lists.save(office.app, Reader(1, GUILD), "mine", known[0])
    office.bring(about("speech", "protein", "graph"))
    office.clock.move(days=1)
    await office.settle()
    (message,) = office.discord.visible(1)
    assert topics(text_of(message)) == ["speech", "protein", "graph"]
    assert "as they came: nobody here has voted for or saved a paper yet" in text_of(message)
    assert "like “" not in text_of(message)


async def test_the_order_is_in_files_of_subscriptions(office: Office):
    office.digest(1, BY_TASTE)
    document = export.export_subscriptions(office.app, GUILD)
    for one in subscriptions.list_all(office.app, GUILD):
        subscriptions.remove(office.app, GUILD, one.id)
    (back,) = export.import_subscriptions(office.app, GUILD, 5, document, may_use=lambda *_: None).added
    assert back.schedule.order is DigestOrder.TASTE


def test_a_taste_is_made_of_votes_and_lists_of_the_server_alone(desk_on_both: App):  # noqa: F811
    app = desk_on_both
    graph, protein, new = bring(app, about("graph", "protein", "protein"))
    assert likenesses(app, GUILD, [new]) is None
    assert likenesses(app, NO_SERVER, [new]) is None
    lists.save(app, Reader(1, GUILD), "mine", protein)
    assert likenesses(app, GUILD, [new]) is None
    vote(app, GUILD, graph, 1)
    before = likenesses(app, GUILD, [new, graph])
    assert before is not None
    assert before[graph] == Likeness(0.0, None)  # it is what is liked
    for person in (1, 2):
        lists.save(app, Reader(person, GUILD), "group", protein)
    after = likenesses(app, GUILD, [new])
    assert after is not None
    assert after[new].like is not None
    # The second person put it where it was already.
    assert (after[new].like.votes, after[new].like.saves) == (0, 1)
    assert after[new].value > 2 * before[new].value
    forget_person(app, 1)
    forgotten = likenesses(app, GUILD, [new])
    assert forgotten is not None
    assert forgotten[new].like is not None
    assert (forgotten[new].like.votes, forgotten[new].like.saves) == (0, 0)


async def test_a_preview_is_in_the_order_that_is_asked_for(office: Office):
    graph, *_ = office.bring(about("graph", "speech", "protein", "speech", "graph", "protein", "speech"))
    everything = Filters()
    newest = subscriptions.preview(office.app, everything, guild_id=GUILD, order=DigestOrder.TASTE)
    assert newest.by_taste is False
    assert [paper.id for paper in newest.papers] == sorted((p.id for p in newest.papers), reverse=True)
    vote(office.app, GUILD, graph, 1)
    ranked = subscriptions.preview(office.app, everything, guild_id=GUILD, order=DigestOrder.TASTE)
    assert ranked.papers[0].id == graph + 4
    assert ranked.likes[graph + 4].votes == 1
    voted = subscriptions.preview(office.app, everything, guild_id=GUILD, order=DigestOrder.VOTES)
    assert voted.papers[0].id == graph
    assert voted.votes == {graph: 1}
    assert (voted.total, len(voted.papers)) == (7, 5)


@given(
    st.integers(1, 130),
    st.dictionaries(st.integers(1, 130), st.floats(0, 1)),
    st.randoms(),
)
def test_however_many_papers_come_none_is_ranked_above_one_that_is_more_alike(count, values, random):
    ids = list(range(1, count + 1))
    rank = {paper: (float(random.randint(0, 3)), 0) for paper in ids}
    candidate = Candidate(
        1,
        "all",
        digest=True,
        role_id=None,
        thread=False,
        command="",
        matched=ids,
        order=DigestOrder.TASTE,
    )
    order = {paper: place for place, paper in enumerate(ids)}
    taste = {paper: Likeness(value, Like("One", 1, 0)) for paper, value in values.items()}
    messages = plan_messages([candidate], (), order, rank, taste=taste)
    shown = [paper for one in messages for paper in one.spec.papers]
    keys = [(values.get(paper, 0.0), rank[paper]) for paper in shown]
    assert keys == sorted(keys, reverse=True)
    assert sorted(paper for one in messages for paper in one.delivers) == ids
    for one in messages:
        assert one.spec.by_taste
        assert set(one.spec.likes) == set(one.spec.papers) & set(values)


@pytest.mark.parametrize(("likes", "said"), [((1, 0), "1 vote"), ((0, 3), "saved by 3")])
def test_what_a_paper_is_like_is_said_in_a_few_words(likes, said):
    from bot.discord_app.wording import like_words

    assert like_words(Like("DecentLaM: Decentralized Momentum SGD for Training", *likes)) == (
        f"like “DecentLaM”, {said}"
    )
    assert len(like_words(Like("A*" * 200, *likes))) < 120


def test_a_digest_of_long_titles_with_what_they_are_like_fits():
    shown = {
        number: Paper(
            source_id=f"t{number}",
            title="Very_long *words* of a title " * 12,
            authors=("A" * 80,) * 9,
            attributed_to=(),
            venue="V" * 200,
            id=number,
        )
        for number in range(1, 11)
    }
    spec = MessageSpec(
        MessageKind.DIGEST,
        tuple(shown),
        total=10,
        matched=dict.fromkeys(shown, ("first words " * 9, "other words " * 9)),
        reasons=("first words " * 9, "other words " * 9),
        by_taste=True,
        likes=dict.fromkeys(shown, Like("*Liked_" * 40, 1_234, 567)),
    )
    parts = list(walk(compose(spec, shown, new_nonce(new_tag())).message["components"]))
    texts = [one["content"] for one in parts if one["type"] == 10]
    assert len(parts) <= 40
    assert sum(map(len, texts)) <= 4_000
    assert sum("like “" in text for text in texts) == 10
    assert read_spec(stored_spec(spec)) == spec
