"""That a paper was retracted, withdrawn or corrected, where a source says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.corpus.formats.answers import address_of, date_of_parts, entries_of, object_of, text_of
from bot.corpus.identity import normalise_doi
from bot.corpus.paper import Identifier, Notice, NoticeKind, NoticeOf, OtherTitle, PaperRecord, data_address

_PAPER = (
    r"(?:(?:e-?)?print|pre-?print|paper|article|manuscript|submission|work|letter|note|chapter|report|study|review"
    r"|publication|version|contribution|document|entry|text)"
)
_GONE = r"(?:withdrawn|retracted)"
_NOTE = rf"{_GONE}(?:\s+{_PAPER}|\s+as\s+(?:a\s+)?duplicate)?"
_REMOVED = re.compile(r"(?:TEMPORARY )?(?:REMOVAL|REMOVED|WITHDRAWAL)(?: NOTICE)?\s*:\s*")
"""What Elsevier puts before a title, in capitals; "Removed: ..." may be a title."""
_BEFORE_TITLE = re.compile(
    rf"\s*(?:\[\s*{_NOTE}\s*[\]:.]+|\(\s*{_NOTE}\s*\)|{_NOTE}\s*(?::|\s[-\u2013\u2014]\s|[\u2013\u2014]))\s*[:.]?\s*",
    re.IGNORECASE,
)
"""“RETRACTED: …”, “[Retracted] …”, “WITHDRAWN ARTICLE: …”; but “Retraction: …” is a notice itself."""
_BEHIND_TITLE = re.compile(
    rf"\s*(?:\(\s*{_NOTE}\b(?:[.,:;]\s[^()]{{0,200}})?\s*\)|\[\s*{_NOTE}\b(?:[.,:;]\s[^\[\]]{{0,200}})?\s*\])\s*\.?\s*",
    re.IGNORECASE,
)
"""“… (Retracted article. See vol. 12, pg. 5, 2010)”, as Web of Science writes."""
_NOTHING_ELSE = re.compile(rf"\W*(?:{_PAPER}\s+)?{_NOTE}\W*", re.IGNORECASE)

_IS = r"(?:(?:has|have)\s+been|is\s+being|is|was)(?:\s+(?:now|temporarily|formally))?"
_NOT_ELSEWHERE = (
    r"(?!\s+from\s+(?!(?:the\s+)?(?:arxiv|journal|publication|publisher|public|circulation)\b))\b"
)
"""What was withdrawn from a conference is not withdrawn."""
_WHO = r"(?:the\s+)?(?:\w+\s+)?(?:authors?|arxiv|submitter|editors?|journal|publisher)"
_COMMENT = re.compile(
    rf"^\W*(?:(?:the|this)\s+)?(?:{_PAPER}\s+)?(?:{_IS}\s+)?(?:temporarily\s+)?{_GONE}{_NOT_ELSEWHERE}"
    rf"|\b(?:this|the|our)\s+(?:\w+\s+)?{_PAPER}\s+{_IS}\s+{_GONE}{_NOT_ELSEWHERE}"
    rf"|[.:;,(]\s*(?:the\s+)?{_PAPER}\s+{_GONE}{_NOT_ELSEWHERE}"
    rf"|\b{_GONE}\s+(?:by\s+{_WHO}|due\s+to|because)\b"
    r"|\b(?:i|we|the\s+authors?)\s+(?:(?:have|has|hereby|wish\s+to|would\s+like\s+to)\s+){0,3}"
    rf"(?:withdraw|retract)(?:n|ed|s)?\s+(?:this|the|our)\s+{_PAPER}",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:earlier|previous|prior|first|second|old|older|original|another|other|companion|related"
    r"|replac\w*|supersed\w*|v\d+)\W+(?:\w+\W+){0,4}$",
    re.IGNORECASE,
)
"""Before such words it is another version or paper that was withdrawn."""
_ABSTRACT = re.compile(
    rf"^\W*(?:abstract\W+)?(?:(?:this|the|our)\s+(?:\w+\s+)?{_PAPER}\s+{_IS}\s+{_GONE}{_NOT_ELSEWHERE}"
    rf"|(?:{_PAPER}\s+)?{_GONE}(?=\s*(?:$|[.:;,(]|by\b|due\b|because\b)))",
    re.IGNORECASE,
)
_ERRATUM = re.compile(
    r"^\W*(?i:an?\s+)?(?i:erratum|errata|corrigendum|correction)"
    r"(?:\s*[-:\u2013]\s*(?:(?i:ibid)|[A-Z\d])|\s+(?i:ibid|(?:was\s+)?published|to\s+appear)\b)"
)
"""“[Erratum: Phys.Rev.Lett. 77, 1889 (1996)]”, as INSPIRE writes."""

_KINDS: Mapping[str, NoticeKind] = {
    "retraction": NoticeKind.RETRACTED,
    "retracted": NoticeKind.RETRACTED,
    "removal": NoticeKind.WITHDRAWN,
    "withdrawal": NoticeKind.WITHDRAWN,
    "withdrawn": NoticeKind.WITHDRAWN,
    "expression_of_concern": NoticeKind.CONCERN,
    "expression of concern": NoticeKind.CONCERN,
    "concern": NoticeKind.CONCERN,
    "correction": NoticeKind.CORRECTED,
    "corrected": NoticeKind.CORRECTED,
    "corrigendum": NoticeKind.CORRECTED,
    "erratum": NoticeKind.CORRECTED,
    "partial_retraction": NoticeKind.CORRECTED,
    "clarification": NoticeKind.CORRECTED,
}
"""What providers call a notice; what is a new edition or an addendum is none."""
_TAKEN_BACK = {"reinstatement": {NoticeKind.RETRACTED, NoticeKind.WITHDRAWN}}
_LONGEST_COMMENT = 1_000
_BEGINNING = 300
"""Characters of an abstract: where it is said that the paper is withdrawn, it begins so."""


def kind_named(word: str) -> NoticeKind | None:
    """What a provider's word for a notice means; None where it is no notice."""
    return _KINDS.get(word.strip().lower().replace("-", "_"))


