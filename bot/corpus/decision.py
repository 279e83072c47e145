"""Which records are one paper, and which paper of the corpus a record describes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import combinations

from bot.corpus.agreement import (
    authors_agree,
    family_of,
    is_generic,
    letters_of,
    may_share_doi,
    may_share_title,
    names_agree,
    same_people,
    same_words,
)
from bot.corpus.identity import (
    JSON_LINES,
    REPEATING,
    TITLE,
    Pair,
    RecordKeys,
    folded_title,
    is_preprint_doi,
    older_keys,
    titles_of,
)
from bot.corpus.names import name_key
from bot.corpus.paper import PaperRecord

_MANY = 5
"""By so many lead authors a title says little, such as "Preface"."""

_ADVICE = "Take the id that is wrong out of this row and import it again."

Rulings = Mapping[frozenset[Pair], bool]
"""What people said of two records, by (source, source key): that they are one paper, or two."""

NO_RULINGS: Rulings = {}


class Bond(IntEnum):
    """What speaks for two records being one paper, the strongest first."""

    RULED = 0
    """Somebody said so."""
    ID = 1
    DOI = 2
    TITLE = 3
    """The same title and people."""
    LEAD = 4
    """The same title and lead author."""
    SOME_PEOPLE = 5
    """The same title, and enough of the people."""
    LONGER_TITLE = 6
    """One title is the other with a subtitle."""
    NONE = 7
    APART = 8
    """They are two: their ids differ, or their titles are alike and all else is not."""


_BY_ID = (Bond.RULED, Bond.ID, Bond.DOI)
_BY_TITLE = (Bond.TITLE, Bond.LEAD, Bond.SOME_PEOPLE, Bond.LONGER_TITLE)


@dataclass(frozen=True, slots=True)
class KnownPaper:
    """A paper of the store, with all keys under which its sources know it."""

    paper_id: int
    title: str
    lead: str | None
    source_keys: Mapping[str, AbstractSet[str]]
    """Its ids within each source."""
    keys: Mapping[str, AbstractSet[str]]
    """Its shared keys by scheme: "arxiv", "doi", `TITLE`."""
    records: tuple[PaperRecord, ...]
    """What its sources say."""
    _keyed: dict[Pair, RecordKeys] = field(default_factory=dict[Pair, RecordKeys], compare=False, repr=False)

    @classmethod
    def of(
        cls,
        paper_id: int,
        title: str,
        lead: str | None,
        keys: Mapping[str, AbstractSet[str]],
        records: Iterable[PaperRecord],
        keyed: Iterable[RecordKeys] = (),
    ) -> KnownPaper:
        """A paper that these records describe, with the keys of those of which they are known."""
        described = tuple(records)
        source_keys: defaultdict[str, set[str]] = defaultdict(set)
        for record in described:
            source_keys[record.source].add(record.source_key)
        return cls(paper_id, title, lead, source_keys, keys, described, {one.pair: one for one in keyed})

    @property
    def keyed(self) -> Mapping[Pair, RecordKeys]:
        """The keys of its records, worked out when they are first asked for."""
        for one in self.records if len(self._keyed) < len(self.records) else ():
            if (pair := (one.source, one.source_key)) not in self._keyed:
                self._keyed[pair] = RecordKeys.of(one)
        return self._keyed

    @property
    def pairs(self) -> frozenset[Pair]:
        """The (source, source key) of its records."""
        return frozenset((one.source, one.source_key) for one in self.records)

    @property
    def ids(self) -> Iterator[Pair]:
        """Its shared keys but for those of its titles."""
        return (
            (scheme, value)
            for scheme, values in self.keys.items()
            if scheme in {"arxiv", "doi", "openalex", "s2", "pmid"}
            for value in values
        )

    def has(self, scheme: str, value: str) -> bool:
        """Whether it has this shared key."""
        return value in self.keys.get(scheme, ())


@dataclass(frozen=True, slots=True)
class Joins:
    """The record describes this paper."""

    paper_id: int
    same: tuple[int, ...] = ()
    """Later papers that are the same one, as the record shows."""


@dataclass(frozen=True, slots=True)
class New:
    """The record describes a paper that the store lacks."""


@dataclass(frozen=True, slots=True)
class Part:
    """A paper as it is to be."""

    paper_id: int | None
    """None for one that the store lacks."""
    records: frozenset[Pair]
    same: tuple[int, ...] = ()
    """Papers that become this one."""


@dataclass(frozen=True, slots=True)
class Rearranged:
    """With the record, others belong to other papers than before."""

    parts: tuple[Part, ...]
    """The papers that they all are; the first has the record."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The record's keys point to different papers; the reason is written for people."""

    reason: str


