"""One Tantivy index in a folder of its own, with its newest commit."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from tantivy import Index

from bot.search.schema import build_schema, register_analyzers
from bot.search.seal import Seal
from bot.search.snapshot import Snapshot
from bot.search.vocabulary import Vocabularies


class Generation:
    """An opened index; `snapshot` is the commit that is searched."""

    def __init__(self, path: Path, index: Index) -> None:
        register_analyzers(index)
        index.config_reader("manual")
        self.path = path
        self.index = index
        self._seal = Seal(path)
        self._reloading = Lock()
        self._vocabularies = Vocabularies()
        self.reload()

    @classmethod
    def create(cls, path: Path) -> Generation:
        """Make an empty one in a new folder."""
        path.mkdir(parents=True)
        return cls(path, Index(build_schema(), path=str(path), reuse=False))

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.path.name

    def seal(self) -> None:
        """Write the digests of the present commit."""
        self._seal.put()

    def has_new_commit(self) -> bool:
        """Whether this or another process has committed since the last `reload`."""
        try:
            return self._signature() != self._seen
        except OSError:
            return False

    def reload(self) -> None:
        """Take over the newest commit."""
        with self._reloading:
            seen = self._signature()
            self.index.reload()
            self.snapshot = Snapshot(self.index.searcher(), self.index.schema, self._vocabularies)
            self._seen = seen

    def _signature(self) -> tuple[int, int, int]:
        status = (self.path / "meta.json").stat()
        return status.st_mtime_ns, status.st_ino, status.st_size
