"""One author's figures: what a source reports, what this corpus shows, and contradictions between them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

from sqlmodel import Session

from bot.authors.affiliations import affiliations_of
from bot.authors.certainty import (
    Grounds,
    certainty,
    differing_names,
    frequent_names,
    hang_together,
    unlike_names,
)
from bot.authors.results import (
    Author,
    CitationFigures,
    Coauthor,
    CoauthorCluster,
    CorpusFigures,
    Reported,
    ReportedChanges,
)
from bot.corpus.names import write_identifier
from bot.disambiguation.grouping import coauthor_clusters
from bot.disambiguation.name_forms import NameForm, block_of, form_of
from bot.disambiguation.name_relations import FormRelation, compare_forms
from bot.papers.loading import load_papers
from bot.store import authors as store
from bot.store.authors import PaperOfAuthor, ReportRow
from bot.store.citations import cited_here, has_citations
from bot.store.coauthors import frequent_coauthors, sharing_coauthors
from bot.store.corrections import CorrectionRow, Corrections, lists_of
from bot.store.grouping import people_in_blocks
from bot.store.models import CorrectionKind


def citation_figures(citations: Iterable[int]) -> CitationFigures | None:
    """Compute the figures from the citations of each paper; None where no paper has any.

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


@dataclass(frozen=True, slots=True)
class Basis:
    """What the corpus figures of one entry rest on."""

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
    return " and ".join(map(page_words, sources))


def page_words(source: str) -> str:
    """A source as a sentence names it: "the author page", "Zotero"."""
    return f"the {source}" if source.islower() else source


MOST_COAUTHORS = 50
MOST_NAMESAKES = 25
"""As many as Discord's select menu takes."""
NEWEST_PAPERS = 8
FIGURES = ("h_index", "papers", "citations", "novelty", "ai_score")


MOST_CITED = 3
"""Papers that are named as most cited here."""


def load_author(session: Session, corrections: Corrections, author_id: int) -> Author | None:
    """Load everything that is known of one author; None where there is no such entry."""
    author_id = store.living_entry(session, corrections, author_id)
    entry = next(iter(store.authors_by_id(session, [author_id])), None)
    if entry is None:
        return None
    rows = store.papers_of(session, [author_id])
    frequent = frequent_coauthors(session, author_id, MOST_COAUTHORS)
    known = store.identifiers_of(session, corrections, [author_id])
    identifiers = [write_identifier(row.scheme, row.value) for row in known]
    printed = store.printed_names(session, author_id)
    is_clustered = not identifiers and 1 < len(rows) <= MOST_PAPERS
    names = store.names_of(session, [other for other, _ in frequent])
    unlisted = [row for row in rows if row.place is None]
    pages = store.attributing_sources(session, author_id)
    basis = Basis(
        cut=sum(row.authors_truncated for row in rows),
        unlisted=len(unlisted),
        unlisted_cut=sum(row.authors_truncated for row in unlisted),
        attributed_by=pages,
    )
    coauthors = tuple(Coauthor(other, names[other], papers) for other, papers in frequent if other in names)
    corpus = corpus_figures(rows, coauthors)
    reports = store.reports_of(session, corrections, author_id)
    reported, changes = _newest_report(reports)
    lists = lists_of(session, [row.paper_id for row in rows]) if is_clustered else {}
    others = [[one for one in lists.get(row.paper_id, ()) if one != author_id] for row in rows]
    clusters = clusters_of(rows, others, partial(store.names_of, session)) if is_clustered else ()
    differing = differing_names(printed)
    is_one = len(clusters) == 1 and differing is None
    grounds = Grounds(
        papers=len(rows),
        identified=store.identified_papers(session, author_id) if identifiers else 0,
        of_one_scheme=max(Counter(row.scheme for row in known).values(), default=1),
        bearers=len(store.authors_by_key(session, corrections, entry.name_key, MOST_NAMESAKES)),
        pages=[page_words(one) for one in pages] if all(row.attributed for row in rows) else (),
        clusters=clusters,
        is_strong=len(clusters) == 1 and hang_together(others),
        differing=differing,
        unlike=unlike_names(printed) if identifiers else None,
        shortened=_shortened_name(session, author_id, printed) if is_one else None,
        is_grouped=bool(printed),
        cut=basis.cut,
    )
    newest = load_papers(session, [row.paper_id for row in rows[:NEWEST_PAPERS]])
    return Author(
        id=entry.id,
        name=entry.name,
        field=(reported.field if reported else None) or next(iter(corpus.fields), None),
        reported=reported,
        corpus=corpus,
        newest=tuple(newest.values()),
        notices=notices(entry.name, reported, corpus, basis),
        changes=changes,
        clusters=clusters,
        identifiers=tuple(identifiers),
        other_names=tuple(name for name, _ in printed if name != entry.name),
        corrections=tuple(_correction(row, author_id) for row in corrections.of_author(author_id)),
        affiliations=affiliations_of(session, author_id),
        certainty=certainty(grounds),
        most_cited=_most_cited(session, [row.paper_id for row in rows]),
    )


_PAPERS_COMPARED = 40
"""The newest ones, whose co-authors are compared with those of others of like names."""


