"""How two forms of names may be one name."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from bot.disambiguation.name_forms import (
    SHORT_FORMS,
    SHORT_NAMES,
    SHORTENED_FROM,
    SIGNS,
    TRANSCRIBED_NAMES,
    TYPO_FROM,
    NameForm,
)
from bot.disambiguation.name_sounds import (
    differ_in_length,
    is_chinese,
    is_east_asian,
    is_japanese,
    loose_sound,
    nearly_alike,
    sound,
    sound_alike,
    written_alike,
)

_TURNED_FROM, _TURNED_TOGETHER = 5, 8
_TWO_TYPOS_FROM = 9
"""Letters of the shortest part in which two wrong letters make no other name."""
_LONG_FAMILY = 6


class FormRelation(IntEnum):
    """How two forms may be one name, the surest first."""

    SAME = 0
    """The same letters, perhaps joined or parted otherwise, or in another order."""
    TRANSCRIPTION = 1
    """The given name in other letters for the same sounds: "Torbjörn", "Torbjoern"; "Toru", "Tohru"."""
    MIDDLE = 2
    """One has middle names that the other leaves out or shortens."""
    INITIAL = 3
    """One gives initials where the other gives names."""
    SHORT = 4
    """A short form of the given name: "Mike", "Chris"."""
    FAMILY = 5
    """One has a part of the other's family name."""
    TYPO = 6
    """A wrong letter in a long part, two in a very long one."""
    SOUND = 7
    """Letters for sounds that are alike: "Yurii", "Yury"; "Raphael", "Rafael"."""
    LATER = 8
    """Known by a later given name: "Gary Geunbae Lee" is "Geunbae Lee" elsewhere."""
    BEGINNING = 9
    """The given name is cut: "Stan" for "Stanislaw", "Ch." for "Christian"."""


BY_LETTERS = frozenset({FormRelation.TYPO, FormRelation.SOUND, FormRelation.BEGINNING})
"""How names of two people, too, are alike."""


@lru_cache(maxsize=1 << 16)
def form_relation(one: NameForm, other: NameForm) -> FormRelation | None:
    """How two forms may be one name; None where they are the names of different people.

    Pairs that are asked for again are remembered.
    """
    return compare_forms(one, other)


def compare_forms(one: NameForm, other: NameForm) -> FormRelation | None:
    """`form_relation`, of a pair that is asked for once."""
    if one.number and other.number and one.number != other.number:
        return None
    if one.key == other.key or (one.joined == other.joined and _parted_alike(one, other)):
        return FormRelation.SAME
    if len(one.joined) == len(other.joined) and (_is_turned(one, other) or _is_turned(other, one)):
        return FormRelation.SAME
    if _are_one_word(one.surname, other.surname, one, other):
        return _relation_of_given_names(one, other)
    if (
        one.family[-1:] == other.family[-1:]
        and (found := _relation_without_particles(one, other)) is not None
    ):
        return found
    parts = sorted((*one.given, *one.family))
    if parts == sorted((*other.given, *other.family)) and not (one.is_initials or other.is_initials):
        return FormRelation.SAME
    if len(one.first) >= SHORTENED_FROM and one.first == other.first:
        found = _relation_of_family_names(one, other)
        return found if found is not None else _relation_by_family_sound(one, other)
    if _is_turned_short(one, other) or _is_turned_short(other, one):
        return FormRelation.LATER
    return _relation_by_family_sound(one, other)


def _is_turned(one: NameForm, other: NameForm) -> bool:
    """Whether one has the family name of the other first: "Kim Young-ho", "Youngho Kim"."""
    is_long = len(one.joined) >= _TURNED_TOGETHER and not (one.is_initials or other.is_initials)
    return is_long and one.joined == other.surname + other.given_name


def _are_one_word(word: str, other_word: str, one: NameForm, other: NameForm) -> bool:
    """Whether these words of two names are one, perhaps in two transcriptions.

    Long vowels do not matter in Japanese names alone: "Souto" and "Soto" are two families elsewhere.
    """
    return sound_alike(word, other_word) and (written_alike(word, other_word) or _are_japanese(one, other))


