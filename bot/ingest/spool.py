"""Files are read and validated whole, and kept in a temporary file until they are written."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Self

from pydantic import TypeAdapter

from bot.corpus.agreement import is_generic
from bot.corpus.formats.opening import Item, PaperPacked, PaperRead, ProfileRead, Remark, RowRefused
from bot.corpus.identity import JSON_LINES, is_of_library, may_have_one_id
from bot.corpus.merge import full_names, version_of
from bot.corpus.paper import AuthorProfile, CitedWork, PaperRecord
from bot.errors import ConfigurationError, UnreadableFileError, path_text


@dataclass(frozen=True, slots=True)
class FileRead:
    """What was read of one file."""

    file: str
    papers: int
    refused: int
    """Rows that could not be read."""
    is_unreadable: bool
    """Whether nothing of it could be read."""
    sources: tuple[str, ...] = ()
    """The sources of its papers, such as "bibtex"."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not imported."""

    file: str
    line: int | None
    reason: str


MAX_BAD_ROWS = 1_000
"""After so many refused rows a file is not what it seems; reading stops."""

MAX_REASON = 500
"""Characters that are kept of a reason."""

MAX_NOTICES = 100
"""Of a file; more are counted."""
_ENTRIES_AT_ONCE = 500

_HASHED_AT_ONCE = 2_047
"""Bytes; for more, hashlib lets other threads run and then waits for them, which takes longer."""


class Entry(NamedTuple):
    """One paper that was read: where it stands, and the record as it will be stored."""

    file: str
    line: int
    source: str
    source_key: str
    digest: str
    json: bytes
    cited: bytes = b""
    """What the paper cites, which is not stored with the record; empty where it does not say."""
    apart: int = 0
    """Which of the different papers it is of a library that have this source key, counted from 0."""

    @classmethod
    def of(cls, file: str, line: int, record: PaperRecord) -> Entry:
        """Make the entry of a record."""
        json = record.model_dump_json(exclude_defaults=True).encode()
        return cls(file, line, record.source, record.source_key, digest_of(json), json, _cited(record))

    @property
    def references(self) -> tuple[CitedWork, ...]:
        """What the paper cites."""
        return _WORKS.validate_json(self.cited) if self.cited else ()


_WORKS = TypeAdapter(tuple[CitedWork, ...])


def _cited(record: PaperRecord) -> bytes:
    return _WORKS.dump_json(record.references, exclude_defaults=True) if record.references else b""


def packed(read: PaperRead) -> PaperPacked:
    """A paper as it will be stored."""
    record = read.record
    json = record.model_dump_json(exclude_defaults=True).encode()
    # Rows without an id may be different papers with one title; those with other titles are one.
    may_be_another = is_of_library(record) or (
        record.source == JSON_LINES and record.source_key.startswith("title-") and is_generic(record.title)
    )
    rank = version_of(record) << 1 | bool(record.notices or record.denied)
    return PaperPacked(
        read.line,
        record.source,
        record.source_key,
        digest_of(json),
        json,
        _cited(record),
        rank,
        may_be_another,
    )


def shortened(reason: str) -> str:
    """A reason, cut to `MAX_REASON` characters."""
    return reason if len(reason) <= MAX_REASON else f"{reason[: MAX_REASON - 1]}…"


def digest_of(json: bytes) -> str:
    """A digest of the stored form of a record; equal for equal records."""
    digest = sha256()
    for start in range(0, len(json), _HASHED_AT_ONCE):
        digest.update(json[start : start + _HASHED_AT_ONCE])
    return digest.hexdigest()[:32]


