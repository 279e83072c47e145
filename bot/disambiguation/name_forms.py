"""Forms of names (given and family names), the keys by which like ones are found, and mentions on papers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations
from sys import intern

from anyascii import anyascii

from bot.corpus.names import GENERATIONS, name_key
from bot.disambiguation.name_sounds import LIKE_INITIALS, loose_sound, sound

PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "da", "di", "del", "della", "dos", "du", "la", "le", "el", "al"}
    | {"bin", "ibn", "ben", "ter", "ten", "af", "zu", "zur", "st"}
)
"""What stands before a family name, and belongs to it."""
_DIGIT, _LATIN = re.compile(r"\d"), re.compile(r"[a-z]")
_FOOTNOTE = re.compile(r"(?:(?<=[^\W\d])|^)\d{1,2}$")
OTHER_ALPHABET = re.compile(r"[\u0370-\u03ff\u0400-\u04ff]")
"""Greek and Cyrillic, whose letters all have Latin ones: a name in both is one."""
_LOOK_ALIKE = str.maketrans("аеіјорсухѕһαεικνορτυχ", "aeijopcyxshaeiknoptux")
SIGNS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2,6}")
"""A name in Chinese, Japanese or Korean signs."""
_NUMBER = re.compile(r" (\d{4})$")


def _pairs(groups: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Each two of the names of a group, in both orders."""
    return frozenset(pair for group in groups for pair in permutations(group.split(), 2))


SHORT_NAMES = _pairs(
    (
        "william bill will", "robert bob rob", "richard dick rick", "james jim jamie", "john jack",
        "edward ed ted ned", "eduard ed", "michael mike", "charles chuck charlie", "thomas tom",
        "anthony antony tony", "joseph joe",
        "elizabeth elisabeth liz beth betty lisa", "margaret peggy maggie",
        "katherine kate kathy", "peter pete", "catherine cathy kate", "david dave",
        "stephen steve", "steven steve", "andrew andy drew",
        "henry hank harry", "lawrence larry", "gerald jerry gerry", "timothy tim", "kenneth ken",
        "deborah debbie", "susan sue", "patricia pat", "nicholas nick", "alexander alex sasha sascha",
        "alexandra alex", "aleksandr alexander", "christopher chris", "christine chris", "jonathan jon",
        "gregory greg", "jeffrey jeff", "geoffrey geoff", "matthew matt", "benjamin ben", "samuel sam",
        "daniel dan", "donald don", "ronald ron", "raymond ray", "philip phil", "phillip phil",
        "frederick fred", "leonard len", "martin marty", "victor vic", "vincent vince", "walter walt",
        "eugene gene", "mitchell mitch", "jacob jake", "joshua josh", "nathaniel nathan nate",
        "abraham abe", "albert al bert", "alfred al fred", "ferdinand ferd", "francisco paco",
        "sergei sergey serge", "dmitry dmitri dmitrii", "andrei andrey", "alexey alexei aleksei",
        "mikhail michael", "yuri yury iurii", "evgeny evgenii eugene", "mohammad mohammed muhammad mohamed",
        "johannes hannes hans", "theodore ted", "rebecca becky",
        "jennifer jenny jen", "jessica jess", "victoria vicky", "barbara barb", "pamela pam",
        "kathleen kathy kate", "kathryn kathy kate", "patrick pat paddy", "gabriel gabe", "maximilian max",
        "heinrich heinz", "friedrich fritz", "giuseppe beppe", "aleksandra sasha", "ekaterina katya",
        "kimberly kim", "cynthia cindy", "suzanne sue", "julia julie", "valerie val", "douglas doug",
        "georgios giorgos george yorgos", "ioannis giannis yannis yiannis", "evangelos vangelis",
        "konstantinos kostas costas", "dimitrios dimitris", "nikolaos nikos", "panagiotis panos",
        "athanasios thanasis", "emmanouil manolis manos", "stylianos stelios", "sotirios sotiris",
        "vasileios vasilis vassilis", "theodoros thodoris", "spyridon spyros", "eleftherios lefteris",
    )
)  # fmt: skip
"""Pairs of a given name and a short form of it, in both orders."""
TRANSCRIBED_NAMES = _pairs(
    (
        "fyodor fedor", "pyotr petr peter", "semyon semen", "artyom artem", "alyona alena",
        "evgeny yevgeny evgenii", "yulia julia iuliia", "ilya ilia", "nikolai nikolay", "tatiana tatyana",
        "oleksandr alexander", "oleksii alexey", "serhii sergey", "andrii andrey", "volodymyr vladimir",
        "mykola nikolay", "youssef yusuf yousef", "ahmed ahmad", "omar umar", "osama usama",
        "hussein hussain husain", "hassan hasan", "khaled khalid", "abdullah abdallah", "mahmoud mahmud",
        "mustafa mostafa moustafa", "walid waleed", "tariq tarek tareq", "karim kareem", "yasser yasir",
        "hisham hesham", "jamal gamal",
    )
)  # fmt: skip
"""Given names of other scripts in several transcriptions, which are names of several people, too."""
SHORTENED_FROM, TYPO_FROM = 3, 5
"""Letters of a given name that may stand before another family name, and of parts that may be misspelt."""

