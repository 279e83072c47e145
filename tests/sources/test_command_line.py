"""`papercord sources` and `papercord enrich`, as scripts use them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from bot.app import App
from bot.cli import sources
from bot.config import Settings
from bot.errors import RefusedError
from bot.sources.library import Library
from tests.corpora import all_papers
from tests.sources.made_papers import World

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


@pytest.fixture
def run(here: App, library: Library, monkeypatch: pytest.MonkeyPatch) -> Any:
    @contextmanager
    def open_app(_settings: Settings) -> Iterator[App]:
        yield here

    monkeypatch.setattr(sources, "open_app", open_app)
    monkeypatch.setattr(sources, "open_library", lambda _app: library)
    app = typer.Typer()
    app.add_typer(sources.command_line, name="sources")
    app.command("enrich")(sources.enrich_corpus)

    def run(*arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(app, arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if "--json" in arguments else result.stdout

    return run


def test_a_source_is_added_checked_listed_paused_and_removed(run: Any, world: World, here: App):
    world.fill(3)
    assert run("sources", "add", "arxiv category", "cs.LG", "--json")["new"] is True
    assert run("sources", "add", "arxiv category", "cs.LG", "--json")["new"] is False
    assert run("sources", "check", "--json") == {
        "pages": 1,
        "added": 3,
        "updated": 0,
        "errors": [],
        "held_elsewhere": [],
    }
    (listed,) = run("sources", "list", "--json")
    assert (listed["first_check_done"], listed["arrived"], listed["error"]) == (True, 0, None)
    assert "arxiv category cs.LG" in run("sources", "status")
    assert run("sources", "pause", "1", "--json")["paused"] is True
    assert run("sources", "resume", "arxiv category cs.LG", "--json")["paused"] is False
    run("sources", "remove", "1")
    assert run("sources", "list", "--json") == []
    assert len(all_papers(here.store)) == 3


def test_a_check_that_fails_says_why_and_ends_with_1(run: Any, world: World):
    run("sources", "add", "arxiv category", "cs.LG")
    (error,) = run("sources", "check", "--json", code=1)["errors"]
    assert error.startswith("arxiv category cs.LG: ")


def test_what_cannot_be_followed_is_refused(run: Any):
    with pytest.raises(RefusedError, match="no kind of source"):
        run("sources", "add", "facebook", "x")
    with pytest.raises(RefusedError, match="No source is"):
        run("sources", "remove", "99")


def test_enrich_prints_what_it_brought(run: Any, world: World):
    world.fill(2)
    run("sources", "add", "openalex search", "matters")
    run("sources", "check")
    run_arxiv = ("enrich", "--provider", "arXiv")
    assert run(*run_arxiv, "--json") == {"asked": 2, "found": 2, "updated": 2, "waiting": 0, "errors": []}
    assert run(*run_arxiv, "--json")["asked"] == 0
    assert run(*run_arxiv, "--again", "--json")["asked"] == 2


def test_enrich_is_bounded_and_says_what_waits(run: Any, here: App, world: World):
    world.fill(101)
    run("sources", "add", "openalex search", "matters")
    run("sources", "check")
    said = run("enrich", "--provider", "arXiv", "--requests", "1")
    assert "100 papers asked about, 100 answers, 100 updated." in said
    assert "Papers still to be asked about: 1. Run it again." in said
    assert "90 days" in " ".join(run("enrich", "--help").split())
