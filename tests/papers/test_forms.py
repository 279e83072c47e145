"""One thing in its many forms: what is typed otherwise than it is written finds its paper first and in full.

The tables in tests/papers/forms: words and formulae, names as they are cited, other languages, and what is no
word (identifiers, quotes, filters). "=" begins a paper, lines with a key are its facts, ">" has what finds it
first, and "x" what does not find it in full; "↵" stands for the end of a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.papers.results import SearchRequest
from bot.papers.search import find_paper, search
from tests.apps import add, close_app, open_app
from tests.papers.conftest import bold, find, titles

TABLES = Path(__file__).parent / "forms"


@dataclass(slots=True)
class Wanted:
    """A paper of a table."""

    row: dict[str, Any]
    first_for: list[str] = field(default_factory=list[str])
    not_for: list[str] = field(default_factory=list[str])


def read(name: str) -> list[Wanted]:
    found: list[Wanted] = []
    for line in (TABLES / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        begun, _, rest = line.partition(" ")
        match begun:
            case "":
                continue
            case "=":
                found.append(Wanted({"title": rest}))
            case ">":
                found[-1].first_for += rest.replace("↵", "\n").split(" | ")
            case "x":
                found[-1].not_for += rest.split(" | ")
            case "authors:":
                found[-1].row["authors"] = rest.split("; ")
            case _:
                found[-1].row[begun.removesuffix(":")] = rest
    return found


NAMES = sorted(path.stem for path in TABLES.glob("*.txt"))
WANTED = {name: read(name) for name in NAMES}


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, App]]:
    apps = {name: open_app(tmp_path_factory.mktemp(name)) for name in NAMES}
    for name, app in apps.items():
        add(app, *(wanted.row for wanted in WANTED[name]))
    yield apps
    for app in apps.values():
        close_app(app)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        pytest.param(name, wanted, id=wanted.row["title"])
        for name in NAMES
        for wanted in WANTED[name]
        if wanted.first_for
    ],
)
def test_a_paper_is_found_first_and_in_full_in_each_form(apps: dict[str, App], name: str, wanted: Wanted):
    first = {query: titles(find(apps[name], query))[:1] for query in wanted.first_for}
    assert first == {query: [wanted.row["title"]] for query in wanted.first_for}


@pytest.mark.parametrize(
    ("name", "query", "other"),
    [
        (name, query, wanted.row["title"])
        for name in NAMES
        for wanted in WANTED[name]
        for query in wanted.not_for
    ],
)
def test_what_is_alike_in_letters_alone_is_not_found(apps: dict[str, App], name: str, query: str, other: str):
    assert other not in titles(find(apps[name], query))


@pytest.mark.parametrize(
    "query", ['"privacy paradox"', "'privacy paradox'", '"privacy paradox', "《privacy paradox》"]
)
def test_a_quoted_phrase_is_found_alone(apps: dict[str, App], query: str):
    assert [hit.paper.title for hit in find(apps["reading"], query).hits] == ["The privacy paradox of buoys"]


@pytest.mark.parametrize("text", ["see arXiv:2103.00999", "arXiv_2103.00999v2.pdf"])
def test_a_paper_is_named_by_an_identifier_among_words(apps: dict[str, App], text: str):
    paper = find_paper(apps["reading"], text).paper
    assert paper is not None
    assert paper.title == "Learning ropes from captions"


@pytest.mark.parametrize(
    ("query", "marked"),
    [("C++ library", "C++"), ("10000 km", "10,000"), ("lego", "LEGO"), ("AB testing", "B")],
)
def test_forms_are_marked_where_they_stand(apps: dict[str, App], query: str, marked: str):
    assert marked in bold(find(apps["words"], query).hits[0])


def test_spellings_are_named_only_where_they_changed_the_answer(empty_app: App):
    add(empty_app, {"title": "Colour of ropes"}, {"title": "Color of buoys"})
    assert search(empty_app, SearchRequest("color ropes")).variants == ("colour",)
    assert search(empty_app, SearchRequest("color buoys")).variants == ()


def test_middle_initials_are_no_other_authors_initials(empty_app: App):
    add(
        empty_app,
        {"title": "Of the one", "authors": ["Ming Y. Lu", "Ada Example"]},
        {"title": "Of others", "authors": ["Yue Ming", "Wei Lu"]},
        {"title": "Of another", "authors": ["Yan Lu", "Ming Wu"]},
    )
    assert titles(find(empty_app, "Ming Y. Lu")) == ["Of the one"]
    assert titles(find(empty_app, "Y. Lu")) == ["Of another"]


def test_initials_choose_among_people_of_one_family_name(empty_app: App):
    add(
        empty_app,
        {"title": "Of Diederik", "authors": ["Diederik P. Kingma"]},
        {"title": "Of Bo", "authors": ["Bo Kingma"], "abstract": "In 2-D and d dimensions, p of them."},
    )
    for typed in ("D. P. Kingma", "D. Kingma", "Kingma, D.P.", 'author:"D. Kingma"', "author: D. P. Kingma"):
        assert titles(find(empty_app, typed)) == ["Of Diederik"]


@pytest.mark.parametrize("typed", ["t test", "test t"])
def test_a_letter_and_a_word_are_sought_side_by_side(empty_app: App, typed: str):
    add(
        empty_app,
        {
            "title": "A test of ropes",
            "abstract": "The t of a rope. Test each t of a test, then t again: a test.",
        },
        {"title": "Sharks", "abstract": "By a t-test." if typed == "t test" else "Of test T."},
        *({"title": f"Test {number}", "abstract": "A test. The time t."} for number in range(3)),
    )
    assert titles(find(empty_app, typed))[0] == "Sharks"
