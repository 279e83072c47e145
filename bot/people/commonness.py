"""How many people may bear a name, estimated from the names at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bot.people.forms import Form, form_of

POPULATION = 1_000_000
"""People among whom the bearers of a name are counted: about as many as publish in computer science."""


class Commonness:
    """The frequencies of given names and family names among distinct names.

    The expected bearers of a name are population x share of the family name x share of the given
    name, as if both were independent; what is observed beyond that is not known to be different
    people. The shares are of distinct names, so that a prolific author counts once.
    """

    def __init__(self, names: Iterable[str]) -> None:
        forms = {form.key: form for name in names if (form := form_of(name)).given}
        self._total = len(forms) + 1
        self._surnames = Counter(form.surname for form in forms.values())
        written = [form for form in forms.values() if len(form.first) > 1]
        self._written = len(written) + 1
        self._given = Counter("".join(form.given) for form in written)
        self._first = Counter(form.first for form in written)
        self._initials = Counter(form.first[0] for form in written)
        self._remembered: dict[str, float] = {}

    def bearers(self, form: Form) -> float:
        """How many people may bear this name; at least those of a name met once."""
        found = self._remembered.get(form.key)
        if found is None:
            found = self._remembered[form.key] = self._bearers(form)
        return found

    def _bearers(self, form: Form) -> float:
        surname = (self._surnames[form.surname] + 0.5) / self._total
        if not form.given:
            return POPULATION * surname
        first = form.first
        if len(first) == 1:
            share = (self._initials[first] + 0.5) / self._written
            for part in form.given[1:]:
                share *= 0.1 if len(part) == 1 else 0.01
        else:
            share = (self._first[first] + 0.5) / self._written
            if len(form.given) > 1:
                # A middle initial tells apart one in ten; a whole name far more.
                whole = (self._given["".join(form.given)] + 0.5) / self._written
                lengths = [len(part) for part in form.given[1:]]
                share = min(share * (0.1 if max(lengths) == 1 else 0.02), max(whole, share * 0.005))
        return POPULATION * surname * share
