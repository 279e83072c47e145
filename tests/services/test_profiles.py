from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.config import Settings
from bot.search.index import SearchIndex
from bot.services.desk import Desk
from bot.services.importing import import_files
from bot.services.profiles import author_by_id, find_author, suggest_authors
from bot.services.results import AuthorAnswer, Match
from bot.store.engine import Store
from bot.store.schema import prepare
from tests.conftest import AUTHOR_PAGE

READ_ON = dt.date(2026, 3, 15)


def open_desk(folder: Path) -> Desk:
    settings = Settings.model_validate({"PAPERCORD_DATA_DIR": folder})
    store = Store(settings.database_url)
    prepare(store)
    return Desk(settings=settings, store=store, index=SearchIndex(settings.index_dir))


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = open_desk(tmp_path_factory.mktemp("shipped"))
    import_files(desk, [AUTHOR_PAGE], as_of=READ_ON)
    yield desk
    desk.index.close()
    desk.store.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = open_desk(tmp_path / "data")
    yield desk
    desk.index.close()
    desk.store.close()


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One paper by people with names of many kinds."""
    folder = tmp_path_factory.mktemp("varied")
    authors = ["Pan Pan", "Xiao Ming Li", "Jean-François Cardoso", "Laurens van der Maaten"]
    authors += ["Иван Петров", "王伟", "김민수", "John Adam Smith"]
    path = folder / "papers.jsonl"
    path.write_text(json.dumps({"id": "1", "title": "Names", "authors": authors}), encoding="utf-8")
    desk = open_desk(folder / "data")
    import_files(desk, [path])
    yield desk
    desk.index.close()
    desk.store.close()


@pytest.fixture
def add(desk: Desk, tmp_path: Path) -> Callable[..., None]:
    """Import papers that are given as (authors, other keys of the record)."""
    count = 0

    def add(*papers: tuple[list[str], dict[str, object]]) -> None:
        nonlocal count
        rows: list[str] = []
        for authors, others in papers:
            count += 1
            rows.append(
                json.dumps({"id": f"p{count}", "title": f"Paper {count}", "authors": authors} | others)
            )
        path = tmp_path / f"papers-{count}.jsonl"
        path.write_text("\n".join(rows), encoding="utf-8")
        assert not import_files(desk, [path]).rejected

    return add


def names(answer: AuthorAnswer) -> list[str]:
    return [choice.name for choice in answer.choices]


@pytest.mark.parametrize("typed", ["Pan Pan", "pan pan", "Pan, Pan", "PAN  PAN", " Pan Pan "])
def test_scene_08_a_name_that_is_the_same_after_folding_reaches_the_author(shipped: Desk, typed: str):
    answer = find_author(shipped, typed)
    assert answer.match is Match.EXACT
    assert answer.author is not None
    assert answer.author.name == "Pan Pan"
    assert answer.choices == ()


@pytest.mark.parametrize("typed", ["Pna Pan", "Wei Pan", "P. Pan", "Pan", "Pan Pann", "Pan Pam", "~Pan_Pan1"])
def test_scene_08_a_name_that_is_not_exact_gives_a_pick_list(shipped: Desk, typed: str):
    answer = find_author(shipped, typed)
    assert answer.match is Match.CHOICES
    assert answer.author is None
    assert names(answer)[0] == "Pan Pan"


def test_scene_08_pan_pan_is_never_answered_with_wei_pan_or_pan_li(desk: Desk, add: Callable[..., None]):
    add((["Wei Pan", "Pan Li"], {}), (["Wei Pan"], {}))
    answer = find_author(desk, "Pan Pan")
    assert answer.match is Match.CHOICES
    assert answer.author is None
    add((["Pan Pan"], {}))
    found = find_author(desk, "Pan Pan").author
    assert found is not None
    assert found.name == "Pan Pan"
    assert found.corpus.papers == 1


def test_scene_08_accents_are_no_difference(desk: Desk, add: Callable[..., None]):
    add((["Marc Mézard", "Jean-François Kärkkäinen"], {}))
    assert names(find_author(desk, "Mezard")) == ["Marc Mézard"]
    for typed, name in (
        ("marc mezard", "Marc Mézard"),
        ("Jean Francois Karkkainen", "Jean-François Kärkkäinen"),
    ):
        author = find_author(desk, typed).author
        assert author is not None
        assert author.name == name


def test_scene_09_namesakes_with_different_ids_are_told_apart_and_never_merged(
    desk: Desk, add: Callable[..., None]
):
    vision = {"author_ids": ["~Wei_Li1", None], "categories": ["cs.CV"], "date": "2019"}
    language = {"author_ids": ["~Wei_Li2", None], "categories": ["cs.CL"]}
    add(
        (["Wei Li", "Ada Ahn"], vision),
        (["Wei Li", "Ada Ahn"], vision | {"date": "2021-05"}),
        (["Wei Li", "Bo Berg"], language | {"date": "2024"}),
    )
    answer = find_author(desk, "wei li")
    assert answer.match is Match.CHOICES
    shown = {choice.identifier: choice for choice in answer.choices}
    assert set(shown) == {"~Wei_Li1", "~Wei_Li2"}
    first, second = shown["~Wei_Li1"], shown["~Wei_Li2"]
    assert (first.papers, first.field, first.years, first.coauthors) == (
        2,
        "CV",
        "2019 to 2021",
        ("Ada Ahn",),
    )
    assert (second.papers, second.field, second.years, second.coauthors) == (1, "CL", "2024", ("Bo Berg",))
    for typed in ("~Wei_Li2", f"author:{second.author_id}"):
        author = find_author(desk, typed).author
        assert author is not None
        assert author.id == second.author_id
        assert author.corpus.papers == 1
        assert not any("several people" in notice for notice in author.notices)


def test_scene_10_a_paper_whose_list_is_cut_before_the_author_is_theirs_and_marked(shipped: Desk):
    author = find_author(shipped, "Pan Pan").author
    assert author is not None
    assert (author.corpus.papers, author.corpus.listed, author.corpus.attributed) == (26, 10, 26)
    assert any(
        notice.startswith("16 of 26 papers rest on the word of the author page alone")
        and notice.endswith("25 of 26 lists are cut.")
        for notice in author.notices
    )
    unlisted = next(paper for paper in author.newest if "Pan Pan" not in paper.authors)
    assert unlisted.authors_truncated
    assert unlisted.attributed_to == ("Pan Pan",)


def test_scene_11_what_no_source_reports_is_none_and_not_zero(desk: Desk, add: Callable[..., None]):
    add((["Robin Singular"], {}))
    author = find_author(desk, "Robin Singular").author
    assert author is not None
    assert author.reported is None
    assert author.field is None
    assert author.corpus.years == {}


def test_scene_11_an_inferred_year_is_marked_on_the_newest_papers(shipped: Desk):
    author = find_author(shipped, "Pan Pan").author
    assert author is not None
    assert [paper.published_inferred for paper in author.newest] == [True] + [False] * 7
    assert author.newest[0].published == "2026-03-12"


def test_the_shipped_page_gives_its_figures_and_those_of_the_corpus_apart(shipped: Desk):
    author = find_author(shipped, "Pan Pan").author
    assert author is not None
    reported = author.reported
    assert reported is not None
    assert (reported.h_index, reported.papers, reported.citations) == (98, 26, 1791)
    assert (reported.novelty, reported.ai_score, reported.as_of) == (55, 48, READ_ON)
    assert author.field == "CV"
    assert author.corpus.with_code == 2
    assert list(author.corpus.fields.items()) == [("CV", 19), ("LG", 6), ("IR", 1)]
    assert list(author.corpus.years) == sorted(author.corpus.years)
    assert sum(author.corpus.years.values()) == 26
    assert (author.corpus.coauthors[0].name, author.corpus.coauthors[0].papers) == ("Yun Zheng", 7)
    dates = [paper.published or "" for paper in author.newest]
    assert len(dates) == 8
    assert dates == sorted(dates, reverse=True)


def test_reported_figures_that_contradict_each_other_are_said(shipped: Desk):
    author = find_author(shipped, "Pan Pan").author
    assert author is not None
    assert author.notices[0] == (
        "An h-index of 98 needs at least 98 papers and 9,604 citations; the source says 26 papers and "
        "1,791 citations: these figures contradict each other."
    )


def test_an_entry_without_identifier_says_that_it_may_be_several_people(desk: Desk, add: Callable[..., None]):
    add((["Jun Li"], {}))
    author = find_author(desk, "Jun Li").author
    assert author is not None
    assert author.notices == (
        "Papers under this name may be by several people: the sources give no identifier of the author.",
    )


def test_names_alike_come_best_fit_first_then_best_known(desk: Desk, add: Callable[..., None]):
    add(
        (["Kun Yuan", "Kan Yuan", "Kunal Yuan"], {}),
        (["Kunal Yuan", "Yuan Kun Xu", "Xu Yuan"], {}),
        (["Kan Yuan"], {}),
    )
    # The same parts; then parts that go on, the one with more papers first; then a wrong letter.
    assert names(find_author(desk, "Yuan Kun")) == ["Kun Yuan", "Yuan Kun Xu", "Kunal Yuan", "Kan Yuan"]
    # Initials fit; of those that fit equally well the best known stand first.
    assert names(find_author(desk, "K. Yuan"))[:2] == ["Kan Yuan", "Kunal Yuan"]


def test_initials_in_the_corpus_fit_the_whole_name_and_initials_alone_fit_nobody(
    desk: Desk, add: Callable[..., None]
):
    add((["L. van der Maaten", "L. V. D. M."], {}))
    assert names(find_author(desk, "Laurens van der Maaten")) == ["L. van der Maaten"]


def test_nobody_similar_is_none(shipped: Desk):
    for typed in (
        "Xqzw Vkjb",
        "",
        "...",
        "author:",
        "author:x",
        f"author:{10**30}",
        "orcid:0000-0001-2345-6789",
    ):
        answer = find_author(shipped, typed)
        assert (answer.match, answer.author, answer.choices) == (Match.NONE, None, ())


def test_an_unknown_id_has_no_author(shipped: Desk):
    assert author_by_id(shipped, 10**6) is None
    assert author_by_id(shipped, 10**30) is None
    assert author_by_id(shipped, 0) is None


def test_suggestions_begin_with_the_best_known_and_lead_to_the_author(shipped: Desk):
    assert suggest_authors(shipped, "")[0].label == "Pan Pan · 26 papers"
    first = suggest_authors(shipped, "pan p")[0]
    assert find_author(shipped, first.value).author is not None
    # Names with a wrong letter, such as Yanhao Zhang, come after those that are begun.
    assert suggest_authors(shipped, "Zheng Y")[0].label == "Yun Zheng · 7 papers"
    assert suggest_authors(shipped, "yanhoa")[0].label == "Yanhao Zhang · 5 papers"
    assert suggest_authors(shipped, "?!") == ()
    assert len(suggest_authors(shipped, "", limit=3)) == 3


def test_suggestions_tell_namesakes_apart_and_fit_discord(desk: Desk, add: Callable[..., None]):
    long = "Very " * 40 + "Long"
    add(
        (["Wei Li", long], {"author_ids": ["~Wei_Li1", None]}),
        (["Wei Li"], {"author_ids": ["~Wei_Li2"]}),
        (["Wei Li"], {}),
    )
    assert {choice.label for choice in suggest_authors(desk, "wei")} == {
        "Wei Li · 1 paper · ~Wei_Li1",
        "Wei Li · 1 paper · ~Wei_Li2",
        "Wei Li · 1 paper · no identifier",
    }
    (shown,) = suggest_authors(desk, "very")
    assert len(shown.label) == 100
    assert shown.label.endswith("… · 1 paper")


def test_names_are_found_again_where_their_index_was_deleted_or_damaged(desk: Desk, add: Callable[..., None]):
    add((["Kun Yuan"], {}))
    for file in (desk.settings.index_dir / "people").iterdir():
        file.write_bytes(b"\0" * 10)
    again = SearchIndex(desk.settings.index_dir)
    assert again.people.revision is None
    again.follow(desk.store)
    assert [candidate.name_key for candidate in again.people.having(["yuan"], 5)] == ["kun yuan"]
    again.close()


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Panpan", "Pan Pan"),
        ("Xiaoming Li", "Xiao Ming Li"),
        ("Li Xiaoming", "Xiao Ming Li"),
        ("Jeanfrancois Cardoso", "Jean-François Cardoso"),
        ("Jean-Francois", "Jean-François Cardoso"),
        ("van der Maaten", "Laurens van der Maaten"),
        ("Maaten, L. van der", "Laurens van der Maaten"),
        ("P. Pan", "Pan Pan"),
        ("Ivan Petrov", "Иван Петров"),
        ("Wang Wei", "王伟"),
        ("王", "王伟"),
        ("Gim Minsu", "김민수"),
        ("Smith", "John Adam Smith"),
        ("John Smith", "John Adam Smith"),
        ("John A. Smith", "John Adam Smith"),
    ],
)
def test_names_are_found_as_people_type_them_in_a_pick_list(varied: Desk, typed: str, name: str):
    answer = find_author(varied, typed)
    assert answer.match is Match.CHOICES
    assert names(answer)[0] == name


@pytest.mark.parametrize("name", ["王伟", "김민수", "山田太郎", "محمد علي", "A. B.", "x" * 500])
def test_names_in_any_script_of_initials_or_of_any_length_reach_their_author_as_given(
    desk: Desk, add: Callable[..., None], name: str
):
    add(([name, "et al."], {}))
    author = find_author(desk, name).author
    assert author is not None
    assert author.name == name
    assert author.corpus.listed == 1


def test_a_paper_with_3303_authors_stands_on_the_page_of_each(desk: Desk, add: Callable[..., None]):
    add(([f"Person{number} Somebody" for number in range(3303)], {}))
    author = find_author(desk, "Person3302 Somebody").author
    assert author is not None
    assert (author.corpus.papers, len(author.corpus.coauthors)) == (1, 50)


def test_a_pick_list_tells_the_newest_paper(desk: Desk, add: Callable[..., None]):
    add((["Ada Ahn"], {"date": "2020", "title": "Old"}), (["Ada Ahn"], {"date": "2024", "title": "New"}))
    (choice,) = find_author(desk, "Ada").choices
    assert (choice.newest, choice.years) == ("New", "2020 to 2024")


def test_another_spelling_with_the_same_coauthors_is_proposed_and_not_counted(
    desk: Desk, add: Callable[..., None]
):
    add(
        (["Ludovic Arnaudon", "Berit Skjelbred", "Otto Rakovsky"], {}),
        (["L. Arnaudon", "Berit Skjelbred", "Otto Rakovsky"], {}),
        (["Lena Arnaudon", "Hanna Oye"], {}),
    )
    for name, other in (("Ludovic Arnaudon", "L. Arnaudon"), ("L. Arnaudon", "Ludovic Arnaudon")):
        author = find_author(desk, name).author
        assert author is not None
        assert author.corpus.papers == 1
        assert f"Perhaps also this person: {other}." in author.notices[-1]


def test_a_spelling_that_an_identifier_tells_apart_is_not_proposed(desk: Desk, add: Callable[..., None]):
    add(
        (["Wei Li", "Berit Skjelbred"], {"author_ids": ["~Wei_Li1", None]}),
        (["W. Li", "Berit Skjelbred"], {"author_ids": ["~W_Li1", None]}),
    )
    author = find_author(desk, "W. Li").author
    assert author is not None
    assert not any("Perhaps" in notice for notice in author.notices)


@pytest.mark.parametrize("typed", ["Kim Min-su", "Minsu Kim", "Kim"])
def test_a_korean_name_is_proposed_as_its_bearer_would_write_it(varied: Desk, typed: str):
    answer = find_author(varied, typed)
    assert answer.match is Match.CHOICES
    assert "김민수" in [choice.name for choice in answer.choices]


def test_names_are_found_after_the_index_was_deleted(tmp_path: Path):
    first = open_desk(tmp_path)
    import_files(first, [AUTHOR_PAGE], as_of=READ_ON)
    first.index.close()
    first.store.close()
    shutil.rmtree(first.settings.index_dir)
    again = open_desk(tmp_path)
    assert [choice.name for choice in find_author(again, "Pna Pan").choices][:1] == ["Pan Pan"]
    again.index.close()
    again.store.close()
