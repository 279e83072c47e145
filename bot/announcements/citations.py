"""New citations in channels: each citing work once, with which papers it cites, self-citations apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session

from bot.announcements.citing import (
    ADDRESSES,
    FoundCitation,
    SameWorks,
    shown_work,
    watched_papers,
    write_found,
)
from bot.announcements.matcher import GROUP_SIZE, MOST_LISTED
from bot.announcements.results import MessageSpec, ShownCitation
from bot.announcements.waiting import PlannedFor, WaitingPlanner, roles_of
from bot.corpus.identity import Pair
from bot.corpus.paper import CitedWork
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.store import citations, citing_works, subscriptions
from bot.store.citing_works import DueCitation, WorkRow
from bot.store.imports import latest_revision, lock_corpus
from bot.store.models import CitingWork, MessageKind
from bot.store.settings import get_setting, put_setting
from bot.store.subscriptions import StoredSubscription

_CURSOR_SETTING = "announcer citations"
"""Up to which revision it was looked for papers of the corpus that cite what subscriptions ask for."""


class CitationPlanner(WaitingPlanner[DueCitation]):
    """Plans the messages of new citations."""

    table = CitingWork
    key = ("subscription_id", "work_id", "paper_id")

    def plan(self) -> int:
        """Plan the messages of what is due, and say how many messages that is."""
        self._find_in_corpus()
        return super().plan()

    def _find_in_corpus(self) -> None:
        """Let subscriptions wait to hear of papers of the corpus that cite what they ask for."""
        with self._app.store.reading() as session:
            latest = latest_revision(session)
            if latest is None or get_setting(session, _CURSOR_SETTING) == str(latest.number):
                return
        with self._app.store.writing() as session:
            self._lease.check(session)
            lock_corpus(session)
            watched = watched_papers(session)
            by_source: dict[str, list[FoundCitation]] = {}
            for source, one in _citing_papers(session, watched, latest.number) if watched else ():
                by_source.setdefault(source, []).append(one)
            for source, found in by_source.items():
                write_found(session, source, found, self._app.clock(), watched)
            put_setting(session, _CURSOR_SETTING, str(latest.number))

    def _due(self, session: Session, now: dt.datetime) -> list[DueCitation]:
        return citing_works.due_citations(session, now)

    def _planned(
        self,
        session: Session,
        by_channel: Mapping[int, Sequence[DueCitation]],
        rows: Mapping[int, StoredSubscription],
    ) -> list[PlannedFor[DueCitation]]:
        sent = citing_works.works_sent(session, list(by_channel))
        messages: list[PlannedFor[DueCitation]] = []
        for channel_id, here in by_channel.items():
            listeners = [rows[one] for one in dict.fromkeys(each.subscription_id for each in here)]
            reasons = tuple(dict.fromkeys(one.citing or "" for one in listeners))
            known = sent.get(channel_id, {})
            messages += [PlannedFor(known[one.work_id], [one]) for one in here if one.work_id in known]
            for part, papers, works in self._of_channel(session, here, known.keys()):
                spec = replace(
                    part,
                    place=listeners[0].place,
                    roles=roles_of(listeners) if part.part == 1 else (),
                    reasons=reasons,
                )
                message = self._message(session, listeners[0], spec, papers)
                messages.append(PlannedFor(message, [one for one in here if one.work_id in works]))
        return messages

    def _of_channel(
        self, session: Session, here: Sequence[DueCitation], sent: Collection[int]
    ) -> list[tuple[MessageSpec, Mapping[int, Paper], set[int]]]:
        """The messages of one channel, each with the papers that it names and its works."""
        cited: dict[int, list[int]] = {}
        own = {one.work_id for one in here if one.is_self}
        for one in here:
            if one.work_id not in sent and one.paper_id not in cited.setdefault(one.work_id, []):
                cited[one.work_id].append(one.paper_id)
        works = citing_works.works_by_id(session, [one for one, papers in cited.items() if papers])
        papers = load_papers(session, list({paper: None for some in cited.values() for paper in some}))
        # A preprint and what was published of it are two works, of which the channel may have one.
        in_channel = SameWorks()
        for work in citing_works.works_by_id(session, sent).values():
            in_channel.first_of(work.title, work.authors, work.id)
        sources = citing_works.sources_of(session, papers.keys())
        same: dict[int, list[int]] = {}
        for work in sorted(works.values(), key=lambda one: (one.id in own, -(one.year or 0), one.id)):
            first = in_channel.first_of(work.title, work.authors, work.id)
            if first not in sent:
                same.setdefault(first, []).append(work.id)
        shown = [*same]
        listed = shown[:GROUP_SIZE] if len(shown) > MOST_LISTED else shown
        rest = shown[len(listed) :]
        parts = [listed[start : start + GROUP_SIZE] for start in range(0, len(listed), GROUP_SIZE)]
        planned: list[tuple[MessageSpec, Mapping[int, Paper], set[int]]] = []
        for number, part in enumerate(parts, start=1):
            rows = [_shown(works, same[one], here, sources) for one in part]
            spec = MessageSpec(
                kind=MessageKind.CITATION,
                papers=tuple(dict.fromkeys(paper for row in rows for paper in row.cites)),
                total=len(shown),
                part=number,
                parts=len(parts),
                citations=tuple(rows),
            )
            of_part = [*part, *(rest if number == len(parts) else ())]
            planned.append((spec, papers, {work for one in of_part for work in same[one]}))
        return planned


def _shown(
    works: Mapping[int, WorkRow],
    same: Sequence[int],
    here: Sequence[DueCitation],
    sources: Mapping[tuple[int, int], Collection[str]],
) -> ShownCitation:
    """Works that are one, as one: the first of them, with all that they cite and who says so."""
    work = works[same[0]]
    due = [one for one in here if one.work_id in same]
    cites = list(dict.fromkeys(one.paper_id for one in due))
    said_by = {source for one in due for source in sources.get((one.paper_id, one.work_id), ())}
    return replace(
        shown_work(work),
        is_self=any(one.is_self for one in due),
        cites=tuple(cites),
        sources=tuple(sorted(said_by)),
        read_on=max(one.found_at for one in due).date(),
    )


def _citing_papers(
    session: Session, papers: Collection[int], revision: int
) -> Iterator[tuple[str, FoundCitation]]:
    """(source, citation) of the papers of the corpus that cite some."""
    rows = citations.citing_here(session, papers)
    ids = list({one.citing_id for one in rows})
    citing = load_papers(session, ids)
    added = {one.id: one.finished_revision for one in subscriptions.added_before(session, ids, revision)}
    named: dict[int, list[Pair]] = {}
    for pair, some in citations.ids_of_papers(session, ids).items():
        for paper_id in some:
            named.setdefault(paper_id, []).append(pair)
    for row in rows:
        paper = citing.get(row.citing_id)
        pairs = sorted(named.get(row.citing_id, ()), key=lambda pair: [*ADDRESSES].index(pair[0]))
        if paper is None or not pairs:
            continue
        scheme, value = pairs[0]
        year = int(paper.published[:4]) if paper.published else None
        work = CitedWork(scheme=scheme, value=value, title=paper.title, year=year, authors=paper.authors)
        # One that is known from the beginning is new to nobody.
        yield (
            row.source,
            FoundCitation(row.paper_id, work, tuple(pairs), added_at=added.get(row.citing_id, 0)),
        )
