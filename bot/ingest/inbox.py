"""The inbox: a folder whose files are imported once they are complete, and then put away."""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from bot.errors import PapercordError, RefusedError, path_text
from bot.ingest.importer import LAID_DOWN, import_files

QUIET_SECONDS = 2.0
"""A file that was changed less long ago is not complete."""

FOLDER, DONE, REFUSED = "inbox", "done", "refused"
REASON = ".reason.txt"

_BEING_BROUGHT = {".part", ".tmp"}
"""Endings of files that a program still writes."""

_LONGEST_NAME = 255
"""Bytes that file systems allow."""
_LONGEST_ENDING = 16
"""Bytes; what follows the last dot of a name and is longer is no ending."""

_TRIES_AT_ONCE, _MOST_DOUBLINGS, _LONGEST_REST = 3, 10, 300.0
"""After so many tries in vain a file rests, each time twice as long, up to so many seconds."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InboxState:
    """How many files wait, and how many were refused."""

    waiting: int
    refused: int


def inbox_state(app: App) -> InboxState:
    """Look into the inbox; a file that was refused counts until somebody takes it away."""
    folder = app.settings.data_dir / FOLDER
    names = _names(folder) if folder.is_dir() else []
    waiting = [path for path in names if _look(path) is not None]
    refused = [path for path in folder.glob(f"{REFUSED}/*") if not path.name.endswith(REASON)]
    return InboxState(len(waiting), len(refused))


class Inbox:
    """Watches `inbox` in the data folder; read files go to `done`, others to `refused` with the reason.

    Refused is a file for what is wrong with itself. Where anything else fails, such as the database or
    the disk, it stays and is tried again.
    """

    def __init__(self, app: App, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._monotonic = monotonic
        self._folder = app.settings.data_dir / FOLDER
        self._seen: dict[Path, _Look] = {}
        self._troubles: dict[Path, _Trouble] = {}

    def take_in(self) -> int:
        """Import the files that did not change since the last look; how many were put away.

        Looks are made some seconds apart.
        """
        for name in (DONE, REFUSED):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        looks = self._look_around()
        now = self._app.clock().timestamp()
        taken = 0
        for path, look in list(looks.items()):
            if self._seen.get(path) != look:
                self._troubles.pop(path, None)
                continue
            # The time of a change may lie ahead: another machine's clock wrote it, or it was copied.
            is_quiet = not 0 <= now - look.changed_ns / 1e9 < QUIET_SECONDS
            if is_quiet and not self._rests(path):
                with self._keeping(path):
                    if self._take(path, look):
                        del looks[path]
                        taken += 1
        self._seen = looks
        return taken

    def _look_around(self) -> dict[Path, _Look]:
        """Look at all files that wait."""
        paths = _names(self._folder)
        self._troubles = {path: self._troubles[path] for path in paths if path in self._troubles}
        looks: dict[Path, _Look] = {}
        for path in paths:
            with self._keeping(path):
                look = _look(path)
                if look is not None:
                    looks[path] = look
        return looks

    def _rests(self, path: Path) -> bool:
        trouble = self._troubles.get(path)
        return trouble is not None and self._monotonic() < trouble.rests_until

    @contextmanager
    def _keeping(self, path: Path) -> Generator[None]:
        """Keep a file where it is whatever fails, and go on with the others."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - nobody knows what may fail
            said = str(error) or type(error).__name__
            before = self._troubles.get(path)
            if before is None or before.said != said:
                is_foreseen = isinstance(error, PapercordError | OSError)
                name = path_text(path.name)
                _log.error("%s stays in the inbox: %s", name, said, exc_info=not is_foreseen)
            tries = before.tries + 1 if before is not None else 1
            rest = min(2.0 ** min(tries, _MOST_DOUBLINGS), _LONGEST_REST) if tries > _TRIES_AT_ONCE else 0.0
            self._troubles[path] = _Trouble(said, tries, self._monotonic() + rest)

    def _take(self, path: Path, look: _Look) -> bool:
        """Import a file and put it away; False where it stays."""
        reason = "It is a link; put the file itself here." if look.is_link else self._import(path)
        return self._put_away(path, look, reason)

    def _import(self, path: Path) -> str:
        """Import a file; why it is refused, or nothing."""
        try:
            report = import_files(self._app, [path], bounds=LAID_DOWN)
        except RefusedError as error:
            return str(error)
        reasons = [
            f"{rejected.file}{'' if rejected.line is None else f', line {rejected.line}'}: {rejected.reason}"
            for rejected in report.rejected
        ]
        if report.rejected_more:
            reasons.append(f"and {report.rejected_more:,} more rows")
        return "\n".join(reasons)

    def _put_away(self, path: Path, look: _Look, reason: str) -> bool:
        """Move a file that was read; False where another has taken its place meanwhile, to be read next."""
        if _look(path) != look:
            return False
        target = _free_name(self._folder / (REFUSED if reason else DONE), path.name)
        said = target.with_name(target.name + REASON)
        try:
            if reason:  # first, for no file is to lie there without its reason
                said.write_text(reason + "\n", encoding="utf-8", errors="backslashreplace")
            path.rename(target)
        except Exception:
            said.unlink(missing_ok=True)
            raise
        moved = _look(target)
        if moved is None or not moved.has_content_of(look):  # it was replaced in the last moment
            target.rename(_free_name(self._folder, path.name))
            said.unlink(missing_ok=True)
            return False
        if reason:
            _log.warning("%s was refused: %s", path_text(path.name), reason.splitlines()[0])
        return True


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why a file could not be imported, though that is not its fault."""

    said: str
    tries: int
    rests_until: float
    """By the monotonic clock."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A file as it was seen."""

    mode: int
    place: tuple[int, int]
    """Its device and its number there: another file of the same name has another one."""
    size: int
    changed_ns: int
    touched_ns: int
    """When its content or its attributes changed; nobody can set it. A move changes it too."""

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)

    def has_content_of(self, other: _Look) -> bool:
        """Whether it is the same file, moved or not."""
        return (self.place, self.size, self.changed_ns) == (other.place, other.size, other.changed_ns)


def _look(path: Path) -> _Look | None:
    """Look at a file or link itself; None where there is none."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
        return None
    place = status.st_dev, status.st_ino
    return _Look(status.st_mode, place, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _names(folder: Path) -> list[Path]:
    """What may wait there; what begins with a dot, or ends so, is still being brought."""
    return [
        path
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".") and path.suffix not in _BEING_BROUGHT
    ]


def _free_name(folder: Path, name: str) -> Path:
    """A name in a folder that nothing has; shortened where its reason's name would be too long."""
    stem, ending = Path(name).stem, Path(name).suffix
    if len(os.fsencode(ending)) > _LONGEST_ENDING:
        stem, ending = name, ""
    number = 1
    while True:
        end = (f" ({number})" if number > 1 else "") + ending
        while len(os.fsencode(stem + end + REASON)) > _LONGEST_NAME:
            stem = stem[:-1]
        target = folder / (stem + end)
        if not os.path.lexists(target) and not os.path.lexists(target.with_name(target.name + REASON)):
            return target
        number += 1
