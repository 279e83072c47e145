"""The papers in a cluster: one name for what is searched, a rebuild fills the next index behind it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import orjson

from bot.errors import SearchUnusableError
from bot.search import patience
from bot.search.changes import Batch, Changes
from bot.search.derived_index import DerivedIndex, ShownRevision
from bot.search.fields import FIELDS, LISTED, SCHEMA_VERSION, Fields, Kind
from bot.search.opensearch.cluster import BLOCKED, Cluster
from bot.search.opensearch.engine import OpenSearchEngine
from bot.search.opensearch.queries import Dsl
from bot.search.opensearch.rounds import ClusterSnapshot, Lists
from bot.search.snapshot import StoreState, Vocabularies
from bot.search.tantivy.names_index import NamesIndex
from bot.store.engine import Store
from bot.store.imports import latest_revision, revision_stamp
from bot.store.papers import count_papers
from bot.text.folding import plain_analyzer, stem_analyzer

_LOGGER = logging.getLogger(__name__)

_FRESH = 1.0
"""Seconds for which the revision that was seen is not asked for again."""
_LOOKING = patience.QUERY / 4
"""Seconds of a query for the look at the revision, where one was seen before."""
_BATCHES_BETWEEN_NOTES = 20
"""After so many a build notes how far it is, to go on from there if it is killed."""
_BLOCKS = ",".join(f"*.settings.index.blocks.{name}" for name in ("read_only*", "write"))
_NO_PAPERS = StoreState()
_STEMS, _WORDS = stem_analyzer(), plain_analyzer()

_STEMMED = {Kind.STEMS, Kind.PLACED_STEMS}
_PLACED = {Kind.PLACED_STEMS, Kind.PLACED_WORDS}
_PLAIN: dict[Kind, Dsl] = {
    Kind.NUMBER: {"type": "long", "doc_values": False},
    Kind.ORDERED_NUMBER: {"type": "long"},
    Kind.ORDERED_FRACTION: {"type": "double"},
    Kind.FLAG: {"type": "boolean", "doc_values": False},
    # Each word is one value, and the length of the text counts.
    Kind.WORDS: {"type": "keyword", "norms": True, "similarity": "BM25"},
}


@dataclass(frozen=True, slots=True)
class Layout:
    """How the papers are spread over the cluster."""

    name: str = "papercord"
    """Begins the names of all indexes."""
    shards: int = 1
    replicas: int = 1

    @property
    def alias(self) -> str:
        """The name that is searched; another version of Papercord has another one."""
        return f"{self.name}-papers-{SCHEMA_VERSION}"


def mappings() -> Dsl:
    """All fields of papers; texts are given as words that are only to be parted at spaces."""
    properties: Dsl = {}
    for name, kind in FIELDS.items():
        if kind is Kind.KEY:
            properties[name] = {"type": "keyword", "doc_values": name in LISTED}
        elif kind in _PLAIN:
            properties[name] = _PLAIN[kind]
        elif kind is not Kind.STATE:  # it is kept beside the papers
            options = "positions" if kind in _PLACED else "freqs"
            properties[name] = {"type": "text", "analyzer": "whitespace", "index_options": options}
            if name in LISTED:
                properties[f"{name}_listed"] = {"type": "keyword", "index": False}
    # Nothing is read again: rows come from the database.
    return {"dynamic": "strict", "_source": {"enabled": False}, "properties": properties}


def document(fields: Fields) -> Dsl:
    """A paper as the cluster is given it."""
    made: Dsl = {}
    for name, values in fields.items():
        kind = FIELDS[name]
        if kind in _STEMMED:
            made[name] = [" ".join(_STEMS.analyze(str(value))) for value in values]
        elif kind is Kind.PLACED_WORDS:
            words = [_WORDS.analyze(str(value)) for value in values]
            made[name] = list(map(" ".join, words))
            if name in LISTED:
                made[f"{name}_listed"] = list({word for of_value in words for word in of_value})
        elif kind is Kind.WORDS:
            made[name] = list({word for value in values for word in _WORDS.analyze(str(value))})
        else:
            made[name] = values
    return made


class ClusterIndex(DerivedIndex):
    """The index of papers in a cluster, with the index of names on this machine.

    The indexes behind the name are numbered. Each has the revision that it shows; a build has how
    far it is. Papers are written with the revision as their version, so that several may write the same.
    """

    checking = None
    """Nothing is checked in the background: the cluster does it."""

    def __init__(self, folder: Path, cluster: Cluster, layout: Layout) -> None:
        super().__init__(folder, folder / "cluster.lock")
        folder.mkdir(parents=True, exist_ok=True)
        self.cluster = cluster
        self._layout = layout
        self.names = NamesIndex(folder / "people")
        self._vocabularies = Vocabularies(folder, each_commit=False)
        self._lists = Lists()
        self._looking = Lock()
        self._seen_at = self._failed_at = float("-inf")
        self._seen: tuple[str, StoreState] | None = None
        """The index that is searched, and what it shows."""
        self._snapshot: ClusterSnapshot | None = None
        self._are_others_deleted = False
        self._is_counted = False

    @property
    def cluster_address(self) -> str | None:
        """Where the cluster is."""
        return self.cluster.places

    @property
    def revision(self) -> int | None:
        """The revision of the store that the index shows; None where there is none, or where it is away."""
        with suppress(SearchUnusableError), patience.within(patience.QUERY):
            return super().revision
        return None

    def trouble(self) -> str | None:
        """What hinders searches, or papers from being written, at present; in words that may be shown."""
        try:
            with patience.within(patience.QUERY):
                with patience.held(self._looking):
                    self._look()
                    snapshot = self._snapshot
                if snapshot is None:
                    return None
                settings = self.cluster.get(f"/{self._layout.alias}/_settings?filter_path={_BLOCKS}") or {}
        except SearchUnusableError as error:
            return str(error)
        if snapshot.engine.is_incomplete:
            return f"A part of the search cluster at {self.cluster.places} is away: papers may be lacking."
        blocks = (index["settings"]["index"]["blocks"] for index in settings.values())
        if any(value == "true" for of_index in blocks for value in of_index.values()):
            return f"The search cluster at {self.cluster.places} takes no papers: {BLOCKED}."
        return None

    def snapshot(self) -> ClusterSnapshot | None:
        """The papers at the newest revision seen; None where there is no index yet.

        While the nodes agree on a leader, or one of them hangs, papers are found all the same.
        """
        has_one = self._snapshot is not None
        if has_one and time.monotonic() - self._failed_at < _FRESH:
            return self._snapshot
        try:
            # What was seen last is to be searched in the time that is left.
            with patience.within(_LOOKING if has_one else patience.QUERY), patience.held(self._looking):
                self._look_again()
        except SearchUnusableError:
            self._failed_at = time.monotonic()
            if self._snapshot is None:
                raise
        return self._snapshot

    def catch_up(self, store: Store, *, wait: bool = True) -> int:
        """Catch up with the store, and return the revision that the index then shows.

        Where the cluster is away, those who wrote papers do not wait for it: the running bot, which does not
        `wait` for anybody, and who searches next, complete the index.
        """
        try:
            with patience.uncounted():
                self.names.catch_up(store, wait=wait)
                if not wait and not self._is_counted:
                    self._count(store)
                return self.catch_up_papers(store, wait=wait)
        except SearchUnusableError as error:
            if not wait:
                raise
            _LOGGER.warning("%s The running bot, or the next search, completes the index.", error)
            return 0

    def _count(self, store: Store) -> None:
        """Once in the life of a bot, see whether a shard was given up, and came back without its papers."""
        snapshot = self.snapshot()
        with store.reading() as session:
            latest = latest_revision(session)
            if snapshot is None or latest is None:
                return
            if (latest.number, latest.stamp) != (snapshot.state.revision, snapshot.state.stamp):
                return
            # What is written meanwhile is not lacking.
            papers = count_papers(session, until=latest.number)
        if not snapshot.engine.is_incomplete:
            self._is_counted = True
            if (lacking := papers - snapshot.engine.papers) > 0:
                self._damage = f"it lacked {lacking:,} of {papers:,} papers"

    def catch_up_papers(
        self, store: Store, more: Callable[[], bool] = lambda: False, *, wait: bool = True
    ) -> int:
        """Catch up in the same way, but leave out the names; `more` may wait for more to write."""

        def update(store: Store) -> None:
            name, state = self._shown_index() or ("", _NO_PAPERS)
            self._update(name, store, state, more)
            self._delete_others(name)

        def rebuild(store: Store, reason: str | None) -> None:
            self._rebuild(store, more)
            how = f"anew: {reason}" if reason is not None else f"in {self.cluster.places}"
            _LOGGER.info("The search index was made %s.", how)

        if self._catch_up(store, update, rebuild, wait) and (snapshot := self.snapshot()) is not None:
            snapshot.keep_vocabulary()
        return self.revision or 0

    def close(self) -> None:
        """Release the files and connections."""
        self.names.close()
        self.cluster.close()

    def _shown(self) -> ShownRevision | None:
        with self._looking:
            self._look_again()
            return self._snapshot.state if self._snapshot is not None else None

    def _is_current(self, store: Store) -> bool:
        with store.reading() as session:
            latest = latest_revision(session)
        newest = ShownRevision(latest.number, latest.stamp) if latest is not None else ShownRevision()
        shown = self._shown()
        if shown is None or self._damage is not None:
            return False
        return (shown.revision, shown.stamp) == (newest.revision, newest.stamp)

    def _reopen(self) -> None:
        with self._looking:
            self._look()

    def _look_again(self) -> None:
        if time.monotonic() - self._seen_at >= _FRESH:
            self._look()

    def _look(self) -> None:
        """Find out which revision the papers show; where it is another one, what was cached is forgotten.

        So is what was cached while a part of the papers was away.
        """
        shown = self._shown_index()
        if shown is None:
            self._snapshot = None
        elif self._snapshot is None or self._seen != shown or self._snapshot.engine.is_incomplete:
            state, layout = shown[1], self._layout
            engine = OpenSearchEngine(self.cluster, layout.alias, layout.shards, state.dump())
            snapshot = ClusterSnapshot(engine, self._vocabularies, self._lists)
            # Asked now, and not within a query.
            snapshot.field_codes  # noqa: B018
            snapshot.venues  # noqa: B018
            # Only what was read whole is seen.
            self._snapshot, self._seen = snapshot, shown
        self._seen_at = time.monotonic()

    def _shown_index(self) -> tuple[str, StoreState] | None:
        """The index behind the name, and what it shows."""
        # The node that is asked knows it itself.
        found = self.cluster.get(f"/{self._layout.alias}/_mapping?local=true")
        if found is None:
            return None
        try:
            [(name, index)] = found.items()
            return name, StoreState(*index["mappings"]["_meta"]["shown"])
        except (KeyError, TypeError, ValueError):
            raise SearchUnusableError(
                f"The alias {self._layout.alias} in the search cluster at {self.cluster.places} leads to "
                f"{', '.join(sorted(found))}, which Papercord did not make. Delete the alias, or choose "
                "another PAPERCORD_SEARCH_NAME; the index is made anew then."
            ) from None

    def _update(self, name: str, store: Store, state: StoreState, more: Callable[[], bool]) -> None:
        """Write what changed since a state, and what comes while `more` waits for it."""
        changes = Changes(store, state)
        self._write(name, changes.batches())
        while more():
            self._write(name, changes.batches())
        self._show(name, changes.state)

    def _show(self, name: str, state: StoreState) -> None:
        """Have what is written found, and then say which revision it is."""
        self.cluster.post(f"/{name}/_refresh")
        shown = [state.revision, state.stamp, state.highest_id]
        self.cluster.put(f"/{name}/_mapping", {"_meta": {"shown": shown}})
        self._reopen()

    def _write(
        self, name: str, batches: Iterator[Batch], note: Callable[[Batch], None] | None = None
    ) -> None:
        """Write batches, each while the next one is prepared."""
        sent: Future[None] | None = None
        with ThreadPoolExecutor(1) as sender:
            for number, batch in enumerate(batches, 1):
                lines = bulk_lines(batch)
                if sent is not None:
                    sent.result()
                sent = sender.submit(self.cluster.write, name, lines)
                if note is not None and number % _BATCHES_BETWEEN_NOTES == 0:
                    sent.result()
                    note(batch)
            if sent is not None:
                sent.result()

    def _rebuild(self, store: Store, more: Callable[[], bool]) -> None:
        """Fill a fresh index beside the one that is searched, and have the name lead to it."""
        self._are_others_deleted = False
        behind = self._numbers()
        shown = self._shown_index()
        number = 1 + (int(shown[0].rpartition("-")[2]) if shown is not None else 0)
        name = f"{self._layout.alias}-{number:06d}"
        changes = Changes(store, _NO_PAPERS)
        until, after_id = self._begun(name, store) if number in behind else (None, 0)
        if until is None:
            until = changes.newest() or _NO_PAPERS
            self._create(name, until)

        def note(batch: Batch) -> None:
            done = [until.revision, until.stamp, max(batch.papers, default=0)]
            self.cluster.put(f"/{name}/_mapping", {"_meta": {"shown": [0, 0, 0], "building": done}})

        self._write(name, changes.batches(until, after_id), note)
        settings = {"number_of_replicas": self._layout.replicas, "refresh_interval": None}
        self.cluster.put(f"/{name}/_settings", {"index": settings})
        self._flip(name, changes.state if until.revision else until)
        self._damage = None
        self._update(name, store, changes.state, more)

    def _begun(self, name: str, store: Store) -> tuple[StoreState | None, int]:
        """How far a build that was cut off is; one of another history is deleted."""
        found = self.cluster.get(f"/{name}/_mapping") or {}
        meta = found[name]["mappings"]["_meta"]
        # What shows a revision is whole, and only its name is not changed yet.
        revision, stamp, after_id = meta.get("building") or meta["shown"]
        with store.reading() as session:
            if revision == 0 or revision_stamp(session, revision) == stamp:
                return StoreState(revision, stamp), after_id
        self.cluster.delete(f"/{name}")
        return None, 0

    def _create(self, name: str, until: StoreState) -> None:
        settings: Dsl = {
            "number_of_shards": self._layout.shards,
            # They are copied at the end, which costs less than writing each paper several times.
            "number_of_replicas": 0,
            "refresh_interval": "-1",
        }
        meta = {"shown": [0, 0, 0], "building": [until.revision, until.stamp, 0]}
        body = {"settings": {"index": settings}, "mappings": {**mappings(), "_meta": meta}}
        self.cluster.put(f"/{name}", body)

    def _flip(self, name: str, state: StoreState) -> None:
        """Have the name lead to an index, and delete those before it."""
        self._show(name, state)
        alias = self._layout.alias
        actions = [{"remove": {"index": f"{alias}-*", "alias": alias, "must_exist": False}}]
        self.cluster.post("/_aliases", {"actions": [*actions, {"add": {"index": name, "alias": alias}}]})
        self._reopen()
        self._delete_others(name)

    def _delete_others(self, name: str) -> None:
        """Delete indexes before this one, which a process may have left that was killed."""
        if not self._are_others_deleted:
            others = {f"{self._layout.alias}-{number:06d}" for number in self._numbers()}
            for other in others:
                if other < name:
                    self.cluster.delete(f"/{other}")
            self._are_others_deleted = True

    def _numbers(self) -> set[int]:
        """The numbers of the indexes that there are."""
        found = self.cluster.get(f"/{self._layout.alias}-*/_settings?filter_path=*.settings.index.uuid")
        return {int(name.rpartition("-")[2]) for name in found or {}}


def bulk_lines(batch: Batch) -> list[bytes]:
    """A batch as lines of a bulk request."""
    version = {"version": batch.revision, "version_type": "external_gte"}
    gone = (paper_id for paper_id in batch.gone if paper_id not in batch.papers)
    lines = [orjson.dumps({"delete": {"_id": str(paper_id), **version}}) for paper_id in gone]
    for paper_id, fields in batch.papers.items():
        lines.append(orjson.dumps({"index": {"_id": str(paper_id), **version}}))
        lines.append(orjson.dumps(document(fields)))
    return lines
