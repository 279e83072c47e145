"""Papers that were found, as documents and as text."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bot.cli.answers.printing import Document, for_terminal, print_indented
from bot.papers.disagreements import source_name
from bot.papers.free_copy import free_copy
from bot.papers.one_sentence import one_sentence
from bot.papers.results import Hit, Paper, SearchPage
from bot.text.counting import counted
from bot.text.latex import readable


def search_document(page: SearchPage) -> Document:
    """One page of search results."""
    answer = page.answer
    return {
        "query": answer.request.query,
        "reading": answer.reading,
        "total": answer.total,
        "partial": answer.partial,
        "corrected": answer.corrected,
        "by_meaning": len(answer.by_meaning),
        "page": page.page,
        "pages": page.pages,
        "took_ms": round(answer.took_ms, 3),
        "did_you_mean": answer.did_you_mean,
        "also": list(answer.variants),
        "incomplete": answer.incomplete,
        "results": [_hit_document(hit) for hit in page.hits],
    }


def _hit_document(hit: Hit) -> Document:
    paper = hit.paper
    return {
        "id": paper.id,
        "source_id": paper.source_id,
        "title": paper.title,
        "authors": list(paper.authors),
        "authors_truncated": paper.authors_truncated,
        "field": paper.field,
        "published": paper.published,
        "published_inferred": paper.published_inferred,
        "score": paper.score,
        "has_code": paper.has_code,
        "code_url": paper.code_url,
        "url": paper.url,
        "notices": [one.model_dump(exclude={"is_taken_back"}) for one in paper.notices],
        "other_titles": [one.model_dump() for one in paper.other_titles],
        "appeared": paper.appeared,
        "pdf_url": free_copy(paper),
        "data_url": paper.data_url,
        "sentence": one.text if (one := one_sentence(paper)) is not None else None,
        "sentence_by": one.source if one is not None else None,
        "complete": hit.complete,
        "corrected": hit.corrected,
        "by_meaning": hit.by_meaning,
        "matched_in": list(hit.matched_in),
        "snippet": "".join(span.text for span in hit.snippet),
    }


def paper_document(paper: Paper) -> Document:
    """All that is known of a paper, by the names of its facts."""
    return {"id": paper.id, **paper.model_dump(mode="json")}


MAX_AUTHORS_SHOWN = 4


def print_search(console: Console, page: SearchPage) -> None:
    """One page of search results."""
    answer = page.answer
    console.print(Text(f"{counted(answer.total, 'paper')} for {for_terminal(answer.reading)}", style="bold"))
    if answer.incomplete:
        console.print("A part of the search cluster is away: papers may be lacking.")
    if answer.corrected:
        console.print(f"{counted(answer.corrected, 'paper')} with corrected words")
    if answer.by_meaning:
        console.print(f"{counted(len(answer.by_meaning), 'paper')} near in meaning")
    if answer.variants:
        console.print(Text(f"also: {for_terminal(', '.join(answer.variants))}"))
    if answer.did_you_mean:
        console.print(Text(f"Did you mean: {for_terminal(answer.did_you_mean)}?"))
    above: str | None = None
    for hit in page.hits:
        if hit.heading is not None and hit.heading != above:
            console.print(f"\n{hit.heading}:")
        above = hit.heading
        _print_hit(console, hit)
    if page.pages > 1:
        following = f"; the next with --page {page.page + 1}" if page.page < page.pages else ""
        console.print(f"\nPage {page.page} of {page.pages}{following}.")


def _print_hit(console: Console, hit: Hit) -> None:
    paper = hit.paper
    console.print()
    console.print(Text(for_terminal(readable(paper.title)), style="bold"))
    if paper.notices:
        print_indented(console, Text(for_terminal(_notices(paper)), style="bold red"))
    marked = f"{_byline(paper)} · by meaning" if hit.by_meaning else _byline(paper)
    print_indented(console, Text(for_terminal(marked)))
    snippet = Text()
    for span in hit.snippet:
        snippet.append(for_terminal(span.text), style="bold underline" if span.matched else "")
    if snippet.plain.strip():
        print_indented(console, snippet)
    if paper.url:
        print_indented(console, Text(for_terminal(paper.url)))


def _notices(paper: Paper) -> str:
    """What became of a paper, and who says so: "RETRACTED 2024-02-03 (Crossref, https://doi.org/10.1/x)"."""
    return " · ".join(
        f"{' '.join(filter(None, (one.kind.upper(), one.day)))} "
        f"({', '.join(filter(None, (source_name(one.source), one.url)))})"
        for one in paper.notices
    )


def _byline(paper: Paper) -> str:
    authors = ", ".join(paper.authors[:MAX_AUTHORS_SHOWN])
    if paper.authors_truncated:
        authors += " et al."
    elif (more := len(paper.authors) - MAX_AUTHORS_SHOWN) > 0:
        authors += f" and {more:,} others" if more > 1 else " and 1 other"
    date = f"{paper.published} (year inferred)" if paper.published_inferred else paper.published
    score = f"score {paper.score:g}" if paper.score is not None else None
    code = "Code" if paper.has_code else None
    return " · ".join(part for part in (authors, paper.field, date, score, code) if part)
