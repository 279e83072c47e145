from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.authors.evaluation import b_cubed, pairwise
from bot.corpus.institutions import place_words
from bot.disambiguation import blocks, grouping
from bot.disambiguation.blocks import FEWEST_NEIGHBOURS, blocks_of
from bot.disambiguation.collection_counts import CollectionCounts, Counting
from bot.disambiguation.evidence import Evidence, Group
from bot.disambiguation.grouping import group_mentions
from bot.disambiguation.name_forms import NameForm, NameMention, form_of, words_of
from bot.disambiguation.name_relations import FormRelation, compare_forms


def mention(name: str, paper: str, coauthors: str = "", title: str = "", **more: object) -> NameMention:
    others = tuple(form_of(one) for one in coauthors.split(", ") if one)
    return NameMention(form_of(name), paper, others, words=words_of(title), **more)  # type: ignore[arg-type]


def test_a_spelling_joins_through_a_shared_coauthor():
    groups = group_mentions(
        [
            mention("Ludovic Arnaudon", "1", "Berit Skjelbred, Otto Rakovsky"),
            mention("L. Arnaudon", "2", "Berit Skjelbred, Hanna Oye"),
        ]
    )
    assert groups == [0, 0]


def test_namesakes_of_a_common_name_stay_apart_without_evidence():
    assert group_mentions(
        [
            mention("Wei Wang", "1", "Berit Skjelbred", "Parsing of sentences", year=2003),
            mention("Wei Wang", "2", "Otto Rakovsky", "Routing in sensor networks", year=2019),
        ]
    ) == [0, 1]


def test_a_common_name_joins_through_rare_coauthors():
    groups = group_mentions(
        [
            mention("Wei Wang", "1", "Berit Skjelbred, Otto Rakovsky"),
            mention("Wei Wang", "2", "Berit Skjelbred, Otto Rakovsky"),
            mention("Wei Wang", "3", "Hanna Oye"),
        ]
    )
    assert groups == [0, 0, 1]


def test_who_is_not_named_is_a_person_alone():
    assert group_mentions(
        [mention("", "1", "Berit Skjelbred"), mention("...", "2", "Berit Skjelbred"), mention("", "3")]
    ) == [0, 1, 2]


def test_two_of_one_name_on_one_paper_are_two_people():
    assert group_mentions(
        [mention("Wei Wang", "1", "Berit Skjelbred"), mention("Wei Wang", "1", "Berit Skjelbred")]
    ) == [0, 1]


def test_different_full_names_are_never_joined_by_an_initial_between_them():
    groups = group_mentions(
        [
            mention("Jarla Novotny", "1", "Berit Skjelbred, Otto Rakovsky"),
            mention("J. Novotny", "2", "Berit Skjelbred, Otto Rakovsky"),
            mention("Jindra Novotny", "3", "Berit Skjelbred, Otto Rakovsky"),
        ]
    )
    assert groups[0] != groups[2]


def career(name: str, papers: range, coauthors: str = "Berit Skjelbred, Otto Rakovsky") -> list[NameMention]:
    return [mention(name, str(paper), coauthors) for paper in papers]


def test_one_odd_name_among_many_does_not_part_two_careers():
    rows = career("Aravind Joshi", range(20)) + career("Aravind K. Joshi", range(20, 40), "Hanna Oye")
    rows += [mention("Aravind T. Joshi", "40", "Berit Skjelbred, Otto Rakovsky")]
    rows += [mention("Aravind K. Joshi", "41", "Berit Skjelbred, Otto Rakovsky, Hanna Oye")]
    assert len(set(group_mentions(rows)[:40])) == 1


def test_a_name_twice_in_one_list_does_not_part_two_careers():
    rows = career("Pushpak Bhattacharyya", range(30)) + career("Pushpak K. Bhattacharyya", range(29, 45))
    assert len(set(group_mentions(rows))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hiroki Suzuki", "Hiroko Suzuki"),
        ("Hans Brückner", "Johannes Brückner"),
        ("J. Andersson", "John Andersson"),
        ("Robert Fischer", "Robert Fischer Jr."),
        ("Martin Thomas", "Thomas Martin"),
        ("Marcos García", "Marcos García Salido"),
    ],
)
def test_two_names_in_one_list_are_two_people_however_much_they_share(one: str, other: str):
    groups = group_mentions(career(one, range(30)) + career(other, range(29, 45)))
    assert len(set(groups[:30]) | set(groups[30:])) == 2


def test_a_fuller_name_has_both_of_its_shorter_ones():
    rows = career("Dipti Misra Sharma", range(4)) + career("Dipti Misra", range(4, 6))
    rows += career("Dipti Sharma", range(6, 9))
    assert len(set(group_mentions(rows))) == 1


def test_an_affiliation_tells_namesakes_apart_and_joins_one_persons_papers():
    def at(paper: str, place: str) -> NameMention:
        return mention("Wei Wang", paper, affiliations=frozenset({place_words(place)}))

    elsewhere = [
        mention(f"Person {chr(97 + number)}", f"p{number}", affiliations=frozenset({f"town{number}"}))
        for number in range(26)
    ]
    rows = [
        at("1", "University of Rostock"),
        at("2", "Dept. of Physics, Universität Rostock"),
        at("3", "Kyoto University"),
        *elsewhere,
    ]
    assert group_mentions(rows)[:3] == [0, 0, 1]


def test_a_paper_with_3303_authors_an_empty_name_and_a_name_of_initials_do_no_harm():
    crowd = ", ".join(f"Person{number} Somebody{number}" for number in range(3303))
    groups = group_mentions(
        [
            mention("", "1", crowd),
            mention("J. K.", "2", crowd),
            mention("x" * 500, "3"),
            mention("محمد علي", "4"),
            mention("et al.", "5"),
        ]
    )
    assert len(groups) == 5


