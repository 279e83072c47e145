"""Which new papers a subscription matches, and in which messages a channel gets them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlmodel import Session

from bot.announcements.results import Filters, Like, MessageSpec
from bot.announcements.taste import NO_LIKENESS, Likenesses, likenesses
from bot.app import App
from bot.corpus.merge import MergedPaper
from bot.corpus.names import name_key
from bot.corpus.paper import last_day
from bot.search.standing_queries import StandingQueries
from bot.store.authors import links_of_people, living_entry, printed_names
from bot.store.authors import names_of as names_of_people
from bot.store.corrections import load_corrections
from bot.store.models import DigestOrder, Frequency, MessageKind, PlaceKind
from bot.store.papers import SearchedPaper, papers_by_id, people_attributed
from bot.store.subscriptions import AddedPaper, StoredSubscription, subscriptions_where

MOST_CARDS = 5
"""Of papers that wait for one channel; more than these come in groups."""
GROUP_SIZE = 10
MOST_LISTED = 100
"""More papers than these at once are a flood."""

ENTRY = "entry"
NAMES = "names"
"""In a fixed query, the entry of the author whose papers it is about, and the author's folded names then."""

EVENTS_ONLY = "events only"
"""In a fixed query, that it is for what becomes of known papers: no new one matches it."""

_PAPERS_AT_ONCE = 5_000
_NO_RANK = (float("-inf"), 0)
NO_VOTES: Mapping[int, int] = MappingProxyType({})

Rank = Mapping[int, tuple[float, int]]
"""For each new paper (score, newest day as a number), missing ones lowest; higher is better."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subscription of a channel, with the new papers that it matches."""

    subscription_id: int
    words: str
    digest: bool
    role_id: int | None
    thread: bool
    command: str
    matched: Collection[int]
    place: PlaceKind = PlaceKind.CHANNEL
    publish: bool = False
    order: DigestOrder = DigestOrder.ARRIVED
    """Of its digest."""
    late: Collection[int] = ()
    """Papers that were considered before, and match since a fact of theirs changed."""

    @property
    def is_by_taste(self) -> bool:
        """Whether what it gets is ranked by what the server likes."""
        return self.digest and self.order is DigestOrder.TASTE


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """One message that is to be posted, and the papers it delivers."""

    spec: MessageSpec
    delivers: tuple[int, ...]
    """Shown papers first, then those that it only counts."""
    matches: tuple[tuple[int, int], ...]
    """(subscription, paper)."""
    thread: bool
    publish: bool


