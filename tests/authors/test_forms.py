"""One person in many forms: what is typed otherwise than it is printed finds its person.

The tables in tests/authors/forms: what people write around a name, spellings, other scripts. "=" begins the
authors of a paper; the other lines have what is typed, who is found (of a list, who stands first) and how.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.app import App
from bot.authors.grouping import LEASE, regroup
from bot.authors.profile import find_author
from bot.authors.results import AuthorAnswer
from bot.lease import Lease
from tests.apps import add, close_app, open_app

TABLES = Path(__file__).parent / "forms"
NOBODY = "-"


@dataclass(slots=True)
class Form:
    """A table: the papers, and rows of what is typed, who is found and how."""

    papers: list[list[str]] = field(default_factory=list[list[str]])
    rows: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])


def read(name: str) -> Form:
    form = Form()
    for line in (TABLES / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            form.papers.append(line.removeprefix("= ").split("; "))
        elif line:
            typed, who, how = line.split(" | ")
            form.rows.append((typed, who, how))
    return form


NAMES = sorted(path.stem for path in TABLES.glob("*.txt"))
FORMS = {name: read(name) for name in NAMES}


@pytest.fixture(scope="module", params=[True, False], ids=["grouped", "as imported"])
def apps(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, App]]:
    apps = {name: open_app(tmp_path_factory.mktemp(name)) for name in NAMES}
    for name, app in apps.items():
        add(app, *({"title": f"Paper {n}", "authors": names} for n, names in enumerate(FORMS[name].papers)))
        if request.param:
            with Lease(app, LEASE) as lease:
                regroup(app, lease)
            app.index.catch_up(app.store)
    yield apps
    for app in apps.values():
        close_app(app)


def found(answer: AuthorAnswer) -> tuple[str, str]:
    if answer.author is not None:
        return answer.author.name, "card"
    return (answer.choices[0].name, "list") if answer.choices else (NOBODY, "none")


@pytest.mark.parametrize("name", NAMES)
def test_a_person_is_found_in_each_form(apps: dict[str, App], name: str):
    answers = [(typed, *found(find_author(apps[name], typed))) for typed, _, _ in FORMS[name].rows]
    assert answers == FORMS[name].rows
