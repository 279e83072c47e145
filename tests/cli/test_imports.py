"""`papercord imports` as a command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.commands import run_command
from tests.corpora import row, write_rows


def test_imports_are_listed_shown_and_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("PAPERCORD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def answer(*arguments: str) -> str:
        capsys.readouterr()
        assert run_command(list(arguments)) == 0
        return capsys.readouterr().out

    assert "Nothing was imported yet" in answer("imports", "list")
    answer("import", str(write_rows(tmp_path / "one.jsonl", [row(1), row(2)])))

    (listed,) = json.loads(answer("imports", "list", "--json"))
    assert (listed["import"], listed["files"], listed["state"], listed["added"]) == (
        1,
        ["one.jsonl"],
        "finished",
        2,
    )
    tried = json.loads(answer("imports", "undo", "1", "--dry-run", "--json"))
    assert (tried["removed"], tried["dry_run"]) == (2, True)
    assert "2 papers removed" in answer("imports", "undo", "1")
    shown = json.loads(answer("imports", "show", "1", "--json"))
    assert (shown["state"], shown["removed"], shown["undone_at"] is None) == ("undone", 2, False)
    assert "undone" in answer("imports", "list")