def _are_japanese(one: NameForm, other: NameForm) -> bool:
    return all(is_japanese(part) for form in (one, other) for part in (form.given_name, form.surname) if part)


def have_respelt_families(one: NameForm, other: NameForm) -> bool:
    """Whether the family names of two names are one in two transcriptions."""
    if one.surname == other.surname:
        return False
    return sound(one.surname) == sound(other.surname) or nearly_alike(one.surname, other.surname)


_ENDINGS = frozenset(
    {"a", "e", "ra", "na", "la", "ia", "ie", "ina", "ine", "iana", "iane", "ela", "elle"}
    | {"ella", "ette", "otta", "anna", "ca", "ta", "da", "sa", "va", "ro", "ko", "mi"}
)
"""Ends of given names that make another one: "Gabriel", "Gabrielle"; "Kenji", "Kenjiro"."""


def have_other_endings(one: NameForm, other: NameForm) -> bool:
    """Whether first names differ in an end that makes another name of them, as a woman's of a man's."""
    pairs = zip(one.first, other.first, strict=False)
    shortest = min(len(one.first), len(other.first))
    shared = next((place for place, (letter, another) in enumerate(pairs) if letter != another), shortest)
    ends = {one.first[shared:], other.first[shared:]}
    return shared >= SHORTENED_FROM and len(ends) > 1 and not _ENDINGS.isdisjoint(ends)


_WRITTEN_OUT = frozenset(
    {FormRelation.SAME, FormRelation.TRANSCRIPTION, FormRelation.MIDDLE, FormRelation.SOUND}
)
_KNOWN_NAMES = _WRITTEN_OUT | {FormRelation.SHORT, FormRelation.INITIAL}


def _relation_by_family_sound(one: NameForm, other: NameForm) -> FormRelation | None:
    """How two names are one whose family names are alike in sound, or in Japanese but for long vowels."""
    if _differ_in_length(one.surname, other.surname, one, other):
        return FormRelation.SOUND if _relation_of_given_names(one, other) in _WRITTEN_OUT else None
    is_long = min(len(one.surname), len(other.surname)) >= _LONG_FAMILY
    if is_long and nearly_alike(one.surname, other.surname):
        return FormRelation.SOUND if _relation_of_given_names(one, other) in _KNOWN_NAMES else None
    return None


def _differ_in_length(word: str, other_word: str, one: NameForm, other: NameForm) -> bool:
    return (
        differ_in_length(word, other_word)
        and _are_japanese(one, other)
        and not all(is_chinese(part) for form in (one, other) for part in (form.given_name, form.surname))
    )


def _relation_without_particles(one: NameForm, other: NameForm) -> FormRelation | None:
    """How two are one name whose particles one shortens, or leaves out: "Walther v. Hahn", "von Hahn"."""
    short, long = (one, other) if len(one.family) < len(other.family) else (other, one)
    if len(short.family) > 1 or not short.given or not long.given:
        return None
    particles = tuple(part[0] for part in long.family[:-1])
    shortened = len(short.given) > len(particles) and short.given[-len(particles) :] == particles
    given = short.given[: -len(particles)] if shortened else short.given
    relation = _relation_of_given_names(
        NameForm(short.key, given, short.family), NameForm(long.key, long.given, short.family)
    )
    if relation is None or relation > FormRelation.INITIAL:
        return None
    return max(relation, FormRelation.MIDDLE) if shortened else FormRelation.FAMILY


def _is_turned_short(one: NameForm, other: NameForm) -> bool:
    """Whether one begins with the initials of what the other ends with: "P. Deepak", "Deepak Padmanabhan"."""
    if len(one.first) != 1 or len(other.first) < 2:
        return False
    parts = (*one.given, *one.family)
    initials = next(number for number, part in enumerate(parts) if len(part) > 1 or number + 1 == len(parts))
    rest, others = parts[initials:], (*other.given, *other.family)
    tail = others[len(rest) :]
    if len(rest[0]) < _TURNED_FROM or is_chinese(rest[0]):
        return False  # "W. Li" is rather no "Li Wang"
    return others[: len(rest)] == rest and tuple(part[0] for part in tail) == parts[:initials]


