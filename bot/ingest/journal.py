"""The journal: imports that ended on this machine, so that it is seen where the database loses one."""

from __future__ import annotations

import datetime as dt
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from bot.app import App
from bot.store.imports import revision_stamp

FILE = "imports.jsonl"
"""In the data folder."""
LOOKED_AT = 1_000
"""The newest imports, of which lost ones are looked for."""
_MOST_BYTES = 4_000_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An import that changed papers and came to its end."""

    files: tuple[str, ...]
    finished_at: dt.datetime
    revision: int
    stamp: int
    """Of the revision; another history of the database has another one."""
    added: int
    updated: int


def enter(app: App, entry: JournalEntry) -> None:
    """Enter an import; where the disk is full, it is done without."""
    path = app.settings.data_dir / FILE
    with suppress(OSError):
        if path.exists() and path.stat().st_size > _MOST_BYTES:
            shortened = path.with_name(FILE + ".new")
            shortened.write_bytes(b"".join(_newest_lines(path)))
            shortened.replace(path)
        with path.open("ab") as file:
            file.write(orjson.dumps(asdict(entry)) + b"\n")


def lost_imports(app: App) -> tuple[JournalEntry, ...]:
    """Imports that ended on this machine and that the database does not have: they are to be made again.

    It was restored from an older backup, or a standby took over that had not received them. Where it has
    none of them, it is another database.
    """
    entries = _entries(app.settings.data_dir / FILE)
    with app.store.reading() as session:
        known = [revision_stamp(session, entry.revision) == entry.stamp for entry in entries]
    if not any(known):
        return ()
    made_again = {
        entry.files: entry.finished_at for entry, is_known in zip(entries, known, strict=True) if is_known
    }
    return tuple(
        entry
        for entry, is_known in zip(entries, known, strict=True)
        if not is_known and made_again.get(entry.files, entry.finished_at) <= entry.finished_at
    )


def report_lost_imports(app: App) -> None:
    """Name in the log the imports that the database has lost."""
    for entry in lost_imports(app):
        _log.warning("%s", in_words(entry))


def in_words(entry: JournalEntry) -> str:
    """What was lost, and what to do."""
    return (
        f"The database has lost an import of {entry.finished_at:%Y-%m-%d %H:%M} UTC ({entry.added:,} papers "
        f"added, {entry.updated:,} changed): import {', '.join(entry.files)} again; what was announced of it "
        "is not announced again."
    )


def _entries(path: Path) -> Sequence[JournalEntry]:
    found: list[JournalEntry] = []
    try:
        lines = _newest_lines(path)
    except OSError:
        return found
    for line in lines:
        with suppress(ValueError, TypeError, KeyError):  # cut off by a full disk
            values = orjson.loads(line)
            values |= {
                "files": tuple(values["files"]),
                "finished_at": dt.datetime.fromisoformat(values["finished_at"]),
            }
            found.append(JournalEntry(**values))
    return found


def _newest_lines(path: Path) -> Sequence[bytes]:
    with path.open("rb") as file:
        return deque(file, maxlen=LOOKED_AT)
