"""Links to papers in a text that somebody wrote: arXiv, DOI, OpenReview."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.corpus.identity import normalise_arxiv_id, normalise_doi

MOST_LINKS = 10
MOST_TEXT = 10_000

_ADDRESS = re.compile(r"https?://[^\s<>|\"'`]+", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(?:arxiv:\s*[\w.-]+(?:/\d{7})?(?:v\d+)?|doi:\s*10\.\S+|10\.\d{4,9}/[^\s<>\"'`]+)", re.IGNORECASE
)
_OPENREVIEW = re.compile(
    r"https?://(?:www\.)?openreview\.net/(?:forum|pdf)\?(?:\S*&)?id=([\w-]{5,40})", re.IGNORECASE
)
_DOI_IN_ADDRESS = re.compile(r"/(10\.\d{4,9}/[^\s?#&]+)")
_TAIL = ".,;:!?*_~"


@dataclass(frozen=True, slots=True)
class PaperLink:
    """A paper that a text names."""

    scheme: Literal["arxiv", "doi", "openreview"]
    value: str

    @property
    def label(self) -> str:
        """As people write it, such as "arXiv:2110.13363"."""
        return {"arxiv": "arXiv:", "doi": "doi:", "openreview": "OpenReview "}[self.scheme] + self.value


def read_link(text: str) -> PaperLink | None:
    """The paper that an id or an address names; None where it is none."""
    bare = _trimmed(text.strip())
    if found := _OPENREVIEW.match(bare):
        return PaperLink("openreview", found[1])
    if arxiv_id := normalise_arxiv_id(bare):
        return PaperLink("arxiv", arxiv_id)
    if doi := normalise_doi(bare):
        return PaperLink("doi", doi)
    if bare.lower().startswith("http") and (inside := _DOI_IN_ADDRESS.search(bare)):
        # Publishers' own addresses have the DOI within: dl.acm.org/doi/10.1145/…
        doi = normalise_doi(re.sub(r"/(?:full|abstract|pdf|epdf)$|\.pdf$", "", inside[1]))
        return PaperLink("doi", doi) if doi is not None else None
    return None


def find_links(text: str) -> tuple[PaperLink, ...]:
    """The papers that a text names, each once, in its order; ten at most."""
    text = text[:MOST_TEXT]
    places = [(found.start(), found[0]) for pattern in (_ADDRESS, _NAMED) for found in pattern.finditer(text)]
    found = (read_link(written) for _, written in sorted(places))
    return tuple(dict.fromkeys(link for link in found if link is not None))[:MOST_LINKS]


def _trimmed(text: str) -> str:
    """Without the punctuation of the sentence around it."""
    text = text.rstrip(_TAIL)
    while text.endswith((")", "]", "}")) and text.count(")") + text.count("]") + text.count("}") > (
        text.count("(") + text.count("[") + text.count("{")
    ):
        text = text[:-1].rstrip(_TAIL)
    return text
