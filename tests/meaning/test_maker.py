"""Vectors are made once, newest papers first, and whatever happens the missing ones are made."""

from __future__ import annotations

import os
import signal

import orjson
import pytest

from bot.app import corpus_status
from bot.errors import ConfigurationError
from bot.health import Check, Level, health
from bot.ingest.corrections import merge_papers
from bot.meaning import encoder, maker
from bot.meaning.process import VectorProcess
from bot.meaning.state import read_state
from bot.papers.results import SearchRequest
from bot.papers.search import search
from bot.search.query import Sort
from bot.store.imports import begin_import, change_import
from tests.apps import Clock, add, close_app, copy_of, open_app
from tests.meaning.conftest import FORGETTING, PAPERS, after, make

QUESTION = "how do brains of machines remember old skills"


def folder_of(app):
    return app.settings.index_dir / "meaning"


def file_of(app):
    return folder_of(app) / read_state(folder_of(app)).file


@pytest.fixture
def encoded(monkeypatch):
    """The texts that are encoded, instead of the time that it takes."""
    texts = []

    def encode(text):
        texts.append(text)
        return encoder.encode("the same")

    monkeypatch.setattr(maker, "encode", encode)
    monkeypatch.setattr(maker, "usable_cores", lambda: 1)
    return texts


def test_what_is_made_is_not_made_again(app, encoded):
    assert make(app)
    assert encoded == []
    assert (app.meaning.status().made, app.meaning.status().is_current) == (len(PAPERS), True)


def test_the_newest_papers_come_first(tmp_path, encoded, monkeypatch):
    monkeypatch.setattr(maker, "AT_ONCE", 1)
    app = open_app(tmp_path / "data", meaning=True)
    years = [2021, None, 2025, 2023]
    add(
        app,
        *({"title": f"Paper {year}", "abstract": "", "date": str(year) if year else None} for year in years),
    )
    assert make(app)
    assert [text.split(".")[0] for text in encoded] == [
        "Paper 2025",
        "Paper 2023",
        "Paper 2021",
        "Paper None",
    ]
    close_app(app)


def test_it_goes_on_where_it_was_stopped(tmp_path, encoded, monkeypatch):
    monkeypatch.setattr(maker, "AT_ONCE", 2)
    app = open_app(tmp_path / "data", meaning=True)
    add(app, *({"title": title, "abstract": abstract} for title, abstract in PAPERS.items()))
    assert not make(app, after(1))
    status = app.meaning.status()
    assert (status.made, status.is_current) == (2, False)
    assert "2 of 5 papers can be found by meaning" in next(
        check.words for check in health(app) if check.name == "meaning"
    )
    assert make(app)
    assert len(encoded) == len(set(encoded)) == len(PAPERS)
    close_app(app)


def test_a_paper_whose_text_changed_gets_another_vector(app, encoded):
    add(app, {"title": FORGETTING, "abstract": "A new abstract.", "date": "2026-01-05"})
    assert not app.meaning.status().is_current
    assert make(app)
    assert encoded == [f"{FORGETTING}. A new abstract."]
    add(app, {"title": FORGETTING, "abstract": "A new abstract.", "date": "2026-01-05", "score": 70})
    assert make(app)
    assert len(encoded) == 1
    assert app.meaning.status().made == len(PAPERS)


def test_a_paper_that_was_merged_has_no_vector(app, encoded):
    one, other, *_ = search(app, SearchRequest("of OR on", sort=Sort.NEWEST)).paper_ids
    merge_papers(app, one, other, reason="the same", made_by=None)
    assert make(app)
    assert app.meaning.status().made == len(PAPERS) - 1


def test_a_damaged_row_is_made_anew(app, encoded):
    content = bytearray(file_of(app).read_bytes())
    content[404 + 50] ^= 1
    file_of(app).write_bytes(content)
    assert app.meaning._is_damaged()
    assert make(app)
    assert len(encoded) == 1
    assert len(list(folder_of(app).glob("vectors-*"))) == 1
    assert not app.meaning._is_damaged()


@pytest.mark.parametrize(
    "damage", [b"", b"{", b'{"model": 1}', b'{"model": "a", "file": "../../papercord.db"}']
)
def test_without_a_state_that_can_be_read_all_are_made_anew(app, encoded, damage):
    (folder_of(app) / "state.json").write_bytes(damage)
    assert app.meaning.status().made == 0
    assert make(app)
    assert len(encoded) == len(PAPERS)