Decision = Joins | New | Rearranged | Contradiction


def decide(record: RecordKeys, known: Iterable[KnownPaper], rulings: Rulings = NO_RULINGS) -> Decision:
    """Decide which paper a record describes.

    `known` has at least every paper that has the record's own id or one of its shared keys; others
    make no difference.
    """
    papers = sorted(known, key=lambda paper: paper.paper_id)
    by_id = _by_id(record, papers)
    own = next((paper for paper in papers if record.pair in paper.pairs), None)
    if own is not None and (reason := _other_paper_of_own_id(record, own, by_id)):
        return Contradiction(reason)
    placed = _placed(record, papers, rulings)
    if by_id and not _honours_ids(record, own, placed, by_id, rulings):
        reason = _contradiction(record, own, by_id)
        if reason is not None:
            return Contradiction(reason)
    return placed


def is_surely(record: RecordKeys, paper: KnownPaper) -> bool:
    """Whether an answer about a paper is believed: it has an id of it, or its very title and lead author.

    Files may know a paper by a near title; who is asked about one paper may answer with another.
    """
    if record.source_key in paper.source_keys.get(record.source, ()):
        return True
    if any(paper.has(*key) for key in record.ids):
        return True
    asked = older_keys(record.record)
    return bool(asked) and any(older_keys(one) == asked for one in paper.records)


def bond(one: RecordKeys, other: RecordKeys, rulings: Rulings, common: AbstractSet[str]) -> Bond:
    """What speaks for or against two records being one paper; `common` are titles that say little."""
    if rulings and (said := rulings.get(frozenset((one.pair, other.pair)))) is not None:
        return Bond.RULED if said else Bond.APART
    shared = {key for key in one.ids if key in other.ids}
    if any(scheme != "doi" for scheme, _ in shared):
        return Bond.ID
    if _ids_differ(one, other):
        return Bond.APART
    if shared:
        return Bond.DOI if _may_share_doi(one, other) else Bond.APART
    if one.of_scheme(TITLE).isdisjoint(other.of_scheme(TITLE)):
        return Bond.NONE
    return min(
        _bond_by_title(ours, theirs, common) for ours in _by_titles(one) for theirs in _by_titles(other)
    )


def _bond_by_title(one: PaperRecord, other: PaperRecord, common: AbstractSet[str]) -> Bond:
    is_common = bool(common) and letters_of(one.title) in common
    if not may_share_title(one, other, is_common=is_common):
        return Bond.APART
    if not same_words(one.title, other.title):
        return Bond.LONGER_TITLE
    if same_people(one, other):
        return Bond.TITLE
    return Bond.LEAD if names_agree(one.authors[0].name, other.authors[0].name) else Bond.SOME_PEOPLE


def _may_share_doi(one: RecordKeys, other: RecordKeys) -> bool:
    return any(may_share_doi(ours, theirs) for ours in _by_titles(one) for theirs in _by_titles(other))


def _by_titles(one: RecordKeys) -> list[PaperRecord]:
    """A record under each of its titles."""
    first, *others = titles_of(one.record)
    return [
        one.record,
        *(one.record.model_copy(update={"title": title}) for title in others if title != first),
    ]


def _ids_differ(one: RecordKeys, other: RecordKeys) -> bool:
    may_be_published = _is_preprint_of(one, other) or _is_preprint_of(other, one)
    if one.source == other.source and not one.source.startswith(REPEATING):
        return one.source_key != other.source_key and not may_be_published
    for scheme in ("arxiv",) if may_be_published else ("arxiv", "doi"):
        ours, theirs = one.of_scheme(scheme), other.of_scheme(scheme)
        if ours and theirs and ours.isdisjoint(theirs):
            return True
    return False


def _is_preprint_of(one: RecordKeys, other: RecordKeys) -> bool:
    """Whether the DOIs of two records may be those of a preprint and of what was published of it."""
    ours, theirs = one.of_scheme("doi"), other.of_scheme("doi")
    return bool(ours and theirs) and all(map(is_preprint_doi, ours)) and not any(map(is_preprint_doi, theirs))


