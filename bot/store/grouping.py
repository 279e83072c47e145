"""Grouping: which person each mention of a paper is, as `authors/grouping.py` decides it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import orjson
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlmodel import Session, col

from bot.store.bulk import add_rows, columns_of, reserve_ids, rows_with, write_rows
from bot.store.corrections import load_corrections
from bot.store.models import (
    Attribution,
    Author,
    AuthorIdentifier,
    AuthorName,
    Authorship,
    GroupedMention,
    GroupingSnapshot,
    Paper,
)
from bot.store.settings import get_setting, put_setting

_STATE = "grouping"
_PAPERS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class GroupingState:
    """How far the mentions of the corpus are grouped."""

    number: int = 0
    """Of the last change; entries carry the number at which they changed."""
    revision: int = 0
    """The papers changed since this revision wait to be grouped."""
    snapshot: int | None = None
    """The counts by which was grouped."""
    papers: int = 0
    """How many papers the snapshot counts."""
    under_way: int = 0
    """The revision whose mentions are being grouped; 0 where none are."""
    done: int = 0
    """So many blocks of them are written."""


def grouping_state(session: Session) -> GroupingState:
    """How far the corpus is grouped."""
    value = get_setting(session, _STATE)
    return GroupingState(**orjson.loads(value)) if value is not None else GroupingState()


def put_grouping_state(session: Session, state: GroupingState) -> None:
    """Record how far the corpus is grouped."""
    put_setting(session, _STATE, orjson.dumps(asdict(state)).decode())


def add_snapshot(session: Session, made_at: dt.datetime, content: bytes) -> int:
    """Keep the counts of a collection, and return their number."""
    statement = insert(GroupingSnapshot).values(made_at=made_at, content=content)
    return session.connection().execute(statement.returning(col(GroupingSnapshot.id))).scalar_one()


def snapshot(session: Session, number: int) -> tuple[dt.datetime, bytes] | None:
    """The day and the content of a snapshot."""
    statement = select(col(GroupingSnapshot.made_at), col(GroupingSnapshot.content))
    found = session.connection().execute(statement.where(col(GroupingSnapshot.id) == number)).first()
    return (found[0], found[1]) if found is not None else None


class GroupedPeople:
    """Whose the mentions of some entries are by grouping; new ones are whose the entry is."""

    def __init__(self, session: Session, entries: Collection[int], papers: Collection[int]) -> None:
        """Load what is known of these entries, and of the grouped mentions of these papers."""
        self._leads: dict[int, int] = {}
        self._grouped: dict[tuple[int, int], int] = {}
        if grouping_state(session).number == 0:
            return
        leads = leads_of(session, entries)
        self._leads = {entry_id: into for entry_id, into in leads.items() if into is not None}
        grouped = select(*columns_of(GroupedMention, GroupedRow))
        for row in rows_with(session, grouped, col(GroupedMention.paper_id), papers):
            mention = GroupedRow(*row)
            self._grouped[mention.paper_id, mention.entry_id] = mention.author_id

    def __bool__(self) -> bool:
        """Whether any of these mentions is another person's than its entry's."""
        return bool(self._leads or self._grouped)

    def person(self, paper_id: int, entry_id: int) -> int:
        """Whose a mention is, before corrections."""
        if self._grouped and (grouped := self._grouped.get((paper_id, entry_id))) is not None:
            return grouped
        return self._leads.get(entry_id, entry_id)


class GroupedRow(NamedTuple):
    """A mention that is another person's than its entry's; see `GroupedMention`."""

    paper_id: int
    entry_id: int
    author_id: int


class MentionedPaper(NamedTuple):
    """A paper with what shows who its people are."""

    id: int
    title: str
    authors: list[str]
    published: str | None
    venue: str | None
    field: str | None
    revision: int


class PlaceRow(NamedTuple):
    """A place in a list, or on a page (position 0), with the source's entry and the person."""

    paper_id: int
    position: int
    entry_id: int
    author_id: int


_PLACES = select(
    col(Authorship.paper_id),
    col(Authorship.position),
    func.coalesce(col(Authorship.entry_id), col(Authorship.author_id)),
    col(Authorship.author_id),
)
_PAGES = select(
    col(Attribution.paper_id),
    func.coalesce(col(Attribution.entry_id), col(Attribution.author_id)),
    col(Attribution.author_id),
).distinct()


def mentioned_papers(session: Session, ids: Iterable[int]) -> Iterator[tuple[MentionedPaper, list[PlaceRow]]]:
    """These papers, each with its places and pages in order."""
    statement = select(*columns_of(Paper, MentionedPaper))
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), _PAPERS_AT_ONCE):
        some = ordered[start : start + _PAPERS_AT_ONCE]
        places: defaultdict[int, list[PlaceRow]] = defaultdict(list)
        for row in rows_with(session, _PLACES, col(Authorship.paper_id), some):
            places[row[0]].append(PlaceRow(*row))
        for paper_id, entry_id, author_id in rows_with(session, _PAGES, col(Attribution.paper_id), some):
            places[paper_id].append(PlaceRow(paper_id, 0, entry_id, author_id))
        for row in sorted(rows_with(session, statement, col(Paper.id), some)):
            yield MentionedPaper(*row), sorted(places[row[0]])


