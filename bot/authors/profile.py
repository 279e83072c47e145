"""Which author a name, an identifier or an id stands for: one author where it is exact, else a pick list."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlmodel import Session

from bot.app import App
from bot.authors.affiliations import affiliations_of
from bot.authors.figures import MOST_NAMESAKES, load_author, span
from bot.authors.results import Author, AuthorAnswer, AuthorChoice
from bot.corpus.names import name_key, show_identifier
from bot.disambiguation.grouping import group_mentions
from bot.disambiguation.name_forms import NameForm, NameMention, form_of, words_of
from bot.disambiguation.name_relations import form_relation
from bot.errors import RefusedError
from bot.papers.results import Choice, Match
from bot.search.asked_names import asked_name, exact_keys, identifier_within, other_keys, typed_keys
from bot.search.name_likeness import (
    MOST_PARTS,
    Fit,
    Likeness,
    has_same_letters,
    is_short_for,
    likeness,
    shortened,
)
from bot.search.tantivy.names_index import NameCandidate, NamesIndex
from bot.store import authors as store
from bot.store.coauthors import sharing_coauthors, writing_together
from bot.store.corrections import Corrections, lists_of, load_corrections

MOST_CHOICES = 10
"""Of similar names: who is not among the ten best is found sooner by typing more."""
_CANDIDATES = 120
_MISSPELT_WRITINGS = 3
"""Ways of writing what was typed in which a wrong letter is looked for: it takes longest."""
_LABEL_LENGTH = 100
_ENTRY = "author:"
_NUMBERED = re.compile(r"author:\d+", re.ASCII)
_LARGEST_ID = 2**31 - 1
_PAPERS_LOOKED_AT = 200
"""The newest in the corpus: enough for the field; of more papers the years are left out."""
_LISTS_LOOKED_AT = 60
_COAUTHORS = 3
_SPELLINGS, _COMPARED_SPELLINGS = 60, 5
"""Entries of similar names that are looked at, and whose papers are compared."""
_SMALL, _NOT_MANY = 2, 20
"""Papers of an entry that may belong to a larger one by its name; and by its name and a co-author."""
_FEW, _COMPARED = 6, 25
"""Others who may be meant: so many are offered, and so many are looked at for a common co-author."""
_LONG, _MUCH = 5, 7
"""Letters of a part of a name in which a wrong one is a slip; and of all parts that agree."""
_PAPERS_COMPARED = 20
"""Of each entry, the newest in the corpus."""


def people_of_paper(app: App, paper_id: int, limit: int = 25) -> tuple[Choice, ...]:
    """Those on whose page the paper stands, then those its list names; the value is the author's id."""
    with app.store.reading() as session:
        rows = store.people_of_paper(session, paper_id, limit)
    return tuple(Choice(label=row.name, value=str(row.id)) for row in rows)


def author_name(app: App, text: str) -> str:
    """The name that a suggestion "author:<id>" stands for; any other text is a name already.

    Raises:
        RefusedError: the suggestion stands for nobody.

    """
    return author_followed(app, text)[0] if text.startswith(_ENTRY) else text


def author_followed(app: App, text: str) -> tuple[str, int | None]:
    """The name and the entry of the one author whom a text names; else the text itself as a name.

    Raises:
        RefusedError: a suggestion "author:<id>" stands for nobody.

    """
    with app.store.reading() as session:
        ids, _ = _named(session, load_corrections(session), text)
        names = store.names_of(session, ids)
    if len(ids) == 1 and ids[0] in names:
        return names[ids[0]], ids[0]
    if text.startswith(_ENTRY):
        raise RefusedError("author: nobody in the corpus has this number; type a name.")
    return text, None


def author_choices(
    session: Session, corrections: Corrections, ids: Sequence[int]
) -> tuple[AuthorChoice, ...]:
    """Describe these entries, in their order; an unknown id is left out.

    Namesakes come with their most frequent co-authors.
    """
    entries = {entry.id: entry for entry in store.authors_by_id(session, ids)}
    bearers = Counter(entry.name_key for entry in entries.values())
    papers = store.papers_of_each(session, ids)
    identifiers = _identifiers(session, corrections, ids)
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
                identifier=identifiers.get(author_id),
                affiliation=next((one.name for one in affiliations_of(session, author_id)), None)
                if namesakes
                else None,
                newest=newest[0].title if newest else None,
            )
        )
    return tuple(choices)


