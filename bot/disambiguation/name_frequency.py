"""How many people may bear a name, estimated from the names at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bot.disambiguation.common_names import GIVEN, SURNAMES
from bot.disambiguation.name_forms import Form, form_of

POPULATION = 1_000_000
"""People among whom the bearers of a name are counted: about as many as publish in computer science."""


_BACKGROUND = 2_000
"""How many names the general shares weigh as much as: they decide where few names are at hand."""
_RARE_SURNAME, _RARE_GIVEN = 5e-5, 1e-4
"""The general share of a name that is not among the common ones."""
_INITIAL = 1 / 15
"""The general share of a first letter."""


class Commonness:
    """The frequencies of given names and family names among distinct names.

    The expected bearers of a name are population x share of the family name x share of the given
    name, as if both were independent. The shares are of distinct names, so that a prolific author
    counts once, and of the others: that a name is there says nothing of how many bear it.
    """

    def __init__(self, names: Iterable[str]) -> None:
        forms = {form.key: form for name in names if (form := form_of(name)).given}
        written = [form for form in forms.values() if len(form.first) > 1]
        self._total, self._written = len(forms), len(written)
        self._surnames = Counter(form.surname for form in forms.values())
        self._given = Counter("".join(form.given) for form in written)
        self._first = Counter(form.first for form in written)
        self._initials = Counter(form.first[0] for form in written)
        self._remembered: dict[str, float] = {}

    def bearers(self, form: Form) -> float:
        """How many people are expected to bear this name."""
        found = self._remembered.get(form.key)
        if found is None:
            found = self._remembered[form.key] = self._bearers(form)
        return found

    def others(self, one: Form, other: Form) -> int:
        """How many further names have the part in which these two forms differ; of the rarer part."""
        if one.first == other.first:
            counts, part, other_part = self._surnames, one.surname, other.surname
        else:
            counts, part, other_part = self._first, one.first, other.first
        return max(0, min(counts[part], counts[other_part]) - 1)

    def _bearers(self, form: Form) -> float:
        surname = _share(self._surnames[form.surname], self._total, SURNAMES.get(form.surname, _RARE_SURNAME))
        if not form.given:
            return POPULATION * surname
        first = form.first
        if len(first) == 1:
            share = _share(self._initials[first], self._written, _INITIAL)
            for part in form.given[1:]:
                share *= 0.1 if len(part) == 1 else 0.01
            return POPULATION * surname * share
        share = _share(self._first[first], self._written, GIVEN.get(first, _RARE_GIVEN))
        if len(form.given) > 1:
            # A middle initial tells apart one in ten; a whole name far more, unless both go together.
            whole = _share(self._given["".join(form.given)], self._written, 0.0)
            written_out = max(len(part) for part in form.given[1:]) > 1
            share = min(share * (0.02 if written_out else 0.1), max(whole, share * 0.005))
        return POPULATION * surname * share


def _share(count: int, total: int, background: float) -> float:
    return (max(0, count - 1) + _BACKGROUND * background) / (total + _BACKGROUND)
