"""Papers as lists and cards show them, loaded by id."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from bot.papers.results import Paper
from bot.store.engine import Store
from bot.store.papers import facts_by_id, listed, living_papers


def load_papers(session: Session, ids: Sequence[int]) -> dict[int, Paper]:
    """These papers by id, in the order of `ids`; an id that the corpus lacks is left out.

    The id of a merged paper stands for the paper that it was merged into, unless that one is asked for too.
    """
    if not ids:
        return {}
    found = {paper_id: Paper(**facts) for paper_id, facts in facts_by_id(session, ids).items()}
    if len(found) < len(set(ids)):
        into = living_papers(session, [paper_id for paper_id in ids if paper_id not in found])
        living = load_papers(session, [one for one in dict.fromkeys(into.values()) if one not in found])
        for paper_id, into_id in into.items():
            if into_id in living:
                found[paper_id] = living.pop(into_id)
    return {paper_id: found[paper_id] for paper_id in ids if paper_id in found}


def list_papers(store: Store, ids: Sequence[int]) -> dict[int, Paper]:
    """What `load_papers` loads, at the price that every search can afford."""
    found = listed(store, ids)
    if len(found) < len(set(ids)):
        with store.reading() as session:
            return load_papers(session, ids)
    return {paper_id: Paper(**found[paper_id]) for paper_id in ids}
