"""`make migration`: the next number, from what the models have and the tables have not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.store.schema import SCHEMA_VERSIONS
from tests.conftest import ROOT

NEXT = f"{int(SCHEMA_VERSIONS[-1]) + 1:04}"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The source, to which a migration is added."""
    for package in ("bot", "tools"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(folder),
            "PAPERCORD_DATA_DIR": str(folder / "data"),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_changed_model_gives_a_migration_with_the_next_number_that_works(copy: Path):
    assert run(copy, "bot", "migrate").returncode == 0
    models = copy / "bot" / "store" / "models" / "people.py"
    before = models.read_text(encoding="utf-8")
    table = "class Language(SQLModel, table=True):\n    code: str = Field(primary_key=True)\n\n\n"
    models.write_text(before.replace("class Author(", f"{table}class Author(", 1), encoding="utf-8")
    written = run(copy, "tools.migration", "Add languages")
    assert (written.returncode, written.stderr) == (0, "")
    migration = copy / "bot" / "store" / "migrations" / "versions" / f"{NEXT}_add_languages.py"
    assert str(migration) in written.stdout
    assert "create_table('language'" in migration.read_text(encoding="utf-8")
    migrated = run(copy, "bot", "migrate")
    assert f"from schema {SCHEMA_VERSIONS[-1]} to {NEXT}" in migrated.stdout


def test_a_migration_without_changes_of_the_models_says_so(copy: Path):
    written = run(copy, "tools.migration", "Fill in languages")
    assert written.returncode == 0
    assert "The models and the migrations agree" in written.stdout


def test_a_migration_needs_a_name(copy: Path):
    refused = run(copy, "tools.migration", "")
    assert refused.returncode == 2
    assert "make migration NAME=" in refused.stderr
    assert not list((copy / "bot" / "store" / "migrations" / "versions").glob(f"{NEXT}*"))
