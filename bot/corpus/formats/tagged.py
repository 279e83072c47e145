"""Files of references that are written as tagged lines: RIS, EndNote, PubMed (MEDLINE) and Web of Science."""

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
from bot.corpus.formats.library_entry import NOTHING, Unkept, library_record, whole_text, without_stop
from bot.corpus.formats.opening import EXPECTED, Item, Lines, PaperRead, Remark, RowRefused
from bot.corpus.identity import find_doi
from bot.corpus.names import name_key
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
    says_more,
    split_at_certain_commas,
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
    authors, truncated = _authors(record, dialect)
    addresses = [
        part
        for text in record.all(*dialect.addresses)
        if not text.lower().startswith(_NO_ADDRESSES)
        for part in re.split(r"[;\s]+", text)
        if part
    ]
    ids = [_TAG_OF_HTML.sub(" ", text) for text in record.all(*dialect.ids)]
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


def _authors(record: TaggedRecord, dialect: Dialect) -> tuple[list[Mention], bool]:
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
        if ";" in text or (("," in text or " and " in text) and _is_list(text)):
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
        for name in dict.fromkeys(names)
        if name
    )
    mentions = [mention for mention in found_people if mention is not None]
    ids = [(name, "orcid", value) for name, value in record.ids_of_people]
    for tag, scheme in dialect.ids_of_people.items():
        ids += (entry for text in record.all(tag) for entry in listed_ids(scheme, text))
    return identified(mentions, ids) if ids else mentions, truncated


def _is_list(text: str) -> bool:
    """Whether the line of one author names several: "Hale I, Moor PJ", "Ida Hale and Piet Moor"."""
    parts = re.split(r",?\s+and\s+", text)
    return (len(parts) > 1 and not is_group(text)) or len(split_at_certain_commas(text)) > 1


def _behind_names(record: TaggedRecord, tags: Sequence[str]) -> dict[str, list[str]]:
    """Of PubMed: the lines AD behind a name; in older files the one before all names is the first one's."""
    rest = {tag: iter(record.values[tag]) for tag in (*tags, "AD") if tag in record.values}
    found: dict[str, list[str]] = {}
    name = record.first(*tags)
    for tag in record.order:
        if tag not in rest:
            continue
        value = next(rest[tag]).strip()
        if tag == "AD":
            found.setdefault(name, []).append(value)
        else:
            name = value
    return found


_OF_NAMES = re.compile(r"\[([^\[\]]*)\]\s*(.*)")


def _with_names(record: TaggedRecord, tags: Sequence[str]) -> dict[str, list[str]]:
    """Of Web of Science: "[Lund, Bo; Ahn, Ada] Univ Rostock, …"; without names one line is everybody's."""
    written = record.all(*tags)
    lines = record.all("C1")
    by_key = {name_key(name): name for name in written}
    found: dict[str, list[str]] = {}
    for line in lines:
        named = _OF_NAMES.match(line)
        if named is not None:
            keys = [name_key(one) for one in named[1].split(";")]
            whose = [by_key[key] for key in keys if key in by_key]
        else:
            whose = written if 1 in {len(lines), len(written)} else []
        for name in whose:
            found.setdefault(name, []).append(named[2] if named is not None else line)
    return found


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


_RIS_TAGS = frozenset(
    """
    TY ER ID TI T1 T2 T3 TT CT BT A1 A2 A3 A4 A5 AU ED AD AB N1 N2 PY Y1 Y2 DA DB DO DP ET IS IP VL VO SP
    EP SN SE CY PB PP JO JF JA J1 J2 KW LA LB LK L1 L2 L3 L4 M1 M2 M3 M4 NV OP RI RN RP ST TA U1 U2 U3 U4
    U5 UR UT AN AV AC C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CR DI DE EM EI FU FX GR H1 H2 PT PM SO SU WT CL
    """.split()  # noqa: SIM905
)
"""Two letters and a dash at the start of a line are no tag otherwise, unless written as the form has it."""
_RIS_EXACT = re.compile(r"[A-Z][A-Z0-9]  [-‐‑–—−] ")
_RIS_LINE = re.compile(r"\s{0,8}([A-Za-z][A-Za-z0-9])\s{0,3}[-‐‑–—−](?:\s(.*)|(.*))$")
_RIS_GLUED = re.compile(r"\s{2,}([A-Z][A-Z0-9])  - ")
_RIS_END = re.compile(r"\s{0,8}ER\s*$", re.IGNORECASE)