@lru_cache(maxsize=1 << 16)
def parts_agree(one: NameForm, other: NameForm) -> bool:
    """Whether each part of the shorter name is one of the longer: whole, as an initial, cut, or misspelt.

    So do "S. Piperidis" and "Stelios Piperdis", neither of which is a spelling of the other.
    """
    if one.number and other.number and one.number != other.number:
        return False
    fewer, more = sorted(((*one.given, *one.family), (*other.given, *other.family)), key=len)
    left = list(more)
    for part in sorted(fewer, key=len, reverse=True):
        found = min(
            (each for each in left if _same_part(part, each)), key=lambda each: each != part, default=None
        )
        if found is None:
            return False
        left.remove(found)
    return True


def _same_part(one: str, other: str) -> bool:
    if one == other or 1 in {len(one), len(other)}:
        return one[0] == other[0]
    return (
        (one, other) in SHORT_NAMES or sound_alike(one, other) or _relation_of_letters(one, other) is not None
    )


def _parted_alike(one: NameForm, other: NameForm) -> bool:
    """Whether the same letters are the same name: "Xiao Ming Li", "Xiaoming Li"; not "X Iao Ming"."""
    if SIGNS.fullmatch(one.joined):
        return True  # the space between the names is often left out
    return one.family[-1:] == other.family[-1:] or len(one.joined) >= TYPO_FROM + 2


def _relation_of_given_names(one: NameForm, other: NameForm) -> FormRelation | None:
    if not one.given or not other.given:
        return None
    if one.given_name == other.given_name:
        return FormRelation.SAME
    first, other_first = one.first, other.first
    if len(one.given) == len(other.given) == 1 and _are_two_names(first, other_first):
        return None  # most pairs
    differ_in_parts = len(one.given) != len(other.given)
    if (differ_in_parts or len(first) == 1 or len(other_first) == 1) and (
        _initials_of(one.given, other.given) or _initials_of(other.given, one.given)
    ):
        return FormRelation.INITIAL
    rest, other_rest = one.given[1:], other.given[1:]
    if first == other_first and len(first) > 1 and _middle_agree(rest, other_rest):
        return FormRelation.MIDDLE
    if (first, other_first) in SHORT_NAMES or _initial_of_long_form(first, other_first):
        return FormRelation.SHORT if _middle_agree(rest, other_rest) else None
    if _are_one_word(one.given_name, other.given_name, one, other):
        return FormRelation.TRANSCRIPTION
    if max(len(one.given), len(other.given)) > 1 and (left_out := _left_out(one.given, other.given)):
        return FormRelation.MIDDLE if len(left_out) == 1 else FormRelation.LATER
    if _middle_agree(rest, other_rest) and (relation := _relation_of_first_names(one, other)) is not None:
        return relation
    return FormRelation.TYPO if _misspelt_together(one, other) else None


def _are_two_names(one: str, other: str) -> bool:
    """Whether two given names are no one's, whatever the family name."""
    return not (
        1 in {len(one), len(other)}
        or one.startswith(other)
        or other.startswith(one)
        or loose_sound(one) == loose_sound(other)
        or sound(one) == sound(other)
        or DamerauLevenshtein.distance(one, other, score_cutoff=2) <= 2
        or (one, other) in SHORT_NAMES
        or (one, other) in TRANSCRIBED_NAMES
        or (is_japanese(one) and is_japanese(other) and differ_in_length(one, other))
    )


def _relation_of_first_names(one: NameForm, other: NameForm) -> FormRelation | None:
    relation = _relation_of_letters(one.first, other.first)
    if relation is not FormRelation.TYPO and (
        (one.first, other.first) in TRANSCRIBED_NAMES
        or nearly_alike(one.first, other.first)
        or _differ_in_length(one.first, other.first, one, other)
    ):
        return FormRelation.SOUND
    return relation


