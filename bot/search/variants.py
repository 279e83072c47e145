"""How the words of a term are written: in other spellings, parted, joined, corrected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import accumulate, islice, pairwise, product, starmap, takewhile

from bot.disambiguation.name_forms import PARTICLES
from bot.search.snapshot import Snapshot
from bot.search.spelling import corrections, is_in_texts, other_number, other_spellings, papers_with
from bot.text.folding import is_stop_word, stem

_MOST_VARIANTS = 8
"""Combinations of spellings of a phrase that are searched: each one more is another phrase query.

Without any SciTLDR loses .002; 16 change nothing.
"""
_PHRASE_LIMIT = 20_000
"""Where so many papers have both halves of a word, phrases are counted in titles alone, which is faster.

With 0 misspelt authors lose .004; twice as much changes nothing at 75,000 papers.
"""


class MatchKind(IntEnum):
    """How surely a paper has what was typed, best first."""

    EXACT = 0
    """The words themselves, their endings left aside."""
    SPELLING = 1
    """The same words in another spelling, joined or split."""
    CORRECTION = 2
    """Words that differ by a letter or two from ones that no paper has, or at most `MOST_OWN` papers."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to write a term: words that stand side by side."""

    words: tuple[str, ...]
    kind: MatchKind = MatchKind.EXACT
    changed: tuple[str, ...] = ()
    """Those of its words that were typed otherwise."""
    weight: float = 1.0
    stems: tuple[str, ...] = field(init=False)
    """Its words without their endings."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "stems", tuple(map(stem, self.words)))

    @property
    def is_abbreviation(self) -> bool:
        """Whether it abbreviates what was typed, or writes it out: as good, but it weighs less."""
        return self.kind is MatchKind.EXACT and bool(self.changed)


def variants_of_words(
    snapshot: Snapshot, words: tuple[str, ...], beside: tuple[Variant, ...] | None
) -> list[Variant]:
    """The variants of these words; of quoted ones (`beside` is None) only spellings."""
    variants = {words: Variant(words)}
    number = other_number(words[0]) if len(words) == 1 else None
    others = [Variant((each,)) for each in _known(snapshot, (number,) if number else ())]
    others += _spelling_variants(snapshot, words)
    if beside is not None:
        parted = [*_split(snapshot, words), *with_numbers(snapshot, words)] or _in_pieces(snapshot, words)
        others += with_numerals(snapshot, words)
        others += [*joined(snapshot, words, are_neighbours=False), *beside, *parted]
        if not parted or is_in_texts(snapshot, "".join(words)):
            others += _corrected_variants(snapshot, words)
    for other in others:
        variants.setdefault(other.words, other)
    return list(variants.values())


def _spelling_variants(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    spellings = [
        (word, *_with_any_ending(snapshot, other_spellings(word)), *umlaut_spellings(snapshot, word))
        for word in words
    ]
    if max(map(len, spellings)) == 1:
        return []
    return [
        Variant(
            variant,
            MatchKind.SPELLING,
            tuple(new for new, old in zip(variant, words, strict=True) if new != old),
        )
        for variant in islice(product(*spellings), 1, _MOST_VARIANTS)
    ]


def _known(snapshot: Snapshot, words: tuple[str, ...]) -> list[str]:
    return [word for word in words if snapshot.frequency("words", word)]


def _with_any_ending(snapshot: Snapshot, words: tuple[str, ...]) -> list[str]:
    return [word for word in words if snapshot.frequency("text", stem(word))]


_UMLAUT = re.compile(r"(?<![aeiou])([ao]|(?<![qgxy])u)e(?=[^aeiouy])(?:(?<=^..)|(?![dlst]$))")
"""A vowel as it is written without its dots or stroke: not as in "guess", "Michael", "Yueming", "MAEs"."""
_OF_UMLAUT = re.compile(r"(?<![aeiou])[aou](?=[^aeiouy])")
_RING = re.compile(r"aa(?=[^aeiouy])")
"""As å is written without its ring: "Aalborg"."""
_OF_RING = re.compile(r"(?<![aeiou])a(?=[^aeiouy])")
_SHORTEST_WITH_UMLAUT, _SHORTEST_UNKNOWN = 4, 3
"""Letters: of words of 3 in the large corpus, 115 would have another one, such as "bar" and "baer".

Words that no paper has may be shorter: "Oel".
"""
_WITH_E, _WITHOUT_E = 4, 100
"""How many times as many papers may have the one spelling as the other; else they are two words.

