"""Where a person works, year by year, as the sources of the papers say."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlmodel import Session

from bot.app import App
from bot.corpus.institutions import place_words
from bot.store.affiliations import InstitutionOfPaper, affiliations_of_person
from bot.store.authors import living_entry
from bot.store.corrections import load_corrections


@dataclass(frozen=True, slots=True)
class AffiliationYears:
    """An institution at which a person works, with the years of the papers that say so."""

    name: str
    """As most of the papers write it."""
    ror: str | None
    """Its id in the Research Organization Registry, where a source gives it."""
    first_year: str | None
    """None where none of the papers has a date."""
    last_year: str | None
    papers: int
    sources: tuple[str, ...]
    """Whose word it is, by name."""


def affiliations_by_year(app: App, author_id: int) -> tuple[AffiliationYears, ...]:
    """Where a person works as the sources of the papers say, the newest first; those without a date last."""
    with app.store.reading() as session:
        return affiliations_of(session, living_entry(session, load_corrections(session), author_id))


def affiliations_of(session: Session, author_id: int) -> tuple[AffiliationYears, ...]:
    """The same, of an entry that leads nowhere."""
    rows = affiliations_of_person(session, author_id)
    # One institution with a ROR id and, by another source, without one is one line.
    by_words: defaultdict[str, list[InstitutionOfPaper]] = defaultdict(list)
    for row in rows:
        by_words[place_words(row.name)].append(row)
    found = [_years(some) for some in by_words.values()]
    return tuple(
        sorted(found, key=lambda one: (one.last_year or "", one.first_year or "", one.papers), reverse=True)
    )


def _years(rows: list[InstitutionOfPaper]) -> AffiliationYears:
    papers: defaultdict[str, set[int]] = defaultdict(set)
    for row in rows:
        papers[row.name].add(row.paper_id)
    years = sorted({row.published[:4] for row in rows if row.published})
    rors = sorted({row.key.removeprefix("ror ") for row in rows if row.key.startswith("ror ")})
    return AffiliationYears(
        name=min(papers, key=lambda name: (-len(papers[name]), -len(name), name)),
        ror=rors[0] if rors else None,
        first_year=years[0] if years else None,
        last_year=years[-1] if years else None,
        papers=len({row.paper_id for row in rows}),
        sources=tuple(sorted({row.source for row in rows})),
    )
