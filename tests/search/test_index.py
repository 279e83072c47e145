from __future__ import annotations

import datetime as dt
import logging
import shutil
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from threading import Event

import orjson
import pytest
from filelock import FileLock

from bot.app import App
from bot.papers.results import SearchRequest
from bot.papers.search import search
from bot.search.tantivy import index as index_module
from bot.search.tantivy.index import SearchIndex
from bot.store.imports import begin_import, change_import, take_revision
from tests.apps import add, close_app, copy_of, open_app, shipped_app
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped") / "data"
    close_app(shipped_app(folder))
    return folder


@pytest.fixture
def folder(shipped: Path, tmp_path: Path) -> Path:
    shutil.copytree(shipped, tmp_path / "data")
    return tmp_path / "data"


def generation(folder: Path) -> Path:
    return folder / "index" / (folder / "index" / "current").read_text()


def total(app: App, query: str) -> int:
    return search(app, SearchRequest(query)).total


def repairs(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == index_module.__name__]


def follow_anew(folder: Path) -> None:
    """Open, follow, and find what is right."""
    app = open_app(folder)
    app.index.catch_up(app.store)
    assert total(app, "decentralized") == 3
    assert total(app, "video") == 7
    close_app(app)


def sealed_files() -> list[str]:
    return ["fast", "fieldnorm", "idx", "pos", "store", "term", "meta.json", "seal.json"]


def file_of(folder: Path, kind: str) -> Path:
    files = sorted(path for path in generation(folder).iterdir() if path.name.endswith(kind))
    return max(files, key=lambda path: path.stat().st_size)


