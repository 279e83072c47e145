"""Loads the mentions of papers with what shows whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from sqlmodel import Session

from bot.corpus.institutions import place_of
from bot.corpus.paper import Affiliation
from bot.disambiguation.name_forms import NameForm, NameMention, form_of, words_of
from bot.disambiguation.name_marks import marked_words
from bot.disambiguation.name_relations import form_relation
from bot.store import grouping as store
from bot.store.affiliations import affiliations_of_papers
from bot.store.corrections import OWN_SCHEME, Corrections
from bot.store.grouping import GroupedPeople, MentionedPaper, PlaceRow

_LONGEST_LIST = 100
"""Names of a list that count as co-authors: of thousands none says anything."""
_PAPERS_AT_ONCE = 1_000


class PlacedMention(NamedTuple):
    """Where a mention stands, and whose it was before."""

    paper_id: int
    entry_id: int
    person: int
    name: str
    listed: bool


@dataclass(slots=True)
class Mentions:
    """Mentions as they are stored, and what of them shows whose they are."""

    placed: list[PlacedMention] = field(default_factory=list[PlacedMention])
    named: list[NameMention] = field(default_factory=list[NameMention])

    def add(self, placed: PlacedMention, named: NameMention) -> None:
        """Add one."""
        self.placed.append(placed)
        self.named.append(named)

    def entries(self) -> set[int]:
        """The entries under which they stand, and those of the people whose they were."""
        return {entry for placed in self.placed for entry in (placed.entry_id, placed.person)}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which mentions of papers are wanted, and whose are open."""

    new: frozenset[int] | None = None
    """The papers whose mentions are to be grouped, where those of all others stay whose they are."""
    only: frozenset[int] = frozenset()
    """Of papers that are not new, the people whose mentions are wanted."""


class MentionReader:
    """Makes mentions of what the store has of papers."""

    def __init__(self, session: Session, corrections: Corrections, selection: Selection) -> None:
        self._session = session
        self._corrections = corrections
        self._selection = selection

    def read(self, ids: Iterable[int]) -> Iterator[tuple[PlacedMention, NameMention]]:
        """The mentions of these papers, by paper."""
        papers = store.mentioned_papers(self._session, ids)
        while some := list(islice(papers, _PAPERS_AT_ONCE)):
            yield from self._take(some)

    def _take(
        self, papers: Sequence[tuple[MentionedPaper, list[PlaceRow]]]
    ) -> Iterator[tuple[PlacedMention, NameMention]]:
        entries = {place.entry_id for _, places in papers for place in places}
        pages = {place.entry_id for _, places in papers for place in places if place.position == 0}
        identifiers = store.identifiers_of_entries(self._session, entries)
        names = store.names_of_entries(self._session, pages)
        ids = [paper.id for paper, _ in papers]
        before = GroupedPeople(self._session, entries, ids)
        affiliations = affiliations_of_papers(self._session, ids)
        for paper, places in papers:
            works_at = {one.position: affiliations.get((paper.id, one.position), ()) for one in places}
            yield from self._take_paper(paper, places, identifiers, names, works_at, before)

    def _take_paper(
        self,
        paper: MentionedPaper,
        places: Sequence[PlaceRow],
        identifiers: Mapping[int, list[tuple[str, str]]],
        names: Mapping[int, str],
        works_at: Mapping[int, Sequence[Affiliation]],
        before: GroupedPeople,
    ) -> Iterator[tuple[PlacedMention, NameMention]]:
        forms = [form_of(name) for name in paper.authors]
        among = tuple(dict.fromkeys(forms[:_LONGEST_LIST]))
        about = NameMention(
            form_of(""),
            str(paper.id),
            year=int(paper.published[:4]) if paper.published else None,
            venue=(paper.venue or paper.field or "").strip().casefold(),
            words=words_of(paper.title),
        )
        places = [place for place in places if place.position <= len(forms)]
        listed = [place for place in places if place.position]
        pages = _pages(listed, [one for one in places if one.position == 0], forms, names)
        # A name twice in one list is one entry, whose two places cannot be distinguished.
        once = {place.entry_id: place for place in reversed(places) if place.position}
        new, only = self._selection.new, self._selection.only
        is_open = new is None or paper.id in new
        for place in places:
            on_page = place.position == 0
            if not (is_open or place.author_id in only):
                continue
            if place.entry_id in once if on_page else once[place.entry_id] is not place:
                continue
            name = names.get(place.entry_id, "") if on_page else paper.authors[place.position - 1]
            form = form_of(name) if on_page else forms[place.position - 1]
            person = before.person(paper.id, place.entry_id)
            of_pages = (place.entry_id,) if on_page else pages.get(place.position, ())
            known = dict.fromkeys(
                one
                for entry in (place.entry_id, *of_pages)
                for one in identifiers.get(entry, ())
                if one[0] != OWN_SCHEME
            )
            mention = replace(
                about,
                form=form,
                paper=f"{paper.id}@{place.entry_id}" if on_page else about.paper,
                coauthors=tuple(one for one in among if one.key != form.key),
                affiliations=frozenset(map(place_of, works_at[place.position])),
                identifiers=tuple(known),
                pages=of_pages,
                marked=marked_words(name),
                fixed=self._fixed(paper.id, place, person),
            )
            yield PlacedMention(paper.id, place.entry_id, person, name, not on_page), mention

    def _fixed(self, paper_id: int, place: PlaceRow, person: int) -> int | None:
        """Whose a mention stays: by corrections, and where only the mentions of new papers are grouped."""
        law, new = self._corrections, self._selection.new
        is_new = new is not None and paper_id in new
        if new is not None and not is_new:
            return place.author_id
        if law.merges(person) or law.moves(paper_id, person):
            return place.author_id
        return place.author_id if law.concerns(place.author_id) and not is_new else None


def _pages(
    listed: Sequence[PlaceRow], pages: Sequence[PlaceRow], forms: Sequence[NameForm], names: Mapping[int, str]
) -> dict[int, tuple[int, ...]]:
    """The pages on which a paper stands that belong to one person of its list, by the place there."""
    found: dict[int, tuple[int, ...]] = {}
    for page in pages:
        form = form_of(names.get(page.entry_id, ""))
        meant = [
            one.position
            for one in listed
            if one.entry_id == page.entry_id or form_relation(form, forms[one.position - 1]) is not None
        ]
        if len(meant) == 1:
            found[meant[0]] = (*found.get(meant[0], ()), page.entry_id)
    return found
