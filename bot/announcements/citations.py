"""New citations in channels: each citing work once, with which papers it cites, self-citations apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from sqlmodel import Session

from bot.announcements.matcher import GROUP_SIZE, MOST_LISTED
from bot.announcements.results import MessageSpec, ShownCitation
from bot.announcements.waiting import PlannedFor, WaitingPlanner, roles_of
from bot.corpus.identity import title_key
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.store import citing_works
from bot.store.citing_works import DueCitation, WorkRow
from bot.store.models import CitingWork, MessageKind
from bot.store.subscriptions import StoredSubscription

_ADDRESSES = {
    "doi": "https://doi.org/",
    "arxiv": "https://arxiv.org/abs/",
    "openalex": "https://openalex.org/",
    "s2": "https://www.semanticscholar.org/paper/",
}


class CitationPlanner(WaitingPlanner[DueCitation]):
    """Plans the messages of new citations."""

    table = CitingWork
    key = ("subscription_id", "work_id", "paper_id")

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
            known = {work for channel, work in sent if channel == channel_id}
            for part, papers, works in self._of_channel(session, here, known):
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
        self, session: Session, here: Sequence[DueCitation], sent: set[int]
    ) -> list[tuple[MessageSpec, Mapping[int, Paper], set[int]]]:
        """The messages of one channel, each with the papers that it names and its works."""
        cited: dict[int, list[int]] = {}
        own = {one.work_id for one in here if one.is_self}
        for one in here:
            if one.work_id not in sent and one.paper_id not in cited.setdefault(one.work_id, []):
                cited[one.work_id].append(one.paper_id)
        works = citing_works.works_by_id(session, [one for one, papers in cited.items() if papers])
        papers = load_papers(session, list({paper: None for some in cited.values() for paper in some}))
        # A preprint and what was published of it are two works of one title.
        first_of: dict[str, int] = {}
        same: dict[int, list[int]] = {}
        for work in sorted(works.values(), key=lambda one: (one.id in own, -(one.year or 0), one.id)):
            lead = work.authors[0] if work.authors else None
            key = (title_key(work.title, lead) if work.title else None) or f"work {work.id}"
            same.setdefault(first_of.setdefault(key, work.id), []).append(work.id)
        shown = [*same]
        listed = shown[:GROUP_SIZE] if len(shown) > MOST_LISTED else shown
        rest = shown[len(listed) :]
        parts = [listed[start : start + GROUP_SIZE] for start in range(0, len(listed), GROUP_SIZE)]
        planned: list[tuple[MessageSpec, Mapping[int, Paper], set[int]]] = []
        for number, part in enumerate(parts, start=1):
            rows = [
                _shown(works[one], [p for p in cited[one] if p in papers], is_self=one in own) for one in part
            ]
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


def _shown(work: WorkRow, cites: Sequence[int], *, is_self: bool) -> ShownCitation:
    address = _ADDRESSES[work.scheme] + quote(work.value, safe="/:;._-")
    return ShownCitation(
        work.title or "", address, work.year, tuple(work.authors or ()), is_self, tuple(cites)
    )
