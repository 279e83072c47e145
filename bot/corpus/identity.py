"""The keys of papers, and when two records are the same paper."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations
from urllib.parse import unquote

from bot.corpus.agreement import (
    family_of,
    is_generic,
    may_share_doi,
    may_share_title,
    same_words,
    title_stem,
    words_of,
)
from bot.corpus.names import name_key
from bot.corpus.paper import PaperRecord
from bot.text.latex import commands, with_signs, without_commands

JSON_LINES = "json lines"
"""The id space of JSON lines that name no other; unrelated files may use the same ids in it."""

MAX_KEY_LENGTH = 500
"""Keys stand in database indexes, which take no longer ones."""

ARCHIVE = (
    "(?:acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs"
    "|dg-ga|econ|eess|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math|math-ph|mtrl-th|nlin|nucl-ex|nucl-th"
    "|patt-sol|physics|plasm-ph|q-alg|q-bio|q-fin|quant-ph|solv-int|stat|supr-con)"
)
"""A pattern of the archives of arXiv, past and present."""

_ARXIV_ADDRESS = re.compile(
    r"^(?:(?:https?://)?(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html|format)/"
    r"|(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:\s*)?10\.48550/arxiv\.|arxiv:\s*)"
)
_ARXIV_NEW = re.compile(r"(\d{2}(?:0[1-9]|1[0-2]))\.(\d{4,5})(?:v\d+)?", re.ASCII)
_ARXIV_OLD = re.compile(rf"({ARCHIVE})(?:\.[a-z]{{2}})?/(\d{{2}}(?:0[1-9]|1[0-2])\d{{3}})(?:v\d+)?", re.ASCII)
_FIRST_NEW_MONTH, _FIRST_LONG_MONTH = "0704", "1501"

_DOI_ADDRESS = re.compile(r"^(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+", re.ASCII)

_ESCAPED_IN_DOI = re.compile(r"\{\\?([_%&#<>])\}|\\([_%&#{}])")
_DOI_IN_TEXT = re.compile(r"(?<![\w.])10\.\d{4,9}(?:\.\d+)*/[^\s\"{}|\\^`]+", re.ASCII)
_VIEW = re.compile(
    r"(?:/(?:abs|abstract|pdf|epdf|pdfdirect|full|full/html|fulltext|html|meta|summary|references|figures|citation"
    r"|issuetoc|download))+/?$|\.(?:pdf|html|full|abstract)$",
    re.IGNORECASE,
)
"""What the addresses of publishers have behind a DOI."""

_SILENT = commands(
    "text(?:bf|it|rm|sf|tt|sc|sl|up|normal)?|math(?:bf|rm|it|sf|tt|cal|bb|frak)|rm|bf|it|sf|tt|em|emph|underline"
    "|mbox|boldsymbol|bm|operatorname|ensuremath|left|right|[bB]ig[lr]?|displaystyle|protect|xspace|[uvHtcdbrk]"
)
"""Commands that no key has. Never change them: the keys of titles stand in databases."""
_ESCAPED = re.compile(r"\\[\W\d_]")
_NO_LETTERS = re.compile(r"[\W_]+")


def normalise_arxiv_id(text: str) -> str | None:
    """An arXiv id without its version, from an id, "arXiv:…" or an address; None where it is none."""
    bare = text.strip()
    if not bare[:1].isdigit() or bare.startswith("10."):  # an address, a DOI, or an id of the old style
        address = re.split(r"[?#]", bare.lower())[0]
        bare = _ARXIV_ADDRESS.sub("", address, count=1).strip().removesuffix("/").removesuffix(".pdf")
    if found := _ARXIV_NEW.fullmatch(bare):
        month, number = found.groups()
        digits = 5 if month >= _FIRST_LONG_MONTH else 4
        return f"{month}.{number}" if month >= _FIRST_NEW_MONTH and len(number) == digits else None
    old = _ARXIV_OLD.fullmatch(bare)
    return f"{old[1]}/{old[2]}" if old is not None else None


def normalise_doi(text: str) -> str | None:
    """A DOI in lower case, from a DOI, "doi:…" or an address; None where it is none."""
    bare, addressed = _DOI_ADDRESS.subn("", text.strip(), count=1)
    if addressed and text.strip().lower().startswith("http"):
        bare = unquote(re.split(r"[?#]", bare)[0])
    bare = bare.rstrip(".,;").lower()
    return bare if len(bare) <= MAX_KEY_LENGTH and _DOI.fullmatch(bare) else None


def find_doi(text: str) -> str | None:
    """The first DOI in a text, in lower case: in the address of a publisher or proxy, or among words."""
    if "10." not in text:
        return None
    text = _ESCAPED_IN_DOI.sub(lambda found: found[1] or found[2], with_signs(text)).strip()
    if (doi := normalise_doi(text)) is not None:
        return doi
    is_address = text[:4].lower() == "http" and " " not in text
    found = _DOI_IN_TEXT.search(unquote(text) if is_address else text)
    if found is None:
        return None
    doi = found[0]
    if is_address or "://" in text[: found.start()].rpartition(" ")[2]:
        doi = _VIEW.sub("", re.split(r"[?#&]", doi)[0])
    doi = doi.rstrip(".,;:'")
    while doi.endswith((")", "]", ">")) and doi.count(doi[-1]) > doi.count(_OPENING[doi[-1]]):
        doi = doi[:-1].rstrip(".,;:'")
    return normalise_doi(doi)


_OPENING = {")": "(", "]": "[", ">": "<"}


def title_key(title: str, lead_author: str | None) -> str | None:
    """What title and lead author have in common across sources; None without a lead author.

    Case, accents, punctuation and LaTeX markup count for nothing. It is a digest: short enough for
    any index, however long the title.
    """
    lead = name_key(lead_author) if lead_author is not None else ""
    folded = folded_title(title)
    return _digest(f"{folded}|{lead}", 16) if lead and folded else None


def stable_id(title: str, lead_author: str | None) -> str:
    """A short id for a paper whose source gives none: the same whatever else changes."""
    lead = name_key(lead_author) if lead_author is not None else ""
    return _digest(f"{folded_title(title) or title.strip()}|{lead}", 8)


TITLE = "main title"
"""The scheme of the keys of titles: of what stands before a subtitle."""
OLDER_TITLE = "title"
"""The scheme of the keys that earlier versions made, of whole titles with their lead authors."""


def shared_keys(record: PaperRecord) -> tuple[tuple[str, str], ...]:
    """The keys that other sources may share, as (scheme, value): its ids, and its title if it has authors."""
    keys = _id_keys(record)
    if record.authors and (stem := title_stem(record.title)):
        # Of a title that many papers bear, the lead author is part.
        lead = family_of(record.authors[0].name) if is_generic(record.title) else ""
        keys.append((TITLE, _digest(f"{stem}:{lead}", 16)))
    return tuple(dict.fromkeys(keys))


def older_keys(record: PaperRecord) -> tuple[tuple[str, str], ...]:
    """The key of its title that earlier versions made; a paper has it until it is written again."""
    lead = record.authors[0].name if record.authors else None
    key = title_key(record.title, lead)
    return ((OLDER_TITLE, key),) if key is not None else ()


def _id_keys(record: PaperRecord) -> list[tuple[str, str]]:
    keys: list[tuple[str, str]] = []
    if record.arxiv_id is not None:
        keys.append(("arxiv", record.arxiv_id))
    if record.doi is not None:
        arxiv_id = normalise_arxiv_id(record.doi)
        keys.append(("doi", record.doi) if arxiv_id is None else ("arxiv", arxiv_id))
    keys += [(one.scheme, one.value) for one in record.other_ids]
    if (scheme := _PROVIDERS_IDS.get(record.source)) is not None:
        keys.append((scheme, record.source_key))
    return keys


_PROVIDERS_IDS = {"openalex": "openalex", "semantic scholar": "s2"}
"""Providers whose ids other sources name, and the schemes of these."""

_OTHER_IDS = {
    "openalex": re.compile(r"(?:(?:https?://)?(?:api\.)?openalex\.org/(?:works/)?|openalex:\s*)?(w\d{4,})/?"),
    "s2": re.compile(
        r"(?:(?:https?://)?(?:www\.)?semanticscholar\.org/paper/(?:[^/]+/)?|s2:\s*)?([0-9a-f]{40})/?"
    ),
    "pmid": re.compile(r"(?:(?:https?://)?pubmed\.ncbi\.nlm\.nih\.gov/|pmid:?\s*)?([1-9]\d{0,8})/?"),
}


def normalise_other_id(scheme: str, text: str) -> str | None:
    """An id of "openalex", "s2" or "pmid" from the id or its address; None where it is none."""
    found = _OTHER_IDS[scheme].fullmatch(text.strip().lower())
    return None if found is None else found[1].upper() if scheme == "openalex" else found[1]


def folded_title(title: str) -> str:
    """Only the letters and digits of a title, folded."""
    text = without_commands(_ESCAPED.sub(" ", title), _SILENT)
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return _NO_LETTERS.sub("", folded)


def _digest(text: str, size: int) -> str:
    return blake2b(text.encode(errors="replace"), digest_size=size).hexdigest()


_SELF_NUMBERED = frozenset(
    {JSON_LINES, "bibtex", "ris", "endnote", "csl json", "pubmed", "web of science", "author page"}
)
"""Sources whose ids say little: any file may use the same ones, or a chapter has the DOI of its book."""

_REPEATING = (*sorted(_SELF_NUMBERED), "zotero", "openalex", "semantic scholar")
"""Sources that may know one paper under several ids: people enter it twice, a preprint and its published
version have entries of their own, a page names it by its title. In all others, different ids are
different papers."""

_MANY = 5
"""So many papers with one title make it one that says little, such as "Preface"."""

_ADVICE = "Take the id that is wrong out of this row and import it again."


@dataclass(frozen=True, slots=True)
class RecordKeys:
    """What of a record decides its identity."""

    source: str
    source_key: str
    title: str
    lead: str | None
    shared: tuple[tuple[str, str], ...]
    record: PaperRecord

    @classmethod
    def of(cls, record: PaperRecord) -> RecordKeys:
        """The keys of a record."""
        lead = record.authors[0].name if record.authors else None
        return cls(record.source, record.source_key, record.title, lead, shared_keys(record), record)

    @property
    def ids(self) -> list[tuple[str, str]]:
        """Its shared keys but for that of its title."""
        return [key for key in self.shared if key[0] != TITLE]


@dataclass(frozen=True, slots=True)
class KnownPaper:
    """A paper of the store, with all keys under which its sources know it."""

    paper_id: int
    title: str
    lead: str | None
    source_keys: Mapping[str, AbstractSet[str]]
    """Its ids within each source."""
    keys: Mapping[str, AbstractSet[str]]
    """Its shared keys by scheme: "arxiv", "doi", `TITLE`."""
    records: tuple[PaperRecord, ...]
    """What its sources say."""

    @classmethod
    def of(
        cls,
        paper_id: int,
        title: str,
        lead: str | None,
        keys: Mapping[str, AbstractSet[str]],
        records: Iterable[PaperRecord],
    ) -> KnownPaper:
        """A paper that these records describe."""
        described = tuple(records)
        source_keys: defaultdict[str, set[str]] = defaultdict(set)
        for record in described:
            source_keys[record.source].add(record.source_key)
        return cls(paper_id, title, lead, source_keys, keys, described)

    def has(self, scheme: str, value: str) -> bool:
        """Whether it has this shared key."""
        return value in self.keys.get(scheme, ())


@dataclass(frozen=True, slots=True)
class Joins:
    """The record describes this paper."""

    paper_id: int
    same: tuple[int, ...] = ()
    """Later papers that are the same one, as the record shows."""


@dataclass(frozen=True, slots=True)
class New:
    """The record describes a paper that the store lacks."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The record's keys point to different papers; the reason is written for people."""

    reason: str


