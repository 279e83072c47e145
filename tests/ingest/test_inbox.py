"""The inbox loses no file: refused is only what is wrong itself, and no file holds up the others."""

from __future__ import annotations

import datetime as dt
import logging
import os
import resource
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.app import App, corpus_status
from bot.ingest import inbox as inbox_module
from bot.ingest.importer import ImportReport, import_files
from bot.ingest.inbox import Inbox, InboxState, inbox_state
from bot.store.imports import newest_imports
from tests.apps import close_app, open_app

BAD = b'{"id": "x"}\n'
LONG = 255
"""Bytes that a name may have."""


def rows(*numbers: int, abstract: str = "It converges.") -> bytes:
    """Lines of good papers."""
    return b"".join(
        orjson.dumps({"id": f"p{number}", "title": f"Graphs of kind {number}", "abstract": abstract}) + b"\n"
        for number in numbers
    )


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = open_app(tmp_path / "data")
    yield app
    close_app(app)


@pytest.fixture
def folder(app: App) -> Path:
    folder = app.settings.data_dir / "inbox"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def inbox(app: App) -> Inbox:
    return Inbox(app)


def drop(folder: Path, name: str | bytes, content: bytes, *, age: float = 60) -> Path:
    """Lay a file that was written some seconds ago into the inbox."""
    path = folder / os.fsdecode(name)
    path.write_bytes(content)
    moment = path.stat().st_mtime - age
    os.utime(path, (moment, moment))
    return path


def there(folder: Path) -> list[str]:
    """The names of all files, as they lie."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    )


def titles(app: App) -> int:
    return corpus_status(app).papers


@contextmanager
def files_no_larger_than(size: int) -> Generator[None]:
    """No file of this process grows beyond a size, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def no_database(app: App) -> Generator[None]:
    """The file of the database cannot be opened."""
    app.store.close()
    file = Path(app.store.url.database or "")
    file.rename(file.with_suffix(".away"))
    file.mkdir()
    yield
    app.store.close()
    file.rmdir()
    file.with_suffix(".away").rename(file)


def test_a_good_file_outlasts_an_outage_of_the_database(
    app: App, inbox: Inbox, folder: Path, caplog: pytest.LogCaptureFixture
):
    drop(folder, "good.jsonl", rows(1))
    drop(folder, "other.jsonl", rows(2))
    with no_database(app):
        assert [inbox.import_ready_files() for _ in range(3)] == [0, 0, 0]
        assert there(folder) == ["good.jsonl", "other.jsonl"]
        assert inbox_state(app) == InboxState(waiting=2, refused=0)
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert [line.partition(":")[0] for line in said] == [
        "good.jsonl stays in the inbox",
        "other.jsonl stays in the inbox",
    ]
    assert inbox.import_ready_files() == 2
    assert there(folder) == ["done/good.jsonl", "done/other.jsonl"]
    assert titles(app) == 2


def test_a_good_file_outlasts_a_full_disk_while_it_is_read(app: App, inbox: Inbox, folder: Path):
    drop(folder, "large.jsonl", rows(*range(100), abstract="It converges. " * 500))
    drop(folder, "small.jsonl", BAD)
    assert inbox.import_ready_files() == 0
    with files_no_larger_than(300_000):
        assert inbox.import_ready_files() == 1
    assert there(folder) == ["large.jsonl", "refused/small.jsonl", "refused/small.jsonl.reason.txt"]
    assert inbox.import_ready_files() == 1
    assert titles(app) == 100


def test_a_good_file_outlasts_a_full_disk_while_it_is_written(
    app: App, inbox: Inbox, folder: Path, caplog: pytest.LogCaptureFixture
):
    drop(folder, "good.jsonl", rows(*range(200), abstract="It converges. " * 10))
    assert inbox.import_ready_files() == 0
    with files_no_larger_than(120_000):
        assert inbox.import_ready_files() == 0
    assert "The database" in caplog.text
    assert there(folder) == ["good.jsonl"]
    assert inbox.import_ready_files() == 1
    assert titles(app) == 200


