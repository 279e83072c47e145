from __future__ import annotations

from bot.authors.figures import Basis, notices
from bot.authors.results import CorpusFigures, Reported


def reported(h_index: int | None = None, papers: int | None = None, citations: int | None = None) -> Reported:
    return Reported(
        source="author page",
        as_of=None,
        field=None,
        h_index=h_index,
        papers=papers,
        citations=citations,
        novelty=None,
        ai_score=None,
    )


def said(
    figures: Reported | None = None,
    *,
    papers: int = 1,
    cut: int = 0,
    unlisted: int = 0,
    unlisted_cut: int = 0,
) -> tuple[str, ...]:
    corpus = CorpusFigures(
        papers=papers,
        listed=papers - unlisted,
        attributed=unlisted,
        with_code=0,
        fields={},
        years={},
        coauthors=(),
    )
    basis = Basis(cut=cut, unlisted=unlisted, unlisted_cut=unlisted_cut, attributed_by=["author page"])
    return notices("Pan Pan", figures, corpus, basis)


def test_figures_that_can_be_true_together_are_not_remarked():
    assert said(reported(5, 5, 25)) == ()
    assert said(reported(0, 3, 0)) == ()
    assert said(reported(98)) == ()
    assert said(None) == ()


def test_only_the_figure_that_contradicts_is_named():
    assert said(reported(5, 5, 24)) == (
        "An h-index of 5 needs at least 25 citations; the source says 24 citations: "
        "these figures contradict each other.",
    )
    assert said(reported(5, 1, 100)) == (
        "An h-index of 5 needs at least 5 papers; the source says 1 paper: "
        "these figures contradict each other.",
    )


def test_citations_without_a_cited_paper_are_remarked():
    assert said(reported(0, 3, 7)) == (
        "An h-index of 0 means that no paper is cited; the source says 7 citations: "
        "these figures contradict each other.",
    )
    assert said(reported(None, 0, 7), papers=0) == (
        "The source says 7 citations of 0 papers: these figures contradict each other.",
    )


def test_more_papers_here_than_reported_are_remarked():
    assert said(reported(papers=1), papers=1_200) == (
        "This corpus has 1,200 papers under this entry, more than the 1 that the source reports.",
    )
    assert said(reported(papers=1_200), papers=1_200) == ()


def test_attributed_papers_are_told_by_whether_their_lists_are_cut():
    assert said(papers=4, cut=2, unlisted=3, unlisted_cut=1) == (
        "1 of 4 papers rests on the word of the author page alone: the visible part of its list does not "
        "name Pan Pan. 2 of 4 lists are cut.",
        "2 of 4 papers rest on the word of the author page alone, though their whole lists do not "
        "name Pan Pan.",
    )
