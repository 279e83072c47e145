"""Whether the titles, authors and kinds of two records agree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from bot.corpus.names import GENERATIONS, name_key
from bot.corpus.paper import Mention, PaperRecord
from bot.corpus.person_names import is_group
from bot.text.folding import AS_TWO_LETTERS
from bot.text.latex import readable

_GENERIC = frozenset(
    (
        *("abstract", "abstracts", "acknowledgement", "acknowledgements", "acknowledgment"),
        *("acknowledgments", "addendum", "afterword", "annotation", "announcement", "announcements"),
        *("appendix", "author index", "authors reply", "authors response", "avant propos", "back matter"),
        *("bibliography", "book notes", "book review", "book reviews", "books received", "calendar"),
        *("chairs message", "chairs welcome", "comment", "commentary", "comments", "concluding remarks"),
        *("conclusion", "conclusions", "conference report", "contents", "contributors", "correction"),
        *("corrections", "correspondence", "corrigenda", "corrigendum", "cover", "dedication"),
        *("discussion", "editorial", "editorial board", "editorial note", "editorials"),
        *("editors introduction", "editors note", "editors notes", "einleitung", "epilogue", "errata"),
        *("erratum", "foreword", "foreword and acknowledgements", "from the editor", "from the editors"),
        *("front matter", "general discussion", "general introduction", "glossary", "guest editorial"),
        *("guest editors introduction", "highlights", "in memoriam", "in this issue", "index", "interview"),
        *("introduccion", "introduction", "introduction to the special issue", "invited commentary"),
        *("issue information", "keynote", "letter", "letter to the editor", "letters"),
        *("letters to the editor", "list of contributors", "masthead", "message from the editor"),
        *("methods", "miscellany", "new books", "news", "news and notes", "no title", "notes"),
        *("notes and news", "obituaries", "obituary", "opening remarks", "outlook", "overview", "panel"),
        *("perspective", "poster", "preface", "preliminary", "prologo", "prologue"),
        *("publications received", "question", "references", "rejoinder", "reply", "research notes"),
        *("response", "results", "retraction", "review", "reviews", "short notes", "short notice"),
        *("short notices", "special issue", "special issue editorial", "summary"),
        *("summary and conclusions", "supplement", "supplementary material", "table of contents"),
        *("title page", "tutorial", "untitled", "vorwort", "welcome", "welcome message", "workshop"),
        *(
            "activity report",
            "annual report",
            "annual reports",
            "book of abstracts",
            "conference proceedings",
        ),
        *("final report", "invited lecture", "invited talk", "list of participants", "plenary lecture"),
        *("presidential address", "presidents message", "proceedings", "program", "programme"),
        *("progress report", "publishers note", "status report", "yearbook"),
        *("buchbesprechung", "buchbesprechungen", "compte rendu", "comptes rendus", "geleitwort", "indice"),
        *("inhalt", "inhaltsverzeichnis", "inleiding", "introduzione", "jahresbericht", "mitteilungen"),
        *("nachruf", "prefazione", "presentacion", "presentation", "recensione", "recensioni", "resena"),
        *("resenas", "rezension", "rezensionen", "sommaire", "voorwoord", "введение", "от редакции"),
        *("предисловие", "рецензия", "序", "序言", "前言", "后记", "まえがき", "あとがき", "編集後記"),
    )
)
"""Titles that many papers bear, folded; "the", "to the second edition" and numbers are taken off before."""
_FIRST_WORDS = frozenset({*(title.split()[0] for title in _GENERIC), "the", "a", "an"})
_AROUND_GENERIC = re.compile(
    r"^(?:the|a|an) | (?:to|of) the (?:\w+ )?(?:edition|volume|issue|proceedings|book|series)$| [ivx\d]+$"
)
_KIND_BEFORE = re.compile(
    r"\W*(?:author|publisher|editorial)?\s*(erratum|errata|corrigend\w+|corrections?|retraction|withdrawal"
    r"|reply|response|comments?|commentary|discussion|rejoinder|addendum|expression of concern"
    r"|(?:book )?review)"
    r"\s*(?:[:.\u2013\u2014-]|(?:note )?(?:to|on|for|of)\b)",
    re.IGNORECASE,
)
_KINDS_BEHIND = (
    *("erratum", "corrigendum", "correction", "reply", "comment", "discussion", "rejoinder", "retraction"),
    "addendum",
)
_KIND_BEHIND = re.compile(
    rf".*[\[(:\u2014]\s*({'|'.join(_KINDS_BEHIND)})s?\s*[\])]?\s*$", re.IGNORECASE | re.DOTALL
)
_CORRECTIONS = ("errat", "corrig", "correction")
_SUBTITLE = re.compile(r":\s|\s[\u2013\u2014-]\s|\u2014|[?.]\s")
_WORD = re.compile(r"[^\W_]+")
_NO_LETTERS = re.compile(r"[\W_]+")
_ASCII_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())
_ROMAN = {
    roman: str(place)
    for place, roman in enumerate(
        ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"], 1
    )
}
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
_SPELLED = str.maketrans(AS_TWO_LETTERS)
"""Letters as they are written where there are none: "Müller" is "Mueller"."""
_SHORTEST_TITLE = 2
_LONGEST_GENERIC = 60
"""Characters."""
_SMALL = frozenset(
    (
        *("a", "an", "and", "are", "as", "at", "by", "can", "do", "does", "for", "from", "how", "in", "into"),
        *(
            "is",
            "it",
            "its",
            "of",
            "on",
            "or",
            "the",
            "to",
            "toward",
            "towards",
            "using",
            "via",
            "we",
            "what",
        ),
        *("when", "with"),
    )
)
_ENGLISH = frozenset({"and", "for", "from", "of", "on", "the", "with", "by", "using", "towards"})
_ENOUGH_IN_COMMON = 0.6
_MOST_AUTHORS = 0.6


@lru_cache(maxsize=1 << 14)
def words_of(title: str) -> tuple[str, ...]:
    """The words of a title as it is read, folded: LaTeX and Unicode give the same."""
    if "\\" in title or "$" in title or "{" in title:
        title = readable(title)
    return tuple(_WORD.findall(folded(title)))


def letters_of(title: str) -> str:
    """The same without what parts the words."""
    if "\\" in title or "$" in title or "{" in title:
        title = readable(title)
    if title.isascii():  # as most are, and this is fast
        return title.lower().encode().translate(None, _ASCII_SIGNS).decode()
    return _NO_LETTERS.sub("", folded(title))


def same_words(one: str, other: str) -> bool:
    """Whether two titles, or two venues, differ in case, accents, punctuation and LaTeX at most."""
    return one == other or "".join(words_of(one)) == "".join(words_of(other))


def title_stem(title: str) -> str:
    """The letters of what stands before a subtitle; of the whole title where that may be many papers'."""
    main = main_title(title)
    if main is not None and not is_generic(main) and not kind_of(title):
        return letters_of(main) or letters_of(title)
    return letters_of(title)


