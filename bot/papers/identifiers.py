"""The papers of the corpus that ids and addresses name, alone or among other words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlmodel import Session

from bot.app import App
from bot.corpus.identity import Pair
from bot.corpus.links import PaperLink, find_links, read_link
from bot.store.paper_sources import papers_with_keys, stored_digests

_MOST_WORDS = 64
"""Words of a text among which identifiers are looked for."""
_AROUND = "()[]{}<>,;.:!?\"'“”„‘’@#"
"""What may stand around an identifier among words."""
_BETWEEN = re.compile(r"[\s,;]+")
_OF_LISTS = frozenset({"", "and", "or", "&", "arxiv", "arxiv:", "doi", "doi:", "pmid", "pmid:"})
"""What stands between identifiers, or before one and apart from it."""
_ARXIV_ID = re.compile(r"(?<![\d.])\d{4}\.\d{4,5}(?:v\d+)?(?!\.?\d)", re.ASCII)
"""Also within a word, as in "arXiv_2301.00001v2.pdf"."""


def is_identifier(text: str) -> bool:
    """Whether a text is the id or the address of a paper, and nothing else."""
    return read_link(text) is not None


def papers_named(app: App, text: str) -> list[int]:
    """The papers that an arXiv id, a DOI or an address of either names; also those that stand among words."""
    alone = read_link(text)
    links = [alone] if alone is not None else list(dict.fromkeys(_among_words(text)))
    if not links:
        return []
    with app.store.reading() as session:
        return sorted({paper for link in links for paper in papers_of_link(session, link)})


def papers_listed(app: App, text: str) -> list[int] | None:
    """The papers that several ids or addresses name, in their order; None where there are other words."""
    words = [word for word in _BETWEEN.split(text.strip()) if word.casefold() not in _OF_LISTS][:_MOST_WORDS]
    if len(words) < 2 or not all(map(is_identifier, words)):
        return None
    return list(dict.fromkeys(paper for word in words for paper in papers_named(app, word)))


def _among_words(text: str) -> Iterable[PaperLink]:
    yield from find_links(text)
    for word in text.split()[:_MOST_WORDS]:
        if any(map(str.isdigit, word)):
            for part in (word, word.partition(":")[2], *_ARXIV_ID.findall(word)):
                if (link := read_link(part.strip(_AROUND))) is not None:
                    yield link


def papers_of_link(session: Session, link: PaperLink) -> Sequence[int]:
    """The papers that have the id of a link, or came from there; several where they share it."""
    if found := papers_with_keys(session, keys_of(link)):
        return sorted(found)
    pair = link.scheme, link.value
    stored = stored_digests(session, [pair])
    return [stored[pair].paper_id] if pair in stored else []


def keys_of(link: PaperLink) -> list[Pair]:
    """The keys that a paper has which a link names; one of the ACL Anthology is known by its DOI."""
    if link.scheme == "acl":
        return [("doi", f"{prefix}/v1/{link.value.lower()}") for prefix in ("10.18653", "10.3115")]
    return [link.key] if link.key is not None else []
