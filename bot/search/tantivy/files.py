"""The files of one folder of Tantivy: sealed, so that damage is found before they are searched."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import Any

import orjson
from tantivy import Index

from bot.search.derived_index import write_whole


def newest_commit(index: Index) -> Index:
    """The index at its newest commit, which then changes by `reload` alone."""
    index.config_reader("manual")
    index.reload()
    return index


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
