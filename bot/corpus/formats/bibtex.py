"""Reads BibTeX and biblatex files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.corpus.formats.answers import (
    MAX_LIST_LENGTH,
    MAX_TEXT_LENGTH,
    RefusedEntryError,
    address_of,
    identified,
    listed_ids,
    mention_of,
    pages_of,
    text_of,
    unmarked,
)
from bot.corpus.formats.author_page import field_of
from bot.corpus.formats.bibtex_syntax import (
    DamagedEntry,
    Piece,
    RawEntry,
    describes_paper,
    read_blocks,
    starts_of_entries,
)
from bot.corpus.formats.dates import date_with_month, read_date
from bot.corpus.formats.journal_macros import JOURNALS
from bot.corpus.formats.library_entry import Unkept, library_record, own_part, whole_text
from bot.corpus.formats.opening import EXPECTED, Item, Lines, PaperRead, Remark, RowRefused
from bot.corpus.names import is_et_al
from bot.corpus.paper import Mention, PaperRecord, TitleKind, code_address
from bot.corpus.person_names import (
    MOST_NAMES,
    given_first,
    initials_are_behind,
    is_nobody,
    read_extended,
    says_more,
    split_at_certain_commas,
    split_by_signs,
    with_groups,
)
from bot.errors import UnreadableFileError
from bot.text.latex import unescaped, with_signs

SOURCE = "bibtex"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_VENUES = (
    *("fjournal", "journal", "journaltitle", "booktitle", "maintitle", "howpublished", "eventtitle"),
    *("shortjournal", "shortbooktitle"),
)
_ADDRESSES = ("url", "ee", "link", "bdsk-url-1", "adsurl")
"""Fields in which programs write the address of a paper, the best first."""
_NUMBERS_OF_ARTICLES = ("eid", "articleno", "article-number", "art_number")
"""Fields that stand for pages where there are none."""
_NO_VENUES = ("arxiv", "corr", "http", "\\url")
_LONGEST_DOUBT = 10_000
"""Characters of a list that is looked through for what is not certain of it."""
_COMMENTS = (
    "note",
    "comment",
    "comments",
    "annote",
    "addendum",
    "pubstate",
    "status",
    "type",
    "document_type",
)
"""Fields in which it may stand that a paper was withdrawn."""
_TITLES = {
    "shorttitle": TitleKind.SHORT,
    "origtitle": TitleKind.ORIGINAL,
    "originaltitle": TitleKind.ORIGINAL,
    "translatedtitle": TitleKind.TRANSLATED,
    "translated-title": TitleKind.TRANSLATED,
    "titletranslation": TitleKind.TRANSLATED,
    "reprinttitle": TitleKind.OTHER,
}
_MARKS_OF_NAMES = re.compile(
    r"\\(?:inst|orcidlink|orcid|orcidID|thanks|footnote|footnotemark|fnref|corref|textsuperscript)"
    r"\s*(?:\[[^\[\]]{0,100}\])?\{[^{}]{0,300}\}(?![^\W\d_])"
)
"""Commands behind a name that are no part of it; "M\textsuperscript{c}Kay" is one word."""
_IDS_OF_PEOPLE = {"orcid-numbers": "orcid", "researcherid-numbers": "researcherid"}
"""Fields of Web of Science, and the schemes of the identifiers that they list."""
_OTHER_NAMES = {"authors": "author", "titel": "title", "titles": "title", "summary": "abstract"}
"""What people write in place of the names of fields."""

_INHERITED = (
    "year",
    "date",
    "month",
    "journal",
    "journaltitle",
    "publisher",
    "series",
    "volume",
    "number",
    "eventtitle",
)
"""What a paper takes from the proceedings or the volume that its `crossref` names."""


def read_bibtex(lines: Lines) -> Iterator[Item]:
    """Read every entry; comments, strings and preambles are none.

    Raises:
        UnreadableFileError: No entry can be read.

    """
    text, remark = whole_text(lines)
    if remark is not None:
        yield Remark(None, remark)
    reader = _Reader()
    found: set[int] = set()
    for block in [*read_blocks(text)]:
        found.add(block.line)
        if isinstance(block, RawEntry):
            reader.learn(block)
        reader.blocks.append(block)
    if not reader.has_entries:
        raise UnreadableFileError(
            str(lines.path), None, f"it has no BibTeX entry such as @article{{…}}; {EXPECTED}"
        )
    yield from reader.items()
    if overlooked := [line for line in starts_of_entries(text) if line not in found]:
        shown = ", ".join(str(line) for line in overlooked[:5])
        yield Remark(
            overlooked[0],
            f"{len(overlooked)} lines look like the start of an entry, but lie within another ({shown})",
        )


@dataclass(slots=True)
class _Reader:
    """The blocks of a file, with the strings that it defines and the entries that others refer to."""

    blocks: list[RawEntry | DamagedEntry] = field(default_factory=list["RawEntry | DamagedEntry"])
    strings: dict[str, str] = field(default_factory=dict[str, str])
    by_key: dict[str, RawEntry] = field(default_factory=dict[str, RawEntry])
    unkept: Unkept = field(default_factory=Unkept)

    @property
    def has_entries(self) -> bool:
        return any(isinstance(block, DamagedEntry) or describes_paper(block.kind) for block in self.blocks)

    def learn(self, entry: RawEntry) -> None:
        """Keep a string, or the entry for those that refer to it."""
        if entry.kind == "string":
            for name, value in entry.fields.items():
                self.strings[name] = self._text(value)[:MAX_TEXT_LENGTH]
        elif entry.key:
            self.by_key.setdefault(entry.key.lower(), entry)

    def items(self) -> Iterator[Item]:
        """Each entry as a paper or a refusal, then what could not be kept of them."""
        for block in self.blocks:
            if isinstance(block, DamagedEntry):
                yield RowRefused(block.line, f"the entry is damaged: {block.reason}")
            elif describes_paper(block.kind):
                yield self._item(block)
        yield from self.unkept.remarks()

    def _item(self, entry: RawEntry) -> Item:
        fields = self._fields(entry)
        for name in entry.repeated:
            if name in {"title", "author", "year", "date", "doi", "journal", "abstract"}:
                self.unkept.add("fields stand twice in their entry; the first was kept", entry.line, name)
        for name in ("crossref", "xdata"):
            for key in filter(None, map(str.strip, fields.get(name, "").split(","))):
                if key.lower() not in self.by_key:
                    self.unkept.add("entries refer to others that are not in the file", entry.line, key)
        try:
            return PaperRead(entry.line, self._record(entry.line, fields))
        except RefusedEntryError as error:
            return RowRefused(entry.line, f"the entry cannot be read: {error}")

    def _fields(self, entry: RawEntry, depth: int = 0, seen: set[str] | None = None) -> dict[str, str]:
        """The texts of an entry's fields, with what it takes from others that it refers to, each once."""
        seen = set() if seen is None else seen
        fields = {_OTHER_NAMES.get(name, name): self._text(value) for name, value in entry.fields.items()}
        if depth > 3:  # a chain of references, or a circle
            return fields
        for key in fields.get("xdata", "").lower().split(","):
            data = self.by_key.get(key.strip())
            if data is not None and key.strip() not in seen:
                seen.add(key.strip())
                fields = self._fields(data, depth + 1, seen) | {
                    name: text for name, text in fields.items() if text
                }
        parent = self.by_key.get(fields.get("crossref", "").strip().lower())
        if parent is not None and parent is not entry:
            given = self._fields(parent, depth + 1, seen)
            taken = {name: given[name] for name in _INHERITED if given.get(name)}
            title = given.get("booktitle") or given.get("title", "")
            if title and entry.kind not in {"article", "periodical"}:
                taken["booktitle"] = title
            fields = taken | {name: text for name, text in fields.items() if text}
        return fields

    def _text(self, value: Iterable[Piece]) -> str:
        parts: list[str] = []
        room = MAX_LIST_LENGTH
        for text, is_macro in value:
            parts.append(self._macro(text)[:room] if is_macro else text)
            room -= len(parts[-1])
            if room < 0:  # strings that hold strings become as long as they like
                break
        return "".join(parts)

    def _macro(self, name: str) -> str:
        known = self.strings.get(name.lower())
        if known is not None:
            return known
        return JOURNALS.get(name.lower(), name)

    def _record(self, line: int, fields: Mapping[str, str]) -> PaperRecord:
        authors, truncated = self._authors(line, fields)
        abstract = plain(fields.get("abstract", ""))
        classes = re.split(r"[\s,;]+", text_of(fields.get("primaryclass") or fields.get("eprintclass", "")))
        categories = tuple(one for one in classes if 0 < len(one) <= 64)
        addresses = _addresses(fields)
        written_pages = fields.get("pages", "")
        numbers = (plain(fields[key]) for key in _NUMBERS_OF_ARTICLES if fields.get(key))
        record = library_record(
            source=SOURCE,
            title=_title(fields),
            authors=authors,
            truncated=truncated,
            published=self._published(line, fields),
            abstract=abstract,
            url=address_of(*addresses),
            code_url=code_address(abstract) or code_address(fields.get("note", "")),
            venue=_venue(fields),
            pages=pages_of(plain(written_pages)) or pages_of(next(numbers, "")),
            ids=_ids(fields, addresses),
            categories=categories,
            field=field_of(categories[0]) if categories else None,
            pmid=_pmid(fields),
            other_titles=_other_titles(fields),
            comments=[text for key in _COMMENTS if (text := plain(fields.get(key, "")))],
        )
        is_of_arxiv = _eprint_kind(fields) == "arxiv"
        self.unkept.compare(
            line,
            record,
            doi=fields.get("doi", ""),
            arxiv_id=fields.get("eprint", "") if is_of_arxiv else "",
            url=fields.get("url", ""),
            pages=written_pages,
            abstract=fields.get("abstract", ""),
        )
        return record

    def _authors(self, line: int, fields: Mapping[str, str]) -> tuple[list[Mention], bool]:
        written = fields.get("author", "").strip()
        names, truncated = _names(written)
        if not names and written and not truncated and not is_nobody(plain(written)):
            self.unkept.add("lists of authors name nobody", line, written)
        if (doubt := _doubt(written)) is not None:
            self.unkept.add("lists of authors may be read wrongly; write “and” between names", line, doubt)
        group = plain(fields.get("collaboration", ""))
        if group:
            names.append(group if "collaboration" in group.lower() else f"{group} Collaboration")
        found = (mention_of(name) for name in self.unkept.once(line, names))
        mentions = [mention for mention in found if mention is not None]
        ids = [
            entry
            for key, scheme in _IDS_OF_PEOPLE.items()
            for entry in listed_ids(scheme, plain(fields.get(key, "")))
        ]
        return identified(mentions, ids), truncated

    def _published(self, line: int, fields: Mapping[str, str]) -> str | None:
        date = plain(fields.get("date", ""))
        year = plain(fields.get("year", ""))
        found = date_with_month(date or year, plain(fields.get("month", "")), plain(fields.get("day", "")))
        if found is None and (date or year):
            found = date_with_month(year, plain(fields.get("month", "")), "")
        if not date and not year:
            return read_date(plain(fields.get("eventdate", "")))
        if date or year:
            month = " ".join(plain(fields.get(key, "")) for key in ("month", "day"))
            self.unkept.date(line, f"{date or year} {month}".strip(), found)
        return found