def test_many_small_files_are_one_import_and_each_has_what_is_its_own(
    app: App, inbox: Inbox, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inbox_module, "_FILES_AT_ONCE", 4)
    drop(folder, "a.jsonl", rows(1))
    drop(folder, "b.jsonl", BAD)
    drop(folder, "c.jsonl", rows(2) + BAD)
    drop(folder, "c.jsonl, line 1", b"not json")
    drop(folder, "d.jsonl", rows(3, 4))

    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 5]

    assert titles(app) == 4
    assert there(folder) == [
        "done/a.jsonl",
        "done/c.jsonl",
        "done/c.jsonl.reason.txt",
        "done/d.jsonl",
        "refused/b.jsonl",
        "refused/b.jsonl.reason.txt",
        "refused/c.jsonl, line 1",
        "refused/c.jsonl, line 1.reason.txt",
    ]
    assert (
        (folder / "done" / "c.jsonl.reason.txt")
        .read_text("utf-8")
        .splitlines()[0]
        .startswith(f"{folder / 'c.jsonl'}, line 2: ")
    )
    with app.store.reading() as session:
        assert [list(one.files) for one in newest_imports(session, 9)] == [
            ["d.jsonl"],
            ["a.jsonl", "b.jsonl", "c.jsonl", "c.jsonl, line 1"],
        ]


def test_a_bad_file_is_refused_only_with_its_reason(app: App, inbox: Inbox, folder: Path):
    drop(folder, "bad.jsonl", BAD * 500)
    assert inbox.import_ready_files() == 0
    with files_no_larger_than(1_000):
        assert inbox.import_ready_files() == 0
    assert there(folder) == ["bad.jsonl"]
    assert inbox.import_ready_files() == 1
    assert (folder / "refused" / "bad.jsonl.reason.txt").read_text().count("\n") == 500


@pytest.mark.parametrize("name", [b"caf\xe9.jsonl", b"\xff\xfe\x80.jsonl", b"\xed\xa0\x80.jsonl"])
@pytest.mark.parametrize("content", [rows(1), BAD], ids=["good", "bad"])
def test_a_name_that_is_not_utf8_is_a_name(app: App, inbox: Inbox, folder: Path, name: bytes, content: bytes):
    drop(folder, name, content)
    drop(folder, "zebra.jsonl", rows(2))
    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 2]
    is_good = content != BAD
    kept = folder / ("done" if is_good else "refused") / os.fsdecode(name)
    assert kept.read_bytes() == content
    assert kept.with_name(kept.name + ".reason.txt").exists() is not is_good
    assert (folder / "done" / "zebra.jsonl").exists()
    assert titles(app) == 1 + is_good


def test_an_unforeseen_error_of_one_file_ends_no_round(
    app: App,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    tried: list[str] = []

    def failing(app: App, paths: list[Path], **options: Any) -> ImportReport:
        tried.append(paths[0].name)
        if paths[0].name == "a.jsonl":
            raise ZeroDivisionError("nobody thought of this")
        return import_files(app, paths, **options)

    monkeypatch.setattr(inbox_module, "import_files", failing)
    now = 0.0
    inbox = Inbox(app, lambda: now)
    drop(folder, "a.jsonl", rows(1))
    drop(folder, "b.jsonl", rows(2))
    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 1]
    assert there(folder) == ["a.jsonl", "done/b.jsonl"]

    while now < 3_600:
        now += 2
        inbox.import_ready_files()
    assert 10 < tried.count("a.jsonl") < 30
    for _ in range(1_100):  # for days
        now += 300
        inbox.import_ready_files()
    assert tried.count("a.jsonl") > 1_100
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info
    assert "a.jsonl stays in the inbox: nobody thought of this" in record.getMessage()

    monkeypatch.setattr(inbox_module, "import_files", import_files)
    now += 300
    assert inbox.import_ready_files() == 1
    assert titles(app) == 2


