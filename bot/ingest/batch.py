"""One transaction of an import: what its records are of the papers that are known, and what is written."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlmodel import Session

from bot.corpus.decision import (
    Contradiction,
    Decision,
    Joins,
    KnownPaper,
    New,
    Part,
    Rearranged,
    Rulings,
    arranged,
    decide,
    groups,
)
from bot.corpus.identity import (
    NOTICE_OF,
    TITLE,
    Pair,
    RecordKeys,
    may_have_one_id,
    older_keys,
    own_key,
    stored_keys,
)
from bot.corpus.merge import (
    MergedPaper,
    merge,
    titles_beside,
    version_of,
    with_earlier_notices,
    with_richer_names,
)
from bot.corpus.paper import Notice, PaperRecord, TitleKind
from bot.ingest.import_run import ImportRun
from bot.ingest.spool import Entry, digest_of
from bot.store.affiliations import write_affiliations
from bot.store.authorship import People, write_attributions, write_places
from bot.store.bulk import new_ids
from bot.store.corrections import paper_rulings
from bot.store.imports import (
    lock_corpus,
    take_revision,
)
from bot.store.imports_undone import (
    ReplacedRow,
    adopt_records,
    bring_back,
    hash_of,
    said_by,
    write_replaced,
)
from bot.store.models import Paper
from bot.store.paper_sources import (
    PaperSourceRow,
    mark_read,
    papers_with_keys,
    read_before,
    stored_digests,
    stored_papers,
    write_keys,
    write_sources,
)
from bot.store.papers import (
    added_by,
    adopt_papers,
    as_stored,
    copy_deliveries,
    imports_of,
    merge_papers,
    write_papers,
)
from bot.store.records import RecordCodec, packed


@dataclass(slots=True)
class _Draft:
    """A paper that is being written: its records, their keys, and the facts merged from them."""

    paper_id: int
    is_new: bool
    records: dict[Pair, PaperRecord]
    keys: dict[Pair, tuple[Pair, ...]]
    """The shared keys of each record."""
    keys_before: set[Pair]
    facts_before: MergedPaper | None
    facts: MergedPaper | None
    origin: int | None = None
    """The known paper whose records it has now; None where it is of this import."""


class _Said(NamedTuple):
    """That this import says something newly."""

    digest: str
    is_new: bool
    """Whether its source said nothing of the kind before."""
    read_on: dt.date | None
    import_id: int | None


class Joined(NamedTuple):
    """A record of one source that became part of a paper which the corpus had from others."""

    title: str
    """The paper's, before the record came."""
    key: Pair | None
    """The (scheme, value) that both have; None where the record's own id shows it."""

    @property
    def reason(self) -> str:
        """Why both are one paper, such as "doi 10.1000/1"."""
        if self.key is None:
            return "the same id"
        scheme, value = self.key
        return "the same title and lead author" if scheme == TITLE else f"{scheme} {value}"


