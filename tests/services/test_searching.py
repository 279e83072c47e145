from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.errors import RefusedError
from bot.search.folding import plain_words
from bot.services.desk import Desk
from bot.services.results import Hit, Match, SearchPage, SearchRequest, Sort
from bot.services.searching import find_paper, get_paper, page_of, search, suggest_titles
from tests.search.desks import DECENTRALIZED, add, close, copy_of, new_desk, shipped_desk

Find = Callable[..., SearchPage]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped") / "data"
    close(shipped_desk(folder))
    return folder


@pytest.fixture(scope="module")
def desk(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The shipped corpus, only to be read."""
    desk = copy_of(shipped, tmp_path_factory.mktemp("read") / "data")
    yield desk
    close(desk)


@pytest.fixture
def own_desk(shipped: Path, tmp_path: Path) -> Iterator[Desk]:
    """The shipped corpus, to be added to."""
    desk = copy_of(shipped, tmp_path / "data")
    yield desk
    close(desk)


@pytest.fixture
def empty_desk(tmp_path: Path) -> Iterator[Desk]:
    desk = new_desk(tmp_path / "data")
    yield desk
    close(desk)


def find(desk: Desk, query: str, **options: Any) -> SearchPage:
    return page_of(desk, search(desk, SearchRequest(query, **options)), 1, 200)


def titles(page: SearchPage) -> list[str]:
    return [hit.paper.title for hit in page.hits if hit.complete]


def text(hit: Hit) -> str:
    return "".join(span.text for span in hit.snippet)


def bold(hit: Hit) -> list[str]:
    return [span.text for span in hit.snippet if span.matched]


@pytest.mark.parametrize(
    "word", ["decentralized", "decentralised", "Decentralized", "DECENTRALISED", "decentralization"]
)
def test_a_word_finds_exactly_the_three_papers_however_it_is_spelt(desk: Desk, word: str):
    page = find(desk, word)
    assert set(titles(page)) == DECENTRALIZED
    assert page.answer.total == 3
    assert page.answer.partial == 0


def test_the_opposite_of_a_word_is_neither_found_nor_suggested(own_desk: Desk):
    add(
        own_desk, {"title": "Centralized training of large models", "abstract": "A centralized way to train."}
    )
    assert set(titles(find(own_desk, "decentralized"))) == DECENTRALIZED
    assert set(titles(find(own_desk, "decentralised training"))) < DECENTRALIZED
    assert titles(find(own_desk, "centralised")) == ["Centralized training of large models"]


@pytest.mark.parametrize("typed", ["centralized", "centralised", "Centralized"])
def test_an_opposite_is_no_spelling(desk: Desk, typed: str):
    answer = find(desk, typed).answer
    assert (answer.total, answer.forgiven, answer.did_you_mean) == (0, (), None)


def test_spellings_that_were_accepted_are_said(desk: Desk):
    assert find(desk, "decentralised").answer.forgiven == ("decentralized",)
    assert find(desk, "decentralized").answer.forgiven == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("decentralzed", "decentralized"),
        ("decentralzed optimisation", "decentralized optimisation"),
        ("Recurent", "recurrent"),
        ("ecxponential graph", "exponential graph"),
        ("Bicheng Yign", "Bicheng Ying"),
    ],
)
def test_a_misspelt_word_finds_what_was_meant_and_says_so(desk: Desk, typed: str, meant: str):
    answer, right = search(desk, SearchRequest(typed)), search(desk, SearchRequest(meant))
    assert answer.paper_ids == right.paper_ids
    assert answer.total == right.total > 0
    assert set(plain_words(meant)) - set(plain_words(typed)) <= set(answer.forgiven)


def test_one_misspelt_word_does_not_spoil_the_others(desk: Desk):
    page = find(desk, "DecentLaM momentm SGD qqqqqqqq")
    assert page.hits[0].paper.title.startswith("DecentLaM")
    assert {"DecentLaM", "Momentum", "SGD"} <= set(bold(page.hits[0])) | set(page.hits[0].paper.title.split())


def test_what_is_spelt_as_typed_stands_above_other_spellings_and_those_above_guesses(empty_desk: Desk):
    add(
        empty_desk,
        {"title": "Colour colour colour", "abstract": "colour colour"},
        {"title": "On paint", "abstract": f"Of color, once. {'Other words follow here. ' * 30}"},
    )
    assert titles(find(empty_desk, "color")) == ["On paint", "Colour colour colour"]
    assert titles(find(empty_desk, "colour")) == ["Colour colour colour", "On paint"]
    assert set(titles(find(empty_desk, "clolour"))) == {"Colour colour colour", "On paint"}


def test_a_rare_word_that_a_letter_parts_from_a_frequent_one_is_forgiven_after_itself(empty_desk: Desk):
    add(
        empty_desk,
        {"title": "Wombst", "abstract": "A misprint."},
        *({"title": f"Wombat number {number}"} for number in range(60)),
    )
    page = find(empty_desk, "wombst")
    assert page.answer.total == 61
    assert page.hits[0].paper.title == "Wombst"
    assert page.answer.forgiven == ("wombat",)
    assert find(empty_desk, "wombat").answer.total == 60


@pytest.mark.parametrize("typed", ["large-scale", "large scale", "largescale"])
def test_words_are_found_however_they_are_joined(empty_desk: Desk, typed: str):
    add(
        empty_desk,
        {"title": "Largescale wombats"},
        {"title": "Large-scale quokkas"},
        {"title": "Large scale numbats"},
    )
    page = find(empty_desk, typed)
    assert page.answer.total == 3
    assert len(page.answer.forgiven) == 1


def test_a_phrase_is_exact_and_a_better_spelling_is_offered(desk: Desk):
    answer = find(desk, '"exponential grahp"').answer
    assert answer.total == 0
    assert answer.did_you_mean == '"exponential graph"'
    assert search(desk, SearchRequest('"exponential graph"')).total > 0


def test_words_side_by_side_stand_above_words_apart(empty_desk: Desk):
    add(
        empty_desk,
        {"id": "1", "title": "A quokka", "abstract": "The numbat sees a wombat and the quokka sleeps."},
        {"id": "2", "title": "A quokka", "abstract": "The wombat sees a numbat quokka and the other sleeps."},
    )
    assert find(empty_desk, "numbat quokka").hits[0].paper.source_id.endswith("2")


def test_nothing_is_offered_for_what_is_near_to_nothing(desk: Desk):
    assert find(desk, "qqqqqqqqqq").answer.did_you_mean is None
    assert find(desk, "!!! ???").answer.total == 0


def test_papers_with_all_words_come_first_and_those_with_most_are_marked_off(desk: Desk):
    page = find(desk, "decentralized optimization")
    kinds = [hit.complete for hit in page.hits]
    assert kinds == sorted(kinds, reverse=True)
    assert page.answer.total == kinds.count(True) == page.answer.complete_shown
    assert page.answer.partial == kinds.count(False) == 1
    assert {hit.paper.title for hit in page.hits} == DECENTRALIZED


def test_a_rare_word_counts_more_than_a_frequent_one(desk: Desk):
    page = find(desk, "decentralized learning")
    assert all("ecentralized" in hit.paper.title for hit in page.hits if not hit.complete)


def test_a_sentence_finds_its_paper(desk: Desk):
    page = find(
        desk, "which graphs give fast communication and exact averaging for decentralized SGD at once?"
    )
    assert page.hits[0].paper.title.startswith("Exponential Graph")


@pytest.mark.parametrize("typed", ["large-scale", "Large-Scale", "large‑scale"])
def test_a_hyphen_finds_the_words_side_by_side(desk: Desk, typed: str):
    page = find(desk, typed)
    assert page.answer.total == 10
    assert all(
        re.search(r"large[\s-]scale", f"{h.paper.title} {h.paper.abstract}", re.IGNORECASE) for h in page.hits
    )


def test_a_phrase_stands_side_by_side_and_not_across_title_and_abstract(own_desk: Desk):
    add(own_desk, {"title": "A quokka", "abstract": "Wombat sees quokka."})
    assert find(own_desk, '"quokka wombat"').answer.total == 0
    assert find(own_desk, '"wombat sees"').answer.total == 1


def test_authors_typed_as_plain_words_are_found(desk: Desk):
    page = find(desk, "Bicheng Ying")
    assert page.answer.total >= 1
    assert all("authors" in hit.matched_in for hit in page.hits if hit.complete)
    assert find(desk, "pan pan").answer.total == 26


def test_the_author_filter_takes_the_exact_name_and_everything_attributed(desk: Desk):
    assert find(desk, "", author="pan pan").answer.total == 26
    assert find(desk, "", author="Pan, Pan").answer.total == 26
    assert find(desk, 'author:"Pan Pan"').answer.total == 26
    assert find(desk, "", author="Wei Pan").answer.total == 0


def test_filters_narrow_and_are_said(desk: Desk):
    page = find(desk, "decentralized", field="lg", since="2021-10", until="2021")
    assert titles(page) == ["Exponential Graph is Provably Efficient for Decentralized Deep Training"]
    assert page.answer.reading == "decentralized · field LG · 2021-10 to 2021"


def test_typed_filters_mean_the_same_as_options(desk: Desk):
    typed = find(desk, 'decentralized author:"Kun Yuan" field:LG year:2021.. has:code').answer
    options = find(desk, "decentralized", author="Kun Yuan", field="LG", since="2021", code=True).answer
    assert typed.paper_ids == options.paper_ids
    assert typed.total == 1


def test_code_with_without_and_both(desk: Desk):
    assert find(desk, "", code=True).answer.total == 2
    assert find(desk, "", code=False).answer.total == 24
    assert find(desk, "has:code").answer.total == 2
    assert find(desk, "-has:code").answer.total == 24


def test_scores_can_be_asked_for(desk: Desk):
    assert [hit.paper.score for hit in find(desk, "score:>70").hits] == [75.3]
    assert find(desk, "score:>75.3").answer.total == 0
    assert find(desk, "score:75.3").answer.total == 1


@pytest.mark.parametrize(
    ("published", "since", "until", "found"),
    [
        ("2021", "2021-05", None, True),
        ("2021", "2022", None, False),
        ("2021", None, "2021-01-01", True),
        ("2021", None, "2020", False),
        ("2021-05", "2021-05-31", "2021-05-31", True),
        ("2021-05", "2021-06", None, False),
        ("2021-05-26", "2021-05-26", "2021-05-26", True),
        ("2021-05-26", "2021-05-27", None, False),
        (None, "1900", None, False),
        (None, None, "2100", False),
    ],
)
def test_a_date_is_in_where_it_covers_any_day_of_the_span(
    empty_desk: Desk, published: str | None, since: str | None, until: str | None, found: bool
):
    add(empty_desk, {"title": "Quokka", **({"date": published} if published else {})})
    assert find(empty_desk, "quokka", since=since, until=until).answer.total == int(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"field": "ZZ"}, "field: no paper has the field ZZ; the corpus has CV, LG, IR."),
        ({"since": "2023", "until": "2021"}, "since: 2023 is after until: 2021"),
        ({"since": "soon"}, "since: soon is no date"),
        ({"until": "2021-13"}, "until: 2021-13 is no date"),
        ({"until": "٢٠٢١"}, "until:"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(desk: Desk, options: dict[str, str], message: str):
    with pytest.raises(RefusedError, match=re.escape(message)):
        find(desk, "video", **options)


def test_newest_first_and_what_has_no_date_last(own_desk: Desk):
    add(own_desk, {"title": "Video without a date"})
    page = find(own_desk, "video", sort=Sort.NEWEST)
    dates = [hit.paper.published or "" for hit in page.hits if hit.complete]
    assert dates == sorted(dates, reverse=True)
    assert dates[-1] == ""


def test_highest_score_first_and_what_has_no_score_last_by_date(desk: Desk):
    hits = find(desk, 'author:"Pan Pan"', sort=Sort.SCORE).hits
    assert hits[0].paper.score == 75.3
    dates = [hit.paper.published or "" for hit in hits[1:]]
    assert dates == sorted(dates, reverse=True)
    assert len(hits) == 26


def test_equal_papers_keep_their_order_and_pages_do_not_overlap(empty_desk: Desk):
    add(empty_desk, *({"id": str(n), "title": f"Quokka {n}", "date": "2021"} for n in range(260)))
    answer = search(empty_desk, SearchRequest("quokka", sort=Sort.NEWEST))
    assert answer.total == 260
    assert list(answer.paper_ids) == sorted(answer.paper_ids)
    assert len(answer.paper_ids) == 200
    pages = [page_of(empty_desk, answer, number, 7) for number in range(1, 30)]
    shown = [hit.paper.id for page in pages for hit in page.hits]
    assert shown == list(answer.paper_ids)
    assert {page.pages for page in pages} == {29}


def test_an_answer_keeps_its_pages_while_papers_are_added(own_desk: Desk):
    answer = search(own_desk, SearchRequest("video"))
    before = [hit.paper.id for hit in page_of(own_desk, answer, 1).hits]
    add(own_desk, {"title": "Video video video", "abstract": "video"})
    assert [hit.paper.id for hit in page_of(own_desk, answer, 1).hits] == before
    assert search(own_desk, SearchRequest("video")).total == answer.total + 1


def test_a_page_that_is_not_there_is_the_nearest(desk: Desk):
    answer = search(desk, SearchRequest('author:"Pan Pan"'))
    assert page_of(desk, answer, 99).page == page_of(desk, answer, 99).pages == 5
    assert page_of(desk, answer, -3).page == 1


def test_a_snippet_marks_whole_words_and_is_a_part_of_the_text(desk: Desk):
    for hit in find(desk, "decentralised").hits:
        assert bold(hit)
        assert {word.lower() for word in bold(hit)} == {"decentralized"}
        assert text(hit).removeprefix("… ").removesuffix(" …") in hit.paper.abstract.replace("$", "")
        assert set(hit.matched_in) <= {"title", "abstract", "authors"}


def test_a_snippet_is_never_cut_within_a_formula(own_desk: Desk):
    formula = "$a b c d e f \\unknowncommand{g h i} j$"
    abstract = " ".join(f"{formula} quokka {number} filler words stand here." for number in range(30))
    add(own_desk, {"title": "Formulas", "abstract": abstract})
    [hit] = find(own_desk, "quokka").hits
    shown = text(hit)
    assert len(shown) < 400
    assert shown.count("$") % 2 == 0
    assert shown.count("{") == shown.count("}")


def test_matched_in_says_where(own_desk: Desk):
    add(own_desk, {"title": "Quokka", "abstract": "On wombats.", "authors": ["Ada Numbat"]})
    [hit] = find(own_desk, "quokka numbat").hits
    assert hit.matched_in == ("title", "authors")
    assert bold(hit) == ["Quokka"]


def test_greek_letters_accents_and_latex_are_words(own_desk: Desk):
    add(own_desk, {"title": "An $\\alpha$-quokka by M\\'ezard", "abstract": "The β-wombat of Gödel"})
    for query in (
        "alpha quokka",
        "α-quokka",
        "mezard",
        "Mézard",
        "Me\u0301zard",
        "beta-wombat",
        "godel",
        "Gödel",
    ):
        assert find(own_desk, query).answer.total == 1, query


def test_other_scripts_are_found(own_desk: Desk):
    add(own_desk, {"title": "深度学习 for quokkas", "abstract": "Глубокое обучение"})
    for query in ("深度", "学习", "深度学习", "глубокое"):
        assert find(own_desk, query).answer.total == 1, query


def test_a_paper_is_found_by_its_number_and_its_identifiers(own_desk: Desk):
    add(
        own_desk,
        {
            "id": "2104.11981",
            "title": "Quokka",
            "doi": "10.1234/ABC",
            "url": "https://arxiv.org/abs/2104.11981",
        },
    )
    [hit] = find(own_desk, "quokka").hits
    for query in (f"paper:{hit.paper.id}", "10.1234/abc", "https://doi.org/10.1234/abc"):
        assert [found.paper.id for found in find(own_desk, query).hits] == [hit.paper.id]
        assert find_paper(own_desk, query).paper == hit.paper
    assert find(own_desk, "paper:99999").answer.total == 0


def test_a_title_is_exact_by_its_words_and_otherwise_a_choice(desk: Desk):
    exact = find_paper(desk, "exponential graph is provably efficient for DECENTRALIZED deep training!")
    assert exact.match is Match.EXACT
    assert exact.paper is not None
    near = find_paper(desk, "exponential graph")
    assert near.match is Match.CHOICES
    assert near.paper is None
    assert near.choices[0] == exact.paper
    assert find_paper(desk, "qqqqqqqqq").match is Match.NONE


def test_two_papers_of_one_title_are_a_choice(own_desk: Desk):
    add(own_desk, *({"id": name, "title": "On quokkas", "authors": [name]} for name in ("Ada", "Bob")))
    found = find_paper(own_desk, "On Quokkas")
    assert found.match is Match.CHOICES
    assert [paper.title for paper in found.choices] == ["On quokkas"] * 2


@pytest.mark.parametrize("typed", ["decen", "DecentLaM", "decentlam: decentralized mom", "momentum sgd larg"])
def test_titles_are_suggested_while_one_types(desk: Desk, typed: str):
    choices = suggest_titles(desk, typed)
    assert choices[0].label.startswith("DecentLaM")
    assert all(len(choice.label) <= 100 for choice in choices)
    paper = get_paper(desk, int(choices[0].value.removeprefix("paper:")))
    assert paper is not None
    assert paper.title in DECENTRALIZED


def test_nothing_typed_suggests_the_newest(desk: Desk):
    choices = suggest_titles(desk, "")
    assert len(choices) == 25
    newest = get_paper(desk, int(choices[0].value.removeprefix("paper:")))
    assert newest is not None
    assert newest.published == "2026-03-12"


def test_long_titles_are_cut_at_a_word(own_desk: Desk):
    add(own_desk, {"title": "Quokka " + "wombat " * 60})
    [choice] = suggest_titles(own_desk, "quokka")
    assert len(choice.label) <= 100
    assert choice.label.endswith("wombat…")


def test_an_unknown_filter_and_a_stray_quote_are_text(desk: Desk):
    assert find(desk, 'decentralized "').answer.total == 3
    assert find(desk, "foo:decentralized").answer.reading == "foo decentralized"
    assert find(desk, "field:ZZ").answer.reading == "field ZZ"


def test_similar_papers_share_words_and_need_not_share_authors(own_desk: Desk):
    add(
        own_desk,
        {"title": "Wombats dig burrows", "abstract": "Burrows of wombats are long.", "authors": ["Ada"]},
        {"title": "Burrows and their wombats", "abstract": "Who digs burrows?", "authors": ["Bob"]},
        {"title": "Quokkas smile", "abstract": "Of smiling.", "authors": ["Ada"]},
    )
    [hit, *_] = [hit for hit in find(own_desk, "wombats").hits if hit.paper.title.startswith("Wombats")]
    page = find(own_desk, f"similar:{hit.paper.id}")
    assert titles(page)[0] == "Burrows and their wombats"
    assert "Quokkas smile" not in titles(page)
    assert page.answer.reading == "similar to “Wombats dig burrows”"
    assert bold(page.hits[0]) == []


def test_similar_papers_can_be_narrowed_and_sorted(desk: Desk):
    [paper] = [hit.paper for hit in find(desk, "DecentLaM").hits]
    page = find(desk, f"similar:{paper.id}")
    assert {hit.paper.title for hit in page.hits[:4]} >= DECENTRALIZED - {paper.title}
    assert paper.id not in page.answer.paper_ids
    newest = find(desk, f"similar:{paper.id}", sort=Sort.NEWEST)
    dates = [hit.paper.published for hit in newest.hits]
    assert dates == sorted(dates, reverse=True)
    assert set(newest.answer.paper_ids) == set(page.answer.paper_ids)
    assert {hit.paper.field for hit in find(desk, f"similar:{paper.id}", field="CV").hits} == {"CV"}
    assert find(desk, "similar:99999").hits == ()