def _split_ris(text: str) -> Iterator[TaggedRecord]:
    """References from TY to ER; tags between two of them belong to the one that they stand next to."""
    record: TaggedRecord | None = None
    tag = ""
    ended = blank = False
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            blank = True
            continue
        read = _ris_line(line)
        if read is None:
            if record is not None and tag and not ended:
                record.go_on(tag, line.strip())
            continue
        tag, value = read
        if record is None or (ended and (blank or tag == "TY")) or (tag == "TY" and "TY" in record.values):
            if record is not None and _is_reference(record):
                yield record
            record, ended = TaggedRecord(number, is_ended=False), False
        blank = False
        if tag == "ER":
            ended = record.is_ended = True
            continue
        for part_tag, part in _unglued(tag, value):
            record.add(part_tag, part)
            tag = part_tag
    if record is not None and _is_reference(record):
        yield record


def _is_reference(record: TaggedRecord) -> bool:
    return "TY" in record.values


def _ris_line(line: str) -> tuple[str, str] | None:
    """The tag and value of a line; None for one that goes on with the value before."""
    if _RIS_END.match(line):
        return "ER", ""
    found = _RIS_LINE.match(line)
    if found is None:
        return None
    tag = found[1].upper()
    if tag not in _RIS_TAGS and _RIS_EXACT.match(line) is None:
        return None
    if not found[1].isupper() and not found[1].islower():
        return None
    return tag, (found[2] if found[2] is not None else found[3]).strip()


def _unglued(tag: str, value: str) -> Iterator[tuple[str, str]]:
    """A line that holds several tags, as some programs join them."""
    parts = _RIS_GLUED.split(value)
    yield tag, parts[0]
    yield from zip(parts[1::2], parts[2::2], strict=True)


def _split_lines(
    text: str, line_of: re.Pattern[str], begins: str, lists: frozenset[str], again: Sequence[str] = ()
) -> Iterator[TaggedRecord]:
    """Records whose lines begin with a tag, and whose further lines are indented.

    Args:
        text: The whole file.
        line_of: Matches a line with its tag and value.
        begins: The tag with which a record begins.
        lists: Tags of which each further line is a value of its own.
        again: Tags that begin a record, too, behind a blank line where the last of them is known already.

    """
    record: TaggedRecord | None = None
    tag = ""
    blank = False
    for number, line in enumerate(text.split("\n"), 1):
        found = line_of.match(line)
        if found is None:
            blank = not line.strip()
            if record is not None and tag and not blank:
                if tag in lists:
                    record.add(tag, line.strip())
                else:
                    record.go_on(tag, line.strip())
            continue
        tag, behind_blank, blank = found[1], blank, False
        is_known = record is not None and bool(again) and again[-1] in record.values
        if tag == begins or (behind_blank and is_known and tag in again):
            if record is not None:
                yield record
            record = TaggedRecord(number)
        if tag in {"ER", "EF"}:
            tag = ""
        elif record is not None:
            record.add(tag, found[2].strip())
    if record is not None:
        yield record


_MEDLINE_LINE = re.compile(r"([A-Z]{2,4}) *- ?(.*)$")
_WOS_LINE = re.compile(r"([A-Z][A-Z0-9])(?= |$) ?(.*)$")
_ENDNOTE_LINE = re.compile(r"%([0-9A-Z!@#$^&*()?<>~+\[\]]) ?(.*)$")


def _split_medline(text: str) -> Iterator[TaggedRecord]:
    begins = "PMID" if re.search(r"^PMID *-", text, re.MULTILINE) else "OWN"  # as ERIC writes
    for record in _split_lines(text, _MEDLINE_LINE, begins, frozenset()):
        number = record.first("PMID")
        if number.isdecimal():
            record.add("URL", f"https://pubmed.ncbi.nlm.nih.gov/{number}/")
        yield record


def _split_web_of_science(text: str) -> Iterator[TaggedRecord]:
    lists = frozenset({"AU", "AF", "CA", "BA", "BF", "BE", "C1"})
    yield from _split_lines(text, _WOS_LINE, "PT", lists)


def _split_endnote(text: str) -> Iterator[TaggedRecord]:
    yield from _split_lines(text, _ENDNOTE_LINE, "0", frozenset(), again=("A", "T"))


