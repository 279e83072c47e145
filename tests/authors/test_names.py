"""Names as people type them: pick lists, suggestions, proposals."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.app import App
from bot.authors.profile import author_by_id, find_author, suggest_authors
from bot.ingest.importer import import_files
from bot.papers.results import Match
from bot.search.tantivy.index import SearchIndex
from tests.apps import READ_ON, open_app
from tests.authors.conftest import names
from tests.conftest import AUTHOR_PAGE


def test_names_alike_come_best_fit_first_then_best_known(app: App, add: Callable[..., None]):
    add(
        (["Kun Yuan", "Kan Yuan", "Kunal Yuan"], {}),
        (["Kunal Yuan", "Yuan Kun Xu", "Xu Yuan"], {}),
        (["Kan Yuan"], {}),
    )
    # The same parts; then parts that go on, the one with more papers first; then a wrong letter.
    assert names(find_author(app, "Yuan Kun", exactly=True)) == [
        "Kun Yuan",
        "Yuan Kun Xu",
        "Kunal Yuan",
        "Kan Yuan",
    ]
    # Initials fit; of those that fit equally well the best known stand first.
    assert names(find_author(app, "K. Yuan"))[:2] == ["Kan Yuan", "Kunal Yuan"]


def test_initials_in_the_corpus_fit_the_whole_name_and_initials_alone_fit_nobody(
    app: App, add: Callable[..., None]
):
    add((["L. van der Maaten", "L. V. D. M."], {}))
    assert names(find_author(app, "Laurens van der Maaten")) == ["L. van der Maaten"]


def test_the_only_author_whom_a_name_fits_is_answered_as_likely(varied: App):
    answer = find_author(varied, "L. van der Maaten")
    assert answer.author is not None
    assert (answer.author.name, answer.is_likely) == ("Laurens van der Maaten", True)
    assert not find_author(varied, "Prof. Laurens van der Maaten").is_likely


def test_an_identifier_is_read_wherever_it_stands(app: App, add: Callable[..., None]):
    add((["Ada Ahn"], {"author_ids": ["0000-0002-1825-0097"]}))
    for typed in (
        "0000-0002-1825-0097",
        "ORCID: 0000-0002-1825-0097",
        "https://orcid.org/0000-0002-1825-0097?lang=en",
        "<https://orcid.org/0000-0002-1825-0097>",
        "see https://orcid.org/0000-0002-1825-0097.",
        "Ada Ahn (0000-0002-1825-0097)",
        "Ada Ahn https://orcid.org/0000-0002-1825-0097",
    ):
        author = find_author(app, typed).author
        assert author is not None
        assert author.name == "Ada Ahn"


def test_nobody_similar_is_none(shipped: App):
    for typed in (
        "Xqzw Vkjb",
        "",
        "...",
        "author:",
        f"author:{10**30}",
        "orcid:0000-0001-2345-6789",
    ):
        answer = find_author(shipped, typed)
        assert (answer.match, answer.author, answer.choices) == (Match.NONE, None, ())


def test_an_unknown_id_has_no_author(shipped: App):
    assert author_by_id(shipped, 10**6) is None
    assert author_by_id(shipped, 10**30) is None
    assert author_by_id(shipped, 0) is None


def test_suggestions_begin_with_the_best_known_and_lead_to_the_author(shipped: App):
    assert suggest_authors(shipped, "")[0].label == "Pan Pan · 26 papers"
    first = suggest_authors(shipped, "pan p")[0]
    assert find_author(shipped, first.value).author is not None
    # Names with a wrong letter, such as Yanhao Zhang, come after those that are begun.
    assert suggest_authors(shipped, "Zheng Y")[0].label == "Yun Zheng · 7 papers"
    assert suggest_authors(shipped, "yanhoa")[0].label == "Yanhao Zhang · 5 papers"
    assert suggest_authors(shipped, "?!") == ()
    assert len(suggest_authors(shipped, "", limit=3)) == 3


def test_suggestions_tell_namesakes_apart_and_fit_discord(app: App, add: Callable[..., None]):
    long = "Very " * 40 + "Long"
    add(
        (["Wei Li", long], {"author_ids": ["~Wei_Li1", None]}),
        (["Wei Li"], {"author_ids": ["~Wei_Li2"]}),
        (["Wei Li"], {}),
    )
    assert {choice.label for choice in suggest_authors(app, "wei")} == {
        "Wei Li · 1 paper · ~Wei_Li1",
        "Wei Li · 1 paper · ~Wei_Li2",
        "Wei Li · 1 paper · no identifier",
    }
    (shown,) = suggest_authors(app, "very")
    assert len(shown.label) == 100
    assert shown.label.endswith("… · 1 paper")


def test_names_are_found_again_where_their_index_was_deleted_or_damaged(app: App, add: Callable[..., None]):
    add((["Kun Yuan"], {}))
    for file in (app.settings.index_dir / "people").iterdir():
        file.write_bytes(b"\0" * 10)
    again = SearchIndex(app.settings.index_dir)
    assert again.names.revision is None
    again.catch_up(app.store)
    assert [candidate.name_key for candidate in again.names.having(["yuan"], 5)] == ["kun yuan"]
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
def test_names_are_found_as_people_type_them_where_only_an_exact_name_is_answered(
    varied: App, typed: str, name: str
):
    answer = find_author(varied, typed, exactly=True)
    assert answer.match is Match.CHOICES
    assert names(answer)[0] == name


@pytest.mark.parametrize("name", ["王伟", "김민수", "山田太郎", "محمد علي", "A. B.", "x" * 500])
def test_names_in_any_script_of_initials_or_of_any_length_reach_their_author_as_given(
    app: App, add: Callable[..., None], name: str
):
    add(([name, "et al."], {}))
    author = find_author(app, name).author
    assert author is not None
    assert author.name == name
    assert author.corpus.listed == 1


def test_a_paper_with_3303_authors_stands_on_the_page_of_each(app: App, add: Callable[..., None]):
    add(([f"Person{number} Somebody" for number in range(3303)], {}))
    author = find_author(app, "Person3302 Somebody").author
    assert author is not None
    assert (author.corpus.papers, len(author.corpus.coauthors)) == (1, 50)


def test_a_pick_list_tells_the_newest_paper(app: App, add: Callable[..., None]):
    add((["Ada Ahn"], {"date": "2020", "title": "Old"}), (["Ada Ahn"], {"date": "2024", "title": "New"}))
    (choice,) = find_author(app, "Ada").choices
    assert (choice.newest, choice.years) == ("New", "2020 to 2024")


def test_another_spelling_with_the_same_coauthors_is_proposed_and_not_counted(
    app: App, add: Callable[..., None]
):
    add(
        (["Ludovic Arnaudon", "Berit Skjelbred", "Otto Rakovsky"], {}),
        (["L. Arnaudon", "Berit Skjelbred", "Otto Rakovsky"], {}),
        (["Lena Arnaudon", "Hanna Oye"], {}),
    )
    for name, other in (("Ludovic Arnaudon", "L. Arnaudon"), ("L. Arnaudon", "Ludovic Arnaudon")):
        author = find_author(app, name).author
        assert author is not None
        assert author.corpus.papers == 1
        assert f"Perhaps also this person: {other}." in author.notices[-1]


def test_a_spelling_that_an_identifier_tells_apart_is_not_proposed(app: App, add: Callable[..., None]):
    add(
        (["Wei Li", "Berit Skjelbred"], {"author_ids": ["~Wei_Li1", None]}),
        (["W. Li", "Berit Skjelbred"], {"author_ids": ["~W_Li1", None]}),
    )
    author = find_author(app, "W. Li").author
    assert author is not None
    assert not any("Perhaps" in notice for notice in author.notices)


@pytest.mark.parametrize("typed", ["Kim Min-su", "Minsu Kim", "Kim"])
def test_a_korean_name_is_proposed_as_its_bearer_would_write_it(varied: App, typed: str):
    answer = find_author(varied, typed)
    assert answer.match is Match.CHOICES
    assert "김민수" in [choice.name for choice in answer.choices]


def test_names_are_found_after_the_index_was_deleted(tmp_path: Path):
    first = open_app(tmp_path)
    import_files(first, [AUTHOR_PAGE], as_of=READ_ON)
    first.index.close()
    first.store.close()
    shutil.rmtree(first.settings.index_dir)
    again = open_app(tmp_path)
    assert [choice.name for choice in find_author(again, "Pna Pan").choices][:1] == ["Pan Pan"]
    again.index.close()
    again.store.close()
