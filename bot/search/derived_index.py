"""An index derived from the store: its sealed files, and how it catches up or is rebuilt."""

from __future__ import annotations

import os
import shutil
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import orjson
from filelock import FileLock, Timeout
from tantivy import Index

from bot.errors import ConfigurationError, is_full
from bot.store.engine import Store
from bot.store.imports import revision_stamp

_NO_ROOM = 1 << 20
"""Bytes free; with fewer an error counts as a full disk, because Tantivy does not always name the cause."""


Update = Callable[[Store], None]
Rebuild = Callable[[Store, str | None], None]
"""Is given the reason; None where there is no index yet."""


@dataclass(frozen=True)
class ShownRevision:
    """The revision of the store that an index shows, and the stamp that distinguishes histories."""

    revision: int = 0
    stamp: int = 0


class DerivedIndex(ABC):
    """An index in a folder that shows the store at one revision; safe for many threads and processes.

    Of all threads and processes one writes at a time; the others read its commits.
    """

    def __init__(self, folder: Path, lock: Path) -> None:
        self._folder = folder
        self._lock = lock
        self._catching_up = Lock()
        self._writing = FileLock(lock, thread_local=False)
        self._damage: str | None = None
        """Why the index must be rebuilt; found at opening or by a later check."""

    @property
    def revision(self) -> int | None:
        """The revision of the store that the index shows; None where there is no usable index."""
        shown = self._shown()
        return shown.revision if shown is not None else None

    def _catch_up(
        self,
        store: Store,
        update: Update,
        rebuild: Rebuild,
        wait: bool,
    ) -> bool:
        """Bring the index to the store's revision by an update, or by a rebuild where no update can.

        Answers False where another thread or process writes and `wait` is false.
        """
        with errors_explained(self._folder):
            if not self._catching_up.acquire(blocking=wait):
                return False
            try:
                # No transaction is open while the lock is waited for: it would hold back the
                # checkpoint of the database.
                return self._is_current(store) or self._write_alone(store, update, rebuild, wait)
            finally:
                self._catching_up.release()

    def _write_alone(
        self,
        store: Store,
        update: Update,
        rebuild: Rebuild,
        wait: bool,
    ) -> bool:
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            writing = self._writing.acquire(blocking=wait)
        except Timeout:
            return False
        with writing:
            self._reopen()
            # Another process may have caught up, or rebuilt the index, meanwhile.
            if not self._is_current(store):
                reason = self._damage or self._other_history(store)
                if self.revision is None or reason is not None:
                    rebuild(store, reason)
                else:
                    update(store)
        return True

    def _other_history(self, store: Store) -> str | None:
        """Why the index cannot reach the store's revision by an update; None where it can."""
        shown = self._shown()
        if shown is None or shown.revision == 0:
            return None
        with store.reading() as session:
            known = revision_stamp(session, shown.revision) == shown.stamp
        return None if known else "the database has another history"

    @abstractmethod
    def _shown(self) -> ShownRevision | None:
        """What the open index shows; None where there is no usable one."""

    @abstractmethod
    def _is_current(self, store: Store) -> bool:
        """Whether the index is sound and there is nothing to write now."""

    @abstractmethod
    def _reopen(self) -> None:
        """Open the newest files, checked; called by the one that may write."""


def newest_commit(index: Index) -> Index:
    """The index at its newest commit, which then changes by `reload` alone."""
    index.config_reader("manual")
    index.reload()
    return index


@contextmanager
def errors_explained(folder: Path) -> Generator[None]:
    """Turn errors of files and of Tantivy (OSError, ValueError) into one that says what to do.

    Raises:
        ConfigurationError: The index cannot be written; says why.

    """
    try:
        yield
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"The search index in {folder} cannot be written ({_reason(folder, error)}). "
            "The papers are in the database all the same; once this is mended, the next search completes "
            "the index."
        ) from error


def _reason(folder: Path, error: OSError | ValueError) -> str:
    said = (isinstance(error, OSError) and error.strerror) or str(error).strip().partition("\n")[0].rstrip(
        "."
    )
    full = is_full(error) if isinstance(error, OSError) else "(os error 28)" in said
    if full or _free_bytes(folder) < _NO_ROOM:
        return "the disk is full"
    return said