class Batch:
    """One transaction: the papers that its records may describe, and the rows to write of them.

    Until `write`, nothing is changed in the database.
    """

    def __init__(self, run: ImportRun, session: Session, new_ids: Iterator[int]) -> None:
        self._run = run
        self._session = session
        self._counts = run.counts
        self._new_ids = new_ids
        self._known: dict[int, KnownPaper] = {}
        self._has_older = False
        """Whether papers have keys that earlier versions made of their titles."""
        self._facts: dict[int, Mapping[str, Any]] = {}
        """What is stored of the known papers."""
        self._stored_in: dict[Pair, int] = {}
        """The papers of their records."""
        self._by_source: dict[Pair, int] = {}
        self._by_key: defaultdict[Pair, set[int]] = defaultdict(set)
        self._drafts: dict[int, _Draft] = {}
        self._said: dict[Pair, _Said] = {}
        """What this import says newly."""
        self._replaced: dict[Pair, PaperRecord] = {}
        """What was stored in its place."""
        self._updated: set[int] = set()
        self._merged: dict[int, int] = {}
        """Papers that are merged into another one, and which."""
        self._rulings: Rulings = {}
        self._ruled_one: Mapping[Pair, AbstractSet[Pair]] = {}
        """For a record those of which people said that they are one paper with it."""
        self._has_notices = False
        """Whether papers are notices of others' retraction or correction."""

    def load(self, keyed: Sequence[RecordKeys]) -> None:
        """Load the papers that records of these keys may describe, unless they are loaded."""
        session = self._session
        self._rulings = paper_rulings(session)
        self._ruled_one = _ruled_one(self._rulings)
        shared = {key for one in keyed for key in one.shared}
        self._has_older = self._run.has_older_keys(session)
        if self._has_older:
            shared.update(key for one in keyed for key in older_keys(one.record))
        if noticed := {key for one in keyed for key in _noticed_by(one.record)}:
            self._run.knows_notices()
            shared |= noticed
        self._has_notices = self._run.has_notices(session)
        if self._has_notices:
            shared.update((NOTICE_OF + scheme, value) for one in keyed for scheme, value in one.ids)
        pairs = [(one.source, one.source_key) for one in keyed]
        pairs += [(one.source, key) for one in keyed if (key := own_key(one.record)) is not None]
        pairs += [ruled for one in keyed for ruled in self._ruled_one.get(one.pair, ())]
        own = stored_digests(session, pairs)
        self._load({row.paper_id for row in own.values()} | papers_with_keys(session, shared))

    def _load(self, ids: AbstractSet[int]) -> None:
        """Load these papers, unless they are."""
        missing = ids - self._known.keys() - self._merged.keys()
        found: list[KnownPaper] = []
        for known, facts in stored_papers(self._session, missing):
            found.append(known)
            self._facts[known.paper_id] = facts
            self._stored_in.update(dict.fromkeys(known.pairs, known.paper_id))
            self._remember(known)
        if self._has_notices and found:
            keys = {(NOTICE_OF + scheme, value) for one in found for scheme, value in one.ids}
            keys.update(key for one in found for record in one.records for key in _noticed_by(record))
            self._load(papers_with_keys(self._session, keys))

    def take(self, entry: Entry, record: PaperRecord, keys: RecordKeys) -> Joined | None:
        """Decide which paper a record describes, and draft what it changes; which paper it joined."""
        fitted = self._fitted(record)
        if fitted is not record:
            record, keys = fitted, RecordKeys.of(fitted)
        decision = self._decision(keys)
        if isinstance(decision, Contradiction):
            self._run.reject(entry, decision.reason)
            return None
        stored = self._stored(record)
        new = (record, entry.digest) if stored is None else self._new(record, entry.digest, stored)
        if new is None:
            self._counts.unchanged += 1
            return None
        record, digest = new
        joined = None
        if stored is None and not isinstance(decision, New):
            joined = self._joined(decision, keys)
        noticed = self._noticed(record, stored) if self._has_notices else []
        draft = self._arrange(decision, keys)
        draft.records[keys.pair] = record
        draft.keys[keys.pair] = (
            keys.shared if record is keys.record and not record.notices_of else stored_keys(record)
        )
        unchanged, added = self._counts.unchanged, self._counts.added
        self._settle(draft)
        changes_others = self._settle_noticed(noticed) or isinstance(decision, Rearranged)
        if changes_others and self._counts.unchanged > unchanged:
            self._counts.unchanged -= 1
            self._counts.updated += 1
        if stored is None and self._counts.added == added and self._counts.unchanged == unchanged:
            self._counts.joined += 1
        is_new = keys.pair not in self._stored_in
        self._said[keys.pair] = _Said(digest, is_new, self._run.read_on, self._run.import_id)
        if stored is not None and not is_new:
            self._replaced.setdefault(keys.pair, stored)
        return joined

    def _noticed(self, record: PaperRecord, stored: PaperRecord | None) -> list[_Draft]:
        """The drafts of papers that a record, or what its source said before, is a notice of."""
        keys = {*_noticed_by(record), *(() if stored is None else _noticed_by(stored))}
        ids = {paper_id for key in keys for paper_id in self._by_key.get(key, ())}
        return [self._draft(one) for one in sorted(ids)]

    def _settle_noticed(self, drafts: Sequence[_Draft]) -> bool:
        """Let papers have what notices of them say; whether that changes one."""
        changed = False
        for draft in drafts:
            if self._drafts.get(draft.paper_id) is draft:  # and not part of another by now
                before = draft.facts
                self._settle(draft, counted=False)
                changed |= draft.facts != before
        return changed

    def _notices_of(self, draft: _Draft) -> list[Notice]:
        """What other papers say, as notices, of a paper."""
        if not self._has_notices:
            return []
        ids = dict.fromkeys(key for keys in draft.keys.values() for key in keys)
        return [
            one.notice
            for scheme, value in ids
            for paper_id in sorted(self._by_key.get((NOTICE_OF + scheme, value), ()))
            if paper_id != draft.paper_id
            for record in self._known[paper_id].records
            for one in record.notices_of
            if (one.paper.scheme, one.paper.value) == (scheme, value)
        ]

    def _decision(self, keys: RecordKeys) -> Decision:
        """Which paper a record of these keys describes; where others move, with all that they may move to."""
        looked_up = (*keys.shared, *older_keys(keys.record)) if self._has_older else keys.shared
        candidates = {paper_id for key in looked_up for paper_id in self._by_key.get(key, ())}
        for pair in (keys.pair, *self._ruled_one.get(keys.pair, ())):
            if pair in self._by_source:
                candidates.add(self._by_source[pair])
        if not candidates:
            return New()
        while True:
            decision = decide(keys, [self._known[one] for one in candidates], self._rulings)
            near = self._near(candidates) if isinstance(decision, Rearranged) else candidates
            if near <= candidates:
                return decision
            candidates |= near

    def _near(self, ids: Collection[int]) -> set[int]:
        """The papers that share a key with one of these."""
        keys = {
            (scheme, value)
            for one in ids
            for scheme, values in self._known[one].keys.items()
            for value in values
        }
        self._load(papers_with_keys(self._session, keys))
        return {paper_id for key in keys for paper_id in self._by_key[key]}

    def _joined(self, decision: Joins | Rearranged, keys: RecordKeys) -> Joined | None:
        """Which known paper a record joins."""
        paper_id = decision.paper_id if isinstance(decision, Joins) else decision.parts[0].paper_id
        if paper_id is None:
            return None
        known = self._known[paper_id]
        return Joined(known.title, next((key for key in keys.shared if known.has(*key)), None))

    def _arrange(self, decision: Joins | New | Rearranged, keys: RecordKeys) -> _Draft:
        """Draft what a decision changes, but for the record itself; the paper that is to have it."""
        match decision:
            case New():
                draft = self._draft(None)
            case Joins(paper_id, same):
                draft = self._draft(paper_id)
                for one in same:
                    self._unite(draft, one)
            case Rearranged(parts):
                draft = self.rearrange(parts, keys.pair)[0]
        if (holder := self._holder(keys.pair)) is not None and holder is not draft:
            self._take_out(holder, keys.pair)
            self._settle(holder, counted=False)
        return draft

    def regroup(
        self, ids: set[int], before: Sequence[frozenset[Pair]], keeping: AbstractSet[Pair] = frozenset()
    ) -> None:
        """Let the records of papers be those papers that all that is known makes of them.

        Args:
            ids: The papers.
            before: Which of their records are one paper unless something speaks against it.
            keeping: Records with which a paper keeps its id.

        """
        self._rulings = paper_rulings(self._session)
        self._load(ids)
        papers = [self._known[one] for one in sorted(ids | self._near(ids))]
        keyed = [RecordKeys.of(one) for paper in papers for one in paper.records]
        others = [paper.pairs for paper in papers if paper.paper_id not in ids]
        parts = arranged(groups(keyed, [*before, *others], self._rulings), papers, keeping)
        pairs = {paper.paper_id: paper.pairs for paper in papers}
        self.rearrange(
            [part for part in parts if part.paper_id is None or part.records != pairs[part.paper_id]]
        )

    def rearrange(self, parts: Sequence[Part], but: Pair | None = None) -> list[_Draft]:
        """Let records belong to these papers, except for one; the drafts of these."""
        drafts = [self._draft(part.paper_id) for part in parts]
        for part, draft in zip(parts, drafts, strict=True):
            for one in part.same:
                self._unite(draft, one)
        for part, draft in zip(parts, drafts, strict=True):
            for pair in sorted(part.records - draft.records.keys() - {but}):
                holder = self._holder(pair)
                if holder is None:
                    continue
                draft.records[pair], draft.keys[pair] = holder.records[pair], holder.keys[pair]
                draft.origin = holder.origin or holder.paper_id
                self._take_out(holder, pair)
        for draft in drafts if but is None else drafts[1:]:
            self._settle(draft, counted=False)
        return drafts

    def _holder(self, pair: Pair) -> _Draft | None:
        """The draft of the paper that has this record; None where none has."""
        paper_id = self._by_source.get(pair)
        if paper_id is None:
            return None
        return self._draft(self._merged.get(paper_id, paper_id))

    def _take_out(self, draft: _Draft, pair: Pair) -> None:
        del draft.records[pair], draft.keys[pair], self._by_source[pair]

    def _new(self, record: PaperRecord, digest: str, stored: PaperRecord) -> tuple[PaperRecord, str] | None:
        """What a record says newly, and its digest; None where all of it is stored."""
        if version_of(record) < version_of(stored):
            return None
        if self._run.keep_inferred and _differ_in_inferred_year_only(stored, record):
            record = record.model_copy(update={"published": stored.published})
            digest = digest_of(record.model_dump_json(exclude_defaults=True).encode())
        # The digest stays that of what the source says, so that the same again is known as such.
        kept = _with_older_titles(with_earlier_notices(record, stored), stored)
        return None if kept == stored else (kept, digest)

    def adopt(self, seen: set[int]) -> set[int]:
        """Papers of cut-off imports that are taken over; they count as added, since now they become new."""
        ids = {self._merged.get(paper_id, paper_id) for paper_id in seen} | {
            draft.paper_id for draft in self._drafts.values() if not draft.is_new
        }
        adopted = added_by(self._session, ids, self._run.cut_off)
        updated = len(adopted & self._updated)
        self._counts.added += len(adopted)
        self._counts.updated -= updated
        self._counts.unchanged -= len(adopted) - updated
        return adopted

    def new_papers(self) -> dict[int, MergedPaper]:
        """The papers that the records add."""
        return {one.paper_id: one.facts for one in self._drafts.values() if one.is_new and one.facts}

    def changed_papers(self) -> dict[int, MergedPaper]:
        """The papers of the corpus that the records change."""
        return {
            one.paper_id: one.facts
            for one in self._drafts.values()
            if not one.is_new and one.facts and one.facts != one.facts_before
        }

    def write(self, people: People) -> None:
        """Write everything that was drafted."""
        session = self._session
        new, changed = self.new_papers(), self.changed_papers()
        if new or changed or self._merged:
            revision = take_revision(session, self._run.clock())
            write_papers(session, new, changed, imports=self._imports(), revision=revision)
            merge_papers(session, self._merged, revision)
            copy_deliveries(session, self._origins())
            self._write_people(people, new, changed)
        self._write_sources()
        added: list[tuple[str, str, int]] = []
        gone: list[tuple[str, str, int]] = []
        for draft in self._drafts.values():
            keys = {key for shared in draft.keys.values() for key in shared}
            added += [(*key, draft.paper_id) for key in keys - draft.keys_before]
            gone += [(*key, draft.paper_id) for key in draft.keys_before - keys]
        write_keys(session, added, gone)

    def _write_sources(self) -> None:
        """Write what is said newly, and anew what is kept beside a paper that changed."""
        codec = RecordCodec(self._session)
        added: list[PaperSourceRow] = []
        changed: list[PaperSourceRow] = []
        rewritten: dict[Pair, tuple[int, bytes]] = {}
        for draft in self._drafts.values():
            facts = draft.facts
            if facts is None:
                continue
            is_other = draft.is_new or facts != draft.facts_before
            for pair, record in draft.records.items():
                said = self._said.get(pair)
                if said is not None:
                    new = codec.encode(record, facts)
                    row = PaperSourceRow(
                        *pair, draft.paper_id, new, said.digest, said.read_on, said.import_id
                    )
                    (added if said.is_new else changed).append(row)
                elif is_other or self._stored_in[pair] != draft.paper_id:
                    rewritten[pair] = draft.paper_id, codec.encode(record, facts)
        self._keep_replaced()
        write_sources(self._session, added, changed, rewritten)
        bring_back(self._session, {(row.source, row.source_key): row.paper_id for row in added})

    def _keep_replaced(self) -> None:
        """Keep what this import replaces, so that it can be taken back."""
        known = said_by(self._session, self._replaced)
        write_replaced(
            self._session,
            [
                ReplacedRow(
                    self._run.import_id,
                    *pair,
                    packed(self._replaced[pair].model_dump_json(exclude_defaults=True).encode()),
                    row.digest,
                    row.read_on,
                    row.import_id,
                )
                for pair, row in known.items()
                if row.import_id != self._run.import_id
            ],
        )

    def take_back(
        self, ids: Collection[int], gone: AbstractSet[Pair], restored: Mapping[Pair, ReplacedRow]
    ) -> None:
        """Take records away from papers, restore earlier ones, and see what is one paper then.

        A paper without any record is left to whoever removes it.
        """
        self._has_notices = self._run.has_notices(self._session)
        self._load(set(ids))
        noticed: list[_Draft] = []
        left: set[int] = set()
        for paper_id in ids:
            draft = self._draft(paper_id)
            for pair in draft.records.keys() & (gone | restored.keys()):
                noticed += self._noticed(draft.records[pair], None) if self._has_notices else []
                if (row := restored.get(pair)) is None:
                    self._take_out(draft, pair)
                    continue
                record = row.restored()
                draft.records[pair], draft.keys[pair] = record, stored_keys(record)
                self._said[pair] = _Said(row.digest, False, row.read_on, row.said_by)
            if draft.records:
                self._settle(draft, counted=False)
                left.add(paper_id)
            else:
                self._forget(paper_id)
        self._settle_noticed(noticed)
        self.regroup(left, [])

    def _forget(self, paper_id: int) -> None:
        """Know a paper no longer."""
        del self._drafts[paper_id], self._known[paper_id]
        for papers in self._by_key.values():
            papers.discard(paper_id)

    def _origins(self) -> dict[int, int]:
        """New papers whose records were all another one's, and which."""
        return {
            one.paper_id: self._merged.get(one.origin, one.origin)
            for one in self._drafts.values()
            if one.is_new and one.origin is not None and not self._has_own_rows(one)
        }

    def _imports(self) -> dict[int, int]:
        """The imports of new papers: of this one, but for those whose records were another paper's."""
        origins = self._origins()
        known = imports_of(self._session, set(origins.values()))
        return {
            one.paper_id: known.get(origins.get(one.paper_id, 0), self._run.import_id)
            for one in self._drafts.values()
            if one.is_new
        }

    def _has_own_rows(self, draft: _Draft) -> bool:
        """Whether an entry of this import is new in a paper."""
        return any((said := self._said.get(pair)) is not None and said.is_new for pair in draft.records)

    def _write_people(
        self, people: People, new: dict[int, MergedPaper], changed: dict[int, MergedPaper]
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

        def places(some: dict[int, MergedPaper]) -> dict[int, list[int]]:
            return {
                paper_id: [people.entry(one) for one in facts.authors] for paper_id, facts in some.items()
            }

        write_places(self._session, places(new), places(changed))
        write_affiliations(
            self._session, {paper_id: one.affiliations for paper_id, one in facts.items()}, changed
        )
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
            records = {(one.source, one.source_key): one for one in self._known[paper_id].records}
            keys = {source_key: stored_keys(record) for source_key, record in records.items()}
            stored = {(scheme, one) for scheme, all_ in self._known[paper_id].keys.items() for one in all_}
            draft = _Draft(paper_id, False, records, keys, stored, None, None)
            # An earlier version may have merged these in another way: what it wrote is what changes.
            facts = merge(list(records.values()), self._notices_of(draft))
            if (row := self._facts.get(paper_id)) is not None:
                facts = as_stored(facts, row)
            draft.facts_before = draft.facts = facts
        self._drafts[paper_id] = draft
        return draft

    def _unite(self, draft: _Draft, paper_id: int) -> None:
        """Make a later paper one with this; its id is free, and given back if somebody undoes that."""
        same = self._draft(paper_id)
        self._forget(paper_id)
        draft.records |= same.records
        draft.keys |= same.keys
        if same.is_new:  # of this batch: nobody knows it
            self._counts.added -= 1
            self._counts.updated += 1
            self._counts.joined += 1
        self._merged = {
            one: draft.paper_id if into == paper_id else into for one, into in self._merged.items()
        }
        self._merged[paper_id] = draft.paper_id

    def _settle(self, draft: _Draft, *, counted: bool = True) -> None:
        """Work out what follows from the records of a paper, and count what happened."""
        facts = merge(list(draft.records.values()), self._notices_of(draft))
        if not counted:
            pass
        elif draft.facts is None:
            self._counts.added += 1
        elif facts != draft.facts:
            self._counts.updated += 1
            self._updated.add(draft.paper_id)
        else:
            self._counts.unchanged += 1
        draft.facts = facts
        keys: defaultdict[str, set[str]] = defaultdict(set)
        for shared in draft.keys.values():
            for scheme, value in shared:
                keys[scheme].add(value)
        lead = facts.authors[0].name if facts.authors else None
        self._remember(KnownPaper.of(draft.paper_id, facts.title, lead, keys, draft.records.values()))

    def _fitted(self, record: PaperRecord) -> PaperRecord:
        """A record of a source without ids of its own, beside what that source said before.

        Where its id is another paper's it gets one of its own; names that were written out stay so.
        """
        before = self._stored(record)
        if before is None or (key := own_key(record)) is None:
            return record
        if not may_have_one_id(record, before):
            record = record.model_copy(update={"source_key": key})
            before = self._stored(record)
        return record if before is None else with_richer_names(record, before)

    def _stored(self, record: PaperRecord) -> PaperRecord | None:
        """What its source said last under the id of a record."""
        pair = (record.source, record.source_key)
        paper_id = self._by_source.get(pair)
        if paper_id is None:
            return None
        records = self._known[paper_id].records
        return next(one for one in records if (one.source, one.source_key) == pair)

    def _remember(self, known: KnownPaper) -> None:
        self._known[known.paper_id] = known
        for source, values in known.source_keys.items():
            for value in values:
                self._by_source[source, value] = known.paper_id
        for scheme, values in known.keys.items():
            for value in values:
                self._by_key[scheme, value].add(known.paper_id)


def _ruled_one(rulings: Rulings) -> Mapping[Pair, AbstractSet[Pair]]:
    found: defaultdict[Pair, set[Pair]] = defaultdict(set)
    for pairs, are_one in rulings.items():
        for pair in pairs if are_one else ():
            found[pair] |= pairs - {pair}
    return found


def _differ_in_inferred_year_only(stored: PaperRecord, record: PaperRecord) -> bool:
    return (
        stored.published_inferred
        and record.published_inferred
        and (stored.published or "")[4:] == (record.published or "")[4:]
    )


def _with_older_titles(record: PaperRecord, stored: PaperRecord) -> PaperRecord:
    """The record, with what its source called the paper before."""
    older = [one for one in stored.other_titles if one.kind is TitleKind.OLDER]
    if record.title == stored.title and not older:
        return record
    known = [(one.kind, one.title) for one in (*record.other_titles, *older)]
    titles = titles_beside(record.title, [*known, (TitleKind.OLDER, stored.title)])
    return record if titles == record.other_titles else record.model_copy(update={"other_titles": titles})


def _noticed_by(record: PaperRecord) -> Iterable[Pair]:
    """The keys of papers that a record is a notice of."""
    return ((one.paper.scheme, one.paper.value) for one in record.notices_of)


class Comparison(NamedTuple):
    """Entries compared with the records that the corpus has of their source keys."""

    fresh: list[Entry]
    """New or changed."""
    same: dict[Pair, int]
    """The papers of those that are stored as they are."""
    stale: list[Pair]
    """Of these, the ones whose day of reading is older than that of this import."""


def compare(session: Session, entries: Sequence[Entry], read_on: dt.date | None) -> Comparison:
    """Compare entries with what is stored; `read_on` is None where the day of reading is unknown."""
    stored = stored_digests(session, [(entry.source, entry.source_key) for entry in entries])
    fresh: list[Entry] = []
    same: dict[Pair, int] = {}
    for entry in entries:
        key = (entry.source, entry.source_key)
        known = stored.get(key)
        if known is not None and known.digest == entry.digest:
            same[key] = known.paper_id
        else:
            fresh.append(entry)
    stale = read_before(session, same, read_on) if read_on is not None else []
    return Comparison(fresh, same, stale)


def write_batch(run: ImportRun, entries: Sequence[Entry]) -> bool:
    """Write entries in one transaction of an import; whether a paper was added or updated.

    Of one source and source key there is at most one entry.
    """
    with run.store.reading() as session:
        fresh, same, stale = compare(session, entries, run.read_on)
    run.counts.unchanged += len(same)
    run.repeated += [
        hash_of(one.source, one.source_key, one.digest)
        for one in entries
        if (one.source, one.source_key) in same
    ]
    if not fresh and not (run.cut_off and same) and not stale:
        run.touch_if_due()
        return False
    records = [PaperRecord.model_validate_json(entry.json) for entry in fresh]
    keyed = [RecordKeys.of(record) for record in records]
    before = replace(run.counts)
    with run.writing() as session:
        lock_corpus(session)
        batch = Batch(run, session, new_ids(session, Paper, len(keyed)))
        batch.load(keyed)
        for entry, record, record_keys in zip(fresh, records, keyed, strict=True):
            batch.take(entry, record, record_keys)
        if run.cut_off:
            adopt_papers(session, batch.adopt(set(same.values())), run.import_id)
            adopt_records(session, same.values(), run.cut_off, run.import_id)
        batch.write(run.people)
        mark_read(session, stale, run.read_on)
        run.touch(session)
    return (before.added, before.updated) != (run.counts.added, run.counts.updated)
