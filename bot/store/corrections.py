"""Corrections of who is who, and of which papers are one: stored, and applied wherever papers are written."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, or_, select, update
from sqlmodel import Session, col

from bot.corpus.identity import Pair
from bot.errors import RefusedError
from bot.store.bulk import columns_of, read_rows, rows_with
from bot.store.models import (
    Attribution,
    Author,
    AuthorIdentifier,
    AuthorName,
    Authorship,
    CorpusImport,
    Correction,
    CorrectionKind,
    CorrectionPaper,
    GroupedMention,
    Paper,
    PaperCorrection,
    PaperCorrectionRecord,
)

MAX_REASON = 300

OWN_SCHEME = "papercord"
"""The scheme of identifiers that we give: to people whom only a correction separates from a namesake."""


def kept_reason(reason: str) -> str:
    """A reason as it is kept with a correction; raises `RefusedError` where there is none."""
    if not reason.strip():
        raise RefusedError("Say why: the reason is kept with the correction.")
    return reason.strip()[:MAX_REASON]


class CorrectionRow(NamedTuple):
    """A correction, with the number of papers that a split moves; see `Correction`."""

    id: int
    kind: CorrectionKind
    author_id: int
    into_id: int
    author_name: str
    into_name: str
    made_person: bool
    reason: str
    made_by: int
    made_at: dt.datetime
    undone_by: int | None
    undone_at: dt.datetime | None
    papers: int


_PAPERS = (
    select(func.count())
    .where(col(CorrectionPaper.correction_id) == col(Correction.id))
    .correlate(Correction)
    .scalar_subquery()
)
_COLUMNS = [col(getattr(Correction, name)) for name in CorrectionRow._fields if name != "papers"]
_CORRECTIONS = select(*_COLUMNS, _PAPERS)
_HOLDING = (
    _CORRECTIONS.add_columns(col(CorrectionPaper.paper_id))
    .join_from(
        Correction,
        CorrectionPaper,
        col(CorrectionPaper.correction_id) == col(Correction.id),
        isouter=True,
    )
    .where(col(Correction.undone_at).is_(None))
    .order_by(col(Correction.id))
)


class Corrections:
    """The corrections that hold, loaded once for a request: people make them, so they are few."""

    def __init__(self, rows: Iterable[tuple[CorrectionRow, int | None]]) -> None:
        """Take each correction with a paper that it moves, oldest first; with None where it moves none."""
        self._merges: dict[int, int] = {}
        self._splits: dict[tuple[int, int], int] = {}
        self._rows: dict[int, CorrectionRow] = {}
        self._concerned: set[int] = set()
        for row, paper_id in rows:
            self._rows[row.id] = row
            self._concerned |= {row.author_id, row.into_id}
            if row.kind is CorrectionKind.MERGE:
                self._merges[row.author_id] = row.into_id
            if paper_id is not None:
                self._splits[paper_id, row.author_id] = row.into_id

    def __bool__(self) -> bool:
        return bool(self._rows)

    def entry(self, author_id: int) -> int:
        """The entry that stands for this one after all merges."""
        seen = {author_id}
        while (into := self._merges.get(author_id)) is not None and into not in seen:
            seen.add(into)
            author_id = into
        return author_id

    @property
    def merged(self) -> list[int]:
        """The entries that were merged into another."""
        return list(self._merges)

    def merged_into(self, ids: Iterable[int]) -> dict[int, int]:
        """These entries, and all that were merged into one of them: entry -> the one of `ids`."""
        wanted = set(ids)
        found = {author_id: author_id for author_id in wanted}
        found.update((one, into) for one in self._merges if (into := self.entry(one)) in wanted)
        return found

    def person(self, paper_id: int, author_id: int) -> int:
        """Whose a paper is that a source gives to this entry."""
        seen = {author_id}
        while True:
            into = self._splits.get((paper_id, author_id))
            if into is None or into in seen:
                into = self._merges.get(author_id)
            if into is None or into in seen:
                return author_id
            seen.add(into)
            author_id = into

    def merges(self, author_id: int) -> bool:
        """Whether an entry was merged with another: whatever papers come in, they are one person's."""
        return author_id in self._merges or author_id in self._merges.values()

    def moves(self, paper_id: int, author_id: int) -> bool:
        """Whether a split moves this paper of an entry."""
        return (paper_id, author_id) in self._splits

    def concerns(self, author_id: int) -> bool:
        """Whether any correction says something of an entry."""
        return author_id in self._concerned

    def of_author(self, author_id: int, limit: int = 10) -> list[CorrectionRow]:
        """The newest corrections that concern an entry."""
        concerned = [row for row in self._rows.values() if author_id in {row.author_id, row.into_id}]
        return concerned[: -limit - 1 : -1]


