"""What the readers of reference files (BibTeX, RIS) share: the text of a file, and the record of an entry.

A citation key means one paper in one file and another in the next, so it is no id. The DOI or arXiv id
of the entry is its id, else a digest of its title and lead author.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from bot.corpus.formats.answers import MAX_TEXT_LENGTH, RefusedEntryError
from bot.corpus.formats.dates import is_whole
from bot.corpus.formats.notices import with_notices, without_notice
from bot.corpus.formats.opening import EXPECTED, Lines, Remark
from bot.corpus.identity import find_doi, normalise_arxiv_id, normalise_other_id, stable_id
from bot.corpus.merge import titles_beside
from bot.corpus.paper import Identifier, Mention, Notice, NoticeOf, PaperRecord, TitleKind
from bot.corpus.person_names import MOST_NAMES, is_group
from bot.errors import UnreadableFileError

_DECLARED = re.compile(
    rb"(?:^|\n)%+\s*-?\*?-?\s*(?:file\s?)?(?:encoding|coding)\s*[:=]\s*([A-Za-z0-9_-]{3,30})", re.IGNORECASE
)
"""How JabRef and editors name a file's encoding in its first lines."""
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_SIGN_IN_WORD = re.compile(
    r"[^\W\d_][\u00a1-\u00b6\u00b8-\u00bf\u00d7\u00f7\ufffd\u2020-\u2039]+[^\W\d_]"
    r"|(?<!\w)[\u00a1-\u00aa\u00ac-\u00b6\u00b8-\u00bf](?=[a-z\u00e0-\u00ff]{2})"
    # Polish letters at the end of words, and letters that only Czech in cp1250 seems to have in one word.
    r"|[^\W\d_]{2}[\u00b1\u00b9\u00bc\u00be\u00bf](?!\w)|[^\W\d_]{3}\u00b3(?!\w)"
    r"|(?<!\w)(?=\w*[øØìùèÈ])\w*[ážšýíúŽŠÁÍ]"
)
_WORD_OF_TURKISH = re.compile(r"\w*(?:[þðÞÐ]|ý\w*ý|[öüÖÜ]\w*ý|ý\w*[öü])\w*")
_OF_ICELAND = frozenset("æÆáÁ")
_TWICE = re.compile(
    "(?:[\u00c2-\u00df][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[\u00e0-\u00ef][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{2})+"
)
"""What UTF-8 becomes that was taken for cp1252: "GrÃ¶ÃŸe"."""
_OTHER_SCRIPTS = frozenset(
    {
        "gb18030",
        "gbk",
        "gb2312",
        "cp932",
        "shift_jis",
        "euc_jp",
        "euc_kr",
        "cp949",
        "big5",
        "cp1251",
        "koi8_r",
        "cp1253",
        "cp1256",
        "cp1255",
    }
)

