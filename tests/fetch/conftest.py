from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fetch.loopback import Loopback, Ticks, loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


@pytest.fixture
def clock() -> Ticks:
    return Ticks()