def _identifiers(session: Session, corrections: Corrections, ids: Sequence[int]) -> dict[int, str | None]:
    """The identifier of each of these entries that is shown."""
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in store.identifiers_of(session, corrections, ids):
        found[row.author_id].append((row.scheme, row.value))
    return {author_id: show_identifier(pairs) for author_id, pairs in found.items()}


def _coauthors(session: Session, author_id: int, papers: Sequence[int]) -> tuple[str, ...]:
    lists = lists_of(session, papers[:_LISTS_LOOKED_AT])
    people = Counter(other for one in lists.values() for other in set(one) if other != author_id)
    frequent = sorted(people, key=lambda other: (-people[other], other))[:_COAUTHORS]
    names = store.names_of(session, frequent)
    return tuple(names[other] for other in frequent if other in names)


def find_author(app: App, name: str, *, exactly: bool = False) -> AuthorAnswer:
    """Answer a name, an identifier or "author:<id>" with the one author that it names, else a pick list.

    Beside the author, the choices are others who are perhaps the same person.

    Args:
        app: The parts to work with.
        name: What was typed.
        exactly: Only an author who is called so is answered; the only one whom it fits is one to choose.

    """
    people = _people(app)
    with app.store.reading() as session:
        corrections = load_corrections(session)
        meant = look_up(session, corrections, people, name, exactly=exactly)
        choices = author_choices(session, corrections, meant.others)
        if len(meant.ids) == 1 and (author := _card(session, corrections, people, meant.ids[0])) is not None:
            return AuthorAnswer(name, Match.EXACT, author, choices=choices, is_likely=meant.is_likely)
    if meant.ids:
        choices = _with_small_ones_marked(choices)
    return AuthorAnswer(
        name, Match.CHOICES if choices else Match.NONE, choices=choices, namesakes=len(meant.ids) > 1
    )


class Meant(NamedTuple):
    """Who is meant by a name."""

    ids: Sequence[int]
    """The entries that the name names: one is meant, several are namesakes."""
    others: Sequence[int]
    """Those to choose from; where one is meant, who is perhaps the same person."""
    is_likely: bool = False
    """Nobody is called exactly so: the entry is the only one that the name fits."""


def look_up(
    session: Session, corrections: Corrections, people: NamesIndex, name: str, *, exactly: bool = False
) -> Meant:
    """Find the entries with exactly this name, else the only one that it fits, else those to choose from."""
    ids, key = _named(session, corrections, name)
    if len(ids) == 1:
        return Meant(ids, _perhaps_also(session, corrections, people, ids[0], key) if key else ())
    if ids or not key:
        return Meant(ids, ids)
    ranked, are_all = _similar(people, typed_keys(name))
    is_open = exactly or not are_all or identifier_within(name) is not None
    only = _only_fit(ranked) if not is_open else None
    if only is not None:
        others = _perhaps_also(session, corrections, people, only.author_id, only.name_key)
        return Meant([only.author_id], others, is_likely=True)
    return Meant((), list(dict.fromkeys(one.candidate.author_id for one in ranked))[:MOST_CHOICES])


class _Fitting(NamedTuple):
    """A candidate with how well a typed name fits it."""

    likeness: Likeness
    typed_key: str
    """The way of writing what was typed that fits best."""
    candidate: NameCandidate


def _only_fit(ranked: Sequence[_Fitting]) -> NameCandidate | None:
    """The only entry that a name fits, where it has the same letters or is short for its name.

    Another script only ever proposes: many names are written alike in Latin letters.
    """
    for most in (Fit.SAME_PARTS, Fit.SHORTENED):
        fitting = [one for one in ranked if one.likeness.fit <= most]
        if len({one.candidate.author_id for one in fitting}) > 1:
            return None
        for one in fitting:
            if _is_certain(one):
                return one.candidate
    return None


def _is_certain(one: _Fitting) -> bool:
    typed, name = one.typed_key, one.candidate.name_key
    return has_same_letters(typed, name) or is_short_for(typed, name)