names = st.sampled_from(["Wei Wang", "W. Wang", "Wei Li", "Li Wei", "Ada Lovelace", "A. Lovelace", ""])


@settings(deadline=None)
@given(st.lists(st.tuples(names, st.integers(0, 5), st.lists(names, max_size=3)), max_size=12), st.randoms())
def test_grouping_is_the_same_each_time_and_never_joins_two_of_one_paper(rows, chance: random.Random):
    mentions = [mention(name, str(paper), ", ".join(others)) for name, paper, others in rows]
    groups = group_mentions(mentions)
    assert groups == group_mentions(mentions)
    together = [(group, one.paper) for group, one in zip(groups, mentions, strict=True)]
    assert len(together) == len(set(together))


@settings(deadline=None)
@given(st.lists(st.tuples(names, st.integers(0, 5), st.lists(names, max_size=3)), min_size=1, max_size=12))
def test_by_one_snapshot_people_are_grouped_alike_each_time(rows):
    mentions = [mention(name, str(paper), ", ".join(others)) for name, paper, others in rows]
    snapshot = Counting(mentions).counts(mentions).dump()
    found = group_mentions(mentions, CollectionCounts.load(snapshot))
    assert found == group_mentions(mentions, CollectionCounts.load(snapshot))
    assert CollectionCounts.load(snapshot).dump() == snapshot


def test_places_show_whether_a_common_name_is_one_persons_here():
    """Of one place each time it is one person, also where a place is not given; of many places it is not."""
    place = frozenset({"rostock"})
    one = [mention("Wei Wang", str(number), affiliations=place) for number in range(8)]
    many = [mention("Wei Li", str(number), affiliations=frozenset({f"town{number}"})) for number in range(8)]
    groups = group_mentions([*one, mention("Wei Wang", "x"), *many, mention("Wei Li", "y")])
    assert groups[8] == groups[0]
    assert len(set(groups[9:])) == 9


def test_more_groups_of_one_place_than_are_compared_are_one_person():
    def at(name: str, paper: str, place: str) -> NameMention:
        return mention(name, paper, affiliations=frozenset({place}))

    rows = [at("Wei Wang", f"{number}", "microsoft") for number in range(45)]
    rows += [at("Wei Wang", f"{number}b", f"town{number}") for number in range(55)]
    rows += [at(f"Person{number} Name", f"{number}c", f"city{number}") for number in range(900)]
    assert len(set(group_mentions(rows)[:45])) == 1


def test_agreement_counts_pairs_and_mentions():
    groups, people = [0, 0, 1, 1], ["a", "a", "a", "b"]
    found = pairwise(groups, people)
    assert (found.precision, found.recall) == (1 / 2, 1 / 3)
    each = b_cubed(groups, people)
    assert each.precision == (1 + 1 + 1 / 2 + 1 / 2) / 4
    assert each.recall == (2 / 3 + 2 / 3 + 1 / 3 + 1) / 4


def test_a_list_of_thousands_of_like_names_costs_little(monkeypatch: pytest.MonkeyPatch):
    compared: list[NameForm] = []

    def counted(one: NameForm, other: NameForm) -> FormRelation | None:
        compared.append(one)
        return compare_forms(one, other)

    monkeypatch.setattr(blocks, "PAIRS_OF_A_KEY", 2_000)
    monkeypatch.setattr(blocks, "compare_forms", counted)
    names = [*(f"Author {number:04} of Many" for number in range(500)), "Austin J. Many", "Austin James Many"]
    mentions = [NameMention(form_of(name), str(number)) for number, name in enumerate(names)]
    found = list(blocks_of(mentions))
    assert len(compared) < 500 * FEWEST_NEIGHBOURS * 8  # each has eight keys at most; all pairs are 125,000
    assert [500, 501] in found
    assert len(found) == 501


def test_hundreds_of_names_that_are_all_alike_are_compared_so_often_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
):
    asked: list[Group] = []

    def counted(evidence: Evidence, one: Group, other: Group) -> float | None:
        asked.append(one)
        return between(evidence, one, other)

    between = Evidence.between
    monkeypatch.setattr(Evidence, "between", counted)
    monkeypatch.setattr(grouping, "PAIRS_OF_A_BLOCK", 2_000)
    monkeypatch.setattr(grouping, "COMPARISONS_OF_A_BLOCK", 1_000)
    letters = "abcdefghij"
    names = [f"Annabel Bergstr{one}{other}msson" for one in letters for other in letters]
    rows = [mention(name, f"{name} {number}") for name in names for number in range(4)]
    rows += [mention("Tarjei Blom", f"{number}", "Hanna Oye") for number in range(3)]
    groups = group_mentions(rows)
    assert 900 <= len(asked) <= 1_100  # of 80,000 pairs
    assert len(set(groups[-3:])) == 1


def test_a_very_large_block_is_parted_but_for_what_is_linked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blocks, "MENTIONS_OF_A_BLOCK", 5)
    rows = [mention("Poesio Massimo", "1"), *(mention("Massimo Poesio", f"{number}b") for number in range(4))]
    assert sorted(map(len, blocks_of(rows))) == [5]
    rows += [mention("M. Poesio", "6")]
    assert sorted(map(len, blocks_of(rows))) == [1, 5]
    linked = [replace(one, identifiers=(("orcid", "0000"),)) for one in (rows[0], rows[1])]
    assert sorted(map(len, blocks_of([*linked, *rows[2:]]))) == [6]
