"""What every reader yields: validated records of papers and of author pages."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Generic, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_URL_LENGTH = 512


class Record(BaseModel):
    """Base of all records: frozen, no unknown fields, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Identifier(Record):
    """An identifier of a person in a scheme such as orcid, openreview, openalex or arxiv."""

    scheme: str = Field(min_length=1)
    value: str = Field(min_length=1)


class Affiliation(Record):
    """An institution at which an author of a paper works, as a source says."""

    name: str = Field(min_length=1)
    """Without department and address."""
    ror: str | None = None
    """Its id in the Research Organization Registry, without the address."""


class Mention(Record):
    """One author as a list of authors names them, with the identifiers that the source gives."""

    name: str = Field(min_length=1)
    identifiers: tuple[Identifier, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()


class NoticeKind(StrEnum):
    """What became of a paper after it came out; the gravest first."""

    RETRACTED = "retracted"
    WITHDRAWN = "withdrawn"
    CONCERN = "concern"
    """Its publisher has expressed concern."""
    CORRECTED = "corrected"


class Notice(Record):
    """That a paper was retracted, withdrawn or corrected, as one source says."""

    kind: NoticeKind
    source: str = Field(min_length=1)
    """Whose word it is."""
    day: str | None = None
    """When it was given, YYYY, YYYY-MM or YYYY-MM-DD; None where the source gives no day."""
    url: str | None = None
    """Where it can be read."""
    is_taken_back: bool = False
    """The source says that it is no longer so: the paper was reinstated. No paper keeps such a notice."""


class NoticeOf(Record):
    """What a paper that is itself a notice says of another paper."""

    paper: Identifier
    """The other paper's, in the scheme "doi" or "pmid"."""
    notice: Notice


class TitleKind(StrEnum):
    """What a title beside the main one is."""

    SHORT = "short"
    TRANSLATED = "translated"
    ORIGINAL = "original"
    """In the language of the paper, where the main title is a translation."""
    OLDER = "older"
    """What its source called it before."""
    OTHER = "other"
    """With its subtitle, as another source has it, or as it was written."""


class OtherTitle(Record):
    """A title of a paper beside its main one."""

    title: str = Field(min_length=1)
    kind: TitleKind = TitleKind.OTHER


_Person = TypeVar("_Person")
_Attributed = TypeVar("_Attributed")


class PaperFacts(Record, Generic[_Person, _Attributed]):
    """What can be known of a paper: the one list of it, for records, merged papers, rows and answers.

    An author is a `Mention` or a name alone; how the people are kept on whose pages the paper stands
    is the second parameter. A new fact goes to the end, so that the stored records keep their digests.
    """

    source_id: str = Field(min_length=1)
    """The id as the most trusted source writes it, with an arXiv version where it has one."""
    title: str = Field(min_length=1)
    authors: tuple[_Person, ...] = ()
    """In the order of the source; the whole list unless `authors_truncated`."""
    authors_truncated: bool = False
    """The source cut the list ("et al."): who is not named may still be an author."""
    attributed_to: _Attributed
    """On whose pages the paper stands, whether or not the list names them."""
    field: str | None = None
    """The main field's code, such as CV."""
    categories: tuple[str, ...] = ()
    published: str | None = None
    """YYYY, YYYY-MM or YYYY-MM-DD: the precision is the source's."""
    published_inferred: bool = False
    """The source gives no year; it was inferred from the day on which the source was read."""
    abstract: str = ""
    url: str | None = None
    has_code: bool = False
    code_url: str | None = None
    venue: str | None = None
    citations: Annotated[int, Field(ge=0)] | None = None
    score: float | None = None
    doi: str | None = None
    """In lower case."""
    arxiv_id: str | None = None
    """Without version."""
    pages: str | None = None
    """Of its journal or proceedings, such as "2117-2126"."""
    notices: tuple[Notice, ...] = ()
    """That it was retracted, withdrawn or corrected; of a merged paper, what each of its sources says."""
    other_titles: tuple[OtherTitle, ...] = ()
    pdf_url: str | None = None
    """A copy that is free to read, as a provider of legal copies names it."""
    data_url: str | None = None
    """Where its data are, as its abstract or a comment of its authors says."""
    summary: str | None = None
    """One sentence on it, as a source made it."""
    appeared: str | None = None
    """Of a preprint the date on which it was published, in the precision of the source."""

    def facts(self) -> dict[str, Any]:
        """All facts by name, but for `attributed_to`."""
        known = vars(self)
        return {name: known[name] for name in FACTS}


FACTS = tuple(name for name in PaperFacts.model_fields if name != "attributed_to")
"""The names of the facts that a row of the table of papers has; `attributed_to` has a table of its own."""


class CitedWork(Record):
    """A work that a paper cites, or that cites it, by one of its ids; it need not be in the corpus."""

    scheme: str = Field(min_length=1)
    """"doi", "arxiv", "openalex" or "s2"."""
    value: str = Field(min_length=1)
    title: str | None = None
    year: int | None = None
    authors: tuple[str, ...] = ()
    """The first ones, where the source names them."""


class _SourceIds(Record):
    """Which paper of which source a record describes."""

    source: str = Field(min_length=1)
    """The id space: "arxiv", "author page", "json lines"."""
    source_id: str = Field(min_length=1)
    source_key: str = Field(min_length=1)
    """The id that decides identity within the source: normalised, an arXiv id without its version."""


class PaperRecord(PaperFacts[Mention, Mention | None], _SourceIds):
    """One paper as one source describes it.

    `source` and `source_key` name it within its source; `arxiv_id` and `doi` may join it with records
    of other sources.
    """

    attributed_to: Mention | None = None
    """The person on whose page the paper stands."""
    other_ids: tuple[Identifier, ...] = ()
    """Of the paper in the schemes "openalex", "s2" and "pmid", as a file names them."""
    notices_of: tuple[NoticeOf, ...] = ()
    """What it says of other papers, where it is the notice of a retraction or correction."""
    denied: tuple[NoticeKind, ...] = ()
    """What its source says outright that the paper was not."""
    references: tuple[CitedWork, ...] = Field(default=(), exclude=True)
    """What it cites; kept in tables of its own, not with the record."""

    @model_validator(mode="after")
    def _published_is_a_date(self) -> Self:
        if self.published is not None:
            first_day(self.published)
        elif self.published_inferred:
            raise ValueError("published_inferred without a date")
        return self


class AuthorProfile(Record):
    """What a page reports of its author: the source's word, not computed here."""

    author: Mention
    source: str
    """Where the figures come from, such as "author page"."""
    as_of: dt.date | None = None
    """The day on which the page was read; None where nobody said."""
    field: str | None = None
    h_index: Annotated[int, Field(ge=0)] | None = None
    papers: Annotated[int, Field(ge=0)] | None = None
    citations: Annotated[int, Field(ge=0)] | None = None
    novelty: float | None = None
    """Per cent, 0 to 100."""
    ai_score: float | None = None


@lru_cache(maxsize=4096)
def first_day(published: str) -> dt.date:
    """The first day that a date of year, month or day precision covers; ValueError where it cannot be."""
    parts = [int(part) for part in published.split("-")]
    widths = [len(part) for part in published.split("-")]
    if widths not in ([4], [4, 2], [4, 2, 2]):
        raise ValueError(f"{published!r} is not YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (*parts, 1, 1)[:3]
    return dt.date(year, month, day)


@lru_cache(maxsize=4096)
def last_day(published: str) -> dt.date:
    """The last day that a date of year, month or day precision covers."""
    first = first_day(published)
    if len(published) == 10:
        return first
    if len(published) == 7:
        return first.replace(day=monthrange(first.year, first.month)[1])
    return first.replace(month=12, day=31)


_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]*[A-Za-z0-9](?:/[!-~]*)?")

_CODE_HOSTS = (
    *("github.com/", "gitlab.com/", "bitbucket.org/", "codeberg.org/", "gitee.com/", "git.sr.ht/"),
    "huggingface.co/",
)
_CODE_ADDRESS = re.compile(
    rf"(?:https?://)?(?<![\w.@-])(?:www\.)?(?:{'|'.join(map(re.escape, _CODE_HOSTS))})"
    r"(?!datasets/|papers/|collections/|blog/|docs/)[^\s<>{}\"'`|^\\/]+/(?:\\[_%#&~]|[^\s<>{}\"'`|^\\])+",
    re.IGNORECASE,
)
_SENTENCE_END = ".,;:!?*$~"


_NO_PUBLIC_NAME = re.compile(r"(?:.*\.)?(?:local|localhost|internal|lan|home|corp|test|invalid|onion|arpa)")


def is_public_https(address: str) -> bool:
    """Whether an address is https, at the name of a public host: no number, no port, no inner network."""
    if problem_of_address(address) is not None:
        return False
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    is_name = "." in host.strip(".") and not host.rpartition(".")[2].isdigit() and ":" not in host
    return (
        parts.scheme == "https"
        and ":" not in parts.netloc
        and is_name
        and (_NO_PUBLIC_NAME.fullmatch(host) is None)
    )


def problem_of_address(address: str) -> str | None:
    """Why an address may not become a link; None where it may."""
    if len(address) > MAX_URL_LENGTH:
        return f"has {len(address):,} characters, more than {MAX_URL_LENGTH}"
    if _PLAIN_ADDRESS.fullmatch(address):
        return None
    if not address.isprintable() or " " in address:
        return "has spaces or control characters"
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return "is no address"
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return "is not http(s)"
    return "has a user name in it" if "@" in parts.netloc else None


def _place_of(hosts: tuple[str, ...], text: str) -> int | None:
    """Where a text first names one of these hosts; most texts name none, and a look at each "/" is fast."""
    place = text.find("/")
    while place >= 0:
        if text[max(place - _LONGEST_HOST, 0) : place + 1].lower().endswith(hosts):
            return max(place - _LONGEST_HOST - len("https://www."), 0)
        place = text.find("/", place + 1)
    return None


def code_address(text: str) -> str | None:
    """The first address of a code repository in a text, without the punctuation that follows it."""
    begin = _place_of(_CODE_HOSTS, text)
    return _first_address(_CODE_ADDRESS, text, begin) if begin is not None else None


_DATA_PATHS = (
    ("huggingface.co/", "datasets/"),
    ("kaggle.com/", "datasets/"),
    ("zenodo.org/", "records?/"),
    ("doi.org/10.5281/", "zenodo"),
    ("doi.org/10.5061/", "dryad"),
    ("doi.org/10.6084/", "m9.figshare"),
    ("doi.org/10.7910/", "dvn"),
    ("doi.org/10.17632/", ""),
    ("doi.org/10.1594/", "pangaea"),
    ("doi.org/10.13026/", ""),
    ("figshare.com/", "articles/"),
    ("datadryad.org/", ""),
    ("osf.io/", ""),
    ("data.mendeley.com/", "datasets/"),
    ("physionet.org/", "content/"),
    ("openneuro.org/", "datasets/"),
    ("ncbi.nlm.nih.gov/", "geo/"),
)
_DATA_HOSTS = tuple(host for host, _ in _DATA_PATHS)
_LONGEST_HOST = max(map(len, (*_CODE_HOSTS, *_DATA_HOSTS)))
_DATA_PLACES = "|".join(re.escape(host) + path for host, path in _DATA_PATHS)
_DATA_ADDRESS = re.compile(
    rf"(?:https?://)?(?<![\w.@-])(?:www\.|dx\.)?(?:{_DATA_PLACES})"
    r"(?:\\[_%#&~]|[^\s<>{}\"'`|^\\])+",
    re.IGNORECASE,
)


def data_address(text: str) -> str | None:
    """The first address of data in a text, at a host that keeps data, without the punctuation behind it."""
    begin = _place_of(_DATA_HOSTS, text)
    return _first_address(_DATA_ADDRESS, text, begin) if begin is not None else None


def _first_address(pattern: re.Pattern[str], text: str, begin: int) -> str | None:
    for found in pattern.finditer(text, begin):
        address = re.sub(r"\\(.)", r"\1", found[0]).rstrip(_SENTENCE_END)
        while address.endswith((")", "]")) and address.count(")") + address.count("]") > (
            address.count("(") + address.count("[")
        ):
            address = address[:-1].rstrip(_SENTENCE_END)
        if "://" not in address:
            address = f"https://{address}"
        if problem_of_address(address) is None:
            return address
    return None
