from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.corpus.merge import merge, version_of
from bot.corpus.paper import Mention, PaperRecord, last_day


def _record(source="json lines", key="1", **values):
    return PaperRecord(source=source, source_id=key, source_key=key, **{"title": "A title", **values})


def _names(*names):
    return tuple(Mention(name=name) for name in names)


_NAMES = st.lists(st.sampled_from(["Ann", "Bo", "Cy"]), max_size=3).map(lambda names: _names(*names))
_RECORDS = st.builds(
    _record,
    source=st.sampled_from(["arxiv", "json lines", "author page", "crossref", "zotero"]),
    key=st.sampled_from(["1", "2", "3"]),
    title=st.sampled_from(["A title", "A Title", "Another"]),
    authors=_NAMES,
    authors_truncated=st.booleans(),
    attributed_to=st.none() | st.sampled_from(_names("Ann", "Dee")),
    field=st.none() | st.sampled_from(["CV", "LG"]),
    categories=st.sampled_from([(), ("cs.CV",), ("cs.LG", "stat.ML")]),
    published=st.none() | st.sampled_from(["2024", "2024-03", "2024-03-12", "2025-01-01"]),
    abstract=st.sampled_from(["", "Short.", "Longer."]),
    url=st.none() | st.just("https://example.org/1"),
    has_code=st.booleans(),
    code_url=st.none() | st.just("https://example.org/code"),
    venue=st.none() | st.sampled_from(["X", "Y", "arXiv", "SSRN Electronic Journal"]),
    citations=st.none() | st.integers(0, 3),
    score=st.none() | st.sampled_from([1.0, 75.3]),
    doi=st.none() | st.just("10.1000/1"),
    arxiv_id=st.none() | st.just("2401.00001"),
)
_SETS = st.lists(_RECORDS, min_size=1, max_size=5, unique_by=lambda one: (one.source, one.source_key))


@given(_SETS, st.randoms())
def test_any_order_of_the_records_gives_the_same_paper(records, random):
    shuffled = list(records)
    random.shuffle(shuffled)

    assert merge(shuffled) == merge(records)


@given(_RECORDS)
def test_a_single_record_says_the_same_alone_as_beside_itself(record):
    assert merge([record]) == merge([record, record.model_copy()])


@given(_SETS)
def test_nothing_is_invented(records):
    facts = merge(records)

    assert facts.title in {one.title for one in records}
    assert (facts.authors, facts.authors_truncated) in {
        (one.authors, one.authors_truncated) for one in records
    }
    assert (facts.published, facts.published_inferred) in {
        (one.published, one.published_inferred) for one in records
    }
    assert facts.has_code == any(one.has_code for one in records)


PAGE = _record("author page", "p", title="a title.", authors=_names("Ann", "Bo"), authors_truncated=True)


def test_title_and_date_are_those_of_arxiv_rather_than_of_a_page():
    page = PAGE.model_copy(update={"published": "2024-03-14"})
    arxiv = _record("arxiv", "2401.00001v2", published="2024-03-12")

    facts = merge([page, arxiv])

    assert (facts.title, facts.published, facts.source_id) == ("A title", "2024-03-12", "2401.00001v2")


def test_a_whole_list_of_authors_wins_over_a_cut_one_whatever_the_trust():
    cut = _record("arxiv", authors=_names("Ann"), authors_truncated=True)
    whole = _record("author page", "p", authors=_names("Ann", "Bo", "Cy"))

    facts = merge([cut, whole])

    assert [one.name for one in facts.authors] == ["Ann", "Bo", "Cy"]
    assert not facts.authors_truncated


def test_a_cut_list_is_better_than_none():
    assert merge([_record("arxiv"), PAGE]).authors == PAGE.authors


def test_score_comes_from_the_page_and_code_from_whoever_knows_of_it():
    page = PAGE.model_copy(update={"score": 75.3, "has_code": True})
    facts = merge([_record("json lines", score=1.0), page])

    assert facts.score == 75.3
    assert facts.has_code


def test_a_stated_date_wins_over_an_inferred_one():
    inferred = _record("arxiv", published="2025-03-12", published_inferred=True)
    stated = _record("author page", "p", published="2024")

    facts = merge([inferred, stated])

    assert (facts.published, facts.published_inferred) == ("2024", False)


def test_of_equally_trusted_dates_the_more_precise_one_wins():
    facts = merge([_record("a", published="2024"), _record("b", published="2024-03-12")])

    assert facts.published == "2024-03-12"


@given(_SETS)
def test_a_server_of_preprints_never_stands_over_a_venue(records):
    venues = {one.venue for one in records if one.venue is not None}
    venue = merge(records).venue

    assert venue in (venues & {"X", "Y"} or venues or {None})


@given(_SETS)
def test_the_date_is_that_of_the_earliest_publication_at_its_best_precision(records):
    stated = [one.published for one in records if one.published and not one.published_inferred]
    if not stated:
        return
    published = merge(records).published

    assert published is not None
    assert all(last_day(published) <= last_day(one) for one in stated)
    assert not any(one.startswith(published) and len(one) > len(published) for one in stated)


@pytest.mark.parametrize(
    ("dates", "shown"),
    [
        (["2025-06-01", "2024-03-12"], "2024-03-12"),
        (["2024", "2024-03-12"], "2024-03-12"),
        (["2024-03", "2024-03-12"], "2024-03-12"),
        (["2024", "2024-03"], "2024-03"),
        (["2024", "2024-12-31"], "2024-12-31"),
        (["2024", "2023-12-30"], "2023-12-30"),
        (["2023", "2024-01-02"], "2023"),
        (["2024-02", "2024-03-12"], "2024-02"),
    ],
)
def test_of_two_stated_dates(dates, shown):
    for one, other in (dates, dates[::-1]):
        assert (
            merge([_record("arxiv", published=one), _record("crossref", published=other)]).published == shown
        )


@pytest.mark.parametrize("server", ["arXiv", "arXiv preprint arXiv:2401.00001", "CoRR", "bioRxiv", "OSF"])
@pytest.mark.parametrize("source", ["arxiv", "arxiv api", "json lines", "crossref", "zotero", "a library"])
def test_whoever_names_the_server_the_venue_stays(server, source):
    venue = _record("json lines", "2", venue="EMNLP", published="2021-11")
    preprint = _record(source, venue=server, published="2022")

    assert merge([venue, preprint]).venue == merge([preprint, venue]).venue == "EMNLP"
    assert merge([venue, preprint]).published == "2021-11"
    assert merge([preprint]).venue == server


def test_the_page_s_author_stays_beside_the_list():
    page = PAGE.model_copy(update={"attributed_to": Mention(name="Dee")})

    facts = merge([_record("arxiv", authors=_names("Ann", "Bo")), page])

    assert facts.attributed_to == (("author page", Mention(name="Dee")),)
    assert [one.name for one in facts.authors] == ["Ann", "Bo"]


def test_the_version_is_that_of_an_arxiv_id():
    assert version_of(_record(key="2401.00001v12", arxiv_id="2401.00001")) == 12
    assert version_of(_record(key="2401.00001", arxiv_id="2401.00001")) == 0
    assert version_of(_record(key="report-v2")) == 0
