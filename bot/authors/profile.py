"""Who is meant by a name: an answer where it is exact, else a pick list, never a guess."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session

from bot.app import Desk
from bot.authors.figures import author_card
from bot.authors.namesakes import author_choices
from bot.authors.results import Author, AuthorAnswer, AuthorChoice
from bot.authors.spellings import spelling_notice
from bot.corpus.identifiers import read_identifier, show_identifier
from bot.corpus.names import name_key
from bot.papers.results import Choice, Match
from bot.search.name_likeness import Fit, likeness
from bot.search.names_index import Candidate, PeopleIndex
from bot.store import authors as store

MOST_NAMESAKES = 25
"""As many as Discord's select menu takes."""
MOST_CHOICES = 10
"""Of similar names: who is not among the ten best is found sooner by typing more."""
_CANDIDATES = 120
_LABEL_LENGTH = 100
_ENTRY = "author:"
_LARGEST_ID = 2**31 - 1


def find_author(desk: Desk, name: str) -> AuthorAnswer:
    """Answer a name, an identifier or "author:<id>" with the one author that it names, else a pick list."""
    people = _people(desk)
    with desk.store.reading() as session:
        ids, choices = look_up(session, people, name)
        if len(ids) == 1 and (author := _card(people, session, ids[0])) is not None:
            return AuthorAnswer(name, Match.EXACT, author)
    return AuthorAnswer(
        name, Match.CHOICES if choices else Match.NONE, choices=choices, namesakes=len(ids) > 1
    )


def look_up(
    session: Session, people: PeopleIndex, name: str
) -> tuple[Sequence[int], tuple[AuthorChoice, ...]]:
    """Find the entries with exactly this name, and unless it is one, those to choose from."""
    ids = _named(session, name)
    if len(ids) == 1:
        return ids, ()
    return ids, author_choices(session, ids or _similar(people, name_key(name)))


def author_by_id(desk: Desk, author_id: int) -> Author | None:
    """Answer the author with this id, or None."""
    people = _people(desk)
    with desk.store.reading() as session:
        return _card(people, session, author_id) if 0 < author_id <= _LARGEST_ID else None


def suggest_authors(desk: Desk, typed: str, limit: int = 25) -> tuple[Choice, ...]:
    """Suggest authors while a name is typed: that name, names that it begins, then one wrong letter."""
    key = name_key(typed)
    parts = key.split()
    people = _people(desk)
    found = people.beginning(parts, limit) if parts or not typed.strip() else []
    for further in (people.joined, people.misspelt):
        if parts and len(found) < limit:
            found += further(parts, limit)
    papers = {candidate.author_id: candidate.papers for candidate in found}
    with desk.store.reading() as session:
        exact: Sequence[int] = store.authors_by_key(session, key, limit) if key else ()
        papers |= store.papers_of_each(session, exact)
        ids = list(dict.fromkeys([*exact, *papers]))
        return _labelled(session, ids[:limit], papers)


def _people(desk: Desk) -> PeopleIndex:
    """The index of names; made first where there is none."""
    people = desk.index.people
    if people.revision is None:
        people.follow(desk.store)
    return people


def _card(people: PeopleIndex, session: Session, author_id: int) -> Author | None:
    author = author_card(session, author_id)
    if author is None:
        return None
    told = spelling_notice(session, people, author)
    return replace(author, notices=(*author.notices, told)) if told is not None else author


def _named(session: Session, text: str) -> list[int]:
    """Find the entries that a text names exactly: several are namesakes."""
    if text.startswith(_ENTRY):
        number = text.removeprefix(_ENTRY)
        return [int(number)] if number.isascii() and number.isdigit() and int(number) <= _LARGEST_ID else []
    if (identifier := read_identifier(text)) is not None:
        author_id = store.author_of_identifier(session, identifier.scheme, identifier.value)
        return [author_id] if author_id is not None else []
    key = name_key(text)
    return list(store.authors_by_key(session, key, MOST_NAMESAKES)) if key else []


def _similar(people: PeopleIndex, key: str) -> list[int]:
    """Find entries with a name like this one, the best fit first, then the best known."""
    parts = key.split()
    if not parts:
        return []
    found = {
        *people.having(parts, _CANDIDATES),
        *people.joined(parts, _CANDIDATES),
        *people.beginning(parts, _CANDIDATES),
        *people.initialled(parts, _CANDIDATES),
    }
    if len(found) < MOST_CHOICES:
        found |= set(people.misspelt(parts, _CANDIDATES))
    # Who only shares a part, such as the family name, is meant where nobody fits better.
    ranked = _ranked(found, key, Fit.MISSPELT) or _ranked(people.sharing(parts, _CANDIDATES), key, Fit.SHARES)
    return list(dict.fromkeys(candidate.author_id for candidate in ranked))[:MOST_CHOICES]


def _ranked(candidates: Iterable[Candidate], key: str, worst: Fit) -> list[Candidate]:
    judged = ((likeness(key, candidate.name_key), candidate) for candidate in candidates)
    alike = [(like, candidate) for like, candidate in judged if like is not None and like.fit <= worst]
    alike.sort(key=lambda pair: (pair[0], -pair[1].papers, pair[1].name_key, pair[1].author_id))
    return [candidate for _, candidate in alike]


def _labelled(session: Session, ids: Sequence[int], papers: Mapping[int, int]) -> tuple[Choice, ...]:
    """Write suggestions, telling namesakes apart; entries that are gone are left out."""
    entries = {entry.id: entry for entry in store.authors_by_id(session, ids)}
    bearers = Counter(entry.name_key for entry in entries.values())
    namesakes = [entry.id for entry in entries.values() if bearers[entry.name_key] > 1]
    identifiers: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for author_id, scheme, value in store.identifiers_of(session, namesakes):
        identifiers[author_id].append((scheme, value))
    choices: list[Choice] = []
    for author_id in ids:
        if author_id not in entries:
            continue
        count = papers.get(author_id, 0)
        facts = [f"{count:,} paper" if count == 1 else f"{count:,} papers"]
        if author_id in namesakes:
            facts.append(show_identifier(identifiers[author_id]) or "no identifier")
        choices.append(Choice(_label(entries[author_id].name, " · ".join(facts)), f"{_ENTRY}{author_id}"))
    return tuple(choices)


def _label(name: str, facts: str) -> str:
    tail = f" · {facts[: _LABEL_LENGTH // 2]}"
    room = _LABEL_LENGTH - len(tail)
    return (name if len(name) <= room else f"{name[: room - 1]}…") + tail
