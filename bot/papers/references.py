"""Papers as references for other programs: BibTeX, CSL JSON, RIS and CSV, one after the other."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

import orjson

from bot.corpus.paper import FACTS, TitleKind
from bot.corpus.person_names import given_first, is_group
from bot.papers.bibtex import bibtex, citation_key, type_and_venue
from bot.papers.disagreements import source_name
from bot.papers.results import Paper


class Format(StrEnum):
    """A form in which papers are given out."""

    BIBTEX = "bibtex"
    CSL = "csl"
    RIS = "ris"
    CSV = "csv"


def written(papers: Iterable[Paper], form: Format) -> Iterator[str]:
    """A file of papers, piece by piece; no piece is larger than one paper."""
    writers: Mapping[Format, Callable[[Iterable[tuple[str, Paper]]], Iterator[str]]] = {
        Format.BIBTEX: _bibtex,
        Format.CSL: _csl,
        Format.RIS: _ris,
        Format.CSV: _csv,
    }
    yield from writers[form](_with_keys(papers))


def _with_keys(papers: Iterable[Paper]) -> Iterator[tuple[str, Paper]]:
    """Each paper with a key that no other one of the file has."""
    used: Counter[str] = Counter()
    for paper in papers:
        key = citation_key(paper)
        used[key] += 1
        yield (key if used[key] == 1 else f"{key}-{used[key]}"), paper


def _bibtex(papers: Iterable[tuple[str, Paper]]) -> Iterator[str]:
    for place, (key, paper) in enumerate(papers):
        yield ("\n" if place else "") + bibtex(paper, key)


_CSL_TYPES = {"misc": "article", "inproceedings": "paper-conference", "article": "article-journal"}
_RIS_TYPES = {"misc": "UNPB", "inproceedings": "CPAPER", "article": "JOUR"}
_CSL_TITLES = {
    TitleKind.SHORT: "title-short",
    TitleKind.ORIGINAL: "original-title",
    TitleKind.TRANSLATED: "translated-title",
}
_RIS_TITLES = {TitleKind.SHORT: "ST", TitleKind.TRANSLATED: "TT"}


def _csl(papers: Iterable[tuple[str, Paper]]) -> Iterator[str]:
    yield "["
    for place, (key, paper) in enumerate(papers):
        yield ("," if place else "") + "\n" + orjson.dumps(_csl_item(key, paper)).decode()
    yield "\n]\n"


def _csl_item(key: str, paper: Paper) -> dict[str, Any]:
    kind, _ = type_and_venue(paper)
    people: list[dict[str, str]] = [_csl_person(name) for name in paper.authors]
    if paper.authors_truncated and people:
        people.append({"literal": "et al."})
    item = {
        "id": key,
        "type": _CSL_TYPES[kind],
        "title": one_line(paper.title),
        **{
            _CSL_TITLES[one.kind]: one.title
            for one in reversed(paper.other_titles)
            if one.kind in _CSL_TITLES
        },
        "author": people,
        "issued": {"date-parts": [[int(part) for part in paper.published.split("-")]]}
        if paper.published
        else None,
        "container-title": paper.venue,
        "page": paper.pages,
        "number": f"arXiv:{paper.arxiv_id}" if paper.arxiv_id is not None else None,
        "DOI": paper.doi,
        "URL": paper.url,
        "abstract": one_line(paper.abstract),
        "note": "; ".join(remarks(paper)),
    }
    return {name: value for name, value in item.items() if value}


def _csl_person(name: str) -> dict[str, str]:
    given, family = given_and_family(name)
    return {"given": given, "family": family} if given else {"literal": name}


def _ris(papers: Iterable[tuple[str, Paper]]) -> Iterator[str]:
    for key, paper in papers:
        lines = [f"{tag}  - {text}" for tag, value in _ris_lines(key, paper) if (text := one_line(value))]
        yield "\n".join([*lines, "ER  - ", "", ""])


def _ris_lines(key: str, paper: Paper) -> Iterator[tuple[str, str]]:
    kind, _ = type_and_venue(paper)
    yield "TY", _RIS_TYPES[kind]
    yield "ID", key
    yield "TI", paper.title
    yield from ((_RIS_TITLES[one.kind], one.title) for one in paper.other_titles if one.kind in _RIS_TITLES)
    yield from (("AU", _family_first(name)) for name in paper.authors)
    if paper.authors_truncated and paper.authors:
        yield "AU", "et al."
    if paper.published is not None:
        yield "PY", paper.published[:4]
        yield "DA", paper.published.replace("-", "/")
    yield "T2", paper.venue or ""
    first, _, last = (paper.pages or "").partition("-")
    yield "SP", first
    yield "EP", last
    yield "DO", paper.doi or ""
    yield "AN", f"arXiv:{paper.arxiv_id}" if paper.arxiv_id is not None else ""
    yield "UR", paper.url or ""
    yield "AB", paper.abstract
    yield from (("N1", one) for one in remarks(paper))


_COLUMNS = ("key", "id", *(name for name in FACTS if name not in {"source_id", "authors_truncated"}))
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for the beginning of a formula, which may do anything."""


def _csv(papers: Iterable[tuple[str, Paper]]) -> Iterator[str]:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for key, paper in papers:
        facts = {"key": key, "id": paper.id, **paper.facts()}
        facts["authors"] = "; ".join([*paper.authors, *(["et al."] if paper.authors_truncated else [])])
        facts["categories"] = "; ".join(paper.categories)
        facts["notices"] = "; ".join(_reported(paper))
        facts["other_titles"] = "; ".join(one.title for one in paper.other_titles)
        writer.writerow([_cell(facts[name]) for name in _COLUMNS])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _cell(value: Any) -> Any:
    """A value as a spreadsheet shows it and does nothing else."""
    if not isinstance(value, str):
        return ("yes" if value else "no") if isinstance(value, bool) else value
    text = one_line(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def remarks(paper: Paper) -> list[str]:
    """What became of the paper, and what is not certain of it."""
    return [*_reported(paper), *(["Year inferred"] if paper.published_inferred else [])]


def _reported(paper: Paper) -> list[str]:
    return [
        " ".join(filter(None, (one.kind.capitalize(), one.day, f"({source_name(one.source)})", one.url)))
        for one in paper.notices
    ]


def _family_first(name: str) -> str:
    """Such as "Berg, Bo", where it is read as the same name again; else as it is."""
    given, family = given_and_family(name)
    return f"{family}, {given}" if given else name


_PARTICLES = frozenset(
    "van von der den de del della di da dos du la le ter ten zu zur af av bin ibn al el".split()  # noqa: SIM905
)
_GENERATION = re.compile(r"(?:jr|sr|[IVX]+|[2-9](?:nd|rd|th))\.?", re.IGNORECASE)


def given_and_family(name: str) -> tuple[str, str]:
    """The parts of a name; the first is empty where it is not certain which they are."""
    words = one_line(name).split()
    if len(words) < 2 or is_group(name) or "," in name or _GENERATION.fullmatch(words[-1]) is not None:
        return "", name
    place = len(words) - 1
    while place > 1 and words[place - 1].casefold() in _PARTICLES:
        place -= 1
    given, family = " ".join(words[:place]), " ".join(words[place:])
    is_certain = given_first(f"{family}, {given}", family_first=True) == name
    return (given, family) if is_certain else ("", name)


_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def one_line(text: str) -> str:
    """Foreign text without line ends and control characters."""
    return " ".join(_CONTROLS.sub(" ", text).split())
