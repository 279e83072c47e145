"""Links to papers in what people write: ids and addresses of arXiv, DOIs, publishers and indexes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Literal
from urllib.parse import unquote

from bot.corpus.identity import normalise_arxiv_id, normalise_doi

MOST_TEXT = 60_000
"""More than a message has with everything beside its text, in characters."""

Scheme = Literal[
    "arxiv", "doi", "openreview", "semantic scholar", "openalex", "pubmed", "pmc", "acl", "paper"
]

LABELS: Mapping[Scheme, str] = {
    "arxiv": "arXiv:",
    "doi": "doi:",
    "openreview": "OpenReview ",
    "semantic scholar": "Semantic Scholar ",
    "openalex": "OpenAlex ",
    "pubmed": "PMID:",
    "pmc": "",
    "acl": "ACL Anthology ",
    "paper": "paper ",
}

_KEYS: Mapping[Scheme, str] = {
    "arxiv": "arxiv",
    "doi": "doi",
    "openalex": "openalex",
    "semantic scholar": "s2",
    "pubmed": "pmid",
}
"""The schemes of keys, see bot/corpus/identity.py."""

_SICI = r"[^\s\"'`|]*?\((?:sici)\)[^\s\"'`|]*?co(?:;|%3b)2-(?:\w|\#|%23)"
"""DOIs of this kind have < and > within, and end in a version and a check character."""
_WRITTEN = re.compile(
    rf"""(?P<sici>(?:https?://|doi:\s*|\b10\.){_SICI})
    |https?://[^\s<>|"'`]+
    |(?<![\w./@-])(?:[a-z0-9-]+\.)+[a-z]{{2,24}}/[^\s<>|"'`]+
    |\barxiv(?::\s*[\w.-]+(?:/\d{{7}})?|\s+\d{{4}}\.\d{{4,5}})(?:v\d+)?
    |\bdoi:\s*10\.[^\s<>"'`]+
    |\b10\.\d{{4,9}}/[^\s<>"'`]+
    |\bpmid:\s*\d{{1,8}}\b
    |\bPMC\d{{3,8}}\b
    |\bcorpusid:\s*\d{{1,12}}\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SCHEME_AND_WWW = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
_ARXIV_ID = r"(?P<id>(?:[a-z-]+(?:\.[a-z]{2})?/)?\d{4}[\d.]+(?:v\d+)?)(?!\d|/\w)"


def _compiled(*patterns: tuple[Scheme, str]) -> Sequence[tuple[Scheme, re.Pattern[str]]]:
    return [(scheme, re.compile(pattern, re.IGNORECASE)) for scheme, pattern in patterns]


_ADDRESSES = _compiled(
    (
        "arxiv",
        r"(?:(?:huggingface\.co|hf\.co|arxiv-vanity\.com)/papers|(?:[\w-]+\.)?alphaxiv\.org/[\w-]+"
        r"|(?:[\w-]+\.)*arxiv\.org/(?:[\w-]+/)?\w+|ar5iv\.org(?:/\w+)?|xxx\.lanl\.gov/\w+"
        rf"|semanticscholar\.org/arxiv|scirate\.com/arxiv)/{_ARXIV_ID}",
    ),
    ("arxiv", r"(?:ui\.)?adsabs\.harvard\.edu/(?:#?abs/)?\d{4}arXiv(?P<id>\d{4}\.?\d{4,5})[A-Z]"),
    ("openreview", r"openreview\.net/(?:forum|pdf|attachment)\?(?:\S*&)?id=(?P<id>[\w-]{5,40})"),
    (
        "semantic scholar",
        r"(?:api\.)?semanticscholar\.org/(?:(?:paper|reader|graph/v1/paper)/(?:[^/?#]+/)?)?"
        r"(?P<id>[0-9a-f]{40}|corpusid:\s*\d{1,12})\b",
    ),
    ("semantic scholar", r"connectedpapers\.com/main/(?P<id>[0-9a-f]{40})\b"),
    ("openalex", r"(?:api\.|explore\.)?openalex\.org/(?:works/)?(?P<id>W\d{1,12})\b"),
    (
        "pubmed",
        r"(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:m\.|ncbi\.nlm\.nih\.gov/)pubmed|europepmc\.org/"
        r"(?:article|abstract)/med)/(?P<id>\d{1,8})\b",
    ),
    (
        "pmc",
        r"(?:pmc\.ncbi\.nlm\.nih\.gov|(?:m\.)?ncbi\.nlm\.nih\.gov/(?:labs/)?pmc|europepmc\.org)/"
        r"(?:articles?/)?(?:pmc/)?(?P<id>PMC\d{1,8})\b",
    ),
    (
        "acl",
        r"(?:aclanthology\.(?:org|info)(?:/papers)?|aclweb\.org/anthology(?:/papers)?)/(?:[A-Z]/[A-Z]\d\d/)?"
        r"(?P<id>[A-Z]\d\d-\d{4}|\d{4}\.[\w-]+\.\d+)(?![\d-])",
    ),
)
_RXIV = r"(?:bio|med)rxiv\.org/(?:\S*/)?(?<!10\.1101/)(?<!10\.64898/)"
"""Since December 2025 their DOIs begin otherwise."""
_DOIS_OF_ADDRESSES = [
    (re.compile(pattern, re.IGNORECASE), before)
    for pattern, before in (
        (r"nature\.com/articles/(s\d{5}-\d{3}-\d{4,5}-\w|(?:nature|n[a-z]{2,8})\.?\d[\w.]*)", "10.1038/"),
        (rf"{_RXIV}((?:2025\.12|202[6-9]\.\d\d|20[3-9]\d\.\d\d)\.\d\d\.\d{{6,8}})", "10.64898/"),
        (rf"{_RXIV}(\d{{4}}\.\d\d\.\d\d\.\d{{6,8}})", "10.1101/"),
        (r"zenodo\.org/records?/(\d+)", "10.5281/zenodo."),
        (r"elifesciences\.org/(?:articles|content)/(\d{5,6})", "10.7554/elife."),
        (r"peerj\.com/articles/(\d+)", "10.7717/peerj."),
        (r"peerj\.com/articles/cs-(\d+)", "10.7717/peerj-cs."),
        (r"researchsquare\.com/article/(rs-\d+/v\d+)", "10.21203/rs.3."),
    )
]
"""Addresses without the DOI, which follows from them: what stands before their number in it."""
_BARE = _compiled(
    ("pubmed", r"pmid:\s*(?P<id>\d{1,8})"),
    ("pmc", r"(?:pmcid:\s*)?(?P<id>PMC\d{3,8})"),
    ("semantic scholar", r"(?P<id>corpusid:\s*\d{1,12})"),
    ("openalex", r"(?:openalex:\s*)?(?P<id>W\d{4,12})"),
)
_DOI_IN_ADDRESS = re.compile(
    r"(?:/|%2f|[?&](?:doi|id|article)=)(?:doi:)?(10\.\d{4,9}(?:/|%2f)[^\s?#&]+)", re.IGNORECASE
)
_PREPRINT = re.compile(r"(10\.(?:1101|64898)/(?:\d{4}\.\d\d\.\d\d\.\d{6,8}|\d{6}))(?:v\d+)?(?:[./+].*)?")
"""A DOI of bioRxiv or medRxiv, and the version and the form of the text that addresses have after it."""
_FORM = (
    r"(?:full|full-?text|abstract|abs|pdf|epdf|pdfdirect|pdf\+html|html?|xml|meta|summary|references|refs|citations"
    r"|citedby|cited-by|cite|figures|tables|metrics|issuetoc|toc|supinfo|suppl(?:ementary)?|suppl_file|asset|download"
    r"|short|long|epub|full-text|peer-review|related|info|figures-only|supplementary-material|article-info|notes)"
)
_AFTER_DOI = re.compile(rf"(?:(?:/{_FORM}(?:/\S*)?|\.{_FORM}|;jsessionid=\S*|/-/\S*|/)$)", re.IGNORECASE)
"""What publishers have after a DOI in their addresses: the form of the text, a session."""
_OXFORD = re.compile(r"(10\.1093/[^/]+/[^/]+)/\d{5,}(?:/.*)?")
"""A DOI of Oxford University Press, and the number of the article that addresses have after it."""
_TAIL = ".,;:!?*_~"
_AROUND = ("[]", "()", "{}", '""', "''", "``", "“”", "‘’", "«»")
_NAMED = re.compile(r"^(arxiv|doi|pmid)(?:\s+(?=[\w(])|(?=\d))", re.IGNORECASE)
"""The name of an identifier without its colon."""
_SUBJECTS = re.compile(r"\s*\[[\w.-]+(?:,?\s+[\w.-]+)*\](?:\s.*)?$")
"""What arXiv prints after its ids: "[cs.LG] 25 Oct 2021"."""


@dataclass(frozen=True, slots=True)
class PaperLink:
    """A paper that a text names; "paper" is one of the corpus, by its number."""

    scheme: Scheme
    value: str

    @property
    def label(self) -> str:
        """As people write it, such as "arXiv:2110.13363"."""
        return LABELS[self.scheme] + self.value

    @property
    def key(self) -> tuple[str, str] | None:
        """The key that papers with this id share over all sources; None where they share none."""
        if self.scheme == "semantic scholar" and ":" in self.value:
            return None
        scheme = _KEYS.get(self.scheme)
        return (scheme, self.value) if scheme is not None else None


@lru_cache(maxsize=256)
def read_link(text: str) -> PaperLink | None:
    """The paper that an id or an address names; None where it is none."""
    bare = unescape(text.strip()) if "&lt;" in text or "&gt;" in text else text.strip()
    if len(bare) > 1 and bare[0] + bare[-1] in _AROUND:
        bare = bare[1:-1].strip()
    bare = _NAMED.sub(r"\1:", bare)
    bare = _SUBJECTS.sub("", bare.removeprefix("<").removesuffix(">") if bare.startswith("<") else bare)
    if (sici := _WRITTEN.fullmatch(bare.rstrip(_TAIL))) is not None and sici["sici"]:
        bare = unquote(bare.rstrip(_TAIL))
        return _doi_link(bare[bare.lower().index("10.") :])
    bare = _trimmed(bare)
    for scheme, pattern in _BARE:
        if found := pattern.fullmatch(bare):
            return _named(scheme, found["id"])
    if arxiv_id := normalise_arxiv_id(bare):
        return PaperLink("arxiv", arxiv_id)
    if not re.match(r"https?://|(?:[a-z0-9-]+\.)+[a-z]{2,24}/", bare, re.IGNORECASE):
        doi = normalise_doi(bare)
        return _doi_link(doi) if doi is not None else None
    return _in_address(bare)


def _in_address(address: str) -> PaperLink | None:
    """The paper of which an address is the page."""
    path = _SCHEME_AND_WWW.sub("", address, count=1)
    for scheme, pattern in _ADDRESSES:
        if (found := pattern.match(path)) and (link := _named(scheme, found["id"])) is not None:
            return link
    for pattern, before in _DOIS_OF_ADDRESSES:
        if found := pattern.match(path):
            return _doi_link(before + found[1])
    if inside := _DOI_IN_ADDRESS.search(path):
        # Publishers' own addresses have the DOI within: dl.acm.org/doi/10.1145/…
        doi = unquote(inside[1])
        while (shorter := _AFTER_DOI.sub("", doi)) != doi:
            doi = shorter
        numbered = _OXFORD.fullmatch(doi)
        return _doi_link(_trimmed(numbered[1] if numbered is not None else doi))
    return None


def _named(scheme: Scheme, value: str) -> PaperLink | None:
    """The link of an id that was found in an address; None where it cannot be one."""
    match scheme:
        case "arxiv":
            # The Astrophysics Data System writes it without its point.
            arxiv_id = normalise_arxiv_id(value.lower()) or normalise_arxiv_id(f"{value[:4]}.{value[4:]}")
            return PaperLink("arxiv", arxiv_id) if arxiv_id is not None else None
        case "semantic scholar":
            number = value.partition(":")[2].strip()
            return PaperLink(scheme, f"CorpusId:{number}" if number else value.lower())
        case "openalex" | "pmc":
            return PaperLink(scheme, value.upper())
        case "acl":
            return PaperLink(scheme, value.upper() if value[0].isalpha() else value.lower())
        case _:
            return PaperLink(scheme, value)


def _doi_link(written: str) -> PaperLink | None:
    """The paper of a DOI, which arXiv's own may be."""
    if arxiv_id := normalise_arxiv_id(written):
        return PaperLink("arxiv", arxiv_id)
    doi = normalise_doi(written)
    if doi is None:
        return None
    preprint = _PREPRINT.fullmatch(doi)
    return PaperLink("doi", preprint[1] if preprint is not None else doi)


def find_links(text: str) -> tuple[PaperLink, ...]:
    """The papers that a text names, each once, in its order."""
    found = (read_link(written[0]) for written in _WRITTEN.finditer(unescape(text[:MOST_TEXT])))
    return tuple(dict.fromkeys(link for link in found if link is not None))


def _trimmed(text: str) -> str:
    """Without the punctuation of the sentence around it."""
    text = text.rstrip(_TAIL)
    while text.endswith((")", "]", "}")) and text.count(")") + text.count("]") + text.count("}") > (
        text.count("(") + text.count("[") + text.count("{")
    ):
        text = text[:-1].rstrip(_TAIL)
    return text