NOTHING = frozenset(
    {
        "",
        "?",
        "??",
        "???",
        "????",
        "??--??",
        "??-??",
        "????--????",
        "none",
        "na",
        "n/a",
        "nan",
        "null",
        "-",
        "not available",
        "[not available]",
        "undefined",
        "n/a-n/a",
        "n/a--n/a",
    }
)
"""What programs write where a value is missing."""

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Such a file is read whole; a larger one is no list of references."""


def whole_text(lines: Lines) -> tuple[str, str | None]:
    """The text of a file of references, and a remark where it is not UTF-8 (old ones often are not).

    Raises:
        UnreadableFileError: It is too large, no text, or in an encoding that cannot be recognised.

    """
    read: list[bytes] = []
    size = 0
    for line in lines:
        size += len(line) + 1 if line is not None else MAX_FILE_BYTES
        if size > MAX_FILE_BYTES:
            raise UnreadableFileError(
                str(lines.path), None, f"it is larger than {MAX_FILE_BYTES // 2**20} MiB; split it"
            )
        read.append(line or b"")
    body = b"\n".join(read)
    try:
        text, remark = decode(body)
    except ValueError as error:
        raise UnreadableFileError(str(lines.path), None, str(error)) from None
    if "\x00" in text:
        raise UnreadableFileError(
            str(lines.path), None, f"it has NUL bytes, so it is damaged or no text; {EXPECTED}"
        )
    if "\r" in text:  # the line ends of old Macs
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, remark


def decode(body: bytes) -> tuple[str, str | None]:
    """The text of a file, and a remark where it is not UTF-8; ValueError where its encoding is unknown."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors="replace"), None
    try:
        return _without_double_encoding(body.decode())
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
    declared = _DECLARED.search(body[:4096])
    if declared is not None:
        name = declared[1].decode()
        try:
            return body.decode(codecs.lookup(name.replace("_", "-")).name), None
        except (LookupError, UnicodeDecodeError):
            raise ValueError(f"it says that it is {name}, and is not; save it in UTF-8") from None
    name = _encoding_of(body)
    if name is None and (mixed := _of_two_encodings(body)) is not None:
        return (
            mixed,
            f"line {line} and others are not UTF-8 and were read as cp1252: look whether they are right",
        )
    if name is None:
        raise ValueError(f"line {line} is not UTF-8, and its encoding cannot be told; save it in UTF-8")
    return body.decode(
        name
    ), f"the file is not UTF-8 and was read as {name}: where names look wrong, save it in UTF-8"


def _without_double_encoding(text: str) -> tuple[str, str | None]:
    """The text with what was turned into UTF-8 twice set right, and a remark where anything was."""
    if "Ã" not in text and "â€" not in text:
        return text, None
    count = 0

    def once(found: re.Match[str]) -> str:
        nonlocal count
        # Five bytes have no character in cp1252; programs leave them as they are.
        raw = b"".join(
            bytes((ord(sign),)) if ord(sign) < 256 else sign.encode("cp1252", "replace") for sign in found[0]
        )
        try:
            repaired = raw.decode()
        except UnicodeDecodeError:
            return found[0]
        count += 1
        return repaired

    text = _TWICE.sub(once, text)
    remark = f"{count:,} places were in UTF-8 twice (“Ã¶” for “ö”) and were set right"
    return text, remark if count else None


def _of_two_encodings(body: bytes) -> str | None:
    """A text of which some lines are UTF-8 and others cp1252, as files that were put together; else None."""
    lines: list[str] = []
    with_letters = 0
    for line in body.split(b"\n"):
        try:
            lines.append(line.decode())
            with_letters += not line.isascii()
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", errors="replace"))
            if "Ã" in lines[-1] or _SIGN_IN_WORD.search(lines[-1]) is not None:
                return None
    return "\n".join(lines) if with_letters else None


def _encoding_of(body: bytes) -> str | None:
    """The encoding of a text that names none; None where it cannot be recognised."""
    runs = [len(run) for run in _HIGH_BYTES.findall(body)]
    if sum(length for length in runs if length > 2) * 3 < sum(runs):
        # Single letters with accents among others. What cp1252 shows as signs within words is another
        # encoding of Europe, and those cannot be distinguished.
        text = body.decode("cp1252", errors="replace")
        if _OF_ICELAND.isdisjoint(text) and re.search("[üçÜÇ]", text) and _WORD_OF_TURKISH.search(text):
            return "cp1254"
        return "cp1252" if _SIGN_IN_WORD.search(text) is None else None
    from charset_normalizer import from_bytes

    best = from_bytes(body).best()
    return best.encoding if best is not None and best.encoding in _OTHER_SCRIPTS else None


