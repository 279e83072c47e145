"""Groups the mentions of the corpus into people: all of them, or those of papers that came since."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlmodel import Session

from bot.app import App
from bot.authors.mention_collection import MentionCollection, MentionPart
from bot.authors.mentions import Mentions, Selection
from bot.corpus.names import name_key
from bot.disambiguation.collection_counts import CollectionCounts
from bot.disambiguation.evidence import Evidence
from bot.disambiguation.name_forms import block_of, blocks_near, form_of
from bot.disambiguation.name_relations import compare_forms
from bot.disambiguation.processes import cores, grouped
from bot.errors import RefusedError
from bot.garbage import no_collection
from bot.lease import Lease, LeaseLostError
from bot.store import grouping as store
from bot.store.corrections import corrections_stamp, load_corrections
from bot.store.grouping import GroupedPerson, GroupingState, Move, NameRow
from bot.store.imports import ImportState, last_import, latest_revision, lock_corpus, state_of
from bot.store.papers import count_papers

LEASE = "grouping of people"
GROWN, GROWN_PAPERS = 1.2, 200
"""How much larger than its snapshot a corpus is grouped anew as a whole, and by how many papers at least."""
MENTIONS_AT_ONCE = 4_000
"""Mentions whose people are written in one transaction, which others wait for."""
_TRIES = 3
_FREQUENT = 0.1
"""The share of a person's papers from which on a name is one that the person may be called by."""
_MARKED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
"""Letters with marks, which a plainer spelling leaves out."""
_NUMBER = re.compile(r"\s\d{4}$")


class PeopleChangedError(Exception):
    """Somebody corrected people meanwhile: what was worked out no longer holds."""


@dataclass(slots=True)
class GroupingReport:
    """What a grouping did, or would do."""

    mentions: int = 0
    """That were looked at."""
    people: int = 0
    """Whom they are."""
    moved: int = 0
    """Mentions that are another person's than before."""
    parted: int = 0
    """New entries for people who stood under another's."""
    joined: int = 0
    """Entries that turned out to be another one, to which they lead."""
    snapshot: dt.date | None = None
    """The day of the counts of names and words by which was grouped."""
    is_whole: bool = False
    """Everybody was looked at, not only the people of new papers."""


class _Group(NamedTuple):
    """The mentions of one person, by their numbers, and the block in which they were found."""

    block: int
    mentions: Sequence[int]


@dataclass(slots=True)
class _Plan:
    """What is to be written of some groups."""

    people: dict[int, list[int]]
    """Of each entry, the numbers of the mentions of its person; negative: one that is to be made."""
    parted: dict[int, int]
    """For people to be made, the entry under which they stood."""
    leads: dict[int, int | None]
    """Entries that no person keeps, and to whom they lead; None for those that stand for a person."""


def _plan(mentions: Mentions, groups: Sequence[_Group], homes: Mapping[int, int]) -> _Plan:
    """Decide which entry each group keeps: the larger part of an entry keeps its id.

    Args:
        mentions: All that were looked at.
        groups: Some of their groups; all of the blocks to which they belong.
        homes: For each entry that may be kept, or lead elsewhere, the block in which that is decided.

    """
    placed = mentions.placed
    kept: dict[int, int] = {}
    wanted: list[tuple[int, int, int]] = []
    for number, group in enumerate(groups):
        fixed = [who for one in group.mentions if (who := mentions.named[one].fixed) is not None]
        if fixed:
            kept[number] = fixed[0]
        else:
            before = Counter(placed[one].person for one in group.mentions)
            wanted += [(-count, person, number) for person, count in before.items()]
    taken = set(kept.values())
    for _, person, number in sorted(wanted):
        if number not in kept and person not in taken and homes.get(person) == groups[number].block:
            kept[number] = person
            taken.add(person)
    plan = _Plan({}, {}, dict.fromkeys(taken))
    heirs: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for number, group in enumerate(groups):
        person = kept.get(number)
        if person is None:
            person = -1 - len(plan.parted)
            plan.parted[person] = Counter(placed[one].entry_id for one in group.mentions).most_common(1)[0][0]
        plan.people.setdefault(person, []).extend(group.mentions)
        for one in group.mentions:
            # Where its mentions are decides for a person; where there are none any more, those of the entry.
            heirs[placed[one].person][person] += 1_000_000
            heirs[placed[one].entry_id][person] += 1
    blocks = {group.block for group in groups}
    for entry, counts in heirs.items():
        if entry not in taken and homes.get(entry) in blocks:
            plan.leads[entry] = min(counts, key=lambda one: (-counts[one], one))
    return plan