Decision = Joins | New | Contradiction


def decide(record: RecordKeys, known: Iterable[KnownPaper]) -> Decision:
    """Decide which paper a record describes.

    `known` has at least every paper that has the record's own id or one of its shared keys; others
    make no difference.
    """
    papers = sorted(known, key=lambda paper: paper.paper_id)
    strong = record.ids
    by_id = _by_id(record, papers)
    own = next((p for p in papers if record.source_key in p.source_keys.get(record.source, ())), None)
    by_title = _by_title(record, papers)
    if own is not None:
        return _decide_by_own_id(record, own, by_id, by_title)
    if len(by_id) > 1:
        conflict = _conflict_among(record, by_id)
        if conflict is None:
            return _one(record, by_id, by_title)
        return Contradiction(
            f"its ids belong to different papers: {_named_by(record, by_id)}. They cannot be one: "
            f"{conflict}. {_ADVICE}"
        )
    if by_id:
        conflict = _conflict(record, by_id[0])
        shared = _in_words([key for key in strong if by_id[0].has(*key)])
        if conflict is None:
            return _one(record, by_id, by_title)
        return Contradiction(
            f"{_quoted(record.title)} has {shared} in common with {_quoted(by_id[0].title)}, but {conflict}. "
            "Where they are one paper, take that id out of this row and import it again."
        )
    if len(by_title) > 1:
        ids = "; ".join(_ids(paper) for paper in by_title)
        return Contradiction(
            f"{len(by_title)} papers have its title {_quoted(record.title)} and its lead author ({ids}), "
            "and no id tells which of them it is. Give the row the arXiv id or DOI of the right one."
        )
    return Joins(by_title[0].paper_id) if by_title else New()