def groups(
    records: Sequence[RecordKeys], before: Iterable[AbstractSet[Pair]], rulings: Rulings = NO_RULINGS
) -> list[frozenset[Pair]]:
    """The papers that records make, in whatever order these came.

    Ids join first; then titles, where it is certain which papers they join: a record that may be either
    of two papers stays by itself. `before` is what was one paper; it stays so unless something speaks
    against it.
    """
    return _Groups(records, rulings).settled(before)


class _Groups:
    """Records that are put together step by step."""

    def __init__(self, records: Sequence[RecordKeys], rulings: Rulings) -> None:
        ordered = sorted(records, key=lambda one: one.pair)
        common = _common_titles(ordered)
        self._group = {one.pair: frozenset((one.pair,)) for one in ordered}
        self._bonds: dict[frozenset[Pair], Bond] = {}
        """Of those pairs of records that have one, or are apart."""
        for one, other in combinations(ordered, 2):
            if (found := bond(one, other, rulings, common)) is not Bond.NONE:
                self._bonds[frozenset((one.pair, other.pair))] = found

    def settled(self, before: Iterable[AbstractSet[Pair]]) -> list[frozenset[Pair]]:
        """All groups, when no two of them are to become one."""
        for strength in _BY_ID:
            for pair, found in self._bonds.items():
                if found is strength:
                    self._unite(pair)
        for strength in _BY_TITLE:
            while self._unite_certain(strength):
                pass
        for earlier in before:
            for one, other in combinations(sorted(earlier & self._group.keys()), 2):
                if not self._has_bond(self._group[one], self._group[other]):
                    self._unite(frozenset((one, other)))
        return sorted(set(self._group.values()), key=min)

    def _unite(self, pair: frozenset[Pair]) -> bool:
        """Make the groups of two records one, if nothing is against it."""
        one, other = (self._group[each] for each in pair)
        if one is other or not self._may_unite(one, other):
            return False
        whole = one | other
        self._group.update(dict.fromkeys(whole, whole))
        return True

    def _has_bond(self, one: frozenset[Pair], other: frozenset[Pair]) -> bool:
        return any(frozenset((ours, theirs)) in self._bonds for ours in one for theirs in other)

    def _may_unite(self, one: frozenset[Pair], other: frozenset[Pair]) -> bool:
        return not any(
            self._bonds.get(frozenset((ours, theirs))) is Bond.APART for ours in one for theirs in other
        )

    def _unite_certain(self, weakest: Bond) -> bool:
        """Unite groups that may be one where no third one may be either of them alone; whether any were."""
        near: defaultdict[frozenset[Pair], set[frozenset[Pair]]] = defaultdict(set)
        for pair, found in self._bonds.items():
            one, other = (self._group[each] for each in pair)
            if found <= weakest and one is not other and self._may_unite(one, other):
                near[one].add(other)
                near[other].add(one)
        certain = [
            (min(one), min(other))
            for one, others in near.items()
            for other in others
            if all(self._may_unite(third, other) for third in near[one] if third != other)
            and all(self._may_unite(third, one) for third in near[other] if third != one)
        ]
        return sum(self._unite(frozenset(pair)) for pair in sorted(certain)) > 0


def _common_titles(records: Sequence[RecordKeys]) -> set[str]:
    """The titles that so many lead authors have written under that these say little."""
    families: defaultdict[str, set[str]] = defaultdict(set)
    if len(records) >= _MANY:
        for one in records:
            if one.record.authors:
                families[letters_of(one.title)].add(family_of(one.record.authors[0].name))
    return {title for title, those in families.items() if len(those) >= _MANY}


def _placed(record: RecordKeys, papers: Sequence[KnownPaper], rulings: Rulings) -> Decision:
    """Which paper a record becomes part of, and what that changes of others."""
    known = {pair: one for paper in papers for pair, one in paper.keyed.items()}
    mine = [paper for paper in papers if record.pair in paper.pairs]
    bonds = {
        pair: bond(record, one, rulings, frozenset()) for pair, one in known.items() if pair != record.pair
    }
    if not mine and all(found >= Bond.NONE for found in bonds.values()):
        return New()
    if len(papers) == 1 and Bond.APART not in bonds.values():
        return Joins(papers[0].paper_id)
    found = groups([*(known | {record.pair: record}).values()], [paper.pairs for paper in papers], rulings)
    first, *rest = sorted(arranged(found, papers), key=lambda part: record.pair not in part.records)
    before = {paper.paper_id: paper.pairs for paper in papers}
    changed = [part for part in rest if part.paper_id is None or part.records != before[part.paper_id]]
    joined = [each for each in (first.paper_id, *first.same) if each is not None]
    if changed or first.records != frozenset((record.pair,)).union(*(before[each] for each in joined)):
        return Rearranged((first, *changed))
    return New() if first.paper_id is None else Joins(first.paper_id, first.same)


