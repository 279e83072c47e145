"""Lists of papers to read: a person's own, which nobody else sees, and those of a server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session

from bot.app import App
from bot.errors import RefusedError
from bot.papers.loading import list_papers, load_papers
from bot.papers.results import Paper, SearchRequest, nearest_page
from bot.papers.search import every_match
from bot.store import lists, notes, votes
from bot.store.lists import EntryRow, ListOrder, ListRow
from bot.store.models import NO_SERVER, ReadingState
from bot.store.notes import NoteRow
from bot.store.papers import living_id

FIRST_LIST = "to read"
"""The list that everybody, and every server, has to begin with."""
MINE, GROUP = "mine", "group"
"""What stands for these, also before they are made."""
PAGE = 6
MOST_LISTS = 50
MOST_PAPERS = 50_000
MAX_NAME = 60
MAX_NOTE = 1_000
_BATCH = 500

NO_LIST = "There is no such list here. Choose one of the suggestions, or make it with /list new."
NO_GROUP = "Lists of the group are for servers of which Papercord is a member; here there are your own only."
NOT_MANAGER = "Lists of the group are made and renamed by those who have the permission Manage Channels."
NOT_YOURS = (
    "Papers of others are taken off the group’s lists by those who have the permission Manage Channels."
)
EMPTY = "This list is empty: nothing was saved on it yet."
NOTED = (
    "The note stands as you wrote it, but its paper is not on that list any more: save it again to see both."
)
GONE = "This paper is not on that list any more."
GONE_PAPER = "This paper is no longer in the corpus. Look for it with /papers."


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who uses lists, and where."""

    person_id: int
    guild_id: int | None
    """The server; None in direct messages, and where the bot is no member."""
    manages: bool = False
    """Whether the person manages the channels of the server."""


@dataclass(frozen=True, slots=True)
class PaperList:
    """A list that a person may see."""

    id: int
    name: str
    is_own: bool

    @classmethod
    def of(cls, row: ListRow) -> PaperList:
        """A stored list."""
        return cls(row.id, row.name, row.guild_id == NO_SERVER)


@dataclass(frozen=True, slots=True)
class ListView:
    """What of a list is shown: its order, one state or all, and what is searched."""

    order: ListOrder = ListOrder.ADDED
    state: ReadingState | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper on a list."""

    paper: Paper
    entry: EntryRow
    votes: int = 0


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list."""

    list: PaperList
    view: ListView
    found: int
    page: int
    """From 1."""
    pages: int
    entries: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """A paper on a list with all that a person may see of it there."""

    list: PaperList
    listed: Listed
    notes: tuple[NoteRow, ...]
    others: tuple[PaperList, ...]
    """The other lists on which the person may put it."""
    was_added: bool = False


def lists_for(app: App, reader: Reader) -> tuple[PaperList, ...]:
    """The lists that a person may see here, their own ones first."""
    with app.store.reading() as session:
        return tuple(map(PaperList.of, lists.lists_of(session, reader.guild_id, reader.person_id)))


def _find(session: Session, reader: Reader, name: str) -> ListRow | None:
    """The list of an id, a name, or `MINE` and `GROUP`, where the person may see it; None: there is none.

    "group:" and an id is one of the server: what begins so may be shown to everybody there.
    """
    rows = lists.lists_of(session, reader.guild_id, reader.person_id)
    if name in {MINE, GROUP}:
        return next((row for row in rows if (row.guild_id == NO_SERVER) is (name == MINE)), None)
    wanted = name.strip().casefold()
    if wanted.startswith(f"{GROUP}:"):
        rows, wanted = [row for row in rows if row.guild_id != NO_SERVER], wanted.removeprefix(f"{GROUP}:")
    found = [row for row in rows if str(row.id) == wanted] or [
        row for row in rows if row.name.casefold() == wanted
    ]
    return found[0] if found else None


def _of_group(name: str) -> str:
    """What names a list of the server alone, though one of the person's own is called so, too."""
    return name if name == GROUP or name.startswith(f"{GROUP}:") else f"{GROUP}:{name}"


def _found(session: Session, reader: Reader, name: str) -> ListRow:
    row = _find(session, reader, name)
    if row is None:
        if name == GROUP and reader.guild_id is None:
            raise RefusedError(NO_GROUP)
        raise RefusedError(EMPTY if name in {MINE, GROUP} else NO_LIST)
    return row


def _found_or_first(session: Session, reader: Reader, name: str, now: dt.datetime) -> ListRow:
    """A list; the first one of a person or a server is made where there is none yet."""
    row = _find(session, reader, name)
    if row is None and name == MINE:
        row = lists.add_list(session, NO_SERVER, reader.person_id, FIRST_LIST, now)
    elif row is None and name == GROUP and reader.guild_id is not None:
        row = lists.add_list(session, reader.guild_id, None, FIRST_LIST, now)
    return row if row is not None else _found(session, reader, name)


