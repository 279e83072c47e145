"""One transaction of an import: which papers its records describe, and what they change of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
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
from bot.store.corrections import paper_rulings
from bot.store.imports_undone import ReplacedRow
from bot.store.paper_sources import papers_with_keys, stored_digests, stored_papers
from bot.store.papers import added_by, as_stored


@dataclass(slots=True)
class Draft:
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


class Said(NamedTuple):
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
    """One transaction: the papers that its records may describe, and the drafts of those that change.

    It writes nothing: ingest/writer.py does.
    """

    def __init__(self, run: ImportRun, session: Session, new_ids: Iterator[int]) -> None:
        self.run = run
        self.session = session
        self._counts = run.counts
        self._new_ids = new_ids
        self._known: dict[int, KnownPaper] = {}
        self._has_older = False
        """Whether papers have keys that earlier versions made of their titles."""
        self._facts: dict[int, Mapping[str, Any]] = {}
        """What is stored of the known papers."""
        self.stored_in: dict[Pair, int] = {}
        """The papers of their records."""
        self._by_source: dict[Pair, int] = {}
        self._by_key: defaultdict[Pair, set[int]] = defaultdict(set)
        self.drafts: dict[int, Draft] = {}
        self.said: dict[Pair, Said] = {}
        """What this import says newly."""
        self.replaced: dict[Pair, PaperRecord] = {}
        """What was stored in its place."""
        self._updated: set[int] = set()
        self.merged: dict[int, int] = {}
        """Papers that are merged into another one, and which."""
        self._rulings: Rulings = {}
        self._ruled_one: Mapping[Pair, AbstractSet[Pair]] = {}
        """For a record those of which people said that they are one paper with it."""
        self._has_notices = False
        """Whether papers are notices of others' retraction or correction."""

    def load(self, keyed: Sequence[RecordKeys]) -> None:
        """Load the papers that records of these keys may describe, unless they are loaded."""
        session = self.session
        self._rulings = paper_rulings(session)
        self._ruled_one = _ruled_one(self._rulings)
        shared = {key for one in keyed for key in one.shared}
        self._has_older = self.run.has_older_keys(session)
        if self._has_older:
            shared.update(key for one in keyed for key in older_keys(one.record))
        if noticed := {key for one in keyed for key in _noticed_by(one.record)}:
            self.run.knows_notices()
            shared |= noticed
        self._has_notices = self.run.has_notices(session)
        if self._has_notices:
            shared.update((NOTICE_OF + scheme, value) for one in keyed for scheme, value in one.ids)
        pairs = [(one.source, one.source_key) for one in keyed]
        pairs += [(one.source, key) for one in keyed if (key := own_key(one.record)) is not None]
        pairs += [ruled for one in keyed for ruled in self._ruled_one.get(one.pair, ())]
        own = stored_digests(session, pairs)
        self._load({row.paper_id for row in own.values()} | papers_with_keys(session, shared))

    def _load(self, ids: AbstractSet[int]) -> None:
        """Load these papers, unless they are."""
        missing = ids - self._known.keys() - self.merged.keys()
        found: list[KnownPaper] = []
        for known, facts in stored_papers(self.session, missing):
            found.append(known)
            self._facts[known.paper_id] = facts
            self.stored_in.update(dict.fromkeys(known.pairs, known.paper_id))
            self._remember(known)
        if self._has_notices and found:
            keys = {(NOTICE_OF + scheme, value) for one in found for scheme, value in one.ids}
            keys.update(key for one in found for record in one.records for key in _noticed_by(record))
            self._load(papers_with_keys(self.session, keys))

    def take(self, entry: Entry, record: PaperRecord, keys: RecordKeys) -> Joined | None:
        """Decide which paper a record describes, and draft what it changes; which paper it joined."""
        fitted = self._fitted(record)
        if fitted is not record:
            record, keys = fitted, RecordKeys.of(fitted)
        decision = self._decision(keys)
        if isinstance(decision, Contradiction):
            self.run.reject(entry, decision.reason)
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
        self._settle(draft, keyed=[keys] if record is keys.record else [])
        changes_others = self._settle_noticed(noticed) or isinstance(decision, Rearranged)
        if changes_others and self._counts.unchanged > unchanged:
            self._counts.unchanged -= 1
            self._counts.updated += 1
        if stored is None and self._counts.added == added and self._counts.unchanged == unchanged:
            self._counts.joined += 1
        is_new = keys.pair not in self.stored_in
        self.said[keys.pair] = Said(digest, is_new, self.run.read_on, self.run.import_id)
        if stored is not None and not is_new:
            self.replaced.setdefault(keys.pair, stored)
        return joined

    def _noticed(self, record: PaperRecord, stored: PaperRecord | None) -> list[Draft]:
        """The drafts of papers that a record, or what its source said before, is a notice of."""
        keys = {*_noticed_by(record), *(() if stored is None else _noticed_by(stored))}
        ids = {paper_id for key in keys for paper_id in self._by_key.get(key, ())}
        return [self._draft(one) for one in sorted(ids)]

    def _settle_noticed(self, drafts: Sequence[Draft]) -> bool:
        """Let papers have what notices of them say; whether that changes one."""
        changed = False
        for draft in drafts:
            if self.drafts.get(draft.paper_id) is draft:  # and not part of another by now
                before = draft.facts
                self._settle(draft, counted=False)
                changed |= draft.facts != before
        return changed

    def _notices_of(self, draft: Draft) -> list[Notice]:
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
        self._load(papers_with_keys(self.session, keys))
        return {paper_id for key in keys for paper_id in self._by_key[key]}

    def _joined(self, decision: Joins | Rearranged, keys: RecordKeys) -> Joined | None:
        """Which known paper a record joins."""
        paper_id = decision.paper_id if isinstance(decision, Joins) else decision.parts[0].paper_id
        if paper_id is None:
            return None
        known = self._known[paper_id]
        return Joined(known.title, next((key for key in keys.shared if known.has(*key)), None))

    def _arrange(self, decision: Joins | New | Rearranged, keys: RecordKeys) -> Draft:
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
        self._rulings = paper_rulings(self.session)
        self._load(ids)
        papers = [self._known[one] for one in sorted(ids | self._near(ids))]
        keyed = [RecordKeys.of(one) for paper in papers for one in paper.records]
        others = [paper.pairs for paper in papers if paper.paper_id not in ids]
        parts = arranged(groups(keyed, [*before, *others], self._rulings), papers, keeping)
        pairs = {paper.paper_id: paper.pairs for paper in papers}
        self.rearrange(
            [part for part in parts if part.paper_id is None or part.records != pairs[part.paper_id]]
        )

    def rearrange(self, parts: Sequence[Part], but: Pair | None = None) -> list[Draft]:
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

    def _holder(self, pair: Pair) -> Draft | None:
        """The draft of the paper that has this record; None where none has."""
        paper_id = self._by_source.get(pair)
        if paper_id is None:
            return None
        return self._draft(self.merged.get(paper_id, paper_id))

    def _take_out(self, draft: Draft, pair: Pair) -> None:
        del draft.records[pair], draft.keys[pair], self._by_source[pair]

    def _new(self, record: PaperRecord, digest: str, stored: PaperRecord) -> tuple[PaperRecord, str] | None:
        """What a record says newly, and its digest; None where all of it is stored."""
        if version_of(record) < version_of(stored):
            return None
        if self.run.keep_inferred and _differ_in_inferred_year_only(stored, record):
            record = record.model_copy(update={"published": stored.published})
            digest = digest_of(record.model_dump_json(exclude_defaults=True).encode())
        # The digest stays that of what the source says, so that the same again is known as such.
        kept = _with_older_titles(with_earlier_notices(record, stored), stored)
        return None if kept == stored else (kept, digest)

    def adopt(self, seen: set[int]) -> set[int]:
        """Papers of cut-off imports that are taken over; they count as added, since now they become new."""
        ids = {self.merged.get(paper_id, paper_id) for paper_id in seen} | {
            draft.paper_id for draft in self.drafts.values() if not draft.is_new
        }
        adopted = added_by(self.session, ids, self.run.cut_off)
        updated = len(adopted & self._updated)
        self._counts.added += len(adopted)
        self._counts.updated -= updated
        self._counts.unchanged -= len(adopted) - updated
        return adopted

    def new_papers(self) -> dict[int, MergedPaper]:
        """The papers that the records add."""
        return {one.paper_id: one.facts for one in self.drafts.values() if one.is_new and one.facts}

    def changed_papers(self) -> dict[int, MergedPaper]:
        """The papers of the corpus that the records change."""
        return {
            one.paper_id: one.facts
            for one in self.drafts.values()
            if not one.is_new and one.facts and one.facts != one.facts_before
        }

    def take_back(
        self, ids: Collection[int], gone: AbstractSet[Pair], restored: Mapping[Pair, ReplacedRow]
    ) -> None:
        """Take records away from papers, restore earlier ones, and see what is one paper then.

        A paper without any record is left to whoever removes it.
        """
        self._has_notices = self.run.has_notices(self.session)
        self._load(set(ids))
        noticed: list[Draft] = []
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
                self.said[pair] = Said(row.digest, False, row.read_on, row.said_by)
            if draft.records:
                self._settle(draft, counted=False)
                left.add(paper_id)
            else:
                self._forget(paper_id)
        self._settle_noticed(noticed)
        self.regroup(left, [])

    def _forget(self, paper_id: int) -> None:
        """Know a paper no longer."""
        del self.drafts[paper_id], self._known[paper_id]
        for papers in self._by_key.values():
            papers.discard(paper_id)

    def _draft(self, paper_id: int | None) -> Draft:
        if paper_id is None:
            paper_id = next(self._new_ids)
            draft = Draft(paper_id, True, {}, {}, set(), None, None)
        elif paper_id in self.drafts:
            return self.drafts[paper_id]
        else:
            records = {(one.source, one.source_key): one for one in self._known[paper_id].records}
            keys = {source_key: stored_keys(record) for source_key, record in records.items()}
            stored = {(scheme, one) for scheme, all_ in self._known[paper_id].keys.items() for one in all_}
            draft = Draft(paper_id, False, records, keys, stored, None, None)
            # An earlier version may have merged these in another way: what it wrote is what changes.
            facts = merge(list(records.values()), self._notices_of(draft))
            if (row := self._facts.get(paper_id)) is not None:
                facts = as_stored(facts, row)
            draft.facts_before = draft.facts = facts
        self.drafts[paper_id] = draft
        return draft

    def _unite(self, draft: Draft, paper_id: int) -> None:
        """Make a later paper one with this; its id is free, and given back if somebody undoes that."""
        same = self._draft(paper_id)
        self._forget(paper_id)
        draft.records |= same.records
        draft.keys |= same.keys
        if same.is_new:  # of this batch: nobody knows it
            self._counts.added -= 1
            self._counts.updated += 1
            self._counts.joined += 1
        self.merged = {one: draft.paper_id if into == paper_id else into for one, into in self.merged.items()}
        self.merged[paper_id] = draft.paper_id

    def _settle(self, draft: Draft, *, counted: bool = True, keyed: Sequence[RecordKeys] = ()) -> None:
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
        records = draft.records.values()
        self._remember(KnownPaper.of(draft.paper_id, facts.title, lead, keys, records, keyed))

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