def _replace(path: Path) -> None:
    new = path.with_name(".new")
    new.write_bytes(rows(7))
    new.replace(path)


def _rewrite(path: Path) -> None:
    """In place, of the same size and with the same time."""
    status = path.stat()
    path.write_bytes(path.read_bytes().replace(b"p1", b"p7"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(rows(7))


@pytest.mark.parametrize("first", [rows(1), rows(1) + BAD], ids=["good", "bad"])
@pytest.mark.parametrize("change", [_replace, _rewrite, _append])
def test_a_file_that_changes_while_it_is_imported_is_read_again(
    app: App,
    inbox: Inbox,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: bytes,
    change: Callable[[Path], None],
):
    def changing(app: App, paths: list[Path], **options: Any) -> ImportReport:
        monkeypatch.setattr(inbox_module, "import_files", import_files)
        report = import_files(app, paths, **options)
        change(paths[0])
        return report

    monkeypatch.setattr(inbox_module, "import_files", changing)
    path = drop(folder, "news.jsonl", first)
    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 0]
    assert there(folder) == ["news.jsonl"]

    os.utime(path, (path.stat().st_mtime - 60,) * 2)
    content = path.read_bytes()
    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 1]
    kept = folder / "done" / "news.jsonl"
    assert kept.read_bytes() == content
    assert kept.with_name("news.jsonl.reason.txt").exists() == (BAD in content)
    assert b"p7" in content
    assert titles(app) == 2


DATED = b'{"id": "p2", "title": "Graphs of another kind", "date": "some day"}\n'


def test_rows_that_are_refused_are_listed_beside_the_file_whose_other_rows_came_in(
    app: App, inbox: Inbox, folder: Path, caplog: pytest.LogCaptureFixture
):
    drop(folder, "mixed.jsonl", rows(1) + BAD + DATED + BAD)
    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 1]
    assert there(folder) == ["done/mixed.jsonl", "done/mixed.jsonl.reason.txt"]
    listed = (folder / "done" / "mixed.jsonl.reason.txt").read_text().splitlines()
    assert [line.partition("mixed.jsonl, line ")[2].partition(":")[0] for line in listed[:2]] == ["2", "4"]
    assert any(line.startswith("Note: ") and "not understood" in line for line in listed)
    assert (titles(app), inbox_state(app)) == (2, InboxState(waiting=0, refused=0))
    assert "mixed.jsonl.reason.txt" in caplog.text


@pytest.mark.parametrize("first", [rows(1), BAD], ids=["good", "bad"])
@pytest.mark.parametrize("change", [_replace, _append])
def test_a_file_that_is_replaced_in_the_last_moment_comes_back(
    inbox: Inbox,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: bytes,
    change: Callable[[Path], None],
):
    free_name = inbox_module._free_name

    def changing_first(goal: Path, name: str) -> Path:
        monkeypatch.setattr(inbox_module, "_free_name", free_name)
        change(folder / name)
        return free_name(goal, name)

    monkeypatch.setattr(inbox_module, "_free_name", changing_first)
    drop(folder, "news.jsonl", first)
    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 0]
    assert there(folder) == ["news.jsonl"]
    assert (folder / "news.jsonl").read_bytes().endswith(rows(7))


def test_a_file_without_papers_is_refused_as_a_whole(inbox: Inbox, folder: Path):
    path = drop(folder, "empty.jsonl", b"")
    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 1]
    said = (folder / "refused" / "empty.jsonl.reason.txt").read_text()
    assert said.startswith(f"{path}: it is empty")


