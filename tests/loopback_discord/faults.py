"""What may go wrong with a request, and when."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class Moment(StrEnum):
    BEFORE = "before"
    """Before the message was made: it never is."""
    AFTER = "after"
    """After it was made: only the answer is lost."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong: a status, "reset", "hang", a "ban" by Cloudflare, a proxy's "page",
    "no server", or a status with a code, such as "400 50013"."""

    kind: int | str
    moment: Moment = Moment.BEFORE
    retry_after: float = 0.01


def no_faults(method: str) -> Fault | None:
    return None


class Script:
    """Faults in order, for requests of one method; then none."""

    def __init__(self, *faults: Fault | None, method: str = "POST") -> None:
        self._faults = deque(faults)
        self._method = method

    def __call__(self, method: str) -> Fault | None:
        return self._faults.popleft() if method == self._method and self._faults else None


class Weather:
    """Random faults, so many in a hundred posts."""

    def __init__(self, seed: int, *, percent: float, kinds: tuple[int | str, ...]) -> None:
        self._random = random.Random(seed)
        self._share = percent / 100
        self._kinds = kinds

    def __call__(self, method: str) -> Fault | None:
        if self._random.random() >= self._share:
            return None
        kind = self._random.choice(self._kinds)
        moment = Moment.BEFORE if kind in {429, "page"} else self._random.choice(list(Moment))
        return Fault(kind, moment)
