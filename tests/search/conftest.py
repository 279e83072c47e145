"""A desk over the folder that each test file makes in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import Desk
from tests.search.desks import close, new_desk


@pytest.fixture
def desk(folder: Path) -> Iterator[Desk]:
    desk = new_desk(folder)
    yield desk
    close(desk)
