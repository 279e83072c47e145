"""Names of authors as files write them: marks, degrees and affiliations taken off, given names first.

All formats read names through here, so that one person has one spelling whatever the file. Nothing is
guessed: where the order of a name is not certain it stays as it is written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.corpus.names import is_et_al, is_generation

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_MARKS = re.compile(
    rf"(?:[*†‡§¶#‖∥✉★☆◊]|[{_SUPERSCRIPTS}]|\$\s*(?:\{{\}})?\^\s*\{{?[^${{}}]{{0,20}}\}}?\s*\$|\^\{{[^{{}}]{{0,20}}\}})+"
)
"""Marks that refer to footnotes, and superscripts in formulas."""
_TRAILING_NUMBERS = re.compile(
    r"(?:(?<=[^\W\d_]{2})|(?<=[^\W\d_]{2} ))\d{1,2}(?:\s*,\s*[\d*†‡§¶]{1,2})*(?=\s|,|$)"
)
"""Footnote numbers behind a word; DBLP's four-digit numbers stand apart and stay."""
_BRACKETS = re.compile(r"\s*(?:\((?P<round>[^()]{0,300})\)|\[[^\[\]]{0,300}\])")
_TITLES = re.compile(
    r"^(?:(?:dr|prof|mr|mrs|ms|ing|dipl\.?-ing|dott|apl)\.\s*(?=\S)|(?:dr|prof|professor|sir|mr|mrs)\s+(?=\S+\s+\S))+",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"(?:ph\.?\s?d|m\.?d|d\.?phil|dr\.?\s?rer\.?\s?nat|m\.?sc|b\.?sc|m\.?s|m\.?a|b\.?a|m\.?p\.?h|r\.?n|frcp|facs|mba|"
    r"pharm\.?d|d\.?v\.?m|dds|esq|fellow|senior member|member|student member|ieee)\.?",
    re.IGNORECASE,
)
_GIVEN_OR_DEGREE = re.compile(r"(?:M\.?A|Ma|B\.?A|Ba|M\.?S|Ms|Esq|Rn|R\.?N|I\.?E)\.?")
_PLAIN_DEGREE = re.compile(r"Ph\.?\s?D\.?|D\.?Phil\.?|M\.D\.|M\.?Sc\.?|B\.?Sc\.?|M\.P\.H\.|Pharm\.?D\.?")
"""Degrees that cannot be part of a name, also without a comma before them."""
_GIVEN_WITH_DEGREE = re.compile(r"[^\W\d_]{2,}(?: [^\W\d_]{1,30}\.?){0,3} (?:MD|PhD|Ph\.D\.|MSc|BSc)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.[-\s]?)+[^\W\d_]?\.?|[^\W\d_]\.?(?:\s[^\W\d_]\.?)*")
_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-Þ]{1,3}")
_EAST_ASIAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af々]{1,4}")
"""A family or a given name in Chinese signs or Hangul: such names are written together, the family first."""
_CAPITAL_NAME = re.compile(r"(?=.*[AEIOUYÄÖÜÉ])[A-ZÀ-ÖØ-Þ]{3}")
"""Three capitals that may be a name beside a family name in capitals ("HALE, IDA")."""
_AND = re.compile(r"^(?:and|und|&)\s+|\s+(?:and|und|&)$|^(?:and|AND|&)$")
_NOBODY = frozenset(
    {
        "",
        "anonymous",
        "anon",
        "anonymous author",
        "anonymous authors",
        "unknown",
        "unknown author",
        "none",
        "null",
        "na",
        "n/a",
        "nan",
        "n.n",
        "no author",
        "no authors listed",
        "no author name available",
        "various",
        "authors",
        "and",
        "various authors",
        "et",
        "al",
        "with contributions from",
        "with contributions by",
    }
)
_GROUP = re.compile(
    r"\b(?:collaborations?|consortium|consortia|working group|study group|research group|task force|network|"
    r"investigators|committee|commission|council|office|department|ministry|institute|institution|university|"
    r"universit[äàé]t?|society|association|organi[sz]ation|agency|foundation|federation|centre|center|laborator(?:y|ies)|"
    r"project|program(?:me)?|initiative|team|group|company|corporation|inc|ltd|gmbh|union|bank|library|bureau|board|"
    r"network|trialists|alliance|partnership|forum)\b\.?",
    re.IGNORECASE,
)
_GENERATION_BEHIND = re.compile(r"(?:jr|sr|2nd|3rd|[4-9]th|iii)\.?", re.IGNORECASE)
"""What is no given name; "II", "IV" and "V" may be initials."""
_LONGEST_END = 60
"""Characters at the end of a list that are searched for "et al."."""
MOST_NAMES = 20_000
"""Of one paper; the longest list so far has some 15,000. A longer one is cut."""
_LONGEST_NAME = 2_000
"""A longer text is no name, and stays as it is written."""
_ET_AL_BEHIND = re.compile(
    r"[\s,]*\b(?:et\.?\s+al\b\.?|u\.\s?a\.|et\s+coll\.|y\s+(?:cols?\.|otros\b)|и\s+др\.?|i\s+in\.)$",
    re.IGNORECASE,
)
_ON_BEHALF = re.compile(
    r"^(?:(?:and\s+)?(?:on\s+behalf\s+of|in\s+collaboration\s+with|representing|for)\s+)(?:all\s+)?(?:the\s+)?",
    re.IGNORECASE,
)
"""What stands before the name of a group in a list of people."""
_FOR_A_GROUP = re.compile(r"(.{1,300}?),?\s+((?:for|on\s+behalf\s+of)\s+the\s+.{1,300})", re.IGNORECASE)
_INITIALS_BEHIND = re.compile(
    r"(?:[^\W\d_][\w'’-]+ )+(?:[A-ZÀ-ÖØ-Þ]{1,3}\.?|[A-ZÀ-ÖØ-Þ]\.?(?: [A-ZÀ-ÖØ-Þ]\.?){1,2})"
)
_INITIALS_BEFORE = re.compile(r"(?:[^\W\d_]\.[-\s]*)+[^\W\d_][\w'’-]+(?: [\w'’.-]+)*")
_OTHER_ANDS = re.compile(r"(?<!von)\s+(?:und|et|og|och)\s+(?!al\b)", re.IGNORECASE)
"""What Germans, French and Scandinavians write between two names; "von und zu" is part of one."""
_EXTENDED = re.compile(
    r"\s*(family|given|prefix|suffix|useprefix|given-i|family-i|prefix-i)\s*=\s*", re.IGNORECASE
)


