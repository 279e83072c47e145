"""import-linter holds the layers: each contract of pyproject.toml fails once it is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def lint(folder: Path, contract: str) -> tuple[int, str]:
    """Check one contract in a folder with the source; the exit code and the report in one line."""
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache", "--contract", contract],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, " ".join(run.stdout.split())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The source and the contracts, to be broken."""
    for package in ("bot", "cogs"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def write(folder: Path, name: str, *imported: str) -> None:
    """A module that imports others; it is added where it is new."""
    path = folder.joinpath(*name.split(".")).with_suffix(".py")
    before = path.read_text(encoding="utf-8") if path.exists() else '"""New."""\n'
    path.write_text(before + "".join(f"import {one}\n" for one in imported), encoding="utf-8")


@pytest.mark.parametrize("contract", ["layers", "cogs-above", "cogs", "circles", "surface"])
def test_the_source_keeps_every_contract(contract: str):
    assert lint(ROOT, contract)[0] == 0, lint(ROOT, contract)[1]


@pytest.mark.parametrize(
    ("contract", "importer", "imported"),
    [
        ("layers", "bot.corpus.new", "bot.store.engine"),
        ("layers", "bot.papers.new", "bot.authors.results"),
        ("layers", "bot.search.new", "bot.app"),
        ("cogs-above", "cogs.papers.new", "bot.cli.failures"),
        ("cogs", "bot.sources.new", "cogs.papers.commands"),
        ("surface", "bot.sources.new", "asyncio"),
        ("surface", "bot.announcements.new", "discord"),
        ("surface", "bot.cli.new", "discord.ext.commands"),
        ("surface", "bot.discord_app.new", "simcord"),
    ],
)
def test_an_import_that_a_contract_forbids_is_named(copy: Path, contract: str, importer: str, imported: str):
    write(copy, importer, imported)
    code, report = lint(copy, contract)
    assert code == 1
    assert f"{importer} -> {imported.split('.', maxsplit=1)[0]}" in report


@pytest.mark.parametrize(
    ("first", "second", "within"),
    [
        ("bot.store.new", "bot.store.newer", "bot.store"),
        ("bot.corpus.formats.new", "bot.corpus.formats.newer", "bot.corpus.formats"),
        ("cogs.papers.new", "cogs.papers.newer", "cogs.papers"),
        ("bot.ingest.new", "bot.authors.new", "bot"),
        ("cogs.about.new", "cogs.authors.new", "cogs"),
        ("bot.corpus.new", "bot.corpus.formats.new", "bot.corpus"),
    ],
    ids=lambda name: name,
)
def test_a_circle_of_files_or_of_packages_is_found(copy: Path, first: str, second: str, within: str):
    write(copy, first, second)
    write(copy, second, first)
    code, report = lint(copy, "circles")
    assert code == 1
    assert f"No cycles are allowed in {within}." in report


def test_a_package_without_a_layer_is_named(copy: Path):
    (copy / "bot" / "engines").mkdir()
    write(copy, "bot.engines.__init__")
    code, report = lint(copy, "layers")
    assert code == 1
    assert "bot.engines" in report
