"""An app over the folder that each test file makes in its own way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App
from tests.apps import close_app, open_app


@pytest.fixture
def app(folder: Path) -> Iterator[App]:
    app = open_app(folder)
    yield app
    close_app(app)
