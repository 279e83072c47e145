"""Who is meant by a name: an answer where it is exact, else a pick list, never a guess."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session

from bot.app import App
from bot.authors.figures import load_author, span
from bot.authors.results import Author, AuthorAnswer, AuthorChoice
from bot.authors.spellings import spelling_notice
from bot.corpus.names import name_key, read_identifier, show_identifier
from bot.errors import RefusedError
from bot.papers.results import Choice, Match
from bot.search.name_likeness import Fit, likeness
from bot.search.names_index import NameCandidate, NamesIndex
from bot.store import authors
from bot.store import authors as store
from bot.store.authors import authors_by_id
from bot.store.corrections import lists_of

_AUTHOR_ENTRY = "author:"


def people_of_paper(app: App, paper_id: int, limit: int = 25) -> tuple[Choice, ...]:
    """Those on whose page the paper stands, then those its list names; the value is the author's id."""
    with app.store.reading() as session:
        rows = authors.people_of_paper(session, paper_id, limit)
    return tuple(Choice(label=row.name, value=str(row.id)) for row in rows)


def author_name(app: App, text: str) -> str:
    """The name that a suggestion "author:<id>" stands for; any other text is a name already.

    Raises:
        RefusedError: the suggestion stands for nobody.

    """
    number = text.removeprefix(_AUTHOR_ENTRY)
    if number == text:
        return text
    if number.isascii() and number.isdigit() and len(number) < 10:
        with app.store.reading() as session:
            for row in authors_by_id(session, [int(number)]):
                return row.name
    raise RefusedError("author: nobody in the corpus has this number; type a name.")


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
    for row in store.identifiers_of(session, ids):
        identifiers[row.author_id].append((row.scheme, row.value))
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


MOST_NAMESAKES = 25
"""As many as Discord's select menu takes."""
MOST_CHOICES = 10
"""Of similar names: who is not among the ten best is found sooner by typing more."""
_CANDIDATES = 120
_LABEL_LENGTH = 100
_ENTRY = "author:"
_LARGEST_ID = 2**31 - 1


def find_author(app: App, name: str) -> AuthorAnswer:
    """Answer a name, an identifier or "author:<id>" with the one author that it names, else a pick list."""
    people = _people(app)
    with app.store.reading() as session:
        ids, choices = look_up(session, people, name)
        if len(ids) == 1 and (author := _card(people, session, ids[0])) is not None:
            return AuthorAnswer(name, Match.EXACT, author)
    return AuthorAnswer(
        name, Match.CHOICES if choices else Match.NONE, choices=choices, namesakes=len(ids) > 1
    )


def look_up(
    session: Session, people: NamesIndex, name: str
) -> tuple[Sequence[int], tuple[AuthorChoice, ...]]:
    """Find the entries with exactly this name, and unless it is one, those to choose from."""
    ids = _named(session, name)
    if len(ids) == 1:
        return ids, ()
    return ids, author_choices(session, ids or _similar(people, name_key(name)))


def author_by_id(app: App, author_id: int) -> Author | None:
    """Answer the author with this id, or None."""
    people = _people(app)
    with app.store.reading() as session:
        return _card(people, session, author_id) if 0 < author_id <= _LARGEST_ID else None


def suggest_authors(app: App, typed: str, limit: int = 25) -> tuple[Choice, ...]:
    """Suggest authors while a name is typed: that name, names that it begins, then one wrong letter."""
    key = name_key(typed)
    parts = key.split()
    people = _people(app)
    found = people.beginning(parts, limit) if parts or not typed.strip() else []
    for further in (people.joined, people.misspelt):
        if parts and len(found) < limit:
            found += further(parts, limit)
    papers = {candidate.author_id: candidate.papers for candidate in found}
    with app.store.reading() as session:
        exact: Sequence[int] = store.authors_by_key(session, key, limit) if key else ()
        papers |= store.papers_of_each(session, exact)
        ids = list(dict.fromkeys([*exact, *papers]))
        return _labelled(session, ids[:limit], papers)


def _people(app: App) -> NamesIndex:
    """The index of names; made first where there is none."""
    people = app.index.people
    if people.revision is None:
        people.catch_up(app.store)
    return people


def _card(people: NamesIndex, session: Session, author_id: int) -> Author | None:
    author = load_author(session, author_id)
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


def _similar(people: NamesIndex, key: str) -> list[int]:
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


def _ranked(candidates: Iterable[NameCandidate], key: str, worst: Fit) -> list[NameCandidate]:
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
    for row in store.identifiers_of(session, namesakes):
        identifiers[row.author_id].append((row.scheme, row.value))
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
