"""What a person types, read as a query; there is no wrong query, only plain text.

decentralized training      papers with both words
"neural networks"           the phrase
-survey                     without the word
graph OR tree               either
author:"Pan Pan" field:LG year:2021..2023 has:code score:>70     filters; with - before them, the opposite
paper:26                    that paper
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from bot.corpus.paper import first_day, last_day
from bot.search.asking import without_asking, words_abroad, words_beside
from bot.search.pasted import QUOTES, in_plain_signs
from bot.search.phrasing import dates_said, without_dates, words_that_ask
from bot.text.folding import are_stop_words, plain_words, without_latex
from bot.text.stop_words import foreign_stop_words


class Sort(StrEnum):
    """The order of search results."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    SCORE = "score"


LONGEST_QUERY = 4_000
"""Characters; the rest of a longer query is not read."""
MOST_CLAUSES = 64
"""Of a query. Bounds the time; questions written by hand have 13 to 86 words, stop words among them."""
LONGEST_PHRASE = 24
"""Words of a phrase that are sought; two papers hardly share so many in a row. Bounds the time."""


@dataclass(frozen=True, slots=True)
class AuthorFilter:
    """Papers of a person, by name."""

    name: str
    negated: bool = False

    def __str__(self) -> str:
        return _said(f"author {self.name}", self.negated)


@dataclass(frozen=True, slots=True)
class FieldFilter:
    """Papers whose main field has this code."""

    code: str
    negated: bool = False

    def __str__(self) -> str:
        return _said(f"field {self.code}", self.negated)


@dataclass(frozen=True, slots=True)
class DateFilter:
    """Papers whose date covers any day between two dates, each of year, month or day precision."""

    since: str | None = None
    until: str | None = None
    negated: bool = False

    def __str__(self) -> str:
        if self.until is None:
            return _said(f"{self.since} or later", self.negated)
        if self.since is None:
            return _said(f"until {self.until}", self.negated)
        between = self.since if self.since == self.until else f"{self.since} to {self.until}"
        return _said(between, self.negated)


@dataclass(frozen=True, slots=True)
class CodeFilter:
    """Papers with code; negated, papers without."""

    negated: bool = False

    def __str__(self) -> str:
        return "without code" if self.negated else "with code"


@dataclass(frozen=True, slots=True)
class ScoreFilter:
    """Papers whose score lies between two numbers, themselves included unless `strict`."""

    low: float | None = None
    high: float | None = None
    strict: bool = False
    negated: bool = False

    def __str__(self) -> str:
        if self.low is None:
            return _said(f"score {'below' if self.strict else 'at most'} {self.high:g}", self.negated)
        if self.high is None:
            return _said(f"score {'above' if self.strict else 'at least'} {self.low:g}", self.negated)
        between = f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"
        return _said(f"score {between}", self.negated)


Filter = AuthorFilter | FieldFilter | DateFilter | CodeFilter | ScoreFilter


def _said(text: str, negated: bool) -> str:
    return f"not {text}" if negated else text


def read_filter(key: str, value: str, codes: Collection[str]) -> Filter | None:
    """The filter that `key:value` stands for; None where it stands for none and is plain text."""
    value = value.strip()
    if not value:
        return None
    try:
        match key.lower():
            case "author" | "authors" | "au" | "inauthor":
                return AuthorFilter(value) if any(map(str.isalnum, value)) else None
            case "field" | "cat":
                code = find_code(value, codes)
                return FieldFilter(code) if code is not None else None
            case "year" | "date":
                return _read_dates(value)
            case "since":
                return replace(read_day(value), until=None)
            case "until":
                return replace(read_day(value), since=None)
            case "has" if value.lower() == "code":
                return CodeFilter()
            case "score":
                return _read_score(value)
            case _:
                return None
    except ValueError:
        return None


def find_code(value: str, codes: Collection[str]) -> str | None:
    """The code of a field as papers have it; case and an archive before it ("cs.CV") do not matter."""
    wanted = value.casefold()
    known = {code.casefold(): code for code in codes}
    return known.get(wanted) or known.get(wanted.rpartition(".")[2])


