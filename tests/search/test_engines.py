"""What any engine must do: Tantivy, OpenSearch, and one in plain Python that shows what is meant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.search.engine import Engine
from bot.search.fields import id_of, paper_fields, state_fields
from bot.search.opensearch.rounds import ClusterSnapshot
from bot.search.query import ParsedQuery, Sort, parse_query
from bot.search.retrieval import Retrieved, Retriever
from bot.search.snapshot import Snapshot
from bot.search.standing_queries import StandingQueries, fix_query
from bot.search.suggestions import did_you_mean, papers_titled, similar_papers, suggested_papers
from bot.search.tantivy.engine import engine_holding
from tests.opensearch.holding import cluster_engine
from tests.search.reference_engine import reference_engine
from tests.search.test_standing_queries import CODES, CORPUS, WORDS

HELD = [*(paper_fields(each, ()) for each in CORPUS), state_fields("[7,8,40]")]
ENGINES = {"tantivy": engine_holding, "reference": reference_engine}
TANTIVY, REFERENCE = (Snapshot(make(HELD)) for make in ENGINES.values())


@pytest.fixture(scope="module")
def in_cluster() -> Iterator[ClusterSnapshot]:
    """The same papers in two shards of a real OpenSearch; skips the test where none can run."""
    with cluster_engine(HELD) as engine:
        yield ClusterSnapshot(engine)


@pytest.fixture(params=["tantivy", "reference", "opensearch"])
def snapshot(request: pytest.FixtureRequest) -> Snapshot:
    if request.param == "opensearch":
        return request.getfixturevalue("in_cluster")
    return {"tantivy": TANTIVY, "reference": REFERENCE}[request.param]


@pytest.fixture
def engine(snapshot: Snapshot) -> Engine:
    return snapshot.engine


def ids(orders) -> list[int]:
    return list(map(id_of, orders))


def found(engine: Engine, query) -> set[int]:
    """All that a query finds, which each way to ask must agree upon."""
    count, orders = engine.newest(query, 100, count=True)
    assert orders == sorted(orders, reverse=True)
    assert engine.count(query) == count == len(orders)
    assert engine.finds(query) == bool(orders)
    counted, scored = engine.best(query, 100, count=True)
    assert counted == count
    assert scored == sorted(scored, reverse=True)
    assert {order for _, order in scored} == set(engine.highest(query, 100)) == set(orders)
    assert engine.newest(query, 2) == (0, orders[:2])
    assert engine.best(query, 2)[0] == 0
    return set(ids(orders))


def having(text: str) -> set[int]:
    """The papers of the corpus with a text."""
    return {each.id for each in CORPUS if text in f"{each.title} | {each.abstract}".lower()}


def test_a_term_finds_papers_that_have_it(engine: Engine):
    assert found(engine, engine.term("text", "graph")) == having("graph")
    assert found(engine, engine.term("words", "graphs")) == having("graphs")
    assert found(engine, engine.term("text", "unicorn")) == set()


def test_a_phrase_finds_words_side_by_side_within_one_text(engine: Engine):
    assert found(engine, engine.phrase("text", ["neural", "network"])) == having("neural networks")
    assert found(engine, engine.phrase("text", ["graph"])) == having("graph")
    assert found(engine, engine.phrase("text", ["mass", "gossip"])) == set()
    assert found(engine, engine.phrase("authors", ["pan", "pan"])) == {
        each.id for each in CORPUS if "Pan Pan" in each.authors
    }


def test_values_find_papers(engine: Engine):
    assert found(engine, engine.equal("id", 7)) == {7}
    assert found(engine, engine.equal("field", "LG")) == {each.id for each in CORPUS if each.field == "LG"}
    assert found(engine, engine.equal("has_code", True)) == {each.id for each in CORPUS if each.has_code}
    assert found(engine, engine.having("score")) == {each.id for each in CORPUS if each.score is not None}
    assert found(engine, engine.equal("kind", "paper")) == {each.id for each in CORPUS}


@pytest.mark.parametrize(
    ("low", "high", "strict", "wanted"),
    [
        (10, 13, False, {10, 11, 13}),
        (10, 13, True, {11}),
        (38, None, True, {40}),
        (None, 2, False, {1, 2}),
        (None, 2, True, {1}),
    ],
)
def test_a_span_finds_numbers(engine: Engine, low, high, strict: bool, wanted: set[int]):
    assert found(engine, engine.between("score", low, high, strict=strict)) == wanted


def test_queries_are_put_together(engine: Engine):
    graph, deep, colour = (engine.term("text", each) for each in ("graph", "deep", "colour"))
    assert found(engine, engine.any_of([graph, deep])) == having("graph") | having("deep")
    assert found(engine, engine.any_of([])) == set()
    assert found(engine, engine.all_of([graph, colour])) == having("graph") & having("colour")
    assert found(engine, engine.all_of([graph], [deep])) == having("graph")
    assert found(engine, engine.all_of([graph], without=[colour])) == having("graph") - having("colour")


def test_scores_are_added_and_multiplied(engine: Engine):
    graph, colour = engine.term("text", "graph"), engine.term("title", "colour")
    one, other = (dict(map(reversed, engine.best(each, 100)[1])) for each in (graph, colour))
    _, both = engine.best(engine.all_of([graph], [engine.weighted(colour, 3)]), 100)
    assert both
    for score, order in both:
        assert score == pytest.approx(one[order] + 3 * other.get(order, 0), rel=1e-5)
    assert {score for score, _ in engine.best(engine.constant(graph, 5), 100)[1]} == {5}


def test_a_rare_word_scores_more_than_a_frequent_one_and_a_short_text_more_than_a_long_one(engine: Engine):
    rare, frequent = (engine.best(engine.term("text", each), 1)[1][0][0] for each in ("gossip", "graph"))
    assert rare > frequent
    [[best, _], *_, [least, _]] = engine.best(engine.term("text", "deep"), 100)[1]
    assert best >= least > 0


def test_the_highest_come_before_those_without_a_score(engine: Engine):
    by_score = ids(engine.highest(engine.equal("kind", "paper"), 30))
    assert by_score[:5] == [40, 38, 37, 35, 34]
    assert len(by_score) == 30
    assert by_score[27:] == ids(
        engine.newest(engine.all_of([engine.equal("kind", "paper")], without=[engine.having("score")]), 3)[1]
    )


def test_papers_are_asked_again(engine: Engine):
    graph, deep = engine.term("text", "graph"), engine.term("text", "deep")
    _, orders = engine.newest(engine.any_of([graph, deep]), 9)
    assert found(engine, engine.these(orders)) == set(ids(orders))
    alone = {order: score for score, order in engine.best(graph, 100)[1]}
    scores = engine.scores(orders, [graph, engine.constant(deep, 100)])
    for order in orders:
        deeply = 100 * (id_of(order) in having("deep"))
        assert scores[order] == pytest.approx(alone.get(order, 0) + deeply, rel=1e-4)
    queries = [graph, deep] * 15
    flags = engine.found_by(orders, queries)
    assert set(flags) == set(orders)
    for order, places in flags.items():
        there = [id_of(order) in having(word) for word in ("graph", "deep")] * 15
        assert list(places) == [place for place, is_there in enumerate(there) if is_there]
    assert engine.scores([], [graph]) == {} == engine.found_by([], [graph])


def test_terms_are_counted(engine: Engine):
    assert engine.papers in {40, 41}
    assert engine.is_whole
    assert engine.frequency("text", "graph") == len(having("graph"))
    assert engine.frequency("author_key", "pan pan") == found_in_names("Pan Pan")
    assert engine.frequency("text", "unicorn") == 0
    begun = dict(engine.terms("title_words", "g"))
    assert set(begun) == {"graph", "graphs", "gossip"}
    assert [term for term, _ in engine.terms("title_words", "g", 2)] == sorted(
        begun, key=begun.get, reverse=True
    )[:2]
    assert {term for term, _ in engine.terms("field")} == set(CODES)
    most = max(begun.values())
    assert dict(engine.terms("title_words", "g", least=most)) == {
        term: count for term, count in begun.items() if count == most
    }


def found_in_names(name: str) -> int:
    return sum(name in each.authors for each in CORPUS)


def test_the_state_is_read_again(snapshot: Snapshot):
    assert (snapshot.state.revision, snapshot.state.stamp, snapshot.state.highest_id) == (7, 8, 40)
    assert engine_holding([]).state() is reference_engine([]).state() is None


MISSPELT = st.sampled_from(["grpah", "decntralized", "netwroks", "ada"])
QUERIES = st.lists(WORDS | MISSPELT, min_size=1, max_size=5).map(" ".join)


@given(QUERIES, st.sampled_from(Sort))
def test_papers_are_found_alike(typed: str, sort: Sort):
    assert_alike(TANTIVY, REFERENCE, parse_query(typed, CODES), sort)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=QUERIES, sort=st.sampled_from(Sort))
def test_a_cluster_finds_papers_alike(in_cluster: ClusterSnapshot, typed: str, sort: Sort):
    query = parse_query(typed, CODES)
    assert_alike(TANTIVY, in_cluster, query, sort)
    assert in_cluster.answered(lambda asked: fix_query(query, asked)) == fix_query(query, TANTIVY)


def assert_alike(first: Snapshot, second: Snapshot, query: ParsedQuery, sort: Sort) -> None:
    def found_in(snapshot: Snapshot) -> Retrieved:
        return snapshot.answered(lambda asked: Retriever(asked, query).find(sort))

    one, other = map(found_in, (first, second))
    assert (one.total, one.corrected_total) == (other.total, other.corrected_total)
    assert one.variants == other.variants
    assert set(one.complete) == set(other.complete)
    assert set(one.corrected) == set(other.corrected)
    assert set(one.all) == set(other.all)
    if sort is not Sort.RELEVANCE:
        assert (one.complete, one.corrected) == (other.complete, other.corrected)


NEW = CORPUS[::2]
STANDING = [StandingQueries(NEW, {}, make) for make in ENGINES.values()]


@given(QUERIES)
def test_standing_queries_match_alike(typed: str):
    fixed = fix_query(parse_query(typed, CODES), TANTIVY)
    assert fixed == fix_query(parse_query(typed, CODES), REFERENCE)
    one, other = (standing.matching(fixed) for standing in STANDING)
    assert one == other


def test_titles_are_suggested_and_likeness_is_found(snapshot: Snapshot):
    title = "On the colour of graphs"
    titled = {each.id for each in CORPUS if each.title == title}
    assert set(papers_titled(snapshot, title)) == titled
    assert set(suggested_papers(snapshot, "On the col", 25)[: len(titled)]) == titled
    [first, *_] = CORPUS
    similar = similar_papers(snapshot, first.id, first.title, first.abstract)
    assert first.id not in similar
    assert {each.id for each in CORPUS if each.title == first.title} - {first.id} <= set(similar)
    assert did_you_mean(snapshot, parse_query('"neural netwroks"')) == '"neural networks"'
