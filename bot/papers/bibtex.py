"""A paper as a BibTeX entry."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from anyascii import anyascii

from bot.corpus.paper import TitleKind
from bot.papers.disagreements import source_name
from bot.papers.results import Paper
from bot.text.latex import readable

if TYPE_CHECKING:
    from bibtexparser.model import Field

_TITLES = {
    TitleKind.SHORT: "shorttitle",
    TitleKind.ORIGINAL: "origtitle",
    TitleKind.TRANSLATED: "translatedtitle",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MEETING = re.compile(
    r"\b(?:proceedings|conference|workshop|symposium|meeting|advances in neural information)\b"
    r"|\b(?:NeurIPS|NIPS|ICML|ICLR|CVPR|ICCV|ECCV|WACV|ACL|EMNLP|NAACL|EACL|COLING|AAAI|IJCAI|KDD|WWW|SIGIR"
    r"|RecSys|CIKM|INTERSPEECH|ICASSP|ICRA|IROS|CoRL|AISTATS|UAI|COLT|STOC|FOCS|SODA|CHI|SIGGRAPH)\b",
    re.IGNORECASE,
)
_UNIMPORTANT = frozenset(
    (
        "a",
        "an",
        "the",
        "on",
        "of",
        "for",
        "in",
        "to",
        "and",
        "or",
        "with",
        "from",
        "by",
        "at",
        "is",
        "are",
        "via",
    )
)
_FORBIDDEN_IN_ADDRESS = "{}\\"


def bibtex(paper: Paper, key: str | None = None) -> str:
    """A BibTeX entry with everything that is known of the paper, ready to be pasted into a file."""
    from bibtexparser.library import Library
    from bibtexparser.middlewares import AddEnclosingMiddleware
    from bibtexparser.model import Entry
    from bibtexparser.writer import write

    entry_type, venue = type_and_venue(paper)
    pages = ("pages", _latex(paper.pages or "").replace("-", "--"))
    fields = [
        ("title", f"{{{_latex(paper.title)}}}"),
        *_other_titles(paper),
        ("author", _authors(paper)),
        *venue,
        pages,
        *_date(paper),
    ]
    if paper.arxiv_id is not None:
        fields += [("eprint", paper.arxiv_id), ("archivePrefix", "arXiv")]
        if paper.categories and "/" not in paper.arxiv_id:
            fields.append(("primaryClass", _latex(paper.categories[0])))
    fields += [("doi", _verbatim(paper.doi)), ("url", _verbatim(paper.url)), ("note", _note(paper))]
    enclosed = [_field(key, value) for key, value in fields if value]
    enclosing = AddEnclosingMiddleware(
        reuse_previous_enclosing=True, enclose_integers=True, default_enclosing="{"
    )
    return write(enclosing.transform(Library([Entry(entry_type, key or citation_key(paper), enclosed)])))


def citation_key(paper: Paper) -> str:
    """Such as ying2021exponential: the lead author's family name, the year, the first weighty word."""
    lead = paper.authors[0] if paper.authors else ""
    family = lead.split(",")[0] if "," in lead else (lead.split() or [""])[-1]
    words = [_ascii(word) for word in re.split(r"[\s:–—-]+", readable(paper.title))]
    weighty = next(
        (word for word in words if len(word) > 1 and not word.isdigit() and word not in _UNIMPORTANT), ""
    )
    return f"{_ascii(family) or 'anonymous'}{(paper.published or '')[:4]}{weighty[:40]}"


def type_and_venue(paper: Paper) -> tuple[str, list[tuple[str, str]]]:
    """The type of its entry, "misc", "inproceedings" or "article", and the field with its venue."""
    venue = (paper.venue or "").strip()
    if not venue or venue.lower().startswith("arxiv"):
        return "misc", []
    if _MEETING.search(venue):
        return "inproceedings", [("booktitle", _latex(venue))]
    return "article", [("journal", _latex(venue))]


def _authors(paper: Paper) -> str:
    names = [_author(name) for name in paper.authors]
    return " and ".join([*names, "others"] if paper.authors_truncated and names else names)


def _author(name: str) -> str:
    """A name as BibTeX takes it; one that has its "and" in it, such as a team's, is kept together."""
    return f"{{{_latex(name)}}}" if re.search(r"\band\b", name, re.IGNORECASE) else _latex(name)


def _date(paper: Paper) -> list[tuple[str, str]]:
    """When it was published; of what is only a preprint, when that came."""
    cited = paper.appeared or paper.published
    if cited is None:
        return []
    date = [("year", cited[:4])]
    if len(cited) > 4:
        date.append(("month", _MONTHS[int(cited[5:7]) - 1]))
    return date


def _other_titles(paper: Paper) -> list[tuple[str, str]]:
    """The titles for which there are fields, the first of each kind."""
    found = {one.kind: _latex(one.title) for one in reversed(paper.other_titles)}
    return [(name, found[kind]) for kind, name in _TITLES.items() if kind in found]


def _note(paper: Paper) -> str:
    """What became of the paper, and who says so; and whether its year is a guess."""
    reported = (
        (one.kind.capitalize(), one.day, f"({_latex(source_name(one.source))})", _verbatim(one.url))
        for one in paper.notices
    )
    notes = [" ".join(filter(None, words)) for words in reported]
    return "; ".join([*notes, *(["Year inferred"] if paper.published_inferred else [])])


def _field(key: str, value: str) -> Field:
    """A field; a month is one of BibTeX's own words and stands without braces."""
    from bibtexparser.model import Field

    field = Field(key, value)
    field.enclosing = "no-enclosing" if key == "month" else "{"
    return field


def _latex(text: str) -> str:
    """Foreign text as LaTeX that prints it and does nothing else."""
    return " ".join(_encoder()(readable(text)).split())


def _verbatim(text: str | None) -> str:
    """An address or a DOI, which stands as it is but for what would end its field."""
    return "".join(quote(c) if c in _FORBIDDEN_IN_ADDRESS or c.isspace() else c for c in text or "")


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", anyascii(text).lower())


@lru_cache(maxsize=1)
def _encoder() -> Callable[[str], str]:
    from pylatexenc.latexencode import UnicodeToLatexEncoder  # pyright: ignore[reportMissingTypeStubs]

    encoder: Any = UnicodeToLatexEncoder(
        unknown_char_policy="keep", replacement_latex_protection="braces-all"
    )
    return encoder.unicode_to_latex
