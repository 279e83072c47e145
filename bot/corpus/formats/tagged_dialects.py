"""How RIS, EndNote, PubMed (MEDLINE) and Web of Science write tagged lines, and what their tags mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.corpus.formats.tagged import Dialect, TaggedRecord
from bot.corpus.names import name_key
from bot.corpus.paper import NoticeKind, TitleKind

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