def is_surely(record: RecordKeys, paper: KnownPaper) -> bool:
    """Whether an answer about a paper is believed: it has an id of it, or its very title and lead author.

    Files may know a paper by a near title; who is asked about one paper may answer with another.
    """
    if record.source_key in paper.source_keys.get(record.source, ()):
        return True
    if any(paper.has(*key) for key in record.ids):
        return True
    asked = older_keys(record.record)
    return bool(asked) and any(older_keys(one) == asked for one in paper.records)


def _by_id(record: RecordKeys, papers: Sequence[KnownPaper]) -> list[KnownPaper]:
    """The papers that a record's ids name; chapters with the DOI of their book are papers of their own.

    Where another of its ids names another paper, a DOI counts in any case: the ids contradict each other.
    """
    strong = record.ids
    found = [paper for paper in papers if any(paper.has(*key) for key in strong)]
    agreeing = [
        paper
        for paper in found
        if any(paper.has(*key) for key in strong if key[0] != "doi")
        or any(may_share_doi(record.record, one) for one in paper.records)
    ]
    dois = [key for key in strong if key[0] == "doi"]
    return agreeing if all(any(paper.has(*key) for key in dois) for paper in agreeing) else found


def _by_title(record: RecordKeys, papers: Sequence[KnownPaper]) -> list[KnownPaper]:
    """The papers that are this record's by title and authors: those with the very title first."""
    if record.lead is None:
        return []
    same = [paper for paper in papers if any(same_words(one.title, record.title) for one in paper.records)]
    is_common = len(same) >= _MANY
    found = [
        paper
        for paper in papers
        if any(
            may_share_title(record.record, one, is_common=is_common and paper in same)
            for one in paper.records
        )
        and _conflict(record, paper) is None
    ]
    exact = [paper for paper in found if paper in same]
    return exact or (found if len(found) == 1 else [])


