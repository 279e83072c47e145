"""Which copy of a paper is offered for reading: one that is free and legal."""

from __future__ import annotations

from bot.corpus.paper import is_public_https
from bot.papers.results import Paper


def free_copy(paper: Paper) -> str | None:
    """The address of a legal copy: that of arXiv, else what a provider names; None where there is none."""
    if paper.arxiv_id is not None:
        return f"https://arxiv.org/pdf/{paper.arxiv_id}"
    return paper.pdf_url if paper.pdf_url is not None and is_public_https(paper.pdf_url) else None
