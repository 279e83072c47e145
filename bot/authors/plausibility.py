"""What a reader should know of an author's figures: which cannot be true together, and what they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.authors.results import CorpusFigures, Reported


@dataclass(frozen=True, slots=True)
class Basis:
    """What the corpus figures of one entry rest on."""

    identified: bool
    """A source gives an identifier of the person."""
    cut: int
    """Papers whose list of authors the source cut."""
    unlisted: int
    """Attributed papers whose list does not name the person."""
    unlisted_cut: int
    """Those of them whose list is cut: the person may stand in the part that is missing."""
    attributed_by: Sequence[str]
    """The sources that attribute papers to the person."""


def notices(name: str, reported: Reported | None, corpus: CorpusFigures, basis: Basis) -> tuple[str, ...]:
    """Say in short sentences what the figures contradict, and what they cannot tell."""
    found: list[str] = []
    if reported is not None:
        found += _contradictions(reported)
        found += _more_than_reported(reported, corpus)
    found += _attributed_only(name, corpus, basis)
    if not basis.identified:
        found.append(
            "Papers under this name may be by several people: the sources give no identifier of the author."
        )
    return tuple(found)


def _contradictions(reported: Reported) -> list[str]:
    h_index, papers, citations = reported.h_index, reported.papers, reported.citations
    found: list[str] = []
    if h_index:
        # h papers with at least h citations each: the definition of J. E. Hirsch, PNAS 102 (2005) 16569.
        pairs = ((h_index, papers, "paper"), (h_index**2, citations, "citation"))
        short = [(need, said, unit) for need, said, unit in pairs if said is not None and said < need]
        if short:
            needed = " and ".join(_count(need, unit) for need, _, unit in short)
            said = " and ".join(_count(said, unit) for _, said, unit in short)
            found.append(
                f"An h-index of {h_index:,} needs at least {needed}; the source says {said}: "
                "these figures contradict each other."
            )
    if h_index == 0 and citations:
        found.append(
            f"An h-index of 0 means that no paper is cited; the source says {_count(citations, 'citation')}: "
            "these figures contradict each other."
        )
    if papers == 0 and citations:
        found.append(
            f"The source says {_count(citations, 'citation')} of 0 papers: "
            "these figures contradict each other."
        )
    return found


def _more_than_reported(reported: Reported, corpus: CorpusFigures) -> list[str]:
    found: list[str] = []
    if reported.papers is not None and corpus.papers > reported.papers:
        found.append(
            f"This corpus has {_count(corpus.papers, 'paper')} under this entry, more than the "
            f"{reported.papers:,} that the source reports."
        )
    cited = corpus.cited
    if cited is not None and reported.citations is not None and cited.citations > reported.citations:
        found.append(
            f"{_count(cited.papers, 'paper')} of this corpus alone have "
            f"{_count(cited.citations, 'citation')}, more than the {reported.citations:,} that the source "
            "reports."
        )
    if cited is not None and reported.h_index is not None and cited.h_index > reported.h_index:
        found.append(
            f"The papers of this corpus alone give an h-index of {cited.h_index:,}, more than the "
            f"{reported.h_index:,} that the source reports."
        )
    return found


def _attributed_only(name: str, corpus: CorpusFigures, basis: Basis) -> list[str]:
    found: list[str] = []
    word = f"on the word of {_listing(basis.attributed_by)} alone"
    of_papers = f"of {_count(corpus.papers, 'paper')}"
    cut, whole = basis.unlisted_cut, basis.unlisted - basis.unlisted_cut
    if cut:
        rest, list_does = ("rests", "its list does") if cut == 1 else ("rest", "their lists does")
        found.append(
            f"{cut:,} {of_papers} {rest} {word}: the visible part of {list_does} not name {name}. "
            f"{basis.cut:,} of {_count(corpus.papers, 'list')} {'is' if basis.cut == 1 else 'are'} cut."
        )
    if whole:
        rest, list_does = ("rests", "its whole list does") if whole == 1 else ("rest", "their whole lists do")
        found.append(f"{whole:,} {of_papers} {rest} {word}, though {list_does} not name {name}.")
    return found


def _count(number: int, unit: str) -> str:
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"


def _listing(sources: Sequence[str]) -> str:
    return " and ".join(f"the {source}" if source.islower() else source for source in sources)