def papers_changed_after(session: Session, revision: int) -> Sequence[int]:
    """The papers that changed after a revision."""
    statement = select(col(Paper.id)).where(col(Paper.revision) > revision).order_by(col(Paper.id))
    return session.connection().execute(statement).scalars().all()


def all_papers(session: Session) -> Sequence[int]:
    """Every paper."""
    return session.connection().execute(select(col(Paper.id)).order_by(col(Paper.id))).scalars().all()


def papers_naming(session: Session, people: Iterable[int]) -> set[int]:
    """The papers of these people."""
    wanted = sorted(set(people))
    listed = rows_with(session, select(col(Authorship.paper_id)), col(Authorship.author_id), wanted)
    attributed = rows_with(session, select(col(Attribution.paper_id)), col(Attribution.author_id), wanted)
    return {paper_id for rows in (listed, attributed) for (paper_id,) in rows}


def people_in_blocks(session: Session, blocks: Iterable[str]) -> dict[str, dict[str, set[int]]]:
    """The people with a name in one of these blocks, by the block and the folded name."""
    found: defaultdict[str, dict[str, set[int]]] = defaultdict(dict)
    columns = (col(AuthorName.block), col(AuthorName.name_key), col(AuthorName.author_id))
    for block, name_key, author_id in rows_with(
        session, select(*columns), col(AuthorName.block), sorted(set(blocks))
    ):
        found[block].setdefault(name_key, set()).add(author_id)
    return found


def identifiers_of_entries(session: Session, ids: Iterable[int] | None) -> dict[int, list[tuple[str, str]]]:
    """The identifiers, as (scheme, value), of these entries, or of all."""
    columns = (col(AuthorIdentifier.author_id), col(AuthorIdentifier.scheme), col(AuthorIdentifier.value))
    statement = select(*columns)
    rows = (
        session.connection().execute(statement.order_by(*columns))
        if ids is None
        else rows_with(session, statement, col(AuthorIdentifier.author_id), sorted(set(ids)))
    )
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for author_id, scheme, value in rows:
        found[author_id].append((scheme, value))
    return found