def folded(text: str) -> str:
    """A text without case and accents."""
    text = text.casefold()
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text))
    return "".join(one for one in decomposed if not unicodedata.combining(one)).translate(_LETTERS)


@lru_cache(maxsize=1 << 14)
def main_title(title: str) -> str | None:
    """What stands before a subtitle; None where there is none."""
    title = title.strip()
    found = _SUBTITLE.search(title)
    if found is None or not found.start() or found.end() >= len(title):
        return None
    return title[: found.start()]


def is_generic(title: str) -> bool:
    """Whether many papers bear such a title: "Preface", "Editorial"."""
    if len(title) > _LONGEST_GENERIC:
        return False
    found = _WORD.search(title)
    first = folded(found[0]) if found is not None else ""
    # Most titles begin otherwise, and this is fast; "Author's reply" is kept as "authors reply".
    return (len(first) <= 1 or not _FIRST_WORDS.isdisjoint((first, f"{first}s"))) and _is_generic(title)


@lru_cache(maxsize=1 << 12)
def _is_generic(title: str) -> bool:
    text = " ".join(words_of(title.replace("'", "").replace("\u2019", "")))
    before = ""
    while before != text:
        before, text = text, _AROUND_GENERIC.sub("", text)
    return text in _GENERIC or len(text) < _SHORTEST_TITLE


