"""Tells servers of preprints from venues, by the names under which sources give them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ANY_REST = frozenset({"arxiv", "computing research repository"})
"""What follows these is a category or an id: "arXiv: Learning", "arXiv preprint arXiv:2401.00001"."""

_SERVERS = (
    *("advance sage", "africarxiv", "agrirxiv", "agrixiv", "arabixiv", "authorea", "biohackrxiv", "biorxiv"),
    *("bodoarxiv", "cambridge open engage", "chemrxiv", "chinaxiv", "corr", "cryptology eprint archive"),
    *(
        "eartharxiv",
        "ecoevorxiv",
        "ecsarxiv",
        "edarxiv",
        "engrxiv",
        "ess open archive",
        "essoar",
        "focusarxiv",
    ),
    *("frenxiv", "hal", "hal open science", "iacr cryptol eprint arch", "iacr cryptology eprint archive"),
    *("ina rxiv", "indiarxiv", "jmir preprints", "jxiv", "lawarxiv", "marxiv", "mediarxiv", "medrxiv"),
    *("metaarxiv", "mindrxiv", "nutrixiv", "open science framework", "osf", "osf preprints", "paleorxiv"),
    *("peerj preprints", "philsci archive", "preprints", "preprints org", "psyarxiv", "qeios"),
    *("research square", "scienceopen preprints", "scielo preprints", "social science research network"),
    *("socarxiv", "sportrxiv", "ssrn", "ssrn electronic journal", "techrxiv", "thesis commons", "vixra"),
    *("zenodo", "cold spring harbor laboratory"),
)
_LEADING = frozenset(
    {"a", "at", "available", "cornell", "e", "eprint", "in", "on", "posted", "preprint", "print", "submitted"}
    | {"the", "to", "university"}
)
"""Words before the server's name: "Preprint at bioRxiv"."""

_FOLLOWING = frozenset(
    {
        "abs",
        "abstract",
        "com",
        "doi",
        "e",
        "electronic",
        "eprint",
        "eprints",
        "http",
        "https",
        "net",
        "online",
        "org",
    }
    | {"p", "pages", "pp", "preprint", "preprints", "print", "prints", "server", "vol", "volume", "working"}
    | {"paper", "papers", "repository", "archive", "cornell", "university", "www"}
)
"""Words after it, beside numbers and ids: "CoRR, vol. abs/1706.03762"."""

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WORD = re.compile(r"[^\W_]+")
_NAMES = {tuple(name.split()) for name in (*_SERVERS, *_ANY_REST)}
_LONGEST = max(map(len, _NAMES))


@lru_cache(maxsize=4096)
def is_preprint_server(venue: str) -> bool:
    """Whether a venue names where preprints are kept, and not where a paper was published."""
    folded = unicodedata.normalize("NFKC", venue).casefold()
    words: list[str] = _WORD.findall(_ASIDE.sub(" ", folded)) or _WORD.findall(folded)
    start = next((place for place, word in enumerate(words) if word not in _LEADING), len(words))
    # A leading word may belong to the name, and "Preprints" is one of its own.
    for width in range(_LONGEST, 0, -1):
        name = tuple(words[start : start + width])
        if name in _NAMES:
            rest = words[start + width :]
            return " ".join(name) in _ANY_REST or all(map(_says_nothing, rest))
    return False


def _says_nothing(word: str) -> bool:
    return word in _FOLLOWING or any(letter.isdigit() for letter in word) or (word,) in _NAMES
