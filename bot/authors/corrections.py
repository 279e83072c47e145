"""Corrections of who is who: made with a reason, obeyed by every import, and undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bot.app import App
from bot.corpus.merge import merge
from bot.disambiguation.grouping import coauthor_clusters
from bot.errors import RefusedError
from bot.store import authors as people
from bot.store import corrections as store
from bot.store.authorship import People, write_attributions, write_places
from bot.store.imports import lock_corpus, take_revision
from bot.store.models import CorrectionKind
from bot.store.paper_sources import source_records

_AT_ONCE = 2_000
"""Papers that are worked out together: bounds the memory."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction as it is shown."""

    id: int
    kind: CorrectionKind
    author_id: int
    author_name: str
    into_id: int
    into_name: str
    papers: int
    """How many papers a split moves; 0 for a merge, which holds for all."""
    reason: str
    made_by: int
    made_at: dt.datetime
    undone_by: int | None
    undone_at: dt.datetime | None


def merge_authors(app: App, author_id: int, into_id: int, *, reason: str, made_by: int) -> Correction:
    """Say that one entry is the same person as another, which takes its papers, reports and identifiers.

    Raises:
        RefusedError: there is no such entry, or both are one already, or the reason is missing.

    """
    with app.store.writing() as session:
        lock_corpus(session)
        names = _names(session, author_id, into_id)
        if author_id == into_id:
            raise RefusedError(f"{names[0]} and {names[1]} are one entry already; nothing is to be merged.")
        papers = store.papers_given_to(session, author_id)
        correction_id = store.add_correction(
            session, (), **_row(app, CorrectionKind.MERGE, author_id, into_id, names, reason, made_by)
        )
        _derive_again(session, app, papers)
        made = _one(session, correction_id)
    app.index.catch_up(app.store)
    return made


def split_author(
    app: App,
    author_id: int,
    paper_ids: Collection[int],
    into_id: int | None,
    *,
    reason: str,
    made_by: int,
) -> Correction:
    """Give some papers of one entry to another person, or to a new one of the same name.

    Raises:
        RefusedError: there is no such entry, a paper is not theirs, or the reason is missing.

    """
    with app.store.writing() as session:
        lock_corpus(session)
        names = _names(session, author_id, into_id if into_id is not None else author_id)
        if into_id == author_id:
            raise RefusedError("The papers stand there already: name another person, or leave it out.")
        papers = set(paper_ids)
        theirs = store.papers_given_to(session, author_id)
        if not papers or not papers <= theirs:
            raise RefusedError(
                f"Not all of these papers stand under {names[0]}; choose papers of that entry."
            )
        if papers == theirs:
            raise RefusedError(
                f"These are all papers of {names[0]}: nothing would be left. Use /author-merge instead."
            )
        made_person = into_id is None
        if into_id is None:
            entry = people.authors_by_id(session, [author_id])[0]
            into_id = store.add_person(session, entry.name, entry.name_key)
        row = _row(app, CorrectionKind.SPLIT, author_id, into_id, names, reason, made_by)
        correction_id = store.add_correction(session, papers, **row, made_person=made_person)
        _derive_again(session, app, papers)
        if papers & store.papers_given_to(session, author_id):
            raise RefusedError("An earlier correction moved one of these papers here; undo that one instead.")
        made = _one(session, correction_id)
    app.index.catch_up(app.store)
    return made


def undo_correction(app: App, correction_id: int, *, undone_by: int) -> Correction:
    """Undo a correction: what the sources say, and all other corrections, hold again.

    Raises:
        RefusedError: there is none, it is undone already, or another one builds on it.

    """
    with app.store.writing() as session:
        lock_corpus(session)
        row = next(iter(store.corrections(session, correction_id=correction_id)), None)
        if row is None:
            raise RefusedError(f"There is no correction {correction_id}.")
        if row.undone_at is not None:
            raise RefusedError(f"Correction {correction_id} is undone already.")
        if row.made_person:
            later = store.corrections(session, author_id=row.into_id, limit=2)
            if [one.id for one in later] != [correction_id]:
                raise RefusedError(
                    f"Correction {later[0].id} concerns the person whom correction {correction_id} made; "
                    "undo that one first."
                )
        papers = store.papers_given_to(session, store.load_corrections(session).entry(row.into_id))
        now = app.clock()
        store.change_correction(session, correction_id, undone_by=undone_by, undone_at=now)
        if row.made_person:
            store.give_back_grouped(session, row.into_id)
        _derive_again(session, app, papers)
        if row.made_person:
            store.remove_person(session, row.into_id)
        undone = _one(session, correction_id)
    app.index.catch_up(app.store)
    return undone


def newest_corrections(app: App, limit: int = 10) -> tuple[Correction, ...]:
    """The newest corrections, undone ones too."""
    with app.store.reading() as session:
        return tuple(_shown(row) for row in store.corrections(session, limit=limit))


def papers_of_cluster(app: App, author_id: int, paper_id: int) -> tuple[int, ...]:
    """The papers of an entry that share co-authors with this one, directly or by way of others."""
    with app.store.reading() as session:
        ids = sorted(store.papers_given_to(session, author_id))
        if paper_id not in ids:
            return ()
        lists = store.lists_of(session, ids)
    others = [[person for person in lists.get(one, ()) if person != author_id] for one in ids]
    place = ids.index(paper_id)
    cluster = next(each for each in coauthor_clusters(others) if place in each)
    return tuple(ids[number] for number in cluster)


def _derive_again(session: Session, app: App, papers: Collection[int]) -> None:
    """Work out anew, from what the sources say and the corrections that hold, whose these papers are."""
    ids = sorted(papers)
    # A revision of its own even where no paper changes: whoever follows learns of the correction.
    revision = take_revision(session, app.clock())
    entries = People()
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        records = source_records(session, some)
        facts = {one: merge(list(records[one].values())) for one in some if records[one]}
        entries.resolve(
            session,
            (
                mention
                for one in facts.values()
                for mention in (*one.authors, *(person for _, person in one.attributed_to))
            ),
        )
        lists = {one: [entries.entry(each) for each in facts[one].authors] for one in facts}
        write_places(session, {}, lists)
        pages = {
            one: {(entries.entry(person), source) for source, person in facts[one].attributed_to}
            for one in facts
        }
        write_attributions(session, pages)
    store.mark_changed(session, ids, revision)


def _names(session: Session, *ids: int) -> list[str]:
    found = {row.id: row.name for row in people.authors_by_id(session, ids)}
    if any(one not in found for one in ids):
        raise RefusedError("There is no such author any more; look for the name again.")
    return [found[one] for one in ids]


def _row(
    app: App,
    kind: CorrectionKind,
    author_id: int,
    into_id: int,
    names: Sequence[str],
    reason: str,
    made_by: int,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "author_id": author_id,
        "into_id": into_id,
        "author_name": names[0],
        "into_name": names[1],
        "reason": store.kept_reason(reason),
        "made_by": made_by,
        "made_at": app.clock(),
    }


def _one(session: Session, correction_id: int) -> Correction:
    return _shown(store.corrections(session, correction_id=correction_id)[0])


def _shown(row: store.CorrectionRow) -> Correction:
    return Correction(
        id=row.id,
        kind=row.kind,
        author_id=row.author_id,
        author_name=row.author_name,
        into_id=row.into_id,
        into_name=row.into_name,
        papers=row.papers,
        reason=row.reason,
        made_by=row.made_by,
        made_at=row.made_at,
        undone_by=row.undone_by,
        undone_at=row.undone_at,
    )
