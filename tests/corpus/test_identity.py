"""When two records are the same paper."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.corpus.decision import Contradiction, Joins, KnownPaper, New, Part, Rearranged, decide, groups
from bot.corpus.identity import (
    RecordKeys,
    folded_title,
    normalise_arxiv_id,
    normalise_doi,
    shared_keys,
    stable_id,
    title_key,
)
from bot.corpus.merge import merge
from bot.corpus.paper import Mention, PaperRecord


def record(
    source: str = "arxiv",
    key: str = "1",
    title: str = "A Title",
    lead: str | None = "Pan Pan",
    *,
    arxiv: str | None = None,
    doi: str | None = None,
) -> RecordKeys:
    return RecordKeys.of(
        PaperRecord(
            source=source,
            source_id=key,
            source_key=key,
            title=title,
            authors=(Mention(name=lead),) if lead is not None else (),
            arxiv_id=arxiv,
            doi=doi,
        )
    )


def known(paper_id: int, *records: RecordKeys) -> KnownPaper:
    """The paper that these records describe together."""
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for each in records:
        for scheme, value in each.shared:
            keys[scheme].add(value)
    described = [each.record for each in records]
    return KnownPaper.of(paper_id, records[0].title, records[0].lead, keys, described)


@pytest.mark.parametrize(
    ("written", "arxiv_id"),
    [
        ("2110.13363", "2110.13363"),
        ("2110.13363v2", "2110.13363"),
        ("arXiv:2110.13363v1", "2110.13363"),
        ("ARXIV: 2110.13363", "2110.13363"),
        ("https://arxiv.org/abs/2110.13363v3", "2110.13363"),
        ("http://www.arxiv.org/pdf/2110.13363v3.pdf", "2110.13363"),
        ("https://arxiv.org/html/2110.13363?x=1#S1", "2110.13363"),
        ("10.48550/arXiv.2110.13363", "2110.13363"),
        ("https://doi.org/10.48550/arXiv.2110.13363", "2110.13363"),
        ("hep-th/9901001v2", "hep-th/9901001"),
        ("math.GT/0309136", "math/0309136"),
        ("https://arxiv.org/abs/math.GT/0309136v1", "math/0309136"),
        ("1412.1234", "1412.1234"),
        ("2113.00001", None),
        ("2110.1336", None),
        ("1412.12345", None),
        ("0703.0001", None),
        ("foo/9901001", None),
        ("W123", None),
        ("https://example.org/2110.13363", None),
        ("", None),
    ],
)
def test_arxiv_ids_are_told_from_other_texts(written: str, arxiv_id: str | None) -> None:
    assert normalise_arxiv_id(written) == arxiv_id


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        ("10.1145/ABC.5", "10.1145/abc.5"),
        ("doi:10.1145/abc.", "10.1145/abc"),
        ("https://doi.org/10.1145/abc", "10.1145/abc"),
        ("http://dx.doi.org/10.1000%2Fabc?x=1", "10.1000/abc"),
        ("10.1016/0022(88)90010-2", "10.1016/0022(88)90010-2"),
        ("10.1/x", None),
        ("10.1145/" + "x" * 600, None),
        ("none", None),
        ("", None),
    ],
)
def test_dois_are_told_from_other_texts(written: str, doi: str | None) -> None:
    assert normalise_doi(written) == doi


@pytest.mark.parametrize(
    "title",
    [
        "revisiting $O(\\log n)$ graphs: a study",
        "Revisiting {O}(log n) Graphs – A Study.",
        "\\textbf{Revisiting} O(log n) graphs, a  Stúdy",
    ],
)
def test_punctuation_case_and_markup_do_not_change_a_title_key(title: str) -> None:
    assert title_key(title, "Mézard, Marc") == title_key("Revisiting O(log n) Graphs: A Study", "Marc Mezard")


def test_a_title_key_needs_a_lead_author() -> None:
    assert title_key("A Title", None) is None
    assert title_key("A Title", "…") is None
    assert title_key("!?", "Pan Pan") is None
    assert title_key("A Title", "Wei Pan") != title_key("A Title", "Pan Pan")
    assert title_key("A " * 5000, "Pan Pan") != title_key("A " * 5001, "Pan Pan")
    languages = {title_key(f"{name} in 10 minutes", "Pan Pan") for name in ("C", "C++", "C#", "F#")}
    assert len(languages) == 4
    assert title_key("Issue #5 of a+b", "Pan Pan") == title_key("Issue 5 of A + B", "Pan Pan")


def test_a_stable_id_follows_title_and_lead_alone() -> None:
    assert stable_id("A Title", "Pan, Pan") == stable_id("a title!", "Pan Pan")
    assert stable_id("A Title", None) != stable_id("A Title", "Pan Pan")
    assert stable_id("!?", None) != stable_id("?!", None)


def test_the_doi_of_an_arxiv_paper_is_its_arxiv_id() -> None:
    keys = dict(record(doi="10.48550/arxiv.2110.13363").shared)
    assert keys["arxiv"] == "2110.13363"
    assert "doi" not in keys


def test_shared_keys_are_those_the_record_has() -> None:
    paper = PaperRecord(
        source="s", source_id="1", source_key="1", title="T", arxiv_id="2110.13363", doi="10.1145/x"
    )
    assert shared_keys(paper) == (("arxiv", "2110.13363"), ("doi", "10.1145/x"))


def test_a_page_and_two_versions_on_arxiv_are_one_paper() -> None:
    page = record("author page", "page-1")
    first = record("arxiv", "2110.13363", arxiv="2110.13363")
    assert decide(first, [known(7, page)]) == Joins(7)
    assert decide(first, [known(7, page, first)]) == Joins(7)


def test_different_ids_of_one_source_are_different_papers() -> None:
    assert decide(record(key="2"), [known(1, record(key="1"))]) == New()


def test_an_unknown_paper_is_new() -> None:
    assert decide(record(), []) == New()
    assert decide(record("other"), [known(1, record(title="Another"))]) == New()
    assert decide(record("other"), [known(1, record(lead="Wei Pan"))]) == New()


def test_a_shared_doi_joins_whatever_the_titles() -> None:
    journal = record("crossref", "c1", "Another Title", "P. Pan", doi="10.1145/x")
    assert decide(journal, [known(3, record(doi="10.1145/x"))]) == Joins(3)


def test_a_record_with_the_ids_of_two_papers_makes_them_one() -> None:
    papers = [
        known(4, record("crossref", "c", "Second", doi="10.1145/x")),
        known(3, record(key="2110.13363", title="First", arxiv="2110.13363")),
    ]
    bridge = record("new", "n", "Mine", arxiv="2110.13363", doi="10.1145/x")
    assert decide(bridge, papers) == Joins(3, (4,))
    third = known(9, record("other", "o", "Mine"))
    assert decide(bridge, [*papers, third]) == Joins(3, (4, 9))
    assert decide(bridge, [*papers, third, known(10, record("z", "o", "Mine"))]) == Joins(3, (4, 9, 10))


def test_a_known_record_that_gets_an_id_or_title_of_another_paper_makes_them_one() -> None:
    own = known(1, record(title="First"))
    assert decide(
        record(title="First", doi="10.1145/x"), [own, known(2, record("crossref", "c", doi="10.1145/x"))]
    ) == Joins(1, (2,))
    assert decide(record(title="Now this"), [own, known(2, record("b", "b", "Now this"))]) == Joins(1, (2,))
    other = known(2, record("b", "b", "Now this", doi="10.1145/y"))
    assert decide(record(title="Now this", doi="10.1145/x"), [own, other]) == Joins(1)


def test_ids_that_belong_to_two_papers_which_contradict_each_other_are_reported() -> None:
    papers = [
        known(1, record(key="2110.13363", title="First", arxiv="2110.13363", doi="10.1145/a")),
        known(2, record("crossref", "c", "Second", doi="10.1145/x")),
    ]
    decision = decide(record("new", "n", "Mine", arxiv="2110.13363", doi="10.1145/x"), papers)
    assert isinstance(decision, Contradiction)
    assert "the arXiv id 2110.13363 is “First”" in decision.reason
    assert "the DOI 10.1145/x is “Second”" in decision.reason
    assert "that one has the DOI 10.1145/a and this one 10.1145/x" in decision.reason
    assert "Take the id that is wrong out of this row and import it again" in decision.reason


def test_one_doi_on_two_ids_of_a_source_is_reported() -> None:
    decision = decide(
        record(key="2", title="Mine", doi="10.1145/x"), [known(1, record(title="First", doi="10.1145/x"))]
    )
    assert isinstance(decision, Contradiction)
    assert "arxiv gives that one the id 1 and this one 2" in decision.reason


def test_one_doi_with_two_arxiv_ids_is_reported() -> None:
    decision = decide(
        record("crossref", "c", "Mine", arxiv="2110.00001", doi="10.1145/x"),
        [known(1, record(title="First", arxiv="2110.13363", doi="10.1145/x"))],
    )
    assert isinstance(decision, Contradiction)
    assert "2110.13363" in decision.reason
    assert "2110.00001" in decision.reason


def test_two_ids_of_one_source_are_never_made_one() -> None:
    papers = [known(1, record(key="1", arxiv="2110.13363")), known(2, record(key="2", doi="10.1145/x"))]
    decision = decide(record("new", "n", "Mine", arxiv="2110.13363", doi="10.1145/x"), papers)
    assert isinstance(decision, Contradiction)
    assert "arxiv gives them the ids 1 and 2" in decision.reason


def test_an_id_counts_more_than_a_title() -> None:
    papers = [
        known(1, record(title="First")),
        known(2, record("crossref", "c", "Second", doi="10.1145/x"), record(key="8", title="Second")),
    ]
    decision = decide(record(title="First", doi="10.1145/x"), papers)
    assert decision == Rearranged(
        (Part(1, frozenset({("arxiv", "1"), ("crossref", "c")})), Part(2, frozenset({("arxiv", "8")})))
    )


def test_a_title_that_two_papers_have_joins_neither() -> None:
    papers = [known(1, record(key="1")), known(2, record(key="2"))]
    assert decide(record("author page", "page-1"), papers) == New()


def test_a_title_does_not_join_papers_with_different_dois() -> None:
    assert decide(record("b", "b", doi="10.1145/y"), [known(1, record("a", "a", doi="10.1145/x"))]) == New()


@pytest.mark.parametrize(
    ("title", "lead"), [("A New Title", "Pan, Pan"), ("A title!", "Wei Pan"), ("a title", None)]
)
def test_a_retitled_paper_and_one_with_another_lead_stay_themselves(title: str, lead: str | None) -> None:
    before = record("json lines", "7")
    assert decide(record("json lines", "7", title, lead), [known(1, before)]) == Joins(1)


def test_two_files_that_number_their_papers_alike_are_told_apart() -> None:
    decision = decide(record("json lines", "7", "Other", "Wei Li"), [known(1, record("json lines", "7"))])
    assert isinstance(decision, Contradiction)
    assert "“A Title”" in decision.reason
    assert "“Other”" in decision.reason
    assert "--source NAME" in decision.reason
    shared = [known(1, record("json lines", "7", doi="10.1145/x"))]
    assert decide(record("json lines", "7", "Other", "Wei Li", doi="10.1145/x"), shared) == Joins(1)
    assert decide(record("ours", "7", "Other", "Wei Li"), [known(1, record("ours", "7"))]) == Joins(1)


ARXIV_IDS = st.sampled_from([None, "2110.00001", "2110.00002"])
DOIS = st.sampled_from([None, "10.1145/a", "10.1145/b", "10.48550/arxiv.2110.00001"])
TITLES = st.sampled_from(["One", "one!", "Two"])
LEADS = st.sampled_from([None, "Pan Pan", "Pan, Pan", "Wei Pan"])


def records(source: str) -> st.SearchStrategy[RecordKeys]:
    return st.builds(
        lambda key, title, lead, arxiv, doi: record(source, key, title, lead, arxiv=arxiv, doi=doi),
        st.sampled_from(["1", "2"]),
        TITLES,
        LEADS,
        ARXIV_IDS,
        DOIS,
    )


@given(records("a"), records("b"))
def test_the_order_of_two_sources_does_not_change_what_is_one_paper(
    one: RecordKeys, other: RecordKeys
) -> None:
    assert type(decide(other, [known(1, one)])) is type(decide(one, [known(1, other)]))


@given(records("a"), records("a"))
def test_two_ids_of_one_source_never_become_one_paper(one: RecordKeys, other: RecordKeys) -> None:
    joined = isinstance(decide(other, [known(1, one)]), Joins)
    assert joined == (one.source_key == other.source_key)


@given(records("a"), st.lists(records("b"), max_size=4))
def test_papers_that_share_nothing_change_no_decision(mine: RecordKeys, others: list[RecordKeys]) -> None:
    papers = [known(number, other) for number, other in enumerate(others)]
    stranger = known(99, record("c", "9", "Quite Another", "Someone Else"))
    assert decide(mine, papers) == decide(mine, [stranger, *papers])


def partial_records() -> st.SearchStrategy[list[RecordKeys]]:
    """Entries of a library, each of which knows only some of what its paper is known by."""

    def one(key: int, paper: int, arxiv: bool, doi: bool, title: str) -> RecordKeys:
        return record(
            "zotero",
            f"z{key}",
            f"{title} of {'abc'[paper]}",
            arxiv=f"2110.0000{paper}" if arxiv else None,
            doi=f"10.1145/{paper}" if doi else None,
        )

    facts = st.tuples(
        st.integers(0, 2), st.booleans(), st.booleans(), st.sampled_from(["Early", "Late", "Spoken"])
    )
    return st.lists(facts, max_size=9).map(lambda drawn: [one(key, *fact) for key, fact in enumerate(drawn)])


def papers_of(records: list[RecordKeys]) -> set[frozenset[str]]:
    """Return what is one paper with what, when they come in this order."""
    papers: dict[int, list[RecordKeys]] = {}
    for number, one in enumerate(records):
        decision = decide(one, [known(paper_id, *those) for paper_id, those in papers.items()])
        assert not isinstance(decision, Contradiction)
        match decision:
            case New():
                papers[number] = [one]
            case Joins(paper_id, same):
                papers[paper_id].append(one)
                for other in same:
                    assert other > paper_id
                    papers[paper_id] += papers.pop(other)
            case Rearranged(parts):
                all_ = {each.pair: each for those in papers.values() for each in (*those, one)}
                for part in parts:
                    for gone in part.same:
                        del papers[gone]
                for place, part in enumerate(parts):
                    paper_id = part.paper_id if part.paper_id is not None else 1_000 * number + place
                    papers[paper_id] = [all_[pair] for pair in part.records]
    return {frozenset(one.source_key for one in those) for those in papers.values()}


@given(partial_records(), st.randoms(use_true_random=False))
def test_records_that_do_not_contradict_each_other_make_the_same_papers_in_any_order(
    records: list[RecordKeys], chance: random.Random
) -> None:
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert papers_of(shuffled) == papers_of(records)


@pytest.mark.parametrize(
    ("title", "folded"),
    [
        (r"$\varphi$-Adapt", "varphiadapt"),
        (r"A\textsuperscript{2}FM", "atextsuperscript2fm"),
        (r"M{\'e}zard, \L\'od\'z and \c{C}a\u{g}r{\i}", "mezardlodzandcagri"),
        (r"Over $\frac{\mathbb{F}_{p^m}}{2}$", "overfracfpm2"),
        (r"Line\\it breaks", "lineitbreaks"),
        (r"\textbf{Bold} \O{}rsted\3\é", "boldorstede"),
        (r"\bigl(x\bigr) \cite{y}", "xcitey"),
    ],
)
def test_titles_with_latex_keep_the_keys_that_databases_have(title: str, folded: str) -> None:
    assert folded_title(title) == folded


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Nets of kelp", "Nets of Kelp.", "Care of divers", "Erratum: Nets of kelp"]),
            st.sampled_from([("Bo Lund", "Eve Tamm"), ("B. Lund", "E. Tamm"), ("Eve Tamm", "Bo Lund")]),
        ),
        max_size=7,
    ),
    st.randoms(use_true_random=False),
)
def test_records_with_one_doi_make_the_same_papers_in_any_order(
    drawn: list[tuple[str, tuple[str, ...]]], chance: random.Random
) -> None:
    records = [
        RecordKeys.of(
            PaperRecord(
                source="bibtex",
                source_id=str(number),
                source_key=str(number),
                title=title,
                authors=tuple(Mention(name=name) for name in names),
                doi="10.1145/b",
                venue="Handbook",
            )
        )
        for number, (title, names) in enumerate(drawn)
    ]
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert papers_of(shuffled) == papers_of(records)
    assert len(papers_of(records)) == len({title.lower().rstrip(".") for title, _ in drawn})


TITLES_OF_ONE_STEM = [
    "Nets of kelp",
    "Nets of Kelp",
    "Nets of kelp: a study",
    "Nets of kelp: the sea",
    "Editorial",
]
LISTS = [
    ("Bo Lund",),
    ("B. Lund",),
    ("Bea Lund",),
    ("Bo Lund", "Eve Tamm"),
    ("E. Tamm", "B. Lund", "Ida Hale"),
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(TITLES_OF_ONE_STEM),
            st.sampled_from(LISTS),
            st.sampled_from([None, None, "10.1145/a", "10.1145/b"]),
            st.sampled_from([None, "2001", "2002"]),
            st.sampled_from([None, "Sea", "Sea 2"]),
        ),
        max_size=6,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_records_never_changes_the_papers_and_their_names(
    drawn: list[tuple[str, tuple[str, ...], str | None, str | None, str | None]], chance: random.Random
) -> None:
    records = [
        RecordKeys.of(
            PaperRecord(
                source="bibtex",
                source_id=str(number),
                source_key=str(number),
                title=title,
                authors=tuple(Mention(name=name) for name in names),
                doi=doi,
                published=year,
                venue=venue,
            )
        )
        for number, (title, names, doi, year, venue) in enumerate(drawn)
    ]
    found = papers_of(records)
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert papers_of(shuffled) == found
    assert {frozenset(key for _, key in group) for group in groups(records, ())} == found
    by_key = {one.source_key: one.record for one in records}
    for paper in found:
        whole = [by_key[key] for key in paper]
        turned = sorted(whole, key=lambda one: one.source_key, reverse=True)
        assert merge(whole).authors == merge(turned).authors