def read_day(value: str) -> DateFilter:
    """A filter for one year, month or day; ValueError where it cannot be."""
    if not value.isascii():
        raise ValueError("a date is written in digits")
    first_day(value)
    return DateFilter(value, value)


_SPAN = re.compile(r"(?P<since>[\d-]*)\s*(?:\.\.+|…)\s*(?P<until>[\d-]*)|(?P<from>\d{4})[-–](?P<to>\d{4})")
_BOUND = re.compile(r"(?P<sign>[<>]=?|[≤≥])\s*(?P<value>\S+)")


def _read_dates(value: str) -> DateFilter:
    if bound := _BOUND.fullmatch(value):
        sign, day = bound["sign"], bound["value"]
        read_day(day)
        match sign:
            case ">":
                return DateFilter(since=_next(day))
            case "<":
                return DateFilter(until=_previous(day))
            case ">=" | "≥":
                return DateFilter(since=day)
            case _:
                return DateFilter(until=day)
    if span := _SPAN.fullmatch(value):
        since, until = span["since"] or span["from"], span["until"] or span["to"]
        if not since and not until:
            raise ValueError("a span needs one end")
        for day in filter(None, (since, until)):
            read_day(day)
        return DateFilter(since or None, until or None)
    return read_day(value)


def _next(day: str) -> str:
    return _moved(last_day(day), 1).isoformat()[: len(day)]


def _previous(day: str) -> str:
    return _moved(first_day(day), -1).isoformat()[: len(day)]


def _moved(day: dt.date, days: int) -> dt.date:
    """The day so many days later; ValueError where the calendar ends before, as it does with 9999-12-31."""
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        raise ValueError("no day is before the year 1 or after the year 9999") from None


def _read_score(value: str) -> ScoreFilter:
    if bound := _BOUND.fullmatch(value):
        number = _number(bound["value"])
        strict = bound["sign"] in {"<", ">"}
        if bound["sign"] in {">", ">=", "≥"}:
            return ScoreFilter(low=number, strict=strict)
        return ScoreFilter(high=number, strict=strict)
    low, dots, high = value.partition("..")
    if not dots:
        return ScoreFilter(_number(value), _number(value))
    if not low and not high:
        raise ValueError("a span needs one end")
    return ScoreFilter(_number(low) if low else None, _number(high) if high else None)


def _number(text: str) -> float:
    if not re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text, re.ASCII):
        raise ValueError(f"{text!r} is not a number")
    return float(text)


class Role(IntEnum):
    """What a word is in a query, by how it is written."""

    WORD = 0
    NAME = 1
    """Of an author who is cited: "He" in "He et al."."""
    INITIAL = 2
    """Perhaps of a given name: "D." in "D. Kingma"."""
    STOP_WORD = 3
    """A word that counts for nothing in the language of the question."""
    ASKING = 4
    """A word that only asks for papers: "papers" in "papers about eels"."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several that stand side by side; folded, with the place where it was typed."""

    words: tuple[str, ...]
    typed: str
    start: int
    quoted: bool = False
    role: Role = Role.WORD

    def __str__(self) -> str:
        return f'"{self.typed}"' if self.quoted else self.typed


@dataclass(frozen=True, slots=True)
class Clause:
    """Terms of which a paper needs one."""

    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.terms))


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as it was read: all clauses wanted, no excluded one, within all filters."""

    text: str
    """What was read, normalised; the places of terms count in it."""
    clauses: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    filters: tuple[Filter, ...] = ()
    paper_id: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing at all."""
        return not (self.clauses or self.excluded or self.filters) and self.paper_id is None

    @property
    def sentence(self) -> str:
        """What is asked in words, without filters and what is excluded."""
        if not (self.filters or self.excluded):
            return self.text
        return " ".join(" ".join(term.typed for term in clause.terms) for clause in self.clauses)

    @property
    def reading(self) -> str:
        """How it was read, in a person's words."""
        if self.paper_id is not None:
            return f"paper {self.paper_id}"
        parts = [" ".join(map(str, self.clauses)), *(f"without {clause}" for clause in self.excluded)]
        return " · ".join(filter(None, [*parts, *map(str, self.filters)]))


