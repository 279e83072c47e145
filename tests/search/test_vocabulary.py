from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from bot.app import App
from bot.errors import SearchUnusableError
from bot.papers.results import SearchRequest
from bot.papers.search import search
from bot.search import snapshot as vocabulary_module
from bot.search.snapshot import Vocabularies, Vocabulary
from tests.apps import add, close_app, copy_of, open_app, shipped_app

MISSPELT = "decentralzed"
WORDS = {"graph": 90, "graphs": 40, "grape": 3, "giraffe": 2, "training": 50, "trainings": 1, "raining": 7}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed app's folder, in which the corpus counts as a large one."""
    folder = tmp_path_factory.mktemp("large") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vocabulary_module, "_FEW_PAPERS", 0)
        close_app(shipped_app(folder))
    return folder


@pytest.fixture
def folder(large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(vocabulary_module, "_FEW_PAPERS", 0)
    close_app(copy_of(large, tmp_path / "data"))
    return tmp_path / "data"


def words_of(folder: Path) -> Path:
    [file] = folder.glob("index/papers-*/words")
    return file


def refuse(*_: object) -> Vocabulary:
    pytest.fail("the words are made")


def total(app: App, query: str) -> int:
    answer = search(app, SearchRequest(query))
    return answer.total + answer.corrected


@pytest.mark.parametrize("papers", [0, 1, 3, 40, 41, 91])
@pytest.mark.parametrize("typed", ["grahp", "graph", "trainin", "rape"])
def test_words_near_a_typed_one_are_those_that_differ_by_few_letters(typed: str, papers: int):
    found = dict(Vocabulary.of_words(WORDS).near(typed, 1, papers))
    near = {
        "grahp": {"graph": 1},
        "graph": {"graphs": 1, "grape": 1},
        "trainin": {"training": 1},
        "rape": {"grape": 1},
    }
    assert found == {word: errors for word, errors in near[typed].items() if WORDS[word] >= papers}


def test_an_edge_that_no_word_has_finds_nothing():
    assert Vocabulary.of_words(WORDS).near("quokka", 2) == []


def test_the_words_of_a_large_corpus_are_at_hand_after_a_start(app: App, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Vocabulary, "of", refuse)
    assert total(app, MISSPELT) == 3


def test_a_small_corpus_needs_no_file(tmp_path: Path):
    close_app(shipped_app(tmp_path / "data"))
    assert list(tmp_path.glob("data/index/papers-*/words")) == []


@pytest.mark.parametrize("part", [0.0, 0.001, 0.5, 0.999])
def test_a_damaged_file_is_not_believed(folder: Path, part: float):
    file = words_of(folder)
    content = bytearray(file.read_bytes())
    content[int(part * len(content))] ^= 4
    file.write_bytes(content)
    app = open_app(folder)
    assert total(app, MISSPELT) == 3
    close_app(app)


def test_a_file_that_is_gone_is_made_again_when_the_index_follows(folder: Path):
    file = words_of(folder)
    before = file.read_bytes()
    file.unlink()
    app = open_app(folder)
    app.index.catch_up(app.store)
    assert file.read_bytes() == before
    close_app(app)


def test_older_words_serve_until_newer_ones_are_made(app: App, folder: Path):
    before = words_of(folder).read_bytes()
    add(app, {"title": "Marsupials", "abstract": "Of the quokka."})
    assert words_of(folder).read_bytes() == before
    assert total(app, MISSPELT) == 3
    for thread in threading.enumerate():
        if thread.name == "words":
            thread.join()
    assert total(app, "quoka") == 1
    assert words_of(folder).read_bytes() != before


def test_where_newer_words_cannot_be_asked_for_the_older_ones_serve(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def away(*_: object) -> Vocabulary:
        asked.set()
        raise SearchUnusableError("The search cluster does not answer.")

    app, asked = open_app(folder), threading.Event()
    snapshot = app.index.snapshot()
    assert snapshot is not None
    words = Vocabularies(each_commit=False)
    assert ("graph", 1) in words.of(snapshot.engine, "a commit").near("grahp", 1)
    monkeypatch.setattr(Vocabulary, "of", away)
    assert ("graph", 1) in words.of(snapshot.engine, "another commit").near("grahp", 1)
    assert asked.wait(5)
    for thread in threading.enumerate():
        if thread.name == "words":
            thread.join()
    assert ("graph", 1) in words.of(snapshot.engine, "another commit").near("grahp", 1)
    close_app(app)


def test_a_corpus_that_has_grown_much_has_its_words_written_with_the_commit(app: App, folder: Path):
    before = words_of(folder).read_bytes()
    add(app, *({"title": f"Marsupials {number}", "abstract": "Of the quokka."} for number in range(9)))
    after = words_of(folder).read_bytes()
    assert after != before
    assert b"quokka" in after


def test_words_that_cannot_be_written_still_serve(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    app = open_app(folder)
    snapshot = app.index.snapshot()
    assert snapshot is not None
    nowhere = Vocabularies(tmp_path / "nowhere")
    assert ("graph", 1) in nowhere.of(snapshot.engine, "a commit").near("grahp", 1)
    monkeypatch.setattr(Vocabulary, "of", refuse)
    assert ("graph", 1) in nowhere.of(snapshot.engine, "a commit").near("grahp", 1)
    close_app(app)


def test_words_are_kept_with_their_index_alone(folder: Path):
    shutil.rmtree(folder / "index")
    app = open_app(folder)
    app.index.catch_up(app.store)
    assert words_of(folder).exists()
    close_app(app)
