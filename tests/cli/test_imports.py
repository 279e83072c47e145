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
    assert [paper["title"] for paper in json.loads(answer("imports", "show", "1", "--json"))["papers"]] == [
        row(1)["title"],
        row(2)["title"],
    ]
    assert row(2)["title"] in answer("imports", "show", "1")
    tried = json.loads(answer("imports", "undo", "1", "--dry-run", "--json"))
    assert (tried["removed"], tried["dry_run"]) == (2, True)
    assert "2 papers removed" in answer("imports", "undo", "1")
    shown = json.loads(answer("imports", "show", "1", "--json"))
    assert (shown["state"], shown["removed"], shown["undone_at"] is None) == ("undone", 2, False)
    assert "undone" in answer("imports", "list")


def test_of_a_large_import_the_first_papers_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("PAPERCORD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    rows = [row(number) for number in range(30)]
    assert run_command(["import", str(write_rows(tmp_path / "many.jsonl", rows))]) == 0
    capsys.readouterr()
    assert run_command(["imports", "show", "1"]) == 0
    shown = capsys.readouterr().out
    assert "… of 30 papers that it added" in shown
    assert str(rows[19]["title"]) in shown
    assert str(rows[20]["title"]) not in shown
