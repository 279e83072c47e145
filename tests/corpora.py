"""Files of papers for tests, and what became of them in the store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.store.engine import Store


def row(number: int, **values: Any) -> dict[str, Any]:
    """A row of JSON lines that resembles no other number's."""
    return {
        "id": f"2401.{number:05d}",
        "title": f"On the matter of {_word(number)}",
        "authors": [f"Ann {_word(number).title()}", "Bo Berg"],
        "date": "2024-01-15",
        "categories": ["cs.CV"],
        "abstract": f"We look at {_word(number)}.",
        "url": f"https://arxiv.org/abs/2401.{number:05d}",
        **values,
    }


def write_rows(path: Path, rows: list[Any]) -> Path:
    """Write JSON lines."""
    path.write_text("".join(f"{json.dumps(one)}\n" for one in rows), encoding="utf-8")
    return path


def all_papers(store: Store) -> list[Paper]:
    """All papers by id."""
    with store.reading() as session:
        ids = session.connection().execute(text("SELECT id FROM paper ORDER BY id")).scalars().all()
        return list(load_papers(session, ids).values())


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """What the corpus says, free of the ids and revisions that tell how it came to be."""
    queries = {
        "papers": (
            "SELECT source_id, title, authors_truncated, field, published, abstract, url, score, has_code"
            " FROM paper"
        ),
        "sources": (
            "SELECT source, source_key, digest, title FROM paper_source JOIN paper ON paper.id = paper_id"
        ),
        "keys": "SELECT scheme, value, source_id FROM paper_key JOIN paper ON paper.id = paper_id",
        "authorship": (
            "SELECT source_id, position, name FROM authorship JOIN paper ON paper.id = paper_id"
            " JOIN author ON author.id = author_id"
        ),
        "attribution": (
            "SELECT source_id, source, name FROM attribution JOIN paper ON paper.id = paper_id"
            " JOIN author ON author.id = author_id"
        ),
        "authors": "SELECT name, name_key FROM author",
        "reports": "SELECT source, h_index, papers, citations, novelty, ai_score FROM author_report",
    }
    with store.reading() as session:
        return {
            name: sorted((tuple(one) for one in session.connection().execute(text(query))), key=repr)
            for name, query in queries.items()
        }


def _word(number: int) -> str:
    """A word of letters alone, so that titles differ in letters."""
    letters = ""
    while number:
        number, rest = divmod(number, 20)
        letters += "bcdfghjklmnpqrstvwxz"[rest] + "aeio"[rest % 4]
    return letters or "zero"