def _free_bytes(folder: Path) -> float:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return float("inf")


_SEAL = "seal.json"
_META = "meta.json"
_CHUNK = 1 << 20


class DamagedIndexError(Exception):
    """Files of an index are missing, cut short or changed; the message says which."""


class Seal:
    """The digests of one folder; immutable files are read once, however many commits follow."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, tuple[int, int]] = {}

    def put(self) -> None:
        """Seal the present commit; only the process that writes may do this."""
        while True:
            meta = (self._folder / _META).read_bytes()
            try:
                files = {name: self._digest(name) for name in self._files_of(meta)}
            except FileNotFoundError:
                # A merge that ended just now deleted the files of this commit, and made another commit.
                if (self._folder / _META).read_bytes() != meta:
                    continue
                raise
            self._known = files
            files = {**files, _META: (len(meta), zlib.crc32(meta))}
            write_whole(self._folder / _SEAL, orjson.dumps({"files": files}))
            return

    def _digest(self, name: str) -> tuple[int, int]:
        known = self._known.get(name)
        return known if known is not None else _read_digest(self._folder / name)

    def _files_of(self, meta: bytes) -> list[str]:
        segments = _deletes_by_segment(meta)
        names: list[str] = []
        for name in os.listdir(self._folder):  # noqa: PTH208 - names are all that is needed
            segment, _, kind = name.partition(".")
            if segment not in segments:
                continue
            deletes = segments[segment]
            if not kind.endswith("del") or (deletes and kind == f"{deletes['opstamp']}.del"):
                names.append(name)
        return names


def _deletes_by_segment(meta: bytes) -> dict[str, Any]:
    segments = orjson.loads(meta)["segments"]
    return {segment["segment_id"].replace("-", ""): segment["deletes"] for segment in segments}


def remove_unfinished(folder: Path) -> None:
    """Delete what was left by a process that was killed within a commit; only for the one that may write.

    The next commit gives its lists of deleted documents the same names, and Tantivy replaces no file.
    """
    segments = _deletes_by_segment((folder / _META).read_bytes())
    for path in folder.glob("*.*.del"):
        segment, opstamp, _ = path.name.split(".")
        if segment in segments:
            deletes = segments[segment]
            if int(opstamp) > (deletes["opstamp"] if deletes else -1):
                path.unlink(missing_ok=True)


def check_seal(folder: Path) -> None:
    """Check quickly that the commit is the sealed one and that no file is missing or cut short."""
    files = _sealed_files(folder)
    if _read_digest(folder / _META) != files[_META]:
        raise DamagedIndexError(f"{_META} is not the one that was sealed")
    for name, (size, _) in files.items():
        try:
            found = (folder / name).stat().st_size
        except OSError:
            raise DamagedIndexError(f"{name} is missing") from None
        if found != size:
            raise DamagedIndexError(f"{name} has {found} bytes instead of {size}")


def check_contents(folder: Path, kind: str | None = None) -> None:
    """Read every file of the sealed commit, or those whose names end so, and compare the digests."""
    for name, digest in _sealed_files(folder).items():
        if kind is not None and not name.endswith(kind):
            continue
        try:
            found = _read_digest(folder / name)
        except OSError:
            raise DamagedIndexError(f"{name} is missing") from None
        if found != digest:
            raise DamagedIndexError(f"{name} has changed since it was written")


def sealed_size(folder: Path) -> int:
    """The bytes that `check_contents` reads."""
    return sum(size for size, _ in _sealed_files(folder).values())


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file so that a reader finds the old or the new content, never a part."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _sealed_files(folder: Path) -> dict[str, tuple[int, int]]:
    try:
        sealed: dict[str, Any] = orjson.loads((folder / _SEAL).read_bytes())
        files = {str(name): (int(size), int(crc)) for name, (size, crc) in sealed["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise DamagedIndexError(f"{_SEAL} cannot be read") from None
    if _META not in files:
        raise DamagedIndexError(f"{_SEAL} cannot be read")
    return files


def _read_digest(path: Path) -> tuple[int, int]:
    size, crc = 0, 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
    return size, crc
