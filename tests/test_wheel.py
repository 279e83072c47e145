"""The wheel works without the checkout beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("papercord-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_the_wheel_imports_what_it_ships_and_finds_it(unpacked: Path, tmp_path: Path):
    def papercord(*arguments: str) -> str:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(unpacked)}
        command = [sys.executable, "-m", "bot", *arguments]
        run = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        return run.stdout

    where = [sys.executable, "-c", "import bot.cli.trial as t; print(t.SHIPPED_CORPUS, t.NEWER_PAPERS)"]
    shipped = subprocess.run(
        where, cwd=tmp_path, env={"PYTHONPATH": str(unpacked)}, capture_output=True, text=True, check=True
    ).stdout.split()

    assert all(Path(file).is_relative_to(unpacked) and Path(file).is_file() for file in shipped)
    assert "26 added" in papercord("import", shipped[0])
    assert "3 papers" in papercord("papers", "decentralized")