def _title(fields: Mapping[str, str]) -> str:
    title, subtitle = plain(fields.get("title", "")), plain(fields.get("subtitle", ""))
    if not title:
        title = plain(fields.get("maintitle", "")) or plain(fields.get("shorttitle", ""))
    if not subtitle or subtitle.casefold() in title.casefold():
        return title
    return f"{title}{' ' if title.endswith((':', '?', '!', '.')) else ': '}{subtitle}"


def _other_titles(fields: Mapping[str, str]) -> Iterator[tuple[TitleKind, str]]:
    for key, kind in _TITLES.items():
        if text := plain(fields.get(key, "")):
            yield kind, text
    if addition := plain(fields.get("titleaddon", "")):
        yield TitleKind.OTHER, f"{_title(fields)}. {addition}"


def _venue(fields: Mapping[str, str]) -> str | None:
    for key in _VENUES:
        written = fields.get(key, "").strip()
        macro = (
            JOURNALS.get(written.removeprefix("\\").strip("{} ").lower())
            if written.startswith("\\")
            else None
        )
        name = macro or ("" if key == "howpublished" and "http" in written else plain(written))
        if name and not name.lower().startswith(_NO_VENUES) and name != plain(fields.get("title", "")):
            return name
    return None


def _pmid(fields: Mapping[str, str]) -> str:
    of_eprint = fields.get("eprint", "") if _eprint_kind(fields) in {"pmid", "pubmed"} else ""
    return fields.get("pmid", "") or of_eprint


