"""Figures that follow from the citations of papers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from bot.authors.results import CitationFigures


def citation_figures(citations: Iterable[int]) -> CitationFigures | None:
    """Compute the figures from the citations of each paper; None where no paper carries them.

    h papers have at least h citations each (J. E. Hirsch, PNAS 102 (2005) 16569); the g most cited
    papers have at least g x g together (L. Egghe, Scientometrics 69 (2006) 131), of papers that are
    there; i10 counts papers with at least ten.
    """
    ranked = sorted(citations, reverse=True)
    if not ranked:
        return None
    return CitationFigures(
        papers=len(ranked),
        citations=sum(ranked),
        h_index=sum(count >= place for place, count in enumerate(ranked, 1)),
        g_index=sum(total >= place**2 for place, total in enumerate(accumulate(ranked), 1)),
        i10=sum(count >= 10 for count in ranked),
    )
