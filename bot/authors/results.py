"""Results of questions about authors: figures, answers to names, choices."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from bot.authors.affiliations import AffiliationYears
from bot.papers.results import Match, Paper


class CertaintyLevel(StrEnum):
    """How sure it is that the papers of an entry are one person's."""

    SURE = "sure"
    LIKELY = "likely"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure it is, and by what."""

    level: CertaintyLevel
    grounds: str
    """Half a sentence."""

    @property
    def sentence(self) -> str:
        """Both in one line."""
        head = "Likely one person" if self.level is CertaintyLevel.LIKELY else self.level.capitalize()
        return f"{head}: {self.grounds}."


@dataclass(frozen=True, slots=True)
class Author:
    """Everything that is known of one author."""

    id: int
    name: str
    field: str | None
    reported: Reported | None
    corpus: CorpusFigures
    newest: tuple[Paper, ...]
    notices: tuple[str, ...]
    """What a reader should know, such as figures that contradict each other."""
    changes: ReportedChanges | None = None
    """How the reported figures changed since the reading before; None where there is but one."""
    clusters: tuple[CoauthorCluster, ...] = ()
    """Of an entry that rests on a name alone, the largest first; a paper on its own is one, too."""
    identifiers: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    """Under which papers have the person besides, the most frequent first; of entries that are grouped."""
    corrections: tuple[str, ...] = ()
    """What people corrected, in sentences."""
    affiliations: tuple[AffiliationYears, ...] = ()
    """Where the person works as sources say, the newest first."""
    certainty: Certainty | None = None
    """How sure it is that all of it is one person; None where there is nothing to say of it."""
    most_cited: tuple[tuple[str, int], ...] = ()
    """The titles that most papers of the corpus cite, and how many do."""


@dataclass(frozen=True, slots=True)
class AuthorChoice:
    """One entry of a pick list, with facts that distinguish it from its namesakes."""

    author_id: int
    name: str
    papers: int
    field: str | None
    years: str | None
    """Such as "2019 to 2025"."""
    coauthors: tuple[str, ...] = ()
    identifier: str | None = None
    affiliation: str | None = None
    """The newest, where one is stored; of namesakes."""
    newest: str | None = None
    """The title of the newest paper."""
    perhaps: bool = False
    """Of one or two papers, which may belong to somebody above."""


@dataclass(frozen=True, slots=True)
class AuthorAnswer:
    """The answer to a name: the author where it is exact, else a pick list, never a guess.

    Beside an author the choices are others who are perhaps the same person.
    """

    query: str
    match: Match
    author: Author | None = None
    choices: tuple[AuthorChoice, ...] = ()
    namesakes: bool = False
    """The choices all bear the name as it was asked for: it is not one person's."""
    is_likely: bool = False
    """The author is not called exactly so, but is the only one whose name it fits."""


@dataclass(frozen=True, slots=True)
class Reported:
    """Figures that a source reports of an author: not computed here."""

    source: str
    as_of: dt.date | None
    field: str | None
    h_index: int | None
    papers: int | None
    citations: int | None
    novelty: float | None
    ai_score: float | None


@dataclass(frozen=True, slots=True)
class ReportedChanges:
    """How reported figures changed from one reading of a source to the next."""

    since: dt.date
    """The day of the earlier reading."""
    changes: dict[str, float]
    """By the name of the figure in `Reported`; what did not change is left out."""


@dataclass(frozen=True, slots=True)
class CitationFigures:
    """What follows from citations, of those papers whose citations are known."""

    papers: int
    """On how many papers the figures rest."""
    citations: int
    h_index: int
    g_index: int
    i10: int


@dataclass(frozen=True, slots=True)
class CoauthorCluster:
    """Papers that share co-authors, directly or by way of other papers."""

    papers: int
    coauthors: tuple[str, ...]
    """The most frequent ones."""
    years: str | None


@dataclass(frozen=True, slots=True)
class Coauthor:
    """A co-author, with the number of papers in common."""

    author_id: int
    name: str
    papers: int


@dataclass(frozen=True, slots=True)
class CorpusFigures:
    """What this corpus itself shows of an author."""

    papers: int
    listed: int
    """Papers whose list names the author."""
    attributed: int
    """Papers that stand on the author's page, named in the list or not."""
    with_code: int
    fields: dict[str, int]
    """Papers by field code, most frequent first."""
    years: dict[str, int]
    """Papers by year, in order; papers without a date are left out."""
    coauthors: tuple[Coauthor, ...]
    """Most frequent first."""
    first_author: int = 0
    """Papers whose list begins with the author."""
    last_author: int = 0
    """Papers of several authors whose list ends with the author; only whole lists tell."""
    whole_lists: int = 0
    """Papers whose list of authors is not cut."""
    cited: CitationFigures | None = None
    """None where no citations are known."""
    fields_by_year: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """Papers by year and field; "" where a paper has no field."""
    citations_by_year: dict[str, int] = field(default_factory=dict[str, int])
    """Citations of the papers of a year, of papers whose citations are known."""
