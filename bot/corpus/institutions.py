"""Affiliations of people: the institution in what sources write, without departments and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.corpus.names import MAX_KEY_LENGTH, name_key
from bot.corpus.paper import Affiliation

MOST_AFFILIATIONS = 20
"""Of one person on one paper."""
_LONGEST = 2_000
"""A longer text is no affiliation."""
_LONGEST_TEXT = 20_000
"""Characters of the affiliations of one person in one text."""
_LONGEST_NAME = 200
_MAIL = re.compile(r"(?:\(?(?:electronic address|e-?mails?)\s*:?\s*)?\S+@\S+", re.IGNORECASE)
_MARK = re.compile(r"^[\s\d*†‡§¶#.()\[\]]+(?=[^\W\d_])|[\s.;]+$")
_ASIDE = re.compile(r"\s*\([^()]*\)")
_ROR = re.compile(r"(?:https?://)?(?:www\.)?(?:ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}\d{2})/?", re.IGNORECASE)
"""An id of the Research Organization Registry: 0, six signs of Crockford's base 32, two digits."""
_WHOLE = re.compile(
    r"universi|\buniv\b|\bunis?\b|uniwersytet|yliopisto|egyetem|hochschule|polytechni|politecni|politechni"
    r"|academy of sciences|akademie der|grandes? ecoles?|\becole (?:normale|polytechnique|nationale)"
    r"|大学|大學|대학교"
)
"""What names an institution that others are parts of."""
_PART = re.compile(
    r"\binst|institut|academ|akadem|college|hospital|klinik|clinic|\bcent(?:re|er)\b|\bzentrum|laborator"
    r"|\blabs?\b|\bmuseum|observator|\bschool\b|\bsch\b|\bcompany\b|\binc\b|\bltd\b|\bgmbh\b|\bcorp|\becole\b"
    r"|\bfoundation\b|\bagency\b|\bcouncil\b|\bministry\b|研究"
)
"""What may be an institution, or a part of one."""
_DEPARTMENT = re.compile(
    r"^(?:the )?(?:dep(?:t|artment|artement|artamento)|dipartimento|fac(?:ulty|ulte|ulta|ultad)?\b|fakultat"
    r"|div(?:ision)?\b|section|unit|group|chair|lehrstuhl|program"
    r"|(?:school|sch|college|institute|inst) of (?!technology|science and tech))"
)
_CAMPUS = re.compile(
    r"^(?:univ(?:ersity)?(?: of)? (?:california|calif|texas|illinois|wisconsin|north carolina|massachusetts"
    r"|maryland|colorado|missouri|nebraska|alaska|arkansas|minnesota|tennessee|alabama|michigan|hawaii"
    r"|houston|puerto rico)|(?:state|city) univ(?:ersity)?(?: of)? new york"
    r"|indian inst(?:itute)?(?: of)? technology)$"
)
"""Names of universities that have several campuses, of which the next part names one."""
_KINDS = {
    word: kind
    for kind, words in (
        (
            "university",
            "universitat universitaet universite universidad universita universidade universiteit",
        ),
        ("university", "universitet universitetet universitesi uniwersytet univ uni univs universities"),
        ("institute", "institut instituto istituto inst instytut institutes"),
        ("center", "centre centro zentrum ctr"),
        ("laboratory", "laboratoire laboratories lab labs laboratorio"),
        ("science", "sci sciences scienze ciencias wissenschaften"),
        ("technology", "tech technol technologie tecnologia technologies"),
        ("technical", "technische tecnica technique teknik"),
        ("academy", "acad akademie academia accademia"),
        ("national", "nat natl nazionale nacional"),
        ("medical", "med medizinische medicale medica"),
        ("hospital", "hosp hopital klinikum ospedale"),
        ("college", "coll colegio"),
        ("research", "res recherche ricerca investigacion"),
        ("engineering", "eng engn engr ingenieria"),
    )
    for word in words.split()
}
"""How the kinds of institutions are written otherwise."""
_SAYS_NOTHING = frozenset(
    """
    of the and for at in de la le du des der die und et di del della da do dos das el los y zu fur an
    inc ltd corp corporation company co gmbh
    """.split()  # noqa: SIM905
)
_OF_ANY_PLACE = frozenset(
    """
    a en s university universita college school institute center laboratory research science technology
    engineering academy division group national state computer department dept departement departamento
    dipartimento faculty facultad faculte fakultat
    """.split()  # noqa: SIM905
)


def affiliations_of(written: Iterable[tuple[object, object]]) -> tuple[Affiliation, ...]:
    """The affiliations of one person, given as (as it is written, ROR id where the source has one)."""
    found: dict[str, Affiliation] = {}
    for text, ror in written:
        if not isinstance(text, str):
            continue
        whole = _ror_of(ror)
        parts = text[:_LONGEST_TEXT].split(";")
        # With an id the text is the name itself.
        names = map(institution_name, parts) if whole is None else [" ".join(text[:_LONGEST_NAME].split())]
        for name in names:
            if name:
                one = Affiliation(name=name, ror=whole)
                found.setdefault(institution_key(one), one)
    return tuple(found.values())[:MOST_AFFILIATIONS]


@lru_cache(maxsize=1 << 14)
def institution_name(written: str) -> str:
    """The institution of an affiliation: the second part of "Dept. of Physics, Univ. of Rostock, Rostock".

    Empty where nothing is named.
    """
    if len(written) > _LONGEST:
        return ""
    plain = _MARK.sub("", " ".join(_MAIL.sub(" ", written).split()))
    parts = [
        part
        for part in (_MARK.sub("", one).strip() for one in plain.split(","))
        if any(map(str.isalpha, part))
    ]
    if not parts:
        return ""
    place = min(range(len(parts)), key=lambda number: _rank(parts[number]))
    name = parts[place]
    if place + 1 < len(parts) and _CAMPUS.search(name_key(_ASIDE.sub("", name))):
        name = f"{name}, {parts[place + 1]}"
    return name[:_LONGEST_NAME]


def _rank(part: str) -> int:
    """How likely a part of an affiliation names its institution; the lowest first."""
    folded = name_key(_ASIDE.sub("", part)) or name_key(part)
    if _WHOLE.search(folded):
        return 0
    if _DEPARTMENT.search(folded):
        return 3
    return 1 if _PART.search(folded) else 2


def institution_key(affiliation: Affiliation) -> str:
    """What is the same for one institution: its ROR id, else its words, whatever their order and language."""
    if affiliation.ror:
        return f"ror {affiliation.ror}"
    return " ".join(sorted(_words(affiliation.name)))[:MAX_KEY_LENGTH]


@lru_cache(maxsize=1 << 16)
def place_words(written: str) -> str:
    """The words of an affiliation that tell it from others, in order; all its words where none does."""
    words = {word for word in _words(written) if not word.isdigit()}
    return " ".join(sorted((words - _OF_ANY_PLACE) or words))


def place_of(affiliation: Affiliation) -> str:
    """The words of an institution as evidence of who a person is, with its ROR id as one more."""
    words = place_words(affiliation.name)
    return f"{words} ror{affiliation.ror}" if affiliation.ror else words


def _words(written: str) -> set[str]:
    folded = name_key(written.replace(",", " ")).split()
    return {_KINDS.get(word, word) for word in folded if word not in _SAYS_NOTHING} or set(folded)


def _ror_of(value: object) -> str | None:
    """A ROR id, without its address; None where it is none."""
    found = _ROR.fullmatch(value.strip()) if isinstance(value, str) else None
    return found[1].lower() if found is not None else None