def _eprint_kind(fields: Mapping[str, str]) -> str:
    return fields.get("archiveprefix", fields.get("eprinttype", "")).strip().lower()


def _ids(fields: Mapping[str, str], addresses: Iterable[str]) -> list[str]:
    """Texts of an entry in which a DOI or an arXiv id may stand, the surest first."""
    kind = _eprint_kind(fields)
    eprint = fields.get("eprint", "").strip()
    ids = [_without_escapes(fields.get("doi", ""))]
    if eprint.isdecimal() and len(eprint) == 7:  # of arXiv's old ids the number alone
        archives = (kind, plain(fields.get("primaryclass", "")), plain(fields.get("eprintclass", "")))
        ids += [f"{archive.split('.')[0]}/{eprint}" for archive in archives if archive]
    if eprint and kind in {"", "arxiv"}:
        ids += [eprint, eprint.split()[0]]
    ids += addresses
    for key in (
        "journal",
        "eid",
        "note",
        "volume",
        "number",
        "howpublished",
        "annote",
        "annotation",
        "addendum",
    ):
        written = own_part(_without_escapes(fields.get(key, "")))
        if key == "volume":
            written = written.removeprefix("abs/") if written.startswith("abs/") else ""
        if "arxiv" in written.lower() or "10." in written or key == "volume":
            ids += [written, *re.split(r"[\s,;]+", written)]
    return [text for text in ids if text]


