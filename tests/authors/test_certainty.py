"""How sure it is that an entry is one person: said in one line, where it tells something."""

from __future__ import annotations

import pytest

from bot.app import App
from bot.authors.certainty import Grounds, certainty, differing_names, hang_together, unlike_names
from bot.authors.corrections import merge_authors
from bot.authors.profile import author_by_id, find_author
from bot.authors.results import CoauthorCluster
from tests.authors.test_grouping import Add, career, regrouped, the, with_id


def said(app: App, name: str) -> str | None:
    found = the(app, name).certainty
    return found.sentence if found is not None else None


def circles(*papers: int) -> list[CoauthorCluster]:
    return [CoauthorCluster(count, ("Berit Skjelbred",), None) for count in papers]


def test_an_identifier_makes_sure_where_it_stands_on_most_papers(app: App, add: Add):
    add(with_id("Ada Ahn", "orcid", "0000-0002-1825-0097", "Bo Berg"), *career("Ada Ahn", 1, "Bo Berg"))
    regrouped(app)
    assert said(app, "Ada Ahn") == "Sure: an identifier stands on 1 of 2 papers."
    add(*career("Ada Ahn", 1, "Bo Berg"))
    regrouped(app)
    assert said(app, "Ada Ahn") == (
        "Likely one person: an identifier stands on 1 of 3 papers, and the others fit."
    )


def test_two_identifiers_of_one_source_are_not_sure_to_be_one_persons(app: App, add: Add):
    add(with_id("Ada Ahn", "orcid", "0000-0002-1825-0097", "Bo Berg"))
    add(with_id("Ada Ahn", "orcid", "0000-0001-5109-3700", "Bo Berg"))
    regrouped(app)
    one, other = find_author(app, "Ada Ahn").choices
    merge_authors(app, other.author_id, one.author_id, reason="one person", made_by=1)
    assert said(app, "Ada Ahn") == (
        "Likely one person: an identifier stands on both papers, though two of one source are given."
    )


def test_who_stands_beside_somebody_in_a_list_is_not_perhaps_the_same(app: App, add: Add):
    add((["Masaki Tanaka", "Misaki Tanaka", "Bo Berg"], {}), (["Masaki Tanaka", "Bo Berg"], {}))
    regrouped(app)
    answer = find_author(app, "Masaki Tanaka")
    assert answer.author is not None
    assert [choice.name for choice in answer.choices] == []


def test_a_name_that_several_bear_is_open_on_the_card_of_each(app: App, add: Add):
    for value in "123":
        rows = [(["Wei Li", f"Somebody {value}"], {}), (["Wei Li", f"Somebody {value}"], {})]
        add(with_id("Wei Li", "orcid", f"0000-000{value}"), *rows)
    regrouped(app)
    answer = find_author(app, "Wei Li")
    assert answer.author is None
    open_ones = [
        author.certainty.sentence
        for choice in answer.choices
        if (author := author_by_id(app, choice.author_id)) is not None
        and author.certainty is not None
        and not author.identifiers
    ]
    assert all("people here bear this name" in one for one in open_ones)


def test_papers_that_several_coauthors_hold_together_are_sure(app: App, add: Add):
    add(*career("Yoshihiko Nakamura", 5))
    assert said(app, "Yoshihiko Nakamura") == (
        "Sure: all 5 papers hang together by several shared co-authors."
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Claudio Skjelbred", "Claudia Skjelbred"),
        ("Daniele Skjelbred", "Daniel Skjelbred"),
        ("Eunjin Skjelbred", "Eunji Skjelbred"),
        ("Yurii Skjelbred", "Yury Skjelbred"),
    ],
)
def test_names_that_may_be_of_two_people_are_not_sure_to_be_of_one(app: App, add: Add, one: str, other: str):
    add(*career(one, 3), *career(other, 2))
    regrouped(app)
    assert said(app, one) == (
        "Likely one person: all 5 papers hang together by several shared co-authors, though "
        f"{one} and {other} are printed."
    )


def test_a_name_in_initials_that_another_may_be_meant_by_is_not_sure(app: App, add: Add):
    add(*career("J. Sundqvist", 6), *career("John Sundqvist", 5), *career("Jane Sundqvist", 4))
    regrouped(app)
    sentence = said(app, "John Sundqvist") or ""
    assert sentence.startswith("Likely one person: ")
    assert sentence.endswith("though J. Sundqvist may also be Jane Sundqvist.")
    add(*career("P. Andersson", 6), *career("Per Andersson", 5))
    regrouped(app)
    assert (said(app, "Per Andersson") or "").startswith("Sure: ")


