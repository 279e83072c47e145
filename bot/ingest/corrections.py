"""Corrections of which papers are one: made with a reason, obeyed by every import, and undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain, combinations

from sqlmodel import Session

from bot.app import App
from bot.corpus.decision import KnownPaper, doubtful
from bot.corpus.identity import Pair
from bot.errors import RefusedError
from bot.ingest.batch import Batch
from bot.ingest.import_run import ImportRun
from bot.ingest.writer import write_drafts
from bot.store import corrections as store
from bot.store.authorship import People
from bot.store.bulk import new_ids
from bot.store.imports import lock_corpus
from bot.store.models import CorrectionKind, Paper
from bot.store.paper_sources import known_papers, papers_with_one_title, stored_digests
from bot.store.papers import forget_merge, is_free, living_papers

_TITLES_LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class PaperCorrection:
    """A correction of papers as it is shown."""

    id: int
    kind: CorrectionKind
    paper_id: int
    into_id: int
    """The paper that stays, or the one that a split made."""
    title: str
    into_title: str
    reason: str
    made_by: int | None
    """None on the command line."""
    made_at: dt.datetime
    undone_by: int | None
    undone_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Description:
    """What one source says of a paper: a record, by which a paper can be split."""

    source: str
    source_key: str
    title: str

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.source}:{self.source_key}"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two papers that may be one."""

    paper_id: int
    other_id: int
    title: str
    other_title: str
    reason: str


def merge_papers(
    app: App, paper_id: int, other_id: int, *, reason: str, made_by: int | None
) -> PaperCorrection:
    """Say that two papers are one; the older id stays, and nothing is announced.

    Raises:
        RefusedError: there is no such paper, or both are one already, or the reason is missing.

    """
    with app.store.writing() as session:
        lock_corpus(session)
        one, other = _papers(session, paper_id, other_id)
        if one.paper_id == other.paper_id:
            raise RefusedError("These are one paper already; nothing is to be merged.")
        one, other = sorted((one, other), key=lambda paper: -paper.paper_id)
        correction_id = _record(app, session, CorrectionKind.MERGE, one, other, reason, made_by)
        _regroup(app, session, {one.paper_id, other.paper_id}, [one.pairs | other.pairs])
        made = _one(session, correction_id)
    app.index.catch_up(app.store)
    return made


def keep_papers_apart(
    app: App, paper_id: int, other_id: int, *, reason: str, made_by: int | None
) -> PaperCorrection:
    """Say that two papers that may be one are two; nothing changes but that it is not asked again.

    Raises:
        RefusedError: there is no such paper, or both are one already, or the reason is missing.

    """
    with app.store.writing() as session:
        lock_corpus(session)
        one, other = _papers(session, paper_id, other_id)
        if one.paper_id == other.paper_id:
            raise RefusedError("These are one paper already; /paper-split makes two of it.")
        correction_id = _record(app, session, CorrectionKind.APART, one, other, reason, made_by)
        return _one(session, correction_id)


def _record(
    app: App,
    session: Session,
    kind: CorrectionKind,
    one: KnownPaper,
    other: KnownPaper,
    reason: str,
    made_by: int | None,
) -> int:
    """Record what somebody says of two papers; the id of the correction."""
    return store.add_paper_correction(
        session,
        one.pairs,
        other.pairs,
        kind=kind,
        paper_id=one.paper_id,
        into_id=other.paper_id,
        title=one.title,
        into_title=other.title,
        reason=store.kept_reason(reason),
        made_by=made_by,
        made_at=app.clock(),
    )


def split_paper(
    app: App, paper_id: int, names: Collection[str], *, reason: str, made_by: int | None
) -> PaperCorrection:
    """Say that some of what describes a paper is of another one; nothing is announced.

    Raises:
        RefusedError: there is no such paper, a name is of none of its records or of all, or the reason
            is missing.

    """
    with app.store.writing() as session:
        lock_corpus(session)
        (paper,) = _papers(session, paper_id)
        taken = _named(paper, names)
        rest = paper.pairs - taken
        if not rest:
            raise RefusedError("That is all there is of this paper: nothing would be left.")
        correction_id = store.add_paper_correction(
            session,
            rest,
            taken,
            kind=CorrectionKind.SPLIT,
            paper_id=paper.paper_id,
            into_id=paper.paper_id,
            title=paper.title,
            into_title=paper.title,
            reason=store.kept_reason(reason),
            made_by=made_by,
            made_at=app.clock(),
        )
        _regroup(app, session, {paper.paper_id}, [rest, taken], keeping=rest)
        made_id = stored_digests(session, taken)[min(taken)].paper_id
        into = known_papers(session, [made_id])[made_id]
        store.change_paper_correction(session, correction_id, into_id=made_id, into_title=into.title)
        made = _one(session, correction_id)
    app.index.catch_up(app.store)
    return made