def with_notices(record: PaperRecord, *comments: str) -> PaperRecord:
    """The record, flagged where its title, a comment of its authors or its abstract says what became of it.

    And with the data to which its abstract or a comment leads.

    A title is freed of such words, so that it is the same as elsewhere; as it was written it stays among the
    other titles.
    """
    if record.data_url is None:
        data = next(filter(None, map(data_address, (record.abstract, *comments))), None)
        if data is not None:
            record = record.model_copy(update={"data_url": data})
    title, in_title = without_notice(record.title)
    said = (in_title, *map(kind_in_comment, comments), _kind_in_abstract(record.abstract))
    if not any(said):  # as of nearly all papers
        return record
    found = {kind for kind in said if kind is not None}
    known = {notice.kind for notice in record.notices}
    more = [Notice(kind=kind, source=record.source) for kind in NoticeKind if kind in found - known]
    titles = record.other_titles if title == record.title else (OtherTitle(title=record.title),)
    return record.model_copy(
        update={
            "title": title,
            "notices": (*record.notices, *more),
            "other_titles": tuple(dict.fromkeys((*record.other_titles, *titles))),
        }
    )


def kind_in_comment(comment: str) -> NoticeKind | None:
    """What a comment such as “This paper has been withdrawn by the author” says of its paper."""
    comment = comment[:_LONGEST_COMMENT]
    lowered = comment.lower()
    if "withdr" not in lowered and "retract" not in lowered:
        return NoticeKind.CORRECTED if _ERRATUM.match(comment) else None
    for found in _COMMENT.finditer(comment):
        if _ANOTHER.search(comment[: found.start()]) is None:
            return _gone(found[0])
    return None


