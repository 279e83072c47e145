"""Who is named beside whom: the graph of people and papers, asked a level at a time."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import Session

from bot.store.bulk import rows_with
from bot.store.tables import attribution, authorship

Links = dict[tuple[int, int], bool]
"""(paper id, author id) -> whether the list names the person; else the paper stands on their page."""


def links_of_people(session: Session, ids: Collection[int]) -> Links:
    """The papers of these people."""
    pages = select(attribution.c.paper_id, attribution.c.author_id)
    lists = select(authorship.c.paper_id, authorship.c.author_id)
    links: Links = {
        (row[0], row[1]): False for row in rows_with(session, pages, attribution.c.author_id, ids)
    }
    links.update({(row[0], row[1]): True for row in rows_with(session, lists, authorship.c.author_id, ids)})
    return links


def links_of_papers(session: Session, ids: Collection[int]) -> Links:
    """The people of these papers."""
    pages = select(attribution.c.paper_id, attribution.c.author_id)
    lists = select(authorship.c.paper_id, authorship.c.author_id)
    links: Links = {(row[0], row[1]): False for row in rows_with(session, pages, attribution.c.paper_id, ids)}
    links.update({(row[0], row[1]): True for row in rows_with(session, lists, authorship.c.paper_id, ids)})
    return links
