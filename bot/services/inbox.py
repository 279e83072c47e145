"""The inbox: a folder whose files are imported once they are complete, and then put away."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from bot.errors import PapercordError
from bot.services.desk import Desk
from bot.services.importing import LAID_DOWN, import_files

QUIET_SECONDS = 2.0
"""A file that did not change for so long is complete."""

FOLDER = "inbox"
REASON = ".reason.txt"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Look:
    """A file as it was seen."""

    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class InboxState:
    """How many files wait, and how many were refused."""

    waiting: int
    refused: int


def inbox_state(desk: Desk) -> InboxState:
    """Look into the inbox; a file that was refused counts until somebody takes it away."""
    folder = desk.settings.data_dir / FOLDER
    waiting = [path for path in folder.glob("*") if path.is_file() and not path.name.startswith(".")]
    refused = [path for path in folder.glob("refused/*") if not path.name.endswith(REASON)]
    return InboxState(len(waiting), len(refused))


class Inbox:
    """Watches `inbox` in the data folder; read files go to `done`, others to `refused` with the reason."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._folder = desk.settings.data_dir / FOLDER
        self._seen: dict[Path, _Look] = {}

    def take_in(self) -> int:
        """Import the files that are complete, and say how many those were."""
        self._folder.mkdir(parents=True, exist_ok=True)
        seen: dict[Path, _Look] = {}
        taken = 0
        for path in sorted(self._folder.iterdir()):
            # What begins with a dot, or ends so, is still being brought.
            if not path.is_file() or path.name.startswith(".") or path.suffix in {".part", ".tmp"}:
                continue
            stat = path.stat()
            look = _Look(stat.st_size, stat.st_mtime_ns)
            if self._seen.get(path) == look and time.time() - stat.st_mtime >= QUIET_SECONDS:
                self._import(path)
                taken += 1
            else:
                seen[path] = look
        self._seen = seen
        return taken

    def _import(self, path: Path) -> None:
        try:
            report = import_files(self._desk, [path], bounds=LAID_DOWN)
            reason = "\n".join(
                f"{rejected.file}, line {rejected.line}: {rejected.reason}" for rejected in report.rejected
            )
            if report.rejected_more:
                reason += f"\nand {report.rejected_more:,} more rows"
        except PapercordError as error:
            reason = str(error)
        except OSError as error:
            reason = f"The file cannot be read: {error.strerror}"
        if reason:
            refused = self._put_away(path, "refused")
            refused.with_name(f"{refused.name}{REASON}").write_text(reason + "\n", encoding="utf-8")
            _log.warning("%s was refused: %s", path.name, reason.splitlines()[0])
        else:
            self._put_away(path, "done")

    def _put_away(self, path: Path, name: str) -> Path:
        """Move a file, and never over another of its name."""
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        target, number = folder / path.name, 1
        while target.exists():
            number += 1
            target = folder / f"{path.stem} ({number}){path.suffix}"
        return path.rename(target)
