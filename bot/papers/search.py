"""Searches the corpus: the index finds and orders, the store gives the rows."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence

from bot.app import App
from bot.corpus.paper import first_day, last_day
from bot.errors import RefusedError, SearchUnusableError
from bot.papers.identifiers import is_identifier, papers_listed, papers_named
from bot.papers.loading import list_papers, load_papers
from bot.papers.results import (
    Choice,
    Hit,
    Match,
    Paper,
    PaperChoices,
    SearchAnswer,
    SearchPage,
    SearchRequest,
    Span,
    nearest_page,
)
from bot.search.patience import QUERY, TYPING, within
from bot.search.query import (
    AuthorFilter,
    CodeFilter,
    DateFilter,
    FieldFilter,
    Filter,
    ParsedQuery,
    Sort,
    find_code,
    parse_query,
    read_day,
)
from bot.search.reranking import Texts
from bot.search.retrieval import MOST_PAPERS, Retrieved, Retriever
from bot.search.snapshot import Snapshot
from bot.search.snippets import Highlighted, Highlighter, Marked, with_dots
from bot.search.suggestions import MOST_SIMILAR, did_you_mean, papers_titled, similar_papers, suggested_papers
from bot.store.papers import living_papers, texts_of, titles_of
from bot.text.folding import plain, plain_words
from bot.text.latex import has_latex, readable

PAGE = 6
"""Results on a page: what fits in one card."""
_MOST_CODES = 40
"""Codes of fields that a refusal names."""
_LONGEST_OPTION = 40
"""Characters of an option's value that a refusal repeats."""


def request_filters(request: SearchRequest, codes: Sequence[str]) -> tuple[Filter, ...]:
    """The filters that the options of a request stand for, or RefusedError."""
    filters: list[Filter] = []
    if request.field is not None and request.field.strip():
        filters.append(_field(request.field.strip(), codes))
    if request.author is not None and request.author.strip():
        filters.append(AuthorFilter(request.author.strip()))
    if request.since or request.until:
        filters.append(_dates(request.since or None, request.until or None))
    if request.code is not None:
        filters.append(CodeFilter(negated=not request.code))
    return tuple(filters)


def _field(value: str, codes: Sequence[str]) -> FieldFilter:
    code = find_code(value, codes)
    if code is None:
        if not codes:
            raise RefusedError("field: the corpus has no papers with a field yet; leave the option out.")
        known = ", ".join(codes[:_MOST_CODES]) + (", …" if len(codes) > _MOST_CODES else "")
        raise RefusedError(f"field: no paper has the field {_shown(value)}; the corpus has {known}.")
    return FieldFilter(code)


def _dates(since: str | None, until: str | None) -> DateFilter:
    for name, value in (("since", since), ("until", until)):
        if value is not None:
            _check_day(name, value)
    since, until = (value.strip() if value is not None else None for value in (since, until))
    if since is not None and until is not None and first_day(since) > last_day(until):
        raise RefusedError(f"since: {since} is after until: {until}; no day lies between them.")
    return DateFilter(since, until)


def _check_day(name: str, value: str) -> None:
    try:
        read_day(value.strip())
    except ValueError:
        raise RefusedError(
            f"{name}: {_shown(value)} is no date; write a year, a month or a day, "
            "such as 2021, 2021-05 or 2021-05-26."
        ) from None


def _shown(value: str) -> str:
    return value if len(value) <= _LONGEST_OPTION else value[: _LONGEST_OPTION - 1] + "…"


_LONGEST_LABEL = 100
"""Characters that Discord allows in the name of a choice."""
_MOST_CHOICES = 5
"""Papers to choose from where a title is not exact."""
NO_PAPER = 0
"""No paper has this id: an identifier that the corpus lacks finds nothing, not papers with like words."""
_MOST_BEGINNING = 100
"""Titles among which the one is looked for that begins with what is typed."""
PART_AWAY = (
    "A part of the search cluster is away, so that papers may be lacking. No papers are lost; try again in a "
    "minute, or name a paper by its number, arXiv id or DOI."
)
_SIMILAR = re.compile(r"similar:(\d{1,12})", re.IGNORECASE | re.ASCII)


