"""Affiliations in every format that has them: whose they are, and with which id."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from bot.corpus.files import read_file
from bot.corpus.formats.opening import PaperRead, Remark
from bot.corpus.merge import merge
from bot.corpus.paper import PaperRecord

OPENALEX = {
    "id": "https://openalex.org/W1",
    "title": "T",
    "authorships": [
        {
            "author": {"display_name": "Ada Ahn"},
            "institutions": [{"display_name": "University of Rostock", "ror": "https://ror.org/03zdwsf69"}],
        },
        {
            "author": {"display_name": "Bo Lund"},
            "raw_affiliation_strings": ["Dept. X, Mayo Clinic"],
        },
        {"author": {"display_name": "Cy Do"}, "institutions": []},
    ],
}
CROSSREF = {
    "DOI": "10.1000/1",
    "title": ["T"],
    "author": [
        {
            "given": "Ada",
            "family": "Ahn",
            "affiliation": [
                {
                    "name": "University of Rostock",
                    "id": [{"id": "https://ror.org/03zdwsf69", "id-type": "ROR"}],
                }
            ],
        },
        {"given": "Bo", "family": "Lund", "affiliation": [{"name": "Dept. X, Mayo Clinic, Rochester"}]},
        {"given": "Cy", "family": "Do", "affiliation": []},
    ],
}
OPENREVIEW = {
    "forum": "f",
    "content": {
        "title": {"value": "T"},
        "authors": {
            "value": [
                {
                    "fullname": "Ada Ahn",
                    "username": "~Ada_Ahn1",
                    "institutions": [{"name": "University of Rostock", "ror": "03zdwsf69"}],
                },
                {"fullname": "Bo Lund", "institutions": [{"name": "Mayo Clinic"}]},
                {"fullname": "Cy Do"},
            ]
        },
    },
}
OWN: dict[str, Any] = {
    "title": "T",
    "authors": ["Ada Ahn", "Bo Lund", "Cy Do"],
    "affiliations": [
        [{"name": "University of Rostock", "ror": "https://ror.org/03zdwsf69"}],
        "Dept. X, Mayo Clinic, Rochester",
        None,
    ],
}
OBJECTS = {
    "title": "T",
    "authors": [
        {"name": "Ada Ahn", "affiliation": {"name": "University of Rostock", "ror": "03zdwsf69"}},
        {"name": "Bo Lund", "affiliations": ["Mayo Clinic"]},
        {"name": "Cy Do"},
    ],
}
MEDLINE = """PMID- 1
TI  - T
FAU - Ahn, Ada
AU  - Ahn A
AD  - Department of Physics, University of Rostock, 18059 Rostock,
      Germany. ada@example.org.
FAU - Lund, Bo
AU  - Lund B
AD  - Dept. X, Mayo Clinic, Rochester.
FAU - Do, Cy
AU  - Do C
DP  - 2020
"""
WEB_OF_SCIENCE = """FN Clarivate Analytics
PT J
AU Ahn, A
   Lund, B
   Do, C
AF Ahn, Ada
   Lund, Bo
   Do, Cy
TI T
C1 [Ahn, Ada] University of Rostock, Dept Phys, D-18059 Rostock, Germany.
   [Lund, Bo] Mayo Clinic, Rochester, MN USA.
PY 2020
ER
"""


def read(folder: Path, name: str, content: str) -> list[Any]:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return list(read_file(path, as_of=None, today=dt.date(2026, 4, 1)))


def record(items: list[Any]) -> PaperRecord:
    return next(item.record for item in items if isinstance(item, PaperRead))


def names(of: PaperRecord) -> list[list[str]]:
    return [[place.name for place in one.affiliations] for one in of.authors]


@pytest.mark.parametrize(
    ("name", "content", "ror"),
    [
        ("a.jsonl", json.dumps(OPENALEX), "03zdwsf69"),
        ("a.jsonl", json.dumps(CROSSREF), "03zdwsf69"),
        ("a.jsonl", json.dumps(OPENREVIEW), "03zdwsf69"),
        ("a.jsonl", json.dumps(OWN), "03zdwsf69"),
        ("a.jsonl", json.dumps(OBJECTS), "03zdwsf69"),
        ("a.nbib", MEDLINE, None),
        ("a.ciw", WEB_OF_SCIENCE, None),
    ],
    ids=["openalex", "crossref", "openreview", "own", "objects", "medline", "web of science"],
)
def test_each_author_has_the_institutions_that_the_source_gives(
    tmp_path: Path, name: str, content: str, ror: str | None
):
    found = record(read(tmp_path, name, content))
    assert [one.name for one in found.authors] == ["Ada Ahn", "Bo Lund", "Cy Do"]
    assert names(found) == [["University of Rostock"], ["Mayo Clinic"], []]
    assert found.authors[0].affiliations[0].ror == ror


def test_the_affiliation_before_all_names_is_the_first_authors(tmp_path: Path):
    older = "PMID- 1\nTI  - T\nAD  - University of Rostock, Germany.\nFAU - Ahn, Ada\nFAU - Lund, Bo\n"
    assert names(record(read(tmp_path, "a.nbib", older))) == [["University of Rostock"], []]


def test_one_address_without_names_is_everybodys_several_are_nobodys(tmp_path: Path):
    head = "FN Clarivate Analytics\nPT J\nAF Ahn, Ada\n   Lund, Bo\nTI T\n"
    one = record(read(tmp_path, "a.ciw", f"{head}C1 Mayo Clinic, Rochester.\nER\n"))
    assert names(one) == [["Mayo Clinic"], ["Mayo Clinic"]]
    several = f"{head}C1 Mayo Clinic, Rochester.\n   Univ Rostock, Rostock.\nER\n"
    assert names(record(read(tmp_path, "a.ciw", several))) == [[], []]


def test_a_list_of_another_length_is_named_and_left_out(tmp_path: Path):
    items = read(tmp_path, "a.jsonl", json.dumps(OWN | {"affiliations": ["X", "Y"]}))
    assert names(record(items)) == [[], [], []]
    assert any(isinstance(item, Remark) and "one entry is due for each" in item.text for item in items)
    alone = read(
        tmp_path, "b.jsonl", json.dumps({"title": "T", "authors": ["Ada Ahn"], "affiliations": "IBM"})
    )
    assert names(record(alone)) == [["IBM"]]


def test_a_merged_paper_says_whose_word_an_affiliation_is(tmp_path: Path):
    crossref = record(read(tmp_path, "a.jsonl", json.dumps(CROSSREF)))
    own = record(read(tmp_path, "b.jsonl", json.dumps(OWN | {"authors": ["A. Ahn", "Bo Lund", "Cy Do"]})))
    placed = merge([own, crossref]).affiliations
    assert [(one.position, one.source, one.affiliation.name) for one in placed] == [
        (1, "json lines", "University of Rostock"),
        (1, "crossref", "University of Rostock"),
        (2, "json lines", "Mayo Clinic"),
        (2, "crossref", "Mayo Clinic"),
    ]