def make_list(app: App, reader: Reader, name: str, *, group: bool) -> PaperList:
    """Make a list of one's own, or of the server."""
    with app.store.writing() as session:
        guild_id = _check_group(reader) if group else NO_SERVER
        _check_name(session, reader, name, is_own=not group)
        owner = None if group else reader.person_id
        if name.strip().casefold() != FIRST_LIST:
            # What is saved without naming a list still goes to "to read".
            _found_or_first(session, reader, GROUP if group else MINE, app.clock())
        return PaperList.of(lists.add_list(session, guild_id, owner, name.strip(), app.clock()))


def rename_list(app: App, reader: Reader, name: str, new_name: str) -> PaperList:
    """Give a list another name."""
    with app.store.writing() as session:
        row = _found_or_first(session, reader, name, app.clock())
        if row.guild_id != NO_SERVER:
            _check_group(reader)
        _check_name(session, reader, new_name, is_own=row.guild_id == NO_SERVER)
        lists.rename_list(session, row.id, new_name.strip())
        return PaperList.of(row._replace(name=new_name.strip()))


def delete_list(app: App, reader: Reader, name: str) -> PaperList:
    """Delete a list without papers."""
    with app.store.writing() as session:
        row = _found(session, reader, name)
        if row.guild_id != NO_SERVER:
            _check_group(reader)
        if papers := lists.size_of(session, row.id):
            them = "paper is on it. Take it" if papers == 1 else "papers are on it. Take them"
            raise RefusedError(f"{papers:,} {them} off first, and it can be deleted.")
        lists.delete_list(session, row.id)
        return PaperList.of(row)


def _check_group(reader: Reader) -> int:
    if reader.guild_id is None:
        raise RefusedError(NO_GROUP)
    if not reader.manages:
        raise RefusedError(NOT_MANAGER)
    return reader.guild_id


def _check_name(session: Session, reader: Reader, name: str, *, is_own: bool) -> None:
    rows = lists.lists_of(session, reader.guild_id, reader.person_id)
    rows = [row for row in rows if (row.guild_id == NO_SERVER) is is_own]
    name = name.strip().casefold()
    if not name or len(name) > MAX_NAME or name.isdecimal() or name in {MINE, GROUP}:
        raise RefusedError(f"A list needs a name of up to {MAX_NAME} characters, with a letter in it.")
    if any(row.name.casefold() == name for row in rows):
        raise RefusedError("There is a list of this name already.")
    if len(rows) >= MOST_LISTS:
        raise RefusedError(f"There are {MOST_LISTS} lists already; more are not kept.")


def save(app: App, reader: Reader, name: str, paper_id: int) -> OpenEntry:
    """Put a paper on a list; the first list is made where there is none yet."""
    now = app.clock()
    with app.store.writing() as session:
        living = living_id(session, paper_id)
        if living is None:
            raise RefusedError(GONE_PAPER)
        row = _found_or_first(session, reader, name, now)
        is_new = lists.entry_of(session, row.id, living) is None
        if is_new and lists.size_of(session, row.id) >= MOST_PAPERS:
            raise RefusedError(f"{MOST_PAPERS:,} papers are on this list; more are not kept.")
        lists.add_entries(session, row.id, [living], reader.person_id, now)
        return _opened(session, reader, row, living, was_added=is_new)


def share(app: App, reader: Reader, name: str, into: str) -> tuple[PaperList, PaperList, int]:
    """Put the papers of one's own list on one of the server: both, and how many were new there.

    Notes and how far the reading is stay one's own.
    """
    with app.store.writing() as session:
        own = _found(session, reader, name)
        if own.guild_id != NO_SERVER:
            raise RefusedError("This is the group’s already; your own lists are shared with the group.")
        if reader.guild_id is None:
            raise RefusedError(NO_GROUP)
        row = _found_or_first(session, reader, _of_group(into), app.clock())
        papers = lists.papers_on(session, own, ListOrder.ADDED)
        before = lists.size_of(session, row.id)
        if before + len(papers) > MOST_PAPERS:
            raise RefusedError(f"A list takes up to {MOST_PAPERS:,} papers, and these would be more.")
        lists.add_entries(session, row.id, papers, reader.person_id, app.clock())
        return PaperList.of(own), PaperList.of(row), lists.size_of(session, row.id) - before


def open_entry(app: App, reader: Reader, list_id: int, paper_id: int) -> OpenEntry:
    """A paper on a list with all that a person may see of it there."""
    with app.store.reading() as session:
        return _opened(session, reader, _found(session, reader, str(list_id)), paper_id)


def set_state(app: App, reader: Reader, list_id: int, paper_id: int, state: ReadingState) -> OpenEntry:
    """Record how far the reading of a paper is."""
    with app.store.writing() as session:
        row = _found(session, reader, str(list_id))
        paper_id = living_id(session, paper_id) or paper_id
        if not lists.set_state(session, row.id, paper_id, state, app.clock()):
            raise RefusedError(GONE)
        return _opened(session, reader, row, paper_id)


