"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.config import Settings

# fixtures
from tests.databases import (  # noqa: F401
    app,
    backend,
    database_url,
    postgresql,
    prepared_databases,
    settings,
    store,
)

ROOT = Path(__file__).resolve().parent.parent
AUTHOR_PAGE = ROOT / "data" / "author-page-pan-pan.txt"


def pytest_configure() -> None:
    """Forget the settings of whoever runs the tests: each test makes its own."""
    for info in Settings.model_fields.values():
        os.environ.pop(info.alias or "", None)
    # Processes that tests start load no model; what is about meaning switches it on.
    os.environ["PAPERCORD_MEANING"] = "off"


def shared_path(name: str) -> Path:
    """A file of the material beside the checkout; skips the test where it is absent."""
    path = ROOT.parent / "shared" / name
    if not path.exists():
        pytest.skip(f"{name} is not beside this checkout")
    return path
