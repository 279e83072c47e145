"""The rows of a batch: what its records change is written in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from sqlmodel import Session

from bot.corpus.events import EventKind, events_between
from bot.corpus.identity import Pair, RecordKeys
from bot.corpus.merge import MergedPaper
from bot.corpus.paper import CitedWork, Mention, PaperRecord
from bot.ingest.batch import Batch, Draft
from bot.ingest.import_run import ImportRun
from bot.ingest.spool import Entry
from bot.store.affiliations import write_affiliations
from bot.store.authorship import People, write_attributions, write_places
from bot.store.bulk import new_ids
from bot.store.citations import Reading, write_counts, write_references
from bot.store.events import write_events
from bot.store.imports import days_of_imports, lock_corpus, take_revision
from bot.store.imports_undone import (
    ReplacedRow,
    SaidRow,
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
    read_before,
    stored_digests,
    write_keys,
    write_sources,
)
from bot.store.papers import (
    adopt_papers,
    copy_deliveries,
    imports_of,
    merge_papers,
    papers_of,
    write_papers,
)
from bot.store.records import RecordCodec, packed
from bot.store.votes import mark_merged


def write_drafts(batch: Batch, people: People, *, with_events: bool = False) -> None:
    """Write everything that was drafted.

    Args:
        batch: The drafts.
        people: Those of earlier batches.
        with_events: Whether channels may hear of what became of papers: not where people correct something.

    """
    session = batch.session
    new, changed = batch.new_papers(), batch.changed_papers()
    if new or changed or batch.merged:
        revision = take_revision(session, batch.run.clock())
        write_papers(session, new, changed, imports=_imports(batch), revision=revision)
        merge_papers(session, batch.merged, revision)
        mark_merged(session, set(batch.merged.values()))
        copy_deliveries(session, _origins(batch))
        _write_people(batch, people, new, changed)
        if with_events:
            write_events(session, _events(batch, changed), revision)
    _write_sources(batch)
    added: list[tuple[str, str, int]] = []
    gone: list[tuple[str, str, int]] = []
    for draft in batch.drafts.values():
        keys = {key for shared in draft.keys.values() for key in shared}
        added += [(*key, draft.paper_id) for key in keys - draft.keys_before]
        gone += [(*key, draft.paper_id) for key in draft.keys_before - keys]
    write_keys(session, added, gone)


def _events(batch: Batch, changed: Mapping[int, MergedPaper]) -> dict[int, tuple[EventKind, ...]]:
    """What became of papers of the corpus that the records change."""
    before = {paper_id: batch.drafts[paper_id].facts_before for paper_id in changed}
    return {
        paper_id: events_between(earlier, changed[paper_id])
        for paper_id, earlier in before.items()
        if earlier is not None
    }


def _write_sources(batch: Batch) -> None:
    """Write what is said newly, and anew what is kept beside a paper that changed."""
    codec = RecordCodec(batch.session)
    added: list[PaperSourceRow] = []
    changed: list[PaperSourceRow] = []
    rewritten: dict[Pair, tuple[int, bytes]] = {}
    for draft in batch.drafts.values():
        facts = draft.facts
        if facts is None:
            continue
        is_other = draft.is_new or facts != draft.facts_before
        for pair, record in draft.records.items():
            said = batch.said.get(pair)
            if said is not None:
                new = codec.encode(record, facts)
                row = PaperSourceRow(*pair, draft.paper_id, new, said.digest, said.read_on, said.import_id)
                (added if said.is_new else changed).append(row)
            elif is_other or batch.stored_in[pair] != draft.paper_id:
                rewritten[pair] = draft.paper_id, codec.encode(record, facts)
    _keep_replaced(batch)
    write_sources(batch.session, added, changed, rewritten)
    bring_back(batch.session, {(row.source, row.source_key): row.paper_id for row in added})


def _keep_replaced(batch: Batch) -> None:
    """Keep what this import replaces, so that it can be taken back."""
    known = said_by(batch.session, batch.replaced)
    write_replaced(
        batch.session,
        [
            ReplacedRow(
                batch.run.import_id,
                *pair,
                packed(batch.replaced[pair].model_dump_json(exclude_defaults=True).encode()),
                row.digest,
                row.read_on,
                row.import_id,
            )
            for pair, row in known.items()
            if row.import_id != batch.run.import_id
        ],
    )
    _keep_counts(batch, known)


def _keep_counts(batch: Batch, known: Mapping[Pair, SaidRow]) -> None:
    """Keep how citations grew: what sources say newly, and what they said on an earlier day.

    Of a file whose day is unknown, it is the day on which it was imported.
    """
    grown = {
        pair: draft
        for draft in batch.drafts.values()
        for pair in draft.records.keys() & known.keys()
        if draft.records[pair].citations not in {None, batch.replaced[pair].citations}
    }
    if not grown:
        return
    imports = {number for pair in grown if (number := known[pair].import_id) is not None}
    began = days_of_imports(batch.session, imports)
    changes: dict[tuple[int, str], tuple[Reading | None, Reading]] = {}
    for pair, draft in grown.items():
        row, earlier, now = known[pair], batch.replaced[pair].citations, draft.records[pair].citations
        day = row.read_on or began.get(row.import_id or 0)
        before = (day, earlier) if day is not None and earlier is not None else None
        today = batch.said[pair].read_on or batch.run.clock().date()
        changes[draft.paper_id, pair[0]] = before, (today, now or 0)
    write_counts(batch.session, changes)


def _origins(batch: Batch) -> dict[int, int]:
    """New papers whose records were all another one's, and which."""
    return {
        one.paper_id: batch.merged.get(one.origin, one.origin)
        for one in batch.drafts.values()
        if one.is_new and one.origin is not None and not _has_own_rows(batch, one)
    }


