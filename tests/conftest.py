"""What all tests share."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from bot.discord_app.client import Papercord

# fixtures
from tests.databases import (  # noqa: F401
    app,
    backend,
    database_url,
    postgresql,
    prepared_databases,
    settings,
    share_compiled_statements,
    store,
)

ROOT = Path(__file__).resolve().parent.parent
AUTHOR_PAGE = ROOT / "data" / "author-page-pan-pan.txt"


IN_MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3
"""Bytes that a run of all tests may need for its databases and indexes."""


def pytest_configure() -> None:
    """Prepare a process of tests: files in memory where possible, and no settings of whoever runs them."""
    if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM:
        os.environ.setdefault("TMPDIR", str(IN_MEMORY))
        tempfile.tempdir = None
    share_compiled_statements()
    for info in Settings.model_fields.values():
        os.environ.pop(info.alias or "", None)
    # Processes that tests start load no model; what is about meaning switches it on.
    os.environ["PAPERCORD_MEANING"] = "off"


@pytest.fixture(autouse=True)
def _end_of_bots(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """End the threads of the bots of a test, which SimCord does not close: their files go with the test."""
    bots: list[Papercord] = []
    begin = Papercord.__init__

    def begin_and_remember(bot: Papercord, *arguments: Any, **options: Any) -> None:
        bots.append(bot)
        begin(bot, *arguments, **options)

    monkeypatch.setattr(Papercord, "__init__", begin_and_remember)
    yield
    for bot in bots:
        if (announcer := getattr(bot, "announcer", None)) is not None:
            announcer.lease._stopped.set()
        for threads in (bot._threads, bot._look_up_threads):
            threads.shutdown(wait=False, cancel_futures=True)


def shared_path(name: str) -> Path:
    """A file of the material beside the checkout; skips the test where it is absent."""
    path = ROOT.parent / "shared" / name
    if not path.exists():
        pytest.skip(f"{name} is not beside this checkout")
    return path