@lru_cache(maxsize=1 << 12)
def kind_of(title: str) -> str:
    """What a title says that it is beside an article: an erratum, a reply; else empty."""
    found = _KIND_BEFORE.match(title)
    if found is None and _last_word_of(title).endswith(_KINDS_BEHIND):
        found = _KIND_BEHIND.match(title)
    if found is None or is_generic(title):
        return ""
    kind = found[1].lower()
    return "correction" if kind.startswith(_CORRECTIONS) else kind.rstrip("s")


def _last_word_of(title: str) -> str:
    """The end of a title without brackets and the "s" of several."""
    return title.casefold().rstrip().rstrip("])").rstrip().removesuffix("s")


def titles_agree(one: str, other: str) -> bool:
    """Whether two titles may be one paper's: the same, or one the longer form, or little changed."""
    if same_words(one, other):
        return True
    if kind_of(one) != kind_of(other) or _numbers(one) != _numbers(other):
        return False
    if is_longer_form(one, other):
        return True
    ours, theirs = set(words_of(one)) - _SMALL, set(words_of(other)) - _SMALL
    if not ours or not theirs or is_generic(one) or is_generic(other):
        return False
    return len(ours & theirs) >= _ENOUGH_IN_COMMON * min(len(ours), len(theirs)) and (
        len(ours & theirs) > 1 or len(ours) == 1 or len(theirs) == 1
    )


def is_longer_form(one: str, other: str) -> bool:
    """Whether one of two titles is the other with a subtitle."""
    if is_generic(one) or is_generic(other) or kind_of(one) != kind_of(other):
        return False
    main, other_main = main_title(one), main_title(other)
    return (main is not None and same_words(main, other)) or (
        other_main is not None and same_words(other_main, one)
    )


def _numbers(title: str) -> set[str]:
    """The numbers in a title, such as those of its parts."""
    return {_ROMAN.get(word, word) for word in words_of(title) if word.isdecimal() or word in _ROMAN}


@lru_cache(maxsize=1 << 14)
def _parts(name: str) -> tuple[tuple[str, ...], str]:
    """The given names and the family name."""
    words = [word for word in name_key(name).split() if word not in GENERATIONS]
    if len(words) > 1 and len(words[-1]) == 1 and len(words[0]) > 1:  # "Gold B"
        return tuple(words[1:]), words[0]
    return tuple(words[:-1]), words[-1] if words else ""


def family_of(name: str) -> str:
    """The family name, folded."""
    return _parts(name)[1]


def names_agree(one: str, other: str) -> bool:
    """Whether two names may be one person's: the same, with initials, or with the family name first."""
    key, other_key = name_key(one), name_key(other)
    if key == other_key:
        return True
    (given, family), (other_given, other_family) = _parts(one), _parts(other)
    if family != other_family:
        for written, name in ((one, other), (other, one)):
            if not written.isascii() and (spelled := written.lower().translate(_SPELLED)) != written.lower():
                return names_agree(spelled, name)
        return sorted(key.split()) == sorted(other_key.split()) or _is_one_east_asian(key, other_key)
    return not given or not other_given or all(map(_may_be, given, other_given))


def _is_one_east_asian(one: str, other: str) -> bool:
    """Whether two keys are one Chinese or Korean name, the family name before or behind."""
    if one.isascii() or other.isascii() or max(len(one), len(other)) > _LONGEST_EAST_ASIAN:
        return False
    words, other_words = one.split(), other.split()
    return "".join(words) in {"".join(other_words), "".join(other_words[::-1])} or (
        "".join(words[::-1]) == "".join(other_words)
    )


_LONGEST_EAST_ASIAN = 7


def _may_be(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])


def is_richer(name: str, other: str) -> bool:
    """Whether a name writes out what the other one abbreviates or leaves out."""
    given, other_given = _parts(name)[0], _parts(other)[0]
    return [len(one) > 1 for one in given] > [len(one) > 1 for one in other_given] and sum(
        map(len, given)
    ) > sum(map(len, other_given))


def authors_agree(one: Sequence[Mention], other: Sequence[Mention]) -> bool:
    """Whether two lists have the same lead author, or most authors in common; not where one is empty."""
    if not one or not other:
        return False
    if names_agree(one[0].name, other[0].name):
        return True
    if 1 in {len(one), len(other)} and _group_is_named(one, other):
        return True
    return _most_agree(one, other, min(len(one), len(other)))