def _decide_by_own_id(
    record: RecordKeys, own: KnownPaper, by_id: list[KnownPaper], by_title: list[KnownPaper]
) -> Decision:
    others = [paper for paper in by_id if paper.paper_id != own.paper_id]
    if others:
        conflict = _conflict_among(record, [own, *others])
        if conflict is None and (record.source != JSON_LINES or _resembles(record, own)):
            return _one(record, [own, *others], by_title)
        return Contradiction(
            f"{_own_id(record)} is {_quoted(own.title)}, but its other ids belong to another paper: "
            f"{_named_by(record, others)}. {f'They cannot be one: {conflict}. ' if conflict else ''}{_ADVICE}"
        )
    shares_id = any(own.has(*key) for key in record.ids)
    if record.source != JSON_LINES or shares_id or _resembles(record, own):
        return _one(record, [own], by_title)
    return Contradiction(
        f"{_own_id(record)} is already another paper: there it is {_quoted(own.title)}, here "
        f"{_quoted(record.title)}. Where this file numbers its papers on its own, import it with "
        "--source NAME, which gives it an id space of its own."
    )


def _one(record: RecordKeys, papers: list[KnownPaper], by_title: list[KnownPaper]) -> Joins:
    """All of these are one paper, whose id is the oldest; with them the one that has the record's title."""
    ids = {paper.paper_id for paper in papers}
    also = [paper for paper in by_title if paper.paper_id not in ids]
    if len(also) == 1 and _conflict_among(record, [*papers, *also]) is None:
        ids.add(also[0].paper_id)
    oldest, *later = sorted(ids)
    return Joins(oldest, tuple(later))


