from __future__ import annotations

from bot.disambiguation.grouping import group_mentions
from bot.disambiguation.name_ambiguity import USUAL, name_ambiguity
from bot.disambiguation.name_forms import NameMention, form_of


def name(number: int) -> str:
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}")
    return f"Q{letters} Z{letters}ov"


def two_papers_each(people: int, shared_by: int) -> list[NameMention]:
    """Two papers under each name; of so many names both have a co-author in common."""
    found: list[NameMention] = []
    for number in range(people):
        for paper in (0, 1):
            other = name(1000 + number) if number < shared_by else name(2000 + 2 * number + paper)
            found.append(NameMention(form_of(name(number)), f"{number}/{paper}", (form_of(other),)))
    return found


def test_few_names_tell_nothing():
    assert name_ambiguity(two_papers_each(20, 0), lambda _: 1.0) is USUAL


def test_names_are_trusted_less_where_their_papers_share_no_coauthors():
    trusted = name_ambiguity(two_papers_each(400, 160), lambda _: 1.0)
    doubted = name_ambiguity(two_papers_each(400, 20), lambda _: 1.0)
    assert trusted.of(1.0) > 1.0 > -1.0 > doubted.of(1.0)


def test_an_exact_name_is_one_person_or_not_as_the_collection_shows():
    apart = [NameMention(form_of(name(9)), "one", (form_of(name(11)),)), NameMention(form_of(name(9)), "two")]
    trusted = group_mentions([*apart, *(m for m in two_papers_each(400, 160) if m.form != apart[0].form)])
    doubted = group_mentions([*apart, *(m for m in two_papers_each(400, 0) if m.form != apart[0].form)])
    assert trusted[0] == trusted[1]
    assert doubted[0] != doubted[1]
