from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.authors.evaluation import evaluate, write_groups
from bot.errors import UnreadableFileError
from tests.command_line import run_papercord

ROWS = [
    {"mention": "a", "name": "Ludovic Arnaudon", "paper": "1", "coauthors": ["Berit Skjelbred"], "year": 2001,
     "venue": "ACL", "title": "Parsing", "person": "p"},
    {"mention": "b", "name": "L. Arnaudon", "paper": "2", "coauthors": ["Berit Skjelbred"], "person": "p"},
    {"mention": "c", "name": "Ada Ahn", "person": "q"},
    {"mention": 4, "name": "Ada Ahn", "coauthors": None, "year": "2001-03", "venue": 7, "title": None},
]  # fmt: skip


def write(path: Path, rows: list[object]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_mentions_are_grouped_and_compared_where_the_people_are_known(tmp_path: Path):
    found = evaluate(write(tmp_path / "rows.jsonl", ROWS))
    assert dict(found.groups)["a"] == dict(found.groups)["b"] != dict(found.groups)["c"]
    assert (found.known, found.people) == (3, 2)
    assert found.pairwise is not None
    assert (found.pairwise.precision, found.pairwise.recall) == (1.0, 1.0)


def test_the_person_is_never_read_when_grouping(tmp_path: Path):
    with_people = evaluate(write(tmp_path / "with.jsonl", ROWS))
    swapped = [row | {"person": str(number)} for number, row in enumerate(ROWS)]
    without = [{key: value for key, value in row.items() if key != "person"} for row in ROWS]
    assert evaluate(write(tmp_path / "swapped.jsonl", swapped)).groups == with_people.groups
    blind = evaluate(write(tmp_path / "without.jsonl", without))
    assert blind.groups == with_people.groups
    assert blind.pairwise is blind.b_cubed is None


def test_groups_are_written_a_line_for_each_mention(tmp_path: Path):
    out = tmp_path / "groups.tsv"
    write_groups(evaluate(write(tmp_path / "rows.jsonl", ROWS)), out)
    lines = [line.split("\t") for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line[0] for line in lines] == ["a", "b", "c", "4"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"mention": "b"}, "name"),
        ({"name": "Ada"}, "mention"),
        ({"mention": "a", "name": "Ada Ahn"}, "line 1"),
        ({"mention": "x\ty", "name": "Ada"}, "mention"),
        ([1], "JSON object"),
    ],
)
def test_a_bad_row_is_refused_by_its_line(tmp_path: Path, row: object, reason: str):
    path = write(tmp_path / "rows.jsonl", [ROWS[0], row])
    with pytest.raises(UnreadableFileError) as caught:
        evaluate(path)
    assert "line 2" in str(caught.value)
    assert reason in str(caught.value)


def test_the_command_prints_one_document(tmp_path: Path):
    path = write(tmp_path / "rows.jsonl", ROWS)
    document = json.loads(run_papercord(["authors", "evaluate", str(path), "--json"], tmp_path, {}).stdout)
    assert document["mentions"] == 4
    assert set(document["pairwise"]) == {"precision", "recall", "f1"}
    assert document["b_cubed"]["f1"] == 1.0


def test_rows_with_gaps_are_grouped_in_the_order_of_the_file(tmp_path: Path):
    gaps = [
        {"mention": "z", "name": "Ada Ahn", "paper": None, "venue": None, "title": None, "year": None},
        {"mention": "y", "name": None, "coauthors": [None, "Bo Berg"], "year": 1.5, "venue": ["a"]},
        {"mention": "x", "name": "Ahn, Ada", "paper": "1", "coauthors": ["Ada Ahn", "", "ADA AHN", "et al."]},
        {"mention": "w", "name": "Ada Ahn", "paper": "2", "coauthors": ["Ada Ahn"], "year": "unknown"},
    ]
    out = tmp_path / "groups.tsv"
    write_groups(evaluate(write(tmp_path / "rows.jsonl", gaps)), out)
    assert [line.split("\t")[0] for line in out.read_text(encoding="utf-8").splitlines()] == list("zyxw")