So "Michal" is not Michael, and "open" not Oepen: of 90,669 words of the large corpus 159 are another one
without an e, most of them names.
"""


def umlaut_spellings(snapshot: Snapshot, word: str) -> list[str]:
    """The spellings of a folded word that papers have, where ö is written o or oe, and ä, ü and ø alike."""
    shortest = _SHORTEST_WITH_UMLAUT if papers_with(snapshot, word) else _SHORTEST_UNKNOWN
    if len(word) < shortest or not word.isalpha():
        return []
    without = _UMLAUT.sub(r"\1", word)
    forms = [(word[: place.end()] + "e" + word[place.end() :], word) for place in _OF_UMLAUT.finditer(word)]
    if without != word:
        forms.append((word, without))
    found = [
        other
        for with_e, without in forms
        for other in (without if with_e == word else with_e,)
        if is_in_texts(snapshot, other) and _are_one(snapshot, with_e, without)
    ]
    return found or ([] if papers_with(snapshot, word) else _ringed(snapshot, word))


def _ringed(snapshot: Snapshot, word: str) -> list[str]:
    """The spelling of a word that no paper has, where å is written a or aa.

    A known one, as "Saad", has no other; within words only names have, for "traaining" is misspelt.
    """
    without = _RING.sub("a", word)
    forms = [word[: place.end()] + word[place.start() :] for place in _OF_RING.finditer(word)]
    forms += [without, _UMLAUT.sub(r"\1", without)] if without != word else []
    is_first = word.startswith("a")
    known = (
        form
        for form in forms
        if snapshot.frequency("authors", form) or (is_first and snapshot.frequency("words", form))
    )
    return list(islice(known, 1))


def _are_one(snapshot: Snapshot, with_e: str, without: str) -> bool:
    most, least = papers_with(snapshot, with_e), papers_with(snapshot, without)
    is_balanced = not most or not least or (most <= _WITH_E * least and least <= _WITHOUT_E * most)
    return is_balanced and stem(with_e) != stem(without) and _UMLAUT.search(with_e) is not None


_JOINED_TO_NAMES = PARTICLES | {"mc", "mac", "o", "d"}
"""What is one word with the name behind it, or apart: "Le Cun", "Mc Mahan", "O Brien"."""


def joined(
    snapshot: Snapshot,
    words: tuple[str, ...],
    kind: MatchKind = MatchKind.SPELLING,
    *,
    are_neighbours: bool = True,
) -> list[Variant]:
    """The two words of "large-scale" or "Xiao-Yu", or two neighbours, as one; so the letters of "i.i.d."."""
    letters = len(list(takewhile(lambda word: len(word) == 1, reversed(words))))
    if letters > 2:
        words = (*words[:-letters], "".join(words[-letters:]))
        if snapshot.frequency("words", words[-1]):
            return [Variant(words, kind, (words[-1],))]
    if len(words) != 2:
        return []
    both = "".join(words)
    known = _known(snapshot, (both, *other_spellings(both))) if _may_join(*words) else []
    may_be_name = not are_neighbours or words[0] in _JOINED_TO_NAMES
    if not known and may_be_name and snapshot.frequency("authors", both):
        known = [both]
    return [Variant((word,), kind, (word,)) for word in known]


def _split(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    """The two words of "largescale", "ngrams" and "QA" (Q&A), where papers have them more often."""
    if len(words) != 1 or not words[0].isalpha():
        return []
    [word] = words
    own = snapshot.frequency("words", word)
    if not own and not snapshot.frequency("authors", word) and (names := _names(snapshot, word)):
        return names
    best, often = None, 0
    for place in range(1, len(word) - (len(word) > 2)):
        one, other = word[:place], word[place:]
        least = max(often, own // _times(one))
        # The second half is looked up only where the first one is a frequent word.
        if snapshot.frequency("words", one) <= least:
            continue
        other = _most_frequent_number(snapshot, one, other)
        if snapshot.frequency("words", other) > least and _may_be_halves(one, other):
            best, often = (one, other), min(snapshot.frequency("words", half) for half in (one, other))
    if best is None:
        return []
    place = len(best[0])
    variant = Variant(best, MatchKind.SPELLING, (f"{word[:place]} {word[place:]}",))
    if often < _PHRASE_LIMIT:
        phrase = snapshot.engine.phrase("text", variant.stems)
    else:
        phrase = snapshot.engine.phrase("title_words", variant.words)
        own = snapshot.frequency("title_words", word)
    return [variant] if snapshot.engine.count(phrase) * _times(best[0]) > own else []


_LETTER_TIMES = 20
"""How many times as many papers may have a word as have it with its first letter apart, as "kNN" and "k-NN".