def _with_small_ones_marked(choices: Sequence[AuthorChoice]) -> tuple[AuthorChoice, ...]:
    """The largest first, the small ones as perhaps theirs where anybody is larger."""
    ordered = sorted(choices, key=lambda one: -one.papers)
    larger = any(one.papers > _SMALL for one in ordered)
    return tuple(replace(one, perhaps=larger and one.papers <= _SMALL) for one in ordered)


def _perhaps_also(
    session: Session, corrections: Corrections, people: NamesIndex, author_id: int, key: str
) -> list[int]:
    """Others who are perhaps the one whom a name means exactly, where that one has few papers.

    They are called the same, or share a co-author and have a similar name; or there are few of such a name.
    """
    form, parts = form_of(key), key.split()
    papers = store.papers_of_each(session, [author_id]).get(author_id, 0)
    if papers > _NOT_MANY or not parts or not store.printed_names(session, author_id):
        return []  # an entry that is not grouped yet says nothing
    name = store.names_of(session, [author_id]).get(author_id, "")
    called = name_key(name)
    found = list(store.authors_by_key(session, corrections, called, _FEW)) if called != key else []
    writings = [parts, *(one.split() for one in other_keys(name, called))]
    joined = [one for writing in writings for one in people.joined(writing, _SPELLINGS)]
    alike = [*_spellings_of(people, key, form), *joined, *_single_words(people, parts)]
    misspelt = people.misspelt(parts, _SPELLINGS)
    slips = [one for one in misspelt if _is_slip(key, one.name_key)]
    similar = {one.author_id: one.papers for one in (*alike, *(misspelt if papers <= _SMALL else slips))}
    similar.pop(author_id, None)
    best = sorted(similar, key=lambda one: (-similar[one], one))[:_COMPARED]
    found += sorted(sharing_coauthors(session, author_id, best, _PAPERS_COMPARED), key=best.index)
    few = {one.author_id for one in (*alike, *slips)} - {author_id}
    found += sorted(few, key=lambda one: (-similar[one], one)) if len(few) <= _FEW else ()
    # Who stands beside them in a list is somebody else.
    others = writing_together(session, author_id, found) | {author_id}
    return [one for one in dict.fromkeys(found) if one not in others][:_FEW]


def _single_words(people: NamesIndex, parts: Sequence[str]) -> list[NameCandidate]:
    """Who is called by one word of a name alone, where few have it; for one word, who else has it."""
    found: list[NameCandidate] = []
    for part in parts:
        having = people.having([part], _FEW + 1)
        if len(part) > 1 and len({one.author_id for one in having}) <= _FEW:
            found += [one for one in having if len(parts) == 1 or one.name_key == part]
    return found


def _is_slip(key: str, other: str) -> bool:
    """Whether names that differ by a letter have much in common: a letter makes short ones another name."""
    parts, others = set(key.split()), set(other.split())
    return sum(map(len, parts & others)) >= _MUCH or all(len(part) >= _LONG for part in parts ^ others)


def author_by_id(app: App, author_id: int) -> Author | None:
    """Answer the author with this id, or None."""
    people = _people(app)
    with app.store.reading() as session:
        if not 0 < author_id <= _LARGEST_ID:
            return None
        return _card(session, load_corrections(session), people, author_id)


def suggest_authors(app: App, typed: str, limit: int = 25) -> tuple[Choice, ...]:
    """Suggest authors while a name is typed: that name, names that it begins, then one wrong letter."""
    key = name_key(asked_name(typed)) or name_key(typed)
    parts = key.split()
    people = _people(app)
    found = people.beginning(parts, limit) if parts or not typed.strip() else []
    for further in (people.joined, people.misspelt):
        if parts and len(found) < limit:
            found += further(parts, limit)
    papers = {candidate.author_id: candidate.papers for candidate in found}
    with app.store.reading() as session:
        corrections = load_corrections(session)
        exact: Sequence[int] = store.authors_by_key(session, corrections, key, limit) if key else ()
        papers |= store.papers_of_each(session, exact)
        ids = list(dict.fromkeys([*exact, *papers]))
        return _labelled(session, corrections, ids[:limit], papers)


def _people(app: App) -> NamesIndex:
    """The index of names; made first where there is none."""
    people = app.index.names
    if people.revision is None:
        people.catch_up(app.store)
    return people