def load_corrections(session: Session) -> Corrections:
    """The corrections that hold now, in one statement."""
    rows = session.connection().execute(_HOLDING)
    return Corrections((CorrectionRow._make(row), paper_id) for *row, paper_id in rows)


def corrections_stamp(session: Session) -> int:
    """A number that differs once a correction was made or undone, or an import was taken back."""
    statement = select(func.count(), func.count(col(Correction.undone_at)))
    made, undone = session.connection().execute(statement).one()
    taken_back = select(func.count(col(CorpusImport.undone_at)))
    return made + undone + session.connection().execute(taken_back).scalar_one()


def add_correction(session: Session, papers: Iterable[int], **values: Any) -> int:
    """Write a correction with the papers that it moves, and return its id."""
    connection = session.connection()
    correction_id = connection.execute(
        insert(Correction).values(**values).returning(col(Correction.id))
    ).scalar_one()
    rows = [{"correction_id": correction_id, "paper_id": paper_id} for paper_id in papers]
    if rows:
        connection.execute(insert(CorrectionPaper), rows)
    return correction_id


def change_correction(session: Session, correction_id: int, **values: Any) -> None:
    """Change columns of a correction."""
    changed = update(Correction).where(col(Correction.id) == correction_id).values(**values)
    session.connection().execute(changed)


def corrections(
    session: Session, *, correction_id: int | None = None, author_id: int | None = None, limit: int = 10
) -> Sequence[CorrectionRow]:
    """The newest corrections with the number of papers of splits; one alone, or one person's alone."""
    statement = _CORRECTIONS.order_by(col(Correction.id).desc()).limit(limit)
    if correction_id is not None:
        statement = statement.where(col(Correction.id) == correction_id)
    if author_id is not None:
        concerned = or_(col(Correction.author_id) == author_id, col(Correction.into_id) == author_id)
        statement = statement.where(concerned, col(Correction.undone_at).is_(None))
    return read_rows(session, CorrectionRow, statement)


class PaperCorrectionRow(NamedTuple):
    """A correction of papers; see `PaperCorrection`."""

    id: int
    kind: CorrectionKind
    paper_id: int
    into_id: int
    title: str
    into_title: str
    reason: str
    made_by: int | None
    made_at: dt.datetime
    undone_by: int | None
    undone_at: dt.datetime | None


def add_paper_correction(
    session: Session, records: Iterable[Pair], others: Iterable[Pair], **values: Any
) -> int:
    """Write a correction of papers with the records of both sides, and return its id."""
    connection = session.connection()
    statement = insert(PaperCorrection).values(**values).returning(col(PaperCorrection.id))
    correction_id = connection.execute(statement).scalar_one()
    rows = [
        {"correction_id": correction_id, "source": source, "source_key": key, "is_of_other": is_of_other}
        for is_of_other, side in ((False, records), (True, others))
        for source, key in side
    ]
    connection.execute(insert(PaperCorrectionRecord), rows)
    return correction_id


def change_paper_correction(session: Session, correction_id: int, **values: Any) -> None:
    """Change columns of a correction of papers."""
    changed = update(PaperCorrection).where(col(PaperCorrection.id) == correction_id).values(**values)
    session.connection().execute(changed)


def paper_corrections(
    session: Session, *, correction_id: int | None = None, limit: int = 10
) -> Sequence[PaperCorrectionRow]:
    """The newest corrections of papers, or one alone."""
    statement = select(*columns_of(PaperCorrection, PaperCorrectionRow))
    if correction_id is not None:
        statement = statement.where(col(PaperCorrection.id) == correction_id)
    return read_rows(
        session, PaperCorrectionRow, statement.order_by(col(PaperCorrection.id).desc()).limit(limit)
    )