def _conflict_among(record: RecordKeys, papers: Sequence[KnownPaper]) -> str | None:
    """Why these cannot all be the paper that a record describes: ids of one kind that differ."""
    for paper in papers:
        is_own = record.source_key in paper.source_keys.get(record.source, ())
        if not is_own and (conflict := _conflict(record, paper)) is not None:
            return f"{_quoted(paper.title)} is not this row's paper, since {conflict}"
    for one, other in combinations(papers, 2):
        for source, ids in one.source_keys.items():
            if not source.startswith(_REPEATING) and (others := other.source_keys.get(source)):
                return f"{source} gives them the ids {_listed({*ids, *others})}"
        for scheme, label in (("arxiv", "arXiv ids"), ("doi", "DOIs")):
            ids, others = one.keys.get(scheme, frozenset[str]()), other.keys.get(scheme, frozenset[str]())
            if ids and others and ids.isdisjoint(others):
                return f"they have the {label} {_listed({*ids, *others})}"
    return None


def _resembles(record: RecordKeys, paper: KnownPaper) -> bool:
    """A retitled paper keeps its lead author; a paper with another lead author keeps its title."""
    same_lead = (
        record.lead is not None and paper.lead is not None and name_key(record.lead) == name_key(paper.lead)
    )
    return (
        same_lead
        or folded_title(record.title) == folded_title(paper.title)
        or any(scheme == TITLE and paper.has(scheme, value) for scheme, value in record.shared)
    )


def _conflict(record: RecordKeys, paper: KnownPaper) -> str | None:
    """Why a record cannot be this paper although they share a key: ids of one kind that differ."""
    if not record.source.startswith(_REPEATING) and (ids := paper.source_keys.get(record.source)):
        return f"{record.source} gives that one the id {_listed(ids)} and this one {record.source_key}"
    for scheme, label in (("arxiv", "arXiv id"), ("doi", "DOI")):
        ours = {value for key, value in record.shared if key == scheme}
        theirs = paper.keys.get(scheme, frozenset[str]())
        if ours and theirs and ours.isdisjoint(theirs):
            return f"that one has the {label} {_listed(theirs)} and this one {_listed(ours)}"
    return None


def is_of_library(record: PaperRecord) -> bool:
    """Whether it is of a file of references, whose entries have no ids but those of others."""
    return record.source in _SELF_NUMBERED and record.source != JSON_LINES


def own_key(record: PaperRecord) -> str | None:
    """The key of a record whose id another paper of its source has; None where the source gives ids."""
    if record.source not in _SELF_NUMBERED:
        return None
    said = "|".join(
        [record.title, *(one.name for one in record.authors[:1]), record.venue or "", record.pages or ""]
    )
    said += f"|{(record.published or '')[:4]}"
    return f"{record.source_key[: MAX_KEY_LENGTH - 40]} {_digest(said, 8)}"


def may_have_one_id(one: PaperRecord, other: PaperRecord) -> bool:
    """Whether two records with one id in a source that has no ids of its own describe one paper."""
    if one.arxiv_id is not None and one.arxiv_id == other.arxiv_id:
        return True
    if is_generic(one.title) and is_generic(other.title) and one.doi is None:
        return same_words(one.title, other.title) and _place(one) == _place(other)
    if one.doi is not None and one.doi == other.doi:
        return may_share_doi(one, other)
    lead, other_lead = (name_key(record.authors[0].name) if record.authors else "" for record in (one, other))
    return lead == other_lead or same_words(one.title, other.title)


def _place(record: PaperRecord) -> tuple[str, ...]:
    return ((record.published or "")[:4], "".join(words_of(record.venue or "")), record.pages or "")


def _quoted(title: str) -> str:
    return f"“{title}”"


def _own_id(record: RecordKeys) -> str:
    return f"the id {record.source_key} of {record.source}"


def _listed(values: Iterable[str]) -> str:
    return " and ".join(sorted(values))


def _in_words(keys: Iterable[tuple[str, str]]) -> str:
    labels = {
        "arxiv": "the arXiv id",
        "doi": "the DOI",
        "openalex": "the OpenAlex id",
        "s2": "the Semantic Scholar id",
        "pmid": "the PubMed id",
    }
    return " and ".join(f"{labels[scheme]} {value}" for scheme, value in keys)


def _named_by(record: RecordKeys, papers: Iterable[KnownPaper]) -> str:
    """Each paper with the ids of the record that point to it."""
    return "; ".join(
        f"{_in_words(key for key in record.ids if paper.has(*key))} is {_quoted(paper.title)}"
        for paper in papers
    )


def _ids(paper: KnownPaper) -> str:
    return ", ".join(
        f"{source} {key}" for source, keys in sorted(paper.source_keys.items()) for key in sorted(keys)
    )