def called(names: Counter[str]) -> str:
    """What a person is called who was printed under these names: the fullest of the frequent ones."""
    least = max(_FREQUENT * names.total(), 2 if names.total() > 3 else 1)
    frequent = [name for name, count in names.items() if count >= least] or list(names)

    def rank(name: str) -> tuple[object, ...]:
        given = form_of(name).given
        written = sum(len(part) > 1 for part in given)
        is_odd = "," in name or name.isupper() or name.islower()
        return (is_odd, -written, -len(given), _MARKED.search(name) is None, -names[name], name)

    return min(frequent, key=rank)


def _person(author_id: int, numbers: Sequence[int], mentions: Mentions) -> GroupedPerson:
    """A person with all names under which these mentions have them, without the numbers that sources add."""
    placed = [mentions.placed[number] for number in numbers]
    listed = [one for one in placed if one.listed] or placed
    names = Counter(_NUMBER.sub("", one.name) for one in listed)
    by_key: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, count in names.items():
        by_key[name_key(name) or name.strip()][name] += count
    rows = [
        NameRow(key, called(some), some.total(), block_of(form_of(key)))
        for key, some in sorted(by_key.items())
    ]
    return GroupedPerson(author_id, called(names), tuple(rows))


def regroup(
    app: App,
    lease: Lease | None = None,
    *,
    whole: bool = True,
    is_stopped: Callable[[], bool] = lambda: False,
    processes: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _mentions: None,
) -> GroupingReport:
    """Group the mentions of the corpus, and write it in short transactions; it goes on where it was stopped.

    No paper changes by it, so that nothing is news.

    Args:
        app: The parts to work with.
        lease: Is checked in every transaction; None for a trial that writes nothing.
        whole: Everybody; else only the mentions of papers that changed since the last time, unless the
            corpus has grown much.
        is_stopped: Asked between transactions.
        processes: How many may group at once; 0: one for each core, where the mentions are worth it.
        progress: Is given how many mentions are grouped, and of how many.

    """
    with app.store.reading() as session:
        state = store.grouping_state(session)
        revision = latest_revision(session)
        total = count_papers(session)
    if revision is None:
        return GroupingReport()
    whole = whole or state.snapshot is None or state.under_way > 0 or _has_grown(state, total)
    if not whole and state.revision >= revision.number:
        return GroupingReport()
    run = _Run(app, lease, is_stopped, state, processes, progress)
    with no_collection():
        return run.whole(revision.number) if whole else run.new_papers(revision.number)


def _has_grown(state: GroupingState, papers: int) -> bool:
    """Whether names and words are to be counted anew."""
    return papers > GROWN * state.papers and papers - state.papers >= GROWN_PAPERS


def group_everybody(
    app: App,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _mentions: None,
) -> GroupingReport:
    """Group everybody now, with the index of names up to date; with `dry_run` only say what would change.

    Many mentions are grouped on all cores. Stopped, it goes on where it was when it is run again.

    Raises:
        GroupingCutOffError: A process of it was ended from outside.
        RefusedError: another process is grouping, or somebody corrects people all the while.

    """
    if dry_run:
        return regroup(app, processes=0, progress=progress)
    with Lease(app, LEASE) as lease:
        for _ in range(_TRIES):
            try:
                if not lease.is_held:
                    break
                report = regroup(app, lease, processes=0, progress=progress)
            except LeaseLostError:
                break
            except PeopleChangedError:
                continue
            app.index.names.catch_up(app.store)
            return report
    raise RefusedError("People are being grouped or corrected by somebody else now; try again in a minute.")


def is_grouped(app: App) -> bool:
    """Whether every paper's people are grouped, or an import is running whose end comes first."""
    with app.store.reading() as session:
        importing = last_import(session)
        if importing is not None and state_of(importing, app.clock()) is ImportState.RUNNING:
            return True
        state, revision = store.grouping_state(session), latest_revision(session)
        return revision is None or (state.revision >= revision.number and not state.under_way)


