"""Affiliations are stored per mention with their source, used as evidence and shown by year."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from bot.app import App
from bot.authors.affiliations import affiliations_by_year
from bot.authors.grouping import group_everybody
from bot.authors.profile import find_author
from bot.ingest.importer import import_files

Add = Callable[..., None]
ROSTOCK = {"name": "University of Rostock", "ror": "03zdwsf69"}


def at(name: str, date: str, *places: object) -> tuple[list[str], dict[str, object]]:
    return [name], {"date": date, "affiliations": [list(places)]}


def the(app: App, name: str) -> int:
    answer = find_author(app, name)
    assert answer.author is not None, name
    return answer.author.id


def test_institutions_are_shown_with_their_years_the_newest_first(app: App, add: Add):
    add(
        at("Ada Ahn", "2019", "Dept. of Physics, Universität Rostock, Germany"),
        at("Ada Ahn", "2021-03", ROSTOCK),
        at("Ada Ahn", "2023-05-01", "Mayo Clinic", ROSTOCK),
        at("Ada Ahn", "2024"),
        at("Bo Lund", "2020", "IBM"),
    )
    found = affiliations_by_year(app, the(app, "Ada Ahn"))
    assert [(one.name, one.first_year, one.last_year, one.papers, one.ror) for one in found] == [
        ("Mayo Clinic", "2023", "2023", 1, None),
        ("University of Rostock", "2019", "2023", 3, "03zdwsf69"),
    ]
    assert found[0].sources == ("json lines",)
    assert affiliations_by_year(app, the(app, "Bo Lund"))[0].name == "IBM"


def test_a_source_that_says_otherwise_later_is_believed(app: App, tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    for place in ("IBM", "Mayo Clinic", None):
        row = {"id": "1", "title": "T", "authors": ["Ada Ahn"], "affiliations": [place]}
        path.write_text(json.dumps(row), encoding="utf-8")
        import_files(app, [path])
        found = affiliations_by_year(app, the(app, "Ada Ahn"))
        assert [one.name for one in found] == ([place] if place else [])


def test_namesakes_at_different_institutions_are_two_people(app: App, add: Add):
    elsewhere = [
        at(f"Person{chr(97 + number)} Name", "2020", f"Town{number} College") for number in range(26)
    ]
    add(
        *[at("Wei Wang", "2020", ROSTOCK) for _ in range(3)],
        at("Wei Wang", "2020", "Dept. of Physics, University of Rostock, Germany"),
        *[at("Wei Wang", "2020", "Kyoto University") for _ in range(2)],
        *elsewhere,
    )
    group_everybody(app)
    answer = find_author(app, "Wei Wang")
    assert [one.papers for one in answer.choices] == [4, 2]
    years = affiliations_by_year(app, answer.choices[0].author_id)
    assert [(one.name, one.papers) for one in years] == [("University of Rostock", 4)]