_SINGLE = "'‘’‚"
_TOKEN = re.compile(
    rf"(?P<minus>[-−](?=\S))?"
    rf"(?:(?P<key>[A-Za-z]+)[:=](?=\S)"
    rf"|(?P<apart>authors?|title|field|year|date|since|until|has|score)(?:\s+[:=]\s*|[:=]\s+)(?=\S))?"
    rf"(?:[{QUOTES}](?P<quoted>[^{QUOTES}]*)[{QUOTES}](?=\s|$)"
    rf"|[{QUOTES}](?P<open>[^\s{QUOTES}]+(?:\s+[^\s{QUOTES}]+){{0,5}})\s*$"
    rf"|[{_SINGLE}](?P<single>(?!\s)(?:(?!\s[{_SINGLE}])[^{QUOTES}])*?)[{_SINGLE}](?=\s|$)|(?P<bare>\S+))",
    re.IGNORECASE,
)
"""A quote that is left open encloses the words to the end, if they are few."""
_JOINED = re.compile(
    r"(?<!\w)\.NET(?!\w)|(?<![\w&/])[^\W\d_][&/][^\W\d_](?![\w&/])"
    r"|(?<!\w)[A-Za-z]{1,3}\((?:\d{1,2}|[A-Zn])(?:,\s?(?:\d{1,2}|[A-Zn]))?\)|[A-Za-z](?:\+\+|#)(?![+#])|[^\W_]+(?:[-‐‑–'’._&][^\W_]+)*",
    re.IGNORECASE,
)
"""Words that belong together: nothing but a hyphen, an apostrophe or a dot parts them, or as in "SO(3)"."""
_WORDS_ALONE = frozenset({"title", "intitle", "allintitle", "ti", "abstract", "abs", "all"})
"""Keys of other search engines for where words stand; here words are sought everywhere."""
_LETTERS_APART = re.compile(r"(?<![\w&])([^\W\d_])\s+&\s+([^\W\d_])(?![\w&])")
"""As in "Q & A"."""
_SPACED = re.compile(r"(?<![\w.,])\d{1,3}(?: \d{3}){2,}(?![.,]?\w)")
"""A number with its thousands parted by blanks; of two groups, "16 384" may be two numbers."""
_SHORT_YEAR = re.compile(
    r"(?:(?<=[^\W\d]|[.,])\s*[’'‘]|(?<=[a-z]{2})\+|(?<=\bet al)(?:\.,?\s*|,?\s+)\(?)(\d\d)(?=[a-f]?(?!\w))"
)
"""As in "Vaswani '17", "Goodfellow+14" and "LeCun et al. 98"."""
_CENTURY_TURNS = 50
"""Of two digits, smaller ones are years after 2000."""
_BEFORE_YEAR = r"(?=[\s,(\[]*(?:19|20)\d\d)"
_AND_OTHERS = (
    r"(?:et\.?\s*al(?:ii)?\b|(?:&|and|und)\s+al\b"
    rf"|(?:u\.\s?a\.|(?:and|&)\s+(?:others|colleagues|collaborators|co-?workers)\b)"
    rf"(?:{_BEFORE_YEAR}|(?=\W*$|\s+(?:on|about)\b)))"
)
_CITED = (
    re.compile(rf"([^\W\d_]+),?\s+{_AND_OTHERS}", re.IGNORECASE),
    re.compile(rf"([^\W\d_]+)\s+(?:and|&)\s+([^\W\d_]+){_BEFORE_YEAR}"),
)
"""Names as they are cited."""
_AND = re.compile(
    rf"(?<![\w'’-])[^\W\d_a-z][\w'’-]*\s+(et|und|y|e|og|och|en)\s+[^\W\d_a-z][\w'’-]*{_BEFORE_YEAR}"
)
"""What other languages have between two names that are cited."""
_LEADING = re.compile(
    r"^[\s(\[]*(?i:see(?:\s+also)?|cf\.?|e\.\s?g\.,?)\s+(?=[^\W\d_a-z].{1,60}?(?<!\d)(?:19|20)\d\d)"
)
"""What stands before a citation."""
_NAME_BEGINS = r"(?=(?:(?:v[ao]n|der?|den|del|della|d[aiu]|dos|la|le|el|al|te[nr])\s+)*[^\W\d_a-z]\w)"
_INITIALS = (
    re.compile(rf"(?<![\w.])((?:[^\W\d_a-z]\.[\s-]?)+){_NAME_BEGINS}"),
    re.compile(r"(?<!\w)[^\W\d_a-z][\w'’-]+,?\s+((?:[^\W\d_a-z]\.[\s-]?)+)(?!\w)"),
)
"""Initials before and behind a family name."""
_OTHERS = re.compile(rf"(?<![^\s(]){_AND_OTHERS}\.?", re.IGNORECASE)
"""Stands for authors who are not named."""
_POSSESSIVE = re.compile(r"(?<=[^\W\d_]{2})['’]s$", re.IGNORECASE)
_ELIDED = re.compile(
    r"^(?:[ldsnjcmt]|qu|(?:jus|lors|puis)qu|(?:a|da|de|ne|su)ll|un)['’](?=[aeiouyhà-ÿ]\w)", re.IGNORECASE
)
"""Articles and other words that French and Italian join to the next one: "l'océan", "dell'arte"."""
_PARTICLE = re.compile(
    r"(?<=[\uac00-\ud7a3]{2})들?"
    r"(?:에서의|에서는|으로의|으로|에서|에게|에는|까지|부터|이란|란|은|는|이|가|을|를|의|에|로|와|과|도|만)?$"
    r"|(?<=[\u30a0-\u30ff\u4e00-\u9fff])(?:から|まで|の|は|が|を|に|で|と|も|へ|的)$"
)
"""What follows a noun in Korean, Japanese and Chinese; papers may have the noun with another one."""
_BIBTEX = re.compile(r"@\w+\s*\{.*?\btitle\s*=\s*[{\"](.+?)[}\"]\s*(?:,\s*\w+\s*=|,?\s*\}?\s*$)", re.DOTALL)
"""An entry that was pasted, with its title."""
_PAPER = re.compile(r"paper:(\d{1,12})", re.IGNORECASE | re.ASCII)
_OR = frozenset({"OR", "|", "||"})