_set_once = object.__setattr__


@dataclass(frozen=True, slots=True)
class NameForm:
    """A folded name, taken apart."""

    key: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    number: str = ""
    """What is added to tell namesakes apart: the "0002" of "Wei Wang 0002", the "jr" of "Frank Bell Jr."."""

    surname: str = field(init=False, repr=False, compare=False)
    """The family name in one piece."""
    first: str = field(init=False, repr=False, compare=False)
    """The first given name, or its initial; empty where there is none."""
    given_name: str = field(init=False, repr=False, compare=False)
    """The given names in one piece."""
    joined: str = field(init=False, repr=False, compare=False)
    """All letters in order."""
    is_initials: bool = field(init=False, repr=False, compare=False)
    """Whether no given name is written out."""
    is_full: bool = field(init=False, repr=False, compare=False)
    """Whether it has a given name: one piece of Chinese, Japanese or Korean signs has both, "王小明"."""

    def __post_init__(self) -> None:
        """Put together what millions of comparisons ask for."""
        given = "".join(self.given)
        surname = "".join(self.family)
        _set_once(self, "surname", surname)
        _set_once(self, "first", self.given[0] if self.given else "")
        _set_once(self, "given_name", given)
        _set_once(self, "joined", given + surname)
        _set_once(self, "is_initials", len(given) == len(self.given))
        _set_once(self, "is_full", bool(given) or SIGNS.fullmatch(surname) is not None)

    def __hash__(self) -> int:
        """That of the key, which text remembers: the parts follow from it."""
        return hash(self.key)


@lru_cache(maxsize=1 << 18)
def form_of(name: str) -> NameForm:
    """Take a name apart; the family name is the last part with its particles."""
    key = _unmarked(name_key(name))
    number = found[1] if (found := _NUMBER.search(key)) else ""
    whole = key.removesuffix(f" {number}").split()
    parts = [part for part in whole if part not in GENERATIONS]
    number = number or next((part for part in whole[1:] if part in GENERATIONS), "")
    parts = _initials_first(parts)
    start = len(parts) - 1
    while start > 1 and parts[start - 1] in PARTICLES:
        start -= 1
    start = max(start, 0)
    return NameForm(key, tuple(parts[:start]), tuple(parts[start:]), number)


def _initials_first(parts: list[str]) -> list[str]:
    """Initials that stand last come first: "Geetha T. V." is "T. V. Geetha", and "Smith J A" is "J A Smith".

    One sign of Chinese or Korean is no initial.
    """
    end = len(parts)
    while end and len(parts[end - 1]) == 1 and parts[end - 1] != parts[end - 1].upper():
        end -= 1
    return parts[end:] + parts[:end] if end else parts


def _unmarked(key: str) -> str:
    """Without numbers of footnotes, Greek and Cyrillic letters as Latin ones: in a Latin word those alike."""
    if key.isascii() and not _DIGIT.search(key):
        return key
    parts = (_FOOTNOTE.sub("", part) for part in key.split())
    return " ".join(filter(None, (_in_one_script(part) for part in parts))) or key


def _in_one_script(part: str) -> str:
    if part.isascii():
        return part
    if _LATIN.search(part):
        return part.translate(_LOOK_ALIKE)
    if OTHER_ALPHABET.search(part):
        return "".join(filter(str.isalnum, anyascii(part).casefold()))
    return part