def undo_paper_correction(app: App, correction_id: int, *, undone_by: int | None) -> PaperCorrection:
    """Undo a correction of papers: what the sources say, and all other corrections, hold again.

    A paper that was merged into another one has its old id again.

    Raises:
        RefusedError: there is none, or it is undone already.

    """
    with app.store.writing() as session:
        lock_corpus(session)
        row = next(iter(store.paper_corrections(session, correction_id=correction_id)), None)
        if row is None:
            raise RefusedError(f"There is no correction {correction_id} of papers.")
        if row.undone_at is not None:
            raise RefusedError(f"Correction {correction_id} of papers is undone already.")
        store.change_paper_correction(session, correction_id, undone_by=undone_by, undone_at=app.clock())
        if row.kind is CorrectionKind.APART:
            return _one(session, correction_id)  # they were two before, too
        ours, theirs = store.records_of_correction(session, correction_id)
        ids = {one.paper_id for one in stored_digests(session, ours | theirs).values()}
        all_ = frozenset[Pair]().union(*(one.pairs for one in known_papers(session, ids).values()))
        before = [ours, all_ - ours] if row.kind is CorrectionKind.MERGE else [all_]
        old = row.paper_id if row.kind is CorrectionKind.MERGE else None
        _regroup(app, session, ids, before, keeping=before[-1], old_id=old)
        undone = _one(session, correction_id)
    app.index.catch_up(app.store)
    return undone


def newest_paper_corrections(app: App, limit: int = 10) -> tuple[PaperCorrection, ...]:
    """The newest corrections of papers, undone ones too."""
    with app.store.reading() as session:
        return tuple(PaperCorrection(*row) for row in store.paper_corrections(session, limit=limit))


def descriptions(app: App, paper_id: int) -> tuple[Description, ...]:
    """What describes a paper, by name."""
    with app.store.reading() as session:
        known = known_papers(session, [paper_id]).values()
        found = [
            Description(one.source, one.source_key, one.title) for paper in known for one in paper.records
        ]
    return tuple(sorted(found, key=lambda one: one.name))


def doubtful_papers(app: App, limit: int = 10) -> tuple[Doubt, ...]:
    """Papers that may be one although they are kept apart; nobody has said of them that they are two."""
    found: dict[tuple[int, int], Doubt] = {}
    with app.store.reading() as session:
        rulings = store.paper_rulings(session)
        for ids in papers_with_one_title(session, _TITLES_LOOKED_AT):
            papers = known_papers(session, ids)
            for one, other in combinations(sorted(papers), 2):
                if (reason := doubtful(papers[one], papers[other], rulings)) is not None:
                    titles = papers[one].title, papers[other].title
                    found[one, other] = Doubt(one, other, *titles, reason)
            if len(found) >= limit:
                break
    return tuple(found.values())[:limit]


def _regroup(
    app: App,
    session: Session,
    ids: Iterable[int],
    before: Sequence[AbstractSet[Pair]],
    keeping: AbstractSet[Pair] = frozenset(),
    old_id: int | None = None,
) -> None:
    """Let the records of these papers belong to the papers that the rulings and all else make of them.

    A paper that comes of it has the old id, if that is free.
    """
    run = ImportRun(app.store, app.clock, 0, (), read_on=None, keep_inferred=False)
    fresh = new_ids(session, Paper, 2)
    if old_id is not None and is_free(session, old_id):
        fresh = chain((old_id,), fresh)
    batch = Batch(run, session, fresh)
    batch.regroup(set(ids), [frozenset(each) for each in before], keeping)
    write_drafts(batch, People())
    if old_id is not None:
        forget_merge(session, old_id)


def _papers(session: Session, *ids: int) -> list[KnownPaper]:
    living = living_papers(session, ids)
    known = known_papers(session, {living.get(one, one) for one in ids})
    found = [known.get(living.get(one, one)) for one in ids]
    if None in found:
        raise RefusedError("There is no such paper any more; look for its title again.")
    return [one for one in found if one is not None]


def _named(paper: KnownPaper, names: Collection[str]) -> frozenset[Pair]:
    """The records of a paper that have these names, or these keys alone."""
    by_name = {f"{source}:{key}": (source, key) for source, key in paper.pairs}
    taken: set[Pair] = set()
    for name in names:
        same_key = [pair for pair in paper.pairs if pair[1] == name]
        if name in by_name:
            taken.add(by_name[name])
        elif len(same_key) == 1:
            taken.add(same_key[0])
        else:
            known = ", ".join(sorted(by_name))
            raise RefusedError(f"{name} does not name one thing that describes this paper: {known}")
    if not taken:
        raise RefusedError("Say what of this paper is of another one.")
    return frozenset(taken)


def _one(session: Session, correction_id: int) -> PaperCorrection:
    return PaperCorrection(*store.paper_corrections(session, correction_id=correction_id)[0])