_TWICE_IN_LIST = "lists of authors have a name twice; it was kept once"
_OF_FIELDS = {
    "doi": "DOIs not understood",
    "arxiv_id": "arXiv ids not understood",
    "url": "addresses that cannot be links",
    "pages": "page ranges not understood",
    "authors": f"lists of more than {MOST_NAMES:,} authors; the first are kept",
    "abstract": f"abstracts of more than {MAX_TEXT_LENGTH:,} characters; their beginnings are kept",
}
_OF_ONE = {
    "entries refer to others that are not in the file": "entry refers to another that is not in the file",
    "dates not understood": "date not understood",
    "dates of which only a part was understood": "date of which only a part was understood",
    "DOIs not understood": "DOI not understood",
    "arXiv ids not understood": "arXiv id not understood",
    "addresses that cannot be links": "address that cannot be a link",
    "page ranges not understood": "page range not understood",
    _OF_FIELDS["authors"]: f"list of more than {MOST_NAMES:,} authors; the first are kept",
    _OF_FIELDS["abstract"]: _OF_FIELDS["abstract"]
    .replace("abstracts", "abstract", 1)
    .replace("their", "its"),
    _TWICE_IN_LIST: "list of authors has a name twice; it was kept once",
    "lists of authors name nobody": "list of authors names nobody",
    "references have two titles; the first was kept": "reference has two titles; the first was kept",
    "fields stand twice in their entry; the first was kept": (
        "field stands twice in its entry; the first was kept"
    ),
}
"""What is said of many, and of one."""


class Unkept:
    """What known fields of a file held and could not be kept, counted by what is wrong with it."""

    def __init__(self, place: str = "line") -> None:
        """Name places by their lines, or as "entry" 1, 2, … where a form has no lines."""
        self._place = place
        self._found: dict[str, list[tuple[int, str]]] = {}

    def add(self, what: str, line: int, value: str) -> None:
        """Count one, such as ("dates not understood", 12, "in press")."""
        self._found.setdefault(what, []).append((line, " ".join(value.split())[:60]))

    def extend(self, later: Unkept) -> None:
        """Take over what was found behind it in the same file."""
        for what, found in later._found.items():
            self._found.setdefault(what, []).extend(found)

    def once(self, line: int, names: Sequence[str]) -> list[str]:
        """The names, each once; what stands twice in one list is counted: it may be two people."""
        kept = Counter(names)
        if len(kept) < len(names):
            twice = next((name for name, times in kept.items() if times > 1 and not is_group(name)), None)
            if twice is not None:
                self.add(_TWICE_IN_LIST, line, twice)
        return list(kept)

    def date(self, line: int, written: str, date: str | None) -> None:
        """Count a date that was not understood, or of which only a part was."""
        if date is None:
            self.add("dates not understood", line, written)
        elif not is_whole(written, date):
            self.add("dates of which only a part was understood", line, f"{written} → {date}")

    def compare(self, line: int, record: PaperRecord, **fields: str) -> None:
        """Count what the fields `doi`, `url`, `pages` and so on hold and the record has not."""
        if record.authors_truncated and len(record.authors) >= MOST_NAMES:
            self.add(_OF_FIELDS["authors"], line, record.title)
        for name, written in fields.items():
            if name == "abstract":
                if len(written) > MAX_TEXT_LENGTH:
                    self.add(_OF_FIELDS[name], line, record.title)
                continue
            kept = getattr(record, name) or (name == "doi" and record.arxiv_id)
            if not kept and written.strip().casefold() not in NOTHING:
                self.add(_OF_FIELDS[name], line, written)

    def remarks(self) -> Iterator[Remark]:
        """One remark for each kind, with its number and the first examples."""
        for what, found in self._found.items():
            shown = "; ".join(f"{self._place} {line}: {value}" for line, value in found[:3])
            more = "; …" if len(found) > 3 else ""
            words = _OF_ONE.get(what, what) if len(found) == 1 else what
            yield Remark(None, f"{len(found):,} {words} ({shown}{more})")


_OF_ANOTHER = re.compile(
    r"\b(?:retract|withdr[ae]w|errat|corrig|correct(?:ed|ion)|expression of concern|see also|"
    r"comment(?:ary)? on|reply to|supersed|replace[ds]|translat(?:ed|ion) (?:of|from)|review of)",
    re.IGNORECASE,
)


