"""People whom papers name: one entry for an identifier, or for a name without identifiers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import exists, insert, select
from sqlmodel import Session, col

from bot.corpus.names import name_key
from bot.corpus.paper import Identifier, Mention
from bot.store.bulk import add_rows, columns_of, reserve_ids, rows_with, write_rows
from bot.store.corrections import load_corrections
from bot.store.grouping import GroupedPeople
from bot.store.models import Attribution, Author, AuthorIdentifier, Authorship

_MAX_REMEMBERED = 200_000
_MAX_KEY_LENGTH = 600

Places = Mapping[int, Sequence[int]]
"""The ids of the people of papers, in the order of their lists: paper id -> author ids."""

Attributions = Mapping[int, set[tuple[int, str]]]
"""On whose pages papers stand: paper id -> (author id, source)."""


class People:
    """Finds the entry for each mention, and makes it where it is missing.

    It remembers entries from one transaction to the next: they are never deleted, so another
    process can only add to them.
    """

    def __init__(self) -> None:
        self._by_spelling: dict[str, int] = {}
        self._by_identifiers: dict[tuple[Identifier, ...], int] = {}

    def resolve(self, session: Session, mentions: Iterable[Mention]) -> None:
        """Make sure that every one of these people has an entry."""
        if len(self._by_spelling) + len(self._by_identifiers) > _MAX_REMEMBERED:
            self._by_spelling.clear()
            self._by_identifiers.clear()
        named: set[str] = set()
        identified: dict[tuple[Identifier, ...], str] = {}
        for mention in mentions:
            if mention.identifiers:
                identified.setdefault(mention.identifiers, mention.name)
            elif mention.name not in self._by_spelling:
                named.add(mention.name)
        self._resolve_names(session, named)
        self._resolve_identified(session, identified)

    def entry(self, mention: Mention) -> int:
        """The id of a person that was resolved before in this transaction."""
        return self.entries((mention,))[0]

    def entries(self, mentions: Iterable[Mention]) -> list[int]:
        """The ids of people that were resolved before in this transaction."""
        by_spelling, by_identifiers = self._by_spelling, self._by_identifiers
        return [
            by_identifiers[one.identifiers] if one.identifiers else by_spelling[one.name] for one in mentions
        ]

    def _resolve_names(self, session: Session, names: Collection[str]) -> None:
        spellings: defaultdict[str, list[str]] = defaultdict(list)
        # Of several spellings the entry takes the natural one: Wei Li rather than Li, Wei.
        for name in sorted(sorted(names), key=_has_comma):
            spellings[_key(name)].append(name)
        nameless = ~exists().where(col(AuthorIdentifier.author_id) == col(Author.id))
        of_source = (nameless, col(Author.part_of).is_(None))
        statement = select(col(Author.name_key), col(Author.id)).where(*of_source)
        rows = rows_with(session, statement, col(Author.name_key), spellings)
        found = dict(rows)
        new = [key for key in spellings if key not in found]
        ids = _add_authors(session, [(spellings[key][0], key) for key in new])
        found.update(zip(new, ids, strict=True))
        for key, names_of_one in spellings.items():
            for name in names_of_one:
                self._by_spelling[name] = found[key]

    def _resolve_identified(self, session: Session, named: Mapping[tuple[Identifier, ...], str]) -> None:
        missing = [identifiers for identifiers in named if identifiers not in self._by_identifiers]
        if not missing:
            return
        known = _Identified(session, {(one.scheme, one.value) for each in missing for one in each})
        for identifiers in missing:
            wanted = [(one.scheme, one.value) for one in identifiers]
            author_id = known.person(wanted)
            if author_id is None:
                name = named[identifiers]
                author_id = _add_authors(session, [(name, _key(name))])[0]
            known.learn(author_id, wanted)
            self._by_identifiers[identifiers] = author_id
        known.write(session)


class _Identified:
    """The people who have some of these identifiers, as (scheme, value), with all that they have."""

    def __init__(self, session: Session, identifiers: Collection[tuple[str, str]]) -> None:
        self._people: dict[tuple[str, str], int] = {}
        self._values: defaultdict[int, dict[str, str]] = defaultdict(dict)
        self._learnt: list[dict[str, str | int]] = []
        found: set[int] = set()
        for scheme in sorted({scheme for scheme, _ in identifiers}):
            values = [value for one, value in identifiers if one == scheme]
            statement = select(col(AuthorIdentifier.author_id)).where(col(AuthorIdentifier.scheme) == scheme)
            rows = rows_with(session, statement, col(AuthorIdentifier.value), values)
            found.update(author_id for (author_id,) in rows)
        owner = col(AuthorIdentifier.author_id)
        known = select(col(AuthorIdentifier.scheme), col(AuthorIdentifier.value), owner)
        for scheme, value, author_id in rows_with(session, known, owner, found):
            self._people[scheme, value] = author_id
            self._values[author_id][scheme] = value

    def person(self, identifiers: Sequence[tuple[str, str]]) -> int | None:
        """Who has these identifiers, where none of them speaks against it; None for a new person.

        Different identifiers of one scheme are different people. Where every identifier belongs to
        somebody and none to one person alone, the first decides.
        """
        people = [self._people[one] for one in identifiers if one in self._people]
        for author_id in people:
            values = self._values[author_id]
            if all(values.get(scheme, value) == value for scheme, value in identifiers):
                return author_id
        return people[0] if people and len(people) == len(identifiers) else None

    def learn(self, author_id: int, identifiers: Sequence[tuple[str, str]]) -> None:
        """Give a person those identifiers that nobody has, one of a scheme."""
        for scheme, value in identifiers:
            if (scheme, value) not in self._people and scheme not in self._values[author_id]:
                self._people[scheme, value] = author_id
                self._values[author_id][scheme] = value
                self._learnt.append({"scheme": scheme, "value": value, "author_id": author_id})

    def write(self, session: Session) -> None:
        """Write what was learnt."""
        if self._learnt:
            session.connection().execute(insert(AuthorIdentifier), self._learnt)


def write_places(session: Session, new: Places, changed: Places) -> None:
    """Write who stands where in the lists of these papers, given as entries; of changed ones what differs.

    Who it is was decided by grouping, and by the corrections that people made.
    """
    place = _Placing(
        session, {one for places in (new, changed) for people in places.values() for one in people}, changed
    )
    if not changed and place.are_own:
        rows = [(paper_id, *one) for paper_id, people in new.items() for one in enumerate(people, 1)]
        add_rows(session, Authorship, Place._fields[:3], rows)
        return
    before: dict[int, set[Place]] = {paper_id: set() for paper_id in changed}
    statement = select(*columns_of(Authorship, Place))
    for row in rows_with(session, statement, col(Authorship.paper_id), changed):
        before[row[0]].add(Place(*row))
    after = {paper_id: set(place.places(paper_id, people)) for paper_id, people in changed.items()}
    added = [one for paper_id, people in new.items() for one in place.places(paper_id, people)]
    added += [one for paper_id in changed for one in after[paper_id] - before[paper_id]]
    gone = [one[:3] for paper_id in changed for one in before[paper_id] - after[paper_id]]
    write_rows(session, Authorship, Place._fields[:3], (), gone)
    # Nearly all are their entry's own: the column is left out for them.
    add_rows(session, Authorship, Place._fields[:3], [one[:3] for one in added if one.entry_id is None])
    add_rows(session, Authorship, Place._fields, [one for one in added if one.entry_id is not None])


def write_attributions(session: Session, wanted: Attributions) -> None:
    """Write on whose pages these papers stand; only what differs from before, grouped and as corrected."""
    if not wanted:
        return
    place = _Placing(session, {person for pages in wanted.values() for person, _ in pages}, wanted)
    after: dict[int, dict[tuple[int, str], int | None]] = {}
    for paper_id, pages in wanted.items():
        people = after.setdefault(paper_id, {})
        for entry_id, source in sorted(pages):
            author_id = place.person(paper_id, entry_id)
            people.setdefault((author_id, source), entry_id if entry_id != author_id else None)
    before: dict[int, dict[tuple[int, str], int | None]] = {paper_id: {} for paper_id in wanted}
    statement = select(*columns_of(Attribution, _PageRow))
    for row in rows_with(session, statement, col(Attribution.paper_id), wanted):
        page = _PageRow(*row)
        before[page.paper_id][page.author_id, page.source] = page.entry_id
    added = [
        (paper_id, *page, entry_id)
        for paper_id, pages in after.items()
        for page, entry_id in pages.items()
        if before[paper_id].get(page, -1) != entry_id
    ]
    gone = [
        (paper_id, *page)
        for paper_id, pages in before.items()
        for page, entry_id in pages.items()
        if after[paper_id].get(page, -1) != entry_id
    ]
    write_rows(session, Attribution, _PageRow._fields[:3], (), gone)
    add_rows(session, Attribution, _PageRow._fields, added)


class Place(NamedTuple):
    """A place in a list of authors; see `Authorship`."""

    paper_id: int
    position: int
    author_id: int
    entry_id: int | None


class _PageRow(NamedTuple):
    """A paper on a page; see `Attribution`."""

    paper_id: int
    author_id: int
    source: str
    entry_id: int | None


class _Placing:
    """Whose mentions are: as they were grouped, and as people corrected it."""

    def __init__(self, session: Session, entries: Collection[int], papers: Collection[int]) -> None:
        self._corrections = load_corrections(session)
        self._grouped = GroupedPeople(session, entries, papers)

    @property
    def are_own(self) -> bool:
        """Whether all mentions are their entries' own, as in a corpus that is not grouped yet."""
        return not self._corrections and not self._grouped

    def person(self, paper_id: int, entry_id: int) -> int:
        """Whose a mention of this entry is."""
        person = self._grouped.person(paper_id, entry_id)
        return self._corrections.person(paper_id, person) if self._corrections else person

    def places(self, paper_id: int, entries: Sequence[int]) -> Iterator[Place]:
        """The places of a list."""
        for position, entry_id in enumerate(entries, 1):
            author_id = self.person(paper_id, entry_id)
            yield Place(paper_id, position, author_id, entry_id if entry_id != author_id else None)


def _add_authors(session: Session, people: Sequence[tuple[str, str]]) -> Sequence[int]:
    """Make entries for these (name, name key), and return their ids in this order."""
    if not people:
        return ()
    ids = reserve_ids(session, Author, len(people))
    rows = [(author_id, *person) for author_id, person in zip(ids, people, strict=True)]
    add_rows(session, Author, ("id", "name", "name_key"), rows)
    return ids


def _has_comma(name: str) -> bool:
    return "," in name


def _key(name: str) -> str:
    """The folded name; a name without any letter or digit stands for itself."""
    return name_key(name) or name.strip()[:_MAX_KEY_LENGTH]