def parse_query(typed: str, codes: Collection[str] = (), today: dt.date | None = None) -> ParsedQuery:
    """Read a query.

    Args:
        typed: What a person typed.
        codes: The codes of fields that exist; others are plain text.
        today: The day from which "papers of the last month" counts; without it, these are words.

    """
    typed = typed[:LONGEST_QUERY]
    if "@" in typed and (entry := _BIBTEX.search(typed)) is not None:
        typed = entry[1].replace("{", "").replace("}", "")
    text = unicodedata.normalize("NFC", without_latex(in_plain_signs(typed))).strip()
    text = _LETTERS_APART.sub(r"\1&\2", text)
    text = _SPACED.sub(lambda number: number[0].replace(" ", ""), text)
    text = _SHORT_YEAR.sub(lambda year: f" {full_year(year[1])}", text)
    if paper := _PAPER.fullmatch(text):
        return ParsedQuery(text, paper_id=int(paper.group(1)))
    clauses: list[Clause] = []
    excluded: list[Clause] = []
    filters: list[Filter] = []
    joins = False
    dates = dates_said(text, today)
    filters += [_read_dates(said.span) for said in dates]
    named = without_asking(without_dates(text, dates))
    roles = _roles(text, words_that_ask(named, dates))
    for pattern in (_LEADING, _OTHERS):
        named = pattern.sub(lambda others: " " * len(others[0]), named)
    for token in _TOKEN.finditer(named if named.strip() or dates else text):
        if token.group() in _OR:
            joins = bool(clauses)
            continue
        found = _read_filter(token, codes)
        if found is not None:
            filters.append(found)
        else:
            new = [Clause((term,)) for term in _terms(token, roles)]
            if token["minus"]:
                excluded += new
            elif joins and new:
                clauses[-1] = Clause(clauses[-1].terms + new[0].terms)
                clauses += new[1:]
            else:
                clauses += new
        joins = False
    if filters and all(term.role is Role.ASKING for clause in clauses for term in clause.terms):
        clauses = []
    return ParsedQuery(
        text, tuple(clauses[:MOST_CLAUSES]), tuple(excluded[:MOST_CLAUSES]), tuple(dict.fromkeys(filters))
    )