def own_part(note: str) -> str:
    """A note up to where it speaks of another paper, whose ids are not those of the entry."""
    found = _OF_ANOTHER.search(note)
    return note if found is None else note[: found.start()]


def library_record(
    *,
    source: str,
    title: str,
    authors: Sequence[Mention],
    truncated: bool,
    published: str | None,
    abstract: str,
    url: str | None,
    code_url: str | None,
    venue: str | None,
    pages: str | None,
    ids: Sequence[str],
    categories: Sequence[str] = (),
    field: str | None = None,
    other_titles: Iterable[tuple[TitleKind, str]] = (),
    notices: Sequence[Notice] = (),
    notices_of: Sequence[NoticeOf] = (),
    comments: Sequence[str] = (),
    pmid: str = "",
) -> PaperRecord:
    """The record of an entry.

    `ids` are texts that may be a DOI, an arXiv id, or an address of either; `comments` may say that the paper
    was withdrawn.
    """
    if not title:
        raise RefusedEntryError("it has no title")
    title = without_stop(_INSPEC.sub(r"\1", title) if "/su" in title else title)
    doi = _first(find_doi(text) for text in ids)
    arxiv_id = _first(normalise_arxiv_id(text) for text in ids)
    if doi is not None and normalise_arxiv_id(doi) is not None:
        doi = None
    bare, _ = without_notice(title)
    key = arxiv_id or doi or f"title-{stable_id(bare, authors[0].name if authors else None)}"
    number = normalise_other_id("pmid", pmid) or _first(map(_pmid_of, ids))
    record = PaperRecord(
        source=source,
        source_id=key,
        source_key=key,
        title=title,
        authors=tuple(authors),
        authors_truncated=truncated,
        field=field,
        categories=tuple(categories),
        published=published,
        abstract=abstract,
        url=url,
        has_code=code_url is not None,
        code_url=code_url,
        venue=venue if venue != title else None,
        doi=doi,
        arxiv_id=arxiv_id,
        pages=pages,
        notices=tuple(notices),
        notices_of=tuple(notices_of),
        other_titles=titles_beside(bare, other_titles),
        other_ids=(Identifier(scheme="pmid", value=number),) if number is not None else (),
    )
    return with_notices(record, *comments)


_INSPEC = re.compile(r"/su[bp] ([^/\s]{1,12}) ?/")
"""How INSPEC writes what is lowered or raised: "LiNbO/sub 3/"."""
_STOP = re.compile(r"(?:[^\W\d_]{3,}|\d|[)\]”»\"])\.")
_WITH_STOP = ("etc.", "al.", "spp.", "inc.", "corp.", "ltd.", "jun.", "vol.", "suppl.")


def without_stop(title: str) -> str:
    """A title without the full stop that PubMed and others put behind it; that of an abbreviation stays."""
    last = title.rpartition(" ")[2]
    if not title.endswith(".") or title.endswith("..") or last.lower() in _WITH_STOP:
        return title
    return title[:-1] if "." not in last[:-1] and _STOP.search(title, max(len(title) - 4, 0)) else title


_PUBMED = re.compile(
    r"https?://(?:www\.)?(?:ncbi\.nlm\.nih\.gov/(?:m/)?pubmed|pubmed\.(?:ncbi\.nlm\.nih\.)?gov|europepmc\.org/(?:article|abstract)/med)"
    r"/(\d{1,8})/?",
    re.IGNORECASE,
)


def _pmid_of(address: str) -> str | None:
    """The id of PubMed in the address of its page."""
    found = _PUBMED.fullmatch(address) if "pubmed" in address or "/med/" in address else None
    return found[1] if found is not None else None


def _first(found: Iterator[str | None]) -> str | None:
    return next((one for one in found if one is not None), None)
