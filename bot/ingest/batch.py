"""One transaction of an import: which papers its records describe, and what is written of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlmodel import Session

from bot.corpus.deciding import Contradiction, Joins, Known, RecordKeys, decide
from bot.corpus.identity import shared_keys
from bot.corpus.merge import PaperFacts, merge, version_of
from bot.corpus.paper import PaperRecord
from bot.ingest.spool import Entry, digest_of
from bot.store.authorship import People, write_attributions, write_places
from bot.store.ids import reserve_ids
from bot.store.merged_papers import retire_papers
from bot.store.paper_sources import (
    Pair,
    SourceRow,
    known_papers,
    papers_with_keys,
    source_records,
    stored_digests,
    write_keys,
    write_sources,
)
from bot.store.papers import adopt_papers, shown_publications, write_papers
from bot.store.revisions import take_revision
from bot.store.tables import paper

if TYPE_CHECKING:
    from bot.ingest.writing import PaperWriter


@dataclass(slots=True)
class _Draft:
    """A paper on its way: what its sources say of it, and what follows from that."""

    paper_id: int
    is_new: bool
    records: dict[Pair, PaperRecord]
    keys: dict[Pair, tuple[Pair, ...]]
    """The shared keys of each record."""
    keys_before: set[Pair]
    facts_before: PaperFacts | None
    facts: PaperFacts | None


class Batch:
    """One transaction's view: the papers that its records may be, and what is to be written."""

    def __init__(self, writer: PaperWriter, session: Session, keyed: Sequence[RecordKeys]) -> None:
        self._writer = writer
        self._session = session
        self._counts = writer.counts
        shared = {key for one in keyed for key in one.shared}
        own = stored_digests(session, [(one.source, one.source_key) for one in keyed])
        ids = {paper_id for paper_id, _ in own.values()} | papers_with_keys(session, shared)
        self._known = known_papers(session, ids)
        self._records = source_records(session, ids)
        self._shown = shown_publications(session, [one for one in ids if len(self._records[one]) > 1])
        self._new_ids = iter(reserve_ids(session, paper, len(keyed)))
        self._by_source: dict[Pair, int] = {}
        self._by_key: defaultdict[Pair, set[int]] = defaultdict(set)
        for known in self._known.values():
            self._remember(known)
        self._drafts: dict[int, _Draft] = {}
        self._sources_added: list[SourceRow] = []
        self._sources_changed: list[SourceRow] = []
        self._updated: set[int] = set()
        self._retired: dict[int, int] = {}
        """Papers that turned out to be another one, and which."""

    def take(self, entry: Entry, record: PaperRecord, keys: RecordKeys) -> None:
        """Decide which paper a record describes, and draft what it changes."""
        candidates = {paper_id for key in keys.shared for paper_id in self._by_key.get(key, ())}
        source_key = (record.source, record.source_key)
        if source_key in self._by_source:
            candidates.add(self._by_source[source_key])
        decision = decide(keys, [self._known[one] for one in candidates]) if candidates else None
        if isinstance(decision, Contradiction):
            self._writer.reject(entry, decision.reason)
            return
        draft = self._draft(decision.paper_id if isinstance(decision, Joins) else None)
        stored = draft.records.get(source_key)
        json, digest = entry.json, entry.digest
        if stored is not None:
            if version_of(record) < version_of(stored):
                self._counts.unchanged += 1
                return
            if self._writer.keep_inferred and _differ_in_inferred_year_only(stored, record):
                record = record.model_copy(update={"published": stored.published})
                json = record.model_dump_json(exclude_defaults=True).encode()
                digest = digest_of(json)
            if record == stored:
                self._counts.unchanged += 1
                return
        if isinstance(decision, Joins):
            for same in decision.same:
                self._unite(draft, same)
        draft.records[source_key] = record
        draft.keys[source_key] = keys.shared
        self._settle(draft)
        row = SourceRow(*source_key, draft.paper_id, digest, json.decode(), self._writer.read_on)
        (self._sources_added if stored is None else self._sources_changed).append(row)

    def adopt(self, seen: set[int]) -> None:
        """Take over papers of cut-off imports; they count as added, since now they become new."""
        writer = self._writer
        seen = {self._retired.get(paper_id, paper_id) for paper_id in seen}
        ids = seen | {draft.paper_id for draft in self._drafts.values() if not draft.is_new}
        adopted = adopt_papers(self._session, ids, writer.cut_off, writer.import_id)
        updated = len(adopted & self._updated)
        self._counts.added += len(adopted)
        self._counts.updated -= updated
        self._counts.unchanged -= len(adopted) - updated

    def write(self, people: People) -> None:
        """Write everything that was drafted."""
        session = self._session
        new = {d.paper_id: d.facts for d in self._drafts.values() if d.is_new and d.facts}
        changed = {
            d.paper_id: d.facts
            for d in self._drafts.values()
            if not d.is_new and d.facts and d.facts != d.facts_before
        }
        if new or changed or self._retired:
            revision = take_revision(session, self._writer.clock())
            write_papers(session, new, changed, import_id=self._writer.import_id, revision=revision)
            retire_papers(session, self._retired, revision)
            self._write_people(people, new, changed)
        write_sources(session, self._sources_added, self._sources_changed)
        added: list[tuple[str, str, int]] = []
        gone: list[tuple[str, str, int]] = []
        for draft in self._drafts.values():
            keys = {key for shared in draft.keys.values() for key in shared}
            added += [(*key, draft.paper_id) for key in keys - draft.keys_before]
            gone += [(*key, draft.paper_id) for key in draft.keys_before - keys]
        write_keys(session, added, gone)

    def _write_people(
        self, people: People, new: dict[int, PaperFacts], changed: dict[int, PaperFacts]
    ) -> None:
        facts = new | changed
        people.resolve(
            self._session,
            (
                mention
                for one in facts.values()
                for mention in (*one.authors, *(person for _, person in one.attributed_to))
            ),
        )

        def places(some: dict[int, PaperFacts]) -> dict[int, list[int]]:
            return {
                paper_id: [people.entry(one) for one in facts.authors] for paper_id, facts in some.items()
            }

        write_places(self._session, places(new), places(changed))
        write_attributions(
            self._session,
            {
                paper_id: {(people.entry(person), source) for source, person in one.attributed_to}
                for paper_id, one in facts.items()
                if one.attributed_to or paper_id in changed
            },
        )

    def _draft(self, paper_id: int | None) -> _Draft:
        if paper_id is None:
            paper_id = next(self._new_ids)
            draft = _Draft(paper_id, True, {}, {}, set(), None, None)
        elif paper_id in self._drafts:
            return self._drafts[paper_id]
        else:
            records = self._records[paper_id]
            keys = {source_key: shared_keys(record) for source_key, record in records.items()}
            stored = {(scheme, one) for scheme, all_ in self._known[paper_id].keys.items() for one in all_}
            facts = merge(list(records.values()))
            # An earlier version merged these in another way: what it wrote is what changes.
            facts = replace(facts, **self._shown.get(paper_id, {}))
            draft = _Draft(paper_id, False, records, keys, stored, facts, facts)
        self._drafts[paper_id] = draft
        return draft

    def _unite(self, draft: _Draft, paper_id: int) -> None:
        """Make a later paper one with this: its id is never used again."""
        same = self._draft(paper_id)
        del self._drafts[paper_id], self._known[paper_id]
        for papers in self._by_key.values():
            papers.discard(paper_id)
        draft.records |= same.records
        draft.keys |= same.keys
        if same.is_new:  # of this batch: nobody knows it
            self._counts.added -= 1
            self._counts.updated += 1
        self._retired = {
            one: draft.paper_id if into == paper_id else into for one, into in self._retired.items()
        }
        self._retired[paper_id] = draft.paper_id
        for rows in (self._sources_added, self._sources_changed):
            rows[:] = [
                row._replace(paper_id=draft.paper_id) if row.paper_id == paper_id else row for row in rows
            ]

    def _settle(self, draft: _Draft) -> None:
        """Work out what follows from the records of a paper, and count what happened."""
        facts = merge(list(draft.records.values()))
        if draft.facts is None:
            self._counts.added += 1
        elif facts != draft.facts:
            self._counts.updated += 1
            self._updated.add(draft.paper_id)
        else:
            self._counts.unchanged += 1
        draft.facts = facts
        source_keys: defaultdict[str, set[str]] = defaultdict(set)
        for source, key in draft.records:
            source_keys[source].add(key)
        keys: defaultdict[str, set[str]] = defaultdict(set)
        for shared in draft.keys.values():
            for scheme, value in shared:
                keys[scheme].add(value)
        lead = facts.authors[0].name if facts.authors else None
        self._remember(Known(draft.paper_id, facts.title, lead, source_keys, keys))

    def _remember(self, known: Known) -> None:
        self._known[known.paper_id] = known
        for source, values in known.source_keys.items():
            for value in values:
                self._by_source[source, value] = known.paper_id
        for scheme, values in known.keys.items():
            for value in values:
                self._by_key[scheme, value].add(known.paper_id)


def _differ_in_inferred_year_only(stored: PaperRecord, record: PaperRecord) -> bool:
    return (
        stored.published_inferred
        and record.published_inferred
        and (stored.published or "")[4:] == (record.published or "")[4:]
    )