def arranged(
    found: Iterable[frozenset[Pair]],
    papers: Sequence[KnownPaper],
    keeping: AbstractSet[Pair] = frozenset(),
) -> list[Part]:
    """Which papers these groups of records are: each where most of its records are, or those of `keeping`."""
    claims: defaultdict[frozenset[Pair], list[int]] = defaultdict(list)
    parts = list(found)
    for paper in papers:

        def rank(part: frozenset[Pair], pairs: frozenset[Pair] = paper.pairs) -> tuple[bool, int, bool, Pair]:
            return part.isdisjoint(pairs & keeping), -len(part & pairs), part in claims, min(part)

        claims[min(parts, key=rank)].append(paper.paper_id)
    return [Part(min(claims[part], default=None), part, tuple(sorted(claims[part])[1:])) for part in parts]


def doubtful(one: KnownPaper, other: KnownPaper, rulings: Rulings) -> str | None:
    """Why two papers may be one although they are kept apart; None where nothing says so."""
    for ours in one.keyed.values():
        for theirs in other.keyed.values():
            if frozenset((ours.pair, theirs.pair)) in rulings:
                return None
    for ours in one.keyed.values():
        for theirs in other.keyed.values():
            if shared := [key for key in ours.ids if key in theirs.ids]:
                return f"both have {_in_words(shared)}"
            if may_share_title(ours.record, theirs.record) or (
                is_generic(ours.title)
                and same_words(ours.title, theirs.title)
                and authors_agree(ours.record.authors, theirs.record.authors)
            ):
                return "both have the same title and authors"
    return None


def _honours_ids(
    record: RecordKeys,
    own: KnownPaper | None,
    placed: Decision,
    by_id: Sequence[KnownPaper],
    rulings: Rulings,
) -> bool:
    """Whether a record is one paper with all that its ids name, and none of its ids is against it."""
    match placed:
        case Joins(paper_id, same):
            beside = {pair for paper in by_id if paper.paper_id in {paper_id, *same} for pair in paper.pairs}
        case Rearranged(parts):
            beside = parts[0].records
        case _:
            beside = frozenset[Pair]()
    dois = [key for key in record.ids if key[0] == "doi"]
    agree = all(paper.has(*key) for paper in by_id for key in dois)
    for paper in by_id:
        for pair, one in paper.keyed.items():
            if pair == record.pair or frozenset((pair, record.pair)) in rulings:
                continue
            named = [scheme for scheme, value in record.ids if value in one.of_scheme(scheme)]
            if named == ["doi"] and agree and not _may_share_doi(record, one):
                continue
            if named and (pair not in beside or (own is None and _ids_differ(record, one))):
                return False
    return True


def _contradiction(record: RecordKeys, own: KnownPaper | None, by_id: Sequence[KnownPaper]) -> str | None:
    """Why a record cannot be what its ids name; None where no id is against it."""
    others = [paper for paper in by_id if paper is not own]
    if own is not None or len(by_id) > 1:
        conflict = _conflict_among(record, [own, *others] if own is not None else by_id)
        begin = f"{_own_id(record)} is {_quoted(own.title)}, but its other" if own is not None else "its"
        papers = "another paper" if own is not None else "different papers"
        return conflict and (
            f"{begin} ids belong to {papers}: {_named_by(record, others)}. They cannot be one: "
            f"{conflict}. {_ADVICE}"
        )
    conflict = _conflict(record, by_id[0])
    shared = _in_words([key for key in record.ids if by_id[0].has(*key)])
    return conflict and (
        f"{_quoted(record.title)} has {shared} in common with {_quoted(by_id[0].title)}, but {conflict}. "
        "Where they are one paper, take that id out of this row and import it again."
    )