def _card(session: Session, corrections: Corrections, people: NamesIndex, author_id: int) -> Author | None:
    author = load_author(session, corrections, author_id)
    if author is None:
        return None
    if store.printed_names(session, author.id):
        return author  # grouping has compared all spellings
    hint = spelling_notice(session, corrections, people, author)
    return replace(author, notices=(*author.notices, hint)) if hint is not None else author


def _entry_id(text: str) -> int | None:
    """Read the id of "author:<id>"; None where it is no number of an entry."""
    number = text.removeprefix(_ENTRY)
    is_id = number.isascii() and number.isdigit() and len(number) <= 10 and int(number) <= _LARGEST_ID
    return int(number) if is_id else None


def _named(session: Session, corrections: Corrections, text: str) -> tuple[list[int], str]:
    """Find the entries that a text names exactly, several are namesakes; and the key, empty for an id."""
    if _NUMBERED.fullmatch(text):
        author_id = _entry_id(text)
        return [store.living_entry(session, corrections, author_id)] if author_id is not None else [], ""
    if (identifier := identifier_within(text)) is not None:
        author_id = store.author_of_identifier(session, corrections, identifier.scheme, identifier.value)
        if author_id is not None:
            return [author_id], ""
    # Who has an identifier that is unknown here need not be who is called like it.
    keys = exact_keys(text) if identifier is None else list(filter(None, [name_key(text)]))
    for key in keys:
        if ids := store.authors_by_key(session, corrections, key, MOST_NAMESAKES):
            return list(ids), key
    return [], next(iter(keys), "")


def _similar(people: NamesIndex, keys: Sequence[str]) -> tuple[list[_Fitting], bool]:
    """Find entries with a name like this one, the best fit first; and whether these are all.

    Args:
        people: The index of names.
        keys: Of what was typed, as it is and as it may also be written.

    """
    found: set[NameCandidate] = set()
    are_all = True
    for parts in map(str.split, keys):
        for find in (people.having, people.joined, people.beginning, people.initialled):
            some = find(parts, _CANDIDATES)
            are_all = are_all and len(some) < _CANDIDATES
            found.update(some)
    written = [key.split()[:MOST_PARTS] for key in keys[:_MISSPELT_WRITINGS]]
    for parts in {fewer for one in written for fewer in shortened(one)}:
        found.update(people.having(parts, _CANDIDATES))
    if len({one.author_id for one in found}) < MOST_CHOICES:
        for parts in written:
            found |= {*people.sounding(parts, _CANDIDATES), *people.misspelt(parts, _CANDIDATES)}
    ranked = _ranked(found, keys, Fit.MISSPELT)
    if not ranked:  # who only shares a part, such as the family name, is meant where nobody fits better
        shared = (one for parts in written for one in people.sharing(parts, _CANDIDATES))
        ranked = _ranked(set(shared), keys, Fit.SHARES)
    return ranked, are_all


def _ranked(candidates: Iterable[NameCandidate], keys: Sequence[str], worst: Fit) -> list[_Fitting]:
    alike: list[_Fitting] = []
    for candidate in candidates:
        judged = ((like, key) for key in keys if (like := likeness(key, candidate.name_key)) is not None)
        best = min(judged, key=lambda pair: pair[0], default=None)
        if best is not None and best[0].fit <= worst:
            alike.append(_Fitting(*best, candidate))

    def rank(one: _Fitting) -> tuple[Likeness, int, str, int]:
        return one.likeness, -one.candidate.papers, one.candidate.name_key, one.candidate.author_id

    return sorted(alike, key=rank)


def _labelled(
    session: Session, corrections: Corrections, ids: Sequence[int], papers: Mapping[int, int]
) -> tuple[Choice, ...]:
    """Write suggestions, namesakes with an identifier; entries that are gone are left out."""
    entries = {entry.id: entry for entry in store.authors_by_id(session, ids)}
    bearers = Counter(entry.name_key for entry in entries.values())
    namesakes = [entry.id for entry in entries.values() if bearers[entry.name_key] > 1]
    identifiers = _identifiers(session, corrections, namesakes)
    choices: list[Choice] = []
    for author_id in ids:
        if author_id not in entries:
            continue
        count = papers.get(author_id, 0)
        facts = [f"{count:,} paper" if count == 1 else f"{count:,} papers"]
        if author_id in namesakes:
            facts.append(identifiers.get(author_id) or "no identifier")
        choices.append(Choice(_label(entries[author_id].name, " · ".join(facts)), f"{_ENTRY}{author_id}"))
    return tuple(choices)


