"""Reads references that are written as tagged lines, by the meaning that a dialect gives to its tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    pmc_copy,
    unmarked,
)
from bot.corpus.formats.dates import month_of, read_date
from bot.corpus.formats.library_entry import (
    NOTHING,
    Unkept,
    library_record,
    own_part,
    whole_text,
    without_stop,
)
from bot.corpus.formats.opening import EXPECTED, Item, Lines, PaperRead, Remark, RowRefused
from bot.corpus.identity import find_doi
from bot.corpus.paper import (
    Identifier,
    Mention,
    Notice,
    NoticeKind,
    NoticeOf,
    PaperRecord,
    TitleKind,
    code_address,
)
from bot.corpus.person_names import (
    MOST_NAMES,
    given_first,
    initials_are_behind,
    is_group,
    names_several,
    says_more,
    split_by_signs,
)
from bot.errors import UnreadableFileError

_NO_ADDRESSES = ("<go to", "internal-pdf:", "file:")
"""What EndNote writes where an address stands: places within its own database."""
_IN_BRACKETS = re.compile(r"\[([^\[\]]+)[.!]?\]\.?")
_TAG_OF_HTML = re.compile(r"</?(?:br|p|a|i|b|span)\b[^<>]*>", re.IGNORECASE)
_PMID = re.compile(r"PMID:\s*(\d{1,9})")


@dataclass(slots=True)
class TaggedRecord:
    """One reference as it is written: values by tag, in the order of their lines."""

    line: int
    """From 1."""
    values: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    order: list[str] = field(default_factory=list[str])
    """The tag of each value, in the order of their lines."""
    ids_of_people: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(name, identifier) where the line of an identifier follows that of its person."""
    is_ended: bool = True
    """It has the line that ends a reference of its form."""

    def add(self, tag: str, value: str) -> None:
        """Add the value of a line; PubMed's identifier of a person follows the name."""
        if tag == "AUID":
            people = self.values.get("FAU") or self.values.get("AU") or [""]
            self.ids_of_people.append((people[-1], value))
        self.values.setdefault(tag, []).append(value)
        self.order.append(tag)

    def go_on(self, tag: str, value: str, between: str = " ") -> None:
        """Add a line that goes on with the value before."""
        values = self.values.get(tag)
        if values and len(values[-1]) <= MAX_TEXT_LENGTH:  # no text is kept longer than that
            values[-1] = f"{values[-1]}{between}{value}" if values[-1] else value

    def all(self, *tags: str) -> list[str]:
        """The values of these tags that say something, tag by tag."""
        return [
            value.strip()
            for tag in tags
            for value in self.values.get(tag, ())
            if value.strip().casefold() not in NOTHING
        ]

    def first(self, *tags: str) -> str:
        """The first value of these tags that says something; empty where there is none."""
        return next(iter(self.all(*tags)), "")


@dataclass(frozen=True, slots=True)
class Dialect:
    """A form of tagged lines: how it is split, and which tags hold what."""

    name: str
    source: str
    """The id space of what it yields."""
    split: Callable[[str], Iterator[TaggedRecord]]
    recognised: re.Pattern[str]
    """What a file of this form has at the start of lines."""
    starts: re.Pattern[str]
    """What begins each reference, found without reading it, also behind a line whose end is lost: a second
    way to count them."""
    authors: Sequence[Sequence[str]]
    """Groups of tags; the first group that names anybody is taken, all its tags in this order."""
    titles: Sequence[str]
    """The tags of the title; of the first that is given."""
    dates: Sequence[str]
    venues: Sequence[str]
    abstracts: Sequence[str]
    ids: Sequence[str]
    """Tags in which a DOI or an arXiv id may stand, the surest first."""
    addresses: Sequence[str]
    pages: Sequence[str] = ()
    """The tags of the first and the last page, or of both in one."""
    affiliations: Callable[[TaggedRecord, Sequence[str]], Mapping[str, Sequence[str]]] | None = None
    """The affiliations of each name that stands in these tags, by the name as it is written."""
    groups: Sequence[str] = ()
    """Tags of collaborations and institutions."""
    other_pages: Sequence[str] = ()
    """Tags that stand for pages where there are none, as the number of an article does."""
    other_titles: Mapping[str, TitleKind] = field(default_factory=dict[str, TitleKind])
    notices: Mapping[str, NoticeKind] = field(default_factory=dict[str, NoticeKind])
    """Tags that name the notice of a retraction or correction."""
    notices_of: Mapping[str, NoticeKind] = field(default_factory=dict[str, NoticeKind])
    """Tags of a notice that name the paper it is about."""
    ids_of_people: Mapping[str, str] = field(default_factory=dict[str, str])
    """Tags that list people with their identifiers, and the schemes of these."""
    comments: Sequence[str] = ()
    """Tags in which it may stand that a paper was withdrawn."""
    same_titles: Sequence[str] = ()
    """Tags of which each may hold the title; what else they hold are other titles of it."""
    doi: str = ""
    """The tag that has nothing but a DOI."""
    pmid: str = ""
    """The tag of PubMed's id."""
    central: str = ""
    """The tag of the id at PubMed Central, where the paper is free to read."""
    translates: bool = False
    """A title in brackets is a translation, as PubMed writes it: "[Ropes of the north]."."""
    month: str = ""
    """A tag that holds month and day apart from the year, which is in the first tag of dates."""
    family_first: bool = False
    """Names without a comma begin with the family name."""