def _names(written: str) -> tuple[list[str], bool]:
    """The names of a list, and whether it was cut."""
    if "\\" in written:
        written = _MARKS_OF_NAMES.sub("", written.replace("\\and", " and"))
    whole = _in_braces(written)
    if whole is not None and _is_list_in_braces(whole):
        written = whole
    elif whole is not None and " and " not in written[: written.find(whole)]:
        name = plain(whole)
        return ([given_first(name)] if name else []), says_more(name)
    parts = [part for part in _split_at_and(written) if part.strip()]
    if len(parts) == 1 and not _has_braces(parts[0]) and read_extended(parts[0]) is None:
        read = split_by_signs(plain(parts[0], MAX_LIST_LENGTH))
        return list(read.names), read.is_cut
    parts = [one for part in parts for one in _parted(part)]
    is_long, parts = len(parts) > MOST_NAMES, parts[:MOST_NAMES]
    truncated = is_long or (bool(parts) and says_more(plain(parts[-1])))
    family_first = initials_are_behind(parts)
    names: list[str] = []
    for part in parts:
        extended = read_extended(plain(part))
        inner = _in_braces(part.strip())
        name = extended or (
            plain(inner) if inner is not None else given_first(plain(part), family_first=family_first)
        )
        if name and not is_et_al(name):
            names.append(
                name if extended or inner is None else given_first(name) if "," not in name else name
            )
    return names, truncated


