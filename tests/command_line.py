"""`papercord` as a process: forked from one that has all modules loaded, so that a start takes no second.

How the program itself starts, and what it does with its streams and signals, is tested where it is started.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

SECONDS = 60
"""In which a command must end."""

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["bot.cli.commands", "pytest"])


def run_papercord(
    arguments: Sequence[str], folder: Path, settings: Mapping[str, str], *, stdin: bytes = b""
) -> subprocess.CompletedProcess[str]:
    """Run `papercord` with these arguments, in a folder, with these settings alone in its environment."""
    with ExitStack() as files:
        streams = [files.enter_context(tempfile.NamedTemporaryFile()) for _ in range(3)]
        streams[0].write(stdin)
        streams[0].flush()
        environment = {"PATH": os.environ["PATH"], "TMPDIR": tempfile.gettempdir(), **settings}
        names = [stream.name for stream in streams]
        process = _forks.Process(target=_main, args=[list(arguments), str(folder), environment, names])
        process.start()
        process.join(SECONDS)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(list(arguments), SECONDS, *map(_written, streams[1:]))
        code = process.exitcode
        process.close()
        return subprocess.CompletedProcess(list(arguments), code, *map(_written, streams[1:]))


def _written(stream: IO[bytes]) -> str:
    return Path(stream.name).read_text(encoding="utf-8")


def _main(arguments: list[str], folder: str, environment: dict[str, str], streams: Sequence[str]) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, name in enumerate(streams):
        stream = os.open(name, os.O_WRONLY if number else os.O_RDONLY)
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115
        for number in range(3)
    )
    sys.argv = ["papercord", *arguments]
    from bot.__main__ import main

    main()
