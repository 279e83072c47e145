"""The inbox: a folder whose files are imported once they are complete, and then moved away."""

from __future__ import annotations

import logging
import os
import stat
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bot.app import App
from bot.errors import PapercordError, RefusedError, path_text
from bot.ingest.importer import INBOX_BOUNDS, REASON, complete_files, import_files
from bot.ingest.spool import FileRead, Rejected

QUIET_SECONDS = 2.0
"""A file that was changed less long ago is not complete."""

FOLDER, DONE, REFUSED = "inbox", "done", "refused"

_FILES_AT_ONCE, _BYTES_AT_ONCE = 250, 4 * 1024 * 1024
"""Small files are imported together: a transaction and a commit of the index take longer than their rows."""

_LONGEST_NAME = 255
"""Bytes that file systems allow."""
_LONGEST_ENDING = 16
"""Bytes; what follows the last dot of a name and is longer is no ending."""

_TRIES_AT_ONCE, _MOST_DOUBLINGS, _LONGEST_PAUSE = 3, 10, 300.0
"""After so many failed tries in a row the pause before the next doubles each time, up to so many seconds."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InboxState:
    """How many files wait, and how many were refused."""

    waiting: int
    refused: int


def inbox_state(app: App) -> InboxState:
    """Count the files in the inbox; a refused file counts until somebody removes it."""
    folder = app.settings.data_dir / FOLDER
    names = complete_files(folder) if folder.is_dir() else []
    waiting = [path for path in names if _file_state(path) is not None]
    refused = [path for path in folder.glob(f"{REFUSED}/*") if not path.name.endswith(REASON)]
    return InboxState(len(waiting), len(refused))


class Inbox:
    """Watches `inbox` in the data folder; read files go to `done`, others to `refused` with the reason.

    What could not be kept of a file is listed beside it in `done`; the rest of it is imported.
    A file is refused for its own faults. Where anything else fails, such as the database or the disk,
    it stays and is tried again.
    """

    def __init__(self, app: App, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._monotonic = monotonic
        self._folder = app.settings.data_dir / FOLDER
        self._seen: dict[Path, _FileState] = {}
        self._failures: dict[Path, _Failure] = {}

    def import_ready_files(self) -> int:
        """Import the files that did not change since the last call; the number that were moved away.

        Calls are made some seconds apart.
        """
        for name in (DONE, REFUSED):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        states = self._examine_all()
        moved_away = 0
        for group in self._groups(self._ready(states)):
            results: Mapping[Path, _Result] = {}
            if len(group) > 1:
                results = self._import_together(list(group))
            for path, state in group.items():
                with self._failures_kept(path):
                    if self._import_and_move(path, state, results.get(path)):
                        del states[path]
                        moved_away += 1
        self._seen = states
        return moved_away

    def _ready(self, states: Mapping[Path, _FileState]) -> Iterator[tuple[Path, _FileState]]:
        """The files that are complete and not to be tried later."""
        now = self._app.clock().timestamp()
        for path, state in states.items():
            if self._seen.get(path) != state:
                self._failures.pop(path, None)
                continue
            # The time of a change may lie ahead: another machine's clock wrote it, or it was copied.
            is_quiet = not 0 <= now - state.changed_ns / 1e9 < QUIET_SECONDS
            if is_quiet and not self._waits_for_retry(path):
                yield path, state

    def _groups(self, ready: Iterable[tuple[Path, _FileState]]) -> Iterator[dict[Path, _FileState]]:
        """Files that are imported together, by name; links, large ones and those that failed are alone."""
        group: dict[Path, _FileState] = {}
        size = 0
        for path, state in list(ready):
            is_alone = state.is_link or path in self._failures
            if group and (is_alone or len(group) == _FILES_AT_ONCE or size + state.size > _BYTES_AT_ONCE):
                yield group
                group, size = {}, 0
            group[path] = state
            size += state.size
            if is_alone:
                yield group
                group, size = {}, 0
        if group:
            yield group

    def _import_together(self, paths: Sequence[Path]) -> Mapping[Path, _Result]:
        """Import several files as one import; nothing where that fails: then each of them is tried alone."""
        try:
            report = import_files(self._app, paths, bounds=INBOX_BOUNDS)
        except Exception as error:  # noqa: BLE001 - nobody knows what may fail, and each is tried alone
            _log.debug("%d files of the inbox are imported one by one: %s", len(paths), type(error).__name__)
            return {}
        read = {one.file: one for one in report.files}
        rejected: defaultdict[str, list[Rejected]] = defaultdict(list)
        for row in report.rejected:
            rejected[row.file].append(row)
        found: dict[Path, _Result] = {}
        for path in paths:
            name = path_text(path)
            if name not in read:
                continue
            notices = [one for one in report.notices if one.startswith((f"{name}: ", f"{name}, line "))]
            found[path] = _result(read[name], rejected[name], notices)
        return found

    def _examine_all(self) -> dict[Path, _FileState]:
        """The state of all files that wait."""
        paths = complete_files(self._folder)
        self._failures = {path: self._failures[path] for path in paths if path in self._failures}
        states: dict[Path, _FileState] = {}
        for path in paths:
            with self._failures_kept(path):
                state = _file_state(path)
                if state is not None:
                    states[path] = state
        return states

    def _waits_for_retry(self, path: Path) -> bool:
        failure = self._failures.get(path)
        return failure is not None and self._monotonic() < failure.retry_at

    @contextmanager
    def _failures_kept(self, path: Path) -> Generator[None]:
        """Record a failure of a file, which stays where it is; the others are imported."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - nobody knows what may fail
            reason = str(error) or type(error).__name__
            before = self._failures.get(path)
            if before is None or before.reason != reason:
                is_foreseen = isinstance(error, PapercordError | OSError)
                name = path_text(path.name)
                _log.error("%s stays in the inbox: %s", name, reason, exc_info=not is_foreseen)
            tries = before.tries + 1 if before is not None else 1
            pause = min(2.0 ** min(tries, _MOST_DOUBLINGS), _LONGEST_PAUSE) if tries > _TRIES_AT_ONCE else 0.0
            self._failures[path] = _Failure(reason, tries, self._monotonic() + pause)

    def _import_and_move(self, path: Path, state: _FileState, result: _Result | None) -> bool:
        """Import a file, unless it was, and move it away; False where it stays."""
        if state.is_link:
            result = _Result(REFUSED, "It is a link; put the file itself here.")
        result = result or self._import(path)
        return self._move_away(path, state, result.folder, result.reason)

    def _import(self, path: Path) -> _Result:
        """Import one file."""
        try:
            report = import_files(self._app, [path], bounds=INBOX_BOUNDS)
        except RefusedError as error:
            return _Result(REFUSED, str(error))
        reason = _reasons(report.rejected, report.rejected_more, report.notices)
        return _Result(DONE if report.is_complete else REFUSED, reason)

    def _move_away(self, path: Path, state: _FileState, folder: str, reason: str) -> bool:
        """Move a file that was read; False where another of its name replaced it, which is read next."""
        if _file_state(path) != state:
            return False
        target = _free_name(self._folder / folder, path.name)
        reason_file = target.with_name(target.name + REASON)
        try:
            if reason:  # first, for no file is to lie there without its reason
                reason_file.write_text(reason + "\n", encoding="utf-8", errors="backslashreplace")
            path.rename(target)
        except Exception:
            reason_file.unlink(missing_ok=True)
            raise
        moved = _file_state(target)
        if moved is None or not moved.has_content_of(state):  # it was replaced in the last moment
            target.rename(_free_name(self._folder, path.name))
            reason_file.unlink(missing_ok=True)
            return False
        name = path_text(path.name)
        if folder == REFUSED:
            _log.warning("%s was refused: %s", name, reason.splitlines()[0])
        elif reason:
            listed = path_text(reason_file.name)
            _log.warning("%s was imported, but for what %s lists: %s", name, listed, reason.splitlines()[0])
        return True


