"""When the search for garbage rests: Python looks for circles of objects, of which long work makes none."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

_MANY = 50_000
"""Objects that are there beside those at the last look."""
_LOOKS = 10
"""Looks at the newest objects for each at those that have been there longer."""


@contextmanager
def no_collection() -> Generator[None]:
    """Look for no circles meanwhile; nearly all objects are freed without that."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def collect_young() -> None:
    """Look for circles among the newer objects once many have come; to be called while collection rests."""
    if gc.get_count()[0] > _MANY:
        gc.collect(1)


def settle() -> None:
    """Look no more through what is there now, and through what comes later once it is much.

    For the life of a bot: a card of 2,000 papers makes 100,000 objects, and took a fifth longer before.
    """
    gc.freeze()
    gc.set_threshold(_MANY, _LOOKS, _LOOKS)


@contextmanager
def loading() -> Generator[None]:
    """Look for no circles while modules are loaded, nor through what is loaded later."""
    with no_collection():
        yield
        gc.freeze()