def _other_paper_of_own_id(record: RecordKeys, own: KnownPaper, by_id: Sequence[KnownPaper]) -> str | None:
    """Why a row is not the paper of its id, in a file that may number its papers as another one does."""
    if record.source != JSON_LINES or _resembles(record, own):
        return None
    others = [paper for paper in by_id if paper is not own]
    if others:
        return (
            f"{_own_id(record)} is {_quoted(own.title)}, but its other ids belong to another paper: "
            f"{_named_by(record, others)}. {_ADVICE}"
        )
    if any(own.has(*key) for key in record.ids):
        return None
    return (
        f"{_own_id(record)} is already another paper: there it is {_quoted(own.title)}, here "
        f"{_quoted(record.title)}. Where this file numbers its papers on its own, import it with "
        "--source NAME, which gives it an id space of its own."
    )


def _by_id(record: RecordKeys, papers: Sequence[KnownPaper]) -> list[KnownPaper]:
    """The papers that a record's ids name; chapters with the DOI of their book are papers of their own.

    Where another of its ids names another paper, a DOI counts in any case: the ids contradict each other.
    """
    strong = record.ids
    found = [paper for paper in papers if any(paper.has(*key) for key in strong)]
    agreeing = [
        paper
        for paper in found
        if any(paper.has(*key) for key in strong if key[0] != "doi")
        or any(_may_share_doi(record, one) for one in paper.keyed.values())
    ]
    dois = [key for key in strong if key[0] == "doi"]
    return agreeing if all(any(paper.has(*key) for key in dois) for paper in agreeing) else found


def _conflict_among(record: RecordKeys, papers: Sequence[KnownPaper]) -> str | None:
    """Why these cannot all be the paper that a record describes: ids of one kind that differ."""
    for paper in papers:
        is_own = record.source_key in paper.source_keys.get(record.source, ())
        if not is_own and (conflict := _conflict(record, paper)) is not None:
            return f"{_quoted(paper.title)} is not this row's paper, since {conflict}"
    for one, other in combinations(papers, 2):
        for source, ids in one.source_keys.items():
            if not source.startswith(REPEATING) and (others := other.source_keys.get(source)):
                return f"{source} gives them the ids {_listed({*ids, *others})}"
        for scheme, label in (("arxiv", "arXiv ids"), ("doi", "DOIs")):
            ids, others = one.keys.get(scheme, frozenset[str]()), other.keys.get(scheme, frozenset[str]())
            if ids and others and ids.isdisjoint(others):
                return f"they have the {label} {_listed({*ids, *others})}"
    return None


def _resembles(record: RecordKeys, paper: KnownPaper) -> bool:
    """A retitled paper keeps its lead author; a paper with another lead author keeps its title."""
    same_lead = (
        record.lead is not None and paper.lead is not None and name_key(record.lead) == name_key(paper.lead)
    )
    return (
        same_lead
        or folded_title(record.title) == folded_title(paper.title)
        or any(scheme == TITLE and paper.has(scheme, value) for scheme, value in record.shared)
    )


def _conflict(record: RecordKeys, paper: KnownPaper) -> str | None:
    """Why a record cannot be this paper although they share a key: ids of one kind that differ."""
    if not record.source.startswith(REPEATING) and (ids := paper.source_keys.get(record.source)):
        return f"{record.source} gives that one the id {_listed(ids)} and this one {record.source_key}"
    for scheme, label in (("arxiv", "arXiv id"), ("doi", "DOI")):
        ours = {value for key, value in record.shared if key == scheme}
        theirs = paper.keys.get(scheme, frozenset[str]())
        if ours and theirs and ours.isdisjoint(theirs):
            return f"that one has the {label} {_listed(theirs)} and this one {_listed(ours)}"
    return None


def _quoted(title: str) -> str:
    return f"“{title}”"


def _own_id(record: RecordKeys) -> str:
    return f"the id {record.source_key} of {record.source}"


def _listed(values: Iterable[str]) -> str:
    return " and ".join(sorted(values))


def _in_words(keys: Iterable[tuple[str, str]]) -> str:
    labels = {
        "arxiv": "the arXiv id",
        "doi": "the DOI",
        "openalex": "the OpenAlex id",
        "s2": "the Semantic Scholar id",
        "pmid": "the PubMed id",
    }
    return " and ".join(f"{labels[scheme]} {value}" for scheme, value in keys)


def _named_by(record: RecordKeys, papers: Iterable[KnownPaper]) -> str:
    """Each paper with the ids of the record that point to it."""
    return "; ".join(
        f"{_in_words(key for key in record.ids if paper.has(*key))} is {_quoted(paper.title)}"
        for paper in papers
    )