Sides = tuple[set[Pair], set[Pair]]
"""The records of both papers of a correction."""

_RECORDS = select(
    col(PaperCorrectionRecord.correction_id),
    col(PaperCorrectionRecord.source),
    col(PaperCorrectionRecord.source_key),
    col(PaperCorrectionRecord.is_of_other),
)


def records_of_correction(session: Session, correction_id: int) -> Sides:
    """The records of both sides of a correction of papers."""
    statement = _RECORDS.where(col(PaperCorrectionRecord.correction_id) == correction_id)
    return _sides(session.connection().execute(statement).all())[correction_id]


def paper_rulings(session: Session) -> dict[frozenset[Pair], bool]:
    """What the corrections of papers that hold say of two records; of several the newest."""
    held = select(col(PaperCorrection.id), col(PaperCorrection.kind)).where(
        col(PaperCorrection.undone_at).is_(None)
    )
    connection = session.connection()
    kinds = dict(connection.execute(held.order_by(col(PaperCorrection.id))).all())
    if not kinds:
        return {}
    sides = _sides(connection.execute(_RECORDS).all())
    rulings: dict[frozenset[Pair], bool] = {}
    for correction_id, kind in kinds.items():
        ours, theirs = sides[correction_id]
        is_one = kind is CorrectionKind.MERGE
        pairs = combinations(ours | theirs, 2) if is_one else product(ours, theirs)
        rulings.update(dict.fromkeys(map(frozenset, pairs), is_one))
    return rulings


def _sides(rows: Iterable[tuple[int, str, str, bool]]) -> defaultdict[int, Sides]:
    sides: defaultdict[int, Sides] = defaultdict(lambda: (set(), set()))
    for correction_id, source, key, is_of_other in rows:
        sides[correction_id][is_of_other].add((source, key))
    return sides


def papers_given_to(session: Session, author_id: int) -> set[int]:
    """The papers whose list names this entry, or that stand on its page."""
    connection = session.connection()
    listed = select(col(Authorship.paper_id)).where(col(Authorship.author_id) == author_id)
    attributed = select(col(Attribution.paper_id)).where(col(Attribution.author_id) == author_id)
    return {*connection.execute(listed).scalars(), *connection.execute(attributed).scalars()}


def lists_of(session: Session, ids: Iterable[int]) -> dict[int, list[int]]:
    """The people in the lists of these papers, in order."""
    statement = select(col(Authorship.paper_id), col(Authorship.author_id)).order_by(
        col(Authorship.paper_id), col(Authorship.position)
    )
    lists: defaultdict[int, list[int]] = defaultdict(list)
    for paper_id, person in rows_with(session, statement, col(Authorship.paper_id), ids):
        lists[paper_id].append(person)
    return lists


def mark_changed(session: Session, ids: Sequence[int], revision: int) -> None:
    """Say that these papers changed with a revision."""
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        session.connection().execute(update(Paper).where(col(Paper.id).in_(some)).values(revision=revision))


def add_person(session: Session, name: str, name_key: str) -> int:
    """Make an entry for a person whom no source separates from a namesake, with an identifier of ours."""
    connection = session.connection()
    values = {"name": name, "name_key": name_key}
    author_id = connection.execute(insert(Author).values(**values).returning(col(Author.id))).scalar_one()
    connection.execute(
        insert(AuthorIdentifier).values(scheme=OWN_SCHEME, value=str(author_id), author_id=author_id)
    )
    return author_id


def give_back_grouped(session: Session, author_id: int) -> None:
    """Let what grouping gave to a person be that of the entries again, until it is grouped anew."""
    session.connection().execute(delete(GroupedMention).where(col(GroupedMention.author_id) == author_id))
    leading = update(Author).where(col(Author.leads_to) == author_id)
    session.connection().execute(leading.values(leads_to=None))


def remove_person(session: Session, author_id: int) -> None:
    """Take away an entry that a split made, once it has no papers any more."""
    connection = session.connection()
    connection.execute(delete(AuthorName).where(col(AuthorName.author_id) == author_id))
    connection.execute(delete(AuthorIdentifier).where(col(AuthorIdentifier.author_id) == author_id))
    connection.execute(delete(Author).where(col(Author.id) == author_id))