def read_tagged(lines: Lines, dialect: Dialect) -> Iterator[Item]:
    """Read every reference of a file in one of the dialects.

    Raises:
        UnreadableFileError: It has no reference.

    """
    text, remark = whole_text(lines)
    text = text.replace("\ufeff", "")
    if remark is not None:
        yield Remark(None, remark)
    records = [*dialect.split(text)]
    if not records:
        raise UnreadableFileError(
            str(lines.path), None, f"it has no reference of the form {dialect.name}; {EXPECTED}"
        )
    unkept = Unkept()
    ends = [record.is_ended for record in records]
    if not ends[-1] and (any(ends) or len(ends) == 1):
        yield RowRefused(
            records[-1].line, 'the reference cannot be read: it has no end ("ER  -"), so the file broke off'
        )
        records.pop()
    for record in records:
        try:
            yield PaperRead(record.line, _record(record, dialect, unkept))
        except RefusedEntryError as error:
            yield RowRefused(record.line, f"the reference cannot be read: {error}")
    yield from unkept.remarks()
    starts = [*_lines_of(dialect.starts, text)]
    if len(starts) != len(ends):
        read = {record.line for record in records}
        other = [line for line in starts if line not in read] or starts
        shown = ", ".join(f"{line:,}" for line in other[:5]) + (", …" if len(other) > 5 else "")
        yield Remark(
            other[0] if other else None,
            f"{len(ends):,} references were read, and {len(starts):,} lines look like the start of one"
            f" (see {shown})",
        )


def _lines_of(pattern: re.Pattern[str], text: str) -> Iterator[int]:
    """The lines on which a pattern is found."""
    line, place = 1, 0
    for found in pattern.finditer(text):
        line += text.count("\n", place, found.start())
        place = found.start()
        yield line


def _record(record: TaggedRecord, dialect: Dialect, unkept: Unkept) -> PaperRecord:
    abstract = max((unmarked(text) for text in record.all(*dialect.abstracts)), key=len, default="")
    authors, truncated = _authors(record, dialect, unkept)
    addresses = [
        part
        for text in record.all(*dialect.addresses)
        if not text.lower().startswith(_NO_ADDRESSES)
        for part in re.split(r"[;\s]+", text)
        if part
    ]
    ids = [
        own_part(plain) if tag in dialect.comments else plain
        for tag in dialect.ids
        for plain in (_TAG_OF_HTML.sub(" ", text) for text in record.all(tag))
    ]
    pages = "-".join(dict.fromkeys(record.all(*dialect.pages))) or record.first(*dialect.other_pages)
    pages = pages.removesuffix("-+") + "+" * pages.endswith("-+")  # "and following"
    read = library_record(
        source=dialect.source,
        title=_title(record, dialect),
        authors=authors,
        truncated=truncated,
        published=_date(record, dialect, unkept),
        abstract=abstract,
        url=address_of(*addresses),
        code_url=code_address(abstract),
        venue=unmarked(record.first(*dialect.venues)) or None,
        pages=pages_of(pages),
        ids=[*ids, *(part for text in ids for part in re.split(r"[;,\s]+", text)), *addresses],
        pmid=record.first(dialect.pmid) or _accession(record),
        other_titles=[
            *((TitleKind.OTHER, unmarked(text)) for text in record.all(*dialect.same_titles)),
        ]
        + [
            (kind, without_stop(unmarked(text)))
            for tag, kind in dialect.other_titles.items()
            for text in record.all(tag)
        ],
        notices=_notices(record, dialect),
        notices_of=_notices_of(record, dialect),
        comments=[part for text in record.all(*dialect.comments) for part in text.split(";")],
    )
    if len(titles := dict.fromkeys(record.all(dialect.titles[0]))) > 1:
        unkept.add("references have two titles; the first was kept", record.line, [*titles][1])
    unkept.compare(
        record.line,
        read,
        doi=record.first(dialect.doi),
        url=next(iter(addresses), ""),
        pages=pages,
        abstract=record.first(*dialect.abstracts),
    )
    if dialect.central and (copy := pmc_copy(record.first(dialect.central))) is not None:
        read = read.model_copy(update={"pdf_url": copy})
    return read


def _title(record: TaggedRecord, dialect: Dialect) -> str:
    title = unmarked(record.first(*dialect.titles))
    found = _IN_BRACKETS.fullmatch(title) if dialect.translates else None
    return found[1] if found is not None else title