def test_a_file_that_is_taken_back_while_it_is_imported_is_no_trouble(
    app: App,
    inbox: Inbox,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    def taking_back(app: App, paths: list[Path], **options: Any) -> ImportReport:
        paths[0].unlink()
        return import_files(app, paths, **options)

    monkeypatch.setattr(inbox_module, "import_files", taking_back)
    drop(folder, "news.jsonl", rows(1))
    assert [inbox.import_ready_files(), inbox.import_ready_files(), inbox.import_ready_files()] == [0, 0, 0]
    assert there(folder) == []
    assert not caplog.records


@pytest.mark.parametrize("ahead", [3, 3600, 400 * 86_400])
def test_a_file_from_the_future_is_read_once_it_rests(app: App, inbox: Inbox, folder: Path, ahead: float):
    path = drop(folder, "future.jsonl", rows(1), age=-ahead)
    assert inbox.import_ready_files() == 0
    _append(path)
    os.utime(path, (path.stat().st_mtime + ahead,) * 2)
    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 1]
    assert titles(app) == 2


def test_whether_a_file_rests_is_told_by_the_clock_that_was_given(app: App, folder: Path):
    path = drop(folder, "new.jsonl", rows(1), age=0)
    written = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    now = written + dt.timedelta(seconds=1)
    inbox = Inbox(replace(app, clock=lambda: now))
    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 0]
    now = written + dt.timedelta(seconds=2.1)
    assert inbox.import_ready_files() == 1


@pytest.mark.parametrize(
    "stem", ["a" * (LONG - 6), "é" * ((LONG - 6) // 2), "a" * (LONG - 20), "a." + "b" * (LONG - 8)]
)
def test_a_long_name_has_its_reason_beside_it(app: App, inbox: Inbox, folder: Path, stem: str):
    for number in (1, 2):
        drop(folder, f"{stem}.jsonl", BAD)
        assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 1]
        refused = sorted(path.name for path in (folder / "refused").iterdir())
        reasons = [name for name in refused if name.endswith(".reason.txt")]
        assert [name.removesuffix(".reason.txt") for name in reasons] == [
            name for name in refused if name not in reasons
        ]
        assert len(reasons) == number == inbox_state(app).refused
        assert stem in (folder / "refused" / reasons[0]).read_text()


def test_files_of_one_long_name_lie_side_by_side(inbox: Inbox, folder: Path):
    for number in (1, 2, 3):
        drop(folder, f"{'a' * (LONG - 6)}.jsonl", rows(number))
        assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 1]
    assert sorted(path.read_bytes() for path in (folder / "done").iterdir()) == [rows(1), rows(2), rows(3)]


@pytest.mark.parametrize("goal", ["outside.jsonl", "nothing", "inbox/.inside.jsonl"])
def test_a_link_is_refused_and_not_followed(app: App, inbox: Inbox, folder: Path, goal: str):
    for name in ("outside.jsonl", "inbox/.inside.jsonl"):
        drop(app.settings.data_dir, name, rows(1))
    link = folder / "link.jsonl"
    link.symlink_to(app.settings.data_dir / goal)
    moment = link.lstat().st_mtime - 60
    os.utime(link, (moment, moment), follow_symlinks=False)
    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 1]
    assert there(folder) == [".inside.jsonl", "refused/link.jsonl", "refused/link.jsonl.reason.txt"]
    assert "a link" in (folder / "refused" / "link.jsonl.reason.txt").read_text()
    assert (app.settings.data_dir / "outside.jsonl").read_bytes() == rows(1)
    assert titles(app) == 0


def test_what_is_still_being_brought_does_not_wait(app: App, inbox: Inbox, folder: Path):
    for name in ("coming.jsonl.part", "coming.tmp", ".hidden.jsonl"):
        drop(folder, name, rows(1))
    (folder / "a folder").mkdir()
    os.mkfifo(folder / "pipe.jsonl")
    assert inbox_state(app) == InboxState(waiting=0, refused=0)
    assert [inbox.import_ready_files(), inbox.import_ready_files()] == [0, 0]
    drop(folder, "here.jsonl", rows(1))
    assert inbox_state(app).waiting == 1


def test_an_inbox_that_is_not_there_has_no_files(app: App, inbox: Inbox):
    shutil.rmtree(app.settings.data_dir / "inbox", ignore_errors=True)
    assert inbox_state(app) == InboxState(waiting=0, refused=0)
    assert inbox.import_ready_files() == 0
