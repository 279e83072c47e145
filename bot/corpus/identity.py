"""The keys of papers, and when two records are the same paper."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import unquote

from bot.corpus.agreement import (
    family_of,
    is_generic,
    may_share_doi,
    same_words,
    title_stem,
    words_of,
)
from bot.corpus.names import name_key
from bot.corpus.paper import PaperRecord, TitleKind
from bot.text.latex import commands, with_signs, without_commands

Pair = tuple[str, str]
"""(source, source key), or (scheme, value)."""

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

_PREPRINT_DOI = re.compile(
    r"10\.(?:48550/arxiv\.|1101/(?:\d{4}\.\d\d\.\d\d\.)?\d{6,}|64898/|21203/rs\.|2139/ssrn\.|26434/chemrxiv"
    r"|20944/preprints|36227/techrxiv|22541/au\.|31219/osf|31222/|31223/|31234/osf|31234/|32942/|35542/osf)"
)
"""DOIs under which preprints are registered; those of bioRxiv are numbers."""

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
        address = bare.lower()
        if "arxiv" in address:
            address = _ARXIV_ADDRESS.sub("", re.split(r"[?#]", address)[0], count=1)
        elif "?" in address or "#" in address:
            address = re.split(r"[?#]", address)[0]
        bare = address.strip().removesuffix("/").removesuffix(".pdf")
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


def is_preprint_doi(doi: str) -> bool:
    """Whether a DOI in lower case is that of a preprint at one of the known servers."""
    return _PREPRINT_DOI.match(doi) is not None


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
    if record.authors:
        for title in titles_of(record):
            if stem := title_stem(title):
                # Of a title that many papers bear, the lead author is part.
                lead = family_of(record.authors[0].name) if is_generic(title) else ""
                keys.append((TITLE, _digest(f"{stem}:{lead}", 16)))
    return tuple(dict.fromkeys(keys)) if len(keys) > 1 else tuple(keys)


NOTICE_OF = "notice of "
"""What the scheme of a key begins with that leads to a notice from the paper that it is about."""


def stored_keys(record: PaperRecord) -> tuple[Pair, ...]:
    """All keys under which a record is found: those that others may share, and of a notice, of what it is."""
    keys = shared_keys(record)
    if not record.notices_of:
        return keys
    papers = (one.paper for one in record.notices_of)
    return (*keys, *dict.fromkeys((f"{NOTICE_OF}{one.scheme}", one.value) for one in papers))


def titles_of(record: PaperRecord) -> tuple[str, ...]:
    """The titles by which a paper is known: not a short one, which may be others' as well.

    "Nets & ropes" is known as "Nets and ropes", too.
    """
    titles = [record.title]
    if record.other_titles:
        titles += (one.title for one in record.other_titles if one.kind is not TitleKind.SHORT)
    return (*titles, *(title.replace("&", " and ") for title in titles if "&" in title))


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
    if record.other_ids:
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


_LANGUAGE = re.compile(r"(?<=[a-z])(?:\+\+|#)(?!\w)")
"""What is behind a letter in names of programming languages."""


def folded_title(title: str) -> str:
    """Only the letters and digits of a title, folded; C++ and C# remain other languages than C."""
    text = without_commands(_ESCAPED.sub(" ", title), _SILENT)
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    if "+" in folded or "#" in folded:
        folded = _LANGUAGE.sub(lambda sign: "plusplus" if sign[0] == "++" else "sharp", folded)
    return _NO_LETTERS.sub("", folded)


def _digest(text: str, size: int) -> str:
    return blake2b(text.encode(errors="replace"), digest_size=size).hexdigest()


_SELF_NUMBERED = frozenset(
    {JSON_LINES, "bibtex", "ris", "endnote", "csl json", "pubmed", "web of science", "author page"}
)
"""Sources whose ids say little: any file may use the same ones, or a chapter has the DOI of its book."""

REPEATING = (*sorted(_SELF_NUMBERED), "zotero", "openalex", "semantic scholar", "dblp", "feed", "oai")
"""Sources that may know one paper under several ids: people enter it twice, a preprint and its published
version have entries of their own, a page names it by its title. In all others, different ids are
different papers."""


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
    def pair(self) -> Pair:
        """Its (source, source key), which no other record has."""
        return self.source, self.source_key

    @property
    def ids(self) -> list[Pair]:
        """Its shared keys but for that of its title."""
        return [key for key in self.shared if key[0] != TITLE]

    def of_scheme(self, scheme: str) -> set[str]:
        """Its shared keys of one scheme."""
        return {value for name, value in self.shared if name == scheme}


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
