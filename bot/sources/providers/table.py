"""All providers, and all kinds of sources: a new file of this folder is added here."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import RefusedError
from bot.sources.providers import (
    arxiv,
    biorxiv,
    crossref,
    datacite,
    dblp,
    feeds,
    oai_pmh,
    openalex,
    opencitations,
    openreview,
    pubmed,
    semantic_scholar,
    zotero,
)
from bot.sources.providers.kinds import Provider, SourceKind

KINDS: Mapping[str, SourceKind] = {
    kind.name: kind
    for kind in (
        *arxiv.KINDS,
        *feeds.KINDS,
        *biorxiv.KINDS,
        *pubmed.KINDS,
        *dblp.KINDS,
        *crossref.KINDS,
        *openalex.KINDS,
        *openreview.KINDS,
        *oai_pmh.KINDS,
        *semantic_scholar.KINDS,
        *zotero.KINDS,
    )
}
"""By name, in the order in which people see them."""

PROVIDERS: tuple[Provider, ...] = (
    *dict.fromkeys(kind.provider for kind in KINDS.values()),
    datacite.DATACITE,
    opencitations.OPENCITATIONS,
)
"""Also those that have no sources, and are only asked about papers."""


def kind_named(name: str) -> SourceKind:
    """The kind of that name."""
    kind = KINDS.get(name.strip().lower())
    if kind is None:
        raise RefusedError(f"{name!r} is no kind of source; there are: {', '.join(KINDS)}.")
    return kind