def _group_is_named(one: Sequence[Mention], other: Sequence[Mention]) -> bool:
    """Whether the group that is the only author of one is among those of the other."""
    alone, listed = (one, other) if len(one) == 1 else (other, one)
    group = alone[0].name
    if not is_group(group):
        return False
    key = name_key(group).removeprefix("the ")
    return any(is_group(each.name) and name_key(each.name).removeprefix("the ") == key for each in listed)


def _most_agree(one: Sequence[Mention], other: Sequence[Mention], of: int) -> bool:
    rest = [mention.name for mention in other]
    found = 0
    for mention in one:
        match = next((name for name in rest if names_agree(mention.name, name)), None)
        if match is not None:
            rest.remove(match)
            found += 1
    return of > 1 and found > 1 and found >= _MOST_AUTHORS * of


def may_share_doi(one: PaperRecord, other: PaperRecord) -> bool:
    """Whether two records with one DOI describe one paper, and not chapters of one book or a reply."""
    if kind_of(one.title) != kind_of(other.title):
        return False
    agree = authors_agree(one.authors, other.authors)
    if is_generic(one.title) or is_generic(other.title):
        same = same_words(one.title, other.title)
        return same and (agree or not (one.authors and other.authors)) and not _parted(one, other)
    if titles_agree(one.title, other.title):
        return True
    if not agree or _numbers(one.title) != _numbers(other.title) or _pages_differ(one, other):
        return False
    if _is_in(one, other) or _is_in(other, one):
        return False  # a chapter and its book
    if _is_translation(one.title, other.title):
        return True
    return not (one.venue and other.venue and same_words(one.venue, other.venue))


def may_share_title(one: PaperRecord, other: PaperRecord, *, is_common: bool = False) -> bool:
    """Whether two records without an id in common describe one paper: by title and authors.

    Titles that many papers bear need the same year and venue, or the same pages.
    """
    if kind_of(one.title) != kind_of(other.title) or not authors_agree(one.authors, other.authors):
        return False
    if not same_words(one.title, other.title):
        return is_longer_form(one.title, other.title) and same_people(one, other)
    if is_common or is_generic(one.title):
        return _same_place(one, other)
    return not _parted(one, other)


def same_people(one: PaperRecord, other: PaperRecord) -> bool:
    """Whether two lists of authors begin with one person and name mostly the same people."""
    return names_agree(one.authors[0].name, other.authors[0].name) and _whole_lists_agree(one, other)


def _whole_lists_agree(one: PaperRecord, other: PaperRecord) -> bool:
    if one.authors_truncated or other.authors_truncated:
        return True
    longer = max(len(one.authors), len(other.authors))
    return longer == 1 or _most_agree(one.authors, other.authors, longer)


def _same_place(one: PaperRecord, other: PaperRecord) -> bool:
    year, other_year = (one.published or "")[:4], (other.published or "")[:4]
    if not year or year != other_year or _parted(one, other):
        return False
    same_venue = bool(one.venue and other.venue) and same_words(one.venue or "", other.venue or "")
    return same_venue or bool(one.pages and other.pages)


def _parted(one: PaperRecord, other: PaperRecord) -> bool:
    """Whether pages, or the number in one venue's name, say that these are two."""
    if not one.venue or not other.venue:
        return False
    same_name = _letters(words_of(one.venue)) == _letters(words_of(other.venue))
    return same_name and (_numbers(one.venue) != _numbers(other.venue) or _pages_differ(one, other))


def _letters(words: Iterable[str]) -> list[str]:
    return [word for word in words if not word.isdecimal() and word not in _ROMAN]


def _pages_differ(one: PaperRecord, other: PaperRecord) -> bool:
    ours, theirs = (re.findall(r"\w+", folded(pages or "")) for pages in (one.pages, other.pages))
    return bool(ours) and bool(theirs) and ours[0] != theirs[0]


def _is_in(chapter: PaperRecord, book: PaperRecord) -> bool:
    return chapter.venue is not None and same_words(chapter.venue, book.title)


def _is_translation(one: str, other: str) -> bool:
    """Whether the titles are in different scripts, or only one of them is in English."""
    if all(map(str.isascii, words_of(one))) != all(map(str.isascii, words_of(other))):
        return True
    return _ENGLISH.isdisjoint(words_of(one)) != _ENGLISH.isdisjoint(words_of(other))