def _accession(record: TaggedRecord) -> str:
    """PubMed's id in a reference that is said to be of PubMed."""
    of_pubmed = any("pubmed" in one.lower() or "medline" in one.lower() for one in record.all("DB", "DP"))
    if of_pubmed:
        return record.first("AN")
    return next((text for text in record.all("AN", "ID", "N1", "C2", "M2") if _PMID.fullmatch(text)), "")


def _notices(record: TaggedRecord, dialect: Dialect) -> list[Notice]:
    """What PubMed says of its paper: where a notice of its retraction or correction is."""
    return [
        Notice(
            kind=kind,
            source=dialect.source,
            url=f"https://pubmed.ncbi.nlm.nih.gov/{found[1]}/" if (found := _PMID.search(text)) else None,
        )
        for tag, kind in dialect.notices.items()
        for text in record.all(tag)
    ]


def _notices_of(record: TaggedRecord, dialect: Dialect) -> list[NoticeOf]:
    """What PubMed says that a notice is about: by the other paper's PubMed id or DOI."""
    notice_url = address_of(record.first("URL"))
    found: list[NoticeOf] = []
    for tag, kind in dialect.notices_of.items():
        for text in record.all(tag):
            pmid, doi = _PMID.search(text), find_doi(text)
            ids = [("pmid", pmid[1])] if pmid is not None else [("doi", doi)] if doi is not None else []
            notice = Notice(kind=kind, source=dialect.source, url=notice_url)
            found += (
                NoticeOf(paper=Identifier(scheme=scheme, value=value), notice=notice) for scheme, value in ids
            )
    return found


def _authors(record: TaggedRecord, dialect: Dialect, unkept: Unkept) -> tuple[list[Mention], bool]:
    tags = next((tags for tags in dialect.authors if record.all(*tags)), ())
    written = record.all(*tags)
    places: Mapping[str, Sequence[str]] = {}
    if dialect.affiliations is not None:
        places = dialect.affiliations(record, tags)
    names: list[str] = []
    places_of_name: dict[str, Sequence[str]] = {}
    truncated = len(written) > MOST_NAMES
    family_first = dialect.family_first or initials_are_behind(written[:MOST_NAMES])
    for text in written[:MOST_NAMES]:
        if ";" in text or names_several(text):
            listed = split_by_signs(unmarked(text, MAX_LIST_LENGTH), family_first=family_first)
            names += listed.names
            truncated = truncated or listed.is_cut
        else:
            names.append(_name(unmarked(text), family_first=family_first))
            places_of_name.setdefault(names[-1], places.get(text, ()))
            truncated = truncated or says_more(text)
    names += [unmarked(group) for group in record.all(*dialect.groups)]
    found_people = (
        mention_of(name, affiliations=[(text, None) for text in places_of_name.get(name, ())])
        for name in unkept.once(record.line, [one for one in names if one])
    )
    mentions = [mention for mention in found_people if mention is not None]
    ids = [(name, "orcid", value) for name, value in record.ids_of_people]
    for tag, scheme in dialect.ids_of_people.items():
        ids += (entry for text in record.all(tag) for entry in listed_ids(scheme, text))
    return identified(mentions, ids) if ids else mentions, truncated


def _name(text: str, *, family_first: bool) -> str:
    return text if is_group(text) and "," not in text else given_first(text, family_first=family_first)


def _date(record: TaggedRecord, dialect: Dialect, unkept: Unkept) -> str | None:
    written = record.all(*dialect.dates)
    month = record.first(dialect.month) if dialect.month else ""
    year = record.first(dialect.dates[0])
    if month and year:
        written.insert(0, _month_and_year(month, year))
    elif month:
        written.append(month)
    known = [date for text in written if (date := read_date(text)) is not None]
    if known:  # "DA  - Sep" beside "PY  - 2019"
        written = [
            f"{text} {known[0][:4]}" if read_date(text) is None and month_of(text) is not None else text
            for text in written
        ]
        known = [date for text in written if (date := read_date(text)) is not None]
    # The first tag decides; another may say the month and day of the same year.
    same = [date for date in known if date[:4] == known[0][:4] and date.startswith(known[0])]
    date = max(same, key=len, default=None)
    for text in written[:1]:
        if text.strip("0/-. "):
            unkept.date(record.line, text, date)
    return date


_NUMBER_OF_MONTH = re.compile(r"(0?[1-9]|1[0-2])\s+\d{4}")


def _month_and_year(month: str, year: str) -> str:
    """A date whose month stands apart, perhaps with the year ("MAY-JUN", "JUN 14", "04 2006", "2006 May")."""
    if (number := _NUMBER_OF_MONTH.fullmatch(month)) is not None:
        return f"{year}-{int(number[1]):02d}"
    return month if year in month else f"{month} {year}"