@within(QUERY)
def search(app: App, request: SearchRequest) -> SearchAnswer:
    """Find papers; RefusedError where an option of the request cannot be."""
    return _search(app, request)[0]


@within(QUERY)
def search_page(app: App, request: SearchRequest, page: int = 1, per_page: int = PAGE) -> SearchPage:
    """Find papers, and load one page of the answer; RefusedError where an option of the request cannot be."""
    answer, highlighter = _search(app, request)
    return _page(app, answer, highlighter, page, per_page)


@within(QUERY)
def page_of(app: App, answer: SearchAnswer, page: int, per_page: int = PAGE) -> SearchPage:
    """One page of an earlier answer; the words to highlight are read from its request again."""
    snapshot = _snapshot(app)
    query = _parse(app, snapshot, answer.request)
    clauses = snapshot.answered(lambda asked: Retriever(asked, query).clauses)
    return _page(app, answer, Highlighter(clauses), page, per_page)


def _search(app: App, request: SearchRequest) -> tuple[SearchAnswer, Highlighter]:
    started = time.perf_counter()
    snapshot = _snapshot(app)
    query = _parse(app, snapshot, request)
    if (similar_to := _similar_to(request)) is not None:
        reading, found = _similar(app, snapshot, request, similar_to)
        return _answer(snapshot, request, reading, found, None, started), Highlighter(())
    if (listed := papers_listed(app, request.query)) is not None:
        reading, found = _listed(app, snapshot, request, listed)
        return _answer(snapshot, request, reading, found, None, started), Highlighter(())
    retriever, found, suggestion = snapshot.answered(
        lambda asked: _found(asked, query, request.sort, _texts(app))
    )
    is_for_meaning = request.sort is Sort.RELEVANCE and query.clauses and not found.has_everything
    if is_for_meaning and not retriever.is_of_names:
        _add_meaning(app, query, retriever, found)
    is_number = query.paper_id is not None and request.query.strip().lower().startswith("paper:")
    is_named = (query.paper_id is not None and not is_number) or is_identifier(request.query)
    reading = request.query.strip() if is_named else query.reading
    return _answer(snapshot, request, reading, found, suggestion, started), Highlighter(retriever.clauses)


def _found(
    snapshot: Snapshot, query: ParsedQuery, sort: Sort, texts: Texts
) -> tuple[Retriever, Retrieved, str | None]:
    """What was found, and by whom; and the query spelt otherwise where nothing was."""
    retriever = Retriever(snapshot, query, texts)
    found = retriever.find(sort)
    suggestion = did_you_mean(snapshot, query) if not (found.total or found.corrected) else None
    return retriever, found, suggestion


def _add_meaning(app: App, query: ParsedQuery, retriever: Retriever, found: Retrieved) -> None:
    """Put papers that lack words into the order of words and meaning, with those near in meaning alone.

    Only where no paper has all the words, and not for a few words with names or misspelt ones among them:
    of what people remember, words are the better sign.
    """
    words = len(retriever.clauses)
    ranked = app.meaning.ranked(query.sentence, found.scores, retriever.among, MOST_PAPERS, words)
    found.partial, found.by_meaning = ranked.papers, ranked.by_meaning


def _page(app: App, answer: SearchAnswer, highlighter: Highlighter, page: int, per_page: int) -> SearchPage:
    """One page of an answer with its rows; a page that is not there is the nearest one."""
    page, pages = nearest_page(page, len(answer.paper_ids), per_page)
    first = (page - 1) * per_page
    ids = answer.paper_ids[first : first + per_page]
    places = {paper_id: first + place for place, paper_id in enumerate(ids)}
    papers = list_papers(app.store, ids)
    hits = tuple(_hit(highlighter, paper, answer, places[paper_id]) for paper_id, paper in papers.items())
    return SearchPage(answer, hits, page, pages)