def names_of_entries(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The names of entries as their sources write them first."""
    return dict(rows_with(session, select(col(Author.id), col(Author.name)), col(Author.id), ids))


def leads_of(session: Session, ids: Iterable[int]) -> dict[int, int | None]:
    """Where these entries lead."""
    statement = select(col(Author.id), col(Author.leads_to))
    return dict(rows_with(session, statement, col(Author.id), sorted(set(ids))))


class Move(NamedTuple):
    """A mention that goes to another person."""

    paper_id: int
    entry_id: int
    author_id: int
    """The person, before corrections."""


class NameRow(NamedTuple):
    """A name under which a person was printed; see `AuthorName`."""

    name_key: str
    name: str
    papers: int
    block: str


@dataclass(frozen=True, slots=True)
class GroupedPerson:
    """What one person is called, and was printed as."""

    author_id: int
    called: str
    names: tuple[NameRow, ...]


def add_people(session: Session, people: Sequence[tuple[str, str, int]]) -> Sequence[int]:
    """Make entries for people who stood under another's entry, given as (name, folded name, the entry)."""
    ids = reserve_ids(session, Author, len(people)) if people else ()
    rows = [(author_id, *person) for author_id, person in zip(ids, people, strict=True)]
    add_rows(session, Author, ("id", "name", "name_key", "part_of"), rows)
    return ids


def write_moves(
    session: Session, moves: Sequence[Move], leads: Mapping[int, int | None], number: int
) -> None:
    """Write whose these mentions are, and where entries without papers lead, as corrected.

    Args:
        session: A writing one that holds the lock of the corpus.
        moves: Mentions that change, and all of an entry whose lead changes.
        leads: For entries the person to whom they lead; None for those that stand for one themselves.
        number: Of this change.

    """
    _write_leads(session, leads, number)
    connection = session.connection()
    statement = select(col(Author.id), col(Author.leads_to)).where(col(Author.leads_to).is_not(None))
    default = dict(rows_with(session, statement, col(Author.id), {move.entry_id for move in moves}))
    if moves:
        keys = [{"of_paper": move.paper_id, "of_entry": move.entry_id} for move in moves]
        paper, entry = col(GroupedMention.paper_id), col(GroupedMention.entry_id)
        of_mention = (paper == bindparam("of_paper"), entry == bindparam("of_entry"))
        connection.execute(delete(GroupedMention).where(*of_mention), keys)
    elsewhere = {move for move in moves if move.author_id != default.get(move.entry_id, move.entry_id)}
    add_rows(session, GroupedMention, GroupedRow._fields, sorted(elsewhere))
    corrections = load_corrections(session)
    people = {(one.paper_id, one.entry_id): corrections.person(one.paper_id, one.author_id) for one in moves}
    _move_places(session, people)
    _move_pages(session, people)


People = Mapping[tuple[int, int], int]
"""(paper id, entry id) -> the person."""


def _move_places(session: Session, people: People) -> None:
    entry = func.coalesce(col(Authorship.entry_id), col(Authorship.author_id))
    of_mention = (col(Authorship.paper_id) == bindparam("of_paper"), entry == bindparam("of_entry"))
    values: dict[str, Any] = {"author_id": bindparam("person"), "entry_id": bindparam("other_entry")}
    rows = [
        {
            "of_paper": paper_id,
            "of_entry": entry_id,
            "person": person,
            "other_entry": entry_id if person != entry_id else None,
        }
        for (paper_id, entry_id), person in people.items()
    ]
    if rows:
        session.connection().execute(update(Authorship).where(*of_mention).values(values), rows)


def _move_pages(session: Session, people: People) -> None:
    """Of two pages of one source that turn out to be one person's, one row stays."""
    columns = (col(Attribution.author_id), col(Attribution.source), col(Attribution.entry_id))
    statement = select(col(Attribution.paper_id), *columns)
    papers = {paper_id for paper_id, _ in people}
    before: list[tuple[int, int, str, int | None]] = [
        (paper_id, author_id, source, entry_id)
        for paper_id, author_id, source, entry_id in rows_with(
            session, statement, col(Attribution.paper_id), papers
        )
    ]
    kept: dict[tuple[int, int, str], int | None] = {}
    for paper_id, author_id, source, entry_id in before:
        entry = author_id if entry_id is None else entry_id
        person = people.get((paper_id, entry), author_id)
        kept.setdefault((paper_id, person, source), entry if entry != person else None)
    after = [(paper_id, person, source, entry) for (paper_id, person, source), entry in kept.items()]
    names = ("paper_id", "author_id", "source", "entry_id")
    gone = [row[:3] for row in before if row not in after]
    write_rows(session, Attribution, names[:3], (), gone)
    add_rows(session, Attribution, names, [row for row in after if row not in before])


def _write_leads(session: Session, leads: Mapping[int, int | None], number: int) -> None:
    connection = session.connection()
    rows = [{"of_id": one, "into": into, "at": number} for one, into in leads.items()]
    if not rows:
        return
    values: dict[str, Any] = {"leads_to": bindparam("into"), "grouping": bindparam("at")}
    connection.execute(update(Author).where(col(Author.id) == bindparam("of_id")).values(values), rows)
    followed = [{"of_id": one, "into": into} for one, into in leads.items() if into is not None]
    if followed:  # whoever led there leads on
        onward = update(Author).where(col(Author.leads_to) == bindparam("of_id"))
        connection.execute(onward.values(leads_to=bindparam("into")), followed)
        connection.execute(
            delete(AuthorName).where(col(AuthorName.author_id) == bindparam("of_id")),
            [{"of_id": row["of_id"]} for row in followed],
        )


def write_people(session: Session, people: Sequence[GroupedPerson], number: int) -> None:
    """Write what these people are called and were printed as; only what differs from before."""
    connection = session.connection()
    ids = [person.author_id for person in people]
    known: defaultdict[int, set[NameRow]] = defaultdict(set)
    statement = select(col(AuthorName.author_id), *columns_of(AuthorName, NameRow))
    for author_id, *row in rows_with(session, statement, col(AuthorName.author_id), ids):
        known[author_id].add(NameRow(*row))
    called = dict(
        rows_with(
            session,
            select(col(Author.id), col(Author.called)).where(col(Author.grouping).is_not(None)),
            col(Author.id),
            ids,
        )
    )
    renamed = [
        person
        for person in people
        if known[person.author_id] != set(person.names) or called.get(person.author_id) != person.called
    ]
    if not renamed:
        return
    connection.execute(
        delete(AuthorName).where(col(AuthorName.author_id) == bindparam("of_id")),
        [{"of_id": person.author_id} for person in renamed],
    )
    rows = [(person.author_id, *row) for person in renamed for row in person.names]
    add_rows(session, AuthorName, ("author_id", *NameRow._fields), rows)
    values: dict[str, Any] = {"called": bindparam("as_name"), "grouping": bindparam("at")}
    connection.execute(
        update(Author).where(col(Author.id) == bindparam("of_id")).values(values),
        [{"of_id": one.author_id, "as_name": one.called, "at": number} for one in renamed],
    )


def people_of_mentions(session: Session, ids: Iterable[int]) -> Counter[int]:
    """How many places in lists and on pages each of these people has."""
    wanted = sorted(set(ids))
    found: Counter[int] = Counter()
    for model in (Authorship, Attribution):
        for (author_id,) in rows_with(session, select(col(model.author_id)), col(model.author_id), wanted):
            found[author_id] += 1
    return found
