"""Names as people type them: what they write around a name, and in which other ways it may be written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.corpus.names import name_key, read_identifier
from bot.corpus.paper import Identifier
from bot.corpus.person_names import clean_name, given_first
from bot.disambiguation.name_forms import PARTICLES
from bot.text.folding import AS_TWO_LETTERS

_PREFIX = re.compile(
    r"(?:by|name|author|authors|papers\s+(?:by|of|from))\s*:\s*|(?:papers\s+)?by\s+", re.IGNORECASE
)
_ORCID = re.compile(r"(?<![\dX-])\d{4}-\d{4}-\d{4}-\d{3}[\dX](?![\dX-])", re.IGNORECASE | re.ASCII)
_POSSESSIVE = re.compile(r"['’]s(?:\s+(?:papers?|publications?|work))?$", re.IGNORECASE)
_ADDRESS = re.compile(r"<[^<>]*@[^<>]*>|\(?[\w.+-]+@[\w-]+(?:\.[\w-]+)+\)?")
_LOCAL_PART = re.compile(r"<?([\w.+-]+)@[\w-]+(?:\.[\w-]+)+>?")
_AROUND = " \t\n\"'“”„‘’«»‹›`<>,;:|/@#"
_BRACKETED = re.compile(r"[(\[{](.*)[)\]}]", re.DOTALL)
_TITLE = re.compile(
    r"(?:dr|prof|professor|doctor|doktor|mr|mrs|ms|mx|sir|assoc|asst|associate|assistant|herr|frau|hr|fr|pd|priv)\.?"
    r"(?:-ing\.?)?\s+",
    re.IGNORECASE,
)
_HONORIFIC = re.compile(r"(?<=[\u3040-\u30ff\u3400-\u9fff])(?:さん|先生|教授|博士|様|氏)$")
_DEGREES = re.compile(
    r"(?:[\s,]+(?:PhD|Ph\.\s?D\.?|D\.?Phil\.?|MD|M\.\s?D\.?|DSc|MSc|M\.Sc\.?|BSc|B\.Sc\.?|MPH|MBA|DVM|PharmD|FRS|FRCP|ACM|IEEE))+$"
)
_NUMBER = re.compile(r"(?:(?<=[^\W\d_])|\s)\d{1,4}(?:\s*,\s*\d{1,2})*$")
"""Of a footnote, or what DBLP adds to tell namesakes apart."""
_OTHERS = re.compile(r"[\s,]+(?:and|&|und|et)\s+(?:others|colleagues|al\.?|co-?workers)$", re.IGNORECASE)
_INNER_CAPITAL = re.compile(r"(?<=[^\W\d_])(?=[A-ZÀ-ÖØ-Þ])")
_INITIALS = re.compile(r"[A-ZÀ-ÖØ-Þ]{2,3}")
_SHORT_PARTICLES = re.compile(r"\bv\.?\s?d\.?(?=\s)", re.IGNORECASE)
_LONGEST = 300
"""Characters of what is read as a name with something around it. Bounds the time."""
_MOST_WRITINGS = 12
"""Ways in which a typed name is looked for. Bounds the time."""
_FRONTS = PARTICLES | {
    "mc",
    "mac",
    "o",
    "abu",
    "ab",
    "d",
    "l",
    "los",
    "las",
    "lo",
    "san",
    "santa",
    "het",
    "op",
    "do",
}
"""What is also written in one piece with the name that follows."""
_TRANSCRIBED = str.maketrans(
    {
        letter: two
        for lower, written in (*AS_TWO_LETTERS.items(), ("đ", "dj"))
        for letter, two in ((lower, written), (lower.upper(), written.capitalize()))
    }
)
"""Letters that are written as two where a keyboard lacks them; ß and æ are so in every key."""


def asked_name(text: str) -> str:
    """What was typed without what stands around the name: quotes, titles, degrees, marks, addresses.

    Empty where no name is left. A text that is too long for a name stays as it is.
    """
    if len(text) > _LONGEST:
        return text
    name = _without_address(_without_prefix(" ".join(text.split())))
    before = None
    while name != before:
        before = name
        name = name.strip(_AROUND)
        if (whole := _BRACKETED.fullmatch(name)) is not None:
            name = whole[1]
        name = _without_title(_without_prefix(name))
        for ending in (_POSSESSIVE, _OTHERS, _DEGREES, _NUMBER, _HONORIFIC):
            name = ending.sub("", name).strip()
        name = clean_name(name)
    family, comma, given = name.partition(",")
    return given_first(f"{family}, {_without_title(given.strip())}" if comma else name)


def _without_prefix(text: str) -> str:
    """Without what says that a name follows: "author:", "papers by"."""
    if len(text) > _LONGEST:
        return text
    found = _PREFIX.match(text)
    return text[found.end() :] if found is not None else text


def _without_title(name: str) -> str:
    found = _TITLE.match(name)
    return name[found.end() :] if found is not None else name


def _without_address(text: str) -> str:
    """Without an e-mail address; the name in it where there is nothing else."""
    rest = _ADDRESS.sub(" ", text).strip(_AROUND)
    if rest:
        return _ADDRESS.sub(" ", text)
    found = _LOCAL_PART.search(text)
    return re.sub(r"[\W\d_]+", " ", found[1]) if found is not None else text


def identifier_within(text: str) -> Identifier | None:
    """The identifier that a text is or has in it: an ORCID in an address or behind a name."""
    text = _without_prefix(text)
    found = read_identifier(text.strip(_AROUND))
    if found is None and len(text) <= _LONGEST and (orcid := _ORCID.search(text)) is not None:
        found = read_identifier(orcid[0])
    return found


def exact_keys(text: str) -> list[str]:
    """The keys of a typed name as it is, without what stands around it, and with umlauts as two letters."""
    name = asked_name(text)
    keys = (name_key(text), name_key(name), name_key(name.translate(_TRANSCRIBED)))
    return list(dict.fromkeys(filter(None, keys)))


def typed_keys(text: str) -> list[str]:
    """The keys under which a typed name is looked for: as it is, then as it may also be written."""
    name = asked_name(text)
    found = dict.fromkeys(filter(None, (name_key(text), name_key(name))))
    if len(text) > _LONGEST:
        return list(found)
    for written in _writings(name):
        key = name_key(written)
        found |= dict.fromkeys((key, *other_keys(written, key)) if key else ())
    return list(found)[:_MOST_WRITINGS]


def other_keys(name: str, key: str) -> Iterator[str]:
    """The keys of a name as others write it: "Müller" as "Mueller", "van der Berg" as "Vanderberg"."""
    keys = [key]
    if not name.isascii() and (plain := name_key(name.translate(_TRANSCRIBED))) != key:
        keys.append(plain)
        yield plain
    for one in keys:
        parts = one.split()
        if (joined := " ".join(_with_fronts_joined(parts))) != one:
            yield joined


def _with_fronts_joined(parts: Sequence[str]) -> Iterator[str]:
    """Particles in one piece with the name that follows; not where nothing follows."""
    front = ""
    for place, part in enumerate(parts):
        if part in _FRONTS and place + 1 < len(parts):
            front += part
        else:
            yield front + part
            front = ""


def _writings(name: str) -> Iterator[str]:
    yield name
    words = name.split()
    if len(words) == 1:
        yield from _at_capitals(name)
    if (spelt := " ".join(_spelt(words))) != name:
        yield spelt
    if (short := _SHORT_PARTICLES.sub("van der", name)) != name:
        yield short


def _at_capitals(word: str) -> Iterator[str]:
    """A name without blanks, parted where a capital begins: "YannLeCun"; all of them, then each alone."""
    places = [found.start() for found in _INNER_CAPITAL.finditer(word)]
    if word.isupper() or not places:
        return
    yield _INNER_CAPITAL.sub(" ", word)
    for place in places:
        yield f"{word[:place]} {word[place:]}"


def _spelt(words: Iterable[str]) -> Iterator[str]:
    """Initials without dots as initials: "JL Godart" is "J L Godart"."""
    several = list(words)
    some_are_not = any(not word.isupper() for word in several)
    for word in several:
        yield " ".join(word) if some_are_not and _INITIALS.fullmatch(word) else word