def remove(app: App, reader: Reader, name: str, paper_id: int) -> PaperList:
    """Take a paper off a list: of the server's, what one put there oneself, or who manages it."""
    with app.store.writing() as session:
        row = _found(session, reader, name)
        entry = lists.entry_of(session, row.id, living_id(session, paper_id) or paper_id)
        if entry is None:
            raise RefusedError(GONE)
        if row.guild_id != NO_SERVER and not reader.manages and entry.added_by != reader.person_id:
            raise RefusedError(NOT_YOURS)
        lists.remove_entry(session, row.id, entry.paper_id)
        return PaperList.of(row)


def own_note(app: App, reader: Reader, paper_id: int, *, group: bool) -> str:
    """A person's note on a paper as it stands, for that person alone or for the server; else empty."""
    scope = _scope(reader, group=group)
    with app.store.reading() as session:
        paper_id = living_id(session, paper_id) or paper_id
        found = notes.notes_on(session, paper_id, reader.guild_id, reader.person_id)
    return next((one.text for one in found if (one.guild_id, one.person_id) == (scope, reader.person_id)), "")


def write_note(app: App, reader: Reader, list_id: int, paper_id: int, text: str, *, group: bool) -> OpenEntry:
    """Write a note on a paper of a list, for oneself alone or for the server; without text it is deleted."""
    with app.store.writing() as session:
        row = _found(session, reader, str(list_id))
        scope, text = _scope(reader, group=group), text.strip()[:MAX_NOTE]
        living = living_id(session, paper_id)
        if living is None:
            raise RefusedError(GONE_PAPER)
        notes.write_note(session, living, scope, reader.person_id, text, app.clock())
    with app.store.reading() as session:
        if lists.entry_of(session, row.id, living) is None:
            raise RefusedError(NOTED)
        return _opened(session, reader, row, living)


def _scope(reader: Reader, *, group: bool) -> int:
    if group and reader.guild_id is None:
        raise RefusedError(NO_GROUP)
    return reader.guild_id or NO_SERVER if group else NO_SERVER


def _opened(
    session: Session, reader: Reader, row: ListRow, paper_id: int, *, was_added: bool = False
) -> OpenEntry:
    entry = lists.entry_of(session, row.id, living_id(session, paper_id) or paper_id)
    paper = load_papers(session, [entry.paper_id]).get(entry.paper_id) if entry is not None else None
    if entry is None or paper is None:
        raise RefusedError(GONE)
    here = reader.guild_id
    given = votes.counts_in(session, here, [paper.id]).get(paper.id, 0) if here is not None else 0
    everything = lists.lists_of(session, here, reader.person_id)
    return OpenEntry(
        PaperList.of(row),
        Listed(paper, entry, given),
        tuple(notes.notes_on(session, paper.id, here, reader.person_id)),
        tuple(PaperList.of(one) for one in everything if one.id != row.id),
        was_added,
    )


def list_page(app: App, reader: Reader, name: str, view: ListView, page: int = 1) -> ListPage:
    """A page of a list; one that is not there is the nearest one."""
    ids, row = _papers(app, reader, name, view)
    if row is None:
        return ListPage(PaperList(0, FIRST_LIST, name == MINE), view, 0, 1, 1, ())
    page, pages = nearest_page(page, len(ids), PAGE)
    shown = ids[(page - 1) * PAGE : page * PAGE]
    papers = list_papers(app.store, shown)
    with app.store.reading() as session:
        entries = lists.entries_of(session, row.id, shown)
        # Votes are the server's: on one's own list they are not shown.
        given = votes.counts_in(session, row.guild_id, shown)
    listed = (
        Listed(papers[one], entries[one], given.get(one, 0))
        for one in shown
        if one in papers and one in entries
    )
    return ListPage(PaperList.of(row), view, len(ids), page, pages, tuple(listed))


def listed_papers(app: App, reader: Reader, name: str, view: ListView) -> tuple[str, Iterator[Paper]]:
    """The name of a list, and its papers in their order, to be given out."""
    ids, row = _papers(app, reader, name, view)

    def papers() -> Iterator[Paper]:
        for start in range(0, len(ids), _BATCH):
            yield from list_papers(app.store, ids[start : start + _BATCH]).values()

    return row.name if row is not None else FIRST_LIST, papers()


def group_papers(app: App, reader: Reader, name: str, view: ListView) -> tuple[PaperList, Iterator[Paper]]:
    """A list of the server and its papers in their order; one's own is not looked at."""
    title, papers = listed_papers(app, reader, _of_group(name), view)
    return PaperList(0, title, is_own=False), papers


def _papers(app: App, reader: Reader, name: str, view: ListView) -> tuple[list[int], ListRow | None]:
    """The papers of a list that are asked for, in their order; None: the first list is not made yet."""
    with app.store.reading() as session:
        row = _find(session, reader, name)
        if row is None:
            if name == MINE or (name == GROUP and reader.guild_id is not None):
                return [], None
            _found(session, reader, name)
        ids = list(lists.papers_on(session, row, view.order, view.state)) if row is not None else []
    if view.query.strip():
        wanted = frozenset(every_match(app, SearchRequest(view.query)))
        ids = [one for one in ids if one in wanted]
    return ids, row