def _label(name: str, facts: str) -> str:
    tail = f" · {facts[: _LABEL_LENGTH // 2]}"
    room = _LABEL_LENGTH - len(tail)
    return (name if len(name) <= room else f"{name[: room - 1]}…") + tail


def spelling_notice(
    session: Session, corrections: Corrections, people: NamesIndex, author: Author
) -> str | None:
    """Name the entries whose papers make it likely that they are this person, where there are any."""
    form = form_of(author.name)
    ids = _other_spellings(people, author, form)
    papers = {one: _papers_with_coauthors(session, one) for one in (author.id, *ids)}
    own = {person for _, coauthors in papers[author.id] for person in coauthors}
    ids = [one for one in ids if any(not own.isdisjoint(coauthors) for _, coauthors in papers[one])]
    ids = _without_other_identifier(session, corrections, author.id, ids)[:_COMPARED_SPELLINGS]
    if not ids:
        return None
    names = store.names_of(session, ids)
    mentions: list[NameMention] = []
    owners: list[int] = []
    for one in (author.id, *ids):
        name = form if one == author.id else form_of(names.get(one, ""))
        found = _mentions(session, one, papers[one], name)
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


def _other_spellings(people: NamesIndex, author: Author, form: NameForm) -> list[int]:
    """Entries whose names may be another spelling, the best known first."""
    related = _spellings_of(people, name_key(author.name), form)
    ids = dict.fromkeys(one.author_id for one in related if one.author_id != author.id)
    return list(ids)[: _COMPARED_SPELLINGS * 2]


def _spellings_of(people: NamesIndex, key: str, form: NameForm) -> list[NameCandidate]:
    """Names that may be another spelling of this one, the best known first."""
    parts = key.split()
    if not parts:
        return []
    found = {
        *people.initialled(parts, _SPELLINGS),
        *people.joined(parts, _SPELLINGS),
        *people.beginning(parts, _SPELLINGS),
        *people.misspelt(parts, _SPELLINGS),
        *(people.having([form.first, *form.family], _SPELLINGS) if len(form.given) > 1 else ()),
        *(people.having([*form.given[1:], *form.family], _SPELLINGS) if len(form.given) > 1 else ()),
        *(people.having(parts[:-1], _SPELLINGS) if len(parts) > 2 else ()),
        *(people.having([*form.family], _SPELLINGS) if form.family else ()),
    }
    return [
        one
        for one in sorted(found, key=lambda one: (-one.papers, one.author_id))
        if form_relation(form, form_of(one.name_key)) is not None
    ]


def _without_other_identifier(
    session: Session, corrections: Corrections, author_id: int, ids: Sequence[int]
) -> list[int]:
    """Leave out entries that have another identifier of the same scheme: they are other people."""
    schemes: dict[int, set[str]] = {one: set() for one in (author_id, *ids)}
    for row in store.identifiers_of(session, corrections, [author_id, *ids]):
        schemes[row.author_id].add(row.scheme)
    return [one for one in ids if schemes[one].isdisjoint(schemes[author_id])]


def _papers_with_coauthors(session: Session, author_id: int) -> list[tuple[store.NewestPaper, list[int]]]:
    """The newest papers of an entry, each with the other people of its list in order."""
    papers = store.newest_papers_of(session, author_id, _PAPERS_COMPARED)
    lists = lists_of(session, [row.id for row in papers])
    return [(row, [one for one in lists.get(row.id, ()) if one != author_id]) for row in papers]


def _mentions(
    session: Session, entry: int, papers: Sequence[tuple[store.NewestPaper, list[int]]], form: NameForm
) -> list[NameMention]:
    """An entry's papers as mentions, which are one person's: whether they are is no question here."""
    names = store.names_of(session, {one for _, coauthors in papers for one in coauthors})
    return [
        NameMention(
            form=form,
            paper=str(row.id),
            coauthors=tuple(form_of(names[one]) for one in coauthors if one in names),
            year=int(row.published[:4]) if row.published else None,
            venue=row.field or "",
            words=words_of(row.title),
            pages=(entry,),
        )
        for row, coauthors in papers
    ]
