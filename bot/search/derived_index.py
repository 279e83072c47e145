"""An index derived from the store: its sealed files, and how it catches up or is rebuilt."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from bot.errors import ConfigurationError, is_full

_NO_ROOM = 1 << 20
"""Bytes; Tantivy does not always say why one of its threads has ended, and on a full disk this tells."""


@contextmanager
def trouble_told(folder: Path) -> Generator[None]:
    """Turn the errors of files and of Tantivy, which are ValueErrors, into words for a person.

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
                # A merge that ended just now took the files of this commit away, and made another.
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
        segments = {
            segment["segment_id"].replace("-", ""): segment["deletes"]
            for segment in orjson.loads(meta)["segments"]
        }
        names: list[str] = []
        for name in os.listdir(self._folder):  # noqa: PTH208 - names are all that is needed
            segment, _, kind = name.partition(".")
            if segment not in segments:
                continue
            deletes = segments[segment]
            if not kind.endswith("del") or (deletes and kind == f"{deletes['opstamp']}.del"):
                names.append(name)
        return names


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
    """Replace a file so that whoever reads it finds the old or the new content, never a part."""
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