def keys_of(form: NameForm) -> frozenset[str]:
    """The keys of a form: two forms that may be one name share at least one of them.

    They find candidates among many forms; `form_relation` decides.
    """
    first, surname = form.first[:1], form.surname
    keys = {f"{surname} {first}", f"{sound(surname)} {first}"}
    keys.add(f"{loose_sound(surname)} {loose_sound(form.first)[:1]}")
    if len(form.family) > 1:
        keys.add(f"{form.family[-1]} {first}")  # without particles
    if len(form.first) == 1 and len(form.given[-1]) > 1:
        keys.update(f"{part} {first}" for part in form.given if len(part) > 1)  # see `_is_turned_short`
    if len(form.given) and len(form.first) > 1:
        keys.add(f"{form.first} {surname[:1]}")  # the order turned round
        keys.add("=" + "".join(sorted((*form.given, *form.family))))
    keys |= {f"={form.joined}", f"={form.surname}{form.given_name}"}
    keys.update(f"{surname} {part[0]}" for part in form.given[1:] if len(part) > 1)  # known by a later name
    if len(form.first) >= SHORTENED_FROM:
        for part in (*form.given[1:], *form.family):
            if len(part) > 1 and part not in PARTICLES:
                keys.add(f"+{form.first} {part}")
        rest = form.joined[len(form.first) :]
        if len(rest) >= TYPO_FROM:
            keys.add(f"~{form.first} {rest[:3]}")
            keys.add(f"~{form.first} {rest[-3:]}")
    for short, long in SHORT_FORMS.get(form.first, ()):
        keys.add(f"{surname} {long[:1]}")
        keys.add(f"{surname} {short[:1]}")
    return frozenset(keys)


def block_of(form: NameForm) -> str:
    """A key that most names share which may be one person's; see `blocks_near`."""
    return f"{sound(form.surname)} {form.first[:1]}"


def blocks_near(form: NameForm) -> frozenset[str]:
    """The keys of names that may be this one, also turned round, cut or called by a later name."""
    surname, first = sound(form.surname), form.first
    found = {block_of(form), *(f"{surname} {part[:1]}" for part in form.given[1:])}
    found |= {f"{surname} {initial}" for initial in LIKE_INITIALS.get(first[:1], "")}
    found |= {f"{surname} {long[:1]}" for pair in SHORT_FORMS.get(first, ()) for long in pair}
    if len(first) > 1:
        found.add(f"{sound(first)} {surname[:1]}")
        found |= {f"{sound(part)} {first[:1]}" for part in (*form.given[1:], *form.family) if len(part) > 1}
    return frozenset(found)


def _short_forms() -> dict[str, tuple[tuple[str, str], ...]]:
    forms: dict[str, tuple[tuple[str, str], ...]] = {}
    for one, other in sorted(SHORT_NAMES | TRANSCRIBED_NAMES):
        if one[0] != other[0]:
            forms[one] = (*forms.get(one, ()), (one, other))
    return forms


SHORT_FORMS = _short_forms()


_WORD = re.compile(r"[^\W\d_]{3,}")
_EVERYWHERE = frozenset(
    {"the", "and", "for", "with", "from", "using", "based", "via", "towards", "toward", "into", "over"}
    | {"under", "are", "how", "what", "when", "can", "its", "our", "that", "this", "these", "those", "not"}
    | {"but", "new", "novel", "approach", "method", "methods", "model", "models", "learning", "analysis"}
    | {"study", "system", "systems", "use", "case", "without", "through", "between", "among", "more", "than"}
)


@dataclass(frozen=True, slots=True)
class NameMention:
    """One name on one paper."""

    form: NameForm
    paper: str
    coauthors: tuple[NameForm, ...] = ()
    """The others of the list, without the person's own name."""
    year: int | None = None
    venue: str = ""
    words: frozenset[str] = field(default=frozenset())
    """Of the title, shortened to their stems."""
    affiliations: frozenset[str] = field(default=frozenset())
    """Each as `place_of` writes it."""
    identifiers: tuple[tuple[str, str], ...] = ()
    """(scheme, value): the same one is the same person, another of one scheme speaks against it."""
    pages: tuple[int, ...] = ()
    """Pages of sources on which it stands: the mentions of one page are one person."""
    marked: frozenset[str] = field(default=frozenset())
    """The words of the name that are printed with marks, see `name_marks`."""
    fixed: int | None = None
    """Whose it is by the word of people: the same number is the same person, another one another."""


def words_of(title: str) -> frozenset[str]:
    """The informative words of a title: at least three letters, no common words, a final "s" removed."""
    return frozenset(
        intern(word[:-1] if word.endswith("s") and len(word) > 4 else word)  # in many titles
        for word in _WORD.findall(title.casefold())
        if word not in _EVERYWHERE
    )