def test_a_file_that_is_gone_or_cut_short_is_completed(app, encoded):
    with file_of(app).open("r+b") as file:
        file.truncate(404)
    assert make(app)
    assert len(encoded) == len(PAPERS) - 1
    file_of(app).unlink()
    assert make(app)
    assert len(encoded) == 2 * len(PAPERS) - 1


@pytest.mark.parametrize("change", [{"model": "another"}, {"stamp": 1}], ids=["model", "database"])
def test_vectors_of_another_model_or_database_are_made_anew(app, encoded, change):
    state = folder_of(app) / "state.json"
    state.write_bytes(orjson.dumps(orjson.loads(state.read_bytes()) | change))
    assert app.meaning.ranked(QUESTION, {1: 2.0, 2: 1.0}, lambda ids: ids, 200).by_meaning == []
    assert make(app)
    assert len(encoded) == len(PAPERS)


def test_it_waits_while_an_import_runs(app, encoded):
    add(app, {"title": "One more", "abstract": ""})
    with app.store.writing() as session:
        number = begin_import(session, ["large.jsonl"], app.clock())
    waited = []

    def wait(seconds):
        waited.append(seconds)
        if seconds and len(waited) == 3:
            assert encoded == []
            with app.store.writing() as session:
                change_import(session, number, finished_at=app.clock(), finished_revision=2)
        return False

    assert make(app, wait)
    assert waited[:3] == [maker.PAUSE_SECONDS] * 3
    assert len(encoded) == 1


def test_of_two_that_would_make_them_one_does(app, encoded):
    add(app, {"title": "One more", "abstract": ""})
    found = []

    def wait(seconds):
        found.append(make(app))
        return False

    assert make(app, wait)
    assert found == [False]
    assert len(encoded) == 1


def test_papers_that_come_meanwhile_are_made_too(app, encoded):
    add(app, {"title": "One more", "abstract": ""})
    others = iter([{"title": "And one more", "abstract": ""}])

    def wait(seconds):
        for row in others:
            add(app, row)
        return False

    assert make(app, wait)
    assert len(encoded) == 2
    assert app.meaning.status().is_current


def test_a_folder_that_cannot_be_written_is_said(app, encoded):
    add(app, {"title": "One more", "abstract": ""})
    for path in folder_of(app).iterdir():
        path.unlink()
    folder_of(app).rmdir()
    folder_of(app).write_text("")
    with pytest.raises(ConfigurationError, match=r"The vectors in .* cannot be written"):
        make(app)


def test_the_process_of_the_bot_makes_them_though_one_was_killed(few_papers, tmp_path):
    app = copy_of(few_papers, tmp_path / "data", meaning=True)
    add(app, {"title": "One more", "abstract": ""})
    process = VectorProcess()
    process.start(app.store.url, folder_of(app))
    os.kill(process._process.pid, signal.SIGKILL)
    process._process.join()
    with pytest.raises(ConfigurationError, match="exit code -9"):
        process.start(app.store.url, folder_of(app))
    process._started -= 3_600
    process.start(app.store.url, folder_of(app))
    process._process.join()
    assert process._process.exitcode == 0
    assert app.meaning.status().is_current
    assert corpus_status(app).vectors.made == len(PAPERS) + 1
    process.close()
    close_app(app)


def test_the_running_bot_starts_the_process_only_where_something_is_missing(app, monkeypatch):
    started = []
    monkeypatch.setattr(app.meaning._process, "start", lambda *given: started.append(given))
    app.meaning.keep_up()
    assert started == []
    add(app, {"title": "One more", "abstract": ""})
    app.meaning.keep_up()
    assert started == [(app.store.url, folder_of(app))]


def test_health_warns_where_papers_wait_for_their_vectors_for_a_day(few_papers, tmp_path):
    clock = Clock()
    app = copy_of(few_papers, tmp_path / "data", clock, meaning=True)

    def meaning() -> Check:
        return next(check for check in health(app) if check.name == "meaning")

    clock.move(days=3)
    assert meaning().level is Level.GOOD
    add(app, {"title": "Tides", "abstract": "Ships wait."})
    assert meaning().level is Level.GOOD
    clock.move(days=1, minutes=1)
    assert meaning().level is Level.WARNING
    assert "5 of 6 papers" in meaning().words
    assert "none was made since" in meaning().words
    assert make(app)
    assert meaning().level is Level.GOOD
    close_app(app)
