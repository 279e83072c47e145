"""The ways to run Papercord: what the files of deploy/ and docs/operations.md name is there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml

from bot.cli.commands import command_line
from bot.config import Settings
from tests.conftest import ROOT
from tools.audit import is_free, main, pinned

DEPLOY = ROOT / "deploy"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SETTINGS = {info.alias for info in Settings.model_fields.values()}


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def test_the_image_needs_the_versions_that_are_tested():
    everything = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    ours = re.findall(r"^\S+==\S+", text("requirements.lock"), re.MULTILINE)
    assert ours
    assert [one for one in ours if f"{one} " not in everything] == []


def test_the_image_runs_as_nobody_special_and_looks_after_itself():
    lines = text("Containerfile")
    assert re.search(r"^USER \d+$", lines, re.MULTILINE)
    assert "/readyz" in lines.partition("HEALTHCHECK")[2]
    assert set(re.findall(r"\b(PAPERCORD_\w+)=", lines)) <= SETTINGS


def test_the_compose_file_shuts_the_bot_in_and_hands_it_settings_as_secrets():
    compose = yaml.safe_load(text("compose.yaml"))
    bot = compose["services"]["papercord"]
    assert bot["read_only"]
    assert bot["cap_drop"] == ["ALL"]
    assert set(bot["secrets"]) | set(bot["environment"]) <= SETTINGS
    named = set(bot["secrets"]) | set(compose["services"]["database"]["secrets"])
    assert named == set(compose["secrets"])
    assert all(f"secrets/{name}" in OPERATIONS for name in named)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with a program that is on this machine."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    path = tmp_path / "papercord.service"
    path.write_text(text("papercord.service").replace("/opt/papercord/bin/papercord", sys.executable))
    return path


def test_the_unit_is_understood_and_hardened(unit: Path):
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout[-300:]
    assert f"rates it {re.findall(r'exposure level.*: ([0-9.]+)', rated.stdout)[0]} " in OPERATIONS


def test_the_commands_that_the_guide_names_exist():
    known = set(typer.main.get_command(command_line).commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"(?:^|`|/|\bpapercord )papercord ([a-z]+)", OPERATIONS, re.MULTILINE))
    assert {"backup", "restore", "migrate", "health", "run"} <= named <= known


def test_the_settings_that_the_guide_names_exist():
    named = set(re.findall(r"\b(?:PAPERCORD|DISCORD)_[A-Z_]+\b", OPERATIONS))
    assert named <= SETTINGS


def test_every_licence_is_one_of_the_list_and_what_is_not_looked_up_does_not_pass(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "argv", ["audit", "--offline"])
    assert main() == 3
    said = capsys.readouterr().out
    assert "not one of the list" not in said
    assert f"Vulnerabilities of {len(pinned())} packages: not checked" in said


@pytest.mark.parametrize(
    ("words", "free"),
    [
        ("MIT", True),
        ("BSD-3-Clause", True),
        ("GPL-3.0-only", False),
        ("unknown", False),
        ("LGPL-3.0-only", True),
    ],
)
def test_which_licences_a_library_may_have(words: str, free: bool):
    assert is_free(words) is free
