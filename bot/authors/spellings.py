"""Other entries that are likely the same person under another spelling: proposed, never merged unasked."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from bot.authors.results import Author
from bot.corpus.names import name_key
from bot.disambiguation.grouping import group_mentions
from bot.disambiguation.name_forms import NameForm, NameMention, form_of, form_relation, words_of
from bot.search.names_index import NamesIndex
from bot.store import authors as store
from bot.store.corrections import lists_of

_CANDIDATES, _COMPARED = 60, 5
_PAPERS = 40
"""Of each entry, the newest in the corpus."""


def spelling_notice(session: Session, people: NamesIndex, author: Author) -> str | None:
    """Name the entries whose papers make it likely that they are this person, where there are any."""
    form = form_of(author.name)
    ids = _candidates(people, author, form)
    own = _coauthors(session, author.id)
    theirs = {one: _coauthors(session, one) for one in ids}
    ids = [one for one in ids if any(own_list & list_ for own_list in own for list_ in theirs[one])]
    ids = _not_told_apart(session, author.id, ids)[:_COMPARED]
    if not ids:
        return None
    names = store.names_of(session, ids)
    mentions: list[NameMention] = []
    owners: list[int] = []
    for one in (author.id, *ids):
        found = _mentions(session, one, form if one == author.id else form_of(names.get(one, "")))
        mentions += found
        owners += [one] * len(found)
    groups = group_mentions(mentions)
    of_author = {group for group, owner in zip(groups, owners, strict=True) if owner == author.id}
    likely = [
        names[one]
        for one in ids
        if 2 * sum(group in of_author for group, owner in zip(groups, owners, strict=True) if owner == one)
        > owners.count(one)
    ]
    if not likely:
        return None
    return (
        f"Perhaps also this person: {', '.join(likely)}. The co-authors and subjects of those papers make it "
        "likely, not sure; they are not counted here."
    )


def _candidates(people: NamesIndex, author: Author, form: NameForm) -> list[int]:
    """Entries whose names may be another spelling, the best known first."""
    parts = name_key(author.name).split()
    if not parts:
        return []
    found = {
        *people.initialled(parts, _CANDIDATES),
        *people.joined(parts, _CANDIDATES),
        *people.beginning(parts, _CANDIDATES),
    }
    akin = [
        one
        for one in sorted(found, key=lambda one: (-one.papers, one.author_id))
        if one.author_id != author.id and form_relation(form, form_of(one.name_key)) is not None
    ]
    return list(dict.fromkeys(one.author_id for one in akin))[: _COMPARED * 2]


def _not_told_apart(session: Session, author_id: int, ids: Sequence[int]) -> list[int]:
    """Those entries that no identifier tells from this one: two of one scheme are different people."""
    schemes: dict[int, set[str]] = {one: set() for one in (author_id, *ids)}
    for row in store.identifiers_of(session, [author_id, *ids]):
        schemes[row.author_id].add(row.scheme)
    return [one for one in ids if schemes[one].isdisjoint(schemes[author_id])]


def _coauthors(session: Session, author_id: int) -> list[set[int]]:
    papers = store.newest_papers_of(session, author_id, _PAPERS)
    lists = lists_of(session, [row.id for row in papers])
    return [{one for one in people if one != author_id} for people in lists.values()]


def _mentions(session: Session, author_id: int, form: NameForm) -> list[NameMention]:
    papers = store.newest_papers_of(session, author_id, _PAPERS)
    lists = lists_of(session, [row.id for row in papers])
    names = store.names_of(session, {one for people in lists.values() for one in people})
    return [
        NameMention(
            form=form,
            paper=str(row.id),
            coauthors=tuple(
                form_of(names[one]) for one in lists.get(row.id, ()) if one != author_id and one in names
            ),
            year=int(row.published[:4]) if row.published else None,
            venue=row.field or "",
            words=words_of(row.title),
        )
        for row in papers
    ]
