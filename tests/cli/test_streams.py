"""Streams, files, arguments and settings of every kind: one line each, no traceback and no SQL."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import AUTHOR_PAGE, ROOT
from tests.drills.interrupting import started

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="devices and limits as Linux has them")
Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `papercord` from a shell, where the caller says how: with its streams and limits."""

    def run(
        command: str, *arguments: str | bytes, stdin: bytes = b"", **settings: str | bytes
    ) -> subprocess.CompletedProcess[bytes]:
        script = command.replace("papercord", f"'{sys.executable}' -m bot")
        return subprocess.run(
            ["bash", "-c", script, "bash", *arguments],
            capture_output=True,
            input=stdin,
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "PAPERCORD_DATA_DIR": str(tmp_path / "data"),
                **settings,
            },
            timeout=60,
            check=False,
        )

    return run


def line_of(done: subprocess.CompletedProcess[bytes]) -> str:
    """The only line on stderr."""
    hint = "The corpus is empty; "
    (line,) = [line for line in done.stderr.decode().splitlines() if not line.startswith(hint)]
    assert line.startswith("papercord: ")
    assert "SQL:" not in line
    assert "Traceback" not in line
    return line


@pytest.mark.parametrize("stdout", [">/dev/full", ">&-"])
@pytest.mark.parametrize(
    "command", ["status", "status --json", "papers graphs --json", "sources list", "migrate", "--help"]
)
def test_a_stdout_that_takes_nothing_is_told(run: Run, command: str, stdout: str):
    done = run(f"papercord {command} {stdout}")
    assert "stdout cannot be written" in line_of(done)
    assert done.returncode == 2


def test_a_command_works_with_all_streams_closed(run: Run):
    assert run(f"papercord import '{AUTHOR_PAGE}' <&- >&- 2>&-").returncode == 2
    assert json.loads(run("papercord status --json <&-").stdout)["papers"] == 26


def test_a_reader_that_has_enough_is_no_error(run: Run):
    done = run("yes graphs | head -2000 | papercord papers --batch - | head -1; echo ${PIPESTATUS[2]}")
    document, code = done.stdout.splitlines()
    assert json.loads(document)["query"] == "graphs"
    assert (code, done.stderr) == (b"0", b"")


def test_a_full_stderr_changes_no_exit_code(run: Run):
    assert run("papercord papers --batch /nowhere 2>/dev/full").returncode == 2


@pytest.mark.parametrize("command", ["papers", "author", "import", "sources add 'arxiv search'"])
def test_an_argument_that_is_not_utf_8_is_told(run: Run, command: str):
    done = run(f'papercord {command} "$1" --json', b"caf\xe9")
    assert line_of(done) == (
        "papercord: The argument 'caf\\udce9' is not UTF-8 text; write it in UTF-8, or rename the file."
    )
    assert "error" in json.loads(done.stdout)


def test_a_batch_that_is_not_utf_8_is_told_by_its_line(run: Run, tmp_path: Path):
    (tmp_path / "queries.txt").write_bytes(b"\xef\xbb\xbfgraphs\r\ncaf\xe9\nvideo\n")
    done = run("papercord papers --batch queries.txt")
    assert line_of(done) == "papercord: queries.txt, line 2: it is not UTF-8 text; save the file in UTF-8"
    assert [json.loads(line)["query"] for line in done.stdout.splitlines()] == ["graphs"]
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("file", "reason"),
    [("/dev/zero", "too long"), ("/proc/self/mem", "cannot be read"), ("/", "Is a directory")],
)
def test_a_batch_that_is_no_file_of_queries_is_told(run: Run, file: str, reason: str):
    assert reason in line_of(run(f"papercord papers --batch {file}"))


def test_settings_that_are_not_utf_8_are_told(run: Run, tmp_path: Path):
    done = run("papercord status", PAPERCORD_CONTACT=b"caf\xe9")
    assert line_of(done) == "papercord: The setting PAPERCORD_CONTACT is not UTF-8 text; write it in UTF-8."
    (tmp_path / ".env").write_bytes(b"PAPERCORD_CONTACT=caf\xe9\n")
    assert line_of(run("papercord status")) == "papercord: .env is not UTF-8 text; save it in UTF-8."


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("/dev/zero", "it is a device, not a file of papers"),
        ("/dev/urandom", "it is a device, not a file of papers"),
        ("/dev/null", "it is empty"),
        ("broken", "it cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_file_of_papers_is_refused(run: Run, tmp_path: Path, file: str, reason: str):
    (tmp_path / "broken").symlink_to("nowhere")
    done = run(f"ulimit -v 4000000; papercord import {file} --json")
    (refused,) = json.loads(done.stdout)["rejected"]
    assert (refused["file"], refused["line"]) == (file, None)
    assert refused["reason"].startswith(reason)
    assert (done.returncode, done.stderr) == (1, b"")
    if file != "/dev/null":
        assert line_of(run(f"ulimit -v 4000000; papercord authors evaluate {file}")).endswith(reason)


def test_papers_come_through_pipes(run: Run, tmp_path: Path):
    rows = "".join(
        json.dumps({"id": str(n), "title": f"Paper {n}", "authors": ["Ann Bo"]}) + "\n" for n in (1, 2)
    )
    (tmp_path / "rows.jsonl").write_text(rows)
    done = run("papercord import <(gzip -c rows.jsonl) --json")
    assert json.loads(done.stdout)["added"] == 2
    done = run("papercord import /dev/stdin --json", stdin=rows.encode())
    assert json.loads(done.stdout)["unchanged"] == 2


@pytest.mark.parametrize("command", [("import",), ("papers", "--batch"), ("authors", "evaluate")])
def test_a_pipe_that_nobody_writes_to_is_left_by_ctrl_c(tmp_path: Path, command: tuple[str, ...]):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with started(tmp_path / "data", *command, str(pipe)) as process:
        writer = None
        while process.poll() is None and writer is None:
            # Fails until the command has opened the other end; nothing is ever written.
            with suppress(OSError):
                writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.01)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert writer is not None
    os.close(writer)
    assert process.returncode == 130
    assert errors.startswith("papercord: stopped")
    assert errors.count("\n") == 1


def test_files_that_cannot_grow_are_told(run: Run, tmp_path: Path):
    rows = [
        {
            "id": str(paper),
            "title": f"Paper {paper}",
            "authors": ["Ann Bo"],
            "abstract": " ".join(f"abstract word{paper * 60 + number}" for number in range(60)),
        }
        for paper in range(400)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert "The database sqlite:" in line_of(run("ulimit -f 100; papercord import rows.jsonl"))
    assert run("papercord migrate").returncode == 0
    spool = line_of(run("ulimit -f 300; papercord import rows.jsonl"))
    assert "The temporary folder" in spool
    assert "File too large" in spool
    assert run("papercord import rows.jsonl").returncode == 0
    shutil.rmtree(tmp_path / "data" / "index")
    index = line_of(run("ulimit -f 64; papercord papers abstract"))
    assert "The search index in" in index
    assert json.loads(run("papercord papers abstract --json").stdout)["total"] == 400