def updates_of(work: Mapping[str, Any], doi: str | None, source: str) -> tuple[Notice, ...]:
    """What Crossref says of a work's retraction or corrections: `updated-by`, and `update-to` itself."""
    updates = [(one, text_of(one.get("DOI"))) for one in entries_of(work.get("updated-by"))]
    # A publisher that changes the work in place names it as its own update.
    updates += [
        (one, "")
        for one in entries_of(work.get("update-to"))
        if normalise_doi(text_of(one.get("DOI"))) == doi
    ]
    notices: list[Notice] = []
    for update, notice_doi in sorted(updates, key=lambda one: _order_of(one[0])):
        name = text_of(update.get("type")).lower()
        notices = [one for one in notices if one.kind not in _TAKEN_BACK.get(name, ())]
        if (kind := kind_named(name)) is not None:
            url = address_of(f"https://doi.org/{notice_doi}") if normalise_doi(notice_doi) else None
            notices.append(Notice(kind=kind, source=source, day=_day_of(update), url=url))
    return tuple(dict.fromkeys(notices))


def _order_of(update: Mapping[str, Any]) -> str:
    """By their days; a reinstatement without one comes last."""
    return _day_of(update) or ("9" if text_of(update.get("type")).lower() in _TAKEN_BACK else "")


def updates_of_others(work: Mapping[str, Any], doi: str | None, source: str) -> tuple[NoticeOf, ...]:
    """What Crossref's `update-to` says of other papers, where the work is the notice itself."""
    found: list[NoticeOf] = []
    for update in entries_of(work.get("update-to")):
        other = normalise_doi(text_of(update.get("DOI")))
        name = text_of(update.get("type")).lower()
        if other is None or other == doi:
            continue
        url = address_of(f"https://doi.org/{doi}") if doi is not None else None
        taken_back = sorted(_TAKEN_BACK.get(name, ()))
        kinds = taken_back or [kind for kind in [kind_named(name)] if kind is not None]
        for kind in kinds:
            day, is_taken_back = _day_of(update), bool(taken_back)
            notice = Notice(kind=kind, source=source, day=day, url=url, is_taken_back=is_taken_back)
            found.append(NoticeOf(paper=Identifier(scheme="doi", value=other), notice=notice))
    return tuple(dict.fromkeys(found))


def _day_of(update: Mapping[str, Any]) -> str | None:
    parts = object_of(update.get("updated")).get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list):
        return date_of_parts(parts[0])  # pyright: ignore[reportUnknownArgumentType]
    return None


def without_notice(title: str) -> tuple[str, NoticeKind | None]:
    """A title without “RETRACTED:” and the like, and what that says."""
    if (removed := _REMOVED.match(title)) is not None and removed.end() < len(title):
        return title[removed.end() :], NoticeKind.WITHDRAWN
    if not _may_be_gone(title):
        return title, None
    if _NOTHING_ELSE.fullmatch(title) is not None:
        return title, _gone(title)
    bare, kind = title, None
    if (found := _BEFORE_TITLE.match(title)) is not None:
        bare, kind = title[found.end() :].strip() or title, _gone(found[0])
    for found in _BEHIND_TITLE.finditer(bare):
        if found.end() == len(bare):
            return bare[: found.start()].strip() or bare, kind or _gone(found[0])
    return bare, kind


def _kind_in_abstract(abstract: str) -> NoticeKind | None:
    start = abstract[:_BEGINNING]
    if not _may_be_gone(start):
        return None
    found = _ABSTRACT.match(start)
    return _gone(found[0]) if found is not None else None


def _may_be_gone(text: str) -> bool:
    """Whether a text has one of the words; nearly none has, and this is fast."""
    lowered = text.lower()
    return "withdrawn" in lowered or "retracted" in lowered


def _gone(words: str) -> NoticeKind:
    return NoticeKind.RETRACTED if "retract" in words.lower() else NoticeKind.WITHDRAWN