def test_an_index_is_made_where_there_is_none(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    app = shipped_app(tmp_path / "data")
    assert total(app, "decentralized") == 3
    assert len(repairs(caplog)) == 1
    close_app(app)


def test_opening_a_sound_index_repairs_nothing(app: App, caplog: pytest.LogCaptureFixture):
    before = app.index.revision
    assert before is not None
    assert app.index.catch_up(app.store) == before
    assert repairs(caplog) == []


def test_what_an_import_adds_is_found_and_what_it_changes_is_found_anew(app: App):
    add(app, {"id": "1", "title": "Marsupial graphs", "abstract": "Of the quokka."})
    assert total(app, "quokka") == 1
    add(app, {"id": "1", "title": "Marsupial graphs", "abstract": "Of the wombat."})
    assert (total(app, "quokka"), total(app, "wombat"), total(app, "decentralized")) == (0, 1, 3)


@pytest.mark.parametrize("kind", sealed_files())
def test_a_deleted_file_is_repaired(folder: Path, kind: str, caplog: pytest.LogCaptureFixture):
    file_of(folder, kind).unlink()
    follow_anew(folder)
    assert len(repairs(caplog)) == 1


@pytest.mark.parametrize("kind", sealed_files())
def test_a_truncated_file_is_repaired(folder: Path, kind: str, caplog: pytest.LogCaptureFixture):
    path = file_of(folder, kind)
    path.write_bytes(path.read_bytes()[:-1])
    follow_anew(folder)
    assert len(repairs(caplog)) == 1


@pytest.mark.parametrize("part", [0.0, 0.3, 0.6, 0.999])
@pytest.mark.parametrize("kind", sealed_files())
def test_a_flipped_bit_is_repaired(folder: Path, kind: str, part: float, caplog: pytest.LogCaptureFixture):
    flip_a_bit(file_of(folder, kind), part)
    follow_anew(folder)
    assert len(repairs(caplog)) == 1


def flip_a_bit(path: Path, part: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(part * len(content))] ^= 4
    path.write_bytes(content)


def test_a_large_index_is_read_in_the_background_and_repaired(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(index_module, "_CHECK_AT_ONCE", 0)
    flip_a_bit(file_of(folder, "term"), 0.5)
    app = open_app(folder)
    assert app.index.checking is not None
    app.index.checking.join()
    app.index.catch_up(app.store)
    assert total(app, "decentralized") == 3
    assert len(repairs(caplog)) == 1
    close_app(app)


def test_a_deleted_folder_is_repaired(folder: Path, caplog: pytest.LogCaptureFixture):
    shutil.rmtree(folder / "index")
    follow_anew(folder)
    assert len(repairs(caplog)) == 1


def test_an_index_of_another_schema_is_made_anew(folder: Path, caplog: pytest.LogCaptureFixture):
    old = generation(folder)
    old.rename(old.with_name("papers-0-0.1-abc"))
    (folder / "index" / "current").write_text("papers-0-0.1-abc")
    follow_anew(folder)
    assert len(repairs(caplog)) == 1
    assert not (folder / "index" / "papers-0-0.1-abc").exists()


def test_a_database_restored_to_an_earlier_state_is_noticed(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    shutil.copy(folder / "papercord.db", tmp_path / "backup.db")
    app = open_app(folder)
    add(app, {"id": "1", "title": "Quokka graphs"})
    close_app(app)
    shutil.copy(tmp_path / "backup.db", folder / "papercord.db")
    follow_anew(folder)
    assert len(repairs(caplog)) == 1


def test_a_restored_database_that_went_another_way_is_noticed(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    other = copy_of(folder, tmp_path / "other")
    add(other, {"id": "1", "title": "Numbat graphs"})
    close_app(other)
    app = open_app(folder)
    add(app, {"id": "1", "title": "Quokka graphs"})
    close_app(app)
    shutil.copy(tmp_path / "other" / "papercord.db", folder / "papercord.db")
    app = open_app(folder)
    app.index.catch_up(app.store)
    assert (total(app, "quokka"), total(app, "numbat")) == (0, 1)
    assert len(repairs(caplog)) == 1
    close_app(app)


def run(folder: Path, code: str) -> subprocess.Popen[str]:
    """A process of its own that has an app over the folder."""
    beginning = f"""
        import logging, os, signal, sys
        from pathlib import Path
        logging.basicConfig(level=logging.INFO, format="%(name)s %(message)s")
        from bot.search.tantivy import index
        from bot.papers.results import SearchRequest
        from bot.papers.search import search
        from tests.apps import add, open_app
        app = open_app(Path({str(folder)!r}))
        def die(*args, **kwargs): os.kill(os.getpid(), signal.SIGKILL)
    """
    source = textwrap.dedent(beginning) + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", source], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


ANEW = """
index.SearchIndex._is_current, index.SearchIndex._other_history = lambda *_: False, lambda *_: 'of a test'
"""

KILLED = {
    "before the commit": ("index.state_fields = die", 0),
    "between commit and seal": ("index.Generation.seal = die", 1),
    "after the first seal": ("index.Generation.reload = die", 0),
}


@pytest.mark.parametrize("moment", KILLED)
def test_a_process_killed_while_it_commits_does_no_harm(
    folder: Path, moment: str, caplog: pytest.LogCaptureFixture
):
    patch, expected = KILLED[moment]
    process = run(folder, f"{patch}\nadd(app, {{'id': '1', 'title': 'Quokka graphs'}})")
    process.communicate(timeout=30)
    assert process.returncode == -9
    app = open_app(folder)
    app.index.catch_up(app.store)
    assert (total(app, "quokka"), total(app, "decentralized")) == (1, 3)
    assert len(repairs(caplog)) == expected
    close_app(app)


def test_a_process_killed_while_it_rebuilds_leaves_the_old_index(
    folder: Path, caplog: pytest.LogCaptureFixture
):
    old = generation(folder)
    process = run(folder, f"{ANEW}\nindex.write_whole = die\napp.index.catch_up(app.store)")
    process.communicate(timeout=30)
    assert process.returncode == -9
    assert generation(folder) == old
    follow_anew(folder)
    assert repairs(caplog) == []


def test_of_two_processes_one_makes_the_index_and_both_read_it(folder: Path):
    shutil.rmtree(folder / "index")
    code = "app.index.catch_up(app.store)\nprint(search(app, SearchRequest('decentralized')).total)"
    processes = [run(folder, code) for _ in range(2)]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert [output.split() for output, _ in outputs] == [["3"], ["3"]]
    assert sum(errors.count("The search index was made.") for _, errors in outputs) == 1


def test_commits_of_another_process_are_read_without_being_asked(app: App, folder: Path):
    assert total(app, "quokka") == 0
    process = run(folder, "add(app, {'id': '1', 'title': 'Quokka graphs'})")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert total(app, "quokka") == 1


def test_reading_goes_on_while_another_process_made_the_index_anew(app: App, folder: Path):
    before = app.index.snapshot()
    assert before is not None
    process = run(folder, f"{ANEW}\napp.index.catch_up(app.store)")
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert before.engine.papers > 26
    assert total(app, "decentralized") == 3
    assert len(list((folder / "index").glob("papers-*"))) == 1


def test_an_index_that_fills_the_memory_is_opened_anew_and_answers_the_same(
    app: App, monkeypatch: pytest.MonkeyPatch
):
    before = app.index.snapshot()
    assert before is app.index.snapshot()
    assert total(app, "decentralized") == 3
    monkeypatch.setattr(index_module, "_MOST_MAPPED", -1)
    after = app.index.snapshot()
    assert after is not None
    assert before is not None
    assert after.engine is not before.engine
    assert after.state == before.state
    assert total(app, "decentralized") == total(app, "decentralised") == 3
    add(app, {"id": "1", "title": "Quokka graphs"})
    assert (total(app, "quokka"), total(app, "decentralized")) == (1, 3)


def test_an_empty_corpus_has_an_empty_index(tmp_path: Path):
    app = open_app(tmp_path / "data")
    assert app.index.revision is None
    assert total(app, "anything") == 0
    assert app.index.revision == 0
    add(app, {"title": "Quokka graphs"})
    assert total(app, "quokka") == 1
    close_app(app)


def test_the_seal_names_every_file_of_the_commit(folder: Path):
    path = generation(folder)
    sealed = set(orjson.loads((path / "seal.json").read_bytes())["files"])
    segments = {
        segment["segment_id"].replace("-", "")
        for segment in orjson.loads((path / "meta.json").read_bytes())["segments"]
    }
    present = {file.name for file in path.iterdir() if file.name.split(".")[0] in segments}
    assert sealed == present | {"meta.json"}


def test_an_index_that_was_never_followed_answers_after_the_first_search(folder: Path):
    shutil.rmtree(folder / "index")
    app = open_app(folder)
    assert isinstance(app.index, SearchIndex)
    assert app.index.snapshot() is None
    assert total(app, "decentralized") == 3
    close_app(app)


@pytest.fixture(autouse=True)
def _repairs_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger=index_module.__name__)


def test_whoever_will_not_wait_leaves_it_to_the_process_that_writes(app: App, folder: Path):
    before = app.index.catch_up(app.store)
    add(replace(app, index=SearchIndex(folder / "another index")), {"title": "Wombats alone"})
    with FileLock(folder / "index" / "writer.lock"):
        assert app.index.catch_up(app.store, wait=False) == before
    assert app.index.catch_up(app.store, wait=False) > before
    assert total(app, "wombats") == 1


@pytest.mark.parametrize("lock", ["writer.lock", "people.lock"])
def test_neither_papers_nor_names_are_waited_for(app: App, folder: Path, lock: str):
    app.index.catch_up(app.store)
    add(
        replace(app, index=SearchIndex(folder / "another index")),
        {"title": "Wombats alone", "authors": ["Wanda Wombat"]},
    )
    with ThreadPoolExecutor(1) as pool:
        with FileLock(folder / "index" / lock):
            following = pool.submit(app.index.catch_up, app.store, wait=False)
            wait([following], timeout=20)
            assert following.done()
        assert total(app, "wombats") == (lock == "people.lock")
    assert app.index.catch_up(app.store, wait=False) == app.index.names.revision
    assert total(app, "wombats") == 1


def test_whoever_will_not_wait_leaves_it_to_the_thread_that_writes(app: App, folder: Path):
    before = app.index.catch_up(app.store)
    add(replace(app, index=SearchIndex(folder / "another index")), {"title": "Wombats alone"})
    writes, may_end = Event(), Event()

    def more() -> bool:
        writes.set()
        return not may_end.wait(60)

    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(app.index.catch_up_papers, app.store, more)
        assert writes.wait(60)
        following = pool.submit(app.index.catch_up, app.store, wait=False)
        wait([following], timeout=20)
        is_done = following.done()
        may_end.set()
        assert is_done
        assert following.result() == before < writing.result()
    assert total(app, "wombats") == 1


def test_the_names_of_an_import_wait_for_its_end_by_the_clock_that_was_given(app: App):
    now = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
    app = replace(app, clock=lambda: now)
    before = app.index.catch_up(app.store)
    with app.store.writing() as session:
        import_id = begin_import(session, ["x"], now)
        change_import(session, import_id, process="elsewhere:1")
        take_revision(session, now)
    assert app.index.catch_up(app.store) > before
    assert app.index.names.revision == before
    now += dt.timedelta(seconds=61)
    assert app.index.catch_up(app.store) == app.index.names.revision