_YEAR = re.compile(r"((?:19|20)\d\d)[a-f]?")
"""As in "2017b", the second paper of that year in a list of references."""


def year_of(words: Sequence[str]) -> str | None:
    """The year that folded words are; None where they are none."""
    year = _YEAR.fullmatch(words[0]) if len(words) == 1 else None
    return year[1] if year is not None else None


def words_alone(clauses: Sequence[Clause]) -> set[tuple[str, ...]]:
    """Words that stand for themselves alone, quoted or without others: no year among them is a date."""
    is_one = len(clauses) == 1
    return {term.words for clause in clauses for term in clause.terms if is_one or term.quoted}


def full_year(digits: str) -> str:
    """The year of two or four digits."""
    if len(digits) > 2:
        return digits
    return ("20" if int(digits) < _CENTURY_TURNS else "19") + digits


def _roles(text: str, asking: Sequence[int]) -> dict[int, Role]:
    """Which words are names, initials or stop words of another language, by where they begin."""
    cited: Iterator[re.Match[str]] = (
        found
        for is_likely, pattern in zip((" al" in text, any(map(str.isdigit, text))), _CITED, strict=True)
        if is_likely
        for found in pattern.finditer(text)
    )
    names = {found.start(name): Role.NAME for found in cited for name in range(1, found.re.groups + 1)}
    names = (
        dict.fromkeys((*foreign_stop_words(text), *words_abroad(text), *words_beside(text)), Role.STOP_WORD)
        | dict.fromkeys(asking, Role.ASKING)
        | names
    )
    if any(map(str.isdigit, text)):
        names |= {found.start(1): Role.STOP_WORD for found in _AND.finditer(text)}
    if "." not in text:
        return names
    initials = {
        run.start(1) + letter.start(): Role.INITIAL
        for pattern in _INITIALS
        for run in pattern.finditer(text)
        for letter in re.finditer(r"\w", run[1])
    }
    return initials | names


def _read_filter(token: re.Match[str], codes: Collection[str]) -> Filter | None:
    key = token["key"] or token["apart"]
    if key is None:
        return None
    quoted = token["quoted"] or token["open"] or token["single"]
    value = quoted if quoted is not None else (token["bare"] or "").strip(QUOTES)
    found = read_filter(key, value, codes)
    if found is not None and token["minus"]:
        return replace(found, negated=True)
    return found


def _terms(token: re.Match[str], roles: Mapping[int, Role]) -> list[Term]:
    key = token["key"] or token["apart"]
    is_plain = key is None or key.lower() in _WORDS_ALONE
    if token["bare"] is None and is_plain:
        for kind in ("quoted", "open", "single"):
            words = tuple(plain_words(token[kind] or "")[:LONGEST_PHRASE])
            if len(words) > (kind == "single"):
                return [Term(words, token[kind].strip(), token.start(kind), quoted=True)]
    start = token.end("minus") if token["minus"] else token.start()
    if key is not None and is_plain:
        start = token.end("key" if token["key"] else "apart")
    terms: list[Term] = []
    for match in _JOINED.finditer(token.string, start, token.end()):
        noun = match.group()
        if "'" in noun or "’" in noun:
            noun = _without_joined_words(noun)
        if not noun.isascii():
            noun = _PARTICLE.sub("", noun)
        words = tuple(plain_words(noun)[:LONGEST_PHRASE])
        if words:
            role = roles.get(match.start(), Role.WORD) if roles else Role.WORD
            begins = match.start() + match.group().index(noun)  # behind the "l'" of "l'océan"
            terms.append(Term(words, noun, begins, role=role))
    return terms


def _without_joined_words(word: str) -> str:
    """The word without what an apostrophe joins to it: "Bayes" of "Bayes's", "océan" of "l'océan"."""
    return word if are_stop_words(plain_words(word)) else _ELIDED.sub("", _POSSESSIVE.sub("", word))