def every_match(app: App, request: SearchRequest) -> Sequence[int]:
    """All papers that have everything that is asked, however many; RefusedError where an option cannot be.

    Up to 200 come in the order of the search; more the newest first, or the highest score.

    Raises:
        SearchUnusableError: All of them cannot be had now.

    """
    answer = search(app, request)
    if answer.total <= MOST_PAPERS:
        found, is_incomplete = answer.paper_ids[: answer.complete_shown], answer.incomplete
    else:
        snapshot = _snapshot(app)
        found = Retriever(snapshot, _parse(app, snapshot, request)).every(request.sort)
        is_incomplete = snapshot.engine.is_incomplete
    if is_incomplete:
        raise SearchUnusableError(PART_AWAY)
    return found


@within(TYPING)
def suggest_titles(app: App, typed: str, limit: int = 25) -> tuple[Choice, ...]:
    """Titles for what has been typed so far; the value of a choice is "paper:<id>"."""
    snapshot = _snapshot(app)
    ids = snapshot.answered(lambda asked: suggested_papers(asked, typed, limit))
    titles = {row.id: row.title for row in titles_of(app.store, ids)}
    return tuple(
        Choice(_label(titles[paper_id]), f"paper:{paper_id}") for paper_id in ids if paper_id in titles
    )


@within(QUERY)
def find_paper(app: App, text: str) -> PaperChoices:
    """The paper that "paper:<id>", a title, an arXiv id, a DOI or an address names; else the nearest ones.

    Raises:
        SearchUnusableError: The paper that a title names may be among those that cannot be searched now.

    """
    query = parse_query(text)
    # An id needs no index.
    exact = [query.paper_id] if query.paper_id is not None else papers_named(app, text)
    snapshot = _snapshot(app) if not (exact or is_identifier(text)) else None
    if snapshot is not None:
        exact = papers_titled(snapshot, text) or _only_beginning(app, snapshot, text)
    with app.store.reading() as session:
        papers = tuple(load_papers(session, exact).values())
        if len(papers) == 1:
            return PaperChoices(Match.EXACT, papers[0])
        if not papers and snapshot is not None:
            found = snapshot.answered(lambda asked: Retriever(asked, query, _texts(app)).find(Sort.RELEVANCE))
            papers = tuple(load_papers(session, found.all[:_MOST_CHOICES]).values())
    if snapshot is not None and snapshot.engine.is_incomplete:
        raise SearchUnusableError(PART_AWAY)
    return PaperChoices(Match.CHOICES if papers else Match.NONE, None, papers[:_MOST_CHOICES])


def _only_beginning(app: App, snapshot: Snapshot, text: str) -> list[int]:
    """The one paper whose title begins with the typed words, the last one perhaps begun; else none."""
    typed = plain_words(plain(text))
    if not typed:
        return []
    ids = snapshot.answered(lambda asked: suggested_papers(asked, text, _MOST_BEGINNING))
    titles = titles_of(app.store, ids)
    found = [paper_id for paper_id, title in titles if _begins(plain_words(plain(title)), typed)]
    return found if len(found) == 1 else []


def _begins(title: Sequence[str], typed: Sequence[str]) -> bool:
    *whole, begun = typed
    return (
        len(title) >= len(typed)
        and list(title[: len(whole)]) == whole
        and title[len(whole)].startswith(begun)
    )


def get_paper(app: App, paper_id: int) -> Paper | None:
    """A paper by its id."""
    with app.store.reading() as session:
        return load_papers(session, [paper_id]).get(paper_id)