def _left_out(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    """The first given name of one that the other leaves out: "J. Michael Smith" is also "Michael Smith"."""
    for short, given in ((one, other), (other, one)):
        if len(short[0]) > 1 and (given[1 : 1 + len(short)] == short or "".join(given[1:]) == "".join(short)):
            return given[0]
    return ""


def _initial_of_long_form(one: str, other: str) -> bool:
    """Whether one is the initial of a long form of the other: "E." may be "Ted", who is Edward."""
    initial, name = sorted((one, other), key=len)
    return len(initial) == 1 and any(
        initial == form[0] for pair in SHORT_FORMS.get(name, ()) for form in pair
    )


def _misspelt_together(one: NameForm, other: NameForm) -> bool:
    """Whether given names in one piece differ by a letter that makes no other initial or syllable."""
    names = (one.given_name, other.given_name)
    if not _misspelt(*names):  # most pairs
        return False
    parts = (*one.given, *other.given)
    return min(map(len, parts)) > 1 and all(map(str.isalpha, names)) and not all(map(is_east_asian, names))


def _relation_of_letters(one: str, other: str) -> FormRelation | None:
    """How two first names may be one that is misspelt or cut."""
    if is_chinese(one) and is_chinese(other):
        return None  # most pairs that are compared
    if _misspelt(one, other):
        return FormRelation.TYPO
    cut, whole = (one, other) if len(one) <= len(other) else (other, one)
    is_cut = len(cut) > 1 and whole.startswith(cut) and not is_chinese(whole)
    return FormRelation.BEGINNING if is_cut else None


def _initials_of(initials: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether the one given names are written as initials of the other: "J P" of "Jean Pierre", "JP"."""
    if len(initials) == 1 and 2 <= len(initials[0]) <= 3 and len(names) == len(initials[0]):
        return all(name[0] == letter for letter, name in zip(initials[0], names, strict=True))
    if len(initials[0]) > 1 and len(names[0]) > 1:
        return False
    both = list(zip(initials, names, strict=False))
    if not all(one == other or (1 in {len(one), len(other)} and one[0] == other[0]) for one, other in both):
        return False
    # "R. Siegwart" may be "R. Y. Siegwart": an initial that is left out, of names in initials alone.
    return len(initials[0]) == len(names[0]) == 1 or any(len(one) != len(other) for one, other in both)


def _middle_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether middle names do not contradict: each of the fewer is found among the others in order."""
    fewer, more = sorted((one, other), key=len)
    left = list(more)
    for part in fewer:
        place = next(
            (
                number
                for number, name in enumerate(left)
                if name == part or (1 in {len(name), len(part)} and name[0] == part[0])
            ),
            None,
        )
        if place is None:
            return False
        del left[: place + 1]
    return True


def _relation_of_family_names(one: NameForm, other: NameForm) -> FormRelation | None:
    """Compound family names, of which a part is left out: "Garcia" and "Garcia Lopez"."""
    rest, other_rest = (*one.given[1:], *one.family), (*other.given[1:], *other.family)
    fewer, more = sorted((rest, other_rest), key=len)
    if len(more) > len(fewer) and set(fewer) <= set(more) and len("".join(fewer)) > 1:
        return FormRelation.FAMILY
    joined, other_joined = "".join(rest), "".join(other_rest)
    if min(len(joined), len(other_joined)) >= _LONG_FAMILY and (
        one.surname.startswith(other.surname) or other.surname.startswith(one.surname)
    ):
        return FormRelation.BEGINNING  # cut: "Richards" is rather no "Richardson"
    if _misspelt(joined, other_joined):
        return FormRelation.TYPO
    if _misspelt(one.surname, other.surname):
        return FormRelation.TYPO if _middle_agree(one.given[1:], other.given[1:]) else None
    return None


def _misspelt(one: str, other: str) -> bool:
    """Whether one is the other with a wrong letter, where that is no other name."""
    shortest = min(len(one), len(other))
    most = 2 if shortest >= _TWO_TYPOS_FROM else 1
    if shortest < TYPO_FROM or abs(len(one) - len(other)) > most:
        return False
    if DamerauLevenshtein.distance(one, other, score_cutoff=most) > most:
        return False
    # In scripts of consonants or of syllables each letter makes another name.
    return one.isascii() and other.isascii() and not (is_chinese(one) and is_chinese(other))
