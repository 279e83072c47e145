from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fetch.loopback import Clock, Loopback, loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()