def _shortened_name(
    session: Session, author_id: int, printed: Sequence[tuple[str, int]]
) -> tuple[str, str] | None:
    """A name in initials on the papers, and another person with like co-authors who may be meant by it."""
    for name in frequent_names(printed):
        form = form_of(name)
        if not (form.is_initials and form.given):
            continue
        block = block_of(form)
        names = people_in_blocks(session, [block]).get(block, {})
        written = (ids for key, ids in names.items() if _is_written_out(form, form_of(key)))
        others = sorted(set[int]().union(*written) - {author_id})
        if len(others) <= MOST_NAMESAKES:
            near = sharing_coauthors(session, author_id, others, _PAPERS_COMPARED)
            if near:
                return name, store.names_of(session, [min(near)])[min(near)]
    return None


def _is_written_out(initials: NameForm, other: NameForm) -> bool:
    return not other.is_initials and compare_forms(initials, other) is FormRelation.INITIAL


def _most_cited(session: Session, papers: Sequence[int]) -> tuple[tuple[str, int], ...]:
    """The titles of the papers that most others of the corpus cite."""
    if not has_citations(session):
        return ()
    cited = {paper_id: len(some) for paper_id, some in cited_here(session, papers).items()}
    best = sorted(cited, key=lambda one: (-cited[one], one))[:MOST_CITED]
    return tuple((paper.title, cited[paper_id]) for paper_id, paper in load_papers(session, best).items())


def corpus_figures(rows: Sequence[PaperOfAuthor], coauthors: tuple[Coauthor, ...]) -> CorpusFigures:
    """Count what the corpus shows in these papers of an author."""
    cited: Counter[str] = Counter()
    by_year: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.published is not None:
            by_year[row.published[:4]][row.field or ""] += 1
            if row.citations is not None:
                cited[row.published[:4]] += row.citations
    # The last place of a list that is cut is not known.
    whole = [row for row in rows if row.has_list and not row.authors_truncated]
    return CorpusFigures(
        papers=len(rows),
        listed=sum(row.place is not None for row in rows),
        attributed=sum(row.attributed for row in rows),
        with_code=sum(row.has_code for row in rows),
        fields=_fields(rows),
        years={year: sum(by_year[year].values()) for year in sorted(by_year)},
        coauthors=coauthors,
        first_author=sum(row.place == 1 for row in rows),
        last_author=sum(row.is_last for row in whole),
        whole_lists=len(whole),
        cited=citation_figures(row.citations for row in rows if row.citations is not None),
        fields_by_year={year: dict(by_year[year]) for year in sorted(by_year)},
        citations_by_year={year: cited[year] for year in sorted(cited)},
    )


def _fields(rows: Sequence[PaperOfAuthor]) -> dict[str, int]:
    counts = Counter(row.field for row in rows if row.field is not None)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _newest_report(rows: Sequence[ReportRow]) -> tuple[Reported | None, ReportedChanges | None]:
    """Choose the reading of the latest day, and compare it with the same source's reading before.

    A reading without a day counts by the day of its import.
    """
    readings = sorted(rows, key=lambda row: (row.as_of or row.imported_at.date(), row.id))
    if not readings:
        return None, None
    newest = readings[-1]
    reported = Reported(
        source=newest.source,
        as_of=newest.as_of,
        field=newest.field,
        h_index=newest.h_index,
        papers=newest.papers,
        citations=newest.citations,
        novelty=newest.novelty,
        ai_score=newest.ai_score,
    )
    before = [
        row for row in readings[:-1] if (row.source, row.author_id) == (newest.source, newest.author_id)
    ]
    if not before:
        return reported, None
    changes: dict[str, float] = {}
    for name in FIGURES:
        now, then = getattr(newest, name), getattr(before[-1], name)
        if now is not None and then is not None and now != then:
            changes[name] = now - then
    return reported, ReportedChanges(before[-1].as_of or before[-1].imported_at.date(), changes)


def _correction(row: CorrectionRow, author_id: int) -> str:
    day = f"{row.made_at:%Y-%m-%d}"
    if row.kind is CorrectionKind.MERGE:
        what = f"the entry {row.author_name} was merged into this one"
        if row.into_id != author_id:
            what = f"this entry was merged into {row.into_name}"
    else:
        papers = "1 paper was" if row.papers == 1 else f"{row.papers:,} papers were"
        what = f"{papers} moved {'here' if row.into_id == author_id else 'to another entry'}"
    return f"Correction {row.id} of {day}: {what} ({row.reason})."


MOST_PAPERS = 3_000
"""Of more papers under one name no clusters are computed: they would all be connected."""
_COAUTHORS = 3


def clusters_of(
    rows: Sequence[PaperOfAuthor],
    others: Sequence[Sequence[int]],
    names_of: Callable[[Iterable[int]], Mapping[int, str]],
) -> tuple[CoauthorCluster, ...]:
    """Compute the co-author clusters of an author's papers.

    Args:
        rows: The papers.
        others: The co-authors on each paper.
        names_of: Answers the names of people.

    """
    found = coauthor_clusters(others)
    frequent: list[list[int]] = []
    for cluster in found:
        people = Counter(one for number in cluster for one in set(others[number]))
        frequent.append(sorted(people, key=lambda one: (-people[one], one))[:_COAUTHORS])
    names = names_of({one for few in frequent for one in few})
    return tuple(
        CoauthorCluster(
            papers=len(cluster),
            coauthors=tuple(names[one] for one in few if one in names),
            years=span(sorted(day[:4] for number in cluster if (day := rows[number].published))),
        )
        for cluster, few in zip(found, frequent, strict=True)
    )


def span(years: Sequence[str]) -> str | None:
    """The first and the last of ordered years: "2019 to 2025"."""
    if not years:
        return None
    return years[0] if years[0] == years[-1] else f"{years[0]} to {years[-1]}"