Of the large corpus 14 times as many have "QA" as have "Q&A". Any other word is two words by chance where more
papers have it in one.
"""


def _times(one: str) -> int:
    return _LETTER_TIMES if len(one) == 1 and not is_stop_word(one) else 1


def _may_be_halves(one: str, other: str) -> bool:
    if len(one) == len(other) == 1:  # as in "Q&A"
        return True
    return one != "s" and not is_stop_word(one) and not is_stop_word(other)


def _most_frequent_number(snapshot: Snapshot, one: str, other: str) -> str:
    """The second half; behind a letter in the number that most papers have, as "gram" of "n-gram"."""
    if len(one) > 1:
        return other
    forms = (other, other.removesuffix("s"), other + "s")
    return max(forms, key=lambda form: snapshot.frequency("words", form) if form else 0)


def with_letters(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    """Two words of which others part the letters of one: "AB testing" and "A/B testing".

    As good as what is typed, where more papers have it than have the two side by side.
    """
    engine = snapshot.engine
    forms = [
        (*words[:place], *word, *words[place + 1 :])
        for place, word in enumerate(words)
        if len(word) == 2 and word.isalpha()
    ]
    if not forms:
        return []
    together = engine.count(engine.phrase("text", tuple(map(stem, words))))
    return [
        Variant(form)
        for form in forms
        if engine.count(engine.phrase("text", tuple(map(stem, form)))) > together
    ]


_THOUSAND = "000"
_LETTERS_OR_DIGITS = re.compile(r"\d+|\D+")
_SYMBOLS = """
h he li be b c n o f ne na mg al si p s cl ar k ca sc ti v cr mn fe co ni cu zn ga ge as se br kr rb
sr y zr nb mo tc ru rh pd ag cd in sn sb te i xe cs ba la ce pr nd pm sm eu gd tb dy ho er tm yb lu
hf ta w re os ir pt au hg tl pb bi po at rn fr ra ac th pa u np pu am cm bk cf es fm md lr
"""
_ELEMENTS = frozenset(_SYMBOLS.split())
"""Symbols of elements, whose isotopes are written "38Ca" and "Ca-38"."""
_LIGHT = frozenset({"h", "he", "li", "be"})
"""Those with isotopes of one digit."""


def with_numbers(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    """Words with numbers as others part and join them: "gpt3" and "gpt 3", "38ca" and "ca 38"."""
    if not any(map(_has_digit, words)):
        return []
    may_join = len(words) > 1 and all(starmap(_may_join, pairwise(words)))
    forms: dict[tuple[str, ...], None] = {("".join(words),): None} if may_join else {}
    for place, word in enumerate(words):
        before, after = words[:place], words[place + 1 :]
        if after and (_has_digit(word) or _has_digit(after[0])) and _may_join(word, after[0]):
            forms[*before, word + after[0], *after[1:]] = None
        for parts in number_parts(word):
            forms[*before, *parts, *after] = None
    if len(words) == 2 and may_join:
        forms |= dict.fromkeys(number_parts("".join(words)))
    return [
        Variant(form, MatchKind.SPELLING, (" ".join(form),))
        for form in forms
        if form != words
        and all(snapshot.frequency("words", word) for word in form)
        and is_found(snapshot, form)
    ][:_MOST_VARIANTS]


_UNITS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_ROMAN = {str(number): "x" * (number // 10) + _UNITS[number % 10] for number in range(1, 20)}
_ARABIC = {roman: number for number, roman in _ROMAN.items()}


def with_numerals(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    """A word with the number behind it in the other numerals: "type 2" and "type II", up to XIX."""
    if len(words) != 2 or not words[0].isalpha() or len(words[0]) < 2:
        return []
    number = _ROMAN.get(words[1]) or _ARABIC.get(words[1])
    form = (words[0], number or "")
    return (
        [Variant(form, MatchKind.SPELLING, (" ".join(form),))] if number and is_found(snapshot, form) else []
    )


def _may_join(one: str, other: str) -> bool:
    """Whether two words may be one: "3.5" is not 35, nor 1e-3 a thousand, but 10 000 is one number."""
    if not (one[-1:].isdigit() and other[:1].isdigit()):
        return not (other.isdigit() and _POWER.fullmatch(one))
    return one.isdigit() and other.isdigit() and len(one) <= len(_THOUSAND) == len(other)


_POWER = re.compile(r"\d+e")


def is_found(snapshot: Snapshot, words: tuple[str, ...]) -> bool:
    """Whether a paper has the words side by side."""
    phrase = snapshot.engine.phrase("text", tuple(map(stem, words)))
    return len(words) == 1 or snapshot.engine.finds(phrase)


def _has_digit(word: str) -> bool:
    return not word.isalpha()


def number_parts(word: str) -> Iterator[tuple[str, ...]]:
    """How a word parts at its numbers; of letters of an element and a number also the other order."""
    parts = tuple(_LETTERS_OR_DIGITS.findall(word))
    if len(word) > len(_THOUSAND) and word.isdigit():
        yield tuple(f"{int(word):,}".split(","))
    if len(parts) < 2:
        return
    yield parts
    ends = list(accumulate(map(len, parts)))[:-1]
    # "yolov8" is "yolo v8" too.
    ends += [end - 1 for end in ends if word[end].isdigit() and end > 1]
    for end in ends:
        yield word[:end], word[end:]
        # "vitl14" is "vit l 14".
        if end > 1 and word[end].isdigit() and word[end - 1].isalpha():
            yield word[: end - 1], word[end - 1], word[end:]
    if _is_nuclide(parts):
        yield parts[::-1]
        yield (parts[1] + parts[0],)


def _is_nuclide(parts: Sequence[str]) -> bool:
    """Whether these are a symbol of an element and a number of two digits, or of a light element."""
    if len(parts) != 2:
        return False
    letters, digits = sorted(parts, key=str.isdigit)
    return letters in (_ELEMENTS if len(digits) in {2, 3} else _LIGHT if len(digits) == 1 else ())


_MOST_PIECES = 4
"""As in "graphneuralnetwork" or "sarscov2"; with more, most letters would find some words.

