"""What tells the entries of a pick list apart: field, years, newest paper, co-authors, identifier.

Each entry costs a few bounded look-ups, also that of somebody with tens of thousands of papers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from sqlmodel import Session

from bot.authors.clusters import span
from bot.authors.results import AuthorChoice
from bot.corpus.identifiers import show_identifier
from bot.store import authors as store
from bot.store.corrections import lists_of

_PAPERS_LOOKED_AT = 200
"""The newest in the corpus: enough to tell the field; of more papers the years are not told."""
_LISTS_LOOKED_AT = 60
_COAUTHORS = 3


def author_choices(session: Session, ids: Sequence[int]) -> tuple[AuthorChoice, ...]:
    """Tell these entries apart, in their order; an unknown id is left out.

    Namesakes, whom their name does not tell apart, come with their most frequent co-authors.
    """
    entries = {entry.id: entry for entry in store.authors_by_id(session, ids)}
    bearers = Counter(entry.name_key for entry in entries.values())
    papers = store.papers_of_each(session, ids)
    identifiers: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for author_id, scheme, value in store.identifiers_of(session, ids):
        identifiers[author_id].append((scheme, value))
    choices: list[AuthorChoice] = []
    for author_id in ids:
        if author_id not in entries:
            continue
        newest = store.newest_papers_of(session, author_id, _PAPERS_LOOKED_AT)
        years = sorted(row.published[:4] for row in newest if row.published is not None)
        fields = Counter(row.field for row in newest if row.field is not None)
        namesakes = bearers[entries[author_id].name_key] > 1
        choices.append(
            AuthorChoice(
                author_id=author_id,
                name=entries[author_id].name,
                papers=papers.get(author_id, 0),
                field=min(fields, key=lambda field: (-fields[field], field), default=None),
                years=span(years) if papers.get(author_id, 0) <= _PAPERS_LOOKED_AT else None,
                coauthors=_coauthors(session, author_id, [row.id for row in newest]) if namesakes else (),
                identifier=show_identifier(identifiers[author_id]),
                newest=newest[0].title if newest else None,
            )
        )
    return tuple(choices)


def _coauthors(session: Session, author_id: int, papers: Sequence[int]) -> tuple[str, ...]:
    lists = lists_of(session, papers[:_LISTS_LOOKED_AT])
    people = Counter(other for one in lists.values() for other in set(one) if other != author_id)
    frequent = sorted(people, key=lambda other: (-people[other], other))[:_COAUTHORS]
    names = store.names_of(session, frequent)
    return tuple(names[other] for other in frequent if other in names)