def _parted(part: str) -> list[str]:
    """One name between two "and", or those that other signs part: "Hale, I.; Moor, P."."""
    if "{" in part or "=" in part:
        return [part]
    if ";" in part:
        return [one for one in part.split(";") if one.strip()]
    at_least = 2 if part.rstrip().endswith(",") else 3
    return with_groups(split_at_certain_commas(part, at_least=at_least) if "," in part else [part])


def _doubt(written: str) -> str | None:
    """What of a list of authors is not certain."""
    if len(written) > _LONGEST_DOUBT:
        return None
    parts = [part for part in _split_at_and(written) if part.strip()]
    if len(parts) != 1 or _has_braces(parts[0]) or ";" in parts[0]:
        return None
    return split_by_signs(plain(parts[0])).doubt


def _split_at_and(written: str) -> list[str]:
    """The names of a list: "and" parts them, but not within braces."""
    parts: list[str] = []
    depth = begin = 0
    for found in re.finditer(r"\\.|[{}]|(?<![^\s])and(?![^\s{])", written, re.IGNORECASE | re.DOTALL):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}":
            depth -= 1
        elif depth == 0 and found[0].lower() == "and":
            parts.append(written[begin : found.start()])
            begin = found.end()
    return [*parts, written[begin:]]


def _in_braces(written: str) -> str | None:
    """What one pair of braces around the whole text holds; None where there is none."""
    text = written.strip()
    if not (text.startswith("{") and text.endswith("}")):
        return None
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if depth == 0 and place < len(text) - 1:
            return None
    return text[1:-1]


def _has_braces(written: str) -> bool:
    return re.search(r"(?<!\\)\{(?!\\)[^{}]*[,;][^{}]*\}", written) is not None


def _is_list_in_braces(text: str) -> bool:
    """Whether braces hold several people ("{Olcay, Ozlem and Duygu, Ahmet}") and not one institution."""
    parts = [part.strip() for part in _split_at_and(text) if part.strip()]
    if len(parts) < 2:
        return False
    return all("," in part for part in parts) or all(
        2 <= len(part.split()) <= 4 and all(word[:1].isupper() for word in part.split()) for part in parts
    )


def plain(text: str, most: int = MAX_TEXT_LENGTH) -> str:
    """A text without LaTeX's accents, commands and braces, and without HTML; formulas stay as they are."""
    return unmarked(unescaped(text), most)


def _addresses(fields: Mapping[str, str]) -> list[str]:
    """The addresses of an entry without LaTeX, in the order in which they are preferred."""
    found: list[str] = []
    for key in _ADDRESSES:
        if written := fields.get(key, ""):
            # A SICI has semicolons and angle brackets of its own.
            parts = re.split(r"\s*;\s*(?=https?:)|\s+", written)[:2]
            found += [
                *(part.removeprefix("<").removesuffix(">") for part in parts if part[:1] == "<"),
                *parts,
            ]
    found.append(_address_in(fields.get("howpublished", "")))
    return [_without_escapes(_TILDE.sub("~", address)) for address in found]


_TILDE = re.compile(
    r"\{\\(?:textasciitilde|~)(?:\{\})?\}|\\textasciitilde(?:\{\}|\s|(?![A-Za-z]))|\\~(?:\{\})?"
)


def _address_in(text: str) -> str:
    found = re.search(r"https?://[^\s{}]+", text)
    return found[0] if found is not None else ""


def _without_escapes(text: str) -> str:
    r"""An identifier or address without the escapes that LaTeX needs: "10.1/a\\_b", "{\\textless}"."""
    if "\\" not in text and "{" not in text and "}" not in text:
        return text.strip()
    text = with_signs(text)
    text = re.sub(r"\\url\s*\{([^{}]*)\}", r"\1", text)
    return re.sub(r"[{}]|\\(?=[_%&#~$])|\\-", "", text).replace("\\_", "_").strip()
