"""Where the command line begins: it listens to signals before anything large is loaded."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import Never

from bot.cli import process
from bot.cli.process import prepare_streams
from bot.garbage import loading


def main() -> Never:
    """Run the command line; what a person can mend ends in one line, never in a traceback."""
    process.handle_signals()
    os.umask(0o077)  # the database, the index and what was imported are their owner's alone
    try:
        prepare_streams()
        code = _run()
        process.ignore_signals()
        gc.freeze()  # nothing is looked for at the end: the system takes all back at once
    except BaseException:
        if process.stop_is_requested():
            process.exit_stopped()
        raise
    sys.exit(code)


def _run() -> int:
    try:
        run_command = _load()
        process.loading_is_done()
        return run_command(sys.argv[1:])
    except Exception as error:  # noqa: BLE001 - the last resort of a program
        if process.stop_is_requested():
            process.exit_stopped()
        from bot.cli.failures import report_failure

        return report_failure(error, as_json="--json" in sys.argv)


def _load() -> Callable[[list[str]], int]:
    """Load all modules."""
    with loading():
        from bot.cli.commands import run_command

    return run_command


if __name__ == "__main__":
    main()