def _texts(app: App) -> Texts:
    def texts(ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        return {row.id: (row.title, row.abstract) for row in texts_of(app.store, ids)}

    return texts


def _snapshot(app: App) -> Snapshot:
    """The newest commit of the index, which is made first where there is none."""
    snapshot = app.index.snapshot()
    if snapshot is None:
        app.index.catch_up(app.store)
        snapshot = app.index.snapshot()
    if snapshot is None:
        raise RuntimeError(f"the search index in {app.settings.index_dir} cannot be made")
    return snapshot


def _parse(app: App, snapshot: Snapshot, request: SearchRequest) -> ParsedQuery:
    """The query as typed, narrowed by the options; the address or number of a paper is that paper."""
    options: tuple[Filter, ...] = request_filters(request, snapshot.field_codes)
    if _similar_to(request) is not None:
        return ParsedQuery(request.query, filters=options)
    query = parse_query(request.query, snapshot.field_codes, app.clock().date())
    named = papers_named(app, request.query)
    if len(named) == 1:
        return ParsedQuery(query.text, filters=options, paper_id=named[0])
    if not named and is_identifier(request.query):
        return ParsedQuery(query.text, filters=options, paper_id=NO_PAPER)
    return ParsedQuery(
        query.text,
        query.clauses,
        query.excluded,
        tuple(dict.fromkeys((*query.filters, *options))),
        _living(app, query.paper_id),
    )


def _living(app: App, paper_id: int | None) -> int | None:
    """The paper that an id stands for, also where it was merged into another."""
    if paper_id is None:
        return None
    with app.store.reading() as session:
        return living_papers(session, [paper_id]).get(paper_id, paper_id)


def _similar_to(request: SearchRequest) -> int | None:
    """The paper to which "similar:<id>" asks for similar ones."""
    asked = _SIMILAR.fullmatch(request.query.strip())
    return int(asked.group(1)) if asked else None


def _similar(app: App, snapshot: Snapshot, request: SearchRequest, paper_id: int) -> tuple[str, Retrieved]:
    """How the request was read, and the papers nearest to one in their words and meaning."""
    filters = request_filters(request, snapshot.field_codes)
    with app.store.reading() as session:
        paper = load_papers(session, [paper_id]).get(paper_id)
        if paper is None:
            return f"similar to paper {paper_id}", Retrieved()
        by_words = snapshot.answered(
            lambda asked: similar_papers(asked, paper.id, paper.title, paper.abstract, filters)
        )
        within = Retriever(snapshot, ParsedQuery("", filters=filters)).among
        ids = app.meaning.similar(paper.id, by_words, within, MOST_SIMILAR)
        if request.sort is not Sort.RELEVANCE:
            ids = _sorted(load_papers(session, ids), request.sort)
    reading = " · ".join([f"similar to “{readable(paper.title)}”", *map(str, filters)])
    return reading, Retrieved(len(ids), ids)


def _listed(app: App, snapshot: Snapshot, request: SearchRequest, ids: list[int]) -> tuple[str, Retrieved]:
    """How a request that lists papers was read, and those of them within its options."""
    filters = request_filters(request, snapshot.field_codes)
    within = set(Retriever(snapshot, ParsedQuery("", filters=filters)).among(ids))
    ids = [paper for paper in ids if paper in within]
    if request.sort is not Sort.RELEVANCE:
        with app.store.reading() as session:
            ids = _sorted(load_papers(session, ids), request.sort)
    return " · ".join([request.query.strip(), *map(str, filters)]), Retrieved(len(ids), ids)


def _sorted(papers: Mapping[int, Paper], sort: Sort) -> list[int]:
    def key(paper: Paper) -> tuple[float, str]:
        score = paper.score if sort is Sort.SCORE and paper.score is not None else -1.0
        return score, paper.published or ""

    return [paper.id for paper in sorted(papers.values(), key=key, reverse=True)]


def _answer(
    snapshot: Snapshot,
    request: SearchRequest,
    reading: str,
    found: Retrieved,
    suggestion: str | None,
    started: float,
) -> SearchAnswer:
    corrected_from = len(found.complete) + len(found.nearly)
    return SearchAnswer(
        request=request,
        reading=reading,
        total=found.total,
        partial=len(found.nearly) + len(found.partial) - len(found.by_meaning),
        did_you_mean=suggestion,
        variants=found.variants,
        paper_ids=found.all,
        complete_shown=len(found.complete),
        took_ms=(time.perf_counter() - started) * 1_000,
        corrected=found.corrected_total,
        corrected_from=corrected_from,
        corrected_until=corrected_from + len(found.corrected),
        by_meaning=tuple(found.by_meaning),
        incomplete=snapshot.engine.is_incomplete,
    )


def _hit(highlighter: Highlighter, paper: Paper, answer: SearchAnswer, place: int) -> Hit:
    """A paper as it is shown at a place of an answer, counted from 0."""
    title = highlighter.read(readable(paper.title))
    abstract = highlighter.read(paper.abstract)
    if has_latex(paper.abstract):
        in_abstract, runs = _readable_snippet(highlighter, abstract)
    else:
        in_abstract, runs = bool(abstract.matches), abstract.snippet()
    beside = _other_title(highlighter, paper) if not title.matches else None
    matched_in = {
        "title": bool(title.matches) or beside is not None,
        "abstract": in_abstract,
        "authors": highlighter.matches_names((*paper.authors, *paper.attributed_to)),
        "venue": highlighter.matches_venue(paper.venue),
    }
    if not paper.abstract or (title.matches and not in_abstract):
        runs = title.whole()
    if beside is not None and not in_abstract:
        runs = (("Also titled: ", False), *beside.whole())
    return Hit(
        paper=paper,
        place=place + 1,
        complete=place < answer.complete_shown,
        corrected=answer.corrected_from <= place < answer.corrected_until,
        by_meaning=paper.id in answer.by_meaning,
        matched_in=tuple(part for part, there in matched_in.items() if there),
        snippet=_spans(runs),
        heading=_heading(answer, place),
    )


def _heading(answer: SearchAnswer, place: int) -> str | None:
    if place < answer.complete_shown:
        return None
    if answer.corrected_from <= place < answer.corrected_until:
        return "With corrected words"
    if not answer.by_meaning:
        return "With some of the words"
    return "With some of the words, or near in meaning" if answer.partial else "Near in meaning"


def _other_title(highlighter: Highlighter, paper: Paper) -> Highlighted | None:
    """The first of a paper's other titles that has words which match."""
    read = (highlighter.read(readable(other.title)) for other in paper.other_titles)
    return next((title for title in read if title.matches), None)


def _readable_snippet(highlighter: Highlighter, written: Highlighted) -> tuple[bool, tuple[Marked, ...]]:
    """Whether a text with LaTeX has words that match, and its snippet; only what is shown is converted."""
    text = written.text
    start, end = written.window()
    # A match may show in plain text alone, as with an accented letter: then all of it is converted.
    is_there = bool(written.matches) or bool(highlighter.read(plain(text)).matches)
    if is_there == bool(written.matches) and not _breaks_latex(text, start, end):
        shown = highlighter.read(readable(text[start:end]))
        if bool(shown.matches) == is_there:
            return is_there, with_dots(shown.whole(), text, start, end)
    shown = highlighter.read(readable(text))
    return bool(shown.matches), shown.snippet()


def _breaks_latex(text: str, start: int, end: int) -> bool:
    """Whether a part of a text cannot be converted by itself."""
    part = text[start:end]
    return (
        "\\begin" in part
        or "\\end" in part
        or text.count("\\begin", 0, start) != text.count("\\end", 0, start)
        or part.count("{") != part.count("}")
        or (part.count("$") - part.count("\\$")) % 2 > 0
    )


def _spans(runs: tuple[Marked, ...]) -> tuple[Span, ...]:
    return tuple(Span(text, matched) for text, matched in runs)


def _label(title: str) -> str:
    text = " ".join(readable(title).split())
    if len(text) <= _LONGEST_LABEL:
        return text
    return text[: _LONGEST_LABEL - 1].rsplit(" ", 1)[0].rstrip() + "…"