RIS = Dialect(
    name="RIS, which begins with “TY  -”",
    source="ris",
    split=_split_ris,
    recognised=re.compile(r"^\s{0,8}TY\s{0,3}[-‐‑–—−]", re.MULTILINE | re.IGNORECASE),
    starts=re.compile(r"^[^\S\n]{0,8}(?i:TY)\s{0,3}[-‐‑–—−]|TY  - [A-Z]{3,6}[^\S\n]*$", re.MULTILINE),
    authors=(("A1", "AU"), ("A2", "ED")),
    titles=("TI", "T1", "CT", "TT", "ST", "BT"),
    same_titles=("TI", "T1"),
    dates=("DA", "PY", "Y1"),
    venues=("JF", "T2", "JO", "BT", "C3", "JA", "J2", "J1", "T3"),
    abstracts=("AB", "N2"),
    ids=("DO", "DI", "M3", "N1", "L3", "C7", "AN", "ID"),
    addresses=("UR", "L1", "L2", "LK"),
    pages=("SP", "EP"),
    other_pages=("C7", "AR"),
    other_titles={"ST": TitleKind.SHORT, "TT": TitleKind.TRANSLATED},
    doi="DO",
    comments=("N1", "M3", "M1", "C1"),
    family_first=True,
)
MEDLINE = Dialect(
    name="PubMed (MEDLINE), which begins with “PMID-”",
    source="pubmed",
    split=_split_medline,
    recognised=re.compile(r"^PMID *-|^OWN *- *ERIC", re.MULTILINE),
    starts=re.compile(r"^PMID *-|^OWN *- *ERIC|PMID- \d{1,9}$", re.MULTILINE),
    authors=(("FAU",), ("AU",)),
    titles=("TI", "TT", "BTI"),
    dates=("DP", "DEP"),
    venues=("JT", "TA", "BTI"),
    abstracts=("AB",),
    ids=("LID", "AID", "SO"),
    addresses=("URL", "LID"),
    pages=("PG",),
    affiliations=_behind_names,
    groups=("CN",),
    other_titles={"TT": TitleKind.ORIGINAL},
    notices={
        "RIN": NoticeKind.RETRACTED,
        "RRI": NoticeKind.RETRACTED,
        "PRIN": NoticeKind.CORRECTED,
        "ECI": NoticeKind.CONCERN,
        "EIN": NoticeKind.CORRECTED,
        "CRI": NoticeKind.CORRECTED,
    },
    notices_of={
        "ROF": NoticeKind.RETRACTED,
        "PROF": NoticeKind.CORRECTED,
        "ECF": NoticeKind.CONCERN,
        "EFR": NoticeKind.CORRECTED,
        "CRF": NoticeKind.CORRECTED,
    },
    comments=("PT",),
    pmid="PMID",
    central="PMC",
    translates=True,
    family_first=True,
)
WEB_OF_SCIENCE = Dialect(
    name="Web of Science (field-tagged text), whose references begin with “PT”",
    source="web of science",
    split=_split_web_of_science,
    recognised=re.compile(r"^(?:FN (?:Clarivate|Thomson|ISI)|PT [A-Z]$)", re.MULTILINE),
    starts=re.compile(r"^PT(?= |$)|PT [BCJPS]$(?=\n[A-Z][A-Z0-9] )", re.MULTILINE),
    authors=(("AF",), ("AU",), ("BF",), ("BA",), ("BE",)),
    titles=("TI",),
    dates=("PY", "EA"),
    venues=("SO", "J9", "JI", "CT"),
    abstracts=("AB",),
    ids=("DI", "D2"),
    addresses=(),
    pages=("BP", "EP"),
    other_pages=("AR", "PS"),
    affiliations=_with_names,
    groups=("CA",),
    other_titles={"FT": TitleKind.ORIGINAL, "Z1": TitleKind.ORIGINAL},
    ids_of_people={"OI": "orcid", "RI": "researcherid"},
    doi="DI",
    pmid="PM",
    comments=("DT",),
    month="PD",
    family_first=True,
)
ENDNOTE = Dialect(
    name="EndNote (tagged text), whose references begin with “%0”",
    source="endnote",
    split=_split_endnote,
    recognised=re.compile(r"^%0(?= |$)", re.MULTILINE),
    starts=re.compile(r"^%0(?= |$)|%0 [A-Z][A-Za-z ]{2,30}$", re.MULTILINE),
    authors=(("A",), ("E",)),
    titles=("T",),
    dates=("D", "8"),
    venues=("J", "B", "S"),
    abstracts=("X",),
    ids=("R", "M", "Z"),
    addresses=("U", ">"),
    pages=("P",),
    other_titles={"!": TitleKind.SHORT, "Q": TitleKind.TRANSLATED},
    comments=("Z", "9", "<"),
    month="8",
    family_first=False,
)


def dialect_of(start: str) -> Dialect | None:
    """The dialect of a text, recognised by its first lines; None where it is none of them."""
    forms = (ENDNOTE, MEDLINE, RIS, WEB_OF_SCIENCE)
    found = [(at.start(), form) for form in forms if (at := form.recognised.search(start)) is not None]
    return min(found, key=lambda one: one[0])[1] if found else None  # a value may look like another form
