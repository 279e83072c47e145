"""The keys of papers: ids without their dress, and what a title with its lead author is across sources."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from urllib.parse import unquote

from bot.corpus.names import name_key
from bot.corpus.paper import PaperRecord

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

_DRESSING = re.compile(
    "text(?:bf|it|rm|sf|tt|sc|sl|up|normal)?|math(?:bf|rm|it|sf|tt|cal|bb|frak)|rm|bf|it|sf|tt|em|emph|underline"
    "|mbox|boldsymbol|bm|operatorname|ensuremath|left|right|[bB]ig[lr]?|displaystyle|protect|xspace|[uvHtcdbrk]"
)
_NO_LETTERS = re.compile(r"[\W_]+")
_LATEX_COMMAND = re.compile(r"\\(?:[A-Za-z]+\s*|.)", re.DOTALL)


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


def shared_keys(record: PaperRecord) -> tuple[tuple[str, str], ...]:
    """The keys that other sources may share, as (scheme, value) of "arxiv", "doi" and "title"."""
    keys: dict[tuple[str, str], None] = {}
    if record.arxiv_id is not None:
        keys["arxiv", record.arxiv_id] = None
    if record.doi is not None:
        arxiv_id = normalise_arxiv_id(record.doi)
        keys[("doi", record.doi) if arxiv_id is None else ("arxiv", arxiv_id)] = None
    title = title_key(record.title, record.authors[0].name if record.authors else None)
    if title is not None:
        keys["title", title] = None
    return tuple(keys)


def folded_title(title: str) -> str:
    """Only the letters and digits of a title, folded."""
    text = _LATEX_COMMAND.sub(_markup_away, title) if "\\" in title else title
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return _NO_LETTERS.sub("", folded)


def _markup_away(command: re.Match[str]) -> str:
    r"""Drop commands that only dress a text (\textbf, accents); keep the name of those that stand for one."""
    name = command[0][1:].strip()
    return name if name.isalpha() and not _DRESSING.fullmatch(name) else ""


def _digest(text: str, size: int) -> str:
    return blake2b(text.encode(errors="replace"), digest_size=size).hexdigest()