class NewPapers:
    """New papers, indexed to find those that a subscription matches."""

    def __init__(self, session: Session, papers: Sequence[AddedPaper]) -> None:
        self.order = {paper.id: place for place, paper in enumerate(papers)}
        self.rank = {paper.id: _rank(paper) for paper in papers}
        self._finished = {paper.id: paper.finished_revision for paper in papers}
        self._by_author: dict[int, frozenset[int]] = {}
        self._names: dict[int, Sequence[str]] = {}
        ids = list(self.order)
        self._indexes = [
            self._index_of(session, ids[start : start + _PAPERS_AT_ONCE])
            for start in range(0, len(ids), _PAPERS_AT_ONCE)
        ]

    def _index_of(self, session: Session, ids: Sequence[int]) -> StandingQueries:
        rows, attributed = papers_by_id(session, ids), _attributed(session, ids)
        self._names |= {row.id: (*row.authors, *attributed.get(row.id, ())) for row in rows}
        return StandingQueries(rows, attributed)

    def find_authors(self, session: Session, queries: Iterable[dict[str, Any]]) -> None:
        """Find the papers of the authors whom fixed queries follow; to be done before these are asked."""
        wanted = {entry for one in queries if (entry := one.get(ENTRY)) is not None}
        wanted.difference_update(self._by_author)
        if not wanted:
            return
        corrections = load_corrections(session)
        people = {entry: living_entry(session, corrections, entry) for entry in wanted}
        papers: dict[int, set[int]] = {person: set() for person in people.values()}
        for paper_id, person in links_of_people(session, sorted(papers)):
            if paper_id in self.order:
                papers[person].add(paper_id)
        self._by_author |= {entry: frozenset(papers[person]) for entry, person in people.items()}

    def matching(
        self, compiled: dict[str, Any], min_score: float | None, after: int, also: Collection[int] = ()
    ) -> list[int]:
        """The ids of those that a fixed query finds, added after a revision, or among some others."""
        if compiled.get(EVENTS_ONLY):
            return []
        found = self.described(compiled, min_score)
        return [paper_id for paper_id in found if self._finished[paper_id] > after or paper_id in also]

    def described(self, compiled: dict[str, Any], min_score: float | None) -> list[int]:
        """The ids of those that a fixed query describes, whenever they came."""
        entry = compiled.get(ENTRY)
        by_author = self._by_author[entry] if entry is not None else None
        return [
            paper_id
            for index in self._indexes
            for paper_id in index.matching(compiled)
            if (by_author is None or paper_id in by_author)
            and (min_score is None or self.rank[paper_id][0] >= min_score)
        ]

    def considered(self, subscription: StoredSubscription) -> list[int]:
        """Those that a subscription has considered before, and that it matches now.

        Of an author's papers only those with a name that was the author's when the subscription was
        added: that others turned out to be the author's is no news.
        """
        found = self.matching(subscription.compiled, subscription.min_score, subscription.recheck_after)
        names = subscription.compiled.get(NAMES)
        return [
            paper_id
            for paper_id in found
            if self._finished[paper_id] <= subscription.cursor
            and (names is None or any(name_key(name) in names for name in self._names[paper_id]))
        ]

    def candidate(
        self,
        subscription: StoredSubscription,
        waiting: Mapping[int, bool] | None = None,
        upto: int | None = None,
    ) -> Candidate:
        """A subscription with what it matches.

        Args:
            subscription: Its authors were found before.
            waiting: Earlier papers, and whether each is late.
            upto: Up to which revision papers are considered; None: all.

        """
        waiting = waiting or {}
        matched = self.matching(subscription.compiled, subscription.min_score, subscription.cursor, waiting)
        if upto is not None:
            matched = [one for one in matched if self._finished[one] <= upto or one in waiting]
        filters = Filters.of(subscription)
        return Candidate(
            subscription_id=subscription.id,
            words=filters.words,
            digest=subscription.frequency is not Frequency.INSTANT,
            role_id=subscription.role_id if subscription.role_trouble is None else None,
            thread=subscription.thread,
            publish=subscription.publish,
            command=filters.command,
            matched=matched,
            place=subscription.place,
            order=subscription.digest_order,
            late=[paper_id for paper_id, is_late in waiting.items() if is_late],
        )