class _Run:
    """One grouping."""

    def __init__(
        self,
        app: App,
        lease: Lease | None,
        is_stopped: Callable[[], bool],
        state: GroupingState,
        processes: int,
        progress: Callable[[int, int], None],
    ) -> None:
        self._processes = processes
        self._progress = progress
        self._app = app
        self._lease = lease
        self._is_stopped = is_stopped
        self._state = state
        self._corrected = 0
        self.report = GroupingReport()

    def whole(self, revision: int) -> GroupingReport:
        """Group everybody."""
        self.report.is_whole = True
        with self._app.store.reading() as session:
            self._corrected = corrections_stamp(session)
            mentions = MentionCollection(load_corrections(session), Selection())
            mentions.read(session, store.all_papers(session))
        self._group(mentions, self._counts(mentions, revision), revision, None)
        return self.report

    def new_papers(self, revision: int) -> GroupingReport:
        """Group the mentions of papers that changed since the last time, among the people who are known."""
        with self._app.store.reading() as session:
            self._corrected = corrections_stamp(session)
            new = frozenset(store.papers_changed_after(session, self._state.revision))
            mentions = MentionCollection(load_corrections(session), Selection(new))
            mentions.read(session, new)
            entries = _new_entries(session, mentions.people)
            meant = _perhaps_meant(session, mentions)
            mentions.read(session, store.papers_naming(session, meant) - new, only=meant)
            kept = store.snapshot(session, self._state.snapshot or 0)
            counts = CollectionCounts.load(kept[1]) if kept else mentions.counts(session)
        self.report.snapshot = kept[0].date() if kept else None
        self._group(mentions, counts, revision, entries)
        return self.report

    def _counts(self, mentions: MentionCollection, revision: int) -> CollectionCounts:
        """The counts of the snapshot; of a new one where there is none, or the corpus has grown much."""
        papers = mentions.papers
        state = self._state
        if state.under_way != revision:
            self._state = state = replace(state, under_way=revision, done=0)
        with self._app.store.reading() as session:
            kept = store.snapshot(session, state.snapshot) if state.snapshot is not None else None
            if kept is not None and not _has_grown(state, papers):
                self.report.snapshot = kept[0].date()
                return CollectionCounts.load(kept[1])
            content = mentions.counts(session).dump()
        now = self._app.clock()
        self.report.snapshot = now.date()
        if self._lease is not None:
            with self._writing() as session:
                number = store.add_snapshot(session, now, content)
                self._state = replace(state, snapshot=number, papers=papers, under_way=revision, done=0)
                store.put_grouping_state(session, self._state)
        return CollectionCounts.load(content)

    def _group(
        self,
        mentions: MentionCollection,
        counts: CollectionCounts,
        revision: int,
        entries: frozenset[int] | None,
    ) -> None:
        """Group, and write what is ready from time to time; `entries` may change hands, None: all."""
        blocks = mentions.blocks()
        lists = mentions.lists(counts)
        homes = mentions.homes(blocks)
        self.report.mentions = len(mentions)
        done = self._state.done if entries is None and self._lease is not None else 0
        grouped_before = sum(map(blocks.size, range(done)))
        for numbers in mentions.portions(blocks, done, only_open=entries is not None):
            with self._app.store.reading() as session:
                part = mentions.part(session, blocks, numbers)
            of_part = homes.of(part.mentions.entries())
            if entries is not None:
                of_part = {entry: block for entry, block in of_part.items() if entry in entries}
            if not self._group_part(part, Evidence(counts, lists), of_part, grouped_before):
                return
            grouped_before += sum(map(blocks.size, numbers))
        if self._lease is not None:
            with self._writing() as session:
                self._state = replace(self._state, revision=revision, under_way=0, done=0)
                store.put_grouping_state(session, self._state)

    def _group_part(
        self, part: MentionPart, evidence: Evidence, homes: Mapping[int, int], grouped_before: int
    ) -> bool:
        """Group some blocks, and write what is ready from time to time; False where it was to stop."""
        groups: list[_Group] = []
        ready = counted = 0
        for (number, block), people in zip(part.blocks.items(), self._people(part, evidence), strict=True):
            groups += [_Group(number, group) for group in people]
            ready += len(block)
            counted += len(block)
            if ready >= MENTIONS_AT_ONCE:
                self._progress(grouped_before + counted, self.report.mentions)
                self._write(part.mentions, groups, homes, number + 1)
                groups, ready = [], 0
                if self._is_stopped():
                    return False
        self._write(part.mentions, groups, homes, part.end)
        return True

    def _people(self, part: MentionPart, evidence: Evidence) -> Iterator[Sequence[Sequence[int]]]:
        """The people of each block; where only new mentions are grouped, people without one are left out."""
        mentions, blocks = part.mentions, part.blocks.values()
        several = [block for block in blocks if not _is_alone(block, mentions)]
        processes = self._processes or cores(sum(map(len, several)))
        found = grouped(several, mentions.named, evidence, processes)
        for block in blocks:
            people = [block] if _is_alone(block, mentions) else next(found)
            yield people if self.report.is_whole else [one for one in people if _has_new(one, mentions)]

    def _write(
        self, mentions: Mentions, groups: Sequence[_Group], homes: Mapping[int, int], done: int
    ) -> None:
        plan = _plan(mentions, groups, homes)
        self.report.people += len(plan.people)
        self.report.parted += len(plan.parted)
        if self._lease is None:
            with self._app.store.reading() as session:
                self._prepare(session, mentions, plan)
            return
        with self._writing() as session:
            number = self._state.number + 1
            moves, leads = self._prepare(session, mentions, plan)
            new = [_new_person(plan.people[one], mentions, entry) for one, entry in plan.parted.items()]
            ids = dict(zip(plan.parted, store.add_people(session, new), strict=True))
            store.write_moves(
                session,
                [move._replace(author_id=ids.get(move.author_id, move.author_id)) for move in moves],
                {one: None if into is None else ids.get(into, into) for one, into in leads.items()},
                number,
            )
            people = [_person(ids.get(one, one), some, mentions) for one, some in plan.people.items()]
            store.write_people(session, people, number)
            if self._state.under_way:
                self._state = replace(self._state, done=done)
            self._state = replace(self._state, number=number)
            store.put_grouping_state(session, self._state)

    def _prepare(
        self, session: Session, mentions: Mentions, plan: _Plan
    ) -> tuple[list[Move], dict[int, int | None]]:
        """What of a plan differs from what is stored."""
        current = store.leads_of(session, plan.leads)
        leads = {one: into for one, into in plan.leads.items() if one in current and current[one] != into}
        moves: list[Move] = []
        for person, numbers in plan.people.items():
            for number in numbers:
                placed = mentions.placed[number]
                # What is fixed stays as it was grouped: what people said decides anyway.
                stays = mentions.named[number].fixed is not None
                goes_to = placed.person if stays else person
                self.report.moved += goes_to != placed.person
                if goes_to != placed.person or placed.entry_id in leads:
                    moves.append(Move(placed.paper_id, placed.entry_id, goes_to))
        self.report.joined += sum(into is not None for into in leads.values())
        return moves, leads

    @contextmanager
    def _writing(self) -> Generator[Session]:
        """A transaction within the lease, in which the corrections are those that were read.

        Raises:
            LeaseLostError: another process groups now.
            PeopleChangedError: somebody made a correction meanwhile.

        """
        with self._app.store.writing() as session:
            lock_corpus(session)
            if self._lease is not None:
                self._lease.check(session)
            if corrections_stamp(session) != self._corrected:
                raise PeopleChangedError
            yield session