class _Result(NamedTuple):
    """Where a file belongs that was imported, and why it or rows of it are refused, if any."""

    folder: str
    reason: str


def _result(read: FileRead, rejected: Sequence[Rejected], notices: Sequence[str]) -> _Result:
    """What became of one of several files."""
    refused = max(read.refused, len(rejected))
    is_complete = not read.is_unreadable and (refused == 0 or read.papers + read.refused > refused)
    return _Result(DONE if is_complete else REFUSED, _reasons(rejected, refused - len(rejected), notices))


def _reasons(rejected: Sequence[Rejected], more: int, notices: Sequence[str]) -> str:
    reasons = [
        f"{row.file}{'' if row.line is None else f', line {row.line}'}: {row.reason}" for row in rejected
    ]
    if more:
        reasons.append(f"and {more:,} more rows")
    return "\n".join([*reasons, *(f"Note: {notice}" for notice in notices)])


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a file could not be imported for no fault of its own, and when it is tried again."""

    reason: str
    tries: int
    retry_at: float
    """By the monotonic clock."""


@dataclass(frozen=True, slots=True)
class _FileState:
    """The identity, size and times of a file; equal where it did not change."""

    mode: int
    inode: tuple[int, int]
    """Its device and inode number: another file of the same name has another one."""
    size: int
    changed_ns: int
    touched_ns: int
    """When its content or its attributes changed; nobody can set it. A move changes it too."""

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)

    def has_content_of(self, other: _FileState) -> bool:
        """Whether it is the same file, moved or not."""
        return (self.inode, self.size, self.changed_ns) == (other.inode, other.size, other.changed_ns)


def _file_state(path: Path) -> _FileState | None:
    """The state of a file, or of a link itself; None where there is none."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
        return None
    inode = status.st_dev, status.st_ino
    return _FileState(status.st_mode, inode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _free_name(folder: Path, name: str) -> Path:
    """A free name in a folder; shortened where the name of the file of its reason would be too long."""
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