_SPECIAL = re.compile(rf"[,;:(){{}}\[\]0-9*†‡§¶#‖∥✉★☆◊$^&|@/_{_SUPERSCRIPTS}،，]")
_SPECIAL_WORDS = frozenset(
    """
    dr prof professor mr mrs ms sir ing dott apl doktor and und phd dphil msc bsc pharmd al unknown
    anonymous author authors listed available others none on for with representing
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class NameList:
    """The authors of a paper as they were read."""

    names: tuple[str, ...]
    is_cut: bool = False
    """The list says that it goes on ("et al.")."""
    doubt: str | None = None
    """What of it could not be read for certain."""


def is_group(name: str) -> bool:
    """Whether a name is that of a collaboration or an institution, judged by its words."""
    return _GROUP.search(name) is not None


def says_more(name: str) -> bool:
    """Whether the last name of a list says that the list goes on: "et al.", "Hager, J. et al."."""
    end = name.strip()[-_LONGEST_END:]
    return is_et_al(end) or _ET_AL_BEHIND.search(end) is not None


def is_nobody(text: str) -> bool:
    """Whether a list of authors says outright that it names nobody: "Anonymous"."""
    return text.casefold().strip(".[](){} ") in _NOBODY


def is_plain_name(written: str) -> bool:
    """Whether a name has nothing that might have to go or to change its place; most names are so."""
    if _SPECIAL.search(written) is not None:
        return False
    words = written.split()
    if len(words) < 2 or "." in words[-1]:
        return False
    return _SPECIAL_WORDS.isdisjoint((words[0].lower().rstrip("."), words[-1].lower()))


def clean_name(written: str) -> str:
    """A name without marks, degrees, titles and affiliations; empty where it names nobody."""
    if len(written) > _LONGEST_NAME:
        return " ".join(written.split())
    name = _ET_AL_BEHIND.sub("", _MARKS.sub(" ", unicodedata.normalize("NFC", written)).strip())
    if not is_group(_BRACKETS.sub(" ", name)):
        name = _BRACKETS.sub(_kept_bracket, name)
        name = _TRAILING_NUMBERS.sub("", name)
        name = _without_degrees(name)
        name = _TITLES.sub("", name.strip())
    name = _AND.sub("", " ".join(name.split()).strip(" ,;:|/")).strip(" ,;")
    if is_group(name):
        name = _ON_BEHALF.sub("", name)
    folded = name.casefold().strip(".[]() ")
    return "" if folded in _NOBODY or is_et_al(name) else name


def given_first(written: str, *, family_first: bool = False) -> str:
    """A name as papers print it: "Lund, Bo" and, where the format writes so, "Lund B" turned round.

    Args:
        written: One name, cleaned or not.
        family_first: The format writes the family name first also without a comma ("Hager JM").

    """
    if not family_first and is_plain_name(written):
        return " ".join(written.split())
    if len(written) > _LONGEST_NAME:
        return " ".join(written.split())
    name = clean_name(written.replace("،", ",").replace("，", ","))
    if is_group(name):
        return name
    parts = [part.strip() for part in name.split(",") if part.strip()]
    generations = [part for part in parts[1:] if is_generation(part)]
    names = [part for part in parts if part not in generations]
    if len(names) == 2 and all(map(_EAST_ASIAN.fullmatch, names)):
        return "".join(names)
    if len(names) == 2:
        given, _, last = names[1].rpartition(" ")
        if given and _GENERATION_BEHIND.fullmatch(last):  # "Griffin, Darren K 3rd"
            names[1] = given
            generations.append(last)
        is_spaced = family_first and not (names[0].isupper() and _CAPITAL_NAME.fullmatch(names[1]))
        return " ".join([_spaced(names[1]) if is_spaced else names[1], names[0], *generations])
    if len(names) > 2:
        return " ".join([*names[1:], names[0], *generations])
    if not names:
        return ""
    name, _, last = names[0].rpartition(" ")
    if family_first and " " in name and _GENERATION_BEHIND.fullmatch(last):  # "Griffin DK Jr"
        names[0] = name
        generations.append(last)
    return " ".join([_initials_first(names[0], family_first=family_first), *generations])


def from_parts(given: str, family: str, suffix: str = "") -> str:
    """A name of which a file has the parts apart, as papers print it."""
    if not suffix and _EAST_ASIAN.fullmatch(given) and _EAST_ASIAN.fullmatch(family):
        return family + given
    return " ".join(part for part in (given, family, suffix) if part)


def read_extended(written: str) -> str | None:
    """A name of biblatex's extended format ("family=…, given=…"); None where it is none."""
    pieces = _EXTENDED.split(written.strip())
    if len(pieces) < 3 or pieces[0].strip(" ,{"):
        return None
    parts = {
        name.lower(): value.strip(' ,{}"') for name, value in zip(pieces[1::2], pieces[2::2], strict=True)
    }
    if "family" not in parts and "given" not in parts:
        return None
    order = ("given", "prefix", "family", "suffix")
    return " ".join(part for name in order if (part := parts.get(name, "")))


def split_by_signs(written: str, *, family_first: bool = False) -> NameList:
    """Names in one text that are parted by semicolons, by "and", or by commas where that is certain."""
    text = " ".join(written.split()).strip(" ;,")
    group, colon, members = text.partition(": ")
    if colon and "," in members and is_group(group):  # "FROST Collaboration: I. Hale, P. Moor"
        listed = split_by_signs(members, family_first=family_first)
        return NameList((*_listed([group]).names, *listed.names), listed.is_cut, listed.doubt)
    for sign in (";", "/"):
        parts = [part.strip() for part in text.split(sign) if part.strip()]
        if len(parts) > 1 and (sign == ";" or all(part.count(",") == 1 for part in parts)):
            return _listed(parts, family_first=family_first)
    parts = [part.strip() for part in re.split(r",?\s+(?:and|&)\s+", text) if part.strip()]
    if len(parts) == 1 and all(map(_is_name, others := _OTHER_ANDS.split(text))):
        parts = others
    if len(parts) > 1 and not (len(parts) == 2 and is_group(parts[0]) and " " not in parts[1]):
        names: list[str] = []
        for part in parts[: MOST_NAMES + 1]:
            names += split_at_certain_commas(part, at_least=2)
        return _listed(names, family_first=family_first)
    if len(names := split_at_certain_commas(text)) > 1:
        return _listed(names, family_first=family_first)
    if _is_list_of_names(text, at_least=2):
        return NameList((given_first(text),), doubt=f"“{text}” may be two authors, and was read as one")
    return _listed([text], family_first=family_first)


def split_at_certain_commas(text: str, *, at_least: int = 3) -> list[str]:
    """The names that commas part, where they are certain to; else the text alone.

    Args:
        text: One name, or several.
        at_least: So many whole names ("Ann Bo, Cy Do") are a list; fewer may be a family and a given name.

    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) < 2:
        return [text]
    if is_et_al(parts[-1]) and not is_et_al(parts[-2]):
        return [*split_at_certain_commas(", ".join(parts[:-1]), at_least=at_least), parts[-1]]
    if len(parts) > 3 and len(parts) % 2 == 0 and all(map(_INITIALS.fullmatch, parts[1::2])):
        # "Hale, I., Moor, P. J."
        if not any(map(_INITIALS.fullmatch, parts[::2])):
            return [f"{family}, {given}" for family, given in zip(parts[::2], parts[1::2], strict=True)]
    elif initials_are_behind(parts) or all(map(_INITIALS_BEFORE.fullmatch, parts)):
        return parts
    return parts if _is_list_of_names(text, at_least=at_least) else [text]


def names_several(text: str) -> bool:
    """Whether what should be one author names several: "Hale I, Moor PJ", "Ida Hale and Piet Moor"."""
    if "," not in text and " and " not in text and " & " not in text:
        return False
    is_joined = re.search(r"\S\s+(?:and|&)\s+\S", text) is not None and not is_group(text)
    return is_joined or len(split_at_certain_commas(text)) > 1


def initials_are_behind(names: Sequence[str]) -> bool:
    """Whether each of several names has its initials behind it ("Hale I", "Moor PJ")."""
    named = [" ".join(name.split()) for name in names if not is_et_al(name) and not is_group(name)]
    return len(named) > 1 and all(
        _INITIALS_BEHIND.fullmatch(name) and not is_generation(name.rpartition(" ")[2]) for name in named
    )


def with_groups(names: Iterable[str]) -> list[str]:
    """Names, with the group for which somebody writes apart: "P. Moor for the FROST Collaboration"."""
    found: list[str] = []
    for name in names:
        pair = _FOR_A_GROUP.fullmatch(name) if " the " in name else None
        is_pair = pair is not None and is_group(pair[2]) and not is_group(pair[1])
        found += [pair[1], pair[2]] if pair is not None and is_pair else [name]
    return found


def _is_name(text: str) -> bool:
    """Whether a text may be one whole name: "Hale, Ida", "Ida Hale"."""
    words = text.split()
    return 2 <= len(words) <= 4 and text.count(",") < 2 and not is_group(text) and words[-1][:1].isupper()


def split_at_commas(written: str) -> NameList:
    """Names that commas part, as feeds write them: not within brackets, nor before "Jr."."""
    parts: list[str] = []
    for part in re.split(r",\s+(?![^()]{0,300}\))|\s+and\s+(?![^()]{0,300}\))", " ".join(written.split())):
        if parts and is_generation(part):
            parts[-1] = f"{parts[-1]} {part}"
        else:
            parts += [piece for piece in part.split(": ") if piece.strip()]
    return _listed(parts)


def _listed(names: Sequence[str], *, family_first: bool = False) -> NameList:
    if initials_are_behind(names):
        family_first, names = True, [name.rstrip(".") for name in names]
    read = [given_first(name, family_first=family_first) for name in with_groups(names[:MOST_NAMES])]
    is_cut = len(names) > MOST_NAMES or any(says_more(name) for name in names[-1:])
    return NameList(tuple(name for name in read if name), is_cut)


def _is_list_of_names(text: str, *, at_least: int) -> bool:
    """Whether commas part whole names ("Ann Bo, Cy Do, …") and not a family name from given names."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) < at_least:
        return False
    for part in parts:
        words = part.split()
        if len(words) < 2 or is_generation(part) or not words[0][:1].isupper() or not words[-1][:1].isupper():
            return False
        if _INITIALS.fullmatch(part):
            return False
    return True


def _kept_bracket(found: re.Match[str]) -> str:
    """A bracket within a name is dropped, but for the same name in another script."""
    content = found["round"] or ""
    around = found.string[: found.start()] + found.string[found.end() :]
    both = any(map(str.isalpha, content)) and any(map(str.isalpha, around))
    return found[0] if both and _is_latin(content) != _is_latin(around) else " "


def _is_latin(text: str) -> bool:
    return any("LATIN" in unicodedata.name(sign, "") for sign in text if sign.isalpha())


def _without_degrees(name: str) -> str:
    parts = [part.strip() for part in name.split(",")]
    certain = len(parts) > 2  # "Yan, Ma" is a name
    kept = [
        part
        for number, part in enumerate(parts)
        if number == 0 or not (_DEGREE.fullmatch(part) and (certain or not _GIVEN_OR_DEGREE.fullmatch(part)))
    ]
    words = kept[0].split()
    while len(words) > 2 and len(kept) == 1 and _PLAIN_DEGREE.fullmatch(words[-1]):
        words.pop()
    if len(kept) == 2 and _GIVEN_WITH_DEGREE.fullmatch(kept[1]):
        kept[1] = kept[1].rpartition(" ")[0]  # "Moor, Piet MD"
    while len(words) > 1 and len(kept) > 1 and (words[-1] == "MD" or _PLAIN_DEGREE.fullmatch(words[-1])):
        words.pop()  # "Moor MD, Piet"
    return ", ".join([" ".join(words), *kept[1:]])


def _initials_first(name: str, *, family_first: bool) -> str:
    """Turn "Lund B." round, and "Lund BC" where the format writes the family name first."""
    words = name.split()
    if len(words) < 2 or is_group(name):
        return name
    count = 0
    while count < len(words) - 1 and _is_initial(words[-1 - count], family_first=family_first):
        count += 1
    family, initials = words[: len(words) - count], words[len(words) - count :]
    if not count or _INITIALS.fullmatch(" ".join(family)):
        return name
    if not family_first and len(family) > 1 and family[0][:1].isupper() and len(family[0].rstrip(".")) > 1:
        return name  # "Adlai Stone B." may be anything
    return f"{_spaced(' '.join(initials))} {' '.join(family)}"


def _is_initial(word: str, *, family_first: bool) -> bool:
    if family_first and _CAPITALS.fullmatch(word):
        return True
    return "." in word and _INITIALS.fullmatch(word) is not None


def _spaced(initials: str) -> str:
    """Initials as papers print them: "JM" is "J. M."; anything else stays."""
    words = initials.split()
    if all(_CAPITALS.fullmatch(word) for word in words):
        return " ".join(f"{letter}." for word in words for letter in word)
    return initials
