from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from bot.disambiguation.coauthor_lists import CoauthorLists

NAMES = st.sampled_from("abcdefgh")


@given(st.lists(st.lists(NAMES, unique=True)), st.sets(NAMES))
def test_who_is_beside_whom_is_as_the_lists_say(papers: list[list[str]], asked: set[str]):
    expected = {name for paper in papers if not asked.isdisjoint(paper) for name in paper}
    lists = CoauthorLists(papers)
    part: CoauthorLists = pickle.loads(pickle.dumps(lists.part(asked)))
    assert set(lists.beside(asked)) == set(part.beside(asked)) == expected
    assert part.known == lists.known == max(len({name for paper in papers for name in paper}), 1)