@pytest.mark.parametrize(
    ("printed", "differ"),
    [
        ([("Maria Rossi", 5), ("Mario Rossi", 3)], True),
        ([("Maria Rossi", 30), ("Mario Rossi", 1)], False),
        ([("Anna Maria Rossi", 5), ("Anna Lucia Rossi", 3)], True),
        ([("Evgeny Chernov", 5), ("Евгений Чернов", 3)], False),
        ([("Mike Collins", 5), ("Michael Collins", 3), ("M. Collins", 2)], False),
        ([("Tohru Tanaka", 5), ("Toru Tanaka", 3), ("Tanaka Toru", 3)], False),
        ([("John Smith", 5), ("John A. Smith", 3), ("J. A. Smith", 3)], False),
    ],
)
def test_names_differ_where_they_may_be_of_two_people(printed: list[tuple[str, int]], differ: bool):
    assert (differing_names(printed) is not None) is differ


def test_one_coauthor_alone_is_no_strong_evidence(app: App, add: Add):
    add(*career("Yoshihiko Nakamura", 5, "Berit Skjelbred"))
    assert said(app, "Yoshihiko Nakamura") is None
    everybody = list(range(3000))
    assert not hang_together([everybody, everybody, everybody])


def test_circles_without_a_common_coauthor_may_be_so_many_people(app: App, add: Add):
    for circle in "abc":
        add(*career("Jun Li", 2, f"Berit {circle}x", f"Otto {circle}y"))
    assert said(app, "Jun Li") == (
        "Open: three people may be behind this name: the papers fall into three circles without a common "
        "co-author."
    )


def test_nothing_is_said_where_there_is_nothing_to_say(app: App, add: Add):
    add((["Robin Singular"], {}), *career("Ada Ahn", 2))
    assert said(app, "Robin Singular") is None
    assert said(app, "Ada Ahn") is None


@pytest.mark.parametrize(
    ("grounds", "sentence"),
    [
        (
            Grounds(12, clusters=circles(9, 1, 1, 1), is_grouped=True),
            "Likely one person: the names fit, though 3 of 12 papers share no visible co-author "
            "with the others.",
        ),
        (
            Grounds(3, clusters=circles(1, 1, 1), cut=3),
            "Open: several people may be behind this name: no two of the papers share a visible co-author "
            "(3 of 3 lists are cut).",
        ),
        (
            Grounds(3, clusters=[CoauthorCluster(1, (), None)] * 3, is_grouped=True),
            "Likely one person: the names fit, though the papers name no co-authors.",
        ),
        (
            Grounds(2, clusters=circles(2), differing=("Claudio Rossi", "Claudia Rossi")),
            "Likely one person: the papers share co-authors, though Claudio Rossi and Claudia Rossi are "
            "printed.",
        ),
        (
            Grounds(8, identified=8, of_one_scheme=2),
            "Likely one person: an identifier stands on all 8 papers, though two of one source are given.",
        ),
        (
            Grounds(2, identified=2, unlike=("Barnaby Quill", "Nomvula Dlamini")),
            "Likely one person: an identifier stands on both papers, though Barnaby Quill and Nomvula "
            "Dlamini are printed.",
        ),
        (
            Grounds(300, clusters=circles(48, 12, 9, 1), is_grouped=True),
            "Open: the names fit, but the papers fall into three circles without a common co-author.",
        ),
        (
            Grounds(4, bearers=12),
            "Open: 12 people here bear this name, so some of the papers may be another’s.",
        ),
        (Grounds(1, bearers=2), "Open: two people here bear this name, so the paper may be another’s."),
    ],
)
def test_what_the_grounds_make_of_it(grounds: Grounds, sentence: str):
    found = certainty(grounds)
    assert found is not None
    assert found.sentence == sentence


@pytest.mark.parametrize(
    ("one", "other", "differ", "are_unlike"),
    [
        ("Jürgen Mäßmüller", "Juergen Maessmueller", False, False),
        ("Claudio Rossi", "Claudia Rossi", True, False),
        ("Barnaby Quill", "Nomvula Dlamini", True, True),
        ("Maria Jansen", "Maria Visser", True, False),
        ("Vladimir Orlov", "Владимир Орлов", False, False),
    ],
)
def test_names_of_two_people_are_told_from_other_spellings(
    one: str, other: str, differ: bool, are_unlike: bool
):
    printed = [(one, 3), (other, 3)]
    assert (differing_names(printed) is not None) is differ
    assert (unlike_names(printed) is not None) is are_unlike
