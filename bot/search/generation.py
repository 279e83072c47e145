"""One Tantivy index in a folder of its own, with its newest commit."""

from __future__ import annotations

import mmap
import sys
from pathlib import Path
from threading import Lock, Thread

from tantivy import Index, IndexWriter

from bot.search.index_seal import Seal
from bot.search.schema import build_schema, register_analyzers
from bot.search.snapshot import Snapshot
from bot.search.vocabulary import Vocabularies

_MOST_MAPPED = 128 << 20
"""Bytes of files that searching may bring into this process's memory until they are opened anew.

The system takes such pages back only when it needs room. They stay in its cache, so that it costs
little to read them once more.
"""


class Generation:
    """An opened index."""

    snapshot: Snapshot
    """The commit that is searched."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seal = Seal(path)
        self._reloading = Lock()
        self._vocabularies = Vocabularies(path)
        self._seen: tuple[int, int, int] | None = None
        self.reload()

    @classmethod
    def create(cls, path: Path) -> Generation:
        """Make an empty one in a new folder."""
        path.mkdir(parents=True)
        Index(build_schema(), path=str(path), reuse=False)
        return cls(path)

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.path.name

    def writer(self, memory: int, threads: int) -> IndexWriter:
        """What makes the next commit, with so many bytes for so many threads."""
        return _opened(self.path).writer(memory, threads)

    def seal(self) -> None:
        """Write the digests of the present commit."""
        self._seal.put()

    def has_new_commit(self) -> bool:
        """Whether this or another process has committed since the last `reload`."""
        try:
            return self._signature() != self._seen
        except OSError:
            return False

    def fills_memory(self) -> bool:
        """Whether so much of files is in this process's memory that `reload` is due."""
        mapped = _mapped()
        self._least_mapped = min(self._least_mapped, mapped)
        return mapped - self._least_mapped > _MOST_MAPPED

    def reload(self) -> None:
        """Take over the newest commit, and let go of the pages of its files."""
        with self._reloading:
            seen = self._signature()
            index = _opened(self.path)
            searcher = index.searcher()
            if seen == self._seen == self._signature():
                held: list[Snapshot] = [self.snapshot]
                self.snapshot = held[0].moved_to(searcher)
                # It takes several times as long as opening, and nobody need wait for it.
                Thread(target=held.clear, daemon=True).start()
            else:
                self.snapshot = Snapshot(searcher, index.schema, self._vocabularies)
            self._seen = seen
            self._least_mapped = sys.maxsize

    def _signature(self) -> tuple[int, int, int]:
        status = (self.path / "meta.json").stat()
        return status.st_mtime_ns, status.st_ino, status.st_size


def _opened(path: Path) -> Index:
    index = Index.open(str(path))
    register_analyzers(index)
    index.config_reader("manual")
    index.reload()
    return index


def _mapped() -> int:
    """Bytes of files in this process's memory; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb", 0) as statm:  # noqa: PTH123 - it is asked with every search
            return int(statm.read(200).split()[2]) * mmap.PAGESIZE
    except OSError:
        return 0
