"""A shard is away: one of two nodes dies that had it alone. What is found is said to be a part."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr

from bot.announcements import subscriptions
from bot.announcements.prospects import doubts
from bot.announcements.results import Filters
from bot.app import App
from bot.cli.answers.papers import search_document
from bot.discord_app.client import Papercord
from bot.errors import SearchUnusableError
from bot.papers.export import papers_matching
from bot.papers.results import Match, SearchPage, SearchRequest
from bot.papers.search import find_paper, search_page
from bot.search.opensearch.index import ClusterIndex
from cogs.families import create_bot
from tests.apps import add, close_app, open_app, shipped_app
from tests.discord_app.requests import text_of
from tests.discord_app.simulated import World, descriptions, world  # noqa: F401 - fixtures
from tests.opensearch.nodes import START_WITHIN, Node, NotHereError, class_path, nodes

SHARDS = 5
PAPERS = 26
SAID = "a part of the search cluster is away"


@dataclass
class Scene:
    """An app whose papers are in five shards without copies, of which one is alone on a node."""

    app: App
    node: Node
    alone: int
    """How many papers that shard has."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    try:
        class_path()
    except NotHereError as error:
        pytest.skip(f"no OpenSearch here: {error}")
    folder = tmp_path_factory.mktemp("two-nodes")
    leader, other = nodes(2, folder, leaders=1)
    for node in (leader, other):
        node.is_for_tests = True
        node.start()
    app: App | None = None
    try:
        for node in (leader, other):
            node.wait()
        close_app(shipped_app(folder / "data"))
        search = {
            "PAPERCORD_SEARCH_URL": SecretStr(leader.url),
            "PAPERCORD_SEARCH_SHARDS": SHARDS,
            "PAPERCORD_SEARCH_REPLICAS": 0,
        }
        app = open_app(folder / "data", search=search)
        app.index.catch_up(app.store)
        scene = Scene(app, other, place_alone(app, other.name))
        other.kill()
        wait_for(app, lambda: any(each["state"] == "UNASSIGNED" for each in shards_of(app)))
        yield scene
    finally:
        if app is not None:
            close_app(app)
        for node in (leader, other):
            node.kill()


def place_alone(app: App, node: str) -> int:
    """Have a node hold one shard, and the other node all others; returns how many papers it has."""
    cluster = index_of(app).cluster
    still: dict[str, Any] = {"persistent": {"cluster.routing.rebalance.enable": "none"}}
    cluster.put("/_cluster/settings", still)
    wait_for(app, lambda: all(each["state"] == "STARTED" for each in shards_of(app)))
    [there, *_] = sorted(shards_of(app), key=lambda each: -int(each["docs"]))
    others = {each["node"] for each in shards_of(app)} | {"node1"}
    for each in shards_of(app):
        wanted = node if each == there else next(iter(others - {node}))
        if each["node"] != wanted:
            move = {"index": each["index"], "shard": int(each["shard"]), "from_node": each["node"]}
            cluster.post(
                "/_cluster/reroute?metric=none", {"commands": [{"move": {**move, "to_node": wanted}}]}
            )
    wait_for(
        app,
        lambda: (
            all(each["state"] == "STARTED" for each in shards_of(app))
            and [each["shard"] for each in shards_of(app) if each["node"] == node] == [there["shard"]]
        ),
    )
    return int(there["docs"])


def index_of(app: App) -> ClusterIndex:
    assert isinstance(app.index, ClusterIndex)
    return app.index


def shards_of(app: App) -> list[dict[str, Any]]:
    listed: Any = index_of(app).cluster.get("/_cat/shards/papercord-*?format=json")
    return listed


def wait_for(app: App, is_there: Callable[[], bool]) -> None:
    until = time.monotonic() + START_WITHIN
    while not is_there():
        assert time.monotonic() < until, shards_of(app)
        time.sleep(0.2)  # of what the cluster does there is no event


def found(app: App, query: str) -> SearchPage:
    return search_page(app, SearchRequest(query))


@pytest.fixture
def simcord_bot(scene: Scene) -> Papercord:
    return create_bot(scene.app)


def test_a_search_says_that_papers_may_be_lacking(scene: Scene):
    for query in (
        "decentralized",
        "the of and",
        "netwroks lerning",
        "similar:7",
        "an unseen quokka",
        "field:LG",
    ):
        assert found(scene.app, query).answer.incomplete, query
    everything = found(scene.app, "author:pan").answer
    assert everything.total == PAPERS - scene.alone
    assert search_document(found(scene.app, "decentralized"))["incomplete"] is True


@pytest.mark.simcord(check_errors=False)
async def test_persons_are_told(world: World):  # noqa: F811
    answer = await world.ada.slash(world.channel, "papers", query="learning")
    assert SAID in text_of(answer.response)
    none = await world.ada.slash(world.channel, "papers", query="quokka wombats")
    assert "Nothing found, but a part of the search cluster is away" in text_of(none.response)


def test_what_has_to_be_whole_is_refused(scene: Scene):
    app = scene.app
    with pytest.raises(SearchUnusableError, match="A part of the search cluster is away"):
        list(papers_matching(app, SearchRequest("author:pan")))
    with pytest.raises(SearchUnusableError, match="A part of the search cluster is away"):
        find_paper(app, "A title that no paper has")
    with pytest.raises(SearchUnusableError, match="A part of the search cluster is away"):
        subscriptions.fixed_query(app, Filters(query="decentralized"))
    assert find_paper(app, "paper:7").match is Match.EXACT
    assert doubts(app, Filters(author="Nobody Everheard")) == ()


def test_all_is_found_again_once_the_node_is_back(scene: Scene):
    app = scene.app
    add(
        app,
        *(
            {"id": f"{number}", "title": f"Quokka {number}", "authors": ["Ada Quokka"]}
            for number in range(12)
        ),
    )
    assert found(app, "quokka").answer.incomplete
    scene.node.start()
    scene.node.wait()
    wait_for(app, lambda: all(each["state"] == "STARTED" for each in shards_of(app)))
    app.index.catch_up(app.store)
    index_of(app)._seen_at = 0
    answer = found(app, "quokka").answer
    assert (answer.total, answer.incomplete) == (12, False)
    everything = found(app, "author:pan").answer
    assert (everything.total, everything.incomplete) == (PAPERS, False)
    assert (
        "decentralised"
        in subscriptions.fixed_query(app, Filters(query="decentralized"))["all"][0][0]["variants"]
    )