def _is_alone(block: Sequence[int], mentions: Mentions) -> bool:
    """Whether the mentions of a block are one person without a look: one mention, or nobody's name."""
    return len(block) == 1 or not mentions.named[block[0]].form.key


def _has_new(group: Sequence[int], mentions: Mentions) -> bool:
    """Whether it is open whose one of these mentions is."""
    return any(mentions.named[one].fixed is None for one in group)


def _new_person(numbers: Sequence[int], mentions: Mentions, entry: int) -> tuple[str, str, int]:
    name = _person(0, numbers, mentions).called
    return name, name_key(name) or name, entry


def _perhaps_meant(session: Session, mentions: MentionCollection) -> frozenset[int]:
    """The people who may be meant by these mentions, by their names or by what is known of their entries."""
    near = {form: blocks_near(form) for form in map(form_of, filter(None, mentions.names))}
    people = store.people_in_blocks(session, {block for blocks in near.values() for block in blocks})
    known = {key: form_of(key) for names in people.values() for key in names}
    meant = set(mentions.people)
    for form, blocks in near.items():
        for block in blocks:
            for key, bearers in people.get(block, {}).items():
                if not bearers <= meant and compare_forms(form, known[key]) is not None:
                    meant |= bearers
    return frozenset(meant)


def _new_entries(session: Session, people: Mapping[int, int]) -> frozenset[int]:
    """Of the people of new papers those who stand nowhere else: nobody has kept their entries yet."""
    everywhere = store.people_of_mentions(session, people)
    return frozenset(person for person, count in people.items() if everywhere[person] <= count)
