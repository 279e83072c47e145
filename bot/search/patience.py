"""How long whoever asks waits: all that one query asks of a cluster has to be answered within that time."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

from bot.errors import SearchLateError

QUERY = 10.0
"""Seconds for the answer to a query."""
TYPING = 2.5
"""Seconds while somebody types: Discord takes no suggestions after three."""

_until: ContextVar[float | None] = ContextVar("until", default=None)
"""When the patience of whoever asks ends, by the monotonic clock; None where nobody waits."""


@contextmanager
def within(seconds: float) -> Generator[None]:
    """Have all that is asked inside answered in so many seconds together; what is around may end earlier."""
    token = _until.set(time.monotonic() + left(seconds))
    try:
        yield
    finally:
        _until.reset(token)


@contextmanager
def uncounted() -> Generator[None]:
    """Let what is done inside take its time, such as writing papers: no patience runs meanwhile."""
    until, started = _until.get(), time.monotonic()
    token = _until.set(None)
    try:
        yield
    finally:
        _until.reset(token)
        if until is not None:
            _until.set(until + time.monotonic() - started)


def is_limited() -> bool:
    """Whether somebody waits."""
    return _until.get() is not None


def left(most: float) -> float:
    """Seconds that are left, and not more than some; 0 where the patience is over."""
    until = _until.get()
    return most if until is None else max(0.0, min(most, until - time.monotonic()))


@contextmanager
def held(lock: Lock) -> Generator[None]:
    """Hold a lock; SearchLateError where another one has it for too long."""
    if not lock.acquire(timeout=left(_FOR_EVER) if is_limited() else -1):
        raise SearchLateError
    try:
        yield
    finally:
        lock.release()


_FOR_EVER = 1e6
