"""The JSON documents of the command line: their keys are a contract with scripts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bot.announcements.results import AnnouncerStatus
from bot.app import CorpusStatus, LastImport
from bot.authors.results import Author, AuthorAnswer
from bot.ingest.results import ImportReport
from bot.papers.results import Hit, SearchPage

Document = dict[str, Any]


def import_document(report: ImportReport) -> Document:
    """What an import did; `rejected` names file, line and reason of each row left out (of many the first)."""
    return {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": [{"file": row.file, "line": row.line, "reason": row.reason} for row in report.rejected],
        "rejected_more": report.rejected_more,
        "notices": list(report.notices),
        "seconds": round(report.seconds, 3),
    }


def search_document(page: SearchPage) -> Document:
    """One page of search results."""
    answer = page.answer
    return {
        "query": answer.request.query,
        "reading": answer.reading,
        "total": answer.total,
        "partial": answer.partial,
        "corrected": answer.corrected,
        "page": page.page,
        "pages": page.pages,
        "took_ms": round(answer.took_ms, 3),
        "did_you_mean": answer.did_you_mean,
        "also": list(answer.variants),
        "results": [_hit_document(hit) for hit in page.hits],
    }


def _hit_document(hit: Hit) -> Document:
    paper = hit.paper
    return {
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
        "complete": hit.complete,
        "corrected": hit.corrected,
        "matched_in": list(hit.matched_in),
        "snippet": "".join(span.text for span in hit.snippet),
    }


def author_document(answer: AuthorAnswer) -> Document:
    """An author's figures, or the names one may have meant."""
    return {
        "query": answer.query,
        "match": answer.match.value,
        "author": None if answer.author is None else _author_document(answer.author),
        "choices": [
            {"name": choice.name, "papers": choice.papers, "field": choice.field, "years": choice.years}
            for choice in answer.choices
        ],
    }


def _author_document(author: Author) -> Document:
    reported, corpus = author.reported, author.corpus
    return {
        "name": author.name,
        "field": author.field,
        "reported": {
            "h_index": reported.h_index if reported else None,
            "papers": reported.papers if reported else None,
            "citations": reported.citations if reported else None,
            "novelty": reported.novelty if reported else None,
            "ai_score": reported.ai_score if reported else None,
            "source": reported.source if reported else None,
            "as_of": reported.as_of.isoformat() if reported and reported.as_of else None,
        },
        "corpus": {
            "papers": corpus.papers,
            "listed": corpus.listed,
            "attributed": corpus.attributed,
            "with_code": corpus.with_code,
            "fields": corpus.fields,
            "years": corpus.years,
            "first_author": corpus.first_author,
            "last_author": corpus.last_author,
            "whole_lists": corpus.whole_lists,
            "cited": None if corpus.cited is None else asdict(corpus.cited),
            "coauthors": [
                {"name": coauthor.name, "papers": coauthor.papers} for coauthor in corpus.coauthors
            ],
        },
        "course": None
        if author.changes is None
        else {"since": author.changes.since.isoformat(), "changes": author.changes.changes},
        "identifiers": list(author.identifiers),
        "circles": [asdict(circle) for circle in author.clusters],
        "corrections": list(author.corrections),
        "notices": list(author.notices),
    }


def status_document(status: CorpusStatus, announcer: AnnouncerStatus) -> Document:
    """The state of the corpus, the index, the database and the announcer."""
    return {
        "papers": status.papers,
        "authors": status.authors,
        "fields": status.fields,
        "revision": status.revision,
        "index_revision": status.index_revision,
        "database": status.database,
        "last_import": None if status.last_import is None else _import_state(status.last_import),
        "unfinished_imports": [_import_state(state) for state in status.unfinished_imports],
        "announcer": {
            "lease": announcer.lease,
            "last_run": announcer.last_run.isoformat() if announcer.last_run else None,
            "planned": announcer.planned,
            "sent": announcer.sent,
            "held": announcer.held,
            "failed": announcer.failed,
        },
    }


def _import_state(state: LastImport) -> Document:
    return {
        "files": list(state.files),
        "state": state.state,
        "started_at": state.started_at.isoformat(),
        "finished_at": state.finished_at.isoformat() if state.finished_at else None,
        "added": state.added,
        "updated": state.updated,
        "unchanged": state.unchanged,
        "rejected": state.rejected,
    }
