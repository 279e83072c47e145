"""What is made beside the searches, in a thread of its own, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Thread

from bot.errors import SearchUnusableError


class Making:
    """A thread that makes something, while searches go on with what was made before."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._thread: Thread | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being made."""
        return self._thread is None or not self._thread.is_alive()

    def begin(self, make: Callable[[], object]) -> None:
        """Make it, unless something is being made."""
        if self.is_idle:
            self._thread = Thread(target=self._run, args=(make,), name=self._name, daemon=True)
            self._thread.start()

    def _run(self, make: Callable[[], object]) -> None:
        # Where a cluster is away, searches say so, and a later one begins anew.
        with suppress(SearchUnusableError):
            make()