def _imports(batch: Batch) -> dict[int, int]:
    """The imports of new papers: of this one, but for those whose records were another paper's."""
    origins = _origins(batch)
    known = imports_of(batch.session, set(origins.values()))
    return {
        one.paper_id: known.get(origins.get(one.paper_id, 0), batch.run.import_id)
        for one in batch.drafts.values()
        if one.is_new
    }


def _has_own_rows(batch: Batch, draft: Draft) -> bool:
    """Whether an entry of this import is new in a paper."""
    return any((said := batch.said.get(pair)) is not None and said.is_new for pair in draft.records)


def _people_of(paper: MergedPaper) -> Sequence[Mention]:
    """The people whom it names, and those on whose pages it stands."""
    return (*paper.authors, *(person for _, person in paper.attributed_to))


def _write_people(
    batch: Batch, people: People, new: dict[int, MergedPaper], changed: dict[int, MergedPaper]
) -> None:
    facts = new | changed
    people.resolve(
        batch.session,
        chain.from_iterable(map(_people_of, facts.values())),
    )

    def places(some: dict[int, MergedPaper]) -> dict[int, list[int]]:
        return {paper_id: people.entries(facts.authors) for paper_id, facts in some.items()}

    write_places(batch.session, places(new), places(changed))
    write_affiliations(
        batch.session, {paper_id: one.affiliations for paper_id, one in facts.items()}, changed
    )
    write_attributions(
        batch.session,
        {
            paper_id: {(people.entry(person), source) for source, person in one.attributed_to}
            for paper_id, one in facts.items()
            if one.attributed_to or paper_id in changed
        },
    )


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


def write_batch(
    run: ImportRun,
    entries: Sequence[Entry],
    write_last: Callable[[Session], None] | None = None,
    *,
    compared: Comparison | None = None,
) -> bool:
    """Write entries in one transaction of an import; whether a paper was added or updated.

    Args:
        run: The import.
        entries: Of one source and source key there is at most one.
        write_last: Writes in the same transaction, also where nothing else is written.
        compared: How they compare with what is stored, where that is known.

    """
    if compared is None:
        with run.store.reading() as session:
            compared = compare(session, entries, run.read_on)
    fresh, same, stale = compared
    run.counts.unchanged += len(same)
    run.repeated += [
        hash_of(one.source, one.source_key, one.digest)
        for one in entries
        if (one.source, one.source_key) in same
    ]
    is_citing = any(one.cited for one in entries)
    if not fresh and not (run.cut_off and same) and not stale and not is_citing and write_last is None:
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
        write_drafts(batch, run.people, with_events=True)
        mark_read(session, stale, run.read_on)
        write_cited(session, entries)
        if write_last is None:
            run.touch(session)
        else:
            write_last(session)
    return (before.added, before.updated) != (run.counts.added, run.counts.updated)


def adopt_rest(run: ImportRun, session: Session) -> None:
    """Take over what cut-off imports added and this one did not see again; it counts as added, too."""
    ids = papers_of(session, run.cut_off)
    adopt_papers(session, ids, run.import_id)
    adopt_records(session, ids, run.cut_off, run.import_id)
    run.counts.added += len(ids)


def write_cited(session: Session, entries: Iterable[Entry]) -> None:
    """Keep what papers cite, as those entries say that say it."""
    saying = {(one.source, one.source_key): one for one in entries if one.cited}
    references: dict[str, dict[int, Sequence[CitedWork]]] = {}
    for (source, key), row in stored_digests(session, saying).items():
        references.setdefault(source, {})[row.paper_id] = saying[source, key].references
    for source, of_papers in references.items():
        write_references(session, source, of_papers)