class Spool:
    """The papers and profiles that were read of all files."""

    def __init__(self) -> None:
        self.profiles: list[AuthorProfile] = []
        self.rejected: list[Rejected] = []
        """Files that could not be read, and of each file the first rows."""
        self.rejected_more = 0
        """Other rows that were refused."""
        self.papers = 0
        """Rows that were read as papers."""
        self.files: list[FileRead] = []
        self.notices: list[str] = []
        """What was read with a reservation."""
        with _disk_errors_explained():
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._waiting: list[Entry] = []
        self._ranks: dict[int, int] = {}
        """For each source key the rank of its best row: of several with one id, one counts."""
        self._repeated: set[int] = set()
        """Source keys that several rows have, in files whose ids are their own."""
        self._by_key: dict[tuple[str, str], list[PaperRecord]] = {}
        """Of libraries the different papers that have one source key."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        # On a full disk, closing fails to write the rest, which is not needed any more.
        with suppress(OSError):
            self._file.close()

    def read(
        self,
        path: Path,
        items: Iterable[Item],
        *,
        strict: bool,
        progress: Callable[[int], None],
    ) -> None:
        """Read one file; of a file that cannot be read as a whole nothing is kept.

        With `strict`, reading stops after very many refused rows.
        """
        name = path_text(path)
        start, papers, profiles = self._file.tell(), self.papers, len(self.profiles)
        ranks: dict[int, int] = {}
        bad_rows = remarks = 0
        sources: dict[str, None] = {}
        try:
            for item in items:
                match item:
                    case PaperRead() | PaperPacked():
                        sources[self._add(name, item, ranks)] = None
                        if self.papers % _ENTRIES_AT_ONCE == 0:
                            progress(self.papers)
                    case ProfileRead(_, profile):
                        self.profiles.append(profile)
                    case Remark(line, text):
                        remarks += 1
                        self._add_notice(name, line, text, keep=remarks <= MAX_NOTICES)
                    case RowRefused(line, reason):
                        bad_rows += 1
                        self._refuse(Rejected(name, line, shortened(reason)), keep=bad_rows <= MAX_BAD_ROWS)
                        if bad_rows == MAX_BAD_ROWS and strict:
                            self._add_notice(name, None, f"reading stopped after {bad_rows:,} bad rows")
                            break
        except UnreadableFileError as error:
            self.refuse_file(path, error.line, error.reason)
            self._waiting.clear()
            with _disk_errors_explained():
                self._file.seek(start)
                self._file.truncate()
            self.papers = papers
            del self.profiles[profiles:]
            return
        self._flush()
        more = remarks - MAX_NOTICES
        self._add_notice(name, None, f"{more:,} more notes like these.", keep=more > 0)
        is_unreadable = self.papers == papers and len(self.profiles) == profiles
        read = self.papers - papers
        self.files.append(FileRead(name, read, bad_rows, is_unreadable, tuple(sources)))
        for identity, rank in ranks.items():
            self._ranks[identity] = max(rank, self._ranks.get(identity, 0))
        progress(self.papers)

    def refuse_file(self, path: Path, line: int | None, reason: str) -> None:
        """Record that nothing of a file or folder can be read."""
        self.rejected.append(Rejected(path_text(path), line, reason))
        self.files.append(FileRead(path_text(path), 0, 0, is_unreadable=True))

    def _add_notice(self, file: str, line: int | None, text: str, *, keep: bool = True) -> None:
        if keep:
            self.notices.append(f"{file}: {text}" if line is None else f"{file}, line {line}: {text}")

    def entries(self) -> Iterator[tuple[Entry, bool]]:
        """Everything that was read, in its order, each with whether it counts.

        Of several rows with one id in one source the last counts, but a newer version of an arXiv
        paper always counts over an older one, one that says whether the paper was retracted over others,
        and of a library an entry with more names in full.
        """
        with _disk_errors_explained():
            self._file.seek(0)
        number = 0
        while number < self.papers:
            with _disk_errors_explained():
                entries: list[Any] = pickle.load(self._file)  # noqa: S301 - written by this very process
            for entry in map(Entry._make, entries):
                number += 1
                yield entry, self._ranks[_identity(entry)] & _NUMBER_MASK == number

    def note_replaced(self) -> None:
        """Note which rows do not count, though they say other things than the one that does."""
        if not self._repeated:
            return
        counting: dict[int, str] = {}
        others: list[tuple[int, Entry]] = []
        for entry, counts in self.entries():
            if (identity := _identity(entry)) not in self._repeated:
                continue
            if counts:
                counting[identity] = entry.digest
            else:
                others.append((identity, entry))
        lines: dict[str, list[int]] = {}
        for identity, entry in others:
            if counting[identity] != entry.digest:
                lines.setdefault(entry.file, []).append(entry.line)
        for file, numbers in lines.items():
            self._add_notice(file, None, _replaced(numbers))

    def _refuse(self, row: Rejected, *, keep: bool) -> None:
        if keep:
            self.rejected.append(row)
        else:
            self.rejected_more += 1

    def _add(self, file: str, item: PaperRead | PaperPacked, ranks: dict[int, int]) -> str:
        """Keep a paper; its source."""
        paper = packed(item) if isinstance(item, PaperRead) else item
        rank = paper.rank << _FULL_NAMES_BITS
        entry = Entry(file, paper.line, paper.source, paper.source_key, paper.digest, paper.json, paper.cited)
        if paper.may_be_another:
            is_read_here = isinstance(item, PaperRead)
            record = item.record if is_read_here else PaperRecord.model_validate_json(item.json)
            known = self._by_key.setdefault((record.source, record.source_key), [])
            entry = entry._replace(apart=_place_among(record, known))
            rank += min(full_names(record), (1 << _FULL_NAMES_BITS) - 1)
        self.papers += 1
        identity = _identity(entry)
        if identity in ranks and (paper.source == JSON_LINES or paper.may_be_another):
            self._repeated.add(identity)
        ranks[identity] = max(rank << _NUMBER_BITS | self.papers, ranks.get(identity, 0))
        self._waiting.append(entry)
        if len(self._waiting) == _ENTRIES_AT_ONCE:
            self._flush()
        return paper.source

    def _flush(self) -> None:
        if self._waiting:
            with _disk_errors_explained():
                # As plain tuples, which take a third of the time.
                pickle.dump([*map(tuple, self._waiting)], self._file, pickle.HIGHEST_PROTOCOL)
            self._waiting.clear()


@contextmanager
def _disk_errors_explained() -> Generator[None]:
    """Name the folder in errors of the disk: those of a file without a name do not."""
    try:
        yield
    except OSError as error:
        folder = tempfile.tempdir or os.environ.get("TMPDIR", "/tmp")  # noqa: S108 - only named
        raise ConfigurationError(
            f"The temporary folder {folder} cannot be used ({error.strerror}): what is read is kept there "
            "until it is written. Free some space there, or name another folder in TMPDIR."
        ) from None


_NAMED_LINES = 10


def _replaced(lines: Sequence[int]) -> str:
    entries = "1 entry does" if len(lines) == 1 else f"{len(lines):,} entries do"
    text = f"{entries} not count, since another one with the same id, or title and lead author, does"
    numbers = [f"{line}" for line in lines if line]
    if not numbers:
        return text
    more = f" and {len(numbers) - _NAMED_LINES:,} more" if len(numbers) > _NAMED_LINES else ""
    return f"{text}: line{'s' * (len(numbers) > 1)} {', '.join(numbers[:_NAMED_LINES])}{more}"


_NUMBER_BITS = 40
_FULL_NAMES_BITS = 16
_NUMBER_MASK = (1 << _NUMBER_BITS) - 1


def _place_among(record: PaperRecord, known: list[PaperRecord]) -> int:
    """Which of the papers with its source key a record describes; a new one is added."""
    for place, one in enumerate(known):
        if may_have_one_id(record, one):
            return place
    known.append(record.model_copy(update={"abstract": ""}))
    return len(known) - 1


def _identity(entry: Entry) -> int:
    # Ids of JSON lines that name no source are those of their file.
    file = entry.file if entry.source == JSON_LINES else ""
    return hash((entry.source, entry.source_key, entry.apart, file))
