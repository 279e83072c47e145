"""New citations in channels: each citing work once, with which papers it cites, self-citations apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from sqlmodel import Session

from bot.announcements.markers import database_tag, new_nonce
from bot.announcements.matcher import GROUP_SIZE, MOST_LISTED
from bot.announcements.results import Compose, MessageSpec, ShownCitation, message_values
from bot.app import App
from bot.corpus.identity import title_key
from bot.lease import Lease
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.store import citing_works, outbox, subscriptions
from bot.store.citing_works import DueCitation, WorkRow
from bot.store.imports import lock_corpus
from bot.store.models import MessageKind
from bot.store.outbox import NewMessage
from bot.store.subscriptions import StoredSubscription

_ADDRESSES = {
    "doi": "https://doi.org/",
    "arxiv": "https://arxiv.org/abs/",
    "openalex": "https://openalex.org/",
    "s2": "https://www.semanticscholar.org/paper/",
}


class CitationPlanner:
    """Plans the messages of new citations, in the transaction that records that they are planned."""

    def __init__(self, app: App, lease: Lease, compose: Compose) -> None:
        self._app = app
        self._lease = lease
        self._compose = compose

    def plan_citations(self) -> int:
        """Plan the messages of the citations that are due, and say how many messages that is."""
        now = self._app.clock()
        with self._app.store.reading() as session:
            if not citing_works.due_citations(session, now):
                return 0
        with self._app.store.writing() as session:
            self._lease.check(session)
            lock_corpus(session)
            due = citing_works.due_citations(session, now)
            by_channel: dict[int, list[DueCitation]] = {}
            for one in due:
                by_channel.setdefault(one.channel_id, []).append(one)
            ids = list(dict.fromkeys(one.subscription_id for one in due))
            rows = {row.id: row for row in subscriptions.subscriptions_where(session, ids=ids, locked=True)}
            sent = citing_works.works_sent(session, list(by_channel))
            written = 0
            for channel_id, here in by_channel.items():
                listeners = [rows[one] for one in dict.fromkeys(each.subscription_id for each in here)]
                planned = self._of_channel(session, here, {w for c, w in sent if c == channel_id})
                messages = [self._message(session, listeners, spec, papers) for spec, papers, _ in planned]
                numbers = outbox.write_messages(session, messages, now)
                message_of = {
                    (channel_id, work_id): number
                    for number, (_, _, works) in zip(numbers, planned, strict=True)
                    for work_id in works
                }
                # What the channel has already counts as sent by the message that is planned first, or none.
                known = {(channel_id, one.work_id): 0 for one in here}
                citing_works.record_sent(session, here, known | message_of)
                written += len(numbers)
        return written

    def _of_channel(
        self, session: Session, here: Sequence[DueCitation], sent: set[int]
    ) -> list[tuple[MessageSpec, Mapping[int, Paper], list[int]]]:
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
        planned: list[tuple[MessageSpec, Mapping[int, Paper], list[int]]] = []
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
            planned.append((spec, papers, [work for one in of_part for work in same[one]]))
        return planned

    def _message(
        self,
        session: Session,
        listeners: Sequence[StoredSubscription],
        spec: MessageSpec,
        papers: Mapping[int, Paper],
    ) -> NewMessage:
        row = listeners[0]
        roles = {one.role_id: None for one in listeners if one.role_trouble is None}
        spec = replace(
            spec,
            place=row.place,
            roles=tuple(one for one in roles if one is not None) if spec.part == 1 else (),
            reasons=tuple(dict.fromkeys(one.citing or "" for one in listeners)),
        )
        nonce = new_nonce(database_tag(session))
        return NewMessage(
            message_values(
                spec,
                self._compose(spec, papers, nonce),
                nonce,
                channel_id=row.channel_id,
                guild_id=row.guild_id,
                publish=row.publish,
            )
        )


def _shown(work: WorkRow, cites: Sequence[int], *, is_self: bool) -> ShownCitation:
    address = _ADDRESSES[work.scheme] + quote(work.value, safe="/:;._-")
    return ShownCitation(
        work.title or "", address, work.year, tuple(work.authors or ()), is_self, tuple(cites)
    )