Nothing of what is remembered changes with 0 or 8; it is for the joined words of tests/papers/forms/words.txt.
"""
_LONGEST_IN_PIECES = 40
"""Letters of a word that is parted. Bounds the time: longer ones are addresses and formulae."""


def _in_pieces(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    """Words that no paper has, in the pieces in which papers have them: "sarscov2", "graphneuralnetwork".

    Two pieces of letters alone are left to `_split`: many a misspelt word is two words by chance.
    """
    unknown = {word for word in words if not papers_with(snapshot, word)}
    if not unknown or max(map(len, words)) > _LONGEST_IN_PIECES:
        return []
    parts = [
        _pieces_in_texts(snapshot, word, is_part=len(words) > 1) if word in unknown else [(word,)]
        for word in words
    ]
    forms = (tuple(piece for of_word in pieces for piece in of_word) for pieces in product(*parts))
    found = next((form for form in islice(forms, _MOST_VARIANTS) if is_found(snapshot, form)), None)
    return [Variant(found, MatchKind.SPELLING, (" ".join(found),))] if found is not None else []


def _pieces_in_texts(snapshot: Snapshot, word: str, *, is_part: bool) -> list[tuple[str, ...]]:
    parted = _pieces(snapshot, word, "text", is_part=is_part)
    return [pieces for pieces in parted if is_part or len(pieces) > 2 or any(map(_has_digit, pieces))]


def _names(snapshot: Snapshot, word: str) -> list[Variant]:
    """The names of "guanbinli" and "vandermaaten", where an author has them side by side."""
    engine = snapshot.engine
    parted = _pieces(snapshot, word, "authors", is_part=False)
    found = [pieces for pieces in parted if engine.finds(engine.phrase("authors", pieces))]
    return [Variant(pieces, MatchKind.SPELLING, (" ".join(pieces),)) for pieces in found]


def _pieces(snapshot: Snapshot, word: str, where: str, *, is_part: bool) -> list[tuple[str, ...]]:
    """How a word parts into words that papers have in a field, the likeliest first.

    A letter is one beside a number, before a name, and in a word that is part of a longer one ("NF-kappaB").
    """
    is_name = where == "authors"

    def frequency(piece: str) -> int:
        return snapshot.frequency(where, piece if is_name else stem(piece))

    def parted(start: int, most: int) -> Iterator[tuple[str, ...]]:
        if start == len(word):
            yield ()
        for end in range(start + 1, len(word) + 1 if most else 0):
            beside = word[max(0, start - 1) : end + 1]
            may_be = end - start > 1 or is_part or (is_name and start == 0) or any(map(str.isdigit, beside))
            if may_be and not _cuts(word, start, end) and frequency(word[start:end]):
                yield from ((word[start:end], *rest) for rest in parted(end, most - 1))

    found = [pieces for pieces in parted(0, _MOST_PIECES) if len(pieces) > 1]
    return sorted(found, key=lambda pieces: (len(pieces), -min(map(frequency, pieces))))[:_MOST_VARIANTS]


def _cuts(word: str, start: int, end: int) -> bool:
    """Whether a part of a word begins or ends in the middle of a number."""
    return any(0 < place < len(word) and word[place - 1 : place + 1].isdigit() for place in (start, end))


def _corrected_variants(snapshot: Snapshot, words: tuple[str, ...]) -> list[Variant]:
    corrected = [corrections(snapshot, word) for word in words]
    if len(words) == 1:
        return [
            Variant((spelling,), MatchKind.CORRECTION, (spelling,), one.share)
            for one in corrected[0]
            for spelling in (one.word, *_known(snapshot, other_spellings(one.word)))
        ]
    best = tuple(found[0].word if found else word for word, found in zip(words, corrected, strict=True))
    changed = tuple(new for new, old in zip(best, words, strict=True) if new != old)
    return (
        [Variant(best, MatchKind.CORRECTION, changed), *joined(snapshot, best, MatchKind.CORRECTION)]
        if changed
        else []
    )
