"""The state of the kept vectors: of which model they are, which file has them, and how far they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from bot.search.derived_index import ShownRevision, write_whole
from bot.store.engine import Store
from bot.store.imports import latest_revision, revision_stamp

_FILE = "state.json"


@dataclass(frozen=True, slots=True)
class VectorsState:
    """What is written beside the file of vectors after every few of them."""

    model: str
    file: str
    revision: int = 0
    """Up to this revision of the store all papers have vectors."""
    newest: int = 0
    """The newest revision that was looked at; papers that changed after the other one may lack theirs."""
    stamp: int = 0
    """The stamp of the newest one, which distinguishes databases and their histories."""
    made: int = 0
    """Papers that have vectors."""
    papers: int = 0
    """All papers, when they were counted last."""
    made_at: int = 0
    """When the last one was made, in seconds since 1970; 0 where none was, or by an earlier version."""

    def is_of(self, store: Store) -> bool:
        """Whether the vectors are of this database, and of no other history of it."""
        if self.newest == 0:
            return True
        with store.reading() as session:
            return revision_stamp(session, self.newest) == self.stamp


def read_state(folder: Path) -> VectorsState | None:
    """The state of the vectors in a folder; None where there is none that can be read."""
    try:
        values = orjson.loads((folder / _FILE).read_bytes())
        state = VectorsState(**values)
        are_typed = all(type(value) in {str, int} for value in values.values())
    except (OSError, ValueError, TypeError):
        return None
    is_sound = state.file == Path(state.file).name and 0 <= state.revision <= state.newest
    return state if are_typed and is_sound else None


def write_state(folder: Path, state: VectorsState) -> None:
    """Replace the state."""
    write_whole(folder / _FILE, orjson.dumps(asdict(state)))


def newest_revision(store: Store) -> ShownRevision:
    """The revision that the store is at."""
    with store.reading() as session:
        latest = latest_revision(session)
    return ShownRevision(latest.number, latest.stamp) if latest is not None else ShownRevision()