def _attributed(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """Of each paper the names of the people on whose pages it stands."""
    attributed: dict[int, list[str]] = {}
    for row in people_attributed(session, ids):
        attributed.setdefault(row.paper_id, []).append(row.name)
    return attributed


@dataclass(frozen=True, slots=True)
class ChannelMatches:
    """A channel, and how many new papers its subscriptions match."""

    guild_id: int
    channel_id: int
    papers: int


def channels_matching(
    session: Session, unwritten: Mapping[int, MergedPaper], stored: Collection[int] = ()
) -> tuple[ChannelMatches, ...]:
    """The channels that papers would be announced in if they were added now, by subscriptions not paused.

    Args:
        session: Reads the subscriptions.
        unwritten: Papers that the database lacks, by ids that it does not use.
        stored: Ids of papers that it has.

    """
    everybody = subscriptions_where(session)
    # What people have for themselves is nobody else's business.
    active = [
        one
        for one in everybody
        if not one.paused and one.place is not PlaceKind.DIRECT and not one.compiled.get(EVENTS_ONLY)
    ]
    matched: dict[tuple[int, int], set[int]] = {}
    # Of papers that are not written yet only the names show whose they are.
    names = names_of_authors(session, {one.author_id for one in active if one.author_id is not None})
    ids = [*unwritten, *stored] if active else []
    for start in range(0, len(ids), _PAPERS_AT_ONCE):
        some = ids[start : start + _PAPERS_AT_ONCE]
        here = [one for one in some if one not in unwritten]
        rows = [
            *papers_by_id(session, here),
            *(_row(one, unwritten[one]) for one in some if one in unwritten),
        ]
        attributed = _attributed(session, here) | {
            one: [person.name for _, person in unwritten[one].attributed_to]
            for one in some
            if one in unwritten
        }
        scores = {row.id: row.score for row in rows}
        printed = {row.id: set(map(name_key, (*row.authors, *attributed.get(row.id, ())))) for row in rows}
        index = StandingQueries(rows, attributed)
        for subscription in active:
            least = subscription.min_score
            wanted = names[subscription.author_id] if subscription.author_id is not None else None
            matched.setdefault((subscription.guild_id, subscription.channel_id), set()).update(
                paper_id
                for paper_id in index.matching(subscription.compiled)
                if (least is None or ((score := scores[paper_id]) is not None and score >= least))
                and (wanted is None or not wanted.isdisjoint(printed[paper_id]))
            )
    return tuple(ChannelMatches(*place, len(papers)) for place, papers in matched.items() if papers)


def names_of_authors(session: Session, entries: Iterable[int]) -> dict[int, set[str]]:
    """All folded names of the people for whom these entries stand."""
    corrections = load_corrections(session)
    found: dict[int, set[str]] = {}
    for entry in entries:
        person = living_entry(session, corrections, entry)
        names = [name for name, _ in printed_names(session, person)]
        names += names_of_people(session, [person]).values()
        found[entry] = set(map(name_key, names))
    return found


def _row(paper_id: int, facts: MergedPaper) -> SearchedPaper:
    """A paper as its row of the table would be."""
    return SearchedPaper(
        id=paper_id,
        title=facts.title,
        authors=[mention.name for mention in facts.authors],
        field=facts.field,
        published=facts.published,
        abstract=facts.abstract,
        has_code=facts.has_code,
        score=facts.score,
        other_titles=[one.model_dump() for one in facts.other_titles],
        venue=facts.venue,
    )


def _rank(paper: AddedPaper) -> tuple[float, int]:
    return (
        paper.score if paper.score is not None else _NO_RANK[0],
        last_day(paper.published).toordinal() if paper.published is not None else _NO_RANK[1],
    )


def plan_messages(
    candidates: Sequence[Candidate],
    delivered: Collection[int],
    order: Mapping[int, int],
    rank: Rank,
    votes: Mapping[int, int] = NO_VOTES,
    taste: Likenesses | None = None,
) -> list[PlannedMessage]:
    """The messages of one channel.

    Args:
        candidates: Its subscriptions that are due, with what they match.
        delivered: Papers that the channel has already; they are not posted again.
        order: Of each new paper its place in the order in which they came.
        rank: Of each new paper how good it is.
        votes: Of new papers those of the server; what has none is left out.
        taste: Of new papers how much they are like what the server likes; None: it likes nothing yet.

    """
    messages: list[PlannedMessage] = []
    done, pinged = set(delivered), set[int]()
    for digest in (False, True):
        matching: dict[int, list[Candidate]] = {}
        for candidate in candidates:
            if candidate.digest is digest:
                for paper in candidate.matched:
                    if paper not in done:
                        matching.setdefault(paper, []).append(candidate)
        papers = sorted(matching, key=order.__getitem__)
        done.update(papers)
        late = {paper for paper in papers if all(paper in one.late for one in matching[paper])}
        for is_late in (False, True):
            some = [paper for paper in papers if (paper in late) is is_late]
            orders = (
                {one.order for paper in some for one in matching[paper]} if digest else set[DigestOrder]()
            )
            batch = _Batch(matching, pinged, digest, is_late, _ranking(orders, votes, taste))
            messages += _messages(batch, some, rank)
    return messages


def taste_for(app: App, guild_id: int, candidates: Sequence[Candidate], rank: Rank) -> Likenesses | None:
    """How much what subscriptions match is like what the server likes, where any is ranked by that."""
    papers = {paper for one in candidates if one.is_by_taste for paper in one.matched}
    # Of very many the best are compared.
    return likenesses(app, guild_id, sorted(papers, key=rank.__getitem__, reverse=True)) if papers else None


@dataclass(frozen=True, slots=True)
class _Ranking:
    """By what papers that come together are ranked; by nothing, they come in the order in which they came."""

    votes: Mapping[int, int] | None = None
    taste: Likenesses | None = None
    by_taste: bool | None = None
    """False: by taste, but the server likes nothing yet."""

    def value(self, paper: int) -> float:
        """The higher, the sooner a paper is shown."""
        if self.votes is not None:
            return self.votes.get(paper, 0)
        likeness = (self.taste or NO_LIKENESS).get(paper)
        return likeness.value if likeness is not None else 0.0

    def shown_votes(self, papers: Sequence[int]) -> dict[int, int]:
        """The votes that ranked some papers; what has none is left out."""
        votes = self.votes or NO_VOTES
        return {paper: votes[paper] for paper in papers if paper in votes}

    def shown_likes(self, papers: Sequence[int]) -> dict[int, Like]:
        """What some papers are like, where that is informative."""
        known = self.taste or NO_LIKENESS
        return {paper: like for paper in papers if paper in known and (like := known[paper].like) is not None}


def _ranking(orders: Collection[DigestOrder], votes: Mapping[int, int], taste: Likenesses | None) -> _Ranking:
    """The ranking of what subscriptions with these orders get together; votes come first."""
    if DigestOrder.VOTES in orders:
        return _Ranking(votes=votes)
    if DigestOrder.TASTE in orders:
        return _Ranking(taste=taste, by_taste=taste is not None)
    return _Ranking()


@dataclass(frozen=True, slots=True)
class _Batch:
    """What the messages about papers that come together have in common."""

    matching: Mapping[int, list[Candidate]]
    pinged: set[int]
    """Roles that a message before pings."""
    digest: bool
    late: bool
    ranking: _Ranking


def _messages(batch: _Batch, papers: Sequence[int], rank: Rank) -> Iterator[PlannedMessage]:
    ranking = batch.ranking
    if ranking.votes is not None or ranking.by_taste or len(papers) > MOST_LISTED:
        best = sorted(papers, key=lambda paper: (ranking.value(paper), rank[paper], paper), reverse=True)
    else:
        best = papers
    if len(papers) > MOST_LISTED:
        yield _message(batch, MessageKind.FLOOD, best[:GROUP_SIZE], also=best[GROUP_SIZE:])
    elif batch.digest:
        yield from _parts(batch, MessageKind.DIGEST, best)
    elif len(papers) > (1 if batch.late else MOST_CARDS):
        yield from _parts(batch, MessageKind.GROUP, papers)
    else:
        for paper in papers:
            yield _message(batch, MessageKind.CARD, [paper])


def _parts(batch: _Batch, kind: MessageKind, papers: Sequence[int]) -> Iterator[PlannedMessage]:
    parts = -(-len(papers) // GROUP_SIZE)
    for part in range(parts):
        shown = papers[part * GROUP_SIZE : (part + 1) * GROUP_SIZE]
        yield _message(batch, kind, shown, total=len(papers), part=part + 1, parts=parts)


def _message(
    batch: _Batch,
    kind: MessageKind,
    shown: Sequence[int],
    *,
    also: Sequence[int] = (),
    total: int | None = None,
    part: int = 1,
    parts: int = 1,
) -> PlannedMessage:
    delivers, matching, pinged = (*shown, *also), batch.matching, batch.pinged
    candidates = _distinct(candidate for paper in delivers for candidate in matching[paper])
    # One ping for what comes together, in the first message that delivers to a subscription with the role.
    roles = {one.role_id: None for one in candidates if one.role_id is not None and one.role_id not in pinged}
    pinged.update(roles)
    spec = MessageSpec(
        kind=kind,
        papers=tuple(shown),
        total=total if total is not None else len(delivers),
        matched={paper: tuple(one.words for one in matching[paper]) for paper in shown},
        reasons=tuple(one.words for one in candidates),
        command=candidates[0].command if kind is MessageKind.FLOOD else None,
        roles=tuple(roles),
        part=part,
        parts=parts,
        place=candidates[0].place,
        late=batch.late,
        votes=batch.ranking.shown_votes(shown),
        by_taste=batch.ranking.by_taste,
        likes=batch.ranking.shown_likes(shown),
    )
    return PlannedMessage(
        spec=spec,
        delivers=delivers,
        matches=tuple((one.subscription_id, paper) for paper in delivers for one in matching[paper]),
        thread=any(one.thread for one in candidates) and part == 1,
        publish=any(one.publish for one in candidates),
    )


def _distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    return list({one.subscription_id: one for one in candidates}.values())
